"""What is wrong with a workspace although its rules could run: no citation, a name Soufflé would refuse, rules of no use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .cases.names import COLUMNS, columns_of
from .datalog.strata import uses
from .datalog.syntax import Atom, Comparison, Constant, variables
from .errors import (
    AnnotationError,
    CitationError,
    CoverageError,
    DeclarationError,
    NeverFiresError,
    NotAsciiError,
    StratificationError,
    UnusedError,
    did_you_mean,
)  # fmt: skip
from .language import later, say
from .measures import LINK, MEASURES
from .prelude import is_ours
from .rows import references
from .sentences import faults

ON_DECLARATIONS = ("key", "ids", "references", "names", "label", "says", "unknown", "fixed", "proof")
CITED = later({"clause": "没有 {name} 这个条款", "reading": "没有 {name} 这个读法"})
ON_RULES = ("clause", "reading", "method")

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from .datalog.checked import CheckedProgram
    from .datalog.syntax import Annotation, Program, Rule
    from .errors import Span, ZhengceError


def lint(
    program: Program, checked: CheckedProgram, facts: Mapping[str, Mapping[Any, Span]], goals: frozenset[str]
) -> Iterator[ZhengceError]:
    """Everything that the workspace's rules must keep to beyond running. `goals`: the relations that questions ask for."""
    yield from _annotations(program)
    yield from _sentences(program)
    yield from _columns(program)
    yield from _citations(program, facts)
    yield from _ascii(program)
    yield from _measured(program, checked)
    yield from _unused(program, goals)
    yield from _never(program, facts)
    yield from _covered(program, facts)


def _annotations(program: Program) -> Iterator[ZhengceError]:
    """Keys that nothing reads, and values that say nothing: a misspelt one would otherwise be ignored without a word."""
    notes: list[tuple[Annotation, tuple[str, ...]]] = []
    notes += [(a, ON_DECLARATIONS) for d in program.declarations for a in d.annotations]
    notes += [(a, ON_RULES) for r in program.rules for a in r.annotations]
    for note, known in dict.fromkeys(notes):
        source = program.source(note.span.file)
        if note.key not in known:
            hint = did_you_mean(note.key, known)
            yield AnnotationError(say("没有 {key} 这种注解", key=note.key), span=note.span, hint=hint, source=source)
        elif not note.value.strip() and note.key != "ids":
            hint = say('写作 @[{key} = "…"]', key=note.key)
            yield AnnotationError(say("{key} 没有写内容", key=note.key), span=note.span, hint=hint, source=source)


def _sentences(program: Program) -> Iterator[ZhengceError]:
    """Places of a sentence, and names of ids, that are no column."""
    for d in program.declarations:
        for note, message, hint in faults(d):
            yield AnnotationError(message, span=note.span, hint=hint, source=program.source(note.span.file))


def _columns(program: Program) -> Iterator[ZhengceError]:
    """Relations of the workspace that the reader of cases unpacks: their columns stand where it looks for them."""
    for d in program.declarations:
        for i, name in columns_of(d.name, len(d.columns)).items():
            type_ = "decimal" if name == "points" else "symbol"
            if i >= len(d.columns) or (d.columns[i].name, d.columns[i].type) != (name, type_):
                column = f"{name}: {type_}"
                message = say("{name} 的第 {number} 列要是 {column}，案例按它来读", name=d.name, number=i + 1, column=column)
                hint, source = say("改列，或给关系换个名称"), program.source(d.span.file)
                yield DeclarationError(message, span=d.span, hint=hint, source=source)


def _citations(program: Program, facts: Mapping[str, Collection[object]]) -> Iterator[ZhengceError]:
    clauses = {row[0] for row in facts.get("clause", ())}  # type: ignore[index]
    readings = {row[0] for row in facts.get("reading_point", ())}  # type: ignore[index]
    known = {"clause": clauses, "reading": readings}
    seen: set[tuple[Span, str]] = set()
    for rule in program.rules:
        source = program.source(rule.span.file)
        misspelt = any(a.key not in ON_RULES for a in rule.annotations)
        if not rule.citations and not misspelt and (rule.span, "") not in seen:
            seen.add((rule.span, ""))
            hint = say('在规则前写 @[clause = "文件/条款"]、@[reading = "…"] 或 @[method = "…"]')
            yield CitationError(say("规则没有依据"), span=rule.span, hint=hint, source=source)
        for citation in rule.citations:
            if citation.kind in known and citation.text not in known[citation.kind]:
                hint = did_you_mean(citation.text, known[citation.kind])
                message = say(CITED[citation.kind], name=citation.text)
                yield CitationError(message, span=citation.span, hint=hint, source=source)


def _ascii(program: Program) -> Iterator[ZhengceError]:
    names: dict[str, Span] = {}
    for declaration in program.declarations:
        names.setdefault(declaration.name, declaration.span)
        for column in declaration.columns:
            names.setdefault(column.name, column.span)
    for rule in program.rules:
        for part in (rule.head, *rule.body):
            for variable in variables(part):
                names.setdefault(variable.name, variable.span)
    for name, span in names.items():
        if not name.isascii():
            hint = say('名称用英文字母；给人看的名称写在 @[label = "…"]')
            message = say("“{name}”不是 ASCII 名称", name=name)
            yield NotAsciiError(message, span=span, hint=hint, source=program.source(span.file))


def _measured(program: Program, checked: CheckedProgram) -> Iterator[ZhengceError]:
    """Links that depend on what is measured of them: the measures are taken once, when the links are complete."""
    below = checked.below({LINK}).relations
    for rule in program.rules:
        if rule.head.relation in below:
            for measure in sorted({relation for relation, _ in uses(rule)} & set(MEASURES)):
                message = say("link 依赖于由它算出的 {name}", name=measure)
                hint, source = say("把用到度量的规则放在 link 之后"), program.source(rule.span.file)
                yield StratificationError(message, span=rule.head.span, hint=hint, source=source)


def _unused(program: Program, goals: frozenset[str]) -> Iterator[ZhengceError]:
    read = {relation for rule in program.rules for relation, _ in uses(rule)}
    shown = goals | {d.relation for d in program.directives if d.kind == "output"}
    referred = {relation for declaration in program.declarations for _, relation, _ in references(declaration)}
    for declaration in program.declarations:
        used = declaration.name in read | shown | referred or declaration.name in COLUMNS
        if not used and not is_ours(declaration.span.file):
            hint = say("删去它，或在规则、问题里用到它，或用 .output 标明它是结果")
            source = program.source(declaration.span.file)
            message = say("没有什么用到 {name}", name=declaration.name)
            yield UnusedError(message, span=declaration.span, hint=hint, source=source)


def _never(program: Program, facts: Mapping[str, Collection[object]]) -> Iterator[ZhengceError]:
    """Rules with an atom of a relation that nothing fills, or with a comparison of constants that is false."""
    derived = {rule.head.relation for rule in program.rules}
    inputs = {d.relation for d in program.directives if d.kind == "input"}
    filled = derived | inputs | {name for name, rows in facts.items() if rows}
    declared = {d.name for d in program.declarations}
    for rule in (r for r in program.rules if not is_ours(r.span.file)):
        for message, span in _hopeless(rule, declared - filled):
            source = program.source(span.file)
            yield NeverFiresError(message, span=span, hint=say("删去它，补上事实，或用 .input 标明可以没有事实"), source=source)


def _hopeless(rule: Rule, empty: set[str]) -> Iterator[tuple[str, Span]]:
    for literal in rule.body:
        if isinstance(literal, Atom) and literal.relation in empty:
            message = say("这条规则永远得不出什么：{name} 既没有事实，也没有规则或 .input", name=literal.relation)
            yield message, literal.span
        if isinstance(literal, Comparison) and _false(literal):
            yield say("这条规则永远得不出什么：{comparison} 不成立", comparison=literal), literal.span


def _false(comparison: Comparison) -> bool:
    left, right = comparison.left, comparison.right
    if not (isinstance(left, Constant) and isinstance(right, Constant)):
        return False
    same = left.value == right.value
    return {"=": not same, "!=": same}.get(comparison.operator, False)


def _covered(program: Program, facts: Mapping[str, Mapping[Any, Span]]) -> Iterator[ZhengceError]:
    """What is said to hold a sentence and is not there: a fact with that id, or a rule that cites the clause."""
    heads = {(rule.head.relation, c.text) for rule in program.rules for c in rule.citations}
    ids: dict[str, set[str]] = {}
    for row, span in facts.get("covers", {}).items():
        clause, _, relation, id_ = row
        document = clause.partition("/")[0]
        if relation not in ids:
            ids[relation] = {value for other in facts.get(relation, ()) for value in other if isinstance(value, str)}
        if relation == "rule" and (id_, clause) not in heads:
            hint = did_you_mean(id_, (head for head, cited in heads if cited == clause))
            yield CoverageError(say("没有引用 {clause} 而推出 {id} 的规则", clause=clause, id=id_), span=span, hint=hint)
        elif relation != "rule" and not {id_, f"{document}/{id_}"} & ids[relation]:
            hint = did_you_mean(id_, (known.removeprefix(f"{document}/") for known in ids[relation]))
            yield CoverageError(say("{relation} 里没有 {id}", relation=relation, id=id_), span=span, hint=hint)
