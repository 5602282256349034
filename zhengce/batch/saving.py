"""The tables of a batch as files: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..errors import QuestionError
from ..language import listed, say
from ..sql.trees import printed
from ..texts import unwritten
from .answers import RANKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .answers import Batch, Sheet
    from .ranking import Place

PARQUET, CSV, BOOK, DATABASE = ".parquet", ".csv", ".xlsx", ".duckdb"
MOST_ROWS = 1_048_575  # of a sheet, below its head


def save(batch: Batch, path: str | Path) -> Path:
    """Write the tables: to a folder (a Parquet file each), a workbook, a DuckDB file; or the first alone as Parquet or CSV.

    Raises `QuestionError` when they cannot be written; what was there is then as it was.
    """
    path = Path(path)
    writer = writer_for(path)
    try:
        with _moved_into(path) as made:
            writer(batch, made)
    except OSError as problem:
        raise unwritten(path, problem, QuestionError) from None
    return path


def writer_for(path: str | Path) -> Callable[[Batch, Path], None]:
    """What writes a file of that name. Raises `QuestionError`."""
    path = Path(path)
    writers = {PARQUET: _table, CSV: _table, BOOK: _book, DATABASE: _database, "": _folder}
    if path.suffix.lower() not in writers:
        hint = say("可以是 {names}，或一个文件夹", names=listed(filter(None, writers)))
        raise QuestionError(say("不会写 {path} 这种文件", path=path), hint=hint)
    if path.suffix and path.is_dir():
        raise QuestionError(say("{path} 是文件夹", path=path))
    return writers[path.suffix.lower()]


@contextmanager
def _moved_into(path: Path) -> Iterator[Path]:
    """A name beside the path, moved into its place when all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
        made = Path(folder) / path.name
        yield made
        if made.is_dir() and path.is_dir():
            for file in made.iterdir():
                file.replace(path / file.name)
        else:
            made.replace(path)


def _table(batch: Batch, path: Path) -> None:
    _copy(batch, batch.sheet(batch.first), path)


def _copy(batch: Batch, sheet: Sheet, path: Path) -> None:
    options = "FORMAT parquet" if path.suffix.lower() == PARQUET else "FORMAT csv, HEADER"
    file = exp.Literal.string(str(path)).sql("duckdb")
    batch.database.connection.execute(f"COPY ({printed(sheet.query, 'duckdb')}) TO {file} ({options})")
    if path.suffix.lower() == CSV:  # Excel takes a file for UTF-8 only with a mark
        _marked(path)


def _marked(path: Path) -> None:
    whole = path.with_suffix(".marked")
    with path.open("rb") as file, whole.open("wb") as written:
        written.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(file, written)
    whole.replace(path)


def _folder(batch: Batch, path: Path) -> None:
    path.mkdir()
    for sheet in batch.sheets():
        _copy(batch, sheet, path / f"{sheet.name}{PARQUET}")
    if places := batch.ranking():
        with _with_ranking(batch, places) as query:
            _copy(batch, query, path / f"{RANKING}{PARQUET}")


@contextmanager
def _with_ranking(batch: Batch, places: list[Place]) -> Iterator[Sheet]:
    from ..sql.trees import select, table
    from .answers import Sheet

    batch.database.load(RANKING, places[0]._fields, ("symbol", "number", "number", "number", "symbol"), places)
    yield Sheet(RANKING, say("名次"), places[0]._fields, select([exp.Star()], [(table(RANKING), None)]))
    batch.database.drop(RANKING)


def _database(batch: Batch, path: Path) -> None:
    connection = batch.database.connection
    connection.execute(f"ATTACH {exp.Literal.string(str(path)).sql('duckdb')} AS result")
    try:
        for sheet in batch.sheets():
            name = exp.to_identifier(sheet.name, quoted=True).sql("duckdb")
            connection.execute(f"CREATE TABLE result.{name} AS {printed(sheet.query, 'duckdb')}")
    finally:
        connection.execute("DETACH result")


def _book(batch: Batch, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    for sheet in batch.sheets():
        rows = batch.database.select(sheet.query)
        if len(rows) > MOST_ROWS:
            hint = say("写到文件夹、{names}", names=listed((PARQUET, DATABASE)))
            raise QuestionError(say("{name} 有 {n} 行，一张工作表放不下", name=sheet.name, n=len(rows)), hint=hint)
        page = book.create_sheet(sheet.label[:31] or sheet.name)
        page.append(sheet.columns)
        for row in rows:
            page.append([_safe(value) for value in row])
    if places := batch.ranking():
        page = book.create_sheet(say("名次"))
        page.append(places[0]._fields)
        for place in places:
            page.append([_safe(value) for value in place])
    book.save(path)


def _safe(value: Any) -> Any:
    """A text that no program takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@") else value
