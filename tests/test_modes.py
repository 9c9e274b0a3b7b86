"""Forward mode, pullbacks, Jacobians and Hessians, and all orders of modes."""

from __future__ import annotations

import itertools
import math
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import pytest

from s2sad import (
    NotDifferentiable,
    TypeRefused,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    linearize,
    value_and_grad,
    vjp,
)
from s2sad.jacobians import Slope
from tests import test_samples


def wave(x: float, w: float) -> float:
    return math.exp(-x * w) * math.sin(x) + w**3 * x


def shapes(x: float, w: float) -> dict[str, Any]:
    return {"sum": x + w, "pair": (x * w, [w, 2]), "name": "wave"}


def polynomial(weights: list[float], x: float) -> float:
    total = 0.0
    for weight in weights:
        total = total * x + weight
    return total


def spread(weights: list[float], x: float) -> list[float]:
    return [weight * x**k for k, weight in enumerate(weights)]


class Point(NamedTuple):
    x: float
    y: float


@dataclass
class Model:
    scale: float
    count: int
    at: Point


def energy(model: Model) -> float:
    return model.scale**2 * model.count + model.at.x * math.cos(model.at.y)


def root(x: float) -> float:
    return math.sqrt(x)


# Forward mode.


def test_a_tangent_has_the_structure_of_the_value() -> None:
    value, tangent = jvp(shapes)((3.0, 2.0), (1.0, 0.5))
    assert value == shapes(3.0, 2.0)
    assert tangent == {"sum": 1.5, "pair": (3.5, [0.5, 0.0]), "name": None}


def test_none_stands_for_a_zero_tangent_and_is_not_computed() -> None:
    pushed = jvp(wave)
    _, along_x = pushed((0.4, 1.2), (1.0, None))
    assert along_x == pytest.approx(grad(wave)(0.4, 1.2), rel=1e-12)
    assert "w_dot" not in pushed.of(("x",)).source


def test_arguments_that_are_structures() -> None:
    model = Model(2.0, 3, Point(0.5, 0.25))
    _, slope = jvp(energy)((model,), (Model(1.0, 0, Point(0.0, 2.0)),))
    assert slope == pytest.approx(12.0 - math.sin(0.25))
    gradient = grad(energy)(model)
    value, pullback = vjp(energy)(model)
    assert value == energy(model)
    assert pullback(1.0) == (gradient,)


def test_a_tangent_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="weights_dot has to have the length of weights"):
        jvp(polynomial)(([1.0, 2.0], 0.5), ([1.0], 0.0))


def test_what_cannot_be_a_tangent() -> None:
    with pytest.raises(TypeError, match="jvp takes a tuple of arguments"):
        jvp(root)(2.0, 1.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="1 tangents for 2 arguments"):
        jvp(wave)((1.0, 2.0), (1.0,))
    with pytest.raises(TypeRefused, match="no tangent is given"):
        jvp(wave)((1.0, 2.0), (None, None))


def test_nothing_that_does_not_arrive_goes_on() -> None:
    """An infinite slope times a tangent that is zero is zero, as in reverse mode."""

    def f(x: float) -> float:
        return math.sqrt(max(x, 0.0))

    assert jvp(f)((-1.0,), (1.0,)) == (0.0, 0.0)
    assert jvp(root)((0.0,), (0.0,)) == (0.0, 0.0)
    assert jvp(root)((0.0,), (1.0,)) == (0.0, math.inf)


def test_exceptions_are_those_of_the_primal() -> None:
    with pytest.raises(ValueError, match="math domain error"):
        jvp(root)((-1.0,), (1.0,))


def test_has_aux() -> None:
    def f(x: float) -> tuple[float, str]:
        return x * x, "seen"

    assert jvp(f, has_aux=True)((3.0,), (1.0,)) == (9.0, 6.0, "seen")
    value, pullback, aux = vjp(f, has_aux=True)(3.0)
    assert (value, aux) == (9.0, "seen")
    assert pullback(2.0) == (12.0,)


def test_integers_are_taken_for_floats() -> None:
    assert jvp(wave)((1, 2), (1, 0)) == jvp(wave)((1.0, 2.0), (1.0, 0.0))


def test_tangents_are_not_written_to() -> None:
    def f(xs: list[float]) -> float:
        for k in range(len(xs)):
            xs[k] = xs[k] * xs[0]
        return xs[0] * xs[1]

    values, tangents = [2.0, 3.0], [1.0, 0.0]
    assert jvp(f)((values,), (tangents,)) == (48.0, 96.0)
    assert (values, tangents) == ([2.0, 3.0], [1.0, 0.0])


def test_source_is_there_before_a_call() -> None:
    names: dict[str, Any] = {}
    exec(jvp(wave).source, names)
    value, tangent = names["wave_jvp"](0.4, 1.2, 1.0, 0.5)
    assert (value, tangent) == jvp(wave)((0.4, 1.2), (1.0, 0.5))
    exec(vjp(wave).source, names)
    value, gradient = names["wave_vjp"](0.4, 1.2, 1.0)
    assert (value, gradient) == value_and_grad(wave, (0, 1))(0.4, 1.2)


# Pullbacks.


def test_a_cotangent_has_the_structure_of_the_value() -> None:
    value, pullback = vjp(shapes)(3.0, 2.0)
    assert value == shapes(3.0, 2.0)
    bars = {"sum": 1.0, "pair": (10.0, [100.0, 7.0]), "name": None}
    assert pullback(bars) == (21.0, 131.0)


def test_a_pullback_is_of_the_arguments_as_they_were() -> None:
    weights = [1.0, 2.0]
    _, pullback = vjp(polynomial)(weights, 3.0)
    weights[0] = 50.0
    assert pullback(1.0) == ([3.0, 1.0], 1.0)


def test_cotangents_are_not_written_to() -> None:
    def same(xs: list[float]) -> list[float]:
        return xs

    _, pullback = vjp(same)([1.0, 2.0])
    bars = [3.0, 4.0]
    (found,) = pullback(bars)
    assert found == bars
    assert found is not bars


def test_a_cotangent_of_another_length_is_refused() -> None:
    _, pullback = vjp(spread)([1.0, 2.0], 3.0)
    with pytest.raises(ValueError, match="has to have the length of the result"):
        pullback([1.0])
    with pytest.raises(ValueError, match="has to have the length of the result"):
        vjp(spread).emitted([1.0, 2.0], 3.0, [1.0])


# Jacobians and Hessians.


def test_jacobian_by_both_modes() -> None:
    for mode in ("forward", "reverse", None):
        found = jacobian(spread, (0, 1), mode=mode)([1.0, 2.0, 5.0], 3.0)
        for k, (slope, along_x) in enumerate([(1.0, 0.0), (3.0, 2.0), (9.0, 30.0)]):
            row, partial = found[k]
            assert row == [slope if j == k else 0.0 for j in range(3)]
            assert partial == along_x


def test_the_cheaper_mode_is_taken() -> None:
    def wide(x: float) -> list[float]:
        return [x, x * x, x**3]

    made = jacobian(wide)
    assert made(2.0) == [1.0, 4.0, 12.0]
    assert made.mode == "forward"
    made = jacobian(wave, (0, 1))
    made(0.4, 1.2)
    assert made.mode == "reverse"
    with pytest.raises(ValueError, match="mode is"):
        jacobian(wave, mode="backward")


def test_hessian_is_symmetric_to_the_bit_and_right() -> None:
    (a, b), (c, d) = hessian(wave, (0, 1))(0.7, 1.3)
    assert b == c
    rows = [grad(grad(wave, i), (0, 1))(0.7, 1.3) for i in (0, 1)]
    assert [a, b, c, d] == pytest.approx([*rows[0], *rows[1]], rel=1e-12)


def test_hessian_in_lists() -> None:
    found = hessian(lambda v: v[0] ** 2 * v[1] + v[1] * v[2])([1.0, 2.0, 3.0])
    assert found == [[4.0, 2.0, 0.0], [2.0, 0.0, 1.0], [0.0, 1.0, 0.0]]


def test_hessian_of_a_vector_field() -> None:
    """The (m × n × n) tensor of the lecture's page on Hessians."""

    def field(x: float, y: float) -> list[float]:
        return [x * x * y, y**3, x]

    found = hessian(field, (0, 1))(2.0, 3.0)
    assert found == [
        ((6.0, 4.0), (4.0, 0.0)),
        ((0.0, 0.0), (0.0, 18.0)),
        ((0.0, 0.0), (0.0, 0.0)),
    ]


def test_hvp_is_the_hessian_times_a_vector() -> None:
    (a, b), (c, d) = hessian(wave, (0, 1))(0.7, 1.3)
    found = hvp(wave, (0, 1))((0.7, 1.3), (0.5, -2.0))
    assert found == pytest.approx((a * 0.5 - b * 2.0, c * 0.5 - d * 2.0), rel=1e-12)
    weights = hvp(lambda v, k: v[0] ** 3 * v[1] * k)([1.0, 2.0], [1.0, 0.0], 2.0)
    assert weights == [24.0, 6.0]


def test_linearization_is_called_at_x() -> None:
    line = linearize(wave, (0.7, 1.3))
    assert line.value == wave(0.7, 1.3)
    slope, along_w = line.jacobian
    expected = line.value + slope * 0.01 + along_w * -0.02
    assert line((0.71, 1.28)) == pytest.approx(expected, rel=1e-14)
    assert line(0.71, 1.28) == line((0.71, 1.28))
    tangent = linearize(root, 4.0)
    assert (tangent.value, tangent.jacobian, tangent(5.0)) == (2.0, 0.25, 2.25)


def test_a_result_without_numbers_is_refused() -> None:
    with pytest.raises(NotDifferentiable, match="returns no number"):
        jvp(lambda x: "text")((1.0,), (1.0,))


# Orders of modes.

MODES: dict[str, Callable[..., Any]] = {"F": Slope, "R": grad}


def nested(f: Callable[..., Any], modes: str) -> Callable[..., Any]:
    """The first mode is the innermost."""
    for mode in modes:
        f = MODES[mode](f)
    return f


def several(x: float) -> float:
    y = x
    for k in range(1, 4):
        if y > 0.8:
            z = math.sin(y)
            y = z + x / k
        else:
            y = y * x + math.exp(-y)
    return _smooth(y, 2) * x


def _smooth(x: float, n: int) -> float:
    if n == 0:
        return x
    return _smooth(x * 0.5 + 0.1 * x * x, n - 1) * x


def listed(x: float) -> float:
    terms = [x, x * x]
    for k in range(3):
        terms.append(terms[k] * math.cos(terms[k + 1]))
    return math.prod(terms) + max(terms) * sum(terms)


@pytest.mark.parametrize("f", [wave, several, listed], ids=lambda f: f.__name__)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
def test_all_orders_of_modes_agree(f: Callable[..., float], order: int) -> None:
    rest = (1.3,) if f is wave else ()
    found = {
        "".join(modes): nested(f, "".join(modes))(0.9, *rest)
        for modes in itertools.product("FR", repeat=order)
    }
    wanted = found["F" * order]
    assert all(value == pytest.approx(wanted, rel=1e-9) for value in found.values()), found


@pytest.mark.parametrize("name", test_samples.CASES)
def test_samples_in_forward_mode(name: str) -> None:
    function, args, count, _ = test_samples.CASES[name]
    directory = test_samples.SAMPLES
    primal = runpy.run_path(str(directory / f"{name}.py"))[function]
    gradient = runpy.run_path(str(directory / f"{name}_grad.py"))[f"{function}_grad"]
    value, partials = gradient(*args)
    partials = partials if isinstance(partials, tuple) else (partials,)
    direction = (0.8, -0.3, 0.5, 0.7, -1.1)[:count]
    wanted = math.fsum(p * d for p, d in zip(partials, direction, strict=True))
    found = jvp(primal, tuple(range(count)))(args, direction)
    assert found == (value, pytest.approx(wanted, rel=1e-9))
    # The chain of modes at order 2, but for the chaotic one.
    if name == "lorenz":
        return
    columns = hessian(primal, tuple(range(count)))(*args)
    product = hvp(primal, tuple(range(count)))(args[:count], direction, *args[count:])
    for row, total in zip(columns, product, strict=True):
        expected = math.fsum(h * d for h, d in zip(row, direction, strict=True))
        assert total == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_emitted_text_is_differentiated_again(tmp_path: Any) -> None:
    """Reverse over forward and forward over forward, from the text."""
    text = jvp(wave, (0, 1)).source
    path = tmp_path / "emitted.py"
    path.write_text(text + "\n\ndef slope(x, w):\n    return wave_jvp(x, w, 1.0, 0.0)[1]\n")
    import importlib.util

    spec = importlib.util.spec_from_file_location("emitted", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    wanted = grad(grad(wave), (0, 1))(0.7, 1.3)
    assert grad(module.slope, (0, 1))(0.7, 1.3) == pytest.approx(wanted, rel=1e-12)
    assert Slope(module.slope, (0, 1))(0.7, 1.3) == pytest.approx(wanted, rel=1e-12)
