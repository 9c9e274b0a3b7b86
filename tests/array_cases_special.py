"""Calls of SciPy's functions: ordinary points, tails, zeros, both triangles."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.array_cases_linalg import _definite, _well
from tests.array_cases_products import cplx, on, real
from tests.array_eval import Case


def _only(
    op: str, *args: Any, wrt: str = "", of: tuple[int, ...] = (), **keywords: Any
) -> Case:
    return Case(op, args, keywords, wrt=tuple(wrt.split()), of=of)


_LINE = np.array([[-2.3, -0.4, 0.3], [0.9, 1.7, 3.1]])
_POSITIVE = np.array([0.2, 0.7, 1.0, 1.9, 4.5])
_UNIT = np.array([0.05, 0.3, 0.5, 0.97])
_ON = {
    "erf erfc erfcx erfi dawsn ndtr log_ndtr expit log_expit j0 j1 i0 i1 i0e i1e log1p0 expm1"
    " exp2 exp10 cbrt expi gammaln gamma digamma": _LINE,
    "y0 y1 k0 k1 k0e k1e exp1 log1p loggamma entr": _POSITIVE,
    "logit ndtri erfcinv erfinv": _UNIT,
    "erf erfc erfcx erfi dawsn ndtr log_ndtr expm1 log1p exp1 expi loggamma gamma":
        np.array([0.3 + 0.4j, 1.2 - 0.7j]),
}  # fmt: skip
CASES: list[Case] = [
    on(f"scipy.special.{op}", at)
    for ops, at in _ON.items()
    for op in ops.split()
    if op != "log1p0"
]
CASES += [
    on("scipy.special.erf", 0.3),
    on("scipy.special.log_ndtr", np.array([-30.0, -5.0, 9.0])),
    on("scipy.special.log_expit", np.array([-50.0, 40.0])),
    on("scipy.special.i0e", np.array([0.0])),
    on("scipy.special.j1", np.array([0.0])),
    _only("scipy.special.polygamma", 1, _POSITIVE, wrt="x"),
    _only("scipy.special.polygamma", np.array([[0], [3]]), _POSITIVE, wrt="x"),
    on("scipy.special.beta", _POSITIVE, _UNIT[:1]),
    on("scipy.special.betaln", _POSITIVE, 1.3),
    on("scipy.special.binom", np.array([4.2, 5.0]), np.array([1.3, 2.0])),
    _only("scipy.special.gammainc", np.array([[0.5], [2.0]]), _POSITIVE, wrt="x"),
    _only("scipy.special.gammaincc", 1.7, _POSITIVE, wrt="x"),
    _only("scipy.special.betainc", 1.7, 0.6, _UNIT, wrt="x"),
    _only("scipy.special.zeta", 2.5, _POSITIVE, wrt="q"),
    on("scipy.special.xlogy", np.array([0.0, 0.4, -1.2]), np.array([0.3, 1.1, 2.0])),
    _only("scipy.special.xlogy", np.array([0.0, 0.0]), np.array([0.1, 3.0]), wrt="w"),
    on("scipy.special.xlog1py", np.array([0.0, 0.4, -1.2]), np.array([0.3, -0.4, 2.0])),
    on("scipy.special.rel_entr", _POSITIVE, _POSITIVE[::-1]),
    on("scipy.special.kl_div", _POSITIVE, _POSITIVE[::-1]),
    _only("scipy.special.kl_div", 0.0, _POSITIVE, wrt="w"),
    _only("scipy.special.rel_entr", 0.0, _POSITIVE, wrt="w"),
    *(
        _only(f"scipy.special.{op}", order, _POSITIVE, wrt="x")
        for op in ("jv", "yv", "iv", "ive", "kv", "kve")
        for order in (0, 1, 2.5, np.array([[1], [3]]))
    ),
    _only("scipy.special.expn", np.array([[1], [4]]), _POSITIVE, wrt="x"),
    on("scipy.special.lambertw", np.array([0.0, 0.4, 2.0])),
    on("scipy.special.lambertw", cplx(3), -1),
]
for shape, axis in (
    ((4,), None),
    ((2, 3), None),
    ((2, 3), 0),
    ((2, 3), -1),
    ((2, 3, 2), (0, 2)),
):
    CASES += [
        on("scipy.special.logsumexp", real(*shape), axis=axis),
        on("scipy.special.logsumexp", real(*shape), axis=axis, keepdims=True),
        on("scipy.special.logsumexp", real(*shape), axis=axis, b=np.exp(real(*shape))),
        on("scipy.special.softmax", real(*shape), axis=axis),
        on("scipy.special.log_softmax", real(*shape), axis=axis),
    ]
CASES.append(on("scipy.special.logsumexp", real(2, 3), axis=1, b=np.exp(real(3))))


def _lower(_: Any, y_bar: Any) -> Any:
    return [np.tril(y_bar[0]), 0.0]


def _upper(_: Any, y_bar: Any) -> Any:
    return [np.triu(y_bar[0]), 0.0]


LINALG: list[Case] = []
for make in (real, cplx):
    for lower in (False, True):
        for trans in (0, 1, 2, "T", "C", "N"):
            for unit in (False, True):
                for b in ((3,), (3, 2)):
                    LINALG.append(
                        on("scipy.linalg.solve_triangular", _well(make, 3, 3), make(*b),
                           trans=trans, lower=lower, unit_diagonal=unit)
                    )  # fmt: skip
        LINALG += [
            on("scipy.linalg.cho_solve", [_well(make, 3, 3), lower], make(3)),
            on("scipy.linalg.cho_solve", [_well(make, 3, 3), lower], make(3, 2)),
            on("scipy.linalg.cholesky", _definite(make, 3, 3), lower=lower),
            Case(
                "scipy.linalg.cho_factor",
                (_definite(make, 3, 3),),
                {"lower": lower},
                of=(0,),
                weights=_lower if lower else _upper,
            ),
        ]
    LINALG += [on("scipy.linalg.cholesky", _definite(make, 1, 1))]
    LINALG += [on(f"scipy.linalg.{op}", _well(make, 3, 3)) for op in ("inv", "det", "pinv")]
    LINALG += [on("scipy.linalg.solve", _well(make, 3, 3), make(*b)) for b in ((3,), (3, 2))]
    LINALG += [on("scipy.linalg.expm", make(*shape)) for shape in ((3, 3), (2, 2, 2), (1, 1))]
