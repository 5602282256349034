"""Where databases differ from DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ..datalog import values
from .expressions import LONG, TYPES, Dialect, constant
from .trees import call, cast, identifier, whole

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


def _by_code_points(value: Value) -> Value:
    return exp.Collate(this=value, expression=identifier("C"))


DIALECTS: dict[str, Dialect] = {dialect.name: dialect for dialect in (Dialect(), Postgres())}
