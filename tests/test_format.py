"""Laying out rules: nothing but white space changes, a second time changes nothing, and our own rules are laid out."""

from __future__ import annotations

import os
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, note, settings
from hypothesis import strategies as st
from random_programs import Generated, programs
from test_corpus import _text, _walk

from zhengce import errors
from zhengce.datalog.format import WIDEST, format_rules
from zhengce.datalog.parser import parse
from zhengce.formatting import format_file, rule_files

ROOT = Path(__file__).parents[1]
OURS = [*(ROOT / "policy").glob("*.dl"), *(ROOT / "zhengce" / "prelude").glob("*.dl")]
PIECE = re.compile(
    r'(?P<word>"(?:[^"\\\n]|\\.)*"|\.(?:decl|input|output)\b|\d+\.\d+|[\w?]+|@\[|:-|!=|<=|>=|[^\s\w/]|/(?![/*]))'
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)|\s+",
    re.DOTALL,
)
NOISE = [
    "",
    " ",
    "  ",
    "\n",
    "\n\n\n",
    "\t",
    " // note\n",
    "\n// 单独一行\n",
    " /* in */ ",
    "\n/* two\n   lines */\n",
    " /* a */ // b\n",
    "\n/// doc\n",
]


def pieces(text: str) -> tuple[list[str], list[str]]:
    """The words and the comments of a text, by a reading of its own."""
    found = list(PIECE.finditer(text.removeprefix("\ufeff").replace("\r\n", "\n")))
    assert "".join(m[0] for m in found) == text.removeprefix("\ufeff").replace("\r\n", "\n")
    comments = ["\n".join(line.rstrip() for line in m["comment"].split("\n")) for m in found if m["comment"]]
    return [m["word"] for m in found if m["word"]], comments


def sound(text: str) -> str:
    """The text laid out, once everything is checked that holds of every text."""
    laid_out = format_rules(text)
    assert pieces(laid_out) == pieces(text)
    assert parse(laid_out) == parse(text)
    assert format_rules(laid_out) == laid_out
    assert "\n\n\n" not in laid_out and not laid_out.startswith("\n")
    assert laid_out == "" or (laid_out.endswith("\n") and not laid_out.endswith("\n\n"))
    return laid_out


@pytest.mark.parametrize("path", _walk("good"))
def test_corpus(path: Path) -> None:
    sound(_text(path))


@pytest.mark.parametrize("path", _walk("bad/syntax"))
def test_what_does_not_parse(path: Path) -> None:
    with pytest.raises(errors.RuleSyntaxError):
        format_rules(_text(path))


@pytest.mark.parametrize("path", OURS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_rules_are_laid_out(path: Path) -> None:
    assert not format_file(path, check=True), f"run `zhengce fmt` on {path.name}"
    sound(path.read_text(encoding="utf-8"))


@given(generated=programs(), seed=st.integers(0, 2**32))
@settings(max_examples=100)
def test_random(generated: Generated, seed: int) -> None:
    text = noisy(generated.text, Random(seed))
    note(text)
    sound(text)


@given(path=st.sampled_from([*OURS, *(p.values[0] for p in _walk("good"))]), seed=st.integers(0, 2**32))
@settings(max_examples=100)
def test_noisy(path: Any, seed: int) -> None:
    text = noisy(_text(path), Random(seed))
    note(text)
    sound(text)


def noisy(text: str, random: Random) -> str:
    """The same words with other white space, and comments, between them; now and then at every place."""
    every = random.choice([3, 10, 50])
    found: list[str] = []
    for piece in PIECE.finditer(text):
        if piece["word"] and found and random.randrange(every) == 0:
            found.append(random.choice(NOISE))
        found.append(
            piece[0] if piece["word"] or piece["comment"] else random.choice([piece[0], " ", "\n"]) if every < 50 else piece[0]
        )
        if piece["comment"] and piece[0].startswith("//"):
            found.append("\n")
    return "".join(found)


# -- goldens ----------------------------------------------------------------------------------------------------------

GOLDEN = {
    "spaces": (
        "a( x ,y ):-b(x,-1),y=-x*-2+min( x,3 ),!c( ),x!=y .",
        "a(x, y) :- b(x, -1), y = -x * -2 + min(x, 3), !c(), x != y.\n",
    ),
    "brackets": ("a(x):-b(x),( c(x);!(d(x) ;e(x)) ),f((x+1)*2).", "a(x) :- b(x), (c(x); !(d(x); e(x))), f((x + 1) * 2).\n"),
    "aggregates": (
        "a(n):-n=count:{b(_)},m=sum(x+1):{b(x),x>0},m>to_float( n ).",
        "a(n) :- n = count : { b(_) }, m = sum (x + 1) : { b(x), x > 0 }, m > to_float(n).\n",
    ),
    "declarations": (
        '@[key="x" ,label="名"].decl a(x:number,y :symbol) .decl b( )\n.output  a',
        '@[key = "x", label = "名"]\n.decl a(x: number, y: symbol)\n.decl b()\n.output a\n',
    ),
    "one statement a line": ('a(1). a(2).@[method="m"]a(3).', 'a(1).\na(2).\n@[method = "m"]\na(3).\n'),
    "strings as they are": ('a("x ,y  (").', 'a("x ,y  (").\n'),
    "several heads": ("a(x),b(x):-c(x).", "a(x), b(x) :- c(x).\n"),
    "blank lines": ("\n\na(1).\n\n\n\na(2).\na(3).\n\n", "a(1).\n\na(2).\na(3).\n"),
    "no blank line after an annotation": ('@[method = "m"]\n\na(1).\n', '@[method = "m"]\na(1).\n'),
    "comments between": (
        "// top  \n\n/// doc\n.decl a()// beside\n  // own line\na(). /* b */\n// end",
        "// top\n\n/// doc\n.decl a()  // beside\n// own line\na().  /* b */\n// end\n",
    ),
    "comments inside": (
        "a(x) :- // first\nb(x), /* in */ c(x),\n// own line\nd(x) // last\n.",
        "a(x) :-  // first\n    b(x), /* in */ c(x),\n    // own line\n    d(x)  // last\n    .\n",
    ),
    "after an annotation": ('@[method = "m"] // why\n// and\na(1).', '@[method = "m"]  // why\n// and\na(1).\n'),
    "nothing": ("\n \n", ""),
    "only a comment": ("  /* a\n     b */", "/* a\n     b */\n"),
}


@pytest.mark.parametrize("text, wanted", GOLDEN.values(), ids=GOLDEN)
def test_golden(text: str, wanted: str) -> None:
    assert sound(text) == wanted


LONG = "conflict(c) :- " + ", ".join(f"relation_number_{n}(c, x{n})" for n in range(9)) + "."
LONG_LAID_OUT = """\
conflict(c) :-
    relation_number_0(c, x0), relation_number_1(c, x1), relation_number_2(c, x2), relation_number_3(c, x3),
    relation_number_4(c, x4), relation_number_5(c, x5), relation_number_6(c, x6), relation_number_7(c, x7),
    relation_number_8(c, x8).
"""
GROUPED = """\
conflict(c) :-
    relation_number_0(c, x0),
    relation_number_1(c, x1), relation_number_2(c, x2), relation_number_3(c, x3), relation_number_4(c, x4).
"""


def test_what_is_too_long_is_broken() -> None:
    assert sound(LONG) == LONG_LAID_OUT
    assert max(map(len, LONG_LAID_OUT.split("\n"))) <= WIDEST


def test_the_writers_own_breaks_in_a_long_body_are_kept() -> None:
    assert sound(GROUPED) == GROUPED


def test_what_fits_is_put_on_one_line() -> None:
    assert sound("a(x) :-\n    b(x),\n    c(x).\n") == "a(x) :- b(x), c(x).\n"


def test_chinese_takes_two_columns() -> None:
    fits = f'a("a{"字" * 56}") :- x = y.'  # 128 columns
    assert sound(fits) == f"{fits}\n"
    assert sound(fits.replace("字", "字a", 1)).count("\n") == 2


@pytest.mark.parametrize(
    "text",
    [
        "fact(" + ", ".join(f'"a long value {n}"' for n in range(12)) + ").",
        ".decl wide(" + ", ".join(f"column_number_{n}: symbol" for n in range(9)) + ")",
        "@[" + ", ".join(f'key{n} = "a long value"' for n in range(9)) + "]\na().",
        "a(n) :- n = count : { " + ", ".join(f"relation_number_{n}(c, x{n})" for n in range(9)) + " }, b(n).",
        "a(x) :- (" + "; ".join(f"relation_number_{n}(c, x{n})" for n in range(9)) + "), b(x).",
    ],
    ids=["fact", "declaration", "annotation", "aggregate", "alternatives"],
)
def test_long_ones_of_every_kind(text: str) -> None:
    assert max(map(len, sound(text).split("\n"))) <= WIDEST


# -- files ------------------------------------------------------------------------------------------------------------


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.dl"
    path.write_bytes(b"a(1)  .\n")
    path.chmod(0o640)
    assert format_file(path, check=True) and path.read_bytes() == b"a(1)  .\n"
    assert format_file(path) and path.read_bytes() == b"a(1).\n"
    before = path.stat()
    assert not format_file(path) and path.stat().st_mtime_ns == before.st_mtime_ns
    assert os.name == "nt" or path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a.dl"]


def test_ends_of_lines_stay_and_a_byte_order_mark_goes(tmp_path: Path) -> None:
    path = tmp_path / "a.dl"
    path.write_bytes("\ufeffa(1).\r\n/* x\r\n y */\r\na( 2).\r\n".encode())
    assert format_file(path)
    assert path.read_bytes() == b"a(1).\r\n/* x\r\n y */\r\na(2).\r\n"
    path.write_bytes("\ufeffa(1).\n".encode())
    assert format_file(path) and path.read_bytes() == b"a(1).\n"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real.dl").write_text("a( 1).\n", encoding="utf-8")
    link = tmp_path / "link.dl"
    try:
        link.symlink_to(tmp_path / "real.dl")
    except OSError:
        pytest.skip("no links here")
    assert format_file(link) and link.is_symlink()
    assert (tmp_path / "real.dl").read_text(encoding="utf-8") == "a(1).\n"


@pytest.mark.parametrize("content, kind", [(b"a(1", errors.RuleSyntaxError), (b"\xff\xfe", errors.WorkspaceError)])
def test_a_file_that_cannot_be_read_is_left_alone(tmp_path: Path, content: bytes, kind: type[errors.ZhengceError]) -> None:
    path = tmp_path / "a.dl"
    path.write_bytes(content)
    with pytest.raises(kind):
        format_file(path)
    assert path.read_bytes() == content


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(errors.WorkspaceError):
        format_file(tmp_path / "a.dl")


def test_rule_files() -> None:
    assert rule_files(ROOT) == sorted((ROOT / "policy").glob("*.dl"))
