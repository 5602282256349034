"""Where the keys and values of a TOML text stand, which tomllib does not tell. The text is one that tomllib can read."""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress

from .errors import Span

Path = tuple[str | int, ...]
Part = tuple[str, int, int]

SKIP = re.compile(r"(?:\s|#[^\n]*)*")
KEY = re.compile(r'"(?:[^"\\]|\\.)*"|\'[^\']*\'|[A-Za-z0-9_-]+')
SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"""(?:"{0,2})' r"|'''.*?'''(?:'{0,2})" r'|"(?:[^"\\\n]|\\.)*"' r"|'[^'\n]*'"
    r"|[^\s,\]}#]+(?: \d\d:[\d:.+Z-]+)?",
    re.DOTALL,
)  # fmt: skip


class Places:
    """Looks up places by path: `("answer", "rows", "on", 0)` is the first member of `on` in `[answer.rows]`."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.keys: dict[Path, tuple[int, int]] = {}
        self.values: dict[Path, tuple[int, int]] = {}
        scan = _Scan(text, self.keys, self.values)
        with suppress(_Lost, RecursionError):  # what was found so far still helps
            scan.document()

    def span(self, path: Path, *, value: bool = False, within: str = "") -> Span | None:
        """The place of a key, or of its value, or of a part of that; else of what is around it; None for the file."""
        for end in range(len(path), 0, -1):
            for known in (self.values, self.keys) if value else (self.keys, self.values):
                if path[:end] in known:
                    return self._span(*known[path[:end]], within)
        return None

    def _span(self, start: int, end: int, within: str) -> Span:
        if within and (found := self.text.find(within, start, end)) >= 0:
            start, end = found, found + len(within)
        width = len(self.text[start:end].partition("\n")[0].rstrip("\r"))
        return Span(self.file, self.text.count("\n", 0, start) + 1, start - self.text.rfind("\n", 0, start), max(1, width))


class _Lost(Exception):
    """The text is not what it was taken for."""


class _Scan:
    """Walks over the text once."""

    def __init__(self, text: str, keys: dict[Path, tuple[int, int]], values: dict[Path, tuple[int, int]]) -> None:
        self.text, self.keys, self.values = text, keys, values
        self.at = 0
        self.counts: dict[Path, int] = {}

    def document(self) -> None:
        base: Path = ()
        while sign := self.next():
            if sign != "[":
                self.pair(base)
                continue
            brackets = 2 if self.text.startswith("[[", self.at) else 1
            self.at += brackets
            base = self.header(self.dotted(), brackets == 2)
            self.at += brackets

    def next(self) -> str:
        """The next character that is neither blank nor comment; nothing at the end."""
        self.at = self.match(SKIP).end()
        return self.text[self.at : self.at + 1]

    def match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        found = pattern.match(self.text, self.at)
        if found is None:
            raise _Lost
        return found

    def dotted(self) -> list[Part]:
        """A key, in the parts between its dots."""
        parts = []
        while True:
            self.next()
            found = self.match(KEY)
            self.at = found.end()
            name = tomllib.loads(f"k = {found[0]}")["k"] if found[0][0] in "\"'" else found[0]
            parts.append((name, found.start(), found.end()))
            if self.next() != ".":
                return parts
            self.at += 1

    def header(self, parts: list[Part], many: bool) -> Path:
        """The path of what follows `[a.b]` or `[[a.b]]`."""
        path: Path = ()
        for n, (name, start, end) in enumerate(parts, 1):
            path = (*path, name)
            self.keys.setdefault(path, (start, end))
            if many and n == len(parts):
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
                self.keys.setdefault(path, (start, end))
        return path

    def pair(self, base: Path) -> None:
        for name, start, end in self.dotted():
            base = (*base, name)
            self.keys.setdefault(base, (start, end))
        self.at += 1
        self.value(base)

    def value(self, path: Path) -> None:
        sign, start = self.next(), self.at
        if sign in "[{" and sign:
            self.at += 1
            self.members(path, "]" if sign == "[" else "}")
        else:
            self.at = self.match(SCALAR).end()
        self.values.setdefault(path, (start, self.at))

    def members(self, path: Path, close: str) -> None:
        n = 0
        while (sign := self.next()) != close:
            if sign == ",":
                self.at += 1
            elif close == "}":
                self.pair(path)
            else:
                self.value((*path, n))
                n += 1
        self.at += 1
