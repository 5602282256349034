"""One pass over a table that two relations come from: its distinct rows by some columns, and how many of another's each has.

A list of what was looked at and a list of what was found wrong are often one table, a row for every clause that was looked
at. The rules ask which institutions were looked at, and how many clauses each fails: both at once take as long as either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..sql.rows import Counted
from ..sql.trees import both, call, cast, column, limited, named, no, select, subquery, table, text, united, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from ..engines.duckdb.database import DuckDB
    from .loading import Table

CITY, COUNT, ONE, FEW = "city", "$n", "$1", 8


class Shared(NamedTuple):
    """`every`: the relation of the distinct rows; `some`: that which is counted by its columns at the places `by`.

    One pass over the source makes the table `name`: a row for each of `every`, with `$n` for the count, and `$1` for whether
    there is such a row. Where a column, `across`, has but a few values, they stand side by side: a row for all of them, with
    `$n0` and `$10` for the first.
    """

    name: str
    every: str
    some: str
    by: dict[int, str]
    source: exp.Expr
    columns: dict[str, exp.Expr]
    texts: tuple[str, ...]
    wanted: tuple[exp.Expr, ...]
    across: str = ""
    values: tuple[str, ...] = ("",)

    def spread(self, database: DuckDB) -> Shared:
        """With the column of text that has fewest values across."""
        found = {c: self.few(database, c) for c in self.texts if c != CITY}
        known = {c: values for c, values in found.items() if 0 < len(values) <= FEW}
        if not known:
            return self
        across = min(known, key=lambda c: len(known[c]))
        return self._replace(across=across, values=known[across])

    def few(self, database: DuckDB, name: str) -> tuple[str, ...]:
        """The values of a column, of too many no more than one."""
        query = select([self.columns[name].copy()], [(self.source.copy(), None)], distinct=True)
        return tuple(sorted(str(value) for (value,) in database.select(limited(query, FEW + 1))))

    @property
    def rows(self) -> exp.Query:
        """The rows of `every`."""
        return united([self.rows_with(number, value) for number, value in enumerate(self.values)], distinct=False)

    def rows_with(self, number: int, value: str) -> exp.Select:
        columns = [named(text(value), c) if c == self.across else column(c) for c in self.columns]
        there = [exp.GT(this=column(f"{ONE}{number}"), expression=whole(0))]
        return select(columns, [(table(self.name), None)], there)

    @property
    def counts(self) -> dict[tuple[str, tuple[int, ...]], Counted]:
        """What is counted, by relation and columns."""
        own = dict(enumerate(self.columns))
        return {
            (self.some, tuple(sorted(self.by))): self.counted(self.by, COUNT),
            (self.every, tuple(own)): self.counted(own, ONE),
        }

    def counted(self, columns: dict[int, str], what: str) -> Counted:
        across = next((place for place, name in columns.items() if name == self.across), None)
        return Counted(self.name, columns, {value: f"{what}{n}" for n, value in enumerate(self.values)}, across)

    @property
    def pass_(self) -> exp.Select:
        """What makes the table."""
        groups = {c: value.copy() for c, value in self.columns.items() if c != self.across}
        sums = [named(self.sum(value), f"{COUNT}{number}") for number, value in enumerate(self.values)]
        heads = [*(named(value, c) for c, value in groups.items()), *sums]
        grouped = select(heads, [(self.source.copy(), None)], groups=[value.copy() for value in groups.values()])
        found = [named(column(c), c) for c in groups]
        for number in range(len(self.values)):
            sum_ = column(f"{COUNT}{number}")
            there = cast(no(exp.Is(this=sum_.copy(), expression=exp.null())), "BIGINT")
            found += [named(cast(sum_, "BIGINT"), f"{COUNT}{number}"), named(there, f"{ONE}{number}")]
        return select(found, [(subquery(grouped, "t"), None)])

    def sum(self, value: str) -> exp.Expr:
        """How many rows are counted of those with the value across; null where there is no such row."""
        meant = exp.Is(this=exp.Paren(this=both(self.wanted).copy()), expression=exp.true()) if self.wanted else exp.true()
        sum_ = exp.Sum(this=cast(meant, "INT"))
        if not self.across:
            return sum_
        there = exp.EQ(this=self.columns[self.across].copy(), expression=text(value))
        return exp.Filter(this=sum_, expression=exp.Where(this=there))


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
    there = {source: c for c, source in every.columns.items()}
    by = {theirs.index(source): there[source] for source in mine}
    columns = {c: every.value(c) for c in every.columns}
    texts = tuple(c for c, t in zip(every.columns, every.relation.types, strict=True) if t == "symbol")
    name = f"{one.relation}$shared"
    return Shared(name, one.relation, other.relation, by, every.source, columns, texts, tuple(some.wanted()))
