"""Every engine against the oracle, on random programs; and against itself, when the order of everything changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
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
NUMBERS = st.one_of(st.integers(-9, 9), st.sampled_from([2**63 - 1, -(2**63), 2**32]), st.integers(-(2**63), 2**63 - 1))
HALVES = st.sampled_from([500_000, -500_000, 2_000_000, -2_000_000])
MILLIONTHS = st.one_of(st.integers(-9, 9), HALVES, st.integers(-(10**7), 10**7), st.integers(1 - 10**18, 10**18 - 1))
DECIMALS = MILLIONTHS.map(lambda n: Decimal(n).scaleb(-6))
ROWS = st.one_of(
    st.tuples(st.just("decimal"), st.lists(DECIMALS, min_size=2, max_size=4)),
    st.tuples(st.just("number"), st.lists(NUMBERS, min_size=2, max_size=4)),
)
OPERATIONS = ("x + y", "x - y", "x * y", "x / y", "-x", "min(x, y)", "max(x, y)")
AGGREGATES = ("sum", "min", "max")
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
@given(rows=ROWS, data=st.data())
def test_arithmetic_agrees(engine: str, rows: tuple[str, list[int | Decimal]], data: st.DataObject) -> None:
    """One operation or aggregate, over the whole range of values."""
    type_, values = rows
    operation = data.draw(st.sampled_from(OPERATIONS + (("x % y", "to_float(x)") if type_ == "number" else ())))
    function = data.draw(st.sampled_from(AGGREGATES + (("mean",) if type_ == "decimal" else ())))
    result = "decimal" if operation == "to_float(x)" else type_
    text = f".decl v(x: {type_})\n.decl r(x: {result})\n.decl s(x: {type_})\n"
    text += data.draw(st.sampled_from([f"r({operation}) :- v(x), v(y).", f"s(z) :- z = {function} x : {{ v(x) }}."]))
    _agrees(engine, Generated(text, {"v": [(value,) for value in values]}))


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
