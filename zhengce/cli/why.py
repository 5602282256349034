"""The commands that explain: `why` and `why-not`, each with the questions that have something to prove, and any fact."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import DrawingError, QuestionError, did_you_mean
from ..language import listed, say
from ..proof.changes import MOST_CHANGES
from ..questions import Argument
from .command import Command, Report, assumed, readings
from .parameters import assuming, given, parameter, running, workspace_of
from .spoken import Spoken, write_section

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from ..questions import Question
    from ..why.told import Told
    from ..workspace import Workspace

FACT = "fact"
MOST = 6
BRACKETS = "(（"
EXAMPLES = {"why": "zhengce why score 示例市甲", "why-not": "zhengce why-not eligible 示例市甲"}


class Reasons(Spoken, click.Group):
    """A group whose commands are the questions that have something to prove. Any other arguments are a case and a fact."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in workspace_of(ctx).questions if workspace_of(ctx).prepared(name).question.why]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        return _of_question(self.name or "", workspace_of(ctx), name) if name in self.list_commands(ctx) else None

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        workspace, known = workspace_of(ctx), self.list_commands(ctx)
        if args[0] in known or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        if not any(sign in word for word in args[:2] for sign in BRACKETS):
            message = say("没有 {name} 这个可以问为什么的问题", name=args[0])
            hint = say("有：{names}", names=listed(known))
            if args[0] in workspace.questions:
                raise QuestionError(say("{question} 没有可以证明的结论", question=args[0]), hint=hint)
            raise QuestionError(message, hint=did_you_mean(args[0], known) or hint)
        return FACT, _of_fact(self.name or "", workspace), args

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        Spoken.format_options(self, ctx, formatter)
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, command.get_short_help_str(400)) for name, command in commands if command]
        rows.append((say("[案例] '事实(…)'"), say("任何一个事实，照规则里的写法，任意的值写 _")))
        write_section(formatter, say("问题："), rows)


def why() -> click.Command:
    """`zhengce why QUESTION …`, `zhengce why [CASE] 'fact(…)'`."""
    return _group("why", say("为什么：一个结论由哪些事实、规则和条款得出，逐步写明。"))


def why_not() -> click.Command:
    """`zhengce why-not QUESTION …`, `zhengce why-not [CASE] 'fact(…)'`."""
    return _group("why-not", say("为什么不是：最少改变哪些事实，结论就会是那样，其中哪些谁也改不了。"))


def _group(name: str, help_: str) -> click.Command:
    def begin() -> None:
        ctx = click.get_current_context()
        if ctx.invoked_subcommand is None:
            raise QuestionError(say("没有写问什么"), hint=say("如 {example}", example=EXAMPLES[name]))

    group = Reasons(name, callback=begin, invoke_without_command=True, help=help_, subcommand_metavar=say("问题 …"))
    group.about = {}
    return group


def _of_question(tool: str, workspace: Workspace, name: str) -> click.Command:
    prepared = workspace.prepared(name)
    question, grounds = prepared.question, prepared.question.why
    assert grounds is not None
    parameters = [parameter(workspace, name, a) for a in question.arguments]
    if grounds.more:
        required = tool == "why-not" and not grounds.want
        parameters.append(click.Argument([grounds.more.name], required=required))
    parameters += [*_options(tool), *assuming(prepared), *running(prepared)]

    def callback(**typed: Any) -> Report:
        arguments = {k: typed.pop(k) for k in [p.name for p in parameters if p.name in _names(question)] if k in typed}
        return _told(tool, workspace, name, given(workspace, question, arguments), typed)

    command = Command(name, params=parameters, callback=callback, help=workspace.say(question.help))
    command.about = {a.name: workspace.say(a.help) for a in _arguments(question) if a.kind != "option"}
    return command


def _of_fact(tool: str, workspace: Workspace) -> click.Command:
    parameters: list[click.Parameter] = [click.Argument(["case"], nargs=-1, required=True), *_options(tool)]
    chosen = say("选定一种读法，可重复；见 zhengce readings。")
    parameters.append(click.Option(["--reading"], multiple=True, metavar=say("编号=取值"), help=chosen))
    parameters.append(running(workspace.prepared(workspace.questions[0]))[0])

    def callback(case: tuple[str, ...], **typed: Any) -> Report:
        from ..why import FACT as ANY

        if len(case) > 2:
            more = "".join(f"“{argument}”" for argument in case[2:])
            raise QuestionError(say("多了{more}", more=more), hint=say("事实用单引号括起来"))
        arguments = {"case": case[0] if len(case) > 1 else None, "fact": case[-1]}
        return _told(tool, workspace, ANY, arguments, typed)

    command = Command(FACT, params=parameters, callback=callback)
    command.about = {}
    return command


def _arguments(question: Question) -> list[Argument]:
    more = question.why.more if question.why else None
    return [*question.arguments, *([more] if more else [])]


def _names(question: Question) -> set[str]:
    return {argument.name for argument in _arguments(question)}


def _options(tool: str) -> list[click.Parameter]:
    from ..why.told import FORMATS

    options: list[click.Parameter] = [click.Option(["--json", "as_json"], is_flag=True, help=say("输出 JSON，供程序使用。"))]
    formats = say("写成这个文件；格式看名称的结尾：{formats}。", formats=listed(FORMATS))
    options.append(click.Option(["-o", "--output"], metavar=say("文件名"), help=formats))
    copies = say("文件的文本（.txt 或 .docx），用来引用条款，可重复；缺省是工作区 sources/ 里的。")
    options.append(click.Option(["--source"], multiple=True, metavar=say("文本文件"), help=copies))
    if tool == "why":
        options.append(click.Option(["--full"], is_flag=True, help=say("全部展开，连同算式和中间步骤。")))
        options.append(click.Option(["--all", "others"], is_flag=True, help=say("别的推法也列出，最短的在前。")))
    else:
        most = say("最多同时改变几项，缺省 {most}。", most=MOST_CHANGES)
        options.append(click.Option(["--most"], default=str(MOST_CHANGES), metavar=say("整数"), help=most))
    return options


def _told(tool: str, workspace: Workspace, question: str, arguments: Mapping[str, Any], options: dict[str, Any]) -> Report:
    from ..ask import Answer
    from ..why import check_format, why, why_not

    output, as_json = options.pop("output"), options.pop("as_json")
    if output is not None:
        check_format(output)
        _check_output(workspace, output, [*arguments.values(), *options["source"]])
    chosen, supposed = readings(options.pop("reading", ())), assumed(options.pop("assume", ()))
    sources = options.pop("source")
    if "most" in options:
        options["most"] = _most(options["most"])
    ask = why if tool == "why" else why_not
    told: Told | Answer = ask(workspace, question, arguments, readings=chosen, sources=sources, assume=supposed, **options)
    if isinstance(told, Answer):
        return Report(told.json() if as_json else str(told), told.status, not as_json)
    if output is not None:
        return Report(str(told.save(output)), 0, for_people=True)
    return Report(told.json() if as_json else str(told), 0, not as_json)


def _most(text: str) -> int:
    """How many facts to change at once. Raises `QuestionError`."""
    if text in map(str, range(1, MOST + 1)):
        return int(text)
    raise QuestionError(say("--most 要是 1 到 {most} 的整数，不是“{text}”", most=MOST, text=text))


def _check_output(workspace: Workspace, output: str, read: Iterable[Any]) -> None:
    """What is read is not written over. Raises `DrawingError`."""
    names = [str(name) for name in read if name]
    files = {Path(name).resolve() for name in names} | {path.resolve() for n, path in workspace.samples.items() if n in names}
    if Path(output).resolve() in files:
        raise DrawingError(say("{path} 是要读的文件，不能写在那里", path=output), hint=say("换个名称"))
