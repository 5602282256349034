"""Reading a workspace: every file, checked and planned, as the sections that are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import StrayFileError, TextError, WorkspaceError, ZhengceError, raise_all
from ..language import later, listed, say
from . import SUFFIXES, Gloss, Prepared, entries, files

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from pathlib import Path

    from ..datalog.checked import CheckedProgram, Model, Row
    from ..datalog.syntax import Declaration, Program
    from ..questions import Question
    from ..questions.diagram import Diagram
    from ..rows import Facts, Statable

T = TypeVar("T")
WANTED = later(
    (
        ("policy", ".dl", "{folder} 里没有规则", "规则写在 {suffix} 文件里"),
        ("queries", ".toml", "{folder} 里没有问题", "问题写在 {suffix} 文件里"),
    )
)


class _Reading:
    """Reads every file, and goes on after a mistake, so that what is wrong with the others is told with it."""

    def __init__(self, root: Path) -> None:
        self.root, self.files = root, files(root)
        self.errors: list[ZhengceError] = [_stray(path) for path, read in entries(root) if not read]
        for folder, suffix, message, hint in WANTED:
            if not self.of(folder, suffix):
                hint = say(hint, suffix=suffix)
                self.errors.append(WorkspaceError(say(message, folder=root / folder), hint=hint))

    def of(self, folder: str, suffix: str) -> list[Path]:
        return [path for path in self.files if (path.parent.name, path.suffix) == (folder, suffix)]

    def tried(self, read: Callable[..., T], *given: Any, **more: Any) -> T | None:
        """What a function reads; None when it raises, and the errors are kept."""
        try:
            return read(*given, **more)
        except ZhengceError as error:
            self.errors += error.all
            return None

    def rules(self) -> Program | None:
        """All rules; None when those that could be read are not all."""
        from ..datalog.parser import parse
        from ..prelude import prelude
        from ..texts import read_text

        paths = self.of("policy", ".dl")
        parts = [self.tried(lambda p: parse(read_text(p, TextError), str(p)), path) for path in paths]
        read = [part for part in parts if part is not None]
        return sum(read, prelude()) if paths and len(read) == len(parts) else None

    def facts(self, declarations: Mapping[str, Declaration] | None) -> Facts:
        """What the documents say. Without declarations facts files can only be looked at as YAML."""
        from ..documents import merge, read_document, read_facts
        from ..texts import read_yaml

        found = [self.tried(read_document, path) for path in self.of("policy", ".toml")]
        for path in self.of("facts", ".yaml"):
            if declarations is None:
                self.tried(read_yaml, path, TextError)
            else:
                found.append(self.tried(read_facts, path, declarations))
        return merge(part for part in found if part)

    def questions(self, declarations: Mapping[str, Declaration] | None) -> dict[str, Question]:
        from ..datalog.checked import Relation
        from ..questions import read_question

        relations = None
        if declarations is not None:
            shapes = ((name, d.columns) for name, d in declarations.items())
            relations = {n: Relation(n, tuple(c.name for c in cs), tuple(c.type for c in cs)) for n, cs in shapes}
        found = [self.tried(read_question, path, relations) for path in self.of("queries", ".toml")]
        return {question.name: question for question in found if question}

    def diagrams(self, questions: Mapping[str, Question]) -> dict[str, Diagram]:
        """The diagrams. While questions cannot be read they are only looked at as TOML: what they show is not known."""
        from ..questions.diagram import read_diagram
        from ..texts import read_toml

        paths = self.of("visualize", ".toml")
        if len(questions) < len(self.of("queries", ".toml")):
            for path in paths:
                self.tried(read_toml, path, TextError)
            return {}
        found = [self.tried(read_diagram, path, questions) for path in paths]
        return {diagram.name: diagram for diagram in found if diagram}


def build(root: Path) -> Iterator[tuple[str, Any]]:
    """Read and check everything; the sections by name. Raises what is wrong, all that can be told at once."""
    from ..catalogues import drawn, worded
    from ..datalog.checks import check
    from ..documents import check_facts
    from ..lint import lint
    from ..measures import with_links
    from ..reflection import reflected
    from ..sentences import spoken

    reading = _Reading(root)
    program = reading.rules()
    declarations = {d.name: d for d in program.declarations} if program is not None else None
    facts, questions = reading.facts(declarations), reading.questions(declarations)
    diagrams = reading.diagrams(questions)
    checked = reading.tried(check, program, declared_only=True) if program is not None else None
    raise_all(reading.errors)
    assert program is not None and checked is not None and declarations is not None
    facts |= reflected(program, checked)
    goals = frozenset().union(*(q.goals for q in questions.values())) | {"conflict"}
    raise_all([*check_facts(facts, declarations), *lint(program, checked, facts, goals)])
    yield "questions", tuple(questions)
    yield "diagrams", tuple(diagrams)
    yield from ((f"diagram {name}", diagram) for name, diagram in diagrams.items())
    ours = {text for q in questions.values() for text in worded(q)} | {text for d in diagrams.values() for text in drawn(d)}
    ours |= {*spoken(program)}
    yield "catalogues", tuple(_catalogues(reading, program, facts, ours))
    yield "clauses", _clause_order(facts)
    yield "statable", _statable(program)
    yield "whole", checked
    yield "glossary", _glossary(program)
    yield "conflicts", checked.below({"conflict"} & checked.relations.keys())
    for relation, rows in facts.items():
        yield f"facts {relation}", tuple(rows)
        yield f"places {relation}", rows
    for name, question in questions.items():
        needed = checked.below(with_links(question.goals, checked.below(question.goals).relations))
        yield f"question {name}", _prepare(question, needed)
        yield f"program {name}", needed
        if not question.about_case:
            kept = question.goals | ({"reading_in_force"} & needed.relations.keys())
            yield f"model {name}", _model(needed, facts, kept)


def _catalogues(reading: _Reading, program: Program, facts: Facts, worded: Collection[str]) -> Collection[ZhengceError]:
    """What is wrong with the catalogues of the workspace's words. `worded`: those with places."""
    from ..catalogues import check_catalogues, stated

    paths = reading.of("queries", ".po")
    return [*check_catalogues(paths, worded, {*stated(program, facts)})] if paths else []


def read_rules(root: Path) -> Program:
    """All rules as they are written, the prelude's first. Raises what is wrong with them."""
    reading = _Reading(root)
    program = reading.rules()
    raise_all(reading.errors)
    assert program is not None
    return program


def read_stated(root: Path) -> tuple[Program, Facts]:
    """The rules and what the documents state, every rule and row with its place. Raises what is wrong with them."""
    reading = _Reading(root)
    program = reading.rules()
    facts = reading.facts({d.name: d for d in program.declarations} if program is not None else None)
    raise_all(reading.errors)
    assert program is not None
    return program, facts


def _prepare(question: Question, program: CheckedProgram) -> Prepared:
    from ..questions import readings_used

    citations = {(r.head.relation, c.text) for r in program.rules for c in r.citations if c.kind == "clause"}
    return Prepared(question, tuple(sorted(citations)), tuple(sorted(readings_used(program.rules))))


def _model(program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: frozenset[str]) -> Model:
    """The model of the documents, as far as a question looks at it."""
    from ..datalog.checked import Model
    from ..engines.memory import evaluate
    from ..measures import measured

    model = evaluate(program, {**facts, **measured(program, facts, evaluate)})
    return Model({g: model.relations[g] for g in goals}, {g: tuple(model.rows[g]) for g in goals})


def _statable(program: Program) -> Statable:
    """Which relations a case may state: the workspace's own that are filled from outside and are about a city."""
    from ..rows import Statable, references

    inputs = {d.relation for d in program.directives if d.kind == "input"}
    declared = {d.name: d for d in program.declarations}
    refused = {name: reason for name, d in declared.items() if (reason := _refused(d, inputs))}
    referred = {relation for name in declared.keys() - refused.keys() for _, relation, _ in references(declared[name])}
    return Statable({name: d for name, d in declared.items() if name not in refused or name in referred}, refused)


def _refused(d: Declaration, inputs: Collection[str]) -> str:
    from ..prelude import is_ours

    if is_ours(d.span.file):
        return "ours"
    about_a_city = [(c.name, c.type) for c in d.columns[:1]] == [("city", "symbol")]
    return "no input" if d.name not in inputs else "" if about_a_city else "no city"


def _glossary(program: Program) -> dict[str, Gloss]:
    """What the declarations say of each relation, for people."""

    words = ("label", "says", "unknown", "fixed", "names", "proof")

    def gloss(d: Declaration) -> Gloss:
        return Gloss(d.name, tuple(c.name for c in d.columns), d.names("key"), *(d.note(key) or "" for key in words))

    return {d.name: gloss(d) for d in program.declarations}


def _clause_order(facts: Mapping[str, Any]) -> dict[str, int]:
    clauses = sorted(facts.get("clause", ()), key=lambda row: (row[1], row[4]))
    return {row[0]: number for number, row in enumerate(clauses)}


def _stray(path: Path) -> StrayFileError:
    folder = path.parent.name
    suffixes = SUFFIXES[folder]
    if path.is_dir():
        message = say("{path}：{folder} 里的文件夹不会被读到", path=path, folder=folder)
        return StrayFileError(message, hint=say("把文件放在 {folder} 里，或移出 {folder}", folder=folder))
    read = listed(suffixes)
    message = say("{path}：{folder} 里只读 {suffixes} 文件，这个文件不会被读到", path=path, folder=folder, suffixes=read)
    meant = {".yml": ".yaml"}.get(path.suffix.lower(), path.suffix.lower())
    if meant not in suffixes:
        return StrayFileError(message, hint=say("移出 {folder}", folder=folder))
    return StrayFileError(message, hint=say("改名为 {name}，或移出 {folder}", name=path.with_suffix(meant).name, folder=folder))
