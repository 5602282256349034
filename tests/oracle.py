"""A small, slow, obviously right evaluator, to hold the engines against.

It reads a program with the project's parser and shares nothing else with the project. Every relation is a set of
tuples; a rule is tried against the whole of every relation until nothing new comes; a body is solved by taking any
literal that can be decided now. Arithmetic is done in fractions and rounded once per operation.

    literals ──any that is ready──▶ more bindings ──none left──▶ a row of the head
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import count
from typing import Any

from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import (
    Aggregate,
    Atom,
    Comparison,
    Constant,
    Literal,
    Negation,
    Operation,
    Program,
    Rule,
    Term,
    Variable,
    Wildcard,
)

Value = str | int | Decimal | date
Row = tuple[Value, ...]
Rows = dict[str, set[Row]]
Binding = dict[str, Value]
Types = tuple[str | None, ...]

BUILTINS: dict[str, tuple[Types, int]] = {  # the types of the columns, and how many of the first are given
    "days_after": (("date", "number", "date"), 2),
    "years_after": (("date", "number", "date"), 2),
    "workdays_after": (("date", "number", "date"), 2),
    "year_of": (("date", "number"), 1),
}
# 2022 and 2023 as the State Council announced them (国办发明电〔2021〕11号、〔2022〕16号): month and day.
HOLIDAYS = {
    2022: "0101-0103 0131-0206 0403-0405 0430-0504 0603-0605 0910-0912 1001-1007 1231-1231",
    2023: "0101-0102 0121-0127 0405-0405 0429-0503 0622-0624 0929-1006",
}
WORKING_WEEKENDS = {
    2022: "0129 0130 0402 0424 0507 1008 1009",
    2023: "0128 0129 0423 0506 0625 1007 1008",
}


class OracleFault(Exception):
    """Arithmetic that has no answer: a zero divisor, an overflow, a date outside the calendar."""


class NoRow(Exception):
    """The least, greatest or mean of nothing."""


class NotReady(Exception):
    """A body none of whose literals can be decided: the program is not safe."""


def evaluate(rules: str, facts: Mapping[str, Iterable[Row]] | None = None) -> Rows:
    """Every row of every relation that the rules or the facts name."""
    program, facts = parse(rules), facts or {}
    columns = _columns(program, facts)
    model = {name: {_row(row, columns.get(name)) for row in rows} for name, rows in facts.items()}
    for name in _names(program):
        model.setdefault(name, set())
    prepared = [own_names(rule) for rule in program.rules]
    for stratum in _strata(prepared):
        _saturate(stratum, model, columns)
    return model


def typed(rows: Iterable[Row]) -> set[tuple[tuple[str, Value], ...]]:
    """Rows that can be told apart by type too: to Python, 1 and Decimal(1) are equal."""
    return {tuple((type(value).__name__, value) for value in row) for row in rows}


def _saturate(rules: Sequence[Rule], model: Rows, columns: Mapping[str, Types]) -> None:
    """Add what the rules give until they give nothing new."""
    sizes: list[int] = []
    while sizes != (sizes := [len(rows) for rows in model.values()]):
        for rule in rules:
            model[rule.head.relation] |= set(Body(rule, model, columns).rows())


# ---- names, types and strata -----------------------------------------------------------------------------------------


def _names(program: Program) -> set[str]:
    atoms = (atom for rule in program.rules for atom, _ in _atoms(rule))
    return {d.name for d in program.declarations} | {atom.relation for atom in atoms} - set(BUILTINS)


def _columns(program: Program, facts: Mapping[str, Iterable[Row]]) -> dict[str, Types]:
    """The types of the columns: as declared, or else as the facts given show. Nothing cleverer."""
    columns: dict[str, Types] = {name: types for name, (types, _) in BUILTINS.items()}
    for name, rows in facts.items():
        for row in rows:
            columns[name] = tuple(type_of(value) for value in row)
    return columns | {d.name: tuple(c.type for c in d.columns) for d in program.declarations}


def type_of(value: Value) -> str | None:
    return {str: "symbol", int: "number", Decimal: "decimal", date: "date"}[type(value)]


def _row(row: Row, types: Types | None) -> Row:
    return tuple(_coerced(v, t) for v, t in zip(row, types, strict=True)) if types is not None else row


def _coerced(value: Value, wanted: str | None) -> Value:
    """A literal or a fact as a value of the type its place wants."""
    if wanted == "decimal" and isinstance(value, int):
        return Decimal(value)
    return date.fromisoformat(value) if wanted == "date" and isinstance(value, str) else value


def _atoms(rule: Rule) -> Iterator[tuple[Atom, bool]]:
    """Every atom of a rule, and whether it must be complete before the rule is tried."""
    yield rule.head, False
    for literal in rule.body:
        if isinstance(literal, Atom):
            yield literal, False
        elif isinstance(literal, Negation):
            yield literal.atom, True
    for aggregate in aggregates(rule):
        for literal in aggregate.body:
            if not isinstance(literal, Comparison):
                yield literal.atom if isinstance(literal, Negation) else literal, True


def terms_of(literal: Literal) -> tuple[Term, ...]:
    if isinstance(literal, Comparison):
        return literal.left, literal.right
    return (literal.atom if isinstance(literal, Negation) else literal).arguments


def aggregates(rule: Rule) -> Iterator[Aggregate]:
    for literal in (rule.head, *rule.body):
        for term in terms_of(literal):
            yield from aggregates_of(term)


def aggregates_of(term: Term) -> Iterator[Aggregate]:
    if isinstance(term, Aggregate):
        yield term
    elif isinstance(term, Operation):
        for argument in term.arguments:
            yield from aggregates_of(argument)


def _strata(rules: Sequence[Rule]) -> list[list[Rule]]:
    """The rules by level: above all that they negate or aggregate, and not below anything that they use."""
    level = {atom.relation: 0 for rule in rules for atom, _ in _atoms(rule)}
    needs = [(rule.head.relation, a.relation, whole) for rule in rules for a, whole in _atoms(rule)]
    changed = True
    while changed:
        changed = False
        for head, used, whole in needs:
            if level[head] < level[used] + whole:
                level[head], changed = level[used] + whole, True
        if max(level.values(), default=0) > len(level):
            raise ValueError("not stratified")
    return [[r for r in rules if level[r.head.relation] == n] for n in sorted(set(level.values()))]


def own_names(rule: Rule) -> Rule:
    """The same rule with the variables of each aggregate's own, and its `_`, named apart by a `#`."""
    outer = {name for literal in (rule.head, *rule.body) for term in terms_of(literal) for name in outer_names(term)}
    fresh = count()

    def term_(term: Term) -> Term:
        if isinstance(term, Operation):
            return Operation(term.operator, tuple(map(term_, term.arguments)))
        if not isinstance(term, Aggregate):
            return term
        mark = f"#{next(fresh)}"
        body = tuple(_renamed(literal, outer, mark, fresh) for literal in term.body)
        target = None if term.target is None else _renamed_term(term.target, outer, mark, None)
        return Aggregate(term.function, target, body)

    return Rule(mapped_atom(rule.head, term_), tuple(mapped(literal, term_) for literal in rule.body))


def outer_names(term: Term) -> Iterator[str]:
    """The variables of a term that stand outside every aggregate."""
    if isinstance(term, Variable):
        yield term.name
    elif isinstance(term, Operation):
        for argument in term.arguments:
            yield from outer_names(argument)


def _renamed(literal: Literal, outer: set[str], mark: str, fresh: Iterator[int]) -> Literal:
    names = fresh if isinstance(literal, Atom) else None  # `_` in a negated atom stays: nothing at all may match
    return mapped(literal, lambda term: _renamed_term(term, outer, mark, names))


def _renamed_term(term: Term, outer: set[str], mark: str, fresh: Iterator[int] | None) -> Term:
    if isinstance(term, Variable):
        return term if term.name in outer else Variable(term.name + mark)
    if isinstance(term, Wildcard) and fresh is not None:
        return Variable(f"_{mark}#{next(fresh)}")
    if isinstance(term, Operation):
        return Operation(term.operator, tuple(_renamed_term(a, outer, mark, fresh) for a in term.arguments))
    if isinstance(term, Aggregate):
        raise NotReady("an aggregate inside an aggregate")
    return term


def mapped(literal: Literal, change: Any) -> Literal:
    if isinstance(literal, Comparison):
        return Comparison(literal.operator, change(literal.left), change(literal.right))
    if isinstance(literal, Negation):
        return Negation(mapped_atom(literal.atom, change))
    return mapped_atom(literal, change)


def mapped_atom(atom: Atom, change: Any) -> Atom:
    return Atom(atom.relation, tuple(map(change, atom.arguments)))


class _Kinds(dict[str, str]):
    """The type of each variable of one rule, found by going over the rule until nothing more is learnt."""

    def __init__(self, rule: Rule, columns: Mapping[str, Types]) -> None:
        super().__init__()
        literals = [rule.head, *rule.body, *(literal for a in aggregates(rule) for literal in a.body)]
        size = -1
        while size < (size := len(self)):
            for literal in literals:
                self._learn(literal, columns)

    def of(self, term: Term) -> str | None:
        """The type of a term as far as it is known; a bare `3` or "…" is anything."""
        if isinstance(term, Variable):
            return self.get(term.name)
        if isinstance(term, Constant):
            return "decimal" if isinstance(term.value, Decimal) else None
        if isinstance(term, Operation):
            known = (self.of(argument) for argument in term.arguments)
            return "decimal" if term.operator == "to_float" else next((k for k in known if k), None)
        if isinstance(term, Aggregate):
            return {"count": "number", "mean": "decimal"}.get(term.function) or self.of(term.target)  # type: ignore[arg-type]
        return None

    def _learn(self, literal: Literal, columns: Mapping[str, Types]) -> None:
        if isinstance(literal, Comparison):
            kind = self.of(literal.left) or self.of(literal.right)
            self._push(literal.left, kind)
            self._push(literal.right, kind)
            return
        atom = literal.atom if isinstance(literal, Negation) else literal
        for term, kind in zip(atom.arguments, columns.get(atom.relation, (None,) * len(atom.arguments)), strict=True):
            self._push(term, kind)

    def _push(self, term: Term, kind: str | None) -> None:
        """This place is of this type, so what stands in it is too."""
        if isinstance(term, Variable) and kind:
            self.setdefault(term.name, kind)
        elif isinstance(term, Operation):
            inner = "number" if term.operator == "to_float" else kind or self.of(term)
            for argument in term.arguments:
                self._push(argument, inner)
        elif isinstance(term, Aggregate) and term.target is not None:
            self._push(term.target, "decimal" if term.function == "mean" else kind)


# ---- one rule --------------------------------------------------------------------------------------------------------


class Body:
    """One rule against the model as it stands."""

    def __init__(self, rule: Rule, model: Rows, columns: Mapping[str, Types]) -> None:
        self.rule, self.model, self.columns = rule, model, columns
        self.kinds = _Kinds(rule, columns)

    def rows(self) -> Iterator[Row]:
        for binding in list(self.solutions(self.rule.body, {})):
            try:
                yield self.values(self.rule.head, binding)
            except NoRow:
                continue

    def solutions(self, literals: Sequence[Literal], binding: Binding) -> Iterator[Binding]:
        """Every way to make all the literals hold."""
        if not literals:
            yield binding
            return
        chosen = next((i for i, literal in enumerate(literals) if self.ready(literal, binding)), None)
        if chosen is None:
            raise NotReady(", ".join(map(str, literals)))
        rest = [*literals[:chosen], *literals[chosen + 1 :]]
        try:
            extended = list(self.holds(literals[chosen], binding))
        except OracleFault:
            if self.possible(rest, binding):
                raise
            return
        for more in extended:
            yield from self.solutions(rest, more)

    def possible(self, literals: Sequence[Literal], binding: Binding) -> bool:
        """Whether all literals can hold that can be decided at all without the one that has no answer."""
        for i, literal in enumerate(literals):
            if self.ready(literal, binding):
                rest = [*literals[:i], *literals[i + 1 :]]
                try:
                    return any(self.possible(rest, more) for more in list(self.holds(literal, binding)))
                except OracleFault:
                    return self.possible(rest, binding)
        return True

    def ready(self, literal: Literal, binding: Binding) -> bool:
        """Whether the binding is enough to decide the literal."""
        if isinstance(literal, Negation):
            return self.bound(literal.atom.arguments, binding)
        if isinstance(literal, Comparison):
            left, right = (self.bound([side], binding) for side in (literal.left, literal.right))
            free = (left and isinstance(literal.right, Variable)) or (right and isinstance(literal.left, Variable))
            return (left and right) or (literal.operator == "=" and free)
        given = BUILTINS[literal.relation][1] if literal.relation in BUILTINS else 0
        computed = [a for a in literal.arguments[given:] if not isinstance(a, Variable)]
        return self.bound([*literal.arguments[:given], *computed], binding)

    def bound(self, terms: Iterable[Term], binding: Binding) -> bool:
        return all(name in binding for term in terms for name in _needed(term))

    def holds(self, literal: Literal, binding: Binding) -> Iterator[Binding]:
        """Every way to make one ready literal hold."""
        try:
            if isinstance(literal, Negation):
                if not any(True for _ in self.matches(literal.atom, binding)):
                    yield binding
            elif isinstance(literal, Comparison):
                yield from self.compared(literal, binding)
            else:
                yield from self.matches(literal, binding)
        except NoRow:
            return

    def compared(self, literal: Comparison, binding: Binding) -> Iterator[Binding]:
        kind = self.kinds.of(literal.left) or self.kinds.of(literal.right)
        for free, other in ((literal.left, literal.right), (literal.right, literal.left)):
            if isinstance(free, Variable) and free.name not in binding:
                yield binding | {free.name: self.value(other, kind, binding)}
                return
        left, right = self.value(literal.left, kind, binding), self.value(literal.right, kind, binding)
        if _compare(literal.operator, left, right):
            yield binding

    def matches(self, atom: Atom, binding: Binding) -> Iterator[Binding]:
        """The binding extended by each row that fits the atom."""
        types = self.columns.get(atom.relation, (None,) * len(atom.arguments))
        places = zip(atom.arguments, types, strict=True)
        wanted = [a if is_free(a, binding) else self.value(a, t, binding) for a, t in places]
        for row in self.rows_for(atom.relation, wanted):
            if (fitted := _fit(wanted, row)) is not None:
                yield binding | fitted

    def rows_for(self, relation: str, wanted: Sequence[Term | Value]) -> Iterable[Row]:
        return _built_in(relation, wanted) if relation in BUILTINS else self.model[relation]

    def values(self, atom: Atom, binding: Binding) -> Row:
        types = self.columns.get(atom.relation, (None,) * len(atom.arguments))
        return tuple(self.value(a, t, binding) for a, t in zip(atom.arguments, types, strict=True))

    def value(self, term: Term, kind: str | None, binding: Binding) -> Value:
        if isinstance(term, Variable):
            return binding[term.name]
        if isinstance(term, Constant):
            return _coerced(term.value, kind)
        if isinstance(term, Operation):
            inner = "number" if term.operator == "to_float" else self.kinds.of(term) or kind
            return _operate(term.operator, [self.value(a, inner, binding) for a in term.arguments])
        if isinstance(term, Aggregate):
            return self.aggregated(term, kind, binding)
        raise NotReady("_")

    def aggregated(self, term: Aggregate, kind: str | None, binding: Binding) -> Value:
        """Over the distinct bindings of the body's own variables."""
        found = {frozenset(b.items()): b for b in self.solutions(term.body, binding)}
        if term.function == "count":
            return _number(len(found))
        assert term.target is not None
        kind = "decimal" if term.function == "mean" else self.kinds.of(term.target) or kind
        return _fold(term.function, kind, [self.value(term.target, kind, b) for b in found.values()])


def _needed(term: Term) -> Iterator[str]:
    """The variables that must be bound before a term has a value: an aggregate's own are not among them."""
    if isinstance(term, Variable):
        yield term.name
    elif isinstance(term, Operation):
        for argument in term.arguments:
            yield from _needed(argument)
    elif isinstance(term, Aggregate):
        inside = [a for literal in term.body for a in terms_of(literal)] + [term.target or Wildcard()]
        yield from (name for a in inside for name in _needed(a) if "#" not in name)


def is_free(term: Term, binding: Binding) -> bool:
    return isinstance(term, Wildcard) or (isinstance(term, Variable) and term.name not in binding)


def _fit(wanted: Sequence[Term | Value], row: Row) -> Binding | None:
    """What the free places of an atom become when a row is laid on it, or None when it does not fit."""
    fitted: Binding = {}
    for want, value in zip(wanted, row, strict=True):
        if isinstance(want, Wildcard):
            continue
        if isinstance(want, Variable):
            if fitted.setdefault(want.name, value) != value:
                return None
        elif want != value:
            return None
    return fitted


def _compare(operator: str, left: Any, right: Any) -> bool:
    assert type(left) is type(right), f"{left!r} {operator} {right!r}"
    holds: dict[str, bool] = {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return holds[operator]


# ---- arithmetic ------------------------------------------------------------------------------------------------------


def _number(value: int) -> int:
    if not -(2**63) <= value < 2**63:
        raise OracleFault(f"{value} needs more than 64 bits")
    return value


def _decimal(value: Fraction) -> Decimal:
    """Rounded to six places, half away from zero."""
    millionths = int(abs(value) * 10**6 + Fraction(1, 2))
    if millionths >= 10**18:
        raise OracleFault(f"{value} is 10^12 or more")
    return Decimal(millionths if value >= 0 else -millionths).scaleb(-6)


def _operate(operator: str, values: Sequence[Any]) -> Value:
    if operator in ("min", "max"):
        return _extreme(operator, values)
    assert len({type(v) for v in values}) == 1, f"{operator} of {values}"
    if operator == "to_float":
        return _decimal(Fraction(values[0]))
    if operator in "/%" and values[1] == 0:
        raise OracleFault(f"{values[0]} {operator} 0")
    exact = _exactly(operator, [Fraction(v) for v in values])
    return _decimal(exact) if isinstance(values[0], Decimal) else _number(int(exact))  # int() cuts towards zero


def _exactly(operator: str, values: Sequence[Fraction]) -> Fraction:
    if operator == "neg":
        return -values[0]
    left, right = values
    if operator == "/":
        return left / right
    if operator == "%":
        return left - right * int(left / right)
    return {"+": left + right, "-": left - right, "*": left * right}[operator]


def _fold(function: str, kind: str | None, values: Sequence[Any]) -> Value:
    if function == "sum":
        total = sum(map(Fraction, values), Fraction(0))
        return _decimal(total) if kind == "decimal" else _number(int(total))
    if not values:
        raise NoRow(function)
    if function == "mean":
        return _decimal(sum(map(Fraction, values), Fraction(0)) / len(values))
    return _extreme(function, values)


def _extreme(which: str, values: Sequence[Any]) -> Value:
    found: Value = min(values) if which == "min" else max(values)
    return found


# ---- dates -----------------------------------------------------------------------------------------------------------


def _built_in(relation: str, arguments: Sequence[Any]) -> list[Row]:
    """The one row of a built-in relation for the arguments given."""
    day = arguments[0]
    if relation == "year_of":
        return [(day, day.year)]
    n = arguments[1]
    step = {"days_after": _days_after, "years_after": _years_after, "workdays_after": _workdays_after}[relation]
    return [(day, n, step(day, n))]


def _days_after(day: date, n: int) -> date:
    try:
        return day + timedelta(days=n)
    except OverflowError as error:
        raise OracleFault(f"{day} + {n} days") from error


def _years_after(day: date, n: int) -> date:
    if not 1 <= day.year + n <= 9999:
        raise OracleFault(f"{day} + {n} years")
    try:
        return day.replace(year=day.year + n)
    except ValueError:
        return day.replace(year=day.year + n, day=28)


def _workdays_after(day: date, n: int) -> date:
    left = abs(n)
    while left:
        day = _days_after(day, 1 if n > 0 else -1)
        left -= _is_workday(day)
    return day


def _is_workday(day: date) -> bool:
    if day.year not in HOLIDAYS:
        raise OracleFault(f"the calendar does not hold {day.year}")
    month_day = f"{day:%m%d}"
    if month_day in WORKING_WEEKENDS[day.year].split():
        return True
    spans = (span.split("-") for span in HOLIDAYS[day.year].split())
    return day.weekday() < 5 and not any(first <= month_day <= last for first, last in spans)
