"""Our answers against those of Nemo, an engine by other hands (see nemo_peer): tuple for tuple, all relations."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import nemo_peer
import oracle
import pytest
from hypothesis import event, given, note
from random_programs import Generated, programs
from test_corpus import _facts, _text, good
from test_engines import TOGETHER, WORKSPACE

import zhengce
from zhengce.datalog.checked import CheckedProgram, Model, Row
from zhengce.engines import ENGINES
from zhengce.errors import ArithmeticFault

EVERY = 20  # of the cases, one


def agree(text: str, facts: Mapping[str, Any]) -> None:
    """Raises `nemo_peer.Outside`, and our faults."""
    with patch.dict(ENGINES, nemo=_compared):
        zhengce.evaluate(text, facts, "nemo")


def _compared(program: CheckedProgram, facts: nemo_peer.Facts) -> Model:
    ours, theirs = nemo_peer.both(program, facts)
    assert {name: oracle.typed(theirs[name]) for name in ours} == {name: oracle.typed(ours[name]) for name in ours}
    return theirs


@good
def test_corpus(path: Path) -> None:
    """All of it, with decimals and dates."""
    agree(_text(path), _facts(path))


def test_random_programs() -> None:
    """Most of them are given to Nemo: a fault has no rows to compare, and some of the rest is outside."""
    outcomes: Counter[str] = Counter()

    @given(generated=programs())
    def one(generated: Generated) -> None:
        outcome = _outcome(generated)
        event(outcome)
        outcomes[outcome] += 1

    one()
    assert outcomes["agreed"] > outcomes.total() / 2, outcomes


def _outcome(generated: Generated) -> str:
    note(f"{generated.text}\n// facts: {generated.facts}")
    try:
        agree(generated.text, generated.facts)
    except ArithmeticFault:
        return "a fault"
    except nemo_peer.Outside as reason:
        return str(reason)
    return "agreed"


@pytest.mark.parametrize("program", [WORKSPACE.whole, WORKSPACE.conflicts], ids=["whole", "conflicts"])
def test_workspace(program: CheckedProgram) -> None:
    """All rules on all facts of the documents, and on some cases, as one province of so many cities."""
    cases = list(TOGETHER.values())[::EVERY]
    facts: dict[str, set[Row]] = defaultdict(set)
    for stated in (WORKSPACE.facts_known, *cases):
        for name in stated.keys() & program.relations.keys():
            facts[name].update(stated[name])
    _compared(program, facts)


@pytest.mark.parametrize("question", WORKSPACE.questions)
def test_no_question_is_outside(question: str) -> None:
    """What each of them needs stands in the rules that the last test compares, and nothing of it is left out."""
    program = WORKSPACE.program(question)
    assert nemo_peer.outside(program) is None
    assert program.relations.keys() <= WORKSPACE.whole.relations.keys()
