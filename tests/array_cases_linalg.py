"""Calls of linear algebra: stacks, complex matrices, one triangle read, every result."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.array_cases_products import cplx, fortran, on, real
from tests.array_eval import Case


def _well(make: Any, *shape: int) -> Any:
    """A matrix, or a stack, that is far from singular."""
    return make(*shape) + 3.0 * np.eye(shape[-2], shape[-1])


def _definite(make: Any, *shape: int) -> Any:
    """Definite, with distinct eigenvalues; what is in the upper triangle is no mirror."""
    a = make(*shape)
    return 0.3 * a * (1.0 - np.eye(shape[-1])) + np.diag(np.arange(2.0, 2.0 + shape[-1]))


def _only(op: str, a: Any, *of: int, weights: Any = None, **keywords: Any) -> Case:
    align = None
    if weights is not None:
        align = _align_eigh if op == "np.linalg.eigh" else _align_svd
    return Case(op, (a,), keywords, of=of, weights=weights, align=align)


def _align_eigh(y: Any, moved: Any) -> Any:
    overlap = np.sum(np.conj(moved[1]) * y[1], -2, keepdims=True)
    return [moved[0], moved[1] * overlap / np.abs(overlap)]


def _align_svd(y: Any, moved: Any) -> Any:
    overlap = np.sum(np.conj(moved[0]) * y[0], -2, keepdims=True)
    turn = overlap / np.abs(overlap)
    return [moved[0] * turn, moved[1], moved[2] * np.conj(np.swapaxes(turn, -1, -2))]


def _unphased_eigh(y: Any, y_bar: Any) -> Any:
    """The cotangent of a function that does not depend on the phases of the vectors."""
    phase = np.imag(np.sum(y[1] * y_bar[1], -2, keepdims=True))
    return [y_bar[0], y_bar[1] - 1j * phase * np.conj(y[1])]


def _unphased_svd(y: Any, y_bar: Any) -> Any:
    """Of one that depends on the sum of the phases of u and v alone, that is, on none."""
    u, _, vh = y
    of_u = np.imag(np.sum(u * y_bar[0], -2))
    of_v = np.imag(np.sum(vh * y_bar[2], -1))
    # A phase of u is taken back by that of v: both terms have to agree.
    return [y_bar[0], y_bar[1], y_bar[2] + 1j * ((of_u - of_v)[..., None]) * np.conj(vh)]


def _unphased_v(y: Any, y_bar: Any) -> Any:
    vh = y[2]
    of_v = np.imag(np.sum(vh * y_bar[2], -1))
    return [y_bar[0], y_bar[1], y_bar[2] - 1j * of_v[..., None] * np.conj(vh)]


def _unphased_u(y: Any, y_bar: Any) -> Any:
    of_u = np.imag(np.sum(y[0] * y_bar[0], -2, keepdims=True))
    return [y_bar[0] - 1j * of_u * np.conj(y[0]), y_bar[1], y_bar[2]]


_SQUARE = ((3, 3), (1, 1), (2, 3, 3), (2, 1, 2, 2), (0, 0))
CASES: list[Case] = []
for make in (real, cplx):
    for shape in _SQUARE:
        CASES += [on(f"np.linalg.{op}", _well(make, *shape)) for op in ("inv", "det", "pinv")]
        CASES += [
            _only("np.linalg.slogdet", _well(make, *shape), *of) for of in ((0,), (1,), (0, 1))
        ]
        if 0 not in shape:
            CASES.append(on("np.linalg.cholesky", _definite(make, *shape)))
            CASES.append(on("np.linalg.cholesky", _definite(make, *shape), upper=True))
        for uplo in "LU":
            CASES.append(on("np.linalg.eigvalsh", _definite(make, *shape), UPLO=uplo))
    for a, b in (
        ((3, 3), (3,)), ((3, 3), (3, 2)), ((2, 3, 3), (3, 2)), ((3, 3), (2, 3, 2)),
        ((0, 0), (0,)),
        ((2, 3, 3), (3,)), ((2, 3, 3), (2, 3, 1)), ((1, 3, 3), (2, 3, 2)), ((1, 1), (1,)),
        ((2, 2), (2, 0)),
    ):  # fmt: skip
        CASES.append(on("np.linalg.solve", _well(make, *a), make(*b)))
    for shape in ((4, 3), (3, 4), (2, 4, 2), (2, 2, 3), (3, 1)):
        CASES.append(on("np.linalg.pinv", _well(make, *shape)))
    for shape in ((3, 3), (4, 3), (2, 4, 2), (3, 1), (1, 1)):
        CASES += [_only("np.linalg.qr", make(*shape), *of) for of in ((0,), (1,), (0, 1))]
    for shape in ((3, 3), (4, 3), (2, 4, 2), (3, 4), (2, 2, 3), (1, 3)):
        CASES.append(_only("np.linalg.svd", make(*shape), 1, full_matrices=False))
        CASES.append(_only("np.linalg.svd", make(*shape), 1))
        CASES.append(on("np.linalg.svd", make(*shape), compute_uv=False))
for of in ((0,), (1,), (0, 1)):
    for shape in ((3, 3), (2, 3, 3), (1, 1)):
        for uplo in "LU":
            a = _definite(cplx, *shape)
            CASES.append(_only("np.linalg.eigh", a, *of, weights=_unphased_eigh, UPLO=uplo))
            CASES.append(_only("np.linalg.eigh", _definite(real, *shape), *of, UPLO=uplo))
for results in ((0,), (2,), (0, 1), (1, 2), (0, 2), (0, 1, 2)):
    for shape in ((3, 3), (4, 3), (2, 4, 2), (3, 4), (2, 2, 3)):
        CASES.append(_only("np.linalg.svd", real(*shape), *results, full_matrices=False))
        unphased = {
            (0,): _unphased_u,
            (0, 1): _unphased_u,
            (2,): _unphased_v,
            (1, 2): _unphased_v,
        }
        weights = unphased.get(results, _unphased_svd)
        a = cplx(*shape)
        CASES.append(_only("np.linalg.svd", a, *results, weights=weights, full_matrices=False))
CASES += [
    Case("np.linalg.lstsq", (a, b), {"rcond": None}, of=of)
    for of in ((0,), (1,), (0, 1))
    for a, b in ((real(5, 3), real(5)), (real(5, 3), real(5, 2)), (real(5, 1), real(5, 1)))
]
CASES += [Case("np.linalg.lstsq", (real(3, 5), b), {}, of=(0,)) for b in (real(3), real(3, 2))]
CASES += [on("np.linalg.inv", fortran(3, 3)), on("np.linalg.solve", fortran(3, 3), real(3))]
