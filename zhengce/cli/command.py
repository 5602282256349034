"""What every subcommand is made of: what it says, what is too much, options that may stand anywhere or be repeated."""

from __future__ import annotations

from typing import Any, NamedTuple

import click

from ..errors import CaseError, QuestionError
from ..language import say
from .mistakes import told_with, usage_of
from .spoken import Spoken

WIDE_EQUALS = "＝"
EXAMPLE = "附件.三.5.equal=not-higher"
TABLES = "zhengce.tables"  # in what the contexts of a run share: by case file, the tables it was taken out of
ASSUMED = "附件.一.1.a=yes"


class Report(NamedTuple):
    """What a command says, the exit status, and whether people read it (who look for mistakes on standard error)."""

    text: str
    status: int
    for_people: bool


class Command(Spoken):
    """A subcommand, which says what is too much."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        with told_with(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            more = "".join(f"“{argument}”" for argument in rest)
            raise QuestionError(say("多了{more}", more=more), hint=usage_of(ctx))
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CaseError as problem:
            for error in problem.all:
                if error.span and (tables := ctx.meta.get(TABLES, {}).get(error.span.file)):
                    error.hint = say(
                        "{hint}（这个案例取自 {tables}，要改的是那里的表）", hint=error.hint or say(error.mend), tables=tables
                    )
            raise


def without(arguments: list[str], option: str, wanted: str) -> tuple[list[str], str | None]:
    """The arguments without an option that may stand anywhere before `--`, and its last value. Raises `QuestionError`.

    `wanted`: what the value is.
    """
    rest: list[str] = []
    value = None
    while arguments and arguments[0] != "--":
        word, *arguments = arguments
        name, equals, after = word.partition("=")
        if name != option:
            rest.append(word)
        elif equals or arguments:
            value, arguments = (after, arguments) if equals else (arguments[0], arguments[1:])
        else:
            raise QuestionError(say("{option} 后面要写：{wanted}", option=option, wanted=wanted))
    return [*rest, *arguments], value


def readings(given: tuple[str, ...], option: str = "--reading") -> dict[str, str]:
    """What `--reading ID=VALUE` chooses, by id. Raises `QuestionError`."""
    return _chosen(option, EXAMPLE, given)


def assumed(given: tuple[str, ...]) -> dict[str, str]:
    """What `--assume ID=VALUE` assumes, by id. Raises `QuestionError`."""
    return _chosen("--assume", ASSUMED, given)


def _chosen(option: str, example: str, given: tuple[str, ...]) -> dict[str, str]:
    chosen: dict[str, str] = {}
    for text in given:
        name, _, value = (part.strip() for part in text.partition("="))
        if not name or not value:
            hint = say("等号用半角“=”") if WIDE_EQUALS in text else say("如 {example}", example=f"{option} {example}")
            raise QuestionError(say("{option} 要写作 编号=取值，不是“{text}”", option=option, text=text), hint=hint)
        if chosen.setdefault(name, value) != value:
            first = chosen[name]
            message = say("{option} {name} 写了两次：{first}、{second}", option=option, name=name, first=first, second=value)
            raise QuestionError(message, hint=say("只留一个"))
    return chosen
