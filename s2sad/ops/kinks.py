"""Where a primitive has a kink, a jump, or a slope that is infinite: for `strict=True`.

A test is an expression over the parameters of the primitive and its result `y`; docs/kinks.md
says what the derivative is there otherwise. Of a primitive with any number of arguments the
test is over `x`, a list of them.
"""

from __future__ import annotations

from collections.abc import Callable

_TIES = "x.count(y) > 1"
_COMPARED = "x == w"

# Tests of numbers; `x` and `w` are the first argument and the second.
OF_NUMBERS: dict[str, str] = {
    "abs": "x == 0",
    "fabs": "x == 0",
    "copysign": "x == 0 or w == 0",
    "max": _TIES,
    "min": _TIES,
    "list_max": _TIES,
    "list_min": _TIES,
    "hypot": "y == 0",
    "dist": "y == 0",
    "floor": "x == y",
    "ceil": "x == y",
    "trunc": "x == y != 0",
    "int": "x == y != 0",
    "bool": "x == 0",
    "round": "x % 1 == 0.5",
    "round_digits": "x * 10.0**w % 1 == 0.5",
    "floordiv": "x % w == 0",
    "mod": "y == 0",
    "fmod": "y == 0 != x",
    "remainder": "2 * abs(y) == abs(w)",
    "modf_integer": "x == y != 0",
    "modf_fraction": "y == 0 != x",
    "frexp_mantissa": "abs(y) == 0.5",
    "sqrt": "x == 0",
    "cbrt": "x == 0",
    "asin": "abs(x) == 1",
    "acos": "abs(x) == 1",
    "acosh": "x == 1",
    "atan2": "x == 0 and w <= 0",
    "pow": "x == 0 and 0 < w < 1",
    "math_pow": "x == 0 and 0 < w < 1",
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), _COMPARED),
}

_TIED = "np.sum(a == np.{}(a, axis, keepdims=True), axis) > 1"


def _sorted(is_none: Callable[[str], bool]) -> str:
    if is_none("axis"):
        return "np.diff(np.sort(a, None)) == 0"
    return "np.diff(np.sort(a, axis), axis=axis) == 0"


def _clipped(is_none: Callable[[str], bool]) -> str:
    return " | ".join(f"(a == {edge})" for edge in ("a_min", "a_max") if not is_none(edge))


_STEP = "x == y"

# Tests of arrays, element by element: over the names of their parameters. Where it depends
# on which of these are None the test is a function that is told.
OF_ARRAYS: dict[str, str | Callable[[Callable[[str], bool]], str]] = {
    "np.abs": "x == 0",
    "np.fabs": "x == 0",
    **dict.fromkeys(("np.maximum", "np.minimum", "np.fmax", "np.fmin"), _COMPARED),
    "np.clip": _clipped,
    **{f"np.{name}": _TIED.format(name) for name in ("max", "min", "nanmax", "nanmin")},
    "np.ptp": f"({_TIED.format('max')}) | ({_TIED.format('min')})",
    **dict.fromkeys(("np.sort", "np.median", "np.percentile", "np.quantile"), _sorted),
    "np.linalg.norm": "y == 0",
    "np.hypot": "y == 0",
    "np.std": "y == 0",
    "np.floor": _STEP,
    "np.ceil": _STEP,
    "np.trunc": "(x == y) & (y != 0)",
    "np.fix": "(x == y) & (y != 0)",
    "np.rint": "x % 1 == 0.5",
    "np.round": "a * 10.0**decimals % 1 == 0.5",
    "np.sign": "x == 0",
    "np.heaviside": "x == 0",
    "np.copysign": "(x == 0) | (w == 0)",
    "np.floor_divide": "x % w == 0",
    "np.mod": "y == 0",
    "np.fmod": "(y == 0) & (x != 0)",
    "np.sqrt": "x == 0",
    "np.cbrt": "x == 0",
    "np.arcsin": "np.abs(x) == 1",
    "np.arccos": "np.abs(x) == 1",
    "np.arccosh": "x == 1",
    "np.arctan2": "(x == 0) & (w <= 0)",
    "np.power": "(x == 0) & (0 < w) & (w < 1)",
    "np.interp": "np.isin(x, xp)",
    **dict.fromkeys(
        (f"np.{n}" for n in ("less", "less_equal", "greater", "greater_equal")), _COMPARED
    ),
    **dict.fromkeys(("np.equal", "np.not_equal"), _COMPARED),
    # Operators on arrays are in the IR what they are on numbers.
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), _COMPARED),
    "abs": "x == 0",
    "mod": "y == 0",
    "floordiv": "x % w == 0",
    "pow": "(x == 0) & (0 < w) & (w < 1)",
}
