"""The command where something around it is wrong: its output, its folder, its cache, its own code."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from zhengce import cli
from zhengce.errors import TextError

ROOT = Path(__file__).parents[1]
MINIMAL = Path(__file__).parent / "bad_inputs" / "minimal-workspace"
COMMAND = [sys.executable, "-m", "zhengce"]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / "cache")}


def shell(line: str, folder: Path) -> tuple[int, str]:
    """The exit status and what is said on standard error."""
    words = ["sh", "-c", f'"{sys.executable}" -m zhengce {line}']
    done = subprocess.run(words, cwd=folder, env=environment(folder), stderr=subprocess.PIPE, encoding="utf-8", check=False)
    return done.returncode, done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full")
@pytest.mark.parametrize("asked", ["lead 落实休假政策", "--help", "lead --help", "readings --json"])
def test_a_full_disk(asked: str, tmp_path: Path) -> None:
    assert shell(f"{asked} > /dev/full", tmp_path) == (2, "写不出结果：磁盘已满\n")


@pytest.mark.skipif(os.name == "nt", reason="no sh")
def test_a_closed_output(tmp_path: Path) -> None:
    assert shell("lead 落实休假政策 >&-", tmp_path) == (2, "写不出结果：标准输出已经关闭\n")


@pytest.mark.skipif(os.name == "nt", reason="a folder in use stays")
def test_a_deleted_folder(tmp_path: Path) -> None:
    moved = f'--version > /dev/null; mkdir gone; cd gone; rmdir ../gone; "{sys.executable}" -m zhengce'
    assert shell(f"{moved} lead 落实休假政策 > /dev/null", tmp_path) == (0, "")
    assert shell(f"{moved} score a.yaml", tmp_path) == (2, f"没有这个文件：a.yaml [text]\n  → {TextError.mend}\n")


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are text elsewhere")
def test_a_folder_whose_name_is_not_utf_8(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/\xff"
    shutil.copytree(os.fsencode(MINIMAL), folder)
    words = [*COMMAND, "lead", "登记备案"]
    done = subprocess.run(words, cwd=folder, env=environment(tmp_path), capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "县卫生健康局" in done.stdout


def test_many_at_once_with_a_cold_cache(tmp_path: Path) -> None:
    shutil.copytree(MINIMAL, tmp_path / "w")
    words = [*COMMAND, "--workspace", "w", "lead", "登记备案"]
    started = [subprocess.Popen(words, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE) for _ in range(6)]
    said = {process.communicate()[0] for process in started}
    assert [process.returncode for process in started] == [0] * 6
    assert len(said) == 1
    assert [path.suffix for path in (tmp_path / "cache" / "zhengce").iterdir()] == [".pickle"]


@pytest.mark.parametrize("content", [b"", b"x" * 100, None])
def test_a_broken_cache_is_made_anew(content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(MINIMAL, tmp_path / "w")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    asked = ["--workspace", str(tmp_path / "w"), "lead", "登记备案"]
    assert cli.run(asked) == 0
    (place,) = (tmp_path / "cache" / "zhengce").iterdir()
    whole = place.read_bytes()
    place.write_bytes(whole[:-7] if content is None else content)
    assert cli.run(asked) == 0
    assert place.read_bytes() == whole


def test_a_fault_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fault(*_: object, **__: object) -> None:
        raise KeyError("a\nb")

    monkeypatch.delenv(cli.DEBUG, raising=False)
    monkeypatch.setattr("zhengce.ask.ask", fault)
    assert cli.run(["lead", "落实休假政策"]) == 2
    assert capsys.readouterr().err == "内部错误：KeyError：'a\\nb'（请报告；设 ZHENGCE_DEBUG=1 可看详情）\n"
    monkeypatch.setenv(cli.DEBUG, "1")
    assert cli.run(["lead", "落实休假政策"]) == 2
    assert "Traceback" in capsys.readouterr().err


def test_help_lists_the_questions_of_the_workspace_named(tmp_path: Path) -> None:
    for words in (["--workspace", str(MINIMAL), "--help"], ["--help", "--workspace", str(MINIMAL)]):
        done = subprocess.run(
            [*COMMAND, *words], cwd=tmp_path, env=environment(tmp_path), capture_output=True, encoding="utf-8", check=False
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "  lead" in done.stdout and "  quota" not in done.stdout


@pytest.mark.parametrize(("here", "shown"), [(".", "policy/x.dl"), ("policy", "x.dl")])
def test_an_error_names_the_file_as_one_would_type_it(here: str, shown: str, tmp_path: Path) -> None:
    folder = shutil.copytree(MINIMAL, tmp_path / "w")
    (folder / "policy" / "x.dl").write_text(".decl\n", encoding="utf-8")
    done = subprocess.run(
        [*COMMAND, "lead", "登记备案"],
        cwd=folder / here, env=environment(tmp_path), capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.stderr.startswith(f"{Path(shown)}:1:")
