"""Options: `--programs N` random programs for each engine, `--regold` writes the messages of the bad programs anew,
`--all-exports` exports every sample case (else a few).
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--programs", type=int, default=300, metavar="N", help="random programs per test (300)")
    parser.addoption("--all-exports", action="store_true", help="export every sample case, not a few")
    parser.addoption("--regold", action="store_true", help="write the expected messages of tests/corpus/bad anew")


def pytest_configure(config: pytest.Config) -> None:
    settings.register_profile(
        "programs",
        max_examples=config.getoption("--programs"),
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    settings.load_profile("programs")
