"""Options: `--programs N` random programs for each engine, `--all-engines` holds those that need a server or Java to everything
(else to what is named in served.py), `--all-exports` exports every sample case (else a few), `--regold` writes anew what is
golden: the messages of bad input and of bad programs, answers, and the order of `zhengce/locale/en.po`.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--programs", type=int, default=300, metavar="N", help="random programs per test (300)")
    parser.addoption("--all-engines", action="store_true", help="everything by postgres and spark, not a few")
    parser.addoption("--all-exports", action="store_true", help="export every sample case, not a few")
    parser.addoption("--regold", action="store_true", help="write the expected messages and answers, and the order of en.po")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "thorough: only with --all-engines")
    os.environ["LC_ALL"] = "zh_CN.UTF-8"  # the golden messages are in Chinese, wherever the tests run; children inherit it
    settings.register_profile(
        "programs",
        max_examples=config.getoption("--programs"),
        deadline=None,
        derandomize=bool(os.environ.get("CI")),
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    settings.load_profile("programs")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--all-engines"):
        left = [item for item in items if item.get_closest_marker("thorough")]
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if not item.get_closest_marker("thorough")]
