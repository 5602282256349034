"""Why something does not hold: which input facts it hangs on, so that unless one of them changes it cannot hold.

From what is missing it goes down the rules: through every way in which a rule could have given it, to the literal that stops
that way. What it ends in are input facts that must not come (`closed`, as patterns) or that must not go (`kept`).
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from .matching import Avoided, Body, Folded, Found, Grouped, Joined, Missing, Part, Pattern, Premises, Solution

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Row
    from .search import Fact, Search


class Cone:
    """What of a program hangs on the inputs that may change; its rules, made ready so that what does not comes first."""

    def __init__(self, program: CheckedProgram, inputs: Collection[str]) -> None:
        self.program, self.inputs = program, frozenset(inputs)
        moving = set(inputs)
        for relations, _, reads in program.outline:
            if reads & moving:
                moving |= {*relations}
        self.moving = frozenset(moving)
        firm = program.relations.keys() - moving
        self.rules: dict[str, list[tuple[int, Premises]]] = {}
        for number, rule in enumerate(program.rules):
            if (name := rule.head.relation) in moving:
                premises = Premises(rule, program.relations[name].types, firm)
                self.rules.setdefault(name, []).append((number, premises))


class Reasons:
    """Collects reasons in one model. They are looked up when somebody asks for them, for often nobody does."""

    def __init__(self, cone: Cone, search: Search) -> None:
        self.cone, self.search = cone, search
        self._closed: set[tuple[str, Pattern]] = set()
        self._kept: set[Fact] = set()
        self._seen: set[object] = set()
        self._bodies: list[tuple[Body, Row]] = []
        self._facts: list[Fact] = []

    def no_solution(self, premises: Premises, pattern: Pattern) -> None:
        """A rule gives no row that matches the pattern."""
        if (start := premises.start(pattern)) is not None:
            self._walk(premises.body(pattern), start)

    def holds(self, fact: Fact) -> None:
        """A fact holds."""
        self._keep(fact)

    def is_missing(self, relation: str, pattern: Pattern) -> None:
        """No row matches the pattern."""
        self._no_more(relation, pattern)

    @property
    def closed(self) -> Collection[tuple[str, Pattern]]:
        """Input rows that must not come: relation and pattern."""
        self._finish()
        return self._closed

    @property
    def kept(self) -> Collection[Fact]:
        """Facts that must not go."""
        self._finish()
        return self._kept

    def _finish(self) -> None:
        while self._bodies or self._facts:
            if self._facts:
                self._rests(self._facts.pop())
            else:
                self._body(*self._bodies.pop())

    def _walk(self, body: Body, start: Row) -> None:
        if (key := (id(body), start)) not in self._seen:
            self._seen.add(key)
            self._bodies.append((body, start))

    def _body(self, body: Body, start: Row) -> None:
        """A conjunction has no more solutions than it has."""
        found = [Solution(start, ())]
        for step in body.steps:
            longer: list[Solution] = []
            for one in found:
                after = list(step.after(self.search.rows, one))
                longer += after
                match step:
                    case Joined():
                        self._no_more(step.relation, step.pattern(one))
                    case Avoided() if not after:
                        self._keep((step.relation, min(step.found(self.search.rows, one), key=repr)))
                    case Grouped():
                        self._group(step, one, after)
            found = longer

    def _group(self, step: Grouped, one: Solution, after: list[Solution]) -> None:
        """An aggregate keeps its value, or stays without one: it has no items, or it cannot be worked out from them."""
        if not after:
            self._walk(step.inner, step.start(one))
            for item in step.inner.solutions(self.search.rows, step.start(one)):
                self._parts(item.parts)
        for solution in after:
            self._parts(solution.parts[-1:])

    def _no_more(self, relation: str, pattern: Pattern) -> None:
        """No row comes that matches the pattern."""
        if relation not in self.cone.moving or ("no more", relation, pattern) in self._seen:
            return
        self._seen.add(("no more", relation, pattern))  # a pattern without a gap looks like the fact that must stay
        if relation in self.cone.inputs:
            self._closed.add((relation, pattern))
        for _, premises in self.cone.rules.get(relation, ()):
            if (start := premises.start(pattern)) is not None:
                self._walk(premises.body(pattern), start)

    def _keep(self, fact: Fact) -> None:
        """A fact does not go."""
        if fact[0] in self.cone.moving and fact not in self._seen:
            self._seen.add(fact)
            self._facts.append(fact)

    def _rests(self, fact: Fact) -> None:
        """What a fact rests on stays."""
        way = self.search.way(fact)
        if way is not None:
            self._parts(way.solution.parts)
        elif fact[0] in self.cone.inputs:
            self._kept.add(fact)

    def _parts(self, parts: Collection[Part]) -> None:
        """What a literal rests on stays."""
        left = list(parts)
        while left:
            match left.pop():
                case Found(_, relation, row):
                    self._keep((relation, row))
                case Missing(_, relation, pattern):
                    self._no_more(relation, pattern)
                case Folded(_, _, items, start, inner):
                    self._walk(inner, start)
                    left += [part for item in items for part in item.parts]
