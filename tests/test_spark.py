"""The engine `spark` on this machine, by Java: two threads, and nothing compiled that is run once."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Agreement, missing

import zhengce
from zhengce.errors import EngineError

pytestmark = [pytest.mark.xdist_group("spark"), pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas")]
QUICK = """--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC' --conf spark.default.parallelism=1
    --conf spark.sql.codegen.wholeStage=false --conf spark.sql.codegen.factoryMode=NO_CODEGEN
    --conf spark.sql.adaptive.enabled=false"""


@pytest.fixture(scope="module", autouse=True)
def spark(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up as fits tiny tables; with `--all-engines` as it is."""
    if not shutil.which("java"):
        missing("there is no Java")
    quick = "" if request.config.getoption("--all-engines") else QUICK
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ZHENGCE_SPARK", "local[2]")
        patch.setenv("PYSPARK_SUBMIT_ARGS", f"--driver-memory 1g {quick} pyspark-shell")
        yield


class TestSpark(Agreement):
    engine = "spark"
    programs = 5


@pytest.mark.parametrize("small", [0, 4, 10_000])
def test_large_tables(small: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first table that is larger, Spark keeps them: at once, in the midst of a recursion, or never."""
    monkeypatch.setattr("zhengce.engines.spark.database.SMALL", small)
    text = """
    .decl edge(a: number, b: number)
    .decl reached(a: number, b: number)
    .decl apart(a: number, n: number)
    .decl some()
    reached(a, b) :- edge(a, b).
    reached(a, c) :- edge(a, b), reached(b, c).
    apart(a, n) :- edge(a, _), !reached(a, 1), n = count : { reached(a, _) }.
    some() :- apart(_, _).
    """
    one, other = (zhengce.evaluate(text, {"edge": [(1, 2), (2, 3), (3, 4)]}, engine) for engine in ("memory", "spark"))
    assert {name: other[name] for name in one} == {name: one[name] for name in one}


def test_overflow_that_another_order_would_hide() -> None:
    for engine in ("memory", "spark"):
        with pytest.raises(zhengce.errors.ArithmeticFault):
            text = ".decl a(x: number)\n.decl b(x: number)\nb(x + 9223372036854775807 - 9223372036854775807) :- a(x)."
            zhengce.evaluate(text, {"a": [(1,)]}, engine)


def test_signs_in_text() -> None:
    signs = (
        "'",
        '"',
        "\\",
        "\\'",
        "%s",
        "$1",
        "{}",
        "--",
        "/*",
        ";",
        "\n",
        "\t",
        "\0",
        "\\u0041",
        "",
        " ",
        "😀",
        "${x}",
        ":x",
        "`",
    )
    text = '.decl s(x: symbol)\n.decl r(x: symbol, y: symbol)\nr(x, "\\\\ \' % $1 ${x} \\" \\n \\\\u0041 `") :- s(x).'
    one, other = (zhengce.evaluate(text, {"s": [(sign,) for sign in signs]}, engine) for engine in ("memory", "spark"))
    assert other["r"] == one["r"]
    assert len(one["r"]) == len(signs)


def test_no_java(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from zhengce.engines.spark import session

    monkeypatch.setenv("PATH", "/usr/bin-without-java:/bin-without-java")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    monkeypatch.setattr(session.SparkContext, "_active_spark_context", None)
    with pytest.raises(EngineError) as caught:
        session.session.__wrapped__()
    assert "openjdk" in caught.value.hint


def test_no_pyspark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "zhengce.engines.spark.database", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark.errors", None)
    with pytest.raises(EngineError) as caught:
        zhengce.evaluate(".decl a(x: number)", engine="spark")
    assert caught.value.hint == "pip install 'zhengce[spark]'"
