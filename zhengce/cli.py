"""The command. Every question of the workspace is a subcommand; this module only carries arguments in and reports out."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import click

from .engines import DEFAULT
from .errors import QuestionError, ZhengceError, nearest
from .workspace import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from .questions import Argument

BAD, INTERRUPTED = 2, 130
DEBUG = "ZHENGCE_DEBUG"
OF_A_QUESTION = {
    "--json": "--json", "--engine": "--engine 引擎", "--reading": "--reading 编号=取值", "--on": "--on 日期",
}  # fmt: skip


class Report(NamedTuple):
    """What a question says, the exit status, and whether people read it (who look for mistakes on standard error)."""

    text: str
    status: int
    for_people: bool


class Questions(click.Group):
    """The group whose commands are the questions of the workspace that `--workspace` names, wherever it stands."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        with _told_with(ctx):
            return super().parse_args(ctx, _hoisted(args, "--workspace"))

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_workspace(ctx).questions)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        workspace = _workspace(ctx)
        return _command(workspace, name) if name in workspace.questions else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        workspace = _workspace(ctx)
        if args[0] not in workspace.questions and not args[0].startswith("-"):
            raise QuestionError(f"没有 {args[0]} 这个命令", hint=_meant(workspace, args[0]))
        return super().resolve_command(ctx, args)


class Question(click.Command):
    """The command of one question. `about`: what its arguments are."""

    about: Mapping[str | None, str]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True
        with _told_with(ctx):
            rest = super().parse_args(ctx, args)
        if rest and not ctx.resilient_parsing:
            more = "".join(f"“{argument}”" for argument in rest)
            raise QuestionError(f"多了{more}", hint=_usage(ctx))
        return rest


@click.group(
    cls=Questions,
    help="政策文件的事实与规则：提问，得到有条款依据的回答。",
    invoke_without_command=True,
    no_args_is_help=True,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--workspace", metavar="文件夹", help="工作区；缺省是当前文件夹或其上级，否则是自带的。")
@click.version_option(package_name="zhengce", message="%(prog)s %(version)s")
@click.pass_context
def group(ctx: click.Context, workspace: str | None) -> None:
    """See `Questions`."""
    if ctx.invoked_subcommand is None:
        raise QuestionError("没有写命令", hint=f"有：{'、'.join(_workspace(ctx).questions)}")


# -- running ----------------------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run the command and exit: 0 answered, 1 undetermined, ambiguous or empty, 2 bad input."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run the command; the message of whatever is wrong goes to standard error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        return _answered(arguments)
    except ZhengceError as error:
        return _told(str(error))
    except click.exceptions.NoArgsIsHelpError as error:
        return _told(error.format_message())
    except click.UsageError as error:
        return _told(_mistake(error))
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        _let_go(sys.stdout)
        return 0
    except OSError as error:
        return _unwritten(error) if error.filename is None else _unexpected(error)
    except Exception as error:
        return _unexpected(error)


def _answered(arguments: Sequence[str]) -> int:
    if sys.stdout is None:
        return _told("写不出结果：标准输出已经关闭")
    report = group.main(list(arguments), prog_name="zhengce", standalone_mode=False)
    if isinstance(report, Report):
        click.echo(report.text, err=report.status == BAD and report.for_people)
    sys.stdout.flush()
    return report.status if isinstance(report, Report) else 0


def _told(message: str) -> int:
    with suppress(OSError):  # when not even this can be said, the status says it
        click.echo(message, err=True)
    return BAD


def _unwritten(error: OSError) -> int:
    """The output cannot be written; nor, then, what is left of it when Python ends."""
    import errno

    _let_go(sys.stdout)
    return _told(f"写不出结果：{'磁盘已满' if error.errno == errno.ENOSPC else f'系统错误 {error.errno}'}")


def _unexpected(error: Exception) -> int:
    """A fault of this program: one line, and with ZHENGCE_DEBUG where it came from."""
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error)
    what = " ".join(f"{type(error).__name__}：{error}".split())
    return _told(f"内部错误：{what}（请报告；设 {DEBUG}=1 可看详情）")


def _let_go(stream: Any) -> None:
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


# -- mistakes in the command itself -----------------------------------------------------------------------------------


def _mistake(error: click.UsageError) -> str:
    """What click found wrong, in our words."""
    ctx = error.ctx
    usage = _usage(ctx) if ctx else ""
    if isinstance(error, click.NoSuchOption):
        hint = f"是不是：{'、'.join(error.possibilities)}？" if error.possibilities else usage
        misplaced = _misplaced(error.option_name, ctx) if ctx else ""
        return misplaced or _hinted(f"没有 {error.option_name} 这个选项", hint)
    if isinstance(error, click.MissingParameter) and error.param and ctx and isinstance(ctx.command, Question):
        return _hinted(f"缺少 {error.param.human_readable_name}：{ctx.command.about[error.param.name]}", usage)
    return _hinted("命令写得不对", usage)


@contextmanager
def _told_with(ctx: click.Context) -> Iterator[None]:
    """An option with a value too many or too few, of which click does not say whose it is."""
    try:
        yield
    except click.BadOptionUsage as error:
        option = next((p for p in ctx.command.get_params(ctx) if error.option_name in p.opts), None)
        flag = isinstance(option, click.Option) and option.is_flag
        wanted = option.make_metavar(ctx) if option else "取值"
        raise QuestionError(f"{error.option_name} 后面{'不写取值' if flag else f'要写{wanted}'}") from None


def _hinted(message: str, hint: str) -> str:
    return f"{message}\n  → {hint}" if hint else message


def _usage(ctx: click.Context) -> str:
    return "用法：" + ctx.get_usage().partition(":")[2].strip()


def _misplaced(option: str, ctx: click.Context) -> str:
    """What is wrong with an option that there is, but not here."""
    if ctx.parent is None:
        written = OF_A_QUESTION.get(option)
        return _hinted(f"{option} 写在命令后面", f"写作 zhengce 命令 … {written}") if written else ""
    unused = {"--on": "日期", "--reading": "读法"}
    if option == "--workspace":
        return "--workspace 后面要写文件夹"
    return f"{ctx.info_name} 用不到{unused[option]}" if option in unused else ""


def _meant(workspace: Workspace, typed: str) -> str:
    """A hint for what is no command: one spelt alike, one that the word describes, or the one that knows this name."""
    if near := nearest(typed, workspace.questions, cutoff=0.5):
        return f"是不是：{'、'.join(near)}？"
    titles = {name: workspace.prepared(name).question.title for name in workspace.questions}
    if described := [f"{name}（{title}）" for name, title in titles.items() if typed.strip() and typed in title]:
        return f"是不是：{'、'.join(described)}？"
    if asking := [name for name in titles if _knows(workspace, name, typed)]:
        from shlex import quote

        return f"是不是：{'、'.join(f'zhengce {name} {quote(typed) if not typed.isalnum() else typed}' for name in asking)}？"
    return f"有：{'、'.join(titles)}"


def _knows(workspace: Workspace, question: str, typed: str) -> bool:
    """Whether a question that the documents alone answer has something of this name."""
    from .names import find as find_name

    arguments, model = workspace.prepared(question).question.arguments, workspace.model(question)
    return bool(model and len(arguments) == 1 and find_name(typed, list(model.rows[arguments[0].of])))


# -- the commands -----------------------------------------------------------------------------------------------------


def _hoisted(args: list[str], option: str) -> list[str]:
    """The arguments with the group's option moved to the front, so that it may stand anywhere."""
    front: list[str] = []
    rest: list[str] = []
    ahead = list(args)
    while ahead:
        taken = 2 if ahead[0] == option and len(ahead) > 1 else 1
        if ahead[0] == "--":
            break
        (front if taken == 2 or ahead[0].startswith(f"{option}=") else rest).extend(ahead[:taken])
        ahead = ahead[taken:]
    return [*front, *rest, *ahead]


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

    def callback(as_json: bool, engine: str, reading: tuple[str, ...] = (), on: str | None = None, **given: Any) -> Report:
        from .ask import ask

        answer = ask(workspace, name, given, engine=engine, readings=_readings(reading), on=_date(on))
        return Report(answer.json() if as_json else str(answer), answer.status, not as_json)

    details = "\n".join(f"{a.name.upper()}：{a.help}" for a in question.arguments)
    text = f"{question.help}\n\n\b\n{details}" if details else question.help
    command = Question(name, params=parameters, callback=callback, help=text, short_help=question.help)
    command.about = {a.name: a.help for a in question.arguments}
    return command


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
    chosen: dict[str, str] = {}
    for text in given:
        name, value = (part.strip() for part in f"{text}=".split("=")[:2])
        if not name or not value:
            hint = "等号用半角“=”" if "＝" in text else "如 --reading 附件.三.5.equal=not-higher"
            raise QuestionError(f"--reading 要写作 编号=取值，不是“{text}”", hint=hint)
        if chosen.setdefault(name, value) != value:
            raise QuestionError(f"--reading {name} 写了两次：{chosen[name]}、{value}", hint="只留一个")
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
