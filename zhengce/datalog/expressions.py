"""Expressions of a plan as Python functions of a row, and the folding of aggregates."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

from ..errors import ArithmeticFault
from . import values
from .calendar import BUILTINS
from .plan import Fixed, Place

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from .checked import Row
    from .plan import Apply, Expression, Group
    from .syntax import Type

Value = Any
COMPARISONS: dict[str, Callable[[Value, Value], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_expression(expression: Expression) -> Callable[[Row], Value]:
    """A function that works the expression out for a row; it may raise `ArithmeticFault`."""
    if isinstance(expression, Place):
        return operator.itemgetter(expression.place)
    if isinstance(expression, Fixed):
        value = expression.value
        return lambda row: value
    arguments = [compile_expression(a) for a in expression.arguments]
    function = _function(expression)
    if len(arguments) == 1:
        (only,) = arguments
        return lambda row: function(only(row))
    if len(arguments) == 2:
        left, right = arguments
        return lambda row: function(left(row), right(row))
    return lambda row: function(*[a(row) for a in arguments])


def _function(apply: Apply) -> Callable[..., Value]:
    type_ = apply.type
    match apply.operator:
        case "+":
            return lambda a, b: values.within(a + b, type_)
        case "-":
            return lambda a, b: values.within(a - b, type_)
        case "*":
            return lambda a, b: values.multiply(a, b, type_)
        case "/":
            return lambda a, b: values.divide(a, b, type_)
        case "%":
            return values.remainder
        case "neg":
            return lambda a: values.within(-a, type_)
        case "min":
            return min
        case "max":
            return max
        case "to_float":
            return lambda n: values.within(n * values.SCALE, "decimal")
        case name:
            return BUILTINS[name].function


def gather(
    step: Group,
    rows: Collection[Row],
    target: Callable[[Row], Value] | None,
    groups: Collection[Row],
    faults: dict[Row, ArithmeticFault],
) -> dict[Row, list[Value]]:
    """The values of each group, out of rows that begin with it. A group where one cannot be worked out goes to `faults`."""
    gathered: dict[Row, list[Value]] = {group: [] for group in groups} if step.function in OF_NOTHING else {}
    width = len(step.groups)
    for row in rows:
        try:
            value = 1 if target is None else target(row)
        except ArithmeticFault as fault:
            values.keep_first(faults, row[:width], fault)
        else:
            gathered.setdefault(row[:width], []).append(value)
    return gathered


def fold(step: Group, gathered: dict[Row, Collection[Value]], faults: dict[Row, ArithmeticFault]) -> dict[Row, int]:
    """The aggregate's value for each group. A group whose result does not fit goes to `faults`."""
    found: dict[Row, int] = {}
    for group, items in gathered.items():
        try:
            found[group] = folded(step.function, step.type, items)
        except ArithmeticFault as fault:
            faults.setdefault(group, fault)
    return found


def folded(function: str, type_: Type, items: Collection[Value]) -> int:
    """The aggregate of values, of which there is one at least unless it is a count or a sum. Raises `ArithmeticFault`."""
    return values.within(_FINISH[function](items), type_)


OF_NOTHING = ("count", "sum")
_FINISH: dict[str, Callable[[Collection[Value]], Value]] = {
    "count": len,
    "sum": sum,
    "min": min,
    "max": max,
    "mean": lambda items: values.rounded(sum(items), len(items)),
}
