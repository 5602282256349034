"""HTML: one file that needs nothing else. The picture, its nodes and edges as data, and a script that searches and shows them.

Names come from files that anybody may edit. They reach the page escaped: as markup only through `_tag`, as data only through
`_json`; the script writes them as text. The page's policy lets it fetch nothing and run no script but its own.
"""

from __future__ import annotations

import json
import re
from base64 import b64encode
from datetime import date
from functools import cached_property
from hashlib import sha256
from html import escape
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

from ...language import current, later, say
from ...questions.diagram import Style
from ..forms import body
from ..frame import framed, titled
from ..palette import DARK, edge_ink, node_ink
from .svg import LANGUAGE, SPACE, element

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .. import Drawing

PLACE = re.compile(r"\{\{(\w+)\}\}")
NODE = re.compile(r"n-(\d+)")
OUTLINES = ("polygon", "ellipse", "path")  # what Graphviz draws a shape with
JOINED = ("columns", "matrix", "network")  # the forms that show edges
UNSAFE = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}
# What the script says; {count} and {name} are filled in there.
WORDS = later(
    {
        "found": "找到 {count} 个",
        "none": "没有找到",
        "more": "还有 {count} 个，请写得细一些",
        "shown": "显示 {name} 和与它相连的 {count} 个",
        "alone": "显示 {name}，没有与它相连的",
        "whole": "显示全图",
        "clauses": "条款",
        "counted": "{name}（{count} 个）",
        "nothing": "按现在的筛选，没有与它相连的",
        "only": "只看{name}",
    }
)


def render(drawing: Drawing, form: str = "html") -> bytes:
    """The page. Raises `DrawingError`."""
    return _Page(drawing).html().encode()


class _Page:
    """A page while it is written. Nodes go by their number in the graph."""

    def __init__(self, drawing: Drawing) -> None:
        self.drawing, self.graph, self.diagram = drawing, drawing.graph, drawing.diagram
        self.number = {id_: n for n, id_ in enumerate(self.graph)}

    def html(self) -> str:
        script = _asset("page.js")
        parts = {
            "lang": LANGUAGE[current()],
            "hash": b64encode(sha256(script.encode()).digest()).decode(),
            "name": escape(titled(self.graph)),
            "about": "".join(_tag("p", text) for text in (*self.graph.graph["documents"], self._drawn_on())),
            "css": _asset("page.css"),
            "size": "--width: {2}; --height: {3}".format(*self.picture.attrib["viewBox"].split()),
            "svg": ElementTree.tostring(self.picture, encoding="unicode"),
            "text": "".join(self.as_text()),
            "data": _json(self.data()),
            "script": script,
            **{key: escape(text) for key, text in self.labels().items()},
        }
        return PLACE.sub(lambda place: parts[place[1]], _asset("page.html"))

    def labels(self) -> dict[str, str]:
        """The words of the template."""
        return {
            "search": say("查找"),
            "hint": say("名称或编号"),
            "key": say("按 / 键到这里"),
            "results": say("查找结果"),
            "show": say("显示"),
            "all": say("全部"),
            "print": say("打印"),
            "back": say("返回全图"),
            "figure": say("全图"),
            "details": say("详情"),
            "as_text": say("文字版"),
            "without": say("没有运行脚本：不能查找和点选，图和文字版都在下面。"),
        }

    def _drawn_on(self) -> str:
        return say("制图 {day}", day=self.graph.graph["drawn"])

    @cached_property
    def picture(self) -> ElementTree.Element:
        """The picture without its head, which the page itself has, each node's shapes together in one element."""
        root = element(self.drawing, framed(*body(self.graph, self.diagram), self.graph, headed=False))
        root.remove(root[0])  # the title, which would show as a tip wherever the pointer is
        for name in ("width", "height"):
            del root.attrib[name]
        root.attrib["preserveAspectRatio"] = "xMinYMin slice"  # on paper, where its height is not its own
        for parent in list(root.iter(f"{{{SPACE}}}g")):
            _together(parent)
        for text in root.iter(f"{{{SPACE}}}text"):
            text.attrib.pop("font-family", None)  # the page's own fonts are the same
        return root

    def data(self) -> dict[str, Any]:
        """What the script works on."""
        used: dict[str, None] = dict.fromkeys(edge["kind"] for _, _, edge in self.graph.edges(data=True))
        drawn = [kind for kind in self.diagram.styles if kind in used] if self.diagram.form in JOINED else []
        return {
            "form": self.diagram.form,
            "directed": self.diagram.options.get("layout") != "ring",
            "arrows": self.diagram.options.get("layout") == "layers",
            "switch": drawn if len(drawn) > 1 else [],
            "kinds": {kind: self.kind(kind) for kind in (*self.diagram.styles, *used) if kind in used},
            "nodes": [self.node(id_) for id_ in self.graph],
            "edges": [self.edge(*edge) for edge in self.graph.edges(data=True)],
            "words": {"comma": say("、"), **{key: say(text) for key, text in WORDS.items()}},
        }

    def node(self, id_: str) -> dict[str, Any]:
        node = self.graph.nodes[id_]
        style, group = self.style(node["kind"]), self.graph.graph["groups"].get(node["group"], {})
        ink = node_ink(style)
        fill, stroke = self.colours.get(self.number[id_], (ink.fill, ink.stroke))
        return {
            "id": id_,
            **{key: node[key] for key in ("label", "note")},
            "lines": self.lines(node),
            "clauses": self.clauses(node["clauses"]),
            "kind": style.label,
            "group": group.get("label", ""),
            "shape": style.shape,
            "fill": fill,
            "stroke": stroke,
        }

    def lines(self, node: dict[str, Any]) -> list[str]:
        """The lines of a node; of a deadline, the day and whether it has passed."""
        options = self.diagram.options
        when = node.get(options.get("when", ""))
        if not isinstance(when, date):
            return list(node["lines"])
        state = self.style(node.get(options.get("state", "")) or "").label
        return [f"{when.isoformat()} {state}".strip(), *node["lines"]]

    def edge(self, source: str, target: str, edge: dict[str, Any]) -> dict[str, Any]:
        return {
            "from": self.number[source],
            "to": self.number[target],
            **{key: edge[key] for key in ("kind", "label", "weight")},
            "clauses": self.clauses(edge["clauses"]),
        }

    def kind(self, kind: str) -> dict[str, Any]:
        style = self.style(kind)
        outward, inward = (text or style.label or say("相连") for text in (style.outward, style.inward))
        look = {"colour": DARK[style.colour], "line": style.line, "width": edge_ink(style).width}
        return {"label": style.label or kind, "outward": outward, "inward": inward, **look}

    def style(self, kind: str) -> Style:
        return self.diagram.styles.get(kind, Style())

    def clauses(self, clauses: list[str]) -> list[str]:
        """Clauses, without the document where there is only one."""
        documents = self.drawing.answer.documents
        return [clause.removeprefix(f"{documents[0]} ") for clause in clauses] if len(documents) == 1 else clauses

    @cached_property
    def colours(self) -> dict[int, tuple[str, str]]:
        """The fill and the stroke that nodes have in the picture, where they are not bars."""
        found: dict[int, tuple[str, str]] = {}
        for group in self.picture.iter(f"{{{SPACE}}}g"):
            for part in group if "data-n" in group.attrib else ():
                shape = next((shape for shape in part if shape.tag.endswith(OUTLINES)), None)
                if shape is not None and "part" not in part.get("class", "").split():
                    found.setdefault(int(group.attrib["data-n"]), (shape.get("fill", "none"), shape.get("stroke", "none")))
        return found

    def as_text(self) -> Iterator[str]:
        """The graph as headings and lists: every node with what it is joined with, by kind."""
        kinds: dict[str, None] = dict.fromkeys(node["kind"] for _, node in self.graph.nodes(data=True))
        for kind in kinds:
            label = self.style(kind).label
            yield _tag("h3", label) if label else ""
            yield "<ul>"
            for id_ in self.graph:
                if self.graph.nodes[id_]["kind"] == kind:
                    yield f"<li>{''.join(self.told(id_))}</li>"
            yield "</ul>"

    def told(self, id_: str) -> Iterator[str]:
        """One node as text."""
        node = self.graph.nodes[id_]
        clauses = say("、").join(self.clauses(node["clauses"]))
        yield _tag("strong", node["label"])
        yield "".join(f" {_tag('span', text)}" for text in (node["note"], clauses) if text and text not in node["label"])
        joined = self.joined(id_)
        if (lines := self.lines(node)) or joined:
            lines += (self.joined_line(heading, others) for heading, others in joined.items())
            yield f"<ul>{''.join(_tag('li', line) for line in lines)}</ul>"

    def joined(self, id_: str) -> dict[str, list[tuple[str, list[str]]]]:
        """What a node is joined with: labels and clauses by the name of the kind as seen from it."""
        found: dict[str, list[tuple[str, list[str]]]] = {}
        joined = [("inward", other, edge) for other, _, edge in self.graph.in_edges(id_, data=True)]
        joined += [("outward", other, edge) for _, other, edge in self.graph.out_edges(id_, data=True)]
        for way, other, edge in joined:
            heading = self.kind(edge["kind"])[way]
            found.setdefault(heading, []).append((self.graph.nodes[other]["label"], self.clauses(edge["clauses"])))
        return found

    def joined_line(self, heading: str, others: list[tuple[str, list[str]]]) -> str:
        told = [
            say("{name}（{clauses}）", name=name, clauses=say("、").join(clauses)) if clauses else name
            for name, clauses in others
        ]
        return say("{label}：{value}", label=heading, value=say("；").join(told))


def _together(parent: ElementTree.Element) -> None:
    """Put shapes that follow one another and are of the same node into an element of their own."""
    children, group = list(parent), None
    for child in children:
        classes = child.get("class", "").split()
        number = next((found[1] for name in classes if "edge" not in classes and (found := NODE.fullmatch(name))), None)
        if number is None:
            group = None
            continue
        if group is None or group.get("data-n") != number:
            at = [name for name in classes if name.startswith("at-")]
            group = ElementTree.Element(f"{{{SPACE}}}g", {"class": " ".join(["one", *at]), "data-n": number})
            parent.insert(list(parent).index(child), group)
        parent.remove(child)
        group.append(child)


def _asset(name: str) -> str:
    return files("zhengce.diagrams").joinpath("page", name).read_text(encoding="utf-8")


def _tag(name: str, text: str) -> str:
    return f"<{name}>{escape(text)}</{name}>"


def _json(data: Any) -> str:
    """JSON that holds no character which could end the element that it stands in."""
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).translate(UNSAFE)
