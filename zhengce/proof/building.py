"""From the ways that a search chose to the steps of a proof."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ..datalog.calendar import BUILTINS
from ..datalog.checked import plain_row
from ..datalog.flatten import flatten_body
from ..datalog.scope import atom_of
from ..datalog.syntax import Aggregate, Comparison, Operation, Variable, variables
from ..datalog.values import decode
from ..errors import ProofError
from ..language import say
from . import Item, Proof, Step
from .matching import READINGS, Folded, Found, Missing, Rows, aggregate_of
from .matching import Item as Matched
from .search import Search, premises_of

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Relation, Row
    from ..datalog.syntax import Literal, Term, Type
    from ..errors import Span
    from . import Kind
    from .matching import Part, Premises, Solution
    from .search import Fact, Way

    Types = Mapping[str, Type]
    Values = Mapping[str, Any]

MOST_OTHERS = 20


class Prover:
    """Proves facts of one model; what it has found for one serves the next.

    Args:
        unknown: relations of which no row means that something is not known, each with the columns that say of what.
        order: what to sort a value by, for the items of a sum.
    """

    def __init__(
        self,
        program: CheckedProgram,
        facts: Mapping[str, Collection[Row]],
        rows: Mapping[str, Collection[Row]],
        *,
        unknown: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
        order: Callable[[Any], Any] = str,
    ) -> None:
        self.program, self.unknown, self.order = program, unknown, order
        self.search = Search(program, facts, Rows(rows), subjects=unknown)

    def proof(self, fact: Fact, *, others: bool = False) -> Proof:
        """The shortest proof of a fact, as engines keep it. Raises `ProofError` when it does not hold."""
        try:
            self.search.way(fact)
        except KeyError:
            raise ProofError(say("{relation} 的这一行不成立，没有证明", relation=fact[0])) from None
        return Proof(_Building(self, self.search).steps(fact), self.others(fact) if others else ())

    def others(self, fact: Fact) -> tuple[Proof, ...]:
        """Other proofs of a fact, by its other ways, as far as they do not lead back to it."""
        best, search = self.search.way(fact), self.search.without(fact)
        found: list[tuple[int, int, Way]] = []
        for way in self.search.ways(fact):
            if way != best and (cost := _cost(way, search)) is not None:
                found.append((cost, len(found), way))
        return tuple(Proof(_Building(self, search).steps(fact, way)) for _, _, way in sorted(found)[:MOST_OTHERS])


def _cost(way: Way, search: Search) -> int | None:
    """What a way costs; None when one of its facts does not hold without what is barred."""
    try:
        for fact in way.below:
            search.way(fact)
    except KeyError:
        return None
    return sum(search.cost[fact] for fact in way.below)


class _Building:
    """Numbers the steps of a proof: every fact once, after all that rest on it."""

    def __init__(self, prover: Prover, search: Search) -> None:
        self.prover, self.program, self.search = prover, prover.program, search
        self.numbers: dict[Fact, int] = {}
        self.made: list[Step] = []

    def steps(self, goal: Fact, way: Way | None = None) -> tuple[Step, ...]:
        """The steps, the goal's first. They are made from below: what is made last is numbered first."""
        chosen = {goal: way} if way else {}
        left: list[tuple[Fact, bool]] = [(goal, False)]
        while left:
            fact, ready = left.pop()
            if fact in self.numbers:
                continue
            found = chosen.get(fact) or self.search.way(fact)
            if ready or found is None:
                self.numbers[fact] = self.add(self.step(fact, found))
            else:
                left.append((fact, True))
                left += [(below, False) for below in reversed(found.below) if below not in self.numbers]
        last = len(self.made) - 1
        return tuple(_renumbered(step, last) for step in reversed(self.made))

    def add(self, step: Step) -> int:
        self.made.append(step)
        return len(self.made) - 1

    def step(self, fact: Fact, way: Way | None) -> Step:
        name, row = fact
        plain = plain_row(row, self.search.relations[name].types)
        if way is None:
            return Step("given", name, plain)
        premises = dict(premises_of(self.program)[name])[way.rule]
        types = _types(premises, self.search.relations)
        values = _values(premises.body(row).schema, way.solution.row, types)
        parts = tuple(self.parts(premises, way.solution, values, types))
        named = {n: value for n, value in values.items() if n[0] != "$"}
        kind: Kind = "reading" if name in READINGS else "derived"
        return Step(kind, name, plain, premises.rule, parts, named, ways=len(self.search.ways(fact)))

    def parts(self, premises: Premises, solution: Solution, values: Values, types: Types) -> Iterator[int]:
        """The steps that a rule's body stands on, in the order in which it is written, then the arithmetic of its head."""
        literals = dict(enumerate(premises.flat.literals))
        found: list[tuple[Span, Part | Literal]] = [(literals[part.literal].span, part) for part in solution.parts]
        found += [(literal.span, literal) for literal in premises.rule.body if _is_comparison(literal)]
        for _, part in sorted(found, key=lambda each: each[0]):
            if isinstance(part, Found | Missing | Folded):
                yield self.part(part, literals, types)
            else:
                yield self.add(_compared(part, values))
        for term in premises.rule.head.arguments:
            if isinstance(term, Operation):
                yield self.add(_compared(term, values))

    def part(self, part: Part, literals: Mapping[int, Literal], types: Types) -> int:
        match part:
            case Found(_, relation, row):
                return self.numbers[relation, row]
            case Missing(_, relation, pattern):
                return self.add(self.absent(part, relation, pattern))
            case Folded():
                return self.add(self.sum(part, aggregate_of(literals[part.literal]), types))

    def absent(self, part: Missing, relation: str, pattern: Row) -> Step:
        columns = self.search.relations[relation].types
        plain = tuple(None if v is None else decode(v, t) for v, t in zip(pattern, columns, strict=True))
        instead = tuple(self.numbers[fact] for fact in self.search.instead(part))
        known = relation not in self.prover.unknown or self.search.like(part)
        return Step("absent" if known else "unknown", relation, plain, parts=instead)

    def sum(self, folded: Folded, aggregate: Aggregate, types: Types) -> Step:
        literals, target = flatten_body(aggregate)
        inner = {**types, **_of_literals(literals, self.search.relations)}
        type_ = aggregate.type or "number"
        of_item = "number" if target is None else type_
        own = [n for n in folded.inner.schema if n[0] != "$"]
        items = []
        for item in sorted(folded.items, key=self.place):
            values = _values(folded.inner.schema, item.row, inner)
            parts = tuple(self.part(part, dict(enumerate(literals)), inner) for part in item.parts)
            items.append(Item(decode(item.value, of_item), {n: values[n] for n in own}, parts))
        value = decode(folded.value, type_)
        return Step("sum", text=str(aggregate), function=aggregate.function, items=tuple(items), value=value)

    def place(self, item: Matched) -> Any:
        """What to sort an item by: the facts that it stands on."""
        rows = [part.row for part in item.parts if isinstance(part, Found)]
        return [self.prover.order(value) for row in rows for value in row], str(item.row)


def _renumbered(step: Step, last: int) -> Step:
    if not step.parts and not step.items:
        return step
    items = tuple(replace(item, parts=tuple(last - p for p in item.parts)) for item in step.items)
    return replace(step, parts=tuple(last - p for p in step.parts), items=items)


def _is_comparison(literal: Literal) -> bool:
    """Whether a literal is arithmetic or the calendar's; a variable that only takes the value of an aggregate is not."""
    if isinstance(literal, Comparison):
        sides = {type(literal.left), type(literal.right)}
        return literal.operator != "=" or not (Aggregate in sides and Variable in sides)
    atom = atom_of(literal)
    return atom is not None and atom.relation in BUILTINS


def _compared(node: Literal | Term, values: Values) -> Step:
    names = dict.fromkeys(v.name for v in variables(node, inside=False))
    return Step("comparison", text=str(node), values={name: values[name] for name in names})


def _values(schema: tuple[str, ...], row: Row, types: Types) -> dict[str, Any]:
    """The plain values of variables."""
    return {name: decode(value, types.get(name, "symbol")) for name, value in zip(schema, row, strict=True)}


def _types(premises: Premises, relations: Mapping[str, Relation]) -> dict[str, Type]:
    """The type of each variable of a rule, made ones too."""
    head = zip(premises.flat.head, relations[premises.rule.head.relation].types, strict=True)
    found = {term.name: type_ for term, type_ in head if isinstance(term, Variable)}
    return {**_of_literals(premises.flat.literals, relations), **found}


def _of_literals(literals: Iterable[Literal], relations: Mapping[str, Relation]) -> dict[str, Type]:
    found: dict[str, Type] = {}
    for literal in literals:
        if (atom := atom_of(literal)) is not None:
            places = zip(atom.arguments, relations[atom.relation].types, strict=True)
            found |= {term.name: type_ for term, type_ in places if isinstance(term, Variable)}
        elif isinstance(literal, Comparison) and literal.type:
            sides = (literal.left, literal.right)
            found |= {side.name: literal.type for side in sides if isinstance(side, Variable)}
            if isinstance(literal.right, Aggregate) and isinstance(literal.left, Variable):
                found[literal.left.name] = literal.right.type or "number"
    return found
