"""The catalogues of a workspace's own words, `queries/en.po`, held against the texts that they translate.

An entry is a text of a question, a sentence of the rules or the facts, or, under the context `gloss`, a name of the documents
with what it means. What has no entry is shown as it is; an entry that nothing has is a mistake, and mostly a misspelt one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .errors import CatalogueError, Span, did_you_mean
from .language import GLOSS, LANGUAGES, listed, say
from .questions import PLACE, parsed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    from .datalog.syntax import Program
    from .questions import Question
    from .questions.diagram import Diagram

LINE = re.compile(r'(?:#.*|(?:(?:msgctxt|msgid|msgstr) )?"(?:[^"\\]|\\.)*")?')


class Entry(NamedTuple):
    """One entry of a catalogue; `context` is empty or `gloss`, `line` counts from 1."""

    context: str
    message: str
    translation: str
    line: int


def check_catalogues(paths: Iterable[Path], worded: Collection[str], stated: Collection[str]) -> Iterator[CatalogueError]:
    """What is wrong with catalogues. `worded`: the texts with places; `stated`: those of the rules and facts."""
    for path in paths:
        try:
            yield from _Catalogue(path).wrong(worded, stated)
        except CatalogueError as error:
            yield error


def read_catalogue(path: Path) -> list[Entry]:
    """What a catalogue holds. Raises `CatalogueError` where it cannot be read."""
    return _Catalogue(path).entries()


def worded(question: Question) -> Iterator[str]:
    """Every text of a question's file that people read."""
    yield question.title
    yield from _filled(question.help, *(argument.help for argument in question.arguments))
    yield from _lines(question.difference)
    for block in question.text:
        yield from _filled(block.get("heading", ""))
        for title, line in block.get("columns", ()):
            yield from _filled(title)
            yield from _lines(line)
        for line in block.get("lines", ()):
            yield from _lines(line)


def drawn(diagram: Diagram) -> Iterator[str]:
    """Every text of a diagram's file that people read."""
    yield from _filled(diagram.title, diagram.about, diagram.help)
    for style in diagram.styles.values():
        yield from _filled(style.label, style.outward, style.inward)
    options = diagram.options
    lines = [*diagram.notes, *options.get("heads", ()), options.get("unit", ""), options.get("total", "")]
    for spec in (*diagram.groups, *diagram.nodes, *diagram.edges):
        lines += [spec[key] for key in ("label", "note") if key in spec]
        lines += spec.get("lines", ())
    for line in lines:
        yield from _lines(line)


def stated(program: Program, facts: Mapping[str, Iterable[tuple[Any, ...]]]) -> Iterator[str]:
    """Every text that a rule or a fact may put into an answer, and those of the annotations."""
    from .datalog.syntax import Constant

    for rule in program.rules:
        yield from (str(term.value) for term in rule.head.arguments if isinstance(term, Constant))
        yield from (note.value for note in rule.annotations)
    for declaration in program.declarations:
        yield from (note.value for note in declaration.annotations)
    for rows in facts.values():
        yield from (value for row in rows for value in row if isinstance(value, str))


def places(line: str) -> set[tuple[str, str]]:
    """The places of a line as path and sign, without the words in them; an interval is its two ends."""
    found = (parsed(place[1]) for place in PLACE.finditer(line))
    return {(path, sign.replace("~", "")) for sign, paths, _ in found for path in paths}


def choices(line: str) -> dict[str, set[str]]:
    """For each place of a line that has words for values, the values."""
    found: dict[str, set[str]] = {}
    for place in PLACE.finditer(line):
        sign, (path, *_), said = parsed(place[1])
        if sign == ":":
            found.setdefault(path, set()).update(pair.partition("=")[0] for pair in said.split(","))
    return found


def _filled(*texts: str) -> Iterator[str]:
    return (text for text in texts if text)


def _lines(line: Any) -> Iterator[str]:
    if isinstance(line, dict):
        yield from _filled(line["join"])
        yield from _lines(line["line"])
    else:
        yield from _filled(line)


class _Catalogue:
    """One file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = ""

    def error(self, line: int, message: str, hint: str = "") -> CatalogueError:
        width = len(self.text.split("\n")[line - 1].rstrip()) if line <= self.text.count("\n") + 1 else 1
        return CatalogueError(message, span=Span(str(self.path), line, 1, max(1, width)), hint=hint, source=self.text)

    def entries(self) -> list[Entry]:
        """All entries but the head. Raises `CatalogueError`."""
        from babel.messages.pofile import PoFileError, read_po

        from .texts import read_text

        self.text = read_text(self.path, CatalogueError)
        for number, line in enumerate(self.text.split("\n"), 1):
            if not LINE.fullmatch(line.strip()):
                raise self.error(number, say("不合 gettext 的写法"))
        try:
            found = read_po(self.text.split("\n"), abort_invalid=True)
        except PoFileError as error:
            raise self.error(error.lineno + 1, say("不合 gettext 的写法")) from None
        except Exception as error:  # babel raises whatever comes of a text that it does not expect
            message = say("不合 gettext 的写法：{problem}", problem=" ".join(str(error).split()))
            raise self.error(1, message) from None
        return [Entry(e.context or "", str(e.id), str(e.string), e.lineno or 1) for e in found if e.id]

    def wrong(self, worded: Collection[str], stated: Collection[str]) -> Iterator[CatalogueError]:
        known = [language for language in LANGUAGES if language != LANGUAGES[0]]
        if self.path.stem not in known:
            names = listed(f"{language}{self.path.suffix}" for language in known)
            message = say("{path}：没有“{language}”这种语言的目录", path=self.path, language=self.path.stem)
            raise CatalogueError(message, hint=say("可以是 {values}", values=names))
        for entry in self.entries():
            texts = {"": {*worded, *stated}, GLOSS: stated}.get(entry.context)
            if texts is None:
                message = say("没有“{context}”这种 msgctxt", context=entry.context)
                yield self.error(entry.line, message, say("可以是 {values}", values=GLOSS))
            elif entry.message not in texts:
                message = say("问题、规则和事实里没有“{text}”", text=entry.message)
                yield self.error(entry.line, message, did_you_mean(entry.message, texts))
            elif entry.translation and entry.message in worded and (problem := _misplaced(entry)):
                yield self.error(entry.line, problem)


def _misplaced(entry: Entry) -> str:
    """What is wrong with the places of a translation."""
    mine, theirs = places(entry.translation), places(entry.message)
    if mine != theirs:
        return say("译文的占位与原文不同：{places}", places=listed(f"{{{path}{sign}}}" for path, sign in sorted(mine ^ theirs)))
    if set(PLACE.sub("", entry.translation)) & set("{}"):
        return say("译文的花括号没有成对，或里面是空的")
    values = choices(entry.translation)
    lost = sorted(value for path, wanted in choices(entry.message).items() for value in wanted - values[path])
    return say("译文的占位里没有取值 {values}", values=listed(lost)) if lost else ""
