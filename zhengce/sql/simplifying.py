"""A plan when some relations are known to have no rows: what reads them is dead, what asks for their absence always holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..datalog.plan import AntiJoin, Extend, Fixed, Group, Join, Plan, Project
from .expressions import can_fail
from .hiding import fails, places

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..datalog.plan import Step

OF_NOTHING = ("count", "sum")


def simplified(plan: Plan, empty: Collection[str]) -> Plan | None:
    """None where the rule finds nothing. A fault that the rule would report is not lost."""
    steps = without(plan.steps, empty)
    return None if steps is None else Plan(steps, plan.head)


def without(steps: Sequence[Step], empty: Collection[str], unsure: Sequence[bool] = ()) -> tuple[Step, ...] | None:
    """The steps without what is empty. `unsure`: the columns of the row that a fault may leave without a value.

    What is looked up by such a column is left as it is: the fault counts, whatever would be found.
    """
    kept: list[Step] = []
    row = list(unsure)
    for step in steps:
        match step:
            case Join(relation=relation, key=key):
                if relation in empty and not any(row[p] for _, p in key):
                    return None
                row += [False] * len(step.new)
                row = row if step.keep is None else [row[p] for p in step.keep]
            case AntiJoin(relation=relation):
                if relation in empty:
                    continue
            case Project(keep):
                row = [row[p] for p in keep]
            case Extend(expression=expression):
                row.append(can_fail(expression) or any(row[p] for p in places(expression)))
            case Group():
                groups = [row[p] for p in step.groups]
                row.append(any(groups) or fails(Plan((step,), ())))
                inside = without(step.steps, empty, groups)
                if inside is not None:
                    kept.append(step._replace(steps=inside))
                    continue
                if step.function in OF_NOTHING:
                    kept.append(Extend(step.literal, step.schema, Fixed(0, step.type)))
                    continue
                if not any(groups):
                    return None
        kept.append(step)
    return tuple(kept)
