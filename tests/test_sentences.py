"""What a fact means in words: the annotations `says`, `unknown`, `fixed` and `names` of the rules, and of the prelude."""

from __future__ import annotations

import pytest
from test_words import COLUMNS, PROGRAM, QUESTIONS, RULES, WORKSPACE, values

from zhengce.catalogues import choices, places
from zhengce.datalog.syntax import Atom, Declaration, Negation, Wildcard
from zhengce.questions import PLACE, parsed
from zhengce.sentences import SENTENCES

INPUTS = {d.relation for d in PROGRAM.directives if d.kind == "input"}
# A proof is asked of any question but `check`, whose answers are faults of ours.
PROVED = {name for q in QUESTIONS if q.name != "check" for name in WORKSPACE.program(q.name).relations}
DECLARED = {d.name: d for d in PROGRAM.declarations}
SPOKEN = [d for d in PROGRAM.declarations if d.note("says")]
NAMED = {d.names("key")[0] for d in PROGRAM.declarations if d.note("names")}
OPEN = {d.name: d for d in PROGRAM.declarations if d.note("unknown")}
NEGATED = {part.atom for rule in RULES for part in rule.body if isinstance(part, Negation)}
# It takes the values of one reading; following the rules finds those of all.
OF_A_READING = {("joined", "mode")}


@pytest.mark.parametrize("name", sorted(PROVED | INPUTS))
def test_every_relation_of_a_proof_says_what_its_facts_mean(name: str) -> None:
    assert DECLARED[name].note("says")


@pytest.mark.parametrize("declaration", SPOKEN, ids=lambda d: d.name)
def test_every_code_is_put_into_words(declaration: Declaration) -> None:
    """Where some values of a column have words, all have that rules and facts can put there."""
    for text in filter(None, map(declaration.note, SENTENCES)):
        for column, known in choices(text).items():
            number = COLUMNS[declaration.name].index(column)
            in_words = declaration.columns[number].type == "symbol" and (declaration.name, column) not in OF_A_READING
            if in_words and said(text, column):
                assert set(values(declaration.name, number, set())) - known <= {""}, column


def said(text: str, column: str) -> list[str]:
    """The words for values of a column, but for those that only leave a value out."""
    found = (parsed(place[1]) for place in PLACE.finditer(text))
    pairs = [pair for sign, paths, words in found if sign == ":" and paths == (column,) for pair in words.split(",")]
    return [pair for pair in pairs if pair.partition("=")[2]]


@pytest.mark.parametrize("declaration", SPOKEN, ids=lambda d: d.name)
def test_a_title_has_a_relation_that_names_it(declaration: Declaration) -> None:
    for text in filter(None, map(declaration.note, SENTENCES)):
        titled = {path.partition(".")[0] for path, _ in places(text) if path.endswith(".title")}
        assert titled <= NAMED


@pytest.mark.parametrize("declaration", SPOKEN, ids=lambda d: d.name)
def test_a_sentence_ends_without_a_full_stop(declaration: Declaration) -> None:
    for text in filter(None, map(declaration.note, (*SENTENCES, "fixed"))):
        assert not text.endswith(("。", ".", "；", "，"))
        assert "{city}" not in text


@pytest.mark.parametrize("atom", sorted((a for a in NEGATED if a.relation in OPEN), key=str), ids=str)
def test_what_is_not_known_is_told_with_what_a_rule_binds(atom: Atom) -> None:
    """Where a rule finds no row, every place of `unknown` has a value, or is one that may be left out."""
    text = OPEN[atom.relation].note("unknown") or ""
    bound = {name for name, term in zip(COLUMNS[atom.relation], atom.arguments, strict=True) if not isinstance(term, Wildcard)}
    optional = {path for path, sign in places(text) if sign == "?"}
    assert {path.partition(".")[0] for path, _ in places(text)} - optional <= bound


def test_only_what_is_filled_from_outside_is_fixed() -> None:
    assert {d.name for d in PROGRAM.declarations if d.note("fixed")} <= INPUTS
