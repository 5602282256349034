"""The user's own copies of the documents: their clauses, to quote and to hold against what the workspace was written from.

file ──reading, word──▶ lines ──cutting──▶ the text of each clause ──▶ quotes
                                            └─ digests against those in policy/<document>.toml: comparing, recording
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import QuestionError, TextError, did_you_mean, from_here
from ..language import say

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..workspace import Workspace
    from .cutting import Clause, Cut

FOLDER = "sources"
CITED = "《"  # before a title that is only mentioned
BLANK = re.compile(r"\s+")


def quotes(workspace: Workspace, files: Iterable[str | Path] = ()) -> Quotes:
    """The texts of the clauses by id (`liaoning-2022/附件.一.1`), from the files, or else from the folder `sources/` of the
    workspace; empty where there is neither. A file is read when a clause of its document is first asked for.

    Raises:
        QuestionError: a file that is of no document, or two of one.
        TextError: a file that cannot be read; now, or when it is read.
    """
    return Quotes(workspace, copies(workspace, files))


class Quotes(Mapping[str, str]):
    """What clauses say, by id with the document. What stands before the first clause has the document's own id."""

    def __init__(self, workspace: Workspace, files: Mapping[str, Path]) -> None:
        self.workspace, self.files = workspace, files
        self._cuts: dict[str, Cut] = {}

    def quote(self, id_: str) -> str:
        """What the clause says that an id is of, or hangs on: `附件.一.1.a` on `附件.一.1`. Empty where no copy has it."""
        clause = clause_of(self.workspace, id_)
        return self.get(clause, "") if clause else ""

    def cut(self, document: str) -> Cut:
        """The copy of a document in its clauses, ids without the document. KeyError when there is none."""
        if document not in self._cuts:
            self._cuts[document] = _read(self.workspace, document, self.files[document])
        return self._cuts[document]

    def __getitem__(self, id_: str) -> str:
        document, _, clause = id_.partition("/")
        return self.cut(document).texts[clause]

    def __iter__(self) -> Iterator[str]:
        for document in self.files:
            yield from (f"{document}/{clause}" if clause else document for clause in self.cut(document).texts)

    def __len__(self) -> int:
        return sum(len(self.cut(document).texts) for document in self.files)


def clause_of(workspace: Workspace, id_: str) -> str:
    """The clause that an id is of, or hangs on, found by leaving out its last parts; empty for none. Ids with the document."""
    known = workspace.clause_order
    while id_ not in known and "." in id_:
        id_ = id_.rpartition(".")[0]
    return id_ if id_ in known else ""


def copies(workspace: Workspace, files: Iterable[str | Path] = ()) -> dict[str, Path]:
    """The file of each document of which there is a copy: those given, or else those in `sources/`. Raises as `quotes` does."""
    found: dict[str, Path] = {}
    for path in [Path(file) for file in files] or _beside(workspace):
        document = _document(workspace, path)
        if (first := found.setdefault(document, path)) is not path:
            message = say(
                "{document} 的文本有两份：{first}、{second}", document=document, first=_told(first), second=_told(path)
            )
            raise QuestionError(message, hint=say("只留一个"))
    return found


def _beside(workspace: Workspace) -> Sequence[Path]:
    from .reading import SUFFIXES

    folder = workspace.root / FOLDER
    try:
        found = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as fault:
        from ..texts.files import unreadable

        raise TextError(unreadable(folder, fault)) from None
    return [path for path in found if path.suffix.lower() in SUFFIXES and not path.name.startswith((".", "~$"))]


def _document(workspace: Workspace, path: Path) -> str:
    """The document that a file is a copy of: by its name, else by the title that stands first in it."""
    from .reading import read_lines

    titles = {row[0]: row[1] for row in workspace.facts("document")}
    if path.stem in titles:
        return path.stem
    text = BLANK.sub("", "".join(read_lines(path)))
    places = {document: text.find(BLANK.sub("", title)) for document, title in titles.items()}
    fitting = [
        d for d, at in sorted(places.items(), key=lambda place: place[1]) if at == 0 or (at > 0 and text[at - 1] != CITED)
    ]
    if fitting:
        return str(fitting[0])
    message = say("看不出 {file} 是哪个文件的文本：名称不是文件的编号，里面也没有文件的标题", file=_told(path))
    raise QuestionError(message, hint=did_you_mean(path.stem, titles) or say("文件的编号见 zhengce documents"))


def _read(workspace: Workspace, document: str, path: Path) -> Cut:
    from .cutting import cut
    from .reading import read_lines

    return cut(read_lines(path), clauses(workspace, document), recorded(workspace, document))


def clauses(workspace: Workspace, document: str) -> list[Clause]:
    """A document's list of clauses, in its order."""
    from .cutting import Clause

    rows = sorted((row for row in workspace.facts("clause") if row[1] == document), key=lambda row: row[4])
    return [Clause(row[0].partition("/")[2], row[2].partition("/")[2], row[3]) for row in rows]


def recorded(workspace: Workspace, document: str) -> dict[str, str]:
    """The digests recorded of a document's clauses, by id without the document."""
    rows = (row for row in workspace.facts("clause_digest") if row[0].partition("/")[0] == document)
    return {clause.partition("/")[2]: digest for clause, digest in rows}


def _told(path: Path) -> str:
    return from_here(str(path))
