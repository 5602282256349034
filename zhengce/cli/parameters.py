"""The parameters that a question's arguments make on the command line, and what was typed for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ..engines import DEFAULT
from ..language import say
from ..workspace import Workspace, find
from .command import TABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..questions import Argument, Question
    from ..workspace import Prepared


def workspace_of(ctx: click.Context) -> Workspace:
    """The workspace of this run, opened once."""
    root = ctx.find_root()
    if not isinstance(root.obj, Workspace):
        root.obj = Workspace(find(root.params.get("workspace")))
    return root.obj


def running(prepared: Prepared) -> list[click.Parameter]:
    """The options that say how a question is worked out: by which engine, and, where it has any, under which readings."""
    engine = say("推理引擎，缺省 {default}。", default=DEFAULT)
    options: list[click.Parameter] = [click.Option(["--engine"], default=DEFAULT, metavar=say("引擎"), help=engine)]
    if prepared.readings:
        text = say("选定一种读法，可重复；见 zhengce readings。")
        options.append(click.Option(["--reading"], multiple=True, metavar=say("编号=取值"), help=text))
    return options


def assuming(prepared: Prepared) -> list[click.Parameter]:
    """The option that assumes something of a case; none where no case is asked about."""
    if not prepared.question.about_case:
        return []
    text = say("假设案例的某处是这个取值，可重复；回答旁边列出不同之处。")
    return [click.Option(["--assume"], multiple=True, metavar=say("编号=取值"), help=text)]


def parameter(workspace: Workspace, question: str, argument: Argument) -> click.Parameter:
    """The parameter of an argument of a question, with its completion in the shell."""
    if argument.kind == "option":
        help_ = workspace.say(argument.help)
        if argument.switch:
            return click.Option([argument.flag, argument.name], is_flag=True, default=None, help=help_)
        return click.Option([argument.flag, argument.name], multiple=True, metavar=_metavar(workspace, argument), help=help_)

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        if argument.kind == "case":
            return [name for name in workspace.samples if name.startswith(incomplete)]
        return [name for name in _names(workspace, question, argument) if name.startswith(incomplete)]

    nargs = -1 if argument.kind == "text" else 1  # several words need no quotes
    return click.Argument([argument.name], shell_complete=complete, nargs=nargs, required=True)


def given(workspace: Workspace, question: Question, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, without the options that were not; the words of a text together, a city of a table as its case file."""
    joined = {a.name: " ".join(typed[a.name]) for a in question.arguments if a.kind == "text"}
    cases = {a.name: case(workspace, typed[a.name]) for a in question.arguments if a.kind == "case" and typed[a.name]}
    return {name: value for name, value in {**typed, **joined, **cases}.items() if value not in (None, ())}


def case(workspace: Workspace, typed: str) -> str:
    """`TABLES#CITY` as the case file of that city; any other case as it is."""
    if "#" not in typed:
        return typed
    from ..batch.slicing import case_file

    path = case_file(workspace, typed)
    if path != typed:
        click.get_current_context().meta.setdefault(TABLES, {})[path] = typed
    return path


def _metavar(workspace: Workspace, argument: Argument) -> str:
    if argument.choices:
        return "|".join(value for value, _ in argument.choices)
    if argument.named:
        return say("名称")
    value = {"date": say("日期"), "number": say("整数"), "decimal": say("数")}.get(argument.type, say("文字"))
    if not argument.keyed:
        return value
    return say("名称@年份=数") if argument.columns == 3 else say("名称={value}", value=value)


def _names(workspace: Workspace, question: str, argument: Argument) -> list[str]:
    """Every name that an argument may be."""
    model = workspace.model(question)
    return sorted({row[0] for row in model.rows[argument.of]}) if model else []
