"""An answer as a networkx graph, as a diagram's file describes it.

Attributes of the graph: `diagram`, `title`, `about` (what was asked for), `documents` (title and number of each), `drawn` (the
day), `groups` (by id), `notes`. Of a node: `kind`, `label`,
`note`, `lines`, `group` (the id of one of `graph["groups"]`), `clauses`, and the attributes that the file names. Of an edge:
`kind`, `label`, `clauses`, `weight`. Texts are in the current language; ids and kinds never are.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

import networkx as nx

from ..errors import DrawingError
from ..language import say, speaking
from ..report.as_text import WIDE_SPACE, Text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path

    from ..questions.diagram import Diagram

    Spec = Mapping[str, Any]
    Graph = nx.DiGraph[str]

Value = TypeVar("Value", Decimal, date)


def build(diagram: Diagram, data: Mapping[str, Any], catalogue: Path) -> Graph:
    """The graph of an answer's data. `catalogue`: the folder of the workspace's words."""
    return _Building(diagram, data, catalogue).graph


def nodes_of(graph: Graph, kind: str) -> list[str]:
    """The nodes of a kind, in the order of the answer."""
    return [id_ for id_, node in graph.nodes(data=True) if node["kind"] == kind]


def edge_kinds(graph: Graph) -> set[str]:
    """The kinds of edges that there are."""
    return {str(edge["kind"]) for _, _, edge in graph.edges(data=True)}


def grouped(graph: Graph, ids: Collection[str]) -> dict[str, list[str]]:
    """Nodes by group, in the order of the groups, those of no group last under an empty name; groups without any left out."""
    groups = graph.graph["groups"]
    found: dict[str, list[str]] = {group: [] for group in (*groups, "")}
    for id_ in ids:
        group = str(graph.nodes[id_]["group"])
        found[group if group in groups else ""].append(id_)
    return {group: members for group, members in found.items() if members}


def value(graph: Graph, id_: str, name: str, type_: type[Value]) -> Value:
    """An attribute that is drawn to scale. Raises `DrawingError` when it is not known, or nothing that has a scale."""
    found = graph.nodes[id_].get(name)
    if type_ is Decimal and isinstance(found, int) and not isinstance(found, bool):
        found = Decimal(found)
    if isinstance(found, type_):
        return found
    label = graph.nodes[id_]["label"]
    if found is None:
        raise DrawingError(say("“{label}”的 {name} 未知，画不出来", label=label, name=name))
    raise DrawingError(say("“{label}”的 {name} 是“{value}”，画不出来", label=label, name=name, value=found))


def note(graph: Graph, text: str) -> None:
    """Write a line below the picture, once however often it is drawn."""
    if text not in graph.graph["notes"]:
        graph.graph["notes"].append(text)


class _Building:
    """A graph while it is made."""

    def __init__(self, diagram: Diagram, data: Mapping[str, Any], catalogue: Path) -> None:
        self.data, self.catalogue = data, catalogue
        self.text = Text(catalogue)
        self.graph: Graph = nx.DiGraph(
            diagram=diagram.name, title=self.text.words(diagram.title), about=self.line(diagram.about, data)
        )
        groups = {self.id(spec["id"], row): self.group(spec, row) for spec in diagram.groups for row in self.rows(spec)}
        self.graph.graph["groups"] = groups
        for spec in diagram.nodes:
            for row in self.rows(spec):
                self.node(spec, row)
        for spec in diagram.edges:
            for row in self.rows(spec):
                self.edge(spec, row)
        options = diagram.options
        self.graph.graph["total"] = self.line(options.get("total", ""), data)
        self.graph.graph["unit"] = self.text.words(options.get("unit", ""))
        self.graph.graph["today"] = data[options["today"]] if "today" in options else None
        self.graph.graph["notes"] = [text for note in diagram.notes if (text := self.line(note, data))]

    def group(self, spec: Spec, row: Spec) -> dict[str, str]:
        return {key: self.line(spec.get(key, ""), row) for key in ("label", "note")}

    def node(self, spec: Spec, row: Spec) -> None:
        """A node; one that stands there already keeps what it has."""
        id_ = self.id(spec["id"], row)
        if id_ in self.graph:
            return
        self.graph.add_node(
            id_,
            kind=self.id(spec["kind"], row),
            label=self.line(spec["label"], row),
            note=self.line(spec.get("note", ""), row),
            lines=[text for line in spec.get("lines", ()) for text in self.line(line, row).split("\n") if text],
            group=self.id(spec.get("group", ""), row),
            clauses=self.clauses(spec, row),
            **{name: row[name] for name in spec.get("attributes", ())},
        )

    def edge(self, spec: Spec, row: Spec) -> None:
        ends = self.id(spec["from"], row), self.id(spec["to"], row)
        weight = row[spec["weight"]] if "weight" in spec else 1
        kind, label = self.id(spec["kind"], row), self.line(spec.get("label", ""), row)
        if (known := self.graph.get_edge_data(*ends)) and known["kind"] != kind:
            names = [self.graph.nodes[end]["label"] for end in ends]
            raise DrawingError(say("“{one}”与“{other}”之间有两种边，画不清楚", one=names[0], other=names[1]))
        if all(end in self.graph for end in ends):
            self.graph.add_edge(*ends, kind=kind, label=label, clauses=self.clauses(spec, row), weight=weight)

    def rows(self, spec: Spec) -> Iterator[Spec]:
        """The rows of a list of the answer, each with the fields around it."""
        found: list[Spec] = [self.data]
        for key in spec["each"].split("."):
            found = [
                {**row, **(item if isinstance(item, dict) else {"item": item})} for row in found for item in row[key] or ()
            ]
        yield from found

    def line(self, spec: Any, row: Spec) -> str:
        return (self.text.line(spec, row) or "").strip(f" {WIDE_SPACE}") if spec else ""

    def clauses(self, spec: Spec, row: Spec) -> list[str]:
        """The clauses that a line names, one or several."""
        with speaking("zh"):
            return list(filter(None, self.line(spec.get("clause", ""), row).split(say("、"))))

    def id(self, spec: str, row: Spec) -> str:
        with speaking("zh"):
            return self.line(spec, row)
