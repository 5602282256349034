"""A sheet of shapes at their places, which every diagram becomes before Graphviz draws it. Points, y downwards from the top."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from ..texts.wrapping import lines_of

LEADING = 1.45  # height of a line of text, in ems
WIDE = "\u1100"  # from here on, and the signs of Chinese punctuation, a character is as wide as it is high
NARROW = 0.62  # the widest that Latin text comes to on the average, in ems

Point = tuple[float, float]


class Ink(NamedTuple):
    """How something is drawn: colours as `#rrggbb` or none, `line` solid, dashed or dotted, `width` in points."""

    stroke: str = ""
    fill: str = ""
    line: str = "solid"
    width: float = 1.0


class Box(NamedTuple):
    """A shape with its top left corner at (x, y). `shape` is one of Graphviz's; `of`: the classes that it belongs to."""

    x: float
    y: float
    width: float
    height: float
    ink: Ink
    shape: str = "box"
    of: tuple[str, ...] = ()


class Text(NamedTuple):
    """One line of text, of this size, inside a width; `align` l, c or r."""

    x: float
    y: float
    width: float
    text: str
    size: float = 10
    align: str = "l"
    colour: str = "#1a1a1a"
    of: tuple[str, ...] = ()


class Line(NamedTuple):
    """A Bézier curve: a first point, then three for each piece. `arrow` at its end."""

    points: tuple[Point, ...]
    ink: Ink
    arrow: bool = False
    of: tuple[str, ...] = ()


@dataclass
class Sheet:
    """Shapes in the order in which they lie over one another: all lines, then boxes and texts as they were added."""

    width: float = 0
    height: float = 0
    grounds: list[Box] = field(default_factory=list)
    items: list[Box | Text | Line] = field(default_factory=list)

    def add(self, *items: Box | Text | Line) -> None:
        """Put something on top. An empty text is nothing (and Graphviz stumbles over one)."""
        there = [item for item in items if not isinstance(item, Text) or item.text.strip()]
        self.items += there
        self._grow(there)

    def ground(self, box: Box) -> None:
        """Put a box below everything."""
        self.grounds.append(box)
        self._grow([box])

    def write(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        *,
        size: float = 10,
        align: str = "l",
        colour: str = "#1a1a1a",
        of: tuple[str, ...] = (),
    ) -> float:
        """Text in as many lines as the width asks for. Returns the y below it."""
        for line in wrapped(text, width / size):
            self.add(Text(x, y, width, line, size, align, colour, of))
            y += size * LEADING
        return y

    def moved(self, dx: float, dy: float) -> Sheet:
        """The same sheet, everything shifted."""
        there = Sheet(self.width + dx, self.height + dy)
        there.grounds = [box._replace(x=box.x + dx, y=box.y + dy) for box in self.grounds]
        there.items = [_moved(item, dx, dy) for item in self.items]
        return there

    def over(self, below: Sheet) -> Sheet:
        """This sheet above another: what both hold."""
        both = Sheet(max(self.width, below.width), max(self.height, below.height))
        both.grounds, both.items = self.grounds + below.grounds, self.items + below.items
        return both

    def texts(self) -> Iterator[str]:
        """All that is written on it."""
        return (item.text for item in self.items if isinstance(item, Text))

    def _grow(self, items: Iterable[Box | Text | Line]) -> None:
        for item in items:
            right, bottom = _corner(item)
            self.width, self.height = max(self.width, right), max(self.height, bottom)


def straight(*points: Point) -> tuple[Point, ...]:
    """The points of a Bézier curve that runs straight from point to point."""
    found = [points[0]]
    for before, after in pairwise(points):
        found += [before, after, after]
    return tuple(found)


def ems(text: str) -> float:
    """The width of a text in ems, at least as much as any font takes."""
    return sum(1 if c >= WIDE or "\u2010" <= c <= "\u2fff" or c in "×·" else NARROW for c in text)


def height_of(text: str, width: float, size: float) -> float:
    """The height that `write` takes."""
    return len(list(wrapped(text, width / size))) * size * LEADING


def wrapped(text: str, room: float) -> Iterator[str]:
    """The lines of a text where each has so many ems."""
    return lines_of(text, room, ems)


def _moved(item: Box | Text | Line, dx: float, dy: float) -> Box | Text | Line:
    if isinstance(item, Line):
        return item._replace(points=tuple((x + dx, y + dy) for x, y in item.points))
    return item._replace(x=item.x + dx, y=item.y + dy)


def _corner(item: Box | Text | Line) -> Point:
    if isinstance(item, Line):
        return max(x for x, _ in item.points), max(y for _, y in item.points)
    return item.x + item.width, item.y + (item.size * LEADING if isinstance(item, Text) else item.height)
