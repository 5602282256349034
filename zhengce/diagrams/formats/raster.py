"""PNG and PDF, as Graphviz makes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..graphviz import draw

if TYPE_CHECKING:
    from .. import Drawing


def render(drawing: Drawing, form: str) -> bytes:
    """A picture. Raises `DrawingError` when no font here has its characters."""
    return draw(drawing.sheet, form)
