"""Finding a task or a department by what a user types.

In this order, the first that finds anything decides: the exact name or alias, the id, a part of the name. Similarity and
pinyin only suggest; they never decide.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Pair = tuple[str, str]
ALIKE = 60
PART = 20  # a name that only contains what was typed ranks below one that is it
QUOTES = str.maketrans("", "", "“”‘’\"'「」『』《》 \t　")


def find(typed: str, names: Collection[Pair]) -> list[str]:
    """The ids that fit, none chosen among them. `names`: (name, id) pairs, several names to an id."""
    wanted = _folded(typed)
    if not wanted:
        return []
    folded = [(_folded(name), id_) for name, id_ in names]
    exact = {id_ for name, id_ in folded if name == wanted}
    by_id = {id_ for _, id_ in folded if wanted in (_folded(id_), _folded(id_.partition("/")[2]))}
    part = {id_ for name, id_ in folded if wanted in name}
    return sorted(exact or by_id or part)


def every(word: str, names: Collection[Pair]) -> set[str]:
    """All ids whose name has the word somewhere, or that are spelt so."""
    wanted = _folded(word)
    fits = {id_ for name, id_ in names if wanted in _folded(name)}
    return fits | {id_ for _, id_ in names if wanted in (_folded(id_), _folded(id_.partition("/")[2]))}


def suggest(typed: str, names: Collection[Pair]) -> list[str]:
    """At most three names that look or sound like what was typed, best first."""
    from rapidfuzz import fuzz

    wanted = _folded(typed)
    common = _common(name for name, _ in names)
    latin, typed_core = wanted.isascii(), _core(wanted, common)
    scored: dict[str, tuple[float, str]] = {}
    for name, id_ in sorted(pair for pair in names if pair[0]):
        core = _core(_folded(name), common)
        if latin:
            sound = _pinyin(name)
            score = fuzz.ratio(wanted.lower(), sound)
            score = max(score, fuzz.partial_ratio(wanted.lower(), sound) - PART * (len(wanted) < len(sound)))
        else:
            score = max(fuzz.ratio(typed_core, core), _shared(typed_core, core))
            score = max(score, 100.0 * (_pinyin(typed_core) == _pinyin(core)))
        if id_ not in scored or score > scored[id_][0]:
            scored[id_] = score, name
    best = sorted((i for i in scored if scored[i][0] >= ALIKE), key=lambda i: (-scored[i][0], i))
    return list(dict.fromkeys(i if "/" not in i else scored[i][1] for i in best))[:3]


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).translate(QUOTES)


def _common(names: Iterable[str]) -> frozenset[str]:
    """The characters that stand in more than a third of the names: 市, 局, 委 tell nothing apart."""
    names = list(names)
    counts = Counter(character for name in names for character in set(name))
    return frozenset(c for c, n in counts.items() if n * 3 > len(names))


def _core(text: str, common: frozenset[str]) -> str:
    return "".join(c for c in text if c not in common) or text


def _shared(one: str, other: str) -> float:
    """How much of the characters two texts share, whatever their order: 休假政策落实 and 落实休假政策."""
    common = sum((Counter(one) & Counter(other)).values())
    return 200 * common / (len(one) + len(other))


def _pinyin(name: str) -> str:
    from pypinyin import lazy_pinyin

    return "".join(lazy_pinyin(name))
