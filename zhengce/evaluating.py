"""`zhengce.evaluate`: a program as text, facts as tuples, a model."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from .datalog import values
from .errors import ArityError, DeclarationError, RuleTypeError, ZhengceError, raise_all
from .language import listed, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .datalog.checked import Model, Relation, Row
    from .datalog.syntax import Type
    from .datalog.types import Kinds


def evaluate(rules: str, facts: Mapping[str, Iterable[Sequence[object]]] | None = None, engine: str = "memory") -> Model:
    """The model of a program.

    Args:
        rules: the text of a program (see the README, "The rule language").
        facts: rows by relation, of `str`, `int`, `Decimal` and `datetime.date`. A relation that is not declared gets the
            types of its columns from them, or else from the rules.
        engine: the name of an engine.

    Returns:
        A mapping from each relation to a set of tuples.

    Raises:
        ZhengceError: everything that is wrong with the program or the facts, each with its place and a hint.
    """
    from .datalog.calendar import BUILTINS
    from .datalog.checks import check
    from .datalog.parser import parse
    from .engines import engine as engine_by_name

    run = engine_by_name(engine)
    if filled := sorted(BUILTINS.keys() & (facts or {}).keys()):
        raise DeclarationError(say("{names} 是内置关系，不能给事实", names=listed(filled)), hint=say("换个名称"))
    rows = {name: _rows(name, given) for name, given in (facts or {}).items()}
    program = parse(rules)
    declared = {d.name for d in program.declarations}
    kinds = {name: _kinds(name, given) for name, given in rows.items() if name not in declared}
    checked = check(program, _known(kinds, program.rules))
    return run(checked, {name: encode_rows(checked.relations[name], given) for name, given in rows.items()})


def encode_rows(relation: Relation, rows: Iterable[Row]) -> set[Row]:
    """Rows as engines keep them. Raises `ArityError` or `RuleTypeError` with every row that does not fit."""
    encoded: set[Row] = set()
    errors: list[ZhengceError] = []
    for row in rows:
        if len(row) != len(relation.types):
            name, wanted = relation.name, len(relation.types)
            message = say(
                "{name} 有 {wanted} 列，事实 {row!r} 有 {given} 列", name=name, wanted=wanted, row=row, given=len(row)
            )
            errors.append(ArityError(message))
            continue
        try:
            encoded.add(tuple(map(values.encode, row, relation.types)))
        except RuleTypeError as error:
            message = say("事实 {name}{row!r}：{problem}", name=relation.name, row=row, problem=error.message)
            errors.append(RuleTypeError(message, hint=error.hint))
    raise_all(errors)
    return encoded


def _rows(name: str, given: object) -> list[Row]:
    from collections.abc import Iterable, Sequence

    def row(item: object) -> Row:
        if isinstance(item, Sequence) and not isinstance(item, str | bytes):
            return tuple(item)
        hint = say('一行写作元组，如 ("a", 1)；只有一列时写 ("a",)')
        raise RuleTypeError(say("{name} 的事实 {item!r} 不是元组", name=name, item=item), hint=hint)

    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        hint = say('写作 [("a", 1), ("b", 2)]')
        raise RuleTypeError(say("{name} 的事实不是一列元组：{given!r}", name=name, given=given), hint=hint)
    return [row(item) for item in given]


def _kinds(name: str, rows: list[Row]) -> tuple[Kinds, ...]:
    """What the columns of given facts may be; an empty tuple of rows says nothing about their number."""
    if len({len(row) for row in rows}) > 1:
        shown = listed(sorted({str(len(row)) for row in rows}))
        raise ArityError(say("{name} 的事实列数不一：{numbers}", name=name, numbers=shown))
    return tuple(frozenset((_kind(name, column),)) for column in zip(*rows, strict=True))


def _kind(name: str, column: Iterable[object]) -> Type:
    kinds = {_kind_of(name, value) for value in column}
    if kinds == {"number", "decimal"}:
        return "decimal"
    if len(kinds) > 1:
        raise RuleTypeError(say("{name} 的一列里混有 {types}", name=name, types=listed(sorted(kinds))))
    return kinds.pop()


def _kind_of(name: str, value: object) -> Type:
    match value:
        case str():
            return "symbol"
        case Decimal():
            return "decimal"
        case int() if not isinstance(value, bool):
            return "number"
        case _:
            try:
                values.encode(value, "date")
            except RuleTypeError:
                hint = say("小数请用 Decimal，浮点数不精确") if isinstance(value, float) else ""
                message = say("{name} 的事实里有 {value!r}，它不是 str、int、Decimal 或 date", name=name, value=value)
                raise RuleTypeError(message, hint=hint) from None
            return "date"


def _known(kinds: dict[str, tuple[Kinds, ...]], rules: Iterable[object]) -> dict[str, tuple[Kinds, ...]]:
    """Facts without a row say nothing of their columns: those come from the rules, where the relation is used."""
    from .datalog.checks import atoms_of
    from .datalog.types import ANY

    arity: dict[str, int] = {}
    for rule in rules:
        for atom in (rule.head, *atoms_of(rule)):  # type: ignore[attr-defined, arg-type]
            arity.setdefault(atom.relation, len(atom.arguments))
    return {name: given or (ANY,) * arity.get(name, 0) for name, given in kinds.items()}
