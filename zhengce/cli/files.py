"""The commands that write files of rules: `fmt` and `export`."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors import QuestionError, from_here
from ..language import say
from ..workspace import Workspace, find
from .command import Command, Report, readings

CHANGED = 1


def fmt() -> click.Command:
    """`zhengce fmt [--check] [FILE…]`."""

    def callback(files: tuple[str, ...], only_check: bool) -> Report:
        from ..formatting import format_file, rule_files

        root = click.get_current_context().find_root().params.get("workspace")
        paths = [Path(file) for file in files] or rule_files(find(root))
        changed = [from_here(str(path)) for path in paths if format_file(path, check=only_check)]
        return Report("\n".join(changed), CHANGED if changed and only_check else 0, for_people=True)

    command = Command(
        "fmt",
        callback=callback,
        params=[
            click.Argument(["files"], nargs=-1, metavar=say("[文件]…")),
            click.Option(["--check", "only_check"], is_flag=True, help=say("只检查，不写；有要改的，退出状态为 1。")),
        ],
        help=say("统一规则文件的排版，缺省是工作区的全部；只动空白，注释都保留。打印改了的文件。"),
    )
    command.about = {"files": say("规则文件（.dl）")}
    return command


def export() -> click.Command:
    """`zhengce export --souffle DIR [CASE]`."""

    def callback(case: str | None, folder: str | None, reading: tuple[str, ...], on: str | None) -> Report:
        from ..arguments import day_of
        from ..souffle import export as written

        if folder is None:
            message = say("没有写导出成什么、写到哪里")
            raise QuestionError(message, hint=say("写作 zhengce export --souffle 文件夹"))
        workspace = Workspace(find(click.get_current_context().find_root().params.get("workspace")))
        day = None if on is None else day_of("--on", on)
        files = written(workspace, Path(folder), case, readings=readings(reading), on=day)
        return Report("\n".join(map(str, files)), 0, for_people=True)

    command = Command(
        "export",
        callback=callback,
        params=[
            click.Argument(["case"], required=False, metavar=say("[案例]")),
            click.Option(
                ["--souffle", "folder"], metavar=say("文件夹"), help=say("写成 Soufflé 能直接运行的程序，放在这个文件夹。")
            ),
            click.Option(
                ["--reading"], multiple=True, metavar=say("编号=取值"), help=say("选定一种读法，可重复；见 zhengce readings。")
            ),
            click.Option(["--on"], metavar=say("日期"), help=say("提问的日期，如 2022-05-20。")),
        ],
        help=say("把规则与事实写成另一个引擎的程序，供它核对；给出案例的，连同案例。"),
    )
    command.about = {"case": say("案例文件的路径，或自带样例的名称")}
    return command
