"""What a careful author of SQL would write for this one table: every county scored from the files, by the default readings.

    prepare(connection)         the scored table of the document, once
    score(connection, folder)   the relation result(county, name, low, high), in whole millionths

`name` is an indicator, a group, 'total' or 'self_assessed'. A loss begins as nothing known, from 0 to `most`; whatever is
known moves its ends, and all that is known is added up once for each county and indicator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from table import DOCUMENT, QUALIFIED, documented

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    Answers = dict[tuple[str, str], tuple[int, int]]

FILES = "answers details metrics elements elements_given fields fields_given counts discretion institutions status city".split()

# A block is a condition with those that it excludes; `most` is what the blocks of an indicator can lose when nothing is known.
DOCUMENTED = """
CREATE OR REPLACE TEMP TABLE indicators AS
    WITH blocks AS (
        SELECT indicator, group_id, whole, self_scored, greatest(
            sum(CASE WHEN effect IN ('count', 'average') THEN whole ELSE points END) FILTER (condition = head),
            sum(points) FILTER (condition != head)) AS most
        FROM scored GROUP BY head, indicator, group_id, whole, self_scored
    ), summed AS (SELECT * EXCLUDE most, sum(most)::BIGINT AS most FROM blocks GROUP BY ALL)
    SELECT row_number() OVER (ORDER BY indicator)::SMALLINT AS i, * FROM summed;
CREATE OR REPLACE TEMP TABLE conditions AS
    SELECT scored.*, i, count(*) OVER (PARTITION BY head) > 1 AS shared FROM scored JOIN indicators USING (indicator);
CREATE OR REPLACE TEMP TABLE heads AS
    SELECT head, i, any_value(points) FILTER (condition = head) AS points,
        coalesce(sum(points) FILTER (condition != head), 0)::BIGINT AS excluded
    FROM conditions WHERE shared GROUP BY ALL;
"""

# The one pass over the inspections, for all standards at once: how many clauses an institution does not meet, NULL where it was
# not inspected.
INSTITUTIONS = """
CREATE OR REPLACE TEMP TABLE averages AS
    WITH institution AS (
        SELECT county, institution, {tallies} FROM {status} GROUP BY county, institution
    ), county AS (
        SELECT county, count(*) AS n, {sums}
        FROM {institutions} LEFT JOIN institution USING (county, institution) GROUP BY county
    )
    {averages}
"""
TALLIES = "sum(CASE WHEN standard = '{standard}' THEN (status = 'unmet')::INTEGER END) AS unmet_{i}"
SUMS = """
    sum(greatest({whole} - {points} * coalesce(unmet_{i}, 0), 0))::BIGINT AS high_{i},
    coalesce(sum(greatest({whole} - {points} * unmet_{i}, 0)) FILTER (unmet_{i} IS NOT NULL), 0)::BIGINT AS low_{i}
"""
AVERAGE = """
    SELECT county, {i}::SMALLINT AS i, {whole} - (2 * high_{i} + n) // (2 * n) AS low, -((2 * low_{i} + n) // (2 * n)) AS high
    FROM county
"""

SCORES = """
CREATE OR REPLACE TEMP TABLE scores AS
    WITH measured AS (
        SELECT own.county, condition, own.value * 1000000 < coalesce(bound, other.value * 1000000) AS holds
        FROM conditions JOIN {metrics} AS own ON own.metric = conditions.metric AND own.whose = 'city'
        LEFT JOIN {metrics} AS other
            ON other.county = own.county AND other.metric = own.metric AND other.whose = 'province' AND bound IS NULL
        WHERE bound IS NOT NULL OR other.value IS NOT NULL
    ), listed AS (
        SELECT county, condition, count(element) > 0 AS holds
        FROM (FROM {elements_given}, (SELECT condition FROM conditions WHERE elements > 0)) AS given
        LEFT JOIN (FROM {elements} JOIN element USING (element)) AS unclear USING (county, condition)
        GROUP BY ALL
    ), known AS (
        SELECT answers.county, answers.condition, answers.value = 'yes' AND details.value IS NULL AS holds
        FROM {answers} AS answers
        LEFT JOIN (FROM {details} WHERE condition = '{qualified}' AND detail = 'childcare' AND value = 'no') AS details
            USING (county, condition)
        ANTI JOIN measured USING (county, condition)
        ANTI JOIN listed USING (county, condition)
        UNION ALL FROM measured UNION ALL FROM listed
    ), told AS (
        SELECT county, known.condition, i, head, shared, points, holds, holds != (effect = 'award') AS lost
        FROM known JOIN conditions USING (condition)
    ), headed AS (
        SELECT county, head, bool_or(holds) FILTER (condition = head) AS own,
            coalesce(bool_or(holds) FILTER (condition != head), false) AS other,
            coalesce(sum(points) FILTER (condition != head AND lost), 0) AS low,
            coalesce(sum(points) FILTER (condition != head AND NOT lost), 0) AS spared
        FROM told WHERE shared GROUP BY county, head
    ), counted AS (
        SELECT county, condition, n AS least, n AS most FROM {counts}
        UNION ALL
        SELECT county, condition, count(field), CASE count(field) WHEN 0 THEN 0 END
        FROM (FROM {fields_given}, (SELECT condition FROM conditions WHERE effect = 'count')) AS given
        LEFT JOIN (FROM {fields} JOIN field USING (field)) AS covered USING (county, condition)
        ANTI JOIN {counts} AS counts USING (county, condition)
        GROUP BY ALL
    ), moved AS (
        SELECT county, i, 0 AS low, most AS high, true AS base FROM {city}, indicators WHERE document = '{document}'
        UNION ALL
        SELECT county, i, CASE WHEN lost THEN points ELSE 0 END, CASE WHEN lost THEN 0 ELSE -points END, false
        FROM told WHERE NOT shared
        UNION ALL
        SELECT county, i,
            CASE WHEN own AND NOT other THEN points WHEN own = false OR other THEN low ELSE least(low, points) END,
            CASE WHEN own AND NOT other THEN points WHEN own = false OR other THEN excluded - spared
                ELSE greatest(excluded - spared, points) END - greatest(excluded, points), false
        FROM headed JOIN heads USING (head)
        UNION ALL
        SELECT county, i, coalesce(whole - least(whole, points * most), 0), -least(whole, points * least), false
        FROM counted JOIN conditions USING (condition)
        UNION ALL
        SELECT county, i, conditions.points - given, -given, false
        FROM (SELECT county, indicator, (points * 1000000)::BIGINT AS given FROM {discretion}) JOIN conditions USING (indicator)
        WHERE effect = 'discretion'
        UNION ALL
        SELECT county, i, low, high, false FROM averages
    ), lost AS (
        SELECT county, i, sum_no_overflow(low::BIGINT) AS low, sum_no_overflow(high::BIGINT) AS high
        FROM moved GROUP BY county, i HAVING bool_or(base)
    )
    SELECT county, indicator, group_id, self_scored, whole - least(whole, high) AS low, whole - least(whole, low) AS high
    FROM lost JOIN indicators USING (i);
"""

RESULT = """
CREATE OR REPLACE TEMP TABLE result AS
    WITH groups AS (
        SELECT county, group_id, sum(low)::BIGINT AS low, sum(high)::BIGINT AS high,
            coalesce(sum(low) FILTER (self_scored), 0)::BIGINT AS own_low,
            coalesce(sum(high) FILTER (self_scored), 0)::BIGINT AS own_high
        FROM scores GROUP BY county, group_id
    ), totals AS (
        SELECT county, sum(low)::BIGINT AS low, sum(high)::BIGINT AS high, sum(own_low)::BIGINT AS own_low,
            sum(own_high)::BIGINT AS own_high
        FROM groups GROUP BY county
    )
    SELECT county, indicator AS name, low, high FROM scores
    UNION ALL SELECT county, group_id, low, high FROM groups
    UNION ALL SELECT county, 'total', low, high FROM totals
    UNION ALL SELECT county, 'self_assessed', own_low, own_high FROM totals;
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """The document's own facts, as small tables."""
    folder = documented()
    for name in ("scored", "element", "field"):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM '{folder / name}.parquet'")
    connection.execute(DOCUMENTED)


def score(connection: duckdb.DuckDBPyConnection, folder: Path) -> duckdb.DuckDBPyRelation:
    """Every county of the files in `folder`."""
    files = {name: f"'{folder / name}.parquet'" for name in FILES}
    connection.execute(institutions(connection, files))
    connection.execute(SCORES.format(**files, document=DOCUMENT, qualified=QUALIFIED))
    connection.execute(RESULT)
    return connection.table("result")


def institutions(connection: duckdb.DuckDBPyConnection, files: dict[str, str]) -> str:
    """The query over the institutions: a part of it for each standard."""
    relation = connection.sql("SELECT i, standard, points, whole FROM conditions WHERE standard != '' ORDER BY i")
    columns = [dict(zip(relation.columns, row, strict=True)) for row in relation.fetchall()]
    return INSTITUTIONS.format(
        tallies=", ".join(TALLIES.format(**column) for column in columns),
        sums=", ".join(SUMS.format(**column) for column in columns),
        averages=" UNION ALL ".join(AVERAGE.format(**column) for column in columns),
        **files,
    )


def answers(relation: duckdb.DuckDBPyRelation) -> Answers:
    """What the peers are compared by."""
    return {(county, name): (low, high) for county, name, low, high in relation.fetchall()}
