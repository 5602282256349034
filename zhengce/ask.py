"""The one front door: a question, its arguments, an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from .engines import DEFAULT
from .engines import engine as engine_by_name
from .errors import CaseError, QuestionError, ZhengceError, did_you_mean, raise_all
from .language import say
from .names import find, suggest
from .shaping import Shaper

if TYPE_CHECKING:
    from collections.abc import Collection

    from .cases import Case
    from .datalog.checked import CheckedProgram, Model, Row
    from .questions import Argument, Question
    from .workspace import Prepared, Workspace

ANSWERED, OPEN, BAD = 0, 1, 2


class Answer(Mapping[str, Any]):
    """What is answered, by key: `question`, `clauses`, `readings`, `missing`, and the question's own.

    Numbers are `Decimal` and `int`, dates `datetime.date`; `json()` writes them as text. `status` is the command's exit status.
    `str()` is the table for people.
    """

    def __init__(self, prepared: Prepared, data: dict[str, Any]) -> None:
        self.prepared = prepared
        self.data = data

    @property
    def status(self) -> int:
        """0 answered; 1 undetermined, ambiguous or empty; 2 when a check found something wrong."""
        if self.data.get("problems"):
            return BAD
        undecided = self.data.get("verdict") == "undetermined" or self.data.get("rows") == []
        return OPEN if undecided or self.data.get("candidates") else ANSWERED

    def json(self) -> str:
        """The answer as JSON; numbers are strings, so that they stay exact."""
        from .report.as_json import render

        return render(self.data)

    def __str__(self) -> str:
        from .report.as_text import render

        return render(self.prepared.question, self.data)

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def ask(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, str],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
    on: date | None = None,
    alternatives: bool = True,
) -> Answer:
    """Put a question to a workspace.

    Args:
        question: the name of a file in `queries/`.
        arguments: by name, as a user types them: a name to be found, or the path or sample name of a case.
        engine: the name of an engine.
        readings: the value of a reading by its id, with or without the document; goes before what the case says.
        on: the date that the question is about, where it has one.
        alternatives: whether to try the other value of each reading that was used (one more evaluation for each).

    Raises:
        ZhengceError: whatever is wrong with the workspace, the case or the arguments.
    """
    if on is not None and (not isinstance(on, date) or isinstance(on, datetime)):
        raise QuestionError(f"on 要是 datetime.date，不是 {on!r}", hint="写作 datetime.date(2022, 5, 20)")
    if readings is not None and not isinstance(readings, Mapping):
        raise QuestionError(f"readings 要是映射，不是 {readings!r}", hint='写作 {"附件.三.5.equal": "not-higher"}')
    asking = _Asking(workspace, workspace.prepared(question), engine, readings or {}, on)
    return asking.answer(arguments, alternatives)


def given(
    workspace: Workspace, case: str | None, *, readings: Mapping[str, str], on: date | None
) -> dict[str, Collection[Row]]:
    """The facts that a question about a case brings, beside those of the documents: the case, the readings chosen, the date.

    Raises `ZhengceError` as `ask` does.
    """
    asking = _Asking(workspace, workspace.prepared(workspace.questions[0]), DEFAULT, readings, on)
    if case is None:
        if readings:
            raise QuestionError(say("没有案例，用不到读法"))
        return asking.given({})
    from .cases import read_case

    asking.case = read_case(workspace.case_path(case), workspace.facts_known)
    return asking.given(asking.chosen_readings())


class _Asking:
    """One question being asked: the facts gathered, the rules run, the answer shaped."""

    def __init__(
        self, workspace: Workspace, prepared: Prepared, engine: str, readings: Mapping[str, str], on: date | None
    ) -> None:
        self.workspace, self.prepared = workspace, prepared
        self.engine = engine
        self.readings, self.on = readings, on
        self.case: Case | None = None

    def answer(self, arguments: Mapping[str, str], alternatives: bool) -> Answer:
        question = self.prepared.question
        wanted = {a.name: a for a in question.arguments}
        for name in arguments:
            if name not in wanted:
                raise QuestionError(f"{question.name} 没有 {name} 这个参数", hint=did_you_mean(name, wanted))
        if missing := [name for name in wanted if name not in arguments]:
            raise QuestionError(f"{question.name} 缺少参数 {'、'.join(missing)}", hint=wanted[missing[0]].help)
        if self.on is not None and not question.date:
            raise QuestionError(f"{question.name} 用不到日期")
        self.read_case(arguments)
        chosen = self.chosen_readings()
        model = self.model(chosen)
        found: dict[str, str] = {}
        for name, argument in wanted.items():
            ids = self.resolve(argument, arguments[name], model)
            if len(ids) > 1:
                return self.ambiguous(argument, ids, model)
            found[name] = ids[0]
        data = self.shape(model, found)
        data["clauses"] = self.clauses(model, data)
        data["readings"] = self.used_readings(model, found, data, chosen, alternatives)
        data.setdefault("missing", [])
        return Answer(self.prepared, data)

    # -- what goes in ---------------------------------------------------------------------------------------------------

    def read_case(self, arguments: Mapping[str, str]) -> None:
        for argument in self.prepared.question.arguments:
            if argument.kind == "case":
                from .cases import read_case

                path = self.workspace.case_path(arguments[argument.name])
                self.case = read_case(path, self.workspace.facts_known)

    def chosen_readings(self) -> dict[str, str]:
        """The readings given with the question, by full id. Raises `QuestionError` for one that there is not."""
        if self.readings and self.case is None:
            raise QuestionError(f"{self.prepared.question.name} 用不到读法")
        options = self.options() if self.readings else {}
        own = f"{self.case.document}/" if self.case else ""
        chosen: dict[str, str] = {}
        for name, value in self.readings.items():
            full = name if "/" in name else f"{own}{name}"
            if full not in options:
                known = [i.removeprefix(own) for i in options if i.startswith(own)]
                raise QuestionError(f"没有“{name}”这个读法", hint=did_you_mean(name.partition("/")[2] or name, known))
            if not full.startswith(own):
                hint = f"案例依据 {own[:-1]}，只能选它的读法"
                raise QuestionError(f"没有“{name}”这个读法", hint=hint)
            if value not in options[full]:
                raise QuestionError(f"读法 {name} 没有“{value}”这个取值", hint="可以是 " + "、".join(options[full]))
            chosen[full] = value
        return chosen

    def options(self) -> dict[str, dict[str, str]]:
        """The values of each reading, the default first, each with what it says."""
        options: dict[str, dict[str, str]] = {}
        for reading, value, _, says in sorted(self.workspace.facts("reading_option"), key=lambda row: (row[0], row[2])):
            options.setdefault(reading, {})[value] = says
        return options

    def model(self, chosen: Mapping[str, str]) -> Model:
        """Run the rules under these readings. Raises `CaseError` when the case contradicts itself."""
        if self.engine == DEFAULT and (known := self.workspace.model(self.prepared.question.name)):
            return known
        return self.evaluate(self.workspace.program(self.prepared.question.name), self.given(chosen))

    def given(self, chosen: Mapping[str, str]) -> dict[str, Collection[Row]]:
        """The facts that the question brings. Raises `CaseError` when the case contradicts itself."""
        given: dict[str, Collection[Row]] = {"asked_on": {(self.on,)}} if self.on else {}
        if self.case is not None:
            given |= {**self.case.facts, "reading_chosen": self.with_readings(chosen)}
            raise_all(self.conflicts(self.evaluate(self.workspace.conflicts, given)))
        return given

    def evaluate(self, program: CheckedProgram, given: Mapping[str, Collection[Row]]) -> Model:
        stated = {name: self.workspace.facts(name) for name in program.relations}
        return engine_by_name(self.engine)(program, {**stated, **given})

    def with_readings(self, chosen: Mapping[str, str]) -> Collection[Row]:
        assert self.case is not None
        stated = {row[1]: row[2] for row in self.case.facts.get("reading_chosen", ())}
        return {(self.case.city, reading, value) for reading, value in {**stated, **chosen}.items()}

    def conflicts(self, model: Model) -> Iterator[ZhengceError]:
        assert self.case is not None
        used = {reading: value for _, reading, value in model.rows.get("reading", ())}
        for _, section, id_, item, says, other_section, other in model.rows.get("conflict", ()):
            subject, against = (text.partition("/")[2] or text for text in (id_, other))
            if other_section == "readings":
                hint = f"读法 {against} 现为 {used.get(other)}；改案例，或改用别的读法"
            else:
                line = self.case.place(other_section, other).line
                where = f"{other_section} 的 {against}" if against else other_section
                hint = f"与第 {line} 行的 {where} 不合；改其中一处"
            message = f"{subject}：{says}" if subject else says
            yield CaseError(message, span=self.case.place(section, id_, item), source=self.case.source, hint=hint)

    def resolve(self, argument: Argument, typed: str, model: Model) -> list[str]:
        """The ids that an argument may mean. Raises `QuestionError` with the nearest names when there is none."""
        if argument.kind == "case":
            assert self.case is not None
            return [self.case.city]
        if not typed.strip():
            raise QuestionError(f"没有写{argument.help.partition('，')[0]}", hint=argument.help)
        names = list(model.rows[argument.of])
        if ids := find(typed, names):
            return ids
        near = suggest(typed, names)
        hint = "是不是：" + "、".join(near) + "？" if near else "没有相近的名称"
        raise QuestionError(f"没有找到“{typed}”", hint=hint)

    # -- what comes out -------------------------------------------------------------------------------------------------

    def shape(self, model: Model, found: Mapping[str, str]) -> dict[str, Any]:
        shaper = Shaper(model, found, self.workspace.clause_order)
        question = self.prepared.question
        fields = shaper.fields(question.answer, dict(found))
        if self.case and any(fields[name] is None for name, spec in question.answer.items() if "one" in spec):
            raise QuestionError(f"{self.case.document} 没有可以回答“{question.title}”的规定", hint="看看案例的 document")
        return {"question": question.name, **fields}

    def ambiguous(self, argument: Argument, ids: list[str], model: Model) -> Answer:
        """Everything that fits is shown, nothing is chosen."""
        names = {id_: name for name, id_ in sorted(model.rows[argument.of], reverse=True) if name == id_ or "/" in id_}
        order = self.workspace.clause_order
        candidates = []
        for id_ in sorted(ids, key=lambda i: (order.get(i, 0), i)):
            document, _, short = id_.rpartition("/")
            candidates.append({"document": document or None, "id": short, "name": names.get(id_, id_)})
        empty: dict[str, list[str]] = {"clauses": [], "readings": [], "missing": [], "rows": []}
        return Answer(self.prepared, {"question": self.prepared.question.name, "candidates": candidates, **empty})

    def clauses(self, model: Model, data: Mapping[str, Any]) -> list[str]:
        """What the rules that gave anything cite and the rows stand on, in the order of the documents."""
        order = self.workspace.clause_order
        cited = {clause for relation, clause in self.prepared.citations if model.rows.get(relation, True)}
        if self.case is not None:
            cited = {c for c in cited if c.startswith(f"{self.case.document}/")}
        for rows, column in self.prepared.question.clauses.items():
            for row in data[rows]:
                document = row.get("document") or data.get("document")
                cited.add(f"{document}/{row[column]}")
        return sorted(cited, key=lambda c: (order.get(c, len(order)), c))

    def used_readings(
        self, model: Model, found: Mapping[str, str], data: dict[str, Any], chosen: Mapping[str, str], alternatives: bool
    ) -> list[dict[str, Any]]:
        """Each reading that was used, and whether another value of it would change the answer."""
        if self.case is None:
            return []
        used = {r: v for city, r, v in model.rows.get("reading", ()) if city == self.case.city}
        order = self.workspace.clause_order
        mine = [r for r in self.prepared.readings if r in used and r.startswith(f"{self.case.document}/")]
        options = self.options()
        told = []
        for reading in sorted(mine, key=lambda r: (order.get(r.rpartition(".")[0], len(order)), r)):
            others = {v: says for v, says in options[reading].items() if v != used[reading] and alternatives}
            tried = [{"value": v, "says": says, **self.tried(reading, v, found, data, chosen)} for v, says in others.items()]
            document, _, short = reading.partition("/")
            default = next(iter(options[reading])) == used[reading]
            told.append({"id": short, "document": document, "value": used[reading], "default": default, "alternatives": tried})
        return told

    def tried(
        self, reading: str, value: str, found: Mapping[str, str], data: dict[str, Any], chosen: Mapping[str, str]
    ) -> dict[str, Any]:
        try:
            model = self.model({**chosen, reading: value})
        except CaseError as error:
            return {"differs": None, "contradicts": [e.message for e in error.all]}
        fields = self.prepared.question.compare
        shaper = Shaper(model, found, self.workspace.clause_order)
        other = shaper.fields(_compared(self.prepared.question), dict(found))
        changed = [f for f in fields if _at(other, f) != _at(data, f)]
        return {"differs": bool(changed), **{f: _at(other, f) for f in changed if "." not in f}}


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
