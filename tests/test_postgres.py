"""The engine `postgres` in a server of one's own, reached by a socket; its order of text is not that of code points."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Agreement, missing

import zhengce
from zhengce.batch import Facts
from zhengce.errors import EngineError

pytestmark = pytest.mark.xdist_group("postgres")
OTHERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"))  # where Debian has them
USER = "postgres" if os.geteuid() == 0 else None  # root may not start it
READY = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=zh", "--auth=trust", "--username=zhengce", "--no-sync"]


def _program(name: str) -> str:
    found = shutil.which(name, path=os.pathsep.join([*map(str, OTHERS[::-1]), os.environ.get("PATH", "")]))
    return found or missing(f"PostgreSQL is not installed: there is no {name}")


@pytest.fixture(scope="module", autouse=True)
def server() -> Iterator[str]:
    """The name of a database."""
    with tempfile.TemporaryDirectory(prefix="pg", dir="/tmp") as name, pytest.MonkeyPatch.context() as patch:
        folder = Path(name)
        if USER:
            shutil.chown(folder, USER)

        def run(*command: str) -> None:
            subprocess.run(command, user=USER, cwd=folder, check=True, stdout=subprocess.DEVNULL, env={"PATH": "/bin:/usr/bin"})

        control = (_program("pg_ctl"), "--pgdata=data", "--wait", "--silent")
        run(_program("initdb"), "--pgdata=data", *READY)
        run(*control, "--log=log", f"--options=-k {folder} -c listen_addresses= -c fsync=off", "start")
        patch.setenv("ZHENGCE_POSTGRES", f"host={folder} user=zhengce dbname=postgres")
        try:
            yield f"host={folder} user=zhengce"
        finally:
            run(*control, "--mode=immediate", "stop")


class TestPostgres(Agreement):
    engine = "postgres"


def test_text_is_ordered_by_code_points() -> None:
    """Where the database would have it otherwise: `a` before `B`, 沈阳 before 大连."""
    text = """
    .decl s(x: symbol)
    .decl below(x: symbol, y: symbol)
    .decl least(x: symbol)
    below(x, y) :- s(x), s(y), x < y.
    below(x, "b") :- s(x), x < "b", "B" < "a".
    least(min(x, y)) :- s(x), s(y).
    """
    facts = {"s": [("a",), ("B",), ("沈阳",), ("大连",), ("é",), ("",)]}
    one, other = (zhengce.evaluate(text, facts, engine) for engine in ("memory", "postgres"))
    assert {name: other[name] for name in one} == {name: one[name] for name in one}


def test_names_of_types_and_of_its_own_tables() -> None:
    names = ("date", "text", "numeric", "pg_class", "t1", "part1", "政" * 40 + "甲", "政" * 40 + "乙")
    text = ".decl d(x: date)\n" + "".join(f".decl {name}(x: date, select: number)\n" for name in names)
    text += "".join(f'{name}(x, {n}) :- d(x), x < "2023-01-0{n + 1}".\n' for n, name in enumerate(names))
    model = zhengce.evaluate(text, {"d": [("2022-05-20",)]}, "postgres")
    assert [row[1] for name in names for row in model[name]] == list(range(len(names)))


def test_signs_in_text() -> None:
    signs = "'", '"', "\\", "\\'", "%s", "$1", "{}", "--", "/*", ";", "\n", "\t", "\\.", "\\N", "", " ", "😀", "${x}", ":x", "?"
    text = '.decl s(x: symbol)\n.decl r(x: symbol, y: symbol)\nr(x, "\\\\ \' % $1 ${x} \\" \\n") :- s(x).'
    one, other = (zhengce.evaluate(text, {"s": [(sign,) for sign in signs]}, engine) for engine in ("memory", "postgres"))
    assert other["r"] == one["r"]
    assert len(one["r"]) == len(signs)


def test_nothing_stays(server: str) -> None:
    import psycopg

    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        count = "SELECT COUNT(*) FROM pg_class WHERE relpersistence <> 't'"
        before = connection.execute(count).fetchone()
        zhengce.evaluate(".decl a(x: number)\n.decl b(x: number)\nb(x) :- a(x).", {"a": [(1,)]}, "postgres")
        assert connection.execute(count).fetchone() == before


@pytest.mark.parametrize("sign", ["\0", "\ud800"], ids=ascii)
def test_text_that_it_cannot_hold(sign: str) -> None:
    for text, facts in (".decl s(x: symbol)", {"s": [(sign,)]}), (f'.decl s(x: symbol)\ns("{sign}").', {}):
        with pytest.raises(EngineError, match=f"U\\+{ord(sign):04X}"):
            zhengce.evaluate(text, facts, "postgres")


def test_another_encoding(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    with psycopg.connect(f"{server} dbname=postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C' LOCALE_PROVIDER libc")
    monkeypatch.setenv("ZHENGCE_POSTGRES", f"{server} dbname=latin")
    with pytest.raises(EngineError, match="LATIN1"):
        zhengce.evaluate(".decl a(x: number)", engine="postgres")


def test_no_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("ZHENGCE_POSTGRES", f"host={tmp_path}")
    with pytest.raises(EngineError) as caught:
        zhengce.evaluate(".decl a(x: number)", engine="postgres")
    assert "ZHENGCE_POSTGRES" in str(caught.value)


def test_no_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "zhengce.engines.postgres.database", raising=False)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(EngineError) as caught:
        zhengce.evaluate(".decl a(x: number)", engine="postgres")
    assert caught.value.hint == "pip install 'zhengce[postgres]'"


def test_tables_of_a_server_for_many_cities(server: str, tmp_path: Path) -> None:
    """Its booleans are yes and no, as those of a Parquet file are, and can be held against `where`."""
    import psycopg

    folder = dict(part.split("=") for part in server.split())["host"]
    address = f"postgresql:///postgres?host={folder}&user=zhengce"
    with psycopg.connect(address) as connection:
        connection.execute("CREATE TABLE cities (city text, document text, in_it boolean)")
        connection.execute("INSERT INTO cities VALUES ('甲', 'liaoning-2022', true), ('乙', 'liaoning-2022', false)")
        connection.execute("CREATE TABLE answers (city text, condition text, value boolean)")
        connection.execute("INSERT INTO answers VALUES ('甲', '附件.一.1.a', true), ('甲', '附件.一.2.b', false)")
    (tmp_path / "facts.toml").write_text(
        f'database = "{address}"\n[city]\nsource = "cities"\nwhere = {{ in_it = true }}\n'
        '[answer]\nsource = "public.answers"\nprefix = { condition = "liaoning-2022/" }\n',
        encoding="utf-8",
    )
    workspace = zhengce.open(Path(__file__).parents[1]).workspace
    with Facts(workspace, [tmp_path / "facts.toml"]) as facts:
        assert facts.cities() == ["甲"]
        rows = [("甲", "liaoning-2022/附件.一.1.a", "yes"), ("甲", "liaoning-2022/附件.一.2.b", "no")]
        assert sorted(facts.database.rows("answer")) == rows
