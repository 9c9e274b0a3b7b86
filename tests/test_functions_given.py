"""Functions among the arguments, and in objects."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable

import pytest

from s2sad import S2sadError, grad, hessian, jvp, value_and_grad, vjp

Function = Callable[[float], float]


def times(fn: Function, x: float) -> float:
    return fn(x) * x


def make(k: float) -> Function:
    return lambda t: k * t * t


def trapezoid(fn: Function, a: float, b: float, n: int = 8) -> float:
    h = (b - a) / n
    return h * (0.5 * fn(a) + 0.5 * fn(b) + sum(fn(a + i * h) for i in range(1, n)))


class Mode(enum.Enum):
    PLAIN = 1
    SQUARED = 2


class Model:
    def __init__(self, k: float, act: Function = math.tanh, mode: Mode = Mode.PLAIN) -> None:
        self.k = k
        self.act = act
        self.mode = mode
        self.inner: Function = lambda t: self.k * t * t

    def fun(self, x: float) -> float:
        y = self.act(self.inner(x))
        return y * y if self.mode is Mode.SQUARED else y

    def scaled(self, x: float) -> float:
        return self.inner(x) * self.k


def test_each_function_has_a_gradient_of_its_own() -> None:
    g = grad(times, argnums=1)
    assert g(math.sin, 0.3) == pytest.approx(math.cos(0.3) * 0.3 + math.sin(0.3))
    assert g(make(2.0), 0.3) == pytest.approx(6.0 * 0.09)
    assert g(make(3.0), 0.3) == pytest.approx(9.0 * 0.09)
    assert g(math.sin, 0.3) == pytest.approx(math.cos(0.3) * 0.3 + math.sin(0.3))


def test_what_a_function_has_captured_is_read_at_each_call() -> None:
    g, fn = grad(times, argnums=1), make(3.0)
    assert g(fn, 0.3) == pytest.approx(0.81)
    (cell,) = fn.__closure__ or ()
    cell.cell_contents = 1.0
    assert g(fn, 0.3) == pytest.approx(0.27)


def test_the_other_modes() -> None:
    exact = 2.0 * math.cos(0.3) - 0.3 * math.sin(0.3)
    assert hessian(times, 1)(math.sin, 0.3) == pytest.approx(exact)
    assert grad(grad(times, 1), 1)(math.sin, 0.3) == pytest.approx(exact)
    assert jvp(times)((math.sin, 0.3), (None, 2.0))[1] == pytest.approx(
        2.0 * (math.cos(0.3) * 0.3 + math.sin(0.3))
    )
    assert vjp(times)(math.sin, 0.3)[1](1.0)[0] is None
    value, slopes = value_and_grad(trapezoid, (1, 2))(math.exp, 0.0, 1.0)
    assert value == trapezoid(math.exp, 0.0, 1.0)
    step = 1e-6
    for k, slope in enumerate(slopes):
        ends = [0.0, 1.0]
        ends[k] += step
        above = trapezoid(math.exp, ends[0], ends[1])
        ends[k] -= 2.0 * step
        assert slope == pytest.approx(
            (above - trapezoid(math.exp, ends[0], ends[1])) / (2.0 * step)
        )


def test_functions_and_members_of_an_enum_in_an_object() -> None:
    model = Model(3.0)
    g = grad(Model.fun, argnums=1)
    assert g(model, 0.4) == pytest.approx((1.0 - math.tanh(0.48) ** 2) * 2.4)
    model.act = math.sin
    assert g(model, 0.4) == pytest.approx(math.cos(0.48) * 2.4)
    model.k = 1.0
    assert g(model, 0.4) == pytest.approx(math.cos(0.16) * 0.8)
    model.mode = Mode.SQUARED
    assert g(model, 0.4) == pytest.approx(2.0 * math.sin(0.16) * math.cos(0.16) * 0.8)
    assert grad(model.fun)(0.4) == g(model, 0.4)
    assert grad(Model(2.0, make(2.0)).fun)(0.4) == pytest.approx(2.0 * 4.0 * 4.0 * 0.4**3)


def test_the_emitted_function_takes_no_other_function() -> None:
    g = grad(times, argnums=1)
    g(make(2.0), 0.3)
    with pytest.raises(TypeError, match="fn"):
        g.emitted(make(5.0), 0.3)


def test_a_function_that_reads_what_is_differentiated_in_a_way_of_its_own() -> None:
    with pytest.raises(S2sadError, match="reads it otherwise"):
        grad(Model.scaled, argnums="self.k")(Model(3.0), 0.4)


def test_a_function_has_no_gradient() -> None:
    with pytest.raises(S2sadError, match="fn is a function"):
        grad(times)(math.sin, 0.3)
    with pytest.raises(S2sadError, match="pass a function"):
        grad(times, argnums=1)(Model(3.0).fun, 0.3)
