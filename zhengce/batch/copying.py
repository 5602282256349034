"""Rows copied to Parquet files as they are, without a Python object for each: CSV files of any encoding, PostgreSQL."""

from __future__ import annotations

import codecs
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
from sqlglot import exp

from ..errors import EngineError
from ..language import say
from ..sql.trees import call, cast, column, named, select, text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..engines.duckdb.database import DuckDB
    from .bindings import Binding

CHUNK, BOOLEAN = 1 << 20, 16  # as PostgreSQL numbers its types
ENCODINGS = ("utf-8-sig", "gb18030")


def from_csv(database: DuckDB, binding: Binding, copy: Path) -> None:
    """The file's rows, every cell as text; an empty cell is no value."""
    with _in_utf8(binding) as path:
        _copied(database, path, (), copy)


def from_server(database: DuckDB, binding: Binding, copy: Path) -> None:
    """The rows of a table in PostgreSQL, every cell as text but booleans."""
    try:
        import psycopg
        from psycopg import sql
    except ImportError:
        raise EngineError(say("没有安装 {name}", name="psycopg"), hint="pip install 'zhengce[postgres]'") from None
    try:
        with psycopg.connect(binding.database) as connection, tempfile.TemporaryDirectory() as folder:
            rows = sql.SQL("SELECT * FROM {}").format(sql.Identifier(*binding.source.split(".")))
            columns = connection.execute(rows + sql.SQL(" LIMIT 0")).description or ()
            all_ = sql.SQL("COPY ({}) TO STDOUT (FORMAT csv, HEADER)").format(rows)
            with (Path(folder) / "rows.csv").open("wb") as file, connection.cursor().copy(all_) as parts:
                for part in parts:
                    file.write(part)
            _copied(database, Path(folder) / "rows.csv", [c.name for c in columns if c.type_code == BOOLEAN], copy)
    except psycopg.errors.UndefinedTable:
        raise duckdb.CatalogException(binding.source) from None
    except psycopg.Error as problem:
        raise binding.error(say("读不了 PostgreSQL：{problem}", problem=str(problem).strip().splitlines()[0])) from None


def _copied(database: DuckDB, path: Path, booleans: Collection[str], copy: Path) -> None:
    """`booleans`: the columns that are not to stay text."""
    options: dict[str, exp.Expr] = dict.fromkeys(("header", "all_varchar", "strict_mode"), exp.true())
    options |= {"allow_quoted_nulls": exp.false(), "delim": text(","), "quote": text('"'), "escape": text('"')}
    given = [exp.EQ(this=exp.var(name), expression=value) for name, value in options.items()]
    every = exp.Star(replace=[named(cast(column(c), "BOOLEAN"), c) for c in booleans] or None)
    database.write(str(copy), select([every], [(exp.Table(this=call("read_csv", text(str(path)), *given)), None)]))


@contextmanager
def _in_utf8(binding: Binding) -> Iterator[Path]:
    """The file itself where it is UTF-8 without a mark, else a copy that is."""
    path = Path(binding.source)
    encoding = _encoding(binding, path)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        with path.open(encoding=encoding, newline="") as file, copy.open("w", encoding="utf-8", newline="") as written:
            while part := file.read(CHUNK):
                written.write(part)
        yield copy


def _encoding(binding: Binding, path: Path) -> str:
    """That which the mapping file names, else the first that fits."""
    if binding.encoding:
        try:
            codecs.lookup(binding.encoding)
        except LookupError:
            hint = say("如 utf-8、gb18030")
            raise binding.error(say("没有“{name}”这种编码", name=binding.encoding), hint, "encoding") from None
    for encoding in [binding.encoding] if binding.encoding else ENCODINGS:
        if _fits(path, encoding):
            return encoding
    tried = binding.encoding or say("UTF-8 或 GB 18030")
    raise binding.error(
        say("{path} 不是 {encoding} 编码", path=path, encoding=tried), say("在映射文件里写 encoding = …"), "encoding"
    )


def _fits(path: Path, encoding: str) -> bool:
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(CHUNK):
                pass
    except UnicodeDecodeError:
        return False
    return True
