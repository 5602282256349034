"""What a case says: its values held against the documents and one another, and the facts that they give."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..datalog import values
from ..errors import CaseError, Span, did_you_mean
from ..language import later, say
from ..texts.signs import WIDE_COMMAS
from . import Case, Listed, Written, is_blank
from .names import FIELDS, Names, check_keys, document_of
from .rosters import Line, item_number, read_table
from .shape import WHOLE_TRIGGER, Answer, BadValueError, CaseShape, Expect, Quantity, name, shaped
from .where import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from ..datalog.checked import Row
    from ..rows import Facts, Statable
    from . import Steps
    from .names import Known

RELATIONS = (
    "city applying_on unit named_in revoked_in reexamined answer answer_detail counted fields_given "
    "field_covered elements_given unclear_element discretion self_score metric institution inspected "
    "unmet incidents_given incident incident_on incident_about_childcare finding finding_part "
    "reading_chosen"
).split()
INSTITUTION_COLUMNS = ("institution",)
UNMET_COLUMNS = ("institution", "standard", "clause")
MOST_HINTS = 20
BOTH = later(
    ("“{metric}”与全省平均比较，要分别写本市和全省的数", "写作 {metric}: {{city: …, province: …}}；只知道一个就只写一个")
)
ONE = later(("“{metric}”不与全省平均比较，只写一个数", "写作 {metric}: …"))


def meaning(written: Written, known: Known, statable: Callable[[], Statable]) -> Case:
    """The case, as far as it makes sense; what does not is among the errors of `written`."""
    _, city = written.find("city")
    if city is written.root or is_blank(city):
        written.fail(("city",), say("缺少 city：哪个城市"), at_key=True)
    names = Names(known, document_of(written, known))
    if names.document:
        check_keys(written, names)
    shape = shaped(written)
    reader = _Reader(written, shape, names)
    if names.document:
        reader.read()
    rows: Facts = {}
    if names.document and shape.facts:
        from .own import own_facts

        rows = own_facts(written, shape.city or "", names.document, statable(), known, reader.facts)
        reader.facts |= {relation: set(stated) for relation, stated in rows.items()}
    return Case(
        shape.city or "",
        names.document,
        str(written.path),
        written.source,
        reader.facts,
        _expected(shape.expect) if shape.expect else {},
        written,
        reader.listed,
        reader.fields_at,
        Places(written, reader.listed, reader.lines_unmet, rows, reader.fields_at),
    )


class _Reader:
    """Makes the facts of a case whose keys are all known."""

    def __init__(self, written: Written, shape: CaseShape, names: Names) -> None:
        self.written, self.shape, self.names = written, shape, names
        self.facts: dict[str, set[Row]] = {relation: set() for relation in RELATIONS}
        self.listed: dict[str, list[Listed]] = defaultdict(list)
        self.fields_at: Steps = (FIELDS,)
        self.lines_unmet: Iterable[Line] = ()

    def read(self) -> None:
        self.plain()
        self.answers()
        self.fields()
        self.elements()
        self.scores()
        self.metrics()
        institutions = self.institutions()
        self.unmet(institutions)
        self.inspected(institutions)
        self.incidents()
        self.findings()
        self.readings()

    def add(self, relation: str, *row: object) -> None:
        """A row of this city, as engines keep it."""
        self.facts[relation].add((self.shape.city or "", *map(_kept, row)))

    def id(self, name: str) -> str:
        return f"{self.names.document}/{name}"

    def names_one(self, path: Steps, name: str, known: Collection[str], what: str) -> bool:
        """Whether the value at the path is a known name; an error where it is not."""
        if name not in known:
            message = say("没有“{name}”这个{kind}", name=name, kind=say(what))
            self.written.fail(path, message, self.names.hint(name, known))
        return name in known

    # --- single values -------------------------------------------------------------------------------------------

    def plain(self) -> None:
        self.add("city", self.names.document)
        for relation in ("applying_on", "unit", "named_in", "revoked_in"):
            if (value := getattr(self.shape, relation)) is not None:
                self.add(relation, value)
        if self.shape.reexamined and self.shape.reexamined.meets is not None:
            self.add("reexamined", self.shape.reexamined.meets)

    # --- the table -----------------------------------------------------------------------------------------------

    def given_answers(self) -> dict[str, Answer]:
        given: dict[str, Answer | None] = (self.shape.answers and self.shape.answers.model_extra) or {}
        return {condition: answer for condition, answer in given.items() if answer}

    def is_count(self, condition: str) -> bool:
        return self.names.conditions[condition].effect == "count"

    def answers(self) -> None:
        for condition, answer in self.given_answers().items():
            if not self.may_be_answered(condition, answer):
                continue
            if answer.value is not None:
                self.add("counted" if self.is_count(condition) else "answer", self.id(condition), answer.value)
            for detail, value in answer.details.items():
                if value is not None:
                    self.detail(condition, detail, value)

    def detail(self, condition: str, detail: str, value: bool) -> None:
        if (condition, detail) in self.names.details:
            self.add("answer_detail", self.id(condition), detail, value)
        else:
            message = say("“{condition}”不看 {detail}", condition=condition, detail=detail)
            self.written.fail(("answers", condition, detail), message, say("去掉 {detail}", detail=detail), at_key=True)

    def may_be_answered(self, name: str, answer: Answer) -> bool:
        """Whether this answer is of the kind that the condition takes; an error where it is not."""
        indicator, effect = self.names.conditions[name]
        if effect == "discretion":
            hint = say("写在 discretion 下：{indicator}: 分数", indicator=indicator)
            message = say("“{condition}”由评审酌定，不在 answers 里回答", condition=name)
            self.written.fail(("answers", name), message, hint, at_key=True)
        elif effect == "average":
            hint = say("未执行到位的条款写在 unmet 下，检查过的机构写在 inspected 下")
            message = say("“{condition}”按机构逐条检查，不在 answers 里回答", condition=name)
            self.written.fail(("answers", name), message, hint, at_key=True)
        elif effect != "count" and answer.fields is not None:
            message = say("“{condition}”不按领域计数，不写 fields", condition=name)
            self.written.fail(("answers", name, FIELDS), message, at_key=True)
        elif answer.value is not None and isinstance(answer.value, bool) == (effect == "count"):
            number = say("“{condition}”要写整数（项数），不是 yes 或 no", condition=name)
            yes = say("“{condition}”要写 yes 或 no，不是数", condition=name)
            self.written.fail(("answers", name, "value"), number if effect == "count" else yes)
        else:
            return True
        return False

    def fields(self) -> None:
        """The fields covered, which may stand in three places, but only in one of them."""
        given: dict[Steps, list[str] | None] = {(FIELDS,): self.shape.fields}
        if self.shape.answers:
            given["answers", FIELDS] = self.shape.answers.fields
        for condition, answer in self.given_answers().items():
            if self.is_count(condition):
                given["answers", condition, FIELDS] = answer.fields
        paths = sorted((path for path in given if given[path] is not None), key=lambda path: self.written.place(*path))
        for again in paths[1:]:
            hint = say("前一次在第 {line} 行", line=self.written.place(*paths[0]).line)
            self.written.fail(again, say("fields 写了两次"), hint, at_key=True)
        for path in paths[:1]:
            self.fields_at = path
            self.add("fields_given")
        for path in paths:
            for i, field in enumerate(given[path] or []):
                if self.names_one((*path, i), field, self.names.fields, later("领域")):
                    self.add("field_covered", field)
                self.listed[FIELDS].append((field, self.written.place(*path, i)))

    def elements(self) -> None:
        if self.shape.unclear_elements is None:
            return
        self.add("elements_given")
        for i, element in enumerate(self.shape.unclear_elements):
            if self.names_one(("unclear_elements", i), element, self.names.elements, later("要素")):
                self.add("unclear_element", element)
            self.listed["unclear_elements"].append((element, self.written.place("unclear_elements", i)))

    def scores(self) -> None:
        """Points that somebody gave an indicator: from 0 to the indicator's own."""
        for section, relation in (("discretion", "discretion"), ("self_scores", "self_score")):
            for indicator, points in _said(getattr(self.shape, section)):
                most = self.names.points[indicator]
                if section == "self_scores" and indicator in self.names.not_self_scored:
                    message = say("“{indicator}”不自评", indicator=indicator)
                    self.written.fail((section, indicator), message, say("去掉这一行"), at_key=True)
                elif not 0 <= _kept(points) <= most:
                    points_most = values.decode(most, "decimal")
                    message = say("“{indicator}”的分数要在 0 到 {most} 之间", indicator=indicator, most=points_most)
                    self.written.fail((section, indicator), message)
                self.add(relation, self.id(indicator), points)

    def metrics(self) -> None:
        for metric, given in _said(self.shape.metrics):
            unit, compared = self.names.metrics[metric]
            if compared == "province":
                sides, stray = {"city": given.city, "province": given.province}, given.value
                message, hint = BOTH
            else:
                sides, stray = {"city": given.value}, not given.value
                message, hint = ONE
            if stray:
                self.written.fail(("metrics", metric), say(message, metric=metric), say(hint, metric=metric))
            for whose, quantity in sides.items():
                if quantity and not (problem := _misfit(metric, quantity, unit)):
                    self.add("metric", metric, whose, quantity.number)
                elif quantity:
                    self.written.fail(("metrics", metric, whose), problem)

    # --- institutions --------------------------------------------------------------------------------------------

    def institutions(self) -> set[str] | None:
        """The institutions' names; None where they could not be read, so that nothing is held against them."""
        given, first = self.shape.institutions, dict[str, Span]()
        if not given:
            return None if "institutions" in self.written.dropped else set()
        written = [Line((name,), (self.written.place("institutions", i),)) for i, name in enumerate(given.names)]
        lines = self.table("institutions", given.file, INSTITUTION_COLUMNS) if given.file else written
        for (institution,), (span,) in lines or ():
            if re.search(WIDE_COMMAS, institution):
                message = say("“{name}”里有全角的逗号、顿号或分号", name=institution)
                self.written.fail_at(span, message, say("几所机构要分开写，用半角逗号：[A园, B园]"))
            if institution in first:
                before = say("前一次在第 {line} 行", line=first[institution].line)
                self.written.fail_at(span, say("机构“{name}”写了两次", name=institution), before)
            first.setdefault(institution, span)
            self.listed["institutions"].append((institution, span))
            self.add("institution", institution)
        return None if lines is None or "institutions" in self.written.dropped else set(first)

    def unmet(self, institutions: set[str] | None) -> None:
        given = self.shape.unmet
        if not given:
            return
        lines = self.table("unmet", given.file, UNMET_COLUMNS) if given.file else list(self.unmet_written())
        self.lines_unmet = lines or ()
        for (institution, standard, clause), spans in lines or ():
            self.is_listed(institution, institutions, spans[0])
            if standard not in self.names.standards:
                hint = did_you_mean(standard, self.names.standards)
                self.written.fail_at(spans[1], say("没有“{name}”这个{kind}", name=standard, kind=say("标准")), hint)
            self.listed["unmet"].append((institution, spans[0]))
            self.add("unmet", institution, standard, item_number(clause))

    def unmet_written(self) -> Iterator[Line]:
        _, section = self.written.find("unmet")
        for row, node in zip(self.shape.unmet.rows if self.shape.unmet else (), section.items, strict=True):
            spans = {key.text: value.span for key, value in node.pairs}
            yield Line((row.institution, row.standard, row.clause), tuple(spans[column] for column in UNMET_COLUMNS))

    def inspected(self, institutions: set[str] | None) -> None:
        """Left out, but with unmet clauses given: every institution for every standard."""
        given = self.shape.inspected
        if given is None and self.shape.unmet:
            self.inspect(self.names.standards, institutions or ())
        for standard, who in _said(given):
            self.inspect([standard], (institutions or ()) if who.all else who.names)
            for i, institution in enumerate(who.names):
                self.is_listed(institution, institutions, self.written.place("inspected", standard, i))

    def inspect(self, standards: Collection[str], institutions: Collection[str]) -> None:
        for standard in standards:
            for institution in institutions:
                self.add("inspected", institution, standard)

    def is_listed(self, institution: str, institutions: set[str] | None, span: Span) -> None:
        if institutions is not None and institution not in institutions:
            hint = did_you_mean(institution, institutions) if len(self.written.errors) < MOST_HINTS else ""
            self.written.fail_at(span, say("机构“{name}”不在 institutions 里", name=institution), hint)

    def table(self, section: str, file: str, columns: Sequence[str]) -> list[Line] | None:
        """The rows of a file beside the case; None where it cannot be read."""
        written = self.written
        try:
            lines, written.sources[str(written.path.parent / file)] = read_table(written.path.parent, file, columns)
        except CaseError as problem:
            for error in problem.all:
                if error.span:
                    written.errors.append(error)
                else:
                    written.fail((section,), error.message, error.hint)
            return None
        for line in lines:
            for cell in line.cells:
                try:
                    name(cell)
                except BadValueError as wrong:
                    written.fail_at(line.spans[0], wrong.message, wrong.hint)
        return lines

    # --- eligibility and revocation ------------------------------------------------------------------------------

    def incidents(self) -> None:
        for kind, given in _said(self.shape.incidents):
            self.add("incidents_given", kind)
            for number, incident in enumerate(given.items, start=1):
                self.add("incident", kind, number)
                if incident.on is not None:
                    self.add("incident_on", kind, number, incident.on)
                if incident.about_childcare is not None:
                    self.add("incident_about_childcare", kind, number, incident.about_childcare)

    def findings(self) -> None:
        for trigger, finding in _said(self.shape.findings):
            for part, value in _said(finding):
                if part == WHOLE_TRIGGER:
                    self.add("finding", self.id(trigger), value)
                else:
                    self.add("finding_part", self.id(trigger), part, value)

    def readings(self) -> None:
        for reading, value in _said(self.shape.readings):
            if self.names_one(("readings", reading), value, self.names.readings[reading], later("选项")):
                self.add("reading_chosen", self.id(reading), value)


def _expected(expect: Expect) -> dict[str, Any]:
    """The plain values of the block."""
    block = expect.model_dump(exclude_none=True)
    return block | ({"indicators": dict(_said(block["indicators"]))} if "indicators" in block else {})


def _said(entries: dict[str, Any] | None) -> Iterator[tuple[str, Any]]:
    """The entries that are not left blank."""
    return ((key, value) for key, value in (entries or {}).items() if value is not None)


def _kept(value: Any) -> Any:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return values.encode(value, "decimal") if isinstance(value, Decimal) else value


def _misfit(metric: str, quantity: Quantity, unit: str) -> str:
    """Why a number cannot be a metric's; empty when it can."""
    if quantity.percent and unit != "%":
        return say("“{metric}”的单位是{unit}，不写百分号", metric=metric, unit=unit)
    if unit == "%" and not 0 <= quantity.number <= 100:
        return say("“{metric}”是百分数，要在 0 到 100 之间", metric=metric)
    return say("“{metric}”不能小于 0", metric=metric) if quantity.number < 0 else ""
