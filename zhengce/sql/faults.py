"""What a rule's arithmetic could not work out, and the rule's rows without it: looked for when a database reports an error.

Step by step, as the other engines do: rows for which a value is missing are set aside; if every literal that does not depend on
the value holds for one, that is the fault; if not, the row was no solution anyway. Each state is kept in a table of its own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from sqlglot import exp

from ..datalog import values
from ..datalog.expressions import compile_expression
from ..datalog.failures import located, rest
from ..datalog.plan import Extend, Group, Join, Select
from ..errors import ArithmeticFault
from .expressions import COMPARISONS, can_fail, constant, missing
from .rows import Rows, aggregate
from .simplifying import without
from .trees import both, column, no, select, table, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..datalog.checked import CheckedProgram, Row
    from ..datalog.plan import Expression, Plan, Step
    from ..datalog.syntax import Type
    from .program import Compiler
    from .trees import Value

    Faulty = Select | Extend | Group


class Database(Protocol):
    """Where queries are run."""

    def fetched(self, query: exp.Query) -> list[tuple[Any, ...]]: ...

    def saved(self, query: exp.Query) -> str: ...

    def stored(self, rows: Sequence[tuple[Any, ...]]) -> str: ...


class Where(NamedTuple):
    """The rule that steps belong to, and its literals that have failed and are left out.

    Inside an aggregate, `inside` is the number of its literal; a fault there is the group's (the first `width` values of a row)
    and goes to `broken`. `found`: where rows with a fault are only gathered, by the width of the rows that are asked about.
    """

    rule: int
    failed: frozenset[int] = frozenset()
    inside: int | None = None
    width: int = 0
    broken: dict[Row, ArithmeticFault] | None = None
    found: tuple[int, set[Row]] | None = None


class Careful:
    """Goes through a rule's plan so that nothing raises in the database; raises `ArithmeticFault` itself."""

    def __init__(self, program: CheckedProgram, compiler: Compiler, database: Database) -> None:
        self.program, self.tables, self.empty, self.database = program, compiler.tables, compiler.empty, database

    def rows(self, rule: int, plan: Plan) -> Rows:
        """The rows of the plan's steps."""
        return self.steps(Where(rule), Rows(self.tables), plan.steps)

    def steps(self, where: Where, rows: Rows, steps: Sequence[Step]) -> Rows:
        for step in steps:
            rows = self.step(where, rows, step)
        return rows

    def step(self, where: Where, rows: Rows, step: Step) -> Rows:
        match step:
            case Select(operator=operator, left=left, right=right) if can_fail(left) or can_fail(right):
                rows = self.kept(rows)
                sides = self.tried(left, rows), self.tried(right, rows)
                self.look_at(where, step, rows.filtered(both([missing(s) for s in sides], exp.Or)), _comparing(step))
                return rows.filtered(COMPARISONS[operator](this=sides[0], expression=sides[1]))
            case Extend(expression=expression) if can_fail(expression):
                rows = self.kept(rows)
                longer = self.kept(rows.extended(self.tried(expression, rows), rows.sources(expression)))
                lacks = missing(longer.columns[-1])
                shorter = longer.kept(range(len(rows.columns)))
                value = compile_expression(expression)
                self.look_at(where, step, shorter.filtered(lacks), lambda row: value(inside(row)))
                return longer.filtered(no(lacks))
            case Group():
                return self.grouped(where, self.kept(rows), step)
            case Join() if where.inside is not None:
                return rows.with_table(step, self.tables.alias(), frozenset())
        return rows.step(step)

    def tried(self, expression: Expression, rows: Rows) -> Value:
        return self.tables.dialect.trying.value_of(expression, rows.columns)

    def constant(self, value: object) -> Value:
        """A value of the database."""
        type_ = type_of(value)
        return self.tables.dialect.constant(values.encode(value, type_), type_)

    def kept(self, rows: Rows) -> Rows:
        """The same rows, in a table of their own."""
        if not rows.columns:
            return rows.nested()
        alias = self.tables.alias()
        name = self.database.saved(rows.query(rows.numbered(), distinct=not rows.known.distinct(rows.attributes)))
        return rows.from_table(table(name, alias), alias, True)

    # -- rows with a fault ---------------------------------------------------------------------------------------------------

    def look_at(self, where: Where, step: Faulty, failed: Rows, value: Callable[[Row], object]) -> None:
        """Raise the first fault that counts, by the order of the rows; inside an aggregate, keep it for the group."""
        if not (given := self.given(failed)):
            return
        if where.found is not None:
            width, found = where.found
            found.update(row[:width] for row in given)
            return
        for row in sorted(self.suspicious(where, step, failed, len(step.schema)), key=lambda row: repr(inside(row))):
            if self.holds(where, step, row):
                self.told(where, step, row, _fault(value, row))

    def told(self, where: Where, step: Faulty, row: Row, fault: ArithmeticFault) -> None:
        if where.broken is None:
            raise located(self.program, where.rule, step, inside(row), fault)
        values.keep_first(where.broken, row[: where.width], fault)

    def suspicious(self, where: Where, step: Faulty, failed: Rows, width: int) -> set[Row]:
        """The rows for which the rest of the rule holds, or has a fault in turn."""
        found: set[Row] = set()
        others = where._replace(failed=where.failed | {step.literal}, found=(width, found))
        if (steps := self.rest(where, step)) is not None:
            found.update(row[:width] for row in self.given(self.steps(others, self.kept(failed), steps)))
        return found

    def holds(self, where: Where, step: Faulty, row: Row) -> bool:
        """Whether the rest of the rule holds for one row; a fault in it is looked at in turn."""
        others = where._replace(failed=where.failed | {step.literal})
        one = Rows(self.tables)
        for value in row:
            one = one.extended(self.constant(value), ())
        steps = self.rest(where, step)
        return steps is not None and bool(self.given(self.steps(others, one, steps).kept(())))

    def rest(self, where: Where, step: Faulty) -> tuple[Step, ...] | None:
        """Steps that test the rest of the rule; None where that can never hold."""
        steps = rest(self.program, where.rule, where.inside, where.failed | {step.literal}, step.schema)
        return without(steps, self.empty, [False] * len(step.schema))

    def given(self, rows: Rows) -> list[Row]:
        """The rows, as the database gives them."""
        found = self.database.fetched(rows.query(rows.numbered(), distinct=True))
        return found if rows.columns else [()] * len(found)

    # -- aggregates ------------------------------------------------------------------------------------------------------------

    def grouped(self, where: Where, rows: Rows, step: Group) -> Rows:
        """Rows with an aggregate added, those whose group has one."""
        broken: dict[Row, ArithmeticFault] = {}
        totals = self.kept(self.totals(step, self.body(where, rows, step, broken)))
        width = len(step.groups)
        for row in self.given(totals.filtered(missing(totals.columns[width]))):
            broken.setdefault(row[:width], _too_great(step))
        rows = self.without(where, rows, step, broken) if broken else rows
        same = [exp.EQ(this=t, expression=rows.columns[p].copy()) for t, p in zip(totals.columns, step.groups, strict=False)]
        rows = rows.beside(step, totals.joins[0][0], same)
        return rows.with_value(step, totals.columns[width])

    def body(self, where: Where, rows: Rows, step: Group, broken: dict[Row, ArithmeticFault]) -> tuple[Rows, Value | None]:
        """The groups, each with the values to be gathered; a group with a fault goes to `broken`."""
        there = Where(where.rule, inside=step.literal, width=len(step.groups), broken=broken)
        groups = self.kept(replace(rows.kept(step.groups), groups={}))
        body = self.kept(self.steps(there, groups, step.steps))
        if step.target is None or not can_fail(step.target):
            return body, None if step.target is None else self.tried(step.target, body)
        tries = self.kept(body.extended(self.tried(step.target, body), body.sources(step.target)))
        lacks, value = missing(tries.columns[-1]), compile_expression(step.target)
        for row in self.given(tries.filtered(lacks).kept(range(len(body.columns)))):
            values.keep_first(broken, row[: len(step.groups)], _fault(lambda row: value(inside(row)), row))
        return tries.filtered(no(lacks)), tries.columns[-1]

    def totals(self, step: Group, body: tuple[Rows, Value | None]) -> Rows:
        """Each group with its aggregate; null where that is too great."""
        (rows, target), width = body, len(step.groups)
        function, finish = aggregate(self.tables.dialect.trying, step, target)
        head = [(f"v{i}", column) for i, column in enumerate(rows.columns[:width])]
        query = rows.grouping(step, [*head, (f"v{width}", function)])
        summed = Rows.of_query(self.tables, query, width + 1)
        value = exp.Coalesce(this=summed.columns[width], expressions=[constant(0, step.type)])
        finished = finish(value) if step.function == "sum" else summed.columns[width]
        return summed.kept(range(width)).extended(finished, ())

    def without(self, where: Where, rows: Rows, step: Group, broken: dict[Row, ArithmeticFault]) -> Rows:
        """The rows whose group has no fault; the others are looked at."""

        def value(row: Row) -> object:
            raise broken[tuple([row[p] for p in step.groups])]

        if not step.groups:
            self.look_at(where, step, rows, value)
            return rows.filtered(exp.false())
        alias = self.tables.alias()
        source = table(self.database.stored(list(broken)), alias)
        same = [exp.EQ(this=column(f"v{i}", alias), expression=rows.columns[p].copy()) for i, p in enumerate(step.groups)]
        found = exp.Exists(this=select([whole(1)], [(source, None)], same))
        self.look_at(where, step, rows.filtered(found), value)
        return rows.filtered(no(found.copy()))


def inside(row: Row) -> Row:
    """A row of the database as engines keep it."""
    return tuple([int(v.scaleb(values.PLACES)) if isinstance(v, Decimal) else v for v in row])


def type_of(value: object) -> Type:
    """The type of a value of the database."""
    match value:
        case Decimal():
            return "decimal"
        case int():
            return "number"
        case date():
            return "date"
    return "symbol"


def _fault(value: Callable[[Row], object], row: Row) -> ArithmeticFault:
    """Why there is no value for a row."""
    try:
        value(row)
    except ArithmeticFault as fault:
        return fault
    raise AssertionError(row)  # the database could not work out what can be worked out


def _too_great(step: Group) -> ArithmeticFault:
    return _fault(lambda row: values.within(values.DECIMAL_BOUND * values.SCALE, step.type), ())


def _comparing(step: Select) -> Callable[[Row], object]:
    left, right = compile_expression(step.left), compile_expression(step.right)
    return lambda row: (left(inside(row)), right(inside(row)))
