"""Facts as sentences: the words of a workspace's declarations, filled in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..language import listed, say
from ..report.as_text import Text
from ..workspace import Gloss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..workspace import Workspace

ANYTHING = "…"


class Name(dict[str, str]):
    """An id with its name: `id` without the document, `title`. It prints as both."""

    def __str__(self) -> str:
        return say("{id}“{title}”", **self) if self["title"] else self["id"]


class Narrator(Text):
    """Words the facts of a workspace in the current language."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.words)
        self.workspace = workspace
        self.glossary = workspace.glossary

    def fact(self, relation: str, row: Sequence[Any]) -> str:
        """A fact as a sentence; None in the row stands for anything."""
        gloss = self.glossary.get(relation) or Gloss(relation, ())
        return self.line(gloss.says, self.columns(gloss, row)) if gloss.says else self.plain(gloss, row)  # type: ignore[return-value]

    def absence(self, relation: str, row: Sequence[Any], *, unknown: bool) -> str:
        """That there is no such fact, or that it is not known."""
        gloss = self.glossary.get(relation) or Gloss(relation, ())
        if unknown and gloss.unknown and (text := self.line(gloss.unknown, self.columns(gloss, row))):
            return text
        return say("没有“{fact}”", fact=self.fact(relation, row))

    def columns(self, gloss: Gloss, row: Sequence[Any]) -> dict[str, Any]:
        """A row by column, ids with their names."""
        return {c: ANYTHING if v is None else self.named(v) for c, v in zip(gloss.columns, row, strict=True)}

    def plain(self, gloss: Gloss, row: Sequence[Any]) -> str:
        """A fact of a relation that has no sentence."""
        said = listed(str(v) for v in self.columns(gloss, row).values())
        return say("{label}：{values}", label=self.words(gloss.label) or gloss.relation, values=said)

    def named(self, value: Any) -> Any:
        if isinstance(value, str) and "/" in value:
            return Name(id=value.partition("/")[2], title=self.titles.get(value, ""))
        return value

    @cached_property
    def titles(self) -> Mapping[str, str]:
        """The names of ids, as the relations with `names` give them."""
        found: dict[str, str] = {}
        for gloss in self.glossary.values():
            if gloss.names and len(gloss.keys) == 1:
                key, name = gloss.columns.index(gloss.keys[0]), gloss.columns.index(gloss.names)
                for row in self.workspace.facts(gloss.relation):
                    found.setdefault(row[key], row[name])
        return found
