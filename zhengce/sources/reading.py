"""A copy of a document, from a plain text file or from Word, as lines.

Both come out alike: a cell of a table begins with a tab, its further paragraphs do not, and a blank line ends a row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..errors import TextError
from ..language import later, say
from ..texts import read_bytes
from ..texts.files import BOM, unseen

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SUFFIXES = (".txt", ".docx")
WORD = b"PK\x03\x04"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
CONTROL = re.compile("[\0-\x08\x0e-\x1f\x7f]")  # \x0b and \x0c are ends of columns and pages
OTHERS = later(
    {
        b"\xd0\xcf\x11\xe0": "这是旧版的 Word 或 WPS 文件：{path}",
        b"%PDF": "这是 PDF 文件：{path}",
        b"{\\rtf": "这是 RTF 文件：{path}",
    }
)


def read_lines(path: Path) -> list[str]:
    """The lines of a text file (UTF-8 with or without BOM, UTF-16 with one, GB 18030) or of a Word file (.docx).

    Raises `TextError` for a file that cannot be read.
    """
    data = read_bytes(path, TextError)
    return [line for written in _written(data, path) for line in _cells(written)]


def _written(data: bytes, path: Path) -> list[str]:
    if not data.startswith(WORD):
        return _decoded(data, path).splitlines()
    from .word import paragraphs

    return [line for paragraph in paragraphs(data, path) for line in paragraph.split("\n")]


def _decoded(data: bytes, path: Path) -> str:
    for start, problem in OTHERS.items():
        if data.startswith(start):
            raise TextError(say(problem, path=path), hint=say("另存为 .docx 或纯文本"))
    for encoding in ("utf-16",) if data[:2] in UTF_16 else ("utf-8", "gb18030"):
        try:
            text = data.removeprefix(BOM).decode(encoding)
        except UnicodeDecodeError:
            continue
        if CONTROL.search(text):
            raise unseen(text, str(path), TextError)
        return text
    raise TextError(say("既不是 UTF-8，也不是 GB 18030 编码：{path}", path=path), hint=say("另存为 UTF-8"))


def _cells(line: str) -> Iterator[str]:
    """A line that is a whole row of a table, cell by cell; any other as it is. (A single tab may follow a number.)"""
    cells = line.strip("\n").removeprefix("\t").split("\t")
    if len(cells) == 1 or (len(cells) == 2 and not line.startswith("\t")):
        yield line
        return
    yield from ["", *(f"\t{cell}" for cell in cells), ""]
