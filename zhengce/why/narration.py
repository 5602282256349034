"""Facts as sentences: the words of a workspace's declarations, filled in."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..language import listed, say
from ..questions import PLACE, parsed
from ..report.as_text import Text
from ..workspace import Gloss

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..workspace import Workspace

ANYTHING = "…"
INNER = str.maketrans("“”", "‘’")


def inner(text: str) -> str:
    """A text as it stands inside quotation marks."""
    return text.translate(INNER)


class Name(dict[str, str]):
    """An id with its name: `id` without the document, `title`. It prints as both."""

    def __str__(self) -> str:
        title = inner(self["title"])
        return say("{id}“{title}”", id=self["id"], title=title) if title else self["id"]


class Narrator(Text):
    """Words the facts of a workspace in the current language."""

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.words)
        self.workspace = workspace
        self.glossary = workspace.glossary
        self.spelt: dict[str, str] = {}

    def fact(self, relation: str, row: Sequence[Any]) -> str:
        """A fact as a sentence; None in the row stands for anything."""
        gloss = self.glossary.get(relation) or Gloss(relation, ())
        return self.filled(gloss.says, gloss, row) or self.plain(gloss, row)

    def other_reading(self, reading: str, value: str) -> str:
        """That another reading of a doubtful place would do."""
        says = next((row[3] for row in self.workspace.facts("reading_option") if row[:2] == (reading, value)), value)
        said = inner(self.words(says))
        return say(
            "换一种读法就会这样：读法 {reading}若取“{value}”（{says}）",
            reading=self.named(reading, True),
            value=value,
            says=said,
        )

    def marked(self, relation: str) -> str:
        """Whether a short proof always has a line for a relation (`shown`), or never (`folded`)."""
        gloss = self.glossary.get(relation)
        return gloss.proof if gloss else ""

    def reading(self, reading: str, value: str) -> str:
        """Which reading of a doubtful place is taken."""
        says = next((row[3] for row in self.workspace.facts("reading_option") if row[:2] == (reading, value)), value)
        said = inner(self.words(says))
        return say("读法 {reading}：采用“{says}”", reading=self.named(reading, True), says=said)

    def absence(self, relation: str, row: Sequence[Any], *, unknown: bool) -> str:
        """That there is no such fact, or that it is not known."""
        gloss = self.glossary.get(relation) or Gloss(relation, ())
        if unknown and (text := self.filled(gloss.unknown, gloss, row)):
            return text
        return say("没有“{fact}”", fact=inner(self.fact(relation, row)))

    def none_of(self, relation: str, row: Sequence[Any]) -> str:
        """That none of what there is, which is told below, is so."""
        return say("没有一项是“{fact}”；有的是", fact=inner(self.fact(relation, row)))

    def filled(self, sentence: str, gloss: Gloss, row: Sequence[Any]) -> str:
        """A sentence with the columns of a row in its places; nothing where there is no sentence."""
        dotted = {path.partition(".")[0] for place in PLACE.finditer(sentence) for path in parsed(place[1])[1] if "." in path}
        values = {c: self.named(v, c in dotted) for c, v in zip(gloss.columns, row, strict=True)}
        return self.line(sentence, values) or "" if sentence else ""

    def plain(self, gloss: Gloss, row: Sequence[Any]) -> str:
        """A fact of a relation that has no sentence."""
        said = listed(str(self.named(value, False)) for value in row)
        return say("{label}：{values}", label=self.words(gloss.label) or gloss.relation, values=said)

    def named(self, value: Any, named: bool) -> Any:
        """A value, an id with its name; with `named` even one that has none. None stands for anything."""
        if value is None:
            value = ANYTHING
        if isinstance(value, str) and (named or "/" in value):
            name = Name(id=value.partition("/")[2] or value, title=self.titles.get(value, ""))
            self.spelt[str(name)] = name["id"]
            return name
        return value

    def shortened(self, text: str, around: str) -> str:
        """A text with only the ids of names that were spelt out around it, or before in it."""
        for name, id_ in self.spelt.items():
            if name in text and name != id_:
                first, _, rest = text.partition(name)
                text = f"{first}{id_ if name in around else name}{rest.replace(name, id_)}"
        return text

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
