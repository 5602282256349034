"""A checked program as statements: which relations become tables, which are read within others, what is looked at afterwards.

A relation becomes a table when it is asked for, is recursive, is read more than once, or when working it out can fail (in a
table nothing is left out that could). The others are written into what reads them. `DISTINCT` is left out where the rules
show that no row comes twice.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..datalog.plan import AntiJoin, Fixed, Group, Join, Place
from .dialects import DIALECTS
from .disjoint import apart
from .hiding import fails, hides
from .naming import names
from .numbering import FIRST, ID, NUMBERED, SYMBOLS, TEXT, Columns, numbered, symbols, worth
from .rows import Rows, Tables
from .simplifying import simplified
from .trees import column, limited, named, once, printed, recursive, select, table, united, whole, with_parts, without

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from ..datalog.checked import CheckedProgram, Planned
    from ..datalog.plan import Plan, Step
    from .rows import Counts
    from .trees import Value


RECURSIVE = ("duckdb", "postgres")  # dialects with recursive queries that leave out what is there already


class Make(NamedTuple):
    """A relation that becomes a table by one query. `suspect`: whether something may have failed without an error."""

    relation: str
    query: str
    suspect: bool


class Loop(NamedTuple):
    """Relations that depend on one another: what they begin with, what their rules make of that, and what each round adds.

    A round reads, in one atom of a rule after the other, only what the last one brought (the table with `$new`); `reads`: of
    which relations. `behind`: what stands behind the names of the tables.
    """

    relations: tuple[str, ...]
    given: dict[str, str]
    first: dict[str, str]
    again: dict[str, str]
    reads: dict[str, frozenset[str]]
    suspect: bool
    behind: str = ""


class Unique(NamedTuple):
    """A key to be looked at: the query gives a row when it is broken."""

    relation: str
    query: str


class Numbered(NamedTuple):
    """A recursion over numbers (see `numbering`): tables to be made before, among them those of the texts; the recursion; its
    relations as texts again; tables to be dropped.
    """

    before: dict[str, str]
    inner: Make | Loop
    after: dict[str, str]
    dropped: tuple[str, ...]


Statement = Make | Loop | Numbered | Unique


class Compiler:
    """Makes the statements that work out `goals`, a stratum at a time; `given`: derived relations that have facts as well.

    What is found to have no rows on the way makes what comes after simpler.
    """

    def __init__(
        self, program: CheckedProgram, goals: Collection[str], given: Collection[str], dialect: str, counts: Counts
    ) -> None:
        self.program, self.goals, self.given, self.dialect = program, goals, frozenset(given), dialect
        self.all_rules = program.rules
        columns = {r.name: tuple(names(r.columns).values()) for r in program.relations.values()}
        tables = DIALECTS[dialect].tables(program.relations)
        self.tables = Tables(dict(program.relations), tables, columns, counts, DIALECTS[dialect])
        for name, relation in program.relations.items():
            self.tables.keys[name] = frozenset({frozenset(relation.key or range(len(relation.types)))})
        self.done = 0
        self.empty: set[str] = set()
        self.statements: list[Statement] = []
        self._alive: dict[int, list[Planned]] = {}
        self._uses: Counter[str] | None = None

    def next(self, empty: Collection[str]) -> tuple[Statement, ...]:
        """The statements of the next stratum; `empty`: what is known by now to have no rows."""
        self.without(set(empty) - self.empty)
        self.statements = []
        relations, recursive, _ = self.program.outline[self.done]
        uses, rules = self.uses(), self.alive(self.done)
        self.done += 1
        if uses.keys().isdisjoint(relations):
            return ()
        if recursive:
            self.recursion(relations, rules)
        else:
            self.plain(relations[0], rules, uses[relations[0]])
        return tuple(self.statements)

    def without(self, empty: Collection[str]) -> None:
        """Nothing is found in these relations."""
        if empty:
            self.empty.update(empty)
            self._uses = None
            stale = [n for n in self._alive if not self.program.outline[n][2].isdisjoint(empty)]
            for number in stale:
                del self._alive[number]

    def alive(self, stratum: int) -> list[Planned]:
        """The rules of a stratum that may find something, simplified."""
        if stratum not in self._alive:
            self._alive[stratum] = []
            for planned in self.program.plans[stratum]:
                if (plan := simplified(planned.plan, self.empty)) is not None:
                    again = [p for p in (simplified(p, self.empty) for p in planned.again) if p is not None]
                    self._alive[stratum].append(planned._replace(plan=plan, again=tuple(again)))
        return self._alive[stratum]

    def uses(self) -> Counter[str]:
        """How often what comes reads each relation, as far as the goals need it. A goal or what is recursive counts twice."""
        if self._uses is not None:
            return self._uses
        self._uses = Counter(dict.fromkeys(self.goals, 2))
        for number in reversed(range(self.done, len(self.program.outline))):
            relations, recursive, _ = self.program.outline[number]
            if not self._uses.keys().isdisjoint(relations):
                for planned in self.alive(number):
                    self._uses.update(name for plan in (planned.plan, *planned.again) for name in _relations(plan.steps, []))
                if recursive:
                    self._uses.update(dict.fromkeys(relations, 2))
        return self._uses

    # -- relations -----------------------------------------------------------------------------------------------------------

    def plain(self, relation: str, rules: Sequence[Planned], uses: int) -> None:
        found, given = [self.rows(planned) for planned in rules], relation in self.given
        if not rules and not given:
            self.without([relation])
        query = self.union(relation, rules, found, given)
        unique = self.is_unique(relation, rules, found)
        if uses > 1 or not unique or self.tables.parts or any(fails(planned.plan) for planned in rules):
            self.statements.append(Make(relation, self.text(query), any(hides(planned.plan) for planned in rules)))
        else:
            self.tables.inlined[relation] = query
        if not unique:
            self.statements.append(self.unique(relation))

    def recursion(self, relations: tuple[str, ...], rules: Sequence[Planned]) -> None:
        """Without facts of their own, rules that read these relations find nothing at first."""
        plans = [plan for planned in rules for plan in (planned.plan, *planned.again)]
        linear = len(relations) == 1 and self.is_linear(rules) and not any(map(fails, plans))
        texts = any("symbol" in self.program.relations[name].types for name in relations)
        if len(relations) == 1 and _is_shallow(relations[0], rules) and not any(map(fails, plans)):
            self.statements.append(Make(relations[0], self.text(self.twofold(relations[0], rules)), False))
        elif self.dialect == "duckdb" and texts and worth(rules) and not any(map(fails, plans)):
            self.statements.append(self.numbered(relations, rules, linear))
        elif linear:
            query = self.recursive(relations[0], rules, self.begun(relations[0], rules))
            self.statements.append(Make(relations[0], self.text(query), False))
        else:
            self.statements.append(self.loop(relations, rules))
        for name in relations:
            if self.program.relations[name].key:
                self.statements.append(self.unique(name))

    def is_linear(self, rules: Sequence[Planned]) -> bool:
        """Whether one recursive query will do: each rule reads the relation once, and groups nothing of what it finds."""
        again = [planned for planned in rules if planned.again]
        grouped = any(isinstance(step, Group) for p in again for plan in p.again for step in plan.steps)
        fits = self.dialect == "duckdb" or (len(again) == 1 and all(_reads_plainly(plan) for p in again for plan in p.again))
        return self.dialect in RECURSIVE and fits and not grouped and all(len(p.again) == 1 for p in again)

    def begun(self, relation: str, rules: Sequence[Planned]) -> exp.Query:
        """What there is of a relation before any round, perhaps twice."""
        found = [self.rows(p) for p in rules if not p.again and p.relation == relation]
        queries: list[exp.Query] = [rows.query(self.named(relation, rows.columns)) for rows in found]
        if relation in self.given:
            queries.append(self.stored(relation))
        return united(queries, distinct=False) if queries else self.nothing(relation)

    def recursive(self, relation: str, rules: Sequence[Planned], begun: exp.Query) -> exp.Query:
        """`WITH RECURSIVE new AS (what there is at first UNION what its rows of the last round bring)`"""
        again = self.later(relation, rules)
        return recursive(self.new(relation), begun, united(again, distinct=False)) if again else once(begun)

    def twofold(self, relation: str, rules: Sequence[Planned]) -> exp.Query:
        """What there is at first, and what that brings, which brings nothing more."""
        later = self.later(relation, rules)
        query = united([select([exp.Star()], [(table(self.new(relation)), None)], distinct=not later), *later])
        return with_parts(query, [(self.new(relation), self.begun(relation, rules))])

    def later(self, relation: str, rules: Sequence[Planned]) -> list[exp.Query]:
        found = [self.rows(p._replace(plan=plan)) for p in rules for plan in p.again]
        return [rows.query(self.named(relation, rows.columns)) for rows in found]

    def new(self, relation: str) -> str:
        return f"{self.tables.names[relation]}$new"

    def numbered(self, relations: tuple[str, ...], rules: Sequence[Planned], linear: bool) -> Numbered:
        """The recursion over numbers, which read what other relations say as numbers too."""
        tables, before = self.tables, {}
        read = sorted({name for p in rules for plan in p.again for name in _relations(plan.steps, [])} - set(relations))
        columns = {name: self.columns(name, tables.source(name, False, "t")) for name in read}
        for name in relations:
            first = tables.names[name] + FIRST
            before[first] = self.text(self.begun(name, rules))
            columns[name] = self.columns(name, table(first, "t"))
        before[SYMBOLS] = self.text(symbols(list(columns.values())))
        before |= {tables.names[name] + NUMBERED: self.text(columns[name].translated(TEXT, ID)) for name in read}
        begun = {name: columns[name].translated(TEXT, ID) for name in relations}
        self.tables = tables.behind(NUMBERED, {name: numbered(r) for name, r in tables.relations.items()})
        inner: Make | Loop
        if linear:
            inner = Make(relations[0], self.text(self.recursive(relations[0], rules, begun[relations[0]])), False)
        else:
            again = {
                name: [p._replace(plan=plan) for p in rules if p.relation == name for plan in p.again] for name in relations
            }
            rounds = {name: self.text(self.fresh(name, later)) for name, later in again.items() if later}
            firsts = {name: self.text(once(query)) for name, query in begun.items()}
            inner = Loop(relations, firsts, {}, rounds, _new_read(rules), False, NUMBERED)
        self.tables = tables
        made = {name: self.columns(name, table(tables.names[name] + NUMBERED, "t")) for name in relations}
        after = {tables.names[name]: self.text(one.translated(ID, TEXT)) for name, one in made.items()}
        return Numbered(before, inner, after, (*before, *(tables.names[name] + NUMBERED for name in relations)))

    def columns(self, relation: str, source: exp.Expr) -> Columns:
        return Columns.of(self.program.relations[relation], self.tables.columns[relation], source)

    def loop(self, relations: tuple[str, ...], rules: Sequence[Planned]) -> Loop:
        given, first, again = {}, {}, {}
        some = not self.given.isdisjoint(relations)
        for name in relations:
            own = [planned for planned in rules if planned.relation == name]
            given[name] = self.text(self.stored(name) if name in self.given else self.nothing(name))
            if begun := [p for p in own if some or not p.again]:
                first[name] = self.text(self.fresh(name, begun))
            if later := [p._replace(plan=plan) for p in own for plan in p.again]:
                again[name] = self.text(self.fresh(name, later))
        plans = [plan for planned in rules for plan in (planned.plan, *planned.again)]
        return Loop(relations, given, first, again, _new_read(rules), any(map(hides, plans)))

    def rows(self, planned: Planned) -> Rows:
        """The rows of a rule's head."""
        return self.with_head(Rows(self.tables).through(planned.plan.steps), planned.plan)

    def union(self, relation: str, rules: Sequence[Planned], found: Sequence[Rows], given: bool = False) -> exp.Query:
        """All rows of a relation that these rules found, none twice; with those that are `given`."""
        apart = not given and self.apart(rules, range(len(self.program.relations[relation].types)))
        queries: list[exp.Query] = [self.stored(relation)] if given else []
        queries += [
            rows.query(self.named(relation, rows.columns), apart and not rows.known.distinct(rows.attributes)) for rows in found
        ]
        return united(queries, distinct=not apart) if queries else self.nothing(relation)

    def apart(self, rules: Sequence[Planned], columns: Collection[int]) -> bool:
        return apart([self.all_rules[planned.rule] for planned in rules], columns, self.program.relations)

    def is_unique(self, relation: str, rules: Sequence[Planned], found: Sequence[Rows]) -> bool:
        """Whether the rules show that the relation's key, if it has one, is never broken."""
        key = self.program.relations[relation].key
        if not key or not rules:
            return True
        if relation in self.given or not self.apart(rules, key):
            return False
        return all(rows.known.is_key(key, rows.attributes) for rows in found)

    def missing(self, relation: str, query: exp.Query) -> exp.Query:
        """The rows of a query that the relation does not have yet."""
        return without(query, self.rows_of(relation, self.tables.names[relation]))

    def fresh(self, relation: str, rules: Sequence[Planned]) -> exp.Query:
        return self.missing(relation, self.union(relation, rules, [self.rows(planned) for planned in rules]))

    def stored(self, relation: str) -> exp.Query:
        return self.rows_of(relation, f"{self.tables.names[relation]}$given")

    def rows_of(self, relation: str, name: str) -> exp.Query:
        return select([column(c) for c in self.tables.columns[relation] or ("_",)], [(table(name), None)])

    def named(self, relation: str, values: Sequence[Value]) -> list[tuple[str, Value]]:
        return list(zip(self.tables.columns[relation], values, strict=True))

    def with_head(self, rows: Rows, plan: Plan) -> Rows:
        places = []
        for expression in plan.head:
            if isinstance(expression, Place):
                places.append(expression.place)
            else:
                places.append(len(rows.columns))
                rows = rows.extended(self.tables.dialect.value_of(expression, rows.columns), rows.sources(expression))
        return rows.kept(places)

    def nothing(self, relation: str) -> exp.Query:
        types = self.program.relations[relation].types
        typed = zip(self.tables.columns[relation], types, strict=True)
        return select(
            [named(self.tables.dialect.typed(exp.null(), t), c) for c, t in typed] or [named(whole(1), "_")],
            where=[exp.false()],
        )

    def unique(self, relation: str) -> Unique:
        """A statement that looks for two rows with the same key."""
        columns = [self.tables.column(relation, c, "t") for c in self.program.relations[relation].key]
        twice = exp.GT(this=exp.Count(this=exp.Star()), expression=whole(1))
        query = select([whole(1)], [(self.tables.source(relation, False, "t"), None)], groups=columns, having=[twice])
        return Unique(relation, self.text(limited(query, 1)))

    def text(self, query: exp.Query) -> str:
        query = with_parts(query, self.tables.parts)
        self.tables.parts.clear()
        return printed(query, self.dialect)


def _is_shallow(relation: str, rules: Sequence[Planned]) -> bool:
    """Whether the rules that read their own relation find nothing that any of them reads: they ask for another constant."""
    again = [planned for planned in rules if planned.again]
    return all(len(planned.again) == 1 for planned in again) and all(
        any(isinstance(own := p.plan.head[c], Fixed) and own.value != value for c, value in step.fixed)
        for p in again
        for other in again
        for step in other.again[0].steps
        if isinstance(step, Join) and step.relation == relation
    )


def _new_read(rules: Sequence[Planned]) -> dict[str, frozenset[str]]:
    """For each relation those of which its rules read what the last round brought."""
    found: dict[str, set[str]] = {}
    for planned in rules:
        for plan in planned.again:
            new = {step.relation for step in plan.steps if isinstance(step, Join) and step.delta}
            found.setdefault(planned.relation, set()).update(new)
    return {relation: frozenset(read) for relation, read in found.items()}


def _reads_plainly(plan: Plan) -> bool:
    """Whether the rows of the last round stand beside the others: PostgreSQL wants them in no query of their own."""
    return all(step.new or not step.delta if isinstance(step, Join) else not isinstance(step, Group) for step in plan.steps)


def _relations(steps: Iterable[Step], grouped: list[object]) -> Iterator[str]:
    """Each relation as often as it is read; for aggregates of the same rows by the same places, once."""
    for step in steps:
        if isinstance(step, Join | AntiJoin):
            yield step.relation
        elif isinstance(step, Group) and (step.groups, step.steps) not in grouped:
            grouped.append((step.groups, step.steps))
            yield from _relations(step.steps, [])
