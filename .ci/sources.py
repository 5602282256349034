"""Hold the digests of the clauses against the texts, where there is a copy of them.

    python .ci/sources.py FOLDER

FOLDER holds `<document>.txt`. Every clause has to be found and unchanged; then, in a copy, one character of each clause in turn
is changed, and no other may seem to have changed.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from zhengce.sources import quotes, recorded
from zhengce.sources.comparing import UNCHANGED, compare
from zhengce.sources.cutting import Cut, digest
from zhengce.workspace import Workspace, find

ROOT = Path(__file__).parents[1]
ANOTHER = "某"


def wrong(folder: Path, scratch: Path) -> Iterator[str]:
    """What does not hold of the copies in a folder."""
    workspace = Workspace(find(ROOT))
    copies = quotes(workspace, sorted(folder.glob("*.txt")))
    for document, found in compare(copies).items():
        yield from (f"{document}/{each.clause} is {each.state}" for each in found if each.state != UNCHANGED)
        file = copies.files[document]
        text, changed = file.read_text(encoding="utf-8"), scratch / f"{document}.txt"
        for clause, own in copies.cut(document).texts.items():
            place = place_of(own, text)
            changed.write_text(text[:place] + ANOTHER + text[place + 1 :], encoding="utf-8")
            named = differing(quotes(workspace, [changed]).cut(document), recorded(workspace, document))
            if named != [clause]:
                yield f"{document}/{clause} with another character is told as {named}"


def place_of(own: str, text: str) -> int:
    """A character in the longest words of a clause, where the text has them last (a title is repeated over its annex)."""
    words = max(own.split(), key=len)
    return text.rindex(words) + len(words) // 2


def differing(cut: Cut, known: Mapping[str, str]) -> list[str]:
    """The clauses whose digest is not as recorded, and those that are not in the list."""
    return [c for c in known if digest(cut.texts.get(c, "")) != known[c]] + [id_ for id_, _ in cut.others]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        found = list(wrong(Path(sys.argv[1]), Path(scratch)))
    print("\n".join(found) or "every clause of the texts is as recorded, and a changed one is named")
    sys.exit(bool(found))
