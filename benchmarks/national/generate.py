"""A made-up nation as Parquet files: counties, what is known of each, and its institutions clause by clause.

    python benchmarks/national/generate.py FOLDER [--counties N] [--institutions M] [--seed S] [--unknown P]

Every draw is a hash of the seed, of what is drawn and of the ids it is drawn for, so the same seed and size give the same
files with the same DuckDB. All is made by SQL; the ids come from the workspace's own facts. What may be left out is left out
with the chance `unknown`. No county contradicts itself: what would do so is not drawn.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import duckdb
from table import DOCUMENT, fill, fill_scored, scored

import zhengce

ROOT = Path(__file__).resolve().parents[2]


class Size(NamedTuple):
    """How much is made, and from which seed."""

    counties: int = 3000
    institutions: int = 300  # of each county
    unknown: float = 0.1
    seed: int = 2022

    @property
    def name(self) -> str:
        return f"{self.counties}x{self.institutions}-{self.unknown:g}-{self.seed}"


FULL = Size()
CITIES = Size(counties=333)

# `draw` is a number from 0 to 999,999; `said` whether something is told at all; `yes` is true with a chance in percent.
MACROS = """
CREATE MACRO draw(what, a, b := '', c := '') AS (hash(what, a, b, c, $seed) % 1000000)::BIGINT;
CREATE MACRO said(what, a, b := '') AS draw('said ' || what, a, b) >= $unknown * 1000000;
CREATE MACRO yes(percent, what, a, b := '', c := '') AS draw(what, a, b, c) < percent * 10000;
CREATE MACRO decided(percent, what, a, b := '', c := '') AS CASE WHEN yes(percent, what, a, b, c) THEN 'yes' ELSE 'no' END;
"""

# What other tables are drawn from.
MADE = """
CREATE TABLE county AS SELECT n, format('县{:04d}', n + 1) AS county FROM range($counties) AS counties(n) ORDER BY n;
CREATE TABLE asked AS SELECT county, scored.* FROM county, scored;

CREATE TABLE metrics AS
    SELECT county, metric, whose, (80 + draw('metric', county, metric, whose) % 41 / 2)::DECIMAL(18, 6) AS value
    FROM county, metric_name, (VALUES ('city'), ('province')) AS both_of(whose)
    WHERE (whose = 'city' OR compared = 'province') AND said('metric', county, metric || whose);
CREATE TABLE measured AS
    SELECT county, condition FROM asked JOIN metrics USING (county, metric)
    GROUP BY ALL HAVING count(*) = CASE WHEN any_value(bound) IS NULL THEN 2 ELSE 1 END;

-- What can be answered is what no metric tells; an excluded condition is asked only where the one that excludes it is not met.
CREATE TABLE first_answers AS
    SELECT county, condition, decided(30, 'answer', county, condition) AS value
    FROM asked ANTI JOIN measured USING (county, condition)
    WHERE condition = head AND elements = 0 AND effect IN ('zero', 'deduct', 'award') AND said('answer', county, condition);
CREATE TABLE open_after AS
    SELECT county, condition, elements FROM asked
    ANTI JOIN (SELECT county, condition AS head FROM first_answers WHERE value = 'yes') USING (county, head)
    WHERE condition != head AND said('answer', county, condition);
CREATE TABLE elements_given AS
    SELECT DISTINCT county FROM open_after WHERE elements > 0 AND yes(75, 'listed', county);
CREATE TABLE answers AS
    FROM first_answers
    UNION ALL
    SELECT county, condition, decided(30, 'answer', county, condition)
    FROM open_after WHERE elements = 0 OR county NOT IN (FROM elements_given);

CREATE TABLE fields_given AS SELECT county FROM county WHERE said('fields', county) AND yes(60, 'fields', county);
CREATE TABLE fields AS SELECT county, field FROM fields_given, field WHERE yes(30, 'field', county, field);
CREATE TABLE counts AS
    SELECT county, condition, CASE
        WHEN given.county IS NULL THEN draw('count', county, condition) % 6
        WHEN covered = 0 THEN 0
        ELSE covered + draw('count', county, condition) % 2 END::BIGINT AS n
    FROM asked
    LEFT JOIN (SELECT county, count(field) AS covered FROM fields_given LEFT JOIN fields USING (county) GROUP BY ALL) AS given
        USING (county)
    WHERE effect = 'count' AND said('count', county, condition);

-- A few counties do not even say which institutions they have.
CREATE TABLE institutions AS
    SELECT county, n * $institutions + m AS number, format('托育机构{:06d}', number + 1) AS institution
    FROM county, range($institutions) AS each(m)
    WHERE draw('said institutions', county) >= $unknown * 100000
    ORDER BY number;
CREATE TABLE inspected AS
    SELECT county, institution, number, standard, position, 4 + draw('quality', number) % 17 AS percent
    FROM institutions, standard WHERE said('inspected', number, standard)
    ORDER BY number, position;

CREATE TABLE incidents_given AS SELECT county, kind FROM county, incident_kind WHERE said('incidents', county, kind);
CREATE TABLE named AS SELECT county, 2022::BIGINT AS cycle FROM county WHERE yes(10, 'named', county);
CREATE TABLE findings_drawn AS
    SELECT county, trigger, parts, parts > 0 AND yes(50, 'by part', county, trigger) AS by_part
    FROM named, revocation_trigger WHERE said('finding', county, trigger);
"""

# The files. `status` is in the order of the counties by how it is made, without sorting.
FILES = {
    "city": "SELECT county, $document AS document FROM county ORDER BY county",
    "unit": """SELECT county, CASE WHEN yes(95, 'unit', county) THEN '设区的市' ELSE '县级市' END AS unit
        FROM county WHERE said('unit', county) ORDER BY county""",
    "applying_on": """SELECT county, DATE '2022-05-01' + (draw('applying', county) % 60)::INTEGER AS day
        FROM county WHERE said('applying', county) ORDER BY county""",
    "answers": "FROM answers ORDER BY ALL",
    "details": """SELECT county, condition, detail, decided(50, 'detail', county, condition) AS value
        FROM answers JOIN detail_name USING (condition)
        WHERE value = 'yes' AND said('detail', county, condition) ORDER BY ALL""",
    "counts": "FROM counts ORDER BY ALL",
    "elements": """SELECT county, element FROM elements_given, element
        WHERE yes(20, 'element', county, element) ORDER BY ALL""",
    "elements_given": "FROM elements_given ORDER BY ALL",
    "fields": "FROM fields ORDER BY ALL",
    "fields_given": "FROM fields_given ORDER BY ALL",
    "discretion": """SELECT county, indicator,
            (points * (draw('discretion', county, indicator) % 5) / 4000000)::DECIMAL(18, 6) AS points
        FROM asked WHERE effect = 'discretion' AND said('discretion', county, indicator) ORDER BY ALL""",
    "self_scores": """SELECT county, indicator,
            (whole * (draw('self', county, indicator) % 5) / 4000000)::DECIMAL(18, 6) AS points
        FROM (SELECT DISTINCT county, indicator, whole FROM asked WHERE self_scored)
        WHERE said('self', county, indicator) ORDER BY ALL""",
    "metrics": "FROM metrics ORDER BY ALL",
    "institutions": "SELECT county, institution FROM institutions",
    "status": """SELECT county, institution, standard, format('第{}条', clause) AS item,
            CASE WHEN yes(percent, 'unmet', number, position, clause) THEN 'unmet' ELSE 'met' END AS status
        FROM (SELECT *, unnest(range(1, 31)) AS clause FROM inspected)""",
    "incidents": """SELECT county, kind, incident + 1 AS incident,
            CASE WHEN said('day', county || kind, incident)
                THEN DATE '2022-04-30' - (draw('day', county, kind, incident) % 2500)::INTEGER END AS day,
            CASE WHEN said('about', county || kind, incident) THEN decided(50, 'about', county, kind, incident) END
                AS about_childcare
        FROM incidents_given, range(3) AS few(incident)
        WHERE incident < draw('incidents', county, kind) % 6 - 2 ORDER BY ALL""",
    "incidents_given": "FROM incidents_given ORDER BY ALL",
    "named": "FROM named ORDER BY ALL",
    "revoked": "SELECT county, cycle FROM named WHERE yes(10, 'revoked', county) ORDER BY ALL",
    "reexamined": """SELECT county, decided(80, 'reexamined', county) AS meets
        FROM named WHERE said('reexamined', county) ORDER BY ALL""",
    "findings": """SELECT county, trigger, decided(15, 'finding', county, trigger) AS value
        FROM findings_drawn WHERE NOT by_part ORDER BY ALL""",
    "findings_parts": """SELECT county, trigger, part, decided(15, 'part', county, trigger, part) AS value
        FROM findings_drawn JOIN trigger_part USING (trigger) WHERE by_part AND said('part', county, part) ORDER BY ALL""",
}


def made(size: Size, folder: Path | None = None) -> Path:
    """The folder with the files of a size, made if it is not there yet or was made by another generator or DuckDB."""
    folder = folder or Path(tempfile.gettempdir()) / "national" / size.name
    mark, now = folder / "made.json", {"by": generator(), "size": size._asdict()}
    if not mark.exists() or json.loads(mark.read_text(encoding="utf-8")) != now:
        folder.mkdir(parents=True, exist_ok=True)
        mark.unlink(missing_ok=True)
        generate(size, folder)
        mark.write_text(json.dumps(now), encoding="utf-8")
    return folder


def generator() -> str:
    """What the files depend on besides their size."""
    written = Path(__file__).read_bytes() + (ROOT / "facts" / f"{DOCUMENT}.yaml").read_bytes()
    return f"{duckdb.__version__} {hashlib.sha256(written).hexdigest()}"


def generate(size: Size, folder: Path) -> None:
    """Writes every file."""
    with duckdb.connect() as connection:
        document(connection)
        for statements in (MACROS, MADE):
            connection.execute(filled(statements, size))
        for name, query in FILES.items():
            connection.execute(f"COPY ({filled(query, size)}) TO '{folder / name}.parquet' (FORMAT parquet)")


def filled(text: str, size: Size) -> str:
    for name, value in size._asdict().items():
        text = text.replace(f"${name}", str(value))
    return text.replace("$document", f"'{DOCUMENT}'")


def document(connection: duckdb.DuckDBPyConnection) -> None:
    """What the document says, as tables."""
    known = zhengce.open(ROOT).workspace.facts_known
    fill_scored(connection, scored(known))
    parts = list(known["trigger_part"])
    triggers = [(trigger, sum(part[0] == trigger for part in parts)) for trigger, *_ in sorted(known["revocation_trigger"])]
    standards = sorted({standard for _, standard in known["standard"]})
    for name, columns, rows in (
        (
            "metric_name",
            "metric VARCHAR, compared VARCHAR",
            [(metric, compared) for metric, _, compared in known["metric_name"]],
        ),
        ("detail_name", "condition VARCHAR, detail VARCHAR", known["detail_name"]),
        ("element", "condition VARCHAR, element VARCHAR", known["element"]),
        ("field", "condition VARCHAR, field VARCHAR", known["field"]),
        ("standard", "position BIGINT, standard VARCHAR", enumerate(standards)),
        ("incident_kind", "kind VARCHAR", [(kind,) for kind, *_ in known["incident_kind"]]),
        ("revocation_trigger", "trigger VARCHAR, parts BIGINT", triggers),
        ("trigger_part", "trigger VARCHAR, part VARCHAR", [(trigger, part) for trigger, part, _ in parts]),
    ):
        fill(connection, name, columns, sorted(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description="Makes up a nation of counties and their institutions, as Parquet files.")
    parser.add_argument("folder", type=Path, nargs="?")
    for name, value in FULL._asdict().items():
        parser.add_argument(f"--{name}", type=type(value), default=value)
    options = vars(parser.parse_args())
    folder, begun = options.pop("folder"), time.perf_counter()
    print(made(Size(**options), folder), f"{time.perf_counter() - begun:.1f} s")


if __name__ == "__main__":
    main()
