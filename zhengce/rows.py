"""Rows of declared relations, read out of YAML by their declarations alone, each value with its place.

Documents state such rows in `facts/`, cases under `facts:`. A key is a relation or a column, rows nest where `@[references]`
says whose they are, and what their place implies is filled in.
"""

from __future__ import annotations

import re
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from .datalog import values
from .datalog.checked import Row, plain_row
from .errors import RuleTypeError, Span, did_you_mean
from .language import later, listed, say
from .texts import full_width_hint

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from .datalog.syntax import Column, Declaration, Type
    from .texts import Node

Facts = dict[str, dict[Row, Span]]
Cells = dict[str, tuple["values.Internal | None", Span]]
Fault = tuple[Span, str, str]  # the place, what is wrong, a hint

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


class Statable(NamedTuple):
    """The relations of a workspace that a case may state.

    `declarations`: of these, and of those that they refer to. `refused`: why not, for every other relation.
    """

    declarations: Mapping[str, Declaration] = MappingProxyType({})
    refused: Mapping[str, str] = MappingProxyType({})


def references(d: Declaration) -> list[tuple[str, ...]]:
    """`@[references = "column = relation.target, …"]` as (column, relation, target), in the order of the columns."""
    found = [m.groups() for m in map(REFERENCE.match, d.names("references")) if m]
    return [reference for c in d.columns for reference in found if reference[0] == c.name]


class Rows:
    """Rows being read, and where each value of them stands. `error` takes what is wrong: a message, its place, a hint."""

    def __init__(self, error: Callable[..., None]) -> None:
        self.error = error
        self.facts: Facts = {}
        self.cells: dict[tuple[str, Row], Cells] = {}

    def add(self, name: str, row: Row, span: Span) -> None:
        before = self.facts.setdefault(name, {}).setdefault(row, span)
        if before is not span:
            self.error(say("{name} 的这一行写了两次", name=name), span, say("前一次在第 {line} 行", line=before.line))


class DeclaredRows(Rows):
    """Rows as their declarations say: `relation` reads those under one key.

    Args:
        document: what stands before ids, and in a column of that name.
        declarations: the relations that may be written here.
        fixed: the values of columns that cannot be written.
    """

    def __init__(
        self,
        error: Callable[..., None],
        document: str,
        declarations: Mapping[str, Declaration],
        fixed: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(error)
        self.document, self.declarations, self.fixed = document, declarations, fixed
        self.nests = _nests(declarations, fixed)

    def relation(self, d: Declaration, node: Node, around: Cells) -> None:
        """The rows written under one key; `around`: the value that comes from the row around them."""
        for n, item in enumerate(node.items if node.kind == "list" else [node], 1):
            implied: Cells = {"document symbol": (self.document, item.span), "position number": (n, item.span)}
            implied |= {f"{name} symbol": (value, item.span) for name, value in self.fixed.items()}
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
        columns = {c.name: c for c in d.columns if c.name not in self.fixed}
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
            value = self.typed(node, column.type)
        except RuleTypeError as problem:
            message = say("{name} 的 {column}：{problem}", name=d.name, column=column.name, problem=problem.message)
            self.error(message, node.span, problem.hint)
            return None, node.span
        if value and isinstance(value, str) and "/" not in value and column.name in d.names("ids"):
            value = f"{self.document}/{value}"
        return value, node.span

    def typed(self, node: Node, type_: Type) -> values.Internal:
        """A scalar as a value of the column's type. Raises `RuleTypeError`."""
        if node.kind != "scalar":
            raise RuleTypeError(say("这里要写一个值"))
        if node.is_null:
            raise RuleTypeError(say("没有写值"), hint=say("空的文字写作 ''") if type_ == "symbol" else "")
        pattern, plain, otherwise = WRITTEN.get(type_, (None, str, ""))
        if pattern and not pattern.match(node.text):
            raise RuleTypeError(say(otherwise, text=node.text), hint=say("用半角数字"))
        return values.encode(plain(node.text), type_)


def _nests(declarations: Mapping[str, Declaration], fixed: Collection[str]) -> dict[str, dict[str, tuple[str, str]]]:
    """By relation, those that can be written inside its rows: which column takes the value of which column around."""
    nests: dict[str, dict[str, tuple[str, str]]] = {}
    for d in declarations.values():
        for column, relation, target in references(d):
            if column not in fixed:
                nests.setdefault(relation, {}).setdefault(d.name, (column, target))
    return nests


# -- what must hold between rows ----------------------------------------------------------------------------------------


def double_keys(stated: Facts, declarations: Mapping[str, Declaration]) -> Iterator[Fault]:
    """Rows that agree in the columns of a key."""
    for name, rows in stated.items():
        d, seen = declarations[name], dict[Row, Row]()
        places = [d.position(column) for column in d.names("key")]
        for row, span in rows.items() if places else ():
            key = tuple(row[i] for i in places)
            if (first := seen.setdefault(key, row)) != row:
                shown = listed(plain_row(key, tuple(d.columns[i].type for i in places)))
                columns = listed(d.names("key"))
                message = say("{name} 有两行的 {columns} 相同：{values}", name=name, columns=columns, values=shown)
                yield span, message, say("前一行在 {place}", place=rows[first])


class Dangling(NamedTuple):
    """A value that refers to what is not there; `known`: what is."""

    name: str
    row: Row
    span: Span
    column: str
    relation: str
    value: values.Internal
    known: Collection[values.Internal]

    def fault(self, document: str, source: str, cells: Mapping[tuple[str, Row], Cells]) -> Fault:
        """What to say of it, ids without the document, at its place in the source."""
        place = cells.get((self.name, self.row), {}).get(self.column, (None, self.span))[1]
        value, *others = (str(v).removeprefix(f"{document}/") for v in (self.value, *self.known))
        message = say("{name} 里没有“{value}”", name=self.relation, value=self.value)
        return place, message, full_width_hint(source, place) or did_you_mean(value, others)


def dangling(
    stated: Facts, declarations: Mapping[str, Declaration], *facts: Mapping[str, Collection[Row]]
) -> Iterator[Dangling]:
    """References of the rows stated that lead to none of the facts."""
    for name, rows in stated.items():
        for column, relation, target in references(declarations[name]):
            i, j = declarations[name].position(column), declarations[relation].position(target)
            known = {row[j] for each in facts for row in each.get(relation, ())}
            for row, span in rows.items():
                if row[i] not in known and (row[i], column) != ("", "parent"):
                    yield Dangling(name, row, span, column, relation, row[i], known)
