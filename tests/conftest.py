"""Options of the test suite; what it compiles is verified after every pass."""

from __future__ import annotations

import pytest

from tests import verified

verified.install()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--refresh-golden", action="store_true", help="write the golden files anew"
    )
