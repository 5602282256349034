"""Proofs: that a checker which shares nothing with what finds them accepts each, and that none could be shorter."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from random import Random

import brute
import oracle
import pytest
from hypothesis import event, given, note, settings
from hypothesis import strategies as st
from proof_cases import ABOUT_A_CASE, CASES, EVERYTHING, WORKSPACE, World, of_question, of_text
from proof_checker import Checker, check
from random_cases import random_case, random_readings, to_yaml
from random_programs import Generated, programs

from zhengce.datalog.checked import plain_row
from zhengce.errors import ArithmeticFault, EngineError, ProofError
from zhengce.proof import Proof, prove
from zhengce.proof.building import Prover
from zhengce.sentences import subject

# of which relations no row means that something is not known, and the columns that say of what, as in the workspace
UNKNOWN = {name: subject(g.unknown, g.columns) for name, g in WORKSPACE.glossary.items() if g.unknown}
SAMPLE = WORKSPACE.case_path("示例市甲")
COMPLETENESS = (0.2, 0.6, 0.9, 1.0)
PLAIN = [name for name in WORKSPACE.questions if name not in ABOUT_A_CASE]
REACHED = {
    "left": """
        path(a, b) :- start(a), edge(a, b).
        path(a, c) :- path(a, b), edge(b, c).
    """,
    "right": """
        path(a, b) :- edge(a, b), end(b).
        path(a, c) :- edge(a, b), path(b, c).
    """,
    "mutual": """
        path(a, b) :- start(a), edge(a, b).
        path(a, c) :- odd(a, b), edge(b, c).
        odd(a, c) :- path(a, b), edge(b, c).
        path(a, b) :- odd(a, b).
    """,
    "both": """
        path(a, b) :- edge(a, b).
        path(a, c) :- path(a, b), path(b, c).
    """,
}
DECLARED = """
    .decl edge(a: number, b: number)
    .decl start(a: number)
    .decl end(a: number)
    .decl path(a: number, b: number)
    .decl odd(a: number, b: number)
"""


# ---- every fact of every case ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_fact_of_a_case(path: Path) -> None:
    """Of the samples all that is asked, of the test's own many cases one question each, in turn."""
    turn = CASES.index(path) % len(ABOUT_A_CASE)
    for question in ABOUT_A_CASE if path in WORKSPACE.samples.values() else ABOUT_A_CASE[turn : turn + 1]:
        all_proven(of_question(question, path, {}), UNKNOWN)


@pytest.mark.parametrize("seed", range(200))
def test_every_fact_of_a_random_case(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    case = random_case(rng, completeness=rng.choice(COMPLETENESS))
    readings = random_readings(rng)
    path = tmp_path / "case.yaml"
    path.write_text(to_yaml(case), encoding="utf-8")
    for question in ABOUT_A_CASE:
        all_proven(of_question(question, path, {} if brute.contradicts(case, readings) else readings), UNKNOWN)


@pytest.mark.parametrize("question", PLAIN)
def test_every_fact_of_a_question(question: str) -> None:
    all_proven(of_question(question, None, {}), UNKNOWN)


def all_proven(world: World, unknown: Mapping[str, tuple[int, ...]]) -> None:
    """The one proof of everything is accepted, and all that the rules gave is in it."""
    derived, whole = world.derived(), world.everything()
    proof = Prover(whole.program, whole.facts, whole.model.rows, unknown=unknown).proof((EVERYTHING, ()))
    Checker(*whole, unknown=unknown).check(proof)
    relations = world.program.relations
    proven = {(step.relation, step.row) for step in proof.steps if step.rule is not None}
    assert {(name, plain_row(row, relations[name].types)) for name, row in derived} <= proven


@pytest.mark.parametrize("question", [*ABOUT_A_CASE, "task", "responsibility", "validity"])
def test_one_by_one(question: str) -> None:
    """Each fact by itself, with its other proofs."""
    world = of_question(question, SAMPLE if question in ABOUT_A_CASE else None, {})
    accepted(world)


# ---- random programs -------------------------------------------------------------------------------------------------


def accepted(world: World) -> int:
    """Every fact that the rules gave has a proof, and every other way to it, that the checker accepts."""
    checker, prover = Checker(*world), Prover(world.program, world.facts, world.model.rows)
    others = 0
    for fact in sorted(world.derived(), key=repr):
        proof = prover.proof(fact, others=True)
        checker.check(proof)
        others += len(proof.others)
    return others


@given(generated=st.one_of(programs(), programs(perilous=True)))
def test_every_fact_of_a_random_program(generated: Generated) -> None:
    note(f"{generated.text}\n// facts: {generated.facts}")
    try:
        world = of_text(generated.text, generated.facts)
    except ArithmeticFault:
        event("a fault")
        return
    event("several ways" if accepted(world) else "one way")


@settings(max_examples=60)
@given(generated=programs())
def test_the_engine_changes_nothing(generated: Generated) -> None:
    note(f"{generated.text}\n// facts: {generated.facts}")
    try:
        one, other = (of_text(generated.text, generated.facts, by) for by in ("memory", "pydatalog"))
    except (ArithmeticFault, EngineError):
        return
    provers = [Prover(world.program, world.facts, world.model.rows) for world in (one, other)]
    for fact in one.derived():
        first, second = (prover.proof(fact, others=True) for prover in provers)
        assert first == second


# ---- the shortest ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", REACHED)
@pytest.mark.parametrize("seed", range(10))
def test_the_shortest(rules: str, seed: int) -> None:
    """What a proof costs (one for a rule, and what each of its facts costs) is the least that there is."""
    rng = Random(seed)
    size = rng.choice([3, 4, 6, 8])
    edges = [(a, b) for a in range(size) for b in range(size) if rng.random() < rng.choice([0.2, 0.4])]
    given_ = {"edge": edges, "start": [(0,)], "end": [(size - 1,)], "path": [(1, 1)] if rng.random() < 0.3 else [], "odd": []}
    world = of_text(DECLARED + REACHED[rules], given_)
    least = least_costs(DECLARED + REACHED[rules], given_)
    checker, prover = Checker(*world), Prover(world.program, world.facts, world.model.rows)
    for fact in world.derived():
        proof = prover.proof(fact, others=True)
        checker.check(proof)
        assert cost_of(proof) == least[fact]
        costs = [cost_of(other) for other in proof.others]
        assert costs == sorted(costs)
        assert not costs or costs[0] >= least[fact]


def cost_of(proof: Proof) -> int:
    """The number of rules, where what is used twice counts twice; from the last step to the first, so nothing is deep."""
    costs = [0] * len(proof.steps)
    for number in range(len(proof.steps) - 1, -1, -1):
        step = proof.steps[number]
        costs[number] = (step.rule is not None) + sum(costs[part] for part in {*step.parts})
    return costs[0]


def least_costs(text: str, facts: dict[str, list[oracle.Row]]) -> dict[tuple[str, oracle.Row], int]:
    """By going over all that the rules give from all rows until nothing gets cheaper."""
    costs = {(name, row): 0 for name, rows in facts.items() for row in rows}
    rules = oracle.parse(text).rules
    model, columns = oracle.evaluate(text, facts), dict.fromkeys(("edge", "path", "odd"), ("number",) * 2)
    instances = []
    for rule in rules:
        body = oracle.Body(rule, model, columns)
        for binding in body.solutions(rule.body, {}):
            row = body.values(rule.head, binding)
            below = {(atom.relation, body.values(atom, binding)) for atom in rule.body}  # type: ignore[union-attr, arg-type]
            instances.append(((rule.head.relation, row), below))
    before: dict[tuple[str, oracle.Row], int] = {}
    while before != costs:
        before = dict(costs)
        for fact, below in instances:
            if below <= costs.keys():
                costs[fact] = min(costs.get(fact, 10**9), 1 + sum(costs[b] for b in below))
    return costs


# ---- deep recursion --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rules", ["left", "right", "mutual"])
@pytest.mark.parametrize("shortcuts", [False, True])
def test_a_thousand_deep(rules: str, shortcuts: bool) -> None:
    """Neither finding, nor writing down, nor looking for others goes deep. With shortcuts everything has other ways."""
    edges = [(i, i + 1) for i in range(1000)] + ([(i + 3, i) for i in range(990)] if shortcuts else [])
    world = of_text(DECLARED + REACHED[rules], {"edge": edges, "start": [(0,)], "end": [(1000,)]})
    proof = prove(world.program, world.facts, world.model, "path", (0, 1000), others=True)
    assert sum(step.rule is not None for step in proof.steps) >= 1000
    check(proof, world.program, world.facts, world.model)


# ---- kinds of steps --------------------------------------------------------------------------------------------------

KINDS = """
@[key = "c"]
.decl answer(c: symbol, v: symbol)
.decl asked(c: symbol)
.decl yes(c: symbol)
.decl open(c: symbol)
.decl not_yes(c: symbol)
yes(c) :- answer(c, "yes").
open(c) :- asked(c), !answer(c, _).
not_yes(c) :- asked(c), !answer(c, "yes").
"""
ANSWERS = {"asked": [("a",), ("b",), ("c",)], "answer": [("a", "yes"), ("b", "no")]}


def test_what_there_is_instead() -> None:
    """With a key, an absence says what stands there instead; without a value to look for, nothing."""
    world = of_text(KINDS, ANSWERS)
    proof = prove(world.program, world.facts, world.model, "not_yes", ("b",))
    assert [(s.kind, s.relation, s.row) for s in proof.steps if s.kind == "absent"] == [("absent", "answer", ("b", "yes"))]
    (absent,) = (step for step in proof.steps if step.kind == "absent")
    assert [proof.steps[part].row for part in absent.parts] == [("b", "no")]
    check(proof, *world)
    nothing = prove(world.program, world.facts, world.model, "not_yes", ("c",))
    assert [step.parts for step in nothing.steps if step.kind == "absent"] == [()]


def test_what_is_not_known() -> None:
    world = of_text(KINDS, ANSWERS)
    proof = prove(world.program, world.facts, world.model, "open", ("c",), unknown={"answer": (0,)})
    assert {(step.kind, step.row) for step in proof.steps} >= {("unknown", ("c", None))}
    check(proof, *world, unknown={"answer": (0,)})
    with pytest.raises(AssertionError, match="not known, or absent"):
        check(proof, *world)


@pytest.mark.parametrize(("relation", "row"), [("yes", ("b",)), ("asked", ("d",)), ("answer", ("a", "no"))])
def test_what_does_not_hold(relation: str, row: tuple[str, ...]) -> None:
    world = of_text(KINDS, ANSWERS)
    with pytest.raises(ProofError):
        prove(world.program, world.facts, world.model, relation, row)


def test_a_calendar_that_is_denied() -> None:
    """A built-in relation under `!` is a comparison of its own."""
    text = '.decl d(d: date)\n.decl r(d: date)\nr(x) :- d(x), !years_after(x, 1, x).\nd("2024-02-29").'
    world = of_text(text, {})
    ((_, row),) = [fact for fact in world.derived() if fact[0] == "r"]
    proof = prove(world.program, world.facts, world.model, "r", row)
    assert [step.text for step in proof.steps if step.kind == "comparison"] == ["!years_after(x, 1, x)"]
    check(proof, *world)


def test_the_order_of_rows_changes_nothing() -> None:
    """The items of a sum have an order of their own: sets have another in every process."""
    text = ".decl p(s: symbol, n: number)\n.decl t(n: number)\nt(n) :- n = sum x : { p(_, x) }."
    world = of_text(text, {"p": [(name, number) for number, name in enumerate("badc")]})
    rows = sorted(world.model.rows["p"])
    proofs = [
        Prover(world.program, world.facts, {**world.model.rows, "p": each}).proof(("t", (6,))) for each in (rows, rows[::-1])
    ]
    assert proofs[0] == proofs[1]
    assert [item.values["x"] for item in proofs[0].steps[1].items] == [1, 0, 3, 2], "by the rows of p: a, b, c, d"
