"""A run of a plan's steps as one rule for pyDatalog."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from ...datalog.plan import AntiJoin, Apply, Extend, Fixed, Join, Place, Project, Select
from .tables import View
from .theory import Known, Unknown

if TYPE_CHECKING:
    from collections.abc import Collection
    from typing import Any

    from ...datalog.checked import Row
    from ...datalog.plan import Expression, Step
    from .tables import Tables
    from .theory import Derived, Term, Theory


def is_plain(step: Step) -> bool:
    """Whether pyDatalog can do a step exactly: it has no arithmetic, and no aggregate."""
    match step:
        case Select():
            return not isinstance(step.left, Apply) and not isinstance(step.right, Apply)
        case Extend():
            return not isinstance(step.expression, Apply)
        case _:
            return isinstance(step, Join | AntiJoin | Project)


class Rule:
    """A rule being written. `row`: the terms that the columns of its rows stand for.

    It begins with the rows that are there already: one is written into the rule, several become facts. The order of the body is
    the plan's, so that all of a negated atom is bound when it is reached. Where the plan drops a variable, what was written so
    far becomes a rule of its own: else the library would go on from each of many equal rows, and a long chain would never end.
    """

    def __init__(self, tables: Tables, theory: Theory, rows: Collection[Row]) -> None:
        self._tables, self._theory = tables, theory
        first = next(iter(rows))
        self._numbers = count(len(first))
        self._body: list[Any] = []
        self._parts: list[Derived] = []
        self._loose = False
        self._given = theory.hold(rows, 0, len(first)) if len(rows) > 1 else None
        self.row: list[Term] = [Unknown(i) for i in range(len(first))] if self._given else [Known(v) for v in first]
        if self._given:
            self._body.append(theory.literal(self._given, self.row))

    def take(self, step: Step) -> None:
        """One more step that `is_plain`."""
        match step:
            case Join():
                self._join(step)
            case AntiJoin(_, relation, fixed, key):
                self._atom(relation, fixed, key, {}, negated=True)
            case Select(operator=operator, left=left, right=right):
                self._body.append(self._theory.comparison(operator, self._term(left), self._term(right)))
            case Extend(expression=expression):
                self.row.append(self._term(expression))
            case Project(keep):
                self._keep(keep)

    def answers(self) -> list[Row]:
        wanted = self._part()
        found = self._theory.answers(self._parts[-1])
        for part in self._parts:
            self._theory.forget(part)
        if self._given:
            self._theory.drop(self._given)
        if len(self.row) == len(wanted):
            return found
        place = {term: i for i, term in enumerate(wanted)}
        parts = [(place[t], None) if isinstance(t, Unknown) else (None, t.value) for t in self.row]
        return [tuple([value if p is None else row[p] for p, value in parts]) for row in found]

    def _join(self, step: Join) -> None:
        others: dict[int, Term] = {column: Unknown(next(self._numbers)) for column in step.new}
        for first, second in step.same:
            others[second] = others.setdefault(first, Unknown(next(self._numbers)))
        self._atom(step.relation, step.fixed, step.key, others, delta=step.delta)
        self.row += [others[column] for column in step.new]
        if step.keep is not None:
            self._keep(step.keep)

    def _keep(self, places: tuple[int, ...]) -> None:
        self.row = [self.row[place] for place in places]
        self._loose = True

    def _part(self) -> list[Unknown]:
        """Make what has been written so far a rule of its own, whose rows are `row` without its constants, each once."""
        wanted = list(dict.fromkeys(term for term in self.row if isinstance(term, Unknown)))
        self._parts.append(self._theory.rule(wanted, self._body))
        self._body, self._loose = [self._theory.derived(self._parts[-1])], False
        return wanted

    def _atom(
        self,
        relation: str,
        fixed: tuple[tuple[int, Any], ...],
        key: tuple[tuple[int, int], ...],
        others: dict[int, Term],
        *,
        delta: bool = False,
        negated: bool = False,
    ) -> None:
        if self._loose:
            self._part()
        bound: dict[int, Term] = {column: Known(value) for column, value in fixed}
        bound |= {column: self.row[place] for column, place in key}
        terms = dict(sorted(bound.items())) | dict(sorted(others.items()))
        stored = self._tables.view(View(relation, tuple(terms), len(bound)), delta)
        self._body.append(self._theory.literal(stored, list(terms.values()), negated=negated))

    def _term(self, expression: Expression) -> Term:
        if isinstance(expression, Place):
            return self.row[expression.place]
        assert isinstance(expression, Fixed)
        return Known(expression.value)
