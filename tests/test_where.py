"""Where each fact of a case stands in its file or in a table beside it, and the evidence given for it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_cases import random_case, to_yaml

from zhengce.cases import Case, read_case
from zhengce.errors import Span
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
WORKSPACE = Workspace(ROOT)
SAMPLES = [*(ROOT / "facts" / "cases").glob("*.yaml"), *(Path(__file__).parent / "cases").glob("*.yaml")]
D = "liaoning-2022/"
TEXT = """\
city: 示例市
document: liaoning-2022
applying_on: 2022-05-20
answers:
  附件.一.1.a: no
  附件.一.2.b: {value: yes, evidence: 2021年决算报告}
  附件.五.3.a: {value: yes, childcare: no, evidence: 舆情月报}
  附件.二.1.count: {value: 2, fields: [土地, 财政]}
unclear_elements: [资金来源]
discretion: {附件.五.1: 1.5}
self_scores: {附件.一.1: 6}
metrics:
  千人口托位数: {city: 3.2, province: 3.0}
  备案率: 98
institutions: 园.csv
inspected: {设置标准: all, 管理规范: [A园]}
unmet: 条.csv
incidents: {重大信访事件: [{on: 2019-11-08}, {about_childcare: no}]}
reexamined: {on: 2024-06-01, meets: yes}
findings: {六.一.1: no, 六.一.2: {措施不力: no}}
readings: {附件.三.5.equal: not-higher}
"""
PLACES: list[tuple[str, tuple[Any, ...], tuple[int, int]]] = [
    ("city", ("liaoning-2022",), (1, 1)),
    ("applying_on", (date(2022, 5, 20),), (3, 1)),
    ("answer", (D + "附件.一.1.a", "no"), (5, 3)),
    ("answer", (D + "附件.一.2.b", "yes"), (6, 3)),
    ("answer_detail", (D + "附件.五.3.a", "childcare", "no"), (7, 26)),
    ("counted", (D + "附件.二.1.count", 2), (8, 3)),
    ("fields_given", (), (8, 28)),
    ("field_covered", ("财政",), (8, 41)),
    ("elements_given", (), (9, 1)),
    ("unclear_element", ("资金来源",), (9, 20)),
    ("discretion", (D + "附件.五.1", 1500000), (10, 14)),
    ("self_score", (D + "附件.一.1", 6000000), (11, 15)),
    ("metric", ("千人口托位数", "province", 3000000), (13, 23)),
    ("metric", ("备案率", "city", 98000000), (14, 3)),
    ("inspected", ("B园", "设置标准"), (16, 13)),
    ("inspected", ("A园", "管理规范"), (16, 31)),
    ("incidents_given", ("重大信访事件",), (18, 13)),
    ("incident", ("重大信访事件", 2), (18, 40)),
    ("incident_on", ("重大信访事件", 1, date(2019, 11, 8)), (18, 23)),
    ("incident_about_childcare", ("重大信访事件", 2, "no"), (18, 41)),
    ("reexamined", ("yes",), (19, 1)),
    ("finding", (D + "六.一.1", "no"), (20, 12)),
    ("finding_part", (D + "六.一.2", "措施不力", "no"), (20, 31)),
    ("reading_chosen", (D + "附件.三.5.equal", "not-higher"), (21, 12)),
]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    (tmp_path / "园.csv").write_text("institution\nA园\nB园\n", encoding="utf-8")
    (tmp_path / "条.csv").write_text("institution,standard,clause\nA园,设置标准,第七条\nA园,设置标准,8\n", encoding="utf-8")
    (tmp_path / "案例.yaml").write_text(TEXT, encoding="utf-8")
    return read(tmp_path / "案例.yaml")


def read(path: Path) -> Case:
    return read_case(path, WORKSPACE.facts_known, WORKSPACE.statable)


@pytest.mark.parametrize(("relation", "row", "place"), PLACES, ids=[f"{r} {row}" for r, row, _ in PLACES])
def test_in_the_file(case: Case, relation: str, row: tuple[Any, ...], place: tuple[int, int]) -> None:
    span = case.where(relation, ("示例市", *row))
    assert span is not None
    assert (span.file, span.line, span.column) == (case.path, *place)


def test_in_a_table(case: Case, tmp_path: Path) -> None:
    assert case.where("institution", ("示例市", "B园")) == Span(str(tmp_path / "园.csv"), 3, 1)
    assert case.where("unmet", ("示例市", "A园", "设置标准", "8")) == Span(str(tmp_path / "条.csv"), 3, 1)


def test_what_the_case_does_not_state_stands_nowhere(case: Case) -> None:
    assert case.where("answer", ("示例市", D + "附件.一.1.a", "yes")) is None
    assert case.where("lead", ("示例市",)) is None
    assert case.evidence("answer", ("示例市", D + "附件.一.1.a", "yes")) == ""


def test_evidence(case: Case) -> None:
    assert case.evidence("answer", ("示例市", D + "附件.一.2.b", "yes")) == "2021年决算报告"
    assert case.evidence("answer_detail", ("示例市", D + "附件.五.3.a", "childcare", "no")) == "舆情月报"
    assert case.evidence("answer", ("示例市", D + "附件.一.1.a", "no")) == ""
    assert case.evidence("metric", ("示例市", "备案率", "city", 98000000)) == ""


def test_unmet_clauses_alone_say_that_all_were_inspected(tmp_path: Path) -> None:
    text = "city: 甲市\ndocument: liaoning-2022\ninstitutions: [A园]\n"
    unmet = "unmet: [{institution: A园, standard: 设置标准, clause: 7}]\n"
    (tmp_path / "a.yaml").write_text(text + unmet, encoding="utf-8")
    span = read(tmp_path / "a.yaml").where("inspected", ("甲市", "A园", "管理规范"))
    assert span is not None
    assert span.line == 4


def has_its_place(path: Path) -> None:
    case = read(path)
    lines = case.source.split("\n")
    for relation, rows in case.facts.items():
        for row in rows:
            span = case.where(relation, row)
            assert span, (relation, row)
            assert span.column <= len(lines[span.line - 1])


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_every_fact_of_a_sample_has_its_place(path: Path) -> None:
    has_its_place(path)


@pytest.mark.parametrize("seed", range(40))
def test_every_fact_of_a_random_case_has_its_place(tmp_path: Path, seed: int) -> None:
    (tmp_path / "case.yaml").write_text(to_yaml(random_case(Random(seed), completeness=0.8)), encoding="utf-8")
    has_its_place(tmp_path / "case.yaml")
