"""A case file to facts: what is known of one city at one date.

    file ──texts──▶ Written ──names──▶ known keys only ──shape──▶ Shape ──meaning──▶ Case

`Written` is the file as it stands, with the place of everything and the errors so far. What is wrong is reported and
dropped from it, so that the rest is still read and all errors come at once. What stands under `facts:` only the workspace's
declarations know: `own` reads it as a document's facts are read.
`writing` goes the other way, from facts to the text of a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import CaseError, CaseTextError, Span, ZhengceError, raise_all
from ..rows import Statable
from ..texts import Node, full_width_hint, parse_yaml, read_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path
    from typing import Any

    from ..datalog.checked import Row
    from .assumed import Assumption
    from .where import Places

    Member = Node | tuple[Node, Node]

Listed = tuple[str, Span]
Steps = tuple[str | int, ...]  # of keys and, from 0, items of lists


@dataclass(frozen=True, eq=False)
class Case:
    """A case that was read: its facts as engines keep them, and where each thing stands in its file.

    `expect` holds the plain values of the `expect:` block, which are nobody's facts.
    """

    city: str
    document: str
    path: str
    source: str = field(repr=False)
    facts: dict[str, set[Row]] = field(repr=False)
    expect: dict[str, Any] = field(repr=False)
    _written: Written = field(repr=False)
    _listed: Mapping[str, list[Listed]] = field(repr=False)
    _fields: Steps = field(repr=False)
    _places: Places = field(repr=False)

    def place(self, section: str, key: str = "", item: int = 0) -> Span:
        """Where a thing stands, or the nearest thing around it that does.

        Args:
            section: a top-level key of the file.
            key: an entry of the section: an id (with or without its document), a metric, a kind, an institution.
            item: the number of a thing within the entry, from 1.
        """
        key = key.removeprefix(f"{self.document}/")
        if rows := [span for name, span in self._listed.get(section, ()) if key and name == key]:
            return rows[item - 1 if item <= len(rows) else 0]
        home = self._fields if section == "fields" else (section,)
        return self._written.place(*home, *([key] if key else ()), *([item - 1] if item else ()))

    @property
    def assumed(self) -> tuple[Assumption, ...]:
        """What was assumed of it, in the order given."""
        return tuple(self._written.assumed)

    def text(self, span: Span) -> str:
        """The text in which a place lies: the file, a table beside it, or what was assumed."""
        return self._written.sources.get(span.file, self.source)

    def where(self, relation: str, row: Row) -> Span | None:
        """The place of a fact, in the file or in a table beside it; None when it does not come from there.

        `row`: with the city, values as engines keep them, as in `facts`.
        """
        known = row in self.facts.get(relation, ())
        return self._places.where(relation, row, self.document) if known else None

    def evidence(self, relation: str, row: Row) -> str:
        """The `evidence:` of the answer that a fact comes from; empty where there is none."""
        known = row in self.facts.get(relation, ())
        return self._places.evidence(relation, row, self.document) if known else ""


class Written:
    """A case file as it stands: its tree, where nothing blank is left in a list, and what is wrong with it so far."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = read_text(path, CaseTextError)
        self.root = without_blanks(parse_yaml(self.source, str(path), CaseTextError))
        self.sources = {str(path): self.source}
        self.errors: list[ZhengceError] = []
        self.dropped: set[str | int] = set()
        self.assumed: list[Assumption] = []

    def find(self, *path: str | int) -> tuple[Node, Node]:
        """The key and the value at the path, or of the deepest thing on the way to it; an item of a list is both.

        A step that leads nowhere is passed over.
        """
        found = self.root, self.root
        for _, member in self._way(path):
            found = (member, member) if isinstance(member, Node) else member
        return found

    def place(self, *path: str | int) -> Span:
        """The place of a key, or of an item of a list; line 1 where not even the first step is found."""
        key, _ = self.find(*path)
        return Span(str(self.path), 1, 1) if key is self.root else key.span

    def keys(self, *path: str) -> list[Node]:
        """The keys of the mapping at the path; none where there is no mapping."""
        node = self.root
        for step in path:
            node = next((value for key, value in _pairs(node) if key.text == step), Node("", "scalar", node.span))
        return [key for key, _ in _pairs(node)]

    def fail(self, path: Steps, message: str, hint: str = "", *, at_key: bool = False) -> None:
        key, value = self.find(*path)
        self.fail_at((key if at_key else value).span, message, hint)

    def fail_at(self, span: Span, message: str, hint: str = "") -> None:
        """An error at a place of this file, or of a table beside it."""
        source = self.sources[span.file]
        self.errors.append(CaseError(message, span=span, hint=hint or full_width_hint(source, span), source=source))

    def drop(self, *paths: Steps) -> None:
        """Take out what stands at each path, or the deepest thing on the way to it."""
        self.dropped |= {path[0] for path in paths}
        ends = [list(self._way(path))[-1] for path in paths]
        for members, member in ends:
            members[:] = [other for other in members if other is not member]

    def _way(self, path: Steps) -> Iterator[tuple[list[Member], Member]]:
        """Each member on the way, with the list that holds it."""
        node = self.root
        for step in path:
            if (member := _member(node, step)) is not None:
                yield node.value, member  # type: ignore[misc]
                node = member if isinstance(member, Node) else member[1]


def read_case(
    path: Path,
    known: Mapping[str, Collection[Row]],
    statable: Callable[[], Statable] = Statable,
    assume: Mapping[str, Any] | None = None,
) -> Case:
    """The case in a file.

    Args:
        path: the YAML file; a table that it names lies beside it.
        known: the documents' facts by relation, which give every name that a case may use.
        statable: the relations of the workspace's own that may stand under `facts:`; called when there is such a key.
        assume: what is to be taken for granted of it, by id, whatever the file says: see `assumed`. The file is not touched.

    Raises:
        CaseError: everything that is wrong in the file, each with its place and a hint.
    """
    from .meaning import meaning

    written = Written(path)
    if assume:
        from .assumed import assume as put

        put(written, known, statable, assume)
    case = meaning(written, known, statable)
    raise_all(written.errors)
    return case


def is_blank(node: Node) -> bool:
    return node.kind == "scalar" and (node.is_null or not node.text.strip())


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return node.pairs if node.kind == "mapping" else []


def _member(node: Node, step: str | int) -> Member | None:
    if node.kind == "mapping":
        return next((pair for pair in node.pairs if pair[0].text == step), None)
    return node.items[step] if node.kind == "list" and isinstance(step, int) and step < len(node.items) else None


def without_blanks(node: Node) -> Node:
    """Blank items of a list are taken out of it. A list of nothing else says nothing: it is left out, not empty.

    The nodes are changed in place: hardly any has blanks, and to copy 100,000 takes as long as to parse them.
    """
    if node.kind == "mapping":
        for i, (key, value) in enumerate(node.pairs):
            if (said := without_blanks(value)) is not value:
                node.pairs[i] = key, said
    elif node.kind == "list" and node.items:
        node.items[:] = [without_blanks(item) for item in node.items if not is_blank(item)]
        return node if node.items else Node("", "scalar", node.span)
    return node
