"""A made-up province, and what a person would write by hand to score it: one loop over dictionaries.

The same seed gives the same province. Decimals are whole millionths on both sides, as the engine keeps them, so that the
hand-written sums are exact too and cost no more than adding whole numbers.

    City ──facts──▶ rows for the engine
      └──score_by_hand──▶ the intervals, worked out from the city itself
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Row = tuple[Any, ...]
    Interval = tuple[int, int]
    Key = tuple[str, ...]  # (city, indicator), (city, group) or (city,)

DOCUMENT = "liaoning-2022"
ABOUT_CHILDCARE = f"{DOCUMENT}/附件.五.3.a"  # by the default reading, negative opinion about childcare only
MILLION = 10**6


# -- the table, out of the document's facts -----------------------------------------------------------------------------


@dataclass(slots=True)
class Condition:
    """What a condition does where it holds, how it is decided, and the conditions that can only hold where it does not."""

    id: str
    effect: str
    points: int
    metric: str = ""
    bound: int | None = None
    elements: frozenset[str] = frozenset()
    fields: frozenset[str] = frozenset()
    standard: str = ""
    excluded: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Indicator:
    """`blocks`: the conditions that nothing else excludes."""

    id: str
    group: str
    points: int
    self_scored: bool
    blocks: list[Condition]


def table(known: Mapping[str, Iterable[Row]]) -> list[Indicator]:
    """The scored table as objects, from the rows of the document."""
    conditions = {k: Condition(k, effect, points) for k, _, _, _, effect, points in known["condition"]}
    for k, metric, bound in known["below_value"]:
        conditions[k].metric, conditions[k].bound = metric, bound
    for k, metric in known["below_province"]:
        conditions[k].metric = metric
    for k, element in known["element"]:
        conditions[k].elements |= {element}
    for k, name in known["field"]:
        conditions[k].fields |= {name}
    for k, standard in known["standard"]:
        conditions[k].standard = standard
    for k, excluded in known["excludes"]:
        conditions[k].excluded.append(conditions[excluded])
    dependent = {excluded for _, excluded in known["excludes"]}
    blocks: dict[str, list[Condition]] = defaultdict(list)
    for k, indicator, *_ in sorted(known["condition"]):
        if k not in dependent:
            blocks[indicator].append(conditions[k])
    apart = {indicator for (indicator,) in known["not_self_scored"]}
    return [Indicator(i, g, points, i not in apart, blocks[i]) for i, g, _, _, points in sorted(known["indicator"])]


# -- cities -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class City:
    """What is known of a city; what is missing is unknown. `unclear`: the unclear elements, None where nobody said.

    `covered`: the fields of the policies, None where nobody said.
    """

    name: str
    answers: dict[str, bool] = field(default_factory=dict)
    not_about_childcare: set[str] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=dict)
    unclear: set[str] | None = None
    covered: set[str] | None = None
    discretion: dict[str, int] = field(default_factory=dict)
    metrics: dict[tuple[str, str], int] = field(default_factory=dict)
    institutions: list[str] = field(default_factory=list)
    inspected: set[tuple[str, str]] = field(default_factory=set)
    unmet: set[tuple[str, str, str]] = field(default_factory=set)


def province(indicators: list[Indicator], *, cities: int, institutions: int, unknown: float, seed: int) -> list[City]:
    """Cities that do not contradict themselves; each thing that may be left out is left out with the chance `unknown`."""
    rng = Random(seed)
    made = [City(f"示例市{number + 1:02}") for number in range(cities)]
    for number in range(institutions):
        rng.choice(made).institutions.append(f"托育机构{number + 1:04}")
    for city in made:
        for indicator in indicators:
            for condition in indicator.blocks:
                _draw(city, indicator, condition, rng, unknown)
    return made


def _draw(city: City, indicator: Indicator, condition: Condition, rng: Random, unknown: float) -> None:
    if condition.standard:
        _inspect(city, condition.standard, rng, unknown)
    elif rng.random() < unknown:
        pass
    elif condition.effect == "count":
        city.counts[condition.id] = rng.randrange(6)
    elif condition.effect == "discretion":
        city.discretion[indicator.id] = rng.randrange(5) * indicator.points // 4
    elif condition.metric:
        for whose in ("city",) if condition.bound is not None else ("city", "province"):
            city.metrics[condition.metric, whose] = rng.randrange(80, 101) * MILLION
    else:
        city.answers[condition.id] = rng.random() < 0.3
        if condition.id == ABOUT_CHILDCARE and city.answers[condition.id] and rng.random() < 0.5:
            city.not_about_childcare.add(condition.id)
    if not city.answers.get(condition.id, False):  # what is excluded is only asked where this does not hold
        for excluded in condition.excluded:
            _draw_excluded(city, excluded, rng, unknown)


def _draw_excluded(city: City, condition: Condition, rng: Random, unknown: float) -> None:
    if rng.random() >= unknown:
        if condition.elements:
            city.unclear = {element for element in sorted(condition.elements) if rng.random() < 0.2}
        else:
            city.answers[condition.id] = rng.random() < 0.3


def _inspect(city: City, standard: str, rng: Random, unknown: float) -> None:
    for institution in city.institutions:
        if rng.random() >= unknown:
            city.inspected.add((institution, standard))
        for clause in rng.sample(range(1, 31), rng.randrange(9)):
            city.unmet.add((institution, standard, f"第{clause}条"))


def facts(cities: Iterable[City]) -> dict[str, set[Row]]:
    """The rows of the relations that cases fill in."""
    rows: dict[str, set[Row]] = defaultdict(set)
    for city in cities:
        name = city.name
        rows["city"].add((name, DOCUMENT))
        rows["answer"] |= {(name, k, "yes" if value else "no") for k, value in city.answers.items()}
        rows["answer_detail"] |= {(name, k, "childcare", "no") for k in city.not_about_childcare}
        rows["counted"] |= {(name, k, n) for k, n in city.counts.items()}
        if city.unclear is not None:
            rows["elements_given"].add((name,))
            rows["unclear_element"] |= {(name, element) for element in city.unclear}
        rows["discretion"] |= {(name, i, points) for i, points in city.discretion.items()}
        rows["metric"] |= {(name, *metric, value) for metric, value in city.metrics.items()}
        rows["institution"] |= {(name, institution) for institution in city.institutions}
        rows["inspected"] |= {(name, *inspected) for inspected in city.inspected}
        rows["unmet"] |= {(name, *unmet) for unmet in city.unmet}
    return dict(rows)


# -- by hand ------------------------------------------------------------------------------------------------------------


def score_by_hand(indicators: list[Indicator], cities: Iterable[City]) -> dict[Key, Interval]:
    """The least and the greatest score of each indicator, group and city, and what a self-assessment could give."""
    scores: dict[Key, Interval] = {}
    for city in cities:
        unmet = Counter((standard, institution) for institution, standard, _ in city.unmet)
        groups: dict[str, Interval] = {}
        least = most = own_least = own_most = 0
        for indicator in indicators:
            low, high = _score(city, indicator, unmet)
            scores[city.name, indicator.id] = low, high
            group_low, group_high = groups.get(indicator.group, (0, 0))
            groups[indicator.group] = group_low + low, group_high + high
            least, most = least + low, most + high
            if indicator.self_scored:
                own_least, own_most = own_least + low, own_most + high
        for group, interval in groups.items():
            scores[city.name, group] = interval
        scores[city.name, "total"] = least, most
        scores[city.name, "self_assessed"] = own_least, own_most
    return scores


def _score(city: City, indicator: Indicator, unmet: Mapping[tuple[str, str], int]) -> Interval:
    least = most = 0
    for condition in indicator.blocks:
        if condition.standard:
            low, high = _average(city, indicator, condition, unmet)
        else:
            low, high = _block(city, indicator, condition)
        least, most = least + low, most + high
    return max(0, indicator.points - most), max(0, indicator.points - least)


def _block(city: City, indicator: Indicator, condition: Condition) -> Interval:
    """The least and the greatest loss by a condition and those that it excludes."""
    holds = _holds(city, condition)
    if not condition.excluded:
        return _loss(city, indicator, condition, holds)
    if holds is None and any(_holds(city, excluded) for excluded in condition.excluded):
        holds = False
    if holds:
        return condition.points, condition.points
    low = high = 0
    for excluded in condition.excluded:
        more = _loss(city, indicator, excluded, _holds(city, excluded))
        low, high = low + more[0], high + more[1]
    return (low, high) if holds is False else (min(low, condition.points), max(high, condition.points))


def _holds(city: City, condition: Condition) -> bool | None:
    if condition.metric:
        value = city.metrics.get((condition.metric, "city"))
        bound = city.metrics.get((condition.metric, "province")) if condition.bound is None else condition.bound
        if value is not None and bound is not None:
            return value < bound
    if condition.elements and city.unclear is not None:
        return not condition.elements.isdisjoint(city.unclear)
    return city.answers.get(condition.id) and condition.id not in city.not_about_childcare


def _loss(city: City, indicator: Indicator, condition: Condition, holds: bool | None) -> Interval:
    points = condition.points
    match condition.effect:
        case "zero" | "deduct":
            lost = holds
        case "award":
            lost = None if holds is None else not holds
        case "count":
            return _counted(city, indicator, condition)
        case "discretion":
            if (given := city.discretion.get(indicator.id)) is None:
                return 0, points
            return points - given, points - given
    return (0, points) if lost is None else (points, points) if lost else (0, 0)


def _counted(city: City, indicator: Indicator, condition: Condition) -> Interval:
    """What is lost by too few; where only the fields are told, there is one for each at least, and none where there is none."""
    if (count := city.counts.get(condition.id)) is not None:
        left = max(0, indicator.points - count * condition.points)
        return left, left
    if city.covered is None:
        return 0, indicator.points
    fields = len(city.covered & condition.fields)
    return 0 if fields else indicator.points, max(0, indicator.points - fields * condition.points)


def _average(city: City, indicator: Indicator, condition: Condition, unmet: Mapping[tuple[str, str], int]) -> Interval:
    """What the institutions lose on average; one that was not inspected may lose everything."""
    standard, whole = condition.standard, indicator.points
    if not city.institutions:
        return 0, whole
    low = high = 0
    for institution in city.institutions:
        points = max(0, whole - condition.points * unmet.get((standard, institution), 0))
        high += points
        if (institution, standard) in city.inspected:
            low += points
    return whole - _mean(high, len(city.institutions)), whole - _mean(low, len(city.institutions))


def _mean(total: int, count: int) -> int:
    """To whole millionths, half up."""
    return (2 * total + count) // (2 * count)
