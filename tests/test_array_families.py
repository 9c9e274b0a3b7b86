"""Products, linear algebra, transforms, selections and special functions: their rules."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.core import ARRAY_OPS, lookup_array
from s2sad.ops.arrays.families import (
    factorisations,
    fft,
    linalg,
    products,
    scipy_linalg,
    selection,
    special,
)
from s2sad.ops.arrays.helpers import HELPERS
from tests.array_cases_fft import CASES as FFT
from tests.array_cases_linalg import CASES as LINALG
from tests.array_cases_products import CASES as PRODUCTS
from tests.array_cases_selection import CASES as SELECTION
from tests.array_cases_special import CASES as SPECIAL
from tests.array_cases_special import LINALG as SCIPY_LINALG
from tests.array_eval import Case, Seen, adjoint, bind, call, check, evaluate, slots_of
from tests.array_language import outside, rules

_ALL = [*PRODUCTS, *LINALG, *FFT, *SELECTION, *SPECIAL, *SCIPY_LINALG]
# Of the families of elementwise functions, reductions, shapes and new arrays.
_OTHERS = frozenset(
    f"np.{name}"
    for name in "arange clip concatenate conj diagonal diff eye imag log1p moveaxis pad ravel"
    " real sign swapaxes trace transpose tri tril triu vander where zeros zeros_like".split()
)


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


def test_every_primitive_has_a_case() -> None:
    """Those of these families that have a derivative."""
    families = (products, linalg, factorisations, fft, selection, special, scipy_linalg)
    named = {op.name for f in families for op in f.FAMILY if op.differentiable}
    refusing = {"np.unique", "np.linalg.cond", "np.linalg.eig", "np.linalg.eigvals"}
    assert named - {case.op for case in _ALL} == refusing


def test_rules_are_in_the_language_of_rules() -> None:
    pytest.importorskip("scipy")
    for case in _ALL:
        for text in rules(case):
            assert outside(text, ARRAY_OPS[case.op]) <= _OTHERS, text


def test_rules_of_numpy_use_numpy_only() -> None:
    for case in [*PRODUCTS, *LINALG, *FFT, *SELECTION]:
        assert not any("scipy" in text for text in rules(case))


def test_helpers_are_primitives() -> None:
    for name, source in HELPERS.items():
        assert lookup_array(name) == name
        assert source.startswith(f"def {name}(")


def _gradient(case: Case, seed: Any) -> Any:
    op, bound = ARRAY_OPS[case.op], bind(case)
    y = call(case, bound)
    facts = Seen(op, {**bound, "y": y, "y_bar": seed}, case.of)
    (slot, *_) = slots_of(bound, op, case.wrt)
    return evaluate(adjoint(op, slot, facts), {**bound, "y": y, "y_bar": seed})


def test_equal_eigenvalues_have_no_vectors_to_differentiate() -> None:
    eye, seed = np.eye(3), np.ones((3, 3))
    for case, y_bar in (
        (Case("np.linalg.eigh", (eye,), {}, of=(0, 1)), [np.ones(3), seed]),
        (Case("np.linalg.svd", (eye,), {"full_matrices": False}, of=(0,)), [seed, None, None]),
    ):
        assert not np.isfinite(_gradient(case, y_bar)).all()
    values = Case("np.linalg.eigvalsh", (eye,), {})
    np.testing.assert_allclose(_gradient(values, np.ones(3)), eye)  # of the trace


def test_singular_matrices_raise() -> None:
    for op in ("np.linalg.det", "scipy.linalg.det"):
        with pytest.raises(np.linalg.LinAlgError):
            _gradient(Case(op, (np.zeros((2, 2)),), {}), 1.0)
    with pytest.raises(np.linalg.LinAlgError):  # a wide matrix
        _gradient(
            Case("np.linalg.qr", (np.ones((2, 3)),), {}, of=(1,)), [None, np.ones((2, 3))]
        )


_M = np.array([[2.0, 0.3], [0.1, 1.0]])
_V = np.array([0.3, 0.8])


@pytest.mark.parametrize(
    "case",
    [
        Case("np.cross", (_V, _V), {}),
        Case("np.unique", (_V,), {}),
        Case("np.interp", (_V, _V, _V), {"period": 1.0}),
        Case("np.polyder", (_V,), {"m": 2}),
        Case("np.fft.rfftn", (_M,), {"s": (3, 3), "axes": (0, 1)}),
        Case("np.linalg.eig", (_M,), {}),
        Case("np.linalg.qr", (_M,), {"mode": "complete"}, of=(0,)),
        Case("np.linalg.svd", (_M,), {}, of=(0,)),
        Case("np.linalg.lstsq", (_M, _V), {}, of=(3,)),
        Case("np.histogram", (_V, 3), {}, of=(1,)),
        Case("np.histogram", (_V, 3), {"weights": _V, "density": True}, ("weights",), (0,)),
        Case("scipy.special.jv", (0.5, _V), {}, wrt=("v",)),
        Case("scipy.special.gammainc", (_V, _V), {}, wrt=("a",)),
    ],
    ids=str,
)
def test_refusals(case: Case) -> None:
    if case.op.startswith("scipy"):
        pytest.importorskip("scipy")
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's, of vectors in the plane
        y = call(case, bind(case))
    op = ARRAY_OPS[case.op]
    facts = Seen(op, {**bind(case), "y": y, "y_bar": y}, case.of)
    with pytest.raises(NotDifferentiable):
        adjoint(op, slots_of(bind(case), op, case.wrt)[0], facts)
