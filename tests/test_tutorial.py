"""The tutorials, followed to the letter: every file written, every command run, in the order of the page, in an empty folder.

`python tests/test_tutorial.py --write` puts what is printed now into both pages.
"""

from __future__ import annotations

import difflib
import re
import sys
import tempfile
from pathlib import Path

import pytest
from test_docs import FENCE, ROOT, Printed, commands, fits, rewritten
from test_docs import run as run_anywhere

PAGES = [ROOT / "docs" / "tutorial.zh.md", ROOT / "docs" / "tutorial.md"]
FEWEST, MOST = 250, 490


def blocks(page: Path) -> list[tuple[str, str]]:
    """The fenced blocks of a page: what stands behind the fence, and the body."""
    return [(found["info"].strip(), found["body"]) for found in FENCE.finditer(page.read_text(encoding="utf-8"))]


def lay(info: str, body: str, folder: Path) -> bool:
    """Write the file that a block holds; whether it holds one."""
    name = info.partition(" ")[2]
    if "." not in name:
        return False
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(body, encoding="utf-8")
    return True


def run(line: str, folder: Path) -> Printed:
    """What a command prints; the page shows the files of its workspace from the folder where the reader is."""
    printed = run_anywhere(line, folder)
    return printed._replace(lines=[line.replace(f"{folder.resolve()}/", "") for line in printed.lines])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_tutorial_works(page: Path, tmp_path: Path) -> None:
    for info, body in blocks(page):
        if lay(info, body, tmp_path):
            continue
        assert info == "console run"
        for command in commands(body):
            printed = run(command.line, tmp_path)
            shown = "\n".join(command.shown).rstrip().splitlines()
            difference = "\n".join(difflib.unified_diff(shown, printed.lines, page.name, "printed", lineterm=""))
            assert fits(shown, printed.lines), f"{difference}\n→ python tests/test_tutorial.py --write"
            assert printed.status in command.status, (command.line, printed.status)


def test_both_pages_have_the_same_steps() -> None:
    assert blocks(PAGES[0]) == blocks(PAGES[1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_of_readable_length(page: Path) -> None:
    assert FEWEST <= len(page.read_text(encoding="utf-8").splitlines()) <= MOST


def test_no_line_of_python_is_needed() -> None:
    assert {info.split()[0] for info, _ in blocks(PAGES[0])} <= {"toml", "yaml", "datalog", "po", "markdown", "console"}


def write(page: Path) -> None:
    """Put what the commands print now into a page."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)

        def block(found: re.Match[str]) -> str:
            info = found["info"].strip()
            if lay(info, found["body"], folder) or info != "console run":
                return found[0]
            body = "".join(rewritten(command, lambda line: run(line, folder)) for command in commands(found["body"]))
            return f"```{found['info']}\n{body.rstrip()}\n```"

        page.write_text(FENCE.sub(block, page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    for each in PAGES:
        write(each)
