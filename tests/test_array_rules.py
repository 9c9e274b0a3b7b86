"""Rules of elementwise functions, reductions, shapes and new arrays, against differences."""

from __future__ import annotations

import pytest

from tests.array_cases_basic import CASES
from tests.array_eval import Case, check


@pytest.mark.parametrize("case", [case for cases in CASES.values() for case in cases], ids=str)
def test_rule(case: Case) -> None:
    check(case, 2e-7)
