"""What stands in the tables of many cities, held against the names that there are: a name misspelt would count for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from ..cases.rosters import item_number
from ..errors import TableError, did_you_mean, raise_all
from ..language import listed, say
from ..sql.trees import column, limited, select, table, whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from ..datalog.checked import Relation
    from .bindings import Binding
    from .running import Facts

UNMET, ITEM = "unmet", "item"
YES_NO = ("yes", "no")
VALUES = {
    "answer.value": YES_NO, "answer_detail.value": YES_NO, "incident_about_childcare.value": YES_NO, "reexamined.meets": YES_NO,
    "finding.value": YES_NO, "finding_part.value": YES_NO, "metric.whose": ("city", "province"),
}  # fmt: skip
# the relation that has the names, and the columns that both have
NAMES = {
    "city": ("document", "document"),
    "answer": ("condition", "condition"),
    "answer_detail": ("detail_name", "condition", "detail"),
    "counted": ("condition", "condition"),
    "field_covered": ("field", "field"),
    "unclear_element": ("element", "element"),
    "discretion": ("indicator", "indicator"),
    "self_score": ("indicator", "indicator"),
    "metric": ("metric_name", "metric"),
    "inspected": ("standard", "standard"),
    "unmet": ("standard", "standard"),
    "incidents_given": ("incident_kind", "kind"),
    "incident": ("incident_kind", "kind"),
    "incident_on": ("incident_kind", "kind"),
    "incident_about_childcare": ("incident_kind", "kind"),
    "finding": ("revocation_trigger", "trigger"),
    "finding_part": ("trigger_part", "trigger", "part"),
    "reading_chosen": ("reading_option", "reading", "value"),
}


def check(facts: Facts) -> None:
    """Raises `TableError` with every name that is not known."""
    raise_all(
        error for binding in facts.bindings if binding.relation in facts.loaded for error in _errors(facts, binding.relation)
    )


def _errors(facts: Facts, relation: str) -> Iterator[TableError]:
    columns = facts.relations[relation].columns
    yield from _doubled(facts, facts.relations[relation])
    cities = set(facts.cities())
    if relation != "city" and columns[0] == "city":
        yield from _unknown(facts, relation, ("city",), {(city,) for city in cities})
    for name in columns:
        if values := VALUES.get(f"{relation}.{name}"):
            yield from _unknown(facts, relation, (name,), {(value,) for value in values})
    if relation == UNMET:
        yield from _same_items(facts)
    source, *shared = NAMES.get(relation, ("",))
    if known := facts.workspace.whole.relations.get(source):
        places = [known.columns.index(name) for name in shared]
        yield from _unknown(facts, relation, shared, {tuple([row[p] for p in places]) for row in facts.workspace.facts(source)})


def _same_items(facts: Facts) -> Iterator[TableError]:
    """A clause of a standard whose number is written in two ways would count twice."""
    query = select([column(ITEM)], [(table(UNMET), None)], distinct=True)
    known: dict[str, str] = {}
    for (item,) in sorted(facts.database.select(query)):
        if (other := known.setdefault(item_number(item), item)) != item:
            message = say("“{one}”与“{other}”是同一条，会算作两条", one=other, other=item)
            yield _binding(facts, UNMET).error(message, say("只用一种写法"))


def _doubled(facts: Facts, relation: Relation) -> Iterator[TableError]:
    """Rows that the key of the relation does not tell apart."""
    if not relation.key:
        return
    keys = [relation.columns[c] for c in relation.key]
    twice = exp.GT(this=exp.Count(this=exp.Star()), expression=whole(1))
    query = select(
        [column(name) for name in keys], [(table(relation.name), None)], groups=[column(name) for name in keys], having=[twice]
    )
    for row in sorted(facts.database.select(limited(query, 3))):
        shown = listed(f"{name} = {value}" for name, value in zip(keys, row, strict=True))
        yield _binding(facts, relation.name).error(say("有两行的 {shown} 相同，说法不同", shown=shown), say("只留一行"))


def _binding(facts: Facts, relation: str) -> Binding:
    return next(b for b in facts.bindings if b.relation == relation)


def _unknown(facts: Facts, relation: str, columns: Collection[str], known: Collection[tuple[str, ...]]) -> Iterator[TableError]:
    """What stands in these columns and is not known, each once."""
    query = select([column(name) for name in columns], [(table(relation), None)], distinct=True)
    binding = _binding(facts, relation)
    for row in sorted(set(facts.database.select(query)) - set(known)):
        shown, names = listed(f"“{value}”" for value in row), listed(columns)
        hint = did_you_mean(row[-1], {k[-1] for k in known if k[:-1] == row[:-1]}) or did_you_mean(
            row[0], {k[0] for k in known}
        )
        some = say("有：{names}", names=listed(sorted({k[-1] for k in known})[:8]))
        yield binding.error(say("列 {names} 的{shown}不认得", names=names, shown=shown), hint or some)
