"""The package as others get it: built from what git knows, installed both ways, used from an empty folder.

An sdist and from it a wheel are built from an export of git's index. The wheel must carry exactly the files that git lists, the
four folders of the workspace as `zhengce/_workspace`. Then the wheel answers a question from a folder where there is no
workspace, and so does an editable install in which a stale `_workspace` lies. With the extra `fonts`
and no other font it draws.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from zipfile import ZipFile

from pypdf import PdfReader

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("policy", "facts", "queries", "visualize")
INSIDE = "zhengce/_workspace/"
ASKED = ["lead", "落实休假政策"]
ANSWER = "牵头　市人力资源社会保障局"
EDITED = "各县市区政府"
DEPARTMENT = "市卫生健康委"
DRAWING = f"""
import sys
from zhengce.diagrams import draw
from zhengce.workspace import Workspace, find
drawing = draw(Workspace(find()), "responsibility", {{"department": "{DEPARTMENT}"}})
for file in sys.argv[1:]:
    drawing.save(file)
"""


def main() -> None:
    """Run every check; the first that fails ends it."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        source = exported(place / "export")
        wheel = built(source, place / "dist")
        carries_what_git_lists(wheel)
        empty = place / "empty"
        empty.mkdir()
        answers_from_a_wheel(wheel, place / "wheel", empty)
        answers_from_an_editable_install(source, place / "editable", empty)
        draws_with_the_fonts_of_its_extra(wheel, place / "fonts", empty)
    print("the wheel and the editable install both answer, and the wheel draws")


def exported(folder: Path) -> Path:
    """The tree as git's index has it: nothing ignored, nothing left over."""
    run("git", "checkout-index", "--all", f"--prefix={folder}/", cwd=ROOT)
    return folder


def built(source: Path, folder: Path) -> Path:
    """The wheel, by way of the sdist."""
    run(sys.executable, "-m", "build", "--outdir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    assert list(folder.glob("*.tar.gz"))
    return wheel


def carries_what_git_lists(wheel: Path) -> None:
    """The workspace in the wheel, file by file; and nothing in it that git does not know."""
    listed = set(run("git", "ls-files", "-z", *FOLDERS, "zhengce", cwd=ROOT).rstrip("\0").split("\0"))
    names = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}
    expected = {name if name.startswith("zhengce/") else f"{INSIDE}{name}" for name in listed}
    assert names == expected, f"too many: {sorted(names - expected)}; missing: {sorted(expected - names)}"


def answers_from_a_wheel(wheel: Path, folder: Path, empty: Path) -> None:
    """From an empty folder the workspace inside the wheel is read."""
    python = fresh(folder, str(wheel))
    assert "_workspace" in workspace(python, empty)
    assert ANSWER in ask(python, empty)


def answers_from_an_editable_install(source: Path, folder: Path, empty: Path) -> None:
    """The folder above the package is read, and what is edited there is answered, whatever a stale `_workspace` says."""
    python = fresh(folder, "--editable", str(source))
    stale = source / INSIDE
    for name in FOLDERS:
        (stale / name).mkdir(parents=True)
    assert Path(workspace(python, empty)) == source
    assert ANSWER in ask(python, empty)
    facts = source / "facts" / "fuxin-2020.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("各县区政府", EDITED), encoding="utf-8")
    assert EDITED in ask(python, empty)


def draws_with_the_fonts_of_its_extra(wheel: Path, folder: Path, empty: Path) -> None:
    """Where the system has no font at all."""
    python = fresh(folder, f"{wheel}[fonts]")
    (folder / "fonts.conf").write_text("<fontconfig></fontconfig>", encoding="utf-8")
    pdf, png = folder / "drawn.pdf", folder / "drawn.png"
    surroundings = {"FONTCONFIG_FILE": str(folder / "fonts.conf"), "XDG_CACHE_HOME": str(folder / "cache")}
    run(str(python), "-c", DRAWING, str(pdf), str(png), cwd=empty, **surroundings)
    (page,) = PdfReader(pdf).pages
    assert DEPARTMENT in page.extract_text()
    assert all("NotoSansSC" in font["/BaseFont"] for font in page["/Resources"]["/Font"].values())
    assert png.read_bytes().startswith(b"\x89PNG")


def fresh(folder: Path, *what: str) -> Path:
    """The Python of a new virtual environment with the package installed."""
    venv.create(folder, with_pip=True)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)
    return python


def workspace(python: Path, empty: Path) -> str:
    """Where the workspace is that is used from an empty folder."""
    return run(str(python), "-c", "import zhengce; print(zhengce.open().workspace.root)", cwd=empty).strip()


def ask(python: Path, empty: Path) -> str:
    """The answer of the installed command, in an empty folder and with an empty cache."""
    with tempfile.TemporaryDirectory() as cache:
        return run(str(python.with_name("zhengce")), *ASKED, cwd=empty, XDG_CACHE_HOME=cache)


def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    """What a command prints on standard output; what it says otherwise is shown when it fails."""
    variables = {**os.environ, "PYTHONUTF8": "1", **environment}
    done = subprocess.run(
        command, cwd=cwd, env=variables, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
