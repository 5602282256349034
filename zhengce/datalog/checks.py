"""From `Program` to `CheckedProgram`: names, columns, types, safety, stratification and termination, all errors at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import (
    AnnotationError,
    ArityError,
    DeclarationError,
    Span,
    UnknownNameError,
    ZhengceError,
    did_you_mean,
    raise_all,
)  # fmt: skip
from ..language import say
from .calendar import BUILTINS
from .checked import CheckedProgram, Relation
from .safety import endless, unsafe
from .scope import atom_of
from .strata import Dependencies
from .syntax import Atom, Declaration, Program, Rule, aggregates
from .types import Inference, Kinds

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def check(
    program: Program, given: Mapping[str, tuple[Kinds, ...]] | None = None, *, declared_only: bool = False
) -> CheckedProgram:
    """Check a program. `given`: for relations whose facts come with the call, what their columns may be.

    With `declared_only`, a relation without `.decl` is an error, as it is to Soufflé; otherwise its columns are inferred.
    Raises `RuleError` with all that is wrong.
    """
    given = given or {}
    names = _Names(program, given, declared_only)
    raise_all([*names.declarations(), *names.uses()])
    dependencies = Dependencies(program)
    inference = Inference(program, given)
    rules = inference.solve()
    raise_all(
        [
            *inference.errors,
            *unsafe(program),
            *dependencies.cycles(),
            *endless(program, dependencies.recursive()),
        ]
    )
    relations = {name: names.relation(name, inference) for name in sorted(names.arity)}
    return CheckedProgram(relations, dependencies.strata(rules), dict(program.sources))


class _Names:
    """What relations there are, with how many columns; and every use that does not fit."""

    def __init__(self, program: Program, given: Mapping[str, tuple[Kinds, ...]], declared_only: bool) -> None:
        self.program = program
        self.declared = {d.name: d for d in reversed(program.declarations)}  # of two, the first counts
        self.arity = {name: len(kinds) for name, kinds in given.items()}
        if not declared_only:
            for rule in program.rules:
                self.arity.setdefault(rule.head.relation, len(rule.head.arguments))
        self.arity |= {name: len(d.columns) for name, d in self.declared.items()}

    def declarations(self) -> Iterator[ZhengceError]:
        seen: dict[str, Declaration] = {}
        for d in self.program.declarations:
            if d.name in BUILTINS:
                yield self.error(DeclarationError, say("{name} 是内置关系，不能再声明", name=d.name), d.span, say("换个名称"))
            elif d.name in seen:
                before = say("前一次在 {place}", place=seen[d.name].span)
                yield self.error(DeclarationError, say("{name} 声明了两次", name=d.name), d.span, before)
            seen.setdefault(d.name, d)
            yield from self._columns(d)
        for directive in self.program.directives:
            if directive.relation not in self.arity:
                yield self.unknown(directive.relation, directive.span)

    def _columns(self, d: Declaration) -> Iterator[ZhengceError]:
        names = [c.name for c in d.columns]
        for i, column in enumerate(d.columns):
            if column.name in names[:i]:
                message = say("{name} 有两列都叫 {column}", name=d.name, column=column.name)
                yield self.error(DeclarationError, message, column.span, say("换个名称"))
        note = next((a for a in d.annotations if a.key == "key"), None)
        for name in d.names("key"):
            if name not in names and note is not None:
                message = say("{name} 没有 {column} 这一列", name=d.name, column=name)
                yield self.error(AnnotationError, message, note.span, did_you_mean(name, names))

    def uses(self) -> Iterator[ZhengceError]:
        for rule in self.program.rules:
            if rule.head.relation in BUILTINS:
                message = say("{name} 是内置关系，不能由规则得出", name=rule.head.relation)
                yield self.error(DeclarationError, message, rule.head.span, say("换个名称"))
            else:
                yield from self.atom(rule.head)
            for atom in atoms_of(rule):
                yield from self.atom(atom)

    def atom(self, atom: Atom) -> Iterator[ZhengceError]:
        arity = len(BUILTINS[atom.relation].types) if atom.relation in BUILTINS else self.arity.get(atom.relation)
        if arity is None:
            yield self.unknown(atom.relation, atom.span)
        elif arity != len(atom.arguments):
            d = self.declared.get(atom.relation)
            name, written = atom.relation, len(atom.arguments)
            hint = say("{name} 的列：{columns}", name=name, columns=", ".join(map(str, d.columns))) if d else ""
            message = say("{name} 有 {wanted} 列，这里写了 {written} 列", name=name, wanted=arity, written=written)
            yield self.error(ArityError, message, atom.span, hint)

    def unknown(self, name: str, span: Span) -> ZhengceError:
        hint = did_you_mean(name, {*self.arity, *BUILTINS}) or say("先用 .decl 声明它")
        return self.error(UnknownNameError, say("没有 {name} 这个关系", name=name), span, hint)

    def error(self, kind: type[ZhengceError], message: str, span: Span, hint: str = "") -> ZhengceError:
        return kind(message, span=span, hint=hint, source=self.program.source(span.file))

    def relation(self, name: str, inference: Inference) -> Relation:
        declaration = self.declared.get(name)
        types = tuple(inference.column(name, i) for i in range(self.arity[name]))
        if declaration is None:
            return Relation(name, tuple(f"c{i + 1}" for i in range(len(types))), types)
        key = tuple(declaration.position(column) for column in declaration.names("key"))
        return Relation(name, tuple(c.name for c in declaration.columns), types, key)


def atoms_of(rule: Rule) -> Iterator[Atom]:
    """Every atom of a body: positive, negated, or inside an aggregate of the head or body."""
    for literal in rule.body:
        if (atom := atom_of(literal)) is not None:
            yield atom
    for part in (rule.head, *rule.body):
        for aggregate in aggregates(part):
            for literal in aggregate.body:
                if (atom := atom_of(literal)) is not None:
                    yield atom
