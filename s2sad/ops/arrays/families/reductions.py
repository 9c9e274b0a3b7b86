"""Reductions: sums, means, extrema, along axes or over all.

Of n elements that attain an extremum each has the partial 1/n. A norm or a standard
deviation of 0 has the partials 0: it is divided by `y + (y == 0.0)`, and what it divides is
0 there.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, constant, refused
from s2sad.ops.arrays.rules import along, at, axes_of, expanded, length, some, spread

_AXIS = "a, axis=None, *, keepdims=False"
_LEVEL = "a, q, axis=None, *, method='linear', keepdims=False"
_IN_LEVEL = refused("the derivative of a quantile in its level")
_AXIS_DTYPE = "a, axis=None, dtype=None, *, keepdims=False"


def _summed(text: str, facts: Facts) -> str:
    """The sum of `text` over the axes that are reduced."""
    return f"np.sum({text}{along(facts)})"


def _centered(facts: Facts) -> str:
    text = f"a - np.mean(a{along(facts, keep=True)})"
    return f"np.conj({text})" if facts.is_complex("a") else f"({text})"


def _refuse_complex(facts: Facts, what: str) -> None:
    if facts.is_complex("a"):
        raise NotDifferentiable(f"{what} of complex numbers has no derivative")


# --- Sums ------------------------------------------------------------------------


def _mean(facts: Facts) -> str:
    whole = facts.literal("axis") is None
    return spread(f"y_bar / {some(facts) if whole else length(facts)}", facts)


def _chosen(text: str, facts: Facts) -> str:
    everything = facts.is_literal("where") and facts.literal("where") is True
    return text if everything else f"np.where(where, {text}, 0.0)"


def _sum_where(facts: Facts) -> str:
    return _chosen(expanded("y_bar", facts), facts)


def _sum_where_dot(facts: Facts) -> str:
    return _summed(_chosen("a_dot", facts), facts)


def _initial_dot(facts: Facts) -> str:
    return "np.full(y.shape, initial_dot)" if facts.ndim("y") else "initial_dot"


def _counted(facts: Facts) -> str:
    """Of how many elements a mean is."""
    return _summed("np.broadcast_to(where, a.shape)", facts)


def _mean_where(facts: Facts) -> str:
    return _chosen(expanded(f"y_bar / {_counted(facts)}", facts), facts)


def _mean_where_dot(facts: Facts) -> str:
    return f"{_sum_where_dot(facts)} / {_counted(facts)}"


def _degrees(facts: Facts) -> str:
    """What the sum of squares is divided by."""
    size = length(facts)
    if facts.is_literal("ddof"):
        return size if facts.literal("ddof") == 0 else f"({size} - ddof)"
    return f"({size} - ddof)"


def _var(facts: Facts) -> str:
    bar = expanded("y_bar", facts)
    if _degrees(facts) == length(facts):
        return f"2.0 / {some(facts)} * {bar} * {_centered(facts)}"
    # Of one element with ddof=1 it is nan, no error.
    return f"2.0 * {bar} * {_centered(facts)} / {_degrees(facts)}"


def _var_dot(facts: Facts) -> str:
    product = f"{_centered(facts)} * a_dot"
    product = f"np.real({product})" if facts.is_complex("a") else product
    return f"2.0 * {_summed(product, facts)} / {_degrees(facts)}"


def _std(facts: Facts) -> str:
    scale = f"({_degrees(facts)} * (y + (y == 0.0)))"
    if expanded("y", facts) == "y":
        return f"y_bar / {scale} * {_centered(facts)}"
    return f"{expanded(f'y_bar / {scale}', facts)} * {_centered(facts)}"


def _std_dot(facts: Facts) -> str:
    product = f"{_centered(facts)} * a_dot"
    product = f"np.real({product})" if facts.is_complex("a") else product
    return f"{_summed(product, facts)} / ({_degrees(facts)} * (y + (y == 0.0)))"


def _not_nan(text: str) -> str:
    return f"np.where(np.isnan(a), 0.0, {text})"


def _nan_count(facts: Facts) -> str:
    return _summed("~np.isnan(a)", facts)


# --- Products --------------------------------------------------------------------

# Nothing is divided by, so that zeros do no harm at any order.


def _joined(first: str, second: str, axis: int) -> str:
    return f"np.concatenate(({first}, {second}){f', axis={axis}' if axis else ''})"


def _others(facts: Facts) -> str:
    """For each element the product of the others that it is multiplied with."""
    axes, rank = axes_of(facts, "a"), facts.ndim("a")
    if not axes:
        return "np.ones_like(a)"
    if len(axes) == rank > 1:
        return f"np.reshape({_around('np.ravel(a)', 0)}, a.shape)"
    if len(axes) > 1:
        raise NotDifferentiable(
            "a product over several axes, not all",
            instead="one product after the other: np.prod(np.prod(a, axis=1), axis=0)",
        )
    return _around("a", axes[0])


def _around(a: str, axis: int) -> str:
    """The product of all before an element, times that of all after it."""
    one = f"np.ones_like({a}{at(axis, ':1')})"
    along = f", axis={axis}" if a == "a" else ""
    before = f"np.cumprod({a}{at(axis, ':-1')}{along})"
    after = f"np.cumprod({a}{at(axis, ':0:-1')}{along}){at(axis, '::-1')}"
    return f"({_joined(one, before, axis)} * {_joined(after, one, axis)})"


def _preceding(y: str, axis: int, first: str) -> str:
    """For each element the one before it."""
    return _joined(f"np.{first}_like({y}{at(axis, ':1')})", f"{y}{at(axis, ':-1')}", axis)


def _backward(a: str, seed: str, axis: int) -> str:
    """The x with x[i] = seed[i] + a[i + 1] * x[i + 1]."""
    reverse = at(axis, "::-1")
    turned = f"np.roll({a}{reverse}, 1, {axis})"
    return f"_recurrence({turned}, {seed}{reverse}, {axis}){reverse}"


def _cumprod(facts: Facts) -> str:
    axis = axes_of(facts, "a")[0]
    if facts.literal("axis") is not None or facts.ndim("a") == 1:
        return f"{_preceding('y', axis, 'ones')} * {_backward('a', 'y_bar', axis)}"
    flat = f"{_preceding('y', 0, 'ones')} * {_backward('np.ravel(a)', 'y_bar', 0)}"
    return f"np.reshape({flat}, a.shape)"


def _cumprod_dot(facts: Facts) -> str:
    axis = axes_of(facts, "a")[0]
    if facts.literal("axis") is not None or facts.ndim("a") == 1:
        return f"_recurrence(a, {_preceding('y', axis, 'ones')} * a_dot, {axis})"
    seed = f"{_preceding('y', 0, 'ones')} * np.ravel(a_dot)"
    return f"_recurrence(np.ravel(a), {seed}, 0)"


def _coefficient(facts: Facts) -> str:
    (axis,) = axes_of(facts, "a")
    return f"{_preceding('y', axis, 'zeros')} * {_backward('a', 'y_bar', axis)}"


def _coefficient_dot(facts: Facts) -> str:
    (axis,) = axes_of(facts, "a")
    return f"_recurrence(a, a_dot * {_preceding('y', axis, 'zeros')}, {axis})"


def _cumsum(facts: Facts) -> str:
    axis, rank = facts.literal("axis"), facts.ndim("a")
    if rank == 1:
        return "np.cumsum(y_bar[::-1])[::-1]"
    if axis is None:
        return "np.reshape(np.cumsum(y_bar[::-1])[::-1], a.shape)"
    return "np.flip(np.cumsum(np.flip(y_bar, axis), axis), axis)"


# --- Extrema ---------------------------------------------------------------------


def _attained(facts: Facts, value: str) -> str:
    """Which elements are `value`, each divided by their number."""
    mask = f"(a == {value})"
    count = f"np.sum(a == {value}{along(facts, keep=True)})"
    return f"{mask} / {count}"


def _extremum(facts: Facts) -> str:
    _refuse_complex(facts, "an extremum")
    return f"{expanded('y_bar', facts)} * {_attained(facts, expanded('y', facts))}"


def _extremum_dot(facts: Facts) -> str:
    _refuse_complex(facts, "an extremum")
    return _summed(f"a_dot * {_attained(facts, expanded('y', facts))}", facts)


def _range(facts: Facts) -> str:
    _refuse_complex(facts, "a range")
    high, low = (f"np.{name}(a{along(facts, keep=True)})" for name in ("max", "min"))
    return f"({_attained(facts, high)} - {_attained(facts, low)})"


def _shares(facts: Facts, level: str) -> str:
    """The partials of a quantile, by linear interpolation between two elements.

    level: its text, between 0 and 1; "0.5" for the median. Elements that are equal share.
    """
    _refuse_complex(facts, "a quantile")
    low, high = (
        _attained(facts, f'np.quantile(a, {level}{along(facts, keep=True)}, method="{end}")')
        for end in ("lower", "higher")
    )
    if level == "0.5":
        return f"0.5 * ({low} + {high})"
    if facts.ndim("q") or facts.literal("method") != "linear":
        raise NotDifferentiable("a quantile other than one by linear interpolation")
    share = f"(({length(facts)} - 1) * {level} % 1.0)"
    return f"((1.0 - {share}) * {low} + {share} * {high})"


def _quantile(level: str) -> Rule:
    return lambda facts: f"{expanded('y_bar', facts)} * {_shares(facts, level)}"


def _quantile_dot(level: str) -> Rule:
    return lambda facts: _summed(f"a_dot * {_shares(facts, level)}", facts)


# --- Norms -----------------------------------------------------------------------


def _norm_direction(facts: Facts) -> str:
    """The gradient of a norm; 0 where it is 0."""
    order = facts.literal("ord")
    axis = facts.literal("axis")
    y = expanded("y", facts, "x")
    size = f"({y} + ({y} == 0.0))"
    conj = "np.conj(x)" if facts.is_complex("x") else "x"
    rank = facts.ndim("x") if axis is None else len(axes_of(facts, "x"))
    if order is None or order == "fro" or (order == 2 and rank == 1):
        return f"{conj} / {size}"
    if rank != 1 or not isinstance(order, int | float) or order == 0:
        raise NotDifferentiable(
            f"the norm of order {order!r} of {'a vector' if rank == 1 else 'a matrix'}"
        )
    sign = f"{conj} / (np.abs(x) + (x == 0.0))" if facts.is_complex("x") else "np.sign(x)"
    if order == 1:
        return sign
    if order == float("inf"):
        count = f"np.sum(np.abs(x) == {y}{along(facts, keep=True)})"
        return f"{sign} * (np.abs(x) == {y}) / {count}"
    absolute = "np.abs(x)" if order > 1 else "(np.abs(x) + (x == 0.0))"
    return f"{sign} * ({absolute} / {size})**(ord - 1)"


def _norm(facts: Facts) -> str:
    return f"{expanded('y_bar', facts, 'x')} * {_norm_direction(facts)}"


def _norm_dot(facts: Facts) -> str:
    product = f"x_dot * {_norm_direction(facts)}"
    product = f"np.real({product})" if facts.is_complex("x") else product
    return f"np.sum({product}{along(facts)})"


_EXTREMA = tuple(
    array(f"np.{name}", _AXIS, a=_extremum, tangents={"a": _extremum_dot})
    for name in ("max", "min", "nanmax", "nanmin")
)

FAMILY: tuple[ArrayOp, ...] = (
    array("np.sum", _AXIS_DTYPE, linear="a", a=lambda facts: spread("y_bar", facts)),
    array("np.mean", _AXIS_DTYPE, linear="a", a=_mean),
    # Of some of the elements: printed as np.sum and np.mean.
    array("np.sum:where", f"{_AXIS_DTYPE}, initial=0, where=True", a=_sum_where,
          initial="y_bar", tangents={"a": _sum_where_dot, "initial": _initial_dot}),
    array("np.mean:where", f"{_AXIS_DTYPE}, where=True", a=_mean_where,
          tangents={"a": _mean_where_dot}),
    array("np.nansum", _AXIS_DTYPE,
          a=lambda facts: _not_nan(expanded("y_bar", facts)),
          tangents={"a": lambda facts: _summed(_not_nan("a_dot"), facts)}),
    array("np.nanmean", _AXIS_DTYPE,
          a=lambda facts: _not_nan(expanded(f"y_bar / {_nan_count(facts)}", facts)),
          tangents={"a": lambda facts:
                    f"{_summed(_not_nan('a_dot'), facts)} / {_nan_count(facts)}"}),
    array("np.prod", _AXIS_DTYPE,
          a=lambda facts: f"{expanded('y_bar', facts)} * {_others(facts)}",
          tangents={"a": lambda facts: _summed(f"a_dot * {_others(facts)}", facts)}),
    *_EXTREMA,
    array("np.ptp", _AXIS,
          a=lambda facts: f"{expanded('y_bar', facts)} * {_range(facts)}",
          tangents={"a": lambda facts: _summed(f"a_dot * {_range(facts)}", facts)}),
    array("np.var", "a, axis=None, dtype=None, *, ddof=0, keepdims=False",
          a=_var, tangents={"a": _var_dot}),
    array("np.std", "a, axis=None, dtype=None, *, ddof=0, keepdims=False",
          a=_std, tangents={"a": _std_dot}),
    array("np.cumsum", "a, axis=None, dtype=None", linear="a", a=_cumsum),
    array("np.cumprod", "a, axis=None, dtype=None", a=_cumprod, tangents={"a": _cumprod_dot}),
    array("_recurrence", "a, s, axis", linear="s", a=_coefficient,
          s=lambda facts: _backward("a", "y_bar", axes_of(facts, "a")[0]),
          tangents={"a": _coefficient_dot}),
    array("np.median", _AXIS, a=_quantile("0.5"), tangents={"a": _quantile_dot("0.5")}),
    array("np.quantile", _LEVEL, a=_quantile("q"), q=_IN_LEVEL,
          tangents={"a": _quantile_dot("q"), "q": _IN_LEVEL}),
    array("np.percentile", _LEVEL, a=_quantile("(q / 100)"), q=_IN_LEVEL,
          tangents={"a": _quantile_dot("(q / 100)"), "q": _IN_LEVEL}),
    constant("np.count_nonzero", _AXIS),
    constant("np.all", _AXIS),
    constant("np.any", _AXIS),
    constant("np.argmax", _AXIS),
    constant("np.argmin", _AXIS),
    constant("np.allclose", "a, b, rtol=1e-05, atol=1e-08, equal_nan=False"),
    constant("np.array_equal", "a, b, equal_nan=False"),
    array("np.linalg.norm", "x, ord=None, axis=None, keepdims=False",
          x=_norm, tangents={"x": _norm_dot}),
)  # fmt: skip

METHODS: dict[str, str] = {
    name: f"np.{name}"
    for name in (
        *("sum", "mean", "prod", "max", "min", "var", "std", "cumsum", "cumprod"),
        *("all", "any", "argmax", "argmin"),
    )
}

SYNONYMS: dict[str, str] = {"np.amax": "np.max", "np.amin": "np.min"}
