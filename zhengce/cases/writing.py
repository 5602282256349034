"""The exact inverse of reading a case: facts to the text of a file that gives them again, no more and no less.

    facts ──writable, NEEDED──▶ what a case can say ──where.way──▶ Sections ──PyYAML──▶ text

What a case cannot say is refused, every such fact at once; nothing is left out.
"""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any

from ..errors import CaseError, Span, ZhengceError, did_you_mean, raise_all
from ..language import listed, say
from ..rows import Statable, dangling, double_keys
from .names import Names
from .own import REFUSED, SECTION
from .rosters import item_number
from .shape import CaseShape
from .where import way
from .writable import CITY, NEEDED, columns_of_case, columns_of_own, may, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ..datalog.checked import Row
    from . import Steps
    from .names import Known
    from .writable import Columns

Sections = dict[Any, Any]  # by key, as PyYAML takes them

LISTS = {
    "fields": ("fields_given", "field_covered"),
    "unclear_elements": ("elements_given", "unclear_element"),
    "institutions": ("institution", "institution"),
}
# The relations whose last column stands where the fact does, or under a key there, in the order in which keys are written.
VALUED = (
    "applying_on unit answer counted answer_detail discretion self_score metric incident_on "
    "incident_about_childcare named_in revoked_in reexamined finding finding_part reading_chosen"
).split()
KEYS = {"answer": "value", "counted": "value", "reexamined": "meets"}
NOWHERE = Span("", 0, 0)
WIDEST = 2**31 - 1
TAG = "tag:yaml.org,2002:"


def written(facts: Mapping[str, Collection[Row]], known: Known, statable: Callable[[], Statable] = Statable) -> str:
    """The text of the case file that says these facts: `read_case` of it gives them again, and they always give this text.

    A relation without rows is as one that is not there. What is no fact (evidence, `expect`, comments) is not in the text.

    Args:
        facts: rows by relation, with the city and values as engines keep them, as in `Case.facts`.
        known: the documents' facts by relation, as for `read_case`.
        statable: the relations of the workspace's own, as for `read_case`; called when there are facts of others than a case's.

    Raises:
        CaseError: every fact that a case cannot say, each with why.
    """
    given = {relation: set(rows) for relation, rows in facts.items() if rows}
    subjects = given.get("city", set())
    if [len(row) for row in subjects] != [2]:
        found = listed(sorted(shown("city", row) for row in subjects)) or say("没有")
        raise CaseError(say("一个案例写一个城市、依据一个文件，这里写了：{found}", found=found))
    ((city, document),) = subjects
    return _dumped(_Writer(given, known, statable, city, document).sections())


class _Writer:
    """Puts the facts of a case, each in its place, into the sections of its file."""

    def __init__(
        self, facts: dict[str, set[Row]], known: Known, statable: Callable[[], Statable], city: str, document: str
    ) -> None:
        self.facts, self.known, self.city, self.document = facts, known, city, document
        self.names = Names(known, document)
        self.columns = columns_of_case(self.names, known)
        others = sorted(facts.keys() - self.columns.keys())
        self.statable = statable() if others else Statable()
        self.own = [name for name in others if name in self.statable.declarations and name not in self.statable.refused]
        self.columns |= {name: columns_of_own(self.statable.declarations[name], document) for name in self.own}
        self.root: Sections = {"city": city, "document": document}
        self.placed: dict[Steps, str] = {}
        self.errors: list[ZhengceError] = []

    def sections(self) -> Sections:
        """The sections that say something, in the order of `CaseShape`. Raises `CaseError`."""
        self.check()
        raise_all(self.errors)  # what is left can be sorted: in each column it is of one type
        self.lists()
        self.inspections()
        for relation in VALUED:
            for row in self.rows(relation):
                self.put(relation, row)
        if self.own:
            self.root[SECTION] = {relation: self.own_rows(relation) for relation in self.own}
        raise_all(self.errors)
        answers = self.root.get("answers", {})
        answers |= {id_: answer["value"] for id_, answer in answers.items() if answer.keys() == {"value"}}
        return {key: _in_order(self.root[key]) for key in CaseShape.model_fields if key in self.root}

    def rows(self, relation: str) -> list[Row]:
        return sorted(self.facts.get(relation, ()))

    def refuse(self, relation: str, row: Row, why: str, hint: str = "") -> None:
        fact = shown(relation, row, self.columns[relation])
        self.errors.append(CaseError(say("案例写不了 {fact}：{why}", fact=fact, why=why), hint=hint))

    # -- what cannot be said --------------------------------------------------------------------------------------------

    def check(self) -> None:
        for relation in self.facts.keys() - self.columns.keys():
            message = say(REFUSED[self.statable.refused.get(relation, "unknown")], name=relation)
            self.errors.append(CaseError(message, hint=did_you_mean(relation, self.columns)))
        for relation, columns in self.columns.items():
            for row in self.facts.get(relation, ()):
                if (found := self.misfit(relation, row, columns)) is not None:
                    self.refuse(relation, row, *found)
        if not self.errors:
            self.check_numbers()
            self.check_own()

    def misfit(self, relation: str, row: Row, columns: Columns) -> tuple[str, str] | None:
        """Why a row by itself has no place, and a hint."""
        if (width := 1 + len(columns)) != len(row):
            return say("{name} 有 {wanted} 列，这里写了 {written} 列", name=relation, wanted=width, written=len(row)), ""
        if row[0] != self.city:
            return say("案例的城市是{city}", city=self.city), ""
        named = {"city": CITY} if relation == "city" else {}
        for (column, allowed), value in zip((named | columns).items(), row[not named :], strict=True):
            if not (this := may(allowed, row)).holds(value):
                return say("{column} 不能是“{value}”", column=column, value=value), this.hint(value)
        needed, shared = NEEDED.get(relation, ("", 0))
        if needed and row[:shared] not in self.facts.get(needed, ()):
            return say("没有 {fact}", fact=shown(needed, row[:shared])), ""
        return None

    def check_numbers(self) -> None:
        """Incidents are known by their place in the list."""
        for _, kind in self.rows("incidents_given"):
            numbers = sorted(row[2] for row in self.facts.get("incident", ()) if row[1] == kind)
            if numbers != list(range(1, len(numbers) + 1)):
                message = say("{kind}的序号要从 1 起，一个接一个，这里是：{numbers}", kind=kind, numbers=listed(numbers))
                self.errors.append(CaseError(message))

    def check_own(self) -> None:
        """What must hold between rows of the workspace's own relations."""
        declarations = self.statable.declarations
        own = {relation: dict.fromkeys(self.rows(relation), NOWHERE) for relation in self.own}
        self.errors += [CaseError(message) for _, message, _ in double_keys(own, declarations)]
        for found in dangling(own, declarations, self.facts, self.known):
            self.refuse(found.name, found.row, *found.fault(self.document, "", {})[1:])

    # -- where things stand ---------------------------------------------------------------------------------------------

    def put(self, relation: str, row: Row) -> None:
        """A value in its place, where nothing else stands."""
        steps = way(relation, row, self.document) + ((KEYS[relation],) if relation in KEYS else ())
        if relation == "metric" and self.names.metrics[row[1]][1] != "province":
            steps = steps[:-1]
        if other := next((self.placed[steps[:n]] for n in range(1, len(steps) + 1) if steps[:n] in self.placed), ""):
            return self.refuse(relation, row, say("同一处已经写了 {other}", other=other))
        self.placed[steps] = shown(relation, row, self.columns[relation])
        here = self.root
        for step in steps[:-1]:
            here = here[step] if isinstance(step, int) else here.setdefault(step, {})
        here[steps[-1]] = may([*self.columns[relation].values()][-1], row).plain(row[-1])
        return None

    def lists(self) -> None:
        for section, (given, members) in LISTS.items():
            if given in self.facts:
                self.root[section] = [name for _, name in self.rows(members)]
        kinds = [kind for _, kind in self.rows("incidents_given")]
        if kinds:
            self.root["incidents"] = {kind: [{} for row in self.rows("incident") if row[1] == kind] for kind in kinds}

    def inspections(self) -> None:
        """Where only unmet clauses stand, all would count as inspected: that nothing was inspected is said too."""
        unmet = sorted(self.facts.get("unmet", ()), key=lambda row: (*row[1:3], len(row[3]), row[3]))
        if unmet:
            self.root["unmet"] = [{"institution": who, "standard": by, "clause": item} for _, who, by, item in unmet]
            self.root["inspected"] = {}
        everyone = self.root.get("institutions", [])
        for standard in {row[2] for row in self.facts.get("inspected", ())}:
            who = [name for _, name, by in self.rows("inspected") if by == standard]
            self.root.setdefault("inspected", {})[standard] = "all" if who == everyone else who

    def own_rows(self, relation: str) -> Any:
        """The rows of a relation by column; yes for a row without columns of its own."""
        rows: list[Any] = []
        for row in self.rows(relation):
            columns = zip(self.columns[relation].items(), row[1:], strict=True)
            cells = {name: may(allowed, row).plain(value) for (name, allowed), value in columns}
            if cells.get("document") == self.document:
                del cells["document"]
            rows.append(cells or True)
        return True if rows == [True] else rows


def _in_order(section: Any) -> Any:
    """The entries of a section as their ids count: 二 before 十, 2 before 10."""
    if not isinstance(section, dict):
        return section
    numbers = {key: [(len(n), n) for n in map(item_number, key.split("."))] for key in section}
    return {key: section[key] for key in sorted(section, key=lambda key: (numbers[key], key))}


@cache
def _dumper() -> Any:
    """PyYAML's safe dumper with yes and no, exact decimals, and everything written out.

    It is the one in Python, fast enough here: that in C escapes the rarer characters, such as 𠮷.
    """
    import yaml

    dumper: Any = type("Dumper", (yaml.SafeDumper,), {"ignore_aliases": lambda self, data: True})
    dumper.add_representer(bool, lambda self, value: self.represent_scalar(f"{TAG}bool", "yes" if value else "no"))
    dumper.add_representer(Decimal, lambda self, n: self.represent_scalar(TAG + ("float" if n % 1 else "int"), f"{n:f}"))
    dumper.add_representer(str, _symbol)
    return dumper


def _symbol(dumper: Any, value: str) -> Any:
    """A text; ends of lines as escapes, for of the rarer ones (U+0085) YAML makes others."""
    return dumper.represent_scalar(f"{TAG}str", value, style=None if value.isprintable() else '"')


def _dumped(sections: Sections) -> str:
    """The text. Of the clauses unmet, which may be very many, each name is given to PyYAML once."""
    line = cache(_entry)
    return "".join(
        f"{key}:\n" + "".join("- " + "  ".join(line(*cell) for cell in row.items()) for row in section)
        if key == "unmet"
        else _entry(key, section)
        for key, section in sections.items()
    )


def _entry(key: str, value: Any) -> str:
    import yaml

    wide: Any = {"allow_unicode": True, "default_flow_style": False, "sort_keys": False, "width": WIDEST}
    text: str = yaml.dump({key: value}, Dumper=_dumper(), **wide)
    return text
