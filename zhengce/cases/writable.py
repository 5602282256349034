"""What may stand in each column of a case's facts, so that a file can say them: as `meaning` and `own` read it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..datalog import values
from ..errors import RuleTypeError, did_you_mean
from ..language import say
from ..texts.signs import WIDE_COMMAS
from .rosters import item_number
from .shape import EARLIEST, LATEST, Answer, BadValueError, city_name, name
from .statements import BY_COUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..datalog.checked import Row
    from ..datalog.syntax import Declaration, Type
    from .names import Known, Names

SIDES = ("city", "province")
# The fact without which a row has no place: its relation, and how many columns they share.
NEEDED = {
    "field_covered": ("fields_given", 1),
    "unclear_element": ("elements_given", 1),
    "inspected": ("institution", 2),
    "unmet": ("institution", 2),
    "incident": ("incidents_given", 2),
    "incident_on": ("incident", 3),
    "incident_about_childcare": ("incident", 3),
}
PERCENT = 100 * values.SCALE
MOST_COUNTED = 10**18 - 1
CYCLES = 1000, 2999
KEPT: dict[Type, type[Any]] = {"symbol": str, "number": int, "decimal": int, "date": date}


def _same(value: Any) -> Any:
    return value


class May(NamedTuple):
    """The values that may stand in a column; `hint`: what could, in place of one; `plain`: a value as PyYAML writes it."""

    holds: Callable[[Any], bool]
    hint: Callable[[Any], str]
    plain: Callable[[Any], Any] = _same


Columns = dict[str, "May | Callable[[Row], May]"]  # by name, the city aside


def may(allowed: May | Callable[[Row], May], row: Row) -> May:
    """What may stand in a column, where the rest of the row decides it."""
    return allowed if isinstance(allowed, May) else allowed(row)


def shown(relation: str, row: Row, columns: Columns | None = None) -> str:
    """A fact as it is told, decimals as people write them."""
    plain = [may(allowed, row).plain(value) for allowed, value in zip((columns or {}).values(), row[1:], strict=False)]
    decimals = {i: value for i, value in enumerate(plain, 1) if isinstance(value, Decimal)}
    return f"{relation}({', '.join(str(decimals.get(i, value)) for i, value in enumerate(row))})"


def among(allowed: Iterable[str]) -> May:
    known = set(allowed)
    return May(known.__contains__, lambda value: did_you_mean(str(value), known))


def whole(least: int, most: int) -> May:
    return May(
        lambda value: type(value) is int and least <= value <= most,
        lambda _: say("这里是 {least} 到 {most} 的整数", least=least, most=most),
    )


def amount(most: int) -> May:
    """A decimal from 0, as engines keep it."""
    return May(
        lambda value: type(value) is int and 0 <= value <= most,
        lambda _: say("这里是 0 到 {most} 的数", most=values.decode(most, "decimal")),
        lambda value: values.decode(value, "decimal") if type(value) is int else value,
    )


def named(check: Callable[[object], str], unlike: str = "") -> May:
    """A text that reading leaves as it is; `unlike`: a pattern that is not found in it."""

    def holds(value: Any) -> bool:
        try:
            return (
                check(value) == value.strip() == value != "" and _encodes(value) and not (unlike and re.search(unlike, value))
            )
        except BadValueError:
            return False

    def hint(value: Any) -> str:
        if unlike and re.search(unlike, str(value)):
            return say("“{name}”里有全角的逗号、顿号或分号", name=value)
        return say("这里是文字，前后没有空格，里面没有换行或看不见的字符")

    return May(holds, hint)


def _encodes(text: str) -> bool:
    """Whether a text can be kept in a file: halves of a surrogate pair cannot."""
    return text.isprintable() or not re.search("[\ud800-\udfff]", text)


YES_NO = May({"yes", "no"}.__contains__, lambda _: say("这里是 yes 或 no"), lambda value: value == "yes")
DAY = May(
    lambda value: type(value) is date and EARLIEST <= value.year <= LATEST,
    lambda _: say("这里是 {earliest} 到 {latest} 年的日期", earliest=EARLIEST, latest=LATEST),
)
CITY, NAME = named(city_name), named(name)
INSTITUTION = named(name, WIDE_COMMAS)
ITEM = May(
    lambda value: NAME.holds(value) and item_number(value) == value,
    lambda value: say("是不是：{names}？", names=item_number(value)) if NAME.holds(value) else NAME.hint(value),
)


def columns_of_case(names: Names, known: Known) -> dict[str, Columns]:
    """The columns of the relations that every case has (`meaning.RELATIONS`), for cases of one document."""
    effects = {condition: effect for condition, (_, effect) in names.conditions.items()}
    details = {(c, detail) for c, detail in names.details if detail in Answer().details and effects.get(c) not in BY_COUNT[1:]}

    def short(id_: object) -> str:
        return str(id_).removeprefix(f"{names.document}/")

    def ids(allowed: Iterable[str]) -> May:
        own = among(f"{names.document}/{id_}" for id_ in allowed)

        def hint(value: Any) -> str:
            foreign = str(value) == short(value)
            return say("案例依据 {document}，只写它的编号", document=names.document) if foreign else own.hint(value)

        return own._replace(hint=hint)

    def points(row: Row) -> May:
        return amount(names.points.get(short(row[1]), 0))

    def metric(row: Row) -> tuple[str, str]:
        return names.metrics.get(row[1], ("", ""))

    answered = ids(c for c, effect in effects.items() if effect not in BY_COUNT)
    counted = ids(c for c, effect in effects.items() if effect == BY_COUNT[0])
    triggers, kind, number = ids(names.triggers), among(names.kinds), whole(1, MOST_COUNTED)
    institution, standard = INSTITUTION, among(names.standards)
    return {
        "city": {"document": among(document for document, *_ in known.get("document", ()))},
        "applying_on": {"day": DAY},
        "unit": {"unit": NAME},
        "named_in": {"cycle": whole(*CYCLES)},
        "revoked_in": {"cycle": whole(*CYCLES)},
        "reexamined": {"meets": YES_NO},
        "answer": {"condition": answered, "value": YES_NO},
        "counted": {"condition": counted, "n": whole(0, MOST_COUNTED)},
        "answer_detail": {
            "condition": ids(c for c, _ in details),
            "detail": lambda row: among(detail for c, detail in details if c == short(row[1])),
            "value": YES_NO,
        },
        "fields_given": {},
        "field_covered": {"field": among(names.fields)},
        "elements_given": {},
        "unclear_element": {"element": among(names.elements)},
        "discretion": {"indicator": ids(names.discretion), "points": points},
        "self_score": {"indicator": ids(names.points.keys() - names.not_self_scored), "points": points},
        "metric": {
            "metric": among(names.metrics),
            "whose": lambda row: among(SIDES if metric(row)[1] == "province" else SIDES[:1]),
            "value": lambda row: amount(PERCENT if metric(row)[0] == "%" else values.DECIMAL_BOUND - 1),
        },
        "institution": {"institution": institution},
        "inspected": {"institution": institution, "standard": standard},
        "unmet": {"institution": institution, "standard": standard, "item": ITEM},
        "incidents_given": {"kind": kind},
        "incident": {"kind": kind, "incident": number},
        "incident_on": {"kind": kind, "incident": number, "day": DAY},
        "incident_about_childcare": {"kind": kind, "incident": number, "value": YES_NO},
        "finding": {"trigger": triggers, "value": YES_NO},
        "finding_part": {
            "trigger": triggers,
            "part": lambda row: among(names.triggers.get(short(row[1]), ())),
            "value": YES_NO,
        },
        "reading_chosen": {
            "reading": ids(names.readings),
            "value": lambda row: among(names.readings.get(short(row[1]), ())),
        },
    }


def columns_of_own(d: Declaration, document: str) -> Columns:
    """The columns of a relation of the workspace's own, as `own` reads them in a case of the document."""
    ids = d.names("ids")
    return {c.name: _id(document) if c.name in ids and c.type == "symbol" else _typed(c.type) for c in d.columns[1:]}


def _typed(type_: Type) -> May:
    def holds(value: Any) -> bool:
        if type(value) is not KEPT[type_]:
            return False
        try:
            values.encode(plain(value), type_)
        except RuleTypeError:
            return False
        return _encodes(value) if type_ == "symbol" else type_ != "date" or DAY.holds(value)

    def plain(value: Any) -> Any:
        return values.decode(value, type_) if isinstance(value, KEPT[type_]) else value

    return May(holds, lambda value: DAY.hint(value) if type_ == "date" else say("这里是 {type}", type=type_), plain)


def _id(document: str) -> May:
    """An id, before which reading puts the document unless there is a / in it."""

    def holds(value: Any) -> bool:
        return isinstance(value, str) and _encodes(value) and (not value or "/" in value)

    def plain(value: Any) -> Any:
        short = str(value).removeprefix(f"{document}/")
        return short if short and "/" not in short else value

    return May(holds, lambda _: say("编号前面要有文件：文件/编号"), plain)
