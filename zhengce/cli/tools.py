"""The commands that ask nothing: they make, format and export workspaces, and explain what `check` finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .files import export, fmt

if TYPE_CHECKING:
    import click


def tool(name: str) -> click.Command:
    """The command of a tool."""
    return {"fmt": fmt, "export": export}[name]()
