"""Rules of elementwise functions, reductions, shapes and new arrays, against differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS
from s2sad.ops.arrays.scalar import for_arrays
from tests.array_cases_basic import CASES
from tests.array_eval import (
    Case,
    Seen,
    adjoint,
    bind,
    call,
    check,
    evaluate,
    project,
    slots_of,
    text_of,
)
from tests.array_language import outside, rules

ALL = [case for cases in CASES.values() for case in cases]
INF, NAN = np.inf, np.nan
Value = Any


@pytest.mark.parametrize("case", ALL, ids=str)
def test_rule(case: Case) -> None:
    check(case, 2e-7)


def test_rules_keep_to_the_language() -> None:
    found = {
        (case.op, text, part)
        for case in ALL
        for text in rules(case)
        for part in outside(text, ARRAY_OPS[case.op]) - set(HELPERS) - {"size"}
    }
    assert not found


def gradients(op: str, *args: Value, **keywords: Value) -> list[Value]:
    """The adjoints of a call whose result has the adjoint 1 everywhere."""
    case = Case(op, args, keywords)
    bound = bind(case)
    y = call(case, bound)
    facts = Seen(ARRAY_OPS[op], {**bound, "y": y, "y_bar": np.ones_like(y)}, ())
    found = []
    for slot in slots_of(bound, ARRAY_OPS[op], ()):
        text = adjoint(ARRAY_OPS[op], slot, facts)
        value = bound[slot[0]]
        found.append(project(evaluate(text, facts.bound) if text else 0.0, value))
    return found


def vector(*elements: float) -> Value:
    return np.array(elements, float)


KINKS: list[tuple[str, tuple[Value, ...], tuple[tuple[float, ...], ...]]] = [
    ("np.abs", (vector(0.0, -0.0, -2.0, 3.0),), ((0, 0, -1, 1),)),
    ("np.fabs", (vector(0.0, -2.0),), ((0, -1),)),
    ("np.sqrt", (vector(0.0, 4.0),), ((INF, 0.25),)),
    ("np.cbrt", (vector(0.0),), ((INF,),)),
    ("np.arcsin", (vector(1.0, -1.0),), ((INF, INF),)),
    ("np.arccos", (vector(1.0, -1.0),), ((-INF, -INF),)),
    ("np.arccosh", (vector(1.0),), ((INF,),)),
    ("np.maximum", (vector(1, 2, 0), vector(1, 1, 1)), ((0.5, 1, 0), (0.5, 0, 1))),
    ("np.minimum", (vector(1, 2, 0), vector(1, 1, 1)), ((0.5, 0, 1), (0.5, 1, 0))),
    ("np.maximum", (vector(INF, -INF), vector(INF, -INF)), ((0.5, 0.5), (0.5, 0.5))),
    ("np.maximum", (vector(-1, 0, 1), 0), ((0, 0.5, 1),)),
    ("np.fmax", (vector(NAN, 2.0), vector(1.0, NAN)), ((0, 1), (1, 0))),
    ("np.fmin", (vector(1.0, 2.0), vector(1.0, 3.0)), ((0.5, 1), (0.5, 0))),
    ("np.clip", (vector(-1, 0, 0.5, 1, 2), 0, 1), ((0, 0.5, 1, 0.5, 0),)),
    ("np.clip", (vector(-1, 0, 1), 0, None), ((0, 0.5, 1),)),
    ("np.clip", (vector(0, 0.5), np.array(0.0), np.array(0.0)), ((0, 0), (0,), (1.5,))),
    ("np.hypot", (vector(0, 3), vector(0, 4)), ((0, 0.6), (0, 0.8))),
    ("np.arctan2", (vector(0.0), vector(0.0)), ((0,), (0,))),
    ("np.logaddexp", (vector(-INF, 0.0), vector(-INF, 0.0)), ((0.5, 0.5), (0.5, 0.5))),
    ("np.power", (vector(0, 0, 0, 2), vector(2, 1, 0, 0)),
     ((0, 1, 0, 0), (0, 0, 0, np.log(2)))),
    ("np.power", (vector(0.0), vector(0.5)), ((INF,), (0,))),
    ("np.power", (vector(-2.0), vector(3.0)), ((12,), (NAN,))),
    ("np.sign", (vector(0.0, 1.0),), ((0, 0),)),
    ("np.copysign", (vector(0.0, -2.0), vector(1.0, 1.0)), ((0, -1),)),
    ("np.heaviside", (vector(0.0, 1.0), vector(0.5, 0.5)), ((1, 0),)),
    ("np.mod", (vector(7.5), vector(2.0)), ((1,), (-3,))),
    ("np.sinc", (vector(0.0),), ((0,),)),
    ("np.max", (vector(1, 3, 3, 3),), ((0, 1 / 3, 1 / 3, 1 / 3),)),
    ("np.min", (vector(1, 1, 3),), ((0.5, 0.5, 0),)),
    ("np.ptp", (vector(1, 1, 3),), ((-0.5, -0.5, 1),)),
    ("np.ptp", (vector(2, 2),), ((0, 0),)),
    ("np.median", (vector(1, 2, 2, 2, 5),), ((0, 1 / 3, 1 / 3, 1 / 3, 0),)),
    ("np.std", (vector(2, 2, 2),), ((0, 0, 0),)),
    ("np.linalg.norm", (vector(0, 0),), ((0, 0),)),
    ("np.linalg.norm", (vector(0, 0), 1), ((0, 0),)),
    ("np.linalg.norm", (vector(0, 0), 3), ((0, 0),)),
    ("np.linalg.norm", (vector(1, -1, 0), INF), ((0.5, -0.5, 0),)),
    ("np.linalg.norm", (vector(2, 0), 1), ((1, 0),)),
    ("np.prod", (vector(0, 2, 3),), ((6, 0, 0),)),
    ("np.nan_to_num", (vector(NAN, INF, 1.0),), ((0, 0, 1),)),
    ("np.where", (np.array([True, False]), vector(1, 2), vector(3, 4)), ((1, 0), (0, 1))),
    ("np.prod", (np.zeros(0),), ((),)),
]  # fmt: skip


@pytest.mark.parametrize(("op", "args", "wanted"), KINKS, ids=lambda value: str(value)[:40])
def test_kinks(op: str, args: tuple[Value, ...], wanted: tuple[Value, ...]) -> None:
    found = gradients(op, *args)
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(np.ravel(one), other, rtol=1e-14)


REFUSED: list[tuple[str, tuple[Value, ...], dict[str, Value]]] = [
    ("np.maximum", (np.array([1j]), np.array([1j])), {}),
    ("np.clip", (np.array([1j]), None, 1.0), {}),
    ("np.sign", (np.array([1j]),), {}),
    ("np.max", (np.array([1j]),), {}),
    ("np.median", (np.array([1j]),), {}),
    ("np.quantile", (vector(1, 2), 0.5), {"method": "nearest"}),
    ("np.quantile", (vector(1, 2), vector(0.5, 0.7)), {}),
    ("np.linalg.norm", (np.eye(2), 2), {}),
    ("np.prod", (np.ones((2, 2, 2)),), {"axis": (0, 1)}),
    ("np.gradient", (np.ones((2, 2)),), {}),
    ("np.gradient", (np.ones(3), vector(0, 1, 3)), {}),
    ("np.pad", (np.ones(3), 1, "linear_ramp"), {}),
    ("np.reshape", (np.ones((2, 3)), -1, "A"), {}),
    ("np.diagonal", (np.ones((2, 2, 2)), 0, 0, 1), {}),
    ("np.linspace", (vector(0.0), vector(1.0), 3), {"axis": 1}),
]


@pytest.mark.parametrize(("op", "args", "keywords"), REFUSED, ids=lambda value: str(value)[:40])
def test_what_has_no_rule_is_refused(
    op: str, args: tuple[Value, ...], keywords: dict[str, Value]
) -> None:
    with pytest.raises(NotDifferentiable):
        gradients(op, *args, **keywords)


def test_draws_do_not_hide_their_parameters() -> None:
    rule = ARRAY_OPS["np.random.normal"].adjoints["scale"]
    with pytest.raises(NotDifferentiable, match="standard_normal"):
        text_of(rule, Seen(ARRAY_OPS["np.random.normal"], {}, ()))


def test_scalar_rules_are_turned_into_rules_of_arrays() -> None:
    assert for_arrays("math.asin(x) if y else math.inf") == (
        "np.arcsin(x) if y != 0.0 else np.inf"
    )
    assert for_arrays("abs(x) + math.atan2(x, w)") == "np.abs(x) + np.arctan2(x, w)"


@pytest.mark.parametrize("case", ALL[::7], ids=str)
def test_float32_is_enough(case: Case) -> None:
    """The rules hold in single precision, and for arrays only lose what that loses."""

    def single(value: Value) -> Value:
        if isinstance(value, list):
            return [single(item) for item in value]
        kinds = {"f": "float32", "c": "complex64"}
        if isinstance(value, np.ndarray) and value.dtype.kind in kinds:
            return value.astype(kinds[value.dtype.kind])
        return value

    op, bound = ARRAY_OPS[case.op], bind(case)
    found = []
    for of in (bound, {name: single(value) for name, value in bound.items()}):
        y = call(case, of)
        several = isinstance(y, tuple | list)
        y_bar = [np.ones_like(part) for part in y] if several else np.ones_like(y)
        facts = Seen(
            op, {**of, "y": y, "y_bar": y_bar}, case.of or range(len(y) if several else 0)
        )
        texts = [adjoint(op, slot, facts) for slot in slots_of(of, op, case.wrt)]
        found.append([evaluate(text, facts.bound) for text in texts if text])
    for double, small in zip(*found, strict=True):
        np.testing.assert_allclose(small, double, rtol=5e-3, atol=5e-3)
