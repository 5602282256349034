"""Spark as the statements need it."""

from __future__ import annotations

from contextlib import contextmanager
from threading import Lock
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from py4j.protocol import Py4JError
from pyspark.errors import PySparkException
from pyspark.sql.pandas.types import from_arrow_schema

from ...errors import EngineError
from ...language import say
from ...sql import trees
from .session import session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import DataFrame, SparkSession

    from ...datalog.syntax import Type

SMALL = 10_000  # rows
TYPES = {"symbol": pa.string(), "number": pa.int64(), "decimal": pa.decimal128(18, 6), "date": pa.date32()}
_alone = Lock()  # the names of views are those of the session


@contextmanager
def opened() -> Iterator[Spark]:
    """Spark, for one evaluation at a time. Raises `EngineError`, also for what Spark does not do in it."""
    with _alone:
        database = Spark(session())
        try:
            yield database
        except (PySparkException, Py4JError) as error:
            raise EngineError(say("Spark 做不了：{problem}", problem=str(error).partition("\n")[0])) from None
        finally:
            database.close()


class Spark:
    """Tables are views. As long as all are small they are kept here; from the first that is not, Spark keeps them.

    `faults`: all that can go wrong. On a cluster an error of arithmetic may come wrapped; and another comes again.
    """

    dialect = "spark"
    faults: tuple[type[Exception], ...] = (PySparkException, Py4JError)

    def __init__(self, session: SparkSession) -> None:
        self.session = session
        self.frames: dict[str, DataFrame] = {}
        self.kept: dict[str, pa.Table] = {}
        self.large = False

    def create(self, table: str, query: str) -> int:
        """What is large is cut off from what it was made of: else each round of a recursion would go through all before it."""
        frame = self.session.sql(query)
        if not self.large:
            rows = frame.limit(SMALL + 1).toArrow()
            self.large = rows.num_rows > SMALL
        if self.large:
            self.view(table, frame.localCheckpoint())
            return self.frames[table].count()
        self.keep(table, rows)
        return int(rows.num_rows)

    def keep(self, table: str, rows: pa.Table) -> None:
        self.view(table, self.session.createDataFrame(rows, from_arrow_schema(rows.schema)))
        self.kept[table] = rows

    def view(self, table: str, frame: DataFrame) -> None:
        frame.createOrReplaceTempView(quoted(table))
        self.frames[table] = frame

    def drop(self, table: str) -> None:
        self.session.catalog.dropTempView(table)
        del self.frames[table]
        self.kept.pop(table, None)

    def rename(self, table: str, name: str) -> None:
        frame, rows = self.frames[table], self.kept.get(table)
        self.drop(table)
        self.view(name, frame)
        if rows is not None:
            self.kept[name] = rows

    def grow(self, table: str, other: str) -> int:
        both = [self.kept[name] for name in (table, other) if name in self.kept]
        more = both[-1].num_rows if len(both) == 2 else self.frames[other].count()
        if more and len(both) == 2:
            self.keep(table, pa.concat_tables(both, promote_options="permissive"))
        elif more:
            self.kept.pop(table, None)
            self.view(table, self.frames[table].union(self.frames[other]).coalesce(self.parts).localCheckpoint())
        return more

    @property
    def parts(self) -> int:
        return int(self.session.conf.get("spark.sql.shuffle.partitions") or 1)

    def fetch(self, query: str) -> list[tuple[Any, ...]]:
        return _tuples(self.session.sql(query).toArrow())

    def rows(self, table: str) -> list[tuple[Any, ...]]:
        return _tuples(self.kept[table] if table in self.kept else self.frames[table].toArrow())

    def load(self, table: str, columns: Sequence[str], types: Sequence[Type], rows: Sequence[tuple[Any, ...]]) -> None:
        """Rows as a new table. A relation without columns has one."""
        fields = [(c, TYPES[t]) for c, t in zip(columns, types, strict=True)] or [("_", pa.int64())]
        values: list[Sequence[Any]] = [*zip(*rows, strict=True)] or [[1] * len(rows)] * len(fields)
        arrays = [pa.array(column, type_) for column, (_, type_) in zip(values, fields, strict=True)]
        self.keep(table, pa.Table.from_arrays(arrays, names=[name for name, _ in fields]))
        self.large |= len(rows) > SMALL

    def close(self) -> None:
        for table in list(self.frames):
            self.drop(table)


def quoted(name: str) -> str:
    return trees.quoted(name, "spark")


def _tuples(rows: pa.Table) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_pylist() for column in rows.columns), strict=True))
