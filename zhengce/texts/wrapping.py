"""Texts in lines, broken where Chinese and Latin text may break."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST_WIDE = "\u1100"  # from here on a sign is as wide as it is high
CLOSING = "，。；、：）？！》”’】％%)]."
OPENING = "（《“‘【(["


def lines_of(text: str, room: float, measure: Callable[[str], float]) -> Iterator[str]:
    """The lines of a text where each has so much room. Latin words stay whole where they fit; no line begins with a comma."""
    for paragraph in text.split("\n"):
        line = ""
        for part in _parts(paragraph):
            if measure(part) > room and line.strip():  # too long for any line: it begins one
                yield line.rstrip()
                line = ""
            for piece in (part,) if measure(part) <= room else part:
                if line.strip() and measure(line + piece.rstrip()) > room:
                    full, line = _broken(line, piece)
                    yield full.rstrip()
                line += piece if line or piece.strip() else ""
        if line.strip():
            yield line.rstrip()


def _broken(line: str, piece: str) -> tuple[str, str]:
    """A full line, and what of it goes down to the next one with the piece that has no room: so that no line begins with a
    closing sign or ends in an opening one."""
    at = len(line)
    while at > 1 and (line[at - 1] in OPENING or (line[at:] or piece)[0] in CLOSING):
        at -= 1
    return (line[:at], line[at:]) if at > 1 else (line, "")


def _parts(text: str) -> Iterator[str]:
    """A text in what may not be broken: Latin words and numbers with what follows, or one character."""
    word = ""
    for c in text:
        if c < FIRST_WIDE and not c.isspace() and not "\u2010" <= c <= "\u2fff":
            word += c
            continue
        if word and c.isspace():
            yield word + c
            word = ""
            continue
        if word:
            yield word
            word = ""
        yield c
    if word:
        yield word
