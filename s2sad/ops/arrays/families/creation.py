"""New arrays: filled, counted, sampled, drawn; diagonals and triangles of matrices.

Left out: `mgrid` and `ogrid`, which are no functions, and generators (`default_rng`), which
are objects.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, constant, refused
from s2sad.ops.arrays.rules import at, listed, place

# --- Ranges ----------------------------------------------------------------------


def _ramp(facts: Facts, start: str, stop: str) -> str:
    """The weight of an end in each of the samples."""
    endpoint = "" if facts.literal("endpoint") else ", endpoint=False"
    return f"np.linspace({start}, {stop}, num{endpoint})"


def _weighed(factor: str, start: str, stop: str, after: str = "") -> Rule:
    """The samples' adjoints (times `factor`), weighed and summed."""

    def rule(facts: Facts) -> str:
        ramp = _ramp(facts, start, stop)
        if facts.ndim("y") == 1:
            return f"np.dot({ramp}, y_bar{factor}){after}"
        if facts.literal("axis") != 0:
            raise NotDifferentiable("samples between arrays, along an axis that is not 0")
        return f"np.tensordot({ramp}, y_bar{factor}, 1){after}"

    return rule


def _moved(text: str) -> Rule:
    """A tangent, over the ramps `{down}` and `{up}` of the ends' weights."""

    def rule(facts: Facts) -> str:
        below = f"[:{', None' * (facts.ndim('y') - 1)}]" if facts.ndim("y") > 1 else ""
        up, down = _ramp(facts, "0.0", "1.0"), _ramp(facts, "1.0", "0.0")
        return text.format(down=f"{down}{below}", up=f"{up}{below}")

    return rule


def _exponents(facts: Facts) -> str:
    endpoint = "" if facts.literal("endpoint") else ", endpoint=False"
    return f"np.linspace(start, stop, num{endpoint})"


_SAMPLES = "start, stop, num=50, endpoint=True"

_RANGES: tuple[ArrayOp, ...] = (
    array("np.arange", "start, stop=None, step=1", varies=True,
          start=lambda facts: "np.sum(y_bar)" if _has_stop(facts) else "",
          step="np.dot(y_bar, np.arange(y.size))",
          tangents={"start": lambda facts:
                    "np.full(y.shape, start_dot)" if _has_stop(facts) else "",
                    "step": "step_dot * np.arange(y.size)"}),
    array("np.linspace", f"{_SAMPLES}, *, dtype=None, axis=0",
          start=_weighed("", "1.0", "0.0"), stop=_weighed("", "0.0", "1.0"),
          tangents={"start": _moved("start_dot * {down}"), "stop": _moved("stop_dot * {up}")}),
    array("np.logspace", f"{_SAMPLES}, base=10.0, *, axis=0",
          start=_weighed(" * y", "1.0", "0.0", " * np.log(base)"),
          stop=_weighed(" * y", "0.0", "1.0", " * np.log(base)"),
          base=lambda facts: f"np.sum(y_bar * y * {_exponents(facts)}) / base",
          tangents={"start": _moved("y * start_dot * np.log(base) * {down}"),
                    "stop": _moved("y * stop_dot * np.log(base) * {up}"),
                    "base": lambda facts: f"y * base_dot * {_exponents(facts)} / base"}),
    array("np.geomspace", f"{_SAMPLES}, *, axis=0",
          start=_weighed(" * y", "1.0", "0.0", " / start"),
          stop=_weighed(" * y", "0.0", "1.0", " / stop"),
          tangents={"start": _moved("y * start_dot / start * {down}"),
                    "stop": _moved("y * stop_dot / stop * {up}")}),
)  # fmt: skip


def _has_stop(facts: Facts) -> bool:
    """With one argument `np.arange(start)` begins at 0 and ends before it."""
    return not (facts.is_literal("stop") and facts.literal("stop") is None)


# --- Grids -----------------------------------------------------------------------


def _grid_axis(facts: Facts) -> int:
    swapped = facts.literal("indexing") == "xy" and facts.count > 1
    return {0: 1, 1: 0}.get(facts.which, facts.which) if swapped else facts.which


def _gridded(facts: Facts) -> str:
    if not facts.wanted(facts.which):
        return ""
    others = tuple(i for i in range(facts.count) if i != _grid_axis(facts))
    name = f"y_bar[{facts.which}]"
    if facts.literal("sparse"):
        return f"np.reshape({name}, xi[{facts.which}].shape)"
    if not others:
        return name
    return f"np.sum({name}, axis={others[0] if len(others) == 1 else others})"


# --- Diagonals -------------------------------------------------------------------


def _diagonal_back(facts: Facts, name: str, offset: str) -> str:
    """Matrices with `y_bar` on a diagonal: it stands in rows above, in columns below."""
    k = facts.literal(offset)
    if not isinstance(k, int):
        raise NotDifferentiable("a diagonal whose place is computed")
    rank = facts.ndim(name)
    eye = f"np.eye({name}.shape[{rank - 2}], {name}.shape[{rank - 1}]{f', {k}' if k else ''})"
    side = rank - 2 if k > 0 else rank - 1
    missing = f"{name}.shape[{side}] - y.shape[{rank - 2}]"
    widths = listed(["(0, 0)"] * (rank - 2) + [f"(0, {missing})"])
    filled = f"np.pad(y_bar, {widths if rank > 2 else f'(0, {missing})'})"
    if k > 0:
        filled += at(rank - 1, "None")
    elif rank > 2:
        filled += at(rank - 2, "None, :")
    return f"np.where({eye} != 0.0, {filled}, 0.0)"


def _diag(facts: Facts) -> str:
    if facts.ndim("v") == 1:
        return "np.diag(y_bar, k)"
    if facts.literal("k") == 0 and facts.is_square("v"):
        return "np.diag(y_bar)"
    return _diagonal_back(facts, "v", "k")


def _matrix_axes(facts: Facts) -> tuple[int, int]:
    rank = facts.ndim("a")
    return place(facts.literal("axis1"), rank), place(facts.literal("axis2"), rank)


def _diagonal(facts: Facts) -> str:
    rank, (first, second) = facts.ndim("a"), _matrix_axes(facts)
    if (first, second) != (rank - 2, rank - 1):
        raise NotDifferentiable(
            "a diagonal of axes that are not the last two",
            instead="np.moveaxis first, then axis1=-2, axis2=-1",
        )
    return _diagonal_back(facts, "a", "offset")


def _trace(facts: Facts) -> str:
    rank, (first, second) = facts.ndim("a"), _matrix_axes(facts)
    offset = "" if facts.literal("offset") == 0 else ", offset"
    eye = f"np.eye(a.shape[{first}], a.shape[{second}]{offset})"
    if rank == 2:
        return f"y_bar * {eye}" if first < second else f"y_bar * {eye}.T"
    product = f"y_bar[{':, ' * (rank - 2)}None, None] * {eye}"
    if (first, second) == (rank - 2, rank - 1):
        return product
    return f"np.moveaxis({product}, (-2, -1), ({first}, {second}))"


def _vander(facts: Facts) -> str:
    """A column is the next lower power's."""
    count = "y.shape[1]"
    if facts.literal("increasing"):
        return f"np.sum(y_bar[:, 1:] * np.arange(1, {count}) * y[:, :-1], axis=1)"
    return f"np.sum(y_bar[:, :-1] * np.arange({count} - 1, 0, -1) * y[:, 1:], axis=1)"


def _vander_dot(facts: Facts) -> str:
    count = "y.shape[1]"
    if facts.literal("increasing"):
        powers = f"np.arange(1, {count}) * y[:, :-1]"
        return f"x_dot[:, None] * np.pad({powers}, ((0, 0), (1, 0)))"
    powers = f"np.arange({count} - 1, 0, -1) * y[:, 1:]"
    return f"x_dot[:, None] * np.pad({powers}, ((0, 0), (0, 1)))"


def _filled(facts: Facts) -> str:
    return "y_bar" if facts.ndim("fill_value") else "np.sum(y_bar)"


# --- Draws -----------------------------------------------------------------------

# What a draw is made of has no influence that a derivative shows: the draw is a constant.
# Its parameters would have one (a normal draw is loc + scale * z), which is refused.
_ADVICE = "loc + scale * np.random.standard_normal(size), or the like"


def _draw(name: str, params: str) -> ArrayOp:
    made = constant(f"np.random.{name}", params, effect=True)
    rules = {
        param.name: refused(f"a draw of np.random.{name} in its parameters", _ADVICE)
        for param in made.params
        if param.name not in ("size", "n", "x", "a", "low", "high", "replace")
        or (name == "uniform" and param.name != "size")
    }
    return made._replace(adjoints=rules, tangents=rules)


_DRAWS: tuple[ArrayOp, ...] = (
    _draw("normal", "loc=0.0, scale=1.0, size=None"),
    _draw("uniform", "low=0.0, high=1.0, size=None"),
    _draw("exponential", "scale=1.0, size=None"),
    _draw("poisson", "lam=1.0, size=None"),
    _draw("binomial", "n, p, size=None"),
    *(constant(f"np.random.{name}", "size=None", effect=True)
      for name in ("random", "random_sample", "standard_normal")),
    constant("np.random.randint", "low, high=None, size=None", effect=True),
    constant("np.random.permutation", "x", effect=True),
    constant("np.random.choice", "a, size=None, replace=True, p=None", effect=True),
    *(constant(f"np.random.{name}", "*sizes: rest", effect=True) for name in ("rand", "randn")),
    constant("np.random.seed", "seed=None", effect=True),
)  # fmt: skip

FAMILY: tuple[ArrayOp, ...] = (
    *(constant(f"np.{name}", "shape, dtype=None") for name in ("zeros", "ones", "empty")),
    *(
        constant(f"np.{name}_like", "a, dtype=None, *, shape=None")
        for name in ("zeros", "ones", "empty")
    ),
    array("np.full", "shape, fill_value, *, dtype=None", linear="fill_value",
          fill_value=_filled),
    array("np.full_like", "a, fill_value, *, dtype=None", linear="fill_value",
          fill_value=_filled),
    constant("np.eye", "N, M=None, k=0, *, dtype=None"),
    constant("np.identity", "n, *, dtype=None"),
    *(constant(f"np.{name}", "M") for name in ("hanning", "hamming", "blackman", "bartlett")),
    constant("np.kaiser", "M, beta"),
    constant("np.tri", "N, M=None, k=0, *, dtype=None"),
    *_RANGES,
    array("np.meshgrid", "*xi: rest, indexing='xy', sparse=False", linear="xi", xi=_gridded,
          results_of=lambda facts: facts.count),
    constant("np.indices", "dimensions, *, dtype=None"),
    constant("np.diag_indices", "n, ndim=2"),
    constant("np.tril_indices", "n, k=0, m=None"),
    constant("np.triu_indices", "n, k=0, m=None"),
    array("np.diag", "v, k=0", linear="v", view="maybe", v=_diag),
    array("np.diagflat", "v, k=0", linear="v", v="np.reshape(np.diag(y_bar, k), v.shape)"),
    array("np.diagonal", "a, offset=0, axis1=0, axis2=1", linear="a", view="always",
          a=_diagonal),
    array("np.trace", "a, offset=0, axis1=0, axis2=1", linear="a", a=_trace),
    array("np.tril", "m, k=0", linear="m", m="np.tril(y_bar, k)"),
    array("np.triu", "m, k=0", linear="m", m="np.triu(y_bar, k)"),
    array("np.vander", "x, N=None, increasing=False", x=_vander, tangents={"x": _vander_dot}),
    *_DRAWS,
)  # fmt: skip

METHODS: dict[str, str] = {"diagonal": "np.diagonal", "trace": "np.trace"}
SYNONYMS: dict[str, str] = {"np.random.ranf": "np.random.random"}
KEYWORDS: dict[str, dict[str, str]] = {}
