"""The engine inside a PostgreSQL server: the rules as SQL, in temporary tables of a session."""

from .run import evaluate

__all__ = ["evaluate"]
