"""The built-in relations on dates. Each is a function of its first columns: the last one is filled.

Working days follow the Chinese holiday calendar (`chinesecalendar`); outside the years it knows, there is no answer.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from functools import cache, wraps
from typing import TYPE_CHECKING, NamedTuple

from ..errors import ArithmeticFault
from ..language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .syntax import Type

Rows = dict[str, "set[tuple[date | int, ...]]"]

_record: ContextVar[Rows | None] = ContextVar("record", default=None)


class Builtin(NamedTuple):
    """A built-in relation: the types of its columns, and the function that gives the last from the others."""

    types: tuple[Type, ...]
    function: Callable[..., date | int]


def days_after(day: date, n: int) -> date:
    """The day `n` days later (earlier when negative)."""
    try:
        return day + timedelta(days=n)
    except OverflowError:
        raise ArithmeticFault(say("{day} 之后 {n} 天超出日历（公元 1 年至 9999 年）", day=day, n=n)) from None


def years_after(day: date, n: int) -> date:
    """The same day `n` years later; 29 February gives 28 February where there is none."""
    try:
        return day.replace(year=day.year + n)
    except (ValueError, OverflowError):
        if (day.month, day.day) == (2, 29) and 1 <= day.year + n <= 9999:
            return date(day.year + n, 2, 28)
        raise ArithmeticFault(say("{day} 之后 {n} 年超出日历（公元 1 年至 9999 年）", day=day, n=n)) from None


def year_of(day: date) -> int:
    return day.year


def workdays_after(day: date, n: int) -> date:
    """The `n`-th working day after `day`, which is not counted itself (before it, when negative)."""
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    while left:
        day = _next(day, step)
        left -= _is_workday(day)
    return day


def _next(day: date, step: timedelta) -> date:
    try:
        return day + step
    except OverflowError:
        raise ArithmeticFault(say("超出日历（公元 1 年至 9999 年）")) from None


def _is_workday(day: date) -> bool:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        raise ArithmeticFault(say("没有 {year} 年的放假安排，算不出工作日", year=day.year)) from None


@cache
def known_days() -> tuple[list[tuple[date, int, int]], list[tuple[int, date]]]:
    """What the calendar of working days knows, for engines that look it up.

    Returns:
        Each day, from the one before the first known to the one after the last, with the number of working days before it and
        up to it; and the working days, numbered from 1.
    """
    from chinese_calendar.constants import holidays

    years = {day.year for day in holidays}
    days: list[tuple[date, int, int]] = []
    workdays: list[tuple[int, date]] = []
    day, end = date(min(years), 1, 1) - timedelta(days=1), date(max(years) + 1, 1, 1)
    while day <= end:
        before = len(workdays)
        if day.year in years and _is_workday(day):
            workdays.append((before + 1, day))
        days.append((day, before, len(workdays)))
        day += timedelta(days=1)
    return days, workdays


@contextmanager
def recording() -> Iterator[Rows]:
    """Within it, the rows of the built-in relations that rules look at are kept, by relation."""
    rows: Rows = {}
    token = _record.set(rows)
    try:
        yield rows
    finally:
        _record.reset(token)


def _recorded(function: Callable[..., date | int]) -> Callable[..., date | int]:
    @wraps(function)
    def call(*given: date | int) -> date | int:
        result = function(*given)
        if (rows := _record.get()) is not None:
            rows.setdefault(function.__name__, set()).add((*given, result))
        return result

    return call


BUILTINS: dict[str, Builtin] = {
    "days_after": Builtin(("date", "number", "date"), _recorded(days_after)),
    "years_after": Builtin(("date", "number", "date"), _recorded(years_after)),
    "workdays_after": Builtin(("date", "number", "date"), _recorded(workdays_after)),
    "year_of": Builtin(("date", "number"), _recorded(year_of)),
}
