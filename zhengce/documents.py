"""What the files of `facts/` and the documents of `policy/` say, as rows of declared relations.

A facts file is read by the declarations alone (see `rows`), so that a new document needs no Python. Facts of one document
may stand in several files: `<document>.yaml`, `<document>.<part>.yaml`. A `<document>.toml` has a shape of its own: who
issued the document, and its clauses.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import (
    AnnotationError,
    DeclarationError,
    DocumentError,
    DoubleKeyError,
    FactsError,
    ReferenceMissingError,
    Span,
    TextError,
    WorkspaceError,
    ZhengceError,
    did_you_mean,
    raise_all,
)  # fmt: skip
from .language import say
from .places import Places
from .rows import DeclaredRows, Rows, dangling, double_keys
from .texts import parse_yaml, read_text, read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from .datalog.checked import Row
    from .datalog.syntax import Declaration
    from .rows import Cells, Facts

DIGEST = re.compile(r"[0-9a-f]{16}\Z")


def read_facts(path: Path, declarations: Mapping[str, Declaration]) -> Facts:
    """The rows that a facts file states. Raises `WorkspaceError` with all that is wrong."""
    file = _FactsFile(path, declarations)
    raise_all(file.errors)
    return file.rows.facts


def read_document(path: Path) -> Facts:
    """The rows that a `<document>.toml` states. Raises `WorkspaceError` with all that is wrong."""
    file = _DocumentFile(path)
    raise_all(file.errors)
    return file.rows.facts


def merge(parts: Iterable[Facts]) -> Facts:
    """The facts of several files together; a row that two of them state keeps its first place."""
    merged: Facts = {}
    for name, rows in (item for part in parts for item in part.items()):
        merged[name] = merged.get(name, {}) | rows | merged.get(name, {})
    return merged


def check_facts(facts: Facts, declarations: Mapping[str, Declaration]) -> list[ZhengceError]:
    """What is wrong with the facts as a whole: double keys, and references to what is not there."""
    check = _Check(facts, declarations)
    return [*check.annotations()] or [*check.shapes()] or [*check.keys(), *check.references()]


class _File:
    """A file being read, and what is wrong with it so far."""

    kind: type[WorkspaceError] = FactsError

    def __init__(self, path: Path) -> None:
        self.file, self.stem = str(path), path.name.partition(".")[0]
        self.text = read_text(path, TextError)
        self.errors: list[WorkspaceError] = []

    def error(self, message: str, span: Span, hint: str = "") -> None:
        self.errors.append(self.kind(message, span=span, hint=hint, source=self.text))


class _FactsFile(_File):
    """A YAML file of facts."""

    def __init__(self, path: Path, declarations: Mapping[str, Declaration]) -> None:
        super().__init__(path)
        self.rows = DeclaredRows(self.error, self.stem, declarations)
        for key, node in parse_yaml(self.text, self.file, TextError).pairs:
            if d := declarations.get(key.text):
                self.rows.relation(d, node, {})
            else:
                self.error(say("没有 {name} 这个关系", name=key.text), key.span, did_you_mean(key.text, declarations))


class _DocumentFile(_File):
    """A TOML file about one document."""

    kind = DocumentError

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.rows = Rows(self.error)
        self.data = read_toml(path, TextError)
        self.places = Places(self.text, self.file)
        self.unknown_keys(self.data, ("title", "issuer", "number", "basis", "silent", "digest", "clause"), 0)
        self.rows.add("document", (self.stem, self.string(self.data, "title", 0)), self.place(0, "title"))
        for key in ("issuer", "number", "basis", "silent"):
            for item in self.members(key, str):
                self.rows.add(f"document_{key}", (self.stem, item), self.place(0, key))
        self.digest(self.data, 0, self.stem)
        self.clauses(self.members("clause", dict))

    def clauses(self, tables: list[dict[str, Any]]) -> None:
        ids = [table.get("id") for table in tables]
        for n, table in enumerate(tables, 1):
            self.unknown_keys(table, ("id", "parent", "heading", "digest"), n)
            id_, heading = self.string(table, "id", n), self.string(table, "heading", n)
            parent = "" if table.get("parent", "") == "" else self.string(table, "parent", n)
            if re.search(r"[/,\s]", id_):
                self.error(say("条款号“{id}”里不能有斜线、逗号和空白", id=id_), self.place(n, "id"))
            if parent and parent not in ids[: n - 1]:
                later_on = parent in ids
                message = say("上级条款“{id}”要写在前面", id=parent) if later_on else say("没有“{id}”这一条", id=parent)
                self.error(message, self.place(n, "parent"), did_you_mean(parent, map(str, ids[: n - 1])))
            if id_ and id_ in ids[: n - 1]:
                before = self.place(ids.index(id_) + 1, "id").line
                self.error(say("条款“{id}”写了两次", id=id_), self.place(n, "id"), say("前一次在第 {line} 行", line=before))
            elif id_:
                above = f"{self.stem}/{parent}" if parent else ""
                self.rows.add("clause", (f"{self.stem}/{id_}", self.stem, above, heading, n), self.place(n, "id"))
                self.digest(table, n, f"{self.stem}/{id_}")

    def digest(self, table: dict[str, Any], n: int, clause: str) -> None:
        """The digest of a clause's text, where one has been recorded; of the n-th table (0: what stands before the clauses)."""
        if (value := table.get("digest")) is None:
            return
        if isinstance(value, str) and DIGEST.match(value):
            self.rows.add("clause_digest", (clause, value), self.place(n, "digest"))
        else:
            hint = say("由 {command} 来写", command="zhengce sources --update")
            self.error(say("digest 要是 16 位的十六进制数"), self.place(n, "digest"), hint)

    def unknown_keys(self, table: dict[str, Any], known: Collection[str], n: int) -> None:
        for key in table:
            if key not in known:
                self.error(say("不认识的键 {key}", key=key), self.place(n, key), did_you_mean(key, known))

    def string(self, table: dict[str, Any], key: str, n: int) -> str:
        value = table.get(key)
        if isinstance(value, str) and value.strip():
            return value
        wrong = say("缺少 {key}", key=key) if value is None else say("{key} 要写成文字，不能是空的", key=key)
        self.error(wrong, self.place(n, key), say('写作 {key} = "…"', key=key))
        return ""

    def members(self, key: str, kind: type) -> list[Any]:
        value = self.data.get(key, [])
        items = [value] if isinstance(value, str) else value
        if isinstance(items, list) and all(isinstance(item, kind) and str(item).strip() for item in items):
            return items
        hint = say("写作 [[clause]]") if kind is dict else say('写作 {key} = ["…"]', key=key)
        self.error(say("{key} 写得不对", key=key), self.place(0, key), hint)
        return []

    def place(self, n: int, key: str) -> Span:
        """Where a key stands in the n-th clause (0: before the first); the clause, or the file's start, if it is not there."""
        table = ("clause", n - 1) if n else ()
        found = self.places.span((*table, key)) or Span(self.file, 1, 1)
        return found if (*table, key) in self.places.keys else Span(self.file, found.line if n else 1, 1)


class _Check:
    """Looks for what is wrong between rows. A file is read again only to show the place of an error exactly."""

    def __init__(self, facts: Facts, declarations: Mapping[str, Declaration]) -> None:
        self.facts, self.declarations = facts, declarations
        self.file = cache(self.read_again)

    def annotations(self) -> Iterator[ZhengceError]:
        types = {f"{d.name}.{c.name}": c.type for d in self.declarations.values() for c in d.columns}
        for d, note in ((each, note) for each in self.declarations.values() for note in each.annotations):
            for part in d.names(note.key) if note.key in ("key", "ids", "references") else ():
                column, _, target = (piece.strip() for piece in part.partition("="))
                names = [f"{d.name}.{column}"] + [target] * (note.key == "references")
                for name in (name for name in names if name not in types):
                    hint = did_you_mean(name, types) if name else say("写作 列 = 关系.列")
                    yield self.error(AnnotationError, say("没有“{name}”这一列", name=name), note.span, hint)
                if len({types[name] for name in names if name in types}) > 1:
                    message = say("{column} 与 {target} 的类型不同", column=names[0], target=names[-1])
                    yield self.error(AnnotationError, message, note.span)

    def shapes(self) -> Iterator[ZhengceError]:
        """Relations of a document that the rules do not declare, or not with the columns that they have here."""
        for name, rows in self.facts.items():
            d = self.declarations.get(name)
            for row, span in [*rows.items()][:1]:
                if d is None or len(row) != len(d.columns):
                    message = say("{name} 没有声明，或者声明的列数不是 {number}", name=name, number=len(row))
                    yield self.error(DeclarationError, message, span)

    def keys(self) -> Iterator[ZhengceError]:
        for span, message, hint in double_keys(self.facts, self.declarations):
            yield self.error(DoubleKeyError, message, span, hint)

    def references(self) -> Iterator[ZhengceError]:
        for found in dangling(self.facts, self.declarations, self.facts):
            document = Path(found.span.file).name.partition(".")[0]
            place, message, hint = found.fault(document, *self.file(found.span.file))
            yield self.error(ReferenceMissingError, message, place, hint)

    def error(self, kind: type[ZhengceError], message: str, span: Span, hint: str = "") -> ZhengceError:
        return kind(message, span=span, hint=hint, source=self.file(span.file)[0])

    def read_again(self, file: str) -> tuple[str, dict[tuple[str, Row], Cells]]:
        """The text of a file, and where the values of its rows stand."""
        path = Path(file)
        try:
            if path.suffix not in (".yaml", ".yml"):
                return read_text(path, TextError), {}
            again = _FactsFile(path, self.declarations)
        except WorkspaceError:
            return "", {}
        return again.text, again.rows.cells
