"""Safety (every variable is bound by something) and termination (recursion makes no new values)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from ..errors import SafetyError, Span, TerminationError, ZhengceError
from ..language import later, say
from .calendar import BUILTINS
from .scope import atom_of, bound_by, grouping, is_stored, own_variables
from .syntax import (
    Aggregate,
    Atom,
    Comparison,
    Constant,
    Literal,
    Operation,
    Program,
    Rule,
    Term,
    Variable,
    Wildcard,
    aggregates,
    variables,
)  # fmt: skip

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet


def unsafe(program: Program) -> Iterator[ZhengceError]:
    """What is not bound, in every rule."""
    for rule in program.rules:
        for message, span, hint in _rule(rule):
            yield SafetyError(message, span=span, hint=hint, source=program.source(span.file))


def endless(program: Program, recursive: dict[str, frozenset[str]]) -> Iterator[ZhengceError]:
    """Recursive rules whose head could hold a value that no atom holds. `recursive`: a relation to those of its cycle."""
    for rule in program.rules:
        cycle = recursive.get(rule.head.relation, frozenset())
        if not any(isinstance(b, Atom) and b.relation in cycle for b in rule.body):
            continue
        for argument in rule.head.arguments:
            if not _old(argument, _held(rule)):
                yield TerminationError(
                    say("递归规则会不断造出新值：{value}", value=argument),
                    span=rule.head.span if argument.span.line == 0 else argument.span,
                    hint=say("递归规则的头里只能有常数、正原子绑定的变量，或它们的 min/max"),
                    source=program.source(rule.span.file),
                )


Complaint = tuple[str, Span, str]

IN_HEAD = later("规则的头里不能用“_”")
IN_COMPARISON = later("比较里不能用“_”")
IN_EXPRESSION = later("算式里不能用“_”")
IN_INPUT = later("{name} 的输入里不能用“_”")
IN_TARGET = later("{name} 的对象里不能用“_”")
UNBOUND = later("变量 {variable} 没有绑定")
UNBOUND_IN_HEAD = later("头里的变量 {variable} 没有绑定")
UNBOUND_IN_NEGATION = later("否定里的变量 {variable} 没有绑定")
UNBOUND_IN_TARGET = later("被聚合的变量 {variable} 没有绑定")


def _rule(rule: Rule) -> Iterator[Complaint]:
    own = own_variables(rule)
    bound = bound_by(rule.body, own)
    for argument in rule.head.arguments:
        yield from _wildcards(argument, IN_HEAD)
    yield from _unbound(rule.head.arguments, bound, own, UNBOUND_IN_HEAD)
    for literal in rule.body:
        yield from _literal(literal, bound, own)
    for part in (rule.head, *rule.body):
        for aggregate in aggregates(part):
            yield from _aggregate(aggregate, bound, own)


def _literal(literal: Literal, bound: AbstractSet[str], own: frozenset[str]) -> Iterator[Complaint]:
    atom = atom_of(literal)
    if atom is None:
        assert isinstance(literal, Comparison)
        sides = (literal.left, literal.right)
        for side in sides:
            yield from _wildcards(side, IN_COMPARISON)
        yield from _unbound(sides, bound, own, UNBOUND)
        return
    for argument in atom.arguments:
        if not isinstance(argument, Wildcard):
            yield from _wildcards(argument, IN_EXPRESSION)
    if atom.relation in BUILTINS:
        for argument in atom.arguments[:-1]:
            yield from _wildcards(argument, IN_INPUT, atom.relation)
    yield from _unbound(atom.arguments, bound, own, UNBOUND_IN_NEGATION if atom is not literal else UNBOUND)


def _unbound(terms: Iterable[Term], bound: AbstractSet[str], own: frozenset[str], message: str) -> Iterator[Complaint]:
    for term in terms:
        for variable in variables(term, inside=False):
            if variable.name not in bound:
                hint = say("在规则体里加一个含 {variable} 的正原子", variable=variable)
                yield say(message, variable=variable), variable.span, hint


def _wildcards(term: Term, message: str, name: str = "") -> Iterator[Complaint]:
    match term:
        case Wildcard(span):
            yield say(message, name=name), span, say("写一个变量名，并在规则体里绑定它")
        case Operation(_, arguments):
            for argument in arguments:
                yield from _wildcards(argument, message, name)
        case Aggregate(function, target) if target is not None:
            yield from _wildcards(target, IN_TARGET, function)


def _aggregate(aggregate: Aggregate, bound: AbstractSet[str], own: frozenset[str]) -> Iterator[Complaint]:
    groups = grouping(aggregate, own)
    for name in sorted(groups - bound):
        message = say("聚合按 {variable} 分组，而花括号以外没有什么绑定它", variable=name)
        yield message, aggregate.span, say("在花括号外加一个含 {variable} 的正原子", variable=name)
    inner = bound_by(aggregate.body, own, groups)
    target = () if aggregate.target is None else (aggregate.target,)
    for term in target:
        for variable in variables(term):
            if variable.name in own:
                message = say("被聚合的变量 {variable} 在花括号外也用到了", variable=variable)
                yield message, variable.span, say("在花括号里换一个变量名")
    yield from _unbound(target, inner | own, own, UNBOUND_IN_TARGET)
    for literal in aggregate.body:
        yield from _literal(literal, inner | own, own)
    for part in (*target, *aggregate.body):
        for nested in aggregates(part):
            yield say("聚合里不能再有聚合"), nested.span, say("给里面的聚合单独立一个关系")
    yield from _unnamed(aggregate)


def _unnamed(aggregate: Aggregate) -> Iterator[Complaint]:
    """`_` counts rows only where one atom stands alone; Soufflé projects it away elsewhere."""
    atoms = [b for b in aggregate.body if isinstance(b, Atom)]
    blank = next((a for atom in atoms for a in atom.arguments if isinstance(a, Wildcard)), None)
    repeated = any(n > 1 for atom in atoms for n in Counter(v.name for v in variables(atom)).values())
    if blank is not None and (len(atoms) > 1 or repeated):
        yield say("多个原子的聚合里不能用“_”"), blank.span, say("给它一个变量名：有名的变量逐个计入")


def _held(rule: Rule) -> frozenset[str]:
    """The variables of a rule whose values some atom holds already."""
    held = {v.name for b in rule.body if is_stored(b) and isinstance(b, Atom) for v in b.arguments if isinstance(v, Variable)}
    while True:
        new = {
            one.name
            for b in rule.body
            if isinstance(b, Comparison) and b.operator == "="
            for one, other in ((b.left, b.right), (b.right, b.left))
            if isinstance(one, Variable) and _old(other, held)
        }
        if new <= held:
            return frozenset(held)
        held |= new


def _old(term: Term, held: AbstractSet[str]) -> bool:
    match term:
        case Constant():
            return True
        case Variable(name):
            return name in held
        case Operation("min" | "max", arguments):
            return all(_old(a, held) for a in arguments)
        case _:
            return False
