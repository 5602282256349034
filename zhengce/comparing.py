"""Two cases held against each other, or one case under two readings or in two versions of the workspace: which answers differ,
and what the cases, the readings, the rules and the documents' facts have otherwise that these answers can depend on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .ask import Answer, ask
from .datalog.checked import plain_row
from .differing import changes, differences, told
from .engines import DEFAULT
from .errors import QuestionError, UnansweredError, from_here
from .language import listed, say
from .why import between as between_answers

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from .cases import Case
    from .datalog.checked import Relation
    from .errors import Span
    from .questions import Question
    from .why import Difference
    from .workspace import Workspace

    Wording = tuple[Question, Path, dict[str, Any] | None, dict[str, Any] | None]
    Answers = Mapping[str, tuple[Answer | None, Answer | None]]
    Placed = dict[tuple[str, str, str], Span]

SIDES = ("a", "b")
EXAMPLE = "zhengce compare 示例市甲 示例市乙"


class Side(NamedTuple):
    """One of the two: `what` is a case or, of a question about none, its argument; empty where there is none."""

    workspace: Workspace
    what: str
    readings: Mapping[str, str]


class Comparison(Mapping[str, Any]):
    """What differs between two sides, by key: `a`, `b`, `questions`, `changes`, `readings`, `rules`.

    `status` is 0 when no answer differs, else 1. `answers`: those of both sides by the name of the question, None where a side
    has no answer; `why`: the proofs of what differs. `str()` is the text for people, in the current language, `json()` that for
    programs.
    """

    def __init__(
        self, data: dict[str, Any], answers: dict[str, tuple[Answer | None, Answer | None]], why: Mapping[str, Difference]
    ) -> None:
        self.data, self.answers, self.why = data, answers, why

    @property
    def status(self) -> int:
        return int(any(question["differs"] for question in self.data["questions"]))

    def json(self) -> str:
        """The comparison as JSON; numbers are strings, so that they stay exact."""
        from .report.as_json import render

        return render(self.data)

    def __str__(self) -> str:
        from .report.as_comparison import render

        worded = {name: _wording(both) for name, both in self.answers.items()}
        return render(self.data, worded, {name: difference.lines for name, difference in self.why.items()})

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self.data)

    def __len__(self) -> int:
        return len(self.data)


def between(
    workspace: Workspace,
    one: str,
    other: str,
    readings: Mapping[str, str],
    other_readings: Mapping[str, str],
    other_workspace: Workspace | None,
) -> tuple[Side, Side]:
    """The two sides: what is left out of the second is as in the first. Raises `QuestionError` when they are one."""
    if not (other or other_readings or other_workspace):
        hint = say("再写一个案例，或 --reading-b、--workspace-b")
        raise QuestionError(say("没有写与什么比较"), hint=hint)
    second = Side(other_workspace or workspace, other or one, {**readings, **other_readings})
    return Side(workspace, one, readings), second


def compare(one: Side, other: Side, questions: Sequence[str] = (), *, engine: str = DEFAULT) -> Comparison:
    """Ask the same of both sides.

    Args:
        questions: by name; without any, all that are asked about a case and need nothing else.

    Raises:
        ZhengceError: whatever is wrong with a workspace, a case, a question or a reading; nothing to compare.
    """
    sides = (one, other)
    answers = {name: _asked(name, sides, bool(questions), engine) for name in questions or _about_cases(sides)}
    answers = {name: both for name, both in answers.items() if any(both)}
    if not answers:
        raise QuestionError(say("两边都没有可以回答的问题"), hint=say("看看案例的 document"))
    relations = _relations(answers)
    first, second = (next((a.case for both in answers.values() if (a := both[n])), None) for n in (0, 1))
    data: dict[str, Any] = {"a": _named(one, first), "b": _named(other, second)}
    data["questions"] = [_compared(name, both) for name, both in answers.items()]
    proofs = {q["question"]: _why(q["question"], sides, answers, engine) for q in data["questions"] if q["differs"]}
    why = {name: difference for name, difference in proofs.items() if difference}
    for question in data["questions"]:
        question["why"] = why[question["question"]].data(SIDES) if question["question"] in why else []
    found = changes(first, second, relations) if first and second else []
    data["changes"] = [told(change, SIDES) for change in found]
    data["readings"] = list(_readings(answers))
    data["rules"] = list(_rules(sides, relations))
    return Comparison(data, answers, why)


def _wording(both: tuple[Answer | None, Answer | None]) -> Wording:
    """What a question is worded with: its file, the folder of its catalogue, the data of both sides."""
    answer = both[0] or both[1]
    assert answer
    one, other = (side.data if side else None for side in both)
    return answer.prepared.question, answer.workspace.words, one, other


def _about_cases(sides: Collection[Side]) -> list[str]:
    """The questions of both workspaces that a case alone answers."""
    first, *rest = (side.workspace for side in sides)
    common = [name for name in first.questions if all(name in workspace.questions for workspace in rest)]
    return [name for name in common if _alone(first.prepared(name).question)]


def _alone(question: Question) -> bool:
    return [a.kind for a in question.arguments if a.required] == ["case"]


def _asked(name: str, sides: tuple[Side, Side], named: bool, engine: str) -> tuple[Answer | None, Answer | None]:
    """The answers of both sides; None for a side that has none, which only a question asked for by name must have."""
    one, other = (_answer(name, side, named, engine) for side in sides)
    return one, other


def _answer(name: str, side: Side, named: bool, engine: str) -> Answer | None:
    prepared = side.workspace.prepared(name)
    wanted = [a.name for a in prepared.question.arguments if a.kind != "option"]
    if bool(side.what) != bool(wanted):
        message = say("没有写比较什么") if wanted else say("{question} 没有参数，多了“{what}”", question=name, what=side.what)
        raise QuestionError(message, hint=say("写作 {example}", example=EXAMPLE))
    try:
        answer = ask(side.workspace, name, _typed(name, side), engine=engine, readings=_chosen(name, side), alternatives=False)
    except UnansweredError:
        if named:
            raise
        return None
    if candidates := answer.get("candidates"):
        ids = listed(candidate["id"] for candidate in candidates)
        raise QuestionError(say("“{name}”可以是几个：{ids}", name=side.what, ids=ids), hint=say("写全名称"))
    return answer


def _compared(name: str, both: tuple[Answer | None, Answer | None]) -> dict[str, Any]:
    """Which parts of the answers differ; where one side has no answer, all of it."""
    one, other = both
    if one and other:
        found = differences(one.prepared.question, one.data, other.data)
        parts = [{"path": list(d.path), "a": d.one, "b": d.other} for d in found]
    else:
        parts = [{"path": [], **{side: answer and dict(answer.data) for side, answer in zip(SIDES, both, strict=True)}}]
    return {"question": name, "differs": bool(parts), "differences": parts}


def _why(name: str, sides: tuple[Side, Side], answers: Answers, engine: str) -> Difference | None:
    """The proofs of what differs; none where a side has no answer."""
    if not all(answers[name]):
        return None
    given = [(side.workspace, _typed(name, side), _chosen(name, side), None) for side in sides]
    return between_answers(name, given[0], given[1], engine=engine)


def _typed(name: str, side: Side) -> dict[str, str]:
    """What the question is asked about."""
    wanted = [a.name for a in side.workspace.prepared(name).question.arguments if a.kind != "option"]
    return {wanted[0]: side.what} if wanted else {}


def _chosen(name: str, side: Side) -> Mapping[str, str]:
    return side.readings if side.workspace.prepared(name).readings else {}


def _named(side: Side, case: Case | None) -> dict[str, Any]:
    """What a side is."""
    file = from_here(case.path) if case else None
    about = {"what": side.what or None, "city": case and case.city, "document": case and case.document, "file": file}
    return {**about, "readings": dict(side.readings), "workspace": from_here(str(side.workspace.root))}


# -- why ------------------------------------------------------------------------------------------------------------------


def _relations(answers: Answers) -> dict[str, Relation]:
    """What the answers can depend on."""
    found: dict[str, Relation] = {}
    for name, both in answers.items():
        for answer in both:
            found |= answer.workspace.program(name).relations if answer else {}
    return found


def _readings(answers: Answers) -> Iterator[dict[str, Any]]:
    """The readings that the sides consult under different values; None where one does not consult it."""
    used: tuple[dict[tuple[str, str], str], ...] = ({}, {})
    for both in answers.values():
        for values, answer in zip(used, both, strict=True):
            values |= {(r["document"], r["id"]): r["value"] for r in answer["readings"]} if answer else {}
    for document, id_ in dict.fromkeys([*used[0], *used[1]]):
        one, other = (values.get((document, id_)) for values in used)
        if one != other:
            yield {"document": document, "id": id_, "a": one, "b": other}


def _rules(sides: tuple[Side, Side], relations: Mapping[str, Relation]) -> Iterator[dict[str, Any]]:
    """The rules and the documents' facts that one workspace has and the other has not, as far as the answers depend on them."""
    if sides[0].workspace is sides[1].workspace:
        return
    one, other = (_stated(side.workspace.root, relations) for side in sides)
    for key in sorted({*one} ^ {*other}):
        kind, relation, text = key
        places = {side: _place(stated.get(key), root) for side, stated, root in _both(sides, one, other)}
        yield {"relation": relation, "kind": kind, "says": text, **places}


def _both(sides: tuple[Side, Side], one: Placed, other: Placed) -> Iterator[tuple[str, Placed, Path]]:
    roots = (side.workspace.root for side in sides)
    return zip(SIDES, (one, other), roots, strict=True)


def _stated(root: Path, relations: Mapping[str, Relation]) -> Placed:
    """The rules for relations and the facts of them, as text, with their places."""
    from .workspace.building import read_stated

    program, facts = read_stated(root)
    rules = [rule for rule in program.rules if rule.head.relation in relations]
    found = {("rule", r.head.relation, str(replace(r, annotations=()))): r.span for r in rules}
    for name, rows in facts.items():
        for row, span in rows.items() if name in relations else ():
            shown = ", ".join(map(str, plain_row(row, relations[name].types)))
            found["fact", name, f"{name}({shown})"] = span
    return found


def _place(span: Span | None, root: Path) -> dict[str, Any] | None:
    """A place in a workspace, its file named from the root."""
    if span is None:
        return None
    file = Path(span.file)
    return {"file": (file.relative_to(root) if file.is_relative_to(root) else file).as_posix(), "line": span.line}
