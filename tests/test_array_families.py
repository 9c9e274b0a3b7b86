"""Products, linear algebra, transforms, selections and special functions: their rules."""

from __future__ import annotations

import pytest

from tests.array_cases_fft import CASES as FFT
from tests.array_cases_linalg import CASES as LINALG
from tests.array_cases_products import CASES as PRODUCTS
from tests.array_cases_selection import CASES as SELECTION
from tests.array_cases_special import CASES as SPECIAL
from tests.array_cases_special import LINALG as SCIPY_LINALG
from tests.array_eval import Case, check


@pytest.mark.parametrize("case", PRODUCTS, ids=str)
def test_products(case: Case) -> None:
    check(case)


@pytest.mark.parametrize("case", LINALG, ids=str)
def test_linalg(case: Case) -> None:
    check(case, 1e-6)


@pytest.mark.parametrize("case", FFT, ids=str)
def test_fft(case: Case) -> None:
    check(case, 1e-7)


@pytest.mark.parametrize("case", SELECTION, ids=str)
def test_selection(case: Case) -> None:
    check(case, 1e-7)


@pytest.mark.parametrize("case", SPECIAL, ids=str)
def test_special(case: Case) -> None:
    pytest.importorskip("scipy")
    check(case, 2e-6)


@pytest.mark.parametrize("case", SCIPY_LINALG, ids=str)
def test_scipy_linalg(case: Case) -> None:
    pytest.importorskip("scipy")
    check(case, 1e-6)
