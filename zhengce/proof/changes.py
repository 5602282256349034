"""Why not: the smallest sets of input facts that, were they different, would make a fact hold.

From the model as it is, what keeps the goal from holding is looked up (see `reasons`): any set of changes that works has one
of these in it, so each is tried, and from there on again, fewest changes first (as Reiter 1987 finds diagnoses). So when the
search ends, no smaller set exists within the values that were allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, islice, product
from typing import TYPE_CHECKING, Any, NamedTuple

from ..datalog.checked import plain_row
from ..errors import EvaluationError
from .matching import Rows
from .reasons import Cone, Reasons
from .search import Search

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Model, Row
    from .matching import Pattern, Premises

    Facts = Mapping[str, Collection[Row]]
    Domain = Callable[[str, int], Collection[Any]]
    Engine = Callable[[CheckedProgram, Facts], Model]
    Hindered = Callable[[Search], Reasons | None]

MOST_CHANGES = 4
MOST_TRIED = 2000
SWEEPS, MOST_SWEPT, BEST, MOST_LOOKED_AT = 8, 40, 3, 200


class Change(NamedTuple):
    """An input row that comes (`before` is None), goes (`after` is None), or becomes another with the same key."""

    relation: str
    before: Row | None
    after: Row | None


class Sets(NamedTuple):
    """For one rule (None: the goal is an input itself): the smallest sets of changes by which it would give the goal.

    `searched`: up to how many changes every set was looked at. Where it is less than the sets have, or than was asked for when
    there are none, the search was cut short: too many were tried, or with some changes the rules cannot be worked out.
    `least`: that no smaller set exists is known; else the one set is only a way, from which no change can be left out.
    """

    rule: int | None
    sets: tuple[tuple[Change, ...], ...]
    searched: int
    least: bool = True


class WhyNot:
    """Looks for sets of changes.

    Args:
        inputs: the relations that may change.
        domain: the values that may stand in a column of one of them, as engines keep them: a relation and a column's number.
        allowed: whether such a row could be stated at all.
        may: whether a change may be made.
        barred: a relation that must stay empty: what contradicts the facts.
        most: the number of changes in a set at most; `tried`: of models that are made for one rule.
    """

    def __init__(
        self,
        program: CheckedProgram,
        facts: Facts,
        engine: Engine,
        *,
        inputs: Collection[str],
        domain: Domain,
        allowed: Callable[[str, Row], bool] = lambda relation, row: True,
        may: Callable[[Change], bool] = lambda change: True,
        barred: str = "",
        most: int = MOST_CHANGES,
        tried: int = MOST_TRIED,
    ) -> None:
        self.program, self.facts, self.engine = program, facts, engine
        self.domain, self.allowed, self.may, self.barred = domain, allowed, may, barred
        self.most, self.tried = most, tried
        self.cone = Cone(program, [name for name in inputs if name in program.relations])
        self._worlds: dict[frozenset[Change], Search | None] = {}
        self._domains: dict[tuple[str, int], Collection[Any]] = {}

    def sets(self, relation: str, pattern: Pattern) -> list[Sets]:
        """By rule, the smallest sets that make a row hold which matches the pattern, the smallest first."""
        found = [
            self._smallest(number, partial(self._not_by, premises, pattern))
            for number, premises in self.cone.rules.get(relation, ())
        ]
        if relation in self.cone.inputs:
            found.append(self._smallest(None, partial(self._not_given, relation, pattern)))
        return sorted(found, key=lambda each: (not each.sets, len(each.sets[0]) if each.sets else 0))

    def some(self, relation: str, pattern: Pattern) -> list[Sets]:
        """By rule, a way that may take many changes: what stands in the way, a whole relation at a time."""
        found = []
        for number, premises in self.cone.rules.get(relation, ()):
            if way := self._sweeping(partial(self._not_by, premises, pattern)):
                found.append(Sets(number, (tuple(sorted(way, key=repr)),), 0, least=False))
        return sorted(found, key=lambda each: len(each.sets[0]))

    def world(self, changes: frozenset[Change]) -> Search | None:
        """The model with these changes; None where the rules cannot be worked out."""
        if changes not in self._worlds:
            facts = changed(self.facts, changes)
            try:
                model = self.engine(self.program, facts)
                self._worlds[changes] = Search(self.program, facts, Rows(model.rows))
            except EvaluationError:
                self._worlds[changes] = None
        return self._worlds[changes]

    def _smallest(self, rule: int | None, hindered: Hindered) -> Sets:
        """Level by level: whether any set works, and only if none does, what each of them leaves to be changed."""
        level: list[frozenset[Change]] = [frozenset()]
        seen, tried, whole = {*level}, 0, self.most
        for size in range(self.most + 1):
            tried += len(level)
            if tried > self.tried:
                return Sets(rule, (), min(whole, size - 1))
            worlds = [(changes, self.world(changes)) for changes in level]
            if any(world is None for _, world in worlds):  # what would mend it is not known: sets with more stay unseen
                whole = min(whole, size)
            reasons = [(changes, world, hindered(world) or self._barred(world)) for changes, world in worlds if world]
            if found := [changes for changes, _, reason in reasons if reason is None]:
                return Sets(rule, _ordered(found), min(whole, size))
            level = self._further(reasons, seen) if size < self.most else []
        return Sets(rule, (), whole)

    def _further(
        self, reasons: list[tuple[frozenset[Change], Search, Reasons | None]], seen: set[frozenset[Change]]
    ) -> list[frozenset[Change]]:
        """The sets with one change more that are new; when there are more than may be tried, one more than that."""
        level: list[frozenset[Change]] = []
        for changes, world, reason in reasons:
            for change in self._changes(reason, world, changes) if reason else ():
                if (more := changes | {change}) not in seen:
                    seen.add(more)
                    level.append(more)
                if len(level) > self.tried:
                    return level
        return level

    def _sweeping(self, hindered: Hindered) -> frozenset[Change] | None:
        """Takes away all that is kept of one relation, or makes one change, and goes on from where least stands in the way."""
        level: list[frozenset[Change]] = [frozenset()]
        left = MOST_LOOKED_AT
        for _ in range(SWEEPS):
            further: dict[frozenset[Change], int] = {}
            for changes in level:
                world = self.world(changes)
                reasons = (hindered(world) or self._barred(world)) if world else None
                for swept in islice(self._swept(reasons, world, changes), min(MOST_SWEPT, left)) if world and reasons else ():
                    left -= 1
                    there = self.world(after := changes | {*swept})
                    rest = (hindered(there) or self._barred(there)) if there else reasons
                    if rest is None:
                        return self._without_idle(after, hindered)
                    further[after] = len(rest.kept) + len(rest.closed)
            level = sorted(further, key=lambda each: further[each])[:BEST]
        return None

    def _swept(self, reasons: Reasons, world: Search, made: frozenset[Change]) -> Iterator[tuple[Change, ...]]:
        going: dict[str, list[Change]] = {}
        for relation, row in sorted(reasons.kept, key=repr):
            if self.may(change := Change(relation, row, None)):
                going.setdefault(relation, []).append(change)
        yield from (tuple(changes) for changes in going.values() if len(changes) > 1)
        yield from ((change,) for change in self._changes(reasons, world, made))

    def _without_idle(self, changes: frozenset[Change], hindered: Hindered) -> frozenset[Change]:
        for change in sorted(changes, key=repr):
            world = self.world(changes - {change})
            if world and (hindered(world) or self._barred(world)) is None:
                changes -= {change}
        return changes

    def _not_by(self, premises: Premises, pattern: Pattern, world: Search) -> Reasons | None:
        """What keeps a rule from giving the goal; None when nothing does."""
        if premises.solutions(world.rows, pattern):
            return None
        reasons = Reasons(self.cone, world)
        reasons.no_solution(premises, pattern)
        return reasons

    def _not_given(self, relation: str, pattern: Pattern, world: Search) -> Reasons | None:
        """What keeps the goal, an input, from being given."""
        if Rows(world.facts).like(relation, pattern):
            return None
        reasons = Reasons(self.cone, world)
        reasons.is_missing(relation, pattern)
        return reasons

    def _barred(self, world: Search) -> Reasons | None:
        """What keeps a contradiction from going; None when there is none."""
        if not (contradictions := world.rows.rows.get(self.barred)):
            return None
        reasons = Reasons(self.cone, world)
        reasons.holds((self.barred, min(contradictions, key=repr)))
        return reasons

    def _changes(self, reasons: Reasons, world: Search, made: frozenset[Change]) -> list[Change]:
        """The single changes that touch a reason, none of them where something is changed already.

        When there are more than may be tried, one more than that.
        """
        touched = {self._place(change) for change in made}
        closed, kept = (sorted(each, key=repr) for each in (reasons.closed, reasons.kept))
        coming = (change for relation, pattern in closed for change in self._coming(relation, pattern))
        going = (change for relation, row in kept for change in self._going(relation, row))
        fit = (change for change in chain(coming, going) if self._place(change) not in touched and self.may(change))
        return sorted(dict.fromkeys(islice(fit, self.tried + 1)), key=repr)

    def _coming(self, relation: str, pattern: Pattern) -> Iterator[Change]:
        """Rows that match a pattern and are not there; a row with the same key gives way."""
        given = self.facts.get(relation, ())
        key = self.program.relations[relation].key
        keyed = {tuple(row[i] for i in key): row for row in given} if key else {}
        for row in self._rows(relation, pattern):
            if row not in given:
                yield Change(relation, keyed.get(tuple(row[i] for i in key)) if key else None, row)

    def _going(self, relation: str, row: Row) -> Iterator[Change]:
        """A row that goes, or, with a key, becomes another."""
        yield Change(relation, row, None)
        if key := self.program.relations[relation].key:
            pattern = tuple(value if i in key else None for i, value in enumerate(row))
            for other in self._rows(relation, pattern):
                if other != row:
                    yield Change(relation, row, other)

    def _rows(self, relation: str, pattern: Pattern) -> Iterable[Row]:
        values_of = (self._values(relation, i) for i in range(len(pattern)))
        places = zip(values_of, pattern, strict=True)
        columns = (values if want is None else [v for v in values if v == want] for values, want in places)
        return (row for row in product(*columns) if self.allowed(relation, row))

    def _values(self, relation: str, column: int) -> Collection[Any]:
        if (relation, column) not in self._domains:
            self._domains[relation, column] = self.domain(relation, column)
        return self._domains[relation, column]

    def _place(self, change: Change) -> tuple[Any, ...]:
        """What a change changes: a key, or a row."""
        row = change.after if change.before is None else change.before
        assert row is not None
        key = self.program.relations[change.relation].key
        return change.relation, *((row[i] for i in key) if key else row)


def changed(facts: Facts, changes: Collection[Change]) -> Facts:
    """Facts with changes made to them."""
    found: dict[str, Collection[Row]] = dict(facts)
    for name in {change.relation for change in changes}:
        mine = [change for change in changes if change.relation == name]
        gone, come = {c.before for c in mine}, {c.after for c in mine} - {None}
        found[name] = ({*facts.get(name, ())} - gone) | come  # type: ignore[operator]
    return found


def plain(change: Change, program: CheckedProgram) -> Change:
    """A change with its values as people have them."""
    types = program.relations[change.relation].types
    before, after = (None if row is None else plain_row(row, types) for row in change[1:])
    return Change(change.relation, before, after)


def _ordered(found: Collection[frozenset[Change]]) -> tuple[tuple[Change, ...], ...]:
    return tuple(sorted((tuple(sorted(each, key=repr)) for each in found), key=repr))
