"""Differences, gradients on grids, integrals and weighted means."""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, array
from s2sad.ops.arrays.rules import along, at, axes_of, expanded, length, listed, some, spread

# --- diff ------------------------------------------------------------------------


def _one_axis(facts: Facts, name: str) -> int:
    (axis,) = axes_of(facts, name)
    return axis


def _widths(facts: Facts, name: str, before: object, after: object) -> str:
    """What `np.pad` takes to add so many along the axis."""
    rank = facts.ndim(name)
    if rank == 1 and before == after:
        return str(before)
    axis = _one_axis(facts, name)
    pairs = [f"({before}, {after})" if i == axis else "(0, 0)" for i in range(rank)]
    return pairs[0] if rank == 1 else listed(pairs)


def _diff(facts: Facts) -> str:
    n = facts.literal("n")
    if not isinstance(n, int):
        raise NotDifferentiable("a difference whose order is computed")
    if n == 0:
        return "y_bar"
    sign = "-" if n % 2 else ""
    last = _one_axis(facts, "a") == facts.ndim("a") - 1
    order = "" if n == 1 and last else f", {n}"
    axis = "" if last else ", axis"
    # Of fewer than n elements the difference is empty, whatever their number.
    made = f"np.diff(np.pad(y_bar, {_widths(facts, 'a', n, n)}){order}{axis})"
    return f"{sign}{made}{_as_long(facts, 'a')}"


def _as_long(facts: Facts, name: str) -> str:
    axis = _one_axis(facts, name)
    return at(axis, f":{name}.shape[{axis}]")


# --- gradient --------------------------------------------------------------------


def _gradient_axis(facts: Facts) -> int:
    if facts.ndim("a") > 1 and facts.literal("axis") is None:
        raise NotDifferentiable(
            "np.gradient along all axes", instead="np.gradient(a, spacing, axis=0), …"
        )
    if facts.ndim("spacing"):
        raise NotDifferentiable("np.gradient on a grid that is given by an array")
    if facts.literal("edge_order") != 1:
        raise NotDifferentiable("np.gradient with edge_order=2")
    return _one_axis(facts, "a")


def _gradient(facts: Facts) -> str:
    axis = _gradient_axis(facts)
    first, inner, last = (f"y_bar{at(axis, part)}" for part in (":1", "1:-1", "-1:"))
    parts = (f"-{first}", first, f"0.5 * {inner}", last, f"-{last}")
    ends = f"np.concatenate({listed(parts)}{f', axis={axis}' if axis else ''})"
    return f"({ends}{at(axis, ':-2')} - {ends}{at(axis, '2:')}) / spacing"


# --- trapezoid -------------------------------------------------------------------


def _weights(facts: Facts) -> str:
    """What each value of the integrand is multiplied with."""
    axis, rank = _one_axis(facts, "f"), facts.ndim("f")
    if not _has_points(facts):
        # Twice the values that are the end of one interval only are half the others.
        widths = f"np.full(max(f.shape[{axis}] - 1, 0), 0.5 * dx)"
        flat = True
    elif facts.ndim("x") == 1:
        widths, flat = "0.5 * np.diff(x)", True
    else:
        widths = f"0.5 * np.diff(x{'' if axis == rank - 1 else ', axis=axis'})"
        flat = False
    if flat:
        text = f"(np.pad({widths}, (0, 1)) + np.pad({widths}, (1, 0)))[:f.shape[{axis}]]"
        below = rank - axis - 1
        return f"{text}[:{', None' * below}]" if below else text
    before, after = _widths(facts, "f", 0, 1), _widths(facts, "f", 1, 0)
    return f"(np.pad({widths}, {before}) + np.pad({widths}, {after})){_as_long(facts, 'f')}"


def _has_points(facts: Facts) -> bool:
    return not (facts.is_literal("x") and facts.literal("x") is None)


def _spread_axis(text: str, facts: Facts) -> str:
    """Something summed along the axis, with an axis of size 1 for it."""
    return text if facts.ndim("f") == 1 else f"np.expand_dims({text}, axis)"


def _integrand(facts: Facts) -> str:
    return f"{_spread_axis('y_bar', facts)} * {_weights(facts)}"


def _sums_of_neighbours(facts: Facts) -> str:
    axis = _one_axis(facts, "f")
    return f"(f{at(axis, '1:')} + f{at(axis, ':-1')})"


def _points(facts: Facts) -> str:
    rank, axis = facts.ndim("f"), _one_axis(facts, "f")
    product = f"0.5 * {_spread_axis('y_bar', facts)} * {_sums_of_neighbours(facts)}"
    if facts.ndim("x") == 1 and rank > 1:
        others = tuple(i for i in range(rank) if i != axis)
        return f"-np.diff(np.pad(np.sum({product}, axis={others}), 1))[:x.shape[0]]"
    last = "" if axis == rank - 1 else ", axis=axis"
    made = f"-np.diff(np.pad({product}, {_widths(facts, 'f', 1, 1)}){last})"
    return f"{made}{at(axis, f':x.shape[{axis}]')}"


# --- average ---------------------------------------------------------------------


def _shaped_weights(facts: Facts) -> str:
    """The weights, in the shape that they are multiplied in."""
    rank = facts.ndim("a")
    if facts.ndim("weights") == rank:
        return "weights"
    below = rank - _one_axis(facts, "a") - 1
    return f"weights[:{', None' * below}]" if below else "weights"


def _weight_sum(facts: Facts) -> str:
    if facts.ndim("weights") == facts.ndim("a"):
        return f"np.sum(weights{along(facts)})"
    return "np.sum(weights)"


def _average(facts: Facts) -> str:
    if facts.is_literal("weights") and facts.literal("weights") is None:
        whole = facts.literal("axis") is None
        return spread(f"y_bar / {some(facts) if whole else length(facts)}", facts)
    share = expanded(f"y_bar / {_weight_sum(facts)}", facts)
    return f"{share} * {_shaped_weights(facts)}"


def _average_weights(facts: Facts) -> str:
    share = expanded(f"y_bar / {_weight_sum(facts)}", facts)
    product = f"{share} * (a - {expanded('y', facts)})"
    rank = facts.ndim("a")
    if facts.ndim("weights") == rank:
        return product
    others = tuple(i for i in range(rank) if i != _one_axis(facts, "a"))
    return f"np.sum({product}, axis={others})"


def _average_weights_dot(facts: Facts) -> str:
    weights = _shaped_weights(facts).replace("weights", "weights_dot")
    total = f"np.sum({weights} * (a - {expanded('y', facts)}){along(facts)})"
    return f"{total} / {_weight_sum(facts)}"


_TRAPEZOID = "f, x=None, dx=1.0, axis=-1"


def _trapezoid(name: str) -> ArrayOp:
    return array(
        name,
        _TRAPEZOID,
        linear="f x dx",
        f=_integrand,
        x=_points,
        dx="np.sum(y_bar * y) / dx",
    )


FAMILY: tuple[ArrayOp, ...] = (
    array("np.diff", "a, n=1, axis=-1", linear="a", a=_diff),
    array(
        "np.gradient",
        "a, spacing=1.0, *, axis=None, edge_order=1",
        linear="a",
        a=_gradient,
        spacing="-np.sum(y_bar * y) / spacing",
        tangents={"spacing": "-y * spacing_dot / spacing"},
    ),
    _trapezoid("np.trapezoid"),
    _trapezoid("np.trapz"),
    array(
        "np.average",
        "a, axis=None, weights=None, *, keepdims=False",
        linear="a",
        a=_average,
        weights=_average_weights,
        tangents={"weights": _average_weights_dot},
    ),
)

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
KEYWORDS: dict[str, dict[str, str]] = {
    "np.trapezoid": {"y": "f"},
    "np.trapz": {"y": "f"},
    "np.gradient": {"f": "a"},
}
