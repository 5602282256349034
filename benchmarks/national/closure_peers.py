"""The same relations by the other tools: for each a function that takes the edges and a problem, and one that gives the pairs.

What a tool is given is what it would read: rules as text, edges as facts in that text or as a table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from closure import BY_HAND, PROBLEMS, by_flag, connected, pairs

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl
    from closure import Edges, Pairs
    from duckdb import DuckDBPyConnection

    Prepared = Callable[[], Any]
    Tool = tuple[Callable[[Edges, str], Prepared], Callable[[Any, str], Pairs]]


# -- the rules here -----------------------------------------------------------------------------------------------------------


def by_rules(edges: Edges, problem: str) -> Prepared:
    """By the engine `duckdb`, the edges in a table."""
    from zhengce.datalog.checks import check
    from zhengce.datalog.parser import parse
    from zhengce.engines.duckdb.database import DuckDB, shared
    from zhengce.sql.running import Running, script

    goals = PROBLEMS[problem].goals
    said = script(check(parse(PROBLEMS[problem].rules)), sorted(goals), (), DuckDB.dialect)
    database = DuckDB(shared().cursor())
    database.load("edge", ("x", "y"), ("symbol", "symbol"), edges)
    made: list[str] = []

    def run() -> DuckDB:
        while made:
            database.drop(made.pop())
        Running(said, database, ()).all()
        made.extend(goals)
        return database

    return run


def table_rows(database: Any, goal: str) -> Pairs:
    return set(database.rows(goal))


def by_memory(edges: Edges, problem: str) -> Prepared:
    from zhengce.datalog.checks import check
    from zhengce.datalog.parser import parse
    from zhengce.engines import engine

    program, run = check(parse(PROBLEMS[problem].rules)), engine("memory")
    return lambda: run(program, {"edge": edges})


def rows(model: Any, goal: str) -> Pairs:
    return set(model.rows[goal])


# -- polars -------------------------------------------------------------------------------------------------------------------


def by_polars(edges: Edges, problem: str) -> Prepared:
    import polars as pl

    table = pl.DataFrame(edges, schema=["x", "y"], orient="row")
    loop = {"linear": linear, "non-linear": non_linear, "mutual": mutual}[problem]

    def run() -> dict[str, pl.DataFrame]:
        node = pl.concat([table["x"], table["y"]]).unique().alias("name").to_frame().with_row_index("id")
        step = table.join(node, left_on="x", right_on="name").join(node, left_on="y", right_on="name", suffix="_y")
        return {goal: named(found, node) for goal, found in loop(step.select(x="id", y="id_y")).items()}

    return run


def named(found: pl.DataFrame, node: pl.DataFrame) -> pl.DataFrame:
    return (
        found.join(node, left_on="x", right_on="id")
        .join(node, left_on="y", right_on="id", suffix="_y")
        .select(x="name", y="name_y")
    )


def together(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    return left.join(right, left_on="y", right_on="x", suffix="_z").select("x", y="y_z").unique()


def linear(step: pl.DataFrame) -> dict[str, pl.DataFrame]:
    import polars as pl

    known = fresh = step
    while len(fresh := together(fresh, step).join(known, on=["x", "y"], how="anti")):
        known = pl.concat([known, fresh])
    return {"path": known}


def non_linear(step: pl.DataFrame) -> dict[str, pl.DataFrame]:
    import polars as pl

    known, older, fresh = step, step.clear(), step
    while True:
        found = pl.concat([together(fresh, known), together(older, fresh)]).unique()
        older, fresh = known, found.join(known, on=["x", "y"], how="anti")
        if fresh.is_empty():
            return {"path": known}
        known = pl.concat([known, fresh])


def mutual(step: pl.DataFrame) -> dict[str, pl.DataFrame]:
    import polars as pl

    known, fresh, turn, other = {"odd": step, "even": step.clear()}, step, "even", "odd"
    while len(fresh := together(fresh, step).join(known[turn], on=["x", "y"], how="anti")):
        known[turn] = pl.concat([known[turn], fresh])
        turn, other = other, turn
    return known


def frame_rows(frames: dict[str, pl.DataFrame], goal: str) -> Pairs:
    return set(frames[goal].iter_rows())


# -- Nemo, clingo, pyDatalog: rules and facts in one text ----------------------------------------------------------------------

RULES = {
    "linear": "path(X, Y) :- edge(X, Y). path(X, Z) :- path(X, Y), edge(Y, Z).",
    "non-linear": "path(X, Y) :- edge(X, Y). path(X, Z) :- path(X, Y), path(Y, Z).",
    "mutual": "odd(X, Y) :- edge(X, Y). odd(X, Z) :- even(X, Y), edge(Y, Z). even(X, Z) :- odd(X, Y), edge(Y, Z).",
}


def facts(edges: Edges) -> str:
    return "".join(f'edge("{x}", "{y}").\n' for x, y in edges)


def by_nemo(edges: Edges, problem: str) -> Prepared:
    from nmo_python import NemoEngine, load_string

    rules = RULES[problem].translate({ord(variable): f"?{variable}" for variable in "XYZ"})
    text = facts(edges) + rules + "".join(f"@export {goal} :- csv {{}}." for goal in PROBLEMS[problem].goals)

    def run() -> NemoEngine:
        engine = NemoEngine(load_string(text))
        engine.reason()
        return engine

    return run


def nemo_rows(engine: Any, goal: str) -> Pairs:
    return {(x[1:-1], y[1:-1]) for x, y in engine.result(goal)}


def by_clingo(edges: Edges, problem: str) -> Prepared:
    from clingo import Control

    text = facts(edges) + RULES[problem]

    def run() -> Control:
        control = Control(["--warn=none"])
        control.add("base", [], text)
        control.ground([("base", [])])
        return control

    return run


def clingo_rows(control: Any, goal: str) -> Pairs:
    atoms = (atom.symbol.arguments for atom in control.symbolic_atoms.by_signature(goal, 2))
    return {(x.string, y.string) for x, y in atoms}


def by_pydatalog(edges: Edges, problem: str) -> Prepared:
    from by_pydatalog import solved

    rules = "\n".join(rule.replace(":-", "<=").replace("),", ") &") for rule in RULES[problem].rstrip(".").split(". "))
    goals = PROBLEMS[problem].goals
    return lambda: {goal: solved(rules, {"edge": edges}, f"{goal}(X, Y)") for goal in goals}


def pydatalog_rows(found: Any, goal: str) -> Pairs:
    return set(found[goal])


# -- Logica: how often it goes around has to be said ---------------------------------------------------------------------------

LOGICA = {
    "linear": """
        @Recursive(Path, 16);
        Path(x, y) distinct :- edge(x:, y:);
        Path(x, z) distinct :- Path(x, y), edge(x: y, y: z);
        """,
    "non-linear": """
        @Recursive(Path, 6);
        Path(x, y) distinct :- edge(x:, y:);
        Path(x, z) distinct :- Path(x, y), Path(y, z);
        """,
    "mutual": """
        @Recursive(Odd, 16);
        Odd(x, y) distinct :- edge(x:, y:);
        Odd(x, z) distinct :- Even(x, y), edge(x: y, y: z);
        Even(x, z) distinct :- Odd(x, y), edge(x: y, y: z);
        """,
}


def by_logica(edges: Edges, problem: str) -> Prepared:
    from logica.common.concertina_lib import ExecuteLogicaProgram

    connection = connected(edges)

    def statement(sql: str, engine: str, *, is_final: bool) -> None:
        connection.execute(f"CREATE OR REPLACE TABLE {goal} AS {sql}" if is_final else sql)

    def run() -> Any:
        nonlocal goal
        for goal in PROBLEMS[problem].goals:
            ExecuteLogicaProgram([compiled(problem, goal)], statement, "duckdb", display_mode="silent")
        return connection

    goal = ""
    return run


@cache
def compiled(problem: str, goal: str) -> Any:
    from logica.compiler.universe import LogicaProgram
    from logica.parser_py import parse

    program = LogicaProgram(parse.ParseFile('@Engine("duckdb");' + LOGICA[problem])["rule"])
    program.FormattedPredicateSql(goal.capitalize())
    return program.execution


def by_statements(run: Callable[[DuckDBPyConnection], None], edges: Edges) -> Prepared:
    """By hand, as one of the tools."""
    connection = connected(edges)

    def prepared() -> DuckDBPyConnection:
        run(connection)
        return connection

    return prepared


TOOLS: dict[str, Tool] = {
    "by_hand": (lambda edges, problem: by_statements(BY_HAND[problem], edges), pairs),
    "flagged": (lambda edges, problem: by_statements(by_flag, edges), pairs),
    "by_rules": (by_rules, table_rows),
    "by_memory": (by_memory, rows),
    "by_polars": (by_polars, frame_rows),
    "by_nemo": (by_nemo, nemo_rows),
    "by_clingo": (by_clingo, clingo_rows),
    "by_logica": (by_logica, pairs),
    "by_pydatalog": (by_pydatalog, pydatalog_rows),
}
