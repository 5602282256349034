"""The scoring by Nemo: DuckDB writes the relations as CSV files, Nemo reads them and applies `scoring.rls`."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from nmo_python import NemoEngine, load_string
from rows import RELATIONS, reading, write

if TYPE_CHECKING:
    from by_hand import Answers

RULES = Path(__file__).with_name("scoring.rls")


def score(folder: Path) -> NemoEngine:
    with tempfile.TemporaryDirectory() as to:
        write(folder, Path(to))
        program = imports(folder, Path(to)) + RULES.read_text(encoding="utf-8")
        engine = NemoEngine(load_string(program))
        engine.reason()
    return engine


def imports(folder: Path, to: Path) -> str:
    """One import for each relation; numbers are integers, all else text."""
    with reading(folder) as connection:
        types = {name: connection.sql(query).types for name, query in RELATIONS.items()}
    return "".join(
        f'@import {name} :- csv {{ resource = "{to / name}.csv", format = ({", ".join(map(format_of, each))}) }} .\n'
        for name, each in types.items()
    )


def format_of(type_: object) -> str:
    return "int" if str(type_) == "BIGINT" else "string"


def answers(engine: NemoEngine) -> Answers:
    """Texts come back in quotes."""
    return {(county[1:-1], name[1:-1]): (low, high) for county, name, low, high in engine.result("result")}
