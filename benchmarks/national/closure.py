"""Recursion: what can be reached in a random graph, by hand-written SQL and by rules.

    linear      paths, an edge further each time; by hand one recursive query
    non-linear  paths out of two paths, in a smaller graph: every pair has some 300 ways to be put together;
                by hand a semi-naive loop of statements
    mutual      walks of an odd and of an even length; by hand such a loop, and one recursive query with a flag

The edges are pairs of names. By hand they are turned into small numbers first and back at the end, which takes less time than
comparing names throughout.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import duckdb

Edges = list[tuple[str, str]]
Pairs = set[tuple[str, str]]


class Problem(NamedTuple):
    """A graph of `nodes` and `edges`, and the relations that are asked for."""

    nodes: int
    edges: int
    rules: str
    goals: tuple[str, ...] = ("path",)


EDGE = """
.decl edge(x: symbol, y: symbol)
.input edge
"""
PATH = f"{EDGE}.decl path(x: symbol, y: symbol)\npath(x, y) :- edge(x, y).\n"
LINEAR = f"{PATH}path(x, z) :- path(x, y), edge(y, z).\n"
NON_LINEAR = f"{PATH}path(x, z) :- path(x, y), path(y, z).\n"
MUTUAL = f"""{EDGE}
.decl odd(x: symbol, y: symbol)
.decl even(x: symbol, y: symbol)
odd(x, y) :- edge(x, y).
odd(x, z) :- even(x, y), edge(y, z).
even(x, z) :- odd(x, y), edge(y, z).
"""
PROBLEMS = {
    "linear": Problem(2000, 8000, LINEAR),
    "non-linear": Problem(300, 1200, NON_LINEAR),
    "mutual": Problem(1000, 4000, MUTUAL, ("odd", "even")),
}
SMALL = {name: problem._replace(nodes=100, edges=400) for name, problem in PROBLEMS.items()}


def graph(problem: Problem, seed: int = 2022) -> Edges:
    """Distinct edges; an edge from a node to itself is as likely as any other."""
    chosen = Random(seed).sample(range(problem.nodes**2), problem.edges)
    return [(f"n{a:04}", f"n{b:04}") for a, b in (divmod(pair, problem.nodes) for pair in chosen)]


# -- by hand ------------------------------------------------------------------------------------------------------------------

NUMBERED = """
CREATE OR REPLACE TEMP TABLE node AS
    SELECT row_number() OVER (ORDER BY name)::INTEGER AS id, name FROM (SELECT x AS name FROM edge UNION SELECT y FROM edge);
CREATE OR REPLACE TEMP TABLE step AS
    SELECT a.id AS x, b.id AS y FROM edge JOIN node AS a ON a.name = edge.x JOIN node AS b ON b.name = edge.y;
"""
FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
    WITH RECURSIVE walk(x, y) AS (FROM step UNION SELECT walk.x, step.y FROM walk JOIN step ON walk.y = step.x) FROM walk
"""
NAMED = """
CREATE OR REPLACE TEMP TABLE {goal} AS
    SELECT a.name AS x, b.name AS y FROM {found} AS found JOIN node AS a ON a.id = found.x JOIN node AS b ON b.id = found.y
"""
FLAGGED = """
CREATE OR REPLACE TEMP TABLE flagged AS
    WITH RECURSIVE walk(x, y, odd) AS (
        SELECT x, y, true FROM step UNION SELECT walk.x, step.y, NOT odd FROM walk JOIN step ON walk.y = step.x
    ) FROM walk
"""
FURTHER = """
CREATE OR REPLACE TEMP TABLE next AS
    SELECT DISTINCT fresh.x, step.y FROM fresh JOIN step ON fresh.y = step.x
    ANTI JOIN {known} AS known ON known.x = fresh.x AND known.y = step.y
"""
TOGETHER = """
CREATE OR REPLACE TEMP TABLE next AS
    SELECT DISTINCT x, y FROM (
        SELECT fresh.x, known.y FROM fresh JOIN known ON fresh.y = known.x
        UNION ALL SELECT older.x, fresh.y FROM older JOIN fresh ON older.y = fresh.x
    ) ANTI JOIN known USING (x, y)
"""


def connected(edges: Edges) -> duckdb.DuckDBPyConnection:
    """A connection with the table `edge`."""
    connection = duckdb.connect()
    connection.execute("CREATE TABLE edge (x VARCHAR, y VARCHAR)")
    values = ", ".join(f"('{x}', '{y}')" for x, y in edges)
    connection.execute(f"INSERT INTO edge VALUES {values}")
    return connection


def by_query(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(NUMBERED)
    connection.execute(FOUND)
    connection.execute(NAMED.format(goal="path", found="found"))


def by_loop(connection: duckdb.DuckDBPyConnection) -> None:
    """Non-linear: what is new put together with all that is known, and what was known before with what is new."""
    connection.execute(NUMBERED)
    for table in ("known", "fresh"):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM step")
    connection.execute("CREATE OR REPLACE TEMP TABLE older AS FROM step LIMIT 0")
    while fresh(connection, f"{TOGETHER}; INSERT INTO older FROM fresh", "known"):
        pass
    connection.execute(NAMED.format(goal="path", found="known"))


def by_turns(connection: duckdb.DuckDBPyConnection) -> None:
    """Mutual: every edge further is of the other kind."""
    connection.execute(NUMBERED)
    for table in ("odds", "fresh"):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS FROM step")
    connection.execute("CREATE OR REPLACE TEMP TABLE evens AS FROM step LIMIT 0")
    turn, other = "evens", "odds"
    while fresh(connection, FURTHER.format(known=turn), turn):
        turn, other = other, turn
    for goal in ("odd", "even"):
        connection.execute(NAMED.format(goal=goal, found=f"{goal}s"))


def fresh(connection: duckdb.DuckDBPyConnection, query: str, known: str) -> int:
    """One round: how many rows are new, which are then in `fresh` and `known`."""
    connection.execute(f"{query}; DROP TABLE fresh; ALTER TABLE next RENAME TO fresh")
    ((count,),) = connection.execute(f"INSERT INTO {known} FROM fresh").fetchall()
    return count


def by_flag(connection: duckdb.DuckDBPyConnection) -> None:
    """Mutual, by one recursive query."""
    connection.execute(NUMBERED)
    connection.execute(FLAGGED)
    for goal, which in (("odd", "odd"), ("even", "NOT odd")):
        connection.execute(NAMED.format(goal=goal, found=f"(FROM flagged WHERE {which})"))


BY_HAND = {"linear": by_query, "non-linear": by_loop, "mutual": by_turns}


def pairs(connection: duckdb.DuckDBPyConnection, goal: str) -> Pairs:
    return set(connection.execute(f"FROM {goal}").fetchall())
