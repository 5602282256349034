"""The command that holds the user's copies of the documents against what the workspace was written from: `sources`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import from_here
from ..language import later, listed, say
from ..workspace import Workspace, find
from .command import Command, Report

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..sources import Quotes
    from ..sources.comparing import Found, Standing

DIFFERENT = 1
LONGEST = 40
COUNTED = later(
    {
        "unchanged": "{n} 条未变",
        "changed": "{n} 条改了",
        "missing": "{n} 条缺失",
        "not-in-workspace": "{n} 条不在工作区里",
        "unrecorded": "{n} 条没有记下摘要",
    }
)
STATED = later(
    {
        "unchanged": "未变",
        "changed": "改了",
        "missing": "缺失",
        "not-in-workspace": "不在工作区里",
        "unrecorded": "没有记下摘要",
    }
)


def sources() -> click.Command:
    """`zhengce sources [--source FILE]… [--update] [--all] [--json]`."""

    def callback(source: tuple[str, ...], update: bool, every: bool, as_json: bool) -> Report:
        from ..sources import quotes

        root = find(click.get_current_context().find_root().params.get("workspace"))
        copies = quotes(Workspace(root), source)
        written = _update(copies) if update else {}
        if written:
            copies = quotes(Workspace(root), source)
        return _report(copies, written, every, as_json, without=not source)

    command = Command(
        "sources",
        callback=callback,
        params=[
            click.Option(
                ["--source"],
                multiple=True,
                metavar=say("文本文件"),
                help=say("文件的文本（.txt 或 .docx），可重复；缺省是工作区 sources/ 里的。"),
            ),
            click.Option(["--update"], is_flag=True, help=say("把各条现在的摘要写进 policy/<文件>.toml。")),
            click.Option(["--all", "every"], is_flag=True, help=say("未变的条款也列出。")),
            click.Option(["--json", "as_json"], is_flag=True, help=say("输出 JSON，供程序使用。")),
        ],
        help=say(
            "用自己手里的文本核对条款：哪些改了、缺失或不在工作区里，哪些事实和规则依据它们。都未变的，退出状态为 0，否则为 1。"
        ),
    )
    command.about = {}
    return command


def _update(copies: Quotes) -> dict[str, list[str]]:
    """Record the digests of every copy; by document, the clauses whose digest was written. All are read first."""
    from ..sources.recording import record

    policy = copies.workspace.root / "policy"
    named = {row[0]: Path(span.file).name for row, span in copies.workspace.places("document").items()}
    texts = {document: copies.cut(document).texts for document in copies.files}
    return {d: new for d, found in texts.items() if (new := record(policy / named[d], found))}


def _report(copies: Quotes, written: Mapping[str, list[str]], every: bool, as_json: bool, without: bool) -> Report:
    from ..report.as_json import render
    from ..sources.comparing import compare

    found = compare(copies)
    unchanged = bool(found) and all(each.state == "unchanged" for of in found.values() for each in of)
    if as_json:
        documents = [_plain(copies, document, of, written.get(document, []), every) for document, of in found.items()]
        text = render({"documents": documents, "without": _without(copies)})
    else:
        text = "\n".join(_told(copies, found, written, every, without))
    return Report(text, 0 if unchanged else DIFFERENT, not as_json)


def _without(copies: Quotes) -> list[str]:
    """The documents of which there is no copy."""
    return sorted({row[0] for row in copies.workspace.facts("document")} - copies.files.keys())


def _plain(copies: Quotes, document: str, found: list[Found], written: list[str], every: bool) -> dict[str, Any]:
    shown = [each for each in found if every or each.state != "unchanged"]
    return {
        "document": document,
        "file": from_here(str(copies.files[document])),
        "counts": {state: sum(each.state == state for each in found) for state in COUNTED},
        "recorded": written,
        "clauses": [
            {
                "clause": each.clause,
                "heading": each.heading,
                "state": each.state,
                "text": each.text or None,
                "facts": [fact._asdict() for fact in each.facts],
                "rules": [{"relation": rule.relation, "file": rule.file, "line": rule.line} for rule in each.rules],
            }
            for each in shown
        ],
    }


# -- as text --------------------------------------------------------------------------------------------------------------


def _told(
    copies: Quotes, found: Mapping[str, list[Found]], written: Mapping[str, list[str]], every: bool, without: bool
) -> Iterator[str]:
    """`without`: whether to say of which documents there is no copy."""
    from ..sources import FOLDER

    for document, of in found.items():
        yield say("{document}　{file}", document=document, file=from_here(str(copies.files[document])))
        if new := written.get(document):
            yield "  " + say("写进 policy/{document}.toml 的摘要：{n} 条", document=document, n=len(new))
        counts = {state: sum(each.state == state for each in of) for state in COUNTED}
        yield "  " + listed(say(COUNTED[state], n=n) for state, n in counts.items() if n)
        for each in of:
            if every or each.state != "unchanged":
                yield from _clause(each)
    if any(each.state == "unrecorded" for of in found.values() for each in of):
        yield "  → " + say("文本与写工作区时所据的一致，就用 {command} 记下摘要", command="zhengce sources --update")
    if without and (lacking := _without(copies)):
        where = copies.workspace.root / FOLDER
        yield say("没有文本的文件：{names}", names=listed(lacking))
        yield "  → " + say("放在 {folder} 里，名为 <文件>.txt 或 <文件>.docx，或用 --source 指定", folder=from_here(str(where)))


def _clause(found: Found) -> Iterator[str]:
    name = found.clause or say("文首")
    yield say("{state}　{name}　{heading}", state=say(STATED[found.state]), name=name, heading=found.heading).rstrip()
    if found.state in ("unchanged", "unrecorded"):  # nothing in the workspace has to be looked at
        return
    if found.text:
        words = " ".join(found.text.split())
        yield "  " + say("现在写作：{words}", words=words if len(words) <= LONGEST else f"{words[:LONGEST]}…")
    for kind, standing in ((say("事实"), found.facts), (say("规则"), found.rules)):
        yield from ("  " + say("{kind}　{line}", kind=kind, line=line) for line in _places(standing))


def _places(standing: Any) -> Iterator[str]:
    """Facts and rules, those of one relation in one file together."""

    def of(one: Standing) -> tuple[str, str]:
        return one.file, one.relation

    for (file, relation), group in groupby(sorted(standing, key=of), key=of):
        ones = list(group)
        ids = listed(dict.fromkeys(one.id for one in ones if one.id))
        lines = listed(dict.fromkeys(one.line for one in ones))
        yield say("　").join(part for part in (relation, ids, f"{file}:{lines}") if part)
