"""A timeline from the top down: deadlines in order, what has to be done by each, and the day that is asked about among them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from ...language import say
from ..frame import Key
from ..graph import nodes_of, value
from ..palette import DARK, FAINT, INK, PALE, edge_ink, node_ink
from ..sheet import LEADING, Box, Ink, Line, Sheet, Text, straight

if TYPE_CHECKING:
    from ...questions.diagram import Diagram
    from ..graph import Graph

SIZE, SMALL, PAD, GAP = 10, 9, 4, 14
DATES, SPINE, WIDE, DOT = 84, 104, 430, 16


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """The sheet and its legend."""
    states = {node.get(diagram.options.get("state", "")) for _, node in graph.nodes(data=True)}
    return _Timeline(graph, diagram).drawn(), [Key("dot", style) for kind, style in diagram.styles.items() if kind in states]


class _Timeline:
    def __init__(self, graph: Graph, diagram: Diagram) -> None:
        self.graph, self.styles, self.options = graph, diagram.styles, diagram.options
        self.number = {id_: n for n, id_ in enumerate(graph)}
        self.stages = sorted(nodes_of(graph, self.options["of"]), key=self.when)
        self.today: date | None = graph.graph["today"]

    def drawn(self) -> Sheet:
        sheet, y, tops = Sheet(), 0.0, []
        told = self.today is None
        for id_ in self.stages:
            if self.today is not None and not told and self.when(id_) >= self.today:
                y, told = self.now(sheet, y), True
            tops.append(y)
            y = self.stage(sheet, id_, y) + GAP
        if not told:
            y = self.now(sheet, y)
        if tops:
            line = Ink(stroke=PALE, width=2)
            sheet.items.insert(0, Line(straight((SPINE, DOT / 2), (SPINE, y - GAP)), line, of=("rule",)))
        return sheet

    def when(self, id_: str) -> date:
        return value(self.graph, id_, self.options["when"], date)

    def stage(self, sheet: Sheet, id_: str, y: float) -> float:
        """A deadline with its steps. Returns the y below."""
        node, of = self.graph.nodes[id_], ("node", "stage", f"n-{self.number[id_]}")
        style = self.styles.get(node.get(self.options.get("state", "")) or "")
        colour = edge_ink(style).stroke if style else INK
        sheet.add(Text(0, y, DATES, self.when(id_).isoformat(), SIZE, "r", colour, of))
        ink = node_ink(style) if style else Ink(stroke=INK, fill="#ffffff")
        sheet.add(Box(SPINE - DOT / 2, y, DOT, DOT, ink, "ellipse", of))
        if style:
            sheet.add(Text(SPINE - DOT / 2, y, DOT, style.sign, SIZE, "c", colour, of))
            sheet.add(Text(0, y + SIZE * LEADING, DATES, style.label, SMALL, "r", colour, of))
        left = SPINE + DOT + PAD
        below = sheet.write(left, y, WIDE, say("{label}　{note}", label=node["label"], note=node["note"]), size=SIZE + 1, of=of)
        for step, other in self.graph.nodes(data=True):
            if other["kind"] == self.options["steps"] and other["group"] == id_:
                below = self.step(sheet, step, left, below + 3)
        return max(below, y + 2 * SIZE * LEADING)

    def step(self, sheet: Sheet, id_: str, left: float, y: float) -> float:
        node, of = self.graph.nodes[id_], ("node", "step", f"n-{self.number[id_]}")
        sheet.add(Text(left, y, SIZE, "·", SIZE, of=of))
        y = sheet.write(left + SIZE, y, WIDE - SIZE, node["label"], size=SIZE, of=of)
        return sheet.write(left + SIZE, y, WIDE - SIZE, node["note"], size=SMALL, colour=FAINT, of=of) if node["note"] else y

    def now(self, sheet: Sheet, y: float) -> float:
        """The day asked about, as a line across."""
        assert self.today is not None
        ink = Ink(stroke=DARK["vermilion"], width=1.2, line="dashed")
        text = say("{day}（所看之日）", day=self.today.isoformat())
        sheet.write(SPINE + DOT + PAD, y, WIDE, text, size=SMALL, colour=ink.stroke, of=("today",))
        y += SMALL * LEADING + 2
        sheet.add(Line(straight((0, y), (SPINE + DOT + PAD + WIDE, y)), ink, of=("today",)))
        return y + GAP
