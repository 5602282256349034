"""Recursion over numbers instead of texts: a round compares and keeps pairs of them again and again.

    what the rules begin with ─┐
    what else they read ───────┴─▶ $symbol(id, text) ─▶ both as numbers ─▶ the recursion ─▶ as texts again

Only where rules put columns of several relations together, so that they can find far more than they read; and where nothing is
done with a text but comparing it with another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from ..datalog.plan import AntiJoin, Join, Place, Project
from .trees import cast, column, named, select, subquery, table, united

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..datalog.checked import Planned, Relation
    from ..datalog.plan import Plan

SYMBOLS, ID, TEXT = "$symbol", "id", "text"
NUMBERED, FIRST = "$id", "$first"


class Columns(NamedTuple):
    """Where rows are, with columns, of which `texts` hold texts."""

    source: exp.Expr
    columns: tuple[str, ...]
    texts: tuple[bool, ...]

    @classmethod
    def of(cls, relation: Relation, columns: tuple[str, ...], source: exp.Expr) -> Columns:
        """`source`: under the alias `t`."""
        return cls(source, columns, tuple(t == "symbol" for t in relation.types))

    def translated(self, source: str, target: str) -> exp.Select:
        """The rows with each text as its number, or the other way round."""
        values: list[exp.Expr] = []
        sources: list[tuple[exp.Expr, exp.Expr | None]] = [(self.source.copy(), None)]
        where: list[exp.Expr] = []
        for number, (name, is_text) in enumerate(zip(self.columns, self.texts, strict=True)):
            alias = f"s{number}"
            values.append(named(column(target, alias) if is_text else column(name, "t"), name))
            if is_text:
                sources.append((table(SYMBOLS, alias), None))
                where.append(exp.EQ(this=column(name, "t"), expression=column(source, alias)))
        return select(values, sources, where)

    def all_texts(self) -> list[exp.Query]:
        """A query of the texts in each column that has any."""
        there = [name for name, is_text in zip(self.columns, self.texts, strict=True) if is_text]
        return [select([named(column(name, "t"), TEXT)], [(self.source.copy(), None)]) for name in there]


def worth(rules: Sequence[Planned]) -> bool:
    """Whether rules are of the kind that gains by it."""
    plans = [plan for planned in rules for plan in planned.again]
    return bool(plans) and all(map(_plain, plans)) and any(map(_composes, plans))


def _plain(plan: Plan) -> bool:
    """Nothing but joins of columns."""
    steps = all(isinstance(step, Project) or (isinstance(step, Join | AntiJoin) and not step.fixed) for step in plan.steps)
    return steps and all(isinstance(value, Place) for value in plan.head)


def _composes(plan: Plan) -> bool:
    """Whether the head takes columns of several atoms, so that it can have more rows than any of them."""
    row: list[set[int]] = []
    for number, step in enumerate(plan.steps):
        if isinstance(step, Join):
            for _, place in step.key:
                row[place].add(number)
            row += [{number} for _ in step.new]
        keep = step.keep if isinstance(step, Join | Project) else None
        row = row if keep is None else [row[p] for p in keep]
    atoms = [row[value.place] for value in plan.head if isinstance(value, Place)]
    return bool(atoms) and not set.intersection(*atoms)


def symbols(sources: Sequence[Columns]) -> exp.Select:
    """Every text in some tables, numbered."""
    texts = united([query for source in sources for query in source.all_texts()])
    number = cast(exp.Window(this=exp.Anonymous(this="row_number")), "BIGINT")
    return select([named(number, ID), column(TEXT)], [(subquery(texts, "t"), None)])


def numbered(relation: Relation) -> Relation:
    """A relation whose texts are numbers."""
    return relation._replace(types=tuple("number" if t == "symbol" else t for t in relation.types))
