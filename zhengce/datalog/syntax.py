"""The nouns of the rule language: what a program is made of.

All are frozen and compare by what they say, not by where they stand. `str()` of any of them is source text again.
Several heads and `;` are unfolded when the text is read, so that a `Rule` has one head and its body is a conjunction.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Literal as OneOf

from ..errors import Span

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

Type = OneOf["symbol", "number", "decimal", "date"]
TYPES: tuple[Type, ...] = ("symbol", "number", "decimal", "date")
Value = "str | int | Decimal | date"
NOWHERE = Span("", 0, 0)


def _span() -> Span:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    span: Span = _span()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`_`: a place whose value does not matter."""

    span: Span = _span()

    def __str__(self) -> str:
        return "_"


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal. `type` is empty until the types are worked out: `3` may be a number or a decimal, "…" a symbol or a date."""

    value: str | int | Decimal | date
    type: Type | None = None
    span: Span = _span()

    def __str__(self) -> str:
        if isinstance(self.value, Decimal):
            return f"{self.value:f}"
        return str(self.value) if isinstance(self.value, int) else quote(str(self.value))


@dataclass(frozen=True, slots=True)
class Operation:
    """Arithmetic: `+ - * / %`, `neg` (unary minus), `min`, `max`, `to_float`. `type` is the type of its operands."""

    operator: str
    arguments: tuple[Term, ...]
    type: Type | None = None
    span: Span = _span()

    def __str__(self) -> str:
        if self.operator == "neg":
            return f"-{_operand(self.arguments[0])}"
        if self.operator[0].isalpha():
            return f"{self.operator}({', '.join(map(str, self.arguments))})"
        return f" {self.operator} ".join(map(_operand, self.arguments))


@dataclass(frozen=True, slots=True)
class Aggregate:
    """`count`, `sum`, `min`, `max` or `mean` of `target` over the distinct bindings of the body's own variables."""

    function: str
    target: Term | None
    body: tuple[Literal, ...]
    type: Type | None = None
    span: Span = _span()

    def __str__(self) -> str:
        target = "" if self.target is None else f" {self.target}"
        return f"{self.function}{target} : {{ {', '.join(map(str, self.body))} }}"


Term = Variable | Wildcard | Constant | Operation | Aggregate


@dataclass(frozen=True, slots=True)
class Atom:
    relation: str
    arguments: tuple[Term, ...]
    span: Span = _span()

    def __str__(self) -> str:
        return f"{self.relation}({', '.join(map(str, self.arguments))})"


@dataclass(frozen=True, slots=True)
class Negation:
    atom: Atom
    span: Span = _span()

    def __str__(self) -> str:
        return f"!{self.atom}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`= != < <= > >=`; `type` is the type of both sides."""

    operator: str
    left: Term
    right: Term
    type: Type | None = None
    span: Span = _span()

    def __str__(self) -> str:
        return f"{self.left} {self.operator} {self.right}"


Literal = Atom | Negation | Comparison


@dataclass(frozen=True, slots=True)
class Annotation:
    """`@[key = "value"]`; a key alone has an empty value."""

    key: str
    value: str
    span: Span = _span()

    def __str__(self) -> str:
        return f"@[{self.key} = {quote(self.value)}]"


@dataclass(frozen=True, slots=True)
class Citation:
    """Why a rule holds: a `clause` of a document, a `reading` of one, or a `method` of our own arithmetic."""

    kind: OneOf["clause", "reading", "method"]
    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Rule:
    """`head :- body.`, or a fact when the body is empty."""

    head: Atom
    body: tuple[Literal, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    span: Span = _span()

    def __str__(self) -> str:
        notes = "".join(f"{a}\n" for a in self.annotations)
        body = f" :- {', '.join(map(str, self.body))}" if self.body else ""
        return f"{notes}{self.head}{body}."

    @property
    def citations(self) -> tuple[Citation, ...]:
        """What the rule rests on, in the order written; an annotation may name several, parted by `, `."""
        return tuple(
            Citation(a.key, text.strip(), a.span)  # type: ignore[arg-type]
            for a in self.annotations
            if a.key in ("clause", "reading", "method")
            for text in (a.value.split(",") if a.key != "method" else [a.value])
        )


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: Type
    span: Span = _span()

    def __str__(self) -> str:
        return f"{self.name}: {self.type}"


@dataclass(frozen=True, slots=True)
class Declaration:
    """`.decl name(column: type, …)` with its annotations, and whether `.input` or `.output` names it."""

    name: str
    columns: tuple[Column, ...]
    annotations: tuple[Annotation, ...] = ()
    span: Span = _span()

    def __str__(self) -> str:
        notes = "".join(f"{a}\n" for a in self.annotations)
        return f"{notes}.decl {self.name}({', '.join(map(str, self.columns))})"

    def note(self, key: str) -> str | None:
        """The value of an annotation, or None."""
        return next((a.value for a in self.annotations if a.key == key), None)

    def names(self, key: str) -> tuple[str, ...]:
        """The value of an annotation as a list of names: `"city, indicator"`."""
        return tuple(part.strip() for part in (self.note(key) or "").split(",") if part.strip())

    def position(self, column: str) -> int:
        """The place of a column, counted from 0. ValueError when there is none."""
        return [c.name for c in self.columns].index(column)


@dataclass(frozen=True, slots=True)
class Directive:
    """`.input name` (its facts come from outside) or `.output name` (it is an answer)."""

    kind: OneOf["input", "output"]
    relation: str
    span: Span = _span()

    def __str__(self) -> str:
        return f".{self.kind} {self.relation}"


@dataclass(frozen=True, slots=True)
class Program:
    """The text of one or several files, read. `sources` holds each file's text, to show a line in an error."""

    declarations: tuple[Declaration, ...] = ()
    rules: tuple[Rule, ...] = ()
    directives: tuple[Directive, ...] = ()
    sources: tuple[tuple[str, str], ...] = field(default=(), compare=False, repr=False)

    def __str__(self) -> str:
        return "\n".join(map(str, (*self.declarations, *self.directives, *self.rules))) + "\n"

    def __add__(self, other: Program) -> Program:
        return Program(
            self.declarations + other.declarations,
            self.rules + other.rules,
            self.directives + other.directives,
            self.sources + other.sources,
        )

    def source(self, file: str) -> str:
        """The text of a file, or nothing when it is not kept."""
        return dict(self.sources).get(file, "")


def quote(text: str) -> str:
    """A string as it is written in source."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r")
    return f'"{escaped}"'


def variables(node: Term | Literal, *, inside: bool = True) -> Iterator[Variable]:
    """Every variable of a term or literal, left to right; those of an aggregate's own body only when `inside`."""
    match node:
        case Variable():
            yield node
        case Operation() | Atom():
            for argument in node.arguments:
                yield from variables(argument, inside=inside)
        case Negation():
            yield from variables(node.atom, inside=inside)
        case Comparison():
            yield from variables(node.left, inside=inside)
            yield from variables(node.right, inside=inside)
        case Aggregate() if inside:
            if node.target is not None:
                yield from variables(node.target)
            for literal in node.body:
                yield from variables(literal)
        case _:
            pass


def aggregates(node: Term | Literal) -> Iterator[Aggregate]:
    """Every aggregate of a term or literal, left to right."""
    match node:
        case Aggregate():
            yield node
        case Operation() | Atom():
            for argument in node.arguments:
                yield from aggregates(argument)
        case Negation():
            yield from aggregates(node.atom)
        case Comparison():
            yield from aggregates(node.left)
            yield from aggregates(node.right)
        case _:
            pass


def _operand(term: Term) -> str:
    bracket = (isinstance(term, Operation) and term.operator in "+-*/%") or isinstance(term, Aggregate)
    return f"({term})" if bracket else str(term)
