"""Quota, validity, stages, publication, targets and benefits against what the texts say, worked out here by other means."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

import zhengce
from zhengce.ask import ask
from zhengce.errors import QuestionError

ZHENGCE = zhengce.open(Path(__file__).parents[1])
DAY = timedelta(days=1)


# -- the quota: at most 10% of the units, at most 2 cities -----------------------------------------------------------------

QUOTA = {  # units: (10%, and for stated, strict, round-up how many may apply)
    5: ("0.5", 2, 0, 1),
    10: ("1", 2, 1, 1),
    14: ("1.4", 2, 1, 2),
    20: ("2", 2, 2, 2),
    100: ("10", 2, 2, 2),
}


@pytest.mark.parametrize("units", QUOTA)
def test_quota_under_each_reading(units: int) -> None:
    share, stated, strict, up = QUOTA[units]
    for reading, cities in (("stated", stated), ("strict", strict), ("round-up", up)):
        answer = ZHENGCE.quota(units=units, readings={"四.quota": reading})
        assert answer["share"] == Decimal(share)
        assert (answer["reading"], answer["apply"]) == (reading, cities)
        assert answer["exceeded"] == (cities > answer["recommend"])
    assert {row["reading"]: row["apply"] for row in answer["rows"]} == {"stated": stated, "strict": strict, "round-up": up}


def test_the_default_quota_is_the_one_stated() -> None:
    answer = ZHENGCE.quota(units=14)
    assert (answer["reading"], answer["apply"], answer["exceeded"]) == ("stated", 2, True)
    assert answer["clauses"] == ["liaoning-2022/四"]
    [reading] = answer["readings"]
    assert {a["value"]: a["differs"] for a in reading["alternatives"]} == {"strict": True, "round-up": True}


def test_a_reading_that_has_nothing_to_do_with_it_is_an_error() -> None:
    with pytest.raises(QuestionError, match="用不到读法") as raised:
        ZHENGCE.quota(units=14, readings={"五.三.publication": "start-before"})
    assert "四.quota" in raised.value.hint


@pytest.mark.parametrize("units", [0, -3, "1.5", "十四", "", None])
def test_units_that_cannot_be(units: object) -> None:
    with pytest.raises(QuestionError):
        ZHENGCE.quota(units=units)


# -- validity: five years from a day of 2020 that the text does not give ---------------------------------------------------

EDGES = [
    (date(2019, 12, 31), "not-yet"),
    (date(2020, 1, 1), "undetermined"),
    (date(2020, 12, 30), "undetermined"),
    (date(2020, 12, 31), "in-force"),
    (date(2024, 12, 31), "in-force"),
    (date(2025, 1, 1), "undetermined"),
    (date(2025, 12, 31), "undetermined"),
    (date(2026, 1, 1), "ended"),
]


@pytest.mark.parametrize(("day", "verdict"), EDGES)
def test_validity_without_a_date_of_publication(day: date, verdict: str) -> None:
    answer = ZHENGCE.validity("fuxin-2020", on=day)
    assert answer["verdict"] == verdict
    assert bool(answer["missing"]) == (verdict == "undetermined")
    assert answer.status == (verdict == "undetermined")


@pytest.mark.parametrize("published", [date(2020, 1, 1), date(2020, 2, 29), date(2020, 6, 2), date(2020, 12, 31)])
def test_a_date_given_decides(published: date) -> None:
    last = date(2025, 2, 28) if published == date(2020, 2, 29) else published.replace(year=2025)

    def verdict(day: date, **readings: str) -> str:
        chosen = {f"四.{name}": value for name, value in readings.items()}
        return ZHENGCE.validity("阜政办发", on=day, published_on=published, readings=chosen)["verdict"]

    assert verdict(published - DAY) == "not-yet"
    assert verdict(published) == "in-force"
    assert verdict(last - DAY) == "in-force"
    assert verdict(last) == "ended"
    assert verdict(last, anniversary="included") == "in-force"
    assert verdict(last + DAY, anniversary="included") == "ended"
    assert verdict(date(2024, 1, 1), validity="date-given") == "in-force"


def test_only_a_given_date_decides_under_that_reading() -> None:
    answer = ZHENGCE.validity("fuxin-2020", on=date(2023, 1, 1), readings={"四.validity": "date-given"})
    assert answer["verdict"] == "undetermined"


def test_a_text_without_a_term_is_open() -> None:
    answer = ZHENGCE.validity("liaoning-2022", on=date(2024, 1, 1))
    assert answer["verdict"] == "undetermined"
    assert not answer["readings"], "the other document's readings have nothing to do with it"
    assert not [c for c in answer["clauses"] if c.startswith("fuxin")]


# -- stages and the publication in working days ------------------------------------------------------------------------------

DEADLINES = {"五.一": date(2022, 5, 31), "五.二": date(2022, 7, 31), "五.三": date(2022, 9, 30), "五.四": date(2022, 12, 31)}
# The State Council's calendar for autumn 2022: Mid-Autumn 10-12 September, National Day 1-7 October, 8 and 9 October worked.
HOLIDAYS = {date(2022, 9, 10) + n * DAY for n in range(3)} | {date(2022, 10, 1) + n * DAY for n in range(7)}
WORKED = {date(2022, 10, 8), date(2022, 10, 9)}


@pytest.mark.parametrize("stage", DEADLINES)
@pytest.mark.parametrize(("days", "state"), [(-1, "upcoming"), (0, "due"), (1, "overdue")])
def test_stages_around_each_deadline(stage: str, days: int, state: str) -> None:
    day = DEADLINES[stage] + days * DAY
    states = {row["clause"]: row["state"] for row in ZHENGCE.stages(on=day)["rows"]}
    assert states[stage] == state
    for other, due in DEADLINES.items():
        assert states[other] == ("upcoming" if day < due else "due" if day == due else "overdue")


def test_stages_without_a_day_are_neither_due_nor_overdue() -> None:
    rows = ZHENGCE.stages()["rows"]
    assert {row["clause"]: row["due"] for row in rows} == DEADLINES
    assert {row["state"] for row in rows} == {None}


def fifth_workday(posted: date) -> date:
    day, left = posted, 5
    while left:
        day += DAY
        left -= day in WORKED or (day.weekday() < 5 and day not in HOLIDAYS)
    return day


@pytest.mark.parametrize("posted", [date(2022, 8, 29) + n * DAY for n in range(46)], ids=str)
def test_publication_around_the_holidays(posted: date) -> None:
    [found] = ZHENGCE.stages(posted_on=posted, alternatives=False)["publication"]
    assert found["ends"] == fifth_workday(posted)
    assert found["in_time"] == ("yes" if fifth_workday(posted) <= DEADLINES["五.三"] else "no")
    other = ZHENGCE.stages(posted_on=posted, readings={"五.三.publication": "start-before"}, alternatives=False)
    assert other["publication"][0]["in_time"] == ("yes" if posted <= DEADLINES["五.三"] else "no")


def test_the_last_day_to_post() -> None:
    latest = max(d for n in range(60) if fifth_workday(d := date(2022, 8, 15) + n * DAY) <= DEADLINES["五.三"])
    assert latest == date(2022, 9, 25)
    assert ZHENGCE.stages()["publication"][0]["latest"] == latest
    other = ZHENGCE.stages(readings={"五.三.publication": "start-before"})
    assert other["publication"][0]["latest"] == DEADLINES["五.三"]


def test_a_day_outside_the_holiday_calendar_is_an_error() -> None:
    with pytest.raises(zhengce.ZhengceError, match="放假"):
        ZHENGCE.stages(posted_on=date(1990, 1, 1))


# -- targets -----------------------------------------------------------------------------------------------------------------


def met(metric: dict[str, object], reading: str = "by-2025") -> dict[str, str]:
    rows = ZHENGCE.targets(metric=metric, readings={"一.二.targets": reading})["rows"]
    return {row["metric"]: row["met"] for row in rows if row["metric"]}


@pytest.mark.parametrize(
    ("name", "bound"),
    [("婴幼儿健康管理率", "90"), ("科学育儿指导率", "95"), ("社区照护机构覆盖率", "50"), ("千人口托位数", "4.5")],
)
def test_a_target_is_met_from_its_value_on(name: str, bound: str) -> None:
    assert met({name: Decimal(bound)})[name] == "yes"
    assert met({name: Decimal(bound) - Decimal("0.000001")})[name] == "no"
    assert met({})[name] == "unknown"


def test_every_year_needs_every_year() -> None:
    name = "婴幼儿健康管理率"
    years = {f"{name}@{year}": 90 for year in range(2022, 2026)}
    assert met(years, "every-year")[name] == "yes"
    assert met({**years, f"{name}@2023": 89}, "every-year")[name] == "no"
    assert met({**years, f"{name}@2023": 89})[name] == "yes", "only 2025 counts by default"
    del years[f"{name}@2024"]
    assert met(years, "every-year")[name] == "unknown"
    assert met({f"{name}@2022": 95})[name] == "unknown"


def test_the_years_that_lack_data_are_named() -> None:
    answer = ZHENGCE.targets(metric={"健康管理率@2023": 91}, readings={"一.二.targets": "every-year"})
    lacking = {row["metric"]: row["lacks"] for row in answer["rows"] if row["lacks"]}
    assert lacking["婴幼儿健康管理率"] == ["2022", "2024", "2025"]
    assert lacking["千人口托位数"] == ["2025"], "the other document's target is for 2025 alone"


@pytest.mark.parametrize("metric", ["千人口托位数", "千人口托位数=", "=4.6", "千人口托位数=多", "入园率=3", "率=90"])
def test_metrics_that_cannot_be(metric: str) -> None:
    with pytest.raises(QuestionError):
        ask(ZHENGCE.workspace, "targets", {"metric": metric})


# -- what an institution may claim and must do -------------------------------------------------------------------------------


def offers(**given: object) -> dict[str, str]:
    return {row["what"]: row["verdict"] for row in ZHENGCE.benefits(**given)["rows"]}


def obligations(**given: object) -> dict[str, str]:
    return {row["act"]: row["verdict"] for row in ZHENGCE.benefits(**given)["obligations"]}


def test_nothing_said_is_nothing_decided_but_what_has_no_condition() -> None:
    answer = ZHENGCE.benefits()
    for row in answer["rows"]:
        assert row["verdict"] == ("unknown" if row["conditions"] else "yes")
    asked = {c["attribute"] for row in [*answer["rows"], *answer["obligations"]] for c in row["conditions"]}
    assert {row["id"] for row in answer["missing"]} == asked


def test_registration_goes_by_type() -> None:
    nonprofit, profit = obligations(type="nonprofit"), obligations(type="profit")
    assert nonprofit["向机构编制或民政部门注册登记"] == "yes"
    assert nonprofit["向市场监管部门注册登记"] == "no"
    assert profit["向机构编制或民政部门注册登记"] == "no"
    assert profit["向市场监管部门注册登记"] == "yes"
    assert obligations()["向市场监管部门注册登记"] == "unknown"


def test_all_conditions_are_needed() -> None:
    purchase = "政府购买服务等支持"
    assert offers(type="nonprofit", inclusive=True)[purchase] == "unknown"
    assert offers(type="nonprofit", inclusive=True, run_by_society=True)[purchase] == "yes"
    assert offers(type="profit")[purchase] == "no", "one condition that fails is enough"
    assert offers(trained_and_certified="no")["从业人员培训费补贴"] == "no"


def test_a_choice_may_be_said_in_chinese() -> None:
    assert offers(type="营利性") == offers(type="profit")
    with pytest.raises(QuestionError, match="公办"):
        offers(type="公办")


# -- search ------------------------------------------------------------------------------------------------------------------


def test_all_words_must_be_there() -> None:
    both = {row["id"] for row in ZHENGCE.search("幼儿园 设计")["rows"]}
    assert both == {r["id"] for r in ZHENGCE.search("幼儿园")["rows"]} & {r["id"] for r in ZHENGCE.search("设计")["rows"]}


@pytest.mark.parametrize(
    "easily_missed", ["终身禁入", "育儿假", "母婴室", "建设用地", "留守儿童", "最长租赁期限", "绿色通道", "8㎡"]
)
def test_what_is_easily_missed_is_found(easily_missed: str) -> None:
    assert ZHENGCE.search(easily_missed)["rows"]


def test_nothing_found_is_said_with_what_is_near() -> None:
    answer = ZHENGCE.search("落实休价政策")
    assert (answer["rows"], answer.status) == ([], 1)
    assert answer["near"]
