"""From a model to the data of an answer, as a question's file describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .datalog.checked import plain_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from .datalog.checked import Model

Context = dict[str, Any]


class Shaper:
    """Reads a model. `order_of` gives the place of a clause id in the documents, for sorting."""

    def __init__(self, model: Model, arguments: Mapping[str, str], clauses: Mapping[str, int]) -> None:
        self.model, self.arguments, self.clauses = model, dict(arguments), clauses
        self._indexes: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Context]]] = {}

    def fields(self, specs: Mapping[str, Any], row: Context) -> dict[str, Any]:
        """The fields of an answer or of one of its rows; `row` is the enclosing row, by column."""
        return {name: self.field(spec, row) for name, spec in specs.items()}

    def field(self, spec: Any, row: Context) -> Any:
        if isinstance(spec, str):
            return _column(spec, row)
        if "argument" in spec:
            return self.arguments[spec["argument"]]
        if "exists" in spec:
            return any(True for _ in self.rows(spec["exists"], spec, row))
        if "each" in spec:
            return [self.value(spec, found) for found in self.sorted(self.rows(spec["each"], spec, row), spec)]
        found = next(iter(self.rows(spec["one"], spec, row)), None)
        return None if found is None else self.value(spec, found)

    def value(self, spec: Mapping[str, Any], found: Context) -> Any:
        return _column(spec["value"], found) if "value" in spec else self.fields(spec["fields"], found)

    def rows(self, relation: str, spec: Mapping[str, Any], row: Context) -> Iterator[Context]:
        """The relation's rows that agree with `row` in the columns `on`, and with `where`."""
        on = tuple(spec.get("on", ()))
        key = tuple(row[column] for column in on)
        where = spec.get("where", {})
        for found in self.index(relation, on).get(key, ()):
            if all(found[column] == value for column, value in where.items()):
                yield found

    def index(self, relation: str, on: tuple[str, ...]) -> dict[tuple[Any, ...], list[Context]]:
        if (relation, on) not in self._indexes:
            known = self.model.relations[relation]
            index: dict[tuple[Any, ...], list[Context]] = {}
            for row in self.model.rows.get(relation, ()):
                context = dict(zip(known.columns, plain_row(row, known.types), strict=True))
                index.setdefault(tuple(context[column] for column in on), []).append(context)
            self._indexes[relation, on] = index
        return self._indexes[relation, on]

    def sorted(self, rows: Iterable[Context], spec: Mapping[str, Any]) -> list[Context]:
        """Rows by the columns of `order`, then by all others, so that the order never depends on chance."""
        ordered = sorted(rows, key=lambda row: [self.place(value) for value in row.values()])
        for column in reversed(spec.get("order", ())):
            name = column.lstrip("-")
            ordered.sort(key=lambda row: self.place(row[name]), reverse=column.startswith("-"))
        return ordered

    def place(self, value: Any) -> Any:
        """What to sort a value by: ids of clauses, and of what hangs on a clause, in the order of the document."""
        if not isinstance(value, str):
            return (1, 0, value) if not hasattr(value, "isoformat") else (1, 0, value.toordinal())
        stem = value
        while stem not in self.clauses and "." in stem:
            stem = stem.rpartition(".")[0]
        return (0, self.clauses.get(stem, -1), value)


def _column(text: str, row: Context) -> Any:
    column, _, filter_ = text.partition("|")
    value = row[column]
    if filter_ == "document":
        return value.partition("/")[0]
    if filter_ == "short":
        value = value.partition("/")[2] or value
    if value == "":
        return None
    return value == "yes" if filter_ == "flag" else value
