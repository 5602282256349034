"""What the README promises, in English and in Chinese: its commands run and print what it shows, its examples work, its options
and tables name what there is; docs/json.md lists the keys there are. Both pages have the same commands, examples and tables.

A block fenced as ```` ```console run ```` is run: each `$ zhengce …` line in a folder that holds only the page's own example
files (blocks fenced with a file name, ```` ```yaml 示例.yaml ````), then compared line by line, where a line `…` stands for any
lines. `$ echo $?` shows the exit status of the command before, which is 0 where it does not stand. Blocks fenced as
```` ```pycon ```` are doctests.

    python tests/test_docs.py --write      put what is printed now into both pages, abridged as it is abridged now
"""

from __future__ import annotations

import difflib
import doctest
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from test_layers import LAYERS

import zhengce
from zhengce.cli.group import TOOLS

ROOT = Path(__file__).parents[1]
README, CHINESE = PAGES = [ROOT / "README.md", ROOT / "README.zh.md"]
KEYS = ROOT / "docs" / "json.md"
FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
COMMENT = re.compile(r"[ ]+(?:#.*)?$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")
CUT = "…"
Shape = dict[str, frozenset[str]]

# The headings over the tables that are checked.
QUESTIONS = {README: "The questions", CHINESE: "问题"}
COMMANDS = {README: "The tools", CHINESE: "工具"}
BUILT = {README: "How it is built", CHINESE: "内部结构"}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


class Command(NamedTuple):
    """A `$` line of a console block, the lines shown under it, and the exit statuses that it may have."""

    line: str
    shown: list[str]
    status: tuple[int, ...]


class Printed(NamedTuple):
    lines: list[str]
    status: int


# -- a page in pieces -----------------------------------------------------------------------------------------------------


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def fences(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks: what stands behind the fence, and the body."""
    return [(found["info"].strip(), found["body"]) for found in FENCE.finditer(text_of(page))]


def blocks(info: str, page: Path) -> list[str]:
    """The bodies of the fenced blocks that begin so."""
    return [body for begins, body in fences(page) if begins == info]


def commands(body: str) -> list[Command]:
    """The `$` lines of a block. `$ echo $?` belongs to the one before; under `$ make demo` no verdict is a failure."""
    found: list[Command] = []
    for line in body.splitlines():
        if line == "$ echo $?":
            found[-1] = found[-1]._replace(status=())
        elif line.startswith("$ "):
            found.append(Command(line[2:], [], (0, 1) if body.startswith("$ make demo\n") else (0,)))
        elif not found[-1].status:
            found[-1] = found[-1]._replace(status=(int(line),))
        else:
            found[-1].shown.append(line.rstrip())
    return found


def all_commands() -> list[tuple[Path, Command]]:
    shown = [(page, c) for page in PAGES for body in blocks("console run", page) for c in commands(body)]
    return [(page, c) for page, c in shown if c.line.startswith("zhengce ")]


def section(title: str, page: Path) -> str:
    """The text under a heading, up to the next heading of any level."""
    text = FENCE.sub("", text_of(page))
    found = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no heading “{title}”"
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The rows of a table, or of all tables of a page, their heads too."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def table(title: str, page: Path) -> list[list[str]]:
    """The rows of the table under a heading, without its head."""
    return rows(section(title, page))[2:]


def code(text: str) -> list[str]:
    """What stands between backticks."""
    return re.findall(r"`([^`]+)`", text)


# -- running it -----------------------------------------------------------------------------------------------------------


def environment(cache_folder: str) -> dict[str, str]:
    return {
        **os.environ,
        "HOME": cache_folder, "XDG_CACHE_HOME": cache_folder, "PYTHONUTF8": "1", "COLUMNS": "100", "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
    }  # fmt: skip


def files_in(folder: Path, page: Path) -> Path:
    """Write the page's example files."""
    for info, body in fences(page):
        _, _, name = info.partition(" ")
        if "." in name:
            (folder / name).write_text(body, encoding="utf-8")
    return folder


def run(line: str, folder: Path) -> Printed:
    """What a command prints, first on standard output, then on standard error."""
    words = [sys.executable, "-m", *shlex.split(line)]
    done = subprocess.run(
        words, cwd=folder, env=environment(str(folder / ".cache")), stdin=subprocess.DEVNULL,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    return Printed([text.rstrip() for text in (done.stdout + done.stderr).rstrip().splitlines()], done.returncode)


def fits(shown: list[str], printed: list[str]) -> bool:
    """Whether what is shown is what is printed, `…` standing for any lines."""
    if not shown:
        return not printed
    if shown[0] == CUT:
        return any(fits(shown[1:], printed[n:]) for n in range(len(printed) + 1))
    return bool(printed) and shown[0] == printed[0] and fits(shown[1:], printed[1:])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Path]:
    """For each page a folder with its files, and a cache of its own."""
    return {page: files_in(tmp_path_factory.mktemp("readme"), page) for page in PAGES}


# -- the tests ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page", "command"), all_commands(), ids=[f"{page.name}: {c.line}" for page, c in all_commands()])
def test_commands_print_what_is_shown(page: Path, command: Command, folders: dict[Path, Path]) -> None:
    printed = run(command.line, folders[page])
    assert printed.status in command.status, printed
    difference = "\n".join(difflib.unified_diff(command.shown, printed.lines, page.name, "printed", lineterm=""))
    shown = "\n".join(command.shown).rstrip().splitlines()
    assert fits(shown, printed.lines), f"{difference}\n→ python tests/test_docs.py --write"


@every_page
def test_the_demo_is_the_first_block(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    sample = re.search(r"^SAMPLE = (.*)$", makefile, re.MULTILINE)
    assert sample
    demo = re.findall(
        r"^\t@\$\(RUN\) (zhengce .*?)(?: \|\|.*)?$", makefile.partition("\ndemo:")[2].partition("\n\n")[0], re.MULTILINE
    )
    first = [c.line for c in commands(blocks("console run", page)[0])]
    assert first == ["make demo", *(line.replace("$(SAMPLE)", sample[1]) for line in demo)]


@every_page
def test_python_examples(page: Path, folders: dict[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(folders[page] / ".cache"))
    monkeypatch.chdir(folders[page])
    assert blocks("pycon", page)
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    example = doctest.DocTestParser().get_doctest("\n".join(blocks("pycon", page)), {}, page.name, str(page), 0)
    said: list[str] = []
    assert doctest.DocTestRunner(optionflags=flags).run(example, out=said.append).failed == 0, "".join(said)


@every_page
def test_every_question_is_in_the_table_and_no_other(page: Path) -> None:
    named = [re.match(r"`zhengce ([a-z-]+)", row[0]) for row in table(QUESTIONS[page], page)]
    assert sorted(m[1] for m in named if m) == sorted(questions())


@every_page
def test_every_command_named_is_a_command(page: Path) -> None:
    named = set(re.findall(r"(?:`|\$ )(?:uv run |\.venv/bin/)?zhengce ([a-z]\S*?)(?=[\s`])", text_of(page)))
    assert named <= {*questions(), *TOOLS}


@every_page
def test_every_tool_is_in_its_table(page: Path) -> None:
    named = [re.match(r"`zhengce ([a-z-]+)", row[0]) for row in table(COMMANDS[page], page)]
    assert sorted(m[1] for m in named if m) == sorted(TOOLS)


@every_page
def test_every_option_is_documented_and_every_one_named_is_there(page: Path) -> None:
    from zhengce.cli.group import command_group

    group = command_group()
    context = group.make_context("zhengce", ["lead"], resilient_parsing=True)
    every = [group, *(c for name in group.list_commands(context) if (c := group.get_command(context, name)))]
    groups = [c for c in every[1:] if isinstance(c, click.Group)]
    every += [c for one in groups for name in one.list_commands(context) if (c := one.get_command(context, name))]
    there = {text for command in every for p in command.params for text in p.opts if text.startswith("--")}
    named = set(re.findall(r"(?<=`)--[a-z-]+", text_of(page)))
    assert named - {"--help"} == there - {"--help"}


def test_keys_of_the_answers() -> None:
    assert documented() == {name: {"": frozenset(COMMON), **spec_shape(name)} | {"": top(name)} for name in questions()}


@pytest.mark.parametrize("question", zhengce.open(ROOT).workspace.questions)
def test_keys_of_real_answers(question: str, folders: dict[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The keys of every object of many answers, taken together, are those that docs/json.md tells."""
    folder = folders[README]
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / ".cache"))
    found = {pair for arguments in asked(question, folder) for pair in shapes(answer(question, arguments))}
    keys = {path: frozenset().union(*(k for p, k in found if p == path)) for path, _ in found}
    assert keys.pop("") - documented()[question][""] <= {"candidates"}
    unseen = {"problems[]"} if question == "check" else set()
    own = {path: k for path, k in documented()[question].items() if path and path not in unseen}
    shared = {path: k for path, k in common().items() if path in keys}
    if alternatives := shared.get(OTHERWISE):
        contradicts = {"contradicts"} & keys.get(OTHERWISE, frozenset())  # only what is asked of a case can be contradicted
        shared[OTHERWISE] = alternatives - COMPARED - {"contradicts"} | contradicts | (alternatives & compared(question))
    assert keys == {**shared, **own}


def test_keys_of_other_readings() -> None:
    assert common()[OTHERWISE] & COMPARED == {key for question in questions() for key in compared(question)}


def asked(question: str, folder: Path) -> list[list[Any]]:
    """Arguments that between them show all that a question may answer."""
    if question in ("lead", "duties"):
        return [["落实休假政策"], ["政策"]] if question == "lead" else [["市应急局"], ["局"], ["市税务局"]]
    if question not in ("score", "eligible", "revocation"):
        return ASKED.get(question, [[]])
    for name, text in CASES.items():
        (folder / name).write_text(f"city: 示例市\ndocument: liaoning-2022\n{text}", encoding="utf-8")
    return [["示例市甲"], ["示例市乙"], *([str(folder / name)] for name in ("示例市丙.yaml", *CASES))]


def answer(question: str, arguments: list[Any]) -> Any:
    """An answer as its JSON says it; its numbers are strings. A mapping among the arguments holds the options."""
    options = {name: value for a in arguments if isinstance(a, dict) for name, value in a.items()}
    names = [a for a in arguments if not isinstance(a, dict)]
    told = json.loads(getattr(zhengce.open(ROOT), question)(*names, **options).json())
    assert not [value for value in leaves(told) if isinstance(value, int | float) and not isinstance(value, bool)]
    return told


@every_page
def test_the_layers_are_those_of_the_test(page: Path) -> None:
    assert [set(code(row[0])) for row in table(BUILT[page], page)] == LAYERS[:-1]


@every_page
def test_links_lead_to_files(page: Path) -> None:
    assert [link for link in LINK.findall(text_of(page)) if not (ROOT / link).is_file()] == []


def test_both_pages_have_the_same_commands_and_examples() -> None:
    """Comments in the examples may differ, and the drawing."""
    first, second = ([(info, COMMENT.sub("", body)) for info, body in fences(page) if info != "text"] for page in PAGES)
    assert first == second


def test_both_pages_have_the_same_sections_and_rows() -> None:
    """As many headings of each level in the same order, and the same names in the first column of every table."""
    for of in (outline, first_column):
        assert of(README) == of(CHINESE)


def outline(page: Path) -> list[str]:
    return re.findall(r"^(#+) ", FENCE.sub("", text_of(page)), re.MULTILINE)


def first_column(page: Path) -> list[list[str]]:
    return [code(row[0]) for row in rows(FENCE.sub("", text_of(page)))]


# -- keys -----------------------------------------------------------------------------------------------------------------

ANSWER = "the answer"
COMMON = ("question", "clauses", "readings", "missing")
OTHERWISE = "readings[].alternatives[]"
COMPARED = frozenset("verdict total self_assessed apply recommend publication decided".split())
ASKED: dict[str, list[list[Any]]] = {
    "task": [["加强政策保障"], ["落实休假政策"]],
    "clause": [["liaoning-2022/四"], ["二.一"], ["fuxin-2020/四"], ["二.二.3"], ["liaoning-2022/二.一"], ["liaoning-2022/一"]],
    "quota": [[{"units": 14}]],
    "stages": [[{"on": "2022-09-26", "posted_on": "2022-09-26"}]],
    "targets": [[{"metric": {"健康管理率": "91", "健康管理率@2030": "91"}}]],
    "benefits": [[{"type": "profit", "qualifying_nonprofit": "yes"}]],
    "validity": [
        ["fuxin-2020", {"on": "2025-06-02"}],
        ["fuxin-2020", {"on": "2025-06-02", "published_on": "2020-06-02"}],
        ["fuxin-2020", {"on": "2025-06-02", "published_on": "2021-06-02"}],
    ],
    "search": [["母婴"]],
}
CASES = {
    "accident.yaml": "named_in: 2022\nincidents: {重大安全责任事故: [{on: 2023-05-01}]}\n",
    "revoked.yaml": "named_in: 2022\nfindings: {六.一.1: yes}\n",
    "window.yaml": """
applying_on: 2024-01-10
unit: 设区的市
incidents: {重大违法违规案件: [], 重大安全责任事故: [], 重大信访事件: [{on: 2022-01-05}], 重大负面舆情: []}
""",
    "contradicted.yaml": "answers: {附件.一.3.b: yes, 附件.一.3.c: yes}\nreadings: {附件.一.3.no-plan: included}\n",
}


def questions() -> tuple[str, ...]:
    return zhengce.open(ROOT).workspace.questions


@cache
def documented() -> dict[str, Shape]:
    """The table of keys: question, path, keys. The keys that every answer has are added."""
    found: dict[str, Shape] = {}
    for question, path, keys in table("The JSON of each question", KEYS):
        for name in code(question):
            place = path.strip("`").removeprefix(ANSWER)
            own = frozenset(code(keys))
            found.setdefault(name, {})[place] = own | frozenset(COMMON) if place == "" else own
    return found


@cache
def common() -> Shape:
    """The table of keys that every answer may have."""
    return {
        path.strip("`").removeprefix(ANSWER): frozenset(code(keys))
        for path, keys, *_ in table("The JSON of every answer", KEYS)
    }


def top(question: str) -> frozenset[str]:
    return frozenset({*COMMON, *spec(question)})


def spec(question: str) -> dict[str, Any]:
    answer: dict[str, Any] = tomllib.loads((ROOT / "queries" / f"{question}.toml").read_text(encoding="utf-8"))["answer"]
    return answer


def compared(question: str) -> frozenset[str]:
    """What another reading may change, as far as an answer tells it."""
    data = tomllib.loads((ROOT / "queries" / f"{question}.toml").read_text(encoding="utf-8"))
    return frozenset(field for field in data.get("compare", {}).get("fields", ()) if "." not in field)


def spec_shape(question: str) -> Shape:
    """The keys of each object below the top, as the question's file gives them."""
    return dict(_spec_shapes(spec(question), ""))


def _spec_shapes(fields: dict[str, Any], path: str) -> Iterator[tuple[str, frozenset[str]]]:
    for name, field in fields.items():
        if isinstance(field, dict) and "fields" in field:
            inside = f"{path}.{name}".lstrip(".") + ("[]" if "each" in field else "")
            yield inside, frozenset(field["fields"])
            yield from _spec_shapes(field["fields"], inside)


def shapes(value: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    """The keys of every object in an answer, by path."""
    if isinstance(value, dict):
        yield path, frozenset(value)
        for key, item in value.items():
            yield from shapes(item, f"{path}.{key}".lstrip("."))
    elif isinstance(value, list):
        for item in value:
            yield from shapes(item, f"{path}[]")


def leaves(value: Any) -> Iterator[Any]:
    inside: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    yield value
    for item in inside:
        yield from leaves(item)


# -- writing it anew ------------------------------------------------------------------------------------------------------


def write(page: Path) -> None:
    """Put what the commands print now into a page."""
    with tempfile.TemporaryDirectory() as name:
        place = files_in(Path(name), page)

        def block(found: re.Match[str]) -> str:
            if found["info"].strip() != "console run":
                return found[0]
            body = "".join(rewritten(command, lambda line: run(line, place)) for command in commands(found["body"]))
            return f"```{found['info']}\n{body.rstrip()}\n```"

        page.write_text(FENCE.sub(block, text_of(page)), encoding="utf-8")


def rewritten(command: Command, run: Callable[[str], Printed]) -> str:
    """A command as it is shown, with what it prints now."""
    if not command.line.startswith("zhengce "):
        return "\n".join([f"$ {command.line}", *command.shown]) + "\n"
    printed = run(command.line)
    shown = "\n".join(command.shown).rstrip().splitlines()
    lines = shown if fits(shown, printed.lines) else abridged(shown, printed.lines)
    gap = [""] * (len(command.shown) - len(shown))
    status = ["$ echo $?", str(printed.status)] if printed.status and len(command.status) == 1 else []
    return "\n".join([f"$ {command.line}", *lines, *status, *gap]) + "\n"


def abridged(shown: list[str], printed: list[str]) -> list[str]:
    """What is printed, cut where it was cut before: each part between `…` keeps its size, and begins where it did."""
    kept: list[str] = []
    parts = [(cut, list(lines)) for cut, lines in groupby(shown, CUT.__eq__)]
    for n, (cut, part) in enumerate(parts):
        start = 0 if n == 0 else len(printed) - len(part)
        if 0 < n < len(parts) - 1 and not cut:
            near = difflib.get_close_matches(part[0], printed, n=1, cutoff=0.3)
            start = printed.index(near[0]) if near else 0
        kept += [CUT] if cut else printed[start : start + len(part)]
    return kept if CUT in shown else printed


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for each in PAGES:
        write(each)
