"""Who leads: all 25 tasks of the plan, by title and by id, against a table taken from the text and not from the facts."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

import zhengce
from zhengce.errors import QuestionError

ROOT = Path(__file__).parents[1]
OFFICE = zhengce.open(ROOT)
TASKS = list(csv.DictReader((ROOT / "tests" / "tasks.csv").open(encoding="utf-8")))


def listed(text: str) -> list[str]:
    return text.split("、") if text else []


def test_all_are_there() -> None:
    assert len(TASKS) == len({t["task"] for t in TASKS}) == 25


@pytest.mark.parametrize("by", ["task", "title"])
@pytest.mark.parametrize("task", TASKS, ids=lambda t: t["task"])
def test_lead(task: dict[str, str], by: str) -> None:
    (row,) = OFFICE.lead(task[by])["rows"]
    assert row == {
        "document": "fuxin-2020",
        "task": task["task"],
        "title": task["title"],
        "lead": task["lead"],
        "participants": listed(task["participants"]),
        "localities": ["各县区政府"],
        "open_list": task["open_list"] == "yes",
        "by_duty": task["by_duty"] == "yes",
    }


def test_duties_of_every_department() -> None:
    duties: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for task in TASKS:
        duties[task["lead"]].add((task["task"], "lead"))
        for body in listed(task["participants"]):
            duties[body].add((task["task"], "participant"))
    assert len(duties) == 17
    for department, expected in duties.items():
        answer = OFFICE.duties(department)
        assert answer["department"] == department
        assert {(row["task"], row["role"]) for row in answer["rows"]} == expected


@pytest.mark.parametrize("alias", ["市应急局", "应急管理", "市应急管理局"])
def test_one_department_under_several_names(alias: str) -> None:
    assert OFFICE.duties(alias).data == OFFICE.duties("市应急管理局").data
    assert len(OFFICE.duties(alias)["rows"]) == 5


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("市人社局", "市人力资源社会保障局"),
        ("卫健委", "市卫生健康委"),
        ("发改委", "市发展改革委"),
        ("住建局", "市住房城乡建设局"),
        ("编办", "市委编办"),
        ("共青团", "团市委"),
        ("机构编制", "市委编办"),
        ("工会", "市总工会"),
    ],
)
def test_names_that_users_type(alias: str, name: str) -> None:
    assert OFFICE.duties(alias)["department"] == name


def test_what_the_plan_does_not_name_is_nobody_else() -> None:
    with pytest.raises(QuestionError) as caught:
        OFFICE.duties("市城管局")
    assert "应急" not in str(caught.value)


@pytest.mark.parametrize("typed", ["luoshixiujia", "luoshi xiujia zhengce", "休假政策落实", "落实休假政测"])
def test_what_looks_or_sounds_alike_is_only_suggested(typed: str) -> None:
    with pytest.raises(QuestionError, match="落实休假政策"):
        OFFICE.lead(typed)


def test_several_that_fit_are_all_shown() -> None:
    answer = OFFICE.lead("加强")
    assert answer.status == 1
    assert answer["rows"] == []
    assert {c["id"] for c in answer["candidates"]} == {t["task"] for t in TASKS if "加强" in t["title"]}
