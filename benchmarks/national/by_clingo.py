"""The scoring by clingo: its grounder alone works out `scoring.lp`, which has one stable model. DuckDB writes the facts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clingo import Control
from rows import RELATIONS, reading

if TYPE_CHECKING:
    from by_hand import Answers
    from clingo import Symbol
    from duckdb import DuckDBPyRelation

RULES = Path(__file__).with_name("scoring.lp")


def score(folder: Path) -> list[Symbol]:
    with reading(folder) as connection:
        facts = "".join(stated(name, connection.sql(query)) for name, query in RELATIONS.items())
    return solved(RULES.read_text(encoding="utf-8"), facts)


def stated(name: str, relation: DuckDBPyRelation) -> str:
    """The rows as text that clingo reads, which it does faster than it takes them one by one from Python."""
    shown = (
        f"{column}" if str(type_) == "BIGINT" else f"""'"' || {column} || '"'"""
        for column, type_ in zip(relation.columns, relation.types, strict=True)
    )
    fact = f"'{name}(' || " + " || ',' || ".join(shown) + " || ').'"
    ((text,),) = relation.aggregate(f"string_agg({fact}, '')").fetchall()
    return text or ""


def solved(rules: str, facts: str) -> list[Symbol]:
    """The atoms that the rules show."""
    control = Control(["--warn=none"])
    control.add("base", [], facts + rules)
    control.ground([("base", [])])
    with control.solve(yield_=True) as models:
        (shown,) = (model.symbols(shown=True) for model in models)
    return list(shown)


def answers(shown: list[Symbol]) -> Answers:
    rows = (atom.arguments for atom in shown)
    return {(county.string, name.string): (low.number, high.number) for county, name, low, high in rows}
