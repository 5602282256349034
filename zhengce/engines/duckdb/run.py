"""An evaluation by DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import EngineError
from ...language import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...datalog.checked import CheckedProgram, Model, Row


def evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: Collection[str] | None = None) -> Model:
    """The model of a program over facts (values as kept inside); of `goals` alone, when they are given.

    Raises `ArithmeticFault`, `DuplicateKeyError`, and `EngineError` when DuckDB is not installed.
    """
    try:
        from ...sql.evaluating import model
        from .database import DuckDB, shared
    except ImportError as error:
        raise EngineError(say("没有安装 {name}", name=error.name), hint="pip install 'zhengce[duckdb]'") from None
    with shared().cursor() as connection:
        return model(program, facts, goals, DuckDB(connection))
