"""A question put to every city of some tables at once."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..cases.meaning import RELATIONS
from ..errors import TableError, raise_all
from ..language import say
from ..sql.evaluating import load_calendar, outside
from ..sql.naming import names
from ..sql.running import Running, Script
from ..sql.trees import column, identifier, named, no, select, table, text, united
from .bindings import bindings
from .checking import check
from .limits import Limited, Settings, opened, spill_folder
from .limits import check as check_limits
from .loading import Loader, frame_name, yes_or_no
from .meanwhile import Meanwhile
from .sharing import not_among, shared

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence
    from pathlib import Path

    from ..datalog.checked import CheckedProgram, Relation
    from ..errors import ZhengceError
    from ..workspace import Workspace
    from .loading import Table
    from .sharing import Shared

    Told = Callable[[str, int, int], None]

CITY, CONFLICT, CHOSEN = "city", "conflict", "reading_chosen"
DEFAULT = Settings()


class Facts:
    """The tables of many cities in a database of their own, checked. Close it after use.

    Args:
        given: mapping files, folders, data files, databases; or a frame (pandas, polars, Arrow) for each relation.
        told: is told what is being done, and how far it is.
        check_names: whether names are held against those that there are, which takes a look at every row.

    Raises:
        TableError: whatever is wrong with the tables.
    """

    def __init__(
        self,
        workspace: Workspace,
        given: Sequence[str | Path] | Mapping[str, Any],
        settings: Settings = DEFAULT,
        told: Told = lambda what, done, of: None,
        check_names: bool = True,
    ) -> None:
        self.workspace, self.told, self.settings = workspace, told, settings
        self.relations = {name: r for name, r in workspace.whole.relations.items() if name in RELATIONS}
        self.frames: Mapping[str, Any] = given if isinstance(given, Mapping) else {}
        self.bindings = bindings((), self.relations, self.frames) if self.frames else bindings(list(given), self.relations)
        self.loaded: dict[str, Table] = {}
        self._stated: set[str] = set()
        self._scripts: dict[frozenset[str], Script] = {}
        check_limits(settings)
        self.spill = spill_folder(settings.spill)
        self._emptied = weakref.finalize(self, shutil.rmtree, self.spill, ignore_errors=True)
        self.connection = opened(settings, self.spill)
        self.meanwhile = Meanwhile(self.another())
        self._passes: dict[str, str] = {}
        try:
            self.database = self.another()
            self.load(check_names)
        except BaseException:  # whoever stops it too
            self.close()
            raise

    def load(self, check_names: bool) -> None:
        """All tables; what is wrong with any is told at once."""
        loader = Loader(self.database, self.frames, yes_or_no(self.workspace.facts_known), self.spill)
        errors: list[ZhengceError] = []
        for number, binding in enumerate(self.bindings):
            self.told(binding.relation, number, len(self.bindings))
            try:
                if found := loader.load(binding, self.relations[binding.relation]):
                    self.loaded[binding.relation] = found
            except TableError as problem:
                errors += problem.all
        raise_all(errors)
        if CITY not in self.loaded:
            raise TableError(
                say("没有 {name} 表：有哪些城市，各依据哪个文件", name=CITY), hint=say("列：{names}", names="city, document")
            )
        self.notes = [note for table in self.loaded.values() if (note := table.note())]
        self.shared = [one.spread(self.database) for one in shared(self.loaded.values())]
        if check_names:
            check(self)

    def close(self) -> None:
        """Let go of the database, and of what it keeps in files."""
        self.meanwhile.close()
        self.connection.close()
        shutil.rmtree(self.spill, ignore_errors=True)
        self._emptied.detach()  # only now: who is stopped in between has it done in the end

    def __enter__(self) -> Facts:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    def another(self) -> Limited:
        """Another connection: what it makes is its own, the facts are for all."""
        connection = self.connection.cursor()
        for relation, frame in self.frames.items():
            connection.register(frame_name(relation), frame)
        return Limited(connection, self.settings, self.spill)

    def passed(self, one: Shared) -> str:
        """The table of one pass, made once, meanwhile: wait for it."""
        if one.name not in self._passes:
            self._passes[one.name] = self.meanwhile.make(one.pass_)
        return self._passes[one.name]

    def again(self) -> None:
        """The next question begins with the tables as they then are, as if none had been asked."""
        self.meanwhile.drop()
        self._passes.clear()

    def state(self, relation: Relation) -> None:
        """A table of what the documents state of a relation, if they do, made once."""
        if relation.name not in self._stated:
            rows = outside(self.workspace.facts(relation.name), relation)
            columns = tuple(names(relation.columns).values())
            self.database.load(relation.name, columns, relation.types, rows, temporary=False)
            self._stated.add(relation.name)

    def script(self, goals: Iterable[str]) -> Script:
        """The statements that work out relations, made once."""
        wanted = frozenset(goals)
        if wanted not in self._scripts:
            late = {name for one in self.shared for name in (one.every, one.some)}
            program = self.workspace.whole.below(wanted, late)
            shared = [s for s in self.shared if {s.every, s.some} <= program.relations.keys()]
            counts = {key: counted for s in shared for key, counted in s.counts.items()}
            self._scripts[wanted] = Script(program, sorted(wanted), (), Limited.dialect, counts)
            if self.workspace.digest:
                self._scripts[wanted].recall(self.workspace.digest)
        return self._scripts[wanted]

    def documents(self) -> list[str]:
        """The documents that the cities go by."""
        query = select([column("document")], [(table(CITY), None)], distinct=True)
        return sorted(document for (document,) in self.database.select(query))

    def cities(self) -> list[str]:
        return [city for (city,) in self.database.select(select([column(CITY)], [(table(CITY), None)], distinct=True))]


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
        self.facts, self.database, self.but = facts, facts.another(), sorted(but)
        self.script = self.facts.script(goals)
        self.leave_out()
        self.program: CheckedProgram = self.script.program
        empty = self.load(readings, given)
        running = Running(self.script, self.database, empty, sound=set(self.script.facts) - given.keys())
        passes = [(one, facts.passed(one)) for one in facts.shared if self.shares(one)]
        needed = self.program.first_reading({name for one, _ in passes for name in (one.every, one.some)})
        for done in chain([0], running.strata()):
            facts.told("", done, len(self.program.outline))
            if done == needed:
                facts.meanwhile.wait()
                self.see(passes)
        self.script.keep()

    def see(self, passes: Iterable[tuple[Shared, str]]) -> None:
        """What was had in one pass, as this connection knows it."""
        for one, name in passes:
            kept = [not_among(column(CITY), self.but)] if self.but else []
            self.database.view(one.name, select([exp.Star()], [(_kept(name), None)], kept), temporary=True)
            self.database.view(one.every, one.rows, temporary=True)

    def shares(self, one: Shared) -> bool:
        """Whether the rules can use what is had in one pass."""
        return any(key in self.script.counts for key in one.counts)

    def leave_out(self) -> None:
        """Views for this connection alone, without some cities."""
        shared = {s.every for s in self.facts.shared if self.shares(s)}
        for relation in sorted(self.facts.loaded.keys() - shared) if self.but else ():
            if CITY in self.facts.relations[relation].columns:
                kept = not_among(column(CITY), self.but)
                self.database.view(relation, select([exp.Star()], [(_kept(relation), None)], [kept]), temporary=True)

    def load(self, readings: Mapping[str, str], given: Mapping[str, Collection[tuple[Any, ...]]]) -> list[str]:
        """All facts that the rules start from; gives the relations without any."""
        found = {name for name in self.script.facts if name in self.facts.loaded or self.facts.workspace.facts(name)}
        for name in self.script.facts:
            relation, there = self.program.relations[name], self.script.tables[name]
            if name == CHOSEN and readings:
                self.database.view(there, self.chosen(readings), temporary=True)
                found.add(name)
            elif rows := given.get(name):
                self.database.load(there, self.script.columns[name], relation.types, outside(rows, relation))
                found.add(name)
            elif name not in self.facts.loaded:
                self.facts.state(relation)
            if there != name:  # two relations differ in case alone
                self.database.view(there, select([exp.Star()], [(table(name), None)]), temporary=True)
        if self.script.calendar:
            load_calendar(self.database)
        return sorted(set(self.script.facts) - found)

    def chosen(self, readings: Mapping[str, str]) -> exp.Query:
        """The readings, chosen for every city; they go before those that a table chooses."""
        rows = [
            select([column(CITY), named(text(r), "reading"), named(text(v), "value")], [(table(CITY), None)])
            for r, v in sorted(readings.items())
        ]
        if CHOSEN in self.facts.loaded:
            others = no(exp.In(this=column("reading"), expressions=list(map(text, sorted(readings)))))
            rows.append(select([column(c) for c in (CITY, "reading", "value")], [(_kept(CHOSEN), None)], [others]))
        return united(rows)


def _kept(relation: str) -> exp.Table:
    """A table that all connections see, where this one has another of the name."""
    return exp.Table(this=identifier(relation), db=identifier("main"), catalog=identifier("memory"))
