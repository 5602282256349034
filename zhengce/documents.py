"""What the files of `facts/` and the documents of `policy/` say, as rows of declared relations.

A facts file is read by the declarations alone, so that a new document needs no Python: a key is a relation or a column,
rows nest where `@[references]` says whose they are, and what their place implies (document, position, the row around)
is filled in. Facts of one document may stand in several files: `<document>.yaml`, `<document>.<part>.yaml`. A
`<document>.toml` has a shape of its own: who issued the document, and its clauses.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .datalog import values
from .datalog.checked import Row, plain_row
from .errors import (
    AnnotationError,
    DeclarationError,
    DocumentError,
    DoubleKeyError,
    FactsError,
    ReferenceMissingError,
    RuleTypeError,
    Span,
    TextError,
    WorkspaceError,
    ZhengceError,
    did_you_mean,
    raise_all,
)  # fmt: skip
from .language import later, listed, say
from .places import Places
from .texts import full_width_hint, parse_yaml, read_text, read_toml

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from .datalog.syntax import Column, Declaration, Type
    from .texts import Node

Facts = dict[str, dict[Row, Span]]
Cells = dict[str, tuple["values.Internal | None", Span]]

SAID = {"yes": True, "true": True, "是": True, "no": False, "false": False, "否": False}
NUMBER = re.compile(r"[+-]?[0-9]{1,40}\Z")
DECIMAL = re.compile(r"[+-]?[0-9]{1,40}(\.[0-9]{1,40})?\Z")
WRITTEN = later(
    {
        "number": (NUMBER, int, "“{text}”不是整数"),
        "decimal": (DECIMAL, Decimal, "“{text}”不是数"),
    }
)
REFERENCE = re.compile(r"([^\s=]+)\s*=\s*([^\s.]+)\.(\S+)\Z")


def read_facts(path: Path, declarations: Mapping[str, Declaration]) -> Facts:
    """The rows that a facts file states. Raises `WorkspaceError` with all that is wrong."""
    file = _FactsFile(path, declarations)
    raise_all(file.errors)
    return file.facts


def read_document(path: Path) -> Facts:
    """The rows that a `<document>.toml` states. Raises `WorkspaceError` with all that is wrong."""
    file = _DocumentFile(path)
    raise_all(file.errors)
    return file.facts


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


def references(d: Declaration) -> list[tuple[str, ...]]:
    """`@[references = "column = relation.target, …"]` as (column, relation, target), in the order of the columns."""
    found = [m.groups() for m in map(REFERENCE.match, d.names("references")) if m]
    return [reference for c in d.columns for reference in found if reference[0] == c.name]


class _File:
    """A file being read: its rows, where each value of them stands, and what is wrong so far."""

    kind: type[WorkspaceError] = FactsError

    def __init__(self, path: Path) -> None:
        self.file, self.stem = str(path), path.name.partition(".")[0]
        self.text = read_text(path, TextError)
        self.facts: Facts = {}
        self.cells: dict[tuple[str, Row], Cells] = {}
        self.errors: list[WorkspaceError] = []

    def error(self, message: str, span: Span, hint: str = "") -> None:
        self.errors.append(self.kind(message, span=span, hint=hint, source=self.text))

    def add(self, name: str, row: Row, span: Span) -> None:
        before = self.facts.setdefault(name, {}).setdefault(row, span)
        if before is not span:
            self.error(say("{name} 的这一行写了两次", name=name), span, say("前一次在第 {line} 行", line=before.line))


class _FactsFile(_File):
    """A YAML file of facts."""

    def __init__(self, path: Path, declarations: Mapping[str, Declaration]) -> None:
        super().__init__(path)
        self.declarations, self.nests = declarations, _nests(declarations)
        for key, node in parse_yaml(self.text, self.file, TextError).pairs:
            if d := declarations.get(key.text):
                self.relation(d, node, {})
            else:
                self.error(say("没有 {name} 这个关系", name=key.text), key.span, did_you_mean(key.text, declarations))

    def relation(self, d: Declaration, node: Node, around: Cells) -> None:
        """The rows written under one key; `around`: the value that comes from the row around them."""
        for n, item in enumerate(node.items if node.kind == "list" else [node], 1):
            implied: Cells = {"document symbol": (self.stem, item.span), "position number": (n, item.span)}
            cells = {c.name: implied[f"{c.name} {c.type}"] for c in d.columns if f"{c.name} {c.type}" in implied}
            self.row(d, item, cells | around)

    def row(self, d: Declaration, node: Node, cells: Cells) -> None:
        left = [c for c in d.columns if c.name not in cells]
        said = SAID.get(node.text.lower()) if node.kind == "scalar" else None
        if node.kind == "mapping" and (left or node.pairs):
            self.mapping(d, node, cells)
        elif node.kind == "scalar" and len(left) == 1:
            self.finish(d, node, cells | {left[0].name: self.cell(d, left[0], node)})
        elif left:
            shown = ", ".join(f"{c.name}: …" for c in left)
            self.error(say("{name} 的一行要按列来写", name=d.name), node.span, say("写作 {{{columns}}}", columns=shown))
        elif said is None:
            self.error(say("{name} 只能写 yes 或 no", name=d.name), node.span, say("它没有别的列要写"))
        elif said:
            self.finish(d, node, cells)

    def mapping(self, d: Declaration, node: Node, cells: Cells) -> None:
        columns = {c.name: c for c in d.columns}
        cells = cells | {k.text: self.cell(d, columns[k.text], v) for k, v in node.pairs if k.text in columns}
        if missing := [name for name in columns if name not in cells]:
            self.error(say("{name} 缺少 {columns}", name=d.name, columns=listed(missing)), node.span)
        self.finish(d, node, cells)
        nests = self.nests.get(d.name, {})
        for key, value in ((k, v) for k, v in node.pairs if k.text not in columns):
            if nest := nests.get(key.text):
                around = cells.get(nest[1], (None, node.span))
                self.relation(self.declarations[key.text], value, {nest[0]: around})
            else:
                message = say("{name} 里不能写 {key}", name=d.name, key=key.text)
                self.error(message, key.span, did_you_mean(key.text, [*columns, *nests]))

    def finish(self, d: Declaration, node: Node, cells: Cells) -> None:
        """Keep a row, unless a part of it is missing or wrong, which has been said."""
        row = tuple(cells[c.name][0] if c.name in cells else None for c in d.columns)
        if None not in row:
            self.add(d.name, row, node.span)
            self.cells[d.name, row] = cells

    def cell(self, d: Declaration, column: Column, node: Node) -> tuple[values.Internal | None, Span]:
        try:
            value = _typed(node, column.type)
        except RuleTypeError as problem:
            message = say("{name} 的 {column}：{problem}", name=d.name, column=column.name, problem=problem.message)
            self.error(message, node.span, problem.hint)
            return None, node.span
        if value and isinstance(value, str) and "/" not in value and column.name in d.names("ids"):
            value = f"{self.stem}/{value}"
        return value, node.span


def _nests(declarations: Mapping[str, Declaration]) -> dict[str, dict[str, tuple[str, str]]]:
    """By relation, those that can be written inside its rows: which column takes the value of which column around."""
    nests: dict[str, dict[str, tuple[str, str]]] = {}
    for d in declarations.values():
        for column, relation, target in references(d):
            nests.setdefault(relation, {}).setdefault(d.name, (column, target))
    return nests


def _typed(node: Node, type_: Type) -> values.Internal:
    """A scalar as a value of the column's type. Raises `RuleTypeError`."""
    if node.kind != "scalar":
        raise RuleTypeError(say("这里要写一个值"))
    if node.is_null:
        raise RuleTypeError(say("没有写值"), hint=say("空的文字写作 ''") if type_ == "symbol" else "")
    pattern, plain, otherwise = WRITTEN.get(type_, (None, str, ""))
    if pattern and not pattern.match(node.text):
        raise RuleTypeError(say(otherwise, text=node.text), hint=say("用半角数字"))
    return values.encode(plain(node.text), type_)


class _DocumentFile(_File):
    """A TOML file about one document."""

    kind = DocumentError

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.data = read_toml(path, TextError)
        self.places = Places(self.text, self.file)
        self.unknown_keys(self.data, ("title", "issuer", "number", "basis", "silent", "clause"), 0)
        self.add("document", (self.stem, self.string(self.data, "title", 0)), self.place(0, "title"))
        for key in ("issuer", "number", "basis", "silent"):
            for item in self.members(key, str):
                self.add(f"document_{key}", (self.stem, item), self.place(0, key))
        self.clauses(self.members("clause", dict))

    def clauses(self, tables: list[dict[str, Any]]) -> None:
        ids = [table.get("id") for table in tables]
        for n, table in enumerate(tables, 1):
            self.unknown_keys(table, ("id", "parent", "heading"), n)
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
                self.add("clause", (f"{self.stem}/{id_}", self.stem, above, heading, n), self.place(n, "id"))

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
        for name, rows in self.facts.items():
            d, seen = self.declarations[name], dict[Row, Row]()
            places = [d.position(column) for column in d.names("key")]
            for row, span in rows.items() if places else ():
                key = tuple(row[i] for i in places)
                if (first := seen.setdefault(key, row)) != row:
                    shown = listed(plain_row(key, tuple(d.columns[i].type for i in places)))
                    columns = listed(d.names("key"))
                    message = say("{name} 有两行的 {columns} 相同：{values}", name=name, columns=columns, values=shown)
                    yield self.error(DoubleKeyError, message, span, say("前一行在 {place}", place=rows[first]))

    def references(self) -> Iterator[ZhengceError]:
        for name, rows in self.facts.items():
            for column, relation, target in references(self.declarations[name]):
                i, j = self.declarations[name].position(column), self.declarations[relation].position(target)
                known = {row[j] for row in self.facts.get(relation, {})}
                for row, span in rows.items():
                    if row[i] not in known and (row[i], column) != ("", "parent"):
                        place = self.file(span.file)[1].get((name, row), {}).get(column, (None, span))[1]
                        own = f"{Path(span.file).name.partition('.')[0]}/"
                        value, *others = (str(v).removeprefix(own) for v in (row[i], *known))
                        hint = full_width_hint(self.file(span.file)[0], place) or did_you_mean(value, others)
                        message = say("{name} 里没有“{value}”", name=relation, value=row[i])
                        yield self.error(ReferenceMissingError, message, place, hint)

    def error(self, kind: type[ZhengceError], message: str, span: Span, hint: str = "") -> ZhengceError:
        return kind(message, span=span, hint=hint, source=self.file(span.file)[0])

    def read_again(self, file: str) -> tuple[str, dict[tuple[str, Row], Cells]]:
        """The text of a file, and where the values of its rows stand."""
        path = Path(file)
        try:
            again = _FactsFile(path, self.declarations) if path.suffix in (".yaml", ".yml") else _File(path)
        except WorkspaceError:
            return "", {}
        return again.text, again.cells
