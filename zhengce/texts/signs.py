"""Signs typed in full width, which look right and are read as text: ：，［］【】“” and the ideographic space."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from ..language import later, say

if TYPE_CHECKING:
    from ..errors import Span

WIDE_SPACES = ("\u3000", "\xa0")
START = r"[ \t]*(?:- +|[\[{] *)*"
KEY = r"[^\s\"'#:：,，、。；\[\]{}]{1,60}"
WIDE_COLON = "："
WIDE_COMMAS = "[，、；]"
WIDE_DASH = "[－—–―][^－—–―]"
FORMULA = "=+-@\t\r"  # what a formula begins with, to Excel and its like
PARENTHESES = ("（", "）")
COLON = later("改为半角“:”，后面空一格")
SPACE = later("改为半角空格")
SQUARE = later("用半角方括号“[”“]”")
CURLY = later("用半角花括号“{”“}”")
OPENING = later(
    {
        **dict.fromkeys("［【〔", SQUARE),
        **dict.fromkeys("｛", CURLY),
        **dict.fromkeys("“”‘’＂＇", "不用引号，或用半角引号"),
        **dict.fromkeys(WIDE_SPACES, SPACE),
    }
)


class Misprint(NamedTuple):
    """What is wrong in a line of YAML: the column, counted from 1, a message and a hint, both to be said."""

    column: int
    message: str
    hint: str


def misprint(line: str) -> Misprint | None:
    """A full-width sign, or a colon without its space, that keeps a line from being “key: value” or an item."""
    if found := re.match(rf"{START}(?:{KEY}:)?(?=[\u3000\xa0]+\S)", line):
        wide = line[found.end()] == WIDE_SPACES[0]
        return Misprint(found.end() + 1, later("这里是全角空格") if wide else later("这里是特殊的空格"), SPACE)
    if found := re.match(rf"[ \t]*(?={WIDE_DASH})", line):
        return Misprint(found.end() + 1, *later(("列表项的“-”不是半角的", "改为半角“-”，后面空一格")))
    if found := re.match(rf"{START}{KEY}(?={WIDE_COLON})", line):
        return Misprint(found.end() + 1, later("这一行的冒号是全角的“：”"), COLON)
    if found := re.match(rf"{START}(?!\d){KEY}:(?=[^\s/\\])(?!.*: )", line):
        return Misprint(found.end(), *later(("冒号后面缺少空格", "冒号后面空一格")))
    return None


def full_width_hint(text: str, span: Span) -> str:
    """The hint for the full-width sign that most likely explains what is wrong at a place; empty where there is none.

    Args:
        text: the whole file.
        span: the scalar that is not what was expected there.
    """
    lines = text.split("\n")
    line = lines[span.line - 1] if 0 < span.line <= len(lines) else ""
    before, written = line[: span.column - 1].rstrip(), line[span.column - 1 :].rstrip()
    written = written[: span.width] if span.width > 1 else written
    if re.match(f"{KEY}{WIDE_COLON}", written):
        return say(COLON)
    if written.startswith(PARENTHESES[0]) and written.endswith(PARENTHESES[1]):
        return say(SQUARE)
    if hint := OPENING.get(written[:1], ""):
        return say(hint)
    return say("用半角逗号“,”") if before.endswith(("[", ",")) and re.search(WIDE_COMMAS, written) else ""


def no_formula(text: str) -> str:
    """A text of a table that no program takes for a formula."""
    return f"'{text}" if text[:1] in tuple(FORMULA) else text
