"""`[batch]` of a question: what is told of many cities at once.

`tables`: the relations that are given as tables, the first with one row for each city; `spread`: columns of it, of which the
mean and the quartiles are told; `counted`: how many rows say what, as a line (`{verdict:…}`); `lost`: `sum`, a column of the
relation `of`, added up by its column `by`, whose titles the relation `titles` has, `where` columns have these values; `ranked`:
the columns of the first table with the least and the most points, and who `may` be chosen: `yes` or `no` in a column of a
relation `of`, anything else is open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import did_you_mean
from ..language import say
from .references import part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..datalog.checked import Relation
    from .mistakes import Mistakes

    Spec = Mapping[str, Any]

KEYS: dict[str, type] = {"tables": list, "spread": list, "counted": dict, "lost": dict, "ranked": dict}
PARTS = {
    "counted": ("column", "line"),
    "lost": ("of", "by", "sum", "titles", "where"),
    "ranked": ("low", "high", "may"),
    "may": ("of", "column", "yes", "no"),
}
LISTS, OPTIONAL = ("tables", "spread"), ("where", "may", "titles")


class Many(NamedTuple):
    """As the file has it."""

    tables: tuple[str, ...]
    spread: tuple[str, ...] = ()
    counted: Spec | None = None
    lost: Spec | None = None
    ranked: Spec | None = None


def many(data: Spec, relations: Mapping[str, Relation] | None, mistakes: Mistakes) -> Many | None:
    """What `[batch]` says; what is wrong with it goes to `mistakes`."""
    if (batch := data.get("batch")) is None:
        return None
    found = list(_shape(batch))
    if not found and relations is not None:
        found = list(_names(batch, relations))
    for keys, message, hint in found:
        mistakes.add(("batch", *keys), message, hint)
    if found:
        return None
    return Many(
        tuple(batch["tables"]), tuple(batch.get("spread", ())), batch.get("counted"), batch.get("lost"), batch.get("ranked")
    )


def _shape(batch: object) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Keys that are not there or missing, values of the wrong kind; each with its path, what is wrong, a hint."""
    if not isinstance(batch, dict):
        yield (), say("{where} 要写成表", where="batch"), say("写作 [{key}]，下面一行一个字段", key="batch")
        return
    for key, value in batch.items():
        if key not in KEYS:
            yield (key,), say("{label} 里没有 {key} 这个键", label="batch", key=key), did_you_mean(key, KEYS)
        elif not isinstance(value, KEYS[key]) or (isinstance(value, list) and not all(isinstance(v, str) for v in value)):
            wanted = say("名称的列表") if key in LISTS else say("表")
            yield (key,), say("{where} 要写{kind}", where=part("batch", key), kind=wanted), ""
        elif isinstance(value, dict):
            yield from _keys((key,), value, PARTS[key])
            if isinstance(may := value.get("may"), dict):
                yield from _keys((key, "may"), may, PARTS["may"])
    if not batch.get("tables"):
        yield (), say("{label} 缺少 {key}", label="batch", key="tables"), say('写作 {key} = ["…"]', key="tables")


def _keys(path: tuple[str, ...], table: Spec, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    label = ".".join(("batch", *path))
    for key in table:
        if key not in keys:
            yield (*path, key), say("{label} 里没有 {key} 这个键", label=label, key=key), did_you_mean(key, keys)
    for key in keys:
        if key not in table and key not in OPTIONAL:
            yield path, say("{label} 缺少 {key}", label=label, key=key), ""


def _names(batch: Spec, relations: Mapping[str, Relation]) -> Iterator[tuple[tuple[str, ...], str, str]]:
    """Relations and columns that are not there."""
    for path, relation, columns in _named(batch):
        if relation not in relations:
            message = say("{label}：没有 {name} 这个关系", label=".".join(("batch", *path)), name=relation)
            yield path, message, did_you_mean(relation, relations)
            continue
        for column in columns:
            if column not in (there := relations[relation].columns):
                message = say(
                    "{label}：{name} 没有 {column} 这一列", label=".".join(("batch", *path)), name=relation, column=column
                )
                yield path, message, did_you_mean(column, there)


def _named(batch: Spec) -> Iterator[tuple[tuple[str, ...], str, list[str]]]:
    """Each relation with the columns that are asked of it, and where."""
    first, lost, ranked = batch["tables"][0], batch.get("lost"), batch.get("ranked")
    yield from ((("tables",), name, []) for name in batch["tables"])
    yield ("spread",), first, batch.get("spread", [])
    if "counted" in batch:
        yield ("counted",), first, [batch["counted"]["column"]]
    if lost:
        yield ("lost",), lost["of"], [lost["by"], lost["sum"], *lost.get("where", {})]
        if "titles" in lost:
            yield ("lost",), lost["titles"], [lost["by"], "title"]
    if ranked:
        yield ("ranked",), first, [ranked["low"], ranked["high"]]
        if may := ranked.get("may"):
            yield ("ranked", "may"), may["of"], [may["column"]]
