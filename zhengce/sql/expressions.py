"""Expressions of a plan as SQL. A symbol is TEXT, a number BIGINT, a decimal DECIMAL(18, 6), a date DATE; nothing is ever null.

What cannot be worked out raises an error in the database, or with `trying` is null: there nothing raises, in whatever order the
database goes. Every operand that is not a bracket or a function of its own is put into brackets: the printer does not.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlglot import exp

from ..datalog import values
from ..datalog.plan import Apply, Fixed, Place
from .naming import names
from .trees import as_type, both, call, case, cast, column, no, select, table, text, try_cast, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..datalog.plan import Expression
    from ..datalog.syntax import Type

    Value = exp.Expr

TYPES: dict[str, str] = {"symbol": "TEXT", "number": "BIGINT", "decimal": "DECIMAL(18, 6)", "date": "DATE"}
LONG, UNSCALED = "DECIMAL(38, 6)", "DECIMAL(12, 0)"  # more digits than the second has no decimal either
WORKDAYS, CALENDAR = "$workday", "$calendar"
COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
FIRST, LAST, DAYS = "0001-01-01", "9999-12-31", 3_652_058
NEVER_FAIL = ("min", "max", "year_of")
_BINARY: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul, "/": exp.IntDiv, "%": exp.Mod}


def missing(value: Value) -> Value:
    return exp.Is(this=exp.Paren(this=value.copy()), expression=exp.Null())


def can_fail(expression: Expression) -> bool:
    """Whether there are values for which the expression has none."""
    if not isinstance(expression, Apply):
        return False
    return expression.operator not in NEVER_FAIL or any(map(can_fail, expression.arguments))


def calls(expression: Expression) -> set[str]:
    """The names of all operations in an expression."""
    if not isinstance(expression, Apply):
        return set()
    return {expression.operator}.union(*map(calls, expression.arguments))


def constant(value: values.Internal, type_: Type) -> Value:
    """A value as engines keep it."""
    written = text(str(values.decode(value, type_)))
    return written if type_ == "symbol" else cast(written, TYPES[type_])


def binary(operator: str, left: Value, right: Value) -> Value:
    return exp.Paren(this=_BINARY[operator](this=left, expression=right))


class Dialect:
    """How a database works values out; this is DuckDB's way, the others say where theirs differs.

    `whole`: its type for whole numbers beyond 64 bits. `before`: what the names of tables begin with. `nulls`: what cannot be
    worked out is null.
    """

    name = "duckdb"
    whole = "INT128"
    before = ""

    def __init__(self, nulls: bool = False) -> None:
        self.nulls = nulls

    @cached_property
    def trying(self) -> Dialect:
        return type(self)(nulls=True)

    def tables(self, relations: Iterable[str]) -> dict[str, str]:
        return {name: self.before + short for name, short in names(relations).items()}

    def value_of(self, expression: Expression, row: Sequence[Value]) -> Value:
        """The SQL of an expression over a row, whose values are given as SQL."""
        match expression:
            case Place(place):
                return row[place].copy()
            case Fixed(value, type_):
                return self.constant(value, type_)
            case Apply(operator, type_, arguments):
                return _OPERATIONS[operator](self, type_, *(self.value_of(a, row) for a in arguments))

    def constant(self, value: values.Internal, type_: Type) -> Value:
        return constant(value, type_)

    def typed(self, value: Value, type_: Type) -> Value:
        return cast(value, TYPES[type_])

    # -- what can be too great ----------------------------------------------------------------------------------------------

    def fitted(self, value: Value, type_: Type) -> Value:
        """As the type: a decimal rounded, half away from zero. What is too great is refused."""
        return (try_cast if self.nulls else cast)(value, TYPES[type_])

    def operand(self, value: Value, type_: Type) -> Value:
        """Such that a sum or a product of two is not too great by itself."""
        return cast(value, self.whole) if self.nulls and type_ == "number" else value

    def divisor(self, value: Value) -> Value:
        return exp.Nullif(this=value, expression=whole(0)) if self.nulls else value

    def refused(self, *why: Value) -> Value:
        """Instead of a date: a text that is none."""
        return exp.null() if self.nulls else cast(call("CONCAT", *why), "DATE")

    # -- arithmetic -----------------------------------------------------------------------------------------------------------

    def plain(self, operator: str, type_: Type, left: Value, right: Value) -> Value:
        return self.fitted(binary(operator, self.operand(left, type_), right), type_)

    def times(self, type_: Type, left: Value, right: Value) -> Value:
        """A whole number among decimals needs no rounding."""
        if type_ == "number":
            return self.fitted(binary("*", self.operand(left, type_), right), type_)
        if (whole_left := _unscaled(left)) is not None:
            return self.fitted(binary("*", whole_left, right), type_)
        if (whole_right := _unscaled(right)) is not None:
            return self.fitted(binary("*", left, whole_right), type_)
        return self.fitted(binary("*", cast(left, LONG), right), type_)

    def made_decimal(self, type_: Type, value: Value) -> Value:
        return self.fitted(value if self.nulls else cast(value, UNSCALED), "decimal")

    def divided(self, type_: Type, left: Value, right: Value) -> Value:
        """A number is cut off; a decimal is rounded."""
        if type_ == "number":
            return self.fitted(self.quotient(self.operand(left, type_), self.divisor(right)), type_)
        return self.rounded(binary("*", self.millionths(left), whole(values.SCALE)), self.divisor(self.millionths(right)))

    def quotient(self, left: Value, right: Value) -> Value:
        """Of whole numbers, cut off."""
        return binary("/", left, right)

    def remainder(self, type_: Type, left: Value, right: Value) -> Value:
        """The least number divided by -1 is no number, but leaves nothing."""
        rest = binary("%", self.operand(left, type_), self.divisor(right))
        if self.nulls:
            return cast(rest, TYPES[type_])
        return case(exp.EQ(this=right.copy(), expression=whole(-1)), constant(0, "number"), rest)

    def negated(self, type_: Type, value: Value) -> Value:
        return self.fitted(exp.Neg(this=exp.Paren(this=self.operand(value, type_))), type_)

    def chosen(self, function: str, left: Value, right: Value) -> Value:
        """`LEAST` and `GREATEST` pass over what is null."""
        if not self.nulls:
            return call(function, left, right)
        return case(both([missing(left), missing(right)], exp.Or), exp.null(), call(function, left, right))

    def millionths(self, value: Value) -> Value:
        """A decimal as a whole number."""
        return cast(binary("*", cast(value, LONG), whole(values.SCALE)), self.whole)

    def rounded(self, numerator: Value, denominator: Value) -> Value:
        """The quotient of two whole numbers, half away from zero, as a decimal of so many millionths."""
        size = exp.Abs(this=denominator)
        twice = binary("+", binary("*", exp.Abs(this=numerator), whole(2)), size)
        quotient = self.quotient(twice, binary("*", size.copy(), whole(2)))
        below = [exp.Paren(this=exp.LT(this=part.copy(), expression=whole(0))) for part in (numerator, denominator)]
        sign = case(exp.EQ(this=below[0], expression=below[1]), whole(1), whole(-1))
        signed = cast(binary("*", quotient, sign), "DECIMAL(38, 0)")
        return self.fitted(binary("*", signed, constant(1, "decimal")), "decimal")

    def summed(self, value: Value, type_: Type) -> Value:
        """The sum of a group, which is not too great by itself."""
        return exp.Sum(this=value)

    # -- dates ----------------------------------------------------------------------------------------------------------------

    def days_after(self, type_: Type, day: Value, n: Value) -> Value:
        least, most = self.days_between(_date(FIRST), day), self.days_between(_date(LAST), day.copy())
        inside = exp.Between(this=n, low=least, high=most)
        return case(
            inside,
            self.later(day.copy(), cast(within_calendar(n.copy()), "INT")),
            self.refused(text("out of the calendar: "), n.copy()),
        )

    def days_between(self, day: Value, other: Value) -> Value:
        return binary("-", day, other)

    def later(self, day: Value, days: Value) -> Value:
        return binary("+", day, days)

    def years_after(self, type_: Type, day: Value, n: Value) -> Value:
        """29 February gives the 28th in a year without it."""
        year = binary("+", _part("YEAR", day), cast(n, self.whole))
        inside = exp.Between(this=year, low=whole(1), high=whole(9999))
        month, of_month = _part("MONTH", day.copy()), _part("DAY", day.copy())
        by_4, by_100, by_400 = (exp.EQ(this=binary("%", year.copy(), whole(n)), expression=whole(0)) for n in (4, 100, 400))
        leap = both([by_4, both([no(by_100), by_400], exp.Or)])
        last = [exp.EQ(this=month, expression=whole(2)), exp.EQ(this=of_month, expression=whole(29))]
        clipped = case(both([*last, no(leap)]), whole(28), of_month.copy())
        near = call("LEAST", call("GREATEST", year.copy(), whole(1)), whole(9999))
        parts = [cast(p, "INT") for p in (near, month.copy(), clipped)]
        return case(inside, call("MAKE_DATE", *parts), self.refused(text("out of the calendar: "), n.copy()))

    def workdays_after(self, type_: Type, day: Value, n: Value) -> Value:
        found = case(exp.EQ(this=n, expression=whole(0)), day, self.workday(day.copy(), n.copy()))
        if self.nulls:
            return found
        return exp.Coalesce(this=found, expressions=[self.refused(text("no working days are known: "), day.copy())])

    def workday(self, day: Value, n: Value) -> Value:
        """In two tables: the working days, numbered; and how many of them there are before each day and up to it."""
        after = exp.GT(this=n, expression=whole(0))
        start = case(after, column("upto"), binary("+", column("before"), whole(1)))
        today = exp.EQ(this=column("day", CALENDAR), expression=day)
        known = select([binary("+", start, cast(n.copy(), self.whole))], [(table(CALENDAR), None)], [today])
        counted = exp.EQ(this=column("ordinal"), expression=exp.Subquery(this=known))
        return exp.Subquery(this=select([column("day")], [(table(WORKDAYS), None)], [counted]))

    def year_of(self, type_: Type, day: Value) -> Value:
        return _part("YEAR", day)


def within_calendar(n: Value) -> Value:
    """A number of days, as it is unless it leads out of the calendar anyway."""
    return call("LEAST", call("GREATEST", n, whole(-DAYS)), whole(DAYS))


def _unscaled(value: Value) -> Value | None:
    """A decimal that was a whole number, as it was."""
    match value:
        case exp.Cast(this=exp.Cast(to=type_) as inner) if type_ == as_type(UNSCALED):
            return inner
    return None


def _date(day: str) -> Value:
    return cast(text(day), "DATE")


def _part(name: str, day: Value) -> Value:
    return cast(exp.Extract(this=exp.var(name), expression=day), "BIGINT")


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": lambda dialect, *of: dialect.plain("+", *of),
    "-": lambda dialect, *of: dialect.plain("-", *of),
    "*": lambda dialect, *of: dialect.times(*of),
    "/": lambda dialect, *of: dialect.divided(*of),
    "%": lambda dialect, *of: dialect.remainder(*of),
    "neg": lambda dialect, *of: dialect.negated(*of),
    "min": lambda dialect, type_, *of: dialect.chosen("LEAST", *of),
    "max": lambda dialect, type_, *of: dialect.chosen("GREATEST", *of),
    "to_float": lambda dialect, *of: dialect.made_decimal(*of),
    "days_after": lambda dialect, *of: dialect.days_after(*of),
    "years_after": lambda dialect, *of: dialect.years_after(*of),
    "workdays_after": lambda dialect, *of: dialect.workdays_after(*of),
    "year_of": lambda dialect, *of: dialect.year_of(*of),
}
