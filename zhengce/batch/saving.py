"""The tables of a batch as files: whole, or not at all."""

from __future__ import annotations

import atexit
import re
import shutil
import tempfile
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from sqlglot import exp

from ..engines.duckdb.database import quoted
from ..errors import QuestionError
from ..language import listed, say
from ..sql.trees import both, call, case, column, named, printed, select, table, text, whole
from ..texts import unwritten
from ..texts.signs import FORMULA, no_formula
from .answers import RANKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from openpyxl import Workbook

    from .answers import Batch, Sheet

PARQUET, CSV, BOOK, DATABASE = ".parquet", ".csv", ".xlsx", ".duckdb"
MOST_ROWS = 1_048_575  # of a sheet, below its head
FORBIDDEN, LONGEST_NAME = re.compile(r"[\[\]:*?/\\]"), 31  # in the name of a sheet


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
    with _fresh(path) as folder:
        made = folder / path.name
        yield made
        if made.is_dir() and path.is_dir():
            for file in made.iterdir():
                file.replace(path / file.name)
        else:
            made.replace(path)


@contextmanager
def _fresh(path: Path) -> Iterator[Path]:
    """A folder beside the path, removed at the end: of the process, for one that is stopped while it removes it."""
    folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    remove = partial(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(remove)
    try:
        yield folder
    finally:
        remove()
        atexit.unregister(remove)


def _table(batch: Batch, path: Path) -> None:
    _copy(batch, batch.sheet(batch.first), path)


def _copy(batch: Batch, sheet: Sheet, path: Path) -> None:
    plain = path.suffix.lower() == CSV
    query = _as_text(batch, sheet.query) if plain else sheet.query
    options = "FORMAT csv, HEADER" if plain else "FORMAT parquet"
    file = exp.Literal.string(str(path)).sql("duckdb")
    batch.database.fetch(f"COPY ({printed(query, 'duckdb')}) TO {file} ({options})")
    if plain:  # Excel takes a file for UTF-8 only with a mark
        _marked(path)


def _as_text(batch: Batch, query: exp.Select) -> exp.Select:
    """The rows with no text that a program takes for a formula."""
    types = batch.database.types(query)
    safe = [named(_no_formula(column(c)) if type_ == "VARCHAR" else column(c), c) for c, type_ in types.items()]
    return select(safe, [(exp.Subquery(this=query), None)])


def _no_formula(value: exp.Expr) -> exp.Expr:
    begins = [call("STARTS_WITH", value.copy(), text(sign)) for sign in FORMULA]
    return case(both(begins, exp.Or), call("CONCAT", text("'"), value.copy()), value)


def _marked(path: Path) -> None:
    whole = path.with_suffix(".marked")
    with path.open("rb") as file, whole.open("wb") as written:
        written.write(b"\xef\xbb\xbf")
        shutil.copyfileobj(file, written)
    whole.replace(path)


def _folder(batch: Batch, path: Path) -> None:
    path.mkdir()
    with _sheets(batch) as sheets:
        for sheet in sheets:
            _copy(batch, sheet, path / f"{sheet.name}{PARQUET}")


@contextmanager
def _sheets(batch: Batch) -> Iterator[list[Sheet]]:
    """All tables, and the ranking as one more where there is one."""
    from .answers import Sheet

    if not (places := batch.ranking()):
        yield batch.sheets()
        return
    columns = places[0]._fields
    batch.database.load(RANKING, columns, ("symbol", "number", "number", "number", "symbol"), places)
    ordered = select([column(c) for c in columns], [(table(RANKING), None)])
    ordered.set(
        "order",
        exp.Order(expressions=[exp.EQ(this=column("first"), expression=whole(0)), *map(column, ("first", "last", "city"))]),
    )
    try:
        yield [*batch.sheets(), Sheet(RANKING, say("名次"), columns, ordered)]
    finally:
        batch.database.drop(RANKING)


def _database(batch: Batch, path: Path) -> None:
    database = batch.database
    database.fetch(f"ATTACH {exp.Literal.string(str(path)).sql('duckdb')} AS result")
    try:
        with _sheets(batch) as sheets:
            for sheet in sheets:
                database.fetch(f"CREATE TABLE result.{quoted(sheet.name)} AS {printed(sheet.query, 'duckdb')}")
    finally:
        database.fetch("DETACH result")


def _book(batch: Batch, path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    try:
        with _sheets(batch) as sheets:
            for sheet in sheets:
                _page(batch, sheet, book)
        book.save(path)
    except BaseException:
        for page in book.worksheets:  # else openpyxl complains of what it finds closed
            with suppress(Exception):
                page.close()
        raise


def _page(batch: Batch, sheet: Sheet, book: Workbook) -> None:
    rows = batch.database.select(sheet.query)
    if len(rows) > MOST_ROWS:
        hint = say("写到文件夹、{names}", names=listed((PARQUET, DATABASE)))
        raise QuestionError(say("{name} 有 {n} 行，一张工作表放不下", name=sheet.name, n=len(rows)), hint=hint)
    page = book.create_sheet(FORBIDDEN.sub(" ", sheet.label)[:LONGEST_NAME] or sheet.name)
    page.append(sheet.columns)
    for row in rows:
        page.append([no_formula(value) if isinstance(value, str) else value for value in row])
