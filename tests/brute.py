"""What Liaoning's scheme says of a city, by brute force: an oracle derived from the texts alone.

Nothing here comes from the project's rules or engine. Each unknown of a case is completed in every way that matters,
completions that contradict something known are dropped, the rest are worked out by the plain definition, and the
least and the greatest (or, for a verdict, the agreement) of what remains is the answer.

A case is the mapping of the case format, already typed: bool, Decimal (or int), date, str, list, dict. None is the
same as left out. Its own `readings` count, and those of the run go before them.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import chain, combinations, product
from math import floor
from typing import Any, NamedTuple

Case = Mapping[str, Any]
Readings = Mapping[str, str]
Interval = tuple[Decimal, Decimal]
Truths = frozenset[bool]

BOTH: Truths = frozenset({True, False})

# Each reading that a case of Liaoning can meet, its default first.
READINGS: dict[str, tuple[str, ...]] = {
    "附件.一.3.unclear": ("once", "each"),
    "附件.一.3.no-plan": ("excluded", "included"),
    "附件.二.1.item": ("policy", "field"),
    "附件.三.5.equal": ("lower", "not-higher"),
    "附件.五.1.rule": ("discretion", "all-or-nothing"),
    "附件.五.3.scope": ("childcare", "any"),
    "附件.五.5.accident": ("any", "responsibility"),
    "附件.六.floor": ("institution", "city"),
    "四.incidents": ("opinion-only", "all"),
    "四.window": ("rolling", "calendar-years"),
    "四.quota": ("stated", "strict", "round-up"),
    "二.二.cycle": ("2022", "2021"),
    "二.二.re-examination": ("only-六.一", "not-kept"),
    "五.三.publication": ("before", "start-before"),
    "六.一.2": ("any", "all"),
    "六.一.3.who": ("either", "both"),
    "六.一.3.measure": ("finding", "90"),
}


class ContradictionError(ValueError):
    """No completion of the case agrees with what is known."""


class Condition(NamedTuple):
    """One scored condition: what it does where it holds, and the condition whose failing it presupposes."""

    effect: str  # zero, deduct or award
    points: int = 0
    only_if_not: str = ""


class Indicator(NamedTuple):
    """One row of the table; rows with a rule of their own have no conditions here."""

    max: Decimal
    conditions: dict[str, Condition]


def _row(most: str, **conditions: Condition) -> Indicator:
    return Indicator(Decimal(most), conditions)


def _zero(only_if_not: str = "") -> Condition:
    return Condition("zero", 0, only_if_not)


def _minus(points: int, only_if_not: str = "") -> Condition:
    return Condition("deduct", points, only_if_not)


def _plus(points: int) -> Condition:
    return Condition("award", points)


TABLE: dict[str, Indicator] = {
    "附件.一.1": _row("6", a=_minus(3), b=_minus(3), c=_minus(2, only_if_not="b")),
    "附件.一.2": _row("6", a=_zero(), b=_minus(3, only_if_not="a")),
    "附件.一.3": _row("6"),  # plan_scores
    "附件.一.4": _row("5", a=_zero(), b=_minus(3, only_if_not="a")),
    "附件.一.5": _row("2", a=_zero()),
    "附件.二.1": _row("3"),  # policy_scores
    "附件.二.2": _row("3", a=_zero(), b=_minus(1, only_if_not="a")),
    "附件.二.3": _row("3", a=_zero()),
    "附件.二.4": _row("3", a=_zero()),
    "附件.二.5": _row("3", a=_minus(2), b=_minus(1)),
    "附件.二.6": _row("3", a=_minus(1), b=_minus(2)),
    "附件.二.7": _row("2", a=_zero()),
    "附件.二.8": _row("4", a=_plus(3), b=_plus(1)),
    "附件.三.1": _row("2", a=_zero()),
    "附件.三.2": _row("2", a=_zero()),
    "附件.三.3": _row("4", a=_minus(2), b=_minus(2)),
    "附件.三.4": _row("4", a=_plus(3), b=_plus(1)),
    "附件.三.5": _row("4", a=_minus(2), b=_minus(2)),
    "附件.四.1": _row("2", a=_zero()),
    "附件.四.2": _row("4", a=_plus(2), b=_plus(2)),
    "附件.四.3": _row("2", a=_minus(1), b=_minus(1)),
    "附件.四.4": _row("2", a=_plus(2)),
    "附件.五.1": _row("2"),  # reviewer_scores
    "附件.五.2": _row("2", a=_minus(1), b=_minus(1)),
    "附件.五.3": _row("2", a=_zero()),
    "附件.五.4": _row("2", a=_zero()),
    "附件.五.5": _row("2", a=_zero(), b=_minus(1)),
    "附件.六.1": _row("2.5", a=_zero()),
    "附件.六.2": _row("2.5", a=_zero()),
    "附件.六.3": _row("5"),  # standard_scores
    "附件.六.4": _row("5"),  # standard_scores
}
NOT_SELF_SCORED = "附件.三.5"
ELEMENTS = ("建设目标", "建设任务", "资金来源", "运营方式")
FIELDS = ("规划", "土地", "住房", "财政", "投资", "融资", "人才")
STANDARDS = {"附件.六.3": "设置标准", "附件.六.4": "管理规范"}
COMPARED = {"附件.三.5.a": "千人口托位数", "附件.三.5.b": "婴幼儿入托率"}
THRESHOLDS = {"附件.四.3.b": ("应配置率", 100), "附件.五.2.b": ("备案率", 100), "附件.五.5.b": ("满意度", 90)}
KINDS = ("重大违法违规案件", "重大安全责任事故", "重大信访事件", "重大负面舆情")
FAULTS = ("措施不力", "工作退步", "弄虚作假")
JUDGES = ("托育机构", "婴幼儿家庭")
SATISFACTION = {"托育机构": "托育机构满意度", "婴幼儿家庭": "满意度"}


# --- what is known -----------------------------------------------------------------------------------------------


def _effective(case: Case, readings: Readings) -> dict[str, str]:
    defaults = {name: values[0] for name, values in READINGS.items()}
    return defaults | dict(case.get("readings") or {}) | dict(readings)


def _part(case: Case, key: str) -> Mapping[str, Any]:
    return case.get(key) or {}


def _answer(case: Case, condition: str) -> Any:
    """The answer given, or None; an answer with details is a mapping that has it under `value`."""
    given = _part(case, "answers").get(condition)
    return given.get("value") if isinstance(given, Mapping) else given


def _detail(case: Case, condition: str, name: str) -> bool | None:
    given = _part(case, "answers").get(condition)
    return given.get(name) if isinstance(given, Mapping) else None


def _truths(known: bool | None) -> Truths:
    return BOTH if known is None else frozenset({known})


def _by_metric(case: Case, condition: str, readings: Readings) -> bool | None:
    """What the metrics say of a condition: None where there is none, or where one side of a pair is missing."""
    metrics = _part(case, "metrics")
    if condition in THRESHOLDS:
        name, threshold = THRESHOLDS[condition]
        return None if metrics.get(name) is None else metrics[name] < threshold
    pair = metrics.get(COMPARED.get(condition, "")) or {}
    city, province = pair.get("city"), pair.get("province")
    if city is None or province is None:
        return None
    return city < province or (city == province and readings["附件.三.5.equal"] == "not-higher")


def _qualified(case: Case, condition: str, readings: Readings) -> Truths:
    """The two conditions of which a yes counts, under one reading, only where a detail is yes too."""
    if condition == "附件.五.3.a":
        # "an answer says childcare: no where it is not": left out, it is about childcare.
        narrowed, about = readings["附件.五.3.scope"] == "childcare", _detail(case, condition, "childcare")
        details = _truths(about is not False)
    else:
        narrowed = readings["附件.五.5.accident"] == "responsibility"
        details = _truths(_detail(case, condition, "responsibility"))  # left out: unknown
    values = _truths(_answer(case, condition))
    return frozenset(value and (detail or not narrowed) for value, detail in product(values, details))


def _possible(case: Case, condition: str, readings: Readings) -> Truths:
    """Whether the condition can hold, can fail; empty where the answer and the metric contradict each other."""
    if condition in ("附件.五.3.a", "附件.五.5.a"):
        return _qualified(case, condition, readings)
    return _truths(_answer(case, condition)) & _truths(_by_metric(case, condition, readings))


# --- the table: every score that an indicator can have -----------------------------------------------------------


def _points(indicator: Indicator, held: Mapping[str, bool]) -> Decimal:
    """The score of one completion, by the definition."""
    effects = [condition for letter, condition in indicator.conditions.items() if held[letter]]
    if any(condition.effect == "zero" for condition in effects):
        return Decimal(0)
    awards = [condition.points for condition in indicator.conditions.values() if condition.effect == "award"]
    if awards:
        return min(indicator.max, Decimal(sum(condition.points for condition in effects)))
    return max(Decimal(0), indicator.max - sum(condition.points for condition in effects))


def _meaningful(indicator: Indicator, held: Mapping[str, bool]) -> bool:
    """A condition cannot hold where the one that it excludes holds."""
    conditions = indicator.conditions.items()
    return not any(held[letter] and held.get(condition.only_if_not, False) for letter, condition in conditions)


def ordinary_scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    """Yes and no for each open condition."""
    indicator = TABLE[name]
    choices = [_possible(case, f"{name}.{letter}", readings) for letter in indicator.conditions]
    completions = (dict(zip(indicator.conditions, values, strict=True)) for values in product(*choices))
    return {_points(indicator, held) for held in completions if _meaningful(indicator, held)}


def _subsets(items: Sequence[str]) -> Iterator[frozenset[str]]:
    every = chain.from_iterable(combinations(items, size) for size in range(len(items) + 1))
    return (frozenset(subset) for subset in every)


def _unclear_agrees(case: Case, unclear: frozenset[str], no_plan: bool) -> bool:
    """Whether this set of unclear elements agrees with the list, with the answer to c, and with there being a plan."""
    listed, answer = case.get("unclear_elements"), _answer(case, "附件.一.3.c")
    if listed is not None and unclear != frozenset(listed):
        return False
    if answer is not None and answer != bool(unclear):
        return False
    return not (no_plan and unclear)  # without a plan, nothing in it is unclear


def _plan_loss(no_outline: bool, no_plan: bool, unclear: int, readings: Readings) -> int:
    c = 2 * unclear if readings["附件.一.3.unclear"] == "each" else 2 * min(unclear, 1)
    return 2 * no_outline + 2 * no_plan + c


def plan_scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    """一.3: a and b, and each set of unclear elements.

    Under `included` a city without a plan is unclear in all four elements, and what was said of a plan's elements
    (the answer to c, the list) rules that out no more. A list that contradicts the answer to c does so in any case.
    """
    scores: set[Decimal] = set()
    if not any(_unclear_agrees(case, unclear, no_plan=False) for unclear in _subsets(ELEMENTS)):
        return scores
    outlines, plans = (_possible(case, f"{name}.{letter}", readings) for letter in "ab")
    included = readings["附件.一.3.no-plan"] == "included"
    for no_outline, no_plan in product(outlines, plans):
        agreeing = [unclear for unclear in _subsets(ELEMENTS) if _unclear_agrees(case, unclear, no_plan)]
        counts = {4} if no_plan and included else {len(unclear) for unclear in agreeing}
        losses = (_plan_loss(no_outline, no_plan, count, readings) for count in counts)
        scores |= {max(Decimal(0), TABLE[name].max - loss) for loss in losses}
    return scores


def _policies_agree(policies: int, fields: int) -> bool:
    """Each policy is of one of the seven fields ("a count n alone leaves min(n, 1) to min(n, 3)")."""
    return fields <= policies and (fields > 0) == (policies > 0)


def policy_scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    """二.1: each number of policies with each number of fields. Beyond 7 policies nothing changes: 3 is the cap."""
    stated, fields = _answer(case, f"{name}.count"), case.get("fields")
    counts = range(8) if stated is None else [int(stated)]
    spread = range(len(FIELDS) + 1) if fields is None else [len(set(fields))]
    pairs = [pair for pair in product(counts, spread) if _policies_agree(*pair)]
    counted = 0 if readings["附件.二.1.item"] == "policy" else 1
    return {min(TABLE[name].max, Decimal(pair[counted])) for pair in pairs}


def reviewer_scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    """五.1: the reviewer's points; unknown, the extremes and the middle."""
    allowed = readings["附件.五.1.rule"] == "discretion"
    given = _part(case, "discretion").get(name)
    most = TABLE[name].max
    choices = [Decimal(0), most / 2, most] if given is None else [Decimal(given)]
    return {points for points in choices if points in (0, most) or (allowed and 0 < points < most)}


def half_up(value: Fraction) -> Decimal:
    """Rounded half up to six decimals."""
    return Decimal(floor(value * 10**6 + Fraction(1, 2))).scaleb(-6)


def _average(unmet: Sequence[int], readings: Readings) -> Decimal:
    """The city's score from its institutions' numbers of unmet clauses; they start at 5 and lose 0.1 for each."""
    scores = [5 - Fraction(count, 10) for count in unmet]
    if readings["附件.六.floor"] == "institution":
        scores = [max(Fraction(0), score) for score in scores]
    return half_up(max(Fraction(0), sum(scores, Fraction(0)) / len(scores)))


def _inspected(case: Case, standard: str, institutions: Sequence[str]) -> set[str]:
    given = case.get("inspected")
    if given is None:
        return set(institutions) if case.get("unmet") is not None else set()
    listed = given.get(standard) or []
    return set(institutions) if listed == "all" else set(listed)


def _unmet(case: Case, standard: str, institution: str) -> int:
    """Clauses known not to be met, each counted once."""
    rows = [row for row in case.get("unmet") or [] if row["standard"] == standard]
    return len({str(row["clause"]) for row in rows if row["institution"] == institution})


def standard_scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    """六.3 and 六.4: an institution that was not inspected has its unmet rows and any number of clauses more.

    The average only falls as any institution's number grows, so two completions hold the extremes: all the open
    numbers at their least, and all at their greatest. The texts do not say how many clauses a standard has, so there
    is no greatest; 50 more for each of the city's institutions stand for it: they take the one institution to 0
    where it stops there, and, at 0.1 a clause, the whole city's average (at most 5) to 0 where only that stops.
    """
    institutions = sorted(set(case.get("institutions") or []))
    if not institutions:
        return {Decimal(0), TABLE[name].max}  # nothing says which institutions there are
    if not {row["institution"] for row in case.get("unmet") or []} <= set(institutions):
        return set()
    standard = STANDARDS[name]
    inspected = _inspected(case, standard, institutions)
    if not inspected <= set(institutions):
        return set()
    least = [_unmet(case, standard, institution) for institution in institutions]
    more = [0 if institution in inspected else 50 * len(institutions) for institution in institutions]
    most = [count + extra for count, extra in zip(least, more, strict=True)]
    return {_average(least, readings), _average(most, readings)}


OWN_RULE = {
    "附件.一.3": plan_scores,
    "附件.二.1": policy_scores,
    "附件.五.1": reviewer_scores,
    "附件.六.3": standard_scores,
    "附件.六.4": standard_scores,
}


def _scores(case: Case, name: str, readings: Readings) -> set[Decimal]:
    return OWN_RULE.get(name, ordinary_scores)(case, name, readings)


def _interval(case: Case, name: str, readings: Readings) -> Interval:
    scores = _scores(case, name, readings)
    if not scores:
        raise ContradictionError(name)
    return min(scores), max(scores)


def _sum(intervals: Mapping[str, Interval], names: Sequence[str]) -> Interval:
    """Sums add: no unknown serves two indicators, so all can be at their least, or at their greatest, at once."""
    low = sum((intervals[name][0] for name in names), Decimal(0))
    return low, sum((intervals[name][1] for name in names), Decimal(0))


def score(case: Case, readings: Readings) -> dict[str, Any]:
    """Each indicator's least and greatest score, their total (of 100), and the self-assessed one (of 96)."""
    chosen = _effective(case, readings)
    intervals = {name: _interval(case, name, chosen) for name in TABLE}
    own = [name for name in TABLE if name != NOT_SELF_SCORED]
    return {"indicators": intervals, "total": _sum(intervals, list(TABLE)), "self_assessed": _sum(intervals, own)}


# --- whether it may apply ----------------------------------------------------------------------------------------


def two_years_before(day: date) -> date:
    """The same day two years before; 29 February goes back to 28 February."""
    leap = (day.month, day.day) == (2, 29)  # two years from a leap year there is never another
    return date(day.year - 2, day.month, 28 if leap else day.day)


def _in_window(on: date | None, applying: date | None, readings: Readings) -> Truths:
    """Whether the day lies in the two years before the application; unknown where either day is."""
    if on is None or applying is None:
        return BOTH
    if readings["四.window"] == "calendar-years":
        return frozenset({applying.year - 2 <= on.year <= applying.year - 1})
    return frozenset({two_years_before(applying) <= on < applying})


def _about(kind: str, incident: Mapping[str, Any], readings: Readings) -> Truths:
    """Whether the incident is of the sort that counts: 涉及婴幼儿照护服务, where that narrows its kind."""
    opinion = kind == "重大负面舆情"
    if not opinion and readings["四.incidents"] == "opinion-only":
        return frozenset({True})
    about = incident.get("about_childcare")
    return _truths(True if about is None and opinion else about)


def _incidents(case: Case, readings: Readings) -> Iterator[Truths]:
    """For each incident, and each kind of which nothing is said, whether it bars the city."""
    declared = _part(case, "incidents")
    for kind in KINDS:
        if declared.get(kind) is None:
            yield BOTH
        for incident in declared.get(kind) or []:
            inside = _in_window(incident.get("on"), case.get("applying_on"), readings)
            yield frozenset(x and y for x, y in product(inside, _about(kind, incident, readings)))


def _first_cycle(readings: Readings) -> int:
    return int(readings["二.二.cycle"])


def _barred(case: Case, readings: Readings) -> Truths:
    """Barred in the cycle after the one in which the name was revoked, and in no other."""
    revoked, applying = case.get("revoked_in"), case.get("applying_on")
    if revoked is None:
        return frozenset({False})
    if applying is None:
        return BOTH
    cycle = applying.year - (applying.year - _first_cycle(readings)) % 2
    return frozenset({cycle == int(revoked) + 2})


def _unfit(case: Case) -> Truths:
    return _truths(None if case.get("unit") is None else case["unit"] != "设区的市")


def eligible(case: Case, readings: Readings) -> str:
    """eligible where nothing can stand against the city, ineligible where something must, undetermined between.

    Each obstacle has the truths that some completion gives it; what is open is open by itself (one incident's day, its
    being about childcare, a kind not declared, the unit), so all the obstacles can be absent at once unless one is
    certain, and the three values are exact. The day of application is the only unknown that obstacles share: where it
    is missing, a day late enough clears every dated incident and the barred cycle at once, and each has some day that
    meets it (the day after the incident, the new year after it; a day of the barred cycle), so it is still exact.
    """
    chosen = _effective(case, readings)
    obstacles = [*_incidents(case, chosen), _barred(case, chosen), _unfit(case)]
    if any(obstacle == {True} for obstacle in obstacles):
        return "ineligible"
    return "undetermined" if any(True in obstacle for obstacle in obstacles) else "eligible"


# --- whether its name must be revoked ----------------------------------------------------------------------------


def _whole(case: Case, clause: str) -> bool | None:
    """The finding on a whole trigger, or None where there is none or where it goes by part."""
    given = _part(case, "findings").get(clause)
    return given if isinstance(given, bool) else None


def _parts(case: Case, clause: str, parts: Sequence[str]) -> list[Truths]:
    given = _part(case, "findings").get(clause)
    by_part = given if isinstance(given, Mapping) else {}
    return [_truths(by_part.get(part)) for part in parts]


def _trigger(case: Case, clause: str, choices: Sequence[Truths], enough: str) -> Truths:
    """The truths of a trigger over its parts' completions that agree with the finding on the whole."""
    combine = any if enough in ("any", "either") else all
    return frozenset(combine(values) for values in product(*choices)) & _truths(_whole(case, clause))


def _faults(case: Case, readings: Readings) -> Truths:
    return _trigger(case, "六.一.2", _parts(case, "六.一.2", FAULTS), readings["六.一.2"])


def _dissatisfied(case: Case, judge: str) -> Truths:
    """Below 90%, by the metric."""
    value = _part(case, "metrics").get(SATISFACTION[judge])
    return _truths(None if value is None else value < 90)


def _satisfaction(case: Case, readings: Readings) -> Truths:
    """六.一.3: by findings alone; under `90`, by the metrics, with which the findings must agree."""
    choices = _parts(case, "六.一.3", JUDGES)
    if readings["六.一.3.measure"] == "90":
        choices = [found & _dissatisfied(case, judge) for found, judge in zip(choices, JUDGES, strict=True)]
    return _trigger(case, "六.一.3", choices, readings["六.一.3.who"])


def _failed_again(case: Case, readings: Readings) -> Truths:
    if readings["二.二.re-examination"] == "only-六.一":
        return frozenset({False})
    meets = _part(case, "reexamined").get("meets")
    return _truths(None if meets is None else not meets)


def _triggers(case: Case, readings: Readings) -> list[Truths]:
    accident = _truths(_whole(case, "六.一.1"))  # findings decide, incidents do not
    return [accident, _faults(case, readings), _satisfaction(case, readings), _failed_again(case, readings)]


def revocation(case: Case, readings: Readings) -> str:
    """revoke where some trigger holds in every completion, keep where in none, undetermined where they differ."""
    named, revoked = case.get("named_in"), case.get("revoked_in")
    if named is None or (revoked is not None and revoked >= named):
        return "not-applicable"
    outcomes = {any(values) for values in product(*_triggers(case, _effective(case, readings)))}
    if not outcomes:
        raise ContradictionError("findings")
    if outcomes == {True}:
        return "revoke"
    return "keep" if outcomes == {False} else "undetermined"


# --- whether it contradicts itself -------------------------------------------------------------------------------


def _no_cycle(year: Any, readings: Readings) -> bool:
    """A cycle is named by its first year; another year is no cycle's name."""
    first = _first_cycle(readings)
    return year is not None and (int(year) < first or (int(year) - first) % 2 == 1)


def _after_applying(case: Case) -> bool:
    """Whether a city that was never named reports an incident from after the day it applies."""
    applying = case.get("applying_on")
    if applying is None or case.get("named_in") is not None:
        return False
    days = [i.get("on") for incidents in _part(case, "incidents").values() for i in incidents or ()]
    return any(day is not None and day > applying for day in days)


def contradicts(case: Case, readings: Readings) -> bool:
    """Whether no completion agrees with all that is known."""
    chosen = _effective(case, readings)
    if _after_applying(case):
        return True
    if any(_no_cycle(case.get(key), chosen) for key in ("named_in", "revoked_in")):
        return True
    if any(not truths for truths in _triggers(case, chosen)):
        return True
    return any(not _scores(case, name, chosen) for name in TABLE)
