"""Selections: sorted, taken or chosen elements; interpolation, polynomials, histograms.

Where elements are equal the derivative of `np.sort` is that of the order that was found.
`_add_taken` and `_add_along` (helpers.py) are the transposes of `np.take` and
`np.take_along_axis`, and these are theirs.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, constant, refused
from s2sad.ops.arrays.texts import integer


def _ranks(facts: Facts) -> str:
    """Where each element goes when its axis is sorted."""
    axis = _axis(facts)
    return f"np.argsort(np.argsort(a{axis}){axis})"


def _axis(facts: Facts) -> str:
    return "" if integer(facts, "axis") in (-1, facts.ndim("a") - 1) else ", axis"


def _along(facts: Facts) -> str:
    """The axis of `np.take_along_axis`, which before NumPy 2.3 has to be given."""
    return ", axis" if facts.ndim("a") > 1 else ", 0"


def _sort(facts: Facts) -> str:
    if facts.literal("axis") is None:
        flat = "y_bar[np.argsort(np.argsort(a, None))]"
        return flat if facts.ndim("a") == 1 else f"np.reshape({flat}, a.shape)"
    if facts.ndim("a") == 1:
        return f"y_bar[{_ranks(facts)}]"
    return f"np.take_along_axis(y_bar, {_ranks(facts)}, axis)"


def _sort_dot(facts: Facts) -> str:
    if facts.literal("axis") is None:
        flat = "a_dot" if facts.ndim("a") == 1 else "np.ravel(a_dot)"
        return f"{flat}[np.argsort(a, None)]"
    if facts.ndim("a") == 1:
        return "a_dot[np.argsort(a)]"
    return f"np.take_along_axis(a_dot, np.argsort(a{_axis(facts)}), axis)"


def _partition(dot: bool) -> Rule:
    """By ranks: `np.argpartition` need not find the order of `np.partition`."""

    def rule(facts: Facts) -> str:
        if facts.literal("axis") is None:
            raise NotDifferentiable("np.partition with axis=None", instead="np.ravel before it")
        one, axis, along = facts.ndim("a") == 1, _axis(facts), _along(facts)

        def taken(text: str, order: str) -> str:
            return f"{text}[{order}]" if one else f"np.take_along_axis({text}, {order}{along})"

        def order(text: str, again: bool) -> str:
            inner = f"np.argsort({text}{axis})"
            return f"np.argsort({inner}{axis})" if again else inner

        source, goal = ("a", "y") if dot else ("y", "a")
        seed = "a_dot" if dot else "y_bar"
        return taken(taken(seed, order(source, False)), order(goal, True))

    return rule


def _add_taken(indices: str, facts: Facts) -> str:
    axis = facts.literal("axis")
    shown = None if axis is None else integer(facts, "axis") % facts.ndim("a")
    return f"_add_taken(y_bar, {indices}, {shown}, a.shape)"


def _take(facts: Facts) -> str:
    mode = facts.literal("mode")
    if mode == "raise":
        return _add_taken("indices", facts)
    whole = facts.literal("axis") is None
    size = "a.size" if whole else f"a.shape[{integer(facts, 'axis') % facts.ndim('a')}]"
    # Which elements they are.
    return _add_taken(f"np.take(np.arange({size}), indices, mode={mode!r})", facts)


def _take_along(facts: Facts) -> str:
    if facts.literal("axis") is None:
        return "_add_taken(y_bar, indices, None, arr.shape)"
    axis = integer(facts, "axis") % facts.ndim("arr")
    return f"_add_along(y_bar, indices, {axis}, arr.shape)"


def _first(facts: Facts, last: int) -> str:
    """Is this condition the first that holds?"""
    before = " | ".join(f"condlist[{i}]" for i in range(last))
    if last == facts.count:
        return f"~({before})" if last > 1 else f"~{before}"
    own = f"condlist[{last}]"
    if not before:
        return own
    return f"{own} & ~({before})" if last > 1 else f"{own} & ~{before}"


def _select(text: str, default: bool) -> Rule:
    def rule(facts: Facts) -> str:
        if default:
            return f"np.where({_first(facts, facts.count)}, {text}, 0.0)"
        value = f"{text}[{facts.which}]" if text == "choicelist_dot" else text
        return f"np.where({_first(facts, facts.which)}, {value}, 0.0)"

    return rule


# Interpolation. Outside of the first and the last point it is constant; at a point the slope
# is the mean of those on both sides (and there is no second derivative there).
_SLOPES = "np.pad(np.diff(fp) / np.diff(xp), 1)"
_SLOPE = (
    f"0.5 * ({_SLOPES}[np.searchsorted(xp, x)] + {_SLOPES}[np.searchsorted(xp, x, 'right')])"
)
_BEFORE = "np.clip(np.searchsorted(xp, x, 'right') - 1, 0, xp.shape[0] - 2)"
_PART = f"np.clip((x - xp[{_BEFORE}]) / (xp[{_BEFORE} + 1] - xp[{_BEFORE}]), 0.0, 1.0)"


def _plain_interp(facts: Facts) -> None:
    if not facts.is_literal("period") or facts.literal("period") is not None:
        raise NotDifferentiable("np.interp with a period", instead="x % period")


def _given(facts: Facts, name: str) -> bool:
    return not facts.is_literal(name) or facts.literal(name) is not None


def _spread(weight: str) -> str:
    """What each point gets of the values between it and its neighbours."""
    left = f"_add_taken({weight} * (1.0 - {_PART}), {_BEFORE}, 0, xp.shape)"
    return f"{left} + _add_taken({weight} * {_PART}, {_BEFORE} + 1, 0, xp.shape)"


def _interp_x(facts: Facts) -> str:
    _plain_interp(facts)
    return f"y_bar * ({_SLOPE})"


def _interp_xp(facts: Facts) -> str:
    _plain_interp(facts)
    return f"-({_spread(f'y_bar * ({_SLOPE})')})"


def _interp_fp(facts: Facts) -> str:
    _plain_interp(facts)
    weight = "y_bar"
    if _given(facts, "left"):
        weight = f"np.where(x < xp[0], 0.0, {weight})"
    if _given(facts, "right"):
        weight = f"np.where(x > xp[-1], 0.0, {weight})"
    return _spread(weight)


def _interp_xp_dot(facts: Facts) -> str:
    _plain_interp(facts)
    return f"-np.interp(x, xp, xp_dot) * ({_SLOPE})"


def _interp_fp_dot(facts: Facts) -> str:
    _plain_interp(facts)
    ends = [f", {name}=0.0" for name in ("left", "right") if _given(facts, name)]
    return f"np.interp(x, xp, fp_dot{''.join(ends)})"


def _outside(condition: str, value: str) -> Rule:
    return f"np.where({condition}, {value}, 0.0)"


def _polynomial(facts: Facts) -> str:
    if facts.ndim("p") != 1:
        raise NotDifferentiable("np.polyval of other than a vector of coefficients")
    x = "x" if facts.ndim("x") == 1 else "np.ravel(x)"
    seed = "y_bar" if facts.ndim("x") == 1 else "np.ravel(y_bar)"
    return f"{seed} @ np.vander({x}, p.shape[0])"


def _once(text: str) -> Rule:
    def rule(facts: Facts) -> str:
        if integer(facts, "m") != 1:
            raise NotDifferentiable("m other than 1", instead="np.polyder or np.polyint again")
        return text

    return rule


# Between the edges; the last of them belongs to the last bin. What is outside meets a 0.
_BIN = "np.where(a == y[1][-1], y[0].shape[0], np.searchsorted(y[1], a, 'right'))"


def _histogram(text: str) -> Rule:
    def rule(facts: Facts) -> str:
        if facts.literal("density"):
            raise NotDifferentiable(
                "np.histogram with density=True", instead="a division by its sum and the widths"
            )
        return text if facts.wanted(0) else ""

    return rule


def _edges(name: str) -> Rule:
    """The bins that are counted do not change nearby; their edges may."""

    def rule(facts: Facts) -> str:
        if facts.wanted(1):
            raise NotDifferentiable(
                f"the edges of np.histogram in its parameter {name}", instead="edges as bins"
            )
        return ""

    return rule


_UNIQUE = refused("np.unique, whose result changes its size where elements meet", "np.sort")


def _unique_results(facts: Facts) -> int:
    extra = ("return_index", "return_inverse", "return_counts")
    count = sum(bool(facts.literal(name)) for name in extra)
    return count + 1 if count else 0


FAMILY: tuple[ArrayOp, ...] = (
    array("np.sort", "a, axis=-1, kind=None", a=_sort, tangents={"a": _sort_dot}),
    array("np.partition", "a, kth, axis=-1", a=_partition(False),
          tangents={"a": _partition(True)}),
    constant("np.argsort", "a, axis=-1, kind=None"),
    constant("np.argpartition", "a, kth, axis=-1"),
    constant("np.lexsort", "keys, axis=-1"),
    constant("np.searchsorted", "a, v, side='left', sorter=None"),
    constant("np.digitize", "x, bins, right=False"),
    constant("np.nonzero", "a", varies=True, results_of=lambda facts: facts.ndim("a")),
    constant("np.flatnonzero", "a", varies=True),
    constant("np.argwhere", "a", varies=True),
    constant("np.isin", "element, test_elements, assume_unique=False, invert=False"),
    array("np.unique",
          "ar, return_index=False, return_inverse=False, return_counts=False, axis=None",
          varies=True, results_of=_unique_results, ar=_UNIQUE, tangents={"ar": _UNIQUE}),
    array("np.take", "a, indices, axis=None, *, mode='raise'", linear="a", a=_take),
    array("np.take_along_axis", "arr, indices, axis=-1", linear="arr", arr=_take_along),
    array("_add_taken", "values, indices, axis, shape", linear="values",
          values="np.take(y_bar, indices, axis)"),
    array("_add_along", "values, indices, axis, shape", linear="values",
          values="np.take_along_axis(y_bar, indices, axis)"),
    array("np.compress", "condition, a, axis=None", linear="a", varies=True,
          a=lambda facts: _add_taken("np.flatnonzero(condition)", facts)),
    array("np.extract", "condition, arr", linear="arr", varies=True,
          arr="_add_taken(y_bar, np.flatnonzero(condition), None, arr.shape)"),
    array("np.choose", "a, choices: rest", linear="choices",
          choices=lambda facts: f"np.where(a == {facts.which}, y_bar, 0.0)"),
    array("np.select", "condlist: rest, choicelist: rest, default=0",
          tangents={"choicelist": _select("choicelist_dot", False),
                    "default": _select("default_dot", True)},
          choicelist=_select("y_bar", False), default=_select("y_bar", True)),
    array("np.interp", "x, xp, fp, left=None, right=None, period=None",
          x=_interp_x, xp=_interp_xp, fp=_interp_fp,
          left=_outside("x < xp[0]", "y_bar"), right=_outside("x > xp[-1]", "y_bar"),
          tangents={"x": lambda facts: _interp_x(facts).replace("y_bar", "x_dot"),
                    "xp": _interp_xp_dot, "fp": _interp_fp_dot,
                    "left": _outside("x < xp[0]", "left_dot"),
                    "right": _outside("x > xp[-1]", "right_dot")}),
    array("np.polyval", "p, x", linear="p", p=_polynomial,
          x="y_bar * np.polyval(np.polyder(p), x)",
          tangents={"x": "np.polyval(np.polyder(p), x) * x_dot"}),
    array("np.polyder", "p, m=1", linear="p",
          p=_once("np.pad(y_bar * np.arange(p.shape[0] - 1, 0, -1), (0, 1))")),
    array("np.polyint", "p, m=1", linear="p",
          p=_once("y_bar[:-1] / np.arange(p.shape[0], 0, -1)")),
    array("np.bincount", "x, weights=None, minlength=0", linear="weights", varies=True,
          weights="y_bar[x]"),
    array("np.histogram", "a, bins=10, range=None, density=None, weights=None", results=2,
          a=_edges("a"), bins=_edges("bins"), range=_edges("range"),
          weights=_histogram(f"np.pad(y_bar[0], 1)[{_BIN}]"),
          tangents={"a": _edges("a"), "bins": _edges("bins"), "range": _edges("range"),
                    "weights": _histogram(
                        "(np.histogram(a, y[1], weights=weights_dot)[0], np.zeros_like(y[1]))"
                    )}),
)  # fmt: skip

METHODS: dict[str, str] = {
    "argsort": "np.argsort",
    "argpartition": "np.argpartition",
    "searchsorted": "np.searchsorted",
    "nonzero": "np.nonzero",
    "take": "np.take",
    "choose": "np.choose",
}
SYNONYMS: dict[str, str] = {}
