"""An answer as JSON: stable keys, numbers as strings."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any


def render(data: dict[str, Any]) -> str:
    """An answer's data, indented, in the order in which they were made."""
    return json.dumps(plain(data), ensure_ascii=False, indent=2)


def plain(value: Any) -> Any:
    """The value with numbers and dates as text."""
    match value:
        case bool() | None | str():
            return value
        case Decimal():
            return f"{value:f}"
        case int():
            return str(value)
        case date():
            return value.isoformat()
        case list():
            return [plain(item) for item in value]
        case _:
            return {key: plain(item) for key, item in value.items()}
