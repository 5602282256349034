"""What is told of reasons, in every format."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import DrawingError
from ..language import listed, say
from ..texts import write_whole

if TYPE_CHECKING:
    from ..report.outline import Line

FORMATS = ("txt", "md", "html", "json", "svg", "png", "pdf", "dot")
LONGEST = 160  # of a quotation in a short outline


class Told:
    """An outline of lines, and the same as data. `str()` is the outline for people."""

    full = False

    @property
    def title(self) -> str:
        raise NotImplementedError

    @property
    def lines(self) -> list[Line]:
        raise NotImplementedError

    @property
    def data(self) -> dict[str, Any]:
        raise NotImplementedError

    def json(self) -> str:
        """The data as JSON; numbers are strings, so that they stay exact."""
        from ..report.as_json import render

        return render(self.data)

    def __str__(self) -> str:
        from ..report.as_tree import render

        return render(self.lines, None if self.full else LONGEST)

    def markdown(self) -> str:
        """The outline as nested lists."""
        from ..report.as_markdown import render

        return render(self.title, self.lines)

    def html(self) -> str:
        """The outline as a page of its own, in which everything folds."""
        from ..report.as_page import render

        return render(self.title, self.lines)

    def render(self, form: str) -> bytes:
        """The content of a file in a format. Raises `DrawingError`."""
        match form:
            case "txt":
                return f"{self}\n".encode()
            case "md":
                return self.markdown().encode()
            case "html":
                return self.html().encode()
            case "json":
                return f"{self.json()}\n".encode()
        from ..diagrams.outline import render

        return render(self.title, self.lines, form)

    def save(self, path: str | Path) -> Path:
        """Write a file in the format that its name ends in: whole or not at all. Raises `DrawingError`."""
        content = self.render(check_format(path))
        write_whole(Path(path), content, DrawingError)
        return Path(path)

    def _repr_html_(self) -> str:
        return self.html()


def check_format(path: str | Path) -> str:
    """The format that the name of a file ends in. Raises `DrawingError` when there is no such format."""
    form = Path(f"x{path}").suffix.removeprefix(".").lower()
    if form in FORMATS:
        return form
    message = say("没有“{form}”这种格式", form=form) if form else say("文件名没有写格式：{path}", path=path)
    raise DrawingError(message, hint=say("可以是 {values}", values=listed(FORMATS)))
