"""DuckDB as the statements need it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import duckdb
from sqlglot import exp

from ...sql import trees
from ...sql.expressions import TYPES
from ...sql.trees import call, column, printed, select, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...datalog.syntax import Type

# Tables that last as long as a connection are not worth being written smaller, which a checkpoint would do over and over.
SETTINGS = {"checkpoint_threshold": "1TB"}


@cache
def shared() -> duckdb.DuckDBPyConnection:
    """A database in memory, for many connections: opening another takes twenty times as long."""
    return duckdb.connect(config=dict(SETTINGS))


class DuckDB:
    """A connection; all tables are temporary, and so its own."""

    dialect = "duckdb"
    faults: tuple[type[Exception], ...] = (duckdb.OutOfRangeException, duckdb.ConversionException, duckdb.InvalidInputException)

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection

    def create(self, table: str, query: str) -> int:
        return self._count(f"CREATE TEMP TABLE {quoted(table)} AS {query}")

    def drop(self, table: str) -> None:
        self.fetch(f"DROP TABLE {quoted(table)}")

    def rename(self, table: str, name: str) -> None:
        self.fetch(f"ALTER TABLE {quoted(table)} RENAME TO {quoted(name)}")

    def grow(self, table: str, other: str) -> int:
        return self._count(f"INSERT INTO {quoted(table)} SELECT * FROM {quoted(other)}")

    def _count(self, statement: str) -> int:
        return next((int(n) for (n,) in self.fetch(statement)), 0)

    def fetch(self, statement: str, values: Sequence[Any] | None = None) -> list[tuple[Any, ...]]:
        """Every statement goes this way: its rows."""
        return self.connection.execute(statement, values).fetchall()

    # -- facts in tables -----------------------------------------------------------------------------------------------------

    def select(self, query: exp.Query) -> list[tuple[Any, ...]]:
        return self.fetch(printed(query, self.dialect))

    def make(self, table: str, query: exp.Query) -> int:
        return self.create(table, printed(query, self.dialect))

    def view(self, name: str, query: exp.Query, temporary: bool = False) -> None:
        """A query under a name, for all connections to this database, or `temporary` for this alone."""
        kind = "TEMP VIEW" if temporary else "VIEW"
        self.fetch(f"CREATE {kind} {quoted(name)} AS {printed(query, self.dialect)}")

    def keep(self, name: str, query: exp.Query) -> None:
        """A table of the rows of a query, for all connections to this database."""
        self.fetch(f"CREATE TABLE {quoted(name)} AS {printed(query, self.dialect)}")

    def write(self, path: str, query: exp.Query) -> None:
        """The rows of a query as a Parquet file, in their order."""
        file = exp.Literal.string(path).sql(self.dialect)
        self.fetch(f"COPY ({printed(query, self.dialect)}) TO {file} (FORMAT parquet, PRESERVE_ORDER true)")

    def types(self, query: exp.Query) -> dict[str, str]:
        """The columns of a query with their types, as DuckDB names them."""
        return {name: str(type_) for name, type_, *_ in self.fetch(f"DESCRIBE {printed(query, self.dialect)}")}

    def attach(self, path: str, name: str) -> str:
        """Another DuckDB file, to be read, under a name."""
        self.fetch(f"ATTACH {exp.Literal.string(path).sql(self.dialect)} AS {quoted(name)} (READ_ONLY)")
        return name

    def parquet_nulls(self, path: str) -> set[str]:
        """The columns of a Parquet file that have, or may have, rows without a value."""
        source = exp.Table(this=call("parquet_metadata", text(path)))
        found = self.select(select([column("path_in_schema"), column("stats_null_count")], [(source, None)]))
        return {name for name, nulls in found if nulls != 0}

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return self.fetch(f"SELECT * FROM {quoted(table)}")

    def load(
        self,
        table: str,
        columns: Sequence[str],
        types: Sequence[Type],
        rows: Sequence[tuple[Any, ...]],
        temporary: bool = True,
    ) -> None:
        """Rows as a new table, `temporary` for this connection. A relation without columns has one."""
        kind = "TEMP TABLE" if temporary else "TABLE"
        wanted = ", ".join(f"{quoted(c)} {TYPES[t]}" for c, t in zip(columns, types, strict=True))
        self.fetch(f"CREATE {kind} {quoted(table)} ({wanted or '_ INT'})")
        if rows and not types:
            self.fetch(f"INSERT INTO {quoted(table)} VALUES (1)")
        elif rows:
            values = ", ".join(f"CAST(unnest(CAST(${i + 1} AS TEXT[])) AS {TYPES[t]})" for i, t in enumerate(types))
            lists = [list(map(str, column)) for column in zip(*rows, strict=True)]
            self.fetch(f"INSERT INTO {quoted(table)} SELECT {values}", lists)


def quoted(name: str) -> str:
    return trees.quoted(name, "duckdb")
