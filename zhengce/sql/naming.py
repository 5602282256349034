"""Names of tables and columns in a database: those of the rules, made distinct where case does not count."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST = 48  # bytes: PostgreSQL keeps 63 bytes; room for what is put before or behind


def names(wanted: Iterable[str]) -> dict[str, str]:
    """A name for each; of two that differ in case alone, the later gets a number."""
    given: dict[str, str] = {}
    taken: set[str] = set()
    for number, name in enumerate(wanted):
        short = name.encode()[:LONGEST].decode(errors="ignore")
        if short.lower() in taken or short != name:
            short = f"{short}${number}"
        taken.add(short.lower())
        given[name] = short
    return given
