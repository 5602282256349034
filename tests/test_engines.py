"""Every engine against the oracle, on random programs; and against itself, when the order of everything changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import oracle
import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st
from random_programs import Generated, programs, shuffled

import zhengce
from zhengce.engines import ENGINES
from zhengce.errors import ArithmeticFault, EngineError

Outcome = dict[str, Any] | str
every_engine = pytest.mark.parametrize("engine", sorted(ENGINES))


@every_engine
@given(generated=programs())
def test_agrees_with_the_oracle(engine: str, generated: Generated) -> None:
    _agrees(engine, generated)


@every_engine
@given(generated=programs(perilous=True))
def test_agrees_with_the_oracle_about_faults(engine: str, generated: Generated) -> None:
    _agrees(engine, generated)


@every_engine
@given(generated=st.one_of(programs(), programs(perilous=True)), random=st.randoms(use_true_random=False))
def test_order_changes_nothing(engine: str, generated: Generated, random: Random) -> None:
    text = shuffled(generated.text, random)
    facts = {name: random.sample(rows, len(rows)) for name, rows in reversed(generated.facts.items())}
    note(f"{generated.text}\n// facts: {generated.facts}\n\n// in another order\n{text}")
    assert _of_engine(engine, text, facts) == _of_engine(engine, generated.text, generated.facts)


def _agrees(engine: str, generated: Generated) -> None:
    note(f"{generated.text}\n// facts: {generated.facts}")
    expected = _outcome(lambda: oracle.evaluate(generated.text, generated.facts))
    event("a fault" if expected == "fault" else "a model")
    got = _of_engine(engine, generated.text, generated.facts)
    assert got in (expected, "refused")


def _of_engine(engine: str, text: str, facts: Mapping[str, Any]) -> Outcome:
    """An engine other than the first may refuse what it cannot do exactly."""
    try:
        return _outcome(lambda: zhengce.evaluate(text, facts, engine))
    except EngineError:
        if engine == "memory":
            raise
        event("refused")
        return "refused"


def _outcome(evaluate: Callable[[], Mapping[str, Any]]) -> Outcome:
    """The rows of every relation, or that there was a fault: which one of several is left open."""
    try:
        model = evaluate()
    except (oracle.OracleFault, ArithmeticFault):
        return "fault"
    return {name: oracle.typed(model[name]) for name in model}
