"""The types of a program: worked out by unification over all rules, then written into the rules.

A declared column has its type; `3` may be a number or a decimal, "2022-05-20" a symbol or a date; both sides of a comparison,
both operands of arithmetic and every use of a variable agree. What stays open is a number, or a symbol.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from ..errors import RuleTypeError, Span, ZhengceError
from ..language import later, say
from . import values
from .calendar import BUILTINS
from .scope import own_variables
from .syntax import (
    TYPES,
    Aggregate,
    Atom,
    Comparison,
    Constant,
    Literal,
    Negation,
    Operation,
    Program,
    Rule,
    Term,
    Type,
    Variable,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Mapping

Kinds = frozenset[Type]
Place = tuple[object, ...]

ANY: Kinds = frozenset(TYPES)
NUMERIC: Kinds = frozenset(("number", "decimal"))
NUMBER: Kinds = frozenset(("number",))
DECIMAL: Kinds = frozenset(("decimal",))
TEXT: Kinds = frozenset(("symbol", "date"))
OPERANDS: dict[str, Kinds] = {"%": NUMBER, "min": ANY, "max": ANY, "to_float": NUMBER}
AGGREGATED: dict[str, Kinds] = {"sum": NUMERIC, "min": NUMERIC, "max": NUMERIC, "mean": DECIMAL}

# where two types must agree, and where only some will do
SIDES = later("“{sign}”两边的类型不同：一处是 {one}，一处是 {other}")
COLUMN = later("{name} 第 {number} 列的类型不符：一处是 {one}，一处是 {other}")
RESULT = later("结果：一处是 {one}，一处是 {other}")
AGGREGATE = later("聚合结果：一处是 {one}，一处是 {other}")
HERE = later("此处须是 {wanted}，这里是 {found}")
OPERAND = later("“{sign}”的运算数须是 {wanted}，这里是 {found}")
RESULT_OF = later("{name} 的结果须是 {wanted}，这里是 {found}")
TARGET_OF = later("{name} 的对象须是 {wanted}，这里是 {found}")

PREFERRED: tuple[Type, ...] = ("number", "symbol", "decimal", "date")


class Inference:
    """Types of one program. `columns[relation]` after `solve`; mistakes gather in `errors`."""

    def __init__(self, program: Program, given: Mapping[str, tuple[Kinds, ...]]) -> None:
        self.program = program
        self.errors: list[ZhengceError] = []
        self._parent: dict[Place, Place] = {}
        self._kinds: dict[Place, Kinds] = {}
        for declaration in program.declarations:
            for i, column in enumerate(declaration.columns):
                self._kinds[("column", declaration.name, i)] = frozenset((column.type,))
        for name, builtin in BUILTINS.items():
            for i, type_ in enumerate(builtin.types):
                self._kinds[("column", name, i)] = frozenset((type_,))
        for relation, kinds in given.items():
            for i, kind in enumerate(kinds):
                self._kinds.setdefault(("column", relation, i), kind)

    def solve(self) -> list[Rule]:
        """The rules with the type of every literal, operation and comparison written in."""
        walks = [_Walk(self, i, rule) for i, rule in enumerate(self.program.rules)]
        for walk in walks:
            walk.visit_rule()
        return [walk.typed_rule() for walk in walks]

    def column(self, relation: str, i: int) -> Type:
        return self.type(("column", relation, i))

    # -- union-find -----------------------------------------------------------------------------------------------

    def find(self, place: Place) -> Place:
        while (parent := self._parent.get(place, place)) != place:
            self._parent[place] = self._parent.get(parent, parent)
            place = parent
        return place

    def kinds(self, place: Place) -> Kinds:
        return self._kinds.get(self.find(place), ANY)

    def type(self, place: Place) -> Type:
        kinds = self.kinds(place)
        return next(t for t in PREFERRED if t in kinds) if kinds != ANY else "symbol"

    def narrow(self, place: Place, kinds: Kinds, span: Span, message: str, **about: object) -> None:
        """The place can only be of these types; what disagrees with what is known is an error."""
        known = self.kinds(place)
        if known & kinds:
            self._kinds[self.find(place)] = known & kinds
        else:
            self.error(say(message, wanted=_shown(kinds), found=_shown(known), **about), span, _fix(known, kinds))

    def unify(self, a: Place, b: Place, span: Span, message: str, **about: object) -> None:
        a, b = self.find(a), self.find(b)
        if a == b:
            return
        known, other = self.kinds(a), self.kinds(b)
        if not known & other:
            self.error(say(message, one=_shown(known), other=_shown(other), **about), span, _fix(known, other))
            return
        self._parent[b] = a
        self._kinds[a] = known & other

    def error(self, message: str, span: Span, hint: str = "") -> None:
        self.errors.append(RuleTypeError(message, span=span, hint=hint, source=self.program.source(span.file)))


class _Walk:
    """One rule: first every term says what it demands, then the answers are written in."""

    def __init__(self, inference: Inference, number: int, rule: Rule) -> None:
        self.inference, self.number, self.rule = inference, number, rule
        self.own = own_variables(rule)

    def visit_rule(self) -> None:
        self.atom(self.rule.head, None)
        for literal in self.rule.body:
            self.literal(literal, None)

    def literal(self, literal: Literal, inside: Aggregate | None) -> None:
        match literal:
            case Atom():
                self.atom(literal, inside)
            case Negation(atom):
                self.atom(atom, inside)
            case Comparison(operator, left, right, _, span):
                sides = self.term(left, inside), self.term(right, inside)
                self.inference.unify(*sides, span, SIDES, sign=operator)

    def atom(self, atom: Atom, inside: Aggregate | None) -> None:
        for i, argument in enumerate(atom.arguments):
            place = self.term(argument, inside)
            column = "column", atom.relation, i
            self.inference.unify(column, place, argument.span, COLUMN, name=atom.relation, number=i + 1)

    def term(self, term: Term, inside: Aggregate | None) -> Place:
        """What the term demands; returns the place that carries its type."""
        place = self.place(term, inside)
        match term:
            case Constant(value):
                self.inference.narrow(place, _literal_kinds(value), term.span, HERE)
            case Operation():
                self.operation(term, inside, place)
            case Aggregate():
                self.aggregate(term, place)
        return place

    def operation(self, term: Operation, inside: Aggregate | None, result: Place) -> None:
        kinds = OPERANDS.get(term.operator, NUMERIC)
        operands = [self.term(a, inside) for a in term.arguments]
        for operand in operands:
            self.inference.narrow(operand, kinds, term.span, OPERAND, sign=term.operator)
            self.inference.unify(operands[0], operand, term.span, SIDES, sign=term.operator)
        if term.operator == "to_float":
            self.inference.narrow(result, DECIMAL, term.span, RESULT_OF, name=term.operator)
        else:
            self.inference.unify(operands[0], result, term.span, RESULT)

    def aggregate(self, term: Aggregate, result: Place) -> None:
        for literal in term.body:
            self.literal(literal, term)
        if term.target is None:
            self.inference.narrow(result, NUMBER, term.span, RESULT_OF, name=term.function)
            return
        target = self.term(term.target, term)
        self.inference.narrow(target, AGGREGATED[term.function], term.span, TARGET_OF, name=term.function)
        self.inference.unify(target, result, term.span, AGGREGATE)

    def place(self, term: Term, inside: Aggregate | None) -> Place:
        if isinstance(term, Variable):
            scope = None if inside is None or term.name in self.own else id(inside)
            return ("variable", self.number, scope, term.name)
        return ("term", self.number, id(term))

    # -- writing the types in -------------------------------------------------------------------------------------

    def typed_rule(self) -> Rule:
        body = tuple(self.typed_literal(literal, None) for literal in self.rule.body)
        return replace(self.rule, head=self.typed_atom(self.rule.head, None), body=body)

    def typed_literal(self, literal: Literal, inside: Aggregate | None) -> Literal:
        match literal:
            case Atom():
                return self.typed_atom(literal, inside)
            case Negation(atom):
                return replace(literal, atom=self.typed_atom(atom, inside))
            case Comparison(_, left, right):
                type_ = self.inference.type(self.place(left, inside))
                sides = self.typed(left, inside), self.typed(right, inside)
                return replace(literal, left=sides[0], right=sides[1], type=type_)

    def typed_atom(self, atom: Atom, inside: Aggregate | None) -> Atom:
        return replace(atom, arguments=tuple(self.typed(a, inside) for a in atom.arguments))

    def typed(self, term: Term, inside: Aggregate | None) -> Term:
        match term:
            case Constant():
                return self.constant(term, self.inference.type(self.place(term, inside)))
            case Operation(_, arguments):
                operand = self.inference.type(self.place(arguments[0], inside))
                return replace(term, arguments=tuple(self.typed(a, inside) for a in arguments), type=operand)
            case Aggregate(_, target, body):
                type_ = self.inference.type(self.place(term, inside))
                typed = None if target is None else self.typed(target, term)
                return replace(term, target=typed, body=tuple(self.typed_literal(b, term) for b in body), type=type_)
            case _:
                return term

    def constant(self, term: Constant, type_: Type) -> Constant:
        try:
            value = values.decode(values.encode(term.value, type_), type_)
        except ZhengceError as error:
            self.inference.error(error.message, term.span, error.hint)
            value = term.value
        return replace(term, value=value, type=type_)


def _literal_kinds(value: object) -> Kinds:
    if isinstance(value, Decimal):
        return DECIMAL
    return NUMERIC if isinstance(value, int) else TEXT


def _shown(kinds: Kinds) -> str:
    return say(" 或 ").join(t for t in TYPES if t in kinds)


def _fix(one: Kinds, other: Kinds) -> str:
    if {one, other} == {NUMBER, DECIMAL}:
        return say("用 to_float(n) 把 number 换成 decimal")
    return ""
