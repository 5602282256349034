"""The commands: one for each question of the workspace, and the tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..errors import QuestionError
from ..language import listed, say
from ..questions import TOOLS
from .command import Command, Report, assumed, readings, without
from .mistakes import meant, told_with
from .parameters import assuming, given, parameter, running, workspace_of
from .spoken import Spoken, write_section

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..ask import Supposed
    from ..why import Difference
    from ..workspace import Workspace


class Questions(Spoken, click.Group):
    """The group whose commands are the tools and the questions of the workspace that `--workspace` names, wherever it is."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        rest, workspace = without(args, "--workspace", say("文件夹"))
        with told_with(ctx):
            return super().parse_args(ctx, [*(["--workspace", workspace] if workspace is not None else []), *rest])

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*workspace_of(ctx).questions, *TOOLS]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name in TOOLS:
            from .tools import tool

            return tool(name)
        workspace = workspace_of(ctx)
        return _command(workspace, name) if name in workspace.questions else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] in TOOLS:
            return super().resolve_command(ctx, args)
        workspace = workspace_of(ctx)
        if args[0] not in workspace.questions and not args[0].startswith("-"):
            message = say("没有 {name} 这个命令", name=args[0])
            raise QuestionError(message, hint=meant(workspace, args[0], list(TOOLS)))
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        Spoken.format_options(self, ctx, formatter)
        for title, names in ((say("问题："), workspace_of(ctx).questions), (say("工具："), TOOLS)):
            commands = [(name, command) for name in names if (command := self.get_command(ctx, name))]
            write_section(formatter, title, ((name, command.get_short_help_str(400)) for name, command in commands))


def command_group() -> click.Group:
    """The command as it stands, in the language in use."""

    def begin(workspace: str | None, lang: str | None) -> None:
        ctx = click.get_current_context()
        if ctx.invoked_subcommand is None:
            names = listed([*workspace_of(ctx).questions, *TOOLS])
            raise QuestionError(say("没有写命令"), hint=say("有：{names}", names=names))

    return Questions(
        "zhengce",
        callback=begin,
        help=say("政策文件的事实与规则：提问，得到有条款依据的回答。"),
        invoke_without_command=True,
        no_args_is_help=True,
        subcommand_metavar=say("命令 …"),
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        params=[
            click.Option(
                ["--workspace"],
                is_eager=True,
                metavar=say("文件夹"),
                help=say("工作区；缺省是当前文件夹或其上级，否则是自带的。"),
            ),
            click.Option(["--lang"], metavar="zh|en", help=say("语言；缺省看系统的区域设置。")),
            _version(),
        ],
    )


def _version() -> click.Option:
    def show(ctx: click.Context, parameter: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            from importlib.metadata import version

            click.echo(f"zhengce {version('zhengce')}")
            ctx.exit()

    options: dict[str, Any] = {"is_flag": True, "expose_value": False, "is_eager": True, "callback": show}
    return click.Option(["--version"], help=say("显示版本。"), **options)


# -- the command of one question --------------------------------------------------------------------------------------


def _command(workspace: Workspace, name: str) -> click.Command:
    prepared = workspace.prepared(name)
    question = prepared.question
    parameters: list[click.Parameter] = [parameter(workspace, name, a) for a in question.arguments]
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help=say("输出 JSON，供程序使用。")))
    parameters += [*assuming(prepared), *running(prepared)]

    def callback(
        as_json: bool, engine: str, reading: tuple[str, ...] = (), assume: tuple[str, ...] = (), **typed: Any
    ) -> Report:
        from ..ask import Supposed, ask

        values, supposed = given(workspace, question, typed), assumed(assume)
        answer = ask(workspace, name, values, engine=engine, readings=readings(reading), assume=supposed)
        if not isinstance(answer, Supposed):
            return Report(answer.json() if as_json else str(answer), answer.status, not as_json)
        from ..why import why_differs

        why = why_differs(workspace, name, values, supposed, engine=engine, readings=readings(reading))
        return Report(_supposed(answer, why, as_json), answer.status, not as_json)

    return _made(workspace, name, parameters, callback)


def _supposed(answer: Supposed, why: Difference | None, as_json: bool) -> str:
    """An answer under assumptions with the proofs of what differs."""
    from ..report.as_json import render
    from ..report.as_tree import render as tree

    if as_json:
        return render({**answer.data, "why": why.data(("base", "assumed")) if why else []})
    lines = why.lines((say("原来"), say("假设后"))) if why else []
    return "\n".join([str(answer), *(["", say("为什么不同"), tree(lines)] if lines else [])])


def _made(workspace: Workspace, name: str, parameters: list[click.Parameter], callback: Callable[..., Report]) -> click.Command:
    question = workspace.prepared(name).question
    about = {a.name: workspace.say(a.help) for a in question.arguments if a.kind != "option"}
    details = "\n".join(say("{name}：{about}", name=key.upper(), about=text) for key, text in about.items())
    first = workspace.say(question.help)
    command = Command(
        name, params=parameters, callback=callback, help=f"{first}\n\n\b\n{details}" if details else first, short_help=first
    )
    command.about = about
    return command
