"""The engines, all behind one signature: `evaluate(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import EngineError, did_you_mean
from ..language import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from ..datalog.checked import CheckedProgram, Model, Row

    Engine = Callable[[CheckedProgram, Mapping[str, Collection[Row]]], Model]


def _memory(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    from .memory import evaluate

    return evaluate(program, facts)


def _pydatalog(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    from .pydatalog import evaluate

    return evaluate(program, facts)


def _duckdb(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    from .duckdb import evaluate

    return evaluate(program, facts)


def _postgres(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    from .postgres import evaluate

    return evaluate(program, facts)


def _spark(program: CheckedProgram, facts: Mapping[str, Collection[Row]]) -> Model:
    from .spark import evaluate

    return evaluate(program, facts)


DEFAULT = "memory"
ENGINES: dict[str, Engine] = {
    "memory": _memory,
    "pydatalog": _pydatalog,
    "duckdb": _duckdb,
    "postgres": _postgres,
    "spark": _spark,
}


def engine(name: str) -> Engine:
    """An engine by name. Raises `EngineError`."""
    if name not in ENGINES:
        raise EngineError(say("没有 {name} 这个引擎", name=name), hint=did_you_mean(name, ENGINES))
    return ENGINES[name]
