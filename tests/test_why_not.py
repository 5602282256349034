"""What would make a fact hold: the smallest sets of changes are those that trying every set finds."""

from __future__ import annotations

from collections.abc import Collection
from random import Random
from typing import Any

import oracle
import pytest
from every_change import EveryChange, fits
from hypothesis import assume, given, note, settings
from hypothesis import strategies as st
from proof_cases import World, declared, of_text
from random_programs import VALUES, Generated, Value, programs
from small_programs import MOST_CHANGES, goals, small_program

from zhengce.datalog.checked import plain_row
from zhengce.datalog.values import encode
from zhengce.engines import engine
from zhengce.errors import ArithmeticFault, TerminationError
from zhengce.proof.changes import Sets, WhyNot, changed
from zhengce.proof.domains import of_types

Pattern = tuple[Any, ...]
Values = dict[str, list[Value]]
TINY = {type_: values[:2] for type_, values in VALUES.items()}


class Asked:
    """A program with what may change, asked by both. `values`: those of each type that may come; none: those that it shows."""

    def __init__(self, text: str, world: World, inputs: Collection[str], values: Values, barred: str = "") -> None:
        self.world, self.barred = world, barred
        shown = of_types(world.program, world.facts)
        self.values = {t: [encode(v, t) for v in vs] for t, vs in values.items()} if values else shown  # type: ignore[arg-type]
        self.why_not = WhyNot(*world[:2], engine("memory"), inputs=inputs, domain=self.domain, barred=barred)
        self.every = EveryChange(world.program, text, world.facts, inputs=inputs, domain=self.domain, barred=barred)

    def domain(self, relation: str, column: int) -> list[Any]:
        return self.values.get(self.world.program.relations[relation].types[column], [])

    def goal(self, relation: str, pattern: Pattern) -> None:
        """For each rule both find the same."""
        types = self.world.program.relations[relation].types
        wanted = tuple(None if v is None else encode(v, t) for v, t in zip(pattern, types, strict=True))
        found = self.why_not.sets(relation, wanted)
        for sets in found:
            self.same(sets, relation, wanted)
            self.holds(sets, relation, wanted)
        told = {sets.rule for sets in found}
        for number, rule in enumerate(self.world.program.rules):
            if rule.head.relation == relation and number not in told:
                assert not self.every.smallest(number, relation, wanted), f"nothing is said of rule {number}"

    def same(self, sets: Sets, relation: str, wanted: Pattern) -> None:
        expected = self.every.smallest(sets.rule, relation, wanted)
        found = [frozenset(map(tuple, each)) for each in sets.sets]
        assert len(found) == len({*found}), "a set twice"
        size = min(map(len, expected), default=self.every.most)
        if sets.searched < size:  # after some changes the rules cannot be worked out: it says so, and claims no more
            assert any(self.every.model(changes) is None for changes in self.every.sets(sets.searched))
            return
        assert {*found} == expected, f"{relation}{wanted} by rule {sets.rule}"

    def holds(self, sets: Sets, relation: str, wanted: Pattern) -> None:
        """By the oracle too the rule gives the goal after the changes; and no key is there twice."""
        relations = self.world.program.relations
        for each in sets.sets[:2]:
            facts = changed(self.world.facts, each)
            for name, rows in facts.items():
                key = relations[name].key
                assert not key or len({tuple(row[i] for i in key) for row in rows}) == len(rows)
            if sets.rule is not None:
                plain = {name: {plain_row(row, relations[name].types) for row in rows} for name, rows in facts.items()}
                model = oracle.evaluate(self.every.text, plain)
                encoded = [tuple(map(encode, row, relations[relation].types)) for row in model[f"by_{sets.rule}"]]
                assert any(fits(wanted, row) for row in encoded)
                assert not (self.barred and model[self.barred])


def ask_all(rng: Random) -> int:
    """Every goal of one program; returns how many they are. Now and then there is a relation that must stay empty."""
    small = small_program(rng)
    try:
        world = of_text(small.text, small.facts)
    except (ArithmeticFault, TerminationError):
        return 0
    barred = "d0" if rng.random() < 0.3 else ""
    asked = Asked(small.text, world, small.inputs, {} if rng.random() < 0.3 else small.values, barred)
    if len(asked.every.places) > MOST_CHANGES:
        asked = Asked(small.text, world, small.inputs, small.values, barred)
    wanted = [goal for goal in goals(rng, small, world.model) if goal[0] != barred]
    for goal in wanted:
        try:
            asked.goal(*goal)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{small.text}\n// {small.facts}\n// {small.inputs}, not {barred or '-'}") from error
    return len(wanted)


@pytest.mark.parametrize("start", range(0, 240, 20))
def test_small_programs(start: int) -> None:
    assert sum(ask_all(Random(seed)) for seed in range(start, start + 20)) > 50


@settings(max_examples=60)
@given(rng=st.randoms(use_true_random=False))
def test_small_programs_that_shrink(rng: Random) -> None:
    ask_all(rng)


@settings(max_examples=40)
@given(generated=programs(values=TINY), data=st.data())
def test_programs_of_every_kind(generated: Generated, data: st.DataObject) -> None:
    """Those that the engines are tested with, of which as many relations change as can be tried."""
    note(f"{generated.text}\n// facts: {generated.facts}")
    try:
        world = of_text(generated.text, generated.facts)
    except ArithmeticFault:
        return
    relations = world.program.relations
    inputs, left = [], MOST_CHANGES
    for name in data.draw(st.permutations([name for name in relations if name.startswith("b")])):
        size = 2 ** len(relations[name].types)
        if size <= left:
            inputs.append(name)
            left -= size
    moving = {name for name in relations if name.startswith("r")}
    assume(inputs and moving)
    asked = Asked(declared(generated.text, generated.facts), world, inputs, TINY)
    for name in sorted(moving):
        row = tuple(data.draw(st.sampled_from([*TINY[type_], None])) for type_ in relations[name].types)
        if not any(fits(row, there) for there in world.model[name]):
            asked.goal(name, row)


# ---- what random programs found --------------------------------------------------------------------------------------

FOUND = {
    "a fact that must go, of which no more may come": (
        """
        .decl i(s: symbol)
        .decl e()
        .decl d(s: symbol)
        d("b") :- count : { i("b"), !e() } < 1, !i(_).
        """,
        {"i": [("b",)], "e": []},
        ["i"],
        ("d", ("b",)),
    ),
    "a value that the domain does not have": (
        ".decl i(n: number)\n.decl j(n: number)\n.decl d()\nd() :- n = min b * b : { j(b) }, i(n).",
        {"i": [(1,)], "j": [(2,)]},
        ["i", "j"],
        ("d", ()),
    ),
    "an input without columns": (".decl i()\n.decl d()\nd() :- !i().", {"i": [()]}, ["i"], ("d", ())),
    "after one change nothing can be worked out": (
        """
        .decl i(n: number)
        .decl j(n: number)
        .decl d()
        .decl e(n: number)
        d() :- i(0), i(2), j(1).
        e(4 / n) :- i(n), !j(1).
        """,
        {"i": [(1,)], "j": []},
        ["i", "j"],
        ("d", ()),
    ),
    "a sum that cannot be worked out": (
        ".decl i(n: number)\n.decl j(n: number)\n.decl d()\nd() :- n = sum 4 / b : { i(b) }, j(n), n < 9.",
        {"i": [(0,)], "j": []},
        ["i", "j"],
        ("d", ()),
    ),
}


@pytest.mark.parametrize("name", FOUND)
def test_found(name: str) -> None:
    text, facts, inputs, goal = FOUND[name]
    values: Values = {"symbol": ["a", "b"], "number": [0, 1, 2, 4]}
    Asked(text, of_text(text, facts), inputs, values).goal(*goal)


@pytest.mark.parametrize(("barred", "expected"), [("", {(1,)}), ("d", {(1,), (2,)})])
def test_an_input_that_contradicts(barred: str, expected: set[tuple[int, ...]]) -> None:
    """A goal that is an input itself comes with what must go for it."""
    text = ".decl i(n: number)\n.decl d()\nd() :- i(1), i(2)."
    world = of_text(text, {"i": [(2,)]})
    (sets,) = Asked(text, world, ["i"], {"number": [1, 2]}, barred).why_not.sets("i", (1,))
    assert {change.after or change.before for each in sets.sets for change in each} == expected
