"""The default engine: one case, a question, a what-if. It depends on nothing but Python."""

from .run import evaluate
from .tables import Table

__all__ = ["Table", "evaluate"]
