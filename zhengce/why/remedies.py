"""Why not: the nearest ways in which something would have held, for people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import CaseError
from ..language import say
from ..proof.changes import MOST_CHANGES, Change, Sets
from ..proof.matching import Rows
from ..questions import readings_used
from ..report.outline import Line
from .effects import why_not_of
from .narration import inner

if TYPE_CHECKING:
    from collections.abc import Collection

    from ..datalog.checked import Row
    from ..proof.matching import Pattern
    from .asked import Asked
    from .goals import Goal

MOST_WAYS = 8
NEAREST = "…"


class Way(NamedTuple):
    """Changes that would do, in order; `others`: how many more ways differ only in the value of one of them."""

    changes: tuple[Change, ...]
    others: int


class Remedy(NamedTuple):
    """For something that is wanted: what it is, what there is now, by rule the ways to it, and the readings that give it."""

    relation: str
    wanted: Pattern
    now: Row | None
    ways: list[tuple[Sets, list[Way]]]
    readings: list[tuple[str, str]]


def remedies(asked: Asked, goals: list[Goal], most: int = MOST_CHANGES) -> list[Remedy]:
    """For each goal, what would have to be otherwise for it to be as wanted."""
    finder = _Finder(asked, most)
    return [finder.remedy(goal, wanted) for goal in goals for wanted in goal.wanted]


class _Finder:
    """Looks for ways, first among all facts, then, where nobody can go them, among those that somebody can change."""

    def __init__(self, asked: Asked, most: int) -> None:
        self.asked = asked
        self.any = why_not_of(asked, most=most)
        self.open = why_not_of(asked, most=most, may=lambda change: not asked.fixed(change)) if asked.case else self.any

    def remedy(self, goal: Goal, wanted: Pattern) -> Remedy:
        now = goal.pattern if None not in goal.pattern and wanted != goal.pattern else None
        found = self.any.sets(goal.relation, wanted)
        some = [way for each in found for way in each.sets]
        if some and all(map(self.is_fixed, some)) and self.open is not self.any:
            found += [each for each in self.open.sets(goal.relation, wanted) if each.sets]
        if not some:
            found += self.open.some(goal.relation, wanted)
        found = list(_without_larger(found))
        readings = list(self.readings(goal.relation, wanted))
        return Remedy(goal.relation, wanted, now, [(each, self.ways(each)) for each in found], readings)

    def readings(self, relation: str, wanted: Pattern) -> Iterator[tuple[str, str]]:
        """The readings, each alone, under which it would hold as things are."""
        options = self.asked.asking.readings.options
        for reading in sorted(readings_used(self.asked.program.rules) & options.keys()):
            for value in list(options[reading]) if self.asked.is_about(reading) else ():
                with suppress(CaseError):
                    model = self.asked.model_of(self.asked.facts_under({reading: value}))
                    if Rows(model.rows).like(relation, wanted):
                        yield reading, value

    def is_fixed(self, changes: Collection[Change]) -> bool:
        return any(self.asked.fixed(change) for change in changes)

    def ways(self, sets: Sets) -> list[Way]:
        """The ways of a rule, those first that somebody can go; of ways that differ in one value only the nearest."""
        groups: dict[Any, list[tuple[Change, ...]]] = {}
        for changes in sets.sets:
            groups.setdefault(tuple(map(_kind, changes)), []).append(changes)
        found = [Way(min(same, key=_distance), len(same) - 1) for same in groups.values()]
        return sorted(found, key=lambda way: self.is_fixed(way.changes))


def lines(asked: Asked, remedy: Remedy, most: int = MOST_CHANGES) -> Line:
    """A remedy as an outline."""
    return _Telling(asked, most).line(remedy)


class _Telling:
    def __init__(self, asked: Asked, most: int) -> None:
        self.asked, self.most = asked, most

    def line(self, remedy: Remedy) -> Line:
        left = remedy.now or remedy.wanted  # what is not wanted otherwise stays as it is
        wanted = tuple(n if w is None else w for w, n in zip(remedy.wanted, left, strict=True))
        said = self.said(remedy.relation, wanted)
        if remedy.now is not None:
            now = self.asked.narrator.shortened(self.said(remedy.relation, remedy.now), said)
            said = say("“{wanted}”？现在{now}", wanted=inner(said), now=now)
        else:
            said = say("不是这样：{wanted}", wanted=said)
        cited = self.asked.cited(self.asked.plain_pattern(remedy.relation, remedy.wanted))
        line = Line(said, "goal", clauses=cited)
        line.lines = [below for sets, ways in remedy.ways if ways for below in self.rule(sets, ways)]
        if not line.lines:
            line.lines = [Line(self.none(remedy), "none")]
        line.lines += [self.reading(reading, value) for reading, value in remedy.readings]
        return line

    def reading(self, reading: str, value: str) -> Line:
        text = self.asked.narrator.other_reading(reading, value)
        return Line(text, "reading", clauses=(self.asked.clause(reading),))

    def none(self, remedy: Remedy) -> str:
        if not remedy.ways:
            return say("没有规则能得出它")
        searched = min(sets.searched for sets, _ in remedy.ways)
        if searched < 1:
            return say("可以不同的太多，没有试完")
        if searched < self.most:
            return say("{most} 项以内不同的都试过，不行；再多的没有试完", most=searched)
        return say("按已知的取值，{most} 项以内不同都不行", most=searched)

    def rule(self, sets: Sets, ways: list[Way]) -> Iterator[Line]:
        size = len(ways[0].changes)
        head = say("有 {size} 项不同，就会这样", size=size)
        if not sets.least:
            head = say("有以下 {size} 项不同，就会这样（未必最少）", size=size)
        cited: tuple[str, ...] = ()
        if sets.rule is not None:
            rule = self.asked.program.rules[sets.rule]
            cited = tuple(c.text for c in rule.citations if c.kind != "method")
        shown = [self.way(way) for way in ways[:MOST_WAYS]]
        if len(ways) > MOST_WAYS:
            shown.append(Line(say("另有 {n} 种", n=len(ways) - MOST_WAYS), "more"))
        yield Line(head, "rule", clauses=cited, lines=shown)

    def way(self, way: Way) -> Line:
        parts = [self.change(change) for change in way.changes]
        if len(parts) == 1:
            parts[0].text += self.others(way)
            return parts[0]
        return Line(say("同时：") + self.others(way), "way", lines=parts)

    def others(self, way: Way) -> str:
        return say("（另有 {n} 个取值也可以）", n=way.others) if way.others else ""

    def change(self, change: Change) -> Line:
        """One change, with where it is stated now and whether anybody can make it."""
        before, after = (None if row is None else self.asked.plain(change.relation, row) for row in change[1:])
        stated = before if before is not None else after
        assert stated is not None
        standing = self.asked.standing(change.relation, stated) if before is not None else None
        words = self.asked.narrator.fact
        match before, after:
            case _, None:
                text = say("要是没有：{fact}", fact=words(change.relation, stated))
            case None, _ if self.asked.is_open(change.relation):
                text = say("查明：{fact}", fact=words(change.relation, stated)) + self.example(stated[-1])
            case None, _:
                text = say("要有：{fact}", fact=words(change.relation, stated))
            case _:
                then = words(change.relation, after)
                was = self.asked.narrator.shortened(words(change.relation, before), then)
                text = say("要是：{after}（现在：{before}）", before=was, after=then)
        why = self.asked.fixed(change)
        if why:
            text += say("——{why}，谁也改不了", why=why)
        place, evidence = (standing.place, standing.evidence) if standing else ("", "")
        return Line(text, "fixed" if why else "change", clauses=self.asked.cited(stated), place=place, evidence=evidence)

    def example(self, value: Any) -> str:
        """That a number or a date is one of those that would do."""
        return "" if isinstance(value, str) else say("（举例）")

    def said(self, relation: str, pattern: Pattern) -> str:
        return self.asked.narrator.fact(relation, self.asked.plain_pattern(relation, pattern))


def _kind(change: Change) -> Any:
    """What is the same of changes that differ only in the number or the date that comes."""
    after = change.after
    if after is None or isinstance(after[-1], str):
        return change
    return Change(change.relation, change.before, (*after[:-1], NEAREST))


def _distance(changes: tuple[Change, ...]) -> Any:
    """How far the numbers and dates that come are from those that go."""
    return [abs(_number(c.after[-1]) - _number((c.before or c.after)[-1])) for c in changes if c.after], repr(changes)


def _number(value: Any) -> int:
    return value.toordinal() if hasattr(value, "toordinal") else value if isinstance(value, int) else 0


def _without_larger(found: list[Sets]) -> Iterator[Sets]:
    """Of the rules, smallest sets first, those sets in which no smaller one of another rule lies."""
    smaller: list[frozenset[Change]] = []
    for each in found:
        kept = tuple(changes for changes in each.sets if not any(s < frozenset(changes) for s in smaller))
        smaller += map(frozenset, kept)
        if kept or not each.sets:
            yield each._replace(sets=kept)
