"""The same elements in another shape or order, joined, split and repeated.

Left out: insert, delete, resize (rare; slices and concatenations say the same), block.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array
from s2sad.ops.arrays.rules import at, listed, place

_BACK = "np.reshape(y_bar, a.shape)"


def _reshaped(facts: Facts) -> str:
    order = facts.literal("order")
    if order == "C":
        return _BACK
    if order == "F":
        return "np.reshape(y_bar, a.shape, order=order)"
    raise NotDifferentiable(f"the order {order!r}", instead="order 'C' or 'F'")


def _permutation(facts: Facts, name: str = "axes") -> tuple[int, ...]:
    axes = facts.literal(name)
    rank = facts.ndim("a")
    if axes is None:
        return tuple(reversed(range(rank)))
    if not isinstance(axes, tuple | list):
        raise NotDifferentiable("axes that are computed", instead="literal axes")
    return tuple(place(axis, rank) for axis in axes)


def _inverse(axes: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(axes.index(i) for i in range(len(axes)))


def _transposed(facts: Facts) -> str:
    axes = _inverse(_permutation(facts))
    backward = tuple(reversed(range(len(axes))))
    return "y_bar.T" if axes == backward else f"np.transpose(y_bar, {axes})"


def _unrolled(facts: Facts) -> str:
    rank = facts.ndim("a")
    axis, start = place(facts.literal("axis"), rank), facts.literal("start")
    if not isinstance(start, int):
        raise NotDifferentiable("an axis that is computed", instead="a literal axis")
    to = start + rank if start < 0 else start
    to -= axis < to
    return f"np.moveaxis(y_bar, {to}, {axis})"


# --- Joined ----------------------------------------------------------------------


def _bounds(facts: Facts, name: str, axis: int, rank: int) -> str:
    """Where an element lies along the axis: what indexes it."""
    sizes = [
        f"{name}[{i}].shape[{axis}]" if axis < facts.ndim(f"{name}[{i}]") else "1"
        for i in range(facts.count)
    ]
    # Vectors are rows of a matrix that is stacked.
    if axis == 0 and rank > 1:
        sizes = [
            size if facts.ndim(f"{name}[{i}]") > 1 else "1" for i, size in enumerate(sizes)
        ]
    start = _sum(sizes[: facts.which])
    stop = _sum(sizes[: facts.which + 1]) if facts.which + 1 < facts.count else ""
    return at(axis, f"{start}:{stop}")


def _sum(sizes: list[str]) -> str:
    ones = sum(size == "1" for size in sizes)
    others = [size for size in sizes if size != "1"]
    return " + ".join([*others, *([str(ones)] if ones else [])])


def _concatenated(facts: Facts) -> str:
    element = f"arrays[{facts.which}]"
    if facts.literal("axis") is None:
        sizes = [f"arrays[{i}].size" for i in range(facts.count)]
        start, stop = _sum(sizes[: facts.which]), _sum(sizes[: facts.which + 1])
        stop = stop if facts.which + 1 < facts.count else ""
        return f"np.reshape(y_bar[{start}:{stop}], {element}.shape)"
    rank = facts.ndim(element)
    axis = place(facts.literal("axis"), rank)
    sizes = [f"arrays[{i}].shape[{axis}]" for i in range(facts.count)]
    stop = _sum(sizes[: facts.which + 1]) if facts.which + 1 < facts.count else ""
    return f"y_bar{at(axis, f'{_sum(sizes[: facts.which])}:{stop}')}"


def _stacked(facts: Facts) -> str:
    return f"y_bar{at(place(facts.literal('axis'), facts.ndim('y')), str(facts.which))}"


def _stacked_along(axis: int, least: int) -> Rule:
    """hstack, vstack, dstack: arrays of fewer axes than `least` are given more first."""

    def rule(facts: Facts) -> str:
        rank = facts.ndim(f"arrays[{facts.which}]")
        along = 0 if axis == 1 and facts.ndim("y") == 1 else axis
        text = f"y_bar{_bounds(facts, 'arrays', along, facts.ndim('y'))}"
        if rank >= least:
            return text
        return f"np.reshape({text}, arrays[{facts.which}].shape)"

    return rule


def _columns(facts: Facts) -> str:
    text = f"y_bar{_bounds(facts, 'arrays', 1, 2)}"
    if facts.ndim(f"arrays[{facts.which}]") == 2:
        return text
    return f"np.reshape({text}, arrays[{facts.which}].shape)"


def _appended(name: str) -> Rule:
    def rule(facts: Facts) -> str:
        if facts.literal("axis") is None:
            part = ":arr.size" if name == "arr" else "arr.size:"
            return f"np.reshape(y_bar[{part}], {name}.shape)"
        axis = place(facts.literal("axis"), facts.ndim("arr"))
        part = f"arr.shape[{axis}]"
        return f"y_bar{at(axis, f':{part}' if name == 'arr' else f'{part}:')}"

    return rule


# --- Split -----------------------------------------------------------------------


def _parts(facts: Facts) -> int:
    parts = facts.literal("indices_or_sections")
    if isinstance(parts, int):
        return parts
    if isinstance(parts, tuple | list):
        return len(parts) + 1
    raise NotDifferentiable("a split into a number of parts that is computed")


def _joined(axis: Callable[[Facts], int]) -> Rule:
    def rule(facts: Facts) -> str:
        parts = [
            f"y_bar[{i}]" if facts.wanted(i) else f"np.zeros_like(y[{i}])"
            for i in range(_parts(facts))
        ]
        along = axis(facts)
        return f"np.concatenate({listed(parts)}{f', axis={along}' if along else ''})"

    return rule


def _axis(facts: Facts) -> int:
    return place(facts.literal("axis"), facts.ndim("a"))


def _split(name: str, params: str, axis: Callable[[Facts], int]) -> ArrayOp:
    return array(name, params, linear="a", a=_joined(axis), view="always", results_of=_parts)


# --- Repeated --------------------------------------------------------------------


def _tiled(facts: Facts) -> str:
    rank = facts.ndim("a")
    reps = facts.literal("reps") if facts.is_literal("reps") else None
    if isinstance(reps, tuple | list):
        counts = [str(count) for count in reps]
    elif facts.ndim("reps") == 0:
        counts = ["reps"]
    else:
        raise NotDifferentiable("a tiling that is computed")
    whole = max(rank, len(counts))
    counts = ["1"] * (whole - len(counts)) + counts
    sizes = ["1"] * (whole - rank) + [f"a.shape[{i}]" for i in range(rank)]
    shape: list[str] = []
    axes: list[int] = []
    for count, size in zip(counts, sizes, strict=True):
        if count != "1":
            axes.append(len(shape))
            shape.append(count)
        if size != "1":
            shape.append(size)
    if not axes:
        return _BACK
    along = axes[0] if len(axes) == 1 else tuple(axes)
    return f"np.sum(np.reshape(y_bar, {listed(shape)}), axis={along})"


def _repeated(facts: Facts) -> str:
    rank = facts.ndim("a")
    axis = facts.literal("axis")
    if facts.ndim("repeats") or isinstance(_value(facts, "repeats"), tuple | list):
        if rank != 1 or facts.is_complex("a"):
            raise NotDifferentiable("repeats that differ, of an array that is no vector")
        places = "np.repeat(np.arange(a.size), repeats)"
        return f"np.bincount({places}, y_bar, a.size)"
    sizes = [f"a.shape[{i}]" for i in range(rank)]
    after = rank if axis is None else place(axis, rank) + 1
    sizes.insert(after, "repeats")
    return f"np.sum(np.reshape(y_bar, {listed(sizes)}), axis={after})"


def _value(facts: Facts, name: str) -> object:
    return facts.literal(name) if facts.is_literal(name) else None


def _rolled(facts: Facts) -> str:
    shift = _value(facts, "shift")
    if isinstance(shift, tuple | list):
        back = str(tuple(-by for by in shift if isinstance(by, int)))
    else:
        back = "-shift"
    axis = "" if facts.is_literal("axis") and facts.literal("axis") is None else ", axis"
    return f"np.roll(y_bar, {back}{axis})"


def _before(facts: Facts) -> list[str]:
    """What is padded before each axis."""
    rank = facts.ndim("a")
    width = _value(facts, "pad_width")
    if facts.is_literal("pad_width"):
        pairs = width if isinstance(width, tuple | list) else (width,)
        if all(isinstance(pair, int) for pair in pairs):
            pairs = ((pairs[0], pairs[-1]),)
        firsts = [pair[0] for pair in pairs if isinstance(pair, tuple | list)]
        return [str(first) for first in (firsts * rank if len(firsts) == 1 else firsts)]
    if facts.ndim("pad_width") == 0:
        return ["pad_width"] * rank
    if rank == facts.ndim("pad_width") == 1:
        return ["pad_width[0]"]
    raise NotDifferentiable("a padding whose widths are computed")


def _inner(facts: Facts) -> str:
    cuts = [
        f"{'' if first == '0' else first}:{_end(first, axis)}"
        for axis, first in enumerate(_before(facts))
    ]
    return f"y_bar[{', '.join(cuts)}]"


def _end(first: str, axis: int) -> str:
    size = f"a.shape[{axis}]"
    return size if first == "0" else f"{first} + {size}"


_SELECTING = ("edge", "reflect", "symmetric", "wrap")


def _padded(facts: Facts) -> str:
    mode = facts.literal("mode")
    if mode == "constant":
        return _inner(facts)
    if mode not in _SELECTING or facts.is_complex("a"):
        raise NotDifferentiable(f"a padding of the kind {mode!r}")
    if facts.ndim("a") == 1:
        places = "np.pad(np.arange(a.size), pad_width, mode=mode)"
        return f"np.bincount({places}, y_bar, a.size)"
    grid = "np.reshape(np.arange(a.size), a.shape)"
    places = f"np.ravel(np.pad({grid}, pad_width, mode=mode))"
    return f"np.reshape(np.bincount({places}, np.ravel(y_bar), a.size), a.shape)"


def _padding(facts: Facts) -> str:
    if facts.literal("mode") != "constant":
        return ""
    if facts.ndim("constant_values"):
        raise NotDifferentiable("a padding with several constants")
    return f"np.sum(y_bar) - np.sum({_inner(facts)})"


FAMILY: tuple[ArrayOp, ...] = (
    array("np.reshape", "a, shape, order='C'", linear="a", view="maybe", a=_reshaped),
    array("np.ravel", "a, order='C'", linear="a", view="maybe", a=_reshaped),
    array("np.ndarray.flatten", "a, order='C'", linear="a", a=_reshaped),
    array("np.transpose", "a, axes=None", linear="a", view="always", a=_transposed),
    array("np.swapaxes", "a, axis1, axis2", linear="a", view="always",
          a="np.swapaxes(y_bar, axis1, axis2)"),
    array("np.moveaxis", "a, source, destination", linear="a", view="always",
          a="np.moveaxis(y_bar, destination, source)"),
    array("np.rollaxis", "a, axis, start=0", linear="a", view="always", a=_unrolled),
    array("np.expand_dims", "a, axis", linear="a", view="always", a=_BACK),
    array("np.squeeze", "a, axis=None", linear="a", view="always", a=_BACK),
    array("np.broadcast_to", "a, shape", linear="a", view="always", a="y_bar"),
    array("np.lib.stride_tricks.sliding_window_view", "x, window_shape, axis=None", linear="x",
          view="always", x="_add_windows(y_bar, window_shape, axis, x.shape)"),
    array("_add_windows", "values, window_shape, axis, shape", linear="values",
          values="np.lib.stride_tricks.sliding_window_view(y_bar, window_shape, axis)"),
    *(array(f"np.atleast_{n}d", "a", linear="a", view="always", a=_BACK) for n in (1, 2, 3)),
    array("np.concatenate", "arrays: rest, axis=0", linear="arrays", arrays=_concatenated),
    array("np.stack", "arrays: rest, axis=0", linear="arrays", arrays=_stacked),
    array("np.hstack", "arrays: rest", linear="arrays", arrays=_stacked_along(1, 1)),
    array("np.vstack", "arrays: rest", linear="arrays", arrays=_stacked_along(0, 2)),
    array("np.dstack", "arrays: rest", linear="arrays", arrays=_stacked_along(2, 3)),
    array("np.column_stack", "arrays: rest", linear="arrays", arrays=_columns),
    array("np.append", "arr, values, axis=None", arr=_appended("arr"),
          values=_appended("values"),
          tangents={"arr": "np.append(arr_dot, np.zeros_like(values), axis)",
                    "values": "np.append(np.zeros_like(arr), values_dot, axis)"}),
    _split("np.split", "a, indices_or_sections, axis=0", _axis),
    _split("np.array_split", "a, indices_or_sections, axis=0", _axis),
    _split("np.hsplit", "a, indices_or_sections", lambda facts: int(facts.ndim("a") > 1)),
    _split("np.vsplit", "a, indices_or_sections", lambda _: 0),
    _split("np.dsplit", "a, indices_or_sections", lambda _: 2),
    array("np.tile", "a, reps", linear="a", a=_tiled),
    array("np.repeat", "a, repeats, axis=None", linear="a", varies=True, a=_repeated),
    array("np.roll", "a, shift, axis=None", linear="a", a=_rolled),
    array("np.flip", "a, axis=None", linear="a", view="always",
          a=lambda facts: "np.flip(y_bar)" if facts.literal("axis") is None
          else "np.flip(y_bar, axis)"),
    array("np.fliplr", "a", linear="a", view="always", a="np.fliplr(y_bar)"),
    array("np.flipud", "a", linear="a", view="always", a="np.flipud(y_bar)"),
    array("np.rot90", "a, k=1, axes=(0, 1)", linear="a", view="maybe",
          a="np.rot90(y_bar, -k, axes)"),
    array("np.pad", "a, pad_width, mode='constant', *, constant_values=0", a=_padded,
          constant_values=_padding,
          tangents={"a": "np.pad(a_dot, pad_width, mode=mode)",
                    "constant_values": "np.pad(np.zeros_like(a), pad_width, mode=mode,"
                    " constant_values=constant_values_dot)"}),
    array("np.copy", "a", linear="a", a="y_bar"),
    array("np.asarray", "a, dtype=None", linear="a", view="maybe", a="y_bar"),
    array("np.ascontiguousarray", "a", linear="a", view="maybe", a="y_bar"),
    array("np.asfortranarray", "a", linear="a", view="maybe", a="y_bar"),
    array("np.ndarray.astype", "a, dtype", linear="a", a="y_bar"),
    array("np.ndarray.item", "a", linear="a", a="np.full(a.shape, y_bar)"),
    array("np.array", "elements: rest, dtype=None", linear="elements",
          elements=lambda facts: f"y_bar[{facts.which}]"),
    array("np.unwrap", "p, discont=None, axis=-1", p="y_bar", tangents={"p": "p_dot"}),
)  # fmt: skip

METHODS: dict[str, str] = {
    **{name: f"np.{name}" for name in ("reshape", "ravel", "transpose", "swapaxes", "squeeze",
                                       "repeat", "copy")},
    **{name: f"np.ndarray.{name}" for name in ("flatten", "astype", "item")},
}  # fmt: skip

SYNONYMS: dict[str, str] = {
    "np.concat": "np.concatenate",
    "np.permute_dims": "np.transpose",
    "np.row_stack": "np.vstack",
    "np.asanyarray": "np.asarray",
}

KEYWORDS: dict[str, dict[str, str]] = {"np.reshape": {"newshape": "shape"}}

# Methods that take the parts of a tuple as arguments of their own: x.reshape(2, 3).
GATHERING: frozenset[str] = frozenset(("reshape", "transpose"))
