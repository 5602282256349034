"""PostgreSQL as the statements need it."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import psycopg

from ...errors import EngineError
from ...language import say
from ...sql import trees
from ...sql.expressions import TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ...datalog.syntax import Type

    Connection = psycopg.Connection[tuple[Any, ...]]

SERVER = "ZHENGCE_POSTGRES"
NOT_HELD = re.compile("[\0\ud800-\udfff]")
SETTINGS = """
    SET standard_conforming_strings = on;
    SET synchronous_commit = off; -- the tables are gone with the session
    SET jit = off; -- it takes longer than most of these queries
"""


@contextmanager
def connected() -> Iterator[Connection]:
    """A session of one's own. Raises `EngineError`, also for what the server refuses in it."""
    try:
        with psycopg.connect(os.environ.get(SERVER, ""), autocommit=True, client_encoding="UTF8") as connection:
            connection.prepare_threshold = None
            if (found := connection.info.parameter_status("server_encoding")) != "UTF8":
                message = say("数据库 {name} 的编码是 {found}，要 UTF8", name=connection.info.dbname, found=found)
                raise EngineError(message, hint="CREATE DATABASE … TEMPLATE template0 ENCODING 'UTF8'")
            connection.execute(SETTINGS)
            yield connection
    except psycopg.Error as error:
        raise EngineError(say("PostgreSQL 做不了：{problem}", problem=str(error).strip()), hint=_hint(error)) from None


def _hint(error: psycopg.Error) -> str:
    """Without an SQL state there was no server."""
    if error.sqlstate is None and isinstance(error, psycopg.OperationalError):
        return say("服务器写在 {name}（postgresql://用户@主机/数据库）或 PGHOST、PGDATABASE 等变量里", name=SERVER)
    return ""


class Postgres:
    """A session; all tables are temporary, and so its own."""

    dialect = "postgres"
    faults: tuple[type[Exception], ...] = (psycopg.DataError,)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def create(self, table: str, query: str) -> int:
        return self.execute(f"CREATE TEMP TABLE {quoted(table)} AS {query}").rowcount

    def drop(self, table: str) -> None:
        self.execute(f"DROP TABLE {quoted(table)}")

    def rename(self, table: str, name: str) -> None:
        self.execute(f"ALTER TABLE {quoted(table)} RENAME TO {quoted(name)}")

    def grow(self, table: str, other: str) -> int:
        return self.execute(f"INSERT INTO {quoted(table)} SELECT * FROM {quoted(other)}").rowcount

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return self.execute(query).fetchall()

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return self.fetch(f"SELECT * FROM {quoted(table)}")

    def load(self, table: str, columns: Sequence[str], types: Sequence[Type], rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows as a new table. A relation without columns has one. Raises `EngineError` for text that no text can hold."""
        wanted = ", ".join(f"{quoted(c)} {_type(t)}" for c, t in zip(columns, types, strict=True))
        self.execute(f"CREATE TEMP TABLE {quoted(table)} ({wanted or '_ INT'})")
        with self.connection.cursor() as cursor, cursor.copy(f"COPY {quoted(table)} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_held(v) if isinstance(v, str) else v for v in row] or (1,))

    def execute(self, statement: str) -> psycopg.Cursor[tuple[Any, ...]]:
        return self.connection.execute(_held(statement))


def quoted(name: str) -> str:
    return trees.quoted(name, "postgres")


def _held(text: str) -> str:
    """The text. Raises `EngineError` when the server cannot hold it."""
    if found := NOT_HELD.search(text):
        raise EngineError(say("PostgreSQL 的文本里不能有 {sign}", sign=f"U+{ord(found[0]):04X}"))
    return text


def _type(type_: Type) -> str:
    """Text is ordered by code points, whatever the database's own order."""
    return TYPES[type_] + ' COLLATE "C"' * (type_ == "symbol")
