"""Two answers side by side, only what differs, in the words of their question: 项, 原来, 假设后."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ..differing import differences, pairs
from ..language import say
from ..questions import PLACE, parsed
from .as_json import plain
from .as_text import WIDE_SPACE, Text, aligned

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..questions import Question

    Data = Mapping[str, Any]

Line = list[str]
BRACKET = re.compile(r"[（(]")
GAP = re.compile(rf"{WIDE_SPACE}|  +")


def supposed(question: Question, one: Data, other: Data, catalogue: Path) -> str:
    """What is assumed, then what that changes. `one`: the answer with `assumed`; `other`: the answer under the assumptions."""
    lines = render(question, one, other, catalogue, (say("原来"), say("假设后")))
    return "\n".join([*map(_assumed, one["assumed"]), "", *(lines or [say("回答没有不同")])])


def _assumed(row: Data) -> str:
    id_, line, before = row["id"], row["line"], row["before"]
    value = say("未知") if row["value"] is None else row["value"]
    if before is None:
        return say("假设　{id} = {value}（案例没有写）", id=id_, value=value)
    return say("假设　{id} = {value}（第 {line} 行原为 {before}）", id=id_, value=value, line=line, before=before)


def render(question: Question, one: Data, other: Data, catalogue: Path, heads: tuple[str, str]) -> list[str]:
    """The lines of a table of what differs; none where nothing does. `heads`: what the sides are called."""
    lines = list(_Sides(question, catalogue).lines(_without_asked(question, one), _without_asked(question, other)))
    if not lines:  # what no line of the question words
        found = differences(question, one, other)
        lines = [[_path(d.path), _plain(d.one), _plain(d.other)] for d in found]
    return list(aligned([[say("项"), *heads], *lines])) if lines else []


def _without_asked(question: Question, data: Data) -> Data:
    """An answer without what was asked for, which is no difference: the names of two cities."""
    asked = [name for name, spec in question.answer.items() if isinstance(spec, dict) and "argument" in spec]
    return {**data, **dict.fromkeys(asked)}


class _Sides:
    """Words both sides by the blocks of a question, and keeps what reads otherwise."""

    def __init__(self, question: Question, catalogue: Path) -> None:
        self.question, self.text = question, Text(catalogue)

    def lines(self, one: Data, other: Data) -> Iterator[Line]:
        for block in self.question.text:
            if "table" in block:
                heading = BRACKET.split(self.text.words(block.get("heading", "")))[0].strip()
                for item, one_cell, other_cell in self.table(block, one, other):
                    yield [_of(heading, item), one_cell, other_cell]
            elif "each" in block:
                yield from self.each(block, one, other)
            else:
                yield from self.single(block["lines"], one, other)

    def single(self, specs: Iterable[Any], one: Data, other: Data) -> Iterator[Line]:
        """Lines about the whole: the parts of them, between wide spaces, that differ."""
        title = self.text.words(self.question.title)
        for spec in specs:
            sides = [GAP.split(self.text.line(spec, data) or "") for data in (one, other)]
            if len(sides[0]) != len(sides[1]):
                sides = [["  ".join(side)] for side in sides]
            for a, b in zip(*sides, strict=True):
                if a != b:
                    item = _common(a, b)
                    yield [item or title, a.removeprefix(item).strip(), b.removeprefix(item).strip()]

    def each(self, block: Data, one: Data, other: Data) -> Iterator[Line]:
        name = block["each"]
        for pair in pairs(self.question, name, one[name], other[name]):
            for spec in block["lines"]:
                a, b = (self.text.line(spec, row) if row else None for row in (pair.one, pair.other))
                if a != b:
                    item, wide, _ = (a or b or "").partition(WIDE_SPACE)
                    head = item + wide if wide else ""
                    yield [item if wide else "", *((side or say("（无）")).removeprefix(head) for side in (a, b))]

    def table(self, block: Data, one: Data, other: Data) -> Iterator[Line]:
        name, columns = block["table"], block["columns"]
        for pair in pairs(self.question, name, one[name], other[name]):
            cells = [[self.cell(spec, row) for _, spec in columns] if row else [] for row in (pair.one, pair.other)]
            known = _naming(columns, self.question.identify.get(name, ()))
            heads = [self.text.words(title) for title, _ in columns]
            there = cells[0] or cells[1]
            item = " ".join(text for n, text in enumerate(there) if n in known and text)
            if not all(cells):
                rest = (f"{heads[n]} {cell}".strip() for n, cell in enumerate(there) if cell and n not in known)
                said, none = say("；").join(rest) or say("（有）"), say("（无）")
                yield [item, said, none] if cells[0] else [item, none, said]
                continue
            for head, *both in zip(heads, *cells, strict=True):
                if both[0] != both[1]:
                    yield [_of(item, head), *(cell or say("（无）") for cell in both)]

    def cell(self, spec: Any, row: Data) -> str:
        return (self.text.line(spec, row) or "").strip(WIDE_SPACE)


def _naming(columns: list[list[Any]], identity: Iterable[str]) -> set[int]:
    """The columns that say which row it is: what identifies it, and what stands without a heading right behind that."""
    known: set[int] = set()
    for n, (title, spec) in enumerate(columns):
        paths = [path for found in PLACE.finditer(spec) for path in parsed(found[1])[1]] if isinstance(spec, str) else []
        if (paths and {*paths} <= {*identity}) or (not title and n - 1 in known):
            known.add(n)
    return known


def _of(whole: str, part: str) -> str:
    """What a part of something is called; one of the two may be empty."""
    return say("{whole}　{part}", whole=whole, part=part) if whole and part else whole or part


def _common(one: str, other: str) -> str:
    """The words that both begin with."""
    same = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return one[: one.rfind(" ", 0, same + 1)] if " " in one[: same + 1] else ""


def _path(path: tuple[str | dict[str, Any], ...]) -> str:
    return " ".join(step if isinstance(step, str) else " ".join(map(str, step.values())) for step in path)


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(f"{key}={_plain(inner)}" for key, inner in value.items() if inner not in (None, []))
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return say("（无）") if value is None else str(plain(value))
