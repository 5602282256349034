"""A comparison as text for people: for each question what differs, then why."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any

from ..language import listed, say, words
from .as_difference import render as render_sides
from .as_text import WIDE_SPACE, aligned
from .as_tree import render as tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from ..questions import Question
    from .outline import Line

    Data = Mapping[str, Any]
    Wording = tuple[Question, Path, dict[str, Any] | None, dict[str, Any] | None]

MOST = 30  # rows of one section that people read; the JSON has all


def render(data: Data, worded: Mapping[str, Wording], why: Mapping[str, Callable[[tuple[str, str]], list[Line]]]) -> str:
    """`worded`: each question with its catalogue and the answers of both sides, None where there is none; `why`: the outlines
    of what differs, the sides called by the names given.
    """
    heads = _heads(data["a"], data["b"])
    apart = data["a"]["workspace"] != data["b"]["workspace"]
    blocks = [[f"{side.upper()}{WIDE_SPACE}{_side(data[side], apart)}" for side in ("a", "b")]]
    same = [question["question"] for question in data["questions"] if not question["differs"]]
    for name in (name for name in worded if name not in same):
        blocks.append(list(_question(name, *worded[name], heads)))
        if name in why and (lines := why[name](heads)):
            blocks.append([f"  {line}" for line in (say("为什么不同"), *tree(lines).split("\n"))])
    if same:
        blocks.append([say("回答没有不同：{names}", names=listed(same))])
    blocks += [list(block) for block in (_changes(data, heads), _readings(data, heads), _rules(data))]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _heads(one: Data, other: Data) -> tuple[str, str]:
    """What the sides are called: by their cities where these differ."""
    names = one["city"], other["city"]
    return (f"A {names[0]}", f"B {names[1]}") if all(names) and names[0] != names[1] else ("A", "B")


def _side(side: Data, apart: bool) -> str:
    """What a side is; `apart`: whether the sides are in two workspaces."""
    chosen = (f"{id_}={value}" for id_, value in side["readings"].items())
    folder = say("（工作区 {folder}）", folder=side["workspace"]) if apart else ""
    names = dict.fromkeys((side["city"], side["what"]))
    return WIDE_SPACE.join(part for part in (*names, *chosen, folder) if part)


def _question(
    name: str, question: Question, catalogue: Path, one: Data | None, other: Data | None, heads: tuple[str, str]
) -> Iterator[str]:
    title = words(question.title, catalogue)
    yield say("{name}（{title}）", name=name, title=title)
    if one is None or other is None:
        yield say("  只有 {side} 有回答", side=heads[0] if one else heads[1])
    else:
        yield from (f"  {line}" for line in render_sides(question, one, other, catalogue, heads))


def _changes(data: Data, heads: tuple[str, str]) -> Iterator[str]:
    """What the cases say otherwise, by section."""
    if data["changes"]:
        yield say("案例不同之处（写在哪里；括号里是行）")
    files = {side: data[side]["file"] for side in "ab"}
    rows = [["", "", *heads]]
    for section, found in groupby(data["changes"], lambda change: change["section"]):
        changes = list(found)
        rows += [[section, c["id"] or "", _stated(c["a"], files["a"]), _stated(c["b"], files["b"])] for c in changes[:MOST]]
        if len(changes) > MOST:
            rows.append([section, say("…… 还有 {n} 处，见 --json", n=len(changes) - MOST), "", ""])
    yield from (f"  {line}" for line in aligned(rows)) if len(rows) > 1 else ()


def _stated(side: Data | None, file: str | None) -> str:
    if side is None:
        return say("（没有写）")
    place = side["line"] if side["file"] == file else f"{side['file']}:{side['line']}"
    return say("{value}（{place}）", value=side["value"], place=place)


def _readings(data: Data, heads: tuple[str, str]) -> Iterator[str]:
    if data["readings"]:
        yield say("用到的读法")
        rows = [[r["id"], r["a"] or say("（没有用到）"), r["b"] or say("（没有用到）")] for r in data["readings"]]
        yield from (f"  {line}" for line in aligned([["", *heads], *rows]))


def _rules(data: Data) -> Iterator[str]:
    """The rules and facts of the documents that only one workspace has."""
    if not data["rules"]:
        return
    yield say("规则与文件的事实（只有一边有的）")
    kinds = {"rule": say("规则"), "fact": say("事实")}
    for rule in data["rules"]:
        side = "a" if rule["a"] else "b"
        place = rule[side]
        yield "  " + WIDE_SPACE.join([side.upper(), kinds[rule["kind"]], f"{place['file']}:{place['line']}", rule["says"]])
