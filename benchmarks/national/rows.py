"""The files as plain relations, for the tools that read no Parquet: tuples, or CSV files; decimals are whole millionths.

DuckDB reads them, and tells distinct inspections and the clauses not met apart, as it does for the engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import duckdb
from table import DOCUMENT, QUALIFIED, documented

if TYPE_CHECKING:
    from pathlib import Path

DOCUMENTED = {
    "indicator": "SELECT DISTINCT indicator, group_id, whole FROM scored",
    "self_scored": "SELECT DISTINCT indicator FROM scored WHERE self_scored",
    "condition": "SELECT condition, indicator, head, effect, points FROM scored",
    "bounded": "SELECT condition, metric, bound FROM scored WHERE bound IS NOT NULL",
    "compared": "SELECT condition, metric FROM scored WHERE metric != '' AND bound IS NULL",
    "standard": "SELECT condition, standard FROM scored WHERE standard != ''",
    "element": "FROM element",
    "field": "FROM field",
}
KNOWN = {
    "county": f"SELECT county FROM city WHERE document = '{DOCUMENT}'",
    "answer": "FROM answers",
    "about_others": f"""SELECT county, condition FROM details
        WHERE condition = '{QUALIFIED}' AND detail = 'childcare' AND value = 'no'""",
    "metric": "SELECT county, metric, whose, (value * 1000000)::BIGINT AS value FROM metrics",
    "elements_given": "FROM elements_given",
    "unclear": "FROM elements",
    "fields_given": "FROM fields_given",
    "covered": "FROM fields",
    "counted": "FROM counts",
    "given": "SELECT county, indicator, (points * 1000000)::BIGINT AS points FROM discretion",
    "institution": "FROM institutions",
    "inspected": "SELECT DISTINCT county, institution, standard FROM status",
    "unmet": "SELECT county, institution, standard, item FROM status WHERE status = 'unmet'",
}
RELATIONS = DOCUMENTED | KNOWN


def reading(folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection that sees every file under its name."""
    connection = duckdb.connect()
    for path in (*documented().glob("*.parquet"), *folder.glob("*.parquet")):
        connection.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
    return connection


def rows(folder: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every relation of `RELATIONS`."""
    with reading(folder) as connection:
        return {name: connection.execute(query).fetchall() for name, query in RELATIONS.items()}


def write(folder: Path, to: Path) -> None:
    """Every relation of `RELATIONS` as a CSV file without a heading."""
    with reading(folder) as connection:
        for name, query in RELATIONS.items():
            connection.execute(f"COPY ({query}) TO '{to / name}.csv' (FORMAT csv, HEADER false)")
