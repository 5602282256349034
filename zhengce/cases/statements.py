"""What a case could say: whether a fact could stand in a case file of a document at all."""

from __future__ import annotations

from datetime import timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .names import Names

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from ..datalog.checked import Row
    from . import Case
    from .names import Known

YES_NO = ("yes", "no")
MOST_COUNTED = 20
BEFORE = (365, 3650)  # days
BY_COUNT = ("count", "discretion", "average")  # conditions that are not answered by yes or no


class Statements:
    """The facts that a case could state beside those that it states."""

    def __init__(self, case: Case, known: Known) -> None:
        self.case, self.names = case, Names(known, case.document)
        self.bounds: dict[str, list[Any]] = {}
        for _, metric, bound, *_ in known.get("below_value", ()):
            self.bounds.setdefault(metric, []).append(bound)
        self.institutions = {row[1] for row in case.facts["institution"]}
        self.tests: dict[str, Callable[..., bool]] = {
            "answer": lambda c, v: self.effect(c) not in BY_COUNT and v in YES_NO,
            "answer_detail": lambda c, d, v: (self.short(c), d) in self.names.details and v in YES_NO,
            "counted": lambda c, n: self.effect(c) == "count" and n >= 0,
            "discretion": lambda i, p: self.short(i) in self.names.discretion and p in (0, self.names.points[self.short(i)]),
            "self_score": lambda i, p: False,
            "metric": self.metric,
            "institution": lambda o: o in self.institutions,
            "inspected": lambda o, s: o in self.institutions and s in self.names.standards,
            "unmet": lambda o, s, item: o in self.institutions and s in self.names.standards,
            "incidents_given": lambda k: k in self.names.kinds,
            "incident": lambda k, n: (k, n) in self.incidents,
            "incident_on": lambda k, n, d: (k, n) in self.incidents,
            "incident_about_childcare": lambda k, n, v: (k, n) in self.incidents and v in YES_NO,
            "reexamined": lambda v: v in YES_NO,
            "finding": lambda t, v: self.short(t) in self.names.triggers and v in YES_NO,
            "finding_part": lambda t, p, v: p in self.names.triggers.get(self.short(t), ()) and v in YES_NO,
        }

    def allows(self, relation: str, row: Row) -> bool:
        """Whether a row, as engines keep it, could stand in the case; of the workspace's own relations any could."""
        test = self.tests.get(relation)
        return test is None or test(*row[1:])

    def short(self, id_: str) -> str:
        return id_.removeprefix(f"{self.case.document}/")

    def effect(self, condition: str) -> str:
        """How a condition works; a sign of its own for what is no condition."""
        found = self.names.conditions.get(self.short(condition))
        return found.effect if found else BY_COUNT[-1]

    def metric(self, metric: str, whose: str, value: Any) -> bool:
        """A number that a metric is compared with. What the province has can be found out, not changed."""
        _, compared = self.names.metrics.get(metric, ("", ""))
        stated = {row[2]: row[3] for row in self.case.facts["metric"] if row[1] == metric}
        if whose == "province" and (compared != "province" or whose in stated):
            return False
        return value in {*self.bounds.get(metric, ()), *stated.values()}

    def more(self, relation: str, column: int) -> Collection[Any]:
        """Values that may stand in a column although no fact has them: counts, and days well before the application."""
        if (relation, column) == ("incident_on", 3):
            return [day - timedelta(days=days) for _, day in self.case.facts["applying_on"] for days in BEFORE]
        return range(MOST_COUNTED + 1) if (relation, column) == ("counted", 2) else ()

    @cached_property
    def incidents(self) -> set[Row]:
        """The incidents that the case lists; of each kind one more could be."""
        listed = {row[1:] for row in self.case.facts["incident"]}
        return listed | {(kind, 1 + sum(k == kind for k, _ in listed)) for kind in self.names.kinds}
