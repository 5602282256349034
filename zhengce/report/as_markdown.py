"""An outline as Markdown: nested lists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..language import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .outline import Line

SIGNS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(title: str, lines: Iterable[Line]) -> str:
    """A heading, then each line as an item with those below it as its list."""
    return "\n".join([f"# {_escaped(title)}", "", *(text for line in lines for text in _items(line))]) + "\n"


def _items(root: Line) -> Iterator[str]:
    for depth, line in root.walk():
        indent = "  " * depth
        yield f"{indent}- {_escaped(line.text)}{_escaped(line.notes)}"
        if line.quote:
            yield f"{indent}  > {_escaped(say('“{quote}”', quote=' '.join(line.quote.split())))}"


def _escaped(text: str) -> str:
    return SIGNS.sub(r"\\\1", text)
