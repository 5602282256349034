"""A program's statements, run one after the other in a database."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol
from weakref import WeakKeyDictionary

from sqlglot import exp

from ..datalog.checked import CheckedProgram
from ..datalog.failures import duplicate_key
from .expressions import constant
from .faults import Careful, inside, type_of
from .program import Compiler, Loop, Make, Unique
from .rows import Rows
from .trees import both, printed, select, table, united, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence

    from ..datalog.checked import Planned, Row
    from ..datalog.plan import Plan
    from ..datalog.syntax import Type
    from .program import Compiled

    Plans = Callable[[Planned], Sequence[Plan]]

_compiled: WeakKeyDictionary[CheckedProgram, dict[object, Compiled]] = WeakKeyDictionary()


class Database(Protocol):
    """A connection; its tables last as long as it does. `faults`: what it raises where arithmetic fails."""

    dialect: str
    faults: tuple[type[Exception], ...]

    def create(self, table: str, query: str) -> None: ...

    def drop(self, table: str) -> None: ...

    def rename(self, table: str, name: str) -> None: ...

    def grow(self, table: str, other: str) -> int:
        """Add the rows of another table; how many."""
        ...

    def fetch(self, query: str) -> list[tuple[Any, ...]]: ...

    def load(self, table: str, columns: Sequence[str], types: Sequence[Type], rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows of `str`, `int`, `Decimal` and `date` as a new table. A relation without columns has one."""
        ...


def compiled(program: CheckedProgram, goals: Collection[str], given: Collection[str], dialect: str) -> Compiled:
    """The statements for a program, made once."""
    known = _compiled.setdefault(program, {})
    asked = tuple(sorted(goals)), tuple(sorted(given)), dialect
    if asked not in known:
        known[asked] = Compiler(program, *asked).compiled()
    return known[asked]


class Running:
    """One evaluation."""

    def __init__(self, program: CheckedProgram, statements: Compiled, database: Database) -> None:
        self.program, self.statements, self.database = program, statements, database
        self.rules = [planned for stratum in program.plans for planned in stratum]
        self._saved: list[str] = []

    def all(self) -> None:
        """Raises `ArithmeticFault` and `DuplicateKeyError`."""
        for statement in self.statements.statements:
            match statement:
                case Make(relation, query, suspect):
                    rules = self.of((relation,))
                    self.tables({relation: query}, rules, lambda rule: (rule.plan,), suspect)
                case Loop():
                    self.loop(statement)
                case Unique(relation, query):
                    if self.database.fetch(query):
                        self.doubled(relation)

    def table(self, relation: str) -> str:
        return self.statements.tables[relation]

    def of(self, relations: Collection[str]) -> list[Planned]:
        return [planned for planned in self.rules if planned.relation in relations]

    # -- tables ------------------------------------------------------------------------------------------------------------

    def tables(self, queries: dict[str, str], rules: list[Planned], plans: Plans, suspect: bool, behind: str = "") -> None:
        """A table for each relation by its query; where arithmetic fails in one, all by the rules' plans, with care."""
        made: list[str] = []
        try:
            for relation, query in queries.items():
                self.database.create(self.table(relation) + behind, query)
                made.append(self.table(relation) + behind)
        except self.database.faults:
            safe = self.carefully(rules, plans, bool(behind))
            for name in made:
                self.database.drop(name)
            for relation in queries:
                self.database.create(self.table(relation) + behind, safe[relation])
        else:
            if suspect:
                self.carefully(rules, plans, bool(behind))
        while self._saved:
            self.database.drop(self._saved.pop())

    def carefully(self, rules: list[Planned], plans: Plans, loop: bool) -> dict[str, str]:
        """A query for each relation that cannot fail. Raises the fault of the first rule that has one."""
        compiler = self.compiler
        careful = Careful(self.program, compiler.tables, self)
        found: dict[str, list[exp.Query]] = {}
        for rule in rules:
            queries = found.setdefault(rule.relation, [])
            if not queries and not loop and rule.relation in self.statements.given:
                queries.append(compiler.stored(rule.relation))
            for plan in plans(rule):
                rows = compiler.with_head(careful.rows(rule.rule, plan), plan)
                queries.append(rows.query(compiler.named(rule.relation, rows.columns), distinct=True))
        unions = {relation: united(queries) for relation, queries in found.items() if queries}
        return {
            relation: compiler.text(compiler.fresh(relation, query) if loop else query) for relation, query in unions.items()
        }

    @cached_property
    def compiler(self) -> Compiler:
        """With all that is inlined known."""
        compiler = Compiler(self.program, self.statements.goals, self.statements.given, self.database.dialect)
        compiler.compiled()
        return compiler

    # -- what is needed with care --------------------------------------------------------------------------------------------

    def fetched(self, query: exp.Query) -> list[tuple[Any, ...]]:
        return self.database.fetch(printed(query, self.database.dialect))

    def saved(self, query: exp.Query) -> str:
        name = self.temporary()
        self.database.create(name, printed(query, self.database.dialect))
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

    def loop(self, loop: Loop) -> None:
        """Until a round brings nothing new. What the first round reads is all that is there before it."""
        for name in loop.relations:
            self.database.create(self.table(name), loop.given[name])
            self.database.create(self.table(name) + "$new", loop.given[name])
        self.round(loop, loop.first, lambda rule: (rule.plan,))
        for name in loop.relations:
            self.database.drop(self.table(name) + "$new")
            self.database.create(self.table(name) + "$new", self.everything(name))
        while self.round(loop, loop.again, lambda rule: rule.again):
            pass
        for name in loop.relations:
            self.database.drop(self.table(name) + "$new")

    def round(self, loop: Loop, queries: dict[str, str], plans: Plans) -> bool:
        """Whether it brought something new."""
        self.tables(queries, self.of(loop.relations), plans, loop.suspect, "$next")
        for name in loop.relations:
            self.database.drop(self.table(name) + "$new")
            if name in queries:
                self.database.rename(self.table(name) + "$next", self.table(name) + "$new")
            else:
                self.database.create(self.table(name) + "$new", self.everything(name, nothing=True))
        return sum(self.database.grow(self.table(name), self.table(name) + "$new") for name in queries) > 0

    def everything(self, relation: str, nothing: bool = False) -> str:
        query = select([exp.Star()], [(table(self.table(relation)), None)], [exp.false()] if nothing else [])
        return printed(query, self.database.dialect)

    # -- keys ----------------------------------------------------------------------------------------------------------------

    def doubled(self, relation: str) -> None:
        """Raise, with the first two rows that share a key."""
        compiler = self.compiler
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
        compiler = self.compiler
        types = self.program.relations[relation].types
        for planned in self.of((relation,)):
            rows = compiler.with_head(Rows(compiler.tables).through(planned.plan.steps), planned.plan)
            same = [exp.EQ(this=c, expression=constant(v, t)) for c, v, t in zip(rows.columns, row, types, strict=True)]
            if self.database.fetch(compiler.text(rows.filtered(*same).query([]))):
                yield planned.rule
