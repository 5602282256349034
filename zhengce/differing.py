"""What is otherwise in one answer than in another, and in one case than in another.

Rows of lists are matched by what identifies them (`[identify]` in the question's file), never by their position.
"""

from __future__ import annotations

from collections import Counter
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from .cases.where import WAYS, way
from .datalog.checked import plain_row
from .errors import from_here

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from .cases import Case
    from .datalog.checked import Relation, Row
    from .errors import Span
    from .questions import Question

    Data = Mapping[str, Any]
    Spec = Mapping[str, Any]

ASKED = ("argument", "near")
STATED = "yes"  # of a fact that says no more than that it is there


class Difference(NamedTuple):
    """A part of an answer that differs.

    `path`: field names and, for a row of a list, a mapping of what identifies it. One of the sides is None where a whole row is
    only in the other.
    """

    path: tuple[str | dict[str, Any], ...]
    one: Any
    other: Any


class Pair(NamedTuple):
    """A row of a list on both sides, None where it is missing; `identity`: the fields that say which it is."""

    identity: dict[str, Any]
    one: Data | None
    other: Data | None


def differences(question: Question, one: Data, other: Data) -> list[Difference]:
    """What differs in the answers to a question, in the order of its fields; what was asked for is no difference."""
    return list(_fields(question, question.answer, "", (), one, other))


def pairs(question: Question, rows: str, one: Sequence[Data], other: Sequence[Data]) -> list[Pair]:
    """The rows of a list, matched; those of the first in their order, each new one of the other after what it stood behind.

    `rows`: the name of the list, dotted where it stands in rows itself.
    """
    names = question.identify.get(rows, ())
    first, second = _by_identity(names, one), _by_identity(names, other)
    found = []
    for key in _merged(list(first), list(second)):
        row = first.get(key) or second[key]
        found.append(Pair({n: row[n] for n in names or row}, first.get(key), second.get(key)))
    return found


def _fields(
    question: Question, specs: Spec, within: str, path: tuple[Any, ...], one: Data, other: Data
) -> Iterator[Difference]:
    for name, spec in specs.items():
        here, dotted = (*path, name), f"{within}.{name}".lstrip(".")
        if isinstance(spec, dict) and any(kind in spec for kind in ASKED):
            continue
        if isinstance(spec, dict) and "each" in spec and "fields" in spec:
            for pair in pairs(question, dotted, one[name], other[name]):
                if pair.one is None or pair.other is None:
                    yield Difference((*here, pair.identity), pair.one, pair.other)
                else:
                    yield from _fields(question, spec["fields"], dotted, (*here, pair.identity), pair.one, pair.other)
        elif one[name] != other[name]:
            yield Difference(here, one[name], other[name])


def _by_identity(names: Sequence[str], rows: Sequence[Data]) -> dict[Any, Data]:
    """Rows by what identifies them; of several alike the first, the second, …"""
    seen = Counter[str]()
    found: dict[Any, Data] = {}
    for row in rows:
        key = repr([row[n] for n in names or row])
        seen[key] += 1
        found[key, seen[key]] = row
    return found


def _merged(first: list[Any], second: list[Any]) -> list[Any]:
    """All keys of both, each new one of the second after the one that it follows there."""
    merged, known = list(first), set(first)
    for n, key in enumerate(second):
        if key not in known:
            merged.insert(merged.index(second[n - 1]) + 1 if n else 0, key)
            known.add(key)
    return merged


# -- cases ------------------------------------------------------------------------------------------------------------------


class Stated(NamedTuple):
    """A fact of a case: its row, its value as it is read (`yes` where it has none), and where it stands."""

    row: Row
    value: str
    span: Span | None


class Change(NamedTuple):
    """What two cases say otherwise, None where one says nothing.

    `section` is a key of the case file and `id` what stands under it, dotted.
    """

    relation: str
    section: str
    id: str
    one: Stated | None
    other: Stated | None


def changes(one: Case, other: Case, relations: Mapping[str, Relation]) -> list[Change]:
    """The facts in which two cases differ, whatever their cities are called; of these relations alone. In the order of the keys
    of a case file."""
    known = [name for name in [*WAYS, *sorted(relations.keys() - WAYS.keys())] if name in relations]
    return [change for name in known for change in _changed(relations[name], one, other)]


def _changed(relation: Relation, one: Case, other: Case) -> Iterator[Change]:
    sides = [_grouped(relation.name, case, against) for case, against in ((one, other), (other, one))]
    for keys in sorted({*sides[0], *sides[1]}, key=lambda keys: [str(k).zfill(9) for k in keys]):
        stated = zip((one, other), sides, strict=True)
        said = [[_stated(relation, case, row) for row in side.get(keys, ())] for case, side in stated]
        paired = len(said[0]) == len(said[1]) == 1
        both = zip_longest(*said) if paired else [*((s, None) for s in said[0]), *((None, s) for s in said[1])]
        id_ = ".".join(str(k + 1) if isinstance(k, int) else k for k in keys[1:])
        yield from (Change(relation.name, str(keys[0]), id_, a, b) for a, b in both)


def _grouped(relation: str, case: Case, other: Case) -> dict[Any, list[Row]]:
    """The rows that only one of the cases has, by the keys that lead to them."""
    known = {row[1:] for row in other.facts.get(relation, ())}
    found: dict[Any, list[Row]] = {}
    for row in sorted(row for row in case.facts.get(relation, ()) if row[1:] not in known):
        found.setdefault(way(relation, row, case.document), []).append(row)
    return found


def _stated(relation: Relation, case: Case, row: Row) -> Stated:
    keys: Collection[Any] = WAYS.get(relation.name, ())
    plain = plain_row(row, relation.types)
    value = [_text(cell, case.document) for n, cell in enumerate(plain) if n and n not in keys]
    return Stated(row, " ".join(value) or STATED, case.where(relation.name, row))


def _text(value: object, document: str) -> str:
    """A value as it is written in a case."""
    text = f"{value:f}" if hasattr(value, "as_tuple") else str(value)
    return text.removeprefix(f"{document}/")


def told(change: Change, names: tuple[str, str]) -> dict[str, Any]:
    """A change as plain data: `section`, `id`, and under each name `value`, `file`, `line`."""
    sides = {name: _side(side) for name, side in zip(names, (change.one, change.other), strict=True)}
    return {"section": change.section, "id": change.id or None, **sides}


def _side(stated: Stated | None) -> dict[str, Any] | None:
    if stated is None:
        return None
    file, line = (from_here(stated.span.file), stated.span.line) if stated.span else (None, None)
    return {"value": stated.value, "file": file, "line": line}
