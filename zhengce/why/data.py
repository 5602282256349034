"""Explanations and remedies as data: stable keys, a version, plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..proof import VERSION

if TYPE_CHECKING:
    from ..datalog.syntax import Rule
    from ..proof import Item, Proof, Step
    from ..proof.changes import Change, Sets
    from . import Explanation, Remedies
    from .asked import Asked
    from .effects import Effect
    from .remedies import Remedy, Way

    Data = dict[str, Any]


def explained(explanation: Explanation) -> Data:
    """The proofs of an explanation."""
    teller = _Telling(explanation.asked)
    proofs = [
        {
            "steps": list(teller.steps(proof, explanation.effects(proof))),
            "others": [{"steps": list(teller.steps(other, {}))} for other in proof.others],
        }
        for proof in explanation.proofs
    ]
    return {"version": VERSION, "question": explanation.question or None, "proofs": proofs}


def proved(asked: Asked, proof: Proof) -> list[Data]:
    """The steps of a proof."""
    return list(_Telling(asked).steps(proof, {}))


def remedied(remedies: Remedies) -> Data:
    """The ways to what was wanted."""
    teller = _Telling(remedies.asked)
    return {"version": VERSION, "question": remedies.question or None, "goals": [teller.remedy(r) for r in remedies.found]}


class _Telling:
    def __init__(self, asked: Asked) -> None:
        self.asked, self.narrator = asked, asked.narrator

    def steps(self, proof: Proof, effects: dict[int, list[Effect]]) -> Iterator[Data]:
        for number, step in enumerate(proof.steps):
            found = self.step(step) | ({"effects": [self.effect(e, proof.goal.relation) for e in effects.get(number, ())]})
            found["quote"] = self.quote(found)
            yield {"number": number} | {key: value for key, value in found.items() if value not in (None, "", [], {})}

    def quote(self, step: Data) -> str:
        """The words of the first clause that a step cites."""
        cited = [*step.get("clauses", ()), *step.get("rule", {}).get("clauses", ())]
        quotes = self.asked.quotes
        return next((text for clause in cited if quotes and (text := quotes.quote(clause))), "")

    def step(self, step: Step) -> Data:
        match step.kind:
            case "comparison":
                return {"kind": step.kind, "text": step.text, "with": dict(step.values)}
            case "sum":
                items = [self.item(item) for item in step.items]
                return {"kind": step.kind, "text": step.text, "function": step.function, "value": step.value} | {"items": items}
            case "given":
                return {"kind": step.kind, **self.fact(step), **self.stated(step.relation, step.row)}
            case "absent" | "unknown":
                says = self.narrator.absence(step.relation, step.row, unknown=step.kind == "unknown")
                return {"kind": step.kind, **self.fact(step), "says": says, "parts": list(step.parts)}
        assert step.rule is not None
        more = {"rule": rule(step.rule, self.asked), "with": dict(step.values), "parts": list(step.parts), "ways": step.ways}
        return {"kind": step.kind, **self.fact(step), "clauses": list(self.asked.cited(step.row)), **more}

    def fact(self, step: Step) -> Data:
        return {"relation": step.relation, "row": list(step.row), "says": self.narrator.fact(step.relation, step.row)}

    def stated(self, relation: str, row: tuple[Any, ...]) -> Data:
        standing = self.asked.standing(relation, row)
        place = {"file": standing.file, "line": standing.line} if standing.file else None
        return {"place": place, "evidence": standing.evidence, "clauses": list(self.asked.cited(row))}

    def item(self, item: Item) -> Data:
        return {"value": item.value, "with": dict(item.values), "parts": list(item.parts)}

    def effect(self, effect: Effect, relation: str) -> Data:
        row = None if effect.row is None else list(self.asked.plain(relation, effect.row))
        changes = [self.change(change) for change in effect.changes]
        said = {"differs": effect.differs, "contradicts": effect.contradicts, "row": row}
        return ({"reading": effect.under} if effect.under else {"changes": changes}) | said

    def change(self, change: Change) -> Data:
        rows = [None if row is None else list(self.asked.plain(change.relation, row)) for row in change[1:]]
        return {"relation": change.relation, "before": rows[0], "after": rows[1]}

    def remedy(self, remedy: Remedy) -> Data:
        plain, says = self.asked.plain_pattern, self.narrator.fact
        wanted = plain(remedy.relation, remedy.wanted)
        now = None if remedy.now is None else list(plain(remedy.relation, remedy.now))
        rules = [self.rule(sets, ways) for sets, ways in remedy.ways]
        readings = [{"reading": reading, "value": value} for reading, value in remedy.readings]
        said = {"relation": remedy.relation, "wanted": list(wanted), "says": says(remedy.relation, wanted)}
        return {**said, "now": now, "rules": rules, "readings": readings}

    def rule(self, sets: Sets, ways: list[Way]) -> Data:
        number = sets.rule
        cited = None if number is None else rule(self.asked.program.rules[number], self.asked)
        said = {"rule": cited, "least": sets.least, "searched": sets.searched}
        return {**said, "ways": [self.way(way) for way in ways]}

    def way(self, way: Way) -> Data:
        changes = []
        for change in way.changes:
            stated = self.asked.plain(change.relation, change.before) if change.before is not None else None
            place = self.stated(change.relation, stated)["place"] if stated is not None else None
            fixed = self.asked.fixed(change) or None
            changes.append({**self.change(change), "place": place, "fixed": fixed})
        return {"changes": changes, "others": way.others}


def rule(rule: Rule, asked: Asked) -> Data:
    """A rule by its place and what it cites."""
    cited = {f"{kind}s": [c.text for c in rule.citations if c.kind == kind] for kind in ("clause", "reading", "method")}
    return {"file": asked.file(rule.span.file), "line": rule.span.line, **{key: texts for key, texts in cited.items() if texts}}
