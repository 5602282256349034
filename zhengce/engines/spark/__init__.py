"""The engine for data that lives on a cluster: the rules as SQL, run by Spark. On one machine DuckDB is far quicker."""

from .run import evaluate

__all__ = ["evaluate"]
