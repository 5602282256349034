"""Case files with what is expected of them, the samples and those of tests/cases: found by walking, never listed."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

import zhengce

ROOT = Path(__file__).parents[1]
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
TOTALS = ("total", "self_assessed")
VERDICTS = ("eligible", "revocation")

Interval = tuple[Decimal, Decimal]


@pytest.fixture(scope="module")
def workspace() -> zhengce.Zhengce:
    return zhengce.open(ROOT)


def expectations(path: Path) -> dict[str, Any]:
    """The `expect:` block as it is written, numbers as their characters; the program has no part in reading it."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader).get("expect") or {}


def interval(bounds: Mapping[str, Any]) -> Interval:
    return Decimal(bounds["low"]), Decimal(bounds["high"])


def intervals_expected(expected: Mapping[str, Any]) -> dict[str, Interval]:
    totals = {name: interval(expected[name]) for name in TOTALS if name in expected}
    return totals | {name: interval(bounds) for name, bounds in expected.get("indicators", {}).items()}


def intervals_found(score: Mapping[str, Any]) -> dict[str, Interval]:
    totals = {name: interval(score[name]) for name in TOTALS}
    return totals | {row["id"]: interval(row) for row in score["indicators"]}


def test_every_case_expects_something() -> None:
    assert len(CASES) > 300
    silent = [path for path in CASES if not any(expectations(path).values())]
    assert silent == []


def test_no_case_expects_anything_else() -> None:
    assert {key for path in CASES for key in expectations(path)} <= {*TOTALS, "indicators", *VERDICTS}


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case(workspace: zhengce.Zhengce, path: Path) -> None:
    expected = expectations(path)
    verdicts = {name: expected[name] for name in VERDICTS if name in expected}
    assert {name: getattr(workspace, name)(path, alternatives=False)["verdict"] for name in verdicts} == verdicts
    if wanted := intervals_expected(expected):
        found = intervals_found(workspace.score(path, alternatives=False))
        assert {name: found[name] for name in wanted} == wanted
