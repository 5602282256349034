"""Whether a database may leave out work that would have failed, so that nobody hears of the fault.

It works out a value only where something needs it: not for a column that nothing reads, nor where the table that it would be
looked up in is empty; and it turns `n + 1 > 3` into `n > 2`, which never overflows. Rules of which that can be said are looked
at on their own (see `faults`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..datalog.plan import AntiJoin, Apply, Extend, Group, Join, Place, Project, Select
from .expressions import can_fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..datalog.plan import Expression, Plan, Step


def fails(plan: Plan) -> bool:
    """Whether something in the plan may have no value: arithmetic, or a sum that is too great."""
    return _can_sum(plan.steps) or any(map(can_fail, (*expressions(plan.steps), *plan.head)))


def hides(plan: Plan) -> bool:
    """Whether such a fault may never be noticed."""
    return fails(plan) and _Watch(()).hides(plan.steps, plan.head)


def expressions(steps: Iterable[Step]) -> Iterator[Expression]:
    """All expressions that the steps work out, inside aggregates too."""
    for step in steps:
        match step:
            case Select(left=left, right=right):
                yield from (left, right)
            case Extend(expression=expression):
                yield expression
            case Group(steps=inside, target=target):
                yield from expressions(inside)
                yield from () if target is None else (target,)


def _can_sum(steps: Iterable[Step]) -> bool:
    return any(isinstance(s, Group) and (s.function == "sum" or _can_sum(s.steps)) for s in steps)


class _Value:
    """A column of the row that may fail: `made_of` others of the kind; `seen`: something needs it for certain."""

    def __init__(self, type_: str, made_of: Sequence[_Value] = ()) -> None:
        self.type, self.made_of, self.seen = type_, made_of, False

    def see(self) -> None:
        self.seen = True
        for value in self.made_of:
            value.see()


class _Watch:
    """Goes through a plan; a column that cannot fail is None."""

    def __init__(self, row: Sequence[_Value | None]) -> None:
        self.row = list(row)
        self.made: list[_Value] = []
        self.hidden = False

    def hides(self, steps: Sequence[Step], head: Sequence[Expression]) -> bool:
        for step in steps:
            self.step(step)
        for value in self.read(head):
            value.see()
        return self.hidden or not all(value.seen for value in self.made)

    def step(self, step: Step) -> None:
        match step:
            case Join(key=key, new=new, keep=keep):
                self.looked_up(place for _, place in key)
                self.row += [None] * len(new)
                self.row = self.row if keep is None else [self.row[p] for p in keep]
            case AntiJoin(key=key):
                self.looked_up(place for _, place in key)
            case Project(keep):
                self.row = [self.row[p] for p in keep]
            case Extend(expression=expression):
                self.row.append(self.value(expression))
            case Select(left=left, right=right):
                self.compared(left, right)
            case Group():
                self.grouped(step)

    def looked_up(self, places: Iterable[int]) -> None:
        self.hidden |= any(self.row[place] for place in places)

    def compared(self, left: Expression, right: Expression) -> None:
        involved = self.read((left, right))
        if not involved and not can_fail(left) and not can_fail(right):
            return
        numbers = any(_has_number(e) for e in (left, right)) or any(v.type == "number" for v in involved)
        self.hidden |= numbers or left == right
        for value in involved:
            value.see()

    def grouped(self, step: Group) -> None:
        self.looked_up(step.groups)
        inside = _Watch([None] * len(step.groups))
        self.hidden |= inside.hides(step.steps, () if step.target is None else (step.target,))
        self.row.append(self.total(step))

    def total(self, step: Group) -> _Value | None:
        """A sum may be too great. A count or sum that nothing reads is not worked out at all, nor what is counted."""
        if step.function == "sum":
            return self.add(_Value("number"))
        counted = step.function == "count" and (_can_sum(step.steps) or any(map(can_fail, expressions(step.steps))))
        return self.add(_Value("count")) if counted else None

    def value(self, expression: Expression) -> _Value | None:
        made_of = self.read((expression,))
        if isinstance(expression, Apply) and (made_of or can_fail(expression)):
            return self.add(_Value(expression.type, made_of))
        return made_of[0] if made_of else None

    def add(self, value: _Value) -> _Value:
        self.made.append(value)
        return value

    def read(self, read: Iterable[Expression]) -> list[_Value]:
        return [value for e in read for place in places(e) if (value := self.row[place])]


def places(expression: Expression) -> Iterator[int]:
    if isinstance(expression, Place):
        yield expression.place
    elif isinstance(expression, Apply):
        for argument in expression.arguments:
            yield from places(argument)


def _has_number(expression: Expression) -> bool:
    return isinstance(expression, Apply) and (expression.type == "number" or any(map(_has_number, expression.arguments)))
