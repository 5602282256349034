"""An outline: lines under lines, each with what it stands on. What every format of a proof is made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ..language import listed, say


@dataclass(eq=False)
class Line:
    """One line.

    `kind`: what sort of step it is, `joined` for several (`of`: their numbers) in one; `clauses`: what it cites, with the
    document; `place` and `evidence`: where it is stated and by what it is shown; `quote`: the words of its clause; `number`:
    its step in the proof; `seen`: it was shown in full before; `alone`: its text when nothing is shown below it.
    """

    text: str
    kind: str = ""
    clauses: tuple[str, ...] = ()
    place: str = ""
    evidence: str = ""
    quote: str = ""
    number: int | None = None
    of: tuple[int, ...] = ()
    seen: bool = False
    alone: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def notes(self) -> str:
        """What stands behind the text: the clauses, the place, the evidence."""
        short = dict.fromkeys(clause.partition("/")[2] or clause for clause in self.clauses)
        cited = listed(clause for clause in short if clause not in self.text)
        shown = say("；").join(part for part in (cited, self.place, self.evidence) if part)
        seen = say("（见上）") if self.seen else ""
        return seen + (say("（{notes}）", notes=shown) if shown else "")

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Line]]:
        """This line and all below, each with its depth, in order."""
        left = [(depth, self)]
        while left:
            depth, line = left.pop()
            yield depth, line
            left += [(depth + 1, below) for below in reversed(line.lines)]
