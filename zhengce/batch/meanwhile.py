"""Tables that another connection makes while this one goes on."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from concurrent.futures import Future

    from sqlglot import exp

    from ..engines.duckdb.database import DuckDB

_numbers: Iterator[int] = count(1)  # what all connections see needs names of its own


class Meanwhile:
    """Makes tables that all connections see, one after the other."""

    def __init__(self, database: DuckDB) -> None:
        self.database = database
        self.pool = ThreadPoolExecutor(1)
        self.making: dict[str, Future[None]] = {}

    def make(self, query: exp.Query) -> str:
        """Begin a table; gives its name."""
        name = f"$meanwhile{next(_numbers)}"
        self.making[name] = self.pool.submit(self.database.keep, name, query)
        return name

    def wait(self) -> None:
        """Until all are there. Raises what was raised there."""
        for table in self.making.values():
            table.result()

    def drop(self) -> None:
        """All of them."""
        self.wait()
        for name in self.making:
            self.database.drop(name)
        self.making.clear()

    def close(self) -> None:
        """Leave off, wherever it is."""
        self.pool.shutdown(wait=False, cancel_futures=True)
        self.database.connection.interrupt()
        self.pool.shutdown()
