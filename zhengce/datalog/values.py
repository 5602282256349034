"""Exact values: how they are kept while rules run, and arithmetic on them.

Inside an engine a symbol is a `str`, a number an `int` of 64 bits, a date a `datetime.date`, and a decimal the `int` of
its millionths, so that `+` and `-` are exact and nothing ever passes through a float. `encode` and `decode` are the border.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..errors import ArithmeticFault, RuleTypeError
from ..language import say

if TYPE_CHECKING:
    from .syntax import Type

PLACES = 6
SCALE = 10**PLACES
MOST_NUMBER = 2**63 - 1
LEAST_NUMBER = -(2**63)
DECIMAL_BOUND = 10**12 * SCALE
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)

Plain = str | int | Decimal | date
Internal = str | int | date


def encode(value: object, type_: Type) -> Internal:
    """A plain value as it is kept inside. Raises `RuleTypeError` when it is not of the type, without a place."""
    match type_, value:
        case "symbol", str():
            return str(value)
        case "number", int() if not isinstance(value, bool):
            return _in_range(value)
        case "decimal", int() | Decimal() if not isinstance(value, bool):
            return _scaled(Decimal(value))
        case "date", date() if not isinstance(value, datetime):
            return value
        case "date", str():
            return iso_date(value)
    hint = say("小数请用 Decimal，浮点数不精确") if isinstance(value, float) else ""
    raise RuleTypeError(say("{value!r} 不是 {type}", value=value, type=type_), hint=hint)


def decode(value: Internal, type_: Type) -> Plain:
    """The plain value of an internal one; a decimal without trailing zeros."""
    if type_ == "decimal":
        whole, rest = divmod(abs(value), SCALE)  # type: ignore[arg-type]
        sign = "-" if value < 0 else ""  # type: ignore[operator]
        return Decimal(f"{sign}{whole}.{rest:06d}".rstrip("0").rstrip("."))
    return value


def iso_date(text: str) -> date:
    """A date written 2022-05-20. Raises `RuleTypeError`."""
    try:
        if ISO_DATE.match(text):
            return date.fromisoformat(text)
    except ValueError:
        raise RuleTypeError(say("没有“{date}”这一天", date=text)) from None
    raise RuleTypeError(say("“{text}”不是日期", text=text), hint=say("日期写作 {example}", example="2022-05-20"))


def _scaled(value: Decimal) -> int:
    if not value.is_finite():
        raise RuleTypeError(say("{value} 不是数", value=value))
    if abs(value) >= 10**12:
        raise RuleTypeError(say("{value} 超出小数的范围（绝对值须小于 10^12）", value=value))
    numerator, denominator = value.as_integer_ratio()
    scaled: int
    scaled, rest = divmod(numerator * SCALE, denominator)
    if rest:
        raise RuleTypeError(say("小数 {value} 超过六位", value=value))
    return scaled


def _in_range(value: int) -> int:
    if LEAST_NUMBER <= value <= MOST_NUMBER:
        return value
    raise RuleTypeError(say("{value} 超出 64 位整数的范围", value=value))


def within(value: int, type_: Type) -> int:
    """The result of arithmetic, if the type can hold it; else `ArithmeticFault`."""
    if (-DECIMAL_BOUND < value < DECIMAL_BOUND) if type_ == "decimal" else (LEAST_NUMBER <= value <= MOST_NUMBER):
        return value
    raise ArithmeticFault(say("结果超出 {type} 的范围", type=type_))


def rounded(numerator: int, denominator: int) -> int:
    """The quotient as a whole number, half away from zero."""
    quotient, rest = divmod(abs(numerator), abs(denominator))
    quotient += 2 * rest >= abs(denominator)
    return quotient if (numerator < 0) == (denominator < 0) else -quotient


def multiply(a: int, b: int, type_: Type) -> int:
    return within(a * b if type_ == "number" else rounded(a * b, SCALE), type_)


def divide(a: int, b: int, type_: Type) -> int:
    """`number` truncates toward zero; `decimal` rounds."""
    if b == 0:
        raise ArithmeticFault(say("除数为零"))
    if type_ == "decimal":
        return within(rounded(a * SCALE, b), type_)
    quotient = abs(a) // abs(b)
    return within(quotient if (a < 0) == (b < 0) else -quotient, type_)


def remainder(a: int, b: int) -> int:
    """What truncated division leaves, with the sign of the dividend."""
    if b == 0:
        raise ArithmeticFault(say("除数为零"))
    return abs(a) % abs(b) * (-1 if a < 0 else 1)


def keep_first(faults: dict[Any, ArithmeticFault], group: Any, fault: ArithmeticFault) -> None:
    """Keep a group's fault. Of several the least by its message stays, so that the order of rows never changes what is told."""
    if group not in faults or fault.message < faults[group].message:
        faults[group] = fault
