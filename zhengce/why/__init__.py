"""Why an answer is so, and why not otherwise: proofs of what a question asks, for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ask import Answer, Asking
from ..engines import DEFAULT
from ..errors import QuestionError, did_you_mean
from ..language import listed, say
from .asked import Asked
from .effects import Effects
from .outline import Teller

if TYPE_CHECKING:
    from ..datalog.checked import Row
    from ..proof import Proof
    from ..questions import Grounds
    from ..report.outline import Line
    from ..workspace import Workspace


class Goal(NamedTuple):
    """What is to be explained: the rows of a relation that agree with values, by column, as engines keep them.

    `picked`: it is a part of what the question asks, picked out by name.
    """

    relation: str
    values: Mapping[str, Any]
    picked: bool = False


class Explanation:
    """The proofs of what was asked. `str()` is the outline for people; `full` unfolds arithmetic and bookkeeping."""

    def __init__(self, asked: Asked, goal: Goal, proofs: tuple[Proof, ...], *, full: bool = False) -> None:
        self.asked, self.goal, self.proofs, self.full = asked, goal, proofs, full

    @property
    def lines(self) -> list[Line]:
        teller = Teller(
            self.asked.narrator,
            self.asked.standing,
            self.asked.cited,
            self.asked.above,
            case=self.asked.case is not None,
            full=self.full,
            zeros=self.goal.picked,
        )
        return [teller.line(proof, self.notes(proof)) for proof in self.proofs]

    def notes(self, proof: Proof) -> dict[int, list[str]]:
        """What is to be said of steps: what would come of it if they were otherwise."""
        effects = Effects(self.asked, self.goal.relation, self.asked.encoded(self.goal.relation, proof.goal.row))
        return {number: list(effects.words(proof.steps[number], found)) for number, found in effects.of(proof).items()}

    def __str__(self) -> str:
        from ..report.as_tree import render

        return render(self.lines)


def why(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
    others: bool = False,
    full: bool = False,
) -> Explanation | Answer:
    prepared = workspace.prepared(question)
    grounds = prepared.question.why
    if grounds is None:
        raise QuestionError(say("{question} 没有可以证明的结论", question=question))
    asking = Asking(workspace, prepared, engine)
    more = grounds.more.name if grounds.more else ""
    typed, chosen = asking.understood({k: v for k, v in arguments.items() if k != more}, readings or {})
    if several := asking.found_out(typed, asking.model(chosen)):
        return several
    relation = grounds.part if arguments.get(more) else grounds.goal
    names = {grounds.more.of} if grounds.more else set()
    asked = Asked(asking, chosen, {relation} | names)
    values = {column: asking.found[column] for column in grounds.on}
    if arguments.get(more):
        values[more] = asking.ids(grounds.more, arguments[more], asked.model)[0]
    goal = Goal(relation, values, more in values)
    rows = asked.rows(relation, values)
    proofs = tuple(asked.prover.proof((relation, row), others=others) for row in rows)
    return Explanation(asked, goal, proofs, full=full)
