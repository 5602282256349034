"""Every kind of finding has its page in both languages, and the examples of the pages are what they are said to be."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from zhengce import errors
from zhengce.ask import ask
from zhengce.batch import Facts
from zhengce.cli import run
from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import Constant
from zhengce.errors import QuestionError, ZhengceError
from zhengce.explaining import PAGES, RELATION, codes, page
from zhengce.language import LANGUAGES
from zhengce.starting import TEMPLATE
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```\S+ (.+)\n((?:.*\n)*?)```$", re.MULTILINE)
MENDED = {"zh": "\n改为：\n", "en": "\nMended:\n"}
WITHOUT = {"workspace"}  # what is wrong there is not in a file
ELSEWHERE = {"stray"}  # mended by leaving the wrong file out


class Example(NamedTuple):
    """The files of a page: path and text."""

    wrong: list[tuple[str, str]]
    mended: list[tuple[str, str]]


def _errors(kind: type[ZhengceError] = ZhengceError) -> Iterator[type[ZhengceError]]:
    for below in kind.__subclasses__():
        yield from [below, *_errors(below)]


CODES = sorted({kind.code for kind in _errors() if kind.code and kind.__module__ == errors.__name__})
EXAMPLES = [code for code in CODES if code not in WITHOUT]


def example(code: str, language: str) -> Example:
    wrong, found, mended = (PAGES / language / f"{code}.md").read_text(encoding="utf-8").partition(MENDED[language])
    assert found or code in WITHOUT
    return Example(FENCE.findall(wrong), FENCE.findall(mended))


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the template, and a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Path(shutil.copytree(TEMPLATE, tmp_path / "workspace"))


def lay(folder: Path, files: list[tuple[str, str]]) -> None:
    for name, text in files:
        (folder / name).write_text(text, encoding="utf-8")


def found(folder: Path, files: list[tuple[str, str]]) -> set[str]:
    """The codes of what is wrong with a workspace, and with the cases among the files."""
    try:
        workspace = Workspace(folder)
        assert not ask(workspace, "check", {}).status
        for name, _ in files:
            if name.startswith("facts/cases/"):
                ask(workspace, "score", {"city": str(folder / name)})
            elif name == "facts.toml":
                Facts(workspace, [folder / name])
    except ZhengceError as error:
        return {each.code for each in error.all}
    return set()


# -- the package's pages --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_page_and_every_page_a_code(language: str) -> None:
    assert sorted(codes(language)) == CODES
    assert sorted(path.stem for path in (PAGES / language).iterdir()) == CODES


@pytest.mark.parametrize("code", CODES)
def test_a_page_is_short_and_has_the_same_example_in_both_languages(code: str) -> None:
    for language in LANGUAGES:
        assert len((PAGES / language / f"{code}.md").read_text(encoding="utf-8").splitlines()) <= 25
    assert example(code, "zh") == example(code, "en")


@pytest.mark.parametrize("code", EXAMPLES)
def test_the_wrong_example_is_wrong_and_the_mended_one_is_not(code: str, workspace: Path) -> None:
    wrong, mended = example(code, "zh")
    lay(workspace, wrong)
    assert found(workspace, wrong) == {code}
    if code in ELSEWHERE:
        for name, _ in wrong:
            (workspace / name).unlink()
    lay(workspace, mended)
    assert found(workspace, mended) == set()


def test_an_unknown_code_is_an_error_with_the_nearest() -> None:
    with pytest.raises(QuestionError) as error:
        page("unsave", None, "zh")
    assert "unsafe" in error.value.hint
    with pytest.raises(QuestionError, match="qqq"):
        page("qqq", None, "en")


# -- the workspace's own ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("root", [ROOT, TEMPLATE], ids=["repository", "template"])
def test_every_problem_of_a_workspace_says_how_it_is_mended(root: Path) -> None:
    """As many explanations as there are problems, and none is a code of the package."""
    rules = [r for path in sorted((root / "policy").glob("*.dl")) for r in parse(path.read_text(encoding="utf-8")).rules]
    told: dict[str, set[str]] = {"problem": set(), RELATION: set()}
    for rule in rules:
        code = rule.head.arguments[0] if rule.head.relation in told else None
        if isinstance(code, Constant):
            told[rule.head.relation].add(str(code.value))
    assert told["problem"] == told[RELATION]
    assert not told["problem"] & set(CODES)


def test_a_problem_of_the_workspace_is_explained(workspace: Path) -> None:
    shown = page("no-lead", Workspace(workspace), "zh")
    assert shown.startswith("no-lead　任务没有牵头单位\n\n改法：")


# -- the command -------------------------------------------------------------------------------------------------------------


def said(*arguments: str) -> tuple[int, str, str]:
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        status = run(arguments)
    return status, out.getvalue(), err.getvalue()


def test_the_list_has_all_codes_and_those_of_the_workspace(workspace: Path) -> None:
    status, out, err = said("--workspace", str(workspace), "help")
    listed = {line.split()[0] for line in out.splitlines() if line.startswith("  ")}
    assert (status, err) == (0, "")
    assert listed == {*CODES, "no-lead", "unknown-body", "effect", "zero", "award"}


def test_a_broken_workspace_keeps_nobody_from_help(workspace: Path) -> None:
    (workspace / "policy" / "tasks.dl").write_text("nonsense", encoding="utf-8")
    assert said("--workspace", str(workspace), "help", "syntax")[0] == 0
    status, out, _ = said("--workspace", str(workspace), "--lang", "en", "help")
    assert status == 0
    assert "the rules do not parse" in out
    status, out, err = said("--workspace", str(workspace), "help", "no-lead")
    assert (status, out) == (2, "")
    assert "no-lead" in err


def test_check_shows_how_a_problem_is_mended(workspace: Path) -> None:
    facts = workspace / "facts" / "shili-2025.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("[市民政局, 市自然资源局]", "[市财政局]"), encoding="utf-8")
    status, _, err = said("--workspace", str(workspace), "check")
    assert status == 2
    assert "no-lead" in err
    assert "在 facts 里给这项任务写上 responsible" in err
