"""The paragraphs of a Word file, its tables in their place, with the numbers that Word writes by itself.

(The libraries for Word leave these numbers out, and what stands in content controls or was inserted with changes tracked: words
of the text, without which every clause would seem to have changed.)
"""

from __future__ import annotations

import zlib
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import BadZipFile, ZipFile

from ..errors import TextError
from ..language import say
from ..texts.files import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"  # the same in the strict form of the format
PARTS = ("word/document.xml", "word/numbering.xml", "word/styles.xml")
LEFT_OUT = {f"{W}{name}" for name in ("del", "moveFrom", "txbxContent", "pPr", "rPr", "instrText", "delText", "rt")}
LEFT_OUT.add("{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
SIGNS = {f"{W}tab": " ", f"{W}ptab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-"}
DIGITS, TEN = "零一二三四五六七八九", "十"
CHINESE = {"chineseCounting", "chineseCountingThousand", "japaneseCounting", "ideographTraditional", "taiwaneseCounting"}
PLAIN = {"decimal", "decimalFullWidth", "decimalZero", "decimalHalfWidth"}


def paragraphs(data: bytes, path: Path) -> list[str]:
    """The paragraphs as lines; a cell begins with a tab, a blank line parts rows. Raises `TextError`."""
    from xml.etree.ElementTree import ParseError

    try:
        document, numbering, styles = _parts(data, path)
        body = None if document is None else document.find(f"{W}body")
        if body is None:
            raise TextError(say("这不是 Word 文件（.docx）：{path}", path=path), hint=say("另存为 .docx 或纯文本"))
        return list(_Word(numbering, styles).blocks(body))
    except (BadZipFile, ParseError, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error):
        raise TextError(say("Word 文件坏了：{path}", path=path), hint=say("用 Word 打开，另存一份")) from None


def _parts(data: bytes, path: Path) -> list[Element | None]:
    """The parts of the package that matter; None for one that is not there."""
    from xml.etree.ElementTree import ParseError, fromstring

    with ZipFile(BytesIO(data)) as package:
        there = {info.filename: info.file_size for info in package.infolist()}
        if (size := sum(there.get(name, 0) for name in PARTS)) > LARGEST:
            raise TextError(say("文件太大：{path}（{size} 字节）", path=path, size=size))
        contents = [package.read(name).replace(STRICT, W[1:-1].encode()) if name in there else b"" for name in PARTS]
    if any(b"<!DOCTYPE" in content for content in contents):
        raise ParseError
    return [fromstring(content) if content else None for content in contents]


class _Word:
    """Walks over the body, and counts."""

    def __init__(self, numbering: Element | None, styles: Element | None) -> None:
        self.levels, self.restarts = dict(_levels(numbering)), dict(_restarts(numbering))
        self.by_style = dict(_by_style(styles))
        self.counts: dict[str, dict[int, int]] = {}

    def blocks(self, around: Element) -> Iterator[str]:
        """What stands in an element, down to the paragraphs."""
        for element in around:
            if element.tag == f"{W}p":
                yield from (self.number(element) + "".join(_words(element)).replace("\t", " ")).split("\n")
            elif element.tag == f"{W}tbl":
                yield from self.table(element)
            elif element.tag not in LEFT_OUT:
                yield from self.blocks(element)

    def table(self, table: Element) -> Iterator[str]:
        for row in _within(table, f"{W}tr"):
            yield ""
            for cell in _within(row, f"{W}tc") if row.find(f"{W}trPr/{W}del") is None else ():
                inside = [text for line in self.blocks(cell) if (text := line.strip())]
                goes_on = (merged := cell.find(f"{W}tcPr/{W}vMerge")) is not None and _value(merged) != "restart"
                yield "\t" + ("" if goes_on else "\n".join(inside))
        yield ""

    def number(self, paragraph: Element) -> str:
        """The number that Word shows before a paragraph."""
        own, style = paragraph.find(f"{W}pPr/{W}numPr"), paragraph.find(f"{W}pPr/{W}pStyle")
        id_, level = _numbered(own) if own is not None else self.by_style.get(_value(style), ("0", 0))
        if (id_, level) not in self.levels:
            return ""
        list_, start, kind, text = self.levels[id_, level]
        counts = self.counts.setdefault(list_, {})
        if (id_, level) in self.restarts:
            counts[level] = self.restarts.pop((id_, level)) - 1
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [each for each in counts if each > level]:
            del counts[deeper]
        for n in range(level + 1):
            _, first, each, _ = self.levels.get((id_, n), ("", 1, "decimal", ""))
            text = text.replace(f"%{n + 1}", _shown(counts.get(n, first), each))
        return text if kind in CHINESE | PLAIN else ""


def _words(element: Element) -> Iterator[str]:
    for part in element:
        if part.tag == f"{W}t":
            yield part.text or ""
        elif part.tag in SIGNS:
            yield SIGNS[part.tag]
        elif part.tag not in LEFT_OUT:
            yield from _words(part)


def _within(element: Element, tag: str) -> Iterator[Element]:
    """The nearest elements of a kind below another."""
    for part in element:
        if part.tag == tag:
            yield part
        elif part.tag not in LEFT_OUT:
            yield from _within(part, tag)


def _levels(numbering: Element | None) -> Iterator[tuple[tuple[str, int], tuple[str, int, str, str]]]:
    """By list and level: what counts together, where it starts, the kind of numbers, and what is shown (`（%2）`)."""
    if numbering is None:
        return
    abstract = {each.get(f"{W}abstractNumId"): each for each in numbering.iter(f"{W}abstractNum")}
    for list_ in numbering.iter(f"{W}num"):
        id_ = _value(list_.find(f"{W}abstractNumId"))
        for level in abstract[id_].iter(f"{W}lvl") if id_ in abstract else ():
            start = _value(level.find(f"{W}start")) or "1"
            kind, text = _value(level.find(f"{W}numFmt")), _value(level.find(f"{W}lvlText"))
            yield (list_.get(f"{W}numId", ""), int(level.get(f"{W}ilvl", "0"))), (id_, int(start), kind, text)


def _restarts(numbering: Element | None) -> Iterator[tuple[tuple[str, int], int]]:
    """The lists that begin to count anew, by list and level, with their first number."""
    for list_ in numbering.iter(f"{W}num") if numbering is not None else ():
        for level in list_.iter(f"{W}lvlOverride"):
            if start := _value(level.find(f"{W}startOverride")):
                yield (list_.get(f"{W}numId", ""), int(level.get(f"{W}ilvl", "0"))), int(start)


def _by_style(styles: Element | None) -> Iterator[tuple[str, tuple[str, int]]]:
    """The styles that number their paragraphs."""
    for style in styles.iter(f"{W}style") if styles is not None else ():
        if (own := style.find(f"{W}pPr/{W}numPr")) is not None:
            yield style.get(f"{W}styleId", ""), _numbered(own)


def _numbered(own: Element) -> tuple[str, int]:
    return _value(own.find(f"{W}numId")), int(_value(own.find(f"{W}ilvl")) or "0")


def _value(element: Element | None) -> str:
    return "" if element is None else element.get(f"{W}val", "")


def _shown(number: int, kind: str) -> str:
    """A number as it is written."""
    if kind in CHINESE and 0 < number < 100:
        tens, ones = divmod(number, 10)
        return f"{DIGITS[tens] if tens > 1 else ''}{TEN if tens else ''}{DIGITS[ones] if ones else ''}"
    return str(number)
