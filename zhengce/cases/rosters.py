"""Tables that lie beside a case: CSV (UTF-8, with or without a BOM) and Parquet, every cell as text."""

from __future__ import annotations

import re
import unicodedata
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple

from ..errors import CaseError, CaseTextError, Span, ZhengceError, did_you_mean, raise_all
from ..language import say
from ..texts import read_text
from ..texts.files import too_long

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    Cells = Sequence[str | None]


NUMERALS = "零一二三四五六七八九"
TEN = "十"
ITEM = re.compile(r"第?(\d{1,9}|[一二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)条?", re.ASCII)


def item_number(written: str) -> str:
    """A clause of a standard, however its number is written: 第七条, 第 7 条, ７ and 7 are one."""
    plain = "".join(unicodedata.normalize("NFKC", written).split())
    found = ITEM.fullmatch(plain)
    if not found:
        return plain
    if found[1].isascii():
        return str(int(found[1]))
    tens, ten, ones = found[1].rpartition(TEN)
    whole = (NUMERALS.index(tens) if tens else 1) * 10 if ten else 0
    return str(whole + (NUMERALS.index(ones) if ones else 0))


class Line(NamedTuple):
    """The wanted cells of one row, and where each stands."""

    cells: tuple[str, ...]
    spans: tuple[Span, ...]


class _Table(NamedTuple):
    """A file's header and rows, each row with its line; `source` is its text, where it has one."""

    file: str
    header: list[str]
    rows: list[tuple[int, Cells]]
    source: str = ""

    def error(self, line: int, message: str, hint: str = "") -> CaseError:
        return CaseError(message, span=Span(self.file, line, 1), hint=hint, source=self.source)


def read_table(folder: Path, file: str, columns: Sequence[str]) -> tuple[list[Line], str]:
    """The rows of a file in the folder, each with the columns in the order asked for, and the file's text.

    Raises `CaseError`, with every row that is wrong.
    """
    path = folder / file
    reader = {".csv": _csv, ".parquet": _parquet}.get(path.suffix.lower())
    if reader is None:
        raise CaseError(say("“{file}”不是 .csv 或 .parquet 文件", file=file), hint=say("写这样的文件名，或写列表：[…, …]"))
    if PurePath(file).is_absolute() or ".." in PurePath(file).parts:
        raise CaseError(say("“{file}”不在案例所在的文件夹里", file=file), hint=say("把文件放在案例旁边，只写文件名"))
    table = reader(path)
    raise_all(_header_errors(table, columns))
    errors: list[ZhengceError] = []
    lines = list(_lines(table, columns, errors))
    raise_all(errors)
    return lines, table.source


def _header_errors(table: _Table, columns: Sequence[str]) -> Iterator[CaseError]:
    for column in columns:
        if table.header.count(column) > 1:
            yield table.error(1, say("列“{column}”有两个", column=column))
        elif column not in table.header:
            yield table.error(1, say("缺少列“{column}”", column=column), did_you_mean(column, filter(None, table.header)))


def _lines(table: _Table, columns: Sequence[str], errors: list[ZhengceError]) -> Iterator[Line]:
    places = [table.header.index(column) for column in columns]
    for number, row in table.rows:
        cells = tuple((row[place] or "").strip() if place < len(row) else "" for place in places)
        if len(row) > len(table.header):
            message = say("这一行有 {cells} 格，表头只有 {columns} 格", cells=len(row), columns=len(table.header))
            errors.append(table.error(number, message))
        elif "" in cells:
            errors.append(table.error(number, say("这一行缺少“{column}”", column=columns[cells.index("")])))
        else:
            yield Line(cells, (Span(table.file, number, 1),) * len(cells))


def _csv(path: Path) -> _Table:
    import csv
    from io import StringIO

    source = read_text(path, CaseTextError)
    reader = csv.reader(StringIO(source, newline=""), strict=True)
    rows: list[tuple[int, Cells]] = []
    line = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as problem:
        message = say("CSV 写得不对：{problem}", problem=problem)
        raise CaseTextError(message, span=Span(str(path), line, 1), source=source) from None
    header = [(cell or "").strip() for cell in rows[0][1]] if rows else []
    return _Table(str(path), header, rows[1:], source)


def _parquet(path: Path) -> _Table:
    """A Parquet file by DuckDB, its rows numbered from 1."""
    try:
        duckdb = import_module("duckdb")
    except ImportError:
        raise CaseError(say("读 {name} 要用 DuckDB，还没有装", name=path.name), hint="pip install zhengce[parquet]") from None
    if set("*?[") & set(str(path)):
        raise CaseError(say("{path} 的名称里有 * ? [ 之一，DuckDB 会当作通配符", path=path), hint=say("换一个名称"))
    try:
        found_there = path.is_file()
    except OSError:
        raise CaseTextError(too_long(path)) from None
    if not found_there:
        raise CaseTextError(say("{problem}：{path}", problem=say("没有这个文件"), path=path))
    try:
        with duckdb.connect() as connection:
            found = connection.execute("SELECT columns(*)::VARCHAR FROM read_parquet(?)", [str(path)])
            header = [column[0] for column in found.description]
            rows = found.fetchall()
    except duckdb.Error as problem:
        raise CaseTextError(say("读不了 {path}：{problem}", path=path, problem=str(problem).splitlines()[0])) from None
    return _Table(str(path), header, list(enumerate(rows, start=1)))
