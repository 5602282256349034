"""One way to write rules down: `format_rules`.

A text is a row of units: annotations, declarations, directives, clauses, each on a line of its own. What is too long for a
line is broken after `:-` and then at commas, where the writer's own breaks are kept. Comments stay where they are: beside what
stands before them on their line, or on lines of their own. Only spaces, ends of lines and blank lines ever change.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from ..language import say, width
from .parser import grammar, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDEST = 128
INDENT = "    "
COMMENT = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/")
OPENING, CLOSING = ("(", "{", "@["), (")", "}", "]")
TIGHT_BEFORE = (")", "]", ",", ";", ".")
TIGHT_AFTER = ("(", "@[", "!")
CALLED = ("atom", "functor", "declaration")


class Comment(NamedTuple):
    """A comment, and the lines on which it begins and ends."""

    text: str
    line: int
    end: int


@dataclass
class Word:
    """A token: `rule` is the rule of the grammar that it stands in; `comments` stand before it, `inline` on its line."""

    text: str
    rule: str
    line: int
    depth: int = 0
    comments: list[Comment] = field(default_factory=list)
    inline: str = ""

    @property
    def is_sign(self) -> bool:
        """Whether a minus is one of a number, not between two."""
        return self.text == "-" and self.rule == "minus"


@dataclass
class Unit:
    """A whole annotation, declaration, directive or clause."""

    kind: str
    words: list[Word]


def format_rules(text: str, file: str = "<rules>") -> str:
    """The text of a rule file, laid out. Only white space changes; a BOM is dropped, ends of lines stay as most of them are.

    Raises `RuleSyntaxError` where the text does not parse.
    """
    program = parse(text, file)
    plain = text.removeprefix("\ufeff").replace("\r\n", "\n")
    units, last = _units(plain)
    laid_out = _Layout(units, last).text()
    if parse(laid_out, file) != program or _substance(laid_out) != _substance(plain):
        raise RuntimeError(say("{file} 排版以后会变成别的程序，没有改动", file=file))
    windows = text.count("\r\n") * 2 > text.count("\n")
    return laid_out.replace("\n", "\r\n") if windows else laid_out


def _substance(text: str) -> tuple[list[str], list[str]]:
    """What formatting must not touch: the words, and the comments without the blanks at the ends of their lines."""
    units, last = _units(text)
    words = [word for unit in units for word in unit.words]
    comments = [comment for word in words for comment in word.comments] + last
    return [word.text for word in words], [_trimmed(comment.text) for comment in comments]


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.split("\n"))


# -- reading ----------------------------------------------------------------------------------------------------------


def _units(text: str) -> tuple[list[Unit], list[Comment]]:
    """The units of a text, every comment with the word after it; then the comments at the end."""
    tree = grammar(every_token=True).parse(text)
    units, place, line = [], 0, 1
    for node in (part for statement in tree.children for part in _parts(statement)):
        words = []
        for token, rule in _tokens(node):
            comments = list(_comments(text[place : token.start_pos], line))
            words.append(Word(str(token), rule, token.line, comments=comments))
            place, line = token.end_pos, token.end_line
        _nest(words)
        units.append(Unit(node[0].data if node[0].data == "annotation" else "statement", words))
    return units, list(_comments(text[place:], line))


def _parts(statement: Any) -> Iterator[list[Any]]:
    """A statement's annotations, each alone, and what is left of it."""
    rest = []
    for child in statement.children:
        if getattr(child, "data", "") == "annotation":
            yield [child]
        else:
            rest.append(child)
    yield [type(statement)(statement.data, rest)]


def _tokens(nodes: list[Any]) -> Iterator[tuple[Any, str]]:
    """The tokens below, each with the rule that it stands in."""
    for node in nodes:
        for child in node.children:
            if hasattr(child, "children"):
                yield from _tokens([child])
            else:
                yield child, str(node.data)


def _comments(gap: str, line: int) -> Iterator[Comment]:
    """The comments between two tokens, where there is nothing else but white space. `line`: where the gap begins."""
    for found in COMMENT.finditer(gap):
        begins = line + gap.count("\n", 0, found.start())
        yield Comment(_trimmed(found[0]), begins, begins + found[0].count("\n"))


def _nest(words: list[Word]) -> None:
    """Write in how deep in brackets each word stands."""
    depth = 0
    for word in words:
        depth -= word.text in CLOSING
        word.depth = depth
        depth += word.text in OPENING


# -- writing ----------------------------------------------------------------------------------------------------------


class _Layout:
    """The lines of the whole text. `end`: the line of the source on which the last thing written ended."""

    def __init__(self, units: list[Unit], last: list[Comment]) -> None:
        self.units, self.last = units, last
        self.lines: list[str] = []
        self.end = 0
        self.together = True  # nothing to be parted from: the beginning, or an annotation

    def text(self) -> str:
        for unit in self.units:
            self.comments(unit.words[0])
            self.put(_Statement(unit).lines(), unit.words[0].line, unit.words[-1].line)
            self.together = unit.kind == "annotation"
        self.comments(Word("", "", 0, comments=self.last))
        return "".join(f"{line}\n" for line in self.lines)

    def comments(self, word: Word) -> None:
        """Those before a unit: beside what went before when they begin on its line, else on their own lines."""
        beside = bool(self.lines)
        for comment in word.comments:
            beside = beside and comment.line == self.end
            if beside:
                self.lines[-1] += f"  {comment.text}"
                self.end = comment.end
            else:
                self.put([comment.text], comment.line, comment.end)

    def put(self, lines: list[str], begins: int, ends: int) -> None:
        """Add lines, below a blank one if there was one in the source."""
        if begins > self.end + 1 and not self.together:
            self.lines.append("")
        self.lines += lines
        self.end, self.together = ends, False


class _Statement:
    """The lines of one unit."""

    def __init__(self, unit: Unit) -> None:
        self.words = unit.words
        self.done: list[str] = []
        self.line = ""
        self.fresh = True  # nothing stands on the line yet
        self._take_inline()

    def lines(self) -> list[str]:
        """One line if it fits and no comment ends a line inside, else several."""
        everything = range(len(self.words))
        if not any(word.comments for word in self.words[1:]) and self.columns(everything) <= WIDEST:
            return ["".join(map(self.spaced, everything))]
        body = 1 + next((i for i, word in enumerate(self.words) if word.text == ":-"), len(self.words) - 1)
        for part in self.segments(everything[:body]):
            self.segment(part)
        self.end_line()
        for part in self.segments(everything[body:]):
            self.segment(part)
            if self.broken(part[-1]):
                self.end_line()
        self.end_line()
        return self.done

    def segments(self, places: range) -> Iterator[range]:
        """Words up to where a line may end: the commas that stand in the fewest brackets."""
        commas = [i for i in places[:-1] if self.words[i].text in (",", ";")]
        outermost = min((self.words[i].depth for i in commas), default=0)
        start = places.start
        for i in (i for i in commas if self.words[i].depth == outermost):
            yield range(start, i + 1)
            start = i + 1
        if start < places.stop:
            yield range(start, places.stop)

    def segment(self, places: range) -> None:
        """Put words on the line, or on the next when it is full; what is longer than a line is broken further in."""
        ahead = self.columns(places)
        if not self.fresh and width(self.line) + ahead > WIDEST:
            self.end_line()
        parts = list(self.segments(places)) if len(INDENT) + ahead > WIDEST else []
        if len(parts) > 1:
            for part in parts:
                self.segment(part)
        else:
            for i in places:
                self.word(i)

    def columns(self, places: range) -> int:
        """The columns that words take up to the first comment that ends the line."""
        taken: list[str] = []
        for i in places:
            if taken and self.words[i].comments:
                break
            taken.append(self.spaced(i))
        return width("".join(taken))

    def word(self, i: int) -> None:
        word = self.words[i]
        if i:
            self.comments(word.comments, self.words[i - 1].line)
        text = self.spaced(i)
        self.line += text.lstrip() if self.fresh else text
        self.fresh = False

    def comments(self, comments: list[Comment], line: int) -> None:
        """Each ends a line: the one before it, when it begins there in the source (`line`), else its own."""
        for comment in comments:
            self.end_line()
            if comment.line == line:
                self.done[-1] += f"  {comment.text}"
                line = comment.end
            else:
                self.done.append(INDENT + comment.text)
                line = -1

    def end_line(self) -> None:
        if not self.fresh:
            self.done.append(self.line)
        self.line, self.fresh = INDENT, True

    def broken(self, i: int) -> bool:
        """Whether the writer ended the line after a word."""
        return i + 1 < len(self.words) and self.words[i + 1].line > self.words[i].line

    def spaced(self, i: int) -> str:
        word = self.words[i]
        if i == 0:
            return word.text
        space = " " if self.apart(self.words[i - 1], word) else ""
        if not word.inline:
            return space + word.text
        before, after = "" if self.tight(self.words[i - 1]) else " ", "" if word.text in TIGHT_BEFORE else " "
        return before + word.inline + after + word.text

    def apart(self, before: Word, word: Word) -> bool:
        """Whether a space parts two words."""
        if word.text in TIGHT_BEFORE or self.tight(before):
            return False
        called = word.text == "(" and word.rule in CALLED
        return not called and not (word.text == ":" and word.rule == "column")

    def tight(self, word: Word) -> bool:
        return word.text in TIGHT_AFTER or word.is_sign

    def _take_inline(self) -> None:
        """Comments between words of one line become part of the word after them."""
        for word in self.words[1:]:
            line, inline = word.line, []
            while (
                word.comments and word.comments[-1].line == word.comments[-1].end == line and word.comments[-1].text[1] == "*"
            ):
                inline.append(word.comments.pop().text)
            word.inline = " ".join(reversed(inline))
