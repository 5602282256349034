"""What the diagrams of this workspace are tried with."""

from __future__ import annotations

from typing import Any

ASKED: dict[str, dict[str, Any]] = {
    "responsibility": {},
    "matrix": {},
    "cooperation": {},
    "load": {},
    "score": {"city": "示例市甲"},
    "stages": {"on": "2022-10-01"},
    "rules": {"relation": "能否申报"},
}
