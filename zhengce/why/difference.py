"""Why two answers to one question differ: the proofs of both, without what they have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from ..language import say
from .outline import Teller

if TYPE_CHECKING:
    from ..datalog.checked import Row
    from ..proof import Proof, Step
    from ..questions import Grounds
    from ..report.outline import Line
    from .asked import Asked


class Pair(NamedTuple):
    """The proofs of what differs, on both sides; None where a side has no such row."""

    one: Proof | None
    other: Proof | None


class Difference:
    """What differs between two sides of which the same is asked: the parts of the answer, or else the answer itself."""

    def __init__(self, one: Asked, other: Asked, grounds: Grounds) -> None:
        self.sides, self.grounds = (one, other), grounds
        self.pairs = self._pairs(grounds.part) or self._pairs(grounds.goal)

    def lines(self, heads: tuple[str, str]) -> list[Line]:
        """For each pair the two outlines, each without what the other has too. `heads`: what the sides are called."""
        found: list[Line] = []
        for pair in self.pairs:
            for n, (head, proof) in enumerate(zip(heads, pair, strict=True)):
                if proof is not None:
                    own = self._own(n, proof)
                    found.append(replace(own, text=say("{head}：{text}", head=head, text=own.text)))
        return found

    def data(self, keys: tuple[str, str]) -> list[dict[str, Any]]:
        """The whole proofs of each pair, by the keys of the sides."""
        from .data import proved

        return [
            {key: proved(asked, proof) if proof else None for key, asked, proof in zip(keys, self.sides, pair, strict=True)}
            for pair in self.pairs
        ]

    def _pairs(self, relation: str) -> list[Pair]:
        rows = [self._rows(asked, relation) for asked in self.sides]
        keys = dict.fromkeys([*rows[0], *rows[1]])
        differing = [key for key in keys if self._said(rows[0].get(key)) != self._said(rows[1].get(key))]
        return [Pair(*self._proofs(relation, [side.get(key) for side in rows])) for key in differing]

    def _rows(self, asked: Asked, relation: str) -> dict[Row, Row]:
        """The rows by what tells them apart beside the columns that the arguments give."""
        columns = asked.program.relations[relation].columns
        given = {i for i, column in enumerate(columns) if column in self.grounds.on}
        self.given = given
        rows = asked.matching(relation, asked.pattern(relation, asked.values))
        return {tuple(row[i] for i in asked.key(relation) if i not in given): row for row in rows}

    def _said(self, row: Row | None) -> Any:
        """What a row says beside what the arguments give."""
        return row and tuple(value for i, value in enumerate(row) if i not in self.given)

    def _proofs(self, relation: str, rows: list[Row | None]) -> list[Proof | None]:
        sides = zip(self.sides, rows, strict=True)
        return [None if row is None else asked.prover.proof((relation, row)) for asked, row in sides]

    def _own(self, side: int, proof: Proof) -> Line:
        """The outline of a proof on one side, without the lines that are so on the other too, unless one below them is not."""
        asked = self.sides[side]
        line = Teller(asked, case=asked.case is not None, full=False, zeros=True).line(proof, {})
        kept: dict[int, list[Line]] = {}
        for _, one in reversed([*line.walk()]):
            kept[id(one)] = [
                replace(b, lines=kept[id(b)]) for b in one.lines if kept[id(b)] or not self._shared(side, proof, b)
            ]
        return replace(line, lines=kept[id(line)])

    def _shared(self, side: int, proof: Proof, line: Line) -> bool:
        """Whether what a line says is so on the other side too."""
        numbers = line.of or (() if line.number is None else (line.number,))
        return bool(numbers) and all(self._holds(side, proof.steps[number]) for number in numbers)

    def _holds(self, side: int, step: Step) -> bool:
        """Whether a step's fact, or absence, is on the other side too; the other's city stands for this one's."""
        mine, other = self.sides[side], self.sides[1 - side]
        if step.relation not in other.program.relations:
            return False
        cities = {a.case.city: b.case.city for a, b in [(mine, other)] if a.case and b.case}
        row = tuple(cities.get(value, value) if isinstance(value, str) else value for value in step.row)
        there = bool(other.matching(step.relation, other.encoded(step.relation, row)))
        return not there if step.kind in ("absent", "unknown") else there
