"""The forms that a diagram can have. Each module has `body(graph, diagram) -> (Sheet, keys of the legend)`."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...questions.diagram import Diagram
    from ..frame import Key
    from ..graph import Graph
    from ..sheet import Sheet


def body(graph: Graph, diagram: Diagram) -> tuple[Sheet, list[Key]]:
    """A graph in the form that its diagram has."""
    return import_module(f".{diagram.form}", __package__).body(graph, diagram)  # type: ignore[no-any-return]
