"""The relations that the package itself fills or reads, declared once for every workspace: documents and clauses, readings,
scored tables, cases. A workspace's own rules build on them and do not declare them again.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..datalog.syntax import Program

PLACE = "zhengce/prelude"


@cache
def prelude() -> Program:
    """The declarations, and the two rules that say which reading is in force."""
    from ..datalog.parser import parse
    from ..datalog.syntax import Program

    texts = sorted((f.name, f.read_text(encoding="utf-8")) for f in files(__package__).iterdir() if f.name.endswith(".dl"))
    return sum((parse(text, f"{PLACE}/{name}") for name, text in texts), Program())


def is_ours(file: str) -> bool:
    """Whether a place lies in the prelude rather than in the workspace."""
    return file.startswith(f"{PLACE}/")
