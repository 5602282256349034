"""The rules of a workspace as facts about them, so that questions can be put to the rules too."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from .datalog.strata import uses

if TYPE_CHECKING:
    from .datalog.checked import CheckedProgram
    from .datalog.syntax import Declaration, Program
    from .rows import Facts


def reflected(program: Program, checked: CheckedProgram) -> Facts:
    """What there is to say of the relations of a program: `relation_declared` and `relation_reads`, with their places."""
    reads = _reads(program)
    strata = _numbers(checked, reads)
    inputs = {d.relation for d in program.directives if d.kind == "input"}
    rules: dict[str, int] = {}
    for rule in program.rules:
        rules[rule.head.relation] = rules.get(rule.head.relation, 0) + 1
    declared = {d.name: d for d in program.declarations}

    def row(d: Declaration) -> tuple[str, str, str, str, int, int]:
        kind = "derived" if d.name in rules else "case" if d.name in inputs else "stated"
        label = next((a.value for a in d.annotations if a.key == "label"), "")
        return d.name, label, PurePath(d.span.file).stem, kind, strata.get(d.name, 0), rules.get(d.name, 0)

    return {
        "relation_declared": {row(d): d.span for d in program.declarations},
        "relation_reads": {
            (above, below, how): declared[above].span for (above, below), how in reads.items() if above in declared
        },
    }


def _reads(program: Program) -> dict[tuple[str, str], str]:
    """How each relation reads another: `through` when any of its rules does so through a negation or an aggregate."""
    found: dict[tuple[str, str], str] = {}
    for rule in program.rules:
        for relation, complete in uses(rule):
            pair = rule.head.relation, relation
            found[pair] = "through" if complete or found.get(pair) == "through" else "plain"
    return found


def _numbers(checked: CheckedProgram, reads: dict[tuple[str, str], str]) -> dict[str, int]:
    """The stratum of each derived relation: the most negations and aggregates on a way down from it."""
    numbers: dict[str, int] = {}
    below: dict[str, list[tuple[str, str]]] = {}
    for (above, relation), how in reads.items():
        below.setdefault(above, []).append((relation, how))
    for stratum in checked.strata:  # each after those that it depends on; within one, no way leads through a negation
        number = max(
            (numbers.get(r, 0) + (how == "through") for name in stratum.relations for r, how in below.get(name, ())), default=0
        )
        numbers |= dict.fromkeys(stratum.relations, number)
    return numbers
