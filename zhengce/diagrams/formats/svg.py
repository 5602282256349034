"""SVG: Graphviz's, with a title that is read out and without the names of its parts, which would show as tips."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree

from ...language import current
from ..graphviz import draw

if TYPE_CHECKING:
    from .. import Drawing
    from ..sheet import Sheet

SPACE = "http://www.w3.org/2000/svg"
LANGUAGE = {"zh": "zh-CN", "en": "en"}


def render(drawing: Drawing, form: str = "svg") -> bytes:
    """The picture as a file of its own."""
    return ElementTree.tostring(element(drawing), encoding="utf-8", xml_declaration=True)  # type: ignore[no-any-return]


def element(drawing: Drawing, sheet: Sheet | None = None) -> ElementTree.Element:
    """The picture as an element; of another sheet than the drawing's where one is given."""
    ElementTree.register_namespace("", SPACE)
    root = ElementTree.fromstring(draw(sheet or drawing.sheet, "svg"))
    for parent in list(root.iter()):
        for child in [child for child in parent if child.tag == f"{{{SPACE}}}title"]:
            parent.remove(child)
        for name in ("id", "{http://www.w3.org/XML/1998/namespace}space"):
            parent.attrib.pop(name, None)
    about = drawing.graph.graph
    title = ElementTree.Element(f"{{{SPACE}}}title")
    title.text = " ".join(filter(None, (about["title"], about["about"], *about["documents"])))
    root.insert(0, title)
    root.attrib |= {"role": "img", "aria-label": title.text, "lang": LANGUAGE[current()]}
    return root
