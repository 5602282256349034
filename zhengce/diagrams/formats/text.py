"""The graph itself, for other programs: DOT (Graphviz), GraphML (Gephi, yEd, networkx), Mermaid (Markdown)."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any

from ..palette import DARK, LIGHT, outline

if TYPE_CHECKING:
    import networkx as nx

    from .. import Drawing

MERMAID = {
    "box": ("[", "]"), "rounded": ("(", ")"), "ellipse": ("([", "])"), "cylinder": ("[(", ")]"), "hexagon": ("{{", "}}"),
    "diamond": ("{", "}"),
}  # fmt: skip
ENTITIES = str.maketrans({'"': "#quot;", "<": "#lt;", ">": "#gt;", "\n": " "})


def render(drawing: Drawing, form: str) -> bytes:
    """The graph in one of the formats."""
    return {"dot": _dot, "graphml": _graphml, "mmd": _mermaid}[form](drawing)


def plain(graph: nx.Graph[str]) -> nx.Graph[str]:
    """The graph with attributes that are texts and whole numbers only; what is unknown is left out."""
    copy = graph.copy()
    copy.graph = {key: _plain(graph.graph[key]) for key in ("diagram", "title", "about", "documents", "drawn", "notes")}
    for attributes in [*(a for _, a in copy.nodes(data=True)), *(a for _, _, a in copy.edges(data=True))]:
        for key, value in list(attributes.items()):
            attributes[key] = _plain(value)
            if value is None or value == "" or value == []:
                del attributes[key]
    return copy


def _plain(value: Any) -> str | int:
    if isinstance(value, list):
        return "\n".join(map(str, value))
    return value if isinstance(value, int) else str(value)


def _graphml(drawing: Drawing) -> bytes:
    import networkx as nx

    buffer = BytesIO()
    nx.write_graphml_xml(plain(drawing.to_networkx()), buffer, encoding="utf-8")
    return buffer.getvalue()


def _dot(drawing: Drawing) -> bytes:
    """With the styles of the picture, in clusters, to be laid out again."""
    from pygraphviz import AGraph

    from ..fonts import STACK

    graph, styles = drawing.to_networkx(), drawing.diagram.styles
    title = graph.graph["title"]
    found = AGraph(directed=graph.is_directed(), strict=False, rankdir="LR", label=title, labelloc="t", fontname=STACK)
    found.node_attr.update(fontname=STACK, style="filled", fillcolor="white")
    for id_, node in graph.nodes(data=True):
        style = styles.get(node["kind"])
        look = {"shape": outline(style.shape), "color": DARK[style.colour], "fillcolor": LIGHT[style.colour]} if style else {}
        found.add_node(id_, label=_label("\n".join(filter(None, (node["label"], node["note"])))), **look)
    for n, (group, words) in enumerate(graph.graph["groups"].items()):
        members = [id_ for id_, of in graph.nodes(data="group") if of == group]
        found.add_subgraph(members, name=f"cluster_{n}", label=_label(words["label"]))
    for n, (source, target, edge) in enumerate(graph.edges(data=True)):
        style = styles.get(edge["kind"])
        look = {"color": DARK[style.colour], "style": style.line, "penwidth": str(style.width)} if style else {}
        found.add_edge(source, target, key=str(n), weight=str(edge["weight"]), **look)
    return found.to_string().encode()  # type: ignore[no-any-return]


def _label(text: str) -> str:
    """A label as text, whatever signs of Graphviz's own it has."""
    plain = text.replace("\\", "\\\\").replace("&", "&amp;")
    return f" {plain}" if plain.startswith("<") else plain


def _mermaid(drawing: Drawing) -> bytes:
    graph, styles = drawing.to_networkx(), drawing.diagram.styles
    number = {id_: f"n{n}" for n, id_ in enumerate(graph)}
    lines = ["---", f"title: {graph.graph['title']}", "---", "flowchart LR"]

    def node(id_: str) -> str:
        style = styles.get(graph.nodes[id_]["kind"])
        opening, closing = MERMAID.get(style.shape if style else "box", MERMAID["box"])
        return f'{number[id_]}{opening}"{str(graph.nodes[id_]["label"]).translate(ENTITIES)}"{closing}'

    grouped = {group: [i for i, of in graph.nodes(data="group") if of == group] for group in graph.graph["groups"]}
    for n, (group, members) in enumerate(grouped.items()):
        label = str(graph.graph["groups"][group]["label"]).translate(ENTITIES)
        lines += [f'  subgraph g{n} ["{label}"]', *(f"    {node(id_)}" for id_ in members), "  end"]
    inside = {id_ for members in grouped.values() for id_ in members}
    lines += [f"  {node(id_)}" for id_ in graph if id_ not in inside]
    for source, target, edge in graph.edges(data=True):
        style = styles.get(edge["kind"])
        stroke = "-.-" if style and style.line != "solid" else "===" if style and style.width > 1 else "---"
        arrow = f"{stroke[:2]}>" if graph.is_directed() and stroke != "-.-" else "-.->" if graph.is_directed() else stroke
        lines.append(f"  {number[source]} {arrow} {number[target]}")
    return ("\n".join(lines) + "\n").encode()
