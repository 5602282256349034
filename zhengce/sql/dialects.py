"""Where databases differ from DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ..datalog import values
from .expressions import CALENDAR, LONG, TYPES, WORKDAYS, Dialect, binary, constant, within_calendar
from .trees import call, case, cast, column, identifier, select, table, whole

if TYPE_CHECKING:
    from ..datalog.syntax import Type
    from .trees import Value

_OUTSIDE: dict[str, tuple[int, int]] = {  # the nearest values that a type does not hold
    "number": (values.LEAST_NUMBER - 1, values.MOST_NUMBER + 1),
    "decimal": (-values.DECIMAL_BOUND // values.SCALE, values.DECIMAL_BOUND // values.SCALE),
}


class Postgres(Dialect):
    """Its NUMERIC has any number of digits. Text is ordered by code points only where that is said.

    A table's name is a type's name too: a relation `date` must not hide the type of dates, nor one `pg_class` be hidden itself.
    """

    name = "postgres"
    whole = "DECIMAL"
    before = "$"

    def constant(self, value: values.Internal, type_: Type) -> Value:
        written = constant(value, type_)
        return _by_code_points(written) if type_ == "symbol" else written

    def typed(self, value: Value, type_: Type) -> Value:
        written = super().typed(value, type_)
        return _by_code_points(written) if type_ == "symbol" else written

    def fitted(self, value: Value, type_: Type) -> Value:
        """It has no cast that gives null: what is too great becomes a value outside, which becomes null."""
        if not self.nulls:
            return super().fitted(value, type_)
        low, high = map(whole, _OUTSIDE[type_])
        wide = cast(value, LONG if type_ == "decimal" else self.whole)
        near = call("LEAST", call("GREATEST", wide, low), high)
        inside = exp.Nullif(this=exp.Nullif(this=near, expression=low.copy()), expression=high.copy())
        return cast(inside, TYPES[type_])


class Spark(Dialect):
    """Whole numbers have 38 digits at most, and a quotient of decimals six places. A scalar query does not look outside."""

    name = "spark"
    whole = "DECIMAL(38, 0)"

    def quotient(self, left: Value, right: Value) -> Value:
        """`/` is exact where nothing is left; of BIGINTs it would be a double."""
        left, right = cast(left, self.whole), cast(right, self.whole)
        even = binary("-", left, binary("%", left.copy(), right))
        return cast(exp.Paren(this=exp.Div(this=even, expression=right.copy())), self.whole)

    def summed(self, value: Value, type_: Type) -> Value:
        return exp.Sum(this=value if type_ == "decimal" else cast(value, self.whole))

    def days_between(self, day: Value, other: Value) -> Value:
        return call("DATEDIFF", day, other)

    def later(self, day: Value, days: Value) -> Value:
        return call("DATE_ADD", day, days)

    def workday(self, day: Value, n: Value) -> Value:
        """The columns of the two tables as lists. All grow with the days, so that sorted they stay side by side."""
        number = self.days_between(day, _of_all("MIN", CALENDAR, "day"))
        upto, before = (call("GET", _sorted(CALENDAR, name), number.copy()) for name in ("upto", "before"))
        later = exp.GT(this=n, expression=whole(0))
        start = case(later, binary("-", upto, whole(1)), before)
        return call("GET", _sorted(WORKDAYS, "day"), cast(binary("+", start, within_calendar(n.copy())), "INT"))


def _of_all(function: str, name: str, of: str) -> Value:
    """A function of all values of a column."""
    return exp.Subquery(this=select([call(function, column(of))], [(table(name), None)]))


def _sorted(name: str, of: str) -> Value:
    return exp.Subquery(this=select([call("SORT_ARRAY", call("COLLECT_LIST", column(of)))], [(table(name), None)]))


def _by_code_points(value: Value) -> Value:
    return exp.Collate(this=value, expression=identifier("C"))


DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (Dialect(), Postgres(), Spark())}
