"""The default engine at work: a set at a time, hash joins on plans, semi-naive rounds for recursion; exact.

Each step of a plan becomes a function from rows to rows. A relation keeps the indexes that its joins asked for, so that facts
which do not change between two evaluations are indexed once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import copy
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from ...datalog import values
from ...datalog.checked import CheckedProgram, Model, Planned, Row
from ...datalog.expressions import COMPARISONS, OF_NOTHING, compile_expression, fold, gather
from ...datalog.plan import AntiJoin, Extend, Group, Join, Place, Plan, Project, Select, Step
from ...errors import ArithmeticFault
from .tables import Table, picker, row_picker

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...datalog.plan import Expression
    from .tables import Spec

    Rows = Collection[Row]
    Faults = dict[Row, ArithmeticFault]
    Action = Callable[["_Run", Rows], Rows]

_prepared: WeakKeyDictionary[CheckedProgram, tuple[list[_Rule], ...]] = WeakKeyDictionary()


def evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    """The model of a program over facts (values as kept inside; a `Table` is used as it is and keeps its indexes).

    Raises `ArithmeticFault` and `DuplicateKeyError`.
    """
    if program not in _prepared:
        _prepared[program] = tuple([_Rule(program, planned) for planned in stratum] for stratum in program.plans)
    run = _Run(program, facts)
    for (relations, recursive, _), rules in zip(program.outline, _prepared[program], strict=True):
        run.stratum(relations, recursive, rules)
    return Model(program.relations, {name: table.rows for name, table in run.tables.items()})


class _Run:
    """One evaluation: the tables, `delta` (what the last round of a recursion brought), `faults` of groups by aggregate."""

    def __init__(self, program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> None:
        self.program = program
        derived = {name for relations, _, _ in program.outline for name in relations}
        self.tables: dict[str, Table] = {}
        for name in program.relations:
            rows = facts.get(name, ())
            shared = isinstance(rows, Table) and name not in derived
            self.tables[name] = rows if shared else Table(rows)  # type: ignore[assignment]
        self.delta: dict[str, Table] = {}
        self.faults: dict[int, Faults] = {}
        self.check_keys(program.relations.keys() - derived)

    def stratum(self, relations: tuple[str, ...], recursive: bool, rules: list[_Rule]) -> None:
        found: dict[str, set[Row]] = {name: set(self.tables[name].rows) if recursive else set() for name in relations}
        for rule in rules:
            found[rule.relation].update(rule.rows(self))
        if not recursive:
            for name in relations:
                self.tables[name].add(found[name])
        else:
            self.fixpoint(found, rules)
        self.check_keys(relations)

    def fixpoint(self, found: dict[str, set[Row]], rules: list[_Rule]) -> None:
        for name, rows in found.items():
            self.tables[name].add(rows)
        while any(found.values()):
            self.delta = {name: Table(rows) for name, rows in found.items()}
            found = {name: set() for name in found}
            for rule in rules:
                known = self.tables[rule.relation].rows
                for action in rule.again:
                    found[rule.relation].update(row for row in rule.run(self, action) if row not in known)
            for name, rows in found.items():
                self.tables[name].add(rows)

    def check_keys(self, names: Collection[str]) -> None:
        for name in names:
            key = self.program.relations[name].key
            if key and not (table := self.tables[name]).unique(key):
                from ...datalog.failures import duplicate_key

                raise duplicate_key(self.program, name, table.rows, self.givers)

    def givers(self, row: Row, relation: str) -> Iterator[int]:
        """The numbers of the rules that give a row, to name them in an error."""
        for rule in (r for stratum in _prepared[self.program] for r in stratum):
            if rule.relation == relation and row in rule.rows(self):
                yield rule.number


class _Rule:
    """A rule made ready to run: the functions of its steps, and those for the later rounds of a recursion.

    `inside`: the number of the literal whose aggregate the steps are in; `failed`: literals that have failed and are left out.
    """

    inside: int | None = None
    failed: frozenset[int] = frozenset()

    def __init__(self, program: CheckedProgram, planned: Planned) -> None:
        self.program, self.relation, self.number = program, planned.relation, planned.rule
        self.first = self.prepare(planned.plan)
        self.again = [self.prepare(plan) for plan in planned.again]

    def prepare(self, plan: Plan) -> tuple[list[Action], Callable[[Row], Row]]:
        taken, head = _without_last_projection(plan)
        return [self.action(step) for step in taken], row_picker(head)

    def rows(self, run: _Run) -> Iterator[Row]:
        return self.run(run, self.first)

    def run(self, run: _Run, prepared: tuple[list[Action], Callable[[Row], Row]]) -> Iterator[Row]:
        actions, head = prepared
        return map(head, steps(run, actions, [()]))

    def action(self, step: Step) -> Action:
        match step:
            case Join():
                return _join(step)
            case AntiJoin():
                return _anti_join(step)
            case Project(keep):
                pick = picker(keep, always_tuple=True)
                return lambda run, rows: dict.fromkeys(map(pick, rows))
            case Select():
                return self.select(step)
            case Extend():
                return self.extend(step)
            case Group():
                return self.group(step)

    def select(self, step: Select) -> Action:
        left, right = compile_expression(step.left), compile_expression(step.right)
        holds = COMPARISONS[step.operator]

        def action(run: _Run, rows: Rows) -> Rows:
            kept, failed = [], {}
            for row in rows:
                try:
                    if holds(left(row), right(row)):
                        kept.append(row)
                except ArithmeticFault as fault:
                    failed[row] = fault
            self.faults(run, step, failed)
            return kept

        return action

    def extend(self, step: Extend) -> Action:
        value = compile_expression(step.expression)

        def action(run: _Run, rows: Rows) -> Rows:
            longer, failed = [], {}
            for row in rows:
                try:
                    longer.append((*row, value(row)))
                except ArithmeticFault as fault:
                    failed[row] = fault
            self.faults(run, step, failed)
            return longer

        return action

    def group(self, step: Group) -> Action:
        group_of = picker(step.groups, always_tuple=True)
        body = _Body(self, step)

        def action(run: _Run, rows: Rows) -> Rows:
            found, faults = body.values(run, dict.fromkeys(map(group_of, rows)))
            if not faults:
                return [(*row, value) for row in rows if (value := found.get(group_of(row))) is not None]
            self.faults(run, step, {row: faults[group_of(row)] for row in rows if group_of(row) in faults})
            whole = (row for row in rows if group_of(row) not in faults)
            return [(*row, value) for row in whole if (value := found.get(group_of(row))) is not None]

        return action

    def faults(self, run: _Run, step: Select | Extend | Group, failed: Faults) -> None:
        """Look at the rows that failed, always in the same order, so that the same one is named in every run."""
        for row in sorted(failed, key=repr) if failed else ():
            self.fault(run, step, row, failed[row])

    def fault(self, run: _Run, step: Select | Extend | Group, row: Row, fault: ArithmeticFault) -> None:
        """Raise, if every literal of the rule that does not depend on what failed holds."""
        if self.rest_holds(run, step, row):
            from ...datalog.failures import located

            raise located(self.program, self.number, step, row, fault)

    def rest_holds(self, run: _Run, step: Select | Extend | Group, row: Row) -> bool:
        from ...datalog.failures import rest

        others = copy(self)
        others.failed = self.failed | {step.literal}
        planned = rest(self.program, self.number, self.inside, others.failed, step.schema)
        return bool(steps(run, [others.action(s) for s in planned], [row]))


class _Body:
    """The inside of an aggregate: its rows for given groups, and the value of each group."""

    def __init__(self, rule: _Rule, step: Group) -> None:
        self.step, self.width = step, len(step.groups)
        self.inner = _Inner(rule, self)
        self.actions = [self.inner.action(s) for s in step.steps]
        self.target = None if step.target is None else compile_expression(step.target)
        self.only = _only_join(step)

    def values(self, run: _Run, groups: Rows) -> tuple[dict[Row, int], Faults]:
        """The value of each group that has one, and the groups that fail."""
        faults = run.faults[id(self)] = {}
        if self.only is not None:
            gathered = self.looked_up(run, groups, self.only)
        else:
            gathered = gather(self.step, steps(run, self.actions, groups), self.target, groups, faults)
        return fold(self.step, gathered, faults), faults

    def looked_up(self, run: _Run, groups: Rows, join: Join) -> dict[Row, Any]:
        """Over one relation, the values of a group stand together in its index."""
        found = run.tables[join.relation].index(_spec(join)).get
        key = picker([place for _, place in join.key])
        buckets = ((group, found(key(group), ())) for group in groups)
        known = {group: bucket for group, bucket in buckets if bucket or self.step.function in OF_NOTHING}
        if not isinstance(self.step.target, Place):
            return known
        place = self.step.target.place - self.width
        return {group: [row[place] for row in bucket] for group, bucket in known.items()}


class _Inner(_Rule):
    """A rule's steps inside an aggregate: a fault there is the group's, raised only if the rest of the rule holds."""

    def __init__(self, rule: _Rule, body: _Body) -> None:
        self.program, self.number, self.body = rule.program, rule.number, body
        self.inside = body.step.literal

    def fault(self, run: _Run, step: Select | Extend | Group, row: Row, fault: ArithmeticFault) -> None:
        if self.rest_holds(run, step, row):
            values.keep_first(run.faults[id(self.body)], row[: self.body.width], fault)


def steps(run: _Run, actions: list[Action], rows: Rows) -> Rows:
    for action in actions:
        if not rows:
            return ()
        rows = action(run, rows)
    return rows


def _without_last_projection(plan: Plan) -> tuple[list[Step], tuple[Expression, ...]]:
    """A plan without the projections at its end: the head takes what it needs, and drops what is double, by itself."""
    taken, head = list(plan.steps), plan.head
    while taken and isinstance(last := taken[-1], Project | Join) and (keep := last.keep) is not None:
        taken[-1:] = [last._replace(keep=None)] if isinstance(last, Join) else []
        head = tuple(Place(keep[e.place]) if isinstance(e, Place) else e for e in head)
    return taken, head


def _only_join(step: Group) -> Join | None:
    """The join of an aggregate that is over one relation and a column of it, or a count."""
    join = step.steps[0] if len(step.steps) == 1 else None
    column = isinstance(step.target, Place) and step.target.place >= len(step.groups)
    return join if isinstance(join, Join) and join.new and (column or step.target is None) else None


def _spec(step: Join) -> Spec:
    return step.fixed, tuple(column for column, _ in step.key), step.same, step.new


def _join(step: Join) -> Action:
    spec = _spec(step)
    key = picker([place for _, place in step.key])
    pick = None if step.keep is None else picker(step.keep, always_tuple=True)

    def action(run: _Run, rows: Rows) -> Rows:
        table = (run.delta if step.delta else run.tables)[step.relation]
        index: Any = table.index(spec)
        if not step.new:
            kept = [row for row in rows if key(row) in index]
            return dict.fromkeys(map(pick, kept)) if pick else kept
        found = index.get
        longer = [row + more for row in rows for more in found(key(row), ())]
        return dict.fromkeys(map(pick, longer)) if pick else longer

    return action


def _anti_join(step: AntiJoin) -> Action:
    spec = (step.fixed, tuple(column for column, _ in step.key), (), ())
    key = picker([place for _, place in step.key])

    def action(run: _Run, rows: Rows) -> Rows:
        index: Any = run.tables[step.relation].index(spec)
        return [row for row in rows if key(row) not in index]

    return action
