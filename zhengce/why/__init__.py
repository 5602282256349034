"""Why an answer is so, and why not otherwise: proofs of what a question asks, and the nearest ways to something else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..engines import DEFAULT
from ..errors import ProofError, QuestionError
from ..language import listed, say
from ..proof.changes import MOST_CHANGES
from ..report.outline import Line
from ..sources import quotes
from .asked import Asked
from .difference import Difference
from .effects import Effect, Effects
from .goals import Goal, none_found, of_fact, of_question, otherwise
from .outline import Teller
from .remedies import Remedy, lines, remedies
from .told import FORMATS, Told, check_format

if TYPE_CHECKING:
    from pathlib import Path

    from ..ask import Answer
    from ..proof import Proof
    from ..workspace import Workspace

    # of a question asked: the workspace, the arguments, the readings chosen, what is assumed
    Side = tuple[Workspace, Mapping[str, Any], Mapping[str, str], Mapping[str, Any] | None]

FACT = ""


class Explanation(Told):
    """The proofs of what was asked, shortest first; `full` unfolds arithmetic and bookkeeping."""

    def __init__(self, asked: Asked, goal: Goal, proofs: Sequence[Proof], question: str, *, full: bool = False) -> None:
        self.asked, self.goal, self.proofs, self.question, self.full = asked, goal, tuple(proofs), question, full

    @property
    def title(self) -> str:
        return say("为什么：{fact}", fact=self.asked.said(self.goal.relation, self.proofs[0].goal.row))

    @property
    def lines(self) -> list[Line]:
        """The outline of each proof, those of other ways after each."""
        return [line for proof in self.proofs for line in (self.line(proof), *map(self.other, proof.others))]

    def line(self, proof: Proof) -> Line:
        of = self.of(proof)
        effects = self.effects(proof)
        notes = {number: of.words(proof.steps[number], found) for number, found in effects.items()}
        line = self.teller.line(proof, {number: note for number, note in notes.items() if note})
        shown = {proof.steps[one.number].row[-2] for _, one in line.walk() if one.kind == "reading" and one.number is not None}
        for reading, value in self.asked.readings:
            told = [e for e in of.readings(reading, value) if e.differs and not e.contradicts] if reading not in shown else []
            if told:
                line.lines.append(self.unseen(reading, value, of.of_readings(reading, told)))
        return line

    def unseen(self, reading: str, value: str, note: str) -> Line:
        """A reading that no line of the outline shows, and another value of which would change the goal."""
        said = say("{line}：{below}", line=self.asked.narrator.reading(reading, value), below=note)
        return Line(said, "reading", (self.asked.clause(reading),))

    def other(self, proof: Proof) -> Line:
        line = self.teller.line(proof, {})
        line.text = say("另一种推法：{text}", text=line.text)
        return line

    @cached_property
    def teller(self) -> Teller:
        about_case = self.asked.case is not None and self.question != FACT
        return Teller(self.asked, case=about_case, full=self.full, zeros=self.goal.picked)

    def effects(self, proof: Proof) -> dict[int, list[Effect]]:
        """By step, what another reading, or knowing what is not known, would come to."""
        return self.of(proof).of(proof)

    def of(self, proof: Proof) -> Effects:
        goal = proof.goal
        return self.asked.effects(goal.relation, self.asked.encoded(goal.relation, goal.row))

    @property
    def data(self) -> dict[str, Any]:
        from .data import explained

        return explained(self)


class Remedies(Told):
    """The nearest ways in which what was asked for would have held."""

    def __init__(self, asked: Asked, found: Sequence[Remedy], question: str) -> None:
        self.asked, self.found, self.question = asked, tuple(found), question

    @property
    def title(self) -> str:
        wanted = (self.asked.said(r.relation, self.asked.plain_pattern(r.relation, r.wanted)) for r in self.found)
        return say("为什么不是：{facts}", facts=listed(wanted))

    @property
    def lines(self) -> list[Line]:
        return [self.asked.quoted(lines(self.asked, remedy)) for remedy in self.found]

    @property
    def data(self) -> dict[str, Any]:
        from .data import remedied

        return remedied(self)


def why(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
    others: bool = False,
    full: bool = False,
    sources: Sequence[str | Path] = (),
    assume: Mapping[str, Any] | None = None,
) -> Explanation | Answer:
    """Prove what a question asks.

    Args:
        question: the name of a question that has a `[why]`; `FACT` for any fact.
        arguments: those of the question, and the one of its `[why]` that picks a part; for a fact `case` (or none) and `fact`,
            as the rules write it, `_` for any value.
        others: whether to look for other proofs too.
        full: whether the outline unfolds arithmetic and bookkeeping.
        sources: the user's own copies of the documents, to quote; else those in the folder `sources/` of the workspace.
        assume: what is to be assumed of the case, as in `ask`.

    Returns:
        The explanation; an `Answer` with the candidates where an argument may mean several things.

    Raises:
        ZhengceError: as `ask` does; `ProofError` where it does not hold.
    """
    quoted = quotes(workspace, sources)
    found = _goals(workspace, question, arguments, engine, readings, assume)
    if not isinstance(found, tuple):
        return found
    asked, (goal,) = found
    asked.quotes = quoted
    rows = asked.matching(goal.relation, goal.pattern)
    if not rows:
        raise none_found(asked, goal)
    proofs = [asked.prover.proof((goal.relation, row), others=others) for row in rows]
    return Explanation(asked, goal, proofs, question, full=full)


def why_not(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
    most: int = MOST_CHANGES,
    sources: Sequence[str | Path] = (),
    assume: Mapping[str, Any] | None = None,
) -> Remedies | Answer:
    """Look for what would have to be otherwise for something else to hold. The arguments are those of `why`.

    Args:
        most: how many facts to change at once, at most.

    Raises:
        ZhengceError: as `why` does; `ProofError` where it holds already.
    """
    if not (isinstance(most, int) and most > 0):
        raise QuestionError(say("most 要是正整数，不是 {most!r}", most=most))
    quoted = quotes(workspace, sources)
    found = _goals(workspace, question, arguments, engine, readings, assume)
    if not isinstance(found, tuple):
        return found
    asked, goals = found
    asked.quotes = quoted
    if question == FACT:
        goals = [goal._replace(wanted=(goal.pattern,)) for goal in goals]
    else:
        grounds = workspace.prepared(question).question.why
        assert grounds is not None
        if not grounds.want and not goals[0].picked:
            if grounds.more is None:
                raise QuestionError(say("{question} 不能问为什么不是", question=question), hint=say("用 zhengce why 问为什么"))
            hint = say("写作 {example}", example=f"zhengce why-not {question} … {grounds.more.name.upper()}")
            raise QuestionError(say("{question} 要写明问的是哪一个", question=question), hint=hint)
        goals = otherwise(asked, goals, grounds)
    holding = [goal for goal in goals if goal.pattern in goal.wanted and asked.matching(goal.relation, goal.pattern)]
    if holding or not goals:
        raise ProofError(say("本来就是这样"), hint=say("问为什么：zhengce why …"))
    return Remedies(asked, remedies(asked, goals, most), question)


def arguments_of(workspace: Workspace, question: str) -> list[str]:
    """The arguments of a question that have a place, then the one that picks a part of its answer."""
    if question == FACT:
        return ["case", "fact"]
    asked = workspace.prepared(question).question
    names = [a.name for a in asked.arguments if a.kind != "option"]
    return [*names, *([asked.why.more.name] if asked.why and asked.why.more else [])]


def why_differs(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    assume: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
) -> Difference | None:
    """Why an answer is otherwise under assumptions; None for a question that has no `[why]`. Raises as `why` does."""
    sides = [(workspace, arguments, readings or {}, assumed) for assumed in (None, assume)]
    return between(question, sides[0], sides[1], engine=engine)


def between(question: str, one: Side, other: Side, *, engine: str = DEFAULT) -> Difference | None:
    """Why the answers to a question differ between two sides; None where it has no `[why]` on both. Raises as `why` does."""
    grounds = [workspace.prepared(question).question.why for workspace, *_ in (one, other)]
    if grounds[0] is None or grounds[0] != grounds[1]:
        return None
    found = [_goals(workspace, question, typed, engine, chosen, assumed) for workspace, typed, chosen, assumed in (one, other)]
    sides = [side[0] for side in found if isinstance(side, tuple)]
    return Difference(sides[0], sides[1], grounds[0]) if len(sides) == len(found) else None


def _goals(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    engine: str,
    readings: Mapping[str, str] | None,
    assume: Mapping[str, Any] | None,
) -> tuple[Asked, list[Goal]] | Answer:
    how: dict[str, Any] = {"engine": engine, "readings": readings or {}, "assume": assume}
    if question == FACT:
        return of_fact(workspace, arguments.get("case"), arguments["fact"], **how)
    return of_question(workspace, question, arguments, **how)


__all__ = [
    "FACT",
    "FORMATS",
    "Difference",
    "Explanation",
    "Remedies",
    "arguments_of",
    "between",
    "check_format",
    "why",
    "why_differs",
    "why_not",
]
