"""The command as somebody meets it who speaks one of the two languages: help and mistakes, without a word of the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from zhengce.cli import run
from zhengce.cli.group import TOOLS
from zhengce.language import width
from zhengce.workspace import Workspace, find

ROOT = Path(__file__).parents[1]
COMMANDS = [[], *([name] for name in (*Workspace(find(ROOT)).questions, *TOOLS))]
CHINESE = re.compile("[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]+")
# terms and ids of the documents, in examples
EXAMPLES = {"一", "二", "四", "七", "母婴设施", "千人口托位数"}
CLICKS = re.compile("usage|options?\\b|commands?\\b|arguments?\\b|show|error|missing|required|default", re.IGNORECASE)


def told(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    run(["--workspace", str(ROOT), *words])
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_in_english(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = told([*command, "--help", "--lang", "en"], capsys)
    assert text.startswith("usage: zhengce ")
    assert set(CHINESE.findall(text)) <= EXAMPLES
    assert "Options:\n" in text


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_in_chinese(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    text = told([*command, "--help", "--lang", "zh"], capsys)
    assert text.startswith("用法：zhengce ")
    assert not CLICKS.search(text)
    assert "选项：\n" in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_help_is_in_columns(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What an option is for begins in one column, however wide the characters before it."""
    for command in COMMANDS:
        options = re.split("选项：|Options:", told([*command, "--help", "--lang", language], capsys))[1].split("\n\n")[0]
        begun = [re.match(r"  (?:-h, )?--\S+(?: \S+)? +", line) for line in options.split("\n")]
        assert len({width(found[0]) for found in begun if found}) == 1


MISTAKES = {
    "lead": "TASK is missing: The task's title, part of the title, or its clause (such as 二.一.1)\n"
    "  → usage: zhengce lead [OPTIONS] TASK\n",
    "leed": "there is no command leed\n  → did you mean: lead, load?\n",
    "牵头": "there is no command 牵头\n  → did you mean: lead (Who leads a task)?\n",
    "revoked": "there is no command revoked\n  → did you mean: revocation (Whether a title is revoked)?\n",
    "lead a b": "too much: “b”\n  → usage: zhengce lead [OPTIONS] TASK\n",
    "lead a --jsn": "there is no option --jsn\n  → did you mean: --json?\n",
    "lead a --json=1": "--json takes no value\n",
    "lead a --engine": "--engine must be followed by ENGINE\n",
    "lead a --lang": "--lang must be followed by zh|en\n",
    "quota --units": "--units must be followed by INTEGER\n",
    "quota --units 0": "--units: 0 is too small; the least is 1\n",
    "quota": "quota needs --units\n  → The number of eligible units (cities divided into districts)\n",
    "benefits --type 公办": "--type: there is no value “公办”\n  → it may be nonprofit, profit\n",
    "benefits --inclusive maybe": "--inclusive: there is no value “maybe”\n  → it may be yes, no\n",
    "score nowhere": "there is no case file “nowhere”, and no sample of that name\n  → known: 示例市乙, 示例市甲\n",
}


@pytest.mark.parametrize("typed", MISTAKES)
def test_mistakes_in_english(typed: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    assert told(typed.split(), capsys) == MISTAKES[typed]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"LC_ALL": "en_US.UTF-8"}, "there is no command leed"),
        ({"LANG": "C"}, "没有 leed 这个命令"),
        ({"LC_ALL": "C", "LANG": "en_US.UTF-8"}, "没有 leed 这个命令"),
        ({"LC_ALL": "", "LANG": "de_DE"}, "there is no command leed"),
    ],
)
def test_the_language_of_the_system(
    environment: dict[str, str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(key, raising=False)
    for key, value in environment.items():
        monkeypatch.setenv(key, value)
    assert told(["leed"], capsys).startswith(said)


def test_a_language_that_there_is_not(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    assert told(["lead", "--lang", "fr"], capsys) == "没有“fr”这种语言\n  → --lang zh / --lang en\n"
    monkeypatch.setenv("LC_ALL", "en_US")
    assert told(["--lang=fr", "lead"], capsys) == "there is no language “fr”\n  → --lang zh / --lang en\n"
