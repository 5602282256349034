"""The command about many cities: `batch`."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click

from ..errors import EngineError
from ..language import say
from .command import Command, Report, readings
from .parameters import workspace_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def batch() -> click.Command:
    """`zhengce batch QUESTION FACTS… -o OUT`."""

    def callback(
        question: str, facts: tuple[str, ...], output: str | None, on: str | None, reading: tuple[str, ...], quota: int | None,
        memory: str | None, threads: int | None, spill: str | None, as_json: bool,
    ) -> Report:  # fmt: skip
        from ..arguments import day_of

        workspace = workspace_of(click.get_current_context())
        try:
            from ..batch import Batch, Facts, Settings, save
            from ..batch.as_json import render as as_data
            from ..batch.as_text import render as as_lines
        except ImportError as error:
            raise EngineError(say("没有安装 {name}", name=error.name), hint="pip install 'zhengce[duckdb]'") from None
        from ..batch.saving import writer_for

        if output is not None:
            writer_for(output)
        day = None if on is None else day_of("--on", on)
        with stoppable(), _progress() as told, Facts(workspace, list(facts), Settings(memory, threads, spill), told) as known:
            found = Batch(known, question, readings=readings(reading), on=day, quota=quota)
            told("", 0, 0)
            if output is not None:
                save(found, output)
            return Report(as_data(found) if as_json else as_lines(found), 0, not as_json)

    command = Command(
        "batch",
        callback=callback,
        params=[
            click.Argument(["question"], metavar=say("问题"), shell_complete=_questions),
            click.Argument(["facts"], metavar=say("表 …"), nargs=-1, required=True),
            *_options(),
        ],
        help=say("对许多城市问同一个问题：各市的材料在表里（Parquet、CSV、DuckDB、PostgreSQL）。"),
    )
    command.about = {
        "question": say("能成批问的问题，如 score、eligible、revocation"),
        "facts": say("映射文件（.toml）、放表的文件夹、数据文件、DuckDB 文件、PostgreSQL 的地址"),
    }
    return command


def _options() -> list[click.Parameter]:
    number, reading = say("个数"), say("编号=取值")
    output = say("结果写到：文件夹、.xlsx、.duckdb，或首表写到 .parquet、.csv。")
    chosen = say("各市都选定的读法，可重复；见 zhengce readings。")
    return [
        click.Option(["-o", "--output"], metavar=say("文件名"), help=output),
        click.Option(["--on"], metavar=say("日期"), help=say("所问的日期，如 2022-05-20。")),
        click.Option(["--reading"], multiple=True, metavar=reading, help=chosen),
        click.Option(["--quota"], type=click.IntRange(min=1), metavar=number, help=say("名额：名次之外写明谁入选。")),
        click.Option(["--memory"], metavar=say("大小"), help=say("至多用多少内存，如 512MB、4GB。")),
        click.Option(["--threads"], type=click.IntRange(min=1), metavar=number, help=say("至多用几个线程。")),
        click.Option(["--spill"], metavar=say("文件夹"), help=say("内存放不下的暂存在这里；缺省是系统的临时文件夹。")),
        click.Option(["--json", "as_json"], is_flag=True, help=say("输出 JSON，供程序使用。")),
    ]


def _questions(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    workspace = workspace_of(ctx)
    names = (name for name in workspace.questions if workspace.prepared(name).question.many)
    return [name for name in names if name.startswith(incomplete)]


@contextmanager
def stoppable() -> Iterator[None]:
    """SIGTERM ends the run as Ctrl-C does: nothing half-written stays, nor what was kept on disk."""
    status = []

    def stop(number: int, frame: object) -> None:
        status.append(128 + number)
        raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGTERM)
    with suppress(ValueError):  # not the main thread: whoever runs it looks after that
        signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except KeyboardInterrupt:
        if status:
            sys.exit(status[0])
        raise
    finally:
        with suppress(ValueError):
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar on a terminal: what is being read, then how far the rules are."""
    if not sys.stderr.isatty():
        yield lambda what, done, of: None
        return

    def told(what: str, done: int, of: int) -> None:
        label = say("读 {name}", name=what) if what else say("推理")
        filled = round(20 * done / of) if of else 0
        click.echo(
            f"\r\x1b[K{label} [{'█' * filled}{'·' * (20 - filled)}] {done}/{of}" if of else "\r\x1b[K", err=True, nl=False
        )

    try:
        yield told
    finally:
        click.echo("\r\x1b[K", err=True, nl=False)
