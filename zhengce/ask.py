"""The one front door: a question by name, its arguments as typed, and out comes an `Answer`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from .arguments import facts, resolve, spread
from .contradictions import contradictions
from .engines import DEFAULT
from .engines import engine as engine_by_name
from .errors import QuestionError, UnansweredError, raise_all
from .language import listed, say
from .measures import measured
from .names import every
from .readings import Readings, difference, in_force
from .shaping import Shaper

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from .cases import Case
    from .datalog.checked import CheckedProgram, Model, Row
    from .questions import Argument, Question
    from .workspace import Prepared, Workspace

ANSWERED, OPEN, BAD = 0, 1, 2
PROBLEMS, SEARCH = "problem", "search"
EXAMPLE = '{"附件.三.5.equal": "not-higher"}'
ASSUMED = '{"附件.一.1.a": "yes"}'


class Answer(Mapping[str, Any]):
    """What is answered, by key: `question`, `clauses`, `readings`, `missing`, and the question's own.

    Numbers are `Decimal` and `int`, dates `datetime.date`; `json()` writes them as text. `status` is the command's exit status.
    `str()` is the table for people, in the current language. `documents`: those that it is about; `case`: that it is about.
    """

    def __init__(
        self,
        workspace: Workspace,
        prepared: Prepared,
        data: dict[str, Any],
        documents: Collection[str] = (),
        case: Case | None = None,
    ) -> None:
        self.workspace, self.prepared = workspace, prepared
        self.data = data
        self.documents = tuple(sorted(documents))
        self.case = case

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

        return render(self.prepared.question, self.data, self.workspace.words)

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


class Supposed(Answer):
    """The answer to a case as it is, and beside it what is otherwise under assumptions: `assumed`, `differences`, `changes`.

    `supposed`: the whole answer under the assumptions; `differing`: in what parts it differs; `changes`: the facts of the case
    that the assumptions change, of those relations that the question depends on. `status` is that of `supposed`.
    """

    def __init__(self, answer: Answer, supposed: Answer) -> None:
        from .differing import changes, differences, told

        assert answer.case and supposed.case
        self.supposed = supposed
        self.differing = differences(answer.prepared.question, answer.data, supposed.data)
        relations = answer.workspace.program(answer.prepared.question.name).relations
        self.changes = changes(answer.case, supposed.case, relations)
        assumed = [{"id": a.id, "value": a.value, "before": a.before, "line": a.line or None} for a in supposed.case.assumed]
        found = [{"path": list(d.path), "base": d.one, "assumed": d.other} for d in self.differing]
        changed = [told(change, ("base", "assumed")) for change in self.changes]
        data = {**answer.data, "assumed": assumed, "differences": found, "changes": changed}
        super().__init__(answer.workspace, answer.prepared, data, answer.documents, answer.case)

    @property
    def status(self) -> int:
        return self.supposed.status

    def __str__(self) -> str:
        from .report.as_difference import supposed

        return supposed(self.prepared.question, self.data, self.supposed.data, self.workspace.words)


def ask(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
    alternatives: bool = True,
    assume: Mapping[str, Any] | None = None,
) -> Answer:
    """Put a question to a workspace.

    Args:
        question: the name of a file in `queries/`.
        arguments: by name: a name to be found, as a user types it; the path or sample name of a case; the value of an option
            (a date, a number, a text; for a repeatable one a mapping). None is the same as leaving it out.
        engine: the name of an engine.
        readings: the value of a reading by its id, with or without the document; goes before what the case says.
        alternatives: whether to try the other value of each reading that was used (one more evaluation for each).
        assume: what is to be assumed of the case, by id, as text or as plain values; None for what is to be unknown. Then the
            answer is a `Supposed`. No file is touched.

    Raises:
        ZhengceError: whatever is wrong with the workspace, the case or the arguments.
    """
    for name, given, example in (("readings", readings, EXAMPLE), ("assume", assume, ASSUMED)):
        if given is not None and not isinstance(given, Mapping):
            message = say("{name} 要是映射，不是 {given!r}", name=name, given=given)
            raise QuestionError(message, hint=say("写作 {example}", example=example))
    prepared = workspace.prepared(question)
    if assume and not prepared.question.about_case:
        raise QuestionError(say("{question} 不看案例，没有可以假设的", question=question))
    answer = Asking(workspace, prepared, engine).answer(arguments, readings or {}, alternatives)
    if not assume or answer.case is None:  # nothing assumed, or several names fit
        return answer
    return Supposed(answer, Asking(workspace, prepared, engine, assume).answer(arguments, readings or {}, False))


def given(
    workspace: Workspace, case: str | None, *, readings: Mapping[str, str], on: date | None
) -> dict[str, Collection[Row]]:
    """The facts that a question brings, beside those of the documents: the case, the readings chosen, the date.

    Raises `ZhengceError` as `ask` does.
    """
    asking = Asking(workspace, workspace.prepared(workspace.questions[0]), DEFAULT)
    if case is not None:
        asking.take(case)
    if on is not None:
        asking.given["asked_on"] = {(on,)}
    return asking.facts(asking.readings.chosen(readings, asking.document))


class Asking:
    """One question being asked: the facts gathered, the rules run, the answer shaped."""

    def __init__(self, workspace: Workspace, prepared: Prepared, engine: str, assume: Mapping[str, Any] | None = None) -> None:
        self.workspace, self.prepared, self.assume = workspace, prepared, assume
        said = tuple(a._replace(help=workspace.say(a.help)) for a in prepared.question.arguments)
        self.question, self.engine = prepared.question._replace(arguments=said), engine
        self.readings = Readings(workspace)
        self.case: Case | None = None
        self.given: dict[str, Collection[Row]] = {}
        self.found: dict[str, Any] = {}
        self.among: dict[str, list[str]] = {}
        self.near: dict[str, list[str]] = {}

    def answer(self, arguments: Mapping[str, Any], readings: Mapping[str, str], alternatives: bool) -> Answer:
        typed, chosen = self.understood(arguments, readings)
        model = self.model(chosen)
        if several := self.found_out(typed, model):
            return several
        data = self.shape(model)
        documents = self.documents(data)
        data["clauses"] = self.clauses(model, data, documents)
        used = in_force(model, self.case.city if self.case else None)
        data["readings"] = self.readings.told(
            self.prepared, used, documents, (lambda r, v: self.tried(data, {**chosen, r: v})) if alternatives else None
        )
        data.setdefault("missing", [])
        return Answer(self.workspace, self.prepared, data, documents, self.case)

    # -- what goes in ---------------------------------------------------------------------------------------------------

    def understood(
        self, arguments: Mapping[str, Any], readings: Mapping[str, str]
    ) -> tuple[dict[str, list[str]], Mapping[str, str]]:
        """The arguments as texts and the readings chosen; the case and the options are taken in."""
        typed = spread(self.question, arguments)
        if PROBLEMS in self.question.goals:
            raise_all(self.workspace.mistranslated)
        self.read_case(typed)
        self.read_options(typed)
        if readings and not self.prepared.readings:
            raise QuestionError(say("{question} 用不到读法", question=self.question.name))
        chosen = self.readings.chosen(readings, self.document, self.prepared.readings)
        if self.case is None and (idle := [r for r in chosen if r not in self.prepared.readings]):
            hint = say("用得到的有：{names}", names=listed(r.partition("/")[2] for r in self.prepared.readings))
            raise QuestionError(
                say("{question} 用不到读法 {names}", question=self.question.name, names=listed(idle)), hint=hint
            )
        self.agreeing(chosen)
        return typed, chosen

    def found_out(self, typed: Mapping[str, list[str]], model: Model) -> Answer | None:
        """Look up what the arguments name; an answer that says so where a name may be several things."""
        for argument in self.question.arguments:
            if argument.kind == "name" and len(ids := self.ids(argument, typed[argument.name][0], model)) > 1:
                return self.ambiguous(ids, model.rows[argument.of])
            self.look_up(argument, typed, model)
        return None

    def read_case(self, typed: Mapping[str, list[str]]) -> None:
        for argument in self.question.arguments:
            if argument.kind == "case":
                self.take(typed[argument.name][0])

    def take(self, case: str) -> None:
        from .cases import read_case

        workspace = self.workspace
        self.case = read_case(workspace.case_path(case), workspace.facts_known, workspace.statable, self.assume)
        self.given |= {name: {*self.workspace.facts(name), *rows} for name, rows in self.case.facts.items()}

    @property
    def document(self) -> str:
        """The document that the case is about; empty without a case."""
        return self.case.document if self.case else ""

    def read_options(self, typed: Mapping[str, list[str]]) -> None:
        """The options as facts. Their keys are looked up in what the documents alone say."""
        for argument in self.question.arguments:
            if argument.kind == "option" and argument.name in typed:
                known = self.workspace.model(self.question.name) if argument.of else None
                rows = facts(argument, typed[argument.name], known.rows[argument.of] if known else ())
                self.given[argument.into] = {*self.given.get(argument.into, ()), *rows}

    def look_up(self, argument: Argument, typed: Mapping[str, list[str]], model: Model) -> None:
        """What an argument was found to be."""
        match argument.kind:
            case "case":
                assert self.case is not None
                self.found[argument.name] = self.case.city
            case "name":
                self.found[argument.name] = self.ids(argument, typed[argument.name][0], model)[0]
            case "text":
                self.found[argument.name] = text = typed[argument.name][0]
                self.search(argument, text, model)
            case _:
                texts = typed.get(argument.name, [])
                self.found[argument.name] = texts[0] if len(texts) == 1 else texts or None

    def ids(self, argument: Argument, typed: str, model: Model) -> list[str]:
        elsewhere = f"zhengce {SEARCH} {typed}" if SEARCH in self.workspace.questions else ""
        return resolve(argument, typed, model.rows[argument.of], elsewhere)

    def search(self, argument: Argument, text: str, model: Model) -> None:
        """Everything that has each word of the text in its name."""
        names = model.rows[argument.of]
        if not text.strip():
            resolve(argument, text, names)
        ids = [every(word, names) for word in text.split()]
        self.among[argument.name] = sorted(set.intersection(*ids))
        self.near[argument.name] = [] if self.among[argument.name] else _nearest(text, names)

    def model(self, chosen: Mapping[str, str]) -> Model:
        """Run the rules under these readings. Raises `ContradictionError` when the case contradicts itself."""
        known = self.workspace.model(self.question.name)
        if self.engine == DEFAULT and not self.given and not chosen and known:
            return known
        return self.evaluate(self.workspace.program(self.question.name), self.facts(chosen))

    def facts(self, chosen: Mapping[str, str]) -> dict[str, Collection[Row]]:
        """The facts that the question brings. Raises `ContradictionError` when the case contradicts itself."""
        given = dict(self.given)
        if self.case is not None:
            given["reading_chosen"] = self.with_readings(chosen)
            model = self.evaluate(self.workspace.conflicts, given)
            raise_all(contradictions(self.workspace, self.case, model, in_force(model, self.case.city)))
        elif chosen:
            given["reading_asked"] = set(chosen.items())
        return given

    def evaluate(self, program: CheckedProgram, given: Mapping[str, Collection[Row]]) -> Model:
        return engine_by_name(self.engine)(program, self.all_facts(program, given))

    def all_facts(self, program: CheckedProgram, given: Mapping[str, Collection[Row]]) -> dict[str, Collection[Row]]:
        """All that a program starts from: what the documents state, what the question brings, what is measured of a network."""
        facts = {**{name: self.workspace.facts(name) for name in program.relations}, **given}
        return {**facts, **measured(program, facts, engine_by_name(self.engine))}

    def agreeing(self, chosen: Mapping[str, str]) -> None:
        """A reading is chosen or assumed, not both: what is chosen would go before what is assumed."""
        for assumption in self.case.assumed if self.case else ():
            if assumption.way[0] == "readings" and f"{self.document}/{assumption.way[1]}" in chosen:
                message = say("读法 {reading} 已经用 readings 选定，不能再假设", reading=assumption.way[1])
                raise QuestionError(message, hint=say("只留一个"))

    def with_readings(self, chosen: Mapping[str, str]) -> Collection[Row]:
        assert self.case is not None
        stated = {row[1]: row[2] for row in self.case.facts.get("reading_chosen", ())}
        return {(self.case.city, reading, value) for reading, value in {**stated, **chosen}.items()}

    # -- what comes out -------------------------------------------------------------------------------------------------

    def shaper(self, model: Model) -> Shaper:
        order, catalogue = self.workspace.clause_order, self.workspace.say
        return Shaper(model, order, catalogue, arguments=self.found, among=self.among, near=self.near)

    def shape(self, model: Model) -> dict[str, Any]:
        fields = self.shaper(model).fields(self.question.answer, dict(self.found))
        if self.case and not _says_anything(self.question, fields):
            title = self.workspace.say(self.question.title)
            message = say("{document} 没有可以回答“{title}”的规定", document=self.case.document, title=title)
            raise UnansweredError(message, hint=say("看看案例的 document"))
        return {"question": self.question.name, **fields}

    def ambiguous(self, ids: list[str], rows: Collection[Row]) -> Answer:
        """Everything that fits is shown, nothing is chosen."""
        names = {id_: name for name, id_ in sorted(rows, reverse=True) if name == id_ or "/" in id_}
        order = self.workspace.clause_order
        candidates = []
        for id_ in sorted(ids, key=lambda i: (order.get(i, 0), i)):
            document, _, short = id_.rpartition("/")
            candidates.append({"document": document or None, "id": short, "name": names.get(id_, id_)})
        empty: dict[str, list[str]] = {"clauses": [], "readings": [], "missing": [], "rows": []}
        data = {"question": self.question.name, "candidates": candidates, **empty}
        return Answer(self.workspace, self.prepared, data)

    def documents(self, data: Mapping[str, Any]) -> set[str]:
        """The documents that an answer is about: the case's, else those that it names; all where it names none."""
        if self.case is not None:
            return {self.case.document}
        lists = [value for value in data.values() if isinstance(value, list)]
        rows = [row for rows in lists for row in rows if isinstance(row, dict)]
        named = {row["document"] for row in (data, *rows) if row.get("document")}
        return named or {clause.partition("/")[0] for clause in self.workspace.clause_order}

    def clauses(self, model: Model, data: Mapping[str, Any], documents: Collection[str]) -> list[str]:
        """What the rules that gave anything cite and the rows stand on, in the order of the documents."""
        order = self.workspace.clause_order
        cited = {clause for relation, clause in self.prepared.citations if model.rows.get(relation, True)}
        cited = {clause for clause in cited if clause.partition("/")[0] in documents}
        for rows, column in self.question.clauses.items():
            for row in data[rows]:
                document = row.get("document") or data.get("document")
                if row[column]:
                    cited.add(f"{document}/{row[column]}")
        return sorted(cited, key=lambda c: (order.get(c, len(order)), c))

    def tried(self, data: Mapping[str, Any], chosen: Mapping[str, str]) -> dict[str, Any]:
        """What is otherwise under other readings."""
        return difference(self.question, data, lambda: self.shaper(self.model(chosen)), dict(self.found))


def _says_anything(question: Question, fields: Mapping[str, Any]) -> bool:
    """Whether an answer about a case has any of what it looks for, beyond what the case and the options state."""
    stated = {"city", *(a.into for a in question.arguments)}
    wanted = [name for name, spec in question.answer.items() if "one" in spec and spec["one"] not in stated]
    listed = (fields[name] for name, spec in question.answer.items() if "each" in spec)
    return not wanted or any(fields[name] is not None for name in wanted) or any(listed)


def _nearest(text: str, names: Collection[Row]) -> list[str]:
    from .names import suggest

    return suggest(text, names)
