"""The places of cities by points that are known between bounds, and who is chosen when only so many can be.

A city is behind those that have more points than it, whatever is still unknown; it may be behind those that could have as many.
So it has a first and a last place. Ties are shown, and never broken.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

CHOSEN, OPEN, TIED, NOT_CHOSEN, BARRED = "chosen", "open", "tied", "not-chosen", "barred"


class Standing(NamedTuple):
    """A city with the bounds of its points; `may`: whether it may be chosen, None where that is not known."""

    city: str
    low: Decimal
    high: Decimal
    may: bool | None = True


class Place(NamedTuple):
    """`first`, `last`: its best and worst place; `ties`: how many others have exactly its points; `chosen`: see above."""

    city: str
    first: int
    last: int
    ties: int
    chosen: str = ""


def ranking(standings: Sequence[Standing], quota: int | None = None) -> list[Place]:
    """All cities, the best first. A city that may not be chosen has no place (0) and is before nobody."""
    within = [s for s in standings if s.may is not False]
    sure, most = sorted(s.low for s in within if s.may), sorted(s.high for s in within)
    known = sorted(s.low for s in within if s.low == s.high)
    places = []
    for standing in within:
        ahead = len(sure) - bisect_right(sure, standing.high)
        level = len(most) - bisect_left(most, standing.low)
        exact = standing.low == standing.high
        ties = bisect_right(known, standing.low) - bisect_left(known, standing.low) - 1 if exact else 0
        place = Place(standing.city, ahead + 1, level, ties)
        places.append(place._replace(chosen="" if quota is None else _chosen(standing, place, quota)))
    places += [Place(s.city, 0, 0, 0, "" if quota is None else BARRED) for s in standings if s.may is False]
    return sorted(places, key=lambda p: (p.first == 0, p.first, p.last, p.city))


def _chosen(standing: Standing, place: Place, quota: int) -> str:
    if place.first > quota:
        return NOT_CHOSEN
    if place.last <= quota:
        return CHOSEN if standing.may else OPEN
    return TIED if place.ties and place.last - place.first == place.ties and standing.may else OPEN
