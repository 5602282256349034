"""What every picture has around its body: title, documents with their numbers, date, legend, notes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..language import say
from .palette import FAINT, INK, PALE, bar_ink, edge_ink, node_ink, outline
from .sheet import LEADING, Box, Ink, Line, Sheet, Text, ems, straight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..questions.diagram import Style
    from .graph import Graph

TITLE, SMALL, LEGEND = 16, 9, 9.5
NARROWEST, GAP, SAMPLE = 380, 12, 30


class Key(NamedTuple):
    """One entry of a legend. `form`: line, box, bar, dot or sign; `label` instead of the style's own."""

    form: str
    style: Style
    label: str = ""


def framed(body: Sheet, keys: Sequence[Key], graph: Graph, *, headed: bool = True) -> Sheet:
    """A body with everything around it; the head is left out where it is written elsewhere."""
    width = max(NARROWEST, body.width)
    head = _head(graph, width) if headed else Sheet()
    legend = _legend(keys, width)
    top = head.height + GAP if headed else 0
    sheet = head.over(legend.moved(0, top)).over(body.moved(0, top + legend.height + GAP))
    y = sheet.height + GAP
    if graph.graph["notes"]:
        sheet.add(Line(straight((0, y - GAP / 2), (body.width, y - GAP / 2)), Ink(stroke=PALE, width=0.5)))
    for note in graph.graph["notes"]:
        y = sheet.write(0, y, width, note, size=SMALL, colour=FAINT, of=("note",))
    return sheet


def _head(graph: Graph, width: float) -> Sheet:
    sheet = Sheet()
    y = sheet.write(0, 0, width, titled(graph), size=TITLE, of=("title",))
    for document in graph.graph["documents"]:
        y = sheet.write(0, y, width, document, size=SMALL, colour=FAINT)
    sheet.write(0, y, width, say("制图 {day}", day=graph.graph["drawn"]), size=SMALL, colour=FAINT)
    return sheet


def _legend(keys: Sequence[Key], width: float) -> Sheet:
    """The entries side by side, in as many rows as they need."""
    sheet, x, y, tall = Sheet(), 0.0, 0.0, LEGEND * LEADING
    for key in keys:
        label = key.label or key.style.label
        room = ems(label) * LEGEND + 2
        if x and x + SAMPLE + 6 + room > width:
            x, y = 0.0, y + tall + 4
        _sample(sheet, key, x, y, tall)
        sheet.add(Text(x + SAMPLE + 6, y, room, label, LEGEND, "l", INK, ("legend",)))
        x += SAMPLE + 6 + room + 2 * GAP
    return sheet


def _sample(sheet: Sheet, key: Key, x: float, y: float, tall: float) -> None:
    style, middle = key.style, y + tall / 2
    match key.form:
        case "line":
            sheet.add(Line(straight((x, middle), (x + SAMPLE, middle)), edge_ink(style), of=("legend",)))
        case "sign":
            sheet.add(Text(x, y, SAMPLE, style.sign, LEGEND + 1, "c", edge_ink(style).stroke, ("legend",)))
        case "dot":
            sheet.add(Box(x + (SAMPLE - tall) / 2, y, tall, tall, node_ink(style), "ellipse", ("legend",)))
            sheet.add(Text(x, y, SAMPLE, style.sign, LEGEND, "c", edge_ink(style).stroke, ("legend",)))
        case "bar":
            sheet.add(Box(x, y + 2, SAMPLE, tall - 4, bar_ink(style), of=("legend",)))
        case _:
            sheet.add(Box(x, y + 1, SAMPLE, tall - 2, node_ink(style), outline(style.shape), ("legend",)))


def titled(graph: Graph) -> str:
    """The title, with what was asked for."""
    title, about = graph.graph["title"], graph.graph["about"]
    return say("{title}：{about}", title=title, about=about) if about else str(title)


def of_documents(documents: Sequence[tuple[str, str]]) -> list[str]:
    """Each document's title with its number, which some documents do not state."""
    return [
        say("{title}　{number}", title=title, number=number) if number else say("{title}（原文没有文号）", title=title)
        for title, number in documents
    ]
