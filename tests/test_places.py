"""Every key and value of a TOML text is found where it stands."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from zhengce.places import Places

ROOT = Path(__file__).parents[1]
FILES = sorted([*ROOT.glob("queries/*.toml"), *ROOT.glob("policy/*.toml"), ROOT / "pyproject.toml"])
HARD = r'''
# a = 1 [b]
"quoted.key" = 'C:\x' # comment
a.b . c = [1, # one
  [2, "]"], {x = "}", y.z = 1979-05-27 07:32:00},]
long = """
[no] = "x" \""" ""
"""
raw = """"""
[[t]]
k = 'it"s'
[t.u]
n = -1.5e3
[[t]]
k = "\"]"
[[t.v]]
m = {}
'''


def paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Every path in a document, with what stands there."""
    if path:
        yield path, value
    items: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from paths(inner, (*path, key))


@pytest.mark.parametrize("text", [*(p.read_text(encoding="utf-8") for p in FILES), HARD, HARD.replace("\n", "\r\n")])
def test_every_key_and_value_is_found(text: str) -> None:
    places = Places(text, "t.toml")
    for path, value in paths(tomllib.loads(text)):
        if isinstance(path[-1], str):
            start, end = places.keys[path]
            assert path[-1] in text[start:end]
        if isinstance(value, str | int | float):
            start, end = places.values[path]
            assert tomllib.loads(f"k = {text[start:end]}")["k"] == value


def test_what_is_not_there_is_where_it_would_be() -> None:
    places = Places('a = 1\n[b]\nc = "一二"\n', "t.toml")
    assert str(places.span(("b", "missing"))) == "t.toml:2:2"
    assert places.span(("b", "c"), value=True, within="二") == ("t.toml", 3, 7, 1)
    assert places.span(("missing",)) is None
    assert Places("not toml", "t.toml").span(("a",)) is None
