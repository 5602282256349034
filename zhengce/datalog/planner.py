"""Makes the relational plan of a rule.

The order is greedy: what filters comes first, then the atom with most columns bound; ties go by the text of the literal, so
that the order in which a rule was written never matters. Variables that nothing needs any more are dropped, and with them the
duplicates.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import values
from .flatten import Flat, flatten, flatten_body, made_by
from .plan import AntiJoin, Apply, Expression, Extend, Fixed, Group, Join, Place, Plan, Project, Select, Step
from .scope import binds, grouping, needs
from .syntax import Aggregate, Atom, Comparison, Constant, Literal, Negation, Operation, Rule, Term, Variable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    Expressed = Callable[[Term], Expression]


def plan_rule(rule: Rule, delta: int | None = None) -> Plan:
    """The plan of a typed rule; with `delta`, the atom of that number (in `atoms`) reads only new rows and comes first."""
    flat = flatten(rule)
    planner = _Planner(dict(enumerate(flat.literals)), flat.own, (), {t.name for t in flat.head if isinstance(t, Variable)})
    planner.run(delta)
    return Plan(tuple(planner.steps), tuple(planner.expression(t) for t in flat.head))


def plan_rest(flat: Flat, literals: Mapping[int, Literal], schema: tuple[str, ...]) -> tuple[Step, ...]:
    """Steps that test whether `literals` (by number) can hold for rows of `schema`, of which no column is dropped."""
    return plan_from(flat.own, literals, schema)[0]


def plan_from(
    own: frozenset[str], literals: Mapping[int, Literal], schema: tuple[str, ...], firm: Collection[str] = ()
) -> tuple[tuple[Step, ...], tuple[str, ...], Expressed]:
    """Steps that find every row for which `literals` hold, out of rows of `schema`, of which no column is dropped.

    Args:
        own: the variables that aggregates do not own.
        firm: relations whose atoms come before those of others.

    Returns:
        The steps, the columns of the rows found, and what makes an expression of a term over them.
    """
    planner = _Planner(literals, own, schema, None, firm)
    planner.run(None)
    return tuple(planner.steps), planner.schema, planner.expression


def recursive_atoms(rule: Rule, relations: Iterable[str]) -> list[int]:
    """The numbers of a rule's flat literals that are positive atoms of these relations."""
    names = set(relations)
    return [i for i, b in enumerate(flatten(rule).literals) if isinstance(b, Atom) and b.relation in names]


class _Planner:
    """Orders the literals and turns each into steps. `wanted`: variables needed at the end (None: all)."""

    def __init__(
        self,
        literals: Mapping[int, Literal],
        own: frozenset[str],
        schema: tuple[str, ...],
        wanted: set[str] | None,
        firm: Collection[str] = (),
    ) -> None:
        self.own, self.wanted, self.firm = own, wanted, firm
        self.schema = schema
        self.left = dict(literals)
        self.texts = {number: str(literal) for number, literal in literals.items()}
        self.steps: list[Step] = []

    def run(self, delta: int | None) -> None:
        if delta is not None:
            self.take(delta, delta=True)
        while self.left:
            self.take(min(self.left, key=lambda i: self.cost(self.left[i], self.texts[i])))

    def cost(self, literal: Literal, text: str) -> tuple[object, ...]:
        """Less is sooner: what filters, what only adds a column, atoms by how much of them is bound, aggregates."""
        bound = frozenset(self.schema)
        if isinstance(literal, Atom):
            fresh = {a.name for a in literal.arguments if isinstance(a, Variable)} - bound
            known = sum(isinstance(a, Constant) or (isinstance(a, Variable) and a.name in bound) for a in literal.arguments)
            awaited = any(made_by(other) in fresh for other in self.left.values())
            rank = 8 if awaited else 1 if not fresh and known else 3 if known else 5
            if literal.relation in self.firm and not awaited:
                rank = min(rank, 1)
            free = len(literal.arguments) - known
            return rank, -known, free if known else len(fresh), free, text
        if isinstance(literal, Comparison) and isinstance(literal.right, Aggregate):
            return 4 if needs(literal.right, self.own) <= bound else 9, 0, 0, 0, text
        if needs(literal, self.own) <= bound:
            return 0, 0, 0, 0, text
        return 2 if binds(literal, bound, self.own) else 9, 0, 0, 0, text

    def take(self, number: int, delta: bool = False) -> None:
        literal = self.left.pop(number)
        match literal:
            case Atom():
                self.join(number, literal, delta)
            case Negation(atom):
                self.steps.append(AntiJoin(number, atom.relation, self.fixed(atom), self.key(atom)))
                self.project()
            case Comparison():
                self.comparison(number, literal)

    def join(self, number: int, atom: Atom, delta: bool) -> None:
        fixed, key = self.fixed(atom), self.key(atom)
        new: dict[str, int] = {}
        same: list[tuple[int, int]] = []
        for column, argument in enumerate(atom.arguments):
            if isinstance(argument, Variable) and argument.name not in self.schema:
                if argument.name in new:
                    same.append((new[argument.name], column))
                else:
                    new[argument.name] = column
        used = {name: column for name, column in new.items() if self.needed(name)}
        self.schema += tuple(used)
        keep = self.keep()
        self.steps.append(Join(number, atom.relation, fixed, key, tuple(same), tuple(used.values()), keep, delta))

    def comparison(self, number: int, literal: Comparison) -> None:
        left, right = literal.left, literal.right
        if isinstance(right, Aggregate):
            self.aggregated(number, left, right)
        elif literal.operator == "=" and not self.has(left):
            self.bind(number, left, right)
        elif literal.operator == "=" and not self.has(right):
            self.bind(number, right, left)
        else:
            sides = self.expression(left), self.expression(right)
            self.steps.append(Select(number, self.schema, literal.operator, *sides))
        self.project()

    def bind(self, number: int, variable: Term, term: Term) -> None:
        assert isinstance(variable, Variable)
        self.steps.append(Extend(number, self.schema, self.expression(term)))
        self.schema += (variable.name,)

    def aggregated(self, number: int, variable: Term, aggregate: Aggregate) -> None:
        """`v = aggregate`; where something else has bound `v` already, the two are compared."""
        assert isinstance(variable, Variable)
        bound = variable.name in self.schema
        self.group(number, aggregate)
        self.schema += (f"$={variable.name}" if bound else variable.name,)
        if bound:
            sides = Place(self.schema.index(variable.name)), Place(len(self.schema) - 1)
            self.steps.append(Select(number, self.schema, "=", *sides))

    def group(self, number: int, aggregate: Aggregate) -> None:
        groups = tuple(sorted(grouping(aggregate, self.own)))
        body, target = flatten_body(aggregate)
        inner = _Planner(dict(enumerate(body)), self.own, groups, None)
        inner.run(None)
        value = None if target is None else inner.expression(target)
        places = tuple(self.schema.index(name) for name in groups)
        assert aggregate.type is not None
        self.steps.append(Group(number, self.schema, aggregate.function, aggregate.type, places, tuple(inner.steps), value))

    # -- what is bound and what is needed ---------------------------------------------------------------------------

    def has(self, term: Term) -> bool:
        """Whether the term's value is at hand: a variable that is not bound yet is not."""
        return not (isinstance(term, Variable) and term.name not in self.schema)

    def needed(self, name: str) -> bool:
        """Whether a literal to come, or the end, reads the variable."""
        if self.wanted is None or name in self.wanted:
            return True
        return any(name in needs(literal, self.own) for literal in self.left.values())

    def keep(self) -> tuple[int, ...] | None:
        places = tuple(i for i, name in enumerate(self.schema) if self.needed(name))
        if len(places) == len(self.schema):
            return None
        self.schema = tuple(self.schema[i] for i in places)
        return places

    def project(self) -> None:
        if (places := self.keep()) is not None:
            self.steps.append(Project(places))

    # -- terms --------------------------------------------------------------------------------------------------------

    def fixed(self, atom: Atom) -> tuple[tuple[int, values.Internal], ...]:
        return tuple((i, _value(a)) for i, a in enumerate(atom.arguments) if isinstance(a, Constant))

    def key(self, atom: Atom) -> tuple[tuple[int, int], ...]:
        return tuple(
            (i, self.schema.index(a.name))
            for i, a in enumerate(atom.arguments)
            if isinstance(a, Variable) and a.name in self.schema
        )

    def expression(self, term: Term) -> Expression:
        match term:
            case Variable(name):
                return Place(self.schema.index(name))
            case Constant(type=type_):
                assert type_ is not None
                return Fixed(_value(term), type_)
            case Operation(operator, arguments, type_):
                assert type_ is not None
                return Apply(operator, type_, tuple(map(self.expression, arguments)))
        raise AssertionError(term)


def _value(constant: Constant) -> values.Internal:
    assert constant.type is not None
    return values.encode(constant.value, constant.type)
