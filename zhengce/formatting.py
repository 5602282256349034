"""Rule files laid out in place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .datalog.format import format_rules
from .errors import TextError
from .texts import read_text, write_whole

if TYPE_CHECKING:
    from pathlib import Path


def rule_files(root: Path) -> list[Path]:
    """The rule files of the workspace at `root`."""
    return sorted(path for path in (root / "policy").glob("*.dl") if path.name[0] != ".")


def format_file(path: Path, *, check: bool = False) -> bool:
    """Lay out a rule file. Returns whether that changes it; with `check`, nothing is written.

    A byte order mark is dropped. The file is replaced as a whole or not at all, and left alone when nothing changes.

    Raises:
        TextError: the file cannot be read or written.
        RuleSyntaxError: the rules do not parse.
    """
    text = format_rules(read_text(path, TextError), str(path))
    changed = text.encode() != path.read_bytes()
    if changed and not check:
        write_whole(path, text, TextError)
    return changed
