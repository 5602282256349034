"""Nemo (https://github.com/knowsys/nemo), a rule engine by other hands, run on our programs.

A checked program is written anew in Nemo's language. A rule stays one rule, but for its aggregates, which Nemo has in heads
alone, and only of what there is. So one becomes, with `g` for what it is grouped by and `own` for its own variables,

    rows(g, own)              :- the aggregate's body.
    folded(g, #count(own, u)) :- rows(g, own), unit(u).
    value(g, v)               :- folded(g, v).
    value(g, 0)               :- the literals before it, ~some(g).    (count and sum)

Texts are Nemo's strings, without the two characters that it cannot read in one; everything else is its integers: a day is its
number, and a decimal the number of its millionths, whose products, quotients and means are rounded by arithmetic on integers.
The rows of the built-in relations on dates are given as facts. What Nemo cannot do exactly is outside, by name.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count
from typing import Any

from nmo_python import NemoEngine, load_string

from zhengce.datalog import values
from zhengce.datalog.calendar import BUILTINS, recording
from zhengce.datalog.checked import CheckedProgram, Model, Row
from zhengce.datalog.syntax import (
    Aggregate,
    Atom,
    Comparison,
    Constant,
    Literal,
    Negation,
    Operation,
    Rule,
    Term,
    Type,
    Variable,
    Wildcard,
    aggregates,
    variables,
)  # fmt: skip
from zhengce.engines import memory

Facts = Mapping[str, Collection[Row]]
UNIT = "unit"  # a relation with one row, 0
BETWEEN = str.maketrans({"!": "!0", '"': "!1", "[": "[0", "\\": "[1"})  # no `"` and no `\` left, and the order of texts kept
BACK = {"!0": "!", "!1": '"', "[0": "[", "[1": "\\"}
ESCAPED = {"n": "\n", "r": "\r"}


class Outside(Exception):
    """What Nemo cannot do exactly."""


def outside(program: CheckedProgram) -> str | None:
    """Why a program cannot be given to Nemo; None when it can."""
    try:
        text(program, {})
    except Outside as reason:
        return str(reason)
    return None


def both(program: CheckedProgram, facts: Facts) -> tuple[Model, Model]:
    """Our model and Nemo's. Raises `Outside`, our faults, and what Nemo raises."""
    translated = text(program, facts)
    with recording() as dates:
        ours = memory.evaluate(program, facts)
    rules = _Rules()
    rules.state(dates, {name: builtin.types for name, builtin in BUILTINS.items()})
    engine = NemoEngine(load_string("\n".join([translated, *rules.lines])))
    engine.reason()
    found = {name: (engine.result(_relation(name)), r.types) for name, r in program.relations.items()}
    rows = {name: {tuple(map(_read, row, types)) for row in rows} for name, (rows, types) in found.items()}
    return ours, Model(program.relations, rows)


def text(program: CheckedProgram, facts: Facts) -> str:
    """The program and its facts in Nemo's language. Raises `Outside`."""
    rules = _Rules()
    rules.line(f"{UNIT}(0)", [])
    for stratum in program.strata:
        for rule in stratum.rules:
            rules.add(rule, frozenset(stratum.relations))
    rules.state(facts, {name: r.types for name, r in program.relations.items()})
    return "\n".join(rules.lines)


# -- names and values -------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    return "".join(c if c.isascii() and c.isalnum() else f"_{ord(c):x}_" for c in name)


def _relation(name: str) -> str:
    return f"r{_name(name)}"


def _variable(name: str) -> str:
    return f"?{name[1:]}" if name[0] == "$" else f"?v{_name(name)}"


def _atom(relation: str, columns: Collection[str] | Iterator[str]) -> str:
    """Nemo has no relations without columns: they get one, of 0."""
    return f"{relation}({', '.join(columns) or '0'})"


def _value(value: Any, type_: Type | None) -> str:
    """A value, as engines keep it, in Nemo's language."""
    if type_ == "symbol":
        return f'"{value.translate(BETWEEN)}"'
    return str(value.toordinal() if type_ == "date" else value)


def _read(value: Any, type_: Type) -> Any:
    """The other way: Nemo gives a string with its quotes and escapes."""
    if type_ == "symbol":
        between = re.sub(r"\\(.)", lambda escape: ESCAPED[escape[1]], value[1:-1])
        return re.sub(r"[!\[][01]", lambda pair: BACK[pair[0]], between)
    return date.fromordinal(value) if type_ == "date" else value


# -- rules ------------------------------------------------------------------------------------------------------------


class _Rules:
    """The lines of a program, and names that are not taken."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.fresh = count(1)

    def add(self, rule: Rule, stratum: frozenset[str]) -> None:
        body = _Body(self, rule, stratum)
        head = body.flat(rule.head)
        assert body.take(rule.body), rule
        self.line(body.atom(head), body.parts)

    def state(self, facts: Facts, types: Mapping[str, tuple[Type, ...]]) -> None:
        for name in facts.keys() & types.keys():
            for row in facts[name]:
                self.line(_atom(_relation(name), map(_value, row, types[name])), [])

    def line(self, head: str, parts: Sequence[str]) -> None:
        """A rule, or a fact. Nemo refuses a rule without a positive atom."""
        positive = any(part[0].islower() for part in parts)
        body = ", ".join(parts if positive or not parts else [*parts, f"{UNIT}(0)"])
        self.lines.append(f"{head} :- {body}." if body else f"{head}.")

    def helper(self, columns: Sequence[str], parts: Sequence[str]) -> str:
        """A relation of our own over a body: the atom that stands for it."""
        atom = _atom(f"h{next(self.fresh)}", columns)
        self.line(atom, parts)
        return atom


class _Body:
    """A conjunction of a rule being written: its `parts` in Nemo's language, and the variables that they bind."""

    def __init__(self, rules: _Rules, rule: Rule, stratum: frozenset[str], *, inside: bool = False) -> None:
        self.rules, self.rule, self.stratum, self.inside = rules, rule, stratum, inside
        self.own = {v.name for part in (rule.head, *rule.body) for v in variables(part, inside=False)}
        self.parts: list[str] = []
        self.known: set[str] = set()
        self.waiting: list[Literal] = []

    def take(self, literals: Sequence[Literal]) -> bool:
        """Atoms first, the others as soon as their variables are bound. Whether all found their place."""
        self.waiting += [self.flat_literal(literal) for literal in literals]
        self.waiting.sort(key=lambda literal: not isinstance(literal, Atom))
        while self.waiting:
            ready = next((i for i, literal in enumerate(self.waiting) if self.ready(literal)), None)
            if ready is None:
                return False
            self.write(self.waiting.pop(ready))
        return True

    # -- nesting undone --

    def flat_literal(self, literal: Literal) -> Literal:
        match literal:
            case Comparison(_, left, right):
                return replace(literal, left=self.expression(left), right=self.expression(right))
            case Negation(atom):
                return replace(literal, atom=self.flat(atom))
            case Atom(_, arguments) if self.inside:  # there every row counts, so that a `_` is a variable
                named = tuple(self.made() if isinstance(a, Wildcard) else a for a in arguments)
                return self.flat(replace(literal, arguments=named))
        return self.flat(literal)

    def flat(self, atom: Atom) -> Atom:
        return replace(atom, arguments=tuple(map(self.plain, atom.arguments)))

    def plain(self, term: Term) -> Term:
        """The term, or a variable for its value."""
        term = self.expression(term)
        return self.made(term) if isinstance(term, Operation) else term

    def expression(self, term: Term) -> Term:
        """Arithmetic on variables and constants, whole numbers only."""
        match term:
            case Aggregate("mean"):
                total, number = replace(term, function="sum"), replace(term, function="count", target=None)
                return _rounded(self.made(total), self.made(number))
            case Aggregate():
                return self.made(term)
            case Operation("*", (left, right), "decimal"):
                return self.product(self.plain(left), self.plain(right))
            case Operation("/", (left, right), "decimal"):
                return self.quotient(self.plain(left), self.plain(right))
            case Operation(_, arguments):
                return replace(term, arguments=tuple(map(self.expression, arguments)))
        return term

    def product(self, a: Term, b: Term) -> Term:
        """Of two decimals: whole by whole, whole by millionths both ways, and the millionths, where alone places are lost."""
        low = self.made(_of("*", _of("%", a, MILLION), _of("%", b, MILLION)))
        mixed = _of("+", _of("*", _of("/", a, MILLION), b), _of("*", _of("%", a, MILLION), _of("/", b, MILLION)))
        return _of("+", mixed, _rounded(low, MILLION))

    def quotient(self, a: Term, b: Term) -> Term:
        """Of two decimals, by long division, three places at a time: within 64 bits for divisors below 9·10⁹."""
        high = self.made(_of("*", _of("%", a, b), THOUSAND))
        low = self.made(_of("*", _of("%", high, b), THOUSAND))
        whole = _of("+", _of("*", _of("/", a, b), MILLION), _of("*", _of("/", high, b), THOUSAND))
        return _of("+", whole, _rounded(low, b))

    def made(self, value: Term | None = None) -> Variable:
        variable = Variable(f"$f{next(self.rules.fresh)}")
        if value is not None:
            self.waiting.append(Comparison("=", variable, value))
        return variable

    # -- one literal after the other --

    def ready(self, literal: Literal) -> bool:
        match literal:
            case Atom():
                return True
            case Negation(atom):
                return self.bound(atom)
            case Comparison("=", Variable(), right) if self.bound(right):
                return True
            case Comparison("=", left, Variable()) if self.bound(left):
                return True
            case Comparison(_, left, right):
                return self.bound(left) and self.bound(right)

    def bound(self, node: Term | Atom) -> bool:
        inside = {v.name for v in variables(node)}
        return (inside & self.own if isinstance(node, Aggregate) else inside) <= self.known

    def write(self, literal: Literal) -> None:
        match literal:
            case Atom():
                self.parts.append(self.atom(literal))
            case Negation(atom):
                self.parts.append(self.negated(atom))
            case Comparison(_, Variable() as left, Aggregate() as right):
                self.parts.append(self.aggregate(left, right))
            case Comparison("=", Variable() as left, right, type_) if not self.bound(left):
                self.parts.append(self.defined(left, right, type_))
            case Comparison("=", left, Variable() as right, type_) if not self.bound(right):
                self.parts.append(self.defined(right, left, type_))
            case Comparison(operator, left, right, "symbol") if operator not in ("=", "!="):
                self.parts.append(f"COMPARE({self.term(left)}, {self.term(right)}) {operator} 0")
            case Comparison(operator, left, right):
                self.parts.append(f"{self.term(left)} {operator} {self.term(right)}")
        self.known |= {v.name for v in variables(literal, inside=False)}

    def defined(self, variable: Variable, value: Term, type_: Type | None) -> str:
        """Never a mere second name: Nemo 0.10.1 breaks down at `s(1). k(?a) :- s(?m), ?n = ?m, ?a = ?n + 1.`"""
        written = self.term(value)
        if isinstance(value, Variable):
            written = f"STR({written})" if type_ == "symbol" else f"{written} + 0"
        return f"{self.term(variable)} = {written}"

    def atom(self, atom: Atom) -> str:
        return _atom(_relation(atom.relation), map(self.term, atom.arguments))

    def negated(self, atom: Atom) -> str:
        """By way of a relation of our own where Nemo 0.10.1 goes wrong: with `_` alone, it takes no notice of the negation,

            a(1). b(2). r(?x) :- a(?x), ~b(_).

        and at a variable that stands twice it may break down:

            a(1). q(1, 1). r(?z) :- a(?t), a(?x), ?y = ?x + 1, ?z = ?y + 1, ~q(?t, ?t).
        """
        names = [a.name for a in atom.arguments if isinstance(a, Variable)]
        blank = bool(atom.arguments) and all(isinstance(a, Wildcard) for a in atom.arguments)
        if not blank and len(set(names)) == len(names):
            return f"~{self.atom(atom)}"
        return f"~{self.rules.helper([_variable(name) for name in sorted(set(names))], [self.atom(atom)])}"

    def term(self, term: Term) -> str:
        match term:
            case Variable(name):
                return _variable(name)
            case Constant(value, type_):
                return _value(values.encode(value, type_ or "symbol"), type_)
            case Operation(operator, arguments, type_):
                return _operation(operator, list(map(self.operand, arguments)), type_)
            case _:
                return "_"

    def operand(self, term: Term) -> str:
        """In brackets only where they are needed: Nemo 0.10.1 reads on in each twice."""
        written = self.term(term)
        return f"({written})" if isinstance(term, Operation) and term.operator not in ("min", "max", "%") else written

    # -- aggregates --

    def aggregate(self, result: Variable, term: Aggregate) -> str:
        """The atom for an aggregate's value, `?t` being what is folded and `?u` 0, so that there is a variable to count by."""
        groups = sorted({v.name for v in variables(term)} & self.own)
        inner = self.inner(term, groups)
        by, own = ([_variable(name) for name in sorted(names)] for names in (groups, inner.known.difference(groups)))
        rows = self.rules.helper([*by, *own], inner.parts)
        distinct = ", ".join([*(name for name in own if name != "?t"), "?u"])
        over = {"count": distinct, "sum": f"?t, {distinct}"}.get(term.function, "?t")
        value = f"h{next(self.rules.fresh)}"
        self.rules.line(_atom(value, [*by, f"#{term.function}({over})"]), [rows, f"{UNIT}(?u)"])
        if term.function in ("count", "sum"):
            folded, value = value, f"h{next(self.rules.fresh)}"
            some = self.rules.helper(by, [rows])
            self.rules.line(_atom(value, [*by, "?t"]), [_atom(folded, [*by, "?t"])])
            self.rules.line(_atom(value, [*by, "0"]), [*self.parts, f"~{some}"])
        return _atom(value, [*by, self.term(result)])

    def inner(self, term: Aggregate, groups: Sequence[str]) -> _Body:
        """The body of an aggregate; when it does not bind what it is grouped by, what stands before it does."""
        target: list[Literal] = [] if term.target is None else [Comparison("=", Variable("$t"), term.target)]
        inner = _Body(self.rules, self.rule, self.stratum, inside=True)
        if not (inner.take([*term.body, *target]) and inner.known.issuperset(groups)):
            inner = _Body(self.rules, self.rule, self.stratum, inside=True)
            inner.parts.append(self.rules.helper([_variable(name) for name in groups], self.before(groups)))
            inner.known |= set(groups)
            assert inner.take([*term.body, *target]), term
        return inner

    def before(self, groups: Sequence[str]) -> list[str]:
        """What binds the groups; in a recursive rule without the recursion, through which there are no aggregates."""
        complete = [literal for literal in self.rule.body if not _reads(literal, self.stratum)]
        if len(complete) == len(self.rule.body):
            return self.parts
        body = _Body(self.rules, self.rule, self.stratum)
        body.take([literal for literal in complete if not any(aggregates(literal))])
        if not body.known.issuperset(groups):
            raise Outside("an aggregate over what only the recursion binds")
        return body.parts


MILLION, THOUSAND, TWO = (Constant(number, "number") for number in (values.SCALE, 1000, 2))


def _of(operator: str, *operands: Term) -> Operation:
    return Operation(operator, operands, "number")


def _rounded(a: Term, b: Term) -> Operation:
    """The quotient, half away from zero: `/` truncates, and the rest makes one more when twice it is the divisor or more."""
    return _of("+", _of("/", a, b), _of("/", _of("*", TWO, _of("%", a, b)), b))


def _reads(literal: Literal, relations: frozenset[str]) -> bool:
    return isinstance(literal, Atom) and literal.relation in relations


def _operation(operator: str, operands: list[str], type_: Type | None) -> str:
    match operator, type_:
        case (("min" | "max"), "symbol"):
            raise Outside("the least or greatest of texts")
        case (("min" | "max"), _):
            return f"{operator.upper()}({', '.join(operands)})"
        case "%", _ if operands[1] in ("-1", "(0 - 1)"):
            return f"PRODUCT({operands[0]}, 0)"  # Nemo 0.10.1 breaks down at `REM(-9223372036854775808, -1)`
        case "%", _:
            return f"REM({', '.join(operands)})"
        case "neg", _:
            return f"0 - {operands[0]}"
        case "to_float", _:
            return f"{operands[0]} * {values.SCALE}"
    return f" {operator} ".join(operands)
