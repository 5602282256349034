"""What the engine `pydatalog` owes those who use the library themselves: their own theory, and no trace of ours."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from pyDatalog import Logic, pyDatalog, pyEngine, pyParser

import zhengce
from zhengce.errors import ArithmeticFault, EngineError

REACHED = """
.decl edge(a: symbol, b: symbol)
.decl reached(a: symbol, b: symbol)
reached(a, b) :- edge(a, b).
reached(a, c) :- edge(a, b), reached(b, c), !edge(c, c).
"""
FAULTY = (
    '.decl n(x: number)\n.decl edge(a: symbol, b: symbol)\nedge("x", "y").\nn(1 / x) :- edge(a, _), x = count : { edge(_, a) }.'
)
EDGES = {"edge": [("a", "b"), ("b", "c"), ("c", "a")]}
STORAGES = (Logic.tl, pyEngine.Fresh_var.tl, pyParser.Thread_storage)


@pytest.fixture
def theirs() -> Iterator[None]:
    """A user's own program, which has predicates of the same names."""
    Logic()
    pyDatalog.assert_fact("edge", "mine", "yours")
    pyDatalog.load("reached(X, Y) <= edge(X, Y)\nreached(X, Z) <= reached(X, Y) & edge(Y, Z)")
    yield
    pyEngine.Python_resolvers.clear()
    Logic()


def _theirs() -> set[Any]:
    return set(pyDatalog.ask("reached(X, Y)").answers)


def _ours() -> int:
    return len(zhengce.evaluate(REACHED, EDGES, "pydatalog")["reached"])


@pytest.mark.usefixtures("theirs")
def test_a_program_of_the_users_own_goes_on() -> None:
    assert _theirs() == {("mine", "yours")}
    assert _ours() == 9
    assert _theirs() == {("mine", "yours")}
    pyDatalog.assert_fact("edge", "yours", "hers")
    assert _theirs() == {("mine", "yours"), ("yours", "hers"), ("mine", "hers")}
    assert _ours() == 9


@pytest.mark.usefixtures("theirs")
def test_it_goes_on_after_a_fault() -> None:
    before = [dict(storage.__dict__) for storage in STORAGES]
    with pytest.raises(ArithmeticFault):
        zhengce.evaluate(FAULTY, engine="pydatalog")
    assert [storage.__dict__ for storage in STORAGES] == before
    assert _theirs() == {("mine", "yours")}


@pytest.mark.usefixtures("theirs")
def test_in_the_middle_of_a_query_of_the_users() -> None:
    @pyDatalog.predicate()
    def counted(n: Any) -> Iterator[tuple[int]]:
        yield (_ours(),)

    assert pyDatalog.ask("counted(N)").answers == [(9,)]
    assert set(pyDatalog.ask("reached(X, Y) & counted(N)").answers) == {("mine", "yours", 9)}


def test_a_thread_that_had_nothing_has_nothing_afterwards() -> None:
    seen: list[object] = []

    def work() -> None:
        seen.append(_ours())
        seen.extend(dict(storage.__dict__) for storage in STORAGES)

    thread = Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [9, {}, {}, {}]


def test_nothing_stays_in_memory() -> None:
    kinds = (Logic, pyEngine.Clause, pyEngine.Literal, pyEngine.Pred)

    def alive() -> int:
        gc.collect()
        return sum(isinstance(thing, kinds) for thing in gc.get_objects())

    _ours()
    before = alive()
    for _ in range(3):
        _ours()
    assert alive() == before


def test_a_long_chain_ends() -> None:
    """Eight atoms in a row, each with eight ways on: the ways that meet again are gone on from once."""
    atoms = ", ".join(f"step({i}, x{i}, x{i + 1})" for i in range(8))
    text = f".decl step(i: number, a: number, b: number)\n.decl far(a: number, b: number)\nfar(x0, x8) :- {atoms}."
    steps = [(i, a, b) for i in range(8) for a in range(8) for b in range(8)]
    assert len(zhengce.evaluate(text, {"step": steps}, "pydatalog")["far"]) == 64


def test_many_facts_and_a_long_recursion() -> None:
    """Neither makes the library go deep."""
    edges = [(str(i), str(i + 1)) for i in range(3000)]
    text = REACHED.partition("reached(a, c)")[0] + 'reached("0", c) :- reached("0", b), edge(b, c).'
    assert len(zhengce.evaluate(text, {"edge": edges}, "pydatalog")["reached"]) == 3000 + 2999


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyDatalog", None)
    with pytest.raises(EngineError) as caught:
        _ours()
    assert caught.value.hint == "pip install 'zhengce[pydatalog]'"
    assert "pyDatalog" in caught.value.message
