"""The rules of the score by the engines here that take rows: DuckDB reads the files, as the mapping binds them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from by_hand import Answers

GOALS = {"score", "group_score", "total", "self_assessed"}


def evaluated(folder: Path, engine: str) -> Answers:
    import plain

    from zhengce import engines

    program = plain.WORKSPACE.program("score").below(GOALS)
    stated = {name: plain.WORKSPACE.facts(name) for name in program.relations}
    rows = engines.engine(engine)(program, {**stated, **plain.facts(folder)}).rows
    return {
        **{(county, indicator): (low, high) for county, indicator, _, _, low, high in rows["score"]},
        **{(county, group): (low, high) for county, group, *_, low, high in rows["group_score"]},
        **{(county, name): (low, high) for name in ("total", "self_assessed") for county, _, low, high in rows[name]},
    }  # type: ignore[return-value]


score = partial(evaluated, engine="pydatalog")
