"""What a question about reasons needs at hand: the facts, the rules and the model, and what people call all of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ask import Asking
from ..cases.assumed import FILE as ASSUMED
from ..datalog import values
from ..datalog.checked import plain_row
from ..engines import engine as engine_by_name
from ..errors import from_here
from ..language import say
from ..measures import with_links
from ..proof.building import Prover
from ..questions import readings_used
from ..readings import in_force
from ..sentences import subject
from ..shaping import place_of
from .narration import Narrator

if TYPE_CHECKING:
    from ..cases import Case
    from ..datalog.checked import CheckedProgram, Model, Row
    from ..proof.changes import Change
    from ..proof.matching import Pattern
    from ..report.outline import Line
    from ..sources import Quotes
    from ..workspace import Workspace
    from .effects import Effects


class Standing(NamedTuple):
    """Where a fact is stated and by what it is shown; `own`: the case, or the question itself, states it."""

    file: str = ""
    line: int = 0
    evidence: str = ""
    own: bool = False

    @property
    def place(self) -> str:
        if self.file == ASSUMED:
            return say("假设")
        file = PurePath(self.file).name if self.own else self.file
        return say("{file} 第{line}行", file=file, line=self.line) if self.file else ""


CONFLICT, CITY, CHOSEN = "conflict", "city", "reading_chosen"


class Asked:
    """One question about reasons: `program` is what the relations asked about need, `facts` what it starts from.

    `chosen`: the readings by id, as asked for; `values`: what the arguments give, by column.
    """

    def __init__(self, asking: Asking, chosen: Mapping[str, str], relations: Collection[str]) -> None:
        self.asking, self.chosen = asking, dict(chosen)
        self.workspace: Workspace = asking.workspace
        self.case: Case | None = asking.case
        self.relations = relations
        self.narrator = Narrator(self.workspace)
        self.quotes: Quotes | None = None
        self.values: Mapping[str, Any] = {}

    def said(self, relation: str, row: Sequence[Any]) -> str:
        """A plain row as a sentence."""
        return self.narrator.fact(relation, row)

    @cached_property
    def program(self) -> CheckedProgram:
        whole = self.workspace.whole
        wanted = {*self.relations} | ({CONFLICT} & whole.relations.keys() if self.case else set())
        return whole.below(with_links(frozenset(wanted), whole.below(wanted).relations))

    @cached_property
    def facts(self) -> Mapping[str, Collection[Row]]:
        return self.facts_under({})

    def facts_under(self, readings: Mapping[str, str]) -> Mapping[str, Collection[Row]]:
        """All facts, under other readings. Raises `ContradictionError` where the case contradicts them."""
        return self.asking.all_facts(self.program, self.asking.facts({**self.chosen, **readings}))

    @cached_property
    def model(self) -> Model:
        return self.model_of(self.facts)

    def model_of(self, facts: Mapping[str, Collection[Row]]) -> Model:
        return engine_by_name(self.asking.engine)(self.program, facts)

    @cached_property
    def prover(self) -> Prover:
        words = self.workspace.glossary
        unknown = {name: subject(gloss.unknown, gloss.columns) for name, gloss in words.items() if gloss.unknown}
        return Prover(self.program, self.facts, self.model.rows, unknown=unknown, order=self.order)

    def order(self, value: Any) -> Any:
        """What to sort a value by: ids in the order of the documents."""
        return place_of(value, self.workspace.clause_order)

    def pattern(self, relation: str, values: Mapping[str, Any]) -> Pattern:
        """A pattern with these values by column."""
        return tuple(values.get(column) for column in self.program.relations[relation].columns)

    def matching(self, relation: str, pattern: Pattern) -> list[Row]:
        """The rows that match a pattern, in the order of the documents."""
        found = self.prover.search.rows.like(relation, pattern)
        return sorted(found, key=lambda row: [self.order(value) for value in row])

    def key(self, relation: str) -> tuple[int, ...]:
        return self.program.relations[relation].key

    def plain(self, relation: str, row: Row) -> Row:
        return plain_row(row, self.program.relations[relation].types)

    def plain_pattern(self, relation: str, pattern: Pattern) -> Pattern:
        types = self.program.relations[relation].types
        return tuple(None if v is None else values.decode(v, t) for v, t in zip(pattern, types, strict=True))

    def fixed(self, change: Change) -> str:
        """Why nobody can make a change; nothing where somebody can. What was not known may be found out."""
        if not self.case:
            return say("文件所定")
        found_out = change.before is None and self.is_open(change.relation)
        return "" if found_out else self.workspace.say(self.workspace.glossary[change.relation].fixed)

    def is_open(self, relation: str) -> bool:
        """Whether no row of a relation means that something is not known."""
        return bool(self.workspace.glossary[relation].unknown)

    def is_about(self, reading: str) -> bool:
        """Whether a reading is of the document that a case is about; without a case all are."""
        return not self.case or reading.startswith(f"{self.case.document}/")

    @cached_property
    def readings(self) -> list[tuple[str, str]]:
        """The readings that the rules consult, with the values that are in force."""
        used = in_force(self.model, self.case.city if self.case else None)
        consulted = readings_used(self.program.rules) & used.keys()
        return [(r, used[r]) for r in sorted(consulted, key=self.order) if self.is_about(r)]

    def effects(self, relation: str, row: Row) -> Effects:
        from .effects import Effects

        return Effects(self, relation, row)

    def encoded(self, relation: str, row: Row) -> Row:
        types = self.program.relations[relation].types
        return tuple(v if v is None else values.encode(v, t) for v, t in zip(row, types, strict=True))

    @cached_property
    def inputs(self) -> frozenset[str]:
        """The relations that could say something else: what cases fill; without a case, what the documents state."""
        if self.case:
            return frozenset(self.case.facts) - {CITY, CHOSEN}
        derived = {name for relations, _, _ in self.program.outline for name in relations}
        return frozenset(name for name in self.program.relations if name not in derived and self.workspace.places(name))

    # -- what stands behind a fact --

    def changed(self, changes: Iterable[Change]) -> str:
        """Changes in words."""
        return say("，").join(map(self.change, changes))

    def change(self, change: Change) -> str:
        before, after = (None if row is None else self.plain(change.relation, row) for row in change[1:])
        if after is not None:
            return self.narrator.fact(change.relation, after)
        return self.narrator.absence(change.relation, before or (), unknown=False)

    def standing(self, relation: str, row: Row) -> Standing:
        """Where a given fact, a plain row, is stated."""
        inside = self.encoded(relation, row)
        if self.case and (span := self.case.where(relation, inside)):
            return Standing(self.file(span.file), span.line, self.case.evidence(relation, inside), own=True)
        if span := self.workspace.places(relation).get(inside):
            return Standing(self.file(span.file), span.line)
        return Standing(own=relation in self.asking.given)

    def file(self, name: str) -> str:
        """A file's name as people know it: from the workspace's folder on, or as one would type it."""
        with suppress(ValueError):
            return PurePath(name).relative_to(self.workspace.root).as_posix()
        return from_here(name)

    def cited(self, row: Row) -> tuple[str, ...]:
        """The clauses that the ids in a row are, or hang on, without those that stand above another."""
        ids = (self.clause(value) for value in row if isinstance(value, str) and "/" in value)
        found = tuple(dict.fromkeys(clause for clause in ids if clause))
        above = {clause for each in found for clause in self.lineage(each)[:-1]}
        return tuple(clause for clause in found if clause not in above)

    def quoted(self, line: Line) -> Line:
        """An outline in which the first line that cites a clause quotes it, as far as there is a copy of its document."""
        seen: set[str] = set()
        for _, one in line.walk() if self.quotes else ():
            for clause in one.clauses:
                found = self.clause(clause)
                if found and found not in seen and not one.quote and self.quotes is not None:
                    seen.add(found)
                    one.quote = self.quotes.quote(found)
        return line

    def clause(self, id_: str) -> str:
        while id_ and id_ not in self.workspace.clause_order:
            id_ = id_.rpartition(".")[0]
        return id_

    def above(self, clauses: Iterable[str]) -> tuple[str, ...]:
        """The clause that stands over all of these; their documents' outermost ones where they have none in common."""
        ways = [self.lineage(clause) for clause in dict.fromkeys(clauses) if clause in self.parents]
        common = [c for c in ways[0] if all(c in way for way in ways)] if ways else []
        return tuple(common[-1:]) or tuple(dict.fromkeys(way[0] for way in ways))

    def lineage(self, clause: str) -> list[str]:
        """A clause and all those above it, outermost first."""
        found: list[str] = []
        while clause:
            found.insert(0, clause)
            clause = self.parents.get(clause, "")
        return found

    @cached_property
    def parents(self) -> Mapping[str, str]:
        return {row[0]: row[2] for row in self.workspace.facts("clause")}
