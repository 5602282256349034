"""Writing the digests of a document's clauses into its `policy/<document>.toml`, and nothing else there."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any

from ..errors import DocumentError, TextError
from ..language import say
from ..places import Places
from ..texts import read_bytes, read_text, read_toml, write_whole
from ..texts.files import BOM
from .cutting import FRONT, digest

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

KEY = "digest"


def record(path: Path, texts: Mapping[str, str]) -> list[str]:
    """Write the digests of the texts (by clause, without the document) that the file has not, or has otherwise; which they are.

    What has no text keeps what it has. Raises `TextError` for a file that cannot be read, `DocumentError` for one that cannot
    be written; it is then as it was.
    """
    data, written = read_toml(path, TextError), read_text(path, TextError)
    listed = enumerate(data.get("clause", ()))
    tables: dict[str, tuple[Any, ...]] = {FRONT: ()} | {table["id"]: ("clause", n) for n, table in listed}
    wanted = {clause: digest(texts[clause]) for clause in tables if texts.get(clause)}
    new = {clause: value for clause, value in wanted.items() if _table(data, tables[clause]).get(KEY) != value}
    for clause, value in new.items():
        _table(data, tables[clause])[KEY] = value
    written = _with(written, path, [(tables[clause], value) for clause, value in new.items()])
    if _read(written) != data:
        message = say("{path} 的写法特别，摘要插不进去", path=path)
        raise DocumentError(message, hint=say("每条写作 [[clause]]，id、parent、heading 各占一行"))
    if new:
        bom = BOM if read_bytes(path, TextError).startswith(BOM) else b""
        write_whole(path, bom + written.encode(), DocumentError)
    return list(new)


def _table(data: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    return data[path[0]][path[1]] if path else data


def _with(text: str, path: Path, digests: list[tuple[tuple[Any, ...], str]]) -> str:
    places = Places(text, str(path))
    for start, end, put in sorted((_edit(places, table, value) for table, value in digests), reverse=True):
        text = text[:start] + put + text[end:]
    return text


def _read(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _edit(places: Places, table: tuple[Any, ...], value: str) -> tuple[int, int, str]:
    """What to put where: in place of the digest that is there, else after the heading (the title), on a line of its own."""
    if (*table, KEY) in places.values:
        return (*places.values[*table, KEY], f'"{value}"')
    end = places.values.get((*table, "heading" if table else "title"), (0, 0))[1]
    if table in places.values:  # a table in braces
        return end, end, f', {KEY} = "{value}"'
    line = places.text.find("\n", end)
    at = len(places.text) if line < 0 else line
    before = at - 1 if places.text[at - 1] == "\r" else at
    return before, before, f'{places.text[before:at]}\n{KEY} = "{value}"'
