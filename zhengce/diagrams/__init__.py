"""Diagrams: an answer as a graph (networkx), the graph as a sheet of shapes in one of a few forms, the sheet as a picture."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..ask import Answer, ask
from ..engines import DEFAULT
from ..errors import DrawingError, QuestionError
from ..language import listed, say
from ..texts import write_whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import networkx as nx

    from ..questions.diagram import Diagram
    from ..workspace import Workspace
    from .graph import Graph
    from .sheet import Sheet

PICTURES = ("svg", "png", "pdf", "html")
GRAPHS = ("dot", "graphml", "mmd")
TABLES = ("xlsx",)
FORMATS = (*PICTURES, *GRAPHS, *TABLES)
HOMES = {
    "svg": "svg",
    "png": "raster",
    "pdf": "raster",
    "html": "page",
    "dot": "text",
    "graphml": "text",
    "mmd": "text",
    "xlsx": "book",
}


class Drawing:
    """A diagram of an answer, in every format that suits it. In a notebook it shows itself.

    `graph` is the networkx graph that is drawn, `answer` what it is drawn from.
    """

    def __init__(self, diagram: Diagram, answer: Answer) -> None:
        self.diagram, self.answer = _spoken(diagram, answer.workspace.say), answer

    @cached_property
    def graph(self) -> Graph:
        """The graph, with the attributes that `diagrams.graph` documents."""
        from .frame import of_documents
        from .graph import build

        workspace, data = self.answer.workspace, self.answer.data
        graph = build(self.diagram, data, workspace.words)
        titles, numbers = (dict(map(tuple, workspace.facts(name))) for name in ("document", "document_number"))
        documents = [(titles.get(d, d), numbers.get(d, "")) for d in self.answer.documents]
        graph.graph |= {"documents": of_documents(documents), "drawn": _today().isoformat()}
        return graph

    @cached_property
    def sheet(self) -> Sheet:
        """What is drawn, each shape at its place. Raises `DrawingError`."""
        from .forms import body
        from .frame import framed

        return framed(*body(self.graph, self.diagram), self.graph)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that suit it."""
        return suited(self.diagram)

    def to_networkx(self) -> nx.Graph[str]:
        """A copy of the graph; undirected where its edges have no direction."""
        copy = self.graph.copy()
        return copy.to_undirected() if self.diagram.options.get("layout") == "ring" else copy

    def render(self, form: str) -> bytes:
        """The content of a file in a format. Raises `DrawingError`."""
        check_format(self.diagram, f".{form}")
        return import_module(f".formats.{HOMES[form]}", __package__).render(self, form)  # type: ignore[no-any-return]

    def save(self, path: str | Path) -> Path:
        """Write a file in the format that its name ends in: whole or not at all. Raises `DrawingError`."""
        path = Path(path)
        check_format(self.diagram, path)
        content = self.render(path.suffix.removeprefix(".").lower())
        write_whole(path, content, DrawingError)
        return path

    def _repr_svg_(self) -> str:
        return self.render("svg").decode()


def suited(diagram: Diagram) -> tuple[str, ...]:
    """The formats that suit a diagram: what has no edges is no graph to hand on."""
    return FORMATS if diagram.edges else (*PICTURES, *TABLES)


def check_format(diagram: Diagram, path: str | Path) -> None:
    """Raise `DrawingError` when what the name of a file ends in is no format for the diagram."""
    form, known = Path(f"x{path}").suffix.removeprefix(".").lower(), suited(diagram)
    if form in known:
        return
    message = say("没有“{form}”这种格式", form=form) if form else say("文件名没有写格式：{path}", path=path)
    if form in FORMATS:
        message = say("{name} 没有边，不能写成 {form}", name=diagram.name, form=form)
    raise DrawingError(message, hint=say("可以是 {values}", values=listed(known)))


def draw(
    workspace: Workspace,
    name: str,
    arguments: Mapping[str, Any],
    *,
    engine: str = DEFAULT,
    readings: Mapping[str, str] | None = None,
) -> Drawing:
    """Draw a diagram of a workspace.

    Args:
        name: the name of a file in `visualize/`.
        arguments: those of the question that it draws, as in `ask`.

    Raises:
        ZhengceError: whatever is wrong with the workspace or the arguments, or when there is nothing to draw.
    """
    diagram = workspace.diagram(name)
    answer = ask(workspace, diagram.question, arguments, engine=engine, readings=readings, alternatives=False)
    if "candidates" in answer:
        raise QuestionError(say("有几个都合适，请写明是哪一个：\n{answer}", answer=str(answer)))
    drawing = Drawing(diagram, answer)
    if not drawing.graph:
        raise QuestionError(say("没有可画的"), hint=say("放宽筛选"))
    return drawing


def _spoken(diagram: Diagram, say: Callable[[str], str]) -> Diagram:
    """A diagram with the words of its legend and heads in the current language."""
    styles = {
        kind: style._replace(label=say(style.label), outward=say(style.outward), inward=say(style.inward))
        for kind, style in diagram.styles.items()
    }
    heads = {"heads": [say(head) for head in diagram.options["heads"]]} if "heads" in diagram.options else {}
    return diagram._replace(styles=styles, options={**diagram.options, **heads})


def _today() -> date:
    """The date on a picture: today's, or that of SOURCE_DATE_EPOCH, so that pictures can be made again as they were."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(epoch), UTC).date() if epoch.isdigit() else date.today()
