"""`zhengce init`: a small workspace to start from, copied from `template/`."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from .errors import QuestionError
from .language import say
from .texts import unwritten
from .workspace import FOLDERS

TEMPLATE = Path(__file__).with_name("template")


def start(folder: Path) -> list[Path]:
    """Make a workspace in a new or empty folder: whole, or not at all. Returns its files.

    Raises `QuestionError` for a folder that holds something, or cannot be written.
    """
    whole = folder.resolve()
    try:
        _refuse_others(folder)
        new = not whole.exists()
        beside = whole.parent if new else whole
        beside.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".zhengce-", dir=beside) as place:
            made = _copied(Path(place) / whole.name)
            made.rename(whole) if new else _moved(made, whole)
    except OSError as problem:
        raise unwritten(folder, problem, QuestionError) from None
    return [path for name in FOLDERS for path in sorted((folder / name).rglob("*")) if path.is_file()]


def _refuse_others(folder: Path) -> None:
    if other := next(iter(sorted(folder.iterdir())), None) if folder.exists() else None:
        message = say("{folder} 里已有别的文件：{name}", folder=folder, name=other.name)
        raise QuestionError(message, hint=say("换一个新的或空的文件夹"))


def _copied(folder: Path) -> Path:
    """The template's files; their permissions are those of new files, whatever the package's are."""
    for source in sorted(path for path in TEMPLATE.rglob("*") if path.is_file()):
        target = folder / source.relative_to(TEMPLATE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    return folder


def _moved(made: Path, folder: Path) -> None:
    """What was made, put into a folder that there is already; what was moved is moved back when something cannot be."""
    done: list[str] = []
    try:
        for name in FOLDERS:
            (made / name).rename(folder / name)
            done.append(name)
    except OSError:
        for name in done:
            (folder / name).rename(made / name)
        raise
