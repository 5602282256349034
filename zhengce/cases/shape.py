"""The shape of a case file: which keys there are and what may stand under each, as pydantic models.

Nothing here knows a policy: names are text, which `meaning` holds against the documents. Everything is optional but the
columns of a row, for what is missing is unknown; a scalar arrives as the characters that were written.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationError, model_validator

from ..datalog import values
from ..errors import RuleTypeError, did_you_mean
from ..language import later, listed, say
from . import is_blank

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic_core import ErrorDetails

    from ..texts import Node
    from . import Steps, Written

YES = frozenset(("yes", "true", "是"))
NO = frozenset(("no", "false", "否"))
DECIMAL = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)
WHOLE = re.compile(r"\d{1,18}", re.ASCII)
YEAR = re.compile(r"[12]\d{3}", re.ASCII)
DATE = re.compile(r"(\d{4})(?:-(\d{2})-(\d{2})|年(\d{1,2})月(\d{1,2})日)", re.ASCII)
LOOSE_DATE = re.compile(r"(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})\D?", re.ASCII)
EARLIEST, LATEST = 1900, 2999


class BadValueError(ValueError):
    """A value that cannot stand where it stands."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message, self.hint = message, hint


class Quantity(NamedTuple):
    """A number, and whether a % stands behind it."""

    number: Decimal
    percent: bool


# --- scalars: from the characters written ------------------------------------------------------------------------


def text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError(say("这里要写文字，不是列表或“键: 值”"))
    return value


def name(value: object) -> str:
    written = text(value)
    if not written.isprintable() and any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in written):
        raise BadValueError(say("{name!r} 里有换行或看不见的字符", name=written), say("重新输入这个名称"))
    return written


def city_name(value: object) -> str:
    written = name(value)
    if not any(c.isalpha() for c in written):
        raise BadValueError(say("“{name}”不是城市的名称", name=shown(written)))
    return written


def yes_no(value: object) -> bool:
    word = text(value).lower()
    if word not in YES | NO:
        hint = say("写 yes 或 no（true、false、是、否也可以）；不知道就不写")
        raise BadValueError(say("“{text}”不是 yes 或 no", text=shown(word)), hint)
    return word in YES


def held(value: object) -> bool | int:
    """Whether a condition holds, or how often; which of the two it must be, its effect says."""
    written = text(value)
    if WHOLE.fullmatch(written):
        return int(written)
    if written.lower() not in YES | NO:
        raise BadValueError(
            say("“{text}”不是 yes、no 或不小于 0 的整数", text=shown(written)),
            _digits(written) or say("写 yes、no、是 或 否，计数的条件写整数；不知道就不写"),
        )
    return written.lower() in YES


def decimal(value: object) -> Decimal:
    written = text(value)
    if not DECIMAL.fullmatch(written):
        raise BadValueError(say("“{text}”不是数", text=shown(written)), _digits(written) or say("小数写作 83.5"))
    if len(written.partition(".")[2]) > values.PLACES:
        raise BadValueError(say("小数 {value} 超过六位", value=shown(written)))
    try:
        values.encode(Decimal(written), "decimal")
    except RuleTypeError as problem:
        raise BadValueError(problem.message, problem.hint) from None
    return Decimal(written)


def quantity(value: object) -> Quantity:
    written = text(value)
    percent = written.endswith("%")
    return Quantity(decimal(written.removesuffix("%").rstrip() if percent else written), percent)


def year(value: object) -> int:
    written = text(value)
    if not YEAR.fullmatch(written):
        hint = _digits(written) or say("写周期的首年，如 2022；没有就不写")
        raise BadValueError(say("“{text}”不是年份", text=shown(written)), hint)
    return int(written)


def day(value: object) -> date:
    written = text(value)
    found = DATE.fullmatch(written)
    parts = [int(part) for part in found.groups() if part] if found else []
    if not parts:
        loose = LOOSE_DATE.fullmatch(unicodedata.normalize("NFKC", written))
        example = "{:0>4}-{:0>2}-{:0>2}".format(*loose.groups()) if loose else say("2022-05-20 或 2022年5月20日")
        raise BadValueError(say("“{text}”不是日期", text=shown(written)), say("日期写作 {example}", example=example))
    try:
        found_day = date(*parts)
    except ValueError:
        raise BadValueError(say("没有“{date}”这一天", date=written)) from None
    if not EARLIEST <= found_day.year <= LATEST:
        hint = say("检查年份，须在 {earliest} 到 {latest} 之间", earliest=EARLIEST, latest=LATEST)
        raise BadValueError(say("年份 {year} 太早或太晚", year=found_day.year), hint)
    return found_day


def verdict(*words: str) -> Callable[[object], str]:
    def one(value: object) -> str:
        if text(value) not in words:
            raise BadValueError(say("“{text}”不是结论", text=shown(text(value))), say("可以是 {signs}", signs=listed(words)))
        return text(value)

    return one


def everyone(value: object) -> bool:
    if text(value).lower() != "all":
        message = say("“{text}”不是 all", text=shown(text(value)))
        raise BadValueError(message, say("写 all，或机构名称的列表：[A园, B园]"))
    return True


def shown(written: str) -> str:
    return written if len(written) <= 40 else f"{written[:40]}…"


def _digits(written: str) -> str:
    """A hint for what is almost a number."""
    narrow = unicodedata.normalize("NFKC", written)
    if narrow != written and DECIMAL.fullmatch(narrow.removesuffix("%")):
        return say("数字和符号用半角：{number}", number=narrow)
    if re.fullmatch(r"[+-]?[\d.]+[eE][+-]?\d+", written):
        return say("不用科学计数法，把数字写全")
    if re.fullmatch(r"-?\d{1,3}(,\d{3})+(\.\d+)?", written):
        return say("不用千分位逗号：{number}", number=written.replace(",", ""))
    return say("这里不带百分号") if written.endswith("%") else ""


Text = Annotated[str, PlainValidator(text)]
Name = Annotated[str, PlainValidator(name)]
YesNo = Annotated[bool, PlainValidator(yes_no)]
Number = Annotated[Decimal, PlainValidator(decimal)]
Day = Annotated[date, PlainValidator(day)]
Year = Annotated[int, PlainValidator(year)]
WHOLE_TRIGGER = ""


def _finding(value: object) -> object:
    """A finding on a whole trigger stands under `WHOLE_TRIGGER`, one by part under the part's name."""
    if isinstance(value, list):
        raise BadValueError(say("这里写 yes 或 no，或按部分写 {部分: yes, …}"))
    return {WHOLE_TRIGGER: value} if isinstance(value, str) else value


Finding = Annotated[dict[str, YesNo | None], BeforeValidator(_finding)]


# --- what holds them ---------------------------------------------------------------------------------------------


class Stray(NamedTuple):
    """What stands under a key that nobody knows, with the keys that are known there."""

    known: list[str]


class Shape(BaseModel):
    """A mapping with keys of ours.

    A bare text or list may stand for one of its fields (`text_is`, `list_is`); a `hidden` field is no key of the file.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    how: ClassVar[str] = later("这里要写成“键: 值”")
    text_is: ClassVar[str] = ""
    list_is: ClassVar[str] = ""
    hidden: ClassVar[frozenset[str]] = frozenset()

    @model_validator(mode="before")
    @classmethod
    def _as_written(cls, value: object) -> object:
        if isinstance(value, str) and cls.text_is:
            return {cls.text_is: value}
        if isinstance(value, list) and cls.list_is:
            return {cls.list_is: value}
        known = [key for key in cls.model_fields if key not in cls.hidden]
        if not isinstance(value, dict) or not known:
            raise BadValueError(say(cls.how))
        if cls.model_config["extra"] == "allow":
            return value
        said = {key: entry for key, entry in value.items() if entry is not None or key not in known}
        return {key: entry if key in known else Stray(known) for key, entry in said.items()}


class Answer(Shape):
    how = later("这里要写 yes 或 no，或 {value: yes, evidence: …}")
    text_is = "value"
    value: Annotated[bool | int, PlainValidator(held)] | None = None
    evidence: Text | None = None
    childcare: YesNo | None = None
    responsibility: YesNo | None = None
    fields: list[Name] | None = None

    @property
    def details(self) -> dict[str, bool | None]:
        return {"childcare": self.childcare, "responsibility": self.responsibility}


class Answers(Shape):
    model_config = ConfigDict(extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Answer | None]
    fields: list[Name] | None = None


class Metric(Shape):
    how = later("这里要写一个数，或 {city: 3.2, province: 3.0}")
    text_is = "value"
    hidden = frozenset(("value",))
    value: Annotated[Quantity, PlainValidator(quantity)] | None = None
    city: Annotated[Quantity, PlainValidator(quantity)] | None = None
    province: Annotated[Quantity, PlainValidator(quantity)] | None = None


class Institutions(Shape):
    how = later("这里要写名称的列表，或 .csv、.parquet 文件的名称")
    text_is, list_is = "file", "names"
    hidden = frozenset(("file", "names"))
    file: Name | None = None
    names: list[Name] = []


class Inspected(Shape):
    how = later("这里要写 all，或机构名称的列表")
    text_is, list_is = "all", "names"
    hidden = frozenset(("all", "names"))
    all: Annotated[bool, PlainValidator(everyone)] = False
    names: list[Name] = []


class UnmetRow(Shape):
    how = later("这里要写作 {institution: A园, standard: …, clause: …}")
    institution: Name
    standard: Name
    clause: Name


class Unmet(Shape):
    how = later("这里要写 {institution: …, standard: …, clause: …} 的列表，或 .csv、.parquet 文件的名称")
    text_is, list_is = "file", "rows"
    hidden = frozenset(("file", "rows"))
    file: Name | None = None
    rows: list[UnmetRow] = []


class Incident(Shape):
    how = later("这里要写作 {on: 2021-03-01}；不知道日期写 {}")
    text_is = "on"
    on: Day | None = None
    about_childcare: YesNo | None = None


class Incidents(Shape):
    how = later("这里要写列表：没有发生写 []，发生过写 [{on: 2021-03-01}]")
    list_is = "items"
    hidden = frozenset(("items",))
    items: list[Incident]


class Reexamined(Shape):
    how = later("这里要写作 {on: 2024-06-01, meets: yes}")
    on: Day | None = None
    meets: YesNo | None = None


class Range(Shape):
    how = later("这里要写作 {low: 81.5, high: 88}")
    low: Number
    high: Number

    @model_validator(mode="after")
    def _in_order(self) -> Range:
        if self.low > self.high:
            raise BadValueError(say("low（{low}）大于 high（{high}）", low=self.low, high=self.high))
        return self


class Expect(Shape):
    """What a sample is to come to."""

    total: Range | None = None
    self_assessed: Range | None = None
    indicators: dict[str, Range | None] | None = None
    eligible: Annotated[str, PlainValidator(verdict("eligible", "ineligible", "undetermined"))] | None = None
    revocation: Annotated[str, PlainValidator(verdict("revoke", "keep", "undetermined", "not-applicable"))] | None = None


class CaseShape(Shape):
    city: Annotated[str, PlainValidator(city_name)] | None = None
    document: Name | None = None
    applying_on: Day | None = None
    unit: Name | None = None
    answers: Answers | None = None
    fields: list[Name] | None = None
    unclear_elements: list[Name] | None = None
    discretion: dict[str, Number | None] | None = None
    self_scores: dict[str, Number | None] | None = None
    metrics: dict[str, Metric | None] | None = None
    institutions: Institutions | None = None
    inspected: dict[str, Inspected | None] | None = None
    unmet: Unmet | None = None
    incidents: dict[str, Incidents | None] | None = None
    named_in: Year | None = None
    revoked_in: Year | None = None
    reexamined: Reexamined | None = None
    findings: dict[str, Finding | None] | None = None
    readings: dict[str, Name | None] | None = None
    facts: dict[str, Any] | None = None
    expect: Expect | None = None


# --- from the file to the shape ----------------------------------------------------------------------------------


def shaped(written: Written) -> CaseShape:
    """The file as its shape; what does not fit is reported and dropped."""
    while True:
        try:
            return CaseShape.model_validate(_plain(written.root))
        except ValidationError as problem:
            errors = problem.errors(include_url=False)
        written.drop(*[_report(written, error) for error in errors])


def _plain(node: Node) -> Any:
    if node.kind == "mapping":
        return {key.text: _plain(value) for key, value in node.pairs}
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    return None if is_blank(node) else node.text.strip()


def _report(written: Written, error: ErrorDetails) -> Steps:
    """pydantic's error as ours, and the path of what is wrong: of the whole where a part is missing."""
    path, stray = error["loc"], error["input"]
    match error["type"], error.get("ctx", {}).get("error"):
        case _ if isinstance(stray, Stray):
            message = say("没有“{name}”这个{kind}", name=path[-1], kind=say("键"))
            written.fail(path, message, did_you_mean(str(path[-1]), stray.known), at_key=True)
        case "value_error", BadValueError() as wrong:
            written.fail(path, wrong.message, wrong.hint)
        case "missing", _:
            path = path[:-1]
            written.fail(path, say("缺少“{key}”", key=error["loc"][-1]))
        case "list_type", _:
            written.fail(path, say("这里要写成列表：[…, …]"))
        case "dict_type", _:
            written.fail(path, say("这里要写成“键: 值”"))
        case _:
            written.fail(path, say("写得不对：{problem}", problem=error["msg"]))
    return path
