"""An evaluation by DuckDB: facts in, statements, rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...datalog import values
from ...datalog.checked import Model
from ...errors import EngineError
from ...language import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...datalog.checked import CheckedProgram, Relation, Row


def evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: Collection[str] | None = None) -> Model:
    """The model of a program over facts (values as kept inside); of `goals` alone, when they are given.

    Raises `ArithmeticFault`, `DuplicateKeyError`, and `EngineError` when DuckDB is not installed.
    """
    try:
        from ...sql.faults import inside
        from ...sql.running import Running, script
        from .database import DuckDB, shared
    except ImportError as error:
        raise EngineError(say("没有安装 {name}", name=error.name), hint="pip install 'zhengce[duckdb]'") from None
    wanted = program.relations if goals is None else goals
    derived = {name for relations, _, _ in program.outline for name in relations}
    given = [name for name in derived if facts.get(name)]
    said = script(program, wanted, given, "duckdb")
    with shared().cursor() as connection:
        database = DuckDB(connection)
        for name in (*said.facts, *given):
            relation, table = program.relations[name], said.tables[name] + "$given" * (name in derived)
            database.load(table, said.columns[name], relation.types, outside(facts.get(name, ()), relation))
        if said.calendar:
            database.load_calendar()
        Running(said, database, [name for name in said.facts if not facts.get(name)]).all()
        rows = {name: database.rows(said.tables[name]) for name in wanted}
    widths = {name: len(program.relations[name].types) for name in wanted}
    return Model(program.relations, {name: {inside(row[: widths[name]]) for row in found} for name, found in rows.items()})


def outside(rows: Collection[Row], relation: Relation) -> list[Row]:
    """Rows with their decimals as `Decimal`, each once."""
    return [tuple(map(values.decode, row, relation.types)) for row in set(rows)]
