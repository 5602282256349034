"""Checks a proof step by step, without the engine and without what found it.

It knows the rules as a tree, the facts that were given and the model; expressions, matching and what is inside an aggregate are
worked out by `oracle`, the slow evaluator.

    proof ──numbering──▶ steps ──each against its rule, with its values──▶ nothing, or an AssertionError that says what is wrong
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import cached_property
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

import oracle
from oracle import BUILTINS, Binding, Row, Types

from zhengce.datalog.checked import CheckedProgram, Model
from zhengce.datalog.syntax import Aggregate, Atom, Comparison, Literal, Negation, Operation, Rule, Term, Variable, Wildcard
from zhengce.proof import Item, Proof, Step

FACTS = ("given", "derived", "reading")
ABSENCES = ("absent", "unknown")
MOST_INSTEAD = 60
READINGS = ("reading", "reading_in_force")
Signature = tuple[Any, ...]


def check(
    proof: Proof,
    program: CheckedProgram,
    facts: Mapping[str, Collection[Row]],
    model: Model,
    *,
    unknown: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
) -> None:
    """Raises AssertionError unless the proof, and each of its others, proves what its first step says."""
    Checker(program, facts, model, unknown=unknown).check(proof)


class Checker:
    """Checks proofs of facts of one model. `facts`: those given, as engines keep them."""

    def __init__(
        self,
        program: CheckedProgram,
        facts: Mapping[str, Collection[Row]],
        model: Model,
        *,
        unknown: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
    ) -> None:
        self.program, self.facts, self.unknown = program, facts, unknown
        self.keys = {name: relation.key for name, relation in program.relations.items()}
        self.types: dict[str, Types] = {name: relation.types for name, relation in program.relations.items()}
        self.rows = _Indexed({name: model[name] for name in program.relations})
        self.rules = _ruled(program)
        self._given: dict[str, set[Row]] = {}
        self._expected: dict[Signature, Counter[Signature]] = {}

    def check(self, proof: Proof) -> None:
        _numbered(proof.steps)
        assert proof.goal.kind in FACTS, f"the first step is no fact: {proof.goal}"
        for step in proof.steps:
            self.step(step, proof.steps)
        for other in proof.others:
            goals = [(each.goal.relation, each.goal.row) for each in (other, proof)]
            assert goals[0] == goals[1], "another proof of another fact"
            assert _content(other) != _content(proof), "another proof that is the same"
            self.check(other)

    def step(self, step: Step, steps: Sequence[Step]) -> None:
        if step.relation:
            self.typed(step)
        parts = [steps[number] for number in step.parts]
        match step.kind:
            case "given":
                assert step.row in self.given(step.relation), f"not given: {step}"
                assert not parts, f"a given fact has parts: {step}"
            case "derived" | "reading":
                assert (step.kind == "reading") == (step.relation in READINGS), f"a reading, or not: {step}"
                assert step.ways >= 1, f"no way: {step}"
                self.derived(step, parts, steps)
            case "absent" | "unknown":
                self.absent(step, parts)
            case "sum" | "comparison":
                assert not parts, f"parts where there are none: {step}"
            case _:
                raise AssertionError(f"no such kind: {step}")

    def typed(self, step: Step) -> None:
        """Every value is of its column's type."""
        types = self.types[step.relation]
        assert len(step.row) == len(types), f"too many values, or too few: {step}"
        for value, type_ in zip(step.row, types, strict=True):
            empty = value is None and step.kind in ABSENCES
            assert empty or oracle.type_of(value) == type_, f"{value!r} is no {type_}: {step}"

    def given(self, relation: str) -> set[Row]:
        if relation not in self._given:
            types = self.types[relation]
            self._given[relation] = {
                tuple(Decimal(v).scaleb(-6) if t == "decimal" else v for v, t in zip(row, types, strict=True))
                for row in self.facts.get(relation, ())
            }
        return self._given[relation]

    def absent(self, step: Step, parts: Sequence[Step]) -> None:
        """Nothing matches; what there is instead is of the same relation, or a reading under which it would be there."""
        about = self.about(step.relation, step.row)
        unknown = step.relation in self.unknown and not any(self.rows.like(step.relation, about))
        assert (step.kind == "unknown") == unknown, f"not known, or absent: {step}"
        assert not any(self.rows.like(step.relation, step.row)), f"it is there: {step}"
        for part in parts:
            assert part.kind in FACTS, f"instead of it stands no fact: {part}"
            assert part.relation == step.relation or self.would_give(part, step), f"instead of it stands another: {part}"
        instead = self.instead(step.relation, step.row)
        rows = Counter(part.row for part in parts if part.relation == step.relation)
        assert rows == Counter(instead if len(instead) <= MOST_INSTEAD else ()), f"not what there is instead: {step}"

    def would_give(self, part: Step, step: Step) -> bool:
        """Whether a rule for what is absent asks for another value of this reading."""
        asked = (b for rule in self.program.rules if rule.head.relation == step.relation for b in rule.body)
        atoms = (b for b in asked if isinstance(b, Atom) and b.relation == part.relation in READINGS)
        ends = ([getattr(term, "value", None) for term in atom.arguments[-2:]] for atom in atoms)
        return any(id_ == part.row[-2] and value not in (None, part.row[-1]) for id_, value in ends)

    def about(self, relation: str, pattern: Row) -> Row:
        """The pattern of an absence without the value that was looked for."""
        columns = self.unknown.get(relation) or self.keys[relation]
        return tuple(value if i in columns else None for i, value in enumerate(pattern))

    def instead(self, relation: str, pattern: Row) -> list[Row]:
        """Where a value was looked for under a key, or of something that may be unknown: the rows about the same."""
        columns = self.unknown.get(relation) or self.keys[relation]
        asked = {i for i, value in enumerate(pattern) if value is not None}
        if not asked & {*columns} or asked <= {*columns}:
            return []
        return [*self.rows.like(relation, self.about(relation, pattern))]

    def derived(self, step: Step, parts: Sequence[Step], steps: Sequence[Step]) -> None:
        """The rule gives the row from its parts, and from nothing else."""
        assert step.rule is not None and id(step.rule) in self.rules, f"no rule of the program: {step}"
        assert step.rule.head.relation == step.relation, f"a rule for something else: {step}"
        rule, left = self.rules[id(step.rule)], list(parts)
        rule.body.model = self.rows
        rule.valued(step.values)
        sums = rule.summed(parts)
        binding = {**step.values, **{name: part.value for (name, _), part in zip(rule.sums, sums, strict=True)}}
        for (_, aggregate), part in zip(rule.sums, sums, strict=True):
            self.sum(rule, aggregate, binding, part, steps)
        assert len(parts) == sum(rule.widths), f"a part is idle or left out: {step}"
        for part in left[: rule.widths[0]]:
            assert part.kind == "sum", f"no sum of the head: {part}"
        left = left[rule.widths[0] :]
        for literal, own, width in zip(rule.literals, rule.rule.body, rule.widths[1:], strict=False):
            alone = [part for part in left[:width] if part.kind != "sum"]
            assert len(alone) == (not _only_names(own)), f"a part of {own} too many, or too few: {step}"
            self.literal(rule, literal, own, binding, alone)
            left = left[width:]
        for term, part in zip(rule.arithmetic, left, strict=True):
            _compared(part, term, binding)
        head = rule.body.values(rule.head, binding)
        assert _marked(head) == _marked(step.row), f"the rule gives {head}: {step}"

    def literal(self, rule: _Ruled, literal: Literal, own: Literal, binding: Binding, parts: Sequence[Step]) -> None:
        """A literal holds by its one part; by none where it only names the value of an aggregate."""
        if isinstance(literal, Comparison) or _builtin(literal):
            assert any(True for _ in rule.body.holds(literal, binding)), f"{own} does not hold for {binding}"
            for part in parts:
                _compared(part, own, binding)
            return
        (part,) = parts
        atom, kinds = (literal.atom, ABSENCES) if isinstance(literal, Negation) else (literal, FACTS)
        assert isinstance(atom, Atom)
        wanted = rule.pattern(atom, binding)
        assert part.kind in kinds, f"no part of {own}: {part}"
        assert part.relation == atom.relation, f"no part of {own}: {part}"
        fits = part.row == wanted if isinstance(literal, Negation) else _fits(wanted, part.row)
        assert fits, f"no part of {own}: {part}"

    def sum(self, rule: _Ruled, aggregate: _Aggregated, binding: Binding, step: Step, steps: Sequence[Step]) -> None:
        """Its items are what the oracle finds, each once, and come to its value."""
        assert step.text == str(aggregate.written), f"not {aggregate.written}: {step}"
        groups = {name: binding[name] for name in aggregate.groups}
        key = (id(rule), aggregate.number, *_marked(groups.values()))
        if key not in self._expected:
            self._expected[key] = Counter(aggregate.items(rule.body, groups))
        found = Counter(_signed(item, groups, steps) for item in step.items)
        assert found == self._expected[key], f"not the items that there are: {step}"
        value = _folded(aggregate.written, [item.value for item in step.items])
        assert _marked([value]) == _marked([step.value]), f"the items come to {value}: {step}"


# ---- the program -----------------------------------------------------------------------------------------------------


class _Indexed(dict[str, set[Row]]):
    """The rows of a model, to be looked up by one column."""

    def __init__(self, rows: Mapping[str, set[Row]]) -> None:
        super().__init__(rows)
        self._by: dict[tuple[str, int], dict[Any, list[Row]]] = {}

    def near(self, relation: str, pattern: Sequence[Any]) -> Collection[Row]:
        """The rows that agree with the pattern in its first column that has a value."""
        column = next((i for i, value in enumerate(pattern) if value is not None), None)
        if column is None:
            return self[relation]
        if (relation, column) not in self._by:
            made: dict[Any, list[Row]] = {}
            for row in self[relation]:
                made.setdefault(row[column], []).append(row)
            self._by[relation, column] = made
        return self._by[relation, column].get(pattern[column], ())

    def like(self, relation: str, pattern: Sequence[Any]) -> Iterator[Row]:
        return (row for row in self.near(relation, pattern) if _fits(pattern, row))


class _Body(oracle.Body):
    """The oracle's rule, but it looks rows up by a column."""

    model: _Indexed

    def rows_for(self, relation: str, wanted: Sequence[Any]) -> Iterable[Row]:
        if relation in BUILTINS:
            return super().rows_for(relation, wanted)
        return self.model.near(relation, [None if isinstance(want, Variable | Wildcard) else want for want in wanted])


class _Ruled:
    """A rule with each aggregate outside an aggregate replaced by a variable that stands for its value."""

    def __init__(self, rule: Rule, columns: Mapping[str, Types]) -> None:
        self.rule, self._columns = rule, columns

    @cached_property
    def body(self) -> _Body:
        body = _Body(oracle.own_names(self.rule), {}, self._columns)
        body.kinds.update({name: aggregate.type for name, aggregate in self.sums})
        return body

    @cached_property
    def sums(self) -> list[tuple[str, _Aggregated]]:
        """Every aggregate, in the order in which it is written, with the variable that stands for it."""
        pairs = zip(oracle.aggregates(self.rule), oracle.aggregates(oracle.own_names(self.rule)), strict=True)
        return [(f"sum {n}", _Aggregated(n, written, named)) for n, (written, named) in enumerate(pairs)]

    @cached_property
    def plain(self) -> Rule:
        names = (name for name, _ in self.sums)

        def change(term: Term) -> Term:
            if isinstance(term, Operation):
                return replace(term, arguments=tuple(map(change, term.arguments)))
            return Variable(next(names)) if isinstance(term, Aggregate) else term

        return Rule(
            oracle.mapped_atom(self.rule.head, change), tuple(oracle.mapped(literal, change) for literal in self.rule.body)
        )

    @cached_property
    def head(self) -> Atom:
        return self.plain.head

    @cached_property
    def literals(self) -> tuple[Literal, ...]:
        return self.plain.body

    @cached_property
    def arithmetic(self) -> list[Term]:
        return [term for term in self.rule.head.arguments if isinstance(term, Operation)]

    @cached_property
    def widths(self) -> list[int]:
        """How many parts the head's aggregates have, each literal, and the arithmetic of the head."""
        sums = [_aggregates(self.rule.head), *map(_aggregates, self.rule.body)]
        alone = [0, *(int(not _only_names(literal)) for literal in self.rule.body)]
        return [*(n + own for n, own in zip(sums, alone, strict=True)), len(self.arithmetic)]

    @cached_property
    def variables(self) -> set[str]:
        terms = [term for literal in (self.head, *self.literals) for term in oracle.terms_of(literal)]
        return {name for term in terms for name in oracle.outer_names(term)} - {name for name, _ in self.sums}

    def valued(self, values: Mapping[str, Any]) -> None:
        assert values.keys() == self.variables, f"values of {[*values]}, not of {self.variables}: {self.rule}"
        for name, value in values.items():
            type_ = self.body.kinds.get(name)
            assert type_ in (None, oracle.type_of(value)), f"{name} = {value!r} is no {type_}: {self.rule}"

    def summed(self, parts: Sequence[Step]) -> list[Step]:
        sums = [part for part in parts if part.kind == "sum"]
        assert len(sums) == len(self.sums), f"a sum too many, or too few: {self.rule}"
        return sums

    def pattern(self, atom: Atom, binding: Binding) -> tuple[Any, ...]:
        return _pattern(self.body, atom, binding)


def _ruled(program: CheckedProgram) -> dict[int, _Ruled]:
    """The rules of a program by what they are, not by what they say: two may say the same in different places."""
    if program not in _prepared:
        columns = {name: types for name, (types, _) in BUILTINS.items()}
        columns |= {name: relation.types for name, relation in program.relations.items()}
        _prepared[program] = {id(rule): _Ruled(rule, columns) for rule in program.rules}
    return _prepared[program]


_prepared: WeakKeyDictionary[CheckedProgram, dict[int, _Ruled]] = WeakKeyDictionary()


class _Aggregated:
    """An aggregate of a rule, as written, and with its own variables named apart."""

    def __init__(self, number: int, written: Aggregate, named: Aggregate) -> None:
        self.number, self.written, self.named, self.type = number, written, named, str(written.type)
        terms = [t for literal in named.body for t in oracle.terms_of(literal)] + [named.target] * (named.target is not None)
        self.groups = sorted({name for term in terms for name in oracle.outer_names(term) if "#" not in name})

    def items(self, body: _Body, groups: Binding) -> Iterator[Signature]:
        """What each binding of the aggregate's own variables brings and stands on."""
        found = {frozenset(b.items()): b for b in body.solutions(self.named.body, groups)}
        for binding in found.values():
            own = {n.partition("#")[0]: v for n, v in binding.items() if "#" in n and not n.startswith("_#")}
            yield _signature(self.value(body, binding), own, self.parts(body, binding))

    def value(self, body: _Body, binding: Binding) -> Any:
        if self.named.target is None or self.named.function == "count":
            return 1
        return body.value(self.named.target, self.type, binding)

    def parts(self, body: _Body, binding: Binding) -> Iterator[Signature]:
        for literal in self.named.body:
            if isinstance(literal, Negation) and not _builtin(literal):
                yield "!", literal.atom.relation, _pattern(body, literal.atom, binding)
            elif isinstance(literal, Atom) and not _builtin(literal):
                yield "", literal.relation, _pattern(body, literal, binding)


def _pattern(body: _Body, atom: Atom, binding: Binding) -> tuple[Any, ...]:
    """The row that an atom asks for; None for any value."""
    places = zip(atom.arguments, body.columns[atom.relation], strict=True)
    return tuple([None if isinstance(a, Wildcard) else body.value(a, t, binding) for a, t in places])


def _builtin(literal: Literal) -> bool:
    atom = literal.atom if isinstance(literal, Negation) else literal
    return isinstance(atom, Atom) and atom.relation in BUILTINS


def _aggregates(literal: Literal) -> int:
    return sum(1 for term in oracle.terms_of(literal) for _ in oracle.aggregates_of(term))


def _only_names(literal: Literal) -> bool:
    """Whether a literal is `v = aggregate`: the sum says it all."""
    if not isinstance(literal, Comparison) or literal.operator != "=":
        return False
    return {type(literal.left), type(literal.right)} == {Variable, Aggregate}


# ---- steps -----------------------------------------------------------------------------------------------------------


def _numbered(steps: Sequence[Step]) -> None:
    """Parts come after what they are parts of, every step is a part of something, and no fact stands twice."""
    used = {0}
    for number, step in enumerate(steps):
        parts = [*step.parts, *(part for item in step.items for part in item.parts)]
        assert all(number < part < len(steps) for part in parts), f"a part before its step, or none: {step}"
        assert step.kind == "sum" or not step.items, f"items of no sum: {step}"
        used.update(parts)
    assert len(used) == len(steps), f"steps that nothing rests on: {sorted({*range(len(steps))} - used)}"
    twice = Counter((step.relation, step.row) for step in steps if step.kind in FACTS)
    assert not twice or max(twice.values()) == 1, f"a fact twice: {twice.most_common(1)}"


def _content(proof: Proof) -> list[Signature]:
    return [(s.kind, s.relation, s.row, id(s.rule), s.parts, s.text, s.items, tuple(s.values.items())) for s in proof.steps]


def _compared(step: Step, node: Literal | Term, binding: Binding) -> None:
    """A step says what is compared or worked out, and with which values."""
    assert (step.kind, step.text) == ("comparison", str(node)), f"not {node}: {step}"
    terms = [node] if not isinstance(node, Atom | Negation | Comparison) else oracle.terms_of(node)
    names = [name for term in terms for name in oracle.outer_names(term)]
    wanted = {name: (type(binding[name]), binding[name]) for name in names}
    assert {name: (type(value), value) for name, value in step.values.items()} == wanted, f"other values: {step}"


def _signed(item: Item, groups: Mapping[str, Any], steps: Sequence[Step]) -> Signature:
    """An item as a signature; where it gives the values that it is grouped by too, they are those of the rule."""
    for name in groups.keys() & item.values.keys():
        assert item.values[name] == groups[name], f"of another group: {item}"
    parts = [steps[number] for number in item.parts]
    bangs = {**dict.fromkeys(FACTS, ""), **dict.fromkeys(ABSENCES, "!")}
    assert all(part.kind in bangs for part in parts), f"a part that no item can have: {item}"
    own = {name: value for name, value in item.values.items() if name not in groups}
    return _signature(item.value, own, ((bangs[part.kind], part.relation, part.row) for part in parts))


def _signature(value: Any, own: Mapping[str, Any], parts: Iterable[Signature]) -> Signature:
    typed = frozenset((name, *_marked([v])) for name, v in own.items())
    return _marked([value]), typed, frozenset(Counter(parts).items())


def _marked(values: Iterable[Any]) -> Signature:
    """Values that can be told apart by type too."""
    return tuple([(type(value), value) for value in values])


def _fits(pattern: Sequence[Any], row: Row) -> bool:
    return all(want is None or want == value for want, value in zip(pattern, row, strict=True))


def _folded(aggregate: Aggregate, values: Sequence[Any]) -> Any:
    """An aggregate of values: exact, a mean rounded to six places, half away from zero."""
    if aggregate.function == "count":
        return len(values)
    if aggregate.function == "sum":
        return sum(values, Decimal(0) if aggregate.type == "decimal" else 0)
    assert values, f"{aggregate.function} of nothing"
    if aggregate.function == "mean":
        with localcontext(prec=100):
            return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
    return min(values) if aggregate.function == "min" else max(values)
