"""The commands that ask nothing: they make, format and export workspaces, and explain what is found wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .beginning import explain, init
from .files import export, fmt

if TYPE_CHECKING:
    import click


def tool(name: str) -> click.Command:
    """The command of a tool."""
    return {"init": init, "help": explain, "fmt": fmt, "export": export}[name]()
