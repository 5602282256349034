"""The shortest proof of a fact: which rule gives it, from what.

All facts that the goal can rest on are gone through backwards, then the cheapest way to each is worked out forwards, the
cheapest fact first (Knuth 1977, "A generalization of Dijkstra's algorithm"). So no fact rests on itself, however recursive the
rules are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from heapq import heappop, heappush
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from .matching import Folded, Found, Missing, Part, Premises, Rows, Solution, ordered

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Row
    from .matching import Columns

Fact = tuple[str, "Row"]
MOST_INSTEAD = 60

_premises: WeakKeyDictionary[CheckedProgram, Mapping[str, list[tuple[int, Premises]]]] = WeakKeyDictionary()


class Way(NamedTuple):
    """A rule that gives a fact, by its number; the solution of its body; every fact that this rests on, once."""

    rule: int
    solution: Solution
    below: tuple[Fact, ...]


class Search:
    """Looks for proofs in a model.

    Args:
        facts: the facts that were given: they need no proof.
        rows: the rows of every relation of the program, the facts given and what an engine made of them.
        barred: facts that nothing may rest on.
        subjects: by relation, the columns that say what a row is about (else those of its key): where a value was looked for
            in vain, what there is for them is shown instead.
    """

    def __init__(
        self,
        program: CheckedProgram,
        facts: Mapping[str, Collection[Row]],
        rows: Rows,
        barred: Collection[Fact] = (),
        subjects: Mapping[str, Columns] = MappingProxyType({}),
    ) -> None:
        self.program, self.facts, self.rows, self.barred, self.subjects = program, facts, rows, barred, subjects
        self.relations = program.relations
        self.cost: dict[Fact, int] = {}
        self.best: dict[Fact, Way] = {}
        self._ways: dict[Fact, list[Way]] = {}
        self._instead: dict[Missing, list[Fact]] = {}

    def without(self, fact: Fact) -> Search:
        """The same search, but nothing may rest on this fact."""
        other = Search(self.program, self.facts, self.rows, {*self.barred, fact}, self.subjects)
        other._ways = self._ways
        return other

    def is_given(self, fact: Fact) -> bool:
        return fact[1] in self.facts.get(fact[0], ())

    def way(self, fact: Fact) -> Way | None:
        """The cheapest way to a fact; None when it is given. Raises KeyError when it does not hold."""
        if fact not in self.cost:
            _Solving(self).solve(fact)
        return self.best.get(fact) if self.cost[fact] else None

    def ways(self, fact: Fact) -> list[Way]:
        """Every way to a fact, whether or not it leads back to the fact itself."""
        if fact not in self._ways:
            self._ways[fact] = [
                Way(number, solution, tuple(dict.fromkeys(self._below(solution.parts))))
                for number, premises in premises_of(self.program).get(fact[0], ())
                for solution in ordered(premises.solutions(self.rows, fact[1]))
            ]
        return self._ways[fact]

    def instead(self, part: Missing) -> list[Fact]:
        """What there is for the subject for which a value was looked for in vain, and the readings that do not give it."""
        if part not in self._instead:
            self._instead[part] = [*self._otherwise(part), *self._readings(part)]
        return self._instead[part]

    def _otherwise(self, part: Missing) -> list[Fact]:
        columns = self.subject(part.relation)
        given = {i for i, value in enumerate(part.pattern) if value is not None}
        if not given & {*columns} or given <= {*columns}:
            return []
        found = self.like(part)
        return [(part.relation, row) for row in sorted(found, key=repr)] if len(found) <= MOST_INSTEAD else []

    def _readings(self, part: Missing) -> Iterator[Fact]:
        """Where a rule would give it under another reading: the readings that are in force."""
        for _, premises in premises_of(self.program).get(part.relation, ()):
            start = premises.start(part.pattern)
            for relation, wanted in premises.readings if start is not None else ():
                pattern = (*(None,) * (len(wanted) - 2), wanted[-2], None)
                yield from ((relation, row) for row in self.rows.like(relation, pattern) if row[-1] != wanted[-1])

    def like(self, part: Missing) -> Collection[Row]:
        """The rows about the subject of an absence."""
        columns = self.subject(part.relation)
        return self.rows.like(part.relation, tuple(v if i in columns else None for i, v in enumerate(part.pattern)))

    def subject(self, relation: str) -> Columns:
        return self.subjects.get(relation) or self.relations[relation].key

    def _below(self, parts: Collection[Part]) -> Iterator[Fact]:
        for part in parts:
            match part:
                case Found(_, relation, row):
                    yield relation, row
                case Missing():
                    yield from self.instead(part)
                case Folded(_, _, items):
                    for item in items:
                        yield from self._below(item.parts)


class _Solving:
    """Gives its cheapest way to every fact that a goal may rest on."""

    def __init__(self, search: Search) -> None:
        self.search = search
        self.above: dict[Fact, list[tuple[Fact, int]]] = {}
        self.waiting: dict[tuple[Fact, int], int] = {}
        self.queue: list[tuple[int, int, int, Fact]] = []

    def solve(self, goal: Fact) -> None:
        known = self.reach(goal)
        for key in [key for key, number in self.waiting.items() if not number]:
            self.offer(*key)
        while known or self.queue:
            fact = known.pop() if known else self.cheapest()
            for key in self.above.get(fact, ()) if fact else ():
                self.waiting[key] -= 1
                if not self.waiting[key] and key[0] not in self.search.cost:
                    self.offer(*key)

    def reach(self, goal: Fact) -> list[Fact]:
        """Go through all that the goal may rest on; returns what of it is known to hold already."""
        reached, left, known = {goal}, [goal], []
        while left:
            fact = left.pop()
            if self.search.is_given(fact) and fact not in self.search.barred:
                self.search.cost[fact] = 0
            if fact in self.search.cost:
                known.append(fact)
                continue
            for number, way in enumerate(() if fact in self.search.barred else self.search.ways(fact)):
                self.waiting[fact, number] = len(way.below)
                for below in way.below:
                    self.above.setdefault(below, []).append((fact, number))
                left += [below for below in way.below if below not in reached]
                reached.update(way.below)
        return known

    def offer(self, fact: Fact, number: int) -> None:
        """A way whose facts are all known."""
        cost = 1 + sum(self.search.cost[below] for below in self.search.ways(fact)[number].below)
        heappush(self.queue, (cost, number, len(self.queue), fact))

    def cheapest(self) -> Fact | None:
        """The fact that is now known for good; None when it was before."""
        cost, number, _, fact = heappop(self.queue)
        if fact in self.search.cost:
            return None
        self.search.cost[fact], self.search.best[fact] = cost, self.search.ways(fact)[number]
        return fact


def premises_of(program: CheckedProgram) -> Mapping[str, list[tuple[int, Premises]]]:
    """By relation, the rules for it with their numbers, made ready once for a program."""
    if program not in _premises:
        made: dict[str, list[tuple[int, Premises]]] = {}
        for number, rule in enumerate(program.rules):
            name = rule.head.relation
            made.setdefault(name, []).append((number, Premises(rule, program.relations[name].types)))
        _premises[program] = made
    return _premises[program]
