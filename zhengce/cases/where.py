"""Where each fact of a case stands in its file, looked up when somebody asks: a roster of 300,000 costs a case nothing."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from .rosters import item_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from ..datalog.checked import Row
    from ..errors import Span
    from ..rows import Facts
    from . import Listed, Steps, Written
    from .rosters import Line

# By relation the way to a fact in the file: a text is a key, a number the column of the row whose value is the key or, counted
# from 1, the item of a list.
WAYS: dict[str, tuple[str | int, ...]] = {
    "city": ("city",),
    "applying_on": ("applying_on",),
    "unit": ("unit",),
    "named_in": ("named_in",),
    "revoked_in": ("revoked_in",),
    "reexamined": ("reexamined",),
    "answer": ("answers", 1),
    "counted": ("answers", 1),
    "answer_detail": ("answers", 1, 2),
    "fields_given": ("fields",),
    "field_covered": ("fields",),
    "elements_given": ("unclear_elements",),
    "unclear_element": ("unclear_elements",),
    "discretion": ("discretion", 1),
    "self_score": ("self_scores", 1),
    "metric": ("metrics", 1, 2),
    "institution": ("institutions",),
    "inspected": ("inspected", 2),
    "unmet": ("unmet",),
    "incidents_given": ("incidents", 1),
    "incident": ("incidents", 1, 2),
    "incident_on": ("incidents", 1, 2, "on"),
    "incident_about_childcare": ("incidents", 1, 2, "about_childcare"),
    "finding": ("findings", 1),
    "finding_part": ("findings", 1, 2),
    "reading_chosen": ("readings", 1),
}
LISTS = {"field_covered": "fields", "unclear_element": "unclear_elements", "institution": "institutions"}


def way(relation: str, row: Row, document: str) -> Steps:
    """The keys that lead to a fact, ids without the document; for a relation of the workspace's own that of the relation."""
    steps = (step if isinstance(step, str) else row[step] for step in WAYS.get(relation, ("facts", relation)))
    return tuple(s.removeprefix(f"{document}/") if isinstance(s, str) else s - 1 for s in steps)


class Places:
    """The places of the facts of a case.

    Args:
        listed: the names in lists, with their places.
        unmet: the rows of unmet clauses, with theirs.
        own: the facts of the workspace's own relations, with theirs.
        fields_at: where the fields are.
    """

    def __init__(
        self, written: Written, listed: Mapping[str, list[Listed]], unmet: Iterable[Line], own: Facts, fields_at: Steps
    ) -> None:
        self.written, self.listed, self.own, self.fields_at = written, listed, own, fields_at
        self.rows_of_unmet = unmet

    def where(self, relation: str, row: Row, document: str) -> Span | None:
        """The place of a fact of the case; None for one that stands nowhere."""
        if relation in self.own:
            return self.own[relation].get(row)
        if relation in LISTS:
            return self.items.get(LISTS[relation], {}).get(row[1])
        if relation == "unmet":
            return self.unmet.get(row[1:])
        if relation == "inspected":
            return self.inspected.get(row[1:]) or self.written.place(*self.of_inspection(row[2]))
        return self.written.place(*(self.fields_at if relation == "fields_given" else way(relation, row, document)))

    def evidence(self, relation: str, row: Row, document: str) -> str:
        """What the case gives as evidence for the answer that a fact comes from; empty where it gives none."""
        if WAYS.get(relation, ("",))[0] != "answers":
            return ""
        key, value = self.written.find(*way(relation, row, document)[:2], "evidence")
        return value.text.strip() if key.text == "evidence" and value.kind == "scalar" and not value.is_null else ""

    def of_inspection(self, standard: str) -> Steps:
        """Where it says that a standard was inspected everywhere: with unmet clauses alone, all are."""
        return ("inspected", standard) if self.written.keys("inspected") else ("unmet",)

    @cached_property
    def items(self) -> dict[str, dict[str, Span]]:
        return {section: dict(reversed(names)) for section, names in self.listed.items()}

    @cached_property
    def unmet(self) -> dict[Row, Span]:
        lines = list(self.rows_of_unmet)
        return {(i, standard, item_number(clause)): spans[0] for (i, standard, clause), spans in reversed(lines)}

    @cached_property
    def inspected(self) -> dict[Row, Span]:
        return dict(self._inspected())

    def _inspected(self) -> Iterator[tuple[Row, Span]]:
        for key in self.written.keys("inspected"):
            _, given = self.written.find("inspected", key.text)
            for item in given.items if given.kind == "list" else ():
                yield (item.text.strip(), key.text), item.span
