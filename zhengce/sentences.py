"""What a fact means in words: the annotations `says`, `unknown`, `fixed` and `names` of its relation.

`says` and `unknown` are sentences with the places of a question's text, which name columns of the relation. A column that holds
an id shows it short, with its title; `{column.id}` is the short id alone, `{column.title}` the title alone. `proof` says
whether a short proof always has a line for the relation (`shown`) or never (`folded`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .errors import did_you_mean
from .language import listed, say
from .questions import PLACE, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .datalog.syntax import Annotation, Declaration, Program

SENTENCES = ("says", "unknown")
READ = (*SENTENCES, "fixed")
PARTS = ("id", "title")
IN_PROOFS = ("shown", "folded")


def spoken(program: Program) -> Iterator[str]:
    """Every text of the annotations that people read in a proof."""
    for declaration in program.declarations:
        yield from (note.value for note in declaration.annotations if note.key in READ)


def subject(unknown: str, columns: Sequence[str]) -> tuple[int, ...]:
    """Which columns say what is not known: all but the last one, and that too where the sentence names it."""
    named = {path.partition(".")[0] for place in PLACE.finditer(unknown) for path in parsed(place[1])[1]}
    return tuple(i for i, column in enumerate(columns) if i < len(columns) - 1 or column in named)


def faults(declaration: Declaration) -> Iterator[tuple[Annotation, str, str]]:
    """What is wrong with the annotations of a declaration: which one, the message and the hint."""
    for note in declaration.annotations:
        if note.key in SENTENCES:
            yield from ((note, *wrong) for wrong in _sentence(declaration, note))
        elif note.key == "names":
            yield from ((note, *wrong) for wrong in _names(declaration, note.value))
        elif note.key == "proof" and note.value not in IN_PROOFS:
            yield note, say("proof 只能是 {values}", values=listed(IN_PROOFS)), did_you_mean(note.value, IN_PROOFS)


def _sentence(d: Declaration, note: Annotation) -> Iterator[tuple[str, str]]:
    for place in PLACE.finditer(note.value):
        for path in parsed(place[1])[1]:
            column, dot, part = path.partition(".")
            yield from _column(d, column)
            if dot and part not in PARTS:
                message = say("{place}：“.”后面只能是 {parts}", place=f"{{{path}}}", parts=listed(PARTS))
                yield message, did_you_mean(part, PARTS)
    if set(PLACE.sub("", note.value)) & set("{}"):
        yield say("{label}：花括号没有成对，或里面是空的", label=note.key), say("写作 {列}")


def _names(d: Declaration, column: str) -> Iterator[tuple[str, str]]:
    yield from _column(d, column)
    if len(d.names("key")) != 1:
        yield say("names 要和只有一列的 key 写在一起"), say('写作 @[key = "编号的列", names = "名称的列"]')


def _column(d: Declaration, name: str) -> Iterator[tuple[str, str]]:
    """The fault of naming a column that there is not."""
    columns = [column.name for column in d.columns]
    if name not in columns:
        yield say("没有“{name}”这一列", name=f"{d.name}.{name}"), did_you_mean(name, columns)
