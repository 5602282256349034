"""The rows of each relation, and the facts in pyDatalog that rules have asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ...datalog.checked import Row
    from .theory import Stored, Theory


class View(NamedTuple):
    """The columns of a relation that an atom of a rule reads, the first `keyed` of them bound when it is reached.

    The library finds a fact by one term only, and by the rest of a city's rows one after the other; so that each way of
    looking at a relation has facts of its own, its key one term of them.
    """

    relation: str
    columns: tuple[int, ...]
    keyed: int

    def of(self, rows: Iterable[Row]) -> Iterable[Row]:
        return dict.fromkeys(tuple([row[c] for c in self.columns]) for row in rows)


class Tables:
    """All rows so far, and `delta`, those that the last round of a recursion brought."""

    def __init__(self, rows: Mapping[str, Collection[Row]], theory: Theory) -> None:
        self.rows = {name: set(given) for name, given in rows.items()}
        self.delta: Mapping[str, set[Row]] = {}
        self._theory = theory
        self._whole: dict[View, Stored] = {}
        self._new: dict[View, Stored] = {}

    def view(self, view: View, delta: bool) -> Stored:
        """The facts of a view, put into pyDatalog when first asked for."""
        views, rows = (self._new, self.delta) if delta else (self._whole, self.rows)
        if view not in views:
            views[view] = self._theory.hold(view.of(rows[view.relation]), view.keyed, len(view.columns))
        return views[view]

    def add(self, name: str, rows: set[Row]) -> None:
        new = rows - self.rows[name]
        self.rows[name] |= new
        for view in self._views(name):
            self._theory.add(self._whole[view], view.of(new))

    def next_round(self, delta: Mapping[str, set[Row]]) -> None:
        self.delta = delta
        for stored in self._new.values():
            self._theory.drop(stored)
        self._new.clear()

    def _views(self, name: str) -> Iterator[View]:
        return (view for view in self._whole if view.relation == name)
