"""`zhengce help`: a page for every kind of finding, by its code.

The package's own pages are `help/<language>/<code>.md`, with a wrong example and the mended one. What a workspace itself calls
a problem it explains itself: in the rows of its relation `problem_help(code, title, mend)`, which one of its questions shows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .errors import QuestionError, nearest
from .language import listed, say, speaking

if TYPE_CHECKING:
    from .workspace import Workspace

PAGES = Path(__file__).with_name("help")
RELATION = "problem_help"
HEAD = re.compile(r"# (\S+?)(?:　|: )(.+)\n")
FENCE = re.compile(r"^```\S+ ?(.*)\n((?:.*\n)*?)```$", re.MULTILINE)


class Problem(NamedTuple):
    """What a workspace says of a problem of its own."""

    title: str
    mend: str


def codes(language: str) -> dict[str, str]:
    """The codes of the package, each with its title."""
    heads = (HEAD.match(path.read_text(encoding="utf-8")) for path in sorted((PAGES / language).glob("*.md")))
    return {head[1]: head[2] for head in heads if head}


def problems(workspace: Workspace) -> dict[str, Problem]:
    """The codes of a workspace's own problems. Raises `ZhengceError` where the workspace cannot be read."""
    found: dict[str, Problem] = {}
    for name in workspace.questions:
        model = workspace.model(name)
        rows = model.rows.get(RELATION, ()) if model else ()
        found |= {row[0]: Problem(workspace.say(row[1]), workspace.say(row[2])) for row in rows if len(row) == 3}
    return dict(sorted(found.items()))


def page(code: str, workspace: Workspace | None, language: str) -> str:
    """What a code means and how to mend it. `workspace`: None where it cannot be read, or is not needed.

    Raises `QuestionError` with the nearest codes when there is no such code.
    """
    with speaking(language):
        if code in codes(language):
            return _shown((PAGES / language / f"{code}.md").read_text(encoding="utf-8"))
        own = problems(workspace) if workspace else {}
        if code in own:
            return say("{code}　{title}\n\n改法：{mend}", code=code, title=own[code].title, mend=own[code].mend)
        near = nearest(code, [*codes(language), *own])
        hint = say("是不是：{names}？", names=listed(near)) if near else say("全部的编号见 {command}", command="zhengce help")
        raise QuestionError(say("没有“{code}”这个编号", code=code), hint=hint)


def _shown(text: str) -> str:
    """A page for the terminal: the signs of Markdown left out, an example under the name of its file."""
    text = FENCE.sub(lambda m: "\n".join([f"  {m[1]}", *(f"  | {line}".rstrip() for line in m[2].splitlines())]), text)
    return text.removeprefix("# ").rstrip("\n")
