"""Expressions of a plan as SQL. A symbol is TEXT, a number BIGINT, a decimal DECIMAL(18, 6), a date DATE; nothing is ever null.

What cannot be worked out raises an error in the database; `tried` makes it null instead. Every operand that is not a bracket
or a function of its own is put into brackets: the printer does not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ..datalog import values
from ..datalog.plan import Apply, Fixed, Place
from .trees import as_type, both, call, case, cast, column, no, select, table, text, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..datalog.plan import Expression
    from ..datalog.syntax import Type

    Value = exp.Expr

TYPES: dict[str, str] = {"symbol": "TEXT", "number": "BIGINT", "decimal": "DECIMAL(18, 6)", "date": "DATE"}
LONG, UNSCALED = "DECIMAL(38, 6)", "DECIMAL(12, 0)"  # more digits than the second has no decimal either
WHOLE = "INT128"
WORKDAYS, CALENDAR = "$workday", "$calendar"
COMPARISONS: dict[str, type[exp.Binary]] = {
    "=": exp.EQ,
    "!=": exp.NEQ,
    "<": exp.LT,
    "<=": exp.LTE,
    ">": exp.GT,
    ">=": exp.GTE,
}
NEVER_FAIL = ("min", "max", "year_of")
_BINARY: dict[str, type[exp.Binary]] = {"+": exp.Add, "-": exp.Sub, "*": exp.Mul, "/": exp.IntDiv, "%": exp.Mod}


def constant(value: values.Internal, type_: Type) -> Value:
    """A value as engines keep it."""
    written = text(str(values.decode(value, type_)))
    return written if type_ == "symbol" else cast(written, TYPES[type_])


def value_of(expression: Expression, row: Sequence[Value]) -> Value:
    """The SQL of an expression over a row, whose values are given as SQL."""
    match expression:
        case Place(place):
            return row[place].copy()
        case Fixed(value, type_):
            return constant(value, type_)
        case Apply(operator, type_, arguments):
            return _OPERATIONS[operator](type_, *(value_of(a, row) for a in arguments))


def tried(expression: Expression, row: Sequence[Value]) -> Value:
    """The same, but null where there is no value.

    Each operation is tried by itself: DuckDB works out what stands in two places before either, outside of what tries it. (No
    database tries a query, so the working days are asked otherwise.)
    """
    if not isinstance(expression, Apply):
        return value_of(expression, row)
    operator, arguments = expression.operator, [tried(a, row) for a in expression.arguments]
    if operator == "workdays_after":
        return _looked_up(*arguments)
    value = _OPERATIONS[operator](expression.type, *arguments)
    if operator not in NEVER_FAIL:
        return exp.Try(this=value)
    unknown = [missing(a) for a in arguments if isinstance(a, exp.Try | exp.Case)]
    return case(both(unknown, exp.Or), exp.Null(), value) if unknown else value


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


# -- arithmetic -----------------------------------------------------------------------------------------------------------


def binary(operator: str, left: Value, right: Value) -> Value:
    return exp.Paren(this=_BINARY[operator](this=left, expression=right))


def _plain(operator: str) -> Callable[[Type, Value, Value], Value]:
    """`+` and `-`: the cast of a decimal refuses what is too great."""
    return lambda type_, left, right: cast(binary(operator, left, right), TYPES[type_])


def _times(type_: Type, left: Value, right: Value) -> Value:
    """The cast of a decimal rounds, half away from zero, and refuses what is too great. A whole number needs no rounding."""
    if type_ == "number":
        return cast(binary("*", left, right), TYPES[type_])
    if (whole_left := _unscaled(left)) is not None:
        return cast(binary("*", whole_left, right), TYPES[type_])
    if (whole_right := _unscaled(right)) is not None:
        return cast(binary("*", left, whole_right), TYPES[type_])
    return cast(binary("*", cast(left, LONG), right), TYPES[type_])


def _unscaled(value: Value) -> Value | None:
    """A decimal that was a whole number, as it was."""
    match value:
        case exp.Try(this=exp.Cast(this=exp.Cast(to=type_) as inner)) if type_ == as_type(UNSCALED):
            return exp.Try(this=inner)
        case exp.Cast(this=exp.Cast(to=type_) as inner) if type_ == as_type(UNSCALED):
            return inner
    return None


def _divided(type_: Type, left: Value, right: Value) -> Value:
    """A number is cut off by the database; a decimal is rounded half away from zero."""
    if type_ == "number":
        return cast(binary("/", left, right), TYPES[type_])
    return rounded(binary("*", millionths(left), whole(values.SCALE)), millionths(right))


def _remainder(type_: Type, left: Value, right: Value) -> Value:
    """The least number divided by -1 is no number, but leaves nothing."""
    none = exp.EQ(this=right, expression=whole(-1))
    return case(none, constant(0, "number"), binary("%", left, right.copy()))


def millionths(value: Value) -> Value:
    """A decimal as a whole number of INT128."""
    return cast(binary("*", cast(value, LONG), whole(values.SCALE)), WHOLE)


def rounded(numerator: Value, denominator: Value) -> Value:
    """The quotient of two whole numbers, half away from zero, as a decimal of so many millionths."""
    size = exp.Abs(this=denominator)
    twice = binary("+", binary("*", exp.Abs(this=numerator), whole(2)), size)
    quotient = binary("/", twice, binary("*", size.copy(), whole(2)))
    sign = binary("*", exp.Sign(this=numerator.copy()), exp.Sign(this=denominator.copy()))
    signed = cast(binary("*", quotient, cast(sign, WHOLE)), "DECIMAL(38, 0)")
    return cast(binary("*", signed, constant(1, "decimal")), TYPES["decimal"])


def _chosen(function: str) -> Callable[[Type, Value, Value], Value]:
    """`LEAST` and `GREATEST`; nothing here is ever null, so their ways with nulls do not matter."""
    return lambda type_, left, right: call(function, left, right)


# -- dates ------------------------------------------------------------------------------------------------------------------

FIRST, LAST = "0001-01-01", "9999-12-31"


def _date(day: str) -> Value:
    return cast(text(day), "DATE")


def _part(name: str, day: Value) -> Value:
    return cast(exp.Extract(this=exp.var(name), expression=day), "BIGINT")


def _failing(because: Value, value: Value, refused: Value) -> Value:
    """`value`, or an error where the condition holds: a text that is no date."""
    wrong = cast(call("CONCAT", text("out of the calendar: "), refused), "DATE")
    return case(because, wrong, value)


def _days_after(type_: Type, day: Value, n: Value) -> Value:
    least, most = binary("-", _date(FIRST), day), binary("-", _date(LAST), day.copy())
    outside = no(exp.Between(this=n, low=least, high=most))
    return _failing(outside, binary("+", day.copy(), cast(n.copy(), "INT")), n.copy())


def _years_after(type_: Type, day: Value, n: Value) -> Value:
    """29 February gives the 28th in a year without it."""
    year = binary("+", _part("YEAR", day), cast(n, WHOLE))
    outside = no(exp.Between(this=year, low=whole(1), high=whole(9999)))
    month, of_month = _part("MONTH", day.copy()), _part("DAY", day.copy())
    by_4, by_100, by_400 = (exp.EQ(this=binary("%", year.copy(), whole(n)), expression=whole(0)) for n in (4, 100, 400))
    leap = both([by_4, both([no(by_100), by_400], exp.Or)])
    last = [exp.EQ(this=month, expression=whole(2)), exp.EQ(this=of_month, expression=whole(29))]
    clipped = case(both([*last, no(leap)]), whole(28), of_month.copy())
    parts = [cast(p, "INT") for p in (year.copy(), month.copy(), clipped)]
    return _failing(outside, call("MAKE_DATE", *parts), n.copy())


def _workdays_after(type_: Type, day: Value, n: Value) -> Value:
    unknown = call("CONCAT", text("no working days are known: "), day.copy())
    return exp.Coalesce(this=_looked_up(day, n), expressions=[cast(unknown, "DATE")])


def _looked_up(day: Value, n: Value) -> Value:
    """In two tables: the working days, numbered; and how many of them there are before each day and up to it."""
    after = exp.GT(this=n, expression=whole(0))
    start = case(after, column("upto"), binary("+", column("before"), whole(1)))
    today = exp.EQ(this=column("day", CALENDAR), expression=day)
    known = select([binary("+", start, n.copy())], [(table(CALENDAR), None)], [today])
    counted = exp.EQ(this=column("ordinal"), expression=exp.Subquery(this=known))
    found = select([column("day")], [(table(WORKDAYS), None)], [counted])
    here = exp.EQ(this=n.copy(), expression=whole(0))
    return case(here, day.copy(), exp.Subquery(this=found))


def _year_of(type_: Type, day: Value) -> Value:
    return _part("YEAR", day)


_OPERATIONS: dict[str, Callable[..., Value]] = {
    "+": _plain("+"),
    "-": _plain("-"),
    "*": _times,
    "/": _divided,
    "%": _remainder,
    "neg": lambda type_, value: exp.Neg(this=exp.Paren(this=value)),
    "min": _chosen("LEAST"),
    "max": _chosen("GREATEST"),
    "to_float": lambda type_, value: cast(cast(value, UNSCALED), TYPES["decimal"]),
    "days_after": _days_after,
    "years_after": _years_after,
    "workdays_after": _workdays_after,
    "year_of": _year_of,
}
