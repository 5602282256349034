"""The commands that are no questions: they compare, draw, make, format and export, and explain what is found wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .beginning import explain, init
from .comparison import compare
from .drawing import draw
from .files import export, fmt

if TYPE_CHECKING:
    import click


def tool(name: str) -> click.Command:
    """The command of a tool."""
    return {"compare": compare, "draw": draw, "init": init, "help": explain, "fmt": fmt, "export": export}[name]()
