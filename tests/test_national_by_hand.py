"""The hand-written SQL of the national benchmark against plain Python, the rules and the other tools, where all is small."""

from __future__ import annotations

import sys
from importlib import import_module
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pytest

from zhengce.engines import engine

sys.path.append(str(Path(__file__).resolve().parents[1] / "benchmarks" / "national"))
by_hand, generate, plain, peers = map(import_module, ("by_hand", "generate", "plain", "peers"))
closure, closure_peers = map(import_module, ("closure", "closure_peers"))

if TYPE_CHECKING:
    Answers = dict[tuple[str, str], tuple[int, int]]

TOOLS = ["by_polars", "by_logica", "by_nemo", "by_clingo"]
GOALS = {"score", "group_score", "total", "self_assessed"}


@pytest.fixture(scope="module", params=[(0.0, 1), (0.1, 2), (0.5, 3), (0.5, 4), (0.9, 5)], ids=str)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    unknown, seed = request.param
    made: Path = generate.made(generate.Size(20, 15, unknown, seed), tmp_path_factory.mktemp("nation"))
    return made


def by_sql(folder: Path) -> Answers:
    with duckdb.connect() as connection:
        by_hand.prepare(connection)
        answers: Answers = by_hand.answers(by_hand.score(connection, folder))
    return answers


def by_rules(folder: Path) -> Answers:
    program = plain.WORKSPACE.program("score").below(GOALS)
    stated = {name: plain.WORKSPACE.facts(name) for name in program.relations}
    model = engine("memory")(program, {**stated, **plain.facts(folder)})
    return {
        **{(city, indicator): (low, high) for city, indicator, _, _, low, high in model.rows["score"]},
        **{(city, group): (low, high) for city, group, *_, low, high in model.rows["group_score"]},
        **{(city, name): (low, high) for name in ("total", "self_assessed") for city, _, low, high in model.rows[name]},
    }


def test_sql_is_plain_python_is_the_rules(folder: Path) -> None:
    by_hand_in_sql = by_sql(folder)
    assert len(by_hand_in_sql) == 20 * (31 + 6 + 2)
    assert by_hand_in_sql == plain.score(folder)
    assert by_hand_in_sql == by_rules(folder)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["by_rules", *TOOLS])
def test_the_other_tools_answer_the_same(name: str, folder: Path) -> None:
    score, answers = peers.scorer(name)
    assert answers(score(folder)) == by_sql(folder)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("name", "problem"),
    [("flagged", "mutual"), *product(["by_rules", "by_memory", *TOOLS], closure.PROBLEMS)],
)
def test_the_same_is_reached(name: str, problem: str) -> None:
    chosen = closure.SMALL[problem]._replace(nodes=40, edges=60)
    edges = closure.graph(chosen)
    connection = closure.connected(edges)
    closure.BY_HAND[problem](connection)
    prepare, rows = closure_peers.TOOLS[name]
    result = prepare(edges, problem)()
    for goal in chosen.goals:
        assert rows(result, goal) == closure.pairs(connection, goal)


def test_no_county_contradicts_itself(folder: Path) -> None:
    program = plain.WORKSPACE.conflicts
    stated = {name: plain.WORKSPACE.facts(name) for name in program.relations}
    assert not engine("memory")(program, {**stated, **plain.facts(folder)}).rows["conflict"]


def test_the_same_seed_gives_the_same_files(folder: Path, tmp_path: Path) -> None:
    size = generate.json.loads((folder / "made.json").read_text(encoding="utf-8"))["size"]
    again = generate.made(generate.Size(**size), tmp_path)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {p.name: p.read_bytes() for p in folder.iterdir()}


def test_rows_of_nobody_count_nothing(folder: Path, tmp_path: Path) -> None:
    """Institutions that no list names, the same name in two counties, and answers of a county that is not there."""
    more = {
        "status": "SELECT * REPLACE (institution || '甲' AS institution) FROM rows WHERE county < '县0005'",
        "institutions": "SELECT * REPLACE ('县0001' AS county) FROM rows WHERE county = '县0002'",
        "answers": "SELECT * REPLACE ('县9999' AS county) FROM rows WHERE county = '县0003'",
    }
    for path in folder.glob("*.parquet"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    for name, query in more.items():
        rows = f"(FROM '{folder / name}.parquet')"
        duckdb.execute(f"COPY (WITH rows AS {rows} FROM rows UNION {query}) TO '{tmp_path / name}.parquet'")
    assert by_sql(tmp_path) == plain_listed(tmp_path) == by_rules(tmp_path)


def plain_listed(folder: Path) -> Answers:
    """Plain Python goes over every county that any file names."""
    return {key: interval for key, interval in plain.score(folder).items() if key[0] != "县9999"}
