"""The scoring by polars: lazy frames over the files, run by the streaming engine.

A loss is an interval of whole millionths: the columns county, condition, low, high.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl
from polars import col, lit, when
from table import DOCUMENT, QUALIFIED, documented

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from by_hand import Answers
    from polars import Expr, LazyFrame

    Read = Callable[[str], LazyFrame]

CONDITION, INSTITUTION = ["county", "condition"], ["county", "institution"]


@cache
def document(name: str) -> LazyFrame:
    return pl.read_parquet(documented() / f"{name}.parquet").lazy()


def score(folder: Path) -> pl.DataFrame:
    def read(name: str) -> LazyFrame:
        return pl.scan_parquet(folder / f"{name}.parquet")

    counties = read("city").filter(document=DOCUMENT).select("county")
    known = pl.concat([measured(read), listed(read), answered(read)]).collect(engine="streaming").lazy()
    parts = [decided(counties, known), discretion(read, counties), counted(read, counties), averages(read, counties)]
    losses = pl.concat(parts).collect(engine="streaming").lazy()
    scores = indicators(blocks(losses, known)).collect(engine="streaming").lazy()
    wholes = [
        scores.select("county", name="indicator", low="low", high="high"),
        summed(scores, col.group_id),
        summed(scores, lit("total")),
        summed(scores.with_columns(col("low", "high") * col.self_scored), lit("self_assessed")),
    ]
    return pl.concat(wholes).collect(engine="streaming")


# -- what is known to hold or not: a metric decides, else a list of unclear elements, else the answer ------------------------


def measured(read: Read) -> LazyFrame:
    metrics = read("metrics").with_columns(value=(col.value * 1_000_000).cast(pl.Int64))
    other = metrics.filter(whose="province").select("county", "metric", province="value")
    return (
        document("scored")
        .filter(col.metric != "")
        .join(metrics.filter(whose="city"), on="metric")
        .join(other, on=["county", "metric"], how="left")
        .select(*CONDITION, holds=col.value < pl.coalesce("bound", "province"))
        .drop_nulls()
    )


def listed(read: Read) -> LazyFrame:
    unclear = read("elements").join(document("element"), on="element").select(*CONDITION, holds=True).unique()
    asked = read("elements_given").join(document("element").select("condition").unique(), how="cross")
    return asked.join(unclear, on=CONDITION, how="left").with_columns(col.holds.fill_null(False))


def answered(read: Read) -> LazyFrame:
    others = read("details").filter(condition=QUALIFIED, detail="childcare", value="no").select(*CONDITION, others=True)
    return (
        read("answers")
        .join(measured(read), on=CONDITION, how="anti")
        .join(listed(read), on=CONDITION, how="anti")
        .join(others, on=CONDITION, how="left")
        .select(*CONDITION, holds=(col.value == "yes") & col.others.is_null())
    )


# -- what one condition takes -------------------------------------------------------------------------------------------------


def asked(counties: LazyFrame, *effects: str) -> LazyFrame:
    """Every county with every condition of these effects."""
    return counties.join(document("scored").filter(col.effect.is_in(effects)), how="cross")


def decided(counties: LazyFrame, known: LazyFrame) -> LazyFrame:
    lost = col.holds != (col.effect == "award")
    return asked(counties, "zero", "deduct", "award").join(known, on=CONDITION, how="left").select(
        *CONDITION, low=col.points * lost.fill_null(False), high=col.points * lost.fill_null(True)
    )  # fmt: skip


def discretion(read: Read, counties: LazyFrame) -> LazyFrame:
    given = read("discretion").select("county", "indicator", given=(col.points * 1_000_000).cast(pl.Int64))
    return asked(counties, "discretion").join(given, on=["county", "indicator"], how="left").select(
        *CONDITION, low=(col.points - col.given).fill_null(0), high=(col.points - col.given).fill_null(col.points)
    )  # fmt: skip


def counted(read: Read, counties: LazyFrame) -> LazyFrame:
    """Where only the fields are told, there is one for each at least, and none where there is none."""
    fields = read("fields").join(document("field"), on="field").group_by(CONDITION).agg(found=pl.len().cast(pl.Int64))
    told = read("fields_given").with_columns(told=True)
    every = asked(counties, "count").join(read("counts"), on=CONDITION, how="left").join(fields, on=CONDITION, how="left")
    fields_told = when("told").then(col.found.fill_null(0))
    least, most = col.n.fill_null(fields_told), col.n.fill_null(when(fields_told == 0).then(0))
    return every.join(told, on="county", how="left").select(
        *CONDITION, low=left(col.whole, most).fill_null(0), high=left(col.whole, least).fill_null(col.whole)
    )  # fmt: skip


def left(whole: Expr, count: Expr) -> Expr:
    return pl.max_horizontal(whole - col.points * count, when(count.is_not_null()).then(0))


def averages(read: Read, counties: LazyFrame) -> LazyFrame:
    """What the institutions lose on average; one that was not inspected may lose everything."""
    unmet = read("status").group_by(*INSTITUTION, "standard").agg(unmet=(col.status == "unmet").sum().cast(pl.Int64))
    worth = pl.max_horizontal(col.whole - col.points * col.unmet, 0)
    inspected = (
        unmet.join(read("institutions"), on=INSTITUTION, how="semi")
        .join(document("scored").filter(effect="average"), on="standard")
        .group_by(CONDITION)
        .agg(worth=worth.sum(), inspected=pl.len().cast(pl.Int64))
    )
    size = read("institutions").group_by("county").agg(n=pl.len().cast(pl.Int64))
    every = asked(counties, "average").join(size, on="county", how="left").join(inspected, on=CONDITION, how="left")
    least = col.worth.fill_null(0)
    most = least + col.whole * (col.n - col.inspected.fill_null(0))
    return every.select(
        *CONDITION, low=(col.whole - mean(most)).fill_null(0), high=(col.whole - mean(least)).fill_null(col.whole)
    )


def mean(total: Expr) -> Expr:
    """Of `n` institutions, to whole millionths, half up."""
    return (2 * total + col.n) // (2 * col.n)


# -- the scores ---------------------------------------------------------------------------------------------------------------


def blocks(losses: LazyFrame, known: LazyFrame) -> LazyFrame:
    """A block is a condition with those that it excludes."""
    of = losses.join(document("scored").select("condition", "head", "points"), on="condition")
    of = of.join(known, on=CONDITION, how="left")
    is_head, other = col.condition == col.head, col.condition != col.head
    each = of.group_by("county", "head").agg(
        alone=pl.len() == 1, low=col.low.filter(is_head).sum(), high=col.high.filter(is_head).sum(),
        points=col.points.filter(is_head).sum(), holds=col.holds.filter(is_head).first(),
        contradicted=col.holds.filter(other).any(), less=col.low.filter(other).sum(), more=col.high.filter(other).sum(),
    )  # fmt: skip
    holds = when("alone").then(None).when(col.holds.is_null() & col.contradicted).then(False).otherwise("holds")
    return each.with_columns(holds=holds).select(
        "county", condition="head",
        low=when("alone").then("low").when("holds").then("points").when(~col.holds).then("less")
            .otherwise(pl.min_horizontal("less", "points")),
        high=when("alone").then("high").when("holds").then("points").when(~col.holds).then("more")
            .otherwise(pl.max_horizontal("more", "points")),
    )  # fmt: skip


def indicators(lost: LazyFrame) -> LazyFrame:
    of = document("scored").select("condition", "indicator", "group_id", "whole", "self_scored")
    keys = ["county", "indicator", "group_id", "whole", "self_scored"]
    summed = lost.join(of, on="condition").group_by(keys).agg(col("low", "high").sum())
    return summed.with_columns(low=pl.max_horizontal(col.whole - col.high, 0), high=pl.max_horizontal(col.whole - col.low, 0))


def summed(scores: LazyFrame, name: Expr) -> LazyFrame:
    return scores.group_by("county", name.alias("name")).agg(col("low", "high").sum())


def answers(frame: pl.DataFrame) -> Answers:
    return {(county, name): (low, high) for county, name, low, high in frame.iter_rows()}
