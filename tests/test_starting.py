"""`zhengce init` makes a workspace that is sound and answers, whole or not at all."""

from __future__ import annotations

import os
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

import zhengce
from zhengce import starting
from zhengce.cli import run
from zhengce.errors import QuestionError
from zhengce.formatting import format_file, rule_files
from zhengce.starting import TEMPLATE, start
from zhengce.workspace import FOLDERS

CASE = "示例街道"


@pytest.fixture(autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    start(tmp_path / "示例")
    return tmp_path / "示例"


def said(*arguments: str) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = run(arguments)
    return status, out.getvalue(), err.getvalue()


# -- what is made ---------------------------------------------------------------------------------------------------------


def test_the_files_are_those_of_the_template(tmp_path: Path) -> None:
    made = start(tmp_path / "a" / "b")
    names = {path.relative_to(TEMPLATE) for path in TEMPLATE.rglob("*") if path.is_file()}
    assert {path.relative_to(tmp_path / "a" / "b") for path in made} == names
    assert all(path.read_bytes() == (TEMPLATE / path.relative_to(tmp_path / "a" / "b")).read_bytes() for path in made)
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b"], "nothing temporary is left"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    start(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(FOLDERS)


def test_the_current_folder_is_filled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, _ = said("init", ".")
    assert status == 0
    assert "cd " not in out
    assert said("check")[0] == 0


def test_it_is_small_and_its_files_say_what_they_are() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in TEMPLATE.rglob("*") if path.is_file()}
    assert sum(len(text.splitlines()) for text in texts.values()) < 380
    assert not [path for path, text in texts.items() if path.suffix == ".dl" and not text.startswith("// ")]
    assert not [path for path, text in texts.items() if path.suffix == ".yaml" and not text.startswith("# ")]


def test_its_rules_are_laid_out(folder: Path) -> None:
    assert not [path for path in rule_files(folder) if format_file(path, check=True)]


# -- what it answers --------------------------------------------------------------------------------------------------------


def test_it_is_sound_and_answers(folder: Path) -> None:
    policy = zhengce.open(folder)
    assert policy.check()["problems"] == []
    (row,) = policy.lead("选址")["rows"]
    assert (row["lead"], row["participants"]) == ("市民政局", ["市自然资源局"])
    assert policy.lead("一.2")["rows"][0]["participants"] == ["市民政局"], "an alias"
    assert policy.lead("选址")["clauses"] == ["shili-2025/一", "shili-2025/一.1"]


def test_what_is_unknown_makes_an_interval(folder: Path) -> None:
    answer = zhengce.open(folder).score(CASE)
    assert answer["total"] == {"low": 5, "high": 6, "of": 10}
    assert [row["id"] for row in answer["missing"]] == ["附件.1.c"]


@pytest.mark.parametrize(
    ("answers", "low", "high"),
    [
        ("{}", 0, 10),
        ("{附件.1.a: yes}", 0, 4),
        ("{附件.1.a: no, 附件.1.b: no, 附件.1.c: no, 附件.2.a: yes, 附件.2.b: yes}", 10, 10),
        ("{附件.1.a: no, 附件.1.b: yes, 附件.1.c: yes, 附件.2.a: no, 附件.2.b: no}", 3, 3),
        ("{附件.1.b: yes, 附件.1.c: yes, 附件.2.a: no}", 0, 5),
    ],
)
def test_zero_deduct_and_award(answers: str, low: int, high: int, folder: Path) -> None:
    case = folder / "facts" / "cases" / "甲.yaml"
    case.write_text(f"city: 甲\ndocument: shili-2025\nanswers: {answers}\n", encoding="utf-8")
    assert zhengce.open(folder).score("甲")["total"] == {"low": low, "high": high, "of": 10}


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("responsible: [市民政局, 市自然资源局]", "responsible: []", "no-lead"),
        ("[市民政局, 市自然资源局]", "[市民政局, 市财政局]", "unknown-body"),
        ("effect: deduct, points: 2", "effect: minus, points: 2", "effect"),
        ("effect: zero, points: 6", "effect: zero, points: 5", "zero"),
        ("title: 为高龄老人送餐, effect: award, points: 2", "title: 为高龄老人送餐, effect: award, points: 1", "award"),
    ],
)
def test_each_check_finds_its_mistake(before: str, after: str, code: str, folder: Path) -> None:
    facts = folder / "facts" / "shili-2025.yaml"
    text = facts.read_text(encoding="utf-8")
    assert before in text
    facts.write_text(text.replace(before, after), encoding="utf-8")
    assert [problem["code"] for problem in zhengce.open(folder).check()["problems"]] == [code]


# -- what is refused ----------------------------------------------------------------------------------------------------------


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    status, out, err = said("init", str(tmp_path))
    assert (status, out) == (2, "")
    assert "mine.txt" in err
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine", encoding="utf-8")
    for folder in (file, file / "below"):
        assert said("init", str(folder))[0] == 2
    assert file.read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize("exists", [False, True], ids=["new", "empty"])
def test_what_cannot_be_written_leaves_nothing(exists: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    if exists:
        folder.mkdir()
    real, count = Path.rename, iter(range(9))

    def failing(self: Path, target: Path) -> Path:
        if next(count) == (2 if exists else 0):
            raise OSError(28, "no space left")
        return real(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(QuestionError):
        start(folder)
    assert folder.exists() == exists
    assert not exists or not list(folder.iterdir())
    assert len(list(tmp_path.iterdir())) == exists


@pytest.mark.skipif(os.name == "nt" or not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert said("init", str(tmp_path / "new"))[0] == 2


def test_permissions_are_those_of_new_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A package may be installed for reading only; what is made from it is there to be edited."""
    source = tmp_path / "template"
    for path in start(source):
        path.chmod(0o444)
    monkeypatch.setattr(starting, "TEMPLATE", source)
    assert all(os.access(path, os.W_OK) for path in start(tmp_path / "new"))


def test_the_command_tells_what_to_try_and_it_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    status, out, err = said("init", "示例")
    assert (status, err) == (0, "")
    tried = [line.split() for line in out.splitlines() if line.startswith(("  zhengce", "  cd"))]
    assert tried[0] == ["cd", "示例"]
    monkeypatch.chdir("示例")
    assert len(tried) == 4
    assert [said(*words[1:])[0] for words in tried[1:]] == [0, 0, 0]


# -- what other documents need ------------------------------------------------------------------------------------------------

APPLY = """
@[key = "condition", ids = "condition", label = "申报条件"]
.decl requirement(condition: symbol, says: symbol)
@[ids = "condition", references = "condition = requirement.condition", label = "由案例回答的"]
.decl condition(condition: symbol)
.decl met(city: symbol, condition: symbol, value: symbol)
@[clause = "other-2025/一"]
met(c, k, v) :- city(c, "other-2025"), condition(k), requirement(k, _), answer(c, k, v).
.decl due(city: symbol, day: date)
@[clause = "other-2025/一"]
due(c, e) :- city(c, "other-2025"), asked_on(d), days_after(d, 10, e).
"""
QUESTION = """
title = "能否申报"
help = "一个案例的申报条件。"
argument = [
  { name = "city", kind = "case", help = "案例" },
  { name = "on", kind = "option", into = "asked_on", help = "哪一天" },
]
[answer]
city = { argument = "city" }
on = { one = "asked_on", value = "day" }
due = { one = "due", on = ["city"], value = "day" }
[answer.rows]
each = "met"
on = ["city"]
fields = { condition = "condition|short", value = "value" }
"""


@pytest.fixture
def another(folder: Path) -> Path:
    """A document without a scored table, put beside the first: conditions that give no points, and an optional date."""
    files = {
        "policy/other-2025.toml": 'title = "另一份（虚构）"\nclause = [{ id = "一", heading = "条件" }]\n',
        "policy/apply.dl": APPLY,
        "facts/other-2025.yaml": "requirement: {condition: 一.a, says: 有场地}\ncondition: [{condition: 一.a}]\n",
        "facts/cases/乙.yaml": "city: 乙\ndocument: other-2025\nanswers: {一.a: yes}\n",
        "queries/apply.toml": QUESTION,
    }
    for name in ("score.dl", "check.dl"):
        (folder / "policy" / name).unlink()
    for name in ("score.toml", "check.toml"):
        (folder / "queries" / name).unlink()
    (folder / "visualize" / "score.toml").unlink()
    facts = folder / "facts" / "shili-2025.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").partition("indicator:")[0], encoding="utf-8")
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_conditions_need_not_give_points(another: Path) -> None:
    assert zhengce.open(another).apply("乙")["rows"] == [{"condition": "一.a", "value": "yes"}]


def test_a_single_value_that_is_not_there_is_no_error_while_something_else_is(another: Path) -> None:
    policy = zhengce.open(another)
    assert policy.apply("乙")["due"] is None
    assert str(policy.apply("乙", on="2025-05-20")["due"]) == "2025-05-30"


def test_a_case_of_a_document_that_says_nothing_on_the_question(another: Path) -> None:
    case = another / "facts" / "cases" / "丙.yaml"
    case.write_text("city: 丙\ndocument: shili-2025\n", encoding="utf-8")
    with pytest.raises(QuestionError, match="shili-2025"):
        zhengce.open(another).apply("丙")


def test_a_catalogue_that_cannot_be_read_stops_no_answer(tmp_path: Path) -> None:
    """Its words stay as they are; `check` says what is wrong."""
    from zhengce.language import speaking

    start(tmp_path / "w")
    (tmp_path / "w" / "queries" / "en.po").write_bytes(b"\xff\xfe bad")
    with speaking("en"):
        policy = zhengce.open(tmp_path / "w")
        assert "市市场监管局" in str(policy.lead("食品"))
        with pytest.raises(zhengce.ZhengceError) as raised:
            policy.check()
    assert raised.value.code == "catalogue"
