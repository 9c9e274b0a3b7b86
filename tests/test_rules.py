"""The table of scalar primitives, against mpmath and against its own promises."""

from __future__ import annotations

import ast
import itertools
import math
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import CodeType, SimpleNamespace
from typing import Any

import mpmath
import pytest
import sympy

from s2sad.ops import derive
from s2sad.ops.core import (
    HELPERS,
    PRIMITIVES,
    REFUSED,
    Primitive,
    lookup_callable,
    lookup_operator,
    variadic_partials,
)
from s2sad.ops.families import DECLARATIONS

mp = mpmath.mp
inf, nan = math.inf, math.nan
LARGEST = sys.float_info.max
SMALLEST = sys.float_info.min

# --- Evaluation ------------------------------------------------------------------

# What older versions of `math` lack: the semantics, not the last bit.
MATH = SimpleNamespace(
    **{
        "exp2": lambda x: 2.0**x,
        "cbrt": lambda x: math.copysign(abs(x) ** (1 / 3), x),
        "fma": lambda x, w, v: x * w + v,
        "sumprod": lambda p, q: math.fsum(x * w for x, w in zip(p, q, strict=True)),
        **{name: getattr(math, name) for name in dir(math)},
    }
)
NAMES: dict[str, Any] = {"math": MATH}
for _source in HELPERS.values():
    exec(_source, NAMES)


@cache
def code(text: str) -> CodeType:
    return compile(text, text, "eval")


def evaluate(text: str, values: dict[str, Any]) -> Any:
    return eval(code(text), NAMES, values)


def bind(primitive: Primitive, args: tuple[Any, ...]) -> dict[str, Any]:
    """The arguments under the names of `python`: starred parameters share them."""
    names = [name.lstrip("*") for name in primitive.params]
    if not primitive.variadic:
        return dict(zip(names, args, strict=True))
    size = len(args) // len(names)
    return {name: args[i * size : (i + 1) * size] for i, name in enumerate(names)}


def value(primitive: Primitive, args: tuple[Any, ...]) -> Any:
    return evaluate(primitive.python, bind(primitive, args))


def forms(primitive: Primitive, count: int) -> list[tuple[str | None, ...]]:
    if primitive.variadic and not primitive.partials:
        return [variadic_partials(primitive.name, count)]
    return [primitive.partials, primitive.textbook]


def scope(primitive: Primitive, args: tuple[Any, ...], y: Any) -> dict[str, Any]:
    """The arguments under the names of the partials."""
    if primitive.variadic:
        return {**{f"x{i}": arg for i, arg in enumerate(args)}, "y": y}
    return {**dict(zip(primitive.params, args, strict=True)), "y": y}


def partials(name: str, *args: Any, form: int = 0) -> list[float]:
    primitive = PRIMITIVES[name]
    values = scope(primitive, args, value(primitive, args))
    texts = forms(primitive, len(args))[form]
    return [0.0 if text is None else evaluate(text, values) for text in texts]


def regular(name: str, args: tuple[Any, ...]) -> Any:
    """The primal's value; None where it raises or is no real number."""
    try:
        result = value(PRIMITIVES[name], args)
    except (ArithmeticError, TypeError, ValueError):
        return None
    return None if isinstance(result, complex) or result != result else result


# --- The table -------------------------------------------------------------------


def test_the_checked_in_table_is_what_sympy_gives_for_another_hash_seed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "s2sad.ops.derive", "--check"],
        env={**os.environ, "PYTHONHASHSEED": "123"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_the_table_loads_no_library() -> None:
    script = "import sys, s2sad.ops.core;print({'sympy', 'numpy', 'mpmath'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "set()"


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=lambda p: p.name)
def test_declarations_are_complete(primitive: Primitive) -> None:
    assert primitive.result in {"float", "int", "bool", "join"}
    count = 2 if primitive.variadic else len(primitive.params)
    for texts in forms(primitive, count):
        assert len(texts) == (len(primitive.params) if primitive.partials else count)
    assert set(REFUSED) <= set(PRIMITIVES)


ALLOWED = (
    ast.Expression | ast.Name | ast.Load | ast.Constant | ast.Attribute | ast.BinOp
    | ast.UnaryOp | ast.USub | ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv
    | ast.Pow | ast.IfExp | ast.Compare | ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq
    | ast.NotEq | ast.Call | ast.Tuple
)  # fmt: skip


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=lambda p: p.name)
def test_partials_keep_to_the_emitted_language(primitive: Primitive) -> None:
    known = {
        *primitive.params,
        "y",
        "math",
        "abs",
        "sum",
        *HELPERS,
        *(f"x{i}" for i in range(4)),
    }
    for text in filter(None, itertools.chain(*forms(primitive, 4))):
        for node in ast.walk(ast.parse(text, mode="eval")):
            assert isinstance(node, ALLOWED), text
            if isinstance(node, ast.Name):
                assert node.id in known, text
            if isinstance(node, ast.Call):
                assert lookup_callable(ast.unparse(node.func), len(node.args)), text


def test_all_of_math_is_known() -> None:
    constants = {"pi", "e", "tau", "inf", "nan"}
    public = {name for name in dir(math) if not name.startswith("_")}
    unknown = {
        name
        for name in public - constants
        if not any(lookup_callable(f"math.{name}", count) for count in (1, 2, 3))
    }
    # Beyond Python 3.13 there may be more.
    assert unknown == set() or sys.version_info >= (3, 14)


def test_lookup() -> None:
    assert lookup_callable("math.log", 1) == "log"
    assert lookup_callable("math.log", 2) == "log_base"
    assert lookup_callable("math.log", 3) is None
    assert lookup_callable("pow", 2) == lookup_operator("Pow") == "pow"
    assert lookup_callable("pow", 3) == "pow_modulo"
    assert lookup_callable("builtins.max", 5) == "max"
    assert lookup_callable("math.modf", 1) == ("modf_fraction", "modf_integer")
    assert lookup_callable("math.frexp", 1) == ("frexp_mantissa", "frexp_exponent")
    assert lookup_callable("divmod", 2) == ("floordiv", "mod")
    assert lookup_callable("sum", 1) == lookup_callable("sum", 2) == "sum"
    assert lookup_callable("round", 2) == "round_digits"
    assert lookup_callable("_polygamma", 2) == "polygamma"
    assert lookup_callable("print", 1) is None
    assert lookup_operator("MatMult") is None
    assert variadic_partials("max", 1) == variadic_partials("prod", 1) == ("1.0",)


# --- Against mpmath --------------------------------------------------------------


def odd_root(x: Any) -> Any:
    return mpmath.sign(x) * mpmath.cbrt(abs(x))


def log_gamma(x: Any) -> Any:
    return mpmath.log(abs(mpmath.gamma(x))) if x < 0 else mpmath.loggamma(x)


UNARY: dict[str, Callable[[Any], Any]] = {
    **{
        name: getattr(mpmath, name)
        for name in (
            *("exp", "expm1", "log", "log1p", "log10", "sqrt", "sin", "cos", "tan"),
            *(
                "asin",
                "acos",
                "atan",
                "sinh",
                "cosh",
                "tanh",
                "asinh",
                "acosh",
                "atanh",
            ),
            *("erf", "gamma", "degrees", "radians"),
        )
    },
    "abs": abs,
    "fabs": abs,
    "neg": lambda x: -x,
    "pos": lambda x: x,
    "float": lambda x: x,
    "exp2": lambda x: mpmath.mpf(2) ** x,
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "erfc": lambda x: 1 - mpmath.erf(x),
    "cbrt": odd_root,
    "lgamma": log_gamma,
    "modf_fraction": lambda x: x - mpmath.sign(x) * mpmath.floor(abs(x)),
    "frexp_mantissa": lambda x: x / mpmath.mpf(2) ** math.frexp(float(x))[1],
}

_SIZES = (
    *(1e-300, 1e-155, 1e-20, 1e-8, 0.01, 0.3, 0.7, 0.999999, math.nextafter(1.0, 0.0)),
    *(math.nextafter(1.0, 2.0), 1.0001, 1.7, 2.3, 3.7, 10.3, 20.5, 26.1, 40.2, 100.3),
    *(354.9, 355.1, 700.3, 709.78, 710.47, 1000.3, 1e8 + 0.3, 1e16, 1e155, 1e300),
)
POINTS = tuple(sign * size for size in _SIZES for sign in (1.0, -1.0))
EASY = tuple(x for x in POINTS if 0.01 <= abs(x) < 4.0 and abs(abs(x) - 1.0) > 1e-5)


def slope(function: Callable[..., Any], args: tuple[float, ...], index: int) -> Any:
    """The partial in one argument, by a central difference in many digits."""
    hard = any(not 1e-9 < abs(arg) < 20.0 for arg in args)
    digits = 1300 if hard and function not in (mpmath.gamma, log_gamma) else 120
    with mpmath.workdps(digits):
        point = [mpmath.mpf(arg) for arg in args]
        step = abs(point[index]) * mpmath.mpf(10) ** (-digits // 3)
        ends = []
        for sign in (1, -1):
            moved = list(point)
            moved[index] += sign * step
            ends.append(function(*moved))
        return (ends[0] - ends[1]) / (2 * step)


def assert_close(got: float, truth: Any, tolerance: float, what: object) -> None:
    if abs(truth) > LARGEST * (1 - 1e-12):
        assert got == math.copysign(inf, truth) or abs(got) > LARGEST * (1 - 1e-9), what
    else:
        error = abs(mpmath.mpf(got) - truth)
        assert error <= tolerance * abs(truth) + SMALLEST, (what, got, float(truth))


# The digamma function has zeros, near which its absolute error counts.
TOLERANCE = {"lgamma": 2e-13, "gamma": 2e-13}


@pytest.mark.parametrize("name", UNARY)
def test_unary_partials(name: str) -> None:
    checked = 0
    for x in POINTS:
        if regular(name, (x,)) is None or (name == "modf_fraction" and x.is_integer()):
            continue
        truth = slope(UNARY[name], (x,), 0)
        (got,) = partials(name, x)
        assert_close(got, truth, TOLERANCE.get(name, 1e-13), (name, x))
        if x in EASY:
            (literal,) = partials(name, x, form=1)
            assert_close(literal, truth, 1e-12, (name, x, "textbook"))
        checked += 1
    assert checked >= 15


def test_every_smooth_unary_primitive_is_tested() -> None:
    own = {declaration.primitive.name for declaration in DECLARATIONS}
    smooth = {
        p.name
        for p in PRIMITIVES.values()
        if p.name in own and p.params == ("x",) and any(p.partials)
    }
    assert smooth == set(UNARY)


def trunc(q: Any) -> Any:
    return mpmath.sign(q) * mpmath.floor(abs(q))


SEVERAL: dict[str, tuple[int, Callable[..., Any]]] = {
    "add": (2, lambda x, w: x + w),
    "sub": (2, lambda x, w: x - w),
    "mul": (2, lambda x, w: x * w),
    "div": (2, lambda x, w: x / w),
    "pow": (2, lambda x, w: x**w),
    "math_pow": (2, lambda x, w: x**w),
    "log_base": (2, lambda x, w: mpmath.log(x) / mpmath.log(w)),
    "atan2": (2, mpmath.atan2),
    "hypot": (2, lambda x, w: mpmath.sqrt(x * x + w * w)),
    "dist": (2, lambda x, w: abs(x - w)),
    "mod": (2, lambda x, w: x - w * mpmath.floor(x / w)),
    "fmod": (2, lambda x, w: x - w * trunc(x / w)),
    "remainder": (2, lambda x, w: x - w * mpmath.nint(x / w)),
    "copysign": (2, lambda x, w: abs(x) * mpmath.sign(w)),
    "sum": (2, lambda x, w: x + w),
    "fsum": (2, lambda x, w: x + w),
    "prod": (2, lambda x, w: x * w),
    "sumprod": (2, lambda x, w: x * w),
    "max": (2, lambda x, w: max(x, w)),
    "min": (2, lambda x, w: min(x, w)),
    "fma": (3, lambda x, w, v: x * w + v),
}
MANY = (1e-300, -1e-20, 1e-9, -0.3, 0.71, 1.1, -2.0, 7.3, -20.5, 600.7, 1e155, -1e300)
FEW = (1e-100, -0.3, 7.3, 1e100)


@pytest.mark.parametrize("name", SEVERAL)
def test_partials_in_several_arguments(name: str) -> None:
    arity, function = SEVERAL[name]
    checked = 0
    for args in itertools.product(MANY if arity == 2 else FEW, repeat=arity):
        y = regular(name, args)
        if y is None or math.isinf(y) or is_kink(name, args):
            continue
        got = partials(name, *args)
        for index in range(arity):
            if is_beyond(name, args, index):
                continue
            truth = slope(function, args, index)
            assert_close(got[index], truth, 1e-13, (name, args, index))
        checked += 1
    assert checked >= 20


def is_kink(name: str, args: tuple[float, ...]) -> bool:
    if name in ("max", "min", "dist"):
        return args[0] == args[1]
    # They jump at integral quotients, as all huge ones are.
    jumps = name in ("mod", "fmod", "remainder")
    return jumps and (args[0] == args[1] or abs(args[0] / args[1]) > 1e15)


def is_beyond(name: str, args: tuple[float, ...], index: int) -> bool:
    """Where the base is negative there is no partial in the exponent."""
    return name in ("pow", "math_pow") and index == 1 and args[0] < 0


def test_textbook_forms_of_several_arguments_agree() -> None:
    for name, (arity, _) in SEVERAL.items():
        if PRIMITIVES[name].variadic:
            continue
        for args in itertools.product((0.3, 1.7, 2.3), repeat=arity):
            expected = partials(name, *args)
            assert partials(name, *args, form=1) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("n", range(5))
def test_polygamma(n: int) -> None:
    for x in (*POINTS, -0.5, -1.5, 0.5, 1.0, 2.0, 5.0, -3.25, -170.6):
        if not 1e-9 < abs(x) < 1e3:
            continue
        with mpmath.workdps(60):
            truth = mpmath.psi(n, mpmath.mpf(x))
            got = evaluate("_polygamma(n, x)", {"n": n, "x": x})
            # Relative to the larger of it and its neighbour at a zero.
            size = max(abs(truth), 1 if n == 0 and abs(x) < 10 else 0)
            assert abs(got - truth) <= 3e-14 * size, (n, x, got, float(truth))
    assert evaluate("_polygamma(n, x)", {"n": n, "x": inf}) == (0.0 if n else inf)
    assert PRIMITIVES["polygamma"].partials == (None, "_polygamma(n + 1, x)")


# --- Kinks, edges, and what must not raise ---------------------------------------

KINKS: list[tuple[str, tuple[Any, ...], tuple[float, ...]]] = [
    ("abs", (0.0,), (0.0,)),
    ("abs", (-0.0,), (0.0,)),
    ("fabs", (0.0,), (0.0,)),
    ("copysign", (0.0, 3.0), (0.0, 0.0)),
    ("copysign", (-2.0, 3.0), (-1.0, 0.0)),
    ("max", (1.0, 1.0), (0.5, 0.5)),
    ("max", (1.0, 2.0), (0.0, 1.0)),
    ("max", (1.0, nan), (1.0, 0.0)),
    ("max", (3.0, 1.0, 3.0), (0.5, 0.0, 0.5)),
    ("min", (2.0, 2.0, 2.0), (1 / 3, 1 / 3, 1 / 3)),
    ("min", (4.0, 3.0), (0.0, 1.0)),
    ("hypot", (0.0, 0.0), (0.0, 0.0)),
    ("hypot", (3e200, 4e200, 0.0), (0.6, 0.8, 0.0)),
    ("dist", (1.0, 2.0, 1.0, 2.0), (0.0, 0.0, 0.0, 0.0)),
    ("dist", (3.0, 4.0, 0.0, 0.0), (0.6, 0.8, -0.6, -0.8)),
    ("sumprod", (1.0, 2.0, 3.0, 4.0), (3.0, 4.0, 1.0, 2.0)),
    ("prod", (2.0, 0.0, 4.0), (0.0, 8.0, 0.0)),
    ("prod", (2.0,), (1.0,)),
    ("atan2", (0.0, 0.0), (0.0, 0.0)),
    ("atan2", (0.0, -1.0), (-1.0, 0.0)),
    ("sqrt", (0.0,), (inf,)),
    ("cbrt", (0.0,), (inf,)),
    ("asin", (1.0,), (inf,)),
    ("asin", (-1.0,), (inf,)),
    ("acos", (1.0,), (-inf,)),
    ("acosh", (1.0,), (inf,)),
    ("pow", (0.0, 2), (0.0, 0.0)),
    ("pow", (0.0, 1), (1.0, 0.0)),
    ("pow", (0.0, 0), (0.0, 0.0)),
    ("pow", (0.0, 0.5), (inf, 0.0)),
    ("pow", (0.0, 1.5), (0.0, 0.0)),
    ("pow", (5.0, 0.0), (0.0, math.log(5.0))),
    ("mod", (7.5, 2.0), (1.0, -3.0)),
    ("mod", (-7.5, 2.0), (1.0, 4.0)),
    ("fmod", (-7.5, 2.0), (1.0, 3.0)),
    ("remainder", (7.5, 2.0), (1.0, -4.0)),
    ("floor", (2.0,), (0.0,)),
    ("round", (2.5,), (0.0,)),
    ("int", (2.5,), (0.0,)),
    ("lt", (1.0, 1.0), (0.0, 0.0)),
    ("floordiv", (7.5, 2.0), (0.0, 0.0)),
    ("ldexp", (1.5, 3), (8.0, 0.0)),
    ("ldexp", (1e-300, 1100), (inf, 0.0)),
    ("nextafter", (1.5, 3.0), (1.0, 0.0)),
]


@pytest.mark.parametrize(("name", "args", "expected"), KINKS, ids=repr)
def test_kinks_and_edges(name: str, args: tuple[Any, ...], expected: tuple[float, ...]) -> None:
    assert partials(name, *args) == pytest.approx(expected, rel=1e-15)
    if not PRIMITIVES[name].variadic:
        assert partials(name, *args, form=1) == pytest.approx(expected, rel=1e-15)


@pytest.mark.parametrize("exponent", [-3, -2, -1, 1, 2, 3, 4])
def test_negative_bases_with_integral_exponents(exponent: int) -> None:
    for x in (-2.5, -0.5):
        for w in (exponent, float(exponent)):
            in_base, in_exponent = partials("pow", x, w)
            assert in_base == pytest.approx(exponent * x ** (exponent - 1), rel=1e-14)
            assert math.isnan(in_exponent)


_TINY = 5e-324
SPECIAL = (
    *(0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, -0.5, inf, -inf, nan, _TINY, -_TINY),
    *(1e-300, -1e-160, 1e155, -1e155, 1e300, LARGEST, -LARGEST, 709.5, -745.0, 1e-12),
    *(math.nextafter(1.0, 0.0), math.nextafter(-1.0, 0.0), math.nextafter(1.0, 2.0)),
)
SMALL = SPECIAL[:16]
INTEGERS = (0, 1, 2, 3, 7, -2, 1100)


def samples(primitive: Primitive) -> Iterator[tuple[Any, ...]]:
    """Arguments of the kind that the parameters take, edges above all."""
    arity = 2 * len(primitive.params) if primitive.variadic else len(primitive.params)
    reals = SPECIAL if arity <= 2 else SMALL if arity == 3 else SMALL[:7]
    whole = primitive.name in REFUSED
    pools: list[tuple[float, ...]] = [
        INTEGERS if whole or name == "n" else reals
        for name in (primitive.params if not primitive.variadic else "x" * arity)
    ]
    if primitive.name == "polygamma":
        pools[0] = INTEGERS[:4]
    return itertools.product(*pools)


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=lambda p: p.name)
def test_partials_raise_only_where_the_primal_does(primitive: Primitive) -> None:
    for args in samples(primitive):
        try:
            y = value(primitive, args)
        except (ArithmeticError, TypeError, ValueError):
            assert primitive.raises, args
            continue
        if isinstance(y, complex):
            continue
        for texts in forms(primitive, len(args)):
            for text in filter(None, texts):
                assert not isinstance(evaluate(text, scope(primitive, args, y)), complex)


def test_squares_of_large_arguments_do_not_raise() -> None:
    assert partials("atan", 1e300) == [0.0]
    assert partials("asinh", 1e300) == pytest.approx([1e-300])
    assert partials("tanh", 20.5) == pytest.approx([4 * math.exp(-41.0)], rel=1e-13)


# --- Intervals -------------------------------------------------------------------


def test_bounds_that_sign_analysis_needs() -> None:
    everything = (-inf, inf)

    def bounds(name: str, *args: tuple[float, float]) -> tuple[float, float]:
        interval = PRIMITIVES[name].interval
        assert interval is not None
        return interval(*args)

    assert bounds("exp", everything) == (0.0, inf)
    assert bounds("exp", (0.0, inf)) == (1.0, inf)
    assert bounds("pow", everything, (2.0, 2.0)) == (0.0, inf)
    assert bounds("add", (1.0, inf), (0.0, inf)) == (1.0, inf)
    assert bounds("sqrt", (1.0, inf)) == (1.0, inf)
    assert bounds("abs", everything) == (0.0, inf)
    assert bounds("max", everything, (1.0, 1.0)) == (1.0, inf)
    assert bounds("tanh", everything) == (-1.0, 1.0)
    assert bounds("div", (1.0, 1.0), (1.0, inf)) == (0.0, 1.0)
    assert bounds("cosh", everything) == (1.0, inf)
    assert bounds("sum", (1.0, 2.0), (0.0, 2.0))[0] > 0.5


@pytest.mark.parametrize("primitive", PRIMITIVES.values(), ids=lambda p: p.name)
def test_results_lie_within_the_bounds(primitive: Primitive) -> None:
    if primitive.interval is None:
        return
    rng = random.Random(primitive.name)
    for args in samples(primitive):
        check_bounds(primitive, args, rng)
    arity = 4 if primitive.variadic else len(primitive.params)
    for _ in range(1500):
        args = tuple(rng.uniform(-3.0, 3.0) * 10.0 ** rng.randint(-3, 3) for _ in range(arity))
        check_bounds(primitive, args, rng)


def check_bounds(primitive: Primitive, args: tuple[Any, ...], rng: random.Random) -> None:
    assert primitive.interval is not None
    try:
        y = value(primitive, args)
    except (ArithmeticError, TypeError, ValueError):
        return
    if isinstance(y, complex) or y != y:
        return
    low, high = primitive.interval(*(around(arg, rng) for arg in args))
    assert low <= y <= high, (args, low, y, high)


def around(arg: float, rng: random.Random) -> tuple[float, float]:
    """Random bounds of an argument: any at all for a nan."""
    center = rng.choice((-2.0, 0.0, 3.0)) if arg != arg else float(arg)
    width = rng.choice((0.0, 0.0, 0.1, 1.0, 1e3, inf))
    if arg != arg:
        width = max(width, 0.5)
    low, high = center - width * rng.random(), center + width * rng.random()
    return (-inf if low != low else min(low, center)), (
        inf if high != high else max(high, center)
    )


# --- A user's own rules ----------------------------------------------------------

x, w = sympy.symbols("x w")
USER = [
    (1 / (1 + sympy.exp(-x)), ("x",)),
    (sympy.sin(x * w) * sympy.log(x), ("x", "w")),
    (sympy.sqrt(x**2 + w**2), ("x", "w")),
    (x ** sympy.Rational(1, 3), ("x",)),
    (x**5 / 3 - w**-4, ("x", "w")),
    (sympy.pi * sympy.exp(-(x**2) / 2) / sympy.sqrt(2 * sympy.pi), ("x",)),
    (sympy.Abs(x) * sympy.cot(w) + sympy.sec(w), ("x", "w")),
    (sympy.Piecewise((x**2, x < 1), (2 * x - 1, True)), ("x",)),
    (sympy.Max(x, w) ** 2, ("x", "w")),
    (sympy.gamma(x) + sympy.digamma(w), ("x", "w")),
    (sympy.atan2(x, w) + sympy.acoth(x + 1), ("x", "w")),
    (2**x + 0.1 * x, ("x",)),
    (x * sympy.E ** (w / 7), ("x", "w")),
    (x - (w - (x - w) * 3) ** 4, ("x", "w")),
]


@pytest.mark.parametrize(("expr", "params"), USER, ids=str)
def test_rules_of_a_users_expression(expr: Any, params: tuple[str, ...]) -> None:
    point = {"x": 0.7, "w": 1.3}
    values = {name: point[name] for name in params}
    substitution = {symbol: point[str(symbol)] for symbol in expr.free_symbols}
    real = {s: sympy.Symbol(str(s), real=True) for s in expr.free_symbols}
    y = float(expr.subs(substitution))
    for name, text in zip(params, derive.derive_user(expr, params), strict=True):
        derivative = sympy.diff(expr.xreplace(real), sympy.Symbol(name, real=True))
        truth = float(derivative.subs({real[s]: point[str(s)] for s in real}))
        assert text is not None
        assert evaluate(text, {**values, "y": y}) == pytest.approx(truth, rel=1e-13), text


def test_a_users_rule_reuses_its_value_and_drops_what_is_zero() -> None:
    assert derive.derive_user(sympy.exp(x * x), ("x",)) == ("2.0 * x * y",)
    assert derive.derive_user(x + 1, ("x", "w")) == ("1.0", None)
    assert derive.derive_user(sympy.Abs(x), ("x",)) == ("math.copysign(1.0, x) if x else 0.0",)


@pytest.mark.parametrize(
    "expr",
    [
        sympy.besselj(0, x),
        sympy.zeta(x),
        sympy.I * x**2,
        sympy.airyai(x),
        x * sympy.zoo,
    ],
    ids=str,
)
def test_what_math_cannot_compute_is_refused(expr: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        derive.derive_user(expr, ("x",))


def test_a_parameter_named_y_is_not_taken_for_the_value() -> None:
    y = sympy.Symbol("y")
    assert derive.derive_user(sympy.exp(y), ("y",)) == ("math.exp(y)",)


def test_a_users_rule_has_its_parameters_only() -> None:
    with pytest.raises(ValueError, match="no parameters: w"):
        derive.derive_user(x * w, ("x",))
