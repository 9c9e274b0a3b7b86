"""Functions that work element by element (universal functions).

What the scalar table has a partial of is not stated again. At kinks a partial is the mean
of its one-sided values: `np.heaviside(x, 0.5)` is that of a step. Of a complex
number: real, imag, abs and angle are real functions of it, the others are holomorphic.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, constant, ufunc
from s2sad.ops.arrays.scalar import partials_of


def _like(name: str, scalar: str) -> ArrayOp:
    """A function whose partials are those of a scalar primitive."""
    found = partials_of(scalar)
    return ufunc(name, ", ".join("xwv"[: len(found)]), *found)


def _scalar(name: str) -> str:
    (partial,) = partials_of(name)
    return partial


def _in_complex(real: str, complex_: str) -> Rule:
    """A partial that is another text of complex arguments."""
    return lambda facts: complex_ if facts.is_complex("x") else real


def _real_only(what: str, text: Rule, params: str = "x") -> Rule:
    """A partial that there is of real arguments only."""

    def rule(facts: Facts) -> str:
        if any(facts.is_complex(name) for name in params.split()):
            raise NotDifferentiable(f"{what} of complex numbers has no derivative")
        return text if isinstance(text, str) else text(facts)

    return rule


# --- Extrema ---------------------------------------------------------------------


def _finite(facts: Facts, name: str) -> bool:
    """Is an argument a literal that is no infinity?"""
    known = name.isidentifier() and facts.is_literal(name)
    value = facts.literal(name) if known else None
    return isinstance(value, int | float) and abs(value) < float("inf")


def _above(large: str, small: str, facts: Facts) -> str:
    """1 where one is larger, 0.5 at a tie. Two infinities have no difference."""
    if _finite(facts, small) and facts.literal(small) == 0.0:
        return f"np.heaviside({large}, 0.5)"
    if _finite(facts, large) or _finite(facts, small):
        return f"np.heaviside({large} - {small}, 0.5)"
    return f"0.5 * ({large} > {small}) + 0.5 * ({large} >= {small})"


def _extremum(name: str, *, largest: bool) -> ArrayOp:
    def partial(mine: str, other: str) -> Rule:
        large, small = (mine, other) if largest else (other, mine)
        return _real_only("an extremum", lambda facts: _above(large, small, facts), "x w")

    return ufunc(name, "x, w", partial("x", "w"), partial("w", "x"))


def _tied(mine: str, other: str) -> Rule:
    """For the extrema that leave out nan: a nan is not the result."""
    text = f"0.5 if {mine} == {other} else 1.0 if {mine} == y else 0.0"
    return _real_only("an extremum", text, "x w")


def _clipped(facts: Facts) -> str:
    low, high = (not _is_none(facts, name) for name in ("a_min", "a_max"))
    if low and high:
        if _finite(facts, "a_min") and _finite(facts, "a_max") and _ordered(facts):
            return "0.5 * np.sign(a - a_min) - 0.5 * np.sign(a - a_max)"
        return "0.5 * ((a_min <= a) & (a < a_max)) + 0.5 * ((a_min < a) & (a <= a_max))"
    if low:
        return _above("a", "a_min", facts)
    return _above("a_max", "a", facts) if high else "1.0"


def _ordered(facts: Facts) -> bool:
    low, high = facts.literal("a_min"), facts.literal("a_max")
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    return low < high


def _is_none(facts: Facts, name: str) -> bool:
    return facts.is_literal(name) and facts.literal(name) is None


def _at_bottom(facts: Facts) -> str:
    """In the lower bound: 1 where it is the result."""
    if _is_none(facts, "a_max"):
        return _above("a_min", "a", facts)
    return "0.5 * ((a <= a_min) & (a_min < a_max)) + 0.5 * ((a < a_min) & (a_min <= a_max))"


def _at_top(facts: Facts) -> str:
    """In the upper bound, which wins where the bounds cross."""
    if _is_none(facts, "a_min"):
        return _above("a", "a_max", facts)
    return _above("np.maximum(a, a_min)", "a_max", facts)


# --- Others ----------------------------------------------------------------------

_CIRCLE = "1.0 / (np.sqrt(1.0 - x) * np.sqrt(1.0 + x))"
_HYPERBOLA = "1.0 / np.sqrt(1.0 + x * x)"

_IN_BASE = "w * x**(w - 1) if w != 0 else 0.0"


def _in_exponent(facts: Facts) -> str:
    if facts.is_complex("x") or facts.is_complex("w"):
        return "y * np.log(x) if x != 0 else 0.0"
    return "y * np.log(x) if x > 0.0 else np.nan if x != 0.0 else 0.0"


# The slope of sin(πx) / (πx): near 0 its power series, the difference has no digits there.
_U = "(np.pi * x)**2"
_SINC = (
    "(np.cos(np.pi * x) - y) / x if np.abs(x) > 0.1 else"
    f" -np.pi**2 * x * (1 / 3 - {_U} * (1 / 30 - {_U} * (1 / 840 - {_U} * (1 / 45360"
    f" - {_U} / 3991680))))"
)


def _turned(facts: Facts) -> str:
    if not facts.is_complex("z"):
        return ""
    return f"{'-57.29577951308232j' if facts.literal('deg') else '-1j'} / z if z != 0 else 0.0"


def _seeded(text: str, result: int = 1) -> Rule:
    """A rule of one result: of np.divmod the remainder, the second."""
    return lambda facts: text if facts.wanted(result) else ""


_COMPARISONS = ("equal", "not_equal", "less", "less_equal", "greater", "greater_equal")
_LOGICAL = ("logical_and", "logical_or", "logical_xor", "bitwise_and", "bitwise_or",
            "bitwise_xor", "left_shift", "right_shift")  # fmt: skip
_TESTS = ("isnan", "isinf", "isfinite", "signbit", "logical_not", "invert", "iscomplex",
          "isreal", "isposinf", "isneginf")  # fmt: skip
_ROUNDINGS = ("floor", "ceil", "trunc", "rint", "fix", "spacing")

FAMILY: tuple[ArrayOp, ...] = (
    ufunc("np.add", "x, w", "1.0", "1.0"),
    ufunc("np.subtract", "x, w", "1.0", "-1.0"),
    ufunc("np.multiply", "x, w", "w", "x", linear="x w"),
    ufunc("np.divide", "x, w", "1.0 / w", "-y / w", linear="x"),
    ufunc("np.negative", "x", "-1.0", linear="x"),
    ufunc("np.positive", "x", "1.0", linear="x"),
    ufunc("np.power", "x, w", _IN_BASE, _in_exponent),
    ufunc("np.float_power", "x, w", _IN_BASE, _in_exponent),
    ufunc("np.square", "x", "2.0 * x"),
    ufunc("np.reciprocal", "x", "-y * y"),
    *(
        _like(f"np.{name}", name)
        for name in ("sqrt", "cbrt", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p",
                     "sin", "cos", "tan", "sinh", "cosh")
    ),
    ufunc("np.tanh", "x", "1.0 - y**2"),
    ufunc("np.arcsin", "x", _in_complex(_scalar("asin"), _CIRCLE)),
    ufunc("np.arccos", "x", _in_complex(_scalar("acos"), f"-{_CIRCLE}")),
    _like("np.arctan", "atan"),
    ufunc("np.arcsinh", "x", _in_complex(_scalar("asinh"), _HYPERBOLA)),
    _like("np.arccosh", "acosh"),
    _like("np.arctanh", "atanh"),
    _like("np.arctan2", "atan2"),
    ufunc("np.hypot", "x, w", "x / y if y != 0.0 else 0.0", "w / y if y != 0.0 else 0.0"),
    ufunc("np.logaddexp", "x, w", "np.exp(x - y) if x != w else 0.5",
          "np.exp(w - y) if x != w else 0.5"),
    ufunc("np.logaddexp2", "x, w", "np.exp2(x - y) if x != w else 0.5",
          "np.exp2(w - y) if x != w else 0.5"),
    _like("np.deg2rad", "radians"),
    _like("np.rad2deg", "degrees"),
    ufunc("np.sinc", "x", _SINC),
    ufunc("np.abs", "x", _in_complex("np.sign(x)", "np.conj(x) / y if y != 0.0 else 0.0")),
    ufunc("np.fabs", "x", "np.sign(x)"),
    ufunc("np.sign", "x", _real_only("the sign", "")),
    _like("np.copysign", "copysign"),
    ufunc("np.mod", "x, w", "1.0", "-(x // w)"),
    ufunc("np.fmod", "x, w", "1.0", "(y - x) / w"),
    ufunc("np.floor_divide", "x, w"),
    array("np.divmod", "x, w", results=2, elementwise=True,
          x=_seeded("y_bar[1]"), w=_seeded("-y_bar[1] * y[0]"),
          tangents={"x": "(np.zeros_like(y[0]), x_dot)",
                    "w": "(np.zeros_like(y[0]), -w_dot * y[0])"}),
    array("np.modf", "x", results=2, elementwise=True,
          x=lambda facts: "y_bar[0]" if facts.wanted(0) else "",
          tangents={"x": "(x_dot, np.zeros_like(y[1]))"}),
    ufunc("np.ldexp", "x, n", "np.ldexp(1.0, n)", linear="x"),
    ufunc("np.nextafter", "x, w", "1.0"),
    ufunc("np.heaviside", "x, w", "", "1.0 if x == 0.0 else 0.0"),
    _extremum("np.maximum", largest=True),
    _extremum("np.minimum", largest=False),
    ufunc("np.fmax", "x, w", _tied("x", "w"), _tied("w", "x")),
    ufunc("np.fmin", "x, w", _tied("x", "w"), _tied("w", "x")),
    ufunc("np.clip", "a, a_min=None, a_max=None",
          *(_real_only("np.clip", rule, "a") for rule in (_clipped, _at_bottom, _at_top))),
    ufunc("np.nan_to_num", "x, copy=True, nan=0.0, posinf=None, neginf=None",
          _real_only("np.nan_to_num", "1.0 if np.isfinite(x) else 0.0")),
    array("np.where", "condition, a, b", elementwise=True,
          a="np.where(condition, y_bar, 0.0)", b="np.where(condition, 0.0, y_bar)",
          tangents={"a": "np.where(condition, a_dot, 0.0)",
                    "b": "np.where(condition, 0.0, b_dot)"}),
    ufunc("np.real", "x", "1.0", linear="x", view="maybe"),
    ufunc("np.imag", "x", _in_complex("", "-1j"), linear="x", view="maybe"),
    array("np.conj", "x", x="np.conj(y_bar)", linear="x", elementwise=True),
    ufunc("np.angle", "z, deg=False", _turned),
    *(constant(f"np.{name}", "x, w", elementwise=True) for name in _COMPARISONS + _LOGICAL),
    *(constant(f"np.{name}", "x", elementwise=True) for name in _TESTS + _ROUNDINGS),
    constant("np.round", "a, decimals=0", elementwise=True),
    constant("np.isclose", "a, b, rtol=1e-05, atol=1e-08, equal_nan=False", elementwise=True),
    array("np.frexp", "x", results=2, elementwise=True,
          x=_seeded("np.ldexp(y_bar[0], -y[1])", 0),
          tangents={"x": "(np.ldexp(x_dot, -y[1]), np.zeros_like(y[1]))"}),
    *(ufunc(f"np.{name}", "x", "1.0", linear="x", view="maybe")
      for name in ("float64", "float32")),
    ufunc("complex", "x, w", "1.0", "1j"),
    constant("np.int64", "x", elementwise=True, view="maybe"),
)  # fmt: skip

METHODS: dict[str, str] = {
    "clip": "np.clip",
    "conj": "np.conj",
    "conjugate": "np.conj",
    "round": "np.round",
}

SYNONYMS: dict[str, str] = {
    "np.absolute": "np.abs",
    "np.true_divide": "np.divide",
    "np.remainder": "np.mod",
    "np.conjugate": "np.conj",
    "np.degrees": "np.rad2deg",
    "np.radians": "np.deg2rad",
    "np.around": "np.round",
    "np.bitwise_not": "np.invert",
    "np.asin": "np.arcsin",
    "np.acos": "np.arccos",
    "np.atan": "np.arctan",
    "np.asinh": "np.arcsinh",
    "np.acosh": "np.arccosh",
    "np.atanh": "np.arctanh",
    "np.atan2": "np.arctan2",
    "np.pow": "np.power",
}

# Keywords that a function or method takes for a parameter of another name here.
KEYWORDS: dict[str, dict[str, str]] = {"np.clip": {"min": "a_min", "max": "a_max"}}

# The functions that an operator stands for, by the name of its scalar primitive.
OPERATORS: dict[str, str] = {
    "np.add": "add",
    "np.subtract": "sub",
    "np.multiply": "mul",
    "np.divide": "div",
    "np.floor_divide": "floordiv",
    "np.mod": "mod",
    "np.power": "pow",
    "np.negative": "neg",
    "np.positive": "pos",
    "np.equal": "eq",
    "np.not_equal": "ne",
    "np.less": "lt",
    "np.less_equal": "le",
    "np.greater": "gt",
    "np.greater_equal": "ge",
    "np.bitwise_and": "bitand",
    "np.bitwise_or": "bitor",
    "np.bitwise_xor": "bitxor",
    "np.left_shift": "lshift",
    "np.right_shift": "rshift",
    "np.invert": "invert",
}
