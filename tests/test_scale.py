"""The page about many cities, followed to the letter: every file written, every command and example run, in order.

`python tests/test_scale.py --write` puts what is printed now into both pages.
"""

from __future__ import annotations

import difflib
import doctest
import sys
from pathlib import Path

import pytest
from test_docs import COMMENT, FENCE, LINK, ROOT, code, commands, fits, rows, section
from test_tutorial import blocks, lay, run, write

import zhengce
from zhengce.batch.bindings import DATABASE, KEYS
from zhengce.cases.meaning import RELATIONS

PAGES = [ROOT / "docs" / "scale.md", ROOT / "docs" / "scale.zh.md"]
LAID_OUT = {PAGES[0]: "How facts are laid out", PAGES[1]: "材料怎样放"}
MAPPED = {PAGES[0]: "The mapping file", PAGES[1]: "映射文件"}
WORKSPACE = zhengce.open(ROOT).workspace

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_the_page_works(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".cache"))
    for info, body in blocks(page):
        if info == "pycon":
            _holds(body)
        elif not lay(info, body, tmp_path):
            assert info == "console run"
            for command in commands(body):
                printed = run(command.line, tmp_path)
                shown = "\n".join(command.shown).rstrip().splitlines()
                difference = "\n".join(difflib.unified_diff(shown, printed.lines, page.name, "printed", lineterm=""))
                assert fits(shown, printed.lines), f"{difference}\n→ python tests/test_scale.py --write"
                assert printed.status in command.status, (command.line, printed.status)


def _holds(example: str) -> None:
    said: list[str] = []
    test = doctest.DocTestParser().get_doctest(example, {}, "page", None, 0)
    assert doctest.DocTestRunner().run(test, out=said.append).failed == 0, "".join(said)


def test_both_pages_have_the_same_files_and_commands() -> None:
    first, second = ([(info, COMMENT.sub("", body)) for info, body in blocks(page)] for page in PAGES)
    assert first == second


def test_both_pages_have_the_same_tables() -> None:
    first, second = ([code(row[0]) for row in rows(FENCE.sub("", page.read_text(encoding="utf-8")))] for page in PAGES)
    assert first == second


@every_page
def test_every_relation_is_there_with_its_columns(page: Path) -> None:
    told = {code(row[0])[0]: tuple(code(row[1])) for row in rows(section(LAID_OUT[page], page))[2:]}
    assert told == {name: WORKSPACE.whole.relations[name].columns for name in RELATIONS}


@every_page
def test_every_key_of_a_mapping_file_is_there(page: Path) -> None:
    assert [code(row[0])[0] for row in rows(section(MAPPED[page], page))[2:]] == [*KEYS, DATABASE]


@every_page
def test_the_tables_that_come_out_are_those_of_the_questions(page: Path) -> None:
    asked = {name: WORKSPACE.prepared(name).question.many for name in WORKSPACE.questions}
    tables = {f"`{name}`": [*many.tables, "conflict"] for name, many in asked.items() if many}
    told = rows(FENCE.sub("", page.read_text(encoding="utf-8")))
    assert {row[0]: code(row[1]) for row in told if row[0] in tables and len(row) == 2} == tables


@every_page
def test_links_lead_to_files(page: Path) -> None:
    assert [x for x in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / x).is_file()] == []


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for each in PAGES:
        write(each)
