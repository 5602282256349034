"""What is to be explained: a question's own goal, a part of it, or any fact as the rules write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import TYPE_CHECKING, Any, NamedTuple

from ..ask import Answer, Asking
from ..datalog.syntax import Constant, Variable, Wildcard
from ..datalog.values import encode
from ..errors import ProofError, QuestionError, RuleError, RuleTypeError, did_you_mean
from ..language import listed, say
from .asked import Asked

if TYPE_CHECKING:
    from ..datalog.checked import Row
    from ..datalog.syntax import Atom
    from ..proof.matching import Pattern
    from ..questions import Grounds
    from ..workspace import Workspace

WIDE = "（）“”，"
EXAMPLE = 'lead("fuxin-2020/二.一.1", _)'


class Goal(NamedTuple):
    """Rows of a relation that match a pattern, as engines keep them.

    `picked`: it is a part of what the question asks, picked out by name. `wanted`: what these rows should be instead.
    """

    relation: str
    pattern: Pattern
    picked: bool = False
    wanted: tuple[Pattern, ...] = ()


def of_question(
    workspace: Workspace,
    question: str,
    arguments: Mapping[str, Any],
    *,
    engine: str,
    readings: Mapping[str, str],
    assume: Mapping[str, Any] | None = None,
) -> tuple[Asked, list[Goal]] | Answer:
    """What a question asks, and about what; an answer that says so where an argument may mean several things."""
    prepared = workspace.prepared(question)
    grounds = prepared.question.why
    if grounds is None:
        names = listed(name for name in workspace.questions if workspace.prepared(name).question.why)
        raise QuestionError(say("{question} 没有可以证明的结论", question=question), hint=say("有：{names}", names=names))
    more = grounds.more.name if grounds.more else ""
    asking = Asking(workspace, prepared, engine, assume)
    typed, chosen = asking.understood({k: v for k, v in arguments.items() if k != more}, readings)
    if several := asking.found_out(typed, asking.model(chosen)):
        return several
    names_of_more = {grounds.more.of} if grounds.more else set()
    asked = Asked(asking, chosen, {grounds.goal, grounds.part} | names_of_more)
    asked.values = values = {column: asking.found[column] for column in grounds.on}
    if not (grounds.more and arguments.get(more)):
        return asked, [Goal(grounds.goal, asked.pattern(grounds.goal, values))]
    ids = asking.ids(grounds.more, str(arguments[more]), asked.model)
    if len(ids) > 1:
        return asking.ambiguous(ids, asked.model.rows[grounds.more.of])
    return asked, [Goal(grounds.part, asked.pattern(grounds.part, {**values, more: ids[0]}), picked=True)]


def otherwise(asked: Asked, goals: list[Goal], grounds: Grounds) -> list[Goal]:
    """The goals with what they should be instead: each row that says something else than what is wanted."""
    found: list[Goal] = []
    for goal in goals:
        relation = goal.relation if goal.picked else grounds.part
        columns = asked.program.relations[relation].columns
        pattern = goal.pattern if goal.picked else _on(asked, goal, relation)
        rows = asked.matching(relation, pattern)
        if not grounds.want:
            found.append(Goal(relation, pattern, goal.picked, (pattern,)))
        for row in rows if grounds.want else ():
            wanted = tuple(_wanted(row, columns, grounds, asked.key(relation)))
            if not any(_fits(row, each) for each in wanted) or len(wanted) > 1:
                left = tuple(each for each in wanted if not _fits(row, each))
                found.append(Goal(relation, row, goal.picked, left))
    return found


def of_fact(
    workspace: Workspace,
    case: str | None,
    text: str,
    *,
    engine: str,
    readings: Mapping[str, str],
    assume: Mapping[str, Any] | None = None,
) -> tuple[Asked, list[Goal]]:
    """A fact as the rules write it, `_` for any value; ids may leave out the case's document."""
    atom = _parsed(text)
    relations = workspace.whole.relations
    if atom.relation not in relations:
        hint = did_you_mean(atom.relation, relations)
        raise QuestionError(say("没有 {name} 这个关系", name=atom.relation), hint=hint)
    about = [q for q in map(workspace.prepared, workspace.questions) if q.question.about_case is bool(case)]
    asking = Asking(workspace, about[0] if about else workspace.prepared(workspace.questions[0]), engine, assume)
    if case is not None:
        asking.take(case)
    chosen = asking.readings.chosen(readings, asking.document)
    asked = Asked(asking, chosen, {atom.relation})
    return asked, [Goal(atom.relation, _pattern(asked, atom), picked=True)]


def _parsed(text: str) -> Atom:
    from ..datalog.parser import parse

    try:
        rules = parse(f"{text.strip().removesuffix('.')}.").rules
    except RuleError as error:
        message = say("“{text}”不是一个事实：{problem}", text=text, problem=error.message)
        hint = say("括号、引号和逗号用半角") if {*WIDE} & {*text} else say("写作 {example}，任意的值写 _", example=EXAMPLE)
        raise QuestionError(message, hint=hint) from None
    if len(rules) != 1 or rules[0].body:
        raise QuestionError(say("“{text}”不是一个事实", text=text), hint=say("写作 {example}，任意的值写 _", example=EXAMPLE))
    return rules[0].head


def _pattern(asked: Asked, atom: Atom) -> Pattern:
    relation = asked.program.relations[atom.relation]
    if len(atom.arguments) != len(relation.columns):
        wanted, given = len(relation.columns), len(atom.arguments)
        message = say("{name} 有 {wanted} 列，写了 {given} 列", name=atom.relation, wanted=wanted, given=given)
        raise QuestionError(message, hint=say("它的列是 {columns}", columns=listed(relation.columns)))
    found: list[Any] = []
    for place, (term, type_) in enumerate(zip(atom.arguments, relation.types, strict=True)):
        if isinstance(term, Wildcard) or (isinstance(term, Variable) and term.name.isascii()):
            found.append(None)
        elif isinstance(term, Constant):
            try:
                found.append(_completed(asked, atom.relation, place, encode(term.value, type_)))
            except RuleTypeError as error:
                message = say("{column}：{problem}", column=relation.columns[place], problem=error.message)
                raise QuestionError(message, hint=error.hint) from None
        else:
            hint = say("文字用半角双引号括起来，任意的值写 _")
            raise QuestionError(say("事实里要写值：{term}", term=term), hint=hint)
    return tuple(found)


def _completed(asked: Asked, relation: str, place: int, value: Any) -> Any:
    """An id with the document that it leaves out."""
    if not isinstance(value, str) or "/" in value:
        return value
    known = {row[place] for row in asked.model.rows.get(relation, ())} | asked.workspace.clause_order.keys()
    documents = [asked.asking.document] if asked.case else sorted({c.partition("/")[0] for c in asked.workspace.clause_order})
    longer = [f"{document}/{value}" for document in documents]
    return next((id_ for id_ in longer if value not in known and (id_ in known or asked.clause(id_))), value)


def _on(asked: Asked, goal: Goal, relation: str) -> Pattern:
    """The pattern of another relation with the values that the goal gives, by the names of the columns."""
    columns = asked.program.relations[goal.relation].columns
    return asked.pattern(relation, {c: v for c, v in zip(columns, goal.pattern, strict=True) if v is not None})


def _wanted(row: Row, columns: tuple[str, ...], grounds: Grounds, key: tuple[int, ...]) -> Iterator[Pattern]:
    """The patterns of what a row should be: its key and what is wanted; the rest is left open."""
    for values in product(*grounds.want.values()):
        wanted = dict(zip(grounds.want, values, strict=True))
        said = {c: row[columns.index(v[1:])] if v.startswith("=") else v for c, v in wanted.items()}
        yield tuple(said.get(c, row[i] if i in key else None) for i, c in enumerate(columns))


def _fits(row: Row, pattern: Pattern) -> bool:
    return all(wanted in (None, value) for wanted, value in zip(pattern, row, strict=True))


def none_found(asked: Asked, goal: Goal) -> ProofError:
    """Nothing matches the goal."""
    fact = asked.narrator.fact(goal.relation, asked.plain_pattern(goal.relation, goal.pattern))
    return ProofError(say("不是这样：{fact}", fact=fact), hint=say("问为什么不是：zhengce why-not …"))
