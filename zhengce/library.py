"""`zhengce.open()`: the questions of a workspace as methods."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .ask import Answer, ask
from .engines import DEFAULT
from .language import listed, say
from .workspace import Workspace, find

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from .batch import Batch
    from .comparing import Comparison
    from .diagrams import Drawing
    from .why import Explanation, Remedies


EXPLAINED = frozenset(("engine", "readings", "others", "full", "most", "sources", "assume"))


class Zhengce:
    """A workspace to put questions to: `zhengce.open().lead("落实休假政策")`.

    Every file of `queries/` is a method of that name. It takes the question's arguments in order or by name, and the keywords
    `engine`, `readings` (a mapping), `alternatives` and, about a case, `assume` (a mapping), as `ask` does, and returns an
    `Answer`. Options are named arguments:
    `eligible("示例市甲", on=date(2022, 5, 20))`, `targets(metric={"千人口托位数": Decimal("4.6")})`.
    """

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def __getattr__(self, name: str) -> Callable[..., Answer]:
        if name.startswith("_") or name not in self.workspace.questions:
            message = say("没有 {name} 这个问题；有：{names}", name=name, names=listed(self.workspace.questions))
            raise AttributeError(message)
        return partial(self._ask, name)

    def draw(
        self,
        diagram: str,
        *given: Any,
        engine: str = DEFAULT,
        readings: Mapping[str, str] | None = None,
        **named: Any,
    ) -> Drawing:
        """Draw a diagram, named like its file in `visualize/`; the other arguments are those of its question."""
        from .diagrams import draw

        values = self._arguments(self.workspace.diagram(diagram).question, given, named)
        return draw(self.workspace, diagram, values, engine=engine, readings=readings)

    def why(self, question: str, *given: Any, **named: Any) -> Explanation | Answer:
        """Prove what a question answers: `why("score", "示例市甲", "附件.一.2")`, `why("lead", "落实休假政策")`.

        The other arguments are those of the question, then the one that picks a part of its answer. Any fact is proved by
        `why(FACT, case, 'settled(_, "附件.一.2.b", _)')`, without a case by `why(FACT, fact=…)`. The keywords `engine`,
        `readings`, `others`, `full`, `sources` and `assume` are those of `zhengce.why.why`.
        """
        from .why import why

        return self._explained(why, question, given, named)  # type: ignore[no-any-return]

    def why_not(self, question: str, *given: Any, **named: Any) -> Remedies | Answer:
        """Look for what would have to be otherwise: `why_not("eligible", "示例市乙")`. Arguments as for `why`, and `most`."""
        from .why import why_not

        return self._explained(why_not, question, given, named)  # type: ignore[no-any-return]

    def _explained(self, explain: Callable[..., Any], question: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        from .why import arguments_of

        names = arguments_of(self.workspace, question)
        if len(given) > len(names):
            message = say("{question} 至多有 {n} 个参数：{names}", question=question, n=len(names), names=listed(names))
            raise TypeError(message)
        options = {key: named.pop(key) for key in EXPLAINED & named.keys()}
        return explain(self.workspace, question, {**dict(zip(names, given, strict=False)), **named}, **options)

    def compare(
        self,
        one: str = "",
        other: str = "",
        *,
        questions: Sequence[str] = (),
        readings: Mapping[str, str] | None = None,
        other_readings: Mapping[str, str] | None = None,
        other_workspace: str | Path | None = None,
        engine: str = DEFAULT,
    ) -> Comparison:
        """Hold two cases against each other, or one case under two readings or in two versions of the workspace.

        Args:
            one: a case; of a question about none, what it is asked about.
            other: the same for the second side; left out, it is that of the first.
            questions: by name; without any, all that are asked about a case and need nothing else.
            readings: of both sides, by id.
            other_readings: of the second side, before those of both.
            other_workspace: the folder of the second side's workspace.

        Raises:
            ZhengceError: whatever is wrong with a workspace, a case, a question or a reading; nothing to compare.
        """
        from .comparing import between, compare

        second = None if other_workspace is None else Workspace(find(other_workspace))
        sides = between(self.workspace, one, other, readings or {}, other_readings or {}, second)
        return compare(*sides, questions, engine=engine)

    def batch(
        self,
        question: str,
        facts: str | Path | Sequence[str | Path] | Mapping[str, Any],
        *,
        readings: Mapping[str, str] | None = None,
        on: date | None = None,
        quota: int | None = None,
        memory: str | None = None,
        threads: int | None = None,
        spill: str | Path | None = None,
    ) -> Batch:
        """Put a question to every city of some tables: `batch("score", "province.toml")`.

        Args:
            facts: a mapping file, a folder of tables, data files, a database; or a frame (pandas, polars, Arrow) by relation.
            readings: for every city, by id.
            on: the day that is asked about.
            quota: how many cities can be chosen.
            memory, threads, spill: what DuckDB may use.

        Raises:
            ZhengceError: whatever is wrong with the tables or the question. DuckDB is needed: `zhengce[duckdb]`.
        """
        from .batch import Batch, Facts, Settings

        given = [facts] if isinstance(facts, (str, Path)) else facts
        known = Facts(self.workspace, given, Settings(memory, threads, spill))
        return Batch(known, question, readings=readings, on=on, quota=quota)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self.workspace.questions]

    def _ask(
        self,
        question: str,
        *given: Any,
        engine: str = DEFAULT,
        readings: Mapping[str, str] | None = None,
        alternatives: bool = True,
        assume: Mapping[str, Any] | None = None,
        **named: Any,
    ) -> Answer:
        values = self._arguments(question, given, named)
        return ask(self.workspace, question, values, engine=engine, readings=readings, alternatives=alternatives, assume=assume)

    def _arguments(self, question: str, given: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a question by name."""
        arguments = self.workspace.prepared(question).question.arguments
        names = [a.name for a in arguments if a.kind != "option"]
        if len(given) > len(names):
            message = say("{question} 至多有 {n} 个参数：{names}", question=question, n=len(names), names=listed(names))
            raise TypeError(message)
        return {**dict(zip(names, given, strict=False)), **named}


def open_workspace(path: str | Path | None = None) -> Zhengce:
    """Open a workspace: the folder given, or the one found from here, or the one that comes with the package."""
    return Zhengce(Workspace(find(path)))
