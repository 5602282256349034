"""The programs of `corpus/`: the good ones give what stands beside them, the bad ones the error and message that do.

`good/<feature>/<name>.dl` has a `.expect`, and a `.facts` when facts come from outside; both are written

    relation
      "symbol", 3, 2.5, 2022-10-01

with `()` for the row of a relation without columns, and a decimal always with its point. `bad/<kind>/<name>.dl` begins
with `// expect: <class of error>` and has a `.message`; `pytest --regold` writes those anew.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import oracle
import pytest
from hypothesis import given, note
from hypothesis import strategies as st
from random_programs import shuffled
from served import HERE

import zhengce
from zhengce import errors

CORPUS = Path(__file__).parent / "corpus"
VALUE = re.compile(r'"((?:[^"\\]|\\.)*)"|(\d{4}-\d\d-\d\d)|(-?\d+\.\d+)|(-?\d+)')
NOT_SOURCE = re.compile(r'\$\d|\$=|["\w)] (days|years|workdays)_after ["\w(-]')  # how rules look inside
TOKEN = re.compile(r'"(?:[^"\\\n]|\\.)*"|\w+|\s+|.', re.DOTALL)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
Row = tuple[oracle.Value, ...]
Rows = dict[str, set[Row]]


def _walk(folder: str) -> list[Any]:
    """The programs of a folder, each named by its path."""
    top = CORPUS / folder
    return [pytest.param(path, id=str(path.relative_to(top).with_suffix(""))) for path in sorted(top.rglob("*.dl"))]


good = pytest.mark.parametrize("path", _walk("good"))
bad = pytest.mark.parametrize("path", _walk("bad"))
every_engine = pytest.mark.parametrize("engine", HERE)


@every_engine
@good
def test_good(path: Path, engine: str) -> None:
    _matches(path, _evaluate(path, engine))


@good
def test_good_by_the_oracle(path: Path) -> None:
    if path.parent.name == "undeclared":
        pytest.skip("the oracle needs declarations")
    _matches(path, oracle.evaluate(_text(path), _facts(path)))


@every_engine
@good
def test_good_in_another_order(path: Path, engine: str) -> None:
    text = shuffled(_text(path), Random(path.name))
    _matches(path, zhengce.evaluate(text, _facts(path), engine))


@bad
def test_bad(path: Path, request: pytest.FixtureRequest) -> None:
    error = _error(path, "memory")
    assert type(error).__name__ == _expected_error(path), str(error)
    assert not NOT_SOURCE.search(str(error)), str(error)
    golden = path.with_suffix(".message")
    if request.config.getoption("--regold"):
        golden.write_text(f"{error}\n", encoding="utf-8")
    assert golden.exists(), f"no message kept for {path.name}; write it by `pytest --regold`"
    assert f"{error}\n" == golden.read_text(encoding="utf-8")


@every_engine
@pytest.mark.parametrize("path", _walk("bad/evaluation") + _walk("bad/duplicate-key"))
def test_bad_by_every_engine(path: Path, engine: str) -> None:
    error = _error(path, engine)
    assert type(error).__name__ == _expected_error(path)
    assert f"{error}\n" == path.with_suffix(".message").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", _walk("bad/evaluation"))
def test_bad_by_the_oracle(path: Path) -> None:
    with pytest.raises(oracle.OracleFault):
        oracle.evaluate(_text(path), _facts(path))


@given(path=st.sampled_from(sorted(CORPUS.rglob("*.dl"))), random=st.randoms(use_true_random=False))
def test_mangled(path: Path, random: Random) -> None:
    """A text with tokens lost, moved or put in gives a model or an error of ours, never anything else."""
    text = _mangled(_text(path), random)
    note(text)
    with suppress(errors.ZhengceError):
        zhengce.evaluate(text, _facts(path))


def _mangled(text: str, random: Random) -> str:
    tokens = TOKEN.findall(text)
    for _ in range(random.choice([1, 1, 2, 3])):
        place = random.randrange(len(tokens))
        tokens[place : place + random.choice([0, 1])] = random.choice([[], [random.choice(tokens)]])
    return "".join(tokens)


def test_every_file_belongs_to_a_program() -> None:
    suffixes = {".expect", ".facts", ".message"}
    assert not [p for p in CORPUS.rglob("*") if p.suffix in suffixes and not p.with_suffix(".dl").exists()]
    assert not [p for p in (CORPUS / "good").rglob("*.dl") if not p.with_suffix(".expect").exists()]


def _text(path: Path) -> str:
    """As it is, a byte order mark and the ends of lines included."""
    return path.read_bytes().decode("utf-8")


def _facts(path: Path) -> Rows:
    return _rows(path.with_suffix(".facts")) if path.with_suffix(".facts").exists() else {}


def _evaluate(path: Path, engine: str) -> Mapping[str, Any]:
    return zhengce.evaluate(_text(path), _facts(path), engine)


def _error(path: Path, engine: str) -> errors.ZhengceError:
    with pytest.raises(errors.ZhengceError) as caught:
        _evaluate(path, engine)
    return caught.value


def _expected_error(path: Path) -> str:
    first = _text(path).partition("\n")[0]
    assert first.startswith("// expect: "), path
    return first.removeprefix("// expect: ").strip()


def _matches(path: Path, model: Mapping[str, Any]) -> None:
    expected = _rows(path.with_suffix(".expect"))
    assert {name: oracle.typed(model[name]) for name in expected} == {n: oracle.typed(r) for n, r in expected.items()}


def _rows(path: Path) -> Rows:
    """The rows of a `.expect` or `.facts`."""
    rows: Rows = {}
    name = ""
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.startswith("  "):
            rows[name].add(_row(line))
        elif line:
            name = line
            rows[name] = set()
    return rows


def _row(line: str) -> Row:
    return () if line.strip() == "()" else tuple(map(_value, VALUE.finditer(line)))


def _value(found: re.Match[str]) -> oracle.Value:
    text, day, decimal, number = found.groups()
    if text is not None:
        return re.sub(r"\\(.)", lambda escape: ESCAPES.get(escape[1], escape[1]), text)
    if day:
        return date.fromisoformat(day)
    return Decimal(decimal) if decimal else int(number)
