"""Graphviz, through pygraphviz: it lays graphs out, and draws sheets."""

from __future__ import annotations

import subprocess
import sys
from math import hypot, sqrt
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import DrawingError
from ..language import say
from . import fonts
from .sheet import LEADING, Box, Ink, Line, Point, Sheet, Text

if TYPE_CHECKING:
    from pygraphviz import AGraph

INCH = 72
DPI, LONGEST, MOST = 144, 32000, 40_000_000  # of a PNG: dots per inch, the most pixels along a side and in all
ARROW = 6  # points
LOWER = 0.12  # ems: Graphviz sets the line of Chinese text that much too high
MARGIN = 0.25  # inches of paper around a picture
PATIENCE = 300  # seconds


class Layout(NamedTuple):
    """Where Graphviz puts things, in points from the top left: the middles of nodes, and the curves of edges by key."""

    nodes: dict[str, Point]
    edges: dict[str, tuple[Point, ...]]
    width: float
    height: float


def lay_out(graph: AGraph, program: str) -> Layout:
    """Lay a graph out; its edges need keys. Raises `DrawingError`."""
    from pygraphviz import AGraph

    placed = AGraph(string=_run(graph.to_string(), program, "dot").decode())
    left, bottom, right, top = map(float, placed.graph_attr["bb"].split(","))

    def point(text: str) -> Point:
        x, y = map(float, text.split(",")[:2])
        return x - left, top - y

    nodes = {str(node): point(node.attr["pos"]) for node in placed.nodes()}
    edges = {}
    for ends_and_key in placed.edges(keys=True):
        edge = placed.get_edge(*ends_and_key)
        parts = (edge.attr["pos"] or "").replace("\\\n", "").split()
        curve = [point(part) for part in parts if part[1:2] != ","]
        curve[-1:] = [point(part[2:]) for part in parts if part.startswith("e,")] or curve[-1:]
        edges[ends_and_key[2]] = tuple(curve)
    return Layout(nodes, edges, right - left, top - bottom)


def draw(sheet: Sheet, form: str) -> bytes:
    """A sheet as svg, png or pdf. Raises `DrawingError`, also where a picture needs a character that no font here has."""
    if form != "svg" and (missing := fonts.missing(set("".join(sheet.texts())), _glyphs)):
        raise fonts.error(missing)
    return _run(_dot(sheet, form), "-", form)


def _glyphs(characters: str) -> bytes:
    """A PDF with these characters: what the one who draws finds a glyph for can be read out of it."""
    probe = Sheet()
    probe.add(Text(0, 0, 12 * len(characters), characters))
    return _run(_dot(probe, "pdf"), "-", "pdf")


def _run(dot: str, program: str, form: str) -> bytes:
    """What the worker makes of a graph."""
    command = [sys.executable, str(Path(__file__).with_name("worker.py")), program, form]
    try:
        done = subprocess.run(command, input=dot.encode(), capture_output=True, timeout=PATIENCE, env=fonts.environment())
    except subprocess.TimeoutExpired:
        message = say("画了 {seconds} 秒还没有画完", seconds=PATIENCE)
        raise DrawingError(message, hint=say("用筛选的选项画小一些")) from None
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip().split("\n")
        why = next((line for line in reversed(told) if not line.startswith("Warning")), "") or str(done.returncode)
        if "No module named 'pygraphviz'" in why:
            raise DrawingError(say("没有装 pygraphviz"), hint="pip install pygraphviz")
        raise DrawingError(say("Graphviz 没有画成：{why}", why=why))
    return done.stdout


def _dot(sheet: Sheet, form: str) -> str:
    """A sheet as a graph in which everything has its place. Graphviz counts y upwards."""
    from pygraphviz import AGraph

    graph = AGraph(directed=True, strict=False, outputorder="edgesfirst", bgcolor="white", pad=str(MARGIN), margin="0")
    graph.graph_attr["dpi"] = str(_resolution(sheet) if form == "png" else INCH)
    graph.graph_attr.update(bb=f"0,0,{sheet.width:.2f},{sheet.height:.2f}", fontname=fonts.STACK)
    graph.node_attr.update(fixedsize="true", margin="0", label="", fontname=fonts.STACK)
    corners = [Box(0, 0, 0.1, 0.1, Ink()), Box(sheet.width, sheet.height, 0.1, 0.1, Ink())]
    for number, box in enumerate(sheet.grounds):
        top, bottom = sheet.height - box.y, sheet.height - box.y - box.height
        bounds = f"{box.x:.2f},{bottom:.2f},{box.x + box.width:.2f},{top:.2f}"
        graph.add_subgraph([], name=f"cluster_{number}", bb=bounds, **_ink(box.ink), **_class(box.of))
    for number, item in enumerate([*corners, *sheet.items]):
        name = f"i{number}"
        if isinstance(item, Line):
            _line(graph, name, item, sheet.height)
        else:
            graph.add_node(name, **(_box(item, sheet.height) if isinstance(item, Box) else _text(item, sheet.height)))
    return str(graph.to_string())


def _resolution(sheet: Sheet) -> int:
    """The dots per inch of a PNG: as many as are good for print, fewer where the file would get too large to be opened."""
    wide, tall = (side / INCH + 2 * MARGIN for side in (sheet.width, sheet.height))
    return int(min(DPI, LONGEST / max(wide, tall), sqrt(MOST / (wide * tall))))


def _line(graph: AGraph, name: str, line: Line, height: float) -> None:
    tip = line.points[-1]
    curve = (*line.points[:-1], _before(tip, line.points[-2])) if line.arrow else line.points
    points = [f"{x:.2f},{height - y:.2f}" for x, y in (*curve, tip)]
    ends = {}
    for end, point in (("from", points[0]), ("to", points[-1])):
        ends[end] = f"{name}{end}"
        graph.add_node(ends[end], pos=point, width=0, height=0, style="invis", shape="point")
    path = (f"e,{points[-1]} " if line.arrow else "") + " ".join(points[:-1])
    head = {"arrowhead": "normal", "arrowsize": "0.6"} if line.arrow else {"arrowhead": "none"}
    ink = _ink(line.ink)
    graph.add_edge(ends["from"], ends["to"], key=name, pos=path, **head, **ink, **_class(line.of))


def _before(tip: Point, towards: Point) -> Point:
    """Where a curve ends so that there is room for its arrow."""
    dx, dy = tip[0] - towards[0], tip[1] - towards[1]
    length = hypot(dx, dy) or 1
    return tip[0] - ARROW * dx / length, tip[1] - ARROW * dy / length


def _box(box: Box, height: float) -> dict[str, Any]:
    place = f"{box.x + box.width / 2:.2f},{height - box.y - box.height / 2:.2f}"
    size = {"width": f"{box.width / INCH:.4f}", "height": f"{box.height / INCH:.4f}"}
    return {"pos": place, **size, "shape": box.shape, **_ink(box.ink), **_class(box.of)}


def _text(text: Text, height: float) -> dict[str, Any]:
    tall = text.size * LEADING
    middle = text.y + tall / 2 + text.size * LOWER
    place = f"{text.x + text.width / 2:.2f},{height - middle:.2f}"
    size = {"width": f"{text.width / INCH:.4f}", "height": f"{tall / INCH:.4f}"}
    written = text.text.replace("\\", "\\\\").replace("&", "&amp;") + {"l": "\\l", "r": "\\r", "c": "\\n"}[text.align]
    shown = {"label": written, "fontsize": f"{text.size:g}", "fontcolor": text.colour}
    return {"pos": place, **size, "shape": "none", **shown, **_class(text.of)}


def _ink(ink: Ink) -> dict[str, Any]:
    """Graphviz's attributes. What has neither stroke nor fill is not seen."""
    if not ink.stroke and not ink.fill:
        return {"style": "invis"}
    shape, _, line = ink.line.rpartition(" ")
    styles = [style for style in (shape, "filled" if ink.fill else "", line) if style not in ("", "solid")]
    found = {"style": ",".join(styles), "penwidth": f"{ink.width:g}" if ink.stroke else "0"}
    found |= {"color": ink.stroke or ink.fill}
    return found | ({"fillcolor": ink.fill} if ink.fill else {})


def _class(classes: tuple[str, ...]) -> dict[str, str]:
    return {"class": " ".join(classes)} if classes else {}
