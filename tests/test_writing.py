"""Facts written as a case file and read again are the same facts, or it is said why a case cannot say them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml
from random_cases import random_case, to_yaml

import zhengce
from zhengce.cases import read_case
from zhengce.cases.meaning import RELATIONS
from zhengce.cases.writing import written
from zhengce.datalog.checked import Row
from zhengce.errors import CaseError
from zhengce.rows import Statable
from zhengce.starting import start
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
WORKSPACE = zhengce.open(ROOT).workspace
KNOWN = WORKSPACE.facts_known
RANDOM = 200
CHANGED = 1500

Facts = dict[str, set[Row]]


def said(facts: Mapping[str, Any]) -> Facts:
    """The relations that have rows."""
    return {relation: set(rows) for relation, rows in facts.items() if rows}


def read(text: str, folder: Path, workspace: Workspace = WORKSPACE) -> Facts:
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    return said(read_case(path, workspace.facts_known, workspace.statable).facts)


def same_again(facts: Mapping[str, Any], folder: Path, workspace: Workspace = WORKSPACE) -> str:
    text = written(facts, workspace.facts_known, workspace.statable)
    again = read(text, folder, workspace)
    assert again == said(facts), text
    assert written(again, workspace.facts_known, workspace.statable) == text
    return text


@cache
def sample(name: str = "示例市甲") -> Facts:
    return said(read_case(ROOT / "facts" / "cases" / f"{name}.yaml", KNOWN).facts)


def with_rows(**rows: set[Row]) -> Facts:
    """The sample, with these relations instead of its own."""
    return {**sample(), **rows}


def refused(facts: Mapping[str, Any], statable: Callable[[], Statable] = Statable) -> list[str]:
    with pytest.raises(CaseError) as caught:
        written(facts, KNOWN, statable)
    return [error.message for error in caught.value.all]


# -- the same again -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_case_written_and_read_is_the_same(path: Path, tmp_path: Path) -> None:
    same_again(read_case(path, KNOWN).facts, tmp_path)


def test_random_cases_written_and_read_are_the_same(tmp_path: Path) -> None:
    for seed in range(RANDOM):
        rng = Random(seed)
        text = to_yaml(random_case(rng, completeness=rng.choice((0.1, 0.5, 0.9, 1.0))))
        facts = read(text, tmp_path)
        shuffled = {name: rng.sample(sorted(rows), len(rows)) for name, rows in rng.sample(sorted(facts.items()), len(facts))}
        assert written(shuffled, KNOWN) == same_again(facts, tmp_path), seed


def test_every_relation_of_a_case_is_written_by_some_case() -> None:
    seen = {name for path in CASES for name in said(read_case(path, KNOWN).facts)}
    assert seen == set(RELATIONS)


def test_changed_facts_are_the_same_again_or_refused(tmp_path: Path) -> None:
    """Values that come from elsewhere, rows that are left out or added: none is ever dropped or turned into another."""
    refusals = 0
    for seed in range(CHANGED):
        facts = changed(Random(seed), sample(("示例市甲", "示例市乙")[seed % 2]))
        try:
            text = written(facts, KNOWN)
        except CaseError:
            refusals += 1
        else:
            assert read(text, tmp_path) == said(facts), (seed, text)
    assert CHANGED * 0.1 < refusals < CHANGED * 0.9


def changed(rng: Random, facts: Facts) -> Facts:
    """The facts with one or two things changed: a row that is gone, a row that is new, a value from elsewhere."""
    now = {relation: set(rows) for relation, rows in facts.items()}
    for _ in range(rng.randint(1, 2)):
        relation = rng.choice([*RELATIONS, "asked_on"])
        rows = sorted(now.get(relation, ()), key=str)
        new = [] if not rows or rng.random() < 0.3 else [rng.choice(rows)]
        if new and rng.random() < 0.6:
            now[relation] -= set(new)
        if rng.random() < 0.8:
            columns = pools()[relation]
            row = list(new[0]) if new else [rng.choice(column) for column in columns]
            at = rng.randrange(len(columns))
            row[at] = rng.choice(STRANGE if rng.random() < 0.2 else columns[at])
            now.setdefault(relation, set()).add(tuple(row))
    return now


@cache
def pools() -> dict[str, list[list[Any]]]:
    """By relation, the values that stand in each of its columns in some case."""
    rows: dict[str, set[Row]] = {"asked_on": {(date(2024, 1, 1),)}}
    for path in CASES:
        for relation, found in read_case(path, KNOWN).facts.items():
            rows.setdefault(relation, set()).update(found)
    return {relation: [sorted(set(column), key=str) for column in zip(*found, strict=True)] for relation, found in rows.items()}


STRANGE: list[Any] = [
    *(
        "",
        " ",
        "甲",
        " 甲",
        "甲　",
        "甲\n乙",
        "甲\u200b",
        "\ud800",
        "𠮷",
        "a，b",
        "null",
        "~",
        "yes",
        "on",
        "12",
        "1.5",
        "all",
        "[]",
    ),
    *("第七条", "７", "08", "8", "二十", "x: y", "# x", "&a", "*a", "!a", "- a", "'", '"', "\\", "2022-05-20", "=", "city"),
    *("liaoning-2022", "fuxin-2020", "liaoning-2022/附件.一.1", "fuxin-2020/附件.一.1.a", "liaoning-2022/附件.六.3.count"),
    *(0, -1, 1, 2, 3, 999, 2022, 3000, 10**18, 10**6, 1_500_000, 10**8, 10**8 + 1, 10**19, True, None, 1.5),
    *(date(2022, 2, 28), date(1899, 12, 31), date(3000, 1, 1)),
]


@pytest.mark.parametrize(
    "name", ["yes", "null", "12", "1e3", "2022-05-20", "x: y", "a #b", "&a", "- a", "'a\"", "𠮷", "on", "all", "1:30"]
)
def test_names_that_yaml_would_read_as_something_else(name: str, tmp_path: Path) -> None:
    facts = with_rows(
        unit={("示例市甲", name)},
        institution={("示例市甲", name)},
        inspected=set(),
        unmet={("示例市甲", name, "管理规范", "1")},
    )
    text = same_again(facts, tmp_path)
    assert yaml.safe_load(text)["unit"] == name, "to others that read YAML too"
    assert name in text, "as it is, but for the quotes"


def test_yaml_of_others_reads_the_values(tmp_path: Path) -> None:
    loaded = yaml.safe_load(same_again(sample(), tmp_path))
    assert loaded["applying_on"] == date(2022, 5, 20)
    assert loaded["answers"]["附件.五.3.a"] == {"value": True, "childcare": False}
    assert loaded["metrics"]["千人口托位数"] == {"city": 3.2, "province": 3}
    assert loaded["incidents"]["重大信访事件"] == [{"on": date(2019, 11, 8)}]
    assert loaded["unmet"][0] == {"institution": "甲一托育园", "standard": "管理规范", "clause": "7"}


def test_it_is_written_as_people_write_it(tmp_path: Path) -> None:
    text = same_again(sample(), tmp_path)
    for line in (
        "  附件.一.1.a: no",
        "  附件.六.3: 4.95",
        "  设置标准: all",
        "revoked_in",
        "  重大违法违规案件: []",
        "named_in: 2022",
    ):
        assert (line in text) == (line != "revoked_in")
    order = [line.split(":")[0].strip() for line in text.splitlines() if line.startswith("  附件.二.")]
    assert order.index("附件.二.1.count") < order.index("附件.二.2.a") < order.index("附件.二.8.b")


def test_nothing_inspected_is_not_everything_inspected(tmp_path: Path) -> None:
    assert "inspected: {}" in same_again(with_rows(inspected=set()), tmp_path)


# -- what a case cannot say -------------------------------------------------------------------------------------------------

CITY = "示例市甲"


@pytest.mark.parametrize(
    ("rows", "fact", "why"),
    [
        ({"unmet": {(CITY, "乙园", "设置标准", "7")}}, f"unmet({CITY}, 乙园, 设置标准, 7)", f"没有 institution({CITY}, 乙园)"),
        ({"unmet": {(CITY, "甲一托育园", "设置标准", "第七条")}}, "unmet", "item 不能是“第七条”"),
        ({"inspected": {(CITY, "甲一托育园", "别的标准")}}, "inspected", "standard 不能是“别的标准”"),
        ({"institution": {(CITY, "A园，B园")}, "inspected": set(), "unmet": set()}, "institution", "不能是“A园，B园”"),
        ({"answer": {(CITY, "fuxin-2020/二.一.1", "yes")}}, "answer", "不能是“fuxin-2020/二.一.1”"),
        ({"answer": {(CITY, "liaoning-2022/附件.二.1.count", "yes")}}, "answer", "不能是“liaoning-2022/附件.二.1.count”"),
        ({"answer": {(CITY, "liaoning-2022/附件.一.1.a", "maybe")}}, "answer", "value 不能是“maybe”"),
        ({"answer": {("示例市乙", "liaoning-2022/附件.一.1.a", "yes")}}, "answer(示例市乙", f"案例的城市是{CITY}"),
        ({"answer": {(CITY, "liaoning-2022/附件.一.1.a")}}, "answer", "answer 有 3 列，这里写了 2 列"),
        ({"discretion": {(CITY, "liaoning-2022/附件.五.1", 2_500_000)}}, "附件.五.1, 2.5)", "points 不能是"),
        ({"metric": {(CITY, "备案率", "province", 1)}}, f"metric({CITY}, 备案率, province, 0.000001)", "不能是“province”"),
        ({"metric": {(CITY, "备案率", "city", 100_000_001)}}, "100.000001", "value 不能是"),
        ({"applying_on": {(CITY, date(1899, 1, 1))}}, "applying_on", "day 不能是“1899-01-01”"),
        ({"fields_given": set()}, "field_covered", f"没有 fields_given({CITY})"),
        ({"incidents_given": set()}, "incident", "没有 incidents_given"),
        ({"reading_chosen": {(CITY, "liaoning-2022/附件.三.5.equal", "x")}}, "reading_chosen", "value 不能是“x”"),
    ],
)  # fmt: skip
def test_what_is_refused_and_why(rows: dict[str, set[Row]], fact: str, why: str) -> None:
    messages = refused(with_rows(**rows))
    assert any(message.startswith("案例写不了 ") and fact in message and why in message for message in messages), messages


@pytest.mark.parametrize(
    ("relation", "other"),
    [
        ("answer", ("liaoning-2022/附件.一.1.a", "yes")),
        ("applying_on", (date(2023, 1, 1),)),
        ("unit", ("县",)),
        ("finding", ("liaoning-2022/六.一.2", "no")),
        ("metric", ("千人口托位数", "city", 1)),
        ("self_score", ("liaoning-2022/附件.一.1", 0)),
    ],
)
def test_two_things_in_one_place_are_refused(relation: str, other: Row) -> None:
    messages = refused({**sample(), relation: {*sample()[relation], (CITY, *other)}})
    assert all("同一处已经写了" in message for message in messages)


def test_incidents_must_be_counted_without_gaps() -> None:
    facts = with_rows(
        incident={(CITY, "重大信访事件", 1), (CITY, "重大信访事件", 3)}, incident_on=set(), incident_about_childcare=set()
    )
    assert refused(facts) == ["重大信访事件的序号要从 1 起，一个接一个，这里是：1、3"]


@pytest.mark.parametrize("city", [set(), {(CITY, "liaoning-2022"), (CITY, "fuxin-2020")}, {(CITY, "a"), ("乙", "a")}])
def test_a_case_is_of_one_city_and_one_document(city: set[Row]) -> None:
    (message,) = refused(with_rows(city=city))
    assert "一个城市、依据一个文件" in message
    assert all(f"city({', '.join(row)})" in message for row in city)


def test_all_that_cannot_be_said_comes_at_once() -> None:
    assert len(refused(with_rows(unit={(CITY, " x")}, named_in={(CITY, 1)}, asked_on={(date(2024, 1, 1),)}))) == 3


def test_an_id_of_another_document_is_told_so() -> None:
    with pytest.raises(CaseError) as caught:
        written(with_rows(answer={(CITY, "fuxin-2020/二.一.1", "yes")}), KNOWN)
    assert "案例依据 liaoning-2022，只写它的编号" in str(caught.value)


# -- relations of the workspace's own ---------------------------------------------------------------------------------------

RULES = """\
@[key = "city", label = "开业日期"]
.decl opened_on(city: symbol, day: date)
.input opened_on
@[key = "city, stall", label = "摊位"]
.decl stall(city: symbol, stall: symbol, kind: symbol)
.input stall
@[label = "摊位已写全"]
.decl stalls_given(city: symbol)
.input stalls_given
@[key = "city, stall, position", references = "city = stall.city, stall = stall.stall", label = "摊位的欠费"]
.decl owes(city: symbol, stall: symbol, position: number, amount: decimal)
.input owes
@[ids = "condition", references = "condition = condition.condition", label = "查过的条件"]
.decl looked_at(city: symbol, document: symbol, condition: symbol, times: number)
.input looked_at
@[label = "依据"]
.decl based_on(city: symbol, document: symbol)
.input based_on
"""
QUESTION = """\
title = "市集"
help = "市集。"

[[argument]]
name = "city"
kind = "case"
help = "案例文件"

[answer]
city = { argument = "city" }
"""
EACH = '[answer.{relation}]\neach = "{relation}"\non = ["city"]\nfields = {{ city = "city" }}\n'
OWN: Facts = {
    "city": {("甲", "shili-2025")},
    "opened_on": {("甲", date(2024, 2, 29))},
    "stall": {("甲", "A1", "蔬菜"), ("甲", "", "no"), ("甲", " a\n\t\x07b ", "　"), ("甲", "null", "\\y?\x85t\u2028")},
    "stalls_given": {("甲",)},
    "owes": {("甲", "A1", 1, 12_500_000), ("甲", "A1", -7, -1), ("甲", "null", 2**63 - 1, 10**18 - 1)},
    "looked_at": {("甲", "shili-2025", "shili-2025/附件.1.a", 3), ("甲", "x", "shili-2025/附件.1.a", 0)},
    "based_on": {("甲", "shili-2025"), ("甲", "x")},
}


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    root = tmp_path_factory.mktemp("market") / "示例"
    start(root)
    (root / "policy" / "market.dl").write_text(RULES, encoding="utf-8")
    question = QUESTION + "".join(EACH.format(relation=relation) for relation in OWN if relation != "city")
    (root / "queries" / "market.toml").write_text(f'{question}\n[[text]]\nlines = ["{{city}}"]\n', encoding="utf-8")
    return Workspace(root)


def test_facts_of_the_workspace_are_written_too(market: Workspace, tmp_path: Path) -> None:
    text = same_again(OWN, tmp_path, market)
    assert "  stalls_given: yes\n" in text
    assert "    condition: 附件.1.a\n" in text


@pytest.mark.parametrize(
    ("relation", "row", "says"),
    [
        ("opened_on", ("甲", date(2025, 1, 1)), "opened_on 有两行的 city 相同：甲"),
        ("owes", ("甲", "A9", 1, 1), "案例写不了 owes(甲, A9, 1, 0.000001)：stall 里没有“A9”"),
        ("owes", ("甲", "A1", 2**63, 1), "position 不能是"),
        ("stall", ("甲", "\ud800", "a"), "stall 不能是"),
        ("looked_at", ("甲", "x", 5, 1), "condition 不能是“5”"),
        ("looked_at", ("甲", "x", "附件.1.a", 1), "condition 不能是“附件.1.a”"),
        ("stalls_given", ("乙",), "案例的城市是甲"),
        ("duty", ("甲",), "duty"),
    ],
)
def test_facts_of_the_workspace_that_are_refused(relation: str, row: Row, says: str, market: Workspace) -> None:
    with pytest.raises(CaseError) as caught:
        written({**OWN, relation: {*OWN.get(relation, ()), row}}, market.facts_known, market.statable)
    assert any(says in error.message for error in caught.value.all), caught.value


def test_relations_that_no_case_states_are_refused_by_name() -> None:
    assert refused(with_rows(stall={(CITY, "A1")})) == ["没有 stall 这个关系"]
    assert refused(with_rows(clause={(CITY,)}), WORKSPACE.statable) == ["clause 是 zhengce 自己的关系，不写在 facts 下"]
