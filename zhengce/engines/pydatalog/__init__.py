"""The second engine: joins by the library pyDatalog, all else by hands other than the default engine's."""

from .run import evaluate

__all__ = ["evaluate"]
