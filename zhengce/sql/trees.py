"""Parts of a query, as sqlglot has them: made directly, since its builders read their arguments as SQL, which takes long."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.errors import ErrorLevel

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    Value = exp.Expr
    Source = tuple[exp.Expr, exp.Expr | None]


def identifier(name: str) -> exp.Identifier:
    return exp.Identifier(this=name, quoted=True)


@cache
def quoted(name: str, dialect: str) -> str:
    return identifier(name).sql(dialect=dialect)


def table(name: str, alias: str = "") -> exp.Table:
    found = exp.Table(this=identifier(name))
    if alias:
        found.set("alias", exp.TableAlias(this=identifier(alias)))
    return found


def subquery(query: exp.Query, alias: str) -> exp.Subquery:
    return exp.Subquery(this=query, alias=exp.TableAlias(this=identifier(alias)))


def column(name: str, table: str = "") -> exp.Column:
    return exp.Column(this=identifier(name), table=identifier(table) if table else None)


def named(value: Value, name: str) -> exp.Alias:
    return exp.Alias(this=value, alias=identifier(name))


@cache
def as_type(name: str) -> exp.DataType:
    return exp.DataType.build(name)


def cast(value: Value, type_: str) -> exp.Cast:
    return exp.Cast(this=value, to=as_type(type_))


def try_cast(value: Value, type_: str) -> exp.TryCast:
    """Null where the value is too great."""
    return exp.TryCast(this=value, to=as_type(type_), safe=True)


def whole(value: int) -> Value:
    number = exp.Literal(this=str(abs(value)), is_string=False)
    return number if value >= 0 else exp.Paren(this=exp.Neg(this=number))


def text(value: str) -> exp.Literal:
    return exp.Literal(this=value, is_string=True)


def call(function: str, *values: Value) -> exp.Anonymous:
    return exp.Anonymous(this=function, expressions=list(values))


def case(condition: Value, value: Value, otherwise: Value | None) -> exp.Case:
    return exp.Case(ifs=[exp.If(this=condition, true=value)], default=otherwise)


def chosen(value: Value, by: Mapping[str, Value]) -> exp.Case:
    """What stands beside the text that the value is; null for any other."""
    return exp.Case(this=value.copy(), ifs=[exp.If(this=text(one), true=found) for one, found in by.items()])


def both(conditions: Sequence[Value], by: type[exp.Connector] = exp.And) -> Value:
    """All of them, each in brackets unless it is alone; with `exp.Or`, one of them."""
    joined = conditions[0]
    for condition in conditions[1:]:
        joined = by(this=_closed(joined), expression=_closed(condition))
    return joined


def _closed(condition: Value) -> Value:
    return exp.Paren(this=condition) if isinstance(condition, exp.Connector) else condition


def no(condition: Value) -> exp.Not:
    return exp.Not(this=condition if isinstance(condition, exp.Exists) else exp.Paren(this=condition))


def select(
    columns: Sequence[Value],
    sources: Sequence[Source] = (),
    where: Sequence[Value] = (),
    groups: Sequence[Value] = (),
    having: Sequence[Value] = (),
    distinct: bool = False,
) -> exp.Select:
    """A query. A source with a condition may find nothing (a left join); the first has none."""
    query = exp.Select(expressions=list(columns))
    if sources:
        query.set("from_", exp.From(this=sources[0][0]))
        query.set("joins", [_join(*source) for source in sources[1:]])
    if where:
        query.set("where", exp.Where(this=both(where)))
    if groups:
        query.set("group", exp.Group(expressions=list(groups)))
    if having:
        query.set("having", exp.Having(this=both(having)))
    if distinct:
        query.set("distinct", exp.Distinct())
    return query


def _join(source: exp.Expr, condition: Value | None) -> exp.Join:
    if condition is None:
        return exp.Join(this=source, kind="CROSS")
    return exp.Join(this=source, side="LEFT", on=condition)


def limited(query: exp.Select, rows: int) -> exp.Select:
    query.set("limit", exp.Limit(expression=whole(rows)))
    return query


def united(queries: Sequence[exp.Query], distinct: bool = True) -> exp.Query:
    """All rows of the queries, with `distinct` none twice."""
    union = queries[0]
    for query in queries[1:]:
        union = exp.Union(this=union, expression=query, distinct=distinct)
    return union


def once(query: exp.Query) -> exp.Select:
    """The rows of a query, none twice."""
    return select([exp.Star()], [(subquery(query, "t"), None)], distinct=True)


def without(query: exp.Query, other: exp.Query) -> exp.Query:
    """The rows of a query that another does not have, none twice."""
    return exp.Except(this=query, expression=other, distinct=True)


def part(name: str, query: exp.Query) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=identifier(name)))


def with_parts(query: exp.Query, parts: Collection[tuple[str, exp.Query]]) -> exp.Query:
    """A query that reads others by name."""
    if parts:
        own = query.args["with_"].expressions if query.args.get("with_") else []
        query.set("with_", exp.With(expressions=[*(part(*each) for each in parts), *own], recursive=bool(own)))
    return query


def recursive(name: str, first: exp.Query, again: exp.Query) -> exp.Select:
    """The rows of `first`, and of `again`, which reads those of the round before by name; none twice."""
    if isinstance(again, exp.Union):
        again = exp.Subquery(this=again)
    if isinstance(first, exp.Union):
        first = exp.Subquery(this=first)
    query = select([exp.Star()], [(table(name), None)])
    query.set("with_", exp.With(expressions=[part(name, united([first, again]))], recursive=True))
    return query


def printed(query: exp.Query, dialect: str) -> str:
    return query.sql(dialect=dialect, copy=False, unsupported_level=ErrorLevel.RAISE, comments=False)
