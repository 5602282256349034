"""Case files: what is read from them, and what is said of the ones that are wrong.

In a wrong case `»` stands before the place where the error must be shown.
"""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import pytest
from random_cases import random_case, to_yaml

from zhengce import documents
from zhengce.cases import Case, read_case
from zhengce.cases.rosters import item_number
from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import Declaration
from zhengce.errors import CaseError, ZhengceError

ROOT = Path(__file__).parents[1]
DOCUMENT = "liaoning-2022"
HEAD = "city: 示例市\ndocument: liaoning-2022\n"
MARK = "»"
Known = Mapping[str, Any]
Reader = Callable[[str], Case]

EXAMPLE = """\
city: 示例市
document: liaoning-2022
applying_on: 2022-05-20
unit: 设区的市
answers:                      # does the condition hold? yes, no, or left out
  附件.一.1.a: no
  附件.二.1.count: 2           # or, under the reading `field`, fields: [土地, 财政]
  附件.一.2.b: {value: yes, evidence: 2021年决算报告}
unclear_elements: [资金来源]     # an empty list means none
discretion: {附件.五.1: 1.5}
self_scores: {附件.一.1: 6}
metrics:                      # percentages as numbers from 0 to 100
  千人口托位数: {city: 3.2, province: 3.0}
  婴幼儿入托率: {city: 12.5, province: 13.1}
  应配置率: 100
  备案率: 98
  满意度: 92
institutions: [A园, B园]
inspected: {设置标准: all, 管理规范: [A园]}
unmet:
  - {institution: A园, standard: 设置标准, clause: "7"}
incidents:
  重大违法违规案件: []
  重大安全责任事故: [{on: 2020-05-20}]
  重大信访事件: []
  重大负面舆情: [{on: 2021-03-01, about_childcare: no}]
named_in: null
revoked_in: null
reexamined: {on: 2024-06-01, meets: yes}
findings: {六.一.1: no, 六.一.2: {措施不力: no, 工作退步: no, 弄虚作假: no}, 六.一.3: no}
readings: {附件.三.5.equal: not-higher}
expect: {total: {low: 81.5, high: 88}, eligible: undetermined}
"""


def declarations() -> dict[str, Declaration]:
    files = sorted([*(ROOT / "policy").glob("*.dl"), *(ROOT / "zhengce" / "prelude").glob("*.dl")])
    return {d.name: d for file in files for d in parse(file.read_text(encoding="utf-8"), file.name).declarations}


@pytest.fixture(scope="module")
def known() -> Known:
    declared = declarations()
    texts = [documents.read_document(file) for file in sorted((ROOT / "policy").glob("*.toml"))]
    stated = [documents.read_facts(file, declared) for file in sorted((ROOT / "facts").glob("*.yaml"))]
    return documents.merge([*texts, *stated])


@pytest.fixture
def read(known: Known, tmp_path: Path) -> Reader:
    def reader(text: str) -> Case:
        path = tmp_path / "case.yaml"
        path.write_text(text, encoding="utf-8")
        return read_case(path, known)

    return reader


def facts(read: Reader, body: str) -> dict[str, set[tuple[Any, ...]]]:
    """The facts that a few lines give, without the city in front and the document before ids."""
    prefix = f"{DOCUMENT}/"

    def short(value: Any) -> Any:
        return value.removeprefix(prefix) if isinstance(value, str) else value

    given = read(HEAD + body).facts
    return {relation: {tuple(map(short, row[1:])) for row in rows} for relation, rows in given.items()}


def errors(read: Reader, text: str) -> list[ZhengceError]:
    with pytest.raises(CaseError) as caught:
        read(text)
    assert str(caught.value)
    return list(caught.value.all)


def places(found: list[ZhengceError]) -> list[tuple[int, int]]:
    return [(error.span.line, error.span.column) for error in found if error.span]


# --- what is read ------------------------------------------------------------------------------------------------


def test_the_inventorys_example(read: Reader) -> None:
    case = read(EXAMPLE)
    city = "示例市"
    assert (case.city, case.document, case.source) == (city, DOCUMENT, EXAMPLE)
    kinds = ("重大违法违规案件", "重大安全责任事故", "重大信访事件", "重大负面舆情")
    parts = ("措施不力", "工作退步", "弄虚作假")
    assert {relation: rows for relation, rows in case.facts.items() if rows} == {
        "city": {(city, DOCUMENT)},
        "applying_on": {(city, date(2022, 5, 20))},
        "unit": {(city, "设区的市")},
        "answer": {(city, f"{DOCUMENT}/附件.一.1.a", "no"), (city, f"{DOCUMENT}/附件.一.2.b", "yes")},
        "counted": {(city, f"{DOCUMENT}/附件.二.1.count", 2)},
        "elements_given": {(city,)},
        "unclear_element": {(city, "资金来源")},
        "discretion": {(city, f"{DOCUMENT}/附件.五.1", 1_500_000)},
        "self_score": {(city, f"{DOCUMENT}/附件.一.1", 6_000_000)},
        "metric": {
            (city, "千人口托位数", "city", 3_200_000),
            (city, "千人口托位数", "province", 3_000_000),
            (city, "婴幼儿入托率", "city", 12_500_000),
            (city, "婴幼儿入托率", "province", 13_100_000),
            (city, "应配置率", "city", 100_000_000),
            (city, "备案率", "city", 98_000_000),
            (city, "满意度", "city", 92_000_000),
        },
        "institution": {(city, "A园"), (city, "B园")},
        "inspected": {(city, "A园", "设置标准"), (city, "B园", "设置标准"), (city, "A园", "管理规范")},
        "unmet": {(city, "A园", "设置标准", "7")},
        "incidents_given": {(city, kind) for kind in kinds},
        "incident": {(city, "重大安全责任事故", 1), (city, "重大负面舆情", 1)},
        "incident_on": {
            (city, "重大安全责任事故", 1, date(2020, 5, 20)),
            (city, "重大负面舆情", 1, date(2021, 3, 1)),
        },
        "incident_about_childcare": {(city, "重大负面舆情", 1, "no")},
        "reexamined": {(city, "yes")},
        "finding": {(city, f"{DOCUMENT}/六.一.1", "no"), (city, f"{DOCUMENT}/六.一.3", "no")},
        "finding_part": {(city, f"{DOCUMENT}/六.一.2", part, "no") for part in parts},
        "reading_chosen": {(city, f"{DOCUMENT}/附件.三.5.equal", "not-higher")},
    }
    assert case.expect == {"total": {"low": Decimal("81.5"), "high": Decimal(88)}, "eligible": "undetermined"}


def walk(case: Mapping[str, Any]) -> dict[str, set[tuple[Any, ...]]]:
    """The facts of a typed case, by a walk of its own; only relations that have rows."""
    city, rows = case["city"], dict[str, set[tuple[Any, ...]]]()

    def add(relation: str, *row: Any) -> None:
        kept = ({True: "yes", False: "no"}[v] if isinstance(v, bool) else v for v in row)
        scaled = (int(v * 10**6) if isinstance(v, Decimal) else v for v in kept)
        rows.setdefault(relation, set()).add((city, *scaled))

    add("city", case["document"])
    for key in ("applying_on", "unit", "named_in", "revoked_in"):
        if case.get(key) is not None:
            add(key, case[key])
    for condition, given in case.get("answers", {}).items():
        answer = given if isinstance(given, dict) else {"value": given}
        add("counted" if condition.endswith("count") else "answer", f"{DOCUMENT}/{condition}", answer["value"])
        for detail in {"childcare", "responsibility"} & set(answer):
            add("answer_detail", f"{DOCUMENT}/{condition}", detail, answer[detail])
    for key, given, item in (
        ("fields", "fields_given", "field_covered"),
        ("unclear_elements", "elements_given", "unclear_element"),
    ):
        if key in case:
            add(given)
            for name in case[key]:
                add(item, name)
    for key, relation in (("discretion", "discretion"), ("self_scores", "self_score"), ("readings", "reading_chosen")):
        for name, value in case.get(key, {}).items():
            add(relation, f"{DOCUMENT}/{name}", value)
    for name, value in case.get("metrics", {}).items():
        for whose, number in value.items() if isinstance(value, dict) else [("city", value)]:
            add("metric", name, whose, number)
    _walk_institutions(case, add)
    for kind, incidents in case.get("incidents", {}).items():
        add("incidents_given", kind)
        for number, incident in enumerate(incidents, 1):
            add("incident", kind, number)
            for key, value in incident.items():
                add(f"incident_{key}", kind, number, value)
    if "meets" in case.get("reexamined", {}):
        add("reexamined", case["reexamined"]["meets"])
    for trigger, found in case.get("findings", {}).items():
        if isinstance(found, bool):
            add("finding", f"{DOCUMENT}/{trigger}", found)
        else:
            for part, value in found.items():
                add("finding_part", f"{DOCUMENT}/{trigger}", part, value)
    return rows


def _walk_institutions(case: Mapping[str, Any], add: Callable[..., None]) -> None:
    for name in case.get("institutions", []):
        add("institution", name)
    for row in case.get("unmet", []):
        add("unmet", row["institution"], row["standard"], row["clause"])
    silent = {"设置标准": "all", "管理规范": "all"} if "unmet" in case else {}
    for standard, who in case.get("inspected", silent).items():
        for name in case.get("institutions", []) if who == "all" else who:
            add("inspected", name, standard)


@pytest.mark.parametrize("seed", range(150))
def test_random_cases(read: Reader, seed: int) -> None:
    case = random_case(Random(seed), completeness=(0.3, 0.7, 1.0)[seed % 3])
    found = read(to_yaml(case)).facts
    assert {relation: rows for relation, rows in found.items() if rows} == walk(case)


def test_every_relation_is_there_with_the_types_declared(read: Reader) -> None:
    text = (ROOT / "zhengce" / "prelude" / "case.dl").read_text(encoding="utf-8")
    declared = {d.name: d for d in parse(text, "case.dl").declarations if d.name not in ("asked_on", "conflict")}
    found = read(EXAMPLE).facts
    assert set(found) == set(declared)
    types = {"symbol": str, "number": int, "decimal": int, "date": date}
    for relation, rows in found.items():
        columns = [types[column.type] for column in declared[relation].columns]
        assert all(list(map(type, row)) == columns for row in rows)


@pytest.mark.parametrize("word", ["yes", "YES", "Yes", "true", "True", "是", "'yes'", '"true"', "'是'"])
def test_yes(read: Reader, word: str) -> None:
    assert facts(read, f"answers: {{附件.一.1.a: {word}}}")["answer"] == {("附件.一.1.a", "yes")}


@pytest.mark.parametrize("word", ["no", "NO", "No", "false", "FALSE", "否", "'no'", '"False"'])
def test_no(read: Reader, word: str) -> None:
    assert facts(read, f"answers: {{附件.一.1.a: {word}}}")["answer"] == {("附件.一.1.a", "no")}


@pytest.mark.parametrize("written", ["2022-05-20", "2022年5月20日", "2022年05月20日", "'2022-05-20'", '"2022年5月20日"'])
def test_dates(read: Reader, written: str) -> None:
    assert facts(read, f"applying_on: {written}")["applying_on"] == {(date(2022, 5, 20),)}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("83.5", 83_500_000),
        ("100", 100_000_000),
        ("0", 0),
        ("'12.345678'", 12_345_678),
        ("98%", 98_000_000),
        ("'98.5 %'", 98_500_000),
        ("007", 7_000_000),
        ("0.000001", 1),
    ],
)
def test_numbers(read: Reader, written: str, kept: int) -> None:
    assert facts(read, f"metrics: {{备案率: {written}}}")["metric"] == {("备案率", "city", kept)}


@pytest.mark.parametrize(
    "body",
    [
        *(f"{key}:" for key in ("applying_on", "unit", "answers", "fields", "unclear_elements", "discretion")),
        *(f"{key}: null" for key in ("self_scores", "metrics", "institutions", "inspected", "unmet", "incidents")),
        *(f"{key}: ~" for key in ("named_in", "revoked_in", "reexamined", "findings", "readings", "expect")),
        "unit: ''",
        "answers: {附件.一.1.a: , 附件.一.1.b: null, 附件.二.1.count: ''}",
        "answers: {附件.一.1.a: {value: , evidence: 见附件}, 附件.二.1.count: {value: null, fields: }}",
        "answers: {fields: null}",
        "discretion: {附件.五.1: }\nself_scores: {附件.一.1: null}\nreadings: {附件.三.5.equal: ''}",
        "metrics: {备案率: , 千人口托位数: {city: null}, 婴幼儿入托率: }",
        "incidents: {重大信访事件: , 重大负面舆情: null}",
        "findings: {六.一.1: , 六.一.2: {措施不力: null}}",
        "inspected: {设置标准: }",
        "reexamined: {on: 2024-06-01}",
        "expect: {total: null, indicators: {附件.一.1: }}",
        "answers: {}\nmetrics: {}\nincidents: {}\nfindings: {}\ninstitutions: []\ninspected: {}\nunmet: []",
        # a list of nothing but blanks says nothing, rather than that there is nothing
        "unclear_elements:\n  -\nfields: [null]\nincidents:\n  重大信访事件:\n    -",
    ],
)
def test_blank_is_left_out(read: Reader, body: str) -> None:
    assert {relation: rows for relation, rows in facts(read, body).items() if rows} == {"city": {(DOCUMENT,)}}


def test_an_empty_list_is_said(read: Reader) -> None:
    found = facts(read, "fields: []\nunclear_elements: []\nincidents: {重大信访事件: []}")
    assert (found["fields_given"], found["elements_given"]) == ({()}, {()})
    assert (found["incidents_given"], found["incident"]) == ({("重大信访事件",)}, set())


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("fields: [土地, 财政]", (3, 1)),
        ("answers:\n  附件.一.1.a: no\n  fields: [土地, 财政]", (5, 3)),
        ("answers:\n  附件.二.1.count: {fields: [土地, 财政]}", (4, 18)),
        ("answers:\n  附件.二.1.count: {value: 3, fields: [土地, 财政, null]}", (4, 28)),
    ],
)
def test_fields_stand_in_three_places(read: Reader, body: str, place: tuple[int, int]) -> None:
    found = facts(read, body)
    assert (found["fields_given"], found["field_covered"]) == ({()}, {("土地",), ("财政",)})
    span = read(HEAD + body).place("fields")
    assert (span.line, span.column) == place


def test_details_and_counts(read: Reader) -> None:
    found = facts(
        read,
        "answers:\n  附件.五.3.a: {value: yes, childcare: no}\n  附件.五.5.a: {value: 是, responsibility: 否}\n"
        "  附件.二.1.count: {value: 0, evidence: 无}\n",
    )
    assert found["answer"] == {("附件.五.3.a", "yes"), ("附件.五.5.a", "yes")}
    assert found["answer_detail"] == {("附件.五.3.a", "childcare", "no"), ("附件.五.5.a", "responsibility", "no")}
    assert found["counted"] == {("附件.二.1.count", 0)}


def test_incidents_are_numbered(read: Reader) -> None:
    found = facts(read, "incidents: {重大负面舆情: [2021-03-01, {}, {on: 2021年3月2日, about_childcare: 是}]}")
    assert found["incident"] == {("重大负面舆情", 1), ("重大负面舆情", 2), ("重大负面舆情", 3)}
    assert found["incident_on"] == {("重大负面舆情", 1, date(2021, 3, 1)), ("重大负面舆情", 3, date(2021, 3, 2))}
    assert found["incident_about_childcare"] == {("重大负面舆情", 3, "yes")}


A_STANDARD = {("A园", "设置标准")}


@pytest.mark.parametrize(
    ("body", "inspected"),
    [
        ("", set()),
        ("unmet: []", {("A园", "设置标准"), ("A园", "管理规范")}),
        ("inspected: {}\nunmet: []", set()),
        ("inspected: {设置标准: all}", A_STANDARD),
        ("inspected: {设置标准: ALL}\nunmet: []", A_STANDARD),
        ("inspected: {设置标准: [A园], 管理规范: []}\nunmet: []", A_STANDARD),
    ],
)
def test_who_was_inspected(read: Reader, body: str, inspected: set[tuple[str, str]]) -> None:
    assert facts(read, f"institutions: [A园]\n{body}")["inspected"] == inspected


def test_unmet_clauses_count_once(read: Reader) -> None:
    row = '  - {institution: A园, standard: 设置标准, clause: "7"}\n'
    assert facts(read, f"institutions: [A园]\nunmet:\n{row}{row}")["unmet"] == {("A园", "设置标准", "7")}


def test_expectations(read: Reader) -> None:
    indicators = "{附件.一.1: {low: 0, high: 6}, 附件.一.2: }"
    case = read(f"{HEAD}expect: {{self_assessed: {{low: 1, high: 2}}, indicators: {indicators}}}")
    assert case.expect["self_assessed"] == {"low": Decimal(1), "high": Decimal(2)}
    assert case.expect["indicators"] == {"附件.一.1": {"low": Decimal(0), "high": Decimal(6)}}


# --- tables beside the case --------------------------------------------------------------------------------------


@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_tables_in_csv(read: Reader, tmp_path: Path, bom: str) -> None:
    (tmp_path / "园.csv").write_text(f'{bom}institution,地址\r\nA园,"一路,1号"\r\n\r\nB园,\r\n,\r\n', encoding="utf-8")
    rows = "7,A园,设置标准\n7,A园,设置标准\n8, B园 ,管理规范\n"
    (tmp_path / "条.csv").write_text(f"{bom}clause,institution,standard\n{rows}", encoding="utf-8")
    case = read(HEAD + "institutions: 园.csv\nunmet: 条.csv\n")
    assert {row[1:] for row in case.facts["institution"]} == {("A园",), ("B园",)}
    assert {row[1:] for row in case.facts["unmet"]} == {("A园", "设置标准", "7"), ("B园", "管理规范", "8")}
    assert len(case.facts["inspected"]) == 4
    assert str(case.place("unmet", "B园", 1)) == f"{tmp_path / '条.csv'}:4:1"
    assert str(case.place("unmet", "A园", 2)) == f"{tmp_path / '条.csv'}:3:1"
    assert str(case.place("institutions", "B园")) == f"{tmp_path / '园.csv'}:4:1"


@pytest.mark.parametrize(
    ("table", "line", "message"),
    [
        ("institution,standard,clause\nC园,设置标准,7\n", 2, "机构“C园”不在 institutions 里"),
        ("institution,standard,clause\nA园,设置标准,7\nA园,设置规范,7\n", 3, "没有“设置规范”这个标准"),
        ("institution,standard,clause\nA园,设置标准,\n", 2, "缺少“clause”"),
        ("institution,standard,clause\nA园,设置标准\n", 2, "缺少“clause”"),
        ("institution,standard,clause\nA园,设置标准,7,8\n", 2, "有 4 格"),
        ("institution,standard\nA园,设置标准\n", 1, "缺少列“clause”"),
        ("institution,clause,standard,clause\n", 1, "列“clause”有两个"),
        ("", 1, "缺少列“clause”"),
        ('institution,standard,clause\nA园,设置标准,"7\n', 2, "CSV 写得不对"),
        ('institution,standard,clause\n"A\n园",设置标准,7\nA园,设置标准,\n', 4, "缺少“clause”"),
        ("institution,standard,clause\nA\u200b园,设置标准,7\n", 2, "看不见的字符"),
    ],
)
def test_wrong_rows_of_a_table(read: Reader, tmp_path: Path, table: str, line: int, message: str) -> None:
    (tmp_path / "条.csv").write_text(table, encoding="utf-8")
    found = errors(read, HEAD + "institutions: [A园]\nunmet: 条.csv\n")
    here = [e for e in found if message in e.message]
    assert [(e.span.file, e.span.line, e.span.column) for e in here if e.span] == [(str(tmp_path / "条.csv"), line, 1)]
    assert not table or f"  | {table.splitlines()[line - 1]}" in str(here[0])


def test_a_table_in_another_encoding(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "园.csv").write_bytes("institution\n阳光托育园\n".encode("gb18030"))
    rows = "unmet: [{institution: 阳光托育园, standard: 设置标准, clause: 7}]\n"
    (found,) = errors(read, HEAD + "institutions: 园.csv\n" + rows)
    assert (found.span and found.span.file, "GB 18030" in found.hint) == (str(tmp_path / "园.csv"), True)


def test_names_twice_in_a_table(read: Reader, tmp_path: Path) -> None:
    (tmp_path / "园.csv").write_text("institution\nA园\nB园\nA园\n", encoding="utf-8")
    (found,) = errors(read, HEAD + "institutions: 园.csv\n")
    assert (found.message, found.hint, places([found])) == ("机构“A园”写了两次", "前一次在第 2 行", [(4, 1)])


def test_parquet_without_duckdb(read: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    (found,) = errors(read, HEAD + "institutions: 园.parquet\n")
    assert found.hint == "pip install zhengce[parquet]"
    assert places([found]) == [(3, 15)]


def test_tables_in_parquet(read: Reader, tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = "(VALUES ('A园', '设置标准', 7), ('B园', '设置标准', 8)) t(institution, standard, clause)"
    duckdb.sql(f"COPY (SELECT DISTINCT institution FROM {rows}) TO '{tmp_path / '园.parquet'}'")
    duckdb.sql(f"COPY (FROM {rows}) TO '{tmp_path / '条.parquet'}'")
    case = read(HEAD + "institutions: 园.parquet\nunmet: 条.parquet\n")
    assert {row[1:] for row in case.facts["unmet"]} == {("A园", "设置标准", "7"), ("B园", "设置标准", "8")}


# --- where things stand ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        (("city",), (1, 1)),
        (("applying_on",), (3, 1)),
        (("answers",), (5, 1)),
        (("answers", "附件.一.2.b"), (8, 3)),
        (("answers", "liaoning-2022/附件.一.2.b"), (8, 3)),
        (("answers", "附件.一.4.a"), (5, 1)),
        (("unclear_elements",), (9, 1)),
        (("unclear_elements", "资金来源"), (9, 20)),
        (("discretion", "附件.五.1"), (10, 14)),
        (("metrics", "备案率"), (16, 3)),
        (("institutions", "B园"), (18, 20)),
        (("inspected", "管理规范"), (19, 24)),
        (("inspected", "管理规范", 1), (19, 31)),
        (("unmet", "A园"), (21, 19)),
        (("unmet", "A园", 1), (21, 19)),
        (("unmet", "B园"), (20, 1)),
        (("incidents", "重大负面舆情"), (26, 3)),
        (("incidents", "重大负面舆情", 1), (26, 12)),
        (("incidents", "重大负面舆情", 2), (26, 3)),
        (("named_in",), (27, 1)),
        (("findings", "liaoning-2022/六.一.2"), (30, 23)),
        (("readings", "附件.三.5.equal"), (31, 12)),
        (("fields",), (1, 1)),
        (("nothing", "at all", 3), (1, 1)),
    ],
)
def test_places(read: Reader, asked: tuple[Any, ...], place: tuple[int, int]) -> None:
    span = read(EXAMPLE).place(*asked)
    assert (span.line, span.column) == place


# --- what is wrong -----------------------------------------------------------------------------------------------

WRONG = [
    # the file
    ("»document: liaoning-2022\n", "缺少 city", ""),
    ("»city:\ndocument: liaoning-2022\n", "缺少 city", ""),
    ("city: »[示例市]\ndocument: liaoning-2022\n", "这里要写文字", ""),
    ("city: »12\ndocument: liaoning-2022\n", "“12”不是城市的名称", ""),
    ('city: »"示例\\n市"\ndocument: liaoning-2022\n', "换行或看不见的字符", ""),
    ("»city: 示例市\n", "缺少 document", "liaoning-2022"),
    ("city: 示例市\n»document: null\n", "缺少 document", "liaoning-2022"),
    ("city: 示例市\ndocument: »liaoning-2023\n", "没有“liaoning-2023”这个文件", "是不是：liaoning-2022？"),
    ("city: 示例市\ndocument: »[liaoning-2022]\n", "这里要写文字", ""),
    ("»answer: {}", "没有“answer”这个键", "是不是：answers"),
    ("»回答:", "没有“回答”这个键", ""),
    ("answers: {}\n»answers: {}", "“answers”写了两次", ""),
    ("answers: {附件.一.1.a: yes, »附件.一.1.a: no}", "“附件.一.1.a”写了两次", ""),
    # dates and years
    ("applying_on: »2022-02-30", "没有“2022-02-30”这一天", ""),
    ("applying_on: »2022年13月1日", "没有“2022年13月1日”这一天", ""),
    ("applying_on: »2022/5/20", "“2022/5/20”不是日期", "日期写作 2022-05-20"),
    ("applying_on: »2022-5-20", "“2022-5-20”不是日期", "日期写作 2022-05-20"),
    ("applying_on: »２０２２-05-20", "不是日期", "日期写作 2022-05-20"),
    ("applying_on: »2022年5月", "不是日期", "2022-05-20 或 2022年5月20日"),
    ("applying_on: »20220520", "不是日期", "2022-05-20 或 2022年5月20日"),
    ("applying_on: »2022-05-20T00:00:00", "不是日期", ""),
    ("named_in: »二〇二二", "“二〇二二”不是年份", "2022"),
    ("revoked_in: »22", "“22”不是年份", ""),
    ("unit: »{是: 设区的市}", "这里要写文字", ""),
    # answers
    ("answers:\n  »附件.一.1.z: yes", "没有“附件.一.1.z”这个条件", "附件.一.1.a"),
    ("answers:\n  »附件.一.1.z:", "没有“附件.一.1.z”这个条件", "附件.一.1.a"),
    ("answers:\n  »liaoning-2022/附件.一.1.a: yes", "这个条件", "案例里不写文件：附件.一.1.a"),
    ("answers:\n  »附件.二.1: 2", "没有“附件.二.1”这个条件", "它的条件有：附件.二.1.count"),
    ("answers:\n  附件.一.1.a: »maybe", "“maybe”不是 yes、no", ""),
    ("answers:\n  附件.一.1.a: »1", "“附件.一.1.a”要写 yes 或 no", ""),
    ("answers:\n  附件.一.1.a: »[yes]", "这里要写 yes 或 no，或 {value: yes", ""),
    ("answers:\n  附件.一.1.a: {value: »2, evidence: 见附件}", "“附件.一.1.a”要写 yes 或 no", ""),
    ("answers:\n  附件.一.1.a: {value: yes, »evidense: 见附件}", "没有“evidense”这个键", "evidence"),
    ("answers:\n  附件.一.1.a: {value: yes, »evidense: }", "没有“evidense”这个键", "evidence"),
    ("answers:\n  附件.一.1.a: {value: yes, evidence: »[甲, 乙]}", "这里要写文字", ""),
    ("answers:\n  附件.五.3.a: {value: yes, childcare: »不}", "“不”不是 yes 或 no", "是、否"),
    ("answers:\n  附件.五.3.a: {value: yes, »fields: [土地]}", "不写 fields", ""),
    ("answers:\n  附件.二.1.count: »yes", "“附件.二.1.count”要写整数（项数）", ""),
    ("answers:\n  附件.二.1.count: »-1", "不小于 0 的整数", ""),
    ("answers:\n  附件.二.1.count: »2.5", "不小于 0 的整数", ""),
    ("answers:\n  附件.二.1.count: »２", "不小于 0 的整数", "数字和符号用半角：2"),
    ("answers:\n  »附件.五.1: yes", "“附件.五.1”由评审酌定", "discretion"),
    ("answers:\n  »附件.六.3: yes", "“附件.六.3”按机构逐条检查", "unmet"),
    ("answers: »[附件.一.1.a]", "这里要写成“键: 值”", ""),
    ("fields: [土地]\nanswers: {附件.二.1.count: {»fields: [土地]}}", "fields 写了两次", "前一次在第 3 行"),
    ("answers:\n  附件.二.1.count: {fields: [土地]}\n  »fields: [土地]", "fields 写了两次", "前一次在第 4 行"),
    ("fields: [土地, »住宅]", "没有“住宅”这个领域", "住房"),
    ("fields: »土地", "这里要写成列表", ""),
    ("answers:\n  fields: »土地", "这里要写成列表", ""),
    ("unclear_elements:\n- 资金来源\n- »资金", "没有“资金”这个要素", "资金来源"),
    # scores and metrics
    ("discretion: {附件.五.1: »2.5}", "“附件.五.1”的分数要在 0 到 2 之间", ""),
    ("discretion: {附件.五.1: »-0.5}", "“附件.五.1”的分数要在 0 到 2 之间", ""),
    ("discretion: {»附件.一.1: 2}", "没有“附件.一.1”这个由评审酌定的指标", "附件.五.1"),
    ("self_scores: {»附件.三.5: 4}", "“附件.三.5”不自评", ""),
    ("self_scores: {附件.六.1: »2.6}", "“附件.六.1”的分数要在 0 到 2.5 之间", ""),
    ("self_scores: {附件.六.1: »两分}", "“两分”不是数", ""),
    ("metrics: {备案率: »1e3}", "“1e3”不是数", "不用科学计数法"),
    ("metrics: {备案率: »nan}", "“nan”不是数", ""),
    ("metrics: {备案率: »99.1234567}", "超过六位", ""),
    ("metrics: {备案率: »９８}", "不是数", "数字和符号用半角：98"),
    ("metrics: {备案率: »98％}", "不是数", "数字和符号用半角：98%"),
    ("metrics: {备案率: »'1,000'}", "不是数", "不用千分位逗号：1000"),
    ("metrics: {备案率: ».5}", "不是数", ""),
    ("metrics: {备案率: »100.01}", "“备案率”是百分数，要在 0 到 100 之间", ""),
    ("metrics: {备案率: »-1%}", "“备案率”是百分数，要在 0 到 100 之间", ""),
    ("metrics: {备案率: »{city: 98}}", "“备案率”不与全省平均比较", "写作 备案率: …"),
    ("metrics: {千人口托位数: »3.2}", "要分别写本市和全省的数", "{city: …, province: …}"),
    ("metrics: {千人口托位数: {city: »-1}}", "“千人口托位数”不能小于 0", ""),
    ("metrics: {千人口托位数: {city: »3%}}", "单位是个，不写百分号", ""),
    ("metrics: {千人口托位数: {»全市: 3}}", "没有“全市”这个键", "city、province"),
    ("metrics: {千人口托位数: {»value: 3}}", "没有“value”这个键", "city、province"),
    ("metrics: {千人口托位数: {city: »1000000000000}}", "超出小数的范围", ""),
    ("metrics: {»千人托位数: {city: 3}}", "没有“千人托位数”这个指标数据", "千人口托位数"),
    # institutions
    ("institutions: [A园, B园, »A园]", "机构“A园”写了两次", "前一次在第 3 行"),
    ("institutions: [A园, »{name: B园}]", "这里要写文字", ""),
    ("institutions: »A园", "“A园”不是 .csv 或 .parquet 文件", ""),
    ("institutions: »{A园: 1}", "写名称的列表", ""),
    ("institutions: »没有.csv", "没有这个文件", ""),
    ("institutions: »../园.csv", "不在案例所在的文件夹里", ""),
    ("institutions: »/tmp/园.csv", "不在案例所在的文件夹里", ""),
    ("institutions: [A园]\ninspected: {设置标准: [A园, »C园]}", "机构“C园”不在 institutions 里", "A园"),
    ("inspected: {设置标准: [»C园]}", "机构“C园”不在 institutions 里", ""),
    ("institutions: [A园]\ninspected: {设置标准: »每一所}", "“每一所”不是 all", ""),
    ("inspected: {»设置标淮: all}", "没有“设置标淮”这个标准", "设置标准"),
    ("inspected: »all", "这里要写成“键: 值”", ""),
    ("institutions: [A园]\nunmet:\n- {institution: »B园, standard: 设置标准, clause: 7}", "机构“B园”不在", "A园"),
    ("institutions: []\nunmet:\n- {institution: »B园, standard: 设置标准, clause: 7}", "机构“B园”不在", ""),
    ("institutions: [A园]\nunmet:\n- {institution: A园, standard: »设置, clause: 7}", "没有“设置”这个标准", "设置标准"),
    ("institutions: [A园]\nunmet:\n- »{institution: A园, standard: 设置标准}", "缺少“clause”", ""),
    ("institutions: [A园]\nunmet:\n- »institution: A园\n  standard: 设置标准\n  clause:", "缺少“clause”", ""),
    ("institutions: [A园]\nunmet: [»7]", "写作 {institution: A园", ""),
    ("unmet: »没有", "不是 .csv 或 .parquet 文件", ""),
    # eligibility and revocation
    ("incidents: {»重大舆情: []}", "没有“重大舆情”这个事件", "重大负面舆情"),
    ("incidents: {重大信访事件: »no}", "没有发生写 []", ""),
    ("incidents: {重大信访事件: »{on: 2021-03-01}}", "没有发生写 []", ""),
    ("incidents: {重大信访事件: [{on: »2021-02-29}]}", "没有“2021-02-29”这一天", ""),
    ("incidents: {重大信访事件: [»去年]}", "“去年”不是日期", ""),
    ("incidents: {重大信访事件: [{»date: 2021-03-01}]}", "没有“date”这个键", "on"),
    ("incidents: {重大信访事件: [{about_childcare: »部分}]}", "不是 yes 或 no", ""),
    ("reexamined: »yes", "写作 {on: 2024-06-01, meets: yes}", ""),
    ("reexamined: {meets: »合格}", "“合格”不是 yes 或 no", ""),
    ("findings: {»六.一.4: no}", "没有“六.一.4”这个撤销情形", "六.一.1"),
    ("findings: {六.一.1: »没有}", "“没有”不是 yes 或 no", ""),
    ("findings: {六.一.1: »[no]}", "按部分写", ""),
    ("findings: {六.一.1: {»死亡: no}}", "没有“死亡”这个组成部分", ""),
    ("findings: {六.一.2: {»弄虚做假: no}}", "没有“弄虚做假”这个组成部分", "弄虚作假"),
    # readings and expectations
    ("readings: {»附件.三.5.equals: lower}", "没有“附件.三.5.equals”这个读法", "附件.三.5.equal"),
    ("readings: {附件.三.5.equal: »higher}", "没有“higher”这个选项", "not-higher"),
    ("readings: {»一.二.targets: by-2025}", "没有“一.二.targets”这个读法", ""),
    ("expect: {»totals: {low: 1, high: 2}}", "没有“totals”这个键", "total"),
    ("expect: {total: »{low: 1}}", "缺少“high”", ""),
    ("expect: {total: »{low: 2, high: 1}}", "low（2）大于 high（1）", ""),
    ("expect: {total: »88}", "写作 {low: 81.5, high: 88}", ""),
    ("expect: {indicators: {»附件.一.9: {low: 0, high: 1}}}", "没有“附件.一.9”这个指标", "附件.一.5"),
]


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=[text.replace("\n", "/") for text, *_ in WRONG])
def test_wrong(read: Reader, text: str, message: str, hint: str) -> None:
    whole = text if re.search(r"^»?(city|document):", text, re.MULTILINE) else HEAD + text
    before = whole.partition(MARK)[0]
    place = before.count("\n") + 1, len(before) - before.rfind("\n")
    (found,) = errors(read, whole.replace(MARK, ""))
    assert places([found]) == [place]
    assert message in found.message
    assert hint in found.hint


def test_all_errors_at_once(read: Reader) -> None:
    found = errors(
        read,
        "document: liaoning-2022\nanswer: {}\nanswers:\n  附件.一.1.a: maybe\n  附件.一.1.z: no\n  附件.五.1: yes\n"
        "applying_on: 2022-02-30\ninstitutions: [A园, A园]\nunmet: [{institution: B园, standard: 设置标准, clause: 7}]\n",
    )
    assert places(found) == [(1, 1), (2, 1), (4, 13), (5, 3), (6, 3), (7, 14), (8, 20), (9, 23)]


def test_a_wrong_institution_makes_no_other_wrong(read: Reader) -> None:
    rows = "unmet: [{institution: B园, standard: 设置标准, clause: 7}]\ninspected: {设置标准: [B园]}\n"
    assert places(errors(read, HEAD + "institutions: [A园, [B园]]\n" + rows)) == [(3, 20)]


def test_an_error_shows_its_line(read: Reader, tmp_path: Path) -> None:
    (found,) = errors(read, HEAD + "metrics:\n  备案率: 九成\n")
    assert str(found).splitlines() == [
        f"{tmp_path / 'case.yaml'}:4:8: “九成”不是数 [case]",
        "  |   备案率: 九成",
        "  |           ^^^^",
        "  → 小数写作 83.5",
    ]


@pytest.mark.parametrize("text", ["", "- 1\n", "city: [", "city： 示例市\n"])
def test_not_a_case_at_all(read: Reader, text: str) -> None:
    assert errors(read, text)


def test_a_document_without_a_table(read: Reader) -> None:
    assert read("city: 示例市\ndocument: fuxin-2020\n").facts["city"] == {("示例市", "fuxin-2020")}
    (found,) = errors(read, "city: 示例市\ndocument: fuxin-2020\nanswers: {附件.一.1.a: yes}\n")
    assert "没有“附件.一.1.a”这个条件" in found.message


# --- what it costs -----------------------------------------------------------------------------------------------


def test_a_case_is_read_in_a_moment(read: Reader) -> None:
    def seconds() -> Iterator[float]:
        for _ in range(5):
            start = perf_counter()
            read(EXAMPLE)
            yield perf_counter() - start

    assert min(seconds()) < 0.015


def test_pydantic_is_loaded_only_when_a_case_is_read() -> None:
    code = "import sys, zhengce.cases; sys.exit('pydantic' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize(
    ("written", "item"),
    [
        ("第七条", "7"),
        ("第 7 条", "7"),
        ("７", "7"),
        ("07", "7"),
        ("十", "10"),
        ("第十一条", "11"),
        ("二十", "20"),
        ("二十三", "23"),
        ("二三", "二三"),
        ("第7.1条", "第7.1条"),
        ("消防", "消防"),
        ("第一百条", "第一百条"),
    ],
)
def test_a_clause_counts_once_however_it_is_written(written: str, item: str) -> None:
    assert item_number(written) == item
