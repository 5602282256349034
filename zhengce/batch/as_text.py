"""What the answers about many cities come to, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..language import listed, say
from ..report.as_text import Text, aligned
from .standings import BARRED, CHOSEN, NOT_CHOSEN, OPEN, TIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from decimal import Decimal

    from .answers import Batch
    from .standings import Place

SHOWN = 20


def render(batch: Batch) -> str:
    """The summary and the ranking as lines."""
    summary = batch.summary()
    lines = [say("{cities} 个城市", cities=summary["cities"])]
    if bad := summary["contradictory"]:
        more = say("等") if len(bad) > SHOWN else ""
        text = say("{n} 个城市的材料自相矛盾，没有回答：{names}{more}", n=len(bad), names=listed(bad[:SHOWN]), more=more)
        lines.append(text)
    lines += [say("注意：{note}", note=note) for note in summary["notes"]]
    lines += _counts(batch, summary)
    lines += _spread(summary.get("spread", {}))
    lines += _lost(summary.get("lost", []))
    lines += _ranking(batch.ranking(), batch.quota)
    return "\n".join(lines)


def _counts(batch: Batch, summary: Mapping[str, Any]) -> Iterator[str]:
    if counted := batch.many.counted:
        text = Text(batch.workspace.words)
        rows = [
            [text.line(counted["line"], {counted["column"]: said}) or said, str(n)] for said, n in summary["counts"].items()
        ]
        yield from ["", *aligned([[say("结论"), say("城市数")], *rows])]


def _spread(spread: Mapping[str, Mapping[str, Decimal | None]]) -> Iterator[str]:
    if spread:
        head = ["", say("平均"), say("最少"), say("下四分位"), say("中位"), say("上四分位"), say("最多")]
        order = ("mean", "least", "lower", "median", "upper", "most")
        called = {"low": say("最低分"), "high": say("最高分")}
        rows = [[called.get(name, name), *(_points(values[key]) for key in order)] for name, values in spread.items()]
        yield from ["", *aligned([head, *rows])]


def _lost(lost: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if lost:
        head = [say("失分最多的"), "", say("共失"), say("城市数")]
        rows = [[row["id"], row["title"], _points(row["points"]), str(row["cities"])] for row in lost[:SHOWN]]
        yield from ["", *aligned([head, *rows])]


def _ranking(places: Sequence[Place], quota: int | None) -> Iterator[str]:
    if not places:
        return
    said = {CHOSEN: say("入选"), OPEN: say("不能确定"), TIED: say("并列，名额不够")}
    said |= {NOT_CHOSEN: say("不入选"), BARRED: say("不得申报"), "": ""}
    shown = [p for n, p in enumerate(places) if n < SHOWN or p.chosen in (CHOSEN, TIED)]
    rows = [[_place(p), p.city, say("与另外 {n} 个同分", n=p.ties) if p.ties else "", said[p.chosen]] for p in shown]
    yield from ["", *aligned([[say("名次"), say("城市"), say("同分"), say("名额 {n} 个", n=quota) if quota else ""], *rows])]
    if len(places) > len(shown):
        yield say("…… 其余 {n} 个见结果文件", n=len(places) - len(shown))


def _place(place: Place) -> str:
    if not place.first:
        return ""
    return str(place.first) if place.first == place.last else say("{first}～{last}", first=place.first, last=place.last)


def _points(value: Decimal | None) -> str:
    return "" if value is None else f"{value:.2f}"
