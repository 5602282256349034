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
IDS = [f"{path.parent.name}/{path.stem}" for path in CASES]
SCORES = ("total", "self_assessed", "indicators")
VERDICTS = ("eligible", "revocation")


@pytest.fixture(scope="module")
def workspace() -> zhengce.Zhengce:
    return zhengce.open(ROOT)


def expectations(path: Path) -> dict[str, Any]:
    """The `expect:` block as it is written, every number as its characters; the program has no part in reading it."""
    return yaml.load(path.read_text("utf-8"), yaml.BaseLoader).get("expect") or {}


def interval(bounds: Mapping[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(bounds["low"]), Decimal(bounds["high"])


def intervals(scores: Mapping[str, Any]) -> dict[str, tuple[Decimal, Decimal]]:
    """The intervals that an `expect:` block states, by name."""
    totals = {name: interval(scores[name]) for name in SCORES[:2] if name in scores}
    return totals | {name: interval(bounds) for name, bounds in scores.get("indicators", {}).items()}


def scored(workspace: zhengce.Zhengce, path: Path) -> dict[str, tuple[Decimal, Decimal]]:
    """Every interval that the answer to `score` has, by name."""
    answer = workspace.score(path)
    totals = {name: interval(answer[name]) for name in SCORES[:2]}
    return totals | {row["id"]: interval(row) for row in answer["indicators"]}


def test_there_are_cases() -> None:
    assert len(CASES) > 300


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_it_expects_something(path: Path) -> None:
    expected = expectations(path)
    assert expected, "a case without `expect:`"
    assert expected.keys() <= {*SCORES, *VERDICTS}


@pytest.mark.parametrize("path", CASES, ids=IDS)
def test_it_is_as_expected(workspace: zhengce.Zhengce, path: Path) -> None:
    expected = expectations(path)
    wanted: dict[str, Any] = {name: expected[name] for name in VERDICTS if name in expected}
    found: dict[str, Any] = {name: getattr(workspace, name)(path)["verdict"] for name in wanted}
    if stated := intervals(expected):
        answer = scored(workspace, path)
        wanted |= stated
        found |= {name: answer[name] for name in stated}
    assert found == wanted
