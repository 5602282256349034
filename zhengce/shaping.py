"""From a model to the data of an answer, as a question's file describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .datalog.checked import plain_row

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from .datalog.checked import Model

Context = dict[str, Any]


class Shaper:
    """Reads a model.

    `clauses` gives the place of a clause id in the documents, for sorting; `say` a sentence of the workspace's own in the
    current language; `arguments` what was asked for; `among` the ids that a text was found to be, `near` names like it.
    """

    def __init__(
        self,
        model: Model,
        clauses: Mapping[str, int],
        say: Callable[[str], str],
        *,
        arguments: Mapping[str, Any],
        among: Mapping[str, Collection[str]],
        near: Mapping[str, Sequence[str]],
    ) -> None:
        self.model, self.clauses, self.say = model, clauses, say
        self.arguments, self.among, self.near = arguments, among, near
        self._indexes: dict[tuple[str, tuple[str, ...]], dict[tuple[Any, ...], list[Context]]] = {}

    def fields(self, specs: Mapping[str, Any], row: Context) -> dict[str, Any]:
        """The fields of an answer or of one of its rows; `row` is the enclosing row, by column."""
        return {name: self.field(spec, row) for name, spec in specs.items()}

    def field(self, spec: Any, row: Context) -> Any:
        if isinstance(spec, str):
            return self.column(spec, row)
        if "argument" in spec:
            return self.arguments[spec["argument"]]
        if "near" in spec:
            return list(self.near[spec["near"]])
        if "exists" in spec:
            return any(True for _ in self.rows(spec["exists"], spec, row))
        if "each" in spec:
            return [self.value(spec, found) for found in self.sorted(self.rows(spec["each"], spec, row), spec)]
        found = next(iter(self.rows(spec["one"], spec, row)), None)
        return None if found is None else self.value(spec, found)

    def value(self, spec: Mapping[str, Any], found: Context) -> Any:
        return self.column(spec["value"], found) if "value" in spec else self.fields(spec["fields"], found)

    def rows(self, relation: str, spec: Mapping[str, Any], row: Context) -> Iterator[Context]:
        """The relation's rows that agree with `row` in the columns `on`, with `where`, and with what a text was found to be."""
        on = tuple(spec.get("on", ()))
        key = tuple(row[column] for column in on)
        where = spec.get("where", {})
        among = {column: self.among[name] for column, name in spec.get("among", {}).items()}
        for found in self.index(relation, on).get(key, ()):
            if all(found[c] == value for c, value in where.items()) and all(found[c] in ids for c, ids in among.items()):
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
        return place_of(value, self.clauses)

    def column(self, text: str, row: Context) -> Any:
        """A column's value, through its filter; empty text is none."""
        column, _, filter_ = text.partition("|")
        value = row[column]
        if filter_ == "document":
            return value.partition("/")[0]
        if filter_ == "short":
            value = value.partition("/")[2] or value
        if value == "":
            return None
        return self.say(value) if filter_ == "words" else value == "yes" if filter_ == "flag" else value


def place_of(value: Any, clauses: Mapping[str, int]) -> tuple[int, int, Any]:
    """What to sort a value by: ids of clauses, and of what hangs on a clause, in the order of the document."""
    if not isinstance(value, str):
        return (1, 0, value) if not hasattr(value, "isoformat") else (1, 0, value.toordinal())
    stem = value
    while stem not in clauses and "." in stem:
        stem = stem.rpartition(".")[0]
    return (0, clauses.get(stem, -1), value)
