"""The rules of the score by the engine `duckdb`, out of the files as the mapping file binds them."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import zhengce
from zhengce.batch import Facts
from zhengce.batch.running import Evaluated

if TYPE_CHECKING:
    from by_hand import Answers

HERE = Path(__file__).resolve().parent
_asked: set[Path] = set()
INDICATORS, GROUPS, WHOLES = "score", "group_score", ("total", "self_assessed")


@cache
def facts(folder: Path) -> Facts:
    """The files, bound and looked at."""
    with TemporaryDirectory() as beside:
        mapping = Path(beside) / "mapping.toml"
        text = (HERE / "mapping.toml").read_text(encoding="utf-8")
        mapping.write_text(text.replace('source = "', f'source = "{folder.resolve()}/'), encoding="utf-8")
        return Facts(zhengce.open(HERE.parents[1]).workspace, [mapping])


def score(folder: Path) -> Evaluated:
    """Every county of the files, by every rule that bears on its scores. The files are read anew each time."""
    if folder in _asked:
        facts(folder).again()
    _asked.add(folder)
    return Evaluated(facts(folder), (INDICATORS, GROUPS, *WHOLES), {}, {})


def answers(evaluated: Evaluated) -> Answers:
    rows = {name: evaluated.database.rows(name) for name in (INDICATORS, GROUPS, *WHOLES)}
    found = {(city, part): (low, high) for name in (INDICATORS, GROUPS) for city, part, *_, low, high in rows[name]}
    found |= {(city, name): (low, high) for name in WHOLES for city, _, low, high in rows[name]}
    return {key: (int(low * 10**6), int(high * 10**6)) for key, (low, high) in found.items()}
