"""Which variables belong to a rule and which to one of its aggregates, and what binds them.

A variable that stands anywhere outside the aggregates of a rule is the rule's own; inside an aggregate it groups. Any other
variable of an aggregate is that aggregate's alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .calendar import BUILTINS
from .syntax import Aggregate, Atom, Comparison, Literal, Negation, Rule, Term, Variable, aggregates, variables

if TYPE_CHECKING:
    from collections.abc import Iterable


def own_variables(rule: Rule) -> frozenset[str]:
    """The names of the variables that stand outside the aggregates of a rule."""
    return frozenset(v.name for part in (rule.head, *rule.body) for v in variables(part, inside=False))


def grouping(aggregate: Aggregate, own: frozenset[str]) -> frozenset[str]:
    """The variables of the rule that an aggregate is grouped by."""
    return frozenset(v.name for v in variables(aggregate) if v.name in own)


def needs(node: Term | Literal, own: frozenset[str]) -> frozenset[str]:
    """The variables that must have a value before a term or literal can be worked out."""
    names = {v.name for v in variables(node, inside=False)}
    return frozenset(names.union(*(grouping(a, own) for a in aggregates(node))))


def binds(literal: Literal, bound: frozenset[str] | set[str], own: frozenset[str]) -> frozenset[str]:
    """The variables that a literal gives a value to once those in `bound` have theirs."""
    match literal:
        case Atom(relation, arguments) if relation in BUILTINS:
            *inputs, output = arguments
            ready = all(needs(i, own) <= bound for i in inputs)
            return _names([output]) if ready else frozenset()
        case Atom():
            return _names(literal.arguments)
        case Comparison("=", left, right):
            return _equated(left, right, bound, own) | _equated(right, left, bound, own)
        case _:
            return frozenset()


def bound_by(literals: Iterable[Literal], own: frozenset[str], bound: Iterable[str] = ()) -> frozenset[str]:
    """All variables that a conjunction gives values to, in whatever order."""
    known, literals = set(bound), list(literals)
    while True:
        before = len(known)
        for literal in literals:
            known |= binds(literal, known, own)
        if len(known) == before:
            return frozenset(known)


def is_stored(literal: Literal) -> bool:
    """Whether a literal is a positive atom of a relation that holds rows (not a built-in one)."""
    return isinstance(literal, Atom) and literal.relation not in BUILTINS


def atom_of(literal: Literal) -> Atom | None:
    """The atom of a positive or negative literal."""
    if isinstance(literal, Negation):
        return literal.atom
    return literal if isinstance(literal, Atom) else None


def _names(terms: Iterable[Term]) -> frozenset[str]:
    return frozenset(t.name for t in terms if isinstance(t, Variable))


def _equated(one: Term, other: Term, bound: frozenset[str] | set[str], own: frozenset[str]) -> frozenset[str]:
    return frozenset({one.name}) if isinstance(one, Variable) and needs(other, own) <= bound else frozenset()
