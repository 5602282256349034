"""Engines that need a server or Java, held against `memory`: on what is named here, or with `--all-engines` on everything.

`.ci/run` installs what they need and sets `ZHENGCE_SERVED`, which makes its absence a failure; elsewhere the tests are skipped.
"""

from __future__ import annotations

import os
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import oracle
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from random_programs import Generated, programs

import zhengce
from zhengce.cases import read_case
from zhengce.engines import ENGINES
from zhengce.errors import ZhengceError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zhengce.datalog.checked import CheckedProgram

HERE = ("duckdb", "memory", "pydatalog")  # the engines that need nothing else
ROOT = Path(__file__).parents[1]
SAMPLES = sorted((ROOT / "facts" / "cases").rglob("*.yaml"))
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
CORPUS = ROOT / "tests" / "corpus"
NAMED = set(
    """
    good/aggregates/expression-as-target good/aggregates/grouped-by-two good/aggregates/mean-rounds-half-away-from-zero
    good/aggregates/min-and-max good/aggregates/several-atoms good/aggregates/sum-of-decimals good/aggregates/sum-of-nothing
    good/dates/compared good/dates/days-after good/dates/leap-day-of-a-century good/dates/workdays-across-national-day
    good/dates/year-of good/decimals/division good/decimals/rounding-half-away-from-zero-below-zero
    good/decimals/the-greatest good/declarations/all-four-types good/declarations/nullary-derived
    good/guarded/in-a-recursion good/numbers/a-sum-may-pass-the-edge good/numbers/division-cuts-towards-zero
    good/numbers/remainder-of-the-least-by-minus-one good/rules/disjunction good/rules/linear-recursion
    good/rules/mutual-recursion good/rules/negation-of-a-recursion good/rules/non-linear-recursion
    good/termination/min-and-max-in-a-recursive-head good/text/escapes good/text/unicode-identifiers
    bad/duplicate-key/recursion bad/evaluation/decimal-sum bad/evaluation/in-a-recursion bad/evaluation/nothing-by-nothing
    bad/evaluation/no-calendar-of-working-days bad/evaluation/past-the-last-year bad/evaluation/to-float
    bad/evaluation/two-faults-inside-a-group
    """.split()
)
TYPES = {
    "number": [0, 1, -1, 7, -7, 2**32, 2**62, 2**63 - 1, -(2**63)],
    "decimal": [0, 1, -1, 500_000, -500_000, 1_500_000, 3, -7_000_001, 10**18 - 1, 1 - 10**18],
}
BOTH = ("x + y", "x - y", "x * y", "x / y", "-x", "min(x, y)", "max(x, y)")
OPERATIONS = {"number": (*BOTH, "x % y", "to_float(x)"), "decimal": BOTH}
FAULTS = {("number", "x * y"), ("decimal", "x / y")}


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail where they are to be run."""
    (pytest.fail if os.environ.get("ZHENGCE_SERVED") else pytest.skip)(what)
    raise AssertionError


def _few(names: list[Any], few: Callable[[Any], bool]) -> list[Any]:
    """Parameters; those that are not among the few only with `--all-engines`."""
    return [pytest.param(*name, marks=[] if few(name) else [pytest.mark.thorough]) for name in names]


def _named(path: Path) -> str:
    return str(path.relative_to(CORPUS).with_suffix(""))


_folders = [CORPUS / name for name in ("good", "bad/evaluation", "bad/duplicate-key")]
_programs = sorted(path for folder in _folders for path in folder.rglob("*.dl"))
_operations = [(type_, operation) for type_, operations in OPERATIONS.items() for operation in operations]
every_program: Any = pytest.mark.parametrize(
    "path", _few([(p,) for p in _programs], lambda p: _named(p[0]) in NAMED), ids=_named
)
faults: Any = pytest.mark.parametrize(("type_", "operation"), _few(_operations, lambda of: of in FAULTS))


def _result(type_: str, operation: str) -> str:
    return "decimal" if operation == "to_float(x)" else type_


def _one(type_: str, operation: str) -> str:
    """A program of one operation."""
    result = _result(type_, operation)
    return f".decl v(i: number, x: {type_}, y: {type_})\n.decl r(i: number, z: {result})\nr(i, {operation}) :- v(i, x, y).\n"


def _pairs(type_: str) -> list[tuple[Any, ...]]:
    values = [Decimal(v).scaleb(-6) if type_ == "decimal" else v for v in TYPES[type_]]
    return [(number, *pair) for number, pair in enumerate(product(values, values))]


class Agreement:
    """What is asked of one engine: a test class of its own says which, and has a fixture that makes it ready."""

    engine = ""
    programs = 30

    def test_two_cases_at_once(self) -> None:
        """Every relation of every question about the two sample cases, as cities of one province."""
        workspace = zhengce.open(ROOT).workspace
        cases = [read_case(path, workspace.facts_known).facts for path in SAMPLES]
        for program in map(workspace.program, ("score", "eligible", "revocation")):
            facts = {name: set(workspace.facts(name)) for name in program.relations}
            for case in cases:
                for name, rows in case.items():
                    facts.setdefault(name, set()).update(rows)
            self.same(program, facts)

    @pytest.mark.thorough
    @pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
    def test_case(self, path: Path) -> None:
        """The same of one case, and of what finds its contradictions."""
        workspace = zhengce.open(ROOT).workspace
        given = read_case(path, workspace.facts_known).facts
        for program in (*map(workspace.program, ("score", "eligible", "revocation")), workspace.conflicts):
            self.same(program, {**{name: workspace.facts(name) for name in program.relations}, **given})

    def same(self, program: CheckedProgram, facts: Mapping[str, Any]) -> None:
        model, other = (ENGINES[engine](program, facts).rows for engine in ("memory", self.engine))
        assert {name: set(other[name]) for name in program.relations} == model

    @every_program
    def test_program(self, path: Path) -> None:
        from test_corpus import _facts, _text

        self.agrees(Generated(_text(path), {name: list(rows) for name, rows in _facts(path).items()}))

    @pytest.mark.parametrize("type_", TYPES)
    def test_operations(self, type_: str) -> None:
        """Each operation, of all pairs of values for which it has a result; and the aggregates."""
        text, facts = f".decl s(x: {type_})\n.decl v(i: number, x: {type_}, y: {type_})\n", {"v": _pairs(type_)}
        for function in ("sum", "min", "max", *(["mean"] if type_ == "decimal" else [])):
            text += f"s(z) :- z = {function} x : {{ v(_, x, _) }}.\n"
        for n, operation in enumerate(OPERATIONS[type_]):
            one = _one(type_, operation)
            facts[f"v{n}"] = [row for row in _pairs(type_) if isinstance(_told("memory", one, {"v": [row]}), dict)]
            text += one.replace("v(", f"v{n}(").replace("r(", f"r{n}(")
        self.agrees(Generated(text, facts))

    @faults
    def test_faults(self, type_: str, operation: str) -> None:
        """The first of all pairs of values for which there is no result."""
        self.agrees(Generated(_one(type_, operation), {"v": _pairs(type_)}))

    def test_random_programs(self, request: pytest.FixtureRequest) -> None:
        @settings(max_examples=300 if request.config.getoption("--all-engines") else self.programs)
        @given(generated=st.one_of(programs(), programs(perilous=True)))
        def agree(generated: Generated) -> None:
            note(f"{generated.text}\n// facts: {generated.facts}")
            self.agrees(generated)

        agree()

    def agrees(self, generated: Generated) -> None:
        assert _told(self.engine, generated.text, generated.facts) == _told("memory", generated.text, generated.facts)


def _told(engine: str, text: str, facts: Any) -> Any:
    """The model, or the message of what is wrong."""
    try:
        model = zhengce.evaluate(text, facts, engine)
    except ZhengceError as error:
        return str(error)
    return {name: oracle.typed(model[name]) for name in model}
