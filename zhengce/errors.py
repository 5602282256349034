"""Everything that can go wrong, as one tree, and how it reads. In brackets the codes, which `zhengce help` explains.

ZhengceError
├── RuleError                  the rules (a program) are not acceptable
│   ├── RuleSyntaxError        the text does not parse [syntax]
│   │   └── NotAsciiError      a name that Soufflé would refuse [not-ascii]
│   ├── UnknownNameError       a relation that nothing defines (also a lookup in a Model) [unknown-relation]
│   ├── ArityError             a relation used with another number of columns [arity]
│   ├── RuleTypeError          a value or column of the wrong type [type]
│   ├── SafetyError            a variable that nothing binds [unsafe]
│   ├── StratificationError    a relation that depends on its own negation or aggregate [stratification]
│   ├── TerminationError       a recursive rule that could make new values for ever [termination]
│   ├── DeclarationError       a declaration that is double or malformed [declaration]
│   │   ├── AnnotationError    an annotation that says nothing, or names what is not there [annotation]
│   │   ├── UnusedError        a relation that nothing uses [unused]
│   │   └── NeverFiresError    a rule that can never give anything [never-fires]
│   └── CitationError          a rule without a clause, or with one that does not exist [citation]
├── EvaluationError            sound rules meet facts that they cannot be applied to
│   ├── ArithmeticFault        overflow, division by zero, a date outside the calendar [arithmetic]
│   └── DuplicateKeyError      two rows with one key [double-key]
├── EngineError                no such engine, or the engine cannot do this exactly
├── WorkspaceError             no such workspace, or a part of it is missing [workspace]
│   ├── TextError              a file that cannot be read, or is no YAML or TOML [text]
│   ├── FactsError             a facts file with an unknown key, without a column, with a bad value [facts]
│   ├── DoubleKeyError         two rows of the documents with one key [double-key]
│   ├── ReferenceMissingError  a fact that refers to what is not there [reference]
│   ├── DocumentError          a `<document>.toml` that makes no sense [document]
│   ├── QuestionFileError      a file of `queries/` or `visualize/` that makes no sense [question-file]
│   ├── CoverageError          a sentence said to be held by what is not there [coverage]
│   ├── CatalogueError         a catalogue of translations that makes no sense [catalogue]
│   └── StrayFileError         a file that nothing reads [stray]
├── CaseError                  a case file makes no sense [case]
│   ├── CaseTextError          a case file, or a table beside it, that cannot be read [text]
│   ├── ContradictionError     a case that contradicts itself [contradiction]
│   └── TableError             a table of facts, or its mapping file, makes no sense [table]
├── QuestionError              a question, argument or name that is not known
│   └── UnansweredError        a question on which the document of a case says nothing
├── DrawingError               a picture that cannot be drawn or written
└── ProofError                 what is to be proved does not hold, or what is said not to hold does
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from .language import later, listed, say, width

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


WIDEST = 120
MOST = 20  # errors that are shown


class Span(NamedTuple):
    """A place in a text: file name, then line and column counted from 1."""

    file: str
    line: int
    column: int
    width: int = 1

    def __str__(self) -> str:
        return f"{from_here(self.file)}:{self.line}:{self.column}"


def from_here(file: str) -> str:
    """A file's name as one would type it: without the current folder."""
    from pathlib import Path

    with suppress(OSError, ValueError):  # the current folder has been deleted; the file is elsewhere
        return str(Path(file).relative_to(Path.cwd()))
    return file


class ZhengceError(Exception):
    """What is wrong, where, and the likely fix.

    When several things are wrong at once the first is raised and `all` holds every one, in the order of the text. `code` names
    the kind of mistake, and `mend` says how such a one is put right in general, where there is no better hint.
    """

    code: ClassVar[str] = ""
    mend: ClassVar[str] = ""

    def __init__(self, message: str, *, span: Span | None = None, hint: str = "", source: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint
        self.source = source
        self.all: tuple[ZhengceError, ...] = (self,)

    def __str__(self) -> str:
        more = len(self.all) - MOST
        rest = [say("…… 另有 {n} 处错误没有列出，共 {all} 处", n=more, all=len(self.all))] if more > 0 else []
        return "\n".join([*(error.one() for error in self.all[:MOST]), *rest])

    def one(self) -> str:
        """This error alone: place, message and code, the source line with a caret, the hint."""
        lines = (f"{self.span}: {self.message}" if self.span else self.message).split("\n")
        if self.code:
            lines[0] += f" [{self.code}]"
        if self.span and (shown := _line_of(self.source, self.span.line)):
            lines += _caret(shown, self.span)
        if hint := self.hint or say(self.mend):
            lines.append(f"  → {hint}")
        return "\n".join(lines)


class RuleError(ZhengceError):
    """The rules are not acceptable."""


class RuleSyntaxError(RuleError):
    """The text does not parse."""

    code = "syntax"
    mend = later("检查标点、括号和引号，都用半角；语句以“.”结束")


class NotAsciiError(RuleSyntaxError):
    """A name with letters that Soufflé would refuse."""

    code = "not-ascii"
    mend = later("名称只用英文字母、数字和下划线")


class UnknownNameError(RuleError, KeyError):
    """A relation that nothing defines."""

    code = "unknown-relation"
    mend = later("检查关系的名称，或用 .decl 声明它")


class ArityError(RuleError):
    """A relation used with another number of columns than it has."""

    code = "arity"
    mend = later("列数要与关系的声明一致；不用的列写 _")


class RuleTypeError(RuleError):
    """A value, a column or an operation of the wrong type."""

    code = "type"
    mend = later("对照各列的类型改；一个变量处处是同一类型")


class SafetyError(RuleError):
    """A variable that nothing binds."""

    code = "unsafe"
    mend = later("在规则体里用一个正原子绑定每个变量")


class StratificationError(RuleError):
    """A relation that depends on its own negation or aggregate."""

    code = "stratification"
    mend = later("把循环拆开，先算完被否定或被聚合的关系")


class TerminationError(RuleError):
    """A recursive rule that could make new values for ever."""

    code = "termination"
    mend = later("递归规则的头里只用已有的值，不用算出来的新值")


class DeclarationError(RuleError):
    """A declaration that is double or malformed."""

    code = "declaration"
    mend = later("一个关系只声明一次，列名各不相同")


class AnnotationError(DeclarationError):
    """An annotation that says nothing, or that names what is not there."""

    code = "annotation"
    mend = later("检查注解的键和内容，列要写 .decl 里有的")


class UnusedError(DeclarationError):
    """A relation that nothing uses."""

    code = "unused"
    mend = later("删去它，或在规则、问题里用到它")


class NeverFiresError(DeclarationError):
    """A rule that can never give anything."""

    code = "never-fires"
    mend = later("删去这条规则，或补上它要的事实")


class CitationError(RuleError):
    """A rule without a clause, or with one that the document does not have."""

    code = "citation"
    mend = later("在规则前写明它依据的条款、读法或方法")


class EvaluationError(ZhengceError):
    """Sound rules meet facts that they cannot be applied to."""


class ArithmeticFault(EvaluationError):
    """Overflow, division by zero, or a date outside the calendar."""

    code = "arithmetic"
    mend = later("在规则体里加一个条件，把这种情形排除在外")


class DuplicateKeyError(EvaluationError):
    """Two rows with one key."""

    code = "double-key"
    mend = later("同一个键只能有一行：改其中一行，或删去它")


class EngineError(ZhengceError):
    """No such engine, or the engine cannot do this exactly."""


class WorkspaceError(ZhengceError):
    """No such workspace, or a part of it is missing; of its files, see the kinds below."""

    code = "workspace"
    mend = later("工作区是一个文件夹，里面有能读的 policy、facts、queries 和 visualize")


class TextError(WorkspaceError):
    """A file that cannot be read as text, or is no YAML or TOML."""

    code = "text"
    mend = later("文件要读得到，是 UTF-8 纯文本，写法合于 YAML 或 TOML")


class FactsError(WorkspaceError):
    """A facts file with an unknown key, without a column or with a bad value."""

    code = "facts"
    mend = later("对照 policy/*.dl 里的声明改：键是关系或列，每一列都要有合乎类型的值")


class DoubleKeyError(WorkspaceError):
    """Two rows of the documents with one key."""

    code = DuplicateKeyError.code
    mend = DuplicateKeyError.mend


class ReferenceMissingError(WorkspaceError):
    """A fact that refers to what is not there."""

    code = "reference"
    mend = later("改成已有的名称，或补上它所指的一行")


class DocumentError(WorkspaceError):
    """A `<document>.toml` that makes no sense."""

    code = "document"
    mend = later("先写 title，再用 [[clause]] 逐条写 id 和 heading，上级条款在前")


class QuestionFileError(WorkspaceError):
    """A file of `queries/` that makes no sense."""

    code = "question-file"
    mend = later("对照自带的 queries/*.toml 或 visualize/*.toml 改这个键")


class CatalogueError(WorkspaceError):
    """A catalogue of translations that makes no sense."""

    code = "catalogue"
    mend = later("每条写 msgid 和 msgstr，占位与原文一致")


class StrayFileError(WorkspaceError):
    """A file that nothing reads."""

    code = "stray"
    mend = later("改名，或移出这个文件夹")


class CoverageError(WorkspaceError):
    """A sentence is said to be held by what is not there."""

    code = "coverage"
    mend = later("写这个关系里有的编号，或引用本条的规则所推出的关系")


class CaseError(ZhengceError):
    """A case file makes no sense."""

    code = "case"
    mend = later("改案例的这一处；不知道的就不写")


class CaseTextError(CaseError):
    """A case file, or a table beside it, that cannot be read."""

    code = TextError.code
    mend = TextError.mend


class ContradictionError(CaseError):
    """A case that contradicts itself."""

    code = "contradiction"
    mend = later("两处说法不合，改其中一处")


class TableError(CaseError):
    """A table of facts, or the mapping file that binds it to a relation, makes no sense."""

    code = "table"
    mend = later("改这张表，或改映射文件的这一处")


class QuestionError(ZhengceError):
    """A question, an argument or a name that is not known."""


class UnansweredError(QuestionError):
    """A question on which the document of a case says nothing."""


class DrawingError(ZhengceError):
    """A picture cannot be drawn or written."""


class ProofError(ZhengceError):
    """What is to be proved does not hold, or what is said not to hold does."""


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
    start = max(0, span.column - 1 - WIDEST // 2) if len(line) > WIDEST else 0
    line, column = line[start : start + WIDEST], span.column - 1 - start
    before, marked = line[:column], line[column : column + span.width]
    return [f"  | {line.expandtabs(1)}", "  | " + " " * width(before) + "^" * max(1, width(marked))]
