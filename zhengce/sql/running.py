"""A program's statements, run one after the other in a database."""

from __future__ import annotations

import pickle
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from sqlglot import __version__ as version  # type: ignore[attr-defined]
from sqlglot import exp

from ..datalog.checked import CheckedProgram
from ..datalog.failures import duplicate_key
from ..keeping import blake2b, load, store
from .dialects import DIALECTS
from .expressions import calls, constant
from .faults import Careful, inside, type_of
from .hiding import expressions
from .naming import names
from .numbering import NUMBERED
from .program import Compiler, Loop, Make, Numbered, Unique
from .trees import both, printed, select, table, united, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..datalog.checked import Planned, Row
    from ..datalog.plan import Plan
    from ..datalog.syntax import Type
    from .program import Statement
    from .rows import Counts

    Plans = Callable[[Planned], Sequence[Plan]]

_scripts: WeakKeyDictionary[CheckedProgram, dict[object, Script]] = WeakKeyDictionary()


class Database(Protocol):
    """A connection; its tables last as long as it does. `faults`: what it raises where arithmetic fails."""

    dialect: str
    faults: tuple[type[Exception], ...]

    def create(self, table: str, query: str) -> int:
        """A table of the rows of a query; how many."""
        ...

    def drop(self, table: str) -> None: ...

    def rename(self, table: str, name: str) -> None: ...

    def grow(self, table: str, other: str) -> int:
        """Add the rows of another table; how many."""
        ...

    def fetch(self, query: str) -> list[tuple[Any, ...]]: ...

    def load(self, table: str, columns: Sequence[str], types: Sequence[Type], rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows of `str`, `int`, `Decimal` and `date` as a new table. A relation without columns has one."""
        ...


class Script:
    """The statements of a program for some goals, each stratum's made once for what is known to be empty by then."""

    def __init__(
        self,
        program: CheckedProgram,
        goals: Collection[str],
        given: Collection[str],
        dialect: str,
        counts: Counts = MappingProxyType({}),
    ) -> None:
        self.program, self.goals, self.given, self.dialect, self.counts = program, goals, given, dialect, counts
        self.tables = DIALECTS[dialect].tables(program.relations)
        self.columns = {r.name: tuple(names(r.columns).values()) for r in program.relations.values()}
        self.derived = frozenset(name for relations, _, _ in program.outline for name in relations)
        self.facts = tuple(name for name in program.relations if name not in self.derived)
        plans = [plan for stratum in program.plans for planned in stratum for plan in (planned.plan, *planned.again)]
        self.calendar = any("workdays_after" in calls(e) for plan in plans for e in expressions(plan.steps))
        self.made: dict[tuple[int, frozenset[str]], tuple[Statement, ...]] = {}
        self.keys: dict[str, Unique] = {}
        self._kept, self._known = "", 0

    def compiler(self) -> Compiler:
        return Compiler(self.program, self.goals, self.given, self.dialect, self.counts)

    def recall(self, digest: str) -> None:
        """The statements that were made before of the same. `digest`: of all that the program was made from."""
        order = [relations for relations, _, _ in self.program.outline]
        made_of = (digest, version, order, sorted(self.goals), sorted(self.given), self.dialect, sorted(self.counts.items()))
        self._kept = f"{blake2b(repr(made_of).encode(), digest_size=16).hexdigest()}.sql"
        if (content := load(self._kept)) is not None:
            with suppress(Exception):  # whatever is wrong with a cache, it is made anew
                self.made = pickle.loads(content)
        self._known = len(self.made)

    def keep(self) -> None:
        """For the next time, if anything is new."""
        if self._kept and len(self.made) > self._known:
            store(self._kept, pickle.dumps(self.made))
            self._known = len(self.made)

    def unique(self, relation: str) -> Unique:
        """What looks for two facts with the same key."""
        if relation not in self.keys:
            self.keys[relation] = self.compiler().unique(relation)
        return self.keys[relation]


def script(program: CheckedProgram, goals: Collection[str], given: Collection[str], dialect: str) -> Script:
    """The script for a program, made once."""
    known = _scripts.setdefault(program, {})
    asked = tuple(sorted(goals)), tuple(sorted(given)), dialect
    if asked not in known:
        known[asked] = Script(program, *asked)
    return known[asked]


class Running:
    """One evaluation. `empty`: the relations of which there are no facts; `sound`: those whose facts keep their key."""

    def __init__(self, script: Script, database: Database, empty: Collection[str], sound: Collection[str] = ()) -> None:
        self.script, self.program, self.database, self.empty = script, script.program, database, set(empty)
        self.sound = {*sound, *empty}
        self.history: list[frozenset[str]] = []
        self._compiler = script.compiler()
        self._saved: list[str] = []

    def all(self) -> None:
        """Raises `ArithmeticFault` and `DuplicateKeyError`."""
        for _ in self.strata():
            pass

    def strata(self) -> Iterator[int]:
        """The same, a stratum at a time: how many are done."""
        for relation in self.script.facts:
            if self.program.relations[relation].key and relation not in self.sound:
                self.run(self.script.unique(relation))
        for number in range(len(self.program.outline)):
            for statement in self.statements(number):
                self.run(statement)
            yield number + 1

    def statements(self, number: int) -> tuple[Statement, ...]:
        self.history.append(frozenset(self.empty))
        asked = number, self.history[-1]
        if asked not in self.script.made:
            self.script.made[asked] = self.compiler(number).next(self.history[-1])
        return self.script.made[asked]

    def run(self, statement: Statement) -> None:
        match statement:
            case Make(relation, query, suspect):
                if not self.tables({relation: query}, lambda rule: (rule.plan,), suspect):
                    self.empty.add(relation)
            case Loop():
                self.loop(statement)
            case Numbered():
                self.numbered(statement)
            case Unique(relation, query):
                if self.database.fetch(query):
                    self.doubled(relation)

    def compiler(self, done: int) -> Compiler:
        """As it is after so many strata."""
        while self._compiler.done < done:
            self._compiler.next(self.history[self._compiler.done])
        return self._compiler

    def now(self) -> Compiler:
        """As it is after the statements of the stratum that is being run."""
        return self.compiler(len(self.history))

    def rules(self) -> list[Planned]:
        """The rules of the stratum that is being run."""
        return self.now().alive(len(self.history) - 1) if self.history else []

    def table(self, relation: str) -> str:
        return self.script.tables[relation]

    # -- tables ------------------------------------------------------------------------------------------------------------

    def tables(self, queries: dict[str, str], plans: Plans, suspect: bool, behind: str = "") -> int:
        """A table for each relation by its query; where arithmetic fails in one, all by the rules' plans, with care.

        Returns:
            How many rows all of them have.
        """
        made: dict[str, int] = {}
        try:
            for relation, query in queries.items():
                made[self.table(relation) + behind] = self.database.create(self.table(relation) + behind, query)
        except self.database.faults:
            safe = self.carefully(plans, bool(behind))
            for name in made:
                self.database.drop(name)
            made = {relation: self.database.create(self.table(relation) + behind, safe[relation]) for relation in queries}
        else:
            if suspect:
                self.carefully(plans, bool(behind))
        while self._saved:
            self.database.drop(self._saved.pop())
        return sum(made.values())

    def carefully(self, plans: Plans, loop: bool) -> dict[str, str]:
        """A query for each relation that cannot fail. Raises the fault of the first rule that has one."""
        compiler = self.now()
        careful = Careful(self.program, compiler, self)
        found: dict[str, list[exp.Query]] = {}
        for rule in self.rules():
            queries = found.setdefault(rule.relation, [])
            if not queries and not loop and rule.relation in self.script.given:
                queries.append(compiler.stored(rule.relation))
            for plan in plans(rule):
                rows = compiler.with_head(careful.rows(rule.rule, plan), plan)
                queries.append(rows.query(compiler.named(rule.relation, rows.columns), distinct=True))
        unions = {relation: united(queries) for relation, queries in found.items() if queries}
        return {
            relation: compiler.text(compiler.missing(relation, query) if loop else query) for relation, query in unions.items()
        }

    # -- what is needed with care --------------------------------------------------------------------------------------------

    def fetched(self, query: exp.Query) -> list[tuple[Any, ...]]:
        return self.database.fetch(printed(query.copy(), self.database.dialect))

    def saved(self, query: exp.Query) -> str:
        name = self.temporary()
        self.database.create(name, printed(query.copy(), self.database.dialect))
        return name

    def stored(self, rows: Sequence[tuple[Any, ...]]) -> str:
        name = self.temporary()
        types = [type_of(value) for value in rows[0]]
        self.database.load(name, [f"v{i}" for i in range(len(types))], types, rows)
        return name

    def temporary(self) -> str:
        self._saved.append(f"$saved{len(self._saved)}")
        return self._saved[-1]

    # -- recursion -----------------------------------------------------------------------------------------------------------

    def numbered(self, numbered: Numbered) -> None:
        """A recursion over numbers."""
        for name, query in numbered.before.items():
            self.database.create(name, query)
        match numbered.inner:
            case Make(relation, query):
                self.database.create(self.table(relation) + NUMBERED, query)
            case Loop() as loop:
                self.loop(loop)
        for name, query in numbered.after.items():
            self.database.create(name, query)
        for name in numbered.dropped:
            self.database.drop(name)

    def loop(self, loop: Loop) -> None:
        """Until a round brings nothing new. What the first round reads is all that is there before it."""
        tables = {relation: self.table(relation) + loop.behind for relation in loop.relations}
        for relation, name in tables.items():
            self.database.create(name, loop.given[relation])
            self.database.create(f"{name}$new", loop.given[relation])
        grown = set(loop.relations)
        if loop.first:
            self.round(loop, tables, loop.first, lambda rule: (rule.plan,), grown)
            for name in tables.values():
                self.database.drop(f"{name}$new")
                self.database.create(f"{name}$new", self.everything(name))
        while grown:
            due = {relation: query for relation, query in loop.again.items() if not grown.isdisjoint(loop.reads[relation])}
            grown = self.round(loop, tables, due, lambda rule: rule.again, grown)
        for name in tables.values():
            self.database.drop(f"{name}$new")

    def round(
        self, loop: Loop, tables: dict[str, str], queries: dict[str, str], plans: Plans, grown: Collection[str]
    ) -> set[str]:
        """Which relations it brought something new; `grown`: to which the last one did."""
        self.tables(queries, plans, loop.suspect, f"{loop.behind}$next")
        for relation, name in tables.items():
            if relation in queries:
                self.database.drop(f"{name}$new")
                self.database.rename(f"{name}$next", f"{name}$new")
            elif relation in grown:
                self.database.drop(f"{name}$new")
                self.database.create(f"{name}$new", self.everything(name, nothing=True))
        return {relation for relation in queries if self.database.grow(tables[relation], f"{tables[relation]}$new")}

    def everything(self, name: str, nothing: bool = False) -> str:
        query = select([exp.Star()], [(table(name), None)], [exp.false()] if nothing else [])
        return printed(query, self.database.dialect)

    # -- keys ----------------------------------------------------------------------------------------------------------------

    def doubled(self, relation: str) -> None:
        """Raise, with the first two rows that share a key."""
        compiler = self.now()
        key = self.program.relations[relation].key
        one, other = (compiler.tables.source(relation, False, alias) for alias in ("t", "u"))
        columns = [
            (compiler.tables.column(relation, c, "t"), compiler.tables.column(relation, c, "u"))
            for c in range(self.width(relation))
        ]
        shared = [exp.EQ(this=columns[c][0].copy(), expression=columns[c][1]) for c in key]
        different = both([exp.NEQ(this=a.copy(), expression=b.copy()) for a, b in columns], exp.Or)
        like = exp.Exists(this=select([whole(1)], [(other, None)], [*shared, exp.Paren(this=different)]))
        query = select([a for a, _ in columns], [(one, None)], [like], distinct=True)
        rows = [inside(row) for row in self.fetched(query)]
        raise duplicate_key(self.program, relation, rows, self.givers)

    def width(self, relation: str) -> int:
        return len(self.program.relations[relation].types)

    def givers(self, row: Row, relation: str) -> Iterator[int]:
        """The numbers of the rules that give a row, to name them in an error."""
        compiler = self.now()
        types = self.program.relations[relation].types
        for planned in self.rules():
            if planned.relation != relation:
                continue
            rows = compiler.rows(planned)
            same = [exp.EQ(this=c, expression=constant(v, t)) for c, v, t in zip(rows.columns, row, types, strict=True)]
            if self.database.fetch(compiler.text(rows.filtered(*same).query([]))):
                yield planned.rule
