"""`zhengce check`: every problem of the facts that the rules of `policy/check.dl` look for is found, and nothing else."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

import zhengce

ROOT = Path(__file__).parents[1]
LIAONING, FUXIN, COVERAGE = "facts/liaoning-2022.yaml", "facts/fuxin-2020.yaml", "facts/fuxin-2020.coverage.yaml"
MISTAKES = {
    "sum": (LIAONING, "title: 党政责任\n  points: 25", "title: 党政责任\n  points: 24"),
    "too-much": (LIAONING, "title: 无培训基地, effect: deduct, points: 1", "title: 无培训基地, effect: deduct, points: 2"),
    "award-sum": (LIAONING, "title: 落实产假政策, effect: award, points: 3", "title: 落实产假政策, effect: award, points: 2"),
    "effect": (LIAONING, "title: 无职责分工, effect: deduct", "title: 无职责分工, effect: deducts"),
    "metric": (LIAONING, "{metric: 备案率, unit", "{metric: 备案比率, unit"),
    "shared-unknown": (LIAONING, "below_value: {metric: 备案率, bound: 100}", "below_value: {metric: 满意度, bound: 100}"),
    "exclusion-across": (LIAONING, "excludes: [附件.一.2.b]", "excludes: [附件.一.4.b]"),
    "exclusion-effect": (LIAONING, "未纳入政府财政预算, effect: zero", "未纳入政府财政预算, effect: award"),
    "nested-exclusion": (
        LIAONING,
        "纳入预算但未专款专用, effect: deduct, points: 3",
        "预算, effect: deduct, points: 3, excludes: [附件.一.2.a]",
    ),
    "no-condition": (
        LIAONING,
        "points: 2\n    condition:\n    - {condition: 附件.一.5.a, title: 未制定实施意见或细则, effect: zero, points: 2}",
        "points: 2",
    ),
    "uncovered": (COVERAGE, "- {clause: 二.一.2, sentence: ", "- {clause: 二.一.1, sentence: 9"),
    "covered-twice": (COVERAGE, "uncovered:\n", "uncovered:\n- {clause: 二.一.2, sentence: 1, why: purpose}\n"),
    "uncovered-reason": (COVERAGE, "why: heading", "why: headings"),
    "reading": (LIAONING, "  - {value: each, says: 每有一个要素不明确扣2分}\n", ""),
    "unknown-body": (FUXIN, "responsible: [市税务局,", "responsible: [市地税局,"),
    "no-lead": (FUXIN, "responsible: [市税务局,", "responsible: [市地税局,"),
    "no-task": (FUXIN, "department:\n", "department:\n- name: 市城管局\n"),
    "twice": (FUXIN, "responsible: [市税务局,", "responsible: [市税务局, 市税务局,"),
}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for folder in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    (tmp_path / "queries" / "en.po").unlink()  # it translates sentences that the mistakes change
    return tmp_path


def codes(root: Path) -> set[str]:
    return {problem["code"] for problem in zhengce.open(root).check()["problems"]}


def test_the_workspace_itself_is_sound() -> None:
    answer = zhengce.open(ROOT).check()
    assert answer.status == 0
    assert len(answer["notes"]) == 12


@pytest.mark.parametrize("code", MISTAKES)
def test_problem(code: str, workspace: Path) -> None:
    file, right, wrong = MISTAKES[code]
    text = (workspace / file).read_text(encoding="utf-8")
    assert text.count(right) >= 1, "the facts no longer say what this mistake replaces"
    (workspace / file).write_text(text.replace(right, wrong, -1 if code == "uncovered" else 1), encoding="utf-8")
    _forget(workspace, "附件.一.5.a" if code == "no-condition" else "")
    assert code in codes(workspace)


def _forget(workspace: Path, gone: str) -> None:
    """Take what is no longer there from the list of what holds the sentences."""
    file = workspace / "facts" / "liaoning-2022.coverage.yaml"
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if not gone or gone not in line), encoding="utf-8")


def test_a_sentence_held_by_nothing_is_an_error(workspace: Path) -> None:
    file = workspace / COVERAGE
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("relation: duty, id: 二.一.2.a", "relation: duty, id: 二.一.2.z", 1), encoding="utf-8")
    with pytest.raises(zhengce.ZhengceError, match=r"二\.一\.2\.z") as raised:
        codes(workspace)
    assert raised.value.code == "coverage"
    file.write_text(text.replace("relation: rule, id: lead", "relation: rule, id: total", 1), encoding="utf-8")
    with pytest.raises(zhengce.ZhengceError, match="total"):
        codes(workspace)


def test_every_problem_has_a_mistake() -> None:
    rules = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "policy").glob("*.dl"))
    assert set(re.findall(r'^problem\("([a-z-]+)"', rules, re.MULTILINE)) == set(MISTAKES)
