"""What the answers about many cities come to, for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.as_json import render as as_json

if TYPE_CHECKING:
    from .answers import Batch


def render(batch: Batch) -> str:
    """The summary, and `ranking` where the question has one; numbers as text, so that they stay exact."""
    places = [place._asdict() for place in batch.ranking()]
    return as_json({**batch.summary(), **({"ranking": places} if places else {})})
