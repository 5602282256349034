"""The command. Every question of the workspace is a subcommand; this module only carries arguments in and reports out."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

from .engines import DEFAULT
from .errors import QuestionError, ZhengceError, nearest
from .workspace import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from .questions import Argument

BAD = 2
PROBLEM_WORDS = {
    "No such option": "没有这个选项",
    "Missing argument": "缺少参数",
    "Got unexpected extra argument": "多了参数",
    "requires an argument": "后面要有取值",
}


class Questions(click.Group):
    """The group whose commands are the questions of the workspace that `--workspace` names, wherever it stands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, _hoisted(args, "--workspace"))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_workspace(ctx).questions)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        workspace = _workspace(ctx)
        return _command(workspace, name) if name in workspace.questions else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        known = _workspace(ctx).questions
        if args and args[0] not in known and not args[0].startswith("-"):
            near = nearest(args[0], known, cutoff=0.5)
            hint = "是不是：" + "、".join(near) + "？" if near else "有：" + "、".join(known)
            raise QuestionError(f"没有 {args[0]} 这个命令", hint=hint)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Questions,
    help="政策文件的事实与规则：提问，得到有条款依据的回答。",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--workspace", metavar="文件夹", help="工作区；缺省是当前文件夹或其上级，否则是自带的。")
@click.version_option(package_name="zhengce", message="%(prog)s %(version)s")
def group(workspace: str | None) -> None:
    """See `Questions`."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 answered, 1 undetermined, ambiguous or empty, 2 bad input."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the message of whatever is wrong goes to standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        status = group.main(list(arguments), prog_name="zhengce", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except ZhengceError as error:
        click.echo(str(error), err=True)
    except click.UsageError as error:
        if isinstance(error, click.NoSuchOption) and error.possibilities:
            hint = f"\n  → 是不是：{'、'.join(error.possibilities)}？"
        else:
            hint = f"\n  → 用法：{error.ctx.get_usage().partition(':')[2].strip()}" if error.ctx else ""
        click.echo(f"{_translated(error)}{hint}", err=True)
    except click.ClickException as error:
        click.echo(error.format_message(), err=True)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return BAD


def _translated(error: click.UsageError) -> str:
    message = error.format_message()
    for english, chinese in PROBLEM_WORDS.items():
        message = message.replace(english, chinese)
    return message


def _hoisted(args: list[str], option: str) -> list[str]:
    """The arguments with the group's option moved to the front, so that it may stand anywhere."""
    for i, argument in enumerate(args):
        if argument == "--":
            break
        if argument.startswith(f"{option}="):
            return [argument, *args[:i], *args[i + 1 :]]
        if argument == option and i + 1 < len(args):
            return [*args[i : i + 2], *args[:i], *args[i + 2 :]]
    return args


def _workspace(ctx: click.Context) -> Workspace:
    """The workspace of this run, opened once."""
    root = ctx.find_root()
    if not isinstance(root.obj, Workspace):
        root.obj = Workspace(find(root.params.get("workspace")))
    return root.obj


def _command(workspace: Workspace, name: str) -> click.Command:
    prepared = workspace.prepared(name)
    question = prepared.question
    parameters: list[click.Parameter] = [_argument(workspace, a) for a in question.arguments]
    parameters.append(click.Option(["--json", "as_json"], is_flag=True, help="输出 JSON，供程序使用。"))
    parameters.append(click.Option(["--engine"], default=DEFAULT, metavar="引擎", help=f"推理引擎，缺省 {DEFAULT}。"))
    if question.about_case and prepared.readings:
        text = "选定一种读法，可重复；见 zhengce readings。"
        parameters.append(click.Option(["--reading"], multiple=True, metavar="编号=取值", help=text))
    if question.date:
        parameters.append(click.Option(["--on"], metavar="日期", help=f"{question.date}，如 2022-05-20。"))

    def callback(as_json: bool, engine: str, reading: tuple[str, ...] = (), on: str | None = None, **given: Any) -> int:
        from .ask import ask

        answer = ask(workspace, name, given, engine=engine, readings=_readings(reading), on=_date(on))
        click.echo(answer.json() if as_json else str(answer), err=answer.status == BAD)
        return answer.status

    details = "\n".join(f"{a.name.upper()}：{a.help}" for a in question.arguments)
    text = f"{question.help}\n\n\b\n{details}" if details else question.help
    return click.Command(name, params=parameters, callback=callback, help=text, short_help=question.help)


def _argument(workspace: Workspace, argument: Argument) -> click.Argument:
    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        if argument.kind == "case":
            return [name for name in workspace.samples if name.startswith(incomplete)]
        return [name for name in _names(workspace, ctx.command.name or "", argument) if name.startswith(incomplete)]

    return click.Argument([argument.name], shell_complete=complete)


def _names(workspace: Workspace, question: str, argument: Argument) -> list[str]:
    """Every name that an argument may be, for completion in the shell."""
    model = workspace.model(question)
    return sorted({row[0] for row in model.rows[argument.of]}) if model else []


def _readings(given: tuple[str, ...]) -> dict[str, str]:
    chosen = {}
    for text in given:
        name, found, value = text.partition("=")
        if not found or not name.strip() or not value.strip():
            raise QuestionError(f"--reading 要写作 编号=取值，不是“{text}”", hint="如 --reading 附件.三.5.equal=not-higher")
        chosen[name.strip()] = value.strip()
    return chosen


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    from .cases.shape import BadValueError, day

    try:
        return day(text)
    except BadValueError as error:
        raise QuestionError(f"--on：{error}", hint=error.hint) from None


__all__ = ["group", "main", "run"]
