"""What stands in the tables of many cities, held against the names that there are: a name misspelt would count for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ..cases.names import Names
from ..cases.rosters import item_number
from ..cases.writable import NAME, NEEDED, columns_of_case, may
from ..datalog import values
from ..errors import TableError, did_you_mean, raise_all
from ..language import listed, say
from ..sql.trees import column, limited, named, no, select, subquery, table, text, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from .bindings import Binding
    from .running import Facts
    from .sharing import Shared

CITY, UNMET, ITEM = "city", "unmet", "item"
MOST, MOST_HINTS = 5, 20  # of one kind in one table: what is told of many, the hints that are looked for
FREE = ("institution", ITEM, "unit")  # names that no list has, and of which there may be a million


def check(facts: Facts) -> None:
    """Raises `TableError` with every name that is not known."""
    seen = {one.some: _seen(facts, one) for one in facts.shared}
    for one in facts.shared:
        facts.passed(one)
    there = [binding.relation for binding in facts.bindings if binding.relation in facts.loaded]
    raise_all(error for relation in there for error in _errors(facts, relation, seen.get(relation, ())))


def _seen(facts: Facts, one: Shared) -> list[str]:
    """The columns of one relation that are those of the same name in the other."""
    columns = facts.relations[one.some].columns
    return [columns[place] for place, name in one.by.items() if columns[place] == name]


def _errors(facts: Facts, relation: str, seen: Collection[str]) -> Iterator[TableError]:
    """What is wrong with a relation; the columns that are `seen` are looked at in another, which has the same rows and more."""
    columns, documents = facts.relations[relation].columns, facts.documents()
    yield from _doubled(facts, relation, facts.relations[relation].key if relation != CITY else (0,))
    if relation == CITY:
        yield from _no_names(facts)
    if relation == UNMET:
        yield from _same_items(facts)
    for document in documents:
        names = Names(facts.workspace.facts_known, document)
        yield from _misfits(facts, relation, document if len(documents) > 1 else "", names, seen)
    home, width = NEEDED.get(relation, ("", 0))
    homeless = list(_homeless(facts, relation, columns[:width], home)) if home and not set(columns[:width]) <= set(seen) else []
    if relation != CITY and (homeless or not home):  # what has a home there has a city
        yield from _unknown_cities(facts, relation)
    yield from homeless


def _misfits(facts: Facts, relation: str, document: str, names: Names, seen: Collection[str]) -> Iterator[TableError]:
    """Values that a case of the document could not say, each once."""
    declared = facts.relations[relation]
    allowed = {c: m for c, m in columns_of_case(names, facts.workspace.facts_known)[relation].items() if c not in FREE}
    shown = [c for c in declared.columns[1:] if c in allowed and c not in seen]
    if not shown:
        return
    query = select([column(c) for c in shown], [_standing(facts, relation)], _of_document(document), distinct=True)
    types = [declared.types[declared.columns.index(c)] for c in shown]
    told = 0
    for found in sorted(facts.database.select(query), key=str):
        row = ("", *(value if t == "date" else values.encode(value, t) for value, t in zip(found, types, strict=True)))
        for name, value, kept in zip(shown, found, row[1:], strict=True):
            if not (one := may(allowed[name], row)).holds(kept):
                message = say("“{name}”不能是“{value}”", name=name, value=value)
                hint, told = one.hint(kept) if told < MOST_HINTS else "", told + 1
                yield _binding(facts, relation).error(f"{message}{_beside(shown, found, name)}", hint)
                break


def _standing(facts: Facts, relation: str) -> tuple[exp.Expr, None]:
    """The rows of a relation as often as they stand there, which saves looking for those that are the same."""
    return subquery(facts.loaded[relation].query(once=False), "t"), None


def _passed(facts: Facts, relation: str, columns: Sequence[str]) -> tuple[exp.Expr, None] | None:
    """The table that the rules read instead of the relation, if it has the columns."""
    for one in facts.shared:
        if one.every == relation and one.across not in columns:
            name = facts.passed(one)
            facts.meanwhile.wait()
            return table(name, "t"), None
    return None


def _beside(names: Sequence[str], row: Sequence[object], but: str) -> str:
    """The rest of a row, to find it by."""
    rest = [f"{name} = {value}" for name, value in zip(names, row, strict=True) if name != but]
    return say("（{rest}）", rest=listed(rest)) if rest else ""


def _of_document(document: str) -> list[exp.Expr]:
    """Rows of cities that go by the document."""
    if not document:
        return []
    cities = select([column(CITY)], [(table(CITY), None)], [exp.EQ(this=column("document"), expression=text(document))])
    return [exp.In(this=column(CITY), query=exp.Subquery(this=cities))]


def _no_names(facts: Facts) -> Iterator[TableError]:
    """Cities that no case could be called."""
    for city in sorted(facts.cities()):
        if not NAME.holds(city):
            yield _binding(facts, CITY).error(say("“{name}”不能是“{value}”", name=CITY, value=city), NAME.hint(city))


def _unknown_cities(facts: Facts, relation: str) -> Iterator[TableError]:
    if CITY in facts.relations[relation].columns:
        known = set(facts.cities())
        query = select([column(CITY)], [_standing(facts, relation)], distinct=True)
        for n, city in enumerate(sorted({city for (city,) in facts.database.select(query)} - known)):
            message = say("{city} 表里没有“{name}”这个城市", city=CITY, name=city)
            yield _binding(facts, relation).error(message, did_you_mean(city, known) if n < MOST_HINTS else "")


def _homeless(facts: Facts, relation: str, columns: Sequence[str], home: str) -> Iterator[TableError]:
    """Rows of what nothing else says that it is there."""
    alone = []
    if home in facts.loaded:
        same = [exp.EQ(this=column(c, "u"), expression=column(c, "t")) for c in columns]
        alone = [no(exp.Exists(this=select([whole(1)], [(table(home, "u"), None)], same)))]
    standing = _passed(facts, relation, columns) or _standing(facts, relation)
    query = select([column(c, "t") for c in columns], [standing], alone, distinct=True)
    found = sorted(facts.database.select(query), key=str)
    for row in found[:MOST]:
        message = say("没有 {home}（{row}）{also}", home=home, row=listed(map(str, row)), also=_also(len(found)))
        yield _binding(facts, relation).error(message, say("在 {home} 表里也写上", home=home))


def _also(number: int) -> str:
    """How many more there are, when they are not all told."""
    return say("，这样的共 {n} 处", n=number) if number > MOST else ""


def _same_items(facts: Facts) -> Iterator[TableError]:
    """A clause of a standard whose number is written in two ways would count twice."""
    query = select([column(ITEM)], [_standing(facts, UNMET)], distinct=True)
    known: dict[str, str] = {}
    for (item,) in sorted(facts.database.select(query)):
        if (other := known.setdefault(item_number(item), item)) != item:
            message = say("“{one}”与“{other}”是同一条，会算作两条", one=other, other=item)
            yield _binding(facts, UNMET).error(message, say("只用一种写法"))


def _doubled(facts: Facts, relation: str, key: Sequence[int]) -> Iterator[TableError]:
    """Rows that a key does not tell apart."""
    if not key:
        return
    keys = [facts.relations[relation].columns[c] for c in key]
    twice = exp.GT(this=exp.Count(this=exp.Star()), expression=whole(1))
    every = exp.Window(this=exp.Count(this=exp.Star()))
    query = select(
        [*map(column, keys), named(every, "$all")], [(table(relation), None)], groups=list(map(column, keys)), having=[twice]
    )
    for *row, number in sorted(facts.database.select(limited(query, MOST))):
        shown = listed(f"{name} = {value}" for name, value in zip(keys, row, strict=True))
        message = say("有两行的 {shown} 相同，说法不同{also}", shown=shown, also=_also(number))
        yield _binding(facts, relation).error(message, say("只留一行"))


def _binding(facts: Facts, relation: str) -> Binding:
    return next(b for b in facts.bindings if b.relation == relation)
