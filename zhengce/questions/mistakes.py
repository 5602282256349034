"""What is wrong with one file of `queries/`, each with its place."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import QuestionFileError
from ..language import say
from ..places import Places

if TYPE_CHECKING:
    from ..places import Path


class Mistakes:
    """Collects errors. A place is given as the path of keys that leads to it."""

    def __init__(self, file: str, text: str) -> None:
        self.file, self.text = file, text
        self.errors: list[QuestionFileError] = []

    @cached_property
    def places(self) -> Places:
        return Places(self.text, self.file)

    def add(self, path: Path, message: str, hint: str = "", *, value: bool = False, within: str = "") -> None:
        """Keep an error at a key; with `value` at its value, with `within` at a part of that."""
        span = self.places.span(path, value=value or bool(within), within=within)
        shown = message if span else say("{file}：{message}", file=self.file, message=message)
        self.errors.append(QuestionFileError(shown, span=span, hint=hint, source=self.text if span else ""))
