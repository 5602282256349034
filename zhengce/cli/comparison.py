"""The command that compares: `compare`."""

from __future__ import annotations

import click

from ..engines import DEFAULT
from ..language import say
from ..workspace import Workspace, find
from .command import Command, Report, readings
from .parameters import case, workspace_of


def compare() -> click.Command:
    """`zhengce compare A [B]`."""

    def callback(
        one: str | None,
        other: str | None,
        question: tuple[str, ...],
        reading: tuple[str, ...],
        reading_b: tuple[str, ...],
        workspace_b: str | None,
        engine: str,
        as_json: bool,
    ) -> Report:
        from ..comparing import between
        from ..comparing import compare as compared

        workspace = workspace_of(click.get_current_context())
        second = None if workspace_b is None else Workspace(find(workspace_b))
        chosen, chosen_b = readings(reading), readings(reading_b, "--reading-b")
        sides = between(workspace, case(workspace, one or ""), case(workspace, other or ""), chosen, chosen_b, second)
        found = compared(*sides, question, engine=engine)
        return Report(found.json() if as_json else str(found), found.status, not as_json)

    command = Command(
        "compare",
        callback=callback,
        params=[
            click.Argument(["one"], required=False, metavar="A", shell_complete=_samples),
            click.Argument(["other"], required=False, metavar="[B]", shell_complete=_samples),
            *_options(),
        ],
        help=say("比较两个案例，或同一案例在两种读法、两个工作区下：哪些回答不同，为什么。"),
    )
    command.about = {
        "one": say("案例文件的路径，或自带样例的名称"),
        "other": say("与它比较的案例；不写就是同一个"),
    }
    return command


def _options() -> list[click.Parameter]:
    value, engine = say("编号=取值"), say("推理引擎，缺省 {default}。", default=DEFAULT)
    return [
        click.Option(
            ["--question"], multiple=True, metavar=say("问题"), shell_complete=_questions,
            help=say("只比较这个问题，可重复；缺省是只要一个案例的全部问题。"),
        ),
        click.Option(["--reading"], multiple=True, metavar=value, help=say("两边都选定的读法，可重复；见 zhengce readings。")),
        click.Option(["--reading-b"], multiple=True, metavar=value, help=say("只有 B 选定的读法，可重复。")),
        click.Option(["--workspace-b"], metavar=say("文件夹"), help=say("B 的工作区；缺省与 A 相同。")),
        click.Option(["--engine"], default=DEFAULT, metavar=say("引擎"), help=engine),
        click.Option(["--json", "as_json"], is_flag=True, help=say("输出 JSON，供程序使用。")),
    ]  # fmt: skip


def _samples(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in workspace_of(ctx).samples if name.startswith(incomplete)]


def _questions(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in workspace_of(ctx).questions if name.startswith(incomplete)]
