"""What happens when arithmetic fails or a key is double. Only loaded then."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from ..errors import ArithmeticFault, DuplicateKeyError
from ..language import listed, say
from . import values
from .checked import plain_row
from .flatten import Flat, flatten, flatten_body, made_by
from .planner import plan_rest
from .scope import atom_of, bound_by, needs
from .syntax import Aggregate, Comparison, Literal, Operation, Term, Variable, quote

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from .checked import CheckedProgram, Row
    from .plan import Extend, Group, Select, Step


def rest(
    program: CheckedProgram, number: int, inside: int | None, failed: frozenset[int], schema: tuple[str, ...]
) -> tuple[Step, ...]:
    """Steps that test what of a rule (of its aggregate `inside`) does not depend on the literals that `failed`.

    A variable that another literal can bind does not depend on them; a literal whose variables nothing else binds does.
    """
    flat = flatten(program.rules[number])
    literals = flat.literals if inside is None else flatten_body(_aggregate(flat.literals[inside]))[0]
    free = {i: b for i, b in enumerate(literals) if i not in failed}
    while True:
        bound = bound_by(free.values(), flat.own, schema)
        bound -= {name for i, b in enumerate(literals) if i not in free and (name := made_by(b)) and name not in schema}
        kept = {i: b for i, b in free.items() if needs(b, flat.own) <= bound}
        if len(kept) == len(free):
            return plan_rest(flat, free, schema)
        free = kept


def _aggregate(literal: Literal) -> Aggregate:
    assert isinstance(literal, Comparison)
    return next(side for side in (literal.left, literal.right) if isinstance(side, Aggregate))


def located(
    program: CheckedProgram, number: int, step: Select | Extend | Group, row: Row, fault: ArithmeticFault
) -> ArithmeticFault:
    """The fault with the rule's place, the literal, and the values at hand."""
    rule = program.rules[number]
    flat = flatten(rule)
    literal = flat.literals[step.literal]
    named = [n for n in step.schema if n[0] != "$"]
    shown = say("，").join(f"{n} = {_plain(program, flat, n, row[step.schema.index(n)])}" for n in named)
    problem, written = fault.message, _written(flat, literal)
    message = say("{problem}：{literal}", problem=problem, literal=written)
    if shown:
        message = say("{problem}：{literal}（{values}）", problem=problem, literal=written, values=shown)
    return ArithmeticFault(
        message,
        span=rule.head.span if literal.span.line == 0 else literal.span,
        hint=say("在规则体里加一个条件，把这种情形排除在外"),
        source=program.source(rule.span.file),
    )


def _written(flat: Flat, literal: Literal) -> str:
    """The literal as the user wrote it: what flattening took out is put back, a variable that it made is not shown."""
    made = {
        b.left.name: b.right
        for b in flat.literals
        if isinstance(b, Comparison) and isinstance(b.left, Variable) and b.left.name[0] == "$"
    }
    if not isinstance(literal, Comparison):
        return str(literal)
    left, right = literal.left, _restored(literal.right, made)
    if isinstance(left, Variable) and left.name in made:
        return str(right)
    return str(replace(literal, left=_restored(left, made), right=right))


def _restored(term: Term, made: Mapping[str, Term]) -> Term:
    match term:
        case Variable(name) if name in made:
            return _restored(made[name], made)
        case Operation(_, arguments):
            return replace(term, arguments=tuple(_restored(a, made) for a in arguments))
        case _:
            return term


def _plain(program: CheckedProgram, flat: Flat, name: str, value: object) -> object:
    """A variable's value as a plain one: its type is that of a column where it stands."""
    for literal in flat.literals:
        if isinstance(literal, Comparison) and literal.type and Variable(name) in (literal.left, literal.right):
            return values.decode(value, literal.type)  # type: ignore[arg-type]
        atom = atom_of(literal)
        for i, argument in enumerate(atom.arguments if atom else ()):
            if isinstance(argument, Variable) and argument.name == name:
                return values.decode(value, program.relations[atom.relation].types[i])  # type: ignore[arg-type, union-attr]
    return value


def duplicate_key(
    program: CheckedProgram, name: str, rows: Collection[Row], givers: Callable[[Row, str], Iterator[int]]
) -> DuplicateKeyError:
    """The first two rows that share a key, each with the rules that gave it."""
    relation = program.relations[name]
    seen: dict[Row, Row] = {}
    for row in sorted(rows, key=repr):
        key = tuple(row[i] for i in relation.key)
        if key in seen:
            break
        seen[key] = row
    pair = (seen[key], row)
    columns = listed(relation.columns[i] for i in relation.key)
    lines = [say("{name} 有两行的 {columns} 相同：", name=name, columns=columns)]
    for each in pair:
        fact = _fact(name, plain_row(each, relation.types))
        lines.append(say("  {fact}　{origin}", fact=fact, origin=_origin(program, givers(each, name))))
    return DuplicateKeyError("\n".join(lines), hint=say("同一个键只能有一行"))


def _origin(program: CheckedProgram, numbers: Iterator[int]) -> str:
    rules = [program.rules[n] for n in numbers]
    return say("由 {places} 得出", places=listed(r.head.span for r in rules)) if rules else say("是给定的事实")


def _fact(name: str, row: Row) -> str:
    shown = (str(v) if isinstance(v, int | Decimal) else quote(str(v)) for v in row)
    return f"{name}({', '.join(shown)})"
