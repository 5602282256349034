"""One pass over a table that two relations come from: its distinct rows by some columns, and how many of another's each has.

A list of what was looked at and a list of what was found wrong are often one table, a row for every clause that was looked
at. The rules ask which institutions were looked at, and how many clauses each fails: both at once take as long as either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..sql.rows import Counted
from ..sql.trees import both, call, cast, column, named, no, select, table, text, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from .loading import Table

CITY, COUNT, ONE = "city", "$n", "$1"


class Shared(NamedTuple):
    """`every`: the relation of the distinct rows; `some`: that which is counted by its columns at the places `by`.

    `name`: of the table that one pass makes, with the columns of `every`, `$n` for the count and `$1`, which is 1.
    """

    name: str
    every: str
    some: str
    by: dict[int, str]
    all: exp.Select
    city: exp.Expr
    columns: tuple[str, ...]

    @property
    def rows(self) -> exp.Select:
        """The rows of `every`."""
        return select([column(c) for c in self.columns], [(table(self.name), None)])

    @property
    def counts(self) -> dict[tuple[str, tuple[int, ...]], Counted]:
        """What is counted, by relation and columns."""
        one = Counted(self.name, dict(enumerate(self.columns)), ONE)
        return {
            (self.some, tuple(sorted(self.by))): Counted(self.name, self.by, COUNT),
            (self.every, tuple(range(len(self.columns)))): one,
        }

    def pass_(self, but: Collection[str]) -> exp.Select:
        """What makes the table, without some cities."""
        query = self.all.copy()
        if but:
            query.set("where", exp.Where(this=not_among(self.city.copy(), but)))
        return query


def not_among(value: exp.Expr, but: Collection[str]) -> exp.Not:
    """Whether a value is none of these."""
    return no(call("list_contains", exp.Array(expressions=[text(one) for one in but]), value))


def shared(tables: Iterable[Table]) -> Iterator[Shared]:
    """What can be had in one pass."""
    known = list(tables)
    for every in known:
        for some in known:
            if every is not some and (found := _shared(every, some)):
                yield found
                break


def _shared(every: Table, some: Table) -> Shared | None:
    one, other = every.binding, some.binding
    same = (one.source, one.database, one.encoding) == (other.source, other.database, other.encoding)
    plain = not (one.where or one.skip_nulls or one.prefix or other.skip_nulls or other.prefix)
    mine, theirs = list(every.columns.values()), list(some.columns.values())
    if CITY not in every.columns or not same or not plain or one.distinct or not other.distinct or not set(mine) < set(theirs):
        return None
    name = f"{one.relation}$shared"
    groups = [every.value(c) for c in every.columns]
    wanted = some.wanted()
    number: exp.Expr = exp.Count(this=exp.Star())
    if wanted:
        number = exp.Filter(this=number, expression=exp.Where(this=both(wanted)))
    heads = [named(value, c) for c, value in zip(every.columns, groups, strict=True)]
    all_ = select(
        [*heads, named(number, COUNT), named(cast(whole(1), "BIGINT"), ONE)],
        [(every.source.copy(), None)],
        groups=[g.copy() for g in groups],
    )
    there = {source: c for c, source in every.columns.items()}
    by = {theirs.index(source): there[source] for source in mine}
    return Shared(name, one.relation, other.relation, by, all_, every.value(CITY), tuple(every.columns))
