"""Bad input to the command: every folder of `bad_inputs/<topic>/` gives a message, exit status 2 and no traceback.

A folder holds `command` (the arguments, as typed in a shell), `message` (what standard error says; `pytest --regold` writes it
anew) and the files that it needs. They are copied to an empty folder, where the command runs. A command that names `workspace`
finds there a copy of `minimal-workspace/` with the folder's own `workspace/` laid over it; any other asks the workspace of
this repository. What a plain text file cannot be is told by the last suffix of its name, which the copy does not have:

    .gb18030 .utf-16 .utf-8-sig   the text in that encoding
    .escaped                      the bytes that Python's escapes stand for: \\x00
    .link                         a symbolic link to what is written in it
    .dir                          a folder
    .gone                         taken away from the minimal workspace
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from zhengce.cli import run

ROOT = Path(__file__).parents[1]
INPUTS = Path(__file__).parent / "bad_inputs"
MINIMAL = INPUTS / "minimal-workspace"
ENCODINGS = (".gb18030", ".utf-16", ".utf-8-sig")
COMMANDS = sorted(path for path in INPUTS.glob("*/*/command") if MINIMAL not in path.parents)
TOPICS = sorted({path.parents[1].name for path in COMMANDS})


def walk(commands: list[Path]) -> list[Any]:
    return [pytest.param(path.parent, id=str(path.parent.relative_to(INPUTS))) for path in commands]


@pytest.fixture
def here(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The empty folder where the command runs; the repository's workspace is read once for all."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("folder", walk(COMMANDS))
def test_bad_input(
    folder: Path, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    arguments = prepared(folder, here)
    if "workspace" in arguments:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    before = _contents(here)
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = run(arguments)
    message = _shown(err.getvalue(), here)
    assert status == 2, out.getvalue() + message
    assert out.getvalue() == ""
    assert "Traceback" not in message
    assert "内部错误" not in message
    assert _contents(here) == before, "a file of the user was touched"
    golden = folder / "message"
    if request.config.getoption("--regold"):
        golden.write_text(message, encoding="utf-8")
    assert golden.exists(), f"no message kept for {folder.name}; write it by `pytest --regold`"
    assert message == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("folder", walk([next(path for path in COMMANDS if path.parents[1].name == t) for t in TOPICS]))
def test_bad_input_in_a_process_of_its_own(folder: Path, here: Path) -> None:
    command = [sys.executable, "-m", "zhengce", *prepared(folder, here)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert _shown(done.stderr, here) == (folder / "message").read_text(encoding="utf-8")


def test_the_minimal_workspace_is_sound(here: Path) -> None:
    shutil.copytree(MINIMAL, here / "workspace")
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as err:
        assert run(["--workspace", "workspace", "check"]) == 0, err.getvalue()


def test_every_topic_has_its_share() -> None:
    assert len(COMMANDS) >= 60
    assert not [topic for topic in TOPICS if sum(path.parents[1].name == topic for path in COMMANDS) < 8]


def prepared(folder: Path, here: Path) -> list[str]:
    """Lay out what a folder of `bad_inputs` describes; the arguments of its command."""
    arguments = shlex.split((folder / "command").read_text(encoding="utf-8"))
    if "workspace" in arguments:
        shutil.copytree(MINIMAL, here / "workspace")
    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
        if source.name not in ("command", "message"):
            target = here / source.relative_to(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            _place(source, target)
    return arguments


def _place(source: Path, target: Path) -> None:
    named = target.with_suffix("")
    match source.suffix:
        case suffix if suffix in ENCODINGS:
            named.write_bytes(source.read_text(encoding="utf-8").encode(suffix[1:]))
        case ".escaped":
            named.write_bytes(source.read_text(encoding="ascii").encode().decode("unicode_escape").encode("latin-1"))
        case ".link":
            named.symlink_to(source.read_text(encoding="utf-8").strip())
        case ".dir":
            named.mkdir()
        case ".gone":
            shutil.rmtree(named) if named.is_dir() else named.unlink()
        case _:
            target.write_bytes(source.read_bytes())


def _contents(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with what is in it; None for what is no file."""
    found = sorted(folder.rglob("*"))
    return {str(path): path.read_bytes() if path.is_file() and not path.is_symlink() else None for path in found}


def _shown(message: str, here: Path) -> str:
    """The message without the path of the temporary folder, or of this repository."""
    return message.replace(f"{here.resolve()}", ".").replace(f"{here}", ".").replace(f"{ROOT}/", "")
