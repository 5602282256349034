"""What determines what: whether a query can give a row twice, and which columns of a relation are a key.

Each column of each table that a query joins is an attribute. A functional dependency says that some attributes determine
others: a key its whole row, the inputs of an expression its value, a group its aggregate. The rows of a query are as many as
the rows of the tables joined; so a choice of columns gives none twice when its closure holds the attributes of all of these.
(Armstrong's axioms; Ullman, Principles of Database and Knowledge-Base Systems, chapter 7.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Attributes = frozenset[int]
Keys = frozenset[frozenset[int]]  # of a relation: sets of column positions
NONE: Attributes = frozenset()


class Dependencies(NamedTuple):
    """`arrows`: (from, to) pairs; `rows`: the attributes that tell the rows apart; `size`: how many attributes there are."""

    arrows: tuple[tuple[Attributes, Attributes], ...] = ()
    rows: Attributes = NONE
    size: int = 0

    def attribute(self, *sources: int | None) -> tuple[Dependencies, int]:
        """A further attribute, determined by others; without any, it is constant; with None, by nothing."""
        known = self._replace(size=self.size + 1)
        if None not in sources:
            known = known.arrow(frozenset(s for s in sources if s is not None), {self.size})
        return known, self.size

    def arrow(self, given: Iterable[int], found: Iterable[int]) -> Dependencies:
        return self._replace(arrows=(*self.arrows, (frozenset(given), frozenset(found))))

    def joined(self, columns: Sequence[int], keys: Keys) -> Dependencies:
        """With a table, whose columns are these attributes."""
        known = self._replace(rows=self.rows | frozenset(columns))
        for key in keys:
            known = known.arrow((columns[c] for c in key), columns)
        return known

    def closure(self, attributes: Iterable[int]) -> Attributes:
        found = set(attributes)
        while True:
            more = {a for given, to in self.arrows if given <= found for a in to} - found
            if not more:
                return frozenset(found)
            found |= more

    def distinct(self, attributes: Iterable[int]) -> bool:
        """Whether these columns are never twice the same."""
        return self.rows <= self.closure(attributes)

    def is_key(self, key: Collection[int], columns: Sequence[int]) -> bool:
        """Whether the columns at the positions of `key` determine the others."""
        return self.closure(columns[c] for c in key) >= frozenset(columns)
