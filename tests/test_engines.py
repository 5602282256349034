"""Every engine against the oracle on random programs, against the others on all cases, and when the order of things changes.

All that run in this process get the same programs and cases: the slow ones are spared nothing. The others: see served.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any

import oracle
import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st
from random_programs import Generated, programs, shuffled
from served import HERE

import zhengce
from zhengce.cases import read_case
from zhengce.datalog.checked import CheckedProgram, Row
from zhengce.engines import ENGINES
from zhengce.errors import ArithmeticFault

Outcome = dict[str, Any] | str
ROOT = Path(__file__).parents[1]
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
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
WORKSPACE = zhengce.open(ROOT).workspace
NAMES = ("score", "eligible", "revocation", "conflicts")
PROGRAMS = (*map(WORKSPACE.program, NAMES[:3]), WORKSPACE.conflicts)


def _together() -> dict[tuple[str, Any], dict[str, set[Row]]]:
    """The facts of all cases, by a city of each one's own and the day that is asked about."""
    found: dict[tuple[str, Any], dict[str, set[Row]]] = {}
    for number, path in enumerate(CASES):
        facts = read_case(path, WORKSPACE.facts_known).facts
        ((city, _),) = facts["city"]
        renamed = {name: {(f"{city}{number}", *row[1:]) for row in rows} for name, rows in facts.items() if name != "asked_on"}
        on = frozenset(facts.get("asked_on", ()))
        found[f"{city}{number}", on] = {**renamed, "asked_on": set(on)}
    return found


TOGETHER = _together()
THREADED = (
    """
    .decl edge(s: symbol, a: number, b: number)
    .decl reached(a: number, b: number)
    .decl apart(a: number, n: number)
    reached(a, b) :- edge(_, a, b).
    reached(a, c) :- edge(_, a, b), reached(b, c).
    apart(a, n + NUMBER) :- edge(_, a, _), !reached(a, NUMBER), n = count : { reached(a, _) }.
    """,
    """
    .decl edge(s: symbol, a: number, b: number)
    .decl named(s: symbol, n: number)
    .decl reached(a: number)
    named(s, n) :- edge(s, _, _), n = sum a * NUMBER : { edge(s, a, _) }.
    reached(a) :- edge(_, a, b), !edge(_, b, _).
    """,
)


@given(generated=programs())
def test_engines_agree_with_the_oracle(generated: Generated) -> None:
    _agree(generated)


@given(generated=programs(perilous=True))
def test_engines_agree_with_the_oracle_about_faults(generated: Generated) -> None:
    _agree(generated)


@given(rows=ROWS, data=st.data())
def test_arithmetic_agrees(rows: tuple[str, list[int | Decimal]], data: st.DataObject) -> None:
    """One operation or aggregate, over the whole range of values."""
    type_, values = rows
    operation = data.draw(st.sampled_from(OPERATIONS + (("x % y", "to_float(x)") if type_ == "number" else ())))
    function = data.draw(st.sampled_from(AGGREGATES + (("mean",) if type_ == "decimal" else ())))
    result = "decimal" if operation == "to_float(x)" else type_
    text = f".decl v(x: {type_})\n.decl r(x: {result})\n.decl s(x: {type_})\n"
    text += data.draw(st.sampled_from([f"r({operation}) :- v(x), v(y).", f"s(z) :- z = {function} x : {{ v(x) }}."]))
    _agree(Generated(text, {"v": [(value,) for value in values]}))


@given(generated=st.one_of(programs(), programs(perilous=True)), random=st.randoms(use_true_random=False))
def test_order_changes_nothing(generated: Generated, random: Random) -> None:
    text = shuffled(generated.text, random)
    facts = {name: random.sample(rows, len(rows)) for name, rows in reversed(generated.facts.items())}
    note(f"{generated.text}\n// facts: {generated.facts}\n\n// in another order\n{text}")
    expected = _outcome(_of_engine("memory", generated.text, generated.facts))
    for engine in HERE:
        assert _outcome(_of_engine(engine, text, facts)) == expected, engine


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_engines_agree_on_a_case(path: Path) -> None:
    """Every relation of every question about a case, and of what finds its contradictions. (DuckDB: on all cases at once.)"""
    given = read_case(path, WORKSPACE.facts_known).facts
    for program in PROGRAMS:
        facts = {**{name: WORKSPACE.facts(name) for name in program.relations}, **given}
        model, other = (ENGINES[engine](program, facts).rows for engine in ("memory", "pydatalog"))
        assert {name: set(other[name]) for name in program.relations} == model


@pytest.mark.parametrize("on", sorted({on for _, on in TOGETHER}, key=str), ids=str)
@pytest.mark.parametrize("program", PROGRAMS, ids=NAMES)
def test_all_cases_at_once(program: CheckedProgram, on: Any) -> None:
    """As one province of so many cities, in memory and by DuckDB; no city changes what holds for another."""
    cases = {city: facts for (city, day), facts in TOGETHER.items() if day == on}
    given: dict[str, set[Row]] = defaultdict(set)
    alone: dict[str, set[Row]] = defaultdict(set)
    for facts in cases.values():
        facts = {**{name: WORKSPACE.facts(name) for name in program.relations}, **facts}
        for name in program.relations:
            given[name].update(facts.get(name, ()))
        for name, rows in ENGINES["memory"](program, facts).rows.items():
            alone[name].update(rows)
    for engine in ("memory", "duckdb"):
        model = ENGINES[engine](program, given).rows
        assert {name: set(model[name]) for name in program.relations} == alone, engine


def test_engines_agree_in_four_threads_at_once() -> None:
    """Each thread has a program of its own, and goes through all engines again and again."""
    start = Barrier(4)

    def work(number: int) -> list[bool]:
        text, pairs = THREADED[number % 2].replace("NUMBER", str(number)), [(f"城{number}", i, i + 1) for i in range(40)]
        expected = oracle.evaluate(text, {"edge": pairs})
        start.wait(timeout=60)
        return [_rows_of(zhengce.evaluate(text, {"edge": pairs}, e)) == expected for _ in range(5) for e in HERE]

    with ThreadPoolExecutor(4) as pool:
        agreed = [future.result(timeout=120) for future in [pool.submit(work, number) for number in range(4)]]
    assert all(map(all, agreed))


def _agree(generated: Generated) -> None:
    note(f"{generated.text}\n// facts: {generated.facts}")
    try:
        expected: Outcome = _typed(oracle.evaluate(generated.text, generated.facts))
    except oracle.OracleFault:
        expected = "fault"
    event("a fault" if expected == "fault" else "a model")
    told = {}
    for engine in HERE:
        found = _of_engine(engine, generated.text, generated.facts)
        assert _outcome(found) == expected, engine
        if isinstance(found, ArithmeticFault):
            told[engine] = str(found)
    assert len(set(told.values())) <= 1, told


def _of_engine(engine: str, text: str, facts: Mapping[str, Any]) -> Mapping[str, Any] | ArithmeticFault:
    """The model, or the fault."""
    try:
        return zhengce.evaluate(text, facts, engine)
    except ArithmeticFault as fault:
        return fault


def _outcome(found: Mapping[str, Any] | ArithmeticFault) -> Outcome:
    """The rows of every relation, or that there was a fault: which one of several, the oracle leaves open."""
    if isinstance(found, ArithmeticFault):
        return "fault"
    return _typed(found)


def _typed(model: Mapping[str, Any]) -> Outcome:
    return {name: oracle.typed(model[name]) for name in model}


def _rows_of(model: Mapping[str, Any]) -> dict[str, Any]:
    return {name: model[name] for name in model}
