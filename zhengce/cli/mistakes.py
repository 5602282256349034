"""What is wrong with a command itself, in our words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from ..errors import QuestionError, nearest
from ..language import listed, say

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..workspace import Workspace

OF_A_QUESTION = ("--json", "--engine", "--reading", "--assume", "--on")


def told_for(error: click.UsageError) -> str:
    """What click found wrong."""
    ctx = error.ctx
    usage = usage_of(ctx) if ctx else ""
    if isinstance(error, click.NoSuchOption):
        hint = say("是不是：{names}？", names=listed(error.possibilities)) if error.possibilities else usage
        misplaced = _misplaced(error.option_name, ctx) if ctx else ""
        return misplaced or _hinted(say("没有 {option} 这个选项", option=error.option_name), hint)
    if isinstance(error, click.MissingParameter) and error.param and ctx:
        about = getattr(ctx.command, "about", {}).get(error.param.name or "", "")
        return _hinted(say("缺少 {name}：{about}", name=error.param.human_readable_name, about=about), usage)
    return _hinted(say("命令写得不对"), usage)


@contextmanager
def told_with(ctx: click.Context) -> Iterator[None]:
    """An option with a value too many or too few, of which click does not say whose it is."""
    try:
        yield
    except click.BadOptionUsage as error:
        option = next((p for p in ctx.command.get_params(ctx) if error.option_name in p.opts), None)
        if isinstance(option, click.Option) and option.is_flag:
            raise QuestionError(say("{option} 后面不写取值", option=error.option_name)) from None
        wanted = option.make_metavar(ctx) if option else say("取值")
        raise QuestionError(say("{option} 后面要写：{wanted}", option=error.option_name, wanted=wanted)) from None


def usage_of(ctx: click.Context) -> str:
    """How a command is written."""
    return say("用法：{usage}", usage=" ".join([ctx.command_path, *ctx.command.collect_usage_pieces(ctx)]))


def _hinted(message: str, hint: str) -> str:
    return f"{message}\n  → {hint}" if hint else message


def _misplaced(option: str, ctx: click.Context) -> str:
    """What is wrong with an option that there is, but not here."""
    if ctx.parent is None:
        hint = say("写作 zhengce 命令 … {option}", option=option)
        return _hinted(say("{option} 写在命令后面", option=option), hint) if option in OF_A_QUESTION else ""
    name = ctx.info_name
    match option:
        case "--on":
            return say("{question} 用不到日期", question=name)
        case "--reading":
            return say("{question} 用不到读法", question=name)
        case "--assume":
            return say("{question} 不看案例，没有可以假设的", question=name)
        case _:
            return ""


def meant(workspace: Workspace, typed: str, tools: list[str]) -> str:
    """A hint for what is no command: one spelt alike, one that the word describes, or the one that knows this name."""
    if near := nearest(typed, [*workspace.questions, *tools], cutoff=0.5):
        return say("是不是：{names}？", names=listed(near))
    chinese = {name: workspace.prepared(name).question.title for name in workspace.questions}
    titles = {name: workspace.say(title) for name, title in chinese.items()}
    fits = [n for n in titles if typed.strip() and (typed in chinese[n] or typed.lower() in titles[n].lower())]
    if described := [say("{name}（{title}）", name=name, title=titles[name]) for name in fits]:
        return say("是不是：{names}？", names=listed(described))
    if asking := [name for name in titles if _knows(workspace, name, typed)]:
        from shlex import quote

        written = (f"zhengce {name} {quote(typed) if not typed.isalnum() else typed}" for name in asking)
        return say("是不是：{names}？", names=listed(written))
    return say("有：{names}", names=listed([*titles, *tools]))


def _knows(workspace: Workspace, question: str, typed: str) -> bool:
    """Whether a question that the documents alone answer has something of this name."""
    from ..names import find

    arguments, model = workspace.prepared(question).question.arguments, workspace.model(question)
    required = [a for a in arguments if a.required]
    if not model or [a.kind for a in required] != ["name"]:
        return False
    return bool(find(typed, list(model.rows[required[0].of])))
