"""The rules and facts as one program that Soufflé 2.5 runs as it is, so that another engine can check ours.

What Soufflé reads differently is written in another way that means the same: names that are words of its language get a `_`,
a decimal always has its point, the built-in relations on dates become facts, and heads hold no arithmetic over aggregates.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING

from .datalog import values
from .datalog.calendar import BUILTINS, recording
from .datalog.checks import atoms_of
from .datalog.parser import RESERVED
from .datalog.syntax import (
    Aggregate,
    Annotation,
    Atom,
    Column,
    Comparison,
    Constant,
    Declaration,
    Directive,
    Literal,
    Negation,
    Operation,
    Rule,
    Term,
    Variable,
    aggregates,
    quote,
    variables,
)  # fmt: skip
from .engines.memory import evaluate
from .errors import EngineError, QuestionError
from .language import say
from .measures import measured
from .texts import unwritten, write_whole

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date
    from pathlib import Path

    from .datalog.checked import CheckedProgram, Relation, Row
    from .datalog.syntax import Type
    from .workspace import Workspace

FILE = "program.dl"
MARK = "// zhengce export --souffle"
TYPES = (".type decimal = float", ".type date = symbol")
COLUMNS = {"days_after": "day n other", "years_after": "day n other", "workdays_after": "day n other", "year_of": "day n"}
# Words of Soufflé's scanner that our language does not reserve, and macros of the preprocessors that it runs first.
WORDS = RESERVED | set(
    (
        "bshl bshr bshru debug_delta fold ftoi ftou input itof itou magic no_inline no_magic btree_delete output overridable "
        "printsize recursive_iteration_cnt stateful utof utoi linux unix i386"
    ).split()
)
TYPE_NAMES = frozenset("symbol number decimal date float unsigned".split())  # a relation may not be called so


def export(
    workspace: Workspace,
    folder: Path,
    case: str | None = None,
    *,
    readings: Mapping[str, str] | None = None,
    on: date | None = None,
) -> list[Path]:
    """Write all rules, and the facts of the documents and of a case, as a program for Soufflé. Returns the files written.

    Its outputs are what the questions ask for, and the contradictions in the case.

    Args:
        folder: a new or empty one, or one with a former export and nothing else.
        case: a file or the name of a sample, as in a question.
        readings: the value of a reading by its id, as in a question.
        on: the date that is asked about.

    Raises:
        QuestionError: the folder holds something else, or cannot be written.
        ZhengceError: whatever is wrong with the workspace, the case or the readings.
    """
    from .ask import given
    from .datalog.checks import check

    _refuse_others(folder)
    facts = {**workspace.facts_known, **given(workspace, case, readings=readings or {}, on=on)}
    program = workspace.rules()
    checked = check(program, declared_only=True)
    facts |= measured(checked, facts, evaluate)
    asked = (workspace.prepared(name).question.goals for name in workspace.questions)
    goals = {"conflict"}.union(*asked, (d.relation for d in program.directives if d.kind == "output"))
    notes = {d.name: d.annotations for d in program.declarations}
    return [_written(folder, program_text(checked, facts, goals & checked.relations.keys(), notes))]


def program_text(
    program: CheckedProgram,
    facts: Mapping[str, Collection[Row]],
    goals: Collection[str],
    notes: Mapping[str, tuple[Annotation, ...]] | None = None,
) -> str:
    """The program, with these facts (as engines keep them), as Soufflé reads it.

    The rules are run once, to know which rows of the built-in relations they look at.

    Args:
        goals: the relations to put out.
        notes: the annotations of each declaration.

    Raises:
        EngineError: a name outside ASCII.
        EvaluationError: what running the rules raises.
    """
    with recording() as looked_at:
        evaluate(program, facts)
    rules = [_Translation(rule).rule() for rule in sorted(program.rules, key=lambda r: r.span)]
    used = sorted({atom.relation for rule in program.rules for atom in atoms_of(rule)} & BUILTINS.keys())
    lines = [MARK, *(f"// {line}" for line in _header().split("\n")), "", *TYPES, ""]
    lines += [_declaration(relation, (notes or {}).get(name, ())) for name, relation in program.relations.items()]
    lines += [str(Declaration(name, tuple(map(Column, COLUMNS[name].split(), BUILTINS[name].types)))) for name in used]
    lines += ["", *(str(Directive("output", _relation(goal))) for goal in sorted(goals))]
    lines += ["", *(line for rule in rules for line in (*_annotated(rule.annotations), str(replace(rule, annotations=()))))]
    given = {name: (facts[name], r.types) for name, r in program.relations.items() if name in facts}
    given |= {name: (looked_at.get(name, ()), BUILTINS[name].types) for name in used}
    lines += ["", *(line for name, (rows, types) in given.items() for line in _facts(_relation(name), rows, types))]
    return "\n".join(lines) + "\n"


def _header() -> str:
    return say(
        "由 zhengce 导出：规则、事实，与内置日期关系中求值时用到的行。用 Soufflé 2.5 的 64 位版本运行：\n"
        "  souffle -D - program.dl\n"
        "与 zhengce 的不同：decimal 在这里是双精度浮点数，不是逐步四舍五入的六位小数，末位可能不同，比较相等时尤其要当心；\n"
        "@[key = …] 只是注解，不检查重复的键；溢出与除数为零不报错。"
    )


# -- names ------------------------------------------------------------------------------------------------------------


def _name(name: str) -> str:
    """A name as Soufflé can read it. No two become the same: what ends as a renamed one does is renamed too."""
    if not name.isascii():
        raise EngineError(say("“{name}”不是 ASCII 名称，Soufflé 读不了", name=name), hint=say("名称用英文字母"))
    return f"{name}_" if name.rstrip("_") in WORDS or name.startswith("__") else name


def _relation(name: str) -> str:
    return f"{name}_" if name.rstrip("_") in TYPE_NAMES else _name(name)


def _declaration(relation: Relation, notes: tuple[Annotation, ...]) -> str:
    columns = (Column(_name(c), t) for c, t in zip(relation.columns, relation.types, strict=True))
    return "\n".join([*_annotated(notes), str(Declaration(_relation(relation.name), tuple(columns)))])


def _annotated(notes: tuple[Annotation, ...]) -> list[str]:
    return [f"@[{', '.join(f'{note.key} = {quote(note.value)}' for note in notes)}]"] if notes else []


# -- facts ------------------------------------------------------------------------------------------------------------


def _facts(name: str, rows: Collection[Row], types: tuple[Type, ...]) -> Iterator[str]:
    """As clauses of the program: what a string holds survives there, in Soufflé's own files it does not."""
    for row in sorted(rows):
        plain = (Constant(values.decode(v, t), t) for v, t in zip(row, types, strict=True))
        yield str(Rule(Atom(name, tuple(map(_pointed, plain)))))


def _pointed(constant: Constant) -> Constant:
    """A decimal without places is written with one, so that it cannot be taken for a number."""
    whole = constant.type == "decimal" and "." not in str(constant)
    return replace(constant, value=Decimal(f"{constant.value}.0")) if whole else constant


# -- rules ------------------------------------------------------------------------------------------------------------


class _Translation:
    """One typed rule. `made`: the equations that take aggregates out of atoms, and arithmetic out of facts."""

    def __init__(self, source: Rule) -> None:
        self.source = source
        taken = {v.name for part in (source.head, *source.body) for v in variables(part)}
        self.fresh = (name for n in count(1) if (name := f"v{n}") not in taken)
        self.made: list[Literal] = []

    def rule(self) -> Rule:
        body = [self.literal(literal) for literal in self.source.body]
        head = self.atom(self.source.head)
        if not body:
            head = replace(head, arguments=tuple(self.taken_out(a) if isinstance(a, Operation) else a for a in head.arguments))
        return replace(self.source, head=head, body=(*body, *self.made))

    def literal(self, literal: Literal) -> Literal:
        match literal:
            case Atom():
                return self.atom(literal)
            case Negation(atom):
                return replace(literal, atom=self.atom(atom))
            case Comparison(_, left, right):
                return replace(literal, left=self.term(left), right=self.term(right))

    def atom(self, atom: Atom) -> Atom:
        arguments = (self.term(a) for a in atom.arguments)
        plain = tuple(self.taken_out(a) if any(aggregates(a)) else a for a in arguments)
        return replace(atom, relation=_relation(atom.relation), arguments=plain)

    def term(self, term: Term) -> Term:
        match term:
            case Variable(name):
                return replace(term, name=_name(name))
            case Constant():
                return _pointed(term)
            case Operation(_, arguments):
                return replace(term, arguments=tuple(map(self.term, arguments)))
            case Aggregate(_, target, body):
                return self.aggregate(term, tuple(map(self.literal, body)), target and self.term(target))
            case _:
                return term

    def aggregate(self, term: Aggregate, body: tuple[Literal, ...], target: Term | None) -> Aggregate:
        """A target in brackets would be taken for the arguments of `min(x, y)`: it gets a name."""
        if str(target).startswith("("):
            assert target is not None
            name = Variable(next(self.fresh))
            body, target = (*body, Comparison("=", name, target)), name
        return replace(term, body=body, target=target)

    def taken_out(self, term: Term) -> Variable:
        variable = Variable(next(self.fresh))
        self.made.append(Comparison("=", variable, term))
        return variable


# -- the folder -------------------------------------------------------------------------------------------------------


def _refuse_others(folder: Path) -> None:
    try:
        names = sorted(path.name for path in folder.iterdir()) if folder.exists() else []
        ours = names == [FILE] and (folder / FILE).read_text(encoding="utf-8", errors="replace").startswith(MARK)
    except OSError as problem:
        raise unwritten(folder, problem, QuestionError) from None
    if names and not ours:
        other = next((name for name in names if name != FILE), FILE)
        hint = say("换一个新的或空的文件夹；只有从前导出的 {file} 会被覆盖", file=FILE)
        raise QuestionError(say("{folder} 里已有别的文件：{name}", folder=folder, name=other), hint=hint)


def _written(folder: Path, text: str) -> Path:
    """The file in its folder; when it cannot be written, a folder that was made for it goes too."""
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise unwritten(folder, problem, QuestionError) from None
    try:
        write_whole(folder / FILE, text, QuestionError)
    except QuestionError:
        if new:
            folder.rmdir()
        raise
    return folder / FILE
