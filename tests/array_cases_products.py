"""Calls of the products: every rank, batches, axes of size 1 and 0, complex operands."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.array_eval import Case

_RNG = np.random.default_rng(3)


def real(*shape: int) -> Any:
    return np.asarray(_RNG.normal(size=shape))


def cplx(*shape: int) -> Any:
    return real(*shape) + 1j * real(*shape)


def on(op: str, *args: Any, **keywords: Any) -> Case:
    return Case(op, args, keywords)


def fortran(*shape: int) -> Any:
    return np.asfortranarray(real(*shape))


def strided(*shape: int) -> Any:
    return real(*[2 * n for n in shape])[tuple(slice(None, None, 2) for _ in shape)]


_PAIRS: dict[str, list[tuple[tuple[int, ...], tuple[int, ...]]]] = {
    "np.matmul": [
        ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)),
        ((3,), (2, 3, 4)), ((3,), (5, 2, 3, 4)), ((2, 4, 3), (3,)), ((2, 4, 3), (3, 2)),
        ((5, 2, 4, 3), (3, 2)), ((4, 3), (2, 3, 5)), ((4, 3), (2, 2, 3, 5)),
        ((2, 4, 3), (2, 3, 5)), ((1, 4, 3), (2, 3, 5)), ((6, 1, 4, 3), (2, 3, 5)),
        ((2, 0), (0, 3)), ((0, 2), (2, 3)), ((1, 1), (1, 1)), ((2, 0, 3), (2, 3, 1)),
        ((0,), (0,)), ((5, 2, 4, 3), (3,)),
    ],
    "np.dot": [
        ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((), (2, 3)),
        ((2,), ()), ((), ()), ((2, 4, 3), (3,)), ((2, 4, 3), (5, 3, 2)), ((3,), (2, 3, 4)),
        ((4, 3), (2, 3, 5)), ((2, 4, 3), (3, 2)), ((2, 0), (0, 3)), ((1, 3), (3, 1)),
    ],
    "np.inner": [
        ((3,), (3,)), ((2, 3), (3,)), ((3,), (2, 3)), ((2, 3), (4, 3)), ((), (3,)),
        ((2, 2), ()), ((2, 4, 3), (3,)), ((3,), (2, 4, 3)), ((2, 4, 3), (5, 3)),
        ((5, 3), (2, 4, 3)), ((2, 0), (3, 0)), ((), ()),
    ],
    "np.vdot": [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3), (3, 2)), ((6,), (2, 3)), ((1,), ())],
    "np.outer": [((3,), (2,)), ((2, 3), (2,)), ((), (2, 2)), ((3,), (2, 1)), ((0,), (2,)),
        ((), ())],
    "np.kron": [
        ((2,), (3,)), ((2, 3), (3, 2)), ((2,), (2, 3)), ((2, 3), (2,)), ((2, 1, 3), (2, 2)),
        ((), (2, 2)), ((2,), ()), ((1, 2), (3, 1)), ((2, 1, 2), (2, 2, 1)),
    ],
}  # fmt: skip

CASES: list[Case] = [
    on(op, make(*a), make(*b))
    for op, shapes in _PAIRS.items()
    for a, b in shapes
    for make in (real, cplx)
]
CASES += [on(op, cplx(2, 2), real(2, 2)) for op in _PAIRS]
CASES += [on(op, real(2, 2), cplx(2, 2)) for op in _PAIRS]
CASES += [on(op, fortran(2, 2), strided(2, 2)) for op in _PAIRS]
CASES += [
    on("np.tensordot", real(2, 3, 4), real(3, 4, 2)),
    on("np.tensordot", real(2, 3), real(2, 2), axes=0),
    on("np.tensordot", real(2, 3), real(3), axes=1),
    on("np.tensordot", cplx(2, 3, 4), cplx(4, 3, 5), axes=([1, 2], [1, 0])),
    on("np.tensordot", real(2, 3, 4), real(4, 5, 3), axes=([2, 1], [0, 2])),
    on("np.tensordot", real(2, 3, 4, 5), real(4, 2, 5), axes=([0, -2, 3], [1, 0, 2])),
    on("np.tensordot", real(2, 3, 4), real(3, 2), axes=(0, 1)),
    on("np.tensordot", real(2, 3, 4), real(3, 2), axes=((0,), (-1,))),
    on("np.tensordot", real(2, 3), real(2, 3), axes=((0, 1), (0, 1))),
    on("np.tensordot", real(2, 0), real(0, 3), axes=1),
]
_EINSUM = [
    ("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij,kj->ki", (2, 3), (4, 3)),
    ("ba,ac", (2, 3), (3, 4)), ("ba", (2, 3)), ("i,i", (3,), (3,)), ("i,j->ij", (3,), (2,)),
    ("ii->i", (3, 3)), ("ii", (3, 3)), ("ii->", (3, 3)), ("iij->j", (2, 2, 3)),
    ("iii->i", (2, 2, 2)),
    ("ij->i", (2, 3)), ("ij->j", (2, 3)), ("ij->", (2, 3)), ("ijk->j", (2, 3, 4)),
    ("ij,ik->i", (2, 3), (2, 4)),
    ("ii,i->", (3, 3), (3,)), ("ij,ij->", (2, 3), (2, 3)), ("i->ii"[:1] + "->i", (3,)),
    ("ij,jk,kl->il", (2, 3), (3, 2), (2, 4)), ("i,ij,j->", (2,), (2, 3), (3,)),
    ("bij,bjk->bik", (2, 2, 3), (2, 3, 2)), ("...ij,...jk->...ik", (2, 2, 3), (2, 3, 2)),
    ("...ij,jk->...ik", (2, 2, 3), (3, 2)), ("...ij,...jk", (5, 2, 2, 3), (2, 3, 2)),
    ("i...,i...->i...", (3, 2, 4), (3, 4)), ("i...->...", (3, 2, 4)), ("...i->...", (2, 3)),
    ("...ii->...i", (2, 3, 3)), ("...,...", (2, 3), (3,)), (",i->i", (), (3,)),
    ("i,->", (3,), ()),
    ("ij,ij->ij", (1, 3), (2, 3)), ("ij,jk->ik", (2, 1), (3, 4)), ("ij,jk->ik", (2, 3), (1, 4)),
    ("ij, jk -> ik", (2, 0), (0, 3)), ("ij->ji", (2, 3)), ("iijj->ij", (2, 2, 3, 3)),
    ("ijij->", (2, 3, 2, 3)), ("ii,jj->ij", (2, 2), (3, 3)), ("ij,j->", (2, 3), (3,)),
    ("aij,k->jk", (2, 2, 3), (4,)),
]  # fmt: skip
CASES += [
    on("np.einsum", text, [make(*shape) for shape in shapes])
    for text, *shapes in _EINSUM
    for make in (real, cplx)
]
CASES += [on("np.einsum", "ij,jk,kl->il", [real(2, 3), real(3, 2), real(2, 2)], optimize=True)]
CASES += [
    on("np.cross", real(3), real(3)),
    on("np.cross", cplx(3), cplx(3)),
    on("np.cross", real(2, 3), real(2, 3)),
    on("np.cross", real(2, 3), real(3)),
    on("np.cross", real(3), real(4, 2, 3)),
    on("np.cross", real(3, 2), real(3, 2), axis=0),
    on("np.cross", real(3, 2), real(2, 3), axisa=0),
    on("np.cross", real(3, 2), real(4, 2, 3), axisa=0, axisc=1),
    on("np.cross", real(3, 4), real(4, 3), 0, 1, 0),
    on("np.cross", real(4, 3, 2), real(4, 3, 2), axis=1),
]
for mode in ("full", "same", "valid"):
    for n, m in ((5, 3), (3, 5), (4, 4), (5, 2), (2, 5), (1, 3), (4, 1), (6, 4), (4, 6)):
        for make in (real, cplx):
            CASES.append(on("np.convolve", make(n), make(m), mode=mode))
            CASES.append(on("np.correlate", make(n), make(m), mode=mode))
CASES += [
    on("np.linalg.multi_dot", [make(*shape) for shape in shapes])
    for shapes in (
        ((2, 3), (3, 4)), ((2, 3), (3, 4), (4, 2)), ((2,), (2, 3), (3, 2)),
        ((2, 3), (3, 4), (4,)),
        ((2,), (2, 3), (3,)), ((2,), (2,)), ((2,), (2, 3), (3, 2), (2,)), ((2,), (2, 3)),
        ((2, 3), (3,)),
        ((2, 3), (3, 2), (2, 3), (3, 1)),
    )
    for make in (real, cplx)
]  # fmt: skip
CASES += [
    on("np.linalg.matrix_power", make(*shape), n)
    for n in (0, 1, 2, 3, 5, -1, -3)
    for shape in ((2, 2), (2, 3, 3))
    for make in (real, cplx)
]
