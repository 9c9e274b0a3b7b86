"""Options of the test suite; what it compiles is verified after every pass."""

from __future__ import annotations

import os

import pytest

from tests import verified

# What is tested is the compiler, not what an earlier run has kept.
os.environ["S2SAD_CACHE"] = "0"

verified.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden", action="store_true", help="write the golden files anew"
    )
