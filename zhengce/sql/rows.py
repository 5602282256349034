"""The rows that the steps of a plan make, as a query that is being built."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import count
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..datalog.plan import AntiJoin, Apply, Extend, Group, Join, Place, Project, Select
from . import trees
from .dependencies import Dependencies
from .expressions import COMPARISONS, constant
from .trees import both, cast, chosen, column, named, no, select, subquery, table, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from ..datalog.checked import Relation
    from ..datalog.plan import Expression, Step
    from .dependencies import Keys
    from .expressions import Dialect, Value

    Counts = Mapping[tuple[str, tuple[int, ...]], "Counted"]  # by relation and columns

OF_NOTHING = ("count", "sum")


class Counted(NamedTuple):
    """A table that holds how many rows a relation has by some of its columns: their names there by place.

    `numbers`: the columns with the counts, by the value that the column at the place `across` has; all others have none. With
    no such place there is one, for every value.
    """

    table: str
    columns: Mapping[int, str]
    numbers: Mapping[str, str]
    across: int | None = None


class Tables:
    """Where the rows of relations are: what rules read. `parts`: named queries that a statement has to begin with.

    `counts`: tables that hold how many rows a relation has by some of its columns.
    """

    def __init__(
        self,
        relations: dict[str, Relation],
        tables: dict[str, str],
        columns: dict[str, tuple[str, ...]],
        counts: Counts,
        dialect: Dialect,
    ) -> None:
        self.relations, self.names, self.columns, self.counts, self.dialect = relations, tables, columns, counts, dialect
        self.inlined: dict[str, exp.Query] = {}
        self.keys: dict[str, Keys] = {}
        self.parts: list[tuple[str, exp.Query]] = []
        self._numbers: Iterator[int] = count(1)

    def behind(self, suffix: str, relations: dict[str, Relation]) -> Tables:
        """Tables with something behind their names, whose columns may have other types."""
        other = Tables(relations, {r: name + suffix for r, name in self.names.items()}, self.columns, {}, self.dialect)
        other.keys = self.keys
        return other

    def alias(self) -> str:
        return f"t{next(self._numbers)}"

    def source(self, relation: str, delta: bool, alias: str) -> exp.Expr:
        if relation in self.inlined:
            return subquery(self.inlined[relation].copy(), alias)
        name = self.names[relation] + ("$new" if delta else "")
        return table(name, alias)

    def column(self, relation: str, number: int, alias: str) -> exp.Column:
        return trees.column(self.columns[relation][number], alias)


@dataclass(frozen=True, slots=True)
class Rows:
    """A query without its head: `columns` are the values of a row, `attributes` what they are in `known`.

    `joins`: the tables, each with its condition where it may find nothing. `groups`: the grouped queries joined so far, by what
    they group and what they go through, so that two aggregates of the same rows are one query.
    """

    tables: Tables
    columns: tuple[Value, ...] = ()
    attributes: tuple[int, ...] = ()
    known: Dependencies = Dependencies()
    joins: tuple[tuple[exp.Expr, Value | None], ...] = ()
    where: tuple[Value, ...] = ()
    groups: dict[object, tuple[str, exp.Select]] = field(default_factory=dict)

    # -- steps -----------------------------------------------------------------------------------------------------------

    def through(self, steps: Sequence[Step]) -> Rows:
        rows = self
        for number, step in enumerate(steps):
            rows = rows.step(step)
            later = any(isinstance(s, Join) and s.new for s in steps[number + 1 :])
            if later and not rows.known.distinct(rows.attributes):
                rows = rows.nested(distinct=True)
        return rows

    def step(self, step: Step) -> Rows:
        match step:
            case Join():
                return self.joined(step)
            case AntiJoin():
                return self.filtered(no(self.exists(step, ())))
            case Select(operator=operator, left=left, right=right):
                return self.compared(operator, left, right)
            case Extend(expression=expression):
                return self.extended(self.tables.dialect.value_of(expression, self.columns), self.sources(expression))
            case Group():
                return self.grouped(step)
            case Project(keep):
                return self.kept(keep)

    def joined(self, step: Join) -> Rows:
        if not step.new and not self.at_most_one(step):
            rows = self.filtered(self.exists(step, step.same))
        else:
            rows = self.with_table(step, self.tables.alias(), frozenset())
        return rows if step.keep is None else rows.kept(step.keep)

    def at_most_one(self, step: Join) -> bool:
        """Whether a row matches one row of the relation at most, so that joining repeats nothing."""
        bound = {c for c, _ in (*step.fixed, *step.key)}
        return any(key <= bound for key in self.tables.keys[step.relation])

    def with_table(self, step: Join, alias: str, bound_here: frozenset[int]) -> Rows:
        """With a table joined; the columns in `bound_here` are where a column of the row comes from, and not compared."""
        matched = self.matches(step, step.same, alias, bound_here)
        new = tuple(self.tables.column(step.relation, c, alias) for c in step.new)
        known, attributes = self.attributes_of(step)
        rows = replace(
            self,
            columns=self.columns + new,
            attributes=self.attributes + tuple(attributes[c] for c in step.new),
            known=known.joined(attributes, self.tables.keys[step.relation]),
            joins=(*self.joins, (self.tables.source(step.relation, step.delta, alias), None)),
        )
        return rows.filtered(*matched)

    def attributes_of(self, step: Join) -> tuple[Dependencies, list[int]]:
        """The attributes of a table's columns: a column that is compared is what it is compared with."""
        known = self.known
        fixed, key, same = dict(step.fixed), dict(step.key), {b: a for a, b in step.same}
        attributes: list[int] = []
        for number in range(len(self.tables.relations[step.relation].types)):
            if number in key:
                attributes.append(self.attributes[key[number]])
            elif number in same:
                attributes.append(attributes[same[number]])
            else:
                known, attribute = known.attribute(*(() if number in fixed else (None,)))
                attributes.append(attribute)
        return known, attributes

    def matches(
        self, step: Join | AntiJoin, same: Sequence[tuple[int, int]], alias: str, but: frozenset[int] = frozenset()
    ) -> list[Value]:
        types = self.tables.relations[step.relation].types

        def column(number: int) -> Value:
            return self.tables.column(step.relation, number, alias)

        return [
            *(exp.EQ(this=column(c), expression=constant(value, types[c])) for c, value in step.fixed),
            *(exp.EQ(this=column(c), expression=self.columns[p].copy()) for c, p in step.key if c not in but),
            *(exp.EQ(this=column(a), expression=column(b)) for a, b in same),
        ]

    def exists(self, step: Join | AntiJoin, same: Sequence[tuple[int, int]]) -> Value:
        alias = self.tables.alias()
        delta = isinstance(step, Join) and step.delta
        source = self.tables.source(step.relation, delta, alias)
        return exp.Exists(this=select([whole(1)], [(source, None)], self.matches(step, same, alias)))

    def compared(self, operator: str, left: Expression, right: Expression) -> Rows:
        sides = [self.tables.dialect.value_of(side, self.columns) for side in (left, right)]
        rows = self.filtered(COMPARISONS[operator](this=sides[0], expression=sides[1]))
        if operator != "=":
            return rows
        known = rows.known
        for one, other in ((left, right), (right, left)):
            if isinstance(one, Place):
                known = known.arrow(self.sources(other), {self.attributes[one.place]})
        return replace(rows, known=known)

    def extended(self, value: Value, sources: Sequence[int]) -> Rows:
        known, attribute = self.known.attribute(*sources)
        return replace(self, columns=(*self.columns, value), attributes=(*self.attributes, attribute), known=known)

    def sources(self, expression: Expression) -> list[int]:
        """The attributes that an expression reads."""
        if isinstance(expression, Place):
            return [self.attributes[expression.place]]
        return [s for a in expression.arguments for s in self.sources(a)] if isinstance(expression, Apply) else []

    def kept(self, keep: Sequence[int]) -> Rows:
        return replace(self, columns=_at(self.columns, keep), attributes=_at(self.attributes, keep))

    def filtered(self, *conditions: Value) -> Rows:
        return replace(self, where=(*self.where, *conditions))

    # -- aggregates --------------------------------------------------------------------------------------------------------

    def grouped(self, step: Group) -> Rows:
        """With an aggregate: a query that groups, joined by the groups."""
        if counts := self.counted(step):
            return counts
        body = step.steps
        own = _bound_in_body(body, len(step.groups))
        rows = self if own is not None else self.named()
        place = (tuple(rows.columns[p].sql() for p in step.groups), body)
        if place not in rows.groups:
            rows = rows.with_groups(step, body, own, place)
        alias, query = rows.groups[place]
        name = f"a{len(query.selects)}"
        dialect = self.tables.dialect
        target = None if step.target is None else dialect.value_of(step.target, query.meta["inside"])
        function, finish = aggregate(dialect, step, target)
        query.append("expressions", named(finish(function), name))
        return rows.with_value(step, column(name, alias))

    def counted(self, step: Group) -> Rows | None:
        """With a count that a table holds already; two counts out of one table by the same columns are one join."""
        match step.steps:
            case (Join(fixed=(), same=()) as body,) if step.target is None and len(body.key) == len(step.groups):
                by = tuple(c for c, _ in body.key)
                if found := self.tables.counts.get((body.relation, by)):
                    return self.looked_up(step, found, {p: c for c, p in body.key})
        return None

    def looked_up(self, step: Group, found: Counted, places: dict[int, int]) -> Rows:
        columns = {found.columns[c]: place for place, c in places.items() if c != found.across}
        joined = {name: self.columns[step.groups[place]] for name, place in sorted(columns.items())}
        place = (found.table, *(f"{name} {value.sql()}" for name, value in joined.items()))
        rows = self
        if place not in self.groups:
            alias = self.tables.alias()
            same = [exp.EQ(this=column(name, alias), expression=value.copy()) for name, value in joined.items()]
            first = len(self.joins) if found.across is None else self.until(same)
            rows = replace(self, joins=self.joins[:first]).beside(step, table(found.table, alias), same)
            rows = replace(rows, joins=(*rows.joins, *self.joins[first:]), groups={**rows.groups, place: (alias, exp.Select())})
        alias, _ = rows.groups[place]
        numbers = {value: column(name, alias) for value, name in found.numbers.items()}
        which = next((self.columns[step.groups[place]] for place, c in places.items() if c == found.across), None)
        return rows.with_value(step, numbers[""] if which is None else chosen(which, numbers))

    def until(self, conditions: Sequence[Value]) -> int:
        """How many of the tables have to be joined before the conditions can be looked at."""
        used = {c.table for condition in conditions for c in condition.find_all(exp.Column)}
        return max((n for n, (source, _) in enumerate(self.joins, 1) if source.alias in used), default=0)

    def with_groups(self, step: Group, body: tuple[Step, ...], own: dict[int, tuple[int, int]] | None, place: object) -> Rows:
        alias, width = self.tables.alias(), len(step.groups)
        inside = self.inside(step, body, own)
        query = inside.grouping(step, [(f"g{i}", inside.columns[i]) for i in range(width)])
        query.meta["inside"] = inside.columns
        same = [exp.EQ(this=column(f"g{i}", alias), expression=self.columns[p].copy()) for i, p in enumerate(step.groups)]
        rows = self.beside(step, subquery(query, alias), same)
        return replace(rows, groups={**self.groups, place: (alias, query)})

    def grouping(self, step: Group, head: Sequence[tuple[str, Value]]) -> exp.Select:
        """A query of these rows by the first columns."""
        width = len(step.groups)
        groups = [c.copy() for c in self.columns[:width]]
        some = [exp.GT(this=exp.Count(this=exp.Star()), expression=whole(0))]
        return self.query(head, groups=groups, having=() if groups or step.function in OF_NOTHING else some)

    def beside(self, step: Group, totals: exp.Expr, same: Sequence[Value]) -> Rows:
        """Joined with the totals of groups; a count or sum of nothing has none, and the row stays."""
        if step.function in OF_NOTHING and same:
            return replace(self, joins=(*self.joins, (totals, both(same))))
        return replace(self, joins=(*self.joins, (totals, None))).filtered(*same)

    def with_value(self, step: Group, value: Value) -> Rows:
        if step.function in OF_NOTHING:
            value = exp.Coalesce(this=value, expressions=[constant(0, step.type)])
        return self.extended(value, [self.attributes[p] for p in step.groups])

    def inside(self, step: Group, body: tuple[Step, ...], own: dict[int, tuple[int, int]] | None) -> Rows:
        """The rows of an aggregate's body: from its own tables, or else from the groups that there are."""
        aliases = {number: self.tables.alias() for number, s in enumerate(body) if isinstance(s, Join)}
        if own is None:
            rows = self.distinct_groups(step)
            own = {}
        else:
            columns = [self.tables.column(body[j].relation, c, aliases[j]) for j, c in (own[p] for p in range(len(own)))]  # type: ignore[union-attr]
            rows = Rows(self.tables, tuple(columns), tuple(range(len(columns))), Dependencies(size=len(columns)))
        for number, s in enumerate(body):
            if isinstance(s, Join):
                rows = rows.with_table(s, aliases[number], frozenset(c for j, c in own.values() if j == number))
            else:
                rows = rows.step(s)
        return rows

    def distinct_groups(self, step: Group) -> Rows:
        return replace(self.kept(step.groups), groups={}).nested(distinct=True)

    # -- queries ------------------------------------------------------------------------------------------------------------

    def query(
        self,
        head: Sequence[tuple[str, Value]],
        distinct: bool = False,
        groups: Sequence[Value] = (),
        having: Sequence[Value] = (),
    ) -> exp.Select:
        """A query of the rows, to be printed before another is made of them. A relation without columns has one, always 1."""
        columns = [named(value.copy(), name) for name, value in head] or [named(whole(1), "_")]
        sources = list(self.joins)
        if sources and sources[0][1] is not None:
            sources.insert(0, (subquery(select([named(whole(1), "one")]), self.tables.alias()), None))
        return select(columns, sources, self.where, groups, having, distinct)

    def nested(self, distinct: bool = False) -> Rows:
        """The same rows, as one table."""
        alias = self.tables.alias()
        return self.from_table(subquery(self.query(self.numbered(), distinct).copy(), alias), alias, distinct)

    def named(self) -> Rows:
        """The same rows, as a query with a name, which can be read twice."""
        name, alias = f"$part{len(self.tables.parts) + 1}", self.tables.alias()
        self.tables.parts.append((name, self.query(self.numbered())))
        return self.from_table(table(name, alias), alias, False)

    def from_table(self, source: exp.Expr, alias: str, distinct: bool) -> Rows:
        columns = tuple(column(name, alias) for name, _ in self.numbered())
        known = self.known._replace(rows=frozenset(self.attributes)) if distinct else self.known
        return Rows(self.tables, columns, self.attributes, known, ((source, None),))

    @classmethod
    def of_query(cls, tables: Tables, query: exp.Query, width: int) -> Rows:
        """The rows of a query with the columns v0, v1, …, which gives none twice."""
        known = Dependencies(rows=frozenset(range(width)), size=width)
        rows = cls(tables, (exp.null(),) * width, tuple(range(width)), known)
        alias = tables.alias()
        return rows.from_table(subquery(query, alias), alias, True)

    def numbered(self) -> list[tuple[str, Value]]:
        return [(f"v{i}", column) for i, column in enumerate(self.columns)]


def _at(row: tuple, places: Sequence[int]) -> tuple:  # type: ignore[type-arg]
    return tuple([row[p] for p in places])


def _bound_in_body(body: Sequence[Step], width: int) -> dict[int, tuple[int, int]] | None:
    """For each group its join and column in the body; None where a group is not a column of a table there."""
    found: dict[int, tuple[int, int]] = {}
    for number, step in enumerate(body):
        if isinstance(step, Join):
            for column, place in step.key:
                if place < width:
                    found.setdefault(place, (number, column))
    return found if len(found) == width else None


def aggregate(dialect: Dialect, step: Group, target: Value | None) -> tuple[Value, Callable[[Value], Value]]:
    """The function over the rows of a group, and what makes its value of that: only a sum can be too great."""
    if target is None:
        return exp.Count(this=exp.Star()), _as_it_is
    match step.function:
        case "sum":
            return dialect.summed(target, step.type), lambda value: dialect.fitted(value, step.type)
        case "min":
            return exp.Min(this=target), _as_it_is
        case "max":
            return exp.Max(this=target), _as_it_is
    total, rows = dialect.millionths(dialect.summed(target, step.type)), cast(exp.Count(this=exp.Star()), dialect.whole)
    return dialect.rounded(total, rows), _as_it_is


def _as_it_is(value: Value) -> Value:
    return value
