"""The active domain: which values may stand in a column, as far as facts and rules show.

Columns that share a variable of a rule, or are compared, are of one sort; the values of a sort are those that facts have in its
columns, and the constants that rules put there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..datalog.flatten import flatten, flatten_body
from ..datalog.scope import atom_of
from ..datalog.syntax import Aggregate, Comparison, Constant, Variable
from ..datalog.values import encode

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Row
    from ..datalog.syntax import Literal, Rule, Term

    Facts = Mapping[str, Collection[Row]]

Column = tuple[str, int]


class Domains:
    """The values of each column, as engines keep them, in order."""

    def __init__(self, program: CheckedProgram, facts: Facts) -> None:
        self.program, self.facts = program, facts
        self.root: dict[object, object] = {}
        self.constants: dict[object, set[Any]] = defaultdict(set)
        for number, rule in enumerate(program.rules):
            self._rule(number, rule)
        self._values: dict[object, set[Any]] = defaultdict(set)
        for node, values in self.constants.items():
            self._values[self._sort(node)] |= values
        for name, rows in facts.items():
            for i in range(len(program.relations[name].types) if name in program.relations else 0):
                self._values[self._sort((name, i))].update(row[i] for row in rows)

    def __call__(self, relation: str, column: int) -> list[Any]:
        return sorted(self._values[self._sort((relation, column))])

    def _sort(self, node: object) -> object:
        while (above := self.root.get(node, node)) != node:
            node = above
        return node

    def _join(self, one: object, other: object) -> None:
        self.root[self._sort(one)] = self._sort(other)

    def _rule(self, number: int, rule: Rule) -> None:
        flat = flatten(rule)
        for place, term in enumerate(flat.head):
            self._term((rule.head.relation, place), term, number)
        for literal in flat.literals:
            self._literal(literal, number)

    def _literal(self, literal: Literal, scope: object) -> None:
        if (atom := atom_of(literal)) is not None:
            for place, term in enumerate(atom.arguments):
                self._term((atom.relation, place), term, scope)
        elif isinstance(literal, Comparison) and isinstance(literal.right, Aggregate):
            self._aggregate(literal.left, literal.right, scope)
        elif isinstance(literal, Comparison):
            sides = [s for s in (literal.left, literal.right) if isinstance(s, Variable | Constant)]
            names = [s for s in sides if isinstance(s, Variable)]
            for name in names:
                for other in sides:
                    self._term((scope, name.name), other, scope)

    def _aggregate(self, value: Term, aggregate: Aggregate, scope: object) -> None:
        literals, target = flatten_body(aggregate)
        for literal in literals:
            self._literal(literal, scope)
        if aggregate.function in ("min", "max") and isinstance(target, Variable) and isinstance(value, Variable):
            self._join((scope, value.name), (scope, target.name))

    def _term(self, node: object, term: Term, scope: object) -> None:
        if isinstance(term, Variable):
            self._join(node, (scope, term.name))
        elif isinstance(term, Constant):
            assert term.type is not None
            self.constants[node].add(encode(term.value, term.type))


def of_types(program: CheckedProgram, facts: Facts) -> dict[str, list[Any]]:
    """By type, every value that stands in a fact or a rule."""
    found: dict[str, set[Any]] = defaultdict(set)
    for name, rows in facts.items():
        for column, type_ in enumerate(program.relations[name].types if name in program.relations else ()):
            found[type_].update(row[column] for row in rows)
    for constant in _constants(program.rules):
        assert constant.type is not None
        found[constant.type].add(encode(constant.value, constant.type))
    return {type_: sorted(values) for type_, values in found.items()}


def _constants(rules: Iterable[Rule]) -> Iterator[Constant]:
    from ..datalog.syntax import Atom, Negation, Operation

    left: list[Any] = [part for rule in rules for part in (rule.head, *rule.body)]
    while left:
        match left.pop():
            case Constant() as constant:
                yield constant
            case Atom() | Operation() as node:
                left += node.arguments
            case Negation() as node:
                left.append(node.atom)
            case Comparison() as node:
                left += [node.left, node.right]
            case Aggregate() as node:
                left += [*node.body, *([] if node.target is None else [node.target])]
