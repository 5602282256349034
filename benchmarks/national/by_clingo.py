"""The scoring by clingo: its grounder alone works out `scoring.lp`, which has one stable model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from clingo import Control, Function, Number, String, Symbol
from rows import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from by_hand import Answers

RULES = Path(__file__).with_name("scoring.lp")


def score(folder: Path) -> list[Symbol]:
    return solved(RULES.read_text(encoding="utf-8"), rows(folder))


def solved(rules: str, facts: Mapping[str, Iterable[tuple[Any, ...]]]) -> list[Symbol]:
    """The atoms that the rules show. Facts go in through the backend, which spares writing and parsing them as text."""
    control = Control(["--warn=none"])
    with control.backend() as backend:
        for name, each in facts.items():
            for row in each:
                backend.add_rule([backend.add_atom(Function(name, [symbol(value) for value in row]))])
    control.add("base", [], rules)
    control.ground([("base", [])])
    with control.solve(yield_=True) as models:
        (model,) = models
        return list(model.symbols(shown=True))


def symbol(value: str | int) -> Symbol:
    return String(value) if isinstance(value, str) else Number(value)


def answers(symbols: list[Symbol]) -> Answers:
    rows = ([argument.string for argument in atom.arguments[:2]] + [bound.number for bound in atom.arguments[2:]] for atom in symbols)
    return {(county, name): (low, high) for county, name, low, high in rows}
