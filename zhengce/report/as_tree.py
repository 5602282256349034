"""An outline as a tree of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..language import say, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .outline import Line

WIDEST = 100
BRANCH, LAST, STEM, GAP = "├ ", "└ ", "│ ", "  "


def render(lines: Iterable[Line]) -> str:
    """The lines with what is below each, as wide as a screen at most."""
    return "\n".join(text for line in lines for text in _tree(line))


def _tree(line: Line) -> Iterator[str]:
    left: list[tuple[str, str, Line]] = [("", "", line)]
    while left:
        first, rest, one = left.pop()
        below = one.lines
        deeper = rest + (STEM if below else GAP)
        yield from _wrapped(one.text + one.notes, first, deeper if below else rest)
        if one.quote:
            yield from _wrapped(say("“{quote}”", quote=one.quote), rest + (STEM if below else GAP), deeper)
        last = len(below) - 1
        left += [
            (rest + (LAST if n == last else BRANCH), rest + (GAP if n == last else STEM), below[n]) for n in range(last, -1, -1)
        ]


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    """A text in lines that fit, broken where a Chinese text may break."""
    start, line = first, ""
    for part in _parts(text):
        if line and width(start) + width(line) + width(part) > WIDEST:
            yield start + line
            start, line = rest + GAP, part.lstrip()
        else:
            line += part
    yield start + line


CLOSING = "，。；、：）？！》”’％%)]】"
OPENING = "（《“‘【(["


def _parts(text: str) -> Iterator[str]:
    """Pieces that stay whole: a word of Latin letters and digits, or one other sign with the marks that cling to it."""
    piece = ""
    for n, sign in enumerate(text):
        piece += sign
        after = text[n + 1 : n + 2]
        joined = after and (after in CLOSING or sign in OPENING or (sign < "\u1100" and after < "\u1100" and after != " "))
        if not joined:
            yield piece
            piece = ""
    if piece:
        yield piece
