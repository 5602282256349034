"""An evaluation in a database: facts in, statements, rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from ..datalog import values
from ..datalog.calendar import known_days
from ..datalog.checked import Model
from . import running
from .expressions import CALENDAR, WORKDAYS
from .faults import inside
from .running import Running, script

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..datalog.checked import CheckedProgram, Relation, Row


class Database(running.Database, Protocol):
    """One that gives all rows of a table."""

    def rows(self, table: str) -> list[tuple[Any, ...]]: ...


def model(
    program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: Collection[str] | None, database: Database
) -> Model:
    """The model of a program over facts (values as kept inside); of `goals` alone, when they are given.

    Raises `ArithmeticFault` and `DuplicateKeyError`.
    """
    wanted = program.relations if goals is None else goals
    derived = {name for relations, _, _ in program.outline for name in relations}
    given = [name for name in derived if facts.get(name)]
    said = script(program, wanted, given, database.dialect)
    for name in (*said.facts, *given):
        relation, table = program.relations[name], said.tables[name] + "$given" * (name in derived)
        database.load(table, said.columns[name], relation.types, outside(facts.get(name, ()), relation))
    if said.calendar:
        load_calendar(database)
    Running(said, database, [name for name in said.facts if not facts.get(name)]).all()
    rows = {name: database.rows(said.tables[name]) for name in wanted}
    widths = {name: len(program.relations[name].types) for name in wanted}
    return Model(program.relations, {name: {inside(row[: widths[name]]) for row in found} for name, found in rows.items()})


def outside(rows: Collection[Row], relation: Relation) -> list[Row]:
    """Rows with their decimals as `Decimal`, each once."""
    return [tuple(map(values.decode, row, relation.types)) for row in set(rows)]


def load_calendar(database: running.Database) -> None:
    """The working days, numbered, and for each day how many there are before it and up to it."""
    days, workdays = known_days()
    database.load(CALENDAR, ("day", "before", "upto"), ("date", "number", "number"), days)
    database.load(WORKDAYS, ("ordinal", "day"), ("number", "date"), workdays)
