"""What a user types for the arguments of a question, as ids and as facts.

A value may be text as typed, a date, a number, or for a repeatable option a mapping from key to value.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from .datalog import values
from .errors import QuestionError, RuleTypeError, did_you_mean
from .language import current, listed, say
from .names import Pair, find, suggest

if TYPE_CHECKING:
    from .datalog.checked import Row
    from .questions import Argument, Question

WIDE_EQUALS = "＝"
FEW = 12
SWITCHED = {"yes": True, "no": False}
OR = "、"


def spread(question: Question, given: Mapping[str, Any]) -> dict[str, list[str]]:
    """What is given for each argument, as texts. Raises `QuestionError` for one that there is not, or that is missing."""
    wanted = {a.name: a for a in question.arguments}
    for name in given:
        if name not in wanted:
            raise QuestionError(_unknown(question, name), hint=did_you_mean(name, wanted))
    typed = {name: [*_texts(value)] for name, value in given.items() if value is not None}
    if missing := [a for a in wanted.values() if a.required and not typed.get(a.name)]:
        names = listed(a.flag if a.kind == "option" else a.name for a in missing)
        raise QuestionError(say("{question} 缺少参数 {names}", question=question.name, names=names), hint=missing[0].help)
    return {name: texts for name, texts in typed.items() if texts}


def _unknown(question: Question, name: str) -> str:
    if name == "on":
        return say("{question} 用不到日期", question=question.name)
    return say("{question} 没有 {name} 这个参数", question=question.name, name=name)


def _texts(value: Any) -> Iterator[str]:
    match value:
        case Mapping():
            yield from (f"{key}={_text(each)}" for key, each in value.items())
        case list() | tuple():
            yield from map(_text, value)
        case _:
            yield _text(value)


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def resolve(argument: Argument, typed: str, names: Collection[Pair], elsewhere: str = "") -> list[str]:
    """The ids that a name may mean. Raises `QuestionError` with the nearest names when there is none, or where else to look."""
    if not typed.strip():
        raise QuestionError(say("没有写{what}", what=argument.help.partition(say("，"))[0]), hint=argument.help)
    if ids := find(typed, names):
        return ids
    near = suggest(typed, names)
    known = sorted({name for name, _ in names})
    if near:
        hint = say("是不是：{names}？", names=listed(near))
    elif len(known) <= FEW:
        hint = say("已知的有：{names}", names=listed(known))
    else:
        hint = say("没有相近的名称；另可查找：{command}", command=elsewhere) if elsewhere else say("没有相近的名称")
    raise QuestionError(say("没有找到“{typed}”", typed=typed), hint=hint)


def facts(argument: Argument, typed: Iterable[str], names: Collection[Pair]) -> set[Row]:
    """The rows that an option states. `names`: of what its keys name. Raises `QuestionError`."""
    if argument.switch:
        return {() for text in typed if _switched(argument, text)}
    if argument.named:
        return {(_single(argument, text, names),) for text in typed}
    rows: dict[tuple[str, ...], Row] = {}
    for text in typed:
        key, written = _key(argument, text, names)
        row = (*key, _value(argument, written))
        if rows.setdefault(key, row) != row:
            message = say("{flag} 写了两次，取值不同：{text}", flag=argument.flag, text=text)
            raise QuestionError(message, hint=say("只留一个"))
    return set(rows.values())


def _key(argument: Argument, text: str, names: Collection[Pair]) -> tuple[tuple[str, ...], str]:
    """The columns before the value, and the value as written."""
    if not argument.keyed:
        return ((argument.name.replace("_", "-"),) if argument.columns == 2 else ()), text
    name, equals, value = text.partition("=")
    if not equals or not name.strip() or not value.strip():
        hint = say("等号用半角“=”") if WIDE_EQUALS in text else argument.help
        raise QuestionError(say("{flag} 要写作 名称=取值，不是“{text}”", flag=argument.flag, text=text), hint=hint)
    name, _, after = (part.strip() for part in name.partition("@"))
    id_ = _single(argument, name, names)
    if after and argument.columns == 2:
        raise QuestionError(say("{flag} 用不到 @", flag=argument.flag), hint=argument.help)
    return ((id_, after) if argument.columns == 3 else (id_,)), value.strip()


def _single(argument: Argument, name: str, names: Collection[Pair]) -> str:
    """The one id that a name means."""
    ids = resolve(argument, name, names)
    if len(ids) > 1:
        raise QuestionError(say("“{name}”可以是几个：{ids}", name=name, ids=listed(ids)), hint=say("写全名称"))
    return ids[0]


def _switched(argument: Argument, text: str) -> bool:
    if text not in SWITCHED:
        raise QuestionError(say("{flag} 没有取值", flag=argument.flag), hint=argument.help)
    return SWITCHED[text]


def day_of(flag: str, text: str) -> date:
    """The day that an option gives. Raises `QuestionError`."""
    from .cases.shape import BadValueError, day

    try:
        return day(text)
    except BadValueError as problem:
        raise QuestionError(say("{flag}：{problem}", flag=flag, problem=problem.message), hint=problem.hint) from None


def _value(argument: Argument, text: str) -> values.Internal:
    from .cases.shape import BadValueError

    try:
        match argument.type:
            case "date":
                return day_of(argument.flag, text)
            case "number" | "decimal":
                return _number(argument, _decimal(argument, text))
            case _:
                return _choice(argument, text)
    except (BadValueError, RuleTypeError) as problem:
        raise QuestionError(say("{flag}：{problem}", flag=argument.flag, problem=problem.message), hint=problem.hint) from None


def _decimal(argument: Argument, text: str) -> Decimal:
    from .cases.shape import BadValueError, decimal

    try:
        return decimal(text)
    except BadValueError as problem:
        raise BadValueError(problem.message, say("写作 14") if argument.type == "number" else problem.hint) from None


def _number(argument: Argument, number: Decimal) -> values.Internal:
    if argument.least is not None and number < argument.least:
        raise RuleTypeError(say("{number} 太小，至少是 {least}", number=number, least=argument.least))
    if argument.type == "decimal":
        return values.encode(number, "decimal")
    if number != number.to_integral_value():
        raise RuleTypeError(say("{number} 不是整数", number=number))
    return values.encode(int(number), "number")


def _choice(argument: Argument, text: str) -> str:
    known = {spelt.lower(): value for value, words in argument.choices for spelt in (value, *words.split(OR))}
    if {"yes", "no"} <= known.keys():
        known |= {"true": "yes", "false": "no"}
    if not argument.choices or text.strip().lower() in known:
        return known.get(text.strip().lower(), text)
    shown = [say("{value}（{words}）", value=value, words=words) for value, words in argument.choices]
    if current() != "zh":  # the words are Chinese, for those who type them
        shown = [value for value, _ in argument.choices]
    raise RuleTypeError(say("没有“{text}”这个取值", text=text), hint=say("可以是 {values}", values=listed(shown)))
