"""An outline as a tree of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..language import say, width
from ..texts.wrapping import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .outline import Line

WIDEST = 100
BRANCH, LAST, STEM, GAP = "├ ", "└ ", "│ ", "  "


def render(lines: Iterable[Line], longest: int | None = None) -> str:
    """The lines with what is below each, as wide as a screen at most. `longest`: so much is quoted of a clause."""
    return "\n".join(text for line in lines for text in _tree(line, longest))


def _tree(line: Line, longest: int | None) -> Iterator[str]:
    left: list[tuple[str, str, Line]] = [("", "", line)]
    while left:
        first, rest, one = left.pop()
        below = one.lines
        deeper = rest + (STEM if below else GAP)
        yield from _wrapped(one.text + one.notes, first, deeper if below else rest)
        if one.quote:
            words = " ".join(one.quote.split())
            shown = words if longest is None or len(words) <= longest else f"{words[:longest]}…"
            yield from _wrapped(say("“{quote}”", quote=shown), rest + (STEM if below else GAP), deeper)
        last = len(below) - 1
        left += [
            (rest + (LAST if n == last else BRANCH), rest + (GAP if n == last else STEM), below[n]) for n in range(last, -1, -1)
        ]


def _wrapped(text: str, first: str, rest: str) -> Iterator[str]:
    """A text in lines that fit: what stands before the first, and before the others."""
    room = WIDEST - width(rest + GAP)
    for n, line in enumerate(lines_of(text, room, width)):
        yield (rest + GAP if n else first) + line
