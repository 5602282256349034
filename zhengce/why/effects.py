"""What would come of it if something were otherwise: another reading, or something known that is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from ..cases.statements import Statements
from ..engines import engine as engine_by_name
from ..errors import CaseError
from ..language import say
from ..proof.changes import Change, WhyNot
from ..proof.domains import Domains
from .asked import CONFLICT

if TYPE_CHECKING:
    from ..datalog.checked import Model, Row
    from ..proof import Proof, Step
    from .asked import Asked

MOST_UNKNOWN, MOST_SHOWN, MOST_TRIED = 60, 4, 400


class Effect(NamedTuple):
    """Under what (a reading's value, or changes of the case's facts) the goal would be which row; None: it would not hold.

    `contradicts`: the case contradicts it. `differs`: whether the goal would be otherwise.
    """

    under: str
    changes: tuple[Change, ...]
    row: Row | None
    differs: bool
    contradicts: bool = False


class Effects:
    """Works out effects on one goal, a row as engines keep it."""

    def __init__(self, asked: Asked, relation: str, row: Row) -> None:
        self.asked, self.relation, self.row = asked, relation, row

    def of(self, proof: Proof) -> dict[int, list[Effect]]:
        """By step, what another reading, or knowing what is not known, would come to."""
        found: dict[int, list[Effect]] = {}
        unknown = 0
        for number, step in enumerate(proof.steps):
            if step.kind == "reading":
                found[number] = list(self.readings(*step.row[-2:]))
            elif step.kind == "unknown" and self.asked.case and (unknown := unknown + 1) <= MOST_UNKNOWN:
                found[number] = list(self.known(step))
        return found

    def readings(self, reading: str, value: str) -> Iterator[Effect]:
        """What each other value of a reading would come to."""
        for other in self.asked.asking.readings.options[reading]:
            if other != value:
                try:
                    model = self.asked.model_of(self.asked.facts_under({reading: other}))
                except CaseError:
                    yield Effect(other, (), None, differs=True, contradicts=True)
                else:
                    yield self.effect(other, (), model)

    def known(self, step: Step) -> Iterator[Effect]:
        """What it would come to if this one thing were known: for each single fact that settles it."""
        pattern = tuple(None if v is None else v for v in self.asked.encoded(step.relation, step.row))
        changes = {change for each in self.found_out.sets(step.relation, pattern) for change in each.sets}
        for made in sorted(changes, key=repr):
            world = self.found_out.world(frozenset(made))
            if world is not None:
                yield self.effect("", made, world.rows.rows)

    def effect(self, under: str, changes: tuple[Change, ...], model: Model | Mapping[str, Any]) -> Effect:
        rows = getattr(model, "rows", model)
        row = self.counterpart(rows)
        return Effect(under, changes, row, row != self.row)

    def counterpart(self, rows: Mapping[str, Any]) -> Row | None:
        """The row of the goal's relation with the goal's key; without a key only the goal itself."""
        found = rows.get(self.relation, ())
        if self.row in found:
            return self.row
        key = self.asked.program.relations[self.relation].key
        return next((r for r in found if key and all(r[i] == self.row[i] for i in key)), None)

    @cached_property
    def found_out(self) -> WhyNot:
        """Only what is not known may come; nothing that is stated goes."""
        return why_not_of(self.asked, most=1, may=lambda change: change.before is None)

    # -- words --

    def words(self, step: Step, effects: list[Effect]) -> str:
        """What would come of it in a line; nothing where there is nothing to say."""
        if step.kind == "unknown":
            return say("；").join(self.of_known(effects))
        differing = [effect for effect in effects if effect.differs]
        return self.of_readings(step.row[-2], differing) or (say("取别的读法，结论不变") if effects else "")

    def of_readings(self, reading: str, effects: list[Effect]) -> str:
        return say("；").join(self.of_reading(reading, effect) for effect in effects)

    def of_known(self, effects: list[Effect]) -> Iterator[str]:
        """What each outcome would take."""
        outcomes: dict[str, list[str]] = {}
        for effect in effects:
            outcome = self.outcome(effect) if effect.differs else say("单凭这一项，还是这个结论")
            outcomes.setdefault(outcome, []).append(self.asked.changed(effect.changes))
        for outcome, changes in list(outcomes.items())[:MOST_SHOWN]:
            shown = say("，或").join(changes[:MOST_SHOWN]) + (say("等") if len(changes) > MOST_SHOWN else "")
            yield say("若{changes}，别的照旧：{outcome}", changes=shown, outcome=outcome)

    def of_reading(self, reading: str, effect: Effect) -> str:
        says = self.asked.asking.readings.options[reading][effect.under]
        says = self.asked.workspace.say(says)
        outcome = say("案例与之矛盾") if effect.contradicts else self.outcome(effect)
        return say("若取“{value}”（{says}）：{outcome}", value=effect.under, says=says, outcome=outcome)

    def outcome(self, effect: Effect) -> str:
        if effect.row is None:
            return say("不再成立")
        if not effect.differs:
            return say("结论不变")
        return self.asked.narrator.fact(self.relation, self.asked.plain(self.relation, effect.row))


def why_not_of(asked: Asked, *, most: int, may: Callable[[Change], bool] = lambda change: True) -> WhyNot:
    """What looks for changes, which `may` be made, of the facts of a case, or, without one, of what the documents state."""
    engine = engine_by_name(asked.asking.engine)
    domains = Domains(asked.program, asked.facts)
    if not asked.case:
        return WhyNot(
            asked.program, asked.facts, engine, inputs=asked.inputs, domain=domains, may=may, most=most, tried=MOST_TRIED
        )
    statements = Statements(asked.case, asked.workspace.facts_known)

    def domain(relation: str, column: int) -> list[Any]:
        return sorted({*domains(relation, column), *statements.more(relation, column)})

    return WhyNot(
        asked.program,
        asked.facts,
        engine,
        inputs=asked.inputs,
        domain=domain,
        allowed=statements.allows,
        may=may,
        barred=CONFLICT,
        most=most,
        tried=MOST_TRIED,
    )
