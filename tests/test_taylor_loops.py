"""Taylor mode to large orders: loops over coefficients, the order a parameter."""

from __future__ import annotations

import importlib.util
import inspect
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any

import mpmath
import pytest

from s2sad import grad, taylor
from s2sad.expansion import Series
from s2sad.transform.forward.taylor import STRAIGHT
from tests.test_taylor import FUNCTIONS, PROGRAMS

ORDER = 30
# Their derivatives lead to ever more functions: written out order by order.
ENDLESS = ("gamma", "lgamma")
# As those that are tested: their rules differ by a factor or a sign.
ALIKE = ("exp2", "log2", "log10", "acos", "cosh", "erfc", "exponent", "cos", "acosh")


def made(f: Callable[..., Any], order: int, *args: Any) -> Any:
    """The emitted function."""
    return Series(f, 0, order, 1).compiled(args)


def is_loops(emitted: Any) -> bool:
    return "order" in inspect.signature(emitted).parameters


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if name not in ENDLESS + ALIKE])
def test_coefficients_to_order_30_are_those_of_mpmath(name: str) -> None:
    if name == "cbrt" and not hasattr(math, name):
        pytest.skip("not in this Python")
    f, x0, exact = FUNCTIONS[name]
    with mpmath.workdps(60):
        wanted = [float(c) for c in mpmath.taylor(exact, mpmath.mpf(x0), ORDER)]
    emitted = made(f, ORDER, x0)
    assert is_loops(emitted)
    found = emitted(x0, 1.0)
    assert len(found) == ORDER + 1
    scale = [abs(c) for c in wanted]
    for k, (a, b) in enumerate(zip(found, wanted, strict=True)):
        near = max(scale[max(0, k - 1) : k + 2])
        assert a == pytest.approx(b, rel=1e-10, abs=1e-11 * near), (k, a, b)


# Programs: as the coefficients are, written one by one.


def swapped(x: float) -> float:
    a, b = x, 1.0
    for _ in range(5):
        a, b = b, a * b + x
    return a * b


def matrix(x: float) -> float:
    m = [[x, 1.0], [x * x, math.exp(x)]]
    m[0][1] += x
    s = 0.0
    for row in m:
        for v in row:
            s += v * v
    return s


def summed(x: float) -> float:
    t = [1.0, x, 3.0]
    for i in range(3):
        for j in range(3):
            t[i] += t[j] * x
    return sum(t) + sum([x, 2.0], x)


def grown(x: float) -> float:
    terms = [x, 2.0]
    for k in range(4):
        terms.append(terms[k] * math.sin(terms[k + 1] + x))
    first = terms[0]
    terms[0] = terms[1] * first
    return sum(terms) + first * terms[2]


def moved(x: float) -> float:
    z = 3.0 - x
    w = z + 1.0
    return math.exp(w) * z / (2.0 + (x - 1.0))


def itself(x: float) -> float:
    return x


def constant(x: float) -> float:
    return 2.0


def counted(x: float) -> float:
    y = 0.0
    for k in range(4):
        y += x**k / (1 + k)
    return y


def largest(x: float) -> float:
    return max(x, 2.0 * x, 0.5) * min(x, x * x, 1.0) + math.hypot(x, 1.0, 2.0 * x)


MORE = (largest, swapped, matrix, summed, grown, moved, itself, constant, counted)


@pytest.mark.parametrize("f", [*PROGRAMS, *MORE], ids=lambda f: f.__name__)
@pytest.mark.parametrize("x0", [0.4, 1.3])
def test_programs(f: Callable[[float], float], x0: float) -> None:
    found = made(f, STRAIGHT + 1, x0)(x0, 0.8)
    straight = made(f, STRAIGHT, x0)(x0, 0.8)
    assert not is_loops(made(f, STRAIGHT, x0))
    assert list(found[: STRAIGHT + 1]) == pytest.approx(straight, rel=1e-12, abs=1e-12)
    assert found[0] == f(x0)


def test_most_programs_are_loops() -> None:
    straight = [f.__name__ for f in (*PROGRAMS, *MORE) if not is_loops(made(f, 12, 0.4))]
    # Products and extrema of lists, powers of a counted exponent.
    assert straight == ["lists", "counted"]


def bowl(v: list[float], scale: float) -> float:
    return math.exp(v[0] * v[1]) * scale + v[2] ** 3 * v[0] + math.sin(v[1] + scale)


def test_arguments_in_lists() -> None:
    found = Series(bowl, (0, 1), 12, 1).at(([0.4, 0.3, 1.2], 0.8), ([1.0, 0.5, 0.2], 0.3))
    wanted = Series(bowl, (0, 1), 8, 1).at(([0.4, 0.3, 1.2], 0.8), ([1.0, 0.5, 0.2], 0.3))
    assert found[:9] == pytest.approx(wanted, rel=1e-12)


def ninth(x: float, y: float) -> float:
    return math.exp(x * y) + x**4 * y**5


def test_mixed_derivatives_of_a_high_order() -> None:
    p = taylor(ninth, (0.5, 0.3), 9)
    with mpmath.workdps(40):
        for i in (0, 4, 7):
            j = 9 - i
            exact = mpmath.diff(
                lambda x, y: mpmath.exp(x * y) + x**4 * y**5, (0.5, 0.3), (i, j)
            ) / (math.factorial(i) * math.factorial(j))
            assert p.coefficients[i, j] == pytest.approx(float(exact), rel=1e-6)


def test_the_text_does_not_depend_on_the_order() -> None:
    f = FUNCTIONS["lecture"][0]
    texts = [Series(f, 0, order, 1).source for order in (9, 40)]
    assert texts[0].replace("order: int = 9)", "order: int = 40)") == texts[1]
    emitted = made(f, 9, 0.3)
    assert emitted(0.3, 1.0, 12)[:10] == emitted(0.3, 1.0)
    with pytest.raises(ValueError, match="order has to be at least 1"):
        emitted(0.3, 1.0, 0)


def test_the_cost_is_quadratic() -> None:
    """Counted in lines that run: four times as many for twice the order."""
    emitted = made(FUNCTIONS["lecture"][0], 20, 0.3)
    counts = [_lines(partial(emitted, 0.3, 1.0, n)) for n in (20, 40, 80)]
    assert counts[1] < 4.0 * counts[0]
    assert counts[2] < 4.0 * counts[1]


def _lines(call: Callable[[], Any]) -> int:
    count = 0

    def step(frame: FrameType, event: str, arg: Any) -> Any:
        nonlocal count
        count += event == "line"
        return step

    sys.settrace(step)
    try:
        call()
    finally:
        sys.settrace(None)
    return count


def test_it_is_differentiated_again(tmp_path: Path) -> None:
    """f⁽ⁿ⁾ / n! has the derivative (n + 1) f⁽ⁿ⁺¹⁾ / (n + 1)!"""
    path = tmp_path / "expanded.py"
    path.write_text(Series(PROGRAMS[0], 0, 9, 1).source)
    spec = importlib.util.spec_from_file_location("expanded", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    emitted = module.loop_taylor

    def coefficient(x: float) -> float:
        found: float = emitted(x, 1.0)[8]
        return found

    assert grad(coefficient)(0.4) == pytest.approx(9.0 * emitted(0.4, 1.0)[9], rel=1e-10)
