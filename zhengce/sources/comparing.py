"""A copy held against the digests recorded: which clauses are other than they were, and what stands on them."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from ..rows import references
from . import clause_of, clauses, recorded
from .cutting import FRONT, digest

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ..datalog.checked import Row
    from ..datalog.syntax import Declaration, Program, Rule
    from ..errors import Span
    from ..workspace import Workspace
    from . import Quotes

    Stood = tuple[Collection["Standing"], Collection["Standing"]]  # facts and rules

UNCHANGED, CHANGED, MISSING, OTHER, UNRECORDED = "unchanged", "changed", "missing", "not-in-workspace", "unrecorded"
ABOUT_DOCUMENTS = "document"  # what the relations of a document as a whole are called, or begin with


class Standing(NamedTuple):
    """A fact (`id`: the one that it is of) or a rule (no `id`) that stands on a clause; `file` as seen from the workspace."""

    relation: str
    id: str
    file: str
    line: int


class Found(NamedTuple):
    """A clause (id without the document, empty for what stands before the first), what became of it, and what it says now."""

    clause: str
    heading: str
    state: str
    text: str
    facts: Collection[Standing] = ()
    rules: Collection[Standing] = ()


def compare(quotes: Quotes) -> dict[str, list[Found]]:
    """By document that there is a copy of: its clauses in the order of the list, what is not in the list at the end."""
    standing = on_clauses(quotes.workspace)
    return {document: list(_found(quotes, document, standing)) for document in quotes.files}


def _found(quotes: Quotes, document: str, standing: Mapping[str, Stood]) -> Iterator[Found]:
    cut, known = quotes.cut(document), recorded(quotes.workspace, document)
    for clause, heading in [(FRONT, ""), *((each.id, each.heading) for each in clauses(quotes.workspace, document))]:
        text = cut.texts.get(clause, "")
        if clause or text or clause in known:
            facts, rules = standing.get(f"{document}/{clause}" if clause else document, ((), ()))
            yield Found(clause, heading, _state(text, known.get(clause)), text, facts, rules)
    yield from (Found(clause, "", OTHER, text) for clause, text in cut.others)


def _state(text: str, known: str | None) -> str:
    if not text:
        return MISSING
    if known is None:
        return UNRECORDED
    return UNCHANGED if digest(text) == known else CHANGED


def on_clauses(workspace: Workspace) -> Mapping[str, Stood]:
    """The facts and the rules that stand on each clause, by its id with the document, or on a document, by its own."""
    program = workspace.rules()
    standing: dict[str, tuple[list[Standing], list[Standing]]] = {}
    for which, pairs in enumerate((_facts(workspace, program), _rules(workspace, program))):
        for clause, fact_or_rule in dict.fromkeys(pairs):
            standing.setdefault(clause, ([], []))[which].append(fact_or_rule)
    for both in standing.values():
        for each in both:
            each.sort(key=lambda one: (one.file, one.line, one.relation))
    return standing


def _facts(workspace: Workspace, program: Program) -> Iterator[tuple[str, Standing]]:
    """Each fact with the clauses whose ids its columns hold, or ids that hang on them."""
    for d in program.declarations:
        about_documents = d.name.partition("_")[0] == ABOUT_DOCUMENTS
        columns = [0] if about_documents else _columns(d)
        for row, span in (workspace.places(d.name) if columns else {}).items():
            ids = [row[i] for i in columns if isinstance(row[i], str)]
            for clause in ids[:1] if about_documents else filter(None, (clause_of(workspace, id_) for id_ in ids)):
                yield clause, _standing(d.name, _short(row, columns), span)


def _columns(d: Declaration) -> list[int]:
    """The columns that hold ids."""
    named = {*d.names("ids"), *(column for column, _, _ in references(d))}
    return [i for i, column in enumerate(d.columns) if column.name in named]


def _short(row: Row, columns: list[int]) -> str:
    return str(row[columns[0]]).partition("/")[2] or str(row[columns[0]])


def _rules(workspace: Workspace, program: Program) -> Iterator[tuple[str, Standing]]:
    """Each rule with the clauses that it cites, by themselves or by one of their readings."""
    points = {row[0]: row[1] for row in workspace.facts("reading_point")}
    for rule in program.rules:
        for clause in _cited(rule, points):
            yield clause, _standing(rule.head.relation, "", rule.span)


def _cited(rule: Rule, points: Mapping[str, str]) -> Iterator[str]:
    for citation in rule.citations:
        if citation.kind == "clause":
            yield citation.text
        elif citation.kind == "reading" and citation.text in points:
            yield points[citation.text]


def _standing(relation: str, id_: str, span: Span) -> Standing:
    return Standing(relation, id_, "/".join(PurePath(span.file).parts[-2:]), span.line)
