"""Which readings of doubtful places a question is asked under, and what it would answer under others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any

from .errors import CaseError, QuestionError, did_you_mean
from .language import listed, say, words
from .shaping import Shaper

if TYPE_CHECKING:
    from .datalog.checked import Model
    from .questions import Question
    from .workspace import Prepared, Workspace

Chosen = Mapping[str, str]


class Readings:
    """The readings of a workspace. `options`: the values of each reading by its id, the default first, with what each says."""

    def __init__(self, workspace: Workspace) -> None:
        self.order = workspace.clause_order
        self.folder = workspace.words
        self.options: dict[str, dict[str, str]] = {}
        for reading, value, _, says in sorted(workspace.facts("reading_option"), key=lambda row: (row[0], row[2])):
            self.options.setdefault(reading, {})[value] = says

    def chosen(self, given: Chosen, document: str, usable: Collection[str] = ()) -> dict[str, str]:
        """The readings given with a question, by full id. Raises `QuestionError`.

        `document`: that of the case; `usable`: the readings that the question consults, which go before others of the name.
        """
        return dict(self.one(name, value, document, usable) for name, value in given.items())

    def one(self, name: str, value: str, document: str, usable: Collection[str]) -> tuple[str, str]:
        own = f"{document}/" if document else ""
        fits = [r for r in self.options if r == name or (r.partition("/")[2] == name and r.startswith(own))]
        if document and "/" in name and fits and not name.startswith(own):
            hint = say("案例依据 {document}，只能选它的读法", document=document)
            raise QuestionError(say("没有“{name}”这个读法", name=name), hint=hint)
        if not document and len(fits) > 1:
            fits = [r for r in fits if r in usable] or fits
        if len(fits) != 1:
            known = [i.partition("/")[2] for i in self.options if i.startswith(own)]
            hint = say("是不是：{names}？", names=listed(fits)) if fits else did_you_mean(name.partition("/")[2] or name, known)
            raise QuestionError(say("没有“{name}”这个读法", name=name), hint=hint)
        if value not in self.options[fits[0]]:
            hint = say("可以是 {values}", values=listed(self.options[fits[0]]))
            raise QuestionError(say("读法 {name} 没有“{value}”这个取值", name=name, value=value), hint=hint)
        return fits[0], value

    def told(
        self, prepared: Prepared, used: Chosen, documents: Collection[str], tried: Callable[[str, str], dict[str, Any]] | None
    ) -> list[dict[str, Any]]:
        """Each reading that a question used, and with `tried` what another value of it would change."""
        mine = [r for r in prepared.readings if r in used and r.partition("/")[0] in documents]
        return [self.about(r, used[r], tried) for r in sorted(mine, key=self.place)]

    def about(self, reading: str, value: str, tried: Callable[[str, str], dict[str, Any]] | None) -> dict[str, Any]:
        document, _, short = reading.partition("/")
        options = self.options[reading]
        others = [(v, words(says, self.folder)) for v, says in options.items() if v != value] if tried else []
        alternatives = [{"value": v, "says": says, **tried(reading, v)} for v, says in others] if tried else []
        default = next(iter(options)) == value
        return {"id": short, "document": document, "value": value, "default": default, "alternatives": alternatives}

    def place(self, reading: str) -> tuple[int, str]:
        return self.order.get(reading.rpartition(".")[0], len(self.order)), reading


def difference(
    question: Question, data: Mapping[str, Any], shaper: Callable[[], Shaper], row: dict[str, Any]
) -> dict[str, Any]:
    """What an answer under another reading has otherwise. `shaper`: makes it; a case that contradicts the reading says so."""
    try:
        other = shaper().fields(_compared(question), row)
    except CaseError as error:
        return {"differs": None, "contradicts": [e.message for e in error.all]}
    changed = [f for f in question.compare if _at(other, f) != _at(data, f)]
    return {"differs": bool(changed), **{f: _at(other, f) for f in changed if "." not in f}}


def in_force(model: Model, city: str | None) -> dict[str, str]:
    """The value of each reading that a model was made under."""
    if city is None:
        return dict(model.rows.get("reading_in_force", ()))
    return {r: v for c, r, v in model.rows.get("reading", ()) if c == city}


def _compared(question: Question) -> dict[str, Any]:
    """The shape of as much of an answer as is held against it under other readings."""
    shape: dict[str, Any] = {}
    for path in question.compare:
        name, _, inner = path.partition(".")
        whole = question.answer[name]
        if inner:
            field = inner.partition(".")[0]
            fields = shape.get(name, {}).get("fields", {})
            shape[name] = {**whole, "fields": {**fields, field: whole["fields"][field]}}
        else:
            shape[name] = whole
    return shape


def _at(data: Any, path: str) -> Any:
    """What stands at a dotted path; a list gives the list of what stands in its members."""
    key, _, rest = path.partition(".")
    value = None if data is None else data[key]
    if not rest or value is None:
        return value
    return [_at(member, rest) for member in value] if isinstance(value, list) else _at(value, rest)
