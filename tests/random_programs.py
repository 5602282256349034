"""Random programs that are stratified, safe and sure to end, as text, with facts for them; and the shuffling of a text.

A program is drawn from the bottom up, so that it is sound as it is made: relations stand in components, a rule reads
what is below its component (and, without negation or aggregate, its own), and an expression uses only variables that
something already bound. Names tell types: `s1` is a symbol, `n1` a number, `q1` a decimal, `t1` a date. The domains
are tiny, so that joins hit, rows collide and divisors are sometimes zero.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st

from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import (
    Aggregate,
    Atom,
    Comparison,
    Literal,
    Negation,
    Operation,
    Rule,
    Term,
    quote,
)

Value = str | int | Decimal | date
Draw = Callable[[st.SearchStrategy[Any]], Any]
T = TypeVar("T")

VALUES: dict[str, list[Value]] = {
    "symbol": ["a", "b", "沈阳", 'say "hi"'],
    "number": [0, 1, 2, -1, 3],
    "decimal": [Decimal(text) for text in ("1", "0", "-1.5", "2.25", "0.000003")],
    "date": [date(2022, 9, 30), date(2022, 10, 8), date(2024, 2, 29), date(2023, 2, 28)],
}
PERILOUS = VALUES | {
    "number": [0, 1, 2**63 - 1, -(2**63), 3],
    "decimal": [Decimal(text) for text in ("1", "0", "999999999999.999999", "0.000001", "-600000000000")],
    "date": [date(2022, 9, 30), date(9999, 12, 31), date(1, 1, 1), date(2024, 2, 29)],
}
LETTER = {"symbol": "s", "number": "n", "decimal": "q", "date": "t"}
TYPES = tuple(LETTER)
COMPUTED = {"symbol": "s9", "number": "n9", "decimal": "q9", "date": "t9"}
LOCALS = ("a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8")
CALENDAR = 'opening("2022-09-28", 3). opening("2022-10-01", 1). opening("2022-12-30", 2).'


@dataclass(frozen=True)
class Generated:
    """A program and the facts to be given beside it."""

    text: str
    facts: dict[str, list[tuple[Value, ...]]] = field(default_factory=dict)


@dataclass(frozen=True)
class _Relation:
    name: str
    types: tuple[str, ...]


OPENING = _Relation("opening", ("date", "number"))  # days that the calendar of working days surely holds


# ---- one body --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Dice:
    """Every choice. The plainest stands first in a list, so that a failing program shrinks to a plain one."""

    draw: Draw
    values: dict[str, list[Value]]
    perilous: bool  # with values at the edges, and divisors that may be zero

    def pick(self, choices: Sequence[T]) -> T:
        picked: T = self.draw(st.sampled_from(choices))
        return picked

    def below(self, end: int) -> int:
        return int(self.draw(st.integers(0, end - 1)))

    def chance(self, percent: int) -> bool:
        return self.below(100) >= 100 - percent

    def shuffled(self, things: Sequence[T]) -> list[T]:
        return list(self.draw(st.permutations(things)))

    def constant(self, type_: str) -> str:
        return source(self.pick(self.values[type_]))


class _Body:
    """A conjunction being written, and the variables it has bound so far."""

    def __init__(self, dice: _Dice, complete: Sequence[_Relation], known: dict[str, list[str]] | None = None) -> None:
        self.dice, self.complete = dice, complete
        self.pick, self.chance, self.constant = dice.pick, dice.chance, dice.constant
        self.literals: list[str] = []
        self.from_atoms: dict[str, list[str]] = {t: list((known or {}).get(t, [])) for t in TYPES}
        self.computed: dict[str, list[str]] = {t: [] for t in TYPES}

    # -- terms --

    def known(self, type_: str) -> list[str]:
        return self.from_atoms[type_] + self.computed[type_]

    def plain(self, type_: str, variables: Sequence[str]) -> str:
        return self.pick(variables) if variables and not self.chance(15) else self.constant(type_)

    def term(self, type_: str, depth: int = 2) -> str:
        """A term of known variables; the left operand is never a bracket, since `min (…)` would read as a functor."""
        plain = self.plain(type_, self.known(type_))
        if type_ not in ("number", "decimal") or depth == 0 or not self.chance(50):
            return plain
        if type_ == "number" and self.chance(6):
            return self.counted()
        if type_ == "decimal" and self.known("number") and self.chance(20):
            return f"to_float({self.pick(self.known('number'))})"
        if self.chance(20):
            return f"{self.pick(['min', 'max'])}({plain}, {self.term(type_, depth - 1)})"
        if self.chance(10) and not plain.startswith("-"):
            return f"-{plain}"
        return self.operation(type_, plain, depth)

    def counted(self) -> str:
        return _Inside(self).counted()

    def operation(self, type_: str, left: str, depth: int) -> str:
        operator = self.pick("+/-*%" if type_ == "number" else "+/-*")
        if operator in "/%" and not self.chance(90 if self.dice.perilous else 35):
            return f"{left} {operator} {self.pick(['2', '3', '-2'] if type_ == 'number' else ['2', '3', '-0.7'])}"
        right = self.term(type_, depth - 1)
        return f"{left} {operator} ({right})" if " " in right else f"{left} {operator} {right}"

    # -- literals --

    def positive(self, relation: _Relation) -> None:
        bound: list[tuple[str, str]] = []
        arguments = []
        for type_ in relation.types:
            name = f"{LETTER[type_]}{self.pick('123')}"
            choice = self.dice.below(100)
            if choice < 76:
                arguments.append(name)
                bound.append((type_, name))
            elif choice < 90:
                arguments.append("_")
            elif choice < 96 or not self.known(type_):
                arguments.append(self.constant(type_))
            else:
                arguments.append(self.term(type_, 1))
        self.literals.append(f"{relation.name}({', '.join(arguments)})")
        for type_, name in bound:
            self.bind(type_, name)

    def bind(self, type_: str, name: str) -> None:
        if name not in self.from_atoms[type_]:
            self.from_atoms[type_].append(name)

    def negative(self) -> None:
        relation = self.pick(self.complete)
        arguments = ["_" if self.chance(15) else self.plain(t, self.known(t)) for t in relation.types]
        self.literals.append(f"!{relation.name}({', '.join(arguments)})")

    def comparison(self) -> None:
        types = [t for t in TYPES if self.known(t)] or ["number"]
        type_ = self.pick(types)
        operator = self.pick(["!=", "="] if type_ == "symbol" else ["<", "!=", "<=", ">", ">=", "="])
        left, right = self.pick(self.known(type_) or ["1"]), self.term(type_)
        sides = [left, right] if self.chance(75) else [right, left]
        self.literals.append(f"{sides[0]} {operator} {sides[1]}")

    def equation(self) -> None:
        """`x = expression` with a variable that nothing else binds."""
        type_ = self.pick(["number", "decimal"])
        self.define(type_, self.term(type_))

    def define(self, type_: str, term: str) -> None:
        name = COMPUTED[type_]
        sides = [name, term] if self.chance(80) else [term, name]
        self.literals.append(" = ".join(sides))
        self.compute(type_, name)

    def compute(self, type_: str, name: str) -> None:
        if name not in self.known(type_):
            self.computed[type_].append(name)

    def negated_group(self) -> None:
        """`!(… , …)` or `!(… ; …)`."""
        before = len(self.literals)
        self.comparison()
        self.pick([self.negative, self.comparison])()
        inside = self.pick([", ", " ; "]).join(self.literals[before:])
        self.literals[before:] = [f"!({inside})"]

    def built_in(self) -> None:
        relation = self.pick(["days_after", "years_after", "year_of", "workdays_after"])
        if relation == "workdays_after":
            self.literals.append("opening(t8, n8)")
            arguments, type_ = ["t8", "n8"], "date"
        else:
            arguments, type_ = [self.plain("date", self.known("date"))], "number" if relation == "year_of" else "date"
            if type_ == "date":
                arguments.append(self.plain("number", self.known("number")))
        bang = "!" if self.known(type_) and self.chance(15) else ""
        name = self.pick(self.known(type_)) if bang else self.pick([*self.known(type_), COMPUTED[type_]])
        self.literals.append(f"{bang}{relation}({', '.join([*arguments, name])})")
        if not bang:
            self.compute(type_, name)

    def aggregated(self) -> None:
        term, type_ = self.aggregate()
        if self.chance(60):
            self.define(type_, term)
        else:
            self.literals.append(f"{term} {self.pick(['>', '=', '<=', '!='])} {self.plain(type_, self.known(type_))}")

    def aggregate(self) -> tuple[str, str]:
        """The text of an aggregate and its type. Its own variables are any of `a1` to `a8`, of any type."""
        inner = _Inside(self)
        for _ in range(self.pick([1, 1, 2])):
            inner.some_literal()
        return inner.written()

    def extra(self) -> None:
        """One more literal of any kind that needs nothing beyond what is bound."""
        common = [self.comparison, self.aggregated, self.negative, self.equation]
        self.pick([*common, self.aggregated, self.built_in, self.negated_group])()


class _Inside(_Body):
    """The body of an aggregate: its own variables, and those of the rule around it to group by or to compare with."""

    def __init__(self, around: _Body) -> None:
        super().__init__(around.dice, around.complete)
        self.around = around
        names = around.dice.shuffled(LOCALS)
        self.own = {t: names[2 * i : 2 * i + 2] for i, t in enumerate(TYPES)}
        self.alone = around.chance(60)
        self.atom()
        if not self.alone:
            self.atom()

    def atom(self) -> None:
        relation = self.pick(self.complete)
        arguments = []
        for type_ in relation.types:
            choice = self.dice.below(100)
            if choice < 45 or (choice < 70 and not self.alone):
                name = self.pick(self.own[type_])
                arguments.append(name)
                self.bind(type_, name)
            elif choice < 70:
                arguments.append("_")
            else:
                arguments.append(self.plain(type_, self.around.known(type_)))
        names = [a for a in arguments if a[0].isalpha()]
        if len(set(names)) < len(names):  # a variable twice beside `_` is refused
            arguments = [self.constant(t) if a == "_" else a for a, t in zip(arguments, relation.types, strict=True)]
        self.literals.append(f"{relation.name}({', '.join(arguments)})")

    def some_literal(self) -> None:
        """One more literal, or none. What stands outside may be compared with; it is not bound again."""
        mine = self.computed
        self.computed = {t: names + self.around.known(t) for t, names in mine.items()}
        self.pick([lambda: None, self.comparison, self.inner_negation, self.inner_equation, self.inner_built_in])()
        self.computed = {t: [n for n in names if n in LOCALS] for t, names in self.computed.items()}

    def inner_negation(self) -> None:
        if "_" not in self.literals[0]:
            self.negative()

    def inner_equation(self) -> None:
        type_ = self.pick(["number", "decimal"])
        term = self.term(type_)
        name = self.pick(self.own[type_])
        self.literals.append(f"{name} = {term}")
        self.compute(type_, name)

    def inner_built_in(self) -> None:
        if "_" in self.literals[0]:  # a built-in relation is an atom too
            return
        arguments = [self.plain(t, self.known(t)) for t in ("date", "number")]
        name = self.pick(self.own["date"])
        self.literals.append(f"{self.pick(['days_after', 'years_after'])}({', '.join(arguments)}, {name})")
        self.compute("date", name)

    def counted(self) -> str:
        return f"count : {{ {', '.join(self.literals)} }}"

    def term(self, type_: str, depth: int = 2) -> str:
        """No aggregate inside an aggregate."""
        term = super().term(type_, depth)
        return self.plain(type_, self.known(type_)) if "{" in term else term

    def written(self) -> tuple[str, str]:
        types = [t for t in ("number", "decimal") if self.known(t)]
        type_ = self.pick(types) if types else ""
        functions = ["count"] + ["sum", "min", "max"] * bool(type_) + ["mean", "mean"] * (type_ == "decimal")
        function = self.pick(functions)
        if function == "count":
            return self.counted(), "number"
        return f"{function} {self.target(type_)} : {{ {', '.join(self.literals)} }}", type_

    def target(self, type_: str) -> str:
        name = self.pick(self.known(type_))
        return name if self.chance(75) else self.operation(type_, name, 1)


# ---- rules and programs ----------------------------------------------------------------------------------------------


class _Rules:
    """The rules of one component of relations, over those that are complete when it is reached."""

    def __init__(self, dice: _Dice, complete: Sequence[_Relation], component: Sequence[_Relation]) -> None:
        self.dice, self.complete, self.component = dice, complete, component
        self.recursive = len(component) > 1 or dice.chance(50)

    def written(self) -> list[str]:
        rules = []
        for relation in self.component:
            rules += [self.rule(relation, own=False) for _ in range(self.dice.pick([1, 2]))]
            if self.recursive:
                rules += [self.rule(relation, own=True) for _ in range(self.dice.pick([1, 2]))]
        return rules

    def rule(self, relation: _Relation, *, own: bool) -> str:
        body = _Body(self.dice, self.complete)
        for atom in self.atoms(own):
            body.positive(atom)
        for _ in range(body.pick([1, 0, 1, 2])):
            body.extra()
        if body.chance(20):
            self.disjunction(body)
        text = ", ".join(self.dice.shuffled(body.literals) if body.chance(30) else body.literals)
        return f"{self.heads(relation, body, own)} :- {text}."

    def atoms(self, own: bool) -> list[_Relation]:
        """What a body reads: with `own`, its own component too, once or twice."""
        below = [self.dice.pick(self.complete[-5:]) for _ in range(self.dice.pick([0, 1, 2] if own else [1, 2]))]
        return below + [self.dice.pick(self.component) for _ in range(self.dice.pick([1, 1, 2]) if own else 0)]

    def disjunction(self, body: _Body) -> None:
        """`( … ; … )`: what both sides bind is bound."""
        sides = [_Body(self.dice, self.complete, body.from_atoms) for _ in range(2)]
        for side in sides:
            side.computed = {t: list(names) for t, names in body.computed.items()}
            if body.chance(60):
                side.positive(body.pick(self.complete[-5:]))
            side.extra()
        body.literals.append(f"({' ; '.join(', '.join(side.literals) for side in sides)})")
        for type_ in TYPES:
            first, second = (side.from_atoms[type_] for side in sides)
            body.from_atoms[type_] = [name for name in first if name in second]
            body.computed[type_] = [n for n in sides[0].known(type_) if n in sides[1].known(type_)]
            body.computed[type_] = [n for n in body.computed[type_] if n not in body.from_atoms[type_]]

    def heads(self, relation: _Relation, body: _Body, own: bool) -> str:
        heads = [relation] + [body.pick(self.component)] * body.chance(15)
        return ", ".join(f"{h.name}({', '.join(self.argument(t, body, own) for t in h.types)})" for h in heads)

    def argument(self, type_: str, body: _Body, own: bool) -> str:
        """In a recursive rule nothing that could make a new value."""
        if not own:
            return body.term(type_) if body.known(type_) else body.constant(type_)
        plain = body.plain(type_, body.from_atoms[type_])
        if type_ in ("number", "decimal") and body.chance(20):
            return f"{body.pick(['min', 'max'])}({plain}, {body.plain(type_, body.from_atoms[type_])})"
        return plain


@st.composite
def programs(draw: Draw, *, perilous: bool = False, values: dict[str, list[Value]] | None = None) -> Generated:
    """A program with facts, some of them in its text. With `perilous`, arithmetic goes wrong now and then."""
    dice = _Dice(draw, values or (PERILOUS if perilous else VALUES), perilous)
    base = [_relation(dice, f"b{n}") for n in range(dice.pick([1, 2, 3]))] + [OPENING]
    derived: list[_Relation] = []
    rules = []
    for level in range(dice.pick([1, 2, 3])):
        component = [_relation(dice, f"r{level}{letter}") for letter in dice.pick(["x", "xy"])]
        rules += _Rules(dice, [*base, *derived], component).written()
        derived += component
    return _assembled(dice, base[:-1], derived, rules)


def _relation(dice: _Dice, name: str) -> _Relation:
    types = ["number", "symbol", "decimal", "date", "number", "decimal"]
    return _Relation(name, tuple(dice.pick(types) for _ in range(dice.pick([1, 2, 2, 2, 1, 3, 0]))))


def _assembled(dice: _Dice, base: Sequence[_Relation], derived: Sequence[_Relation], rules: list[str]) -> Generated:
    facts: dict[str, list[tuple[Value, ...]]] = {}
    lines = ["// days whose working days are known", declaration(OPENING), CALENDAR]
    for relation in (*base, *derived):
        rows = _rows(dice, relation, 6 if relation in base else dice.pick([0, 0, 0, 2]))
        kept = dice.below(len(rows) + 1)
        if rows[kept:]:
            facts[relation.name] = rows[kept:]
        if kept or not rows or relation in derived or dice.chance(90):  # else its types show in the facts
            lines.append(declaration(relation))
        lines += [fact(relation.name, row) for row in rows[:kept]]
    return Generated("\n".join([*lines, *rules]) + "\n", facts)


def _rows(dice: _Dice, relation: _Relation, most: int) -> list[tuple[Value, ...]]:
    row = st.tuples(*(st.sampled_from(dice.values[t]) for t in relation.types))
    least = dice.pick([min(most, 4), min(most, 1), 0])
    return list(dice.draw(st.lists(row, min_size=least, max_size=most)))


# ---- text ------------------------------------------------------------------------------------------------------------


def source(value: Value) -> str:
    """A value as it is written in a program."""
    if isinstance(value, str | date):
        return quote(str(value))
    return str(value)


def declaration(relation: _Relation) -> str:
    return f".decl {relation.name}({', '.join(f'c{i}: {t}' for i, t in enumerate(relation.types))})"


def fact(name: str, row: tuple[Value, ...]) -> str:
    return f"{name}({', '.join(map(source, row))})."


def shuffled(text: str, random: Random) -> str:
    """The same program with its declarations, facts, rules and literals in another order."""
    program = parse(text)
    rules = [_shuffled_rule(rule, random) for rule in program.rules]
    declarations = list(program.declarations)
    random.shuffle(rules)
    random.shuffle(declarations)
    return str(replace(program, rules=tuple(rules), declarations=tuple(declarations)))


def _shuffled_rule(rule: Rule, random: Random) -> Rule:
    def literal(node: Literal) -> Literal:
        if isinstance(node, Comparison):
            return replace(node, left=term(node.left), right=term(node.right))
        return replace(node, atom=atom(node.atom)) if isinstance(node, Negation) else atom(node)

    def atom(node: Atom) -> Atom:
        return replace(node, arguments=tuple(map(term, node.arguments)))

    def term(node: Term) -> Term:
        if isinstance(node, Aggregate):
            return replace(node, body=body(node.body))
        return replace(node, arguments=tuple(map(term, node.arguments))) if isinstance(node, Operation) else node

    def body(literals: Sequence[Literal]) -> tuple[Literal, ...]:
        return tuple(random.sample([literal(node) for node in literals], len(literals)))

    return replace(rule, head=atom(rule.head), body=body(rule.body))
