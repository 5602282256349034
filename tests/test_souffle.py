"""The export for Soufflé: only what is known to work there, and the same answers when the exported text is read again.

Where there is a `souffle` on the PATH, it runs the programs as well. `--all-exports` takes every sample case, else a few.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import souffle_subset
from hypothesis import assume, given, note, settings
from random_programs import Generated, programs
from test_corpus import _facts, _text, _walk
from test_sample_cases import CASES, ROOT

from zhengce import ask, errors, language, souffle
from zhengce.datalog import values
from zhengce.datalog.calendar import BUILTINS
from zhengce.datalog.checked import CheckedProgram, Model
from zhengce.datalog.checks import check
from zhengce.datalog.parser import parse
from zhengce.engines.memory import evaluate
from zhengce.evaluating import encode_rows
from zhengce.workspace import Workspace

Facts = Mapping[str, Collection[tuple[Any, ...]]]
BUILT_IN = re.compile(rf'("(?:[^"\\]|\\.)*")|\b({"|".join(BUILTINS)})\b')
EVERY = 50
SOUFFLE = shutil.which("souffle")


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return Workspace(ROOT)


@pytest.fixture(scope="module")
def checked(workspace: Workspace) -> CheckedProgram:
    return check(workspace.rules(), declared_only=True)


def samples(config: pytest.Config) -> list[Path]:
    own = [path for path in CASES if "facts" in path.parts]
    return CASES if config.getoption("--all-exports") else own + [path for path in CASES if path not in own][::EVERY]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        found = samples(metafunc.config)
        metafunc.parametrize("case", [None, *found], ids=["none", *(f"{p.parent.name}/{p.stem}" for p in found)])


def read_again(text: str) -> CheckedProgram:
    """The exported program by our own reader: without the lines for types, the relations on dates under other names."""
    rest = "\n".join(line for line in text.split("\n") if not line.startswith(".type "))
    return check(parse(BUILT_IN.sub(lambda m: m[1] or f"plain_{m[2]}", rest)), declared_only=True)


def same(text: str, direct: Model, goals: Collection[str]) -> None:
    assert souffle_subset.faults(text) == []
    again = evaluate(read_again(text), {})
    renamed = {g: g if f".decl {g}(" in text else f"{g}_" for g in goals}
    assert {g: set(again.rows[name]) for g, name in renamed.items()} == {g: set(direct.rows[g]) for g in goals}


# -- the workspace ----------------------------------------------------------------------------------------------------


def test_case(workspace: Workspace, checked: CheckedProgram, case: Path | None) -> None:
    facts = {**workspace.facts_known, **ask.given(workspace, case and str(case), readings={}, on=None)}
    text = souffle.program_text(checked, facts, checked.relations)
    same(text, evaluate(checked, facts), checked.relations)


def test_the_date_asked_about(workspace: Workspace, checked: CheckedProgram) -> None:
    brought = ask.given(workspace, "示例市甲", readings={"附件.三.5.equal": "not-higher"}, on=date(2023, 3, 1))
    facts = {**workspace.facts_known, **brought}
    text = souffle.program_text(checked, facts, checked.relations)
    assert 'asked_on("2023-03-01").\n' in text
    assert 'years_after("2023-03-01", -2, "2021-03-01").\n' in text
    assert 'reading_chosen("示例市甲", "liaoning-2022/附件.三.5.equal", "not-higher").\n' in text
    same(text, evaluate(checked, facts), checked.relations)


def test_the_file(workspace: Workspace, tmp_path: Path) -> None:
    assert souffle.export(workspace, tmp_path / "a" / "b", "示例市甲") == [tmp_path / "a" / "b" / "program.dl"]
    text = (tmp_path / "a" / "b" / "program.dl").read_text("utf-8")
    assert text.startswith("// zhengce export --souffle\n")
    assert '@[key = "city", label = "总分", says = "总分是{low~high}分（满分{points}）"]\n.decl total(' in text
    assert '@[clause = "liaoning-2022/四", reading = "liaoning-2022/四.window"]\nwindow(' in text
    outputs = set(re.findall(r"^\.output (\w+)$", text, re.MULTILINE))
    assert outputs >= {"total", "eligibility", "revocation", "assignment", "conflict", "problem"}
    assert ".input " not in text
    assert "input_of(condition: symbol, input_: symbol)" in text


def test_an_english_header(workspace: Workspace, tmp_path: Path) -> None:
    language.use("en")
    try:
        souffle.export(workspace, tmp_path)
    finally:
        language.use("zh")
    assert "// Exported by zhengce" in (tmp_path / "program.dl").read_text("utf-8")


@pytest.mark.skipif(SOUFFLE is None, reason="there is no Soufflé here")
def test_by_souffle(workspace: Workspace, checked: CheckedProgram, case: Path | None, tmp_path: Path) -> None:
    souffle.export(workspace, tmp_path / "in", case and str(case))
    facts = {**workspace.facts_known, **ask.given(workspace, case and str(case), readings={}, on=None)}
    direct = evaluate(checked, facts)
    (tmp_path / "out").mkdir()
    subprocess.run([str(SOUFFLE), "-w", "-D", str(tmp_path / "out"), str(tmp_path / "in" / "program.dl")], check=True)
    for file in (tmp_path / "out").glob("*.csv"):
        types = checked.relations[file.stem].types
        rows = [line.split("\t") for line in file.read_text("utf-8").splitlines()]
        found = {tuple(round(float(v), 6) if t == "decimal" else v for v, t in zip(r, types, strict=True)) for r in rows}
        plain = {
            tuple(float(v) if t == "decimal" else str(v) for v, t in zip(r, types, strict=True)) for r in direct[file.stem]
        }
        assert found == plain, file.stem


# -- other programs ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [p for p in _walk("good") if p.values[0].parent.name != "undeclared"])
def test_corpus(path: Path) -> None:
    text = _text(path)
    program = check(parse(text))
    facts = {name: encode_rows(program.relations[name], rows) for name, rows in _facts(path).items()}
    if path.stem == "unicode-identifiers":
        with pytest.raises(errors.EngineError, match="ASCII"):
            souffle.program_text(program, facts, program.relations)
    else:
        same(souffle.program_text(program, facts, program.relations), evaluate(program, facts), program.relations)


@given(generated=programs())
@settings(max_examples=50)
def test_random(generated: Generated) -> None:
    parsed = parse(generated.text)
    assume(generated.facts.keys() <= {d.name for d in parsed.declarations})
    program = check(parsed)
    facts = {name: encode_rows(program.relations[name], rows) for name, rows in generated.facts.items()}
    try:
        direct = evaluate(program, facts)
    except errors.ArithmeticFault:
        assume(False)
    text = souffle.program_text(program, facts, program.relations)
    note(text)
    same(text, direct, program.relations)


NAMES = """
.decl date(input: symbol, output_: symbol, number: decimal)
.decl unsigned(fold: decimal)
.decl date_(unix: symbol)
.output date
date("a", "b", 2). date("c", "d", 2.5).
unsigned(fold) :- date(_, _, fold), fold < 2.5.
date_(bshl) :- date(bshl, output, _), bshl != output.
"""


def test_words_of_souffle_are_renamed() -> None:
    program = check(parse(NAMES))
    text = souffle.program_text(program, {}, ["date"])
    assert ".decl date_(input_: symbol, output__: symbol, number: decimal)" in text
    assert ".decl date__(unix_: symbol)" in text
    assert 'date_("a", "b", 2.0).' in text
    assert souffle_subset.faults(text) == []
    again = evaluate(read_again(text), {})
    assert set(again.rows["date__"]) == set(evaluate(program, {}).rows["date_"]) == {("a",), ("c",)}


STRINGS = ["a\tb", "a\nb", 'say "hi"', "\\", "\\n", "//", "/* */", "沈阳", "a\r", "", " ", "#", "'", "@[", "2022-01-01"]


def test_every_string_survives() -> None:
    program = check(parse(".decl a(x: symbol)"))
    rows = {(text,) for text in STRINGS}
    assert set(evaluate(read_again(souffle.program_text(program, {"a": rows}, ["a"])), {}).rows["a"]) == rows


def test_only_the_dates_that_are_looked_at() -> None:
    text = """.decl d(x: date, n: number) .decl e(x: date) .decl f(n: number)
    d("2024-02-29", 1). d("2022-10-01", 3). d("9999-12-31", 1).
    e(y) :- d(x, n), n > 2, x < "9999-01-01", workdays_after(x, n, y).
    f(n) :- d(x, m), m < 2, x < "9999-01-01", n = count : { years_after(x, m, y), d(z, m), z > y }."""
    exported = souffle.program_text(check(parse(text)), {}, ["e", "f"])
    rows = [line for line in exported.split("\n") if re.match(r"\w+_after\(", line)]
    assert rows == ['workdays_after("2022-10-01", 3, "2022-10-10").', 'years_after("2024-02-29", 1, "2025-02-28").']


def test_decimals_have_a_point_and_facts_no_arithmetic() -> None:
    text = """.decl a(x: decimal) .decl b(x: decimal)
    a(-3). b(max(0, x * 2)) :- a(x). b(1 + 1.5). b(to_float(count : { a(_) }))."""
    exported = souffle.program_text(check(parse(text)), {"a": {(values.encode(7, "decimal"),)}}, ["b"])
    assert "a(7.0).\n" in exported
    assert "a(-3.0).\n" in exported
    assert "b(max(0.0, x * 2.0)) :- a(x).\n" in exported
    assert "b(v1) :- v1 = 1.0 + 1.5.\n" in exported
    assert "b(v1) :- v1 = to_float(count : { a(_) }).\n" in exported


# -- the checker, on what it must find --------------------------------------------------------------------------------

BAD = {
    "reserved word": ".decl a(count: number)",
    "keyword of the scanner": ".decl a(input: number)",
    "not ASCII": ".decl 城市(x: number)",
    "escape": '.decl a(x: symbol) a("\\u1234").',
    "exponent": ".decl a(x: decimal) a(1e3).",
    "single quotes": ".decl a(x: symbol) a('x').",
    "undeclared": "a(1).",
    "arity": ".decl a(x: number) a(1, 2).",
    "alternatives in braces": ".decl a(x: number) .decl b(x: number) b(n) :- n = count : { a(1) ; a(2) }.",
    "number times decimal": ".decl a(x: number, y: decimal) .decl b(x: decimal) b(x * y) :- a(x, y).",
    "mean over number": ".decl a(x: number) .decl b(x: number) b(m) :- m = mean x : { a(x) }.",
    "min over dates": ".decl a(x: date) .decl b(x: date) b(m) :- m = min x : { a(x) }.",
    "aggregated outside": ".decl a(x: number) .decl b(x: number) b(s) :- a(x), s = sum x : { a(x) }.",
    "group unbound": ".decl a(x: number, y: number) .decl b(x: number, n: number) b(x, n) :- n = count : { a(x, _) }.",
    "blank among atoms": ".decl a(x: number, y: number) .decl b(n: number) b(n) :- n = count : { a(x, _), a(x, z) }.",
    "aggregate in the head": ".decl a(x: number) .decl b(n: number) b(count : { a(x) }) :- a(1).",
    "fact of arithmetic": ".decl a(x: number) a(1 + 2).",
    "name of a type": ".decl date(x: number)",
    "input": ".decl a(x: number)\n.input a",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_the_checker_finds(text: str) -> None:
    prelude = "\n".join(souffle_subset.PRELUDE)
    assert souffle_subset.faults(f"{prelude}\n{text}\n")
    assert souffle_subset.faults(f"{prelude}\n.decl a(x: number)\na(1).\n") == []


# -- the folder -------------------------------------------------------------------------------------------------------


def test_a_former_export_is_replaced(workspace: Workspace, tmp_path: Path) -> None:
    souffle.export(workspace, tmp_path, "示例市甲")
    souffle.export(workspace, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["program.dl"]
    assert "示例市甲" not in (tmp_path / "program.dl").read_text("utf-8")


@pytest.mark.parametrize("name", ["program.dl", "notes.txt", "facts/", ".hidden"])
def test_anything_else_is_left_alone(workspace: Workspace, tmp_path: Path, name: str) -> None:
    other = tmp_path / name
    other.mkdir() if name.endswith("/") else other.write_text("mine", encoding="utf-8")
    with pytest.raises(errors.QuestionError, match=re.escape(name.rstrip("/"))):
        souffle.export(workspace, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name.rstrip("/")]
    assert other.is_dir() or other.read_text(encoding="utf-8") == "mine"


def test_a_file_in_the_place_of_the_folder(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(errors.QuestionError):
        souffle.export(workspace, tmp_path / "out")
    with pytest.raises(errors.QuestionError):
        souffle.export(workspace, tmp_path / "out" / "below")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_nothing_is_left_of_a_failure(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, data: bytes) -> int:
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(errors.QuestionError, match="磁盘已满"):
        souffle.export(workspace, tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


def test_what_is_wrong_with_the_question_leaves_no_folder(workspace: Workspace, tmp_path: Path) -> None:
    for wrong in (
        {"case": "没有的市"},
        {"readings": {"附件.三.5.equal": "higher"}},
        {"case": "示例市甲", "readings": {"x": "y"}},
    ):
        with pytest.raises(errors.QuestionError):
            souffle.export(workspace, tmp_path / "new", **wrong)  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []
