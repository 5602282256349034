"""A workspace: four folders of plain text, and the only code that reads them.

What is read is kept, checked and planned, in the user's cache folder under the hash of every file's content, so that the next
question need not read it again. A cache that is missing, broken or not writable is made anew, silently.
"""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import QuestionError, WorkspaceError, ZhengceError, did_you_mean, raise_all

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from .datalog.checked import CheckedProgram, Model, Row
    from .datalog.syntax import Program
    from .questions import Question

FOLDERS = ("policy", "facts", "queries", "visualize")
SUFFIXES = {"policy": (".dl", ".toml"), "facts": (".yaml",), "queries": (".toml",), "visualize": (".toml",)}
KEPT = 8


class Prepared(NamedTuple):
    """A question ready to be asked: the clauses that the rules for each relation cite, and the readings that they consult."""

    question: Question
    citations: tuple[tuple[str, str], ...]
    readings: tuple[str, ...]


class Workspace:
    """The four folders at `root`. Opening reads no more than it must; errors in them are raised at the first question."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._sections = _cached(root)
        self._loaded: dict[str, Any] = {}

    @property
    def questions(self) -> tuple[str, ...]:
        """The names of the questions."""
        return self._section("questions")  # type: ignore[no-any-return]

    def prepared(self, name: str) -> Prepared:
        """A question by name. Raises `QuestionError`."""
        if name not in self.questions:
            raise QuestionError(f"没有 {name} 这个问题", hint=did_you_mean(name, self.questions))
        return self._section(f"question {name}")  # type: ignore[no-any-return]

    def program(self, name: str) -> CheckedProgram:
        """What a question needs of the rules."""
        return self._section(f"program {name}")  # type: ignore[no-any-return]

    def model(self, name: str) -> Model | None:
        """What the documents alone say on a question that is about no case and no date; None for others."""
        key = f"model {name}"
        return self._section(key) if key in self._sections else None

    def facts(self, relation: str) -> Collection[Row]:
        """What the documents state: the rows of a relation, as engines keep them, with the indexes made so far."""
        key = f"facts {relation}"
        if key not in self._sections:
            return ()
        if key not in self._loaded:
            from .engines.memory.tables import Table

            self._loaded[key] = Table(pickle.loads(self._sections[key]))
        return self._loaded[key]  # type: ignore[no-any-return]

    @property
    def facts_known(self) -> Mapping[str, Collection[Row]]:
        """All that the documents state."""
        return {key[6:]: self.facts(key[6:]) for key in self._sections if key.startswith("facts ")}

    @property
    def clause_order(self) -> Mapping[str, int]:
        """The place of each clause, document after document."""
        return self._section("clauses")  # type: ignore[no-any-return]

    @property
    def conflicts(self) -> CheckedProgram:
        """What finds the contradictions inside a case."""
        return self._section("conflicts")  # type: ignore[no-any-return]

    @property
    def samples(self) -> dict[str, Path]:
        """The sample cases by name."""
        return {path.stem: path for path in sorted((self.root / "facts" / "cases").glob("*.yaml"))}

    def case_path(self, name: str) -> Path:
        """The file of a case: a path, or the name of a sample. Raises `QuestionError`."""
        path = Path(name)
        if path.exists() or path.suffix in (".yaml", ".yml") or len(path.parts) > 1:
            return path
        if name in self.samples:
            return self.samples[name]
        raise QuestionError(f"没有“{name}”这个案例文件，也没有这个名称的样例", hint=did_you_mean(name, self.samples))

    def _section(self, name: str) -> Any:
        if name not in self._loaded:
            self._loaded[name] = pickle.loads(self._sections[name])
        return self._loaded[name]


def find(given: str | Path | None = None) -> Path:
    """The root of the workspace: the given folder, else the current one or a parent with all four, else the shipped one."""
    if given is not None:
        root = Path(given)
        if missing := [name for name in FOLDERS if not (root / name).is_dir()]:
            reason = "缺少文件夹 " + "、".join(missing) if root.is_dir() else "没有这个文件夹"
            raise WorkspaceError(f"{root} 不是工作区：{reason}", hint="工作区要有 " + "、".join(FOLDERS) + " 四个文件夹")
        return root
    here = Path.cwd()
    for folder in (here, *here.parents):
        if all((folder / name).is_dir() for name in FOLDERS):
            return folder
    return _shipped()


def _shipped() -> Path:
    """The workspace that comes with the package: beside the sources when there is one, else inside the wheel."""
    package = Path(__file__).resolve().parent
    above = package.parent
    beside = (above / "pyproject.toml").is_file() and all((above / name).is_dir() for name in FOLDERS)
    root = above if beside else package / "_workspace"
    if not root.is_dir():
        raise WorkspaceError("找不到自带的工作区", hint="重新安装 zhengce，或用 --workspace 指定文件夹")
    return root


def files(root: Path) -> list[Path]:
    """Every file that belongs to the workspace, cases aside."""
    found = [p for name in FOLDERS for p in (root / name).iterdir() if p.suffix in SUFFIXES[name] and p.name[0] != "."]
    return sorted(found)


# -- the cache --------------------------------------------------------------------------------------------------------


def _cached(root: Path) -> Mapping[str, bytes]:
    """The sections of a workspace: from the cache, or built and put there."""
    place = _cache_folder() / f"{_digest(root)}.pickle"
    if (sections := _load(place)) is not None:
        return sections
    sections = {name: pickle.dumps(value) for name, value in _build(root)}
    _store(place, sections)
    return sections


def _digest(root: Path) -> str:
    """The hash of the workspace's files, the engine that reads them and the Python that runs it."""
    from hashlib import blake2b

    digest = blake2b(digest_size=16)
    digest.update(f"{sys.version_info[:3]} {root.resolve()}".encode())
    package = Path(__file__).parent
    for path in sorted(
        [*package.glob("*.py"), *package.glob("datalog/*"), *package.glob("prelude/*"), *package.glob("engines/memory/*.py")]
    ):
        if path.is_file():
            status = path.stat()
            digest.update(f"{path.name} {status.st_mtime_ns} {status.st_size} ".encode())
    try:
        for path in files(root):
            content = path.read_bytes()
            digest.update(f"{path.relative_to(root)} {len(content)} ".encode())
            digest.update(content)
    except OSError as problem:
        raise WorkspaceError(f"读不了 {problem.filename}：{problem.strerror}") from None
    return digest.hexdigest()


def _cache_folder() -> Path:
    """Where each system keeps what can be made again. (A library for this costs as much time as a whole look-up.)"""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "zhengce"


def _load(place: Path) -> dict[str, bytes] | None:
    from hashlib import blake2b

    try:
        content = place.read_bytes()
        if blake2b(content[16:], digest_size=16).digest() == content[:16]:
            return pickle.loads(content[16:])  # type: ignore[no-any-return]
    except Exception:  # whatever is wrong with a cache, it is made anew
        pass
    return None


def _store(place: Path, sections: Mapping[str, bytes]) -> None:
    import tempfile
    from hashlib import blake2b

    content = pickle.dumps(dict(sections))
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=place.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(blake2b(content, digest_size=16).digest() + content)
        Path(temporary).replace(place)
        for old in sorted(place.parent.glob("*.pickle"), key=lambda p: -p.stat().st_mtime)[KEPT:]:
            old.unlink(missing_ok=True)
    except OSError:
        pass  # a cache that cannot be written only costs time


# -- reading it all ---------------------------------------------------------------------------------------------------


def _build(root: Path) -> Iterator[tuple[str, Any]]:
    """Read and check everything; the sections by name. Raises what is wrong, all of it."""
    from .datalog.checks import check
    from .documents import check_facts, merge, read_document, read_facts
    from .lint import lint
    from .questions import read_question
    from .texts import read_toml

    program = _rules(root)
    checked = check(program, declared_only=True)
    declarations = {d.name: d for d in program.declarations}
    documents = [p for p in files(root) if p.suffix == ".toml" and p.parent.name == "policy"]
    states = [p for p in files(root) if p.parent.name == "facts"]
    facts = merge([*map(read_document, documents), *(read_facts(p, declarations) for p in states)])
    questions = {
        p.stem: read_question(p.stem, read_toml(p, WorkspaceError), checked.relations, str(p))
        for p in files(root)
        if p.parent.name == "queries"
    }
    goals = frozenset().union(*(q.goals for q in questions.values())) | {"conflict"}
    raise_all([*check_facts(facts, declarations), *lint(program, checked, facts, goals)])
    yield "questions", tuple(questions)
    yield "clauses", _clause_order(facts)
    yield "conflicts", checked.below({"conflict"} & checked.relations.keys())
    for relation, rows in facts.items():
        yield f"facts {relation}", tuple(rows)
    for name, question in questions.items():
        needed = checked.below(question.goals)
        yield f"question {name}", _prepare(question, needed)
        yield f"program {name}", needed
        if not question.about_case and not question.date:
            yield f"model {name}", _model(needed, facts, question.goals)


def _rules(root: Path) -> Program:
    from .datalog.parser import parse
    from .prelude import prelude
    from .texts import read_text

    program, errors = prelude(), list[ZhengceError]()
    for path in files(root):
        if path.suffix == ".dl":
            try:
                program += parse(read_text(path, WorkspaceError), str(path))
            except ZhengceError as error:
                errors += error.all
    raise_all(errors)
    return program


def _prepare(question: Question, program: CheckedProgram) -> Prepared:
    from .questions import readings_used

    citations = {(r.head.relation, c.text) for r in program.rules for c in r.citations if c.kind == "clause"}
    return Prepared(question, tuple(sorted(citations)), tuple(sorted(readings_used(program.rules))))


def _model(program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: frozenset[str]) -> Model:
    """The model of the documents, as far as a question looks at it."""
    from .datalog.checked import Model
    from .engines.memory import evaluate

    model = evaluate(program, facts)
    return Model({g: model.relations[g] for g in goals}, {g: tuple(model.rows[g]) for g in goals})


def _clause_order(facts: Mapping[str, Any]) -> dict[str, int]:
    clauses = sorted(facts.get("clause", ()), key=lambda row: (row[1], row[4]))
    return {row[0]: number for number, row in enumerate(clauses)}
