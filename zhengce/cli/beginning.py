"""The commands for those who begin a workspace, and for whoever finds something wrong with one: `init` and `help`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import QuestionError, ZhengceError
from ..language import current, say
from ..workspace import Workspace, find
from .command import Command, Report

if TYPE_CHECKING:
    from collections.abc import Iterator

TASK = "选址"  # of the template


def init() -> click.Command:
    """`zhengce init DIR`."""

    def callback(folder: str) -> Report:
        from ..starting import start

        if not folder.strip():
            raise QuestionError(say("没有写文件夹"))
        return Report("\n".join(_made(folder, start(Path(folder)))), 0, for_people=True)

    command = Command(
        "init",
        callback=callback,
        params=[click.Argument(["folder"], metavar=say("文件夹"))],
        help=say("新建一个小工作区，作为编写自己的文件的起点。"),
    )
    command.about = {"folder": say("新的或空的文件夹")}
    return command


def _made(folder: str, files: list[Path]) -> Iterator[str]:
    """What there is now, and what to try next."""
    yield say("{folder} 里有了一个小工作区：", folder=folder)
    yield from (f"  {path.relative_to(folder).as_posix()}" for path in files)
    yield say("试试：")
    if Path(folder).resolve() != Path.cwd():
        yield f"  cd {folder}"
    case = next(path.stem for path in files if path.parent.name == "cases")
    yield from ("  zhengce check", f"  zhengce lead {TASK}", f"  zhengce score {case}")


def explain() -> click.Command:
    """`zhengce help [CODE]`."""

    def callback(code: str | None) -> Report:
        from ..explaining import codes, page

        known = codes(current())
        if code:
            return Report(page(code, None if code in known else _readable(), current()), 0, for_people=True)
        return Report("\n".join(_listed(known)), 0, for_people=True)

    command = Command(
        "help",
        callback=callback,
        params=[click.Argument(["code"], required=False, metavar=say("[编号]"), shell_complete=_complete)],
        help=say("说明一种问题是什么意思、怎样改；不写编号就列出全部。"),
    )
    command.about = {"code": say("报错的方括号里的，或 check 列出的")}
    return command


def _listed(known: dict[str, str]) -> Iterator[str]:
    from ..explaining import problems

    workspace = _readable()
    own = {name: problem.title for name, problem in problems(workspace).items()} if workspace else {}
    wide = max(map(len, [*known, *own]))
    for title, found in ((say("规则、事实与案例"), known), (say("这个工作区自己的检查"), own)):
        yield from [title, *(f"  {code:{wide}}  {says}" for code, says in found.items())] if found else []


def _readable() -> Workspace | None:
    """The workspace of this run; None where it cannot be read, which is when an explanation is needed most."""
    with suppress(ZhengceError):
        return Workspace(find(click.get_current_context().find_root().params.get("workspace")))
    return None


def _complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from ..explaining import codes

    return [code for code in codes(current()) if code.startswith(incomplete)]
