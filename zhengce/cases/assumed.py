"""What is assumed of a case: values put into its tree before it is given a meaning, so that every check of a case holds
for them too.

An assumption is named as the case file would say it: `answers.附件.一.1.a`, or shorter where only one place is meant,
`附件.一.1.a`. Its value is written as it would stand there; `unknown` takes out what stands there. Places of what is assumed
are lines of a text of its own, one for each assumption, whose file is called `--assume`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import CaseTextError, Span, ZhengceError
from ..language import listed, say
from ..texts import Node, parse_yaml
from . import is_blank, without_blanks
from .names import FIELDS, Names, document_of
from .own import SECTION as FACTS
from .shape import DATE, LOOSE_DATE, Answer, CaseShape

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..rows import Statable
    from . import Steps, Written
    from .names import Known

FILE = "--assume"
UNKNOWN = ("unknown", "未知")
SHOWN_BARE = re.compile(r"[\w.%-]+")
NUMBERED = re.compile(r"(?P<whole>.+?)(?:\[(?P<n>\d{1,9})\]|\.(?P<m>\d{1,9}))(?:\.(?P<key>[^.\s]+))?")
WHAT_IT_IS = ("city", "document", "expect")
OWN_NAMES_ONLY = ("self_scores",)  # an indicator is known by its discretion, not by what the city gives itself
STANDS_FOR = {"answers": "value", "incidents": "on"}  # a bare text for an entry of these sections
LISTS = (FIELDS, "unclear_elements", "institutions", "inspected")


class Assumption(NamedTuple):
    """One assumption; `value` and `before` as they are written in a case, None where nothing is said.

    `way`: the keys that lead to it in the file; `line`: of what the file says there, 0 for nothing.
    """

    id: str
    value: str | None
    before: str | None
    way: Steps
    line: int


class _Place(NamedTuple):
    """Where an id points; `main`: the key for which a bare value stands there."""

    way: Steps
    main: str = ""


def assume(written: Written, known: Known, statable: Callable[[], Statable], given: Mapping[str, Any]) -> None:
    """Put the assumptions into the tree of a case; what is wrong with them is among its errors.

    `given`: the values by id, as text typed or as plain values of Python.
    """
    texts = [(id_.strip(), flow(value).strip()) for id_, value in given.items()]
    written.sources[FILE] = "\n".join(f"{id_}={value}" for id_, value in texts)
    if document := document_of(written, known):
        _Assuming(written, Names(known, document), statable).all(texts)


def flow(value: Any) -> str:
    """A plain value as it is written in one line of a case; a text stays as it is, but in a list or mapping."""
    match value:
        case str():
            return " ".join(value.splitlines()) or "''"
        case bool():
            return "yes" if value else "no"
        case None:
            return UNKNOWN[0]
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case Mapping():
            return "{" + ", ".join(f"{_inner(k)}: {_inner(v)}" for k, v in value.items()) + "}"
        case list() | tuple() | set() | frozenset():
            return "[" + ", ".join(map(_inner, value)) + "]"
        case _:
            return str(value)


def _inner(value: Any) -> str:
    bare = not isinstance(value, str) or SHOWN_BARE.fullmatch(value)
    return flow(value) if bare else json.dumps(value, ensure_ascii=False)


class _Assuming:
    """Puts one assumption after another into a tree."""

    def __init__(self, written: Written, names: Names, statable: Callable[[], Statable]) -> None:
        self.written, self.names = written, names
        own = statable()
        self.places = {
            ".".join(map(str, place.way)): place
            for place in _places(names, [r for r in own.declarations if r not in own.refused])
        }

    def all(self, texts: list[tuple[str, str]]) -> None:
        seen: dict[Steps, tuple[str, str]] = {}
        for line, (id_, value) in enumerate(texts, 1):
            span = Span(FILE, line, 1, max(1, len(id_)))
            node = self.parsed(id_, value, line)
            if node is None or (place := self.place(id_, node, span)) is None:
                continue
            way = (*place.way, place.main) if place.main and node.kind == "scalar" else place.way
            again = next((before for other, before in seen.items() if _overlap(way, other) and before != (id_, value)), None)
            if again:
                message = say("这两个假设说的是同一处：{first}、{second}", first="=".join(again), second=f"{id_}={value}")
                self.written.fail_at(span, message, say("只留一个"))
                continue
            seen[way] = id_, value
            self.put(id_, value, way, len(place.way) - 1, node, span)

    def parsed(self, id_: str, value: str, line: int) -> Node | None:
        """The value as YAML, its places those of the text of the assumptions."""
        text = "\n" * (line - 1) + "v:" + " " * max(1, len(id_) - 1) + value
        try:
            return without_blanks(parse_yaml(text, FILE, CaseTextError).pairs[0][1])
        except ZhengceError as problem:
            for error in problem.all:
                error.source = self.written.sources[FILE]
            self.written.errors += problem.all
            return None

    # -- what an id means -----------------------------------------------------------------------------------------------

    def place(self, id_: str, node: Node, span: Span) -> _Place | None:
        """Where an id points: a whole way first, else the one place whose way ends so."""
        short = id_.removeprefix(f"{self.names.document}/")
        fits = self.fits(short) or list(self.numbered(short, span))
        if len(fits) > 1 and node.kind == "scalar":  # a reading may be called like a finding: its values tell them apart
            readings = [place for place in fits if place.way[0] == "readings"]
            meant = [place for place in readings if node.text in self.names.readings[str(place.way[1])]]
            fits = meant or [place for place in fits if place not in readings]
        if len(fits) == 1:
            return fits[0]
        if short.partition(".")[0] in WHAT_IT_IS:
            self.written.fail_at(span, say("{key} 不能假设", key=short), say("它说明案例是什么；换一个案例文件"))
        elif fits:
            names = listed(".".join(map(str, place.way)) for place in fits)
            self.written.fail_at(span, say("“{name}”可以是几处：{ids}", name=id_, ids=names), say("写全：{ids}", ids=names))
        elif not any(error.span == span for error in self.written.errors):
            hint = self.names.hint(short, [*self.places, *self.short_names()])
            hint = hint or say("写案例里的键，或条件、指标、数据、事件、情形、读法的名称")
            self.written.fail_at(span, say("案例里没有“{name}”这一处可以假设", name=id_), hint)
        return None

    def fits(self, id_: str) -> list[_Place]:
        if id_ in self.places:
            return [self.places[id_]]
        return [place for name, place in self.places.items() if _short(name, self.names) == id_]

    def short_names(self) -> Iterator[str]:
        return (short for name in self.places if (short := _short(name, self.names)))

    def numbered(self, id_: str, span: Span) -> Iterator[_Place]:
        """An item of a list, counted from 1: an incident of a kind, a row of a relation."""
        found = NUMBERED.fullmatch(id_)
        places = [place for place in self.fits(found["whole"]) if place.way[0] in ("incidents", FACTS)] if found else []
        for place in places:
            assert found
            _, node = self.written.find(*place.way)
            n, there = int(found["n"] or found["m"]), _at(self.written.root, place.way)
            count = len(node.items) if there and node.kind == "list" else 0
            if 1 <= n <= count + 1:
                yield _Place((*place.way, n - 1, *([found["key"]] if found["key"] else [])))
            else:
                name = found["whole"]
                message = say("“{name}”写明了 {count} 项，不能假设第 {n} 项", name=name, count=count, n=n)
                self.written.fail_at(span, message, say("从 1 数起，至多接着写第 {n} 项", n=count + 1))

    # -- putting it there -----------------------------------------------------------------------------------------------

    def put(self, id_: str, value: str, way: Steps, kept: int, node: Node, span: Span) -> None:
        """Replace what stands at the end of the way. `kept`: how many keys on it, where they are there, keep their places."""
        root, unknown = self.written.root, is_blank(node) or (node.plain and node.value in UNKNOWN)
        before = _at(root, way)
        if way[-1] == FIELDS:
            for other in self.fields_elsewhere(way):
                before = before or _at(root, other)
                root = _with(root, other, len(other), span, None)
        if way[0] == "answers" and way[2:] == ("value",):  # what was the evidence of the answer is none of what is assumed
            root = _with(root, (*way[:2], "evidence"), 2, span, None)
        self.written.root = _with(root, way, kept, span, None if unknown else _fitted(way, node))
        said = None if before is None or is_blank(before) else _written(before)
        line = before.span.line if before and said is not None else 0
        self.written.assumed.append(Assumption(id_, None if unknown else value, said, way, line))

    def fields_elsewhere(self, way: Steps) -> Iterator[Steps]:
        """The other places where the fields may stand."""
        counted = [("answers", c, FIELDS) for c, condition in self.names.conditions.items() if condition.effect == "count"]
        return (other for other in ((FIELDS,), ("answers", FIELDS), *counted) if other != way and _at(self.written.root, other))


def _places(names: Names, own: list[str]) -> Iterator[_Place]:
    """Every place of a case that can be assumed, items of lists aside."""
    for condition in names.conditions:
        yield _Place(("answers", condition), "value")
        yield from (_Place(("answers", condition, key)) for key in Answer.model_fields if key != "evidence")
    for metric, (_, compared) in names.metrics.items():
        yield _Place(("metrics", metric), "city" if compared == "province" else "")
        yield from (_Place(("metrics", metric, whose)) for whose in ("city", "province") if compared == "province")
    for trigger, parts in names.triggers.items():
        yield _Place(("findings", trigger))
        yield from (_Place(("findings", trigger, part)) for part in parts)
    sections = {
        "discretion": names.discretion, "self_scores": names.points, "inspected": names.standards,
        "incidents": names.kinds, "readings": names.readings, FACTS: own,
    }  # fmt: skip
    for section, known in sections.items():
        yield from (_Place((section, name)) for name in known)
    taken = {*sections, *WHAT_IT_IS, "answers", "metrics", "findings"}
    yield from (_Place((key,), "meets" if key == "reexamined" else "") for key in CaseShape.model_fields if key not in taken)
    yield from (_Place(("reexamined", key)) for key in ("on", "meets"))


def _short(name: str, names: Names) -> str:
    """An id without its section; nothing where only the whole one will do."""
    section, _, short = name.partition(".")
    judged = section == "answers" and short in names.conditions and names.conditions[short].effect == "discretion"
    return "" if section in OWN_NAMES_ONLY or judged else short


def _overlap(one: Steps, other: Steps) -> bool:
    """Whether two ways lead to the same thing, or one into what the other leads to. The fields stand in one place alone."""
    short = min(len(one), len(other))
    return one[-1] == other[-1] == FIELDS or one[:short] == other[:short]


def _fitted(way: Steps, node: Node) -> Node:
    """A value in the shape that the file has there: a list may be typed without its brackets, an incident without its list."""
    if way[0] == "incidents" and len(way) == 2:
        dated = node.kind == "scalar" and (DATE.fullmatch(node.text) or LOOSE_DATE.fullmatch(node.text))
        return Node([node], "list", node.span) if node.kind == "mapping" or dated else node
    named = node.kind == "scalar" and not (node.text.endswith((".csv", ".parquet")) or node.text == "all")
    if named and (way[0] in LISTS or way[-1] == FIELDS):
        parts = list(re.finditer(r"[^,\s](?:[^,]*[^,\s])?", node.text))
        items = [Node(p[0], "scalar", node.span._replace(column=node.span.column + p.start(), width=len(p[0]))) for p in parts]
        return Node(items, "list", node.span)
    return node


def _at(root: Node, way: Steps) -> Node | None:
    """What stands at the very end of a way."""
    node: Node | None = root
    for depth, step in enumerate(way):
        if node is None:
            return None
        node = _opened(way, depth, node)
        if isinstance(step, int):
            node = node.items[step] if node.kind == "list" and step < len(node.items) else None
        else:
            pairs = node.pairs if node.kind == "mapping" else []
            node = next((value for key, value in pairs if key.text == step), None)
    return node


def _opened(way: Steps, depth: int, node: Node) -> Node:
    """A bare text as the mapping that it stands for, where the way leads into it."""
    entry = depth == (3 if way[0] == "incidents" else 2)
    if not entry or way[0] not in STANDS_FOR or node.kind != "scalar" or is_blank(node):
        return node
    return node._replace(kind="mapping", value=[(Node(STANDS_FOR[str(way[0])], "scalar", node.span), node)])


def _with(node: Node, way: Steps, kept: int, span: Span, value: Node | None, depth: int = 0) -> Node:
    """A tree with a value at the end of a way, or without what stands there. Keys from `kept` on stand at `span`."""
    step, last = way[depth], depth == len(way) - 1
    node = _opened(way, depth, node)
    if isinstance(step, int):
        items = list(node.items) if node.kind == "list" else []
        item = items[step] if step < len(items) else Node([], "mapping", span)
        empty = Node([], "mapping", span)
        items[step : step + 1] = [(value or empty) if last else _with(item, way, kept, span, value, depth + 1)]
        return Node(items, "list", node.span)
    pairs = list(node.pairs) if node.kind == "mapping" else []
    n = next((n for n, (key, _) in enumerate(pairs) if key.text == step), len(pairs))
    key, inner = pairs[n] if n < len(pairs) else (Node(step, "scalar", span), Node([], "mapping", span))
    if value is None and (last or n == len(pairs)):
        return node._replace(value=pairs[:n] + pairs[n + 1 :]) if node.kind == "mapping" else node
    inner = value if last and value is not None else _with(inner, way, kept, span, value, depth + 1)
    pairs[n : n + 1] = [(key._replace(span=span) if depth >= kept and value is not None else key, inner)]
    return node._replace(value=pairs, kind="mapping")


def _written(node: Node) -> str:
    """What stands in a file, in one line."""
    if node.kind == "scalar":
        return node.text.strip()
    if node.kind == "list":
        return "[" + ", ".join(map(_written, node.items)) + "]"
    return "{" + ", ".join(f"{key.text}: {_written(value)}" for key, value in node.pairs) + "}"
