"""The checker of proofs refuses every proof that something is wrong with: accepted ones are spoilt in every way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from proof_cases import WORKSPACE, World, of_question, of_text
from proof_checker import ABSENCES, FACTS, Checker

from zhengce.proof import Item, Proof, Step
from zhengce.proof.building import Prover

TEXT = """
@[key = "c"]
.decl answer(c: symbol, v: symbol)
.decl points(c: symbol, p: decimal)
.decl edge(a: symbol, b: symbol)
.decl on(c: symbol, d: date)
.decl reached(a: symbol, b: symbol)
.decl apart(a: symbol, b: symbol)
.decl total(p: decimal, n: number)
.decl average(p: decimal)
.decl late(c: symbol, d: date)
.decl again(c: symbol)
reached(a, b) :- edge(a, b).
reached(a, c) :- reached(a, b), edge(b, c).
apart(a, b) :- edge(a, _), edge(b, _), !reached(a, b), a != b.
total(p * 2, n) :- p = sum x : { points(c, x), !answer(c, "no") }, n = count : { answer(_, _) }.
average(m) :- m = mean x : { points(_, x) }, max x : { points(_, x) } > m.
late(c, e) :- on(c, d), days_after(d, 30, e), !answer(c, "yes").
again(c) :- late(c, _), !answer(c, _).
"""
GIVEN: dict[str, list[tuple[Any, ...]]] = {
    "answer": [("a", "yes"), ("b", "no")],
    "points": [("a", Decimal("1.5")), ("b", Decimal(2)), ("c", Decimal("1.5")), ("e", Decimal("0.000001"))],
    "edge": [("a", "b"), ("b", "c"), ("c", "d"), ("e", "a")],
    "on": [("b", date(2024, 2, 29)), ("c", date(2022, 9, 30))],
}


def spoilt(proof: Proof, world: World) -> Iterator[tuple[str, Proof]]:
    """Proofs of which each is wrong, with what was done."""
    for number, step in enumerate(proof.steps):
        for what, changed in spoilt_steps(step, number, proof, world):
            yield f"{what}: {step}", replace(proof, steps=(*proof.steps[:number], changed, *proof.steps[number + 1 :]))
    last = proof.steps[-1]
    yield "a step that nothing rests on", Proof((*proof.steps, Step("given", "on", ("b", date(2024, 2, 29)))))
    yield "the last step twice", Proof((*proof.steps, last))
    if len(proof.steps) > 1:
        yield "without the last step", Proof(proof.steps[:-1])
        yield "without the first step", Proof(proof.steps[1:]) if proof.steps[1].kind not in FACTS else Proof(())


def spoilt_steps(step: Step, number: int, proof: Proof, world: World) -> Iterator[tuple[str, Step]]:
    for parts in spoilt_parts(step.parts, number, proof):
        yield "other parts", replace(step, parts=parts)
    for name, value in step.values.items():
        yield "another value", replace(step, values={**step.values, name: other(value)})
        yield "a value too few", replace(step, values={n: v for n, v in step.values.items() if n != name})
    for i, value in enumerate(step.row):
        yield "another row", replace(step, row=(*step.row[:i], "?" if value is None else other(value), *step.row[i + 1 :]))
    if step.kind in FACTS:
        yield "an absence", replace(step, kind="absent", rule=None)
    if step.rule is not None:
        yield from ((f"the rule {rule}", replace(step, rule=rule)) for rule in world.program.rules if rule is not step.rule)
        yield "a rule of another program", replace(step, rule=replace(step.rule))
        yield "given", replace(step, kind="given", rule=None, parts=())
        yield "no rule", replace(step, rule=None)
        yield "a part that is not known", replace(step, parts=(*step.parts, len(proof.steps)))
    if step.kind in ABSENCES:
        yield "not known", replace(step, kind="unknown" if step.kind == "absent" else "absent")
        yield "there", replace(step, kind="given")
        yield from (("an absence of what is there", replace(step, row=row)) for row in world.model[step.relation])
        yield "an absence of anything", replace(step, row=(None,) * len(step.row))
    if step.text:
        yield "another text", replace(step, text=step.text + " ")
    if step.kind == "sum":
        yield "another sum", replace(step, value=other(step.value))
        for i, item in enumerate(step.items):
            for what, items in spoilt_item(item, number, proof):
                yield what, replace(step, items=(*step.items[:i], *items, *step.items[i + 1 :]))
        yield "no items", replace(step, items=(Item(0, {}, ()),) if not step.items else ())


def spoilt_item(item: Item, number: int, proof: Proof) -> Iterator[tuple[str, tuple[Item, ...]]]:
    yield "an item too few", ()
    yield "an item twice", (item, item)
    yield "another value of an item", (replace(item, value=other(item.value)),)
    for name, value in item.values.items():
        yield "another value in an item", (replace(item, values={**item.values, name: other(value)}),)
    for parts in spoilt_parts(item.parts, number, proof):
        yield "other parts of an item", (replace(item, parts=parts),)


def spoilt_parts(parts: tuple[int, ...], number: int, proof: Proof) -> Iterator[tuple[int, ...]]:
    """A part too few, too many, another one; one before its step, which makes a circle."""
    for i, part in enumerate(parts):
        yield (*parts[:i], *parts[i + 1 :])
        yield (*parts[: i + 1], *parts[i:])
        yield from (
            (*parts[:i], other_, *parts[i + 1 :])
            for other_ in (0, number, *range(number + 1, len(proof.steps), len(proof.steps) // 50 + 1))
            if proof.steps[other_] != proof.steps[part]
        )
    for i in range(len(parts) - 1):
        two = [proof.steps[part] for part in parts[i : i + 2]]
        one_literal = {step.kind for step in two} == {"sum", "comparison"}
        if proof.steps[number].kind not in (*ABSENCES, "sum") and two[0] != two[1] and not one_literal:
            yield (*parts[:i], parts[i + 1], parts[i], *parts[i + 2 :])


def other(value: Any) -> Any:
    """Another value of the same type."""
    return value + timedelta(1) if isinstance(value, date) else f"{value}?" if isinstance(value, str) else value + 1


def refused(checker: Checker, proof: Proof) -> bool:
    try:
        checker.check(proof)
    except AssertionError:
        return True
    return False


def test_every_spoilt_proof_is_refused() -> None:
    world = of_text(TEXT, GIVEN)
    prover, checker = Prover(*world[:2], world.model.rows), Checker(*world)
    tried = 0
    for fact in sorted(world.derived(), key=repr):
        proof = prover.proof(fact)
        checker.check(proof)
        for what, wrong in spoilt(proof, world):
            assert refused(checker, wrong), f"{fact}: {what}"
            tried += 1
    assert tried > 1000


@pytest.mark.parametrize("relation", ["total", "score"])
def test_spoilt_proofs_of_a_score_are_refused(relation: str) -> None:
    """A hundred of them, spread over all that can be done: they are many."""
    world = of_question("score", WORKSPACE.case_path("示例市甲"), {})
    prover, checker = Prover(*world[:2], world.model.rows), Checker(*world)
    proof = prover.proof((relation, min(world.model.rows[relation])))
    checker.check(proof)
    rng = Random(2022)
    for number in rng.choices(range(len(proof.steps)), k=100):
        what, step = rng.choice([*spoilt_steps(proof.steps[number], number, proof, world)])
        steps = (*proof.steps[:number], step, *proof.steps[number + 1 :])
        assert refused(checker, replace(proof, steps=steps)), f"{what}: {proof.steps[number]}"


def test_another_type_is_another_value() -> None:
    """To Python 1 and Decimal(1) are equal."""
    world = of_text(".decl a(x: decimal)\n.decl b(x: decimal)\nb(x + 1.0) :- a(x).", {"a": [(Decimal(1),)]})
    proof = Prover(*world[:2], world.model.rows).proof(("b", (2_000_000,)))
    Checker(*world).check(proof)
    assert refused(Checker(*world), replace(proof, steps=(replace(proof.goal, row=(2,)), *proof.steps[1:])))


def test_other_proofs_are_checked_too() -> None:
    world = of_text(TEXT, GIVEN)
    prover, checker = Prover(*world[:2], world.model.rows), Checker(*world)
    proof, wrong = (prover.proof(("reached", row)) for row in (("a", "c"), ("a", "d")))
    assert refused(checker, replace(proof, others=(wrong,)))
    assert refused(checker, replace(proof, others=(proof,)))
