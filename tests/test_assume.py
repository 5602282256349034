"""Assumptions: an answer under them is the answer to a file edited that way, the file itself stays as it is, and whatever is
wrong with them is told as it is of a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from random_cases import random_case, to_yaml

import zhengce
from zhengce.ask import Answer, Supposed, ask
from zhengce.cases.assumed import flow
from zhengce.cli import run
from zhengce.errors import CaseError, ContradictionError, QuestionError, ZhengceError
from zhengce.starting import start

ROOT = Path(__file__).parents[1]
ZHENGCE = zhengce.open(ROOT)
SAMPLES = sorted([*(ROOT / "facts" / "cases").glob("*.yaml"), *(Path(__file__).parent / "cases").glob("*.yaml")])
QUESTIONS = ("score", "eligible", "revocation")
OWN = ("assumed", "differences", "changes")

# an id, a value as typed, and the same as an edit of the case: the keys that lead to it, and what stands there then
Edit = tuple[str, str, tuple[str | int, ...], Any]
EDITS: list[Edit] = [
    ("附件.一.1.a", "yes", ("answers", "附件.一.1.a"), "yes"),
    ("answers.附件.一.4.b", "no", ("answers", "附件.一.4.b"), "no"),
    ("liaoning-2022/附件.一.2.b", "否", ("answers", "附件.一.2.b"), "no"),
    ("附件.一.1.c", "unknown", ("answers", "附件.一.1.c"), None),
    ("附件.二.1.count", "4", ("answers", "附件.二.1.count"), "4"),
    ("附件.五.1", "2", ("discretion", "附件.五.1"), "2"),
    ("附件.五.1", "未知", ("discretion", "附件.五.1"), None),
    ("self_scores.附件.一.1", "5", ("self_scores", "附件.一.1"), "5"),
    ("满意度", "95", ("metrics", "满意度"), "95"),
    ("千人口托位数.province", "2.5", ("metrics", "千人口托位数", "province"), "2.5"),
    ("千人口托位数", "3.5", ("metrics", "千人口托位数", "city"), "3.5"),
    ("千人口托位数", "{city: 1, province: 2}", ("metrics", "千人口托位数"), {"city": "1", "province": "2"}),
    ("applying_on", "2023-01-01", ("applying_on",), "2023-01-01"),
    ("applying_on", "unknown", ("applying_on",), None),
    ("unit", "县", ("unit",), "县"),
    ("named_in", "2024", ("named_in",), "2024"),
    ("named_in", "unknown", ("named_in",), None),
    ("revoked_in", "2024", ("revoked_in",), "2024"),
    ("重大安全责任事故", "[]", ("incidents", "重大安全责任事故"), []),
    ("重大安全责任事故", "2021-03-01", ("incidents", "重大安全责任事故"), [{"on": "2021-03-01"}]),
    ("重大安全责任事故", "{about_childcare: no}", ("incidents", "重大安全责任事故"), [{"about_childcare": "no"}]),
    ("重大负面舆情", "unknown", ("incidents", "重大负面舆情"), None),
    ("incidents.重大信访事件", "[2021-05-05, {}]", ("incidents", "重大信访事件"), ["2021-05-05", {}]),
    ("六.一.1", "yes", ("findings", "六.一.1"), "yes"),
    ("六.一.2", "no", ("findings", "六.一.2"), "no"),
    ("六.一.3", "unknown", ("findings", "六.一.3"), None),
    ("附件.三.5.equal", "not-higher", ("readings", "附件.三.5.equal"), "not-higher"),
    ("readings.六.一.3.who", "either", ("readings", "六.一.3.who"), "either"),
    ("unclear_elements", "资金来源,运营方式", ("unclear_elements",), ["资金来源", "运营方式"]),
    ("unclear_elements", "[]", ("unclear_elements",), []),
    ("fields", "土地", ("fields",), ["土地"]),
    ("reexamined", "no", ("reexamined", "meets"), "no"),
    ("inspected.管理规范", "all", ("inspected", "管理规范"), "all"),
    ("unmet", "[]", ("unmet",), []),
]


def plain(path: Path) -> dict[str, Any]:
    """A case as plain texts, lists and mappings."""
    return _nulls(yaml.load(path.read_text(encoding="utf-8-sig"), yaml.BaseLoader))  # type: ignore[no-any-return]


def _nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _nulls(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_nulls(inner) for inner in value]
    return None if value in ("null", "~", "") else value


def edited(case: Mapping[Any, Any], way: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    """The case with a value at the end of a way; None takes out what is there."""
    first, *rest = way
    copy: dict[Any, Any] = dict(case)
    if rest and first == "answers":
        inner: dict[Any, Any] = copy.get(first) or {}
        entry = inner.get(rest[0])
        copy[first] = {**inner, rest[0]: {**entry, "value": value} if isinstance(entry, dict) else value}
    elif rest:
        within = copy.get(first)
        copy[first] = edited(within if isinstance(within, dict) else {}, tuple(rest), value)
    else:
        copy[first] = value
    return copy


def written(folder: Path, name: str, case: Mapping[str, Any]) -> str:
    path = folder / name
    path.write_text(json.dumps(case, ensure_ascii=False), encoding="utf-8")
    return str(path)


def told(question: str, case: str, **more: Any) -> Answer | list[str]:
    """The answer, or what is wrong."""
    try:
        return ask(ZHENGCE.workspace, question, {"city": case}, alternatives=False, **more)
    except ZhengceError as error:
        return sorted(e.message for e in error.all)


def same(question: str, case: str, edit: str, assume: Mapping[str, Any]) -> None:
    """The answer under assumptions is that of the edited file, and beside it stands the plain one."""
    before = Path(case).read_bytes()
    base, other, supposed = told(question, case), told(question, edit), told(question, case, assume=assume)
    assert Path(case).read_bytes() == before
    if isinstance(other, list) or isinstance(supposed, list):
        assert other == supposed
        return
    assert isinstance(base, Answer)
    assert isinstance(supposed, Supposed)
    assert supposed.supposed.data == other.data
    assert {k: v for k, v in supposed.data.items() if k not in OWN} == base.data
    assert supposed.status == other.status
    answered = {k: v for k, v in base.data.items() if k not in ("clauses", "readings")}
    assert bool(supposed["differences"]) == (answered != {k: other.data[k] for k in answered})
    if not supposed["changes"]:
        assert not supposed["differences"], "an answer does not change by itself"


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_kind_on_each_sample(path: Path, tmp_path: Path) -> None:
    for beside in path.parent.glob("*.csv"):
        (tmp_path / beside.name).write_bytes(beside.read_bytes())
    case = plain(path)
    rng = Random(path.stem)
    name = written(tmp_path, "base.yaml", case)
    for id_, value, way, then in rng.sample(EDITS, 6) if path.parent != SAMPLES[-1].parent else EDITS:
        edit = written(tmp_path, "edited.yaml", edited(case, way, then))
        same(rng.choice(QUESTIONS), name, edit, {id_: value})


@pytest.mark.parametrize("seed", range(60))
def test_random_assumptions_on_random_cases(seed: int, tmp_path: Path) -> None:
    rng = Random(seed)
    path = tmp_path / "random.yaml"
    path.write_text(to_yaml(random_case(rng, completeness=rng.choice((0.3, 0.9)))), encoding="utf-8")
    case = plain(path)
    for id_, value, way, then in rng.sample(EDITS, 4):
        edit = written(tmp_path, "edited.yaml", edited(case, way, then))
        for question in QUESTIONS:
            same(question, str(path), edit, {id_: value})


# -- one place and another --------------------------------------------------------------------------------------------------

CASE = """\
city: 示例市
document: liaoning-2022
applying_on: 2022-05-20
answers:
  附件.一.1.a: no
  附件.五.3.a: {value: yes, childcare: no, evidence: 舆情月报}
  附件.二.1.count: {value: 2, fields: [土地]}
incidents: {重大负面舆情: [2018-03-01, {about_childcare: no}]}
findings: {六.一.2: no}
"""


@pytest.fixture
def case(tmp_path: Path) -> str:
    path = tmp_path / "案例.yaml"
    path.write_text(CASE, encoding="utf-8")
    return str(path)


def facts(case: str, relation: str, **assume: Any) -> set[tuple[Any, ...]]:
    """The rows of a relation of the case under assumptions, without the city, ids short."""
    answer = ask(ZHENGCE.workspace, "score", {"city": case}, alternatives=False, assume=assume)
    assert isinstance(answer, Supposed)
    assert answer.supposed.case
    rows = answer.supposed.case.facts[relation]
    return {tuple(c.removeprefix("liaoning-2022/") if isinstance(c, str) else c for c in row[1:]) for row in rows}


def test_the_details_of_an_answer_stay_and_its_evidence_goes(case: str) -> None:
    answer = ask(ZHENGCE.workspace, "score", {"city": case}, assume={"附件.五.3.a": True})
    assert isinstance(answer, Supposed)
    supposed = answer.supposed.case
    assert supposed
    row = ("示例市", "liaoning-2022/附件.五.3.a", "yes")
    assert supposed.evidence("answer", row) == ""
    assert str(supposed.where("answer", row)) == "--assume:1:1"
    assert ("示例市", "liaoning-2022/附件.五.3.a", "childcare", "no") in supposed.facts["answer_detail"]


def test_a_detail_alone(case: str) -> None:
    assert facts(case, "answer_detail", **{"附件.五.3.a.childcare": "yes"}) == {("附件.五.3.a", "childcare", "yes")}
    assert ("附件.五.3.a", "yes") in facts(case, "answer", **{"附件.五.3.a.childcare": "yes"})
    assert ("附件.一.1.a", "no") in facts(case, "answer", **{"附件.五.3.a": "unknown"})
    assert ("附件.五.3.a", "yes") not in facts(case, "answer", **{"附件.五.3.a": None})


def test_the_fields_stand_in_one_place(case: str) -> None:
    assert facts(case, "field_covered", fields="土地,财政") == {("土地",), ("财政",)}
    assert facts(case, "fields_given", fields=None) == set()
    assert facts(case, "field_covered", **{"附件.二.1.count.fields": ["财政"]}) == {("财政",)}


def test_one_incident_of_several(case: str) -> None:
    kind = "重大负面舆情"
    on = facts(case, "incident_on", **{f"{kind}.2": "2022-01-01"})
    assert on == {(kind, 1, date(2018, 3, 1)), (kind, 2, date(2022, 1, 1))}
    about = facts(case, "incident_about_childcare", **{f"{kind}[1].about_childcare": "yes"})
    assert about == {(kind, 1, "yes"), (kind, 2, "no")}
    assert facts(case, "incident_on", **{f"incidents.{kind}.1.on": None}) == set()
    assert len(facts(case, "incident", **{f"{kind}.3": {}})) == 3
    assert facts(case, "incident_on", **{f"{kind}.1": None}) == set()
    assert len(facts(case, "incident", **{f"{kind}.1": None})) == 2, "it happened; nothing else is known of it"


def test_a_part_takes_the_place_of_the_whole(case: str) -> None:
    assert facts(case, "finding", **{"六.一.2.弄虚作假": "yes"}) == set()
    assert facts(case, "finding_part", **{"六.一.2.弄虚作假": "yes"}) == {("六.一.2", "弄虚作假", "yes")}


def test_a_reading_that_is_called_like_a_finding(case: str) -> None:
    options = {value for reading, value, *_ in ZHENGCE.workspace.facts("reading_option") if reading == "liaoning-2022/六.一.2"}
    value = sorted(options)[0]
    assert facts(case, "reading_chosen", **{"六.一.2": value}) == {("六.一.2", value)}
    assert facts(case, "finding", **{"六.一.2": "yes"}) == {("六.一.2", "yes")}


def test_several_assumptions_and_what_was_there_before(case: str) -> None:
    answer = ask(
        ZHENGCE.workspace, "score", {"city": case}, assume={"附件.一.1.a": "yes", "附件.一.4.b": False, "fields": None}
    )
    assert answer["assumed"] == [
        {"id": "附件.一.1.a", "value": "yes", "before": "no", "line": 5},
        {"id": "附件.一.4.b", "value": "no", "before": None, "line": None},
        {"id": "fields", "value": None, "before": "[土地]", "line": 7},
    ]
    assert [change["section"] for change in answer["changes"]] == ["answers", "answers", "fields", "fields"]
    assert answer["changes"][0]["base"]["line"] == 5
    assert answer["changes"][0]["assumed"] == {"value": "yes", "file": "--assume", "line": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (None, "unknown"),
        (Decimal("0.50"), "0.50"),
        (3, "3"),
        (date(2022, 5, 20), "2022-05-20"),
        (["土地", "a, b"], '[土地, "a, b"]'),
        ([{"on": date(2021, 3, 1), "about_childcare": False}], "[{on: 2021-03-01, about_childcare: no}]"),
        ("甲\n乙", "甲 乙"),
    ],
)
def test_values_of_python(value: object, text: str) -> None:
    assert flow(value) == text


RULES = """\
@[label = "开业"]
.decl opened_on(city: symbol, day: date)
.input opened_on
@[label = "营业"]
.decl is_open(city: symbol, day: date)
@[method = "开业即营业"]
is_open(c, d) :- opened_on(c, d).
"""


def test_facts_of_the_workspaces_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    root = tmp_path / "示例"
    start(root)
    (root / "policy" / "open.dl").write_text(RULES, encoding="utf-8")
    question = (
        'title = "营业"\nhelp = "何时营业。"\n[[argument]]\nname = "city"\nkind = "case"\n[answer]\n'
        'city = { argument = "city" }\nday = { one = "is_open", on = ["city"], value = "day" }\n[[text]]\nlines = ["{day}"]\n'
    )
    (root / "queries" / "market.toml").write_text(question, encoding="utf-8")
    path = tmp_path / "甲.yaml"
    path.write_text("city: 甲市\ndocument: shili-2025\nfacts: {opened_on: 2025-01-01}\n", encoding="utf-8")
    for id_ in ("opened_on", "facts.opened_on"):
        answer = zhengce.open(root).market(str(path), assume={id_: "2026-02-03"})
        assert answer["day"] == date(2025, 1, 1)
        assert answer["differences"] == [{"path": ["day"], "base": date(2025, 1, 1), "assumed": date(2026, 2, 3)}]
        assert str(answer).splitlines()[-1].split() == ["营业", "2025-01-01", "2026-02-03"]


# -- the answer ---------------------------------------------------------------------------------------------------------------


def test_rows_are_matched_by_what_they_are(case: str) -> None:
    answer = ask(ZHENGCE.workspace, "score", {"city": case}, assume={"附件.一.1.b": "yes"})
    paths = [difference["path"] for difference in answer["differences"]]
    assert ["indicators", {"id": "附件.一.1"}, "high"] in paths
    assert all(path[1] == {"id": "附件.一.1"} for path in paths if path[0] == "indicators")
    assert not [path for path in paths if path[0] in ("clauses", "readings")]
    gone = [d for d in answer["differences"] if d["path"][0] == "missing"]
    assert all((d["base"] is None) != (d["assumed"] is None) or len(d["path"]) == 3 for d in gone)


def test_what_people_read(case: str) -> None:
    answer = ask(ZHENGCE.workspace, "eligible", {"city": case}, assume={"重大安全责任事故": "2021-03-01"})
    lines = str(answer).splitlines()
    assert lines[:4] == ["假设　重大安全责任事故 = 2021-03-01（案例没有写）", "", lines[2], lines[3]]
    assert lines[2].split() == ["项", "原来", "假设后"]
    assert lines[3].split() == ["能否申报", "不能确定", "不得申报"]
    assert answer["verdict"] == "undetermined"
    assert answer.status == 0, "of the answer under the assumption"
    assert json.loads(answer.json())["differences"][0] == {"path": ["verdict"], "base": "undetermined", "assumed": "ineligible"}


def test_nothing_different_is_said(case: str) -> None:
    answer = ask(ZHENGCE.workspace, "score", {"city": case}, assume={"附件.一.1.a": "no"})
    assert answer["differences"] == []
    assert str(answer).endswith("回答没有不同")


def test_no_assumption_is_a_plain_answer(case: str) -> None:
    assert type(ask(ZHENGCE.workspace, "score", {"city": case}, assume={})) is Answer


@pytest.mark.parametrize("engine", ["memory", "pydatalog"])
def test_each_engine(case: str, engine: str) -> None:
    answer = ask(ZHENGCE.workspace, "eligible", {"city": case}, engine=engine, assume={"重大安全责任事故": []})
    assert answer["differences"]


# -- what is wrong ----------------------------------------------------------------------------------------------------------

WRONG = [
    ({"附件.一.1.z": "yes"}, "案例里没有“附件.一.1.z”这一处可以假设", "附件.一.1.a"),
    ({"附件.一.1": "6"}, "案例里没有“附件.一.1”", "这是指标，它的条件有"),
    ({"满意渡": "90"}, "案例里没有“满意渡”", "满意度"),
    ({"附件.一.1.a": "maybe"}, "“maybe”不是 yes、no", "写 yes、no"),
    ({"附件.二.1.count": "４"}, "“４”不是", "数字和符号用半角：4"),
    ({"附件.二.1.count": "yes"}, "要写整数", ""),
    ({"附件.五.1": "3"}, "分数要在 0 到 2 之间", ""),
    ({"附件.六.3": "yes"}, "按机构逐条检查", "unmet"),
    ({"满意度": "120"}, "要在 0 到 100 之间", ""),
    ({"满意度": "{city: 3}"}, "只写一个数", ""),
    ({"applying_on": "去年"}, "“去年”不是日期", ""),
    ({"named_in": "2023"}, "这一年不是评选周期的首年", ""),
    ({"重大信访事件": "no"}, "没有发生写 []", ""),
    ({"重大信访事件.2": "2021-03-01"}, "写明了 0 项，不能假设第 2 项", "第 1 项"),
    ({"重大负面舆情.1.where": "yes"}, "没有“where”这个键", "about_childcare"),
    ({"六.一.2.弄虚做假": "yes"}, "案例里没有“六.一.2.弄虚做假”", "弄虚作假"),
    ({"附件.三.5.equal": "higher"}, "没有“higher”这个选项", "not-higher"),
    ({"unclear_elements": "资金来源,运营方"}, "没有“运营方”这个要素", "运营方式"),
    ({"附件.一.1.a": "[yes"}, "方括号没有成对", ""),
    ({"附件.一.1.a": "yes: no"}, "", ""),
    ({"city": "甲"}, "city 不能假设", ""),
    ({"expect.total": "甲"}, "expect.total 不能假设", ""),
    ({"附件.一.1.a": "yes", "answers.附件.一.1.a": "no"}, "这两个假设说的是同一处", "只留一个"),
    ({"六.一.2": "no", "六.一.2.弄虚作假": "yes"}, "这两个假设说的是同一处", ""),
    ({"fields": "土地", "附件.二.1.count.fields": "财政"}, "这两个假设说的是同一处", ""),
    ({"institutions": "没有.csv"}, "没有这个文件", ""),
]


@pytest.mark.parametrize(
    ("assume", "message", "hint"), WRONG, ids=[" ".join(a) + " " + " ".join(a.values()) for a, *_ in WRONG]
)
def test_wrong(case: str, assume: dict[str, str], message: str, hint: str) -> None:
    with pytest.raises(CaseError) as caught:
        ask(ZHENGCE.workspace, "score", {"city": case}, assume=assume)
    found = caught.value
    assert found.span
    assert found.span.file == "--assume"
    assert message in found.message
    assert hint in found.hint
    id_, value = list(assume.items())[found.span.line - 1]
    assert f"  | {id_}={value}\n" in str(found)


def test_all_that_is_wrong_at_once(case: str) -> None:
    with pytest.raises(CaseError) as caught:
        ask(ZHENGCE.workspace, "score", {"city": case}, assume={"附件.一.1.z": "yes", "附件.一.1.a": "[", "满意度": "多"})
    assert [error.span.line for error in caught.value.all if error.span] == [1, 2, 3]


CONTRADICTED = [
    ({"附件.五.2.b": "no", "备案率": "90"}, "与假设 备案率=90 不合；改其中一个"),
    ({"附件.一.1.b": "yes", "附件.一.1.c": "yes"}, "与假设 附件.一.1.b=yes 不合；改其中一个"),
    (
        {"applying_on": "2017-01-01"},
        "与假设 applying_on=2017-01-01 不合；也写 --assume incidents.重大负面舆情.1=unknown 或别的值",
    ),
    ({"附件.二.1.count": "0"}, "与案例第 7 行的 fields 不合；也写 --assume fields=unknown 或别的值"),
]


@pytest.mark.parametrize(("assume", "hint"), CONTRADICTED)
def test_contradictions_say_what_else_to_assume(case: str, assume: dict[str, str], hint: str) -> None:
    with pytest.raises(ContradictionError) as caught:
        ask(ZHENGCE.workspace, "score", {"city": case}, assume=assume)
    assert caught.value.hint == hint


def test_a_reading_chosen_cannot_be_assumed(case: str) -> None:
    reading = {"附件.三.5.equal": "not-higher"}
    with pytest.raises(QuestionError, match="不能再假设"):
        ask(ZHENGCE.workspace, "score", {"city": case}, readings=reading, assume=reading)


@pytest.mark.parametrize("assume", ["附件.一.1.a=yes", [("附件.一.1.a", "yes")]])
def test_assumptions_are_a_mapping(case: str, assume: Any) -> None:
    with pytest.raises(QuestionError, match="assume 要是映射"):
        ask(ZHENGCE.workspace, "score", {"city": case}, assume=assume)


def test_a_question_about_no_case_takes_none() -> None:
    with pytest.raises(QuestionError, match="不看案例"):
        ZHENGCE.lead("落实休假政策", assume={"附件.一.1.a": "yes"})


def test_the_command(case: str, capsys: pytest.CaptureFixture[str]) -> None:
    def said() -> str:
        return "".join(capsys.readouterr())

    assert run(["score", case, "--assume", "附件.一.1.a=yes", "--assume=附件.一.4.b=no", "--lang", "en"]) == 0
    assert "附件.一.4.b" in said()
    assert run(["eligible", case, "--assume", "重大安全责任事故=2021-03-01", "--json"]) == 0
    assert json.loads(said())["assumed"][0]["id"] == "重大安全责任事故"
    for wrong in ("附件.一.1.a", "=yes", "附件.一.1.a=", "附件.一.1.a＝yes"):
        assert run(["score", case, "--assume", wrong]) == 2
        assert "--assume 要写作 编号=取值" in said()
    assert run(["score", case, "--assume", "附件.一.1.a=yes", "--assume", "附件.一.1.a=no"]) == 2
    assert "--assume 附件.一.1.a 写了两次：yes、no" in said()
    assert run(["lead", "落实休假政策", "--assume", "a=b"]) == 2
    assert "lead 不看案例，没有可以假设的" in said()
