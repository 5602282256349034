"""The scoring by pyDatalog: `scoring.pydatalog`, over the rows that DuckDB reads."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pyDatalog import pyDatalog
from rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from by_hand import Answers

ARITY = {"about_others": 2, "unclear": 2, "covered": 2, "counted": 3, "given": 3, "elements_given": 1, "fields_given": 1}
RULES = Path(__file__).with_name("scoring.pydatalog")


def score(folder: Path) -> list[tuple[Any, ...]]:
    return solved(RULES.read_text(encoding="utf-8"), rows(folder), "result(X, I, L, U)")


def solved(rules: str, facts: Mapping[str, Iterable[tuple[Any, ...]]], query: str) -> list[tuple[Any, ...]]:
    """A relation without a row is an error in pyDatalog, unless it had one before."""
    pyDatalog.clear()
    for name, each in facts.items():
        for row in each:
            pyDatalog.assert_fact(name, *row)
        if not each:
            pyDatalog.assert_fact(name, *[""] * ARITY[name])
            pyDatalog.retract_fact(name, *[""] * ARITY[name])
    pyDatalog.load(rules)
    return pyDatalog.ask(query).answers


def answers(found: list[tuple[Any, ...]]) -> Answers:
    return {(county, name): (low, high) for county, name, low, high in found}
