"""The names that a case may use, which all come from the documents' facts, and the keys of a case held against them.

No name of a policy stands here: rows are unpacked by the columns that `policy/*.dl` declares.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..errors import did_you_mean
from ..language import listed, say
from . import is_blank

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ..datalog.checked import Row
    from . import Steps, Written

    Known = Mapping[str, Collection[Row]]

FIELDS = "fields"  # a key beside the conditions
# what is read of the workspace's own relations: column names by position
COLUMNS: dict[str, dict[int, str]] = {
    "condition": {0: "condition", 1: "indicator", 4: "effect"},
    "indicator": {0: "indicator", 4: "points"},
    "not_self_scored": {0: "indicator"},
    "detail_name": {0: "condition", 1: "detail"},
    "element": {0: "condition", 1: "element"},
    "field": {0: "condition", 1: "field"},
    "standard": {0: "condition", 1: "standard"},
    "metric_name": {0: "metric", 1: "unit", 2: "compared"},
    "incident_kind": {0: "kind", 1: "clause"},
    "revocation_trigger": {0: "trigger"},
    "trigger_part": {0: "trigger", 1: "part"},
}


def columns_of(relation: str, width: int) -> dict[int, str]:
    """The columns that a relation must have if it has so many: a condition that gives no points needs no more than its id."""
    columns = COLUMNS.get(relation, {})
    return {0: columns[0]} if relation == "condition" and width <= max(columns) else columns


class Condition(NamedTuple):
    """`indicator` and `effect`: empty where the conditions give no points."""

    indicator: str
    effect: str


class Names:
    """Every name that a case of one document may use, ids without the document."""

    def __init__(self, known: Known, document: str) -> None:
        self.document, self._known = document, known
        own = self._own
        self.conditions = {row[0]: self._condition(row) for row in own("condition")}
        self.points: dict[str, int] = {indicator: points for indicator, _, _, _, points, *_ in own("indicator")}
        self.discretion = [c.indicator for c in self.conditions.values() if c.effect == "discretion"]
        self.not_self_scored = {indicator for indicator, *_ in own("not_self_scored")}
        self.details = {(condition, detail) for condition, detail, *_ in own("detail_name")}
        self.elements = [element for _, element, *_ in own("element")]
        self.fields = [field for _, field, *_ in own("field")]
        self.standards = [standard for _, standard, *_ in own("standard")]
        self.metrics = {metric: (unit, compared) for metric, unit, compared, *_ in known.get("metric_name", ())}
        self.kinds = [kind for _, kind, *_ in own("incident_kind", by=1)]
        self.triggers: dict[str, list[str]] = {trigger: [] for trigger, *_ in own("revocation_trigger")}
        for trigger, part, *_ in own("trigger_part"):
            self.triggers[trigger].append(part)
        self.readings: dict[str, list[str]] = {reading: [] for reading, *_ in own("reading_point")}
        for reading, value, *_ in own("reading_option"):
            self.readings[reading].append(value)

    def _own(self, relation: str, by: int = 0) -> Iterator[Row]:
        """The rows of this document, the id that says so first and shortened."""
        for row in self._known.get(relation, ()):
            if row[by].startswith(f"{self.document}/"):
                yield (self._short(row[by]), *row[:by], *row[by + 1 :])

    def _condition(self, row: Row) -> Condition:
        return Condition(self._short(row[1]), row[4]) if len(row) > 4 else Condition("", "")

    def _short(self, name: str) -> str:
        return name.removeprefix(f"{self.document}/")

    def hint(self, unknown: str, known: Iterable[str]) -> str:
        """What was probably meant: the name without its document, an indicator's conditions, the nearest names."""
        known = set(known)
        if self._short(unknown) in known:
            return say("案例里不写文件：{name}", name=self._short(unknown))
        own = [name for name, condition in self.conditions.items() if condition.indicator == unknown and name in known]
        return say("这是指标，它的条件有：{names}", names=listed(sorted(own))) if own else did_you_mean(unknown, known)


def document_of(written: Written, known: Known) -> str:
    """The case's document; none where it is missing, unknown, or no name at all (which its shape will say)."""
    documents = [document for document, *_ in known.get("document", ())]
    _, node = written.find("document")
    if node is written.root or is_blank(node):
        written.fail(("document",), say("缺少 document：依据哪个文件"), did_you_mean("", documents), at_key=True)
    elif node.kind == "scalar" and node.text.strip() not in documents:
        message = say("没有“{name}”这个{kind}", name=node.text, kind=say("文件"))
        written.fail(("document",), message, did_you_mean(node.text, documents))
    elif node.kind == "scalar":
        return node.text.strip()
    return ""


def check_keys(written: Written, names: Names) -> None:
    """Report and drop each key that names nothing."""
    sections: list[tuple[tuple[str, ...], str, Collection[str]]] = [
        (("answers",), say("条件"), [*names.conditions, FIELDS]),
        (("discretion",), say("由评审酌定的指标"), names.discretion),
        (("self_scores",), say("指标"), names.points),
        (("metrics",), say("指标数据"), names.metrics),
        (("inspected",), say("标准"), names.standards),
        (("incidents",), say("事件"), names.kinds),
        (("findings",), say("撤销情形"), names.triggers),
        (("readings",), say("读法"), names.readings),
        (("expect", "indicators"), say("指标"), names.points),
        *((("findings", trigger), say("组成部分"), parts) for trigger, parts in names.triggers.items()),
    ]
    strays: list[Steps] = []
    for path, what, known in sections:
        for key in written.keys(*path):
            if key.text not in known:
                message = say("没有“{name}”这个{kind}", name=key.text, kind=what)
                written.fail((*path, key.text), message, names.hint(key.text, known), at_key=True)
                strays.append((*path, key.text))
    written.drop(*strays)
