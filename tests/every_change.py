"""Which smallest sets of changes make a rule give a row: found by trying every set."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from zhengce.datalog.checked import CheckedProgram, Row
from zhengce.datalog.checks import check
from zhengce.datalog.parser import parse
from zhengce.engines import engine
from zhengce.errors import EvaluationError

Facts = Mapping[str, Collection[Row]]
Pattern = tuple[Any, ...]
Single = tuple[str, Row | None, Row | None]


class EveryChange:
    """Every set of up to `most` changes, each tried once for all goals. `text`: the program, and each rule again by itself.

    Args:
        domain: the values that may come in a column, as engines keep them.
        barred: a relation that must stay empty.
    """

    def __init__(
        self,
        program: CheckedProgram,
        text: str,
        facts: Facts,
        *,
        inputs: Collection[str],
        domain: Callable[[str, int], Collection[Any]],
        barred: str = "",
        most: int = 4,
    ) -> None:
        self.program, self.facts, self.domain, self.barred, self.most = program, facts, domain, barred, most
        self.text = text + _told_apart(program, text)
        self.told = check(parse(self.text))
        self.places = [place for name in inputs for place in self._places(name)]
        self._models: dict[frozenset[Single], Mapping[str, Collection[Row]] | None] = {}

    def smallest(self, rule: int | None, relation: str, pattern: Pattern) -> set[frozenset[Single]]:
        """The smallest sets after which the rule gives a row that matches (None: the row is given)."""
        name = f"given_{relation}" if rule is None else f"by_{rule}"
        for size in range(self.most + 1):
            found = {changes for changes in self.sets(size) if self._works(changes, name, relation, pattern)}
            if found:
                return found
        return set()

    def sets(self, size: int) -> Iterator[frozenset[Single]]:
        for places in combinations(self.places, size):
            for singles in product(*places):
                yield frozenset(singles)

    def model(self, changes: frozenset[Single]) -> Mapping[str, Collection[Row]] | None:
        if changes not in self._models:
            try:
                self._models[changes] = engine("memory")(self.told, self.changed(changes)).rows
            except EvaluationError:
                self._models[changes] = None
        return self._models[changes]

    def changed(self, changes: Collection[Single]) -> dict[str, set[Row]]:
        facts = {name: set(rows) for name, rows in self.facts.items()}
        for relation, before, after in changes:
            facts.setdefault(relation, set()).discard(before)  # type: ignore[arg-type]
            if after is not None:
                facts[relation].add(after)
        return facts

    def _works(self, changes: frozenset[Single], name: str, relation: str, pattern: Pattern) -> bool:
        model = self.model(changes)
        if model is None or (self.barred and model[self.barred]):
            return False
        rows = self.changed(changes).get(relation, ()) if name.startswith("given_") else model[name]
        return any(fits(pattern, row) for row in rows)

    def _places(self, name: str) -> Iterator[tuple[Single, ...]]:
        """What can become of a key, or of a row: one change at most is made to each."""
        types, key = self.program.relations[name].types, self.program.relations[name].key
        given = set(self.facts.get(name, ()))
        rows = set(product(*(self.domain(name, i) for i in range(len(types)))))
        if not key:
            yield from (((name, row, None) if row in given else (name, None, row),) for row in rows | given)
            return
        for at in {tuple(row[i] for i in key) for row in rows | given}:
            there = next((row for row in given if tuple(row[i] for i in key) == at), None)
            others = [row for row in rows if tuple(row[i] for i in key) == at and row != there]
            singles = [(name, there, row) for row in others] + ([(name, there, None)] if there is not None else [])
            yield tuple(singles)


def fits(pattern: Pattern, row: Row) -> bool:
    return all(want in (None, value) for want, value in zip(pattern, row, strict=True))


def _told_apart(program: CheckedProgram, text: str) -> str:
    """Each rule again, for a relation of its own, so that the model says which rule gives what."""
    declared = {d.name: d for d in parse(text).declarations}
    lines = []
    for number, rule in enumerate(program.rules):
        name = f"by_{number}"
        lines.append(str(replace(declared[rule.head.relation], name=name, annotations=())))
        lines.append(str(replace(rule, head=replace(rule.head, relation=name))))
    return "\n".join(lines)
