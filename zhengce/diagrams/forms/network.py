"""A network as Graphviz lays it out: in `layers` where it runs in one direction, in a `ring` for who is joined with whom."""

from __future__ import annotations

from decimal import Decimal
from math import hypot, sqrt
from typing import TYPE_CHECKING, Any

from ...language import say
from ...questions.diagram import Style
from ..frame import Key
from ..graph import edge_kinds, note, value
from ..graphviz import INCH, lay_out
from ..palette import FAINT, INK, ORDER, PALE, SHAPES, THIN, edge_ink, node_ink, outline
from ..sheet import LEADING, Box, Ink, Line, Sheet, Text, ems, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...questions.diagram import Diagram
    from ..graph import Graph
    from ..graphviz import Layout
    from ..sheet import Point

SIZE, SMALL, PAD = 10, 8, 5
LONGEST = 8  # ems of a label on one line
AREAS = {"ellipse": 0.785, "hexagon": 0.75, "octagon": 0.83, "diamond": 0.5}  # of the box around a shape
GROWTH = 0.8  # by how much of its least size the largest node is larger
LIGHT, HEAVIEST = 0.7, 7  # the widths of the lightest and the heaviest edge
APART = 9  # how far from another edge a weight stands where it can


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """The sheet and its legend."""
    network = _Network(graph, diagram)
    return network.drawn(), list(network.legend())


class _Network:
    def __init__(self, graph: Graph, diagram: Diagram) -> None:
        self.graph, self.options = graph, diagram.options
        self.directed = self.options["layout"] == "layers"
        self.number = {id_: n for n, id_ in enumerate(graph)}
        self.styles = diagram.styles
        self.groups = {g: n for n, g in enumerate(graph.graph["groups"])}
        self.written_from: int = self.options.get("written_from", 1)
        self.heaviest = max((edge["weight"] for _, _, edge in graph.edges(data=True)), default=1)

    def legend(self) -> Iterator[Key]:
        edges, nodes = edge_kinds(self.graph), {node["kind"] for _, node in self.graph.nodes(data=True)}
        for kind, style in self.styles.items():
            if kind in edges or (kind in nodes and self.directed):
                yield Key("line" if kind in edges else "box", style)
        if not self.directed and self.written_from > 1:
            yield Key("line", Style(label=say("不到 {n} 项", n=self.written_from), colour="white"))
        if not self.directed:
            for group, words in self.graph.graph["groups"].items():
                yield Key("box", self.of_group(group), words["label"])

    def of_group(self, group: str) -> Style:
        n = self.groups[group]
        return Style(colour=ORDER[n % len(ORDER)], shape=SHAPES[n % len(SHAPES)])

    def style(self, id_: str) -> Style:
        node = self.graph.nodes[id_]
        return self.styles[node["kind"]] if self.directed or node["group"] not in self.groups else self.of_group(node["group"])

    def size(self, id_: str) -> tuple[float, float]:
        """Room for what is written in a node. With `size` all have room for any, and grow with that attribute alone."""
        if "size" not in self.options:
            return self.room(id_)
        sizes = {i: float(value(self.graph, i, self.options["size"], Decimal)) for i in self.graph}
        wide, tall = (max(sides) for sides in zip(*map(self.room, self.graph), strict=True))
        grown = 1 + GROWTH * sqrt(sizes[id_] / (max(sizes.values()) or 1))
        grown /= sqrt(AREAS.get(self.style(id_).shape, 1))  # of one size are those of one area
        return wide * grown, tall * grown

    def room(self, id_: str) -> tuple[float, float]:
        lines, notes = self.words(self.graph.nodes[id_])
        wide = max([*(ems(t) * SIZE for t in lines), *(ems(t) * SMALL for t in notes)]) + 2 * PAD
        tall = (len(lines) * SIZE + len(notes) * SMALL) * LEADING + PAD
        if self.directed and self.style(id_).shape not in ("box", "rounded", "note"):  # no corners, less room for text
            return wide * 1.25, tall * 1.3
        return wide, tall

    def words(self, node: dict[str, Any]) -> tuple[list[str], list[str]]:
        """The lines of a node's label and of its note. Names of relations are not broken."""
        longest = max(LONGEST * 2, ems(node["label"])) if self.directed else LONGEST
        return list(wrapped(node["label"], longest)), list(wrapped(node["note"], longest * SIZE / SMALL))

    def laid_out(self) -> Layout:
        from pygraphviz import AGraph

        found = AGraph(directed=self.directed, strict=False)
        settings = {"rankdir": "LR", "nodesep": 0.12, "ranksep": 0.7} if self.directed else RING
        found.graph_attr.update(**{key: str(value) for key, value in settings.items()})
        found.node_attr.update(fixedsize="true", label="")
        for id_ in self.graph:
            wide, tall = self.size(id_)
            shape = outline(self.style(id_).shape) if self.directed else "ellipse"
            found.add_node(id_, width=f"{wide / INCH:.4f}", height=f"{tall / INCH:.4f}", shape=shape)
        if not self.directed:  # a ring of the nodes in their order: no edge then runs behind a node that it does not join
            ring = self.ring()
            found.add_edges_from(zip(ring, ring[1:] + ring[:1], strict=True))
            return lay_out(found, "circo")
        for n, (source, target) in enumerate(self.graph.edges):
            found.add_edge(source, target, key=str(n))
        return lay_out(found, "dot")

    def ring(self) -> list[str]:
        """The nodes, those of a group together, each beside one that it is joined with most."""
        joined = {frozenset((one, other)): edge["weight"] for one, other, edge in self.graph.edges(data=True)}
        ring: list[str] = []
        for group in dict.fromkeys([*self.groups, *(node["group"] for _, node in self.graph.nodes(data=True))]):
            left = [id_ for id_, node in self.graph.nodes(data=True) if node["group"] == group]
            while left:
                last = ring[-1] if ring else ""
                ring.append(max(left, key=lambda id_: joined.get(frozenset((last, id_)), 0)))
                left.remove(ring[-1])
        return ring

    def drawn(self) -> Sheet:
        layout, sheet = self.laid_out(), Sheet()
        edges = list(enumerate(self.graph.edges(data=True)))
        for n, (source, target, edge) in sorted(edges, key=lambda e: e[1][2]["weight"]):  # the heaviest on top
            curve = layout.edges[str(n)] if self.directed else bowed(layout, source, target)
            sheet.add(Line(curve, self.ink(edge), self.directed, self.of(source, target, edge)))
        if not self.directed:
            self.weights(sheet, layout)
        for id_, (x, y) in layout.nodes.items():
            self.node(sheet, id_, x, y)
        return sheet

    def of(self, source: str, target: str, edge: dict[str, Any]) -> tuple[str, ...]:
        return "edge", edge["kind"], f"from-{self.number[source]}", f"to-{self.number[target]}"

    def ink(self, edge: dict[str, Any]) -> Ink:
        """As the style has it; in a ring the more weight the thicker, and dark where the weight is written."""
        ink = edge_ink(self.styles[edge["kind"]])
        if self.directed:
            return ink
        width = LIGHT + (HEAVIEST - LIGHT) * (edge["weight"] / self.heaviest) ** 2
        return ink._replace(width=width, stroke=INK if edge["weight"] >= self.written_from else THIN)

    def weights(self, sheet: Sheet, layout: Layout) -> None:
        """The weights, the greatest first, each where its edge is farthest from the others; none where there is no room."""
        taken: list[Box] = []
        written = [e for e in self.graph.edges(data=True) if e[2]["weight"] >= self.written_from]
        curves = {(source, target): bowed(layout, source, target) for source, target, _ in written}
        points = {pair: [at(curve, n / 20) for n in range(21)] for pair, curve in curves.items()}
        left_out = 0
        for source, target, edge in sorted(written, key=lambda e: -e[2]["weight"]):
            text = str(edge["weight"])
            wide, tall = ems(text) * SIZE + 4, SIZE * LEADING
            ink, of = Ink(fill="#ffffff", stroke=PALE, width=0.3), self.of(source, target, edge)
            others = [point for pair, found in points.items() if pair != (source, target) for point in found]
            places = [at(curves[source, target], part) for part in PLACES]
            for x, y in sorted(places, key=lambda place: -min(APART, _distance(place, others))):
                box = Box(x - wide / 2, y - tall / 2, wide, tall, ink, of=of)
                if not any(_overlap(box, other) for other in taken):
                    sheet.add(box, Text(box.x, box.y, wide, text, SIZE, "c", of=of))
                    taken.append(box)
                    break
            else:
                left_out += 1
        if left_out:
            note(self.graph, say("线太密，有 {n} 处没有标数", n=left_out))

    def node(self, sheet: Sheet, id_: str, x: float, y: float) -> None:
        node, style = self.graph.nodes[id_], self.style(id_)
        (wide, tall), of = self.size(id_), ("node", node["kind"], f"n-{self.number[id_]}")
        sheet.add(Box(x - wide / 2, y - tall / 2, wide, tall, node_ink(style), outline(style.shape), of))
        lines, notes = self.words(node)
        top = y - (len(lines) * SIZE + len(notes) * SMALL) * LEADING / 2
        for text, size, colour in [*((t, SIZE, INK) for t in lines), *((t, SMALL, FAINT) for t in notes)]:
            sheet.add(Text(x - wide / 2, top, wide, text, size, "c", colour, of))
            top += size * LEADING


RING = {"mindist": 0.1}
INWARDS = 0.5  # how far towards the middle of the ring an edge sets out
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74)  # where on an edge its weight may stand, the best first


def bowed(layout: Layout, source: str, target: str) -> tuple[Point, ...]:
    """An edge across a ring, bowed inwards: those between near neighbours pass in front of the nodes between them."""
    (x, y), (to_x, to_y) = layout.nodes[source], layout.nodes[target]
    middle_x, middle_y = layout.width / 2, layout.height / 2

    def inner(x: float, y: float, to_x: float, to_y: float) -> Point:
        """Half towards the other end, so that edges leave a node apart, and half towards the middle."""
        return x + ((middle_x + to_x) / 2 - x) * INWARDS, y + ((middle_y + to_y) / 2 - y) * INWARDS

    return (x, y), inner(x, y, to_x, to_y), inner(to_x, to_y, x, y), (to_x, to_y)


def at(curve: tuple[Point, ...], part: float) -> Point:
    """A point of a Bézier curve of one piece."""
    rest = 1 - part
    shares = (rest**3, 3 * rest * rest * part, 3 * rest * part * part, part**3)
    x, y = (sum(share * point[k] for share, point in zip(shares, curve, strict=True)) for k in (0, 1))
    return x, y


def _distance(place: Point, others: list[Point]) -> float:
    return min((hypot(place[0] - x, place[1] - y) for x, y in others), default=APART)


def _overlap(one: Box, other: Box) -> bool:
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height
