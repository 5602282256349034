"""The scored table of the document as one flat row for each condition, out of the workspace's own facts."""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import duckdb

    Known = Mapping[str, Iterable[tuple[Any, ...]]]

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = "liaoning-2022"
QUALIFIED = f"{DOCUMENT}/附件.五.3.a"  # by the default reading, negative opinion about childcare only


class Scored(NamedTuple):
    """`points` and `whole` (those of the indicator) are millionths. `head` is the condition that excludes this one, or itself.

    `metric`, `bound`: it holds where the metric is below that value; without a bound, below that of the province.
    """

    condition: str
    indicator: str
    group_id: str
    head: str
    effect: str
    points: int
    whole: int
    metric: str
    bound: int | None
    elements: int
    fields: int
    standard: str
    self_scored: bool


def scored(known: Known) -> list[Scored]:
    """One row for each condition of the table. A condition is excluded by one other at most."""
    indicators = {i: (group, points) for i, group, _, _, points in known["indicator"]}
    head = {excluded: condition for condition, excluded in known["excludes"]}
    compared = {k: (metric, bound) for k, metric, bound in known["below_value"]}
    compared |= {k: (metric, None) for k, metric in known["below_province"]}
    counted = {name: tally(known[name]) for name in ("element", "field")}
    standard, apart = dict(known["standard"]), {indicator for (indicator,) in known["not_self_scored"]}
    return [
        Scored(
            k, i, indicators[i][0], head.get(k, k), effect, points, indicators[i][1], *compared.get(k, ("", None)),
            counted["element"][k], counted["field"][k], standard.get(k, ""), i not in apart,
        )
        for k, i, _, _, effect, points in sorted(known["condition"])
    ]  # fmt: skip


def tally(rows: Iterable[tuple[Any, ...]]) -> Mapping[str, int]:
    counts: dict[str, int] = defaultdict(int)
    for condition, _ in rows:
        counts[condition] += 1
    return counts


def fill(connection: duckdb.DuckDBPyConnection, name: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """A small temporary table of given rows; `columns` is what stands in its CREATE TABLE."""
    rows = list(rows)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def fill_scored(connection: duckdb.DuckDBPyConnection, rows: Iterable[Scored]) -> None:
    """The table `scored`, with the columns of `Scored`."""
    columns = """condition VARCHAR, indicator VARCHAR, group_id VARCHAR, head VARCHAR, effect VARCHAR, points BIGINT,
        whole BIGINT, metric VARCHAR, bound BIGINT, elements BIGINT, fields BIGINT, standard VARCHAR, self_scored BOOLEAN"""
    fill(connection, "scored", columns, rows)


def documented() -> Path:
    """The folder where the document's facts lie as scored.parquet, element.parquet and field.parquet, made on first use.

    Nobody who works by hand reads the workspace for them, so no whole process has to.
    """
    told = (ROOT / "facts" / f"{DOCUMENT}.yaml").read_bytes() + Path(__file__).read_bytes()
    folder = Path(tempfile.gettempdir()) / "national" / f"document-{hashlib.sha256(told).hexdigest()[:12]}"
    if not (folder / "field.parquet").exists():
        _document(folder)
    return folder


def _document(folder: Path) -> None:
    import duckdb

    import zhengce

    known = zhengce.open(ROOT).workspace.facts_known
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        fill_scored(connection, scored(known))
        for name in ("element", "field"):
            fill(connection, name, f"condition VARCHAR, {name} VARCHAR", sorted(known[name]))
        for name in ("scored", "element", "field"):
            connection.execute(f"COPY {name} TO '{folder / name}.parquet' (FORMAT parquet)")
