"""A rule with its nesting undone, which is what a plan is made from.

Arguments of atoms become variables, constants or `_`; arithmetic in them, aggregates and built-in relations become literals
`v = …` of their own, an aggregate always on the right. Variables made on the way are called `$1`, `$2`, …
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING

from .calendar import BUILTINS
from .scope import own_variables
from .syntax import Aggregate, Atom, Comparison, Constant, Literal, Negation, Operation, Rule, Term, Variable, Wildcard

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Flat:
    """`head` over variables and constants; `literals` without nesting; `own`: the variables that aggregates do not own."""

    head: tuple[Variable | Constant, ...]
    literals: tuple[Literal, ...]
    own: frozenset[str]


def flatten(rule: Rule) -> Flat:
    """Undo the nesting of a typed rule."""
    flattener = _Flattener()
    for literal in rule.body:
        flattener.literal(literal)
    head = tuple(flattener.simple(a) for a in rule.head.arguments)
    made = frozenset(flattener.made)
    return Flat(head, tuple(flattener.literals), own_variables(rule) | made)  # type: ignore[arg-type]


def flatten_body(aggregate: Aggregate) -> tuple[tuple[Literal, ...], Term | None]:
    """The body and target of an aggregate, flat; unnamed places are variables of its own, so that every row counts."""
    flattener = _Flattener(prefix="$in", unnamed=True)
    for literal in aggregate.body:
        flattener.literal(literal)
    return tuple(flattener.literals), aggregate.target


def made_by(literal: Literal) -> str | None:
    """The made variable that a literal gives its value to. An atom that holds it depends on it, and never binds it."""
    left = literal.left if isinstance(literal, Comparison) and literal.operator == "=" else None
    return left.name if isinstance(left, Variable) and left.name[0] == "$" else None


class _Flattener:
    def __init__(self, prefix: str = "$", unnamed: bool = False) -> None:
        self.literals: list[Literal] = []
        self.made: list[str] = []
        self._numbers = count(1)
        self._prefix, self._unnamed = prefix, unnamed

    def literal(self, literal: Literal) -> None:
        match literal:
            case Atom(relation, arguments, span) if relation in BUILTINS:
                self.builtin(literal)
            case Atom(relation, arguments, span):
                self.literals.append(Atom(relation, self.arguments(arguments, self._unnamed), span))
            case Negation(Atom(relation, arguments, span)) if relation in BUILTINS:
                self.builtin(literal.atom, "!=")
            case Negation(Atom(relation, arguments, span)):
                self.literals.append(Negation(Atom(relation, self.arguments(arguments, False), span), span))
            case Comparison("=", Variable() as left, Aggregate() as right, type_, span):
                self.literals.append(Comparison("=", left, right, type_, span))
            case Comparison("=", Aggregate() as left, Variable() as right, type_, span):
                self.literals.append(Comparison("=", right, left, type_, span))
            case Comparison(operator, left, right, type_, span):
                sides = self.expression(left), self.expression(right)
                self.literals.append(Comparison(operator, *sides, type_, span))

    def builtin(self, atom: Atom, operator: str = "=") -> None:
        """`days_after(d, n, e)` is `e = days_after(d, n)`, and negated `e != …`."""
        *inputs, output = atom.arguments
        call = Operation(atom.relation, tuple(map(self.expression, inputs)), "date", atom.span)
        if operator == "!=" and isinstance(output, Wildcard):
            operator, output = "!=", self.assign(call)
        left = self.fresh() if isinstance(output, Wildcard) else self.expression(output)
        self.literals.append(Comparison(operator, left, call, "date", atom.span))

    def arguments(self, terms: Iterable[Term], unnamed: bool) -> tuple[Term, ...]:
        return tuple(t if isinstance(t, Wildcard) and not unnamed else self.simple(t) for t in terms)

    def simple(self, term: Term) -> Term:
        """A variable or constant that stands for the term."""
        if isinstance(term, Variable | Constant):
            return term
        if isinstance(term, Wildcard):
            return self.fresh()
        return self.assign(self.expression(term))

    def expression(self, term: Term) -> Term:
        """The term with its aggregates replaced by variables."""
        match term:
            case Aggregate():
                return self.assign(term)
            case Operation(operator, arguments, type_, span):
                return Operation(operator, tuple(map(self.expression, arguments)), type_, span)
            case _:
                return term

    def assign(self, term: Term) -> Variable:
        if isinstance(term, Variable):
            return term
        variable = self.fresh()
        self.literals.append(Comparison("=", variable, term, None, term.span))
        return variable

    def fresh(self) -> Variable:
        name = f"{self._prefix}{next(self._numbers)}"
        self.made.append(name)
        return Variable(name)
