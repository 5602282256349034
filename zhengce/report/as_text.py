"""An answer as text for people, worded by the question's file in the current language.

In a line, `{path}` is replaced by what stands there (numbers to two places, half up; a list joined by 、); `{path?text}` by
the text when it is true or not empty, `{path!text}` when not; `{path:a=A,b=B}` by the word for its value; `{low~high}` by an
interval. A line whose every place is empty is left out.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any

from ..language import gloss, listed, say, width, words
from ..questions import PLACE, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from ..questions import Question

    Data = Mapping[str, Any]

WIDE_SPACE = "　"


def render(question: Question, data: Data, catalogue: Path) -> str:
    """An answer's data as its question words them, then the readings that matter. `catalogue`: the folder of its words."""
    text = Text(catalogue)
    if "candidates" in data:
        return "\n".join(text.candidates(data))
    lines = [line for block in question.text for line in text.block(block, data)]
    lines += text.readings(data, question.difference)
    return "\n".join(lines[1:] if lines[:1] == [""] else lines) or say("没有可答的")


class Text:
    """Fills in lines in the current language, as the catalogue in a folder has them."""

    def __init__(self, catalogue: Path) -> None:
        self.catalogue = catalogue
        self.glossed: set[str] = set()
        self.in_lines = False

    def words(self, text: str) -> str:
        return words(text, self.catalogue)

    def candidates(self, data: Data) -> Iterator[str]:
        yield say("有几个都合适，请写明是哪一个：")
        rows = [[self.name(c["name"]), f"{c['document']} {c['id']}" if c["document"] else ""] for c in data["candidates"]]
        yield from aligned(rows)

    def block(self, block: Data, data: Data) -> Iterator[str]:
        if "table" in block:
            self.in_lines, self.glossed = False, set()
            if rows := data[block["table"]]:
                yield from ["", *([self.words(block["heading"])] if "heading" in block else [])]
                yield from self.table(block["columns"], rows)
            return
        self.in_lines = True
        for row in data[block["each"]] if "each" in block else [data]:
            for line in block["lines"]:
                if (text := self.line(line, row)) is not None:
                    yield text

    def table(self, columns: list[list[Any]], rows: list[Data]) -> Iterator[str]:
        body = [[(self.line(spec, row) or "").strip(WIDE_SPACE) for _, spec in columns] for row in rows]
        head = [self.words(title) for title, _ in columns]
        yield from aligned([head, *body] if any(head) else body)

    def line(self, spec: Any, row: Data) -> str | None:
        """A line filled in, or None when all its places are empty."""
        if isinstance(spec, dict):
            parts = [text for item in row[spec["each"]] if (text := self.line(spec["line"], item)) is not None]
            return self.words(spec["join"]).join(parts) or None
        worded = self.words(spec)
        filled = [self.place(found[1], row) for found in PLACE.finditer(worded)]
        if filled and not any(filled):
            return None
        rest = iter(filled)
        return PLACE.sub(lambda _: next(rest), worded)

    def place(self, text: str, row: Data) -> str:
        sign, paths, said = parsed(text)
        found = [_get(row, path) for path in paths]
        if sign in ("?", "!"):
            return said if bool(found[0]) is (sign == "?") else ""
        if sign == ":":
            return _word(_shown(found[0], str), said)
        shown = [_shown(value, self.name) for value in found]
        return shown[0] if len(set(shown)) == 1 else say("～").join(shown)

    def name(self, text: str) -> str:
        """A name with its gloss: in lines of text the first time only, in tables every time."""
        if text in self.glossed:
            return text
        shown = gloss(text, self.catalogue)
        if self.in_lines and shown != text:
            self.glossed.add(text)
        return shown

    def readings(self, data: Data, difference: str | Data) -> Iterator[str]:
        """The readings that are not the default, and those of which another value would change the answer."""
        lines = []
        for reading in data["readings"]:
            if not reading["default"]:
                lines.append(say("  {id}：采用 {value}（不是缺省）", id=reading["id"], value=reading["value"]))
            for other in reading["alternatives"]:
                if other.get("contradicts"):
                    lines.append(self.other(reading, other, say("案例与之矛盾")))
                elif other["differs"]:
                    lines.append(self.other(reading, other, self.difference(data, other, difference)))
        if lines:
            yield from ["", say("读法（文本有疑义处；用 --reading 选定）"), *lines]

    def other(self, reading: Data, other: Data, then: str) -> str:
        id_, value, says = reading["id"], other["value"], other["says"]
        return say("  {id}：若取 {value}（{says}），{then}", id=id_, value=value, says=says, then=then)

    def difference(self, data: Data, other: Data, line: str | Data) -> str:
        """The question's line about an answer, for the fields that are other than they were."""
        changed = {key: value for key, value in other.items() if key in data}
        return (self.line(line, {**data, **changed}) if changed and line else None) or say("结果不同")


def aligned(rows: list[list[str]]) -> Iterator[str]:
    """Rows as lines with straight columns; a column with nothing below its head is left out."""
    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:] or rows)]
    widths = {i: max(width(row[i]) for row in rows) for i in used}
    for row in rows:
        yield "  ".join(row[i] + " " * (widths[i] - width(row[i])) for i in used).rstrip()


def _word(value: str, said: str) -> str:
    if said == "tail":
        tail = value.rpartition(".")[2]
        return f"{tail} " if len(tail) == 1 and tail.isascii() and tail.isalpha() else ""
    return dict(pair.partition("=")[::2] for pair in said.split(",")).get(value, value)


def _get(row: Any, path: str) -> Any:
    for key in path.split("."):
        row = None if row is None else row[key]
    return row


def _shown(value: Any, name: Any) -> str:
    match value:
        case None | False:
            return ""
        case Decimal():
            return shown(value)
        case list():
            return listed(_shown(item, name) for item in value)
        case date():
            return value.isoformat()
        case str():
            return name(value)  # type: ignore[no-any-return]
        case _:
            return str(value)


def shown(number: Decimal) -> str:
    """A number to two places, half up."""
    rounded = number.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded:f}".rstrip("0").rstrip(".") if rounded else "0"
