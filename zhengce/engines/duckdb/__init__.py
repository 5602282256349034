"""The engine for a province, a country, years of data: the rules as SQL, run by DuckDB."""

from .run import evaluate

__all__ = ["evaluate"]
