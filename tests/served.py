"""Engines that need a server or Java, held against `memory`: on what is named here, or with `--all-engines` on everything.

`.ci/run` installs what they need and sets `ZHENGCE_SERVED`, which makes its absence a failure; elsewhere the tests are skipped.
"""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn

import oracle
import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from random_programs import Generated, programs

import zhengce
from zhengce.cases import read_case
from zhengce.engines import ENGINES
from zhengce.errors import ZhengceError

HERE = ("duckdb", "memory", "pydatalog")  # the engines that need nothing else
ROOT = Path(__file__).parents[1]
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
OPERATIONS = ("x + y", "x - y", "x * y", "x / y", "x % y", "-x", "min(x, y)", "max(x, y)", "to_float(x)")


def missing(what: str) -> NoReturn:
    """Skip the tests, or fail where they are to be run."""
    (pytest.fail if os.environ.get("ZHENGCE_SERVED") else pytest.skip)(what)
    raise AssertionError


def _params(paths: list[Path], few: set[Path]) -> Any:
    top = [ROOT / "facts", ROOT / "tests"]
    names = {path: str(next(path.relative_to(t) for t in top if path.is_relative_to(t)).with_suffix("")) for path in paths}
    marks = {path: [] if path in few else [pytest.mark.thorough] for path in paths}
    return pytest.mark.parametrize("path", [pytest.param(path, id=names[path], marks=marks[path]) for path in paths])


_folders = [CORPUS / name for name in ("good", "bad/evaluation", "bad/duplicate-key")]
_programs = sorted(path for folder in _folders for path in folder.rglob("*.dl"))
every_case: Any = _params(CASES, {path for path in CASES if path.is_relative_to(ROOT / "facts")})
every_program: Any = _params(_programs, {path for path in _programs if str(path.relative_to(CORPUS).with_suffix("")) in NAMED})


class Agreement:
    """What is asked of one engine: a test class of its own says which, and has a fixture that makes it ready."""

    engine = ""

    @every_case
    def test_case(self, path: Path) -> None:
        """Every relation of every question about a case, and of what finds its contradictions."""
        workspace = zhengce.open(ROOT).workspace
        given = read_case(path, workspace.facts_known).facts
        for program in (*map(workspace.program, ("score", "eligible", "revocation")), workspace.conflicts):
            facts = {**{name: workspace.facts(name) for name in program.relations}, **given}
            model, other = (ENGINES[engine](program, facts).rows for engine in ("memory", self.engine))
            assert {name: set(other[name]) for name in program.relations} == model

    @every_program
    def test_program(self, path: Path) -> None:
        from test_corpus import _facts, _text

        self.agrees(Generated(_text(path), {name: list(rows) for name, rows in _facts(path).items()}))

    @pytest.mark.parametrize("type_", TYPES)
    @pytest.mark.parametrize("operation", OPERATIONS)
    def test_operation(self, type_: str, operation: str) -> None:
        """Of each pair of values for which it has a result, and its faults."""
        if type_ == "decimal" and operation in ("x % y", "to_float(x)"):
            return
        result = "decimal" if operation == "to_float(x)" else type_
        values = [Decimal(v).scaleb(-6) if type_ == "decimal" else v for v in TYPES[type_]]
        text = f".decl v(i: number, x: {type_}, y: {type_})\n.decl r(i: number, z: {result})\nr(i, {operation}) :- v(i, x, y)."
        pairs = [(x, y) for x in values for y in values]
        rows: list[Any] = [(number, *pair) for number, pair in enumerate(pairs)]
        self.agrees(Generated(text, {"v": [row for row in rows if isinstance(_told("memory", text, {"v": [row]}), dict)]}))
        self.agrees(Generated(text, {"v": rows}))

    def test_random_programs(self, request: pytest.FixtureRequest) -> None:
        @settings(max_examples=300 if request.config.getoption("--all-engines") else 30)
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
