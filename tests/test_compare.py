"""Two cases, readings or workspaces side by side: the same both ways round, nothing where nothing differs, and why it does."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_cases import random_case, to_yaml

import zhengce
from zhengce.cli import run
from zhengce.comparing import Comparison
from zhengce.errors import ContradictionError, QuestionError, ZhengceError
from zhengce.report.as_json import plain

ROOT = Path(__file__).parents[1]
ZHENGCE = zhengce.open(ROOT)
ONE, OTHER = "示例市甲", "示例市乙"
CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))
MIRRORED = {"a": "b", "b": "a"}


def mirrored(value: Any) -> Any:
    """A comparison with its sides exchanged."""
    if isinstance(value, dict):
        return {MIRRORED.get(key, key): mirrored(inner) for key, inner in value.items()}
    return [mirrored(inner) for inner in value] if isinstance(value, list) else value


def in_any_order(data: Any) -> list[str]:
    """Every difference as text; that of rows that only one side has may come in another order."""
    parts = [{"question": q["question"], **d} for q in data["questions"] for d in q["differences"]]
    rest = [*parts, *data["changes"], *data["readings"], *data["rules"]]
    return sorted(json.dumps(plain(part), ensure_ascii=False, sort_keys=True) for part in rest)


def check_both_ways(one: str, other: str) -> Comparison:
    there, back = ZHENGCE.compare(one, other), ZHENGCE.compare(other, one)
    assert in_any_order(there.data) == in_any_order(mirrored(back.data))
    assert there.status == back.status
    return there


def test_one_and_the_other_mirror_each_other() -> None:
    found = check_both_ways(ONE, OTHER)
    assert found.status == 1
    assert all(question["differs"] for question in found["questions"])
    assert (found["changes"][0]["section"], found["changes"][0]["id"]) == ("applying_on", None)


@pytest.mark.parametrize("path", CASES[:12], ids=lambda path: path.stem)
def test_a_case_does_not_differ_from_itself(path: Path) -> None:
    found = ZHENGCE.compare(str(path), str(path))
    assert in_any_order(found.data) == []
    assert found.status == 0


@pytest.mark.parametrize("seed", range(12))
def test_random_cases(seed: int, tmp_path: Path) -> None:
    paths = [tmp_path / "甲.yaml", tmp_path / "乙.yaml"]
    for n, path in enumerate(paths):
        case = random_case(Random(2 * seed + n), completeness=0.6) | {"city": f"示例市{n}丙"}
        path.write_text(to_yaml(case), encoding="utf-8")
    check_both_ways(*map(str, paths))
    paths[1].write_text(paths[0].read_text(encoding="utf-8").replace("示例市0丙", "示例市9丁"), encoding="utf-8")
    found = ZHENGCE.compare(*map(str, paths))
    assert in_any_order(found.data) == [], "the name of a city is no difference"


def test_two_readings() -> None:
    found = ZHENGCE.compare(ONE, other_readings={"附件.一.3.unclear": "each"})
    assert [(r["id"], r["b"]) for r in found["readings"]] == [("附件.一.3.unclear", "each")]
    assert found["changes"] == []
    assert {q["question"] for q in found["questions"] if q["differs"]} == {"score"}
    assert "附件.一.3.unclear" in str(found)


def test_what_the_cases_say_otherwise_has_its_place(tmp_path: Path) -> None:
    text = (ROOT / "facts" / "cases" / f"{ONE}.yaml").read_text(encoding="utf-8")
    path = tmp_path / "改.yaml"
    path.write_text(text.replace("  附件.一.5.a: no\n", "  附件.一.5.a: yes\n"), encoding="utf-8")
    found = ZHENGCE.compare(ONE, str(path))
    [change] = found["changes"]
    assert (change["section"], change["id"], change["a"]["value"], change["b"]["value"]) == (
        "answers",
        "附件.一.5.a",
        "no",
        "yes",
    )
    line = text.split("\n").index("  附件.一.5.a: no") + 1
    assert (change["a"]["line"], change["b"]["line"], change["b"]["file"]) == (line, line, str(path))
    assert f"no（{line}）" in str(found)


def test_only_what_the_questions_depend_on(tmp_path: Path) -> None:
    text = (ROOT / "facts" / "cases" / f"{ONE}.yaml").read_text(encoding="utf-8")
    path = tmp_path / "改.yaml"
    path.write_text(text.replace("附件.一.1: 6", "附件.一.1: 5").replace("六.一.1: no", "六.一.1: yes"), encoding="utf-8")
    assert {c["section"] for c in ZHENGCE.compare(ONE, str(path))["changes"]} == {"self_scores", "findings"}
    assert {c["section"] for c in ZHENGCE.compare(ONE, str(path), questions=["revocation"])["changes"]} == {"findings"}


# -- two versions of the workspace --------------------------------------------------------------------------------------------


@pytest.fixture
def changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """This workspace with a fact and a rule otherwise."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "新"
    for name in ("policy", "facts", "queries", "visualize"):
        shutil.copytree(ROOT / name, root / name)
    facts = root / "facts" / "liaoning-2022.yaml"
    text = facts.read_text(encoding="utf-8")
    assert "below_value: {metric: 备案率, bound: 100}" in text
    facts.write_text(text.replace("{metric: 备案率, bound: 100}", "{metric: 备案率, bound: 80}"), encoding="utf-8")
    duties = root / "facts" / "fuxin-2020.yaml"
    text = duties.read_text(encoding="utf-8")
    assert "[市人力资源社会保障局, 市总工会]" in text
    duties.write_text(text.replace("[市人力资源社会保障局, 市总工会]", "[市总工会]"), encoding="utf-8")
    return root


def test_two_versions_of_the_workspace(changed: Path) -> None:
    found = ZHENGCE.compare(OTHER, other_workspace=changed)
    assert found.status == 1
    assert found["changes"] == []
    assert {(r["relation"], r["kind"]) for r in found["rules"]} == {("below_value", "fact")}
    assert sorted(bool(r["a"]) for r in found["rules"]) == [False, True]
    assert {(r["a"] or r["b"])["file"] for r in found["rules"]} == {"facts/liaoning-2022.yaml"}
    assert "facts/liaoning-2022.yaml:" in str(found)


def test_a_question_about_no_case(changed: Path) -> None:
    found = ZHENGCE.compare("落实休假政策", questions=["lead"], other_workspace=changed)
    assert found.status == 1
    assert {rule["relation"] for rule in found["rules"]} == {"responsible"}
    assert ZHENGCE.compare("落实休假政策", questions=["lead"], other_workspace=ROOT).status == 0
    assert ZHENGCE.compare(questions=["documents"], other_workspace=changed).status == 0


# -- what is wrong ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "more", "message"),
    [
        ((ONE,), {}, "没有写与什么比较"),
        ((), {}, "没有写与什么比较"),
        (("", OTHER), {}, "没有写比较什么"),
        ((ONE, "示例市丁"), {}, "没有“示例市丁”这个案例文件"),
        ((ONE, OTHER), {"questions": ["scores"]}, "没有 scores 这个问题"),
        ((ONE, OTHER), {"questions": ["documents"]}, "没有参数"),
        ((ONE, OTHER), {"readings": {"附件.三.5.equals": "lower"}}, "没有“附件.三.5.equals”这个读法"),
        (("政策",), {"questions": ["lead"], "other_workspace": ROOT}, "可以是几个"),
    ],
)
def test_wrong(given: tuple[str, ...], more: dict[str, Any], message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        ZHENGCE.compare(*given, **more)


def test_a_case_that_contradicts_a_reading() -> None:
    with pytest.raises(ZhengceError) as caught:
        ZHENGCE.compare(ONE, other_readings={"附件.五.1.rule": "nothing"})
    assert not isinstance(caught.value, ContradictionError)


def test_a_document_without_a_scheme(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("city: 阜新市\ndocument: fuxin-2020\n", encoding="utf-8")
    with pytest.raises(QuestionError, match="两边都没有可以回答的问题"):
        ZHENGCE.compare(str(tmp_path / "a.yaml"), str(tmp_path / "a.yaml"))
    found = ZHENGCE.compare(ONE, str(tmp_path / "a.yaml"))
    assert found.status == 1
    assert all(question["differences"][0]["b"] is None for question in found["questions"])
    assert "只有" in str(found)


# -- the command --------------------------------------------------------------------------------------------------------------


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", ONE, OTHER, "--question", "eligible"]) == 1
    said = capsys.readouterr().out
    assert "eligible（能否申报）" in said
    assert "score" not in said
    assert run(["compare", ONE, ONE]) == 0
    assert "回答没有不同" in capsys.readouterr().out
    assert run(["compare", ONE, OTHER, "--json"]) == 1
    assert set(json.loads(capsys.readouterr().out)) == {"a", "b", "questions", "changes", "readings", "rules"}
    assert run(["compare", ONE]) == 2
    assert run(["compare", ONE, "--reading-b", "x"]) == 2
    assert "--reading-b 要写作 编号=取值" in capsys.readouterr().err
    assert run(["compare", ONE, "--workspace-b", "没有"]) == 2


def test_the_keys_are_documented() -> None:
    section = (ROOT / "docs" / "json.md").read_text(encoding="utf-8").partition("## The JSON of assumptions and comparisons")[2]
    named = set(re.findall(r"`([a-z]+)`", section.partition("\n## ")[0]))
    found = ZHENGCE.compare(ONE, OTHER, other_readings={"附件.一.3.unclear": "each"})
    answer = ZHENGCE.score(ONE, assume={"附件.一.4.b": "no"})
    parts: list[Any] = [found["questions"], found["changes"], found["readings"], found["a"], found.data]
    parts += [answer["assumed"], answer["differences"], answer["changes"]]
    rows = [row for part in parts for row in (part if isinstance(part, list) else [part])]
    assert {key for row in rows for key in row} <= named
