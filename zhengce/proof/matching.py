"""How a rule's body holds: every solution of a conjunction over given rows, and what each literal of it rests on.

It runs the same plans as the default engine, but row by row, and keeps the rows that were joined. Values are as engines keep
them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..datalog.expressions import COMPARISONS, OF_NOTHING, compile_expression, folded
from ..datalog.flatten import flatten, flatten_body
from ..datalog.plan import AntiJoin, Extend, Group, Join, Select
from ..datalog.planner import plan_from
from ..datalog.scope import atom_of
from ..datalog.syntax import Aggregate, Atom, Comparison, Constant, Variable
from ..errors import ArithmeticFault

if TYPE_CHECKING:
    from ..datalog.checked import Row
    from ..datalog.plan import Step
    from ..datalog.syntax import Literal, Rule, Type

Pattern = tuple[Any, ...]  # a row with None where any value will do
Columns = tuple[int, ...]
READINGS = ("reading", "reading_in_force")  # each with its id and its value last


class Found(NamedTuple):
    """A positive literal: the row that it matched."""

    literal: int
    relation: str
    row: Row


class Missing(NamedTuple):
    """A negated literal: what no row matches."""

    literal: int
    relation: str
    pattern: Pattern


class Item(NamedTuple):
    """One binding of an aggregate's own variables, the value that it brings (1 where it is only counted), and its parts."""

    value: Any
    row: Row
    parts: tuple[Part, ...]


class Folded(NamedTuple):
    """An aggregate: its value, its items, the values that it is grouped by, and what holds inside it."""

    literal: int
    value: Any
    items: tuple[Item, ...]
    start: Row
    inner: Body


Part = Found | Missing | Folded


class Solution(NamedTuple):
    """The values of all variables, in the order of the body's `schema`, and what each literal rests on."""

    row: Row
    parts: tuple[Part, ...]


class Rows:
    """The rows of every relation, with the indexes that were asked for."""

    def __init__(self, rows: Mapping[str, Collection[Row]]) -> None:
        self.rows = rows
        self._indexes: dict[tuple[str, Columns], dict[Row, list[Row]]] = {}
        self._sets: dict[str, Set[Row]] = {}

    def matching(self, relation: str, columns: Columns, key: Row) -> Collection[Row]:
        """The rows that have the values of `key` in `columns`."""
        rows = self.rows.get(relation, ())
        if not columns or not rows:
            return rows
        if len(columns) == len(next(iter(rows))):  # no index: it is there or it is not
            row = tuple([value for _, value in sorted(zip(columns, key, strict=True))])
            return (row,) if row in self.whole(relation) else ()
        index = self._indexes.get((relation, columns))
        if index is None:
            index = self._indexes[relation, columns] = {}
            for row in rows:
                index.setdefault(tuple([row[c] for c in columns]), []).append(row)
        return index.get(key, ())

    def whole(self, relation: str) -> Set[Row]:
        """The rows of a relation as a set."""
        if relation not in self._sets:
            rows = self.rows.get(relation, ())
            self._sets[relation] = rows if isinstance(rows, Set) else frozenset(rows)
        return self._sets[relation]

    def like(self, relation: str, pattern: Pattern) -> Collection[Row]:
        """The rows that match a pattern."""
        columns = tuple([c for c, value in enumerate(pattern) if value is not None])
        return self.matching(relation, columns, tuple([pattern[c] for c in columns]))


class Body:
    """A conjunction of flat literals, made ready to be solved from the values of the variables in `start`.

    Args:
        firm: relations to look at before others.
    """

    def __init__(
        self, own: frozenset[str], literals: Mapping[int, Literal], start: tuple[str, ...], firm: Collection[str] = ()
    ) -> None:
        planned, self.schema, self.expressed = plan_from(own, literals, start, firm)
        self.own, self.literals, self.start, self.firm = own, literals, start, firm
        self.steps = [self._prepared(step) for step in planned]

    def solutions(self, rows: Rows, start: Row) -> list[Solution]:
        """Every way in which all literals hold."""
        found = [Solution(start, ())]
        for step in self.steps:
            if not found:
                break
            found = [longer for one in found for longer in step.after(rows, one)]
        return found

    def _prepared(self, step: Step) -> Joined | Avoided | Selected | Extended | Grouped:
        match step:
            case Join():
                return Joined(step, self._width(step.literal))
            case AntiJoin():
                return Avoided(step, self._width(step.literal))
            case Select():
                return Selected(step)
            case Extend():
                return Extended(step)
            case Group():
                return Grouped(step, self)
        raise AssertionError(step)

    def _width(self, number: int) -> int:
        atom = atom_of(self.literals[number])
        assert atom is not None
        return len(atom.arguments)


class _Matched:
    """A step that looks rows of `width` columns up: in which columns, for which values."""

    def __init__(self, step: Join | AntiJoin, width: int) -> None:
        self.literal, self.relation, self.width = step.literal, step.relation, width
        self.columns = (*(c for c, _ in step.fixed), *(c for c, _ in step.key))
        self.fixed = tuple(value for _, value in step.fixed)
        self.places = [place for _, place in step.key]

    def key(self, row: Row) -> Row:
        return (*self.fixed, *[row[place] for place in self.places])

    def found(self, rows: Rows, one: Solution) -> Collection[Row]:
        return rows.matching(self.relation, self.columns, self.key(one.row))

    def pattern(self, one: Solution) -> Pattern:
        """What is looked for, with None where any value will do."""
        wanted: list[Any] = [None] * self.width
        for column, value in zip(self.columns, self.key(one.row), strict=True):
            wanted[column] = value
        return tuple(wanted)


class Joined(_Matched):
    """A positive literal."""

    def __init__(self, step: Join, width: int) -> None:
        super().__init__(step, width)
        self.same, self.new = step.same, step.new

    def after(self, rows: Rows, one: Solution) -> Iterator[Solution]:
        for row in self.found(rows, one):
            if all(row[a] == row[b] for a, b in self.same):
                part = Found(self.literal, self.relation, row)
                yield Solution((*one.row, *[row[c] for c in self.new]), (*one.parts, part))


class Avoided(_Matched):
    """A negated literal."""

    def after(self, rows: Rows, one: Solution) -> Iterator[Solution]:
        if not self.found(rows, one):
            yield one._replace(parts=(*one.parts, Missing(self.literal, self.relation, self.pattern(one))))


class Selected:
    """A comparison. Where a side cannot be worked out it does not hold."""

    def __init__(self, step: Select) -> None:
        self.left, self.right = compile_expression(step.left), compile_expression(step.right)
        self.compare = COMPARISONS[step.operator]

    def after(self, rows: Rows, one: Solution) -> Iterator[Solution]:
        try:
            if self.compare(self.left(one.row), self.right(one.row)):
                yield one
        except ArithmeticFault:
            return


class Extended:
    """A variable that gets the value of an expression."""

    def __init__(self, step: Extend) -> None:
        self.value = compile_expression(step.expression)

    def after(self, rows: Rows, one: Solution) -> Iterator[Solution]:
        try:
            yield one._replace(row=(*one.row, self.value(one.row)))
        except ArithmeticFault:
            return


class Grouped:
    """A variable that gets the value of an aggregate."""

    def __init__(self, step: Group, body: Body) -> None:
        self.literal, self.function, self.type = step.literal, step.function, step.type
        self.groups = step.groups
        literals, target = flatten_body(aggregate_of(body.literals[step.literal]))
        names = tuple(step.schema[place] for place in step.groups)
        self.inner = Body(body.own, dict(enumerate(literals)), names, body.firm)
        self.value: Callable[[Row], Any] = lambda row: 1
        if target is not None:
            self.value = compile_expression(self.inner.expressed(target))

    def start(self, one: Solution) -> Row:
        """The values that the aggregate is grouped by."""
        return tuple([one.row[place] for place in self.groups])

    def after(self, rows: Rows, one: Solution) -> Iterator[Solution]:
        start = self.start(one)
        try:
            items = [Item(self.value(row), row, parts) for row, parts in ordered(self.inner.solutions(rows, start))]
            if not items and self.function not in OF_NOTHING:
                return
            value = folded(self.function, self.type, [item.value for item in items])
        except ArithmeticFault:
            return
        yield Solution((*one.row, value), (*one.parts, Folded(self.literal, value, tuple(items), start, self.inner)))


class Premises:
    """A rule's body, to be solved for a row of its head."""

    def __init__(self, rule: Rule, types: tuple[Type, ...], firm: Collection[str] = ()) -> None:
        from ..datalog.values import encode

        self.rule, self.flat = rule, flatten(rule)
        self.fixed = {
            place: encode(term.value, types[place]) for place, term in enumerate(self.flat.head) if isinstance(term, Constant)
        }
        self.places: dict[str, list[int]] = {}
        for place, term in enumerate(self.flat.head):
            if isinstance(term, Variable):
                self.places.setdefault(term.name, []).append(place)
        self.firm = firm
        self._bodies: dict[tuple[str, ...], Body] = {}

    @cached_property
    def readings(self) -> list[tuple[str, Row]]:
        """The readings that the body asks for by name and value: the relation, and the atom's constants."""
        atoms = (b for b in self.flat.literals if isinstance(b, Atom) and b.relation in READINGS)
        ends = ((b.relation, tuple(getattr(term, "value", None) for term in b.arguments)) for b in atoms)
        return [(relation, row) for relation, row in ends if None not in row[-2:]]

    def body(self, pattern: Pattern) -> Body:
        """The body, started from the head's variables that the pattern gives."""
        names = tuple(name for name, places in self.places.items() if any(pattern[p] is not None for p in places))
        if names not in self._bodies:
            self._bodies[names] = Body(self.flat.own, dict(enumerate(self.flat.literals)), names, self.firm)
        return self._bodies[names]

    def start(self, pattern: Pattern) -> Row | None:
        """The values that the body starts from; None when the head cannot be such a row."""
        if any(pattern[place] not in (None, value) for place, value in self.fixed.items()):
            return None
        found: list[Any] = []
        for places in self.places.values():
            given = {pattern[p] for p in places} - {None}
            if len(given) > 1:
                return None
            found += given
        return tuple(found)

    def solutions(self, rows: Rows, pattern: Pattern) -> list[Solution]:
        """Every way in which the rule gives a row that matches the pattern."""
        start = self.start(pattern)
        return [] if start is None else self.body(pattern).solutions(rows, start)


def ordered(solutions: list[Solution]) -> list[Solution]:
    """Solutions of one body, always in the same order, whatever that of the rows was."""
    return solutions if len(solutions) < 2 else sorted(solutions, key=_place)


def _place(solution: Solution) -> tuple[Row, list[Row]]:
    return solution.row, [part.row for part in solution.parts if isinstance(part, Found)]


def aggregate_of(literal: Literal) -> Aggregate:
    """The aggregate of a flat literal `v = aggregate`."""
    assert isinstance(literal, Comparison)
    assert isinstance(literal.right, Aggregate)
    return literal.right
