"""Every random case, under every mix of readings: the rules give what brute force over the unknown inputs gives."""

from __future__ import annotations

import random
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import brute
import pytest
from random_cases import random_case, random_readings, to_yaml

import zhengce
from zhengce.errors import CaseError

if TYPE_CHECKING:
    from zhengce.ask import Answer

ROOT = Path(__file__).parent.parent
OFFICE = zhengce.open(ROOT)
COMPLETENESS = (0.2, 0.6, 0.9, 1.0)


@pytest.mark.parametrize("seed", range(100))
def test_random_cases(seed: int, tmp_path: Path) -> None:
    rng = random.Random(seed)
    case = random_case(rng, completeness=rng.choice(COMPLETENESS))
    readings = random_readings(rng)
    path = tmp_path / "case.yaml"
    path.write_text(to_yaml(case), encoding="utf-8")
    if brute.contradicts(case, readings):
        with pytest.raises(CaseError):
            OFFICE.score(path, readings=readings)
        return
    answer = OFFICE.score(path, readings=readings)
    expected = brute.score(case, readings)
    assert {i["id"]: (i["low"], i["high"]) for i in answer["indicators"]} == expected["indicators"]
    assert (answer["total"]["low"], answer["total"]["high"]) == expected["total"]
    assert (answer["self_assessed"]["low"], answer["self_assessed"]["high"]) == expected["self_assessed"]
    losses_add_up(answer)
    missing_matters(answer)
    removes_what_it_says(answer, case, readings)
    assert OFFICE.eligible(path, readings=readings)["verdict"] == brute.eligible(case, readings)
    assert OFFICE.revocation(path, readings=readings)["verdict"] == brute.revocation(case, readings)
    alternatives_agree(answer, case, readings)


def losses_add_up(answer: Answer) -> None:
    """The certain losses add up to what the highest score lacks; the others say where the rest may go."""
    for indicator in answer["indicators"]:
        certain = sum((x["points"] for x in indicator["losses"] if x["certain"]), Decimal(0))
        assert certain == indicator["max"] - indicator["high"], indicator["id"]
        open_ = [x["points"] for x in indicator["losses"] if not x["certain"]]
        width = indicator["high"] - indicator["low"]
        assert all(0 < points <= width for points in open_)
        assert sum(open_, Decimal(0)) >= width


def missing_matters(answer: Answer) -> None:
    """Something is missing exactly where an indicator is open, ordered by the width that it removes."""
    widths = {i["id"]: i["high"] - i["low"] for i in answer["indicators"]}
    removes = [m["removes"] for m in answer["missing"]]
    assert removes == sorted(removes, reverse=True)
    for m in answer["missing"]:
        indicator = next(i for i in widths if m["condition"] == i or m["condition"].startswith(f"{i}."))
        assert 0 < m["removes"] <= widths[indicator]
    named = {i for i in widths for m in answer["missing"] if m["condition"] == i or m["condition"].startswith(f"{i}.")}
    assert named == {i for i, width in widths.items() if width}


def removes_what_it_says(answer: Answer, case: dict[str, Any], readings: dict[str, str]) -> None:
    """What a missing yes or no removes is what the better of the two answers removes from the interval."""
    widths = {i["id"]: i["high"] - i["low"] for i in answer["indicators"]}
    answers = case.get("answers") or {}
    for m in answer["missing"]:
        condition, indicator = m["condition"], m["condition"].rpartition(".")[0]
        if m["input"] != "answers" or condition in answers or condition.endswith(("count", "一.3.c")):
            continue
        yes = {"value": True, "responsibility": True} if condition == "附件.五.5.a" else True
        known = [{**case, "answers": {**answers, condition: value}} for value in (yes, False)]
        left = [brute.score(k, readings)["indicators"][indicator] for k in known if not brute.contradicts(k, readings)]
        assert m["removes"] == widths[indicator] - min(high - low for low, high in left), condition


def alternatives_agree(answer: Answer, case: dict[str, object], readings: dict[str, str]) -> None:
    """What is said of another reading is what brute force says under that reading."""
    for reading in answer["readings"]:
        for other in reading["alternatives"]:
            changed = {**readings, reading["id"]: other["value"]}
            if brute.contradicts(case, changed):
                assert other["differs"] is None
                assert other["contradicts"]
            else:
                score = brute.score(case, changed)
                same = score["indicators"] == {i["id"]: (i["low"], i["high"]) for i in answer["indicators"]}
                assert other["differs"] is not same
