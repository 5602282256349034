"""The answers to a question about many cities: tables, and what they come to."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlglot import exp

from ..arguments import day_of
from ..datalog import values
from ..errors import QuestionError
from ..language import listed, say
from ..readings import Readings
from ..sql.trees import call, column, named, printed, select, table, text, whole
from .running import CITY, CONFLICT, Evaluated
from .standings import Place, Standing, ranking

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date
    from pathlib import Path

    import duckdb

    from ..datalog.syntax import Type
    from ..questions.many import Many
    from ..workspace import Workspace
    from .running import Facts

ASKED_ON = "asked_on"
QUARTERS = ("0.25", "0.5", "0.75")
RANKING = "ranking"


class Sheet(NamedTuple):
    """A table of the result: its name, what it is called, and the query of its rows, in their order."""

    name: str
    label: str
    columns: tuple[str, ...]
    query: exp.Select


class Rows(NamedTuple):
    """Rows with their columns and types."""

    columns: tuple[str, ...]
    types: tuple[Type, ...]
    rows: list[tuple[Any, ...]]


class Batch:
    """What a question says of every city of some facts. Its tables last as long as the facts are open.

    Args:
        readings: the value of a reading by its id, for every city.
        on: the day that is asked about, where the question takes one.
        quota: how many cities can be chosen.

    Raises:
        ZhengceError: whatever is wrong with the question, or with what the rules find.
    """

    def __init__(
        self,
        facts: Facts,
        question: str,
        *,
        readings: Mapping[str, str] | None = None,
        on: date | str | None = None,
        quota: int | None = None,
    ) -> None:
        self.facts, self.workspace, self.question, self.quota = facts, facts.workspace, question, quota
        self.many = _many(self.workspace, question)
        if quota is not None and not self.many.ranked:
            raise QuestionError(say("{question} 没有名次，不用写名额", question=question))
        goals = set(self.many.tables)
        if quota is not None and self.many.ranked and "may" in self.many.ranked:
            goals.add(self.many.ranked["may"]["of"])
        given = self.asked(on, goals)
        chosen = Readings(self.workspace).chosen(readings or {}, "")
        self.conflicts = self.contradictions(chosen, given)
        self.evaluated = Evaluated(facts, goals, chosen, given, self.contradictory)
        self.database = self.evaluated.database
        self.database.load(CONFLICT, *self.conflicts)

    def asked(self, on: date | str | None, goals: Iterable[str]) -> dict[str, Any]:
        """The day that is asked about, as facts. Raises `QuestionError` for none, or where no rule looks at it."""
        if on is None:
            return {}
        if ASKED_ON not in self.facts.script(goals).facts:
            raise QuestionError(say("{question} 用不到日期", question=self.question))
        return {ASKED_ON: {(day_of("on", on) if isinstance(on, str) else on,)}}

    def contradictions(self, chosen: Mapping[str, str], given: Mapping[str, Any]) -> Rows:
        """What contradicts itself in the facts."""
        relation = self.workspace.whole.relations.get(CONFLICT)
        if relation is None:
            return Rows((CITY,), ("symbol",), [])
        found = Evaluated(self.facts, [CONFLICT], chosen, given)
        return Rows(relation.columns, relation.types, sorted(found.database.rows(found.script.tables[CONFLICT])))

    @property
    def contradictory(self) -> list[str]:
        """The cities that contradict themselves, and get no answer."""
        return sorted({row[0] for row in self.conflicts.rows})

    def __str__(self) -> str:
        from .as_text import render

        return render(self)

    def json(self) -> str:
        """The summary and the ranking as JSON; numbers are strings, so that they stay exact."""
        from .as_json import render

        return render(self)

    def save(self, path: str | Path) -> Path:
        """Write the tables to a folder, .xlsx or .duckdb, or the first to .parquet or .csv. Raises `QuestionError`."""
        from .saving import save

        return save(self, path)

    def case(self, city: str) -> str:
        """The text of the case file of one city."""
        from .slicing import case_of

        return case_of(self.facts, city)

    def table(self, relation: str) -> duckdb.DuckDBPyRelation:
        """A table of the answers as DuckDB has it: `.pl()`, `.df()`, `.to_arrow_table()`, `.fetchall()`."""
        return self.database.connection.sql(printed(self.sheet(relation).query, self.database.dialect))

    # -- tables --------------------------------------------------------------------------------------------------------------

    @property
    def first(self) -> str:
        """The relation with one row for each city."""
        return self.many.tables[0]

    def sheets(self) -> list[Sheet]:
        """The tables of the answers, and the last of what contradicts itself."""
        return [*map(self.sheet, self.many.tables), self.sheet(CONFLICT)]

    def sheet(self, relation: str) -> Sheet:
        """A table of the answers."""
        if relation == CONFLICT:
            columns = self.conflicts.columns
            query = select([column(c) for c in columns], [(table(CONFLICT), None)])
            return Sheet(relation, say("自相矛盾"), columns, query)
        columns = self.evaluated.program.relations[relation].columns
        return Sheet(relation, self.workspace.glossary[relation].label, columns, self.query(relation, columns))

    def query(self, relation: str, columns: tuple[str, ...]) -> exp.Select:
        script = self.evaluated.script
        there = dict(zip(columns, script.columns[relation], strict=True))
        query = select([named(column(there[c]), c) for c in columns], [(table(script.tables[relation]), None)])
        query.set("order", exp.Order(expressions=[column(there[c]) for c in columns]))
        return query

    # -- what they come to ---------------------------------------------------------------------------------------------------

    def summary(self) -> dict[str, Any]:
        """`cities`, `contradictory`, `notes`; as the question asks for them `counts`, `spread`, `lost`.

        `notes`: which tables are empty because no row is as `where` wants it.
        """
        found: dict[str, Any] = {
            "question": self.question,
            "cities": len(self.facts.cities()),
            "contradictory": self.contradictory,
            "notes": self.facts.notes,
        }
        if self.many.counted:
            found["counts"] = self.counts(self.many.counted["column"])
        if self.many.spread:
            found["spread"] = {name: self.spread(name) for name in self.many.spread}
        if self.many.lost:
            found["lost"] = self.lost(self.many.lost)
        return found

    def counts(self, name: str) -> dict[str, int]:
        query = select([column(name), exp.Count(this=exp.Star())], [(self.rows(self.first), None)], groups=[column(name)])
        return dict(sorted(self.database.select(query), key=lambda row: (-row[1], row[0])))

    def spread(self, name: str) -> dict[str, Decimal | None]:
        """`least`, `most`, `mean`, and the quartiles: values that some city has (the lower, between two)."""
        there = column(name)
        wanted = [
            exp.Min(this=there),
            exp.Max(this=there.copy()),
            *(call("quantile_disc", there.copy(), exp.Literal.number(q)) for q in QUARTERS),
        ]
        totals: list[exp.Expr] = [exp.Sum(this=there.copy()), exp.Count(this=exp.Star())]
        least, most, *quarters, total, count = self.database.select(
            select([*wanted, *totals], [(self.rows(self.first), None)])
        )[0]
        mean = None if not count else round(total / count, values.PLACES)
        found = {"least": least, "lower": quarters[0], "median": quarters[1], "upper": quarters[2], "most": most, "mean": mean}
        return {name: _plain(value) for name, value in found.items()}

    def lost(self, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What the most points are lost by, with the number of cities."""
        total = exp.Sum(this=column(spec["sum"]))
        where = [*self.where(spec.get("where", {})), exp.GT(this=column(spec["sum"]), expression=whole(0))]
        cities = exp.Count(this=exp.Distinct(expressions=[column(CITY)]))
        query = select([column(spec["by"]), total, cities], [(self.rows(spec["of"]), None)], where, [column(spec["by"])])
        rows = sorted(self.database.select(query), key=lambda row: (-row[1], row[0]))
        titles = self.titles(spec)
        return [{"id": id_, "title": titles.get(id_, ""), "points": _plain(points), "cities": n} for id_, points, n in rows]

    def titles(self, spec: Mapping[str, Any]) -> dict[str, str]:
        if "titles" not in spec:
            return {}
        columns = self.workspace.whole.relations[spec["titles"]].columns
        by, title = columns.index(spec["by"]), columns.index("title")
        return {row[by]: row[title] for row in self.workspace.facts(spec["titles"])}

    def where(self, values: Mapping[str, str]) -> list[exp.Expr]:
        return [exp.EQ(this=column(name), expression=text(value)) for name, value in values.items()]

    def rows(self, relation: str) -> exp.Subquery:
        return exp.Subquery(this=self.query(relation, self.evaluated.program.relations[relation].columns))

    def ranking(self) -> list[Place]:
        """The places of the cities; empty where the question has none."""
        if not (spec := self.many.ranked):
            return []
        may = self.may(spec["may"]) if self.quota is not None and "may" in spec else {}
        query = select([column(CITY), column(spec["low"]), column(spec["high"])], [(self.rows(self.first), None)])
        rows = self.database.select(query)
        return ranking([Standing(city, low, high, may.get(city, True)) for city, low, high in rows], self.quota)

    def may(self, spec: Mapping[str, str]) -> dict[str, bool | None]:
        """Whether each city may be chosen."""
        rows = self.database.select(select([column(CITY), column(spec["column"])], [(self.rows(spec["of"]), None)]))
        return {city: {spec["yes"]: True, spec["no"]: False}.get(said) for city, said in rows}


def _plain(value: Decimal | None) -> Decimal | None:
    """A decimal without trailing zeros, as in every other answer."""
    return None if value is None else Decimal(values.decode(values.encode(value, "decimal"), "decimal"))  # type: ignore[arg-type]


def _many(workspace: Workspace, question: str) -> Many:
    found = workspace.prepared(question).question.many
    if found is None:
        names = [name for name in workspace.questions if workspace.prepared(name).question.many]
        message = say("{question} 不能成批地问", question=question)
        raise QuestionError(message, hint=say("可以成批问的有：{names}", names=listed(names)))
    return found
