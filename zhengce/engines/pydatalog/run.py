"""The second engine at work: we go through strata, rounds and plans; pyDatalog joins.

Of a plan, each run of joins, negations and comparisons becomes one rule over stored facts, which pyDatalog answers. What lies
between two runs is worked out here, on the rows that came back: arithmetic, dates, groups. Those rows are then facts in turn.
So the library never sees recursion, a negation of what is not complete, or an aggregate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ...datalog import values
from ...datalog.checked import CheckedProgram, Model, Row
from ...datalog.plan import AntiJoin, Extend, Group, Join, Project, Select
from ...errors import ArithmeticFault
from .arithmetic import folded, holds, value_of
from .joining import Rule, is_plain
from .tables import Tables
from .theory import opened

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from ...datalog.checked import Planned
    from ...datalog.plan import Plan, Step
    from .arithmetic import Faults
    from .theory import Theory

    Rows = Collection[Row]


def evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    """The model of a program over facts (values as kept inside).

    Raises `ArithmeticFault` and `DuplicateKeyError`, and `EngineError` when pyDatalog is not installed.
    """
    with opened() as theory:
        run = _Run(program, facts, theory)
        for (relations, recursive, _), rules in zip(program.outline, program.plans, strict=True):
            run.stratum(relations, recursive, rules)
        return Model(program.relations, run.tables.rows)


class _Where(NamedTuple):
    """The rule that steps belong to, and the literals of it that have failed and are left out.

    Inside an aggregate, `inside` is the number of its literal, and a fault is the group's (the first `width` values of a row):
    it goes to `broken`, and matters only if the rest of the rule holds.
    """

    rule: int
    failed: frozenset[int] = frozenset()
    inside: int | None = None
    width: int = 0
    broken: Faults | None = None


class _Run:
    """One evaluation."""

    def __init__(self, program: CheckedProgram, facts: Mapping[str, Rows], theory: Theory) -> None:
        self.program, self.theory = program, theory
        self.tables = Tables({name: facts.get(name, ()) for name in program.relations}, theory)
        derived = {name for relations, _, _ in program.outline for name in relations}
        self.check_keys(program.relations.keys() - derived)

    # -- strata and rounds -------------------------------------------------------------------------------------------

    def stratum(self, relations: tuple[str, ...], recursive: bool, rules: tuple[Planned, ...]) -> None:
        found: dict[str, set[Row]] = {name: set() for name in relations}
        for rule in rules:
            found[rule.relation].update(self.heads(rule.rule, rule.plan))
        for name, rows in found.items():
            self.tables.add(name, rows)
        if recursive:
            self.rounds({name: set(self.tables.rows[name]) for name in relations}, rules)
        self.check_keys(relations)

    def rounds(self, delta: dict[str, set[Row]], rules: tuple[Planned, ...]) -> None:
        """Until nothing new comes: each round reads, in one atom of a rule after the other, only what the last one brought."""
        while any(delta.values()):
            self.tables.next_round(delta)
            delta = {name: set() for name in delta}
            for rule in rules:
                for plan in rule.again:
                    delta[rule.relation].update(self.heads(rule.rule, plan))
            for name, rows in delta.items():
                rows -= self.tables.rows[name]
                self.tables.add(name, rows)
        self.tables.next_round({})

    def check_keys(self, names: Collection[str]) -> None:
        for name in names:
            key, rows = self.program.relations[name].key, self.tables.rows[name]
            if key and len({tuple([row[c] for c in key]) for row in rows}) < len(rows):
                from ...datalog.failures import duplicate_key

                raise duplicate_key(self.program, name, rows, self.givers)

    def givers(self, row: Row, relation: str) -> Iterator[int]:
        """The numbers of the rules that give a row, to name them in an error."""
        for rule in (r for stratum in self.program.plans for r in stratum):
            if rule.relation == relation and row in self.heads(rule.rule, rule.plan):
                yield rule.rule

    # -- rules ---------------------------------------------------------------------------------------------------------

    def heads(self, number: int, plan: Plan) -> set[Row]:
        rows = self.steps(_Where(number), plan.steps, [()])
        return {tuple([value_of(e, row) for e in plan.head]) for row in rows}

    def steps(self, where: _Where, steps: tuple[Step, ...], rows: Rows) -> Rows:
        """The rows that come of these: pyDatalog joins, and does what follows a join as long as it can do that exactly."""
        rule: Rule | None = None
        for step in steps:
            if rule is None and not rows:
                return ()
            if isinstance(step, Join | AntiJoin) or (rule is not None and is_plain(step)):
                rule = rule or Rule(self.tables, self.theory, rows)
                rule.take(step)
                continue
            rows, rule = (rule.answers() if rule else rows), None
            rows = self.by_hand(where, step, rows)
        return rule.answers() if rule else rows

    def by_hand(self, where: _Where, step: Step, rows: Rows) -> Rows:
        match step:
            case Project(keep):
                return dict.fromkeys(tuple([row[place] for place in keep]) for row in rows)
            case Select(operator=operator, left=left, right=right):
                return self.kept(where, step, rows, lambda r: (r,) * holds(operator, value_of(left, r), value_of(right, r)))
            case Extend(expression=expression):
                return self.kept(where, step, rows, lambda row: ((*row, value_of(expression, row)),))
            case Group():
                return self.grouped(where, step, rows)
        raise AssertionError(step)

    def kept(self, where: _Where, step: Select | Extend, rows: Rows, made: Callable[[Row], tuple[Row, ...]]) -> list[Row]:
        """What is made of each row."""
        kept: list[Row] = []
        failed: Faults = {}
        for row in rows:
            try:
                kept += made(row)
            except ArithmeticFault as fault:
                failed[row] = fault
        self.look_at(where, step, failed)
        return kept

    def grouped(self, where: _Where, step: Group, rows: Rows) -> list[Row]:
        """Rows with an aggregate added, those whose group has one."""
        group_of = {row: tuple([row[place] for place in step.groups]) for row in rows}
        groups = list(dict.fromkeys(group_of.values()))
        faults: Faults = {}
        inside = _Where(where.rule, inside=step.literal, width=len(step.groups), broken=faults)
        members = self.steps(inside, step.steps, groups) if groups else ()
        found = folded(step, groups, members, faults)
        self.look_at(where, step, {row: faults[group] for row, group in group_of.items() if group in faults})
        return [(*row, found[group]) for row, group in group_of.items() if group in found and group not in faults]

    # -- faults ----------------------------------------------------------------------------------------------------------

    def look_at(self, where: _Where, step: Select | Extend | Group, failed: Faults) -> None:
        """A fault matters where every literal holds that does not depend on what failed; the first by value is named."""
        for row in sorted(failed, key=repr):
            if not self.rest_holds(where, step, row):
                continue
            if where.broken is None:
                from ...datalog.failures import located

                raise located(self.program, where.rule, step, row, failed[row])
            values.keep_first(where.broken, row[: where.width], failed[row])

    def rest_holds(self, where: _Where, step: Select | Extend | Group, row: Row) -> bool:
        from ...datalog.failures import rest

        others = where._replace(failed=where.failed | {step.literal})
        planned = rest(self.program, where.rule, where.inside, others.failed, step.schema)
        return bool(self.steps(others, planned, [row]))
