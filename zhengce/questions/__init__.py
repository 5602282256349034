"""What a file of `queries/` means: its arguments, the relations it asks for, the shape and the wording of its answer.

A field of an answer is one of

- `"column"`, or `"column|filter"` (`document` and `short` split an id at its `/`, `flag` turns yes/no into true/false, `words`
  marks a sentence of the workspace's own, which follows the language);
- `{argument = "name"}`: what was asked for; `{near = "name"}`: the names most like it, when it was found nowhere;
- `{one = "relation", on = […]}`: the single row that agrees with the enclosing row in these columns, as `value = "column"` or
  as `fields`; null when there is none;
- `{each = "relation", on = […], where = {…}, among = {column = "argument"}, order = […]}`: every such row; with `among`, those
  whose column holds one of the ids that a `text` argument found;
- `{exists = "relation", on = […]}`: whether there is one.

`order` sorts by columns (`-column` downwards), clause ids in the order of their document.

`[why]` says what is proved when somebody asks why (see `Grounds`). `[identify]` names for a list of rows (dotted, where it
stands in rows itself) the fields that say which row is which, so that two answers can be held against each other. A list that
it does not name is compared row by whole row.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from ..language import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from ..datalog.checked import Relation
    from ..datalog.syntax import Rule
    from .many import Many

TOOLS = (
    "why",
    "why-not",
    "compare",
    "batch",
    "draw",
    "sources",
    "init",
    "help",
    "fmt",
    "export",
)  # the commands that are no questions
Spec = dict[str, Any]
PLACE = re.compile(r"\{([^{}]+)\}")


class Argument(NamedTuple):
    """What a question is given. `kind` is

    - `name`: looked up in the relation `of`, whose two columns are name and id;
    - `text`: the same, and may fit several;
    - `case`: a file or sample;
    - `option`: a fact of the relation `into`, whose last column has the type of the value (`choices`: the values of a symbol,
      with words for them; `least`: the least number). A column before it takes the argument's own name (`-` for `_`), or, with
      `of`, the id of a name, so that the option can be repeated as `name=value`; a second one takes what follows it after `@`.
      With `of` and one column the value itself is a name, and the fact holds its id. Without any column it is a switch.
    """

    name: str
    kind: str
    help: str
    of: str = ""
    into: str = ""
    type: str = "symbol"
    columns: int = 1
    choices: tuple[tuple[str, str], ...] = ()
    least: int | None = None
    required: bool = True

    @property
    def flag(self) -> str:
        """How the command spells it."""
        return f"--{self.name.replace('_', '-')}" if self.kind == "option" else self.name.upper()

    @property
    def keyed(self) -> bool:
        """Whether it is written `name=value` and may be repeated."""
        return self.kind == "option" and bool(self.of) and self.columns > 1

    @property
    def named(self) -> bool:
        """Whether its value is a name, to be looked up; it may be repeated."""
        return self.kind == "option" and bool(self.of) and self.columns == 1

    @property
    def switch(self) -> bool:
        """Whether it is given or not, and has no value."""
        return self.kind == "option" and self.columns == 0


class Grounds(NamedTuple):
    """What is proved when somebody asks why: the rows of `goal` that agree with the arguments `on`.

    `more`: an argument that picks a row, of the relation `part` then. `want`: what else a row could say, by column: values, or
    `=column` for what another column says; empty where only `more` says what is asked for in vain.
    """

    goal: str
    on: tuple[str, ...]
    more: Argument | None
    part: str
    want: Mapping[str, tuple[str, ...]]


class Question(NamedTuple):
    """A question: `answer` is the shape of what is said, `text` its wording, `goals` the relations that it needs.

    `compare`: the fields in which an answer under another reading may differ; `difference`: the line that then says so.
    """

    name: str
    title: str
    help: str
    arguments: tuple[Argument, ...]
    answer: Spec
    clauses: Mapping[str, str]
    compare: tuple[str, ...]
    difference: str | Spec
    text: tuple[Spec, ...]
    goals: frozenset[str]
    identify: Mapping[str, tuple[str, ...]]
    why: Grounds | None = None
    many: Many | None = None

    @property
    def about_case(self) -> bool:
        """Whether the question is put to a case file."""
        return any(a.kind == "case" for a in self.arguments)


def read_question(path: Path, relations: Mapping[str, Relation] | None) -> Question:
    """The question that a file asks. Raises `QuestionFileError` with all that is wrong.

    `relations`: None while the rules cannot be read, and what refers to them is not looked at.
    """
    from ..errors import TextError, raise_all
    from ..texts import read_text, read_toml
    from .many import many
    from .mistakes import Mistakes
    from .references import References
    from .shape import Shape

    data = read_toml(path, TextError)
    mistakes = Mistakes(str(path), read_text(path, TextError))
    if path.stem in TOOLS:
        mistakes.add((), say("{name} 是工具的名称，这个问题会问不到", name=path.stem), say("换个文件名"))
    Shape(mistakes).question(data)
    raise_all(mistakes.errors)
    batch = many(data, relations, mistakes)
    raise_all(mistakes.errors)
    goals: set[str] = set()
    if relations is not None:
        references = References(data, relations, mistakes)
        references.question()
        raise_all(mistakes.errors)
        goals = references.goals
    return Question(
        path.stem,
        data["title"],
        data["help"],
        tuple(_argument(table, relations or {}) for table in data.get("argument", ())),
        data["answer"],
        data.get("clauses", {}),
        tuple(data.get("compare", {}).get("fields", ())),
        data.get("compare", {}).get("line", ""),
        tuple(data.get("text", ())),
        frozenset(goals),
        {rows: tuple(fields) for rows, fields in data.get("identify", {}).items()},
        _grounds(data["why"]) if "why" in data else None,
        batch,
    )


def _grounds(table: Spec) -> Grounds:
    more = table.get("more")
    argument = Argument(more["name"], "name", more.get("help", ""), more["of"]) if more else None
    wanted = {column: (value,) if isinstance(value, str) else tuple(value) for column, value in table.get("want", {}).items()}
    part = more.get("goal", table["goal"]) if more else table["goal"]
    return Grounds(table["goal"], tuple(table.get("on", ())), argument, part, wanted)


def _argument(table: Spec, relations: Mapping[str, Relation]) -> Argument:
    into = relations.get(table.get("into", ""))
    return Argument(
        table["name"],
        table["kind"],
        table.get("help", ""),
        table.get("of", ""),
        table.get("into", ""),
        into.types[-1] if into and into.types else "symbol",
        len(into.types) if into else 1,
        tuple((value, words) for value, words in table.get("choices", ())),
        table.get("least"),
        table.get("required", table["kind"] != "option"),
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
    """The ids of the readings that rules consult: constants in the two relations that say which are in force."""
    from ..datalog.checks import atoms_of
    from ..datalog.syntax import Constant

    used = set()
    for rule in rules:
        for atom in atoms_of(rule):
            column = {"reading": 1, "reading_in_force": 0}.get(atom.relation)
            if column is not None and isinstance(id_ := atom.arguments[column], Constant):
                used.add(str(id_.value))
    return frozenset(used)
