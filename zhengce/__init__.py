"""zhengce (政策): policy documents as facts and rules, and answers with the clause behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .evaluating import evaluate

_HOMES = {"evaluate": "evaluating"}


def __getattr__(name: str) -> Any:
    """Public names are loaded when first used, so that `import zhengce` costs next to nothing."""
    from importlib import import_module

    if home := _HOMES.get(name):
        return getattr(import_module(f".{home}", __name__), name)
    errors = import_module(".errors", __name__)
    if name.endswith("Error") or name == "ArithmeticFault":
        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["evaluate"]
