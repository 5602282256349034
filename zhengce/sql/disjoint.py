"""Whether two rules of a relation can give rows that agree in some columns: if never, nobody has to look for rows given twice.

They never do when, with those columns equal, one rule asks for what the other excludes: another constant in the head; a row of
a relation that the other denies; or two rows with one key that differ.
"""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, TypeGuard

from ..datalog.flatten import flatten
from ..datalog.syntax import Atom, Comparison, Constant, Negation, Variable, Wildcard

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from ..datalog.checked import Relation
    from ..datalog.syntax import Rule, Term


COMPARE = {"!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


class Sides:
    """A rule as seen from the columns of its head that are equal: a variable there is known by its column."""

    def __init__(self, rule: Rule, columns: Collection[int]) -> None:
        flat = flatten(rule)
        self.fixed = {b.left.name: b.right.value for b in flat.literals if _fixes(b)}  # type: ignore[union-attr]
        self.tests = [b for b in flat.literals if _tests(b)]
        self.head = {c: self.value(flat.head[c]) for c in columns}
        self.places: dict[str, set[int]] = {}
        for column in columns:
            if isinstance(term := flat.head[column], Variable):
                self.places.setdefault(term.name, set()).add(column)
        self.atoms = [b for b in flat.literals if isinstance(b, Atom)]
        self.denied = [b.atom for b in flat.literals if isinstance(b, Negation)]

    def value(self, term: Term) -> object:
        """The constant that a term is, or None."""
        if isinstance(term, Constant):
            return term.value
        return self.fixed.get(term.name) if isinstance(term, Variable) else None

    def same(self, term: Term, other: Term, others: Sides) -> bool:
        """Whether a term and one of the other rule have the same value when the columns are equal."""
        value = self.value(term)
        if value is not None and value == others.value(other):
            return True
        if not isinstance(term, Variable) or not isinstance(other, Variable):
            return False
        return not self.places.get(term.name, set()).isdisjoint(others.places.get(other.name, ()))

    def differ(self, term: Term, other: Term, others: Sides) -> bool:
        """Whether a term and one of the other rule never have the same value."""
        value, another = self.value(term), others.value(other)
        if value is None:
            return another is not None and self.refuses(term, another)
        return value != another if another is not None else others.refuses(other, value)

    def refuses(self, term: Term, value: Any) -> bool:
        """Whether a comparison of the rule does not let a variable have a value."""
        found = [t for t in self.tests if t.left == term]
        return any(not COMPARE[t.operator](value, t.right.value) for t in found)  # type: ignore[union-attr]


def disjoint(one: Rule, other: Rule, columns: Collection[int], relations: Mapping[str, Relation]) -> bool:
    """Whether no rows of the two rules agree in these columns of the head."""
    a, b = Sides(one, columns), Sides(other, columns)
    if any(None not in (a.head[c], b.head[c]) and a.head[c] != b.head[c] for c in columns):
        return True
    return _denies(a, b) or _denies(b, a) or _contradicts(a, b, relations)


def apart(rules: Sequence[Rule], columns: Collection[int], relations: Mapping[str, Relation]) -> bool:
    """Whether that holds for every two of the rules."""
    return all(disjoint(one, other, columns, relations) for n, one in enumerate(rules) for other in rules[:n])


def _tests(literal: object) -> TypeGuard[Comparison]:
    """A variable compared with a constant."""
    if not isinstance(literal, Comparison) or literal.operator == "=":
        return False
    return isinstance(literal.left, Variable) and isinstance(literal.right, Constant)


def _fixes(literal: object) -> bool:
    """`variable = constant`"""
    if not isinstance(literal, Comparison) or literal.operator != "=":
        return False
    return isinstance(literal.left, Variable) and isinstance(literal.right, Constant)


def _denies(one: Sides, other: Sides) -> bool:
    return any(
        denied.relation == atom.relation
        and all(isinstance(t, Wildcard) or one.same(t, u, other) for t, u in zip(denied.arguments, atom.arguments, strict=True))
        for denied in one.denied
        for atom in other.atoms
    )


def _contradicts(one: Sides, other: Sides, relations: Mapping[str, Relation]) -> bool:
    """Each has a row with the same key, and these rows differ."""
    for a in one.atoms:
        for b in other.atoms:
            if a.relation != b.relation or a.relation not in relations or not (key := relations[a.relation].key):
                continue
            pairs = list(zip(a.arguments, b.arguments, strict=True))
            if all(one.same(*pairs[c], other) for c in key) and any(one.differ(*pair, other) for pair in pairs):
                return True
    return False
