"""Why something holds: a proof, found from the rules and a model, whatever engine made the model.

    program, facts, model ──search──▶ ways ──building──▶ Proof

`why_not` (in `changes`) answers the other question: what would have to be different for a fact to hold.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from typing import Literal as OneOf

if TYPE_CHECKING:
    from ..datalog.checked import CheckedProgram, Model, Row
    from ..datalog.syntax import Rule

VERSION = 1
Kind = OneOf["given", "derived", "absent", "sum", "comparison", "reading", "unknown"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a sum: what it brings, the values of its variables (those it is grouped by too), and its steps."""

    value: Any
    values: Mapping[str, Any]
    parts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a proof; values are plain ones. `kind` is

    - `given`: the fact `relation(row)` was given;
    - `derived`: `rule` gives the fact from `parts` (numbers of steps, in the order of the rule's body) with these `values`
      of its variables;
    - `reading`: the same, for the reading of a doubtful place that is in force;
    - `absent`: no row of `relation` matches `row`, where None stands for any value; `parts`: what there is instead, for a
      relation with a key;
    - `unknown`: the same, where the absence means that something is not known;
    - `sum`: the aggregate `text`, of this `function`, over `items` comes to `value`;
    - `comparison`: `text` holds with these `values`.
    """

    kind: Kind
    relation: str = ""
    row: Row = ()
    rule: Rule | None = None
    parts: tuple[int, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    function: str = ""
    items: tuple[Item, ...] = ()
    value: Any = None
    ways: int = 1


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof as numbered steps, the first of which is what is proved. The parts of a step come after it.

    `others`: other proofs of the same, when they were asked for, shortest first.
    """

    steps: tuple[Step, ...]
    others: tuple[Proof, ...] = ()

    @property
    def goal(self) -> Step:
        return self.steps[0]


def prove(
    program: CheckedProgram,
    facts: Mapping[str, Collection[Row]],
    model: Model,
    relation: str,
    row: Row,
    *,
    unknown: Mapping[str, tuple[int, ...]] = MappingProxyType({}),
    others: bool = False,
) -> Proof:
    """The shortest proof of a fact.

    Args:
        facts: the facts that were given, as engines keep them.
        model: what an engine made of the program and the facts, every relation that the goal may rest on.
        relation, row: the fact, a plain row.
        unknown: relations of which no row means that something is not known, each with the columns that say of what.
        others: whether to look for other proofs too.

    Raises:
        ProofError: the fact does not hold in the model.
    """
    from ..datalog.values import encode
    from .building import Prover

    encoded = tuple(map(encode, row, model.relations[relation].types))
    return Prover(program, facts, model.rows, unknown=unknown).proof((relation, encoded), others=others)
