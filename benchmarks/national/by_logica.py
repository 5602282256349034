"""The scoring by Logica: `scoring.l`, compiled to SQL that DuckDB runs over the files."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from duckdb import extract_statements
from logica.compiler.universe import LogicaProgram
from logica.parser_py import parse
from rows import RELATIONS, reading

if TYPE_CHECKING:
    from by_hand import Answers
    from duckdb import DuckDBPyConnection

RULES = Path(__file__).with_name("scoring.l")


def score(folder: Path) -> DuckDBPyConnection:
    """The connection, where the table `result` is."""
    connection = reading(folder)
    for name, query in RELATIONS.items():
        if query != f"FROM {name}":
            connection.execute(f"CREATE VIEW {name} AS {query}")
    run(connection, compiled(RULES.read_text(encoding="utf-8"), "Result"))
    return connection


@cache
def compiled(rules: str, predicate: str) -> list[str]:
    """The statements that make the table `result` out of a predicate; compiled once."""
    program = LogicaProgram(parse.ParseFile(rules)["rule"])
    *before, query = [statement.query for statement in extract_statements(program.FormattedPredicateSql(predicate))]
    return [*before, f"CREATE OR REPLACE TABLE result AS {query}"]


def run(connection: DuckDBPyConnection, statements: list[str]) -> None:
    for statement in statements:
        connection.execute(statement)


def answers(connection: DuckDBPyConnection) -> Answers:
    return {(county, name): (low, high) for county, name, low, high in connection.execute("FROM result").fetchall()}
