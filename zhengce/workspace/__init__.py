"""A workspace: four folders of plain text, and the only code that reads them.

What is read is kept, checked and planned, in the user's cache folder under the hash of every file's content, so that the next
question need not read it again. A cache that is missing, broken or not writable is made anew, silently.
"""

from __future__ import annotations

import os
import pickle
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from ..errors import QuestionError, WorkspaceError, did_you_mean
from ..keeping import blake2b, load, store
from ..language import listed, say, words

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ..datalog.checked import CheckedProgram, Model, Row
    from ..datalog.syntax import Program
    from ..errors import Span
    from ..questions import Question
    from ..questions.diagram import Diagram
    from ..rows import Statable


FOLDERS = ("policy", "facts", "queries", "visualize")
SUFFIXES = {"policy": (".dl", ".toml"), "facts": (".yaml",), "queries": (".toml", ".po"), "visualize": (".toml",)}
BUILT_BY = (".", "datalog", "engines/memory", "prelude", "questions", "sql", "texts", "workspace")
IGNORED = ("thumbs.db", "desktop.ini")
LONGEST_SHOWN = 40


class Prepared(NamedTuple):
    """A question ready to be asked: the clauses that the rules for each relation cite, and the readings that they consult."""

    question: Question
    citations: tuple[tuple[str, str], ...]
    readings: tuple[str, ...]


class Gloss(NamedTuple):
    """A relation for people: its name, a sentence about a row (`says`), one about a row that is not there and so not known.

    `fixed`: why nobody can change its rows; `names`: the column with the name of what the key is the id of; `proof`: whether
    a short proof always has a line for it (`shown`) or never (`folded`).
    """

    relation: str
    columns: tuple[str, ...]
    keys: tuple[str, ...] = ()
    label: str = ""
    says: str = ""
    unknown: str = ""
    fixed: str = ""
    names: str = ""
    proof: str = ""


class Workspace:
    """The four folders at `root`. Opening reads no more than it must; errors in them are raised at the first question.

    `digest`: the hash of all that it was made from, empty when that changed meanwhile.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.digest, self._sections = _cached(root)
        self._loaded: dict[str, Any] = {}

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of the questions."""
        return self._section("questions")  # type: ignore[no-any-return]

    def prepared(self, name: str) -> Prepared:
        """A question by name. Raises `QuestionError`."""
        if name not in self.questions:
            raise QuestionError(say("没有 {name} 这个问题", name=name), hint=did_you_mean(name, self.questions))
        return self._section(f"question {name}")  # type: ignore[no-any-return]

    @property
    def diagrams(self) -> tuple[str, ...]:
        """The names of the diagrams."""
        return self._section("diagrams")  # type: ignore[no-any-return]

    def diagram(self, name: str) -> Diagram:
        """A diagram by name. Raises `QuestionError`."""
        if name not in self.diagrams:
            raise QuestionError(say("没有 {name} 这种图", name=name), hint=did_you_mean(name, self.diagrams))
        return self._section(f"diagram {name}")  # type: ignore[no-any-return]

    def program(self, name: str) -> CheckedProgram:
        """What a question needs of the rules."""
        return self._section(f"program {name}")  # type: ignore[no-any-return]

    def model(self, name: str) -> Model | None:
        """What the documents alone say on a question that is about no case; None for others."""
        key = f"model {name}"
        return self._section(key) if key in self._sections else None

    def facts(self, relation: str) -> Collection[Row]:
        """What the documents state: the rows of a relation, as engines keep them, with the indexes made so far."""
        key = f"facts {relation}"
        if key not in self._sections:
            return ()
        if key not in self._loaded:
            from ..engines.memory.tables import Table

            self._loaded[key] = Table(pickle.loads(self._sections[key]))
        return self._loaded[key]  # type: ignore[no-any-return]

    def places(self, relation: str) -> Mapping[Row, Span]:
        """Where the documents state the rows of a relation."""
        key = f"places {relation}"
        return self._section(key) if key in self._sections else {}

    @property
    def glossary(self) -> Mapping[str, Gloss]:
        """What each relation is called, and how its rows read."""
        return self._section("glossary")  # type: ignore[no-any-return]

    @property
    def whole(self) -> CheckedProgram:
        """All rules, for what no single question needs."""
        return self._section("whole")  # type: ignore[no-any-return]

    @property
    def facts_known(self) -> Mapping[str, Collection[Row]]:
        """All that the documents state."""
        return {key[6:]: self.facts(key[6:]) for key in self._sections if key.startswith("facts ")}

    def statable(self) -> Statable:
        """The relations of its own that a case may state."""
        return self._section("statable")  # type: ignore[no-any-return]

    @property
    def clause_order(self) -> Mapping[str, int]:
        """The place of each clause, document after document."""
        return self._section("clauses")  # type: ignore[no-any-return]

    @property
    def conflicts(self) -> CheckedProgram:
        """What finds the contradictions inside a case."""
        return self._section("conflicts")  # type: ignore[no-any-return]

    def rules(self) -> Program:
        """All rules as they are written, the prelude's first. They are read again: what is kept are their plans."""
        from .building import read_rules

        return read_rules(self.root)

    @property
    def words(self) -> Path:
        """Where the catalogues of the workspace's own words are."""
        return self.root / "queries"

    def say(self, text: str) -> str:
        """A text of the workspace's own in the current language."""
        return words(text, self.words)

    @property
    def mistranslated(self) -> Collection[WorkspaceError]:
        """What is wrong with the catalogues of its words: for `check` to tell, since answers need no translation."""
        return self._section("catalogues")  # type: ignore[no-any-return]

    @property
    def samples(self) -> dict[str, Path]:
        """The sample cases by name."""
        return {path.stem: path for path in sorted((self.root / "facts" / "cases").glob("*.yaml"))}

    def case_path(self, name: str) -> Path:
        """The file of a case: a path, or the name of a sample. Raises `QuestionError`."""
        if not name.strip():
            raise QuestionError(say("案例是空的"), hint=say("写案例文件的路径，或样例的名称"))
        path = Path(name)
        if _exists(path) or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
            return path
        if name in self.samples:
            return self.samples[name]
        message = say("没有“{name}”这个案例文件，也没有这个名称的样例", name=_shortened(name))
        beside = say("是不是：{names}？", names=f"{name}.yaml") if _exists(Path(f"{name}.yaml")) else ""
        raise QuestionError(message, hint=beside or did_you_mean(name, self.samples))

    def _section(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = pickle.loads(self._sections[name])
        return self._loaded[name]


def find(given: str | Path | None = None) -> Path:
    """The root of the workspace: the given folder, else the current one or a parent with all four, else the shipped one."""
    if given is not None:
        if not str(given).strip():
            raise WorkspaceError(say("没有写工作区的文件夹"))
        root = Path(given)
        if missing := [name for name in FOLDERS if not _is_folder(root / name)]:
            reason = say("这是文件，不是文件夹") if _exists(root) else say("没有这个文件夹")
            if _is_folder(root):
                lacks = say("缺少文件夹 {names}", names=listed(missing))
                reason = lacks if os.access(root, os.X_OK) else say("没有读取的权限")
            hint = say("工作区要有 {names} 四个文件夹", names=listed(FOLDERS))
            message = say("{folder} 不是工作区：{problem}", folder=_shortened(str(root)), problem=reason)
            raise WorkspaceError(message, hint=hint)
        return root
    try:
        here = Path.cwd()
    except OSError:  # the current folder has been deleted
        return _shipped()
    for folder in (here, *here.parents):
        if all(_is_folder(folder / name) for name in FOLDERS):
            return folder
    return _shipped()


def _is_folder(path: Path | os.DirEntry[str]) -> bool:
    try:
        return path.is_dir()
    except OSError:
        return False


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_SHOWN else f"{name[:LONGEST_SHOWN]}…"


def _shipped() -> Path:
    """The workspace that comes with the package: beside the sources when there is one, else inside the wheel."""
    package = Path(__file__).resolve().parents[1]
    above = package.parent
    beside = (above / "pyproject.toml").is_file() and all((above / name).is_dir() for name in FOLDERS)
    root = above if beside else package / "_workspace"
    if not root.is_dir():
        raise WorkspaceError(say("找不到自带的工作区"), hint=say("重新安装 zhengce，或用 --workspace 指定文件夹"))
    return root


def files(root: Path) -> list[Path]:
    """Every file that belongs to the workspace, cases aside. Raises `WorkspaceError` for a folder that cannot be read."""
    return sorted(path for path, read in entries(root) if read)


def entries(root: Path) -> Iterator[tuple[Path, bool]]:
    """What lies in the folders, and whether it is read: anything else there is a mistake."""
    for name in FOLDERS:
        try:
            found = list(os.scandir(root / name))
        except OSError as problem:
            from ..texts.files import unreadable

            raise WorkspaceError(unreadable(root / name, problem)) from None
        for entry in found:
            folder = _is_folder(entry)
            if Path(entry.name).suffix in SUFFIXES[name] and entry.name[0] != "." and not folder:
                yield root / name / entry.name, True
            elif not _beside(name, entry.name, folder):
                yield root / name / entry.name, False


def _beside(folder: str, name: str, is_folder: bool) -> bool:
    """Whether something may lie in a folder without being read."""
    aside = (folder, name, is_folder) == ("facts", "cases", True)
    temporary = name.startswith((".", "~$")) or name.endswith("~") or name.lower() in IGNORED
    return aside or temporary or name.upper().startswith("README")


# -- the cache --------------------------------------------------------------------------------------------------------


def _cached(root: Path) -> tuple[str, Mapping[str, bytes]]:
    """The hash and the sections of a workspace: from the cache, or built and put there."""
    digest = _digest(root)
    if (content := load(f"{digest}.pickle")) is not None:
        with suppress(Exception):  # whatever is wrong with a cache, it is made anew
            return digest, pickle.loads(content)
    from .building import build

    sections = {name: pickle.dumps(value) for name, value in build(root)}
    if _digest(root) != digest:  # a file was changed while it was being read
        return "", sections
    store(f"{digest}.pickle", pickle.dumps(sections))
    return digest, sections


def _digest(root: Path) -> str:
    """The hash of the workspace's files, the engine that reads them and the Python that runs it."""
    digest = blake2b(digest_size=16)
    digest.update(f"{sys.version_info[:3]} ".encode() + os.fsencode(_absolute(root)))
    package = Path(__file__).parents[1]
    for path in sorted(path for folder in BUILT_BY for path in (package / folder).glob("*.*")):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path.parent.name} {path.name} {status.st_mtime_ns} {status.st_size} ".encode())
    for path, read in sorted(entries(root)):
        digest.update(os.fsencode(path.relative_to(root)))
        content = _content(path) if read else b""
        digest.update(f" {read} {len(content)} ".encode() + content)
    return digest.hexdigest()


def _content(path: Path) -> bytes:
    """The bytes of a file; none of what cannot be read, for then nothing is kept, and reading it tells why."""
    try:
        return path.read_bytes() if path.is_file() else b""
    except OSError:
        return b""


def _absolute(root: Path) -> Path:
    try:
        return root.resolve()
    except (OSError, RuntimeError):  # the current folder has been deleted
        return root
