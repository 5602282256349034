"""A relation's rows and the hash indexes that joins ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from ...datalog.plan import Place

if TYPE_CHECKING:
    from ...datalog.checked import Row
    from ...datalog.plan import Expression

# fixed (column, value) pairs; the columns of the key; pairs of columns that must be equal; the columns to hand out
Spec = tuple[tuple[tuple[int, Any], ...], tuple[int, ...], tuple[tuple[int, int], ...], tuple[int, ...]]


class Table(Collection["Row"]):
    """Rows, and an index for each way in which a join has looked at them, kept up to date as rows come in."""

    __slots__ = ("_buckets", "_indexes", "rows")

    def __init__(self, rows: Collection[Row] = ()) -> None:
        self.rows: set[Row] = set(rows)
        self._indexes: dict[Spec, Any] = {}
        self._buckets: dict[tuple[int, ...], dict[Any, list[Row]]] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __contains__(self, row: object) -> bool:
        return row in self.rows

    def add(self, rows: Collection[Row]) -> None:
        """Take in rows that are not here yet (others change nothing)."""
        if not rows:
            return
        if not self.rows:
            self._indexes.clear()  # made while there was nothing: whoever still wants one makes it of all the rows at once
        new = [row for row in rows if row not in self.rows] if self._indexes else rows
        self.rows.update(rows)
        self._buckets.clear()
        for spec, index in self._indexes.items():
            _fill(index, spec, _matching(new, spec[0]))

    def index(self, spec: Spec) -> Any:
        """From a key to what to hand out for it: a set of keys when nothing is, else lists (or sets) of tuples."""
        index = self._indexes.get(spec)
        if index is None:
            index = set() if not spec[3] else {}
            _fill(index, spec, self._bucket(spec[0]))
            self._indexes[spec] = index
        return index

    def unique(self, columns: tuple[int, ...]) -> bool:
        """Whether no two rows agree in these columns."""
        return len(set(map(picker(columns), self.rows))) == len(self.rows)

    def _bucket(self, fixed: tuple[tuple[int, Any], ...]) -> Collection[Row]:
        """The rows with these fixed values; all joins that fix the same columns share one pass over the rows."""
        if not fixed:
            return self.rows
        columns = tuple(column for column, _ in fixed)
        if columns not in self._buckets:
            bucket: dict[Any, list[Row]] = {}
            key = picker(columns)
            for row in self.rows:
                bucket.setdefault(key(row), []).append(row)
            self._buckets[columns] = bucket
        wanted = tuple(value for _, value in fixed)
        return self._buckets[columns].get(wanted if len(wanted) > 1 else wanted[0], ())


def _matching(rows: Collection[Row], fixed: tuple[tuple[int, Any], ...]) -> Collection[Row]:
    return [row for row in rows if all(row[c] == v for c, v in fixed)] if fixed else rows


def _fill(index: Any, spec: Spec, rows: Collection[Row]) -> None:
    fixed, key_columns, same, new = spec
    if same:
        rows = [row for row in rows if all(row[a] == row[b] for a, b in same)]
    if not rows:
        return
    if not new:
        index.update(map(picker(key_columns), rows))
        return
    handed = map(picker(new), rows) if len(new) > 1 else zip(map(itemgetter(new[0]), rows), strict=True)
    seen = {*key_columns, *new, *(c for c, _ in fixed), *(c for _, c in same)}
    doubles = len(seen) < len(next(iter(rows)))
    if not key_columns:
        whole = index.setdefault((), {} if doubles else [])
        whole.update(dict.fromkeys(handed)) if doubles else whole.extend(handed)
    elif doubles:
        for key, row in zip(map(picker(key_columns), rows), handed, strict=True):
            index.setdefault(key, {})[row] = None
    else:
        for key, row in zip(map(picker(key_columns), rows), handed, strict=True):
            if key in index:
                index[key].append(row)
            else:
                index[key] = [row]


def picker(places: Sequence[int], *, always_tuple: bool = False) -> Callable[[Row], Any]:
    """A function from a row to the values at these places: () for none, the bare value for one unless `always_tuple`."""
    if not places:
        return lambda row: ()
    if len(places) > 1:
        return itemgetter(*places)
    place = places[0]
    return (lambda row: (row[place],)) if always_tuple else itemgetter(place)


def row_picker(head: Sequence[Expression]) -> Callable[[Row], Row]:
    """A function from a row to the row of a rule's head, whose columns are places or fixed values."""
    if all(isinstance(e, Place) for e in head):
        return picker([e.place for e in head if isinstance(e, Place)], always_tuple=True)
    parts = [(True, e.place) if isinstance(e, Place) else (False, e[0]) for e in head]
    if not any(placed for placed, _ in parts):
        whole = tuple(value for _, value in parts)
        return lambda row: whole
    return lambda row: tuple([row[value] if placed else value for placed, value in parts])  # type: ignore[index]
