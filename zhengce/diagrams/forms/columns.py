"""Three columns: whoever does one thing, what is done (by group, in the order of the document), whoever does another thing."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from ...language import say
from ..frame import Key
from ..graph import edge_kinds, grouped, nodes_of, note
from ..graphviz import INCH, lay_out
from ..palette import FAINT, GROUND, PALE, edge_ink, node_ink, outline
from ..sheet import Box, Ink, Line, Sheet, height_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...questions.diagram import Diagram
    from ..graph import Graph
    from ..sheet import Point

    Ends = tuple[str, str]

SIZE, SMALL = 10, 8.5
SIDE, MIDDLE = 118, 200  # the widths of the columns, in points
BETWEEN, PAD, ROW = 130, 6, 8
MOST = 40  # edges drawn in one piece
APART, SPREAD = 4, 0.8  # how far edges stand apart on a side, and how much of it they take at most


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """The sheet and its legend. With too many lines it is drawn group by group, or they could not be followed."""
    columns = _Columns(graph, diagram)
    groups = columns.groups
    bands = [[group] for group in groups] if graph.number_of_edges() > MOST else [list(groups)]
    sheet = columns.heads()
    for band in bands:
        sheet = sheet.over(columns.band(band).moved(0, sheet.height + (3 * ROW if len(bands) > 1 else ROW)))
    if len(bands) > 1:
        note(graph, say("每一节分开画，一个单位在几节里各画一次；框里的数是各节合计"))
    kinds = edge_kinds(graph)
    return sheet, [Key("line", style) for kind, style in diagram.styles.items() if kind in kinds]


class _Columns:
    """A node stands in a column for each kind of edge that it has: as `left/id`, `id` or `right/id`; a group as `group/id`."""

    def __init__(self, graph: Graph, diagram: Diagram) -> None:
        self.graph, self.styles, self.options = graph, diagram.styles, diagram.options
        self.number = {id_: n for n, id_ in enumerate(graph)}
        self.middle = nodes_of(graph, self.options["middle"])
        self.groups = grouped(graph, self.middle)
        left = any(edge["kind"] == self.options["left"] for _, _, edge in graph.edges(data=True))
        self.x = {"left": SIDE / 2, "": (SIDE + BETWEEN if left else 0) + PAD + MIDDLE / 2}
        self.x["right"] = self.x[""] + MIDDLE / 2 + PAD + BETWEEN + SIDE / 2

    def heads(self) -> Sheet:
        """What each column is, where there is anything in it."""
        sheet = Sheet()
        kinds = edge_kinds(self.graph)
        for (column, x), head in zip(self.x.items(), self.options["heads"], strict=True):
            if not column or self.options[column] in kinds:
                sheet.write(x - SIDE / 2, 0, SIDE, head, size=SIZE + 1, align="c", of=("head",))
        return sheet

    def band(self, groups: list[str]) -> Sheet:
        """Some groups, with all that they are joined with."""
        members = [id_ for group in groups for id_ in self.groups[group]]
        edges = [edge for edge in self.graph.edges(data=True) if edge[1] in members]
        ends = [self.ends(source, target, edge["kind"]) for source, target, edge in edges]
        column = [name for g in groups for name in ([f"group/{g}"] if g else []) + self.groups[g]]
        layout = self.laid_out(column, ends)
        sheet = Sheet()
        self.grounds(sheet, layout, groups)
        for (source, target, edge), curve in zip(edges, self.curves(layout, ends), strict=True):
            kind = edge["kind"]
            of = ("edge", kind, f"from-{self.number[source]}", f"to-{self.number[target]}")
            sheet.add(Line(curve, edge_ink(self.styles[kind]), of=of))
        for name, (x, y) in layout.items():
            if not name.startswith("group/"):
                self.node(sheet, name, x, y)
        return sheet

    def ends(self, source: str, target: str, kind: str) -> Ends:
        """The names of what an edge runs from, on the left, and to."""
        return (f"left/{source}", target) if kind == self.options["left"] else (target, f"right/{source}")

    def laid_out(self, column: list[str], ends: list[Ends]) -> dict[str, Point]:
        """Where each name stands: across by its column, downwards where Graphviz puts it, so that few edges cross."""
        from pygraphviz import AGraph

        found = AGraph(directed=True, strict=False, rankdir="LR", nodesep=ROW / INCH, ranksep=BETWEEN / INCH)
        found.node_attr.update(shape="box", fixedsize="true", label="")
        for name in dict.fromkeys([*column, *(end for pair in ends for end in pair)]):
            found.add_node(name, **self.size(name))
        for number, (tail, head) in enumerate(ends):
            found.add_edge(tail, head, key=str(number), weight=4 if tail.startswith("left/") else 1)
        # Invisible edges down the rank keep the middle column in the order of the document.
        found.add_subgraph(column, rank="same")
        for above, below in pairwise(column):
            found.add_edge(above, below, key="order", style="invis")
        return {name: (self.x[self.column(name)], y) for name, (_, y) in lay_out(found, "dot").nodes.items()}

    def column(self, name: str) -> str:
        return name.partition("/")[0] if name.startswith(("left/", "right/")) and name not in self.number else ""

    def curves(self, layout: dict[str, Point], ends: list[Ends]) -> Iterator[tuple[Point, ...]]:
        """Each edge from the right side of one node to the left side of another, level at both ends.

        Where several meet at a side they stand apart, in the order of their other ends, so that each can be followed.
        """
        sides: dict[str, list[tuple[float, int]]] = {}
        for number, (tail, head) in enumerate(ends):
            sides.setdefault(f"{tail}>", []).append((layout[head][1], number))
            sides.setdefault(f">{head}", []).append((layout[tail][1], number))
        places = {
            (side, number): n - (len(at) - 1) / 2 for side, at in sides.items() for n, (_, number) in enumerate(sorted(at))
        }

        def end(name: str, side: str, number: int) -> float:
            room = self.tall(name, self.wide(name)) * SPREAD
            return layout[name][1] + places[side, number] * min(APART, room / len(sides[side]))

        for number, (tail, head) in enumerate(ends):
            x, to_x = layout[tail][0] + self.wide(tail) / 2, layout[head][0] - self.wide(head) / 2
            y, to_y, half = end(tail, f"{tail}>", number), end(head, f">{head}", number), (x + to_x) / 2
            yield (x, y), (half, y), (half, to_y), (to_x, to_y)

    def size(self, name: str) -> dict[str, str]:
        wide = self.wide(name)
        return {"width": f"{wide / INCH:.4f}", "height": f"{self.tall(name, wide) / INCH:.4f}"}

    def wide(self, name: str) -> float:
        return SIDE if self.column(name) else MIDDLE

    def tall(self, name: str, wide: float) -> float:
        if name.startswith("group/"):
            return height_of(self.label(name), wide, SIZE) + 2 * PAD
        node = self.graph.nodes[self.id(name)]
        below = height_of(node["note"], wide - 2 * PAD, SMALL) if node["note"] else 0
        return height_of(node["label"], wide - 2 * PAD, SIZE) + below + PAD

    def at(self, name: str) -> tuple[str, ...]:
        """The class of what stands on a side: it is there for one kind of edges."""
        return () if name in self.number else (f"at-{self.options[name.partition('/')[0]]}",)

    def label(self, name: str) -> str:
        return str(self.graph.graph["groups"][name.partition("/")[2]]["label"])

    def id(self, name: str) -> str:
        return name if name in self.number else name.partition("/")[2]

    def node(self, sheet: Sheet, name: str, x: float, y: float) -> None:
        id_ = self.id(name)
        node, wide = self.graph.nodes[id_], self.wide(name)
        tall, style = self.tall(name, wide), self.styles[node["kind"]]
        of = ("node", node["kind"], f"n-{self.number[id_]}", *self.at(name))
        sheet.add(Box(x - wide / 2, y - tall / 2, wide, tall, node_ink(style), outline(style.shape), of))
        below = sheet.write(x - wide / 2 + PAD, y - tall / 2 + PAD / 2, wide - 2 * PAD, node["label"], size=SIZE, of=of)
        if node["note"]:
            sheet.write(x - wide / 2 + PAD, below, wide - 2 * PAD, node["note"], size=SMALL, colour=FAINT, of=of)

    def grounds(self, sheet: Sheet, layout: dict[str, Point], groups: list[str]) -> None:
        """A ground behind each group, with its label on top."""
        for group in filter(None, groups):
            members = self.groups[group]
            (x, middle), last = layout[f"group/{group}"], members[-1]
            label = self.label(f"group/{group}")
            top = middle - height_of(label, MIDDLE, SIZE) / 2
            bottom = layout[last][1] + self.tall(last, MIDDLE) / 2 + PAD
            left, of = x - MIDDLE / 2 - PAD, ("group", *(f"g-{self.number[i]}" for i in members))
            ink = Ink(stroke=PALE, fill=GROUND, width=0.5)
            sheet.ground(Box(left, top - 2, MIDDLE + 2 * PAD, bottom - top + 2, ink, of=of))
            sheet.write(left + PAD, top, MIDDLE, label, size=SIZE, colour=FAINT, of=of)
