"""An evaluation by PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import EngineError
from ...language import say

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...datalog.checked import CheckedProgram, Model, Row


def evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]], goals: Collection[str] | None = None) -> Model:
    """The model of a program over facts (values as kept inside); of `goals` alone, when they are given.

    Raises `ArithmeticFault`, `DuplicateKeyError`, and `EngineError` when the server cannot be reached or does not do it.
    """
    try:
        from ...sql.evaluating import model
        from .database import Postgres, connected
    except ImportError as error:
        raise EngineError(say("没有安装 {name}", name=error.name), hint="pip install 'zhengce[postgres]'") from None
    with connected() as connection:
        return model(program, facts, goals, Postgres(connection))
