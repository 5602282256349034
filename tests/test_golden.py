"""What every question says, in both languages, as a table and as JSON.

A folder of `golden/` holds the `command` (without `zhengce`), and what it prints: `zh.txt`, `en.txt`, `zh.json`, `en.json`; the
exit status stands first. `pytest tests/test_golden.py --regold` writes what is printed now: read the difference.
"""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from served import HERE

from zhengce.cli import run
from zhengce.workspace import Workspace, find

ROOT = Path(__file__).parents[1]
GOLDEN = Path(__file__).with_name("golden")
CASES = sorted(path for path in GOLDEN.iterdir() if path.is_dir())
LANGUAGES = ("zh", "en")


def printed(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    status = run([*words, "--workspace", str(ROOT)])
    said = capsys.readouterr()
    return f"{status}\n{said.out}{said.err}"


@pytest.mark.parametrize("case", CASES, ids=[path.name for path in CASES])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("form", ["txt", "json"])
def test_what_is_printed(
    case: Path, language: str, form: str, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest
) -> None:
    words = shlex.split((case / "command").read_text("utf-8"))
    said = printed([*words, "--lang", language, *(["--json"] if form == "json" else [])], capsys)
    file = case / f"{language}.{form}"
    if request.config.getoption("--regold"):
        file.write_text(said, "utf-8")
    assert said == file.read_text("utf-8")


@pytest.mark.parametrize("case", CASES, ids=[path.name for path in CASES])
def test_the_other_engine_says_the_same(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [*shlex.split((case / "command").read_text("utf-8")), "--lang", "zh", "--json"]
    for engine in HERE:
        assert printed([*words, "--engine", engine], capsys) == (case / "zh.json").read_text("utf-8")


def test_every_question_is_asked() -> None:
    asked = {shlex.split((case / "command").read_text("utf-8"))[0] for case in CASES}
    assert asked == {*Workspace(find(ROOT)).questions, "why", "why-not"}


@pytest.mark.parametrize("case", CASES, ids=[path.name for path in CASES])
def test_the_languages_say_the_same(case: Path) -> None:
    """The same keys and the same figures: only sentences of our own are in another language."""
    zh, en = (json.loads((case / f"{language}.json").read_text("utf-8").partition("\n")[2]) for language in LANGUAGES)
    assert shape(zh) == shape(en)


def shape(value: object) -> object:
    if isinstance(value, dict):
        return {key: shape(item) for key, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return value if not isinstance(value, str) or value.replace(".", "").replace("-", "").isdigit() else "…"
