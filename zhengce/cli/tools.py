"""The commands that are no questions: they compare, draw, make, format and export, and explain what is found wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .batch import batch
from .beginning import explain, init
from .comparison import compare
from .drawing import draw
from .files import export, fmt
from .sources import sources
from .why import why, why_not

if TYPE_CHECKING:
    import click


def tool(name: str) -> click.Command:
    """The command of a tool."""
    made = {"why": why, "why-not": why_not, "compare": compare, "batch": batch, "draw": draw, "sources": sources}
    return (made | {"init": init, "help": explain, "fmt": fmt, "export": export})[name]()
