"""A matrix: nodes of one kind down the side in their groups, of another across the top, a sign where an edge joins them.

The columns are ordered by where their heaviest edges lie, so that who does what in the same groups stands together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...language import say
from ..frame import Key
from ..graph import edge_kinds, grouped, nodes_of
from ..palette import FAINT, GROUND, LIGHT, PALE, edge_ink
from ..sheet import LEADING, Box, Ink, Line, Sheet, Text, ems, straight, wrapped

if TYPE_CHECKING:
    from ...questions.diagram import Diagram
    from ..graph import Graph

SIZE, SIGN, CELL, PAD = 9.5, 11, 17, 4
SIDE, TALLEST = 215, 16  # the width of the row labels; the most characters in a column of a head


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """The sheet and its legend."""
    kinds = edge_kinds(graph)
    return Matrix(graph, diagram).drawn(), [Key("sign", style) for kind, style in diagram.styles.items() if kind in kinds]


class Matrix:
    """A graph as a matrix. `rows` and `columns` are ids in order, `cells` the kind of edge that joins a row and a column."""

    def __init__(self, graph: Graph, diagram: Diagram) -> None:
        self.graph, self.styles = graph, diagram.styles
        self.number = {id_: n for n, id_ in enumerate(graph)}
        ranks = {kind: n for n, kind in enumerate(diagram.styles)}
        of = {key: nodes_of(graph, diagram.options[key]) for key in ("rows", "columns")}
        self.groups = grouped(graph, of["rows"])
        self.rows = [id_ for members in self.groups.values() for id_ in members]
        self.cells = {}
        for source, target, edge in graph.edges(data=True):
            self.cells[(target, source) if source in of["columns"] else (source, target)] = edge["kind"]
        self.kinds = sorted(set(self.cells.values()), key=lambda kind: ranks.get(kind, len(ranks)))
        self.columns = sorted(of["columns"], key=self.place)

    def place(self, column: str) -> tuple[float, ...]:
        """Where a column belongs: by the weightiest kind of edge that it has, at the mean row of those."""
        rows = {row: n for n, row in enumerate(self.rows)}
        for rank, kind in enumerate(self.kinds):
            if found := [rows[row] for (row, col), k in self.cells.items() if col == column and k == kind]:
                return rank, sum(found) / len(found)
        return len(self.kinds), 0

    def label(self, id_: str) -> str:
        return str(self.graph.nodes[id_]["label"])

    def sum_of(self, kind: str, *, row: str = "", column: str = "") -> int:
        """How many cells of a kind a row or a column has."""
        return sum(k == kind and (not row or r == row) and (not column or c == column) for (r, c), k in self.cells.items())

    def drawn(self) -> Sheet:
        sheet = Sheet()
        y = top = self.heads(sheet)
        for group, members in self.groups.items():
            if group:
                sheet.ground(Box(0, y, self.right, CELL, Ink(fill=GROUND), of=("group",)))
                label = self.graph.graph["groups"][group]["label"]
                sheet.write(PAD, y + (CELL - SIZE * LEADING) / 2, self.right, label, size=SIZE, colour=FAINT)
                y += CELL
            for row in members:
                y = self.row(sheet, row, y)
        self.rule(sheet, y)
        for n in range(len(self.columns) + 1):
            x = SIDE + CELL * n
            sheet.add(Line(straight((x, top), (x, y)), Ink(stroke=PALE, width=0.25), of=("rule",)))
        for kind in self.kinds:
            y = self.sums(sheet, kind, y)
        return sheet

    @property
    def right(self) -> float:
        """Where the sums begin to end."""
        return SIDE + CELL * (len(self.columns) + len(self.kinds)) + 2 * PAD

    def x(self, column: int) -> float:
        """The left side of a column; the sums stand after the last."""
        return SIDE + CELL * column + (2 * PAD if column >= len(self.columns) else 0)

    def heads(self, sheet: Sheet) -> float:
        """The labels of the columns, character below character, ending on one line. Returns the y below them."""
        stacks = [self.stack(self.label(column)) for column in self.columns]
        most = max((len(stack) for stack in stacks), default=0)
        for n, (column, stack) in enumerate(zip(self.columns, stacks, strict=True)):
            of = ("node", "column", f"n-{self.number[column]}")
            for k, c in enumerate(stack):
                y = (most - len(stack) + k) * SIZE * LEADING * 0.85
                sheet.add(Text(self.x(n), y, CELL, c, SIZE, "c", of=of))
        bottom = most * SIZE * LEADING * 0.85 + PAD
        for n, kind in enumerate(self.kinds, len(self.columns)):
            style = self.styles[kind]
            for k, c in enumerate([*self.stack(style.label), style.sign]):
                y = (most - len(style.label) - 1 + k) * SIZE * LEADING * 0.85
                sheet.add(Text(self.x(n), y, CELL, c, SIZE, "c", edge_ink(style).stroke if c == style.sign else FAINT))
        return bottom

    def stack(self, text: str) -> list[str]:
        """A label for writing downwards; its gloss in another language has no room there."""
        name = text.partition(" (")[0]
        return list(name if len(name) <= TALLEST else f"{name[: TALLEST - 1]}…")

    def row(self, sheet: Sheet, row: str, y: float) -> float:
        label = list(wrapped(self.label(row), (SIDE - 2 * PAD) / SIZE))
        tall = max(CELL, len(label) * SIZE * LEADING + 2)
        number = self.number[row]
        for k, line in enumerate(label):
            at = y + (tall - len(label) * SIZE * LEADING) / 2 + k * SIZE * LEADING
            sheet.add(Text(PAD, at, SIDE - 2 * PAD, line, SIZE, of=("node", "row", f"n-{number}")))
        self.rule(sheet, y)
        for n, column in enumerate(self.columns):
            if kind := self.cells.get((row, column)):
                self.cell(sheet, kind, self.x(n), y, tall, (f"from-{self.number[column]}", f"to-{number}"))
        for n, kind in enumerate(self.kinds, len(self.columns)):
            self.sum(sheet, self.sum_of(kind, row=row), n, y, tall)
        return y + tall

    def cell(self, sheet: Sheet, kind: str, x: float, y: float, tall: float, ends: tuple[str, ...]) -> None:
        style, of = self.styles[kind], ("edge", kind, *ends)
        if kind == self.kinds[0]:
            sheet.add(Box(x + 0.5, y + 0.5, CELL - 1, tall - 1, Ink(fill=LIGHT[style.colour]), of=of))
        at = y + (tall - SIGN * LEADING) / 2
        sheet.add(Text(x, at, CELL, style.sign, SIGN, "c", edge_ink(style).stroke, of))

    def sums(self, sheet: Sheet, kind: str, y: float) -> float:
        """A row with how many of a kind each column has."""
        style = self.styles[kind]
        label = say("{label} {sign}", label=style.label, sign=style.sign)
        wide = ems(label) * SIZE
        colour = edge_ink(style).stroke
        sheet.add(Text(SIDE - PAD - wide, y + (CELL - SIZE * LEADING) / 2, wide, label, SIZE, "r", colour))
        for n, column in enumerate(self.columns):
            self.sum(sheet, self.sum_of(kind, column=column), n, y, CELL)
        self.sum(sheet, self.sum_of(kind), len(self.columns) + self.kinds.index(kind), y, CELL)
        return y + CELL

    def sum(self, sheet: Sheet, number: int, column: int, y: float, tall: float) -> None:
        text, colour = str(number), FAINT if number else PALE
        size = min(SIZE, CELL / ems(text))
        sheet.add(Text(self.x(column), y + (tall - size * LEADING) / 2, CELL, text, size, "c", colour, ("sum",)))

    def rule(self, sheet: Sheet, y: float) -> None:
        sheet.add(Line(straight((0, y), (self.right, y)), Ink(stroke=PALE, width=0.4), of=("rule",)))
