"""Many cities at once: the answers of single cases out of every kind of table, what is wrong with tables, places and quota."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

import zhengce
from zhengce import cli
from zhengce.ask import ask
from zhengce.batch import Batch, Facts, Settings, Standing, ranking, save
from zhengce.batch.running import Evaluated
from zhengce.batch.slicing import case_file, case_of
from zhengce.batch.standings import BARRED, CHOSEN, NOT_CHOSEN, OPEN, TIED
from zhengce.cases import read_case
from zhengce.cases.meaning import RELATIONS
from zhengce.datalog import values
from zhengce.errors import EngineError, QuestionError, TableError
from zhengce.sql.program import Compiler
from zhengce.texts.signs import no_formula

ROOT = Path(__file__).parents[1]
WORKSPACE = zhengce.open(ROOT).workspace
CASES = sorted(path for folder in ("facts/cases", "tests/cases") for path in (ROOT / folder).rglob("*.yaml"))
SQL = {"symbol": "TEXT", "number": "BIGINT", "decimal": "DECIMAL(18, 6)", "date": "DATE"}
HOW_MANY = 24
METRICS = "city,metric,whose,value\n"


def _chosen() -> dict[str, Path]:
    """A number of the cases, each as a city of its own."""
    return {f"第{n}市": path for n, path in enumerate(Random(6).sample(CASES, HOW_MANY))}


def _rows() -> dict[str, list[tuple[Any, ...]]]:
    rows: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for city, path in _chosen().items():
        for name, found in read_case(path, WORKSPACE.facts_known).facts.items():
            if name in RELATIONS:
                types = WORKSPACE.whole.relations[name].types
                rows[name] += [(city, *map(values.decode, row[1:], types[1:])) for row in found]
    return rows


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a Parquet file and a CSV file for each relation, and a DuckDB file with them all."""
    folder = tmp_path_factory.mktemp("tables")
    with duckdb.connect(str(folder / "facts.duckdb")) as connection:
        for name, rows in _rows().items():
            relation = WORKSPACE.whole.relations[name]
            columns = ", ".join(f'"{c}" {SQL[t]}' for c, t in zip(relation.columns, relation.types, strict=True))
            connection.execute(f"CREATE TABLE {name} ({columns})")
            if rows:
                connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(relation.columns))})", rows)
            for kind in ("parquet", "csv"):
                (folder / kind).mkdir(exist_ok=True)
                connection.execute(f"COPY {name} TO '{folder / kind / name}.{kind}'")
    shutil.copytree(folder / "csv", folder / "gb18030")
    for path in (folder / "gb18030").iterdir():
        path.write_text(path.read_text(encoding="utf-8"), encoding="gb18030")
    return folder


def _expected(question: str) -> dict[str, Any]:
    """The answer to each case by itself."""
    given = {"city": "", "on": None} if question != "score" else {"city": ""}
    return {
        city: ask(WORKSPACE, question, {**given, "city": str(path)}, alternatives=False) for city, path in _chosen().items()
    }


def _same_as_alone(facts: Facts) -> None:
    scores = {row[0]: row[2:] for row in _of(facts, "score", "total")}
    expected = _expected("score")
    assert scores == {city: (answer["total"]["low"], answer["total"]["high"]) for city, answer in expected.items()}


def _of(facts: Facts, question: str, relation: str) -> list[tuple[Any, ...]]:
    batch = Batch(facts, question)
    return batch.database.select(batch.sheet(relation).query)


# -- where facts come from ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["parquet", "csv", "gb18030", "facts.duckdb"])
def test_every_kind_of_table_gives_what_single_cases_give(tables: Path, kind: str) -> None:
    with Facts(WORKSPACE, [tables / kind]) as facts:
        _same_as_alone(facts)


@pytest.mark.parametrize("kind", ["arrow", "pandas", "polars"])
def test_frames(tables: Path, kind: str) -> None:
    relations = [path.stem for path in (tables / "parquet").iterdir()]
    with duckdb.connect(str(tables / "facts.duckdb"), read_only=True) as connection:
        how = {"arrow": "to_arrow_table", "pandas": "df", "polars": "pl"}[kind]
        frames = {name: getattr(connection.table(name), how)() for name in relations if name not in ("discretion", "metric")}
        for name in ("discretion", "metric", "self_score"):  # pandas would make doubles of decimals
            frames[name] = connection.table(name).to_arrow_table()
    with Facts(WORKSPACE, frames) as facts:
        _same_as_alone(facts)


@pytest.mark.parametrize("question", ["eligible", "revocation"])
def test_verdicts(tables: Path, question: str) -> None:
    relation = {"eligible": "eligibility", "revocation": "revocation"}[question]
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        found = dict(_of(facts, question, relation))
    assert found == {city: answer["verdict"] for city, answer in _expected(question).items()}


def test_parts_and_losses(tables: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        scores, losses = _of(facts, "score", "score"), _of(facts, "score", "loss")
    for city, answer in _expected("score").items():
        parts = {row[1].partition("/")[2]: row[4:] for row in scores if row[0] == city}
        assert parts == {i["id"]: (i["low"], i["high"]) for i in answer["indicators"]}
        lost = {(row[2].partition("/")[2], row[5]): row[4] for row in losses if row[0] == city}
        assert lost == {
            (x["condition"], "yes" if x["certain"] else "no"): x["points"] for i in answer["indicators"] for x in i["losses"]
        }


def test_a_mapping_file(tables: Path, tmp_path: Path) -> None:
    """Other names of columns, rows of one file for two relations, ids without their document, rows that are there twice."""
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE a (county TEXT, item TEXT, said BOOLEAN, again INT)")
        connection.execute("INSERT INTO a VALUES ('甲', '附件.一.1.a', true, 1), ('甲', '附件.一.1.a', true, 2)")
        connection.execute(f"COPY a TO '{tmp_path}/a.parquet'")
        connection.execute("CREATE TABLE s (county TEXT, o TEXT, standard TEXT, clause INT, status TEXT)")
        rows = [("甲", "一园", "托育机构管理规范", n, "unmet" if n < 3 else "met") for n in range(1, 6)]
        standard = sorted({s for _, s in WORKSPACE.facts("standard")})[0]
        connection.executemany("INSERT INTO s VALUES (?, ?, ?, ?, ?)", [(c, o, standard, n, m) for c, o, _, n, m in rows])
        connection.execute(f"COPY s TO '{tmp_path}/s.parquet'")
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    (tmp_path / "facts.toml").write_text(
        """
        city = { source = "city.csv" }
        [answer]
        source = "a.parquet"
        columns = { city = "county", condition = "item", value = "said" }
        prefix = { condition = "liaoning-2022/" }
        [institution]
        source = "s.parquet"
        columns = { city = "county", institution = "o" }
        [inspected]
        source = "s.parquet"
        columns = { city = "county", institution = "o" }
        [unmet]
        source = "s.parquet"
        columns = { city = "county", institution = "o", item = "clause" }
        where = { status = "unmet" }
        distinct = true
        """,
        encoding="utf-8",
    )
    (tmp_path / "case.yaml").write_text(
        f"city: 甲\ndocument: liaoning-2022\nanswers:\n  附件.一.1.a: yes\ninstitutions: [一园]\n"
        f"inspected:\n  {standard}: [一园]\nunmet:\n"
        + "".join(f"  - {{institution: 一园, standard: {standard}, clause: {n}}}\n" for n in (1, 2)),
        encoding="utf-8",
    )
    alone = ask(WORKSPACE, "score", {"city": str(tmp_path / "case.yaml")}, alternatives=False)
    with Facts(WORKSPACE, [tmp_path / "facts.toml"]) as facts:
        ((_, _, low, high),) = _of(facts, "score", "total")
    assert (low, high) == (alone["total"]["low"], alone["total"]["high"])


@pytest.mark.parametrize("stated", [False, True])
def test_readings_for_all_cities(tmp_path: Path, stated: bool) -> None:
    """Chosen for all, they go before what a table chooses for one."""
    reading = "liaoning-2022/附件.三.5.equal"
    values = sorted(v for r, v, *_ in WORKSPACE.facts("reading_option") if r == reading)
    _, metric = sorted(WORKSPACE.facts("below_province"))[0]
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    (tmp_path / "metric.csv").write_text(f"{METRICS}甲,{metric},city,5\n甲,{metric},province,5\n", encoding="utf-8")
    if stated:
        text = f"city,reading,value\n甲,{reading},{values[0]}\n甲,liaoning-2022/四.quota,strict\n"
        (tmp_path / "reading_chosen.csv").write_text(text, encoding="utf-8")
    with Facts(WORKSPACE, [tmp_path]) as facts:
        batches = {value: Batch(facts, "score", readings={reading: value}) for value in values}
        found = {v: b.database.select(b.sheet("total").query)[0][2:] for v, b in batches.items()}
    assert len(set(found.values())) == len(values)


# -- what is wrong --------------------------------------------------------------------------------------------------------

ANSWERS = "city,condition,value\n"
WRONG = {
    "a column that is not there": ("answer", "city,condition,valeu\n甲,{d}/附件.一.1.a,yes\n", "缺少列“value”", "valeu"),
    "an id that is not there": (
        "answer",
        ANSWERS + "甲,{d}/附件.一.1.z,yes\n",
        "“condition”不能是“{d}/附件.一.1.z”",
        "附件.一.1",
    ),
    "a city that is not there": ("answer", ANSWERS + "乙,{d}/附件.一.1.a,yes\n", "没有“乙”这个城市", "甲"),
    "a value that is not there": ("answer", ANSWERS + "甲,{d}/附件.一.1.a,maybe\n", "“value”不能是“maybe”", "yes 或 no"),
    "a condition that is counted": ("answer", ANSWERS + "甲,{d}/附件.二.1.count,yes\n", "不能是“{d}/附件.二.1.count”", ""),
    "no value": ("answer", ANSWERS + "甲,{d}/附件.一.1.a,\n", "第 1 行的“value”没有值", "skip_nulls"),
    "more points than there are": ("discretion", "city,indicator,points\n甲,{d}/附件.五.1,50\n", "不能是“50.000000”", "0 到 2"),
    "more than all": ("metric", METRICS + "甲,满意度,city,970\n", "“value”不能是“970.000000”", "0 到 100"),
    "a number below zero": ("counted", "city,condition,n\n甲,{d}/附件.二.1.count,-1\n", "“n”不能是“-1”", "0 到"),
    "no such institution": (
        "unmet",
        "city,institution,standard,item\n甲,一园,{s},3\n",
        "没有 institution（甲、一园）",
        "institution",
    ),
    "no such incident": ("incident_on", "city,kind,incident,day\n甲,{k},1,2022-01-01\n", "没有 incident（甲、{k}、1）", ""),
    "two documents": ("city", "city,document\n甲,{d}\n甲,fuxin-2020\n", "有两行的 city = 甲 相同", ""),
}
NAMED = {
    "d": "liaoning-2022",
    "s": sorted({s for _, s in WORKSPACE.facts("standard")})[0],
    "k": sorted({k for k, *_ in WORKSPACE.facts("incident_kind")})[0],
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, name: str) -> None:
    relation, text, message, hint = (part.format(**NAMED) for part in WRONG[name])
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    (tmp_path / f"{relation}.csv").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        Facts(WORKSPACE, [tmp_path])
    assert message in str(caught.value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(
    ("relation", "type_", "value", "message"),
    [
        ("discretion", "DOUBLE", "0.1", "DOUBLE"),
        ("discretion", "DECIMAL(18, 7)", "0.0000001", "不是小数"),
        ("discretion", "TEXT", "'1.5分'", "“1.5分”不是小数"),
        ("discretion", "TEXT", "'1e3'", "不是小数"),
        ("discretion", "DECIMAL(38, 6)", "1000000000000", "不是小数"),
        ("counted", "UBIGINT", "9223372036854775808", "不是整数"),
        ("counted", "TEXT", "'1.5'", "不是整数"),
        ("counted", "DATE", "DATE '2022-01-01'", "DATE"),
        ("applying_on", "TEXT", "'2022-02-30'", "不是日期"),
        ("applying_on", "TIMESTAMP", "TIMESTAMP '2022-02-03 04:05:06'", "不是日期"),
        ("applying_on", "TIMESTAMPTZ", "TIMESTAMPTZ '2022-02-03 00:00:00Z'", "TIMESTAMP WITH TIME ZONE"),
        ("applying_on", "DATE", "DATE '12022-02-03'", "不是日期"),
    ],
)
def test_values_that_are_not_exact(tmp_path: Path, relation: str, type_: str, value: str, message: str) -> None:
    columns = WORKSPACE.whole.relations[relation].columns
    ids = {"condition": "liaoning-2022/附件.二.1.count", "indicator": "liaoning-2022/附件.五.1", "city": "甲"}
    given = ", ".join([*(f"'{ids[c]}' AS {c}" for c in columns[:-1]), f"CAST({value} AS {type_}) AS {columns[-1]}"])
    with duckdb.connect() as connection:
        connection.execute(f"COPY (SELECT {given}) TO '{tmp_path}/{relation}.parquet'")
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    with pytest.raises(TableError, match=message.replace("(", r"\(")):
        Facts(WORKSPACE, [tmp_path])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[answer]\nsorce = 'a.csv'", "没有“sorce”这个键"),
        ("[answre]\nsource = 'city.csv'", "没有“answre”这个关系"),
        ("[answer]\nsource = 'none.csv'", "没有"),
        ("[answer]\nsource = 'city.csv'\ncolumns = { conditon = 'x' }", "没有“conditon”这一列"),
        ("[answer]\nsource = 3", "source 要写"),
        ("answer = 'a.csv'", "“answer”要是一张表"),
        ("[answer]\nsource = 'city.csv'\nencoding = 'utf-9'", "没有“utf-9”这种编码"),
        ("[answer\nsource = 'city.csv'", "facts.toml:1"),
    ],
)
def test_what_is_wrong_with_a_mapping_file_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    (tmp_path / "facts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(TableError) as caught:
        Facts(WORKSPACE, [tmp_path / "facts.toml"])
    assert message in str(caught.value)
    assert "facts.toml:" in str(caught.value)


def test_cities_that_contradict_themselves_get_no_answer(tmp_path: Path) -> None:
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n乙,liaoning-2022\n", encoding="utf-8")
    compared = dict(WORKSPACE.facts("below_province"))
    condition, metric = sorted(compared.items())[0]
    (tmp_path / "metric.csv").write_text(f"{METRICS}乙,{metric},city,5\n乙,{metric},province,4\n", encoding="utf-8")
    (tmp_path / "answer.csv").write_text(f"{ANSWERS}乙,{condition},yes\n", encoding="utf-8")
    with Facts(WORKSPACE, [tmp_path]) as facts:
        batch = Batch(facts, "score")
        assert batch.summary()["contradictory"] == ["乙"]
        assert [row[0] for row in batch.database.select(batch.sheet("total").query)] == ["甲"]
        assert [row[0] for row in batch.database.select(batch.sheet("conflict").query)] == ["乙"]
        assert [place.city for place in batch.ranking()] == ["甲"]


def test_questions_that_are_about_no_city(tables: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts, pytest.raises(QuestionError, match="不能成批地问"):
        Batch(facts, "lead")


# -- what comes out -------------------------------------------------------------------------------------------------------


def test_results_as_files(tables: Path, tmp_path: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"], Settings(memory="256MB", threads=1, spill=tmp_path / "spill")) as facts:
        batch = Batch(facts, "score", quota=2)
        total = batch.database.select(batch.sheet("total").query)
        for name in ("t.parquet", "t.csv", "t.xlsx", "t.duckdb", "t"):
            save(batch, tmp_path / name)
    assert sorted(p.name for p in tmp_path.iterdir() if p.name != "spill") == ["t", "t.csv", "t.duckdb", "t.parquet", "t.xlsx"]
    with duckdb.connect() as connection:
        for name in ("t.parquet", "t/total.parquet"):
            assert connection.execute(f"SELECT * FROM '{tmp_path / name}'").fetchall() == total
        assert len(connection.execute(f"SELECT * FROM '{tmp_path}/t/ranking.parquet'").fetchall()) == HOW_MANY
        assert connection.execute(f"SELECT * FROM read_csv('{tmp_path}/t.csv', all_varchar = true)").fetchall() == [
            tuple(map(str, row)) for row in total
        ]
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        assert sorted(connection.execute("SELECT * FROM total").fetchall()) == total
    book = load_workbook(tmp_path / "t.xlsx")
    assert book.sheetnames[0] == "总分"
    assert [tuple(row) for row in book["总分"].iter_rows(min_row=2, max_col=1, values_only=True)] == [
        (row[0],) for row in total
    ]


def test_what_was_there_stays_when_nothing_can_be_written(tables: Path, tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").mkdir()
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        batch = Batch(facts, "eligible")
        for name in ("t.xlsx", "t.docx"):
            with pytest.raises(QuestionError):
                save(batch, tmp_path / name)
    assert [p.name for p in tmp_path.iterdir()] == ["t.xlsx"]


def test_the_summary(tables: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        summary = Batch(facts, "score").summary()
        counts = Batch(facts, "eligible").summary()["counts"]
    answers = _expected("score")
    lows = sorted(answer["total"]["low"] for answer in answers.values())
    assert summary["cities"] == HOW_MANY
    assert (summary["spread"]["low"]["least"], summary["spread"]["low"]["most"]) == (lows[0], lows[-1])
    assert abs(Fraction(summary["spread"]["low"]["mean"]) - Fraction(sum(lows)) / HOW_MANY) <= Fraction(1, 2 * 10**6)
    lost: dict[str, Decimal] = defaultdict(Decimal)
    for answer in answers.values():
        for loss in (x for i in answer["indicators"] for x in i["losses"] if x["certain"]):
            lost[f"liaoning-2022/{loss['condition']}"] += loss["points"]
    assert {row["id"]: row["points"] for row in summary["lost"]} == lost
    assert sum(counts.values()) == HOW_MANY


def test_the_command(tables: Path, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "zhengce", "batch", *words]
        return subprocess.run(
            command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT, env={**os.environ, "LC_ALL": "zh_CN.UTF-8"}
        )

    found = run("score", str(tables / "parquet"), "-o", str(tmp_path / "r.parquet"), "--quota", "2")
    assert (found.returncode, found.stderr) == (0, "")
    assert f"{HOW_MANY} 个城市" in found.stdout
    assert "名额 2 个" in found.stdout
    assert (tmp_path / "r.parquet").is_file()
    wrong = run("score", str(tables / "nothing"))
    assert wrong.returncode == 2
    assert "Traceback" not in wrong.stderr


# -- places ---------------------------------------------------------------------------------------------------------------

BOUNDS = st.tuples(st.integers(0, 4), st.integers(0, 2), st.sampled_from([True, True, False, None]))


@settings(max_examples=300)
@given(st.lists(BOUNDS, min_size=1, max_size=5), st.integers(1, 4))
def test_places_are_those_of_every_way_it_may_turn_out(bounds: list[tuple[int, int, bool | None]], quota: int) -> None:
    standings = [Standing(f"{n}市", Decimal(low), Decimal(low + more), may) for n, (low, more, may) in enumerate(bounds)]
    best: dict[str, int] = {}
    worst: dict[str, int] = {}
    always: dict[str, set[bool]] = defaultdict(set)
    points = [range(int(s.low), int(s.high) + 1) for s in standings]
    within = [(True,) if s.may else (False,) if s.may is False else (True, False) for s in standings]
    for found in product(*points):
        for who in product(*within):
            for n, standing in enumerate(standings):
                if who[n]:
                    ahead = sum(p > found[n] for p, w in zip(found, who, strict=True) if w)
                    level = sum(p >= found[n] for p, w in zip(found, who, strict=True) if w)
                    best[standing.city] = min(best.get(standing.city, 99), ahead + 1)
                    worst[standing.city] = max(worst.get(standing.city, 0), level)
                    always[standing.city].add(level <= quota)
                else:
                    always[standing.city].add(False)
    for place in ranking(standings, quota):
        if place.chosen == BARRED:
            assert place.city not in best
            continue
        assert (place.first, place.last) == (best[place.city], worst[place.city])
        assert (place.chosen == CHOSEN) == (always[place.city] == {True})
        assert (place.chosen == NOT_CHOSEN) == (place.first > quota)
        assert place.chosen in (CHOSEN, NOT_CHOSEN, OPEN, TIED)


def test_a_tie_for_the_last_place_is_shown_and_not_broken() -> None:
    standings = [
        Standing(name, Decimal(points), Decimal(points)) for name, points in (("甲", 9), ("乙", 8), ("丙", 8), ("丁", 7))
    ]
    assert [(p.city, p.first, p.last, p.chosen) for p in ranking(standings, 2)] == [
        ("甲", 1, 1, CHOSEN),
        ("丙", 2, 3, TIED),
        ("乙", 2, 3, TIED),
        ("丁", 4, 4, NOT_CHOSEN),
    ]


# -- one city of many -----------------------------------------------------------------------------------------------------


def test_a_city_as_a_case_file_says_the_same(tables: Path, tmp_path: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        for city, path in _chosen().items():
            (tmp_path / "case.yaml").write_text(case_of(facts, city), encoding="utf-8")
            found, alone = (read_case(p, WORKSPACE.facts_known).facts for p in (tmp_path / "case.yaml", path))
            for name in RELATIONS:
                assert {row[1:] for row in found[name]} == {row[1:] for row in alone[name]}, (path, name)


def test_why_of_a_city_of_a_table_is_that_of_its_case(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    city = next(iter(_chosen()))
    path = case_file(WORKSPACE, f"{tables / 'parquet'}#{city}")
    policy = zhengce.open(ROOT)
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        (tmp_path / "own.yaml").write_text(case_of(facts, city), encoding="utf-8")
    one, other = (policy.why("score", str(p)) for p in (path, tmp_path / "own.yaml"))
    assert str(one).replace(Path(path).name, "") == str(other).replace("own.yaml", "")
    assert case_file(WORKSPACE, "示例市甲") == "示例市甲"
    with pytest.raises(QuestionError, match="没有“第99市”这个城市"):
        case_file(WORKSPACE, f"{tables / 'parquet'}#第99市")


def test_the_library(tables: Path, tmp_path: Path) -> None:
    batch = zhengce.open(ROOT).batch("score", tables / "parquet", quota=3)
    assert str(batch).startswith(f"{HOW_MANY} 个城市")
    assert len(json.loads(batch.json())["ranking"]) == HOW_MANY
    assert batch.table("total").fetchall() == batch.database.select(batch.sheet("total").query)
    assert batch.save(tmp_path / "t.csv").is_file()
    assert batch.case("第0市").startswith("city: 第0市")


def test_an_item_written_in_two_ways_is_refused(tmp_path: Path) -> None:
    standard = sorted({s for _, s in WORKSPACE.facts("standard")})[0]
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    rows = "".join(f"甲,一园,{standard},{item}\n" for item in ("3", "第三条"))
    (tmp_path / "unmet.csv").write_text(f"city,institution,standard,item\n{rows}", encoding="utf-8")
    with pytest.raises(TableError, match="“3”与“第三条”是同一条"):
        Facts(WORKSPACE, [tmp_path])


def test_two_rows_with_one_key_are_refused(tmp_path: Path) -> None:
    (tmp_path / "city.csv").write_text("city,document\n甲,liaoning-2022\n", encoding="utf-8")
    both = "甲,liaoning-2022/附件.一.1.a,yes\n甲,liaoning-2022/附件.一.1.a,no\n"
    (tmp_path / "answer.csv").write_text(ANSWERS + both, encoding="utf-8")
    with pytest.raises(TableError, match=r"有两行的 city = 甲、condition = liaoning-2022/附件\.一\.1\.a 相同"):
        Facts(WORKSPACE, [tmp_path])


# -- as the tables of an office are -----------------------------------------------------------------------------------------

ONE = "city,document\n甲,liaoning-2022\n"
CONDITION = "liaoning-2022/附件.一.1.a"


def _written(folder: Path, **tables: str) -> Path:
    for name, text in {"city": ONE, **tables}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("said", "meant"), [("是", "yes"), ("否", "no"), ("TRUE", "yes"), ("False", "no"), (" Yes ", "yes"), ("\u3000否", "no")]
)
def test_yes_and_no_are_read_as_in_a_case(tmp_path: Path, said: str, meant: str) -> None:
    with Facts(
        WORKSPACE, [_written(tmp_path, answer=f"{ANSWERS}甲,{CONDITION},{said}\n", reexamined=f"city,meets\n甲,{said}\n")]
    ) as facts:
        assert facts.database.rows("answer") == [("甲", CONDITION, meant)]
        assert facts.database.rows("reexamined") == [("甲", meant)]


@pytest.mark.parametrize(
    ("value", "known"),
    [('"有"', True), ("1.5", True), ("1.50", True), ("true", True), ("2022-05-20", True), ('"没"', False), ("2", False)],
)
def test_where_is_held_against_any_column(tmp_path: Path, value: str, known: bool) -> None:
    """What no row has leaves the table empty, and is told with what there is."""
    cell = {'"有"': "有", "1.5": "1.5", "1.50": "1.5", "true": "true", "2022-05-20": "2022-05-20"}.get(value, "有")
    _written(tmp_path, seen=f"city,kind,列\n甲,{NAMED['k']},{cell}\n甲,{NAMED['k']},别的\n")
    text = f'[city]\nsource = "city.csv"\n[incidents_given]\nsource = "seen.csv"\nwhere = {{ "列" = {value} }}\n'
    (tmp_path / "facts.toml").write_text(text, encoding="utf-8")
    with Facts(WORKSPACE, [tmp_path / "facts.toml"]) as facts:
        assert len(facts.database.rows("incidents_given")) == known
        notes = Batch(facts, "eligible").summary()["notes"]
    assert (
        not notes if known else "facts.toml:5:11" in notes[0] and "incidents_given 因此是空的" in notes[0] and "有" in notes[0]
    )


def test_a_table_of_no_cities(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="一个城市也没有"):
        Facts(WORKSPACE, [_written(tmp_path, city="city,document\n")])
    _written(tmp_path)
    text = '[city]\nsource = "city.csv"\nwhere = { document = "liaoning-2020" }\n'
    (tmp_path / "facts.toml").write_text(text, encoding="utf-8")
    with pytest.raises(
        TableError, match=r"facts.toml:3:11: .*没有一行的“document”是“liaoning-2020”[^→]*→ 是不是：liaoning-2022？"
    ):
        Facts(WORKSPACE, [tmp_path / "facts.toml"])


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("where = { x = [1, 2] }", "where 里要写文字", "一列一个值：x"),
        ("where = { x = { y = 1 } }", "where 里要写文字", ""),
        ("where = { x = nan }", "where 里要写文字", ""),
        ("where = { x = 2022-05-20T07:32:00 }", "where 里要写文字", ""),
        ('where = { 有无 = "有" }', "键", '"有无" = …'),
        ('where.有无 = "有"', "键", '"有无" = …'),
        ('有无 = "有"', "键", '"有无" = …'),
        ('columns = { city市 = "有" }', "键", '"city市" = …'),
    ],
)
def test_where_that_makes_no_sense(tmp_path: Path, text: str, message: str, hint: str) -> None:
    (_written(tmp_path) / "facts.toml").write_text(f'[city]\nsource = "city.csv"\n{text}\n', encoding="utf-8")
    with pytest.raises(TableError) as caught:
        Facts(WORKSPACE, [tmp_path / "facts.toml"])
    assert message in caught.value.message
    assert "facts.toml:3:" in str(caught.value)
    assert hint in caught.value.hint


def test_errors_of_all_tables_are_told_at_once(tmp_path: Path) -> None:
    _written(tmp_path, answer=f"{ANSWERS}甲,{CONDITION},\n", counted="city,condition,n\n甲,x,1.5\n", unit="city,unti\n甲,市\n")
    with pytest.raises(TableError) as caught:
        Facts(WORKSPACE, [tmp_path])
    assert len(caught.value.all) == 3


def test_of_many_errors_the_first_are_shown(tmp_path: Path) -> None:
    _written(tmp_path, unit="city,unit\n" + "".join(f"第{n}市,县级市\n" for n in range(500)))
    with pytest.raises(TableError) as caught:
        Facts(WORKSPACE, [tmp_path])
    assert len(caught.value.all) == 500
    assert str(caught.value).count("这个城市") == 20
    assert str(caught.value).endswith("…… 另有 480 处错误没有列出，共 500 处")


# -- limits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message", "hint"),
    [
        (Settings(memory="1MB"), "--memory 1MB 太少", "64MB"),
        (Settings(memory="0.01GiB"), "太少", "64MB"),
        (Settings(memory="much"), "--memory 要写大小，不是“much”", "512MB"),
        (Settings(memory="-1"), "要写大小", "512MB"),
        (Settings(spill="/proc/x"), "写不了 /proc/x", "--spill"),
        (Settings(spill=__file__), "这是文件，不是文件夹", "--spill"),
    ],
)
def test_limits_that_are_none(tmp_path: Path, settings: Settings, message: str, hint: str) -> None:
    with pytest.raises(QuestionError) as caught:
        Facts(WORKSPACE, [_written(tmp_path)], settings)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_too_little_memory_says_what_to_try(tmp_path: Path) -> None:
    with (
        Facts(WORKSPACE, [_written(tmp_path)], Settings(memory="64MB", spill=tmp_path / "spill")) as facts,
        pytest.raises(EngineError) as caught,
    ):
        facts.database.fetch("SELECT list(range || '') FROM range(10000000)")
    assert caught.value.message == "--memory 64MB 不够"
    assert "至少试 256MB" in caught.value.hint


@pytest.mark.parametrize("given", [True, False])
def test_what_does_not_fit_is_kept_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: bool) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    folder = tmp_path / ("spill" if given else "temporary")
    with Facts(WORKSPACE, [_written(tmp_path)], Settings(spill=folder if given else None)) as facts:
        assert facts.spill.parent == folder
        assert facts.spill.is_dir()
    assert list(folder.iterdir()) == []
    with pytest.raises(TableError):
        Facts(WORKSPACE, [_written(tmp_path, city="x\n1\n")], Settings(spill=folder))
    assert list(folder.iterdir()) == []


STOPPED = """
import os, signal, sys, threading
from zhengce.cli import main
signal.signal(signal.SIGINT, signal.default_int_handler)
from zhengce.batch import saving
real = saving._copy
def copied(batch, sheet, path):
    real(batch, sheet, path)
    threading.Timer(0.3, os.kill, (os.getpid(), int(sys.argv[1]))).start()
    while True:
        batch.database.fetch("SELECT sum(a.range * b.range % 7) FROM range(100000) AS a, range(10000) AS b")
saving._copy = copied
main(sys.argv[2:])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGTERM to catch")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_stopped_leaves_nothing(tables: Path, tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "total.parquet").write_text("old", encoding="utf-8")
    command = ["batch", "score", str(tables / "parquet"), "-o", str(tmp_path / "r"), "--spill", str(tmp_path / "spill")]
    found = subprocess.run(
        [sys.executable, "-c", STOPPED, str(int(number)), *command], capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert found.returncode == 128 + number, found.stderr
    assert found.stderr.strip() == ""
    assert sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*")) == ["r", "r/total.parquet", "spill"]
    assert (tmp_path / "r" / "total.parquet").read_text(encoding="utf-8") == "old"


# -- what is written ------------------------------------------------------------------------------------------------------


def test_every_kind_of_result_has_the_same_tables(tables: Path, tmp_path: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        batch = Batch(facts, "score", quota=2)
        for name in ("t", "t.duckdb", "t.xlsx"):
            save(batch, tmp_path / name)
        places = [tuple(place) for place in batch.ranking()]
        labels = [sheet.label for sheet in batch.sheets()]
    with duckdb.connect(str(tmp_path / "t.duckdb")) as connection:
        there = {name for (name,) in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
        assert connection.execute("SELECT * FROM ranking").fetchall() == places
        assert connection.execute(f"SELECT * FROM '{tmp_path}/t/ranking.parquet'").fetchall() == places
    book = load_workbook(tmp_path / "t.xlsx")
    assert there == {path.stem for path in (tmp_path / "t").iterdir()}
    assert book.sheetnames == [*labels, "名次"]
    assert [
        (row[0], *(int(str(cell)) for cell in row[1:4])) for row in book["名次"].iter_rows(min_row=2, values_only=True)
    ] == [p[:4] for p in places]


@pytest.mark.parametrize("name", ["=1+1", "+甲", "-甲", "@甲"])
def test_no_text_is_taken_for_a_formula(tmp_path: Path, name: str) -> None:
    with Facts(WORKSPACE, [_written(tmp_path, city=f"city,document\n{name},liaoning-2022\n")]) as facts:
        batch = Batch(facts, "score")
        save(batch, tmp_path / "t.csv")
        save(batch, tmp_path / "t.xlsx")
        save(batch, tmp_path / "t.parquet")
        assert batch.database.connection.execute(f"SELECT city FROM '{tmp_path}/t.parquet'").fetchall() == [(name,)]
    assert (tmp_path / "t.csv").read_text(encoding="utf-8-sig").splitlines()[1].startswith(f"'{name},100.000000,")
    assert load_workbook(tmp_path / "t.xlsx").worksheets[0]["A2"].value == f"'{name}"
    assert [no_formula(text) for text in ("\tx", "\rx", "x=", "")] == ["'\tx", "'\rx", "x=", ""]


def test_a_city_that_no_case_could_be_called(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="“city”不能是"):
        Facts(WORKSPACE, [_written(tmp_path, city="city,document\n甲\x01,liaoning-2022\n")])


def test_decimals_are_written_as_elsewhere(tmp_path: Path) -> None:
    with Facts(WORKSPACE, [_written(tmp_path)]) as facts:
        spread = json.loads(Batch(facts, "score").json())["spread"]
    assert spread["high"] == dict.fromkeys(("least", "lower", "median", "upper", "most", "mean"), "100")


def test_the_day_that_is_asked_about(tables: Path) -> None:
    with Facts(WORKSPACE, [tables / "parquet"]) as facts:
        one, other = (Batch(facts, "revocation", on=day).summary() for day in ("2025年2月3日", date(2025, 2, 3)))
        assert one == other
        with pytest.raises(QuestionError, match="“昨天”不是日期"):
            Batch(facts, "revocation", on="昨天")
        with pytest.raises(QuestionError, match="score 用不到日期"):
            Batch(facts, "score", on="2025-02-03")
        assert Batch(facts, "score", on="2025-02-03", quota=1).ranking()


# -- the command ----------------------------------------------------------------------------------------------------------


def _said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = cli.run(words)
    return (status, *capsys.readouterr())


def test_days_and_counts_on_the_command_line(tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = ("--workspace", str(ROOT), "batch")
    status, out, err = _said(capsys, *root, "revocation", str(tables / "parquet"), "--on", "2025年2月3日")
    assert (status, err) == (0, "")
    status, out, err = _said(capsys, *root, "revocation", str(tables / "parquet"), "--on", "2025-2-3")
    assert (status, out) == (2, "")
    assert err == "--on：“2025-2-3”不是日期\n  → 日期写作 2025-02-03\n"
    status, out, err = _said(capsys, "--lang", "en", *root, "score", str(_written(tmp_path)), "--quota", "1")
    assert out.startswith("cities: 1\n")
    assert "places: 1" in out
    assert "--output FILE" in _said(capsys, "--lang", "en", *root, "--help")[1]


def test_a_city_that_contradicts_itself_says_where_it_is_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    answers = f"{ANSWERS}甲,liaoning-2022/附件.一.1.b,yes\n甲,liaoning-2022/附件.一.1.c,yes\n"
    city = f"{_written(tmp_path, answer=answers)}#甲"
    for words in (
        ("why", "score", city, "附件.一.1"),
        ("score", city),
        ("compare", city, "示例市甲"),
        ("draw", "score", city, "-o", "x.svg"),
    ):
        status, _, err = _said(capsys, "--workspace", str(ROOT), *words)
        assert status == 2
        assert "[contradiction]" in err
        assert f"取自 {city}" in err


def test_a_new_workspace_can_be_asked_about_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _said(capsys, "init", str(tmp_path / "mine"))[0] == 0
    city = "city,document\n甲街道,shili-2025\n乙街道,shili-2025\n"
    _written(tmp_path, city=city, answer=f"{ANSWERS}甲街道,shili-2025/附件.1.c,是\n")
    tables = [str(tmp_path / f"{name}.csv") for name in ("city", "answer")]
    words = ("--workspace", str(tmp_path / "mine"), "batch", "score", *tables)
    status, out, err = _said(capsys, *words, "--quota", "1", "-o", str(tmp_path / "r.duckdb"))
    assert (status, err) == (0, "")
    assert "留样不全  1.00  1" in out
    assert "名额 1 个" in out
    with duckdb.connect(str(tmp_path / "r.duckdb")) as connection:
        assert connection.execute("SELECT city, high FROM total ORDER BY city DESC").fetchall() == [
            ("甲街道", 9),
            ("乙街道", 10),
        ]


def test_statements_are_kept_for_the_next_time(tables: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second process makes none anew; of other rules nothing is kept."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    def scored(digest: str) -> list[object]:
        with Facts(WORKSPACE, [tables / "parquet"]) as facts:
            monkeypatch.setattr(facts.workspace, "digest", digest)
            return sorted(Evaluated(facts, ["total"], {}, {}).database.rows("total"))

    expected = scored("one")
    made: list[int] = []
    compile_next = Compiler.next
    monkeypatch.setattr(Compiler, "next", lambda self, empty: made.append(self.done) or compile_next(self, empty))
    assert scored("one") == expected
    assert not made
    assert scored("another") == expected
    assert made


@pytest.mark.parametrize("few", [8, 0])
def test_one_table_for_two_relations(few: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was inspected and what was unmet out of one table is what it is out of two, a status without a value included."""
    monkeypatch.setattr("zhengce.batch.sharing.FEW", few)
    random = Random(few)
    places = [(city, f"{city}园{n}") for city in ("甲", "乙", "丙") for n in range(9)]
    rows = {
        (*place, standard, f"第{n}条"): random.choice(["met", "unmet", None])
        for place in places
        for standard in ("管理规范", "设置标准")
        for n in range(1, 5)
        if random.random() < 0.4
    }
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE status (county TEXT, institution TEXT, standard TEXT, item TEXT, status TEXT)")
        connection.executemany("INSERT INTO status VALUES (?, ?, ?, ?, ?)", [(*key, value) for key, value in rows.items()])
        for name in ("one", "other"):
            connection.execute(f"COPY status TO '{tmp_path / name}.parquet'")
    (tmp_path / "city.csv").write_text("city,document\n" + "".join(f"{c},liaoning-2022\n" for c in "甲乙丙"), "utf-8")
    (tmp_path / "institution.csv").write_text("city,institution\n" + "".join(f"{c},{o}\n" for c, o in places), "utf-8")
    unmet = 'columns = { city = "county" }\nwhere = { status = "unmet" }\ndistinct = true'
    for name, source in (("shared", "one"), ("apart", "other")):
        (tmp_path / f"{name}.toml").write_text(
            '[city]\nsource = "city.csv"\n[institution]\nsource = "institution.csv"\n'
            '[inspected]\nsource = "one.parquet"\ncolumns = { city = "county" }\n'
            f'[unmet]\nsource = "{source}.parquet"\n{unmet}',
            encoding="utf-8",
        )
    found = []
    for name in ("shared", "apart"):
        with Facts(WORKSPACE, [tmp_path / f"{name}.toml"]) as facts:
            assert [one.across for one in facts.shared] == (["standard" if few else ""] if name == "shared" else [])
            evaluated = Evaluated(facts, ["inspection", "total"], {}, {})
            found.append([sorted(evaluated.database.rows(goal)) for goal in ("inspection", "total")])
    assert found[0] == found[1]
    assert {row[6] for row in found[0][0]} == {0, 1}
