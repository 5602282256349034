"""What a file of `visualize/` means: which answer is drawn, what of it is a node, an edge, a group, and in which form.

A file has

- `title`, `help`, `question`, `form`; `about`: a line that follows the title, of what was asked for;
- `[[group]]`, `[[node]]`, `[[edge]]`: `each` names a list of the answer (`rows.steps` the lists inside its rows, whose items
  see the fields around them; a plain item is `{item}`), the other keys are lines filled in for each of its rows;
- `[style.KIND]` for each kind of node, edge or part of a bar: its words in the legend, its colour, shape, line, width and sign;
  `outward`, `inward`: what the page calls the nodes that its edges lead to, and those that they come from;
- a table with the name of the form: which kinds stand where;
- `note`: lines below the picture.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from . import Question

Spec = dict[str, Any]


class Style(NamedTuple):
    """How a kind is drawn and what the legend calls it. `sign` stands for it where there is only room for a character.

    `outward` and `inward` are what a page calls the neighbours that edges of this kind lead to, and those that they come from.
    """

    label: str = ""
    colour: str = "grey"
    shape: str = "box"
    line: str = "solid"
    width: int = 1
    sign: str = ""
    outward: str = ""
    inward: str = ""


class Diagram(NamedTuple):
    """A diagram: the answer to `question`, as `groups`, `nodes` and `edges`, drawn in a `form` that `options` are for."""

    name: str
    title: str
    about: str
    help: str
    question: str
    form: str
    groups: tuple[Spec, ...]
    nodes: tuple[Spec, ...]
    edges: tuple[Spec, ...]
    styles: Mapping[str, Style]
    options: Spec
    notes: tuple[str | Spec, ...]


def read_diagram(path: Path, questions: Mapping[str, Question]) -> Diagram:
    """The diagram that a file describes. Raises `QuestionFileError` with all that is wrong.

    `questions`: those that could be read; a diagram of any other is an error.
    """
    from ..errors import TextError, raise_all
    from ..texts import read_text, read_toml
    from .drawn import Drawn
    from .mistakes import Mistakes

    data = read_toml(path, TextError)
    mistakes = Mistakes(str(path), read_text(path, TextError))
    Drawn(data, questions, mistakes).diagram()
    raise_all(mistakes.errors)
    return Diagram(
        path.stem,
        data["title"],
        data.get("about", ""),
        data["help"],
        data["question"],
        data["form"],
        tuple(data.get("group", ())),
        tuple(data["node"]),
        tuple(data.get("edge", ())),
        {kind: Style(**style) for kind, style in data["style"].items()},
        data.get(data["form"], {}),
        tuple(data.get("note", ())),
    )
