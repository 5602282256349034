"""The files as rows of the relations, and as the cities of `province.py`, whose loop is the same scoring in plain Python."""

from __future__ import annotations

import sys
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

import zhengce

sys.path.append(str(Path(__file__).resolve().parents[1]))
from province import City, score_by_hand, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from by_hand import Answers

    from zhengce.datalog.checked import Relation

    Rows = list[tuple[Any, ...]]

HERE = Path(__file__).resolve().parent
WORKSPACE = zhengce.open(HERE.parents[1]).workspace


def facts(folder: Path) -> dict[str, Rows]:
    """The rows of every relation that the mapping names, as engines keep them: decimals are whole millionths."""
    programs = [WORKSPACE.conflicts, *map(WORKSPACE.program, ("score", "eligible", "revocation"))]
    relations = {name: relation for program in programs for name, relation in program.relations.items()}
    with (HERE / "mapping.toml").open("rb") as file, duckdb.connect() as connection:
        mapping = tomllib.load(file)
        return {name: connection.execute(query(folder, relations[name], mapping[name])).fetchall() for name in mapping}


def query(folder: Path, relation: Relation, bound: Mapping[str, Any]) -> str:
    """What reads the rows of a relation."""
    columns = [bound.get("columns", {}).get(column, column) for column in relation.columns]
    chosen = [
        f"({column} * 1000000)::BIGINT" if type_ == "decimal" else column
        for column, type_ in zip(columns, relation.types, strict=True)
    ]
    where = ["true", *(f"{column} = '{value}'" for column, value in bound.get("where", {}).items())]
    where += [f"{column} IS NOT NULL" for column in columns] if bound.get("skip_nulls") else []
    distinct = "" if bound.get("distinct") else "DISTINCT"
    return f"SELECT {distinct} {', '.join(chosen)} FROM '{folder / bound['source']}' WHERE {' AND '.join(where)}"


def cities(folder: Path) -> Iterator[City]:
    """The counties of the files."""
    rows: dict[str, dict[str, Rows]] = defaultdict(lambda: defaultdict(list))
    for name, relation in facts(folder).items():
        for county, *row in relation:
            rows[county][name].append(tuple(row))
    return (city(county, told) for county, told in rows.items())


def city(name: str, told: Mapping[str, Rows]) -> City:
    return City(
        name,
        answers={condition: value == "yes" for condition, value in told["answer"]},
        not_about_childcare={k for k, detail, value in told["answer_detail"] if (detail, value) == ("childcare", "no")},
        counts=dict(told["counted"]),
        unclear={element for (element,) in told["unclear_element"]} if told["elements_given"] else None,
        covered={field for (field,) in told["field_covered"]} if told["fields_given"] else None,
        discretion=dict(told["discretion"]),
        metrics={(metric, whose): value for metric, whose, value in told["metric"]},
        institutions=[institution for (institution,) in told["institution"]],
        inspected=set(told["inspected"]),
        unmet=set(told["unmet"]),
    )


def score(folder: Path) -> Answers:
    """Every county by the loop of `province.py`."""
    return score_by_hand(table(WORKSPACE.facts_known), cities(folder))  # type: ignore[return-value]
