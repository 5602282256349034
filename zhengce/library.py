"""`zhengce.open()`: the questions of a workspace as methods."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from .ask import Answer, ask
from .engines import DEFAULT
from .workspace import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path


class Zhengce:
    """A workspace to put questions to: `zhengce.open().lead("落实休假政策")`.

    Every file of `queries/` is a method of that name. It takes the question's arguments in order or by name, and the keywords
    `engine`, `readings` (a mapping), `on` (a date) and `alternatives`, as `ask` does, and returns an `Answer`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name.startswith("_") or name not in self.workspace.questions:
            raise AttributeError(f"没有 {name} 这个问题；有：{'、'.join(self.workspace.questions)}")
        return partial(self._ask, name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.workspace.questions]

    def _ask(
        self,
        question: str,
        *given: str | Path,
        engine: str = DEFAULT,
        readings: Mapping[str, str] | None = None,
        on: date | None = None,
        alternatives: bool = True,
        **named: str | Path,
    ) -> Answer:
        names = [a.name for a in self.workspace.prepared(question).question.arguments]
        if len(given) > len(names):
            raise TypeError(f"{question} 至多有 {len(names)} 个参数：{'、'.join(names)}")
        arguments = {**dict(zip(names, given, strict=False)), **named}
        plain = {name: str(value) for name, value in arguments.items()}
        return ask(self.workspace, question, plain, engine=engine, readings=readings, on=on, alternatives=alternatives)


def open_workspace(path: str | Path | None = None) -> Zhengce:
    """Open a workspace: the folder given, or the one found from here, or the one that comes with the package."""
    return Zhengce(Workspace(find(path)))
