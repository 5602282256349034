"""What is not left to the library: arithmetic that may overflow, dates, and the folding of groups."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...datalog import values
from ...datalog.calendar import BUILTINS
from ...datalog.plan import Apply, Fixed, Place
from ...errors import ArithmeticFault

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...datalog.checked import Row
    from ...datalog.plan import Expression, Group

    Faults = dict[Row, ArithmeticFault]


def value_of(expression: Expression, row: Row) -> Any:
    """An expression's value for a row. Raises `ArithmeticFault`."""
    match expression:
        case Place(place):
            return row[place]
        case Fixed(value):
            return value
        case Apply(operator, type_, arguments):
            return _applied(operator, type_, [value_of(a, row) for a in arguments])


def holds(operator: str, left: Any, right: Any) -> bool:
    """A comparison of two values of one type."""
    match operator:
        case "=" | "!=":
            return bool((left == right) == (operator == "="))
        case "<" | ">=":
            return bool((left < right) == (operator == "<"))
        case _:
            return bool((left > right) == (operator == ">"))


def _applied(operator: str, type_: Any, arguments: list[Any]) -> Any:
    match operator, arguments:
        case "+", [a, b]:
            return values.within(a + b, type_)
        case "-", [a, b]:
            return values.within(a - b, type_)
        case "*", [a, b]:
            return values.multiply(a, b, type_)
        case "/", [a, b]:
            return values.divide(a, b, type_)
        case "%", [a, b]:
            return values.remainder(a, b)
        case "neg", [a]:
            return values.within(-a, type_)
        case "to_float", [a]:
            return values.within(a * values.SCALE, "decimal")
        case "min" | "max", _:
            return min(arguments) if operator == "min" else max(arguments)
        case _:
            return BUILTINS[operator].function(*arguments)


def folded(step: Group, groups: Collection[Row], rows: Collection[Row], faults: Faults) -> dict[Row, int]:
    """The aggregate for each group that has one; `rows` begin with their group. A group that fails goes to `faults`."""
    members: dict[Row, list[Any]] = {group: [] for group in groups}
    width = len(step.groups)
    for row in rows:
        try:
            members[row[:width]].append(1 if step.target is None else value_of(step.target, row))
        except ArithmeticFault as fault:
            values.keep_first(faults, row[:width], fault)
    return _results(step, members, faults)


def _results(step: Group, members: Mapping[Row, list[Any]], faults: Faults) -> dict[Row, int]:
    found: dict[Row, int] = {}
    for group, items in members.items():
        if not items and step.function not in ("count", "sum"):
            continue  # the least, greatest or mean of nothing is no row
        try:
            found[group] = values.within(_folded(step.function, items), step.type)
        except ArithmeticFault as fault:
            faults.setdefault(group, fault)
    return found


def _folded(function: str, items: list[Any]) -> int:
    match function:
        case "count":
            return len(items)
        case "sum":
            return sum(items)
        case "mean":
            return values.rounded(sum(items), len(items))
        case _:
            return int(min(items) if function == "min" else max(items))
