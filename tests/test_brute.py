"""Small examples, worked by hand from the inventory, that pin the oracle itself."""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from brute import ELEMENTS, TABLE, ContradictionError, contradicts, eligible, half_up, revocation, score
from random_cases import random_case, random_readings, to_yaml

Piece = dict[str, Any]

APPLIES = date(2022, 5, 20)
LEAP = date(2024, 2, 29)
CLEAN: Piece = {"重大违法违规案件": [], "重大安全责任事故": [], "重大信访事件": [], "重大负面舆情": []}
NO_FINDINGS: Piece = {"六.一.1": False, "六.一.2": False, "六.一.3": False}
EACH = {"附件.一.3.unclear": "each"}
INCLUDED = {"附件.一.3.no-plan": "included"}
FIELD = {"附件.二.1.item": "field"}
NOT_HIGHER = {"附件.三.5.equal": "not-higher"}
ALL_OR_NOTHING = {"附件.五.1.rule": "all-or-nothing"}
CITY = {"附件.六.floor": "city"}
CALENDAR = {"四.window": "calendar-years"}
NINETY = {"六.一.3.measure": "90"}


def answers(**given: Any) -> Piece:
    """Answers by condition, dots written as underscores."""
    return {"answers": {f"附件.{name.replace('_', '.')}": value for name, value in given.items()}}


def pair(city: str, province: str | None) -> Piece:
    sides = {"city": Decimal(city)} | ({"province": Decimal(province)} if province else {})
    return {"metrics": {"千人口托位数": sides}}


def metric(name: str, value: str) -> Piece:
    return {"metrics": {name: Decimal(value)}}


def unmet(institution: str, *clauses: int, standard: str = "设置标准") -> list[Piece]:
    return [{"institution": institution, "standard": standard, "clause": str(clause)} for clause in clauses]


def visited(institutions: str, rows: list[Piece] | None = None, **more: Any) -> Piece:
    return {"institutions": list(institutions)} | ({} if rows is None else {"unmet": rows}) | more


PLAN = answers(一_3_a=False, 一_3_b=False)
MEETING = answers(一_1_a=False, 一_1_b=False)

SCORES = [
    ("一.1", answers(), {}, "0", "6", "worst is a and b: 6-3-3"),
    ("一.1", answers(一_1_c=True), {}, "1", "4", "a yes to c means a meeting was held: 6-2, less 3 for a"),
    ("一.1", answers(一_1_b=True, 一_1_a=False), {}, "3", "3", "no meeting: whether it solved anything is not asked"),
    ("一.1", MEETING, {}, "4", "6", "only c is open"),
    ("一.2", answers(), {}, "0", "6", "not in the budget is zero"),
    ("一.2", answers(一_2_b=True), {}, "3", "3", "a yes to b settles that it is in the budget"),
    ("一.2", answers(一_2_b={"value": True, "evidence": "2021年决算报告"}), {}, "3", "3", "evidence changes nothing"),
    ("一.3", answers(), {}, "2", "6", "no plan at all keeps 2; an unclear plan with a also 2"),
    ("一.3", answers(), EACH, "0", "6", "a and four unclear elements: 6-2-8, stopped at 0"),
    ("一.3", answers(), INCLUDED, "0", "6", "a and no plan, which is also unclear: 6-2-2-2"),
    ("一.3", answers(一_3_a=True, 一_3_b=True), EACH, "2", "2", "c cannot hold where there is no plan"),
    ("一.3", answers(一_3_a=False, 一_3_b=True), INCLUDED, "2", "2", "no plan: 2 for b and 2 for c"),
    ("一.3", answers(一_3_a=False, 一_3_c=False), INCLUDED, "2", "6", "no plan makes c hold whatever was answered"),
    ("一.3", answers(一_3_a=False, 一_3_c=False), {}, "4", "6", "no to c says nothing of b"),
    ("一.3", answers(一_3_a=False, 一_3_c=True), {}, "4", "4", "a yes to c settles b, one deduction"),
    ("一.3", answers(一_3_a=False, 一_3_c=True), EACH, "0", "4", "one to four elements unclear"),
    ("一.3", PLAN | {"unclear_elements": ["资金来源", "运营方式"]}, EACH, "2", "2", "two elements, 2 each"),
    ("一.3", PLAN | {"unclear_elements": ["资金来源", "运营方式"]}, {}, "4", "4", "two elements, one deduction"),
    ("一.3", {"unclear_elements": ["资金来源"]}, {}, "2", "4", "an unclear element settles that there is a plan"),
    ("一.3", PLAN | {"unclear_elements": []}, EACH, "6", "6", "an empty list means none"),
    ("一.5", answers(), {}, "0", "2", "no rules of its own is zero"),
    ("二.1", answers(二_1_count=2), {}, "2", "2", "each policy counts"),
    ("二.1", answers(二_1_count=9), {}, "3", "3", "cap 3"),
    ("二.1", answers(二_1_count=2), FIELD, "1", "2", "two policies are of one or two fields"),
    ("二.1", answers(二_1_count=0), FIELD, "0", "0", "no policy, no field"),
    ("二.1", {"fields": ["土地", "财政"]}, FIELD, "2", "2", "each field counts once"),
    ("二.1", {"fields": ["土地"]}, {}, "1", "3", "a field has at least one policy"),
    ("二.1", {"fields": []}, {}, "0", "0", "no field has a policy: there is none"),
    ("二.5", answers(二_5_a=True), {}, "0", "1", "2 for a, and 1 for b where it holds"),
    ("二.8", answers(二_8_a=True), {}, "3", "4", "awards start from 0"),
    ("二.8", answers(二_8_a=False, 二_8_b=False), {}, "0", "0", "nothing awarded"),
    ("三.5", pair("3", "3"), {}, "2", "4", "an equal value loses nothing by default"),
    ("三.5", pair("3", "3.0"), NOT_HIGHER, "0", "2", "an equal value loses 2 too"),
    ("三.5", pair("2.9", "3"), {}, "0", "2", "below the average"),
    ("三.5", pair("2.9", None), {}, "0", "4", "one side alone leaves the comparison unknown"),
    ("三.5", pair("2.9", None) | answers(三_5_a=False), {}, "2", "4", "one side alone: the answer decides"),
    ("四.3", metric("应配置率", "100"), {}, "1", "2", "100% is reached"),
    ("五.1", {}, {}, "0", "2", "the reviewer gives 0 to 2"),
    ("五.1", {"discretion": {"附件.五.1": Decimal("1.5")}}, {}, "1.5", "1.5", "as the reviewer gave"),
    ("五.3", answers(五_3_a=True), {}, "0", "0", "negative opinion, about childcare unless said otherwise"),
    ("五.3", answers(五_3_a={"value": True, "childcare": False}), {}, "2", "2", "it was not about childcare"),
    ("五.3", answers(五_3_a={"value": True, "childcare": False}), {"附件.五.3.scope": "any"}, "0", "0", "any counts"),
    ("五.5", answers(五_5_a=True), {}, "0", "0", "any safety accident"),
    ("五.5", answers(五_5_a=True), {"附件.五.5.accident": "responsibility"}, "0", "2", "responsibility is unknown"),
    ("五.5", answers(五_5_a=False) | metric("满意度", "90"), {}, "2", "2", "90 is not below 90"),
    ("五.5", answers(五_5_a=False) | metric("满意度", "89.9"), {}, "1", "1", "below 90"),
    ("六.1", answers(六_1_a=False), {}, "2.5", "2.5", "half points"),
    ("六.3", {"institutions": []}, {}, "0", "5", "an empty list of institutions leaves it unknown"),
    ("六.3", visited("AB"), {}, "0", "5", "nothing inspected and no unmet rows"),
    ("六.3", visited("AB", []), {}, "5", "5", "unmet given, inspected left out: all were inspected"),
    ("六.3", visited("ABC", unmet("A", 1, 2)), {}, "4.933333", "4.933333", "(4.8 + 5 + 5) / 3"),
    ("六.3", visited("A", unmet("A", 7, 7)), {}, "4.9", "4.9", "each clause counts once an institution"),
    ("六.3", visited("AB", unmet("A", 1), inspected={"设置标准": ["B"]}), {}, "2.5", "4.95", "A: 0 to 4.9"),
    ("六.3", visited("AB", unmet("A", 1), inspected={"设置标准": ["B"]}), CITY, "0", "4.95", "A has no floor"),
    ("六.4", visited("AB", unmet("A", 1), inspected={"设置标准": "all"}), {}, "0", "5", "a standard left out: none"),
    ("六.3", visited("AB", unmet("A", *range(60))), {}, "2.5", "2.5", "A stops at 0"),
    ("六.3", visited("AB", unmet("A", *range(60))), CITY, "2", "2", "(-1 + 5) / 2"),
]


@pytest.mark.parametrize(("name", "case", "readings", "low", "high", "why"), SCORES)
def test_indicator(name: str, case: Piece, readings: dict[str, str], low: str, high: str, why: str) -> None:
    assert score(case, readings)["indicators"][f"附件.{name}"] == (Decimal(low), Decimal(high)), why


def test_nothing_known_is_everything_possible() -> None:
    """Only 一.3 cannot lose everything by itself under the defaults: it keeps 2."""
    answer = score({}, {})
    assert answer["total"] == (2, 100)
    assert answer["self_assessed"] == (2, 96)


def test_the_group_sums_are_the_texts() -> None:
    groups = {group: sum(row.max for name, row in TABLE.items() if f".{group}." in name) for group in "一二三四五六"}
    assert list(groups.values()) == [25, 24, 16, 10, 10, 15]
    assert len(TABLE) == 31


CONTRADICTIONS = [
    (answers(一_1_b=True, 一_1_c=True), {}, True, "no meeting, yet it solved nothing"),
    (answers(一_1_b=True, 一_1_c=False), {}, False, "a no to what is not asked says nothing wrong"),
    (answers(一_2_a=True, 一_2_b=True), {}, True, "not in the budget, yet in it"),
    (answers(一_3_b=True, 一_3_c=True), {}, True, "no plan, yet an unclear one"),
    (answers(一_3_b=True, 一_3_c=True), INCLUDED, False, "no plan is also unclear"),
    (answers(一_3_b=True) | {"unclear_elements": ["资金来源"]}, {}, True, "no plan, yet an unclear element in it"),
    (answers(一_3_c=False) | {"unclear_elements": list(ELEMENTS)}, INCLUDED, True, "clear, yet four unclear elements"),
    (answers(一_3_c=True) | {"unclear_elements": []}, {}, True, "unclear, yet in no element"),
    (answers(二_1_count=1) | {"fields": ["土地", "财政"]}, {}, True, "two fields need two policies"),
    (answers(三_5_a=True) | pair("3", "3"), {}, True, "an answer against the metrics"),
    (answers(三_5_a=True) | pair("3", "3"), NOT_HIGHER, False, "equal is lower here"),
    (answers(五_2_b=True) | metric("备案率", "100"), {}, True, "an answer against the metric"),
    ({"discretion": {"附件.五.1": Decimal(1)}}, ALL_OR_NOTHING, True, "strictly between"),
    ({"discretion": {"附件.五.1": Decimal(2)}}, ALL_OR_NOTHING, False, "all"),
    ({"discretion": {"附件.五.1": Decimal("2.5")}}, {}, True, "more than there is"),
    (visited("A", unmet("B", 1)), {}, True, "an institution that the city does not have"),
    ({"revoked_in": 2022}, {"二.二.cycle": "2021"}, True, "no cycle begins in 2022 there"),
    ({"findings": {"六.一.3": False}} | metric("满意度", "80"), NINETY, True, "a finding against the measure"),
    ({"findings": {"六.一.3": False}} | metric("满意度", "80"), {}, False, "without a threshold the finding decides"),
]


@pytest.mark.parametrize(("case", "readings", "expected", "why"), CONTRADICTIONS)
def test_contradicts(case: Piece, readings: dict[str, str], expected: bool, why: str) -> None:
    assert contradicts(case, readings) is expected, why


def test_a_contradiction_has_no_score() -> None:
    with pytest.raises(ContradictionError):
        score(answers(一_2_a=True, 一_2_b=True), {})


def applicant(on: date | None = APPLIES, unit: str | None = "设区的市", **incidents: Any) -> Piece:
    return {"applying_on": on, "unit": unit, "incidents": CLEAN | incidents}


ONLY_OPINION: Piece = {"incidents": {"重大负面舆情": []}}
PETITION: Piece = {"重大信访事件": [{"on": date(2021, 1, 1), "about_childcare": False}]}
UNSAID: Piece = {"重大信访事件": [{"on": date(2021, 1, 1)}]}

ELIGIBILITY = [
    (applicant(), {}, "eligible", "nothing against it"),
    (applicant() | ONLY_OPINION, {}, "undetermined", "a kind left out is unknown"),
    (applicant(unit=None), {}, "undetermined", "the unit is unknown"),
    (applicant(unit="县级市"), {}, "ineligible", "only 设区的市"),
    (applicant(unit="县级市") | ONLY_OPINION, {}, "ineligible", "the unit decides, whatever else is unknown"),
    (applicant(重大信访事件=[{"on": APPLIES}]), {}, "eligible", "the day of application is not within the window"),
    (applicant(重大信访事件=[{"on": date(2020, 5, 20)}]), {}, "ineligible", "the first day of the window is"),
    (applicant(重大信访事件=[{"on": date(2020, 5, 19)}]), {}, "eligible", "the day before it is not"),
    (applicant(LEAP, 重大信访事件=[{"on": date(2022, 2, 28)}]), {}, "ineligible", "29 February goes back to the 28th"),
    (applicant(LEAP, 重大信访事件=[{"on": date(2022, 2, 27)}]), {}, "eligible", "and not to the 27th"),
    (applicant(重大信访事件=[{"on": date(2020, 1, 1)}]), CALENDAR, "ineligible", "the two calendar years before"),
    (applicant(重大信访事件=[{"on": date(2022, 1, 1)}]), CALENDAR, "eligible", "the year of application is not one"),
    (applicant(重大信访事件=[{}]), {}, "undetermined", "an incident without a date"),
    (applicant(重大负面舆情=[{"about_childcare": False}]), {}, "eligible", "without a date, but not about childcare"),
    (applicant(重大负面舆情=[{"on": date(2021, 3, 1)}]), {}, "ineligible", "舆情 is about childcare unless said"),
    (applicant(**PETITION), {}, "ineligible", "childcare narrows only 舆情"),
    (applicant(**PETITION), {"四.incidents": "all"}, "eligible", "it narrows all four kinds"),
    (applicant(**UNSAID), {"四.incidents": "all"}, "undetermined", "left out: unknown for the other kinds"),
    (applicant(on=None), {}, "eligible", "no incident ever: the day does not matter"),
    (applicant(on=None, 重大信访事件=[{"on": APPLIES}]), {}, "undetermined", "the window is unknown"),
    (applicant(date(2024, 5, 20)) | {"revoked_in": 2022}, {}, "ineligible", "the cycle after is barred"),
    (applicant(date(2025, 5, 20)) | {"revoked_in": 2022}, {}, "ineligible", "all of it"),
    (applicant(date(2023, 5, 20)) | {"revoked_in": 2022}, {}, "eligible", "the same cycle is not"),
    (applicant(date(2026, 5, 20)) | {"revoked_in": 2022}, {}, "eligible", "nor the one after that"),
    (applicant(on=None) | {"revoked_in": 2022}, {}, "undetermined", "the cycle of application is unknown"),
    (applicant(date(2023, 5, 20)) | {"revoked_in": 2021}, {"二.二.cycle": "2021"}, "ineligible", "2023-2024"),
]


@pytest.mark.parametrize(("case", "readings", "expected", "why"), ELIGIBILITY)
def test_eligible(case: Piece, readings: dict[str, str], expected: str, why: str) -> None:
    assert eligible(case, readings) == expected, why


def named(findings: Piece, **more: Any) -> Piece:
    return {"named_in": 2022, "findings": NO_FINDINGS | findings} | more


FALLEN_BACK = {"六.一.2": {"措施不力": False, "工作退步": True}}
SPLIT = {"六.一.3": {"托育机构": True, "婴幼儿家庭": False}}
HALF_SAID = {"六.一.3": {"托育机构": False}}
NOT_KEPT = {"二.二.re-examination": "not-kept"}

REVOCATIONS = [
    ({"findings": {"六.一.1": True}}, {}, "not-applicable", "never named"),
    (named({"六.一.1": True}, named_in=None), {}, "not-applicable", "null is not named"),
    (named({"六.一.1": True}, revoked_in=2022), {}, "not-applicable", "already revoked"),
    (named({"六.一.1": True}, named_in=2026, revoked_in=2022), {}, "revoke", "named again since"),
    (named({}), {}, "keep", "no trigger holds"),
    ({"named_in": 2022}, {}, "undetermined", "no finding is an unknown finding"),
    ({"named_in": 2022, "findings": {"六.一.1": True}}, {}, "revoke", "one trigger is enough"),
    ({"named_in": 2022, "incidents": CLEAN}, {}, "undetermined", "findings decide, not incidents"),
    (named(FALLEN_BACK), {}, "revoke", "any of the three is enough"),
    (named(FALLEN_BACK), {"六.一.2": "all"}, "keep", "not all of the three"),
    (named({"六.一.2": {"工作退步": False}}), {}, "undetermined", "two parts are unknown"),
    (named({"六.一.2": True}), {"六.一.2": "all"}, "revoke", "the whole trigger was found"),
    (named(SPLIT), {}, "revoke", "either is enough"),
    (named(SPLIT), {"六.一.3.who": "both"}, "keep", "both are needed"),
    (named(HALF_SAID), {}, "undetermined", "the families are unknown"),
    (named(HALF_SAID) | metric("满意度", "89"), NINETY, "revoke", "families below 90%"),
    (named(HALF_SAID) | metric("满意度", "90"), NINETY, "keep", "90% is not below 90%"),
    (named(HALF_SAID) | metric("满意度", "89"), {}, "undetermined", "the text gives no threshold"),
    (named({}, reexamined={"meets": False}), {}, "keep", "failing it alone does not revoke"),
    (named({}, reexamined={"meets": False}), NOT_KEPT, "revoke", "failing it loses the name"),
    (named({}, reexamined={"meets": True}), NOT_KEPT, "keep", "it passed"),
    (named({}), NOT_KEPT, "undetermined", "not re-examined is unknown"),
]


@pytest.mark.parametrize(("case", "readings", "expected", "why"), REVOCATIONS)
def test_revocation(case: Piece, readings: dict[str, str], expected: str, why: str) -> None:
    assert revocation(case, readings) == expected, why


def test_the_cases_own_readings_give_way_to_the_runs() -> None:
    case = {"readings": EACH}
    assert score(case, {})["total"] == (0, 100)
    assert score(case, {"附件.一.3.unclear": "once"})["total"] == (2, 100)


def test_half_up() -> None:
    """Half of the sixth decimal goes up, less than half down."""
    assert half_up(Fraction(45, 10**7)) == Decimal("0.000005")
    assert half_up(Fraction(44, 10**7)) == Decimal("0.000004")


@pytest.mark.parametrize("completeness", [0.0, 0.5, 0.9, 1.0])
def test_random_cases_do_not_contradict_themselves(completeness: float) -> None:
    rng = Random(20220531)
    for _ in range(25):
        case = random_case(rng, completeness=completeness)
        assert not contradicts(case, {})
        low, high = score(case, {})["total"]
        assert 0 <= low <= high <= 100
        assert to_yaml(case).startswith("city: 示例市甲\n")
        assert isinstance(contradicts(case, random_readings(rng)), bool)


def test_the_yaml_of_a_case() -> None:
    case = {
        "answers": {"附件.一.2.b": {"value": True, "evidence": "第3号: 会议"}, "附件.二.1.count": 2},
        "unclear_elements": [],
        "metrics": {"千人口托位数": {"city": Decimal("3.20")}},
        "incidents": {"重大信访事件": [{"on": APPLIES, "about_childcare": False}]},
        "unmet": unmet("A园", 7),
        "named_in": None,
    }
    assert to_yaml(case).splitlines() == [
        "answers:",
        '  附件.一.2.b: {value: yes, evidence: "第3号: 会议"}',
        "  附件.二.1.count: 2",
        "unclear_elements: []",
        "metrics:",
        "  千人口托位数: {city: 3.20}",
        "incidents:",
        "  重大信访事件: [{on: 2022-05-20, about_childcare: no}]",
        "unmet:",
        '  - {institution: A园, standard: 设置标准, clause: "7"}',
        "named_in: null",
    ]
