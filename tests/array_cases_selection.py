"""Calls of selections: every axis, repeated indices, equal sizes and axes of size 1 and 0."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.array_cases_products import cplx, fortran, on, real, strided
from tests.array_eval import Case


def _only(
    op: str, *args: Any, wrt: str = "", of: tuple[int, ...] = (), **keywords: Any
) -> Case:
    return Case(op, args, keywords, wrt=tuple(wrt.split()), of=of)


_AXES: tuple[tuple[tuple[int, ...], int | None], ...] = (
    ((5,), -1), ((5,), 0), ((5,), None), ((3, 4), -1), ((3, 4), 0), ((3, 4), None),
    ((2, 3, 4), 1),
    ((2, 3, 4), -2), ((1, 3), 0), ((2, 0), 0), ((0, 2), 0),
)  # fmt: skip
CASES: list[Case] = [on("np.sort", real(*shape), axis=axis) for shape, axis in _AXES]
CASES += [
    on("np.sort", real(5), kind="stable"),
    on("np.sort", cplx(5)),
    on("np.sort", real(3, 2)),
]
CASES += [on("np.sort", fortran(3, 4), axis=0), on("np.sort", strided(3, 4), axis=0)]
CASES += [
    on("np.partition", real(*shape), kth, axis=axis)
    for shape, kth, axis in (((9,), 4, -1), ((4, 9), 3, 1), ((5, 3), 1, 0), ((2, 5, 2), 2, -2))
]
_PLACES: Any = np.array([[0, 2, 1], [2, 2, -1]])
for make in (real, cplx):
    CASES += [
        on("np.take", make(4), _PLACES),
        on("np.take", make(4), 2),
        on("np.take", make(4), np.array([0, 7, -6]), mode="wrap"),
        on("np.take", make(3, 4), np.array([0, 7, 7]), axis=1, mode="clip"),
        on("np.take", make(3, 4), _PLACES),
        on("np.take", make(3, 4), _PLACES, axis=0),
        on("np.take", make(3, 4), _PLACES, axis=-1),
        on("np.take", make(3, 4), 1, axis=1),
        on("np.take", make(2, 3, 4), np.array([2, 0, 2]), axis=1),
        on("np.take", make(3, 0), np.array([0, 0]), axis=0),
        on("np.take", make(3), np.array([], int)),
        on("np.take_along_axis", make(2, 3), _PLACES, axis=1),
        on("np.take_along_axis", make(3, 3), _PLACES, axis=0),
        on("np.take_along_axis", make(1, 3), _PLACES, axis=1),
        on("np.take_along_axis", make(2, 3), np.array([[1, 1, -1]]), axis=-1),
        on("np.take_along_axis", make(6), np.array([0, 5, 5]), axis=None),
        on("np.take_along_axis", make(2, 3), np.array([0, 5, 5]), axis=None),
        on("np.take_along_axis", make(2, 3, 2), np.array([[[0], [2]], [[1], [1]]]), axis=-2),
        on("_add_taken", make(2, 3), _PLACES, None, (2, 3)),
        on("_add_taken", make(2, 2, 3), _PLACES, 1, (2, 4)),
        on("_add_along", make(2, 3), _PLACES, 1, (2, 4)),
        on("_add_along", make(2, 3), _PLACES, 1, (1, 3)),
        on("np.compress", np.array([True, False, True]), make(3)),
        on("np.compress", np.array([True, False, True]), make(3, 2), axis=0),
        on("np.compress", np.array([True, True]), make(2, 3), axis=-1),
        on("np.compress", np.array([False, True, True, False, True]), make(2, 3)),
        on("np.extract", np.array([[True, False], [True, True]]), make(2, 2)),
        on("np.extract", np.array([False, False]), make(2)),
        on("np.choose", np.array([0, 1, 2, 1]), [make(4), make(4), make(1)]),
        on("np.choose", np.array([[0, 1], [1, 1]]), [make(2), make(2, 1)]),
    ]
_FIRST, _SECOND = np.array([True, False, False, True]), np.array([True, True, False, False])
CASES += [
    on("np.select", [_FIRST, _SECOND], [real(4), real(4)], default=real(4)),
    on("np.select", [_FIRST, _SECOND], [real(4), real(1)], default=0.5),
    on("np.select", [_FIRST], [real(4)], default=real(2, 4)),
    on("np.select", [_FIRST, _SECOND, ~_FIRST], [real(4), real(2, 1), real(4)]),
]
_POINTS = np.array([0.0, 1.0, 1.5, 3.0])
_AT = np.array([[-0.5, 0.3, 1.2], [1.45, 2.9, 3.5]])
for fp in (real(4), cplx(4)):
    CASES += [
        on("np.interp", _AT, _POINTS, fp),
        on("np.interp", 1.1, _POINTS, fp),
        on("np.interp", np.array(0.2), _POINTS, fp),
        on("np.interp", np.array([]), _POINTS, fp),
        on("np.interp", np.array([0.5]), _POINTS[:2], fp[:2]),
        on(
            "np.interp",
            _AT,
            _POINTS,
            fp,
            left=0.3 + 0 * fp[0].item(),
            right=0.5 + 0 * fp[0].item(),
        ),
    ]
# At a point the derivative in the values is that of the point, from both sides.
CASES += [_only("np.interp", np.array([0.0, 1.0, 3.0]), _POINTS, real(4), wrt="fp")]
CASES += [_only("np.interp", np.array([0.0, 1.0, 1.5, 3.0]), _POINTS, real(4), wrt="x")]
for make in (real, cplx):
    CASES += [
        on("np.polyval", make(4), make(3)),
        on("np.polyval", make(1), make(3)),
        on("np.polyval", make(4), make(2, 3)),
        on("np.polyval", make(4), make(1)[0].item()),
        on("np.polyder", make(4)),
        on("np.polyder", make(1)),
        on("np.polyint", make(3)),
    ]
CASES += [
    on("np.bincount", np.array([0, 3, 1, 3]), weights=real(4)),
    on("np.bincount", np.array([0, 3, 1, 3]), weights=real(4), minlength=7),
    on("np.bincount", np.array([], int), weights=real(0), minlength=2),
]
_DATA = np.array([-1.0, 0.0, 0.3, 0.5, 0.9, 1.0, 1.4])
CASES += [
    _only("np.histogram", _DATA, 4, weights=real(7), wrt="weights", of=(0,)),
    _only("np.histogram", _DATA, 3, range=(0.0, 1.0), weights=real(7), wrt="weights"),
    _only("np.histogram", _DATA, np.array([0.0, 0.5, 1.0]), weights=real(7), wrt="weights"),
    _only("np.histogram", _DATA.reshape(7, 1), 4, weights=real(7, 1), wrt="weights", of=(0,)),
    _only("np.histogram", _DATA + 0.01, 3, range=(-2.0, 2.0), wrt="a", of=(0,)),
]
