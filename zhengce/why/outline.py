"""A proof as an outline for people: in full, or short, with arithmetic and bookkeeping folded.

Short, a step that only our own method gives is left out and what it stands on takes its place; comparisons go, and so do
absences on which no clause turns, what the documents state where a case is asked about, and the items of a sum that bring
nothing and are of a relation that is folded. What is left reads like a ledger.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ..language import listed, say
from ..report.outline import Line

if TYPE_CHECKING:
    from ..proof import Proof, Step
    from .asked import Asked

FEW = 1
ABSORBED = ("given", "unknown", "absent")


class Teller:
    """Makes the outlines of proofs.

    Args:
        case: whether the question is about a case, and what the documents state goes unsaid.
        full: whether nothing is folded.
        zeros: whether items of sums that bring nothing have a line too.
    """

    def __init__(self, asked: Asked, *, case: bool, full: bool, zeros: bool = False) -> None:
        self.asked, self.narrator = asked, asked.narrator
        self.case, self.full, self.zeros = case, full, zeros

    def line(self, proof: Proof, notes: Mapping[int, str]) -> Line:
        """The outline of a proof. `notes`: a line to put below a step."""
        told = _Telling(self, proof, notes, self.case or self.is_own(proof))
        for number in range(len(proof.steps) - 1, -1, -1):
            told.tell(number)
        return self.asked.quoted(_once(told.whole[0], self.narrator.shortened, again=self.full))

    def is_own(self, proof: Proof) -> bool:
        """Whether a proof stands on anything that the case says."""
        given = (step for step in proof.steps if step.kind == "given" and self.narrator.marked(step.relation) != "folded")
        return any(self.asked.standing(step.relation, step.row).own for step in given)


class _Telling:
    """One proof being told, from its last step to its first. `whole`: each step's own line; `shown`: what stands for it."""

    def __init__(self, teller: Teller, proof: Proof, notes: Mapping[int, str], own: bool) -> None:
        self.teller, self.steps, self.notes, self.own = teller, proof.steps, notes, own
        self.whole: dict[int, Line] = {}
        self.shown: dict[int, list[Line]] = {}
        self.folded: dict[int, frozenset[int]] = {}

    def tell(self, number: int) -> None:
        step = self.steps[number]
        line = self.whole[number] = Line(self.text(step), step.kind, number=number)
        match step.kind:
            case "given":
                self.given(step, line)
            case "sum":
                line.lines = [self.whole[part] for item in step.items for part in item.parts]
            case "comparison":
                pass
            case "absent" | "unknown":
                line.alone = self.teller.narrator.absence(step.relation, step.row, unknown=step.kind == "unknown")
                line.lines = self.compact([below for part in step.parts for below in self.shown[part]])
            case _:
                self.derived(step, line)
        if number in self.notes:
            line.lines = [*line.lines, Line(self.notes[number], "note")]
        self.shown[number] = [line] if self.stands(number, step) else line.lines
        inside = (part for part in step.parts if self.whole[part] not in self.shown[part])
        self.folded[number] = frozenset({number}.union(*(self.folded[part] for part in inside)))

    def given(self, step: Step, line: Line) -> None:
        standing = self.teller.asked.standing(step.relation, step.row)
        line.place, line.evidence = standing.place, standing.evidence
        line.clauses = self.teller.asked.cited(step.row)

    def derived(self, step: Step, line: Line) -> None:
        line.lines = self.compact(list(self.below(step))) or self.compact(list(self.instead(step)))
        if not self.teller.full and self.marked(step) == "shown" and len(line.lines) == 1:
            (one,) = line.lines
            if one.number is not None and self.marked(self.steps[one.number]) == "shown":
                line.text, line.lines, line.place, line.evidence = one.text, one.lines, one.place, one.evidence
        assert step.rule is not None
        cited = tuple(c.text for c in step.rule.citations if c.kind != "method")
        line.evidence = line.evidence or (_method(step) if cited else "")
        own = self.teller.asked.cited(step.row)
        line.clauses = tuple(dict.fromkeys((*own, *cited))) or self.teller.asked.above(_all_cited(line.lines))

    def instead(self, step: Step) -> Iterator[Line]:
        """What there is for the absences of a step that always has a line: where it stands on nothing else."""
        for part in step.parts if self.marked(step) == "shown" else ():
            if self.steps[part].kind == "absent":
                yield from (line for number in self.steps[part].parts for line in self.shown[number])

    def marked(self, step: Step) -> str:
        """Whether the rules want a line for it always (`shown`), never (`folded`), or say nothing."""
        return self.teller.narrator.marked(step.relation)

    def stands(self, number: int, step: Step) -> bool:
        """Whether a step has a line of its own."""
        if self.teller.full or number == 0:
            return True
        if (marked := self.marked(step)) in ("shown", "folded"):
            return marked == "shown"
        match step.kind:
            case "given":
                return not self.own or self.teller.asked.standing(step.relation, step.row).own
            case "comparison" | "sum":
                return False
            case "derived":
                return _turns_on_a_text(step) or (len(self.items(step)) > FEW and bool(self.whole[number].lines))
            case _:
                return True

    # -- what is below a derived step --

    def below(self, step: Step) -> Iterator[Line]:
        if self.teller.full:
            yield from (self.whole[part] for part in step.parts)
            return
        told = {part for part in step.parts if self.is_told(step, self.steps[part])}
        instead = {p for part in told for p in self.steps[part].parts}
        for part in step.parts:
            one = self.steps[part]
            if one.kind == "absent" and part not in told:
                yield from (line for p in one.parts if self.steps[p].kind == "reading" for line in self.shown[p])
            elif one.kind != "sum" and part not in instead:
                yield from self.shown[part]
        items = self.items(step)
        for parts, brings in items.items():
            if brings or self.teller.zeros or not self.is_folded(parts):
                yield from self.item(parts, alone=len(items) <= FEW and not self.is_sum(step))

    def is_told(self, step: Step, part: Step) -> bool:
        """Whether an absence is worth a line: where the rule turns on a text, or where what there is instead always has one."""
        shown = bool(part.parts) and self.marked(part) == "shown"
        return part.kind in ("absent", "unknown") and (_turns_on_a_text(step) or shown or part.kind == "unknown")

    def items(self, step: Step) -> dict[tuple[int, ...], bool]:
        """The items of all sums of a step, by what they stand on, and whether they bring anything.

        Those that stand on the same are one, and one that another stands on without a line of its own is in that.
        """
        found: dict[tuple[int, ...], bool] = {}
        for part in step.parts:
            for item in self.steps[part].items:
                found[item.parts] = found.get(item.parts, False) or item.value != 0 or self.steps[part].function != "sum"
        inside = {parts: self.main(parts) for parts in found}
        covered = {n for main in inside.values() if main is not None for n in self.folded[main] - {main}}
        return {parts: brings for parts, brings in found.items() if inside[parts] not in covered}

    def is_folded(self, parts: tuple[int, ...]) -> bool:
        """Whether an item is of a relation that has no lines of its own: it goes unsaid when it brings nothing."""
        main = self.main(parts)
        return main is not None and self.marked(self.steps[main]) == "folded"

    def is_sum(self, step: Step) -> bool:
        return any(self.steps[part].function == "sum" for part in step.parts)

    def main(self, parts: tuple[int, ...]) -> int | None:
        """The fact that an item is."""
        return next((p for p in parts if self.steps[p].kind == "derived"), parts[0] if parts else None)

    def item(self, parts: tuple[int, ...], *, alone: bool) -> Iterator[Line]:
        """An item of a sum: the derived fact that it is, with the rest below it; what that stands on, where it is alone."""
        main = self.main(parts)
        rest = [line for part in parts if part != main for line in self.shown[part]]
        shown = [] if main is None else self.shown[main]
        folded = main is not None and (self.steps[main].kind != "derived" or self.marked(self.steps[main]) == "folded")
        if main is None or alone or (folded and len(shown) <= FEW):
            yield from [*shown, *rest]
        else:
            line = self.whole[main]
            yield replace(line, lines=line.lines + rest) if rest else line

    def compact(self, lines: list[Line]) -> list[Line]:
        """Short: what has nothing below it goes into the line above, or, of one kind, into one line."""
        lines = list({(line.text if line.kind == "unknown" else id(line)): line for line in lines}.values())
        if self.teller.full:
            return lines
        lines = _hoisted(lines)
        bare: dict[str, list[Line]] = {}
        for line in lines:
            if not line.lines and not line.place and line.kind == "derived" and line.number is not None:
                bare.setdefault(self.steps[line.number].relation, []).append(line)
        joined = {id(line) for same in bare.values() if len(same) > FEW for line in same}
        kept = [_absorbed(line) if self.takes_in(line) else line for line in lines if id(line) not in joined]
        return kept + [_joined(same) for same in bare.values() if len(same) > FEW]

    def takes_in(self, line: Line) -> bool:
        """Whether there is only one thing below a line, and it needs no line of its own."""
        if len(line.lines) != 1 or line.place:
            return False
        (one,) = line.lines
        if one.kind == "note":
            return line.kind == "reading"
        if one.kind in ABSORBED:
            return all(below.kind == "note" for below in one.lines)
        return one.kind == "derived" and one.number is not None and not self.marked(self.steps[one.number])

    # -- words --

    def text(self, step: Step) -> str:
        narrator = self.teller.narrator
        match step.kind:
            case "absent" | "unknown":
                text = narrator.absence(step.relation, step.row, unknown=step.kind == "unknown")
                others = any(self.steps[part].relation == step.relation for part in step.parts)
                return narrator.none_of(step.relation, step.row) if others and not self.teller.full else text
            case "sum":
                return say("{sum} 是 {value}", sum=step.text, value=step.value)
            case "comparison":
                values = listed(f"{name} = {value}" for name, value in step.values.items() if name[0] != "$")
                return say("{comparison}（{values}）", comparison=step.text, values=values) if values else step.text
            case "reading":
                return narrator.reading(*step.row[-2:])
            case _:
                return narrator.fact(step.relation, step.row)


def _hoisted(lines: list[Line]) -> list[Line]:
    """Readings that several lines stand on, once beside these lines."""
    found: dict[int | None, list[Line]] = {}
    for line in lines:
        for below in line.lines:
            if below.kind == "reading":
                found.setdefault(below.number, []).append(below)
    shared = {number: same[0] for number, same in found.items() if len(same) > FEW}
    if not shared:
        return lines
    kept = [replace(line, lines=[below for below in line.lines if below.number not in shared]) for line in lines]
    return kept + [line for number, line in shared.items() if number not in {line.number for line in lines}]


def _turns_on_a_text(step: Step) -> bool:
    """Whether a rule rests on a clause or a reading, not only on our own method."""
    return step.rule is not None and any(c.kind != "method" for c in step.rule.citations)


def _method(step: Step) -> str:
    """What a rule that cites a clause says of itself."""
    return listed(c.text for c in step.rule.citations if c.kind == "method") if step.rule else ""


def _all_cited(lines: Iterable[Line]) -> Iterator[str]:
    return (clause for line in lines for clause in line.clauses)


def _absorbed(line: Line) -> Line:
    """A line that takes in the only thing below it, and has then below it what stood below that."""
    (one,) = line.lines
    clauses = tuple(dict.fromkeys((*line.clauses, *one.clauses)))
    text = say("{line}：{below}", line=line.text, below=one.text)
    return replace(line, text=text, clauses=clauses, place=one.place, evidence=one.evidence, lines=one.lines)


def _joined(lines: list[Line]) -> Line:
    clauses = tuple(dict.fromkeys(_all_cited(lines)))
    numbers = tuple(line.number for line in lines if line.number is not None)
    return Line(say("；").join(line.text for line in lines), "joined", clauses, of=numbers)


def _once(line: Line, shortened: Callable[[str, str], str], *, again: bool) -> Line:
    """The same outline, where what was shown in full before is only named again, a name is spelt out once on the way, and what
    cites nothing itself cites what stands above it.

    `again`: whether readings too are named again.
    """
    seen: set[int | None] = set()
    root = replace(line)
    left: list[tuple[Line, str, tuple[str, ...]]] = [(root, "", ())]
    while left:
        one, around, above = left.pop()
        one.clauses = one.clauses or above
        one.text, around = shortened(one.text, around), around + one.text
        if one.lines and one.number is not None and one.number in seen:
            one.lines, one.seen = [], True
        elif one.kind == "absent" and all(below.number in seen for below in one.lines):
            one.lines, one.text = [], shortened(one.alone, around)
        else:
            seen.add(one.number)
            one.lines = [replace(b) for b in one.lines if again or b.kind != "reading" or b.number not in seen]
            left += [(below, around, one.clauses) for below in reversed(one.lines)]
    return root
