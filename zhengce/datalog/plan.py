"""The nouns of a relational plan: which join, anti-join, selection and aggregation, in which order.

A plan works on rows whose columns are the variables bound so far (its schema). It starts from one empty row, or from one row
for each group inside an aggregate. `literal` in a step is the number of the flat literal that it stands for. Steps compare as
plain tuples do: never use one as a key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from .syntax import Type
    from .values import Internal


class Place(NamedTuple):
    """The value in a column of the row."""

    place: int


class Fixed(NamedTuple):
    """A value of the rule's text, as engines keep it."""

    value: Internal
    type: Type


class Apply(NamedTuple):
    """An operation, or a built-in function of dates."""

    operator: str
    type: Type
    arguments: tuple[Expression, ...]


Expression = Place | Fixed | Apply


class Join(NamedTuple):
    """Rows extended by the columns `new` of the relation's rows whose columns match.

    `fixed`: (column, value) pairs; `key`: (column, place) pairs; `same`: pairs of columns that must be equal; `keep`: the
    places to keep of the longer row, None for all; `delta`: only rows that the last round brought.
    """

    literal: int
    relation: str
    fixed: tuple[tuple[int, Internal], ...]
    key: tuple[tuple[int, int], ...]
    same: tuple[tuple[int, int], ...]
    new: tuple[int, ...]
    keep: tuple[int, ...] | None
    delta: bool


class AntiJoin(NamedTuple):
    """Rows that match no row of the relation."""

    literal: int
    relation: str
    fixed: tuple[tuple[int, Internal], ...]
    key: tuple[tuple[int, int], ...]


class Select(NamedTuple):
    """Rows for which the comparison holds."""

    literal: int
    schema: tuple[str, ...]
    operator: str
    left: Expression
    right: Expression


class Extend(NamedTuple):
    """Rows with the value of an expression added."""

    literal: int
    schema: tuple[str, ...]
    expression: Expression


class Group(NamedTuple):
    """Rows with an aggregate added: `steps` run from the distinct values of the places `groups`."""

    literal: int
    schema: tuple[str, ...]
    function: str
    type: Type
    groups: tuple[int, ...]
    steps: tuple[Step, ...]
    target: Expression | None


class Project(NamedTuple):
    """Rows with only these places, once each."""

    keep: tuple[int, ...]


Step = Join | AntiJoin | Select | Extend | Group | Project


class Plan(NamedTuple):
    """How to get the rows of a rule's head: the steps, then the head's columns."""

    steps: tuple[Step, ...]
    head: tuple[Expression, ...]
