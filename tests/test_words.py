"""Every text of the questions, and every sentence that rules and facts put before people, has its English in `queries/en.po`.

What can stand in a column is found by following the rules from the column to the constants and facts that it comes from:
nothing depends on which case is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhengce.catalogues import Entry, check_catalogues, choices, drawn, places, read_catalogue, stated, worded
from zhengce.datalog.checks import atoms_of, check
from zhengce.datalog.parser import parse
from zhengce.datalog.syntax import Aggregate, Atom, Constant, Program, Variable
from zhengce.prelude import is_ours, prelude
from zhengce.sentences import spoken
from zhengce.workspace import Workspace

ROOT = Path(__file__).parents[1]
WORKSPACE = Workspace(ROOT)
PROGRAM = sum((parse(path.read_text("utf-8"), str(path)) for path in sorted((ROOT / "policy").glob("*.dl"))), prelude())
RULES = check(PROGRAM, declared_only=True).rules
COLUMNS = {d.name: [column.name for column in d.columns] for d in PROGRAM.declarations}
QUESTIONS = [WORKSPACE.prepared(name).question for name in WORKSPACE.questions]
DIAGRAMS = [WORKSPACE.diagram(name) for name in WORKSPACE.diagrams]
CATALOGUE = ROOT / "queries" / "en.po"
SOURCES = [*sorted((ROOT / "policy").iterdir()), *sorted((ROOT / "facts").glob("*.yaml"))]
ENTRIES = read_catalogue(CATALOGUE)
WORDS = {entry.message: entry.translation for entry in ENTRIES if not entry.context}
GLOSSES = {entry.message: entry.translation for entry in ENTRIES if entry.context}

IDEOGRAPH = re.compile("[\u3400-\u9fff]+")
SIGN = re.compile("[\u3000-\u303f\uff00-\uffef]")
CHINESE = re.compile(f"{IDEOGRAPH.pattern}|{SIGN.pattern}")
# A column that holds names of the documents beside sentences of our own: in these rows sentences.
MIXED = {("findable", "title"): ("reading", "incident", "trigger")}


def marked(spec: Any, relation: str) -> Iterator[tuple[str, str]]:
    """The relation and column of every field that is marked `|words`."""
    if isinstance(spec, str):
        column, _, filter_ = spec.partition("|")
        yield from [(relation, column)] if filter_ == "words" else []
        return
    relation = next((spec[key] for key in ("one", "each") if key in spec), "")
    for inner in (*([spec["value"]] if "value" in spec else []), *spec.get("fields", {}).values()):
        yield from marked(inner, relation)


def values(relation: str, column: int, seen: set[tuple[str, int]]) -> Iterator[str]:
    """All that can stand in a column."""
    if (relation, column) in seen:
        return
    seen.add((relation, column))
    yield from (str(row[column]) for row in WORKSPACE.facts(relation))
    for rule in RULES:
        if rule.head.relation == relation:
            term = rule.head.arguments[column]
            assert not isinstance(term, Aggregate)
            if isinstance(term, Constant):
                yield str(term.value)
            elif isinstance(term, Variable):
                for atom in atoms_of(rule):
                    yield from flowing(atom, term.name, seen)


def flowing(atom: Atom, name: str, seen: set[tuple[str, int]]) -> Iterator[str]:
    for number, term in enumerate(atom.arguments):
        if isinstance(term, Variable) and term.name == name:
            yield from values(atom.relation, number, seen)


def sentences() -> set[str]:
    """What the columns that are marked can hold, conflicts with them."""
    columns = {pair for question in QUESTIONS for spec in question.answer.values() for pair in marked(spec, "")}
    found: set[str] = set()
    for relation, column in columns | {("conflict", "says")}:
        if (relation, column) in MIXED:
            heads = [rule for rule in RULES if rule.head.relation == relation]
            kinds = [
                rule
                for rule in heads
                if {str(t.value) for t in rule.head.arguments if isinstance(t, Constant)} & {*MIXED[relation, column]}
            ]
            assert len(kinds) == len(MIXED[relation, column])
            for rule in kinds:
                term = rule.head.arguments[COLUMNS[relation].index(column)]
                assert isinstance(term, Variable)
                found |= {value for atom in atoms_of(rule) for value in flowing(atom, term.name, set())}
        else:
            found |= set(values(relation, COLUMNS[relation].index(column), set()))
    return found - {""}


def of_relations() -> Iterator[tuple[str, list[str]]]:
    """What the annotations of each rule file say of its relations."""
    for file in dict.fromkeys(d.span.file for d in PROGRAM.declarations):
        part = Program(declarations=tuple(d for d in PROGRAM.declarations if d.span.file == file))
        yield f"prelude/{Path(file).name}" if is_ours(file) else Path(file).name, list(spoken(part))


FILES = [
    *((f"{question.name}.toml", list(worded(question))) for question in QUESTIONS),
    *((f"visualize/{diagram.name}.toml", list(drawn(diagram))) for diagram in DIAGRAMS),
    *of_relations(),
]
TEXTS = {text for _, texts in FILES for text in texts}
SENTENCES = sentences()


def _wanted() -> dict[str, list[str]]:
    """Every text that needs an entry, in the order of the files, with the files that have it."""
    found: dict[str, list[str]] = {}
    for file, texts in FILES:
        for text in texts:
            files = found.setdefault(text, [])
            files += [] if file in files else [file]
    for path in SOURCES:
        source = path.read_text("utf-8")
        for text in sorted(SENTENCES - found.keys(), key=source.find):
            if text in source and not _glossed(text):
                found[text] = [path.name]
    return {text: files for text, files in found.items() if CHINESE.search(text)}


def _glossed(text: str) -> bool:
    """Whether a text is a name of the documents with a gloss, in a column that mixes names and sentences."""
    return text in GLOSSES and text not in WORDS


def _written() -> str:
    """The catalogue in its order: the texts of the questions, the sentences, the names."""
    head = CATALOGUE.read_text("utf-8").partition("\n\n")[0]
    entries = [
        f"#: {' '.join(files)}\nmsgid {_quoted(text)}\nmsgstr {_quoted(WORDS.get(text, ''))}"
        for text, files in _wanted().items()
    ]
    names = [f'msgctxt "gloss"\nmsgid {_quoted(name)}\nmsgstr {_quoted(gloss)}' for name, gloss in GLOSSES.items()]
    return "\n\n".join([head, *entries, *names]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def test_every_text_has_its_english(request: pytest.FixtureRequest) -> None:
    """`pytest tests/test_words.py --regold` puts the catalogue in order, new texts without a translation."""
    if request.config.getoption("--regold"):
        CATALOGUE.write_text(_written(), "utf-8")
    assert not [text for text in _wanted() if not WORDS.get(text)]
    assert not [text for text in WORDS if text not in _wanted()]
    assert CATALOGUE.read_text("utf-8") == _written(), "put it in order by `pytest tests/test_words.py --regold`"


def test_every_sentence_is_found_in_a_file() -> None:
    assert not [text for text in SENTENCES if CHINESE.search(text) and text not in _wanted() and not _glossed(text)]


def test_the_places_are_kept() -> None:
    for text in TEXTS & WORDS.keys():
        assert places(WORDS[text]) == places(text), text
        assert choices(WORDS[text]).keys() == choices(text).keys(), text


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.message)
def test_the_english_is_english(entry: Entry) -> None:
    """The only Chinese in it is what stands in the text itself: a term of the documents, an id, an example."""
    words = entry.translation.split(" ")
    shown = re.sub("[:,][^:,={}]*=", "", entry.translation)  # values stay as they are; the words for them follow
    assert not [run for run in IDEOGRAPH.findall(shown) if run not in entry.message]
    assert not SIGN.search(re.sub("“[^”]*”", "", entry.translation))
    assert all(words) or entry.message in TEXTS, "two spaces"
    assert entry.translation == entry.translation.strip() or entry.message in TEXTS


def test_every_name_has_its_gloss() -> None:
    """Of the names that come up again and again; acts and conditions have none."""
    named = {row[3] for row in WORKSPACE.facts("clause")} | {row[2] for row in WORKSPACE.facts("stage")}
    for relation, column in (("department", 0), ("task", 2), ("indicator_group", 3), ("indicator", 3), ("metric_name", 0)):
        named |= {row[column] for row in WORKSPACE.facts(relation)}
    named |= {row[1] for row in WORKSPACE.facts("target_value")} | {row[0] for row in WORKSPACE.facts("incident_kind")}
    named |= {row[1] for row in WORKSPACE.facts("locality")} | {row[1] for row in WORKSPACE.facts("document")}
    assert not named - GLOSSES.keys() - WORDS.keys()


@pytest.mark.parametrize("name", GLOSSES)
def test_a_gloss_is_short(name: str) -> None:
    assert len(GLOSSES[name].split()) <= 9


# -- catalogues that make no sense -----------------------------------------------------------------------------------------


def test_the_catalogue_of_the_workspace_is_sound() -> None:
    facts = {name: WORKSPACE.facts(name) for name in COLUMNS}
    assert not [*check_catalogues([CATALOGUE], TEXTS, {*stated(PROGRAM, facts)})]
