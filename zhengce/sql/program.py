"""A checked program as statements: which relations become tables, which are read within others, what is looked at afterwards.

A relation becomes a table when it is asked for, is recursive, is read more than once, or when working it out can fail (in a
table nothing is left out that could). The others are written into what reads them. `DISTINCT` is left out where the rules
show that no row comes twice.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..datalog.plan import AntiJoin, Group, Join
from .dialects import DIALECTS
from .expressions import calls
from .hiding import expressions, fails, hides
from .naming import names
from .rows import Rows, Tables
from .trees import column, limited, named, printed, select, table, united, whole, with_parts, without

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..datalog.checked import CheckedProgram, Planned
    from ..datalog.plan import Plan, Step
    from .trees import Value


class Make(NamedTuple):
    """A relation that becomes a table by one query. `suspect`: whether something may have failed without an error."""

    relation: str
    query: str
    suspect: bool


class Loop(NamedTuple):
    """Relations that depend on one another: what they begin with, what their rules make of that, and what each round adds.

    A round reads, in one atom of a rule after the other, only what the last one brought (the table with `$new`).
    """

    relations: tuple[str, ...]
    given: dict[str, str]
    first: dict[str, str]
    again: dict[str, str]
    suspect: bool


class Unique(NamedTuple):
    """A key to be looked at: the query gives a row when it is broken."""

    relation: str
    query: str


class Compiled(NamedTuple):
    """`tables` and `columns` are the names in the database; `facts` the relations that the statements read and do not make."""

    goals: tuple[str, ...]
    given: tuple[str, ...]
    tables: dict[str, str]
    columns: dict[str, tuple[str, ...]]
    facts: tuple[str, ...]
    statements: tuple[Make | Loop | Unique, ...]
    calendar: bool


class Compiler:
    """Makes the statements that work out `goals`; `given`: the derived relations that have facts as well."""

    def __init__(self, program: CheckedProgram, goals: Collection[str], given: Collection[str], dialect: str) -> None:
        self.program, self.goals, self.given, self.dialect = program, goals, frozenset(given), dialect
        columns = {r.name: tuple(names(r.columns).values()) for r in program.relations.values()}
        before = DIALECTS[dialect].before
        tables = {name: before + short for name, short in names(program.relations).items()}
        self.tables = Tables(dict(program.relations), tables, columns, DIALECTS[dialect])
        self.derived = {name for relations, _, _ in program.outline for name in relations}
        uses = Counter(name for stratum in program.plans for planned in stratum for name in _read(planned))
        self.kept = set(goals) | {name for name, times in uses.items() if times > 1}
        self.statements: list[Make | Loop | Unique] = []

    def compiled(self) -> Compiled:
        for name, relation in self.program.relations.items():
            self.tables.keys[name] = frozenset({frozenset(relation.key or range(len(relation.types)))})
        self.unique(self.program.relations.keys() - self.derived)
        for (relations, recursive, _), rules in zip(self.program.outline, self.program.plans, strict=True):
            if recursive:
                self.recursion(relations, rules)
            else:
                self.plain(relations[0], rules)
            self.unique(relations)
        plans = [plan for stratum in self.program.plans for planned in stratum for plan in (planned.plan, *planned.again)]
        return Compiled(
            tuple(self.goals),
            tuple(sorted(self.given)),
            self.tables.names,
            self.tables.columns,
            tuple(sorted(self.program.relations.keys() - self.derived)),
            tuple(self.statements),
            any("workdays_after" in calls(e) for plan in plans for e in expressions(plan.steps)),
        )

    # -- relations -----------------------------------------------------------------------------------------------------------

    def plain(self, relation: str, rules: Sequence[Planned]) -> None:
        plans = [planned.plan for planned in rules]
        query = self.union(relation, plans)
        if relation in self.kept or any(map(fails, plans)) or self.tables.parts:
            self.statements.append(Make(relation, self.text(query), any(map(hides, plans))))
        else:
            self.tables.inlined[relation] = query

    def recursion(self, relations: tuple[str, ...], rules: Sequence[Planned]) -> None:
        """Without facts of their own, rules that read these relations find nothing at first."""
        self.kept.update(relations)
        given, first, again = {}, {}, {}
        some = not self.given.isdisjoint(relations)
        for name in relations:
            own = [planned for planned in rules if planned.relation == name]
            given[name] = self.text(self.union(name, ()))
            if plans := [p.plan for p in own if some or not p.again]:
                first[name] = self.text(self.fresh(name, self.union(name, plans, given=False)))
            if plans := [plan for p in own for plan in p.again]:
                again[name] = self.text(self.fresh(name, self.union(name, plans, given=False)))
        plans = [plan for planned in rules for plan in (planned.plan, *planned.again)]
        self.statements.append(Loop(relations, given, first, again, any(map(hides, plans))))

    def union(self, relation: str, plans: Sequence[Plan], given: bool = True) -> exp.Query:
        """All rows of a relation, none twice; with the facts that are given of it."""
        queries = [self.stored(relation)] if given and relation in self.given else []
        for plan in plans:
            rows = self.with_head(Rows(self.tables).through(plan.steps), plan)
            alone = len(plans) == 1 and not queries
            queries.append(rows.query(self.named(relation, rows.columns), alone and not rows.known.distinct(rows.attributes)))
        return united(queries) if queries else self.nothing(relation)

    def fresh(self, relation: str, query: exp.Query) -> exp.Query:
        """The rows of a query that the relation does not have yet."""
        return without(query, self.rows_of(relation, self.tables.names[relation]))

    def stored(self, relation: str) -> exp.Query:
        return self.rows_of(relation, f"{self.tables.names[relation]}$given")

    def rows_of(self, relation: str, name: str) -> exp.Query:
        return select([column(c) for c in self.tables.columns[relation] or ("_",)], [(table(name), None)])

    def named(self, relation: str, values: Sequence[Value]) -> list[tuple[str, Value]]:
        return list(zip(self.tables.columns[relation], values, strict=True))

    def with_head(self, rows: Rows, plan: Plan) -> Rows:
        width = len(rows.columns)
        for expression in plan.head:
            rows = rows.extended(self.tables.dialect.value_of(expression, rows.columns), rows.sources(expression))
        return rows.kept(range(width, width + len(plan.head)))

    def nothing(self, relation: str) -> exp.Query:
        types = self.program.relations[relation].types
        typed = zip(self.tables.columns[relation], types, strict=True)
        return select(
            [named(self.tables.dialect.typed(exp.null(), t), c) for c, t in typed] or [named(whole(1), "_")],
            where=[exp.false()],
        )

    def unique(self, relations: Iterable[str]) -> None:
        """Statements that look for two rows with the same key."""
        for name in relations:
            if not (key := self.program.relations[name].key):
                continue
            columns = [self.tables.column(name, c, "t") for c in key]
            twice = exp.GT(this=exp.Count(this=exp.Star()), expression=whole(1))
            query = select([whole(1)], [(self.tables.source(name, False, "t"), None)], groups=columns, having=[twice])
            self.statements.append(Unique(name, self.text(limited(query, 1))))

    def text(self, query: exp.Query) -> str:
        query = with_parts(query, self.tables.parts)
        self.tables.parts.clear()
        return printed(query, self.dialect)


def _read(planned: Planned) -> Iterator[str]:
    """The relations that a rule reads, each as often as it does. In a recursion, every round reads again."""
    found = list(_relations(planned.plan.steps))
    return iter(found + [name for plan in planned.again for name in _relations(plan.steps)])


def _relations(steps: Iterable[Step]) -> Iterator[str]:
    for step in steps:
        if isinstance(step, Join | AntiJoin):
            yield step.relation
        elif isinstance(step, Group):
            yield from _relations(step.steps)
