"""The command that draws: every diagram of the workspace is a subcommand of `draw`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import DrawingError, QuestionError, did_you_mean
from ..language import listed, say
from .command import Command, Report, readings
from .parameters import given, parameter, running, workspace_of
from .spoken import Spoken, write_section

if TYPE_CHECKING:
    from ..questions import Question
    from ..questions.diagram import Diagram
    from ..workspace import Workspace

SHOWN_AS = ".html"


class Diagrams(Spoken, click.Group):
    """The group whose commands are the diagrams of the workspace."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(workspace_of(ctx).diagrams)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        workspace = workspace_of(ctx)
        return _command(workspace, name) if name in workspace.diagrams else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            hint = did_you_mean(args[0], known) or say("有：{names}", names=listed(known))
            raise QuestionError(say("没有 {name} 这种图", name=args[0]), hint=hint)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        Spoken.format_options(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(400)) for name, command in commands if command]
        write_section(formatter, say("图："), rows)


def draw() -> click.Command:
    """`zhengce draw DIAGRAM … -o FILE`."""

    def begin() -> None:
        ctx = click.get_current_context()
        if ctx.invoked_subcommand is None:
            names = listed(workspace_of(ctx).diagrams)
            raise QuestionError(say("没有写画什么图"), hint=say("有：{names}", names=names))

    command = Diagrams(
        "draw",
        callback=begin,
        invoke_without_command=True,
        help=say("画图：写成 SVG、PNG、PDF、网页、Excel 等，格式看文件名。"),
        subcommand_metavar=say("图 …"),
    )
    command.about = {}
    return command


def _command(workspace: Workspace, name: str) -> click.Command:
    diagram = workspace.diagram(name)
    prepared = workspace.prepared(diagram.question)
    parameters = [parameter(workspace, prepared.question.name, a) for a in prepared.question.arguments]
    file, formats = say("文件名"), say("写成这个文件；格式看名称的结尾：{formats}。", formats=listed(_formats(diagram)))
    parameters += [
        click.Option(["-o", "--output"], metavar=file, help=formats),
        click.Option(["--open", "show"], is_flag=True, help=say("画好就打开；没有写 -o 的，打开一个临时的网页。")),
        *running(prepared),
    ]

    def callback(output: str | None, show: bool, engine: str, reading: tuple[str, ...] = (), **typed: Any) -> Report:
        from ..diagrams import check_format, draw

        path = _path(output, show)
        check_format(diagram, path)
        drawing = draw(workspace, name, given(workspace, prepared.question, typed), engine=engine, readings=readings(reading))
        drawing.save(path)
        if show and click.launch(str(path)):
            raise DrawingError(say("打不开 {path}", path=path), hint=say("图已经写好，用别的程序打开它"))
        return Report(str(path), 0, for_people=True)

    command = Command(name, params=parameters, callback=callback, help=workspace.say(diagram.help))
    command.about = _about(workspace, prepared.question)
    return command


def _about(workspace: Workspace, question: Question) -> dict[str, str]:
    return {a.name: workspace.say(a.help) for a in question.arguments if a.kind != "option"}


def _formats(diagram: Diagram) -> tuple[str, ...]:
    from ..diagrams import suited

    return suited(diagram)


def _path(output: str | None, show: bool) -> Path:
    """Where to write. Without a name there has to be somebody who looks at it."""
    if output is not None and output.strip():
        return Path(output)
    if not show:
        raise QuestionError(say("没有写画到哪个文件"), hint=say("写 -o 名称.svg，或 --open"))
    return Path(tempfile.mkdtemp(prefix="zhengce-")) / f"zhengce{SHOWN_AS}"
