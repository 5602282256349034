"""An outline drawn by Graphviz: a box for each line, from left to right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import graphviz
from .palette import DARK, INK, LIGHT, THIN
from .sheet import LEADING, Box, Ink, Line, Sheet, ems, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pygraphviz import AGraph

    from ..report.outline import Line as Told

SIZE, ROOM, PAD = 9.0, 24.0, 6.0  # points, ems, points
INCH = 72
COLOURS = {"reading": "blue", "unknown": "orange", "given": "green", "absent": "grey", "note": "grey", "fixed": "vermilion"}


def render(title: str, lines: Iterable[Told], form: str) -> bytes:
    """The picture as `svg`, `png` or `pdf`, or the graph as `dot`. Raises `DrawingError`."""
    told = [(line, below) for root in lines for line, below in _edges(root)]
    graph, boxes = _graph(title, told)
    if form == "dot":
        return str(graph.to_string()).encode()
    return graphviz.draw(_sheet(graph, boxes), form)


def _edges(root: Told) -> Iterable[tuple[Told, list[Told]]]:
    return [(line, line.lines) for _, line in root.walk()]


def _graph(title: str, told: list[tuple[Told, list[Told]]]) -> tuple[AGraph, dict[str, tuple[Told, list[str], float, float]]]:
    """The graph, and by node the line, its text in lines, and the size of its box in points."""
    from pygraphviz import AGraph

    graph = AGraph(directed=True, strict=False, rankdir="LR", ranksep="0.4", nodesep="0.12", name=title)
    graph.node_attr.update(shape="box", fixedsize="true")
    names = {id(line): f"s{n}" for n, (line, _) in enumerate(told)}
    boxes = {}
    for line, below in told:
        texts = list(wrapped(line.text + line.notes, ROOM))
        width = max((ems(text) for text in texts), default=1.0) * SIZE + 2 * PAD
        height = len(texts) * SIZE * LEADING + PAD
        boxes[names[id(line)]] = (line, texts, width, height)
        graph.add_node(names[id(line)], label="\n".join(texts), width=f"{width / INCH:.4f}", height=f"{height / INCH:.4f}")
        for n, one in enumerate(below):
            graph.add_edge(names[id(line)], names[id(one)], key=f"{names[id(line)]}-{n}")
    return graph, boxes


def _sheet(graph: AGraph, boxes: dict[str, tuple[Told, list[str], float, float]]) -> Sheet:
    layout = graphviz.lay_out(graph, "dot")
    sheet = Sheet()
    for points in layout.edges.values():
        sheet.add(Line(points, Ink(stroke=THIN)))
    for name, (line, texts, width, height) in boxes.items():
        x, y = layout.nodes[name]
        colour = COLOURS.get(line.kind, "white")
        left, top = x - width / 2, y - height / 2
        sheet.add(Box(left, top, width, height, Ink(stroke=DARK[colour], fill=LIGHT[colour])))
        for n, text in enumerate(texts):
            sheet.write(left + PAD, top + PAD / 2 + n * SIZE * LEADING, width, text, size=SIZE, colour=INK)
    return sheet
