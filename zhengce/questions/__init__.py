"""What a file of `queries/` means: its arguments, the relations it asks for, the shape and the wording of its answer.

A field of an answer is one of

- `"column"`, or `"column|filter"` (`document` and `short` split an id at its `/`, `flag` turns yes/no into true/false);
- `{argument = "name"}`: what was asked for;
- `{one = "relation", on = […]}`: the single row that agrees with the enclosing row in these columns, as `value = "column"` or
  as `fields`; null when there is none;
- `{each = "relation", on = […], where = {…}, order = […]}`: every such row;
- `{exists = "relation", on = […]}`: whether there is one.

`order` sorts by columns (`-column` downwards), clause ids in the order of their document.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..datalog.checked import Relation
    from ..datalog.syntax import Rule

Spec = dict[str, Any]
PLACE = re.compile(r"\{([^{}]+)\}")


class Argument(NamedTuple):
    """`kind` is `name` (looked up in the relation `of`, whose two columns are name and id) or `case` (a file or sample)."""

    name: str
    kind: str
    of: str
    help: str


class Question(NamedTuple):
    """A question: `answer` is the shape of what is said, `text` its wording, `goals` the relations that it needs.

    `compare`: the fields in which an answer under another reading may differ; `difference`: the line that then says so.
    """

    name: str
    title: str
    help: str
    date: str
    arguments: tuple[Argument, ...]
    answer: Spec
    clauses: Mapping[str, str]
    compare: tuple[str, ...]
    difference: str
    text: tuple[Spec, ...]
    goals: frozenset[str]

    @property
    def about_case(self) -> bool:
        """Whether the question is put to a case file."""
        return any(a.kind == "case" for a in self.arguments)


def read_question(path: Path, relations: Mapping[str, Relation] | None) -> Question:
    """The question that a file asks. Raises `WorkspaceError` with all that is wrong.

    `relations`: None while the rules cannot be read, and what refers to them is not looked at.
    """
    from ..errors import WorkspaceError, raise_all
    from ..texts import read_text, read_toml
    from .mistakes import Mistakes
    from .references import References
    from .shape import Shape

    data = read_toml(path, WorkspaceError)
    mistakes = Mistakes(str(path), read_text(path, WorkspaceError))
    Shape(mistakes).question(data)
    raise_all(mistakes.errors)
    goals: set[str] = set()
    if relations is not None:
        references = References(data, relations, mistakes)
        references.question()
        raise_all(mistakes.errors)
        goals = references.goals
    arguments = tuple(Argument(a["name"], a["kind"], a.get("of", ""), a.get("help", "")) for a in data.get("argument", ()))
    return Question(
        path.stem,
        data["title"],
        data["help"],
        data.get("date", ""),
        arguments,
        data["answer"],
        data.get("clauses", {}),
        tuple(data.get("compare", {}).get("fields", ())),
        data.get("compare", {}).get("line", ""),
        tuple(data.get("text", ())),
        frozenset(goals),
    )


def parsed(place: str) -> tuple[str, tuple[str, ...], str]:
    """A place `{…}` in a line: its sign (`?`, `!`, `:`, `~` or none), the paths in it, and the words after the sign."""
    for sign in "?!:":
        path, found, words = place.partition(sign)
        if found:
            return sign, (path,), words
    low, interval, high = place.partition("~")
    return ("~", (low, high), "") if interval else ("", (place,), "")


def readings_used(rules: Iterable[Rule]) -> frozenset[str]:
    """The ids of the readings that rules consult: constants in the second column of `reading`."""
    from ..datalog.checks import atoms_of
    from ..datalog.syntax import Constant

    used = set()
    for rule in rules:
        for atom in atoms_of(rule):
            if atom.relation == "reading" and isinstance(atom.arguments[1], Constant):
                used.add(str(atom.arguments[1].value))
    return frozenset(used)
