"""The oracle against mpmath, against differences, and against the table of kinks."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import mpmath
import pytest

from .generate import generate
from .jetmath import ELEMENTARY, digamma, module, trigamma
from .jets import Jet, Run, variables
from .oracle import central_difference, derivatives, primal, uncertainty
from .outcomes import same_bits
from .program import Program

MPMATH: dict[str, Callable[[Any], Any]] = {
    **{name: getattr(mpmath, name) for name in ("sin", "cos", "tan", "asin")},
    **{name: getattr(mpmath, name) for name in ("atan", "sinh", "cosh", "tanh", "exp")},
    **{name: getattr(mpmath, name) for name in ("acos", "asinh", "acosh", "atanh")},
    **{name: getattr(mpmath, name) for name in ("expm1", "log10", "sqrt", "erf")},
    **{name: getattr(mpmath, name) for name in ("cbrt", "erfc", "gamma", "degrees", "radians")},
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x, 2),
    "log1p": lambda x: mpmath.log(1 + x),
    "lgamma": lambda x: mpmath.log(abs(mpmath.gamma(x))),
}
POINTS = {
    "acosh": (1.001, 1.5, 40.0),
    "asin": (-0.999, -0.3, 0.01, 0.8),
    "acos": (-0.999, -0.3, 0.01, 0.8),
    "atanh": (-0.999, -0.3, 0.01, 0.8),
    "gamma": (0.1, 1.5, 7.3, -0.4, -2.6),
    "lgamma": (0.1, 1.5, 7.3, 80.0, -2.6),
    "log1p": (-0.9, 1e-9, 3.0),
    "tan": (-1.2, 0.0, 1.5),
}
POSITIVE = (1e-3, 0.4, 1.0, 7.0, 300.0)
ANY = (-4.0, -0.7, 0.0, 1e-5, 0.3, 2.0, 12.0)


def points(name: str) -> tuple[float, ...]:
    """Where to test a function."""
    return POINTS.get(name, POSITIVE if name in ("log2", "log10", "sqrt", "cbrt") else ANY)


def jet_of(function: Callable[..., Any], *values: float) -> Jet:
    """The function applied to independent variables."""
    result = function(*variables(Run(order=2), values))
    assert isinstance(result, Jet)
    return result


@pytest.mark.parametrize("name", sorted(n for n in ELEMENTARY if hasattr(math, n)))
def test_elementary_functions_agree_with_mpmath(name: str) -> None:
    function = getattr(module(), name)
    with mpmath.workdps(40):
        for x in points(name):
            jet = jet_of(function, x)
            assert jet.value == getattr(math, name)(x)
            for order, found in ((1, jet.grad[0]), (2, jet.hess[0])):
                expected = mpmath.diff(MPMATH[name], mpmath.mpf(x), order)
                assert found == pytest.approx(float(expected), rel=1e-10, abs=1e-14)


@pytest.mark.parametrize("x", [-3.7, -0.2, 1e-4, 0.5, 1.0, 6.0, 11.9, 12.1, 1e5])
def test_polygamma(x: float) -> None:
    assert digamma(x) == pytest.approx(float(mpmath.digamma(x)), rel=1e-11)
    assert trigamma(x) == pytest.approx(float(mpmath.psi(1, x)), rel=1e-11)


TWO_VARIABLES: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "x + y": (lambda x, y: x + y, lambda x, y: x + y),
    "x * y - x": (lambda x, y: x * y - x, lambda x, y: x * y - x),
    "x / y": (lambda x, y: x / y, lambda x, y: x / y),
    "1 / y + x / 3": (lambda x, y: 1 / y + x / 3, lambda x, y: 1 / y + x / 3),
    "x ** y": (lambda x, y: x**y, lambda x, y: x**y),
    "2 ** x * y ** 3": (lambda x, y: 2**x * y**3, lambda x, y: 2**x * y**3),
    "y ** -2 - x": (lambda x, y: y**-2 - x, lambda x, y: y**-2 - x),
    "atan2": (module().atan2, mpmath.atan2),
    "hypot": (module().hypot, mpmath.hypot),
    "log": (module().log, mpmath.log),
    "pow": (module().pow, mpmath.power),
    "prod": (
        lambda x, y: module().prod([x, y, x]),
        lambda x, y: x * y * x,
    ),
    "fsum": (lambda x, y: module().fsum([x, y * y, 1.0]), lambda x, y: x + y * y + 1),
    "dist": (
        lambda x, y: module().dist((x, 1.0), (0.5, y)),
        lambda x, y: mpmath.sqrt((x - 0.5) ** 2 + (1 - y) ** 2),
    ),
    "x % y": (lambda x, y: x % y, lambda x, y: x - y * mpmath.floor(x / y)),
    "fmod": (module().fmod, lambda x, y: x - y * mpmath.floor(x / y)),
}


@pytest.mark.parametrize("name", sorted(TWO_VARIABLES))
@pytest.mark.parametrize("point", [(0.3, 1.7), (2.9, 0.6), (5.1, 3.3)])
def test_operations_agree_with_mpmath(name: str, point: tuple[float, float]) -> None:
    ours, exact = TWO_VARIABLES[name]
    jet = jet_of(ours, *point)
    orders = [(1, 0), (0, 1), (2, 0), (1, 1), (0, 2)]
    with mpmath.workdps(40):
        expected = [float(mpmath.diff(exact, point, n)) for n in orders]
    assert [*jet.grad, *jet.hess] == pytest.approx(expected, rel=1e-10, abs=1e-12)


SHIM = module()
KINKS: list[tuple[str, float, float]] = [
    ("abs(x)", 0.0, 0.0),
    ("math.fabs(x)", 0.0, 0.0),
    ("max(x, 1.0)", 1.0, 0.5),
    ("min(1.0, x)", 1.0, 0.5),
    ("max(x, x)", 1.0, 1.0),
    ("max(x, 1.0, 1)", 1.0, 1 / 3),
    ("min(x, 1.0, 2.0)", 1.0, 0.5),
    ("math.hypot(x, 0.0)", 0.0, 0.0),
    ("x % 3.0", 7.5, 1.0),
    ("7.5 % x", 2.0, -3.0),
    ("-7.5 % x", 2.0, 4.0),
    ("x // 2.0", 7.5, 0.0),
    ("divmod(x, 2.0)[1]", 7.5, 1.0),
    ("float(round(x) + int(x) + math.floor(x))", 7.5, 0.0),
    ("round(x, 1)", 7.53, 0.0),
    ("float(x)", 7.5, 1.0),
    ("x ** 2", 0.0, 0.0),
    ("x ** 0", 0.0, 0.0),
    ("0.0 ** x", 2.0, 0.0),
    ("x * (x > 0)", 2.0, 1.0),
    ("sum([x, x], x)", 2.0, 3.0),
    ("x or 3.0", 0.0, 0.0),
    ("math.modf(x)[0]", 2.5, 1.0),
    ("math.copysign(x, -1.0)", 2.5, -1.0),
    ("math.remainder(x, 2.0)", 2.5, 1.0),
    ("math.remainder(5.0, x)", 2.0, -2.0),
    ("math.ldexp(x, 3)", 2.5, 8.0),
    ("math.frexp(x)[0]", 2.5, 0.25),
]


@pytest.mark.parametrize(("text", "x", "expected"), KINKS)
def test_conventions_at_kinks(text: str, x: float, expected: float) -> None:
    program = Program(f"import math\ndef f(x):\n    return {text}\n", "f", (x,))
    found = derivatives(program)
    assert found.value == primal(program)(x)
    assert found.gradient == (expected,)


IMPORTS = (
    "import math\ndef f(x): return math.sin(x)\n",
    "import math as m\ndef f(x): return m.sin(x)\n",
    "from math import sin\ndef f(x): return sin(x)\n",
    "from math import sin as s, pi\ndef f(x): return s(x)\n",
    "def f(x):\n    import math as q\n    return q.sin(x)\n",
    "def f(x):\n    from math import sin\n    return sin(x)\n",
)


@pytest.mark.parametrize("source", IMPORTS)
def test_math_is_replaced_however_it_is_imported(source: str) -> None:
    assert derivatives(Program(source, "f", (0.4,))).gradient == (math.cos(0.4),)


def test_random_programs_agree_with_differences() -> None:
    """Values to the bit; gradients wherever the differences are any good."""
    agreeing = 0
    total = 0
    for index in range(120):
        program = generate(random.Random(f"oracle:{index}"))
        try:
            value = primal(program)(*program.arguments)
        except Exception as error:
            with pytest.raises(type(error)):
                derivatives(program)
            continue
        exact = derivatives(program)
        assert same_bits(value, exact.value)
        for position, slope in zip(program.active, exact.gradient, strict=True):
            numeric = central_difference(program, position)
            total += 1
            agreeing += numeric == pytest.approx(slope, rel=1e-4, abs=1e-6)
    assert agreeing > 0.9 * total


def test_hessians_agree_with_differences_of_gradients() -> None:
    source = (
        "import math\n"
        "def f(x, y, n):\n"
        "    s = 0\n"
        "    for i in range(n):\n"
        "        s += math.sin(x * y) / (1 + x**2) + max(x, y) ** i\n"
        "        x, y = y, x + math.tanh(y)\n"
        "    return s\n"
    )
    exact = derivatives(Program(source, "f", (0.7, 0.4, 4)))
    step = 1e-5
    for j, (dx, dy) in enumerate(((step, 0.0), (0.0, step))):
        up = derivatives(Program(source, "f", (0.7 + dx, 0.4 + dy, 4)), order=1)
        down = derivatives(Program(source, "f", (0.7 - dx, 0.4 - dy, 4)), order=1)
        for i in range(2):
            slope = (up.gradient[i] - down.gradient[i]) / (2 * step)
            assert exact.hessian[max(i, j), min(i, j)] == pytest.approx(slope, rel=1e-6)


def test_uncertainty_is_large_only_where_digits_cancel() -> None:
    good = Program("def f(x): return x * x * 3.0\n", "f", (1.3,))
    bad = Program("def f(x): return ((1e7 + x) ** 3 - 1e21) * x\n", "f", (1.3,))
    for program, low, high in ((good, 0.0, 1e-12), (bad, 1e-9, math.inf)):
        exact = derivatives(program)
        spread = uncertainty(program, exact).gradient[0] / abs(exact.gradient[0])
        assert low <= spread <= high


def test_noise_does_not_change_the_path() -> None:
    source = "def f(x): return abs(x - 1.0) + max(x, 1.0) + (x if x == 1.0 else 5 * x)\n"
    program = Program(source, "f", (1.0,))
    exact = derivatives(program)
    assert exact.gradient == (1.5,)
    assert uncertainty(program, exact).gradient[0] < 1e-12
