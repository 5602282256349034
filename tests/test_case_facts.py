"""Cases that state facts of the workspace's own relations, under `facts:`: a document whose cases hold a date, a choice and a
list of stalls needs declarations, rules and a question, but no Python.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

import zhengce
from zhengce import ask
from zhengce.cases import Case, read_case
from zhengce.errors import CaseError, UnusedError, ZhengceError
from zhengce.souffle import export
from zhengce.starting import start
from zhengce.workspace import Workspace

RULES = """\
// 市集：案例写开业的日期和摊位

@[key = "city", label = "开业日期"]
.decl opened_on(city: symbol, day: date)
.input opened_on
@[key = "city, stall", label = "摊位"]
.decl stall(city: symbol, stall: symbol, kind: symbol)
.input stall
@[label = "摊位已写全（哪怕没有）"]
.decl stalls_given(city: symbol)
.input stalls_given
@[key = "city, stall, position", references = "city = stall.city, stall = stall.stall", label = "摊位的欠费"]
.decl owes(city: symbol, stall: symbol, position: number, amount: decimal)
.input owes
@[ids = "condition", references = "condition = condition.condition", label = "查过的条件"]
.decl looked_at(city: symbol, document: symbol, condition: symbol, times: number)
.input looked_at

@[key = "city", label = "可以评分的日期"]
.decl may_be_scored(city: symbol, day: date)
@[method = "开业满一年"]
may_be_scored(c, e) :- opened_on(c, d), years_after(d, 1, e).
@[key = "city", label = "水产摊位数"]
.decl fish(city: symbol, n: number)
@[method = "摊位写全了才数得出来"]
fish(c, n) :- stalls_given(c), n = count : { stall(c, s, "水产") }.
@[key = "city", label = "欠费合计"]
.decl owing(city: symbol, amount: decimal)
@[method = "各摊位的欠费之和"]
owing(c, t) :- stalls_given(c), t = sum a : { owes(c, s, n, a) }.
@[label = "查过的次数"]
.decl looks(city: symbol, condition: symbol, times: number)
@[method = "本文件的"]
looks(c, k, n) :- city(c, d), looked_at(c, d, k, n).
@[method = "鲜活的摊位要早于今天开业"]
conflict(c, "facts", "opened_on", 0, "开业早于办法施行", "facts", "stall") :-
    opened_on(c, d), d < "2000-01-01", stall(c, _, "水产").
"""
QUESTION = """\
title = "市集怎么样"
help = "市集开业、摊位和欠费。"

[[argument]]
name = "city"
kind = "case"
help = "案例文件"

[answer]
city = { argument = "city" }
document = { one = "city", on = ["city"], value = "document" }
scored_from = { one = "may_be_scored", on = ["city"], value = "day" }
fish = { one = "fish", on = ["city"], value = "n" }
owing = { one = "owing", on = ["city"], value = "amount" }

[answer.stalls]
each = "stall"
on = ["city"]
order = ["stall"]
fields = { stall = "stall", kind = "kind" }

[answer.looks]
each = "looks"
on = ["city"]
fields = { condition = "condition|short", times = "times" }

[[text]]
lines = ["{city}　{scored_from}"]
"""
STALLS = "  stall: [{stall: A1, kind: 蔬菜}, {stall: A2, kind: 水产}]\n"
OWN = ["looked_at", "opened_on", "owes", "stall", "stalls_given"]


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The template with a market of its own."""
    root = tmp_path_factory.mktemp("market") / "示例"
    start(root)
    (root / "policy" / "market.dl").write_text(RULES, encoding="utf-8")
    (root / "queries" / "market.toml").write_text(QUESTION, encoding="utf-8")
    return root


def case(folder: Path, body: str) -> str:
    """The path of a case with these facts."""
    path = folder.parent / "case.yaml"
    path.write_text(f"city: 甲\ndocument: shili-2025\nfacts:\n{body}", encoding="utf-8")
    return str(path)


def read(folder: Path, body: str) -> Case:
    workspace = Workspace(folder)
    return read_case(Path(case(folder, body)), workspace.facts_known, workspace.statable)


def own(folder: Path, body: str) -> dict[str, set[tuple[Any, ...]]]:
    """The rows of the workspace's own relations."""
    return {relation: rows for relation, rows in read(folder, body).facts.items() if relation in OWN}


def errors(folder: Path, body: str) -> list[ZhengceError]:
    with pytest.raises(CaseError) as caught:
        read(folder, body)
    return list(caught.value.all)


# -- what is answered -----------------------------------------------------------------------------------------------------


def test_a_question_answers_from_them(folder: Path) -> None:
    body = f"  opened_on: 2024-02-29\n  stalls_given: yes\n{STALLS}  owes: {{stall: A2, amount: 12.5}}\n"
    body += "  looked_at: {condition: 附件.1.a, times: 3}\n"
    for _ in range(2):  # the second time from the cache
        policy = zhengce.open(folder)
        answer = policy.market(case(folder, body))
        assert answer["scored_from"] == date(2025, 2, 28)
        assert (answer["fish"], str(answer["owing"])) == (1, "12.5")
        assert answer["stalls"] == [{"stall": "A1", "kind": "蔬菜"}, {"stall": "A2", "kind": "水产"}]
        assert answer["looks"] == [{"condition": "附件.1.a", "times": 3}]


def test_what_is_left_out_is_unknown_and_an_empty_list_states_nothing(folder: Path) -> None:
    policy = zhengce.open(folder)
    unknown = policy.market(case(folder, STALLS))
    assert (unknown["scored_from"], unknown["fish"]) == (None, None)
    assert policy.market(case(folder, f"{STALLS}  stalls_given: yes\n"))["fish"] == 1
    assert policy.market(case(folder, "  opened_on: 2024-03-01\n  stall: []\n"))["fish"] is None
    assert policy.market(case(folder, "  stall: []\n  stalls_given: yes\n"))["fish"] == 0


def test_other_questions_take_the_same_case(folder: Path) -> None:
    assert zhengce.open(folder).score(case(folder, STALLS))["total"] == {"low": 0, "high": 10, "of": 10}


def test_the_workspace_is_sound(folder: Path) -> None:
    assert zhengce.open(folder).check()["problems"] == []


def test_what_nothing_reads_is_still_unused(tmp_path: Path) -> None:
    start(tmp_path)
    (tmp_path / "policy" / "own.dl").write_text('@[label = "甲"]\n.decl a(city: symbol)\n.input a\n', encoding="utf-8")
    with pytest.raises(UnusedError):
        zhengce.open(tmp_path).check()


def test_contradictions_are_shown_where_they_stand(folder: Path) -> None:
    with pytest.raises(CaseError) as caught:
        zhengce.open(folder).market(case(folder, f"  opened_on: 1999-01-01\n{STALLS}"))
    (error,) = caught.value.all
    assert error.span and (error.code, error.span.line, error.span.column) == ("contradiction", 4, 3)
    assert "第 5 行的 facts 的 stall" in error.hint


def test_what_the_documents_state_of_the_relation_stays(tmp_path: Path) -> None:
    root = tmp_path / "示例"
    start(root)
    (root / "policy" / "market.dl").write_text(RULES, encoding="utf-8")
    (root / "queries" / "market.toml").write_text(QUESTION, encoding="utf-8")
    facts = root / "facts" / "shili-2025.market.yaml"
    facts.write_text("stall: [{city: 甲, stall: A0, kind: 水产}]\n", encoding="utf-8")
    body = f"{STALLS}  owes: {{stall: A0, amount: 1}}\n  stalls_given: yes\n"
    assert zhengce.open(root).market(case(root, body))["fish"] == 2
    given = ask.given(Workspace(root), case(root, body), readings={}, on=None)
    assert ("甲", "A0", "水产") in given["stall"]


def test_they_are_exported(folder: Path, tmp_path: Path) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in export(Workspace(folder), tmp_path, case=case(folder, STALLS)))
    assert '"A2"' in text


# -- what is read -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        ("  opened_on: 2025年3月1日", {"opened_on": {("甲", date(2025, 3, 1))}}),
        ("  opened_on: {day: ' 2025-03-01 '}", {"opened_on": {("甲", date(2025, 3, 1))}}),
        ("  opened_on:", {}),
        ("  stall: []", {}),
        ("  stalls_given: 是", {"stalls_given": {("甲",)}}),
        ("  stalls_given: no", {}),
        ("  stall: {stall: A1, kind: no}", {"stall": {("甲", "A1", "no")}}),
        (
            "  stall: {stall: A1, kind: 蔬菜, owes: [1, 0.000001]}",
            {"stall": {("甲", "A1", "蔬菜")}, "owes": {("甲", "A1", 1, 1_000_000), ("甲", "A1", 2, 1)}},
        ),
        (
            "  looked_at: {condition: 附件.1.a, times: 2}",
            {"looked_at": {("甲", "shili-2025", "shili-2025/附件.1.a", 2)}},
        ),
        (
            "  looked_at: {condition: shili-2025/附件.1.a, times: 2}",
            {"looked_at": {("甲", "shili-2025", "shili-2025/附件.1.a", 2)}},
        ),
    ],
)
def test_what_is_read(body: str, rows: dict[str, set[tuple[Any, ...]]], folder: Path) -> None:
    assert own(folder, f"{body}\n") == rows


def test_blank_facts_are_left_out(folder: Path) -> None:
    assert own(folder, "") == {}


def test_only_relations_about_a_city_that_are_filled_from_outside(folder: Path) -> None:
    statable = Workspace(folder).statable()
    assert sorted(statable.declarations.keys() - statable.refused.keys()) == OWN
    reasons = {name: statable.refused[name] for name in ("answer", "may_be_scored", "clause", "department")}
    assert reasons == {"answer": "ours", "may_be_scored": "no input", "clause": "ours", "department": "no input"}


# -- what is refused ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "says", "hint", "place"),
    [
        ("  opened: 2025-03-01", "没有 opened 这个关系", "opened_on", (4, 3)),
        ("  may_be_scored: 2025-03-01", "没有 .input", "opened_on", (4, 3)),
        ("  city: 乙", "zhengce 自己的关系", "", (4, 3)),
        ("  opened_on: 2025-3-1", "“2025-3-1”不是日期", "2025-03-01", (4, 14)),
        ("  opened_on: [2025-03-01, 2025-03-02]", "相同：甲", "case.yaml:4:15", (4, 27)),
        ("  opened_on: [2025-03-01, 2025-03-01]", "写了两次", "第 4 行", (4, 27)),
        ("  opened_on: {city: 乙, day: 2025-03-01}", "不能写 city", "day", (4, 15)),
        ("  stall: {stall: A1}", "缺少 kind", "", (4, 10)),
        ("  stall: A1", "按列来写", "{stall: …, kind: …}", (4, 10)),
        ("  stalls_given: 两个", "只能写 yes 或 no", "", (4, 17)),
        ("  owes: {stall: A9, amount: ¥1}", "“¥1”不是数", "", (4, 29)),
        ("  looked_at: {condition: 附件.9.a, times: 1}", "condition 里没有“shili-2025/附件.9.a”", "附件.1.a", (4, 26)),
        ("  stall: {stall: A1, kind: 蔬菜, opened_on: 2025-03-01}", "不能写 opened_on", "", (4, 32)),
    ],
)
def test_what_is_refused(body: str, says: str, hint: str, place: tuple[int, int], folder: Path) -> None:
    (error,) = errors(folder, f"{body}\n")
    assert says in error.message
    assert hint in error.hint
    assert error.span and (error.span.line, error.span.column) == place


def test_all_that_is_wrong_comes_at_once(folder: Path) -> None:
    found = errors(folder, "  opened: 2025-03-01\n  stall: {stall: A1}\n  owes: {stall: A9, amount: 1}\nanswer: {}\n")
    assert [error.span.line for error in found if error.span] == [4, 5, 7], "what refers to others is looked at last"


def test_what_is_referred_to_may_be_a_row_of_the_case(folder: Path) -> None:
    assert own(folder, f"{STALLS}  owes: {{stall: A1, amount: 1}}\n")["owes"]
    messages = [error.message for error in errors(folder, "  owes: {stall: A9, amount: 1}\n")]
    assert messages == ["stall 里没有“甲”", "stall 里没有“A9”"], "the column of the city refers to the stalls too"


def test_without_a_workspace_nothing_can_be_stated(folder: Path) -> None:
    with pytest.raises(CaseError, match="没有 stall 这个关系"):
        read_case(Path(case(folder, STALLS)), Workspace(folder).facts_known)
