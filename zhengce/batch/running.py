"""A question put to every city of some tables at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
from sqlglot import exp

from ..cases.meaning import RELATIONS
from ..engines.duckdb.database import DuckDB
from ..engines.duckdb.run import outside
from ..errors import QuestionError, TableError
from ..language import say
from ..sql.running import Running, script
from ..sql.trees import call, column, identifier, named, no, select, table, text, united
from .bindings import bindings
from .checking import check
from .loading import Loader, frame_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from ..datalog.checked import CheckedProgram
    from ..workspace import Workspace

    Told = Callable[[str, int, int], None]

CITY, CONFLICT, CHOSEN = "city", "conflict", "reading_chosen"
MEMORY = "512MB"


class Settings(NamedTuple):
    """What DuckDB may use: `memory` (512MB, 4GB), `threads`, and the folder in which it keeps what does not fit (`spill`)."""

    memory: str | None = None
    threads: int | None = None
    spill: Path | str | None = None


DEFAULT = Settings()


class Facts:
    """The tables of many cities in a database of their own, checked. Close it after use.

    Args:
        given: mapping files, folders, data files, databases; or a frame (pandas, polars, Arrow) for each relation.
        told: is told what is being done, and how far it is.

    Raises:
        TableError: whatever is wrong with the tables.
    """

    def __init__(
        self,
        workspace: Workspace,
        given: Sequence[str | Path] | Mapping[str, Any],
        settings: Settings = DEFAULT,
        told: Told = lambda what, done, of: None,
    ) -> None:
        self.workspace, self.told = workspace, told
        self.relations = {name: r for name, r in workspace.whole.relations.items() if name in RELATIONS}
        self.frames: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        self.bindings = bindings((), self.relations, self.frames) if self.frames else bindings(list(given), self.relations)
        self.connection = opened(settings)
        self.database = self.another()
        loader = Loader(self.database, self.frames)
        self.loaded: dict[str, exp.Select] = {}
        for number, binding in enumerate(self.bindings):
            told(binding.relation, number, len(self.bindings))
            if query := loader.load(binding, self.relations[binding.relation]):
                self.loaded[binding.relation] = query
        if CITY not in self.loaded:
            raise TableError(
                say("没有 {name} 表：有哪些城市，各依据哪个文件", name=CITY), hint=say("列：{names}", names="city, document")
            )
        check(self)

    def __enter__(self) -> Facts:
        return self

    def __exit__(self, *problem: object) -> None:
        self.connection.close()

    def another(self) -> DuckDB:
        """Another connection: what it makes is its own, the facts are for all."""
        connection = self.connection.cursor()
        for relation, frame in self.frames.items():
            connection.register(frame_name(relation), frame)
        return DuckDB(connection)

    def cities(self) -> list[str]:
        return [city for (city,) in self.database.select(select([column(CITY)], [(table(CITY), None)], distinct=True))]


def opened(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A database in memory, which keeps what does not fit in files."""
    config: dict[str, Any] = {"preserve_insertion_order": False}
    if settings.memory is not None:
        config["memory_limit"] = settings.memory
    if settings.threads is not None:
        config["threads"] = settings.threads
    if settings.spill is not None:
        config["temp_directory"] = str(settings.spill)
    try:
        return duckdb.connect(config=config)
    except duckdb.Error as problem:
        raise QuestionError(str(problem).splitlines()[0], hint=say("内存写作 {example}", example=MEMORY)) from None


class Evaluated:
    """The rules that work out `goals`, run over facts: the goals are tables of `database`. `but`: cities that are left out."""

    def __init__(
        self,
        facts: Facts,
        goals: Iterable[str],
        readings: Mapping[str, str],
        given: Mapping[str, Collection[tuple[Any, ...]]],
        but: Collection[str] = (),
    ) -> None:
        self.facts, self.database = facts, facts.another()
        self.leave_out(but)
        self.program: CheckedProgram = facts.workspace.whole.below(frozenset(goals))
        self.script = script(self.program, sorted(goals), (), DuckDB.dialect)
        self.empty = self.load(readings, given)
        running = Running(self.script, self.database, self.empty)
        for done in running.strata():
            facts.told("", done, len(self.program.outline))

    def leave_out(self, cities: Collection[str]) -> None:
        """Views for this connection alone, without these cities."""
        names = exp.Array(expressions=[text(city) for city in sorted(cities)])
        for relation in self.facts.loaded if cities else ():
            if CITY in self.facts.relations[relation].columns:
                all_ = exp.Table(this=identifier(relation), db=identifier("main"), catalog=identifier("memory"))
                kept = no(call("list_contains", names.copy(), column(CITY)))
                self.database.view(relation, select([exp.Star()], [(all_, None)], [kept]), temporary=True)

    def load(self, readings: Mapping[str, str], given: Mapping[str, Collection[tuple[Any, ...]]]) -> list[str]:
        """All facts that the rules start from; gives the relations without any."""
        empty = []
        chosen = self.chosen(readings)
        for name in self.script.facts:
            if name in self.facts.loaded or name == chosen:
                continue
            relation, rows = self.program.relations[name], given.get(name) or self.facts.workspace.facts(name)
            self.database.load(self.script.tables[name], self.script.columns[name], relation.types, outside(rows, relation))
            if not rows:
                empty.append(name)
        if self.script.calendar:
            self.database.load_calendar()
        return empty

    def chosen(self, readings: Mapping[str, str]) -> str:
        """The readings, chosen for every city, go before those that a table chooses."""
        if not readings or CHOSEN not in self.script.facts:
            return ""
        rows = [
            select([column(CITY), named(text(r), "reading"), named(text(v), "value")], [(table(CITY), None)])
            for r, v in sorted(readings.items())
        ]
        if CHOSEN in self.facts.loaded:
            own = [~column("reading").isin(*readings)]
            rows.append(select([column(c) for c in (CITY, "reading", "value")], [(table(CHOSEN), None)], own))
        self.database.make(f"{CHOSEN}$all", united(rows))
        self.script.tables[CHOSEN] = f"{CHOSEN}$all"
        return CHOSEN
