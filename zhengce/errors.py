"""Everything that can go wrong, as one tree, and how it reads.

ZhengceError
├── RuleError               the rules (a program) are not acceptable
│   ├── RuleSyntaxError     the text does not parse
│   ├── UnknownNameError    a relation that nothing defines (also a lookup in a Model)
│   ├── ArityError          a relation used with another number of columns
│   ├── RuleTypeError       a value or column of the wrong type
│   ├── SafetyError         a variable that nothing binds
│   ├── StratificationError a relation that depends on its own negation or aggregate
│   ├── TerminationError    a recursive rule that could make new values for ever
│   ├── DeclarationError    a declaration that is double, malformed, or of no use
│   └── CitationError       a rule without a clause, or with one that does not exist
├── EvaluationError         sound rules meet facts that they cannot be applied to
│   ├── ArithmeticFault     overflow, division by zero, a date outside the calendar
│   └── DuplicateKeyError   two rows with one key
├── EngineError             no such engine, or the engine cannot do this exactly
├── WorkspaceError          a file of the four folders cannot be read or makes no sense
├── CaseError               a case file cannot be read, makes no sense or contradicts itself
└── QuestionError           a question, argument or name that is not known
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .language import listed, say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


WIDEST = 120


class Span(NamedTuple):
    """A place in a text: file name, then line and column counted from 1."""

    file: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class ZhengceError(Exception):
    """What is wrong, where, and the likely fix.

    When several things are wrong at once the first is raised and `all` holds every one, in the order of the text.
    """

    def __init__(self, message: str, *, span: Span | None = None, hint: str = "", source: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.source = source
        self.all: tuple[ZhengceError, ...] = (self,)

    def __str__(self) -> str:
        return "\n".join(error.one() for error in self.all)

    def one(self) -> str:
        """This error alone: place and message, the source line with a caret, the hint."""
        lines = [f"{self.span}: {self.message}" if self.span else self.message]
        if self.span and (shown := _line_of(self.source, self.span.line)):
            lines += _caret(shown, self.span)
        if self.hint:
            lines.append(f"  → {self.hint}")
        return "\n".join(lines)


class RuleError(ZhengceError):
    """The rules are not acceptable."""


class RuleSyntaxError(RuleError):
    """The text does not parse."""


class UnknownNameError(RuleError, KeyError):
    """A relation that nothing defines."""


class ArityError(RuleError):
    """A relation used with another number of columns than it has."""


class RuleTypeError(RuleError):
    """A value, a column or an operation of the wrong type."""


class SafetyError(RuleError):
    """A variable that nothing binds."""


class StratificationError(RuleError):
    """A relation that depends on its own negation or aggregate."""


class TerminationError(RuleError):
    """A recursive rule that could make new values for ever."""


class DeclarationError(RuleError):
    """A declaration that is double, malformed or of no use."""


class CitationError(RuleError):
    """A rule without a clause, or with one that the document does not have."""


class EvaluationError(ZhengceError):
    """Sound rules meet facts that they cannot be applied to."""


class ArithmeticFault(EvaluationError):
    """Overflow, division by zero, or a date outside the calendar."""


class DuplicateKeyError(EvaluationError):
    """Two rows with one key."""


class EngineError(ZhengceError):
    """No such engine, or the engine cannot do this exactly."""


class WorkspaceError(ZhengceError):
    """A file of the four folders cannot be read or makes no sense."""


class CoverageError(WorkspaceError):
    """A sentence is said to be held by what is not there."""


class CaseError(ZhengceError):
    """A case file cannot be read, makes no sense or contradicts itself."""


class ContradictionError(CaseError):
    """A case says two things that cannot both be."""


class QuestionError(ZhengceError):
    """A question, an argument or a name that is not known."""


def raise_all(errors: Iterable[ZhengceError]) -> None:
    """Raise the first error in the order of the text, holding all of them; nothing when there is none."""
    unique = {(e.span, e.message): e for e in errors}
    ordered = sorted(unique.values(), key=lambda e: (e.span or Span("", 0, 0), e.message))
    if ordered:
        ordered[0].all = tuple(ordered)
        raise ordered[0]


def nearest(name: str, known: Iterable[str], *, cutoff: float = 0.6) -> list[str]:
    """The known names most like `name`, at most three, best first."""
    from difflib import get_close_matches

    return get_close_matches(name, list(known), n=3, cutoff=cutoff)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest known names, or with all of them when they are few."""
    known = sorted(set(known))
    if near := nearest(name, known):
        return say("是不是：{names}？", names=listed(near))
    return say("已知的有：{names}", names=listed(known)) if 0 < len(known) <= 12 else ""


def _line_of(source: str, number: int) -> str:
    lines: Sequence[str] = source.split("\n") if source else ()
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def _caret(line: str, span: Span) -> list[str]:
    """The line and a caret under its column, wide characters counted as two."""
    from unicodedata import east_asian_width

    def wide(text: str) -> int:
        return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)

    start = max(0, span.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    line, column = line[start : start + WIDEST], span.column - 1 - start
    before, marked = line[:column], line[column : column + span.width]
    return [f"  | {line.expandtabs(1)}", "  | " + " " * wide(before) + "^" * max(1, wide(marked))]
