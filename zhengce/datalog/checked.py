"""A program that has passed every check, and the rows that an engine makes of it.

This module is all that running a stored program needs: the rules themselves are only unpacked when somebody looks at them
(an error, a proof, an engine that translates them).
"""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import UnknownNameError, did_you_mean
from ..language import say
from . import values

if TYPE_CHECKING:
    from .plan import Plan
    from .syntax import Rule, Type

Row = tuple[Any, ...]
Made = dict[int, "tuple[Plan, tuple[Plan, ...]]"]


class Relation(NamedTuple):
    """A relation with the types of its columns and, as column positions, its key (empty: none)."""

    name: str
    columns: tuple[str, ...]
    types: tuple[Type, ...]
    key: tuple[int, ...] = ()


class Stratum(NamedTuple):
    """Relations worked out together; `recursive` when they depend on one another; `reads`: every relation their rules read."""

    relations: tuple[str, ...]
    rules: tuple[Rule, ...]
    recursive: bool
    reads: frozenset[str]


class Planned(NamedTuple):
    """A rule's plan: `rule` is its number in the program; `again`: its plans for the later rounds of a recursion."""

    relation: str
    rule: int
    plan: Plan
    again: tuple[Plan, ...]


class CheckedProgram:
    """Relations by name, and the rules by stratum, each after those it depends on, their types written in."""

    __slots__ = ("__weakref__", "_made", "_plans", "_sources", "_strata", "outline", "relations")

    def __init__(
        self,
        relations: Mapping[str, Relation],
        strata: tuple[Stratum, ...],
        sources: Mapping[str, str],
        made: Made | None = None,
    ) -> None:
        self.relations = relations
        self._made: Made = {} if made is None else made
        self.outline = tuple((s.relations, s.recursive, s.reads) for s in strata)
        self._strata: tuple[Stratum, ...] | bytes = strata
        self._sources: Mapping[str, str] = sources
        self._plans: tuple[tuple[Planned, ...], ...] | None = None

    @property
    def strata(self) -> tuple[Stratum, ...]:
        if isinstance(self._strata, bytes):
            self._strata = pickle.loads(self._strata)
        return self._strata  # type: ignore[return-value]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All rules, in the order of the strata: a plan names its rule by the place here."""
        return tuple(rule for stratum in self.strata for rule in stratum.rules)

    @property
    def plans(self) -> tuple[tuple[Planned, ...], ...]:
        """For each stratum, the plans of its rules. Made when first asked for."""
        if self._plans is None:
            self._plans = _plan(self.strata, self._made)
        return self._plans

    def source(self, file: str) -> str:
        """The text of a rule file, to show a line of it; a stored program looks for it on the disk."""
        if file not in self._sources and (path := Path(file)).is_file():
            self._sources = {**self._sources, file: path.read_text(encoding="utf-8-sig", errors="replace")}
        return self._sources.get(file, "")

    def below(self, goals: Collection[str], late: Collection[str] = ()) -> CheckedProgram:
        """Only what is needed to work out `goals`; first what does not depend on the relations that are `late`."""
        needed, kept = set(goals), []
        for stratum in reversed(self.strata):
            if needed & set(stratum.relations):
                needed |= stratum.reads
                kept.append(stratum)
        relations = {name: r for name, r in self.relations.items() if name in needed}
        first: list[Stratum] = []
        then: list[Stratum] = []
        later = set(late)
        for stratum in reversed(kept):
            if stratum.reads.isdisjoint(later):
                first.append(stratum)
            else:
                later.update(stratum.relations)
                then.append(stratum)
        return CheckedProgram(relations, (*first, *then), self._sources, self._made)

    def first_reading(self, relations: Collection[str]) -> int:
        """The number of the first stratum that reads one of these."""
        found = (number for number, (_, _, reads) in enumerate(self.outline) if not reads.isdisjoint(relations))
        return next(found, len(self.outline))

    def __getstate__(self) -> tuple[Any, ...]:
        packed = self._strata if isinstance(self._strata, bytes) else pickle.dumps(self._strata)
        return self.relations, self.outline, self.plans, packed

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.relations, self.outline, self._plans, self._strata = state
        self._sources, self._made = {}, {}


class Model(Mapping[str, "set[Row]"]):
    """The rows of every relation: `model["path"]` is a set of tuples of `str`, `int`, `Decimal` and `date`.

    Engines fill `rows` with values as they are kept inside (see `values`); they are turned into plain ones when asked for.
    """

    __slots__ = ("_plain", "relations", "rows")

    def __init__(self, relations: Mapping[str, Relation], rows: Mapping[str, Collection[Row]]) -> None:
        self.relations = relations
        self.rows = rows
        self._plain: dict[str, set[Row]] = {}

    def __getstate__(self) -> tuple[Any, ...]:
        return self.relations, self.rows

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.relations, self.rows = state
        self._plain = {}

    def __getitem__(self, name: str) -> set[Row]:
        if name not in self.relations:
            raise UnknownNameError(say("没有 {name} 这个关系", name=name), hint=did_you_mean(name, self.relations))
        if name not in self._plain:
            types = self.relations[name].types
            self._plain[name] = {plain_row(row, types) for row in self.rows.get(name, ())}
        return self._plain[name]

    def __contains__(self, name: object) -> bool:
        return name in self.relations

    def __iter__(self) -> Iterator[str]:
        return iter(self.relations)

    def __len__(self) -> int:
        return len(self.relations)


def plain_row(row: Row, types: tuple[Type, ...]) -> Row:
    """A row with its decimals turned into `Decimal`."""
    if "decimal" not in types:
        return row
    return tuple(values.decode(v, t) if t == "decimal" else v for v, t in zip(row, types, strict=True))


def _plan(strata: tuple[Stratum, ...], made: Made) -> tuple[tuple[Planned, ...], ...]:
    """The plans of all rules; `made` holds those that a program with the same rules has made already, by identity."""
    from .planner import plan_rule, recursive_atoms

    planned, number = [], 0
    for stratum in strata:
        members = []
        for rule in stratum.rules:
            if id(rule) not in made:
                atoms = recursive_atoms(rule, stratum.relations) if stratum.recursive else []
                made[id(rule)] = plan_rule(rule), tuple(plan_rule(rule, delta=atom) for atom in atoms)
            members.append(Planned(rule.head.relation, number, *made[id(rule)]))
            number += 1
        planned.append(tuple(members))
    return tuple(planned)
