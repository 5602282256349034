"""An answer as text for people, worded by the question's file.

In a line, `{path}` is replaced by what stands there (numbers to two places, half up; a list joined by 、); `{path?text}` by
the text when it is true or not empty, `{path!text}` when not; `{path:a=A,b=B}` by the word for its value; `{low~high}` by an
interval. A line whose every place is empty is left out.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from ..questions import PLACE, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..questions import Question

    Data = Mapping[str, Any]


def render(question: Question, data: Data) -> str:
    """An answer's data as its question words them, then the readings that matter."""
    if "candidates" in data:
        return "\n".join(_candidates(data))
    lines = [line for block in question.text for line in _block(block, data)]
    lines += _readings(data, question.difference)
    return "\n".join(lines[1:] if lines[:1] == [""] else lines)


def _candidates(data: Data) -> Iterator[str]:
    yield "有几个都合适，请写明是哪一个："
    rows = [[c["name"], f"{c['document'] or ''} {c['id']}".strip() if c["document"] else ""] for c in data["candidates"]]
    yield from _aligned(rows)


def _block(block: Data, data: Data) -> Iterator[str]:
    if "table" in block:
        rows = data[block["table"]]
        if rows:
            yield from ["", *([block["heading"]] if "heading" in block else [])]
            yield from _table(block["columns"], rows)
        return
    for row in data[block["each"]] if "each" in block else [data]:
        for line in block["lines"]:
            if (text := _line(line, row)) is not None:
                yield text


def _table(columns: list[list[Any]], rows: list[Data]) -> Iterator[str]:
    body = [[_line(spec, row) or "" for _, spec in columns] for row in rows]
    head = [title for title, _ in columns]
    yield from _aligned([head, *body] if any(head) else body)


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    used = [i for i in range(len(rows[0])) if any(row[i] for row in rows[1:] or rows)]
    widths = {i: max(_width(row[i]) for row in rows) for i in used}
    for row in rows:
        yield "  ".join(row[i] + " " * (widths[i] - _width(row[i])) for i in used).rstrip()


def _width(text: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _line(spec: Any, row: Data) -> str | None:
    """A line filled in, or None when all its places are empty."""
    if isinstance(spec, dict):
        parts = [text for item in row[spec["each"]] if (text := _line(spec["line"], item)) is not None]
        return spec["join"].join(parts) or None
    filled = [_place(found[1], row) for found in PLACE.finditer(spec)]
    if filled and not any(filled):
        return None
    rest = iter(filled)
    return PLACE.sub(lambda _: next(rest), spec)


def _place(text: str, row: Data) -> str:
    sign, paths, words = parsed(text)
    found = [_get(row, path) for path in paths]
    if sign in ("?", "!"):
        return words if bool(found[0]) is (sign == "?") else ""
    shown = [_shown(value) for value in found]
    if sign == ":":
        return _word(shown[0], words)
    return shown[0] if len(set(shown)) == 1 else "～".join(shown)


def _word(value: str, words: str) -> str:
    if words == "tail":
        tail = value.rpartition(".")[2]
        return f"{tail} " if len(tail) == 1 and tail.isascii() and tail.isalpha() else ""
    return dict(pair.partition("=")[::2] for pair in words.split(",")).get(value, value)


def _get(row: Any, path: str) -> Any:
    for key in path.split("."):
        row = None if row is None else row[key]
    return row


def _shown(value: Any) -> str:
    match value:
        case None | False:
            return ""
        case Decimal():
            rounded = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
            return f"{rounded:f}".rstrip("0").rstrip(".") if rounded else "0"
        case list():
            return "、".join(map(_shown, value))
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _readings(data: Data, difference: str) -> Iterator[str]:
    """The readings that are not the default, and those of which another value would change the answer."""
    lines = []
    for reading in data["readings"]:
        if not reading["default"]:
            lines.append(f"  {reading['id']}：采用 {reading['value']}（不是缺省）")
        for other in reading["alternatives"]:
            if other.get("contradicts"):
                lines.append(f"  {reading['id']}：若取 {other['value']}（{other['says']}），案例与之矛盾")
            elif other["differs"]:
                lines.append(
                    f"  {reading['id']}：若取 {other['value']}（{other['says']}），{_difference(data, other, difference)}"
                )
    if lines:
        yield from ["", "读法（文本有疑义处；用 --reading 选定）", *lines]


def _difference(data: Data, other: Data, line: str) -> str:
    """The question's line about an answer, for the fields that are other than they were."""
    changed = {key: value for key, value in other.items() if key in data}
    return (_line(line, {**data, **changed}) if changed and line else None) or "结果不同"
