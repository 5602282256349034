"""Bars, one below the other in their groups: each in parts that run up to one attribute after another."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ...report.as_text import shown
from ..frame import Key
from ..graph import grouped, nodes_of, value
from ..palette import FAINT, GROUND, INK, PALE, bar_ink, on_dark
from ..sheet import LEADING, Box, Ink, Line, Sheet, Text, ems, height_of, straight

if TYPE_CHECKING:
    from ...questions.diagram import Diagram
    from ..graph import Graph

SIZE, SMALL, TALL, GAP, PAD = 9.5, 8.5, 12, 5, 4
SIDE, LONG = 210, 250  # the widths of the labels and of the longest bar, in points


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """The sheet and its legend."""
    return _Bars(graph, diagram).drawn(), [Key("bar", diagram.styles[kind]) for kind, _ in diagram.options["upto"]]


class _Bars:
    def __init__(self, graph: Graph, diagram: Diagram) -> None:
        self.graph, self.styles, self.options = graph, diagram.styles, diagram.options
        self.upto = self.options["upto"]
        self.bars = nodes_of(graph, self.options["of"])
        self.number = {id_: n for n, id_ in enumerate(graph)}
        longest = max((value(graph, i, self.upto[-1][1], Decimal) for i in self.bars), default=Decimal(0))
        self.scale = LONG / float(longest or 1)
        notes = [*(graph.nodes[i]["note"] for i in self.bars), *(g["note"] for g in graph.graph["groups"].values())]
        self.values = max((ems(note) * (SIZE + 0.5) for note in notes), default=0) + PAD

    def drawn(self) -> Sheet:
        sheet, y = Sheet(), 0.0
        if total := self.graph.graph["total"]:
            y = sheet.write(0, y, SIDE + LONG, total, size=SIZE + 2) + GAP
        for group, members in grouped(self.graph, self.bars).items():
            if group:
                y = self.head(sheet, self.graph.graph["groups"][group], y)
            for id_ in members:
                y = self.bar(sheet, id_, y)
            y += GAP
        self.axis(sheet, y)
        return sheet

    def head(self, sheet: Sheet, group: dict[str, str], y: float) -> float:
        right = SIDE + LONG + PAD
        tall = max(height_of(group["label"], right - PAD, SIZE + 0.5), SIZE * LEADING) + 4
        sheet.ground(Box(0, y, right + self.values, tall, Ink(fill=GROUND), of=("group",)))
        sheet.write(PAD, y + 2, right - PAD, group["label"], size=SIZE + 0.5)
        sheet.add(Text(right, y + 2, self.values, group["note"], SIZE + 0.5))
        return y + tall + GAP

    def bar(self, sheet: Sheet, id_: str, y: float) -> float:
        node, of = self.graph.nodes[id_], ("node", "bar", f"n-{self.number[id_]}")
        below = sheet.write(PAD, y, SIDE - 2 * PAD, node["label"], size=SIZE, of=of)
        x = float(SIDE)
        before = Decimal(0)
        for kind, attribute in self.upto:
            end = value(self.graph, id_, attribute, Decimal)
            x = self.part(sheet, kind, end - before, x, y, of)
            before = end
        sheet.add(Text(SIDE + LONG + PAD, y, self.values, node["note"], SIZE, of=of))
        under = y + TALL + 3
        for line in node["lines"]:
            under = sheet.write(SIDE, under + 1, LONG, line, size=SMALL, colour=FAINT, of=of)
        return max(below, under) + GAP

    def part(self, sheet: Sheet, kind: str, long: Decimal, x: float, y: float, of: tuple[str, ...]) -> float:
        """One part of a bar with its value in it, where there is room."""
        wide, style = float(long) * self.scale, self.styles[kind]
        if long <= 0:
            return x
        sheet.add(Box(x, y + 1, wide, TALL, bar_ink(style), of=(*of, "part", kind)))
        text = shown(long)
        if ems(text) * SMALL + 2 < wide:
            colour = "#ffffff" if on_dark(style.colour) else INK
            sheet.add(Text(x, y + 1 + (TALL - SMALL * LEADING) / 2, wide, text, SMALL, "c", colour, of))
        return x + wide

    def axis(self, sheet: Sheet, y: float) -> None:
        """What a length means: a stroke at nothing and at the longest, with the unit."""
        unit: Any = self.graph.graph["unit"]
        longest = shown(Decimal(str(LONG / self.scale)))
        sheet.add(Line(straight((SIDE, y), (SIDE + LONG, y)), Ink(stroke=PALE, width=0.5)))
        sheet.add(Text(SIDE, y + 2, 40, "0", SMALL, colour=FAINT))
        sheet.add(Text(SIDE + LONG - 80, y + 2, 80, f"{longest} {unit}".strip(), SMALL, "r", FAINT))
