"""zhengce (政策): policy documents as facts and rules, and answers with the clause behind them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .ask import Answer
    from .datalog.checked import Model
    from .diagrams import Drawing
    from .errors import ZhengceError
    from .evaluating import evaluate
    from .library import Zhengce
    from .library import open_workspace as open

_HOMES = {
    "Answer": ("ask", "Answer"),
    "Drawing": ("diagrams", "Drawing"),
    "Model": ("datalog.checked", "Model"),
    "Zhengce": ("library", "Zhengce"),
    "evaluate": ("evaluating", "evaluate"),
    "open": ("library", "open_workspace"),
}


def __getattr__(name: str) -> Any:
    """Public names are loaded when first used, so that `import zhengce` costs next to nothing."""
    from importlib import import_module

    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(import_module(f".{module}", __name__), attribute)
    errors = import_module(".errors", __name__)
    if name[:1].isupper() and hasattr(errors, name) and issubclass(getattr(errors, name), Exception):
        return getattr(errors, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = ["Answer", "Drawing", "Model", "Zhengce", "ZhengceError", "evaluate", "open"]
