"""Random programs that are small enough to try every set of changes of their inputs, with facts and the values that may come.

Drawn from the bottom up: inputs, then a few relations over them, each rule from literals that hold together. Everything comes
from one `Random`, so a seed names a program; Hypothesis may be that `Random` too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

from random_programs import Value, source

Row = tuple[Value, ...]

VALUES: dict[str, list[Value]] = {
    "symbol": ["a", "b", "c"],
    "number": [0, 1, 2],
    "decimal": [Decimal("0.5"), Decimal("-1"), Decimal(2)],
    "date": [date(2022, 9, 30), date(2024, 2, 29), date(2023, 2, 28)],
}
LETTER = {"symbol": "s", "number": "n", "decimal": "q", "date": "t"}
MOST_CHANGES = 13  # single ones: every set of up to four is tried


@dataclass(frozen=True)
class Relation:
    name: str
    types: tuple[str, ...]
    keyed: bool = False

    def declaration(self) -> str:
        key = '@[key = "c0"]\n' if self.keyed else ""
        return f"{key}.decl {self.name}({', '.join(f'c{i}: {t}' for i, t in enumerate(self.types))})\n"


@dataclass(frozen=True)
class Small:
    """A program, facts, the values of each type that may come, and the relations that may change."""

    text: str
    facts: dict[str, list[Row]]
    values: dict[str, list[Value]]
    inputs: tuple[str, ...]
    relations: tuple[Relation, ...]

    def rows(self, relation: Relation) -> list[Row]:
        return list(product(*(self.values[t] for t in relation.types)))


def small_program(rng: Random) -> Small:
    values = {t: sorted(rng.sample(v, rng.choice([2, 2, 3]))) for t, v in VALUES.items()}
    types = rng.choice([("symbol",), ("symbol", "number"), ("symbol", "number"), ("symbol", "decimal"), ("symbol", "date")])
    inputs = _inputs(rng, values, types)
    derived: list[Relation] = []
    lines: list[str] = []
    for number in range(rng.choice([1, 2, 2, 3])):
        relation = Relation(f"d{number}", tuple(rng.choice(types) for _ in range(rng.choice([0, 1, 1, 1, 2]))))
        recursive = rng.random() < 0.3
        below = [*inputs, *derived]
        lines += [_Rule(rng, values, below, relation, types).written() for _ in range(rng.choice([1, 1, 2]))]
        if recursive:
            lines.append(_Rule(rng, values, below, relation, types, own=relation).written())
        derived.append(relation)
    relations = (*inputs, *derived)
    text = "".join(r.declaration() for r in relations) + "\n".join(lines) + "\n"
    facts = {r.name: _some_rows(rng, r, values, rng.choice([0.15, 0.4, 0.7]) if r in inputs else 0.04) for r in relations}
    names = [r.name for r in inputs]
    firm = rng.choice(names) if len(names) > 2 and rng.random() < 0.2 else ""
    return Small(text, facts, values, tuple(name for name in names if name != firm), relations)


def _inputs(rng: Random, values: dict[str, list[Value]], types: Sequence[str]) -> list[Relation]:
    """Two or three relations, with not more rows to come and go than can be tried."""
    inputs: list[Relation] = []
    left = MOST_CHANGES
    for number in range(rng.choice([2, 3, 3])):
        for width in rng.sample([1, 2, 2], 3):
            chosen = tuple(rng.choice(types) for _ in range(width))
            relation = Relation(f"i{number}", chosen, keyed=width == 2 and rng.random() < 0.5)
            size = 1
            for type_ in chosen:
                size *= len(values[type_])
            if size <= left:
                inputs.append(relation)
                left -= size
                break
    return inputs


def _some_rows(rng: Random, relation: Relation, values: dict[str, list[Value]], chance: float) -> list[Row]:
    rows = [row for row in product(*(values[t] for t in relation.types)) if rng.random() < chance]
    if relation.keyed:
        rows = list({row[0]: row for row in rng.sample(rows, len(rows))}.values())
    return rows


class _Rule:
    """One rule being written: literals, and the variables that they bind, by type."""

    def __init__(
        self,
        rng: Random,
        values: dict[str, list[Value]],
        below: Sequence[Relation],
        head: Relation,
        types: Sequence[str],
        own: Relation | None = None,
    ) -> None:
        self.rng, self.values, self.below, self.head, self.types, self.own = rng, values, below, head, types, own
        self.bound: dict[str, list[str]] = {t: [] for t in VALUES}
        self.literals: list[str] = []

    def written(self) -> str:
        for _ in range(self.rng.choice([0, 1, 1, 2, 2])):
            self.positive(self.rng.choice(self.below))
        if self.own is not None:
            self.positive(self.own)
        for _ in range(self.rng.choice([0, 1, 2, 2, 3])):
            self.rng.choice([self.negative, self.negative, self.comparison, self.aggregated, self.aggregated, self.defined])()
        arguments = ", ".join(self.argument(t) for t in self.head.types)
        self.rng.shuffle(self.literals)
        body = f" :- {', '.join(self.literals)}" if self.literals else ""
        return f"{self.head.name}({arguments}){body}."

    def chance(self, of_hundred: int) -> bool:
        return self.rng.random() * 100 < of_hundred

    def constant(self, type_: str) -> str:
        return source(self.rng.choice(self.values[type_]))

    def plain(self, type_: str) -> str:
        known = self.bound[type_]
        return self.rng.choice(known) if known and not self.chance(15) else self.constant(type_)

    def positive(self, relation: Relation) -> None:
        arguments = [self.open(t) for t in relation.types]
        self.literals.append(f"{relation.name}({', '.join(arguments)})")

    def open(self, type_: str) -> str:
        if self.chance(20):
            return self.rng.choice(["_", self.constant(type_)])
        name = LETTER[type_] + self.rng.choice("123")
        if name not in self.bound[type_]:
            self.bound[type_].append(name)
        return name

    def negative(self) -> None:
        relation = self.rng.choice(self.below)
        arguments = ["_" if self.chance(25) else self.plain(t) for t in relation.types]
        self.literals.append(f"!{relation.name}({', '.join(arguments)})")

    def comparison(self) -> None:
        type_ = self.rng.choice(self.types)
        if self.bound[type_]:
            operator = self.rng.choice(["!=", "="] if type_ == "symbol" else ["<", "!=", "<=", ">"])
            self.literals.append(f"{self.rng.choice(self.bound[type_])} {operator} {self.term(type_)}")

    def defined(self) -> None:
        """A variable that takes the value of an expression or of the calendar."""
        type_ = self.rng.choice(self.types)
        name = LETTER[type_] + "9"
        if type_ in ("number", "decimal") and name not in self.bound[type_]:
            self.literals.append(f"{name} = {self.term(type_)}")
            self.bound[type_].append(name)
        elif type_ == "date" and self.bound["date"] and name not in self.bound[type_]:
            self.literals.append(f"years_after({self.rng.choice(self.bound['date'])}, {self.rng.choice('12')}, {name})")
            self.bound[type_].append(name)

    def term(self, type_: str) -> str:
        left, right = self.plain(type_), self.plain(type_)
        if type_ not in ("number", "decimal") or self.chance(50):
            return left
        if self.chance(30):
            return f"{self.rng.choice(['min', 'max'])}({left}, {right})"
        return f"{left} {self.rng.choice('+-*/' if self.chance(30) else '+-*')} {right}"

    def argument(self, type_: str) -> str:
        """What stands in the head; in a recursive rule nothing new."""
        return self.plain(type_) if self.own is not None else self.term(type_)

    def aggregated(self) -> None:
        type_, text = self.aggregate()
        name = LETTER[type_] + "8"
        if self.chance(50) and name not in self.bound[type_]:
            self.literals.append(f"{name} = {text}")
            if self.own is None:
                self.bound[type_].append(name)
        else:
            self.literals.append(f"{text} {self.rng.choice(['>', '=', '<=', '!=', '<'])} {self.plain(type_)}")

    def aggregate(self) -> tuple[str, str]:
        """Over one or two atoms whose places are the aggregate's own variables, the rule's, or constants."""
        mine: dict[str, list[str]] = {t: [] for t in VALUES}
        literals = [self.inner(self.rng.choice(self.below), mine) for _ in range(self.rng.choice([1, 1, 2]))]
        if self.chance(25):
            relation = self.rng.choice(self.below)
            literals.append(f"!{relation.name}({', '.join(self.within(t, mine) for t in relation.types)})")
        types = [t for t in ("number", "decimal") if mine[t]]
        if not types or self.chance(25):
            return "number", f"count : {{ {', '.join(literals)} }}"
        type_ = self.rng.choice(types)
        function = self.rng.choice(["sum", "sum", "min", "max"] + ["mean", "mean"] * (type_ == "decimal"))
        target = self.rng.choice(mine[type_])
        if self.chance(20):
            target += f" {self.rng.choice('*+/')} {self.within(type_, mine)}"
        return type_, f"{function} {target} : {{ {', '.join(literals)} }}"

    def inner(self, relation: Relation, mine: dict[str, list[str]]) -> str:
        arguments = []
        for type_ in relation.types:
            if self.chance(55):
                name = {"symbol": "a", "number": "b", "decimal": "e", "date": "f"}[type_] + self.rng.choice("12")
                if name not in mine[type_]:
                    mine[type_].append(name)
                arguments.append(name)
            else:
                arguments.append(self.plain(type_))
        return f"{relation.name}({', '.join(arguments)})"

    def within(self, type_: str, mine: dict[str, list[str]]) -> str:
        return self.rng.choice(mine[type_]) if mine[type_] else self.plain(type_)


def goals(rng: Random, small: Small, rows: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
    """Absent rows of relations, some of them with places left open."""
    found = []
    for relation in small.relations:
        absent = [row for row in small.rows(relation) if row not in rows[relation.name]]
        for row in rng.sample(absent, min(len(absent), 2)):
            pattern = tuple(None if rng.random() < 0.15 else value for value in row)
            if not any(all(want in (None, v) for want, v in zip(pattern, r, strict=True)) for r in rows[relation.name]):
                found.append((relation.name, pattern))
    return found
