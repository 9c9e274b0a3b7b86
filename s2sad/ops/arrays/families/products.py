"""Products of vectors, matrices and arrays of any rank.

A product is linear in each operand: the adjoint of one is `y_bar` contracted with the
others over the axes that it does not have. Sums over batch axes that were broadcast are
left to the projection, but for those of a stack times one vector or matrix, which go
into the contraction.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, array
from s2sad.ops.arrays.families.subscripts import einsum_adjoint
from s2sad.ops.arrays.texts import contract, integer, letters, permuted, transposed, tuple_text


def _matmul_a(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if nb == 1:
        if na == 1:
            return "y_bar * b"
        return "np.outer(y_bar, b)" if na == 2 else "y_bar[..., None] * b"
    if na == 1:
        batch = [*range(nb - 2)]
        return (
            "b @ y_bar"
            if nb == 2
            else contract("b", "y_bar", [*batch, nb - 1], [*batch, nb - 2])
        )
    if na == 2 and nb > 2:
        batch = [*range(nb - 2)]
        return contract("y_bar", "b", [*batch, nb - 1], [*batch, nb - 1])
    return f"y_bar @ {transposed('b', nb)}"


def _matmul_b(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if na == 1:
        if nb == 1:
            return "y_bar * a"
        return "np.outer(a, y_bar)" if nb == 2 else "a[:, None] * y_bar[..., None, :]"
    if nb == 1 or (nb == 2 and na > 2):
        if na == 2:
            return "a.T @ y_bar"
        batch = [*range(na - 1)]
        return contract("a", "y_bar", batch, batch)
    return f"{transposed('a', na)} @ y_bar"


def _dot_a(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if na == 0:
        return "np.sum(y_bar * b)"
    if nb == 0:
        return "y_bar * b"
    if na <= 2 and nb <= 2:
        return _matmul_a(facts)
    if nb == 1:
        return "y_bar[..., None] * b"
    own = [*range(nb - 2), nb - 1]
    return contract("y_bar", "b", [*range(na - 1, na + nb - 2)], own)


def _dot_b(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if nb == 0:
        return "np.sum(y_bar * a)"
    if na == 0:
        return "y_bar * a"
    if na <= 2 and nb <= 2:
        return _matmul_b(facts)
    rows = [*range(na - 1)]
    text = contract("a", "y_bar", rows, rows)
    return text if nb == 1 else f"np.moveaxis({text}, 0, -2)"


def _inner_a(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if na == 0 or nb == 0:
        return "np.sum(y_bar * b)" if na == 0 else "y_bar * b"
    if nb == 1:
        return "y_bar * b" if na == 1 else "y_bar[..., None] * b"
    return "y_bar @ b" if na == nb == 2 else f"np.tensordot(y_bar, b, {nb - 1})"


def _inner_b(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    if na == 0 or nb == 0:
        return "np.sum(y_bar * a)" if nb == 0 else "y_bar * a"
    if na == 1:
        return "y_bar * a" if nb == 1 else "y_bar[..., None] * a"
    rows = [*range(na - 1)]
    return "y_bar.T @ a" if na == nb == 2 else contract("y_bar", "a", rows, rows)


def _flat(name: str, facts: Facts) -> str:
    return name if facts.ndim(name) == 1 else f"np.ravel({name})"


def _shaped(text: str, name: str, facts: Facts) -> str:
    return text if facts.ndim(name) == 1 else f"np.reshape({text}, {name}.shape)"


def _vdot_a(facts: Facts) -> str:
    text = f"y_bar * {_flat('b', facts)}"
    return _shaped(f"np.conj({text})" if facts.is_complex("a") else text, "a", facts)


def _vdot_b(facts: Facts) -> str:
    a = _flat("a", facts)
    return _shaped(
        f"y_bar * np.conj({a})" if facts.is_complex("a") else f"y_bar * {a}", "b", facts
    )


def _axes(facts: Facts) -> tuple[list[int], list[int]]:
    """The axes that `np.tensordot` contracts, none negative."""
    na, nb, axes = facts.ndim("a"), facts.ndim("b"), facts.literal("axes")
    if isinstance(axes, int):
        return [*range(na - axes, na)], [*range(axes)]
    match axes:
        case (int() | tuple() | list() as first, int() | tuple() | list() as second):
            own = [first] if isinstance(first, int) else [*first]
            other = [second] if isinstance(second, int) else [*second]
            return [axis % na for axis in own], [axis % nb for axis in other]
    raise NotDifferentiable(
        f"np.tensordot with axes {axes!r}", instead="an int or a pair of lists"
    )


def _tensordot_a(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    a_axes, b_axes = _axes(facts)
    kept = [axis for axis in range(na) if axis not in a_axes]
    free = [axis for axis in range(nb) if axis not in b_axes]
    text = contract("y_bar", "b", range(len(kept), len(kept) + len(free)), free)
    found = [*kept, *[a_axes[b_axes.index(axis)] for axis in sorted(b_axes)]]
    return permuted(text, [found.index(axis) for axis in range(na)])


def _tensordot_b(facts: Facts) -> str:
    na, nb = facts.ndim("a"), facts.ndim("b")
    a_axes, b_axes = _axes(facts)
    kept = [axis for axis in range(na) if axis not in a_axes]
    free = [axis for axis in range(nb) if axis not in b_axes]
    text = contract("a", "y_bar", kept, range(len(kept)))
    found = [*[b_axes[a_axes.index(axis)] for axis in sorted(a_axes)], *free]
    return permuted(text, [found.index(axis) for axis in range(nb)])


def _kron(facts: Facts, wanted: str) -> str:
    """An axis of `y` is one of `a` times one of `b`: split, the other is summed."""
    na, nb = facts.ndim("a"), facts.ndim("b")
    if na == 0 or nb == 0:
        return "y_bar * b" if wanted == "a" else "y_bar * a"
    a, b = letters(na), letters(nb, letters(na))
    split, sizes = "", []
    for back in range(max(na, nb), 0, -1):
        if back <= na:
            split += a[-back]
            sizes.append(f"a.shape[{na - back}]")
        if back <= nb:
            split += b[-back]
            sizes.append(f"b.shape[{nb - back}]")
    parts = f"np.reshape(y_bar, {tuple_text(sizes)})"
    if na == nb == 1:
        return f"{parts} @ b" if wanted == "a" else f"a @ {parts}"
    if wanted == "a":
        return f"np.einsum('{split},{b}->{a}', {parts}, b)"
    return f"np.einsum('{split},{a}->{b}', {parts}, a)"


def _cross(first: str, second: str, wanted: str, facts: Facts) -> str:
    """The triple product is cyclic: a · (b × c) = b · (c × a)."""
    if facts.ndim("y") < max(facts.ndim("a"), facts.ndim("b")):
        raise NotDifferentiable(
            "np.cross of vectors in the plane", instead="a[0]*b[1] - a[1]*b[0]"
        )
    ends = {}
    for name, axis in (("a", "axisa"), ("b", "axisb"), ("y_bar", "axisc")):
        chosen = axis if facts.literal("axis") is None else "axis"
        where = integer(facts, chosen)
        ends[name] = where if where < 0 else where - facts.ndim(name)
    if set(ends.values()) == {-1}:
        return f"np.cross({first}, {second})"
    if len(set(ends.values())) == 1:
        return f"np.cross({first}, {second}, axis={ends[wanted]})"
    return f"np.cross({first}, {second}, {ends[first]}, {ends[second]}, {ends[wanted]})"


def _full(facts: Facts, v: str, halves: tuple[str, str]) -> str:
    """`y_bar` of the mode "full", of which the others are a part in the middle."""
    if facts.ndim("a") != 1 or facts.ndim(v) != 1:
        raise NotDifferentiable("a convolution of numbers", instead="a product")
    shorter = f"min(a.shape[0], {v}.shape[0])"
    match facts.literal("mode"):
        case "full":
            return "y_bar"
        case "valid":
            return f"np.pad(y_bar, {shorter} - 1)"
        case "same":
            left, right = (half.format(n=shorter, v=v) for half in halves)
            return f"np.concatenate((np.zeros({left}), y_bar, np.zeros({right})))"
        case mode:
            raise NotDifferentiable(f"the mode {mode!r}", instead="'full', 'same' or 'valid'")


_CENTRE = ("({n} - 1) // 2", "{n} // 2")
# Of operands that it exchanges `np.correlate` turns the result round.
_TURNED = (
    "min(a.shape[0], {v}.shape[0] - 1) // 2",
    "{n} - 1 - min(a.shape[0], {v}.shape[0] - 1) // 2",
)


def _convolve(other: str) -> Callable[[Facts], str]:
    return lambda facts: f"np.convolve({_full(facts, 'v', _CENTRE)}, {other}[::-1], 'valid')"


def _correlate_a(facts: Facts) -> str:
    v = "np.conj(v)" if facts.is_complex("v") else "v"
    return f"np.convolve({_full(facts, 'v', _TURNED)}, {v}, 'valid')"


def _correlate_v(facts: Facts) -> str:
    text = f"np.convolve({_full(facts, 'v', _TURNED)}, a[::-1], 'valid')[::-1]"
    return f"np.conj({text})" if facts.is_complex("v") else text


def _multi_dot(facts: Facts) -> str:
    """The others, transposed, before and after `y_bar`; a vector at an end is a matrix."""
    which, last = facts.which, facts.count - 1
    names = [f"arrays[{i}]" for i in range(last + 1)]
    row, column = facts.ndim(names[0]) == 1, facts.ndim(names[last]) == 1
    turned = [f"{name}.T" for name in names]
    turned[0] = f"{names[0]}[:, None]" if row else turned[0]
    turned[last] = f"{names[last]}[None, :]" if column else turned[last]
    before, after = turned[:which][::-1], turned[which + 1 :][::-1]
    if row and column:
        text = " @ ".join([*before, *after])
        if which == 0:
            return f"y_bar * ({text})[0]" if last > 0 else "y_bar"
        return f"y_bar * ({text})[:, 0]" if which == last else f"y_bar * ({text})"
    seed = "y_bar[None, :]" if row else "y_bar[:, None]" if column else "y_bar"
    factors = [*before, seed, *after]
    text = (
        " @ ".join(factors)
        if len(factors) == 2
        else f"np.linalg.multi_dot({tuple_text(factors)})"
    )
    if which == 0 and row:
        return f"({text})[0]"
    return f"({text})[:, 0]" if which == last and column else text


def _power(facts: Facts, a: str, seed: str) -> str:
    """The derivative of a power at `a` in the direction of the seed.

    A power of [[a, seed], [0, a]] has it in its upper right block.
    """
    n = facts.literal("n") if facts.is_literal("n") else None
    if n == 0:
        return ""
    if n == 1:
        return seed
    if n == 2:
        return f"{a} @ {seed} + {seed} @ {a}"
    upper = f"np.concatenate(({a}, {seed}), -1)"
    lower = f"np.concatenate((np.zeros_like({a}), {a}), -1)"
    block = f"np.concatenate(({upper}, {lower}), -2)"
    return f"np.linalg.matrix_power({block}, n)[..., : a.shape[-1], a.shape[-1] :]"


def _dotted(op: str) -> Callable[[Facts], str]:
    """The tangent of an operand of a product of several."""

    def tangent(facts: Facts) -> str:
        rest, head = ("operands", "subscripts, ") if op == "np.einsum" else ("arrays", "")
        names = [f"{rest}[{i}]" for i in range(facts.count)]
        names[facts.which] = f"{rest}_dot[{facts.which}]"
        return f"{op}({head}{', '.join(names)})" if head else f"{op}({tuple_text(names)})"

    return tangent


FAMILY: tuple[ArrayOp, ...] = (
    array("np.matmul", "a, b", linear="a b", a=_matmul_a, b=_matmul_b),
    array("np.dot", "a, b", linear="a b", a=_dot_a, b=_dot_b),
    array("np.inner", "a, b", linear="a b", a=_inner_a, b=_inner_b),
    array("np.vdot", "a, b", linear="a b", a=_vdot_a, b=_vdot_b),
    array("np.outer", "a, b", linear="a b",
          a=lambda facts: _shaped(f"y_bar @ {_flat('b', facts)}", "a", facts),
          b=lambda facts: _shaped(f"{_flat('a', facts)} @ y_bar", "b", facts)),
    array("np.tensordot", "a, b, axes=2", linear="a b", a=_tensordot_a, b=_tensordot_b),
    array("np.einsum", "subscripts, *operands: rest, optimize=False", view="maybe",
          tangents={"operands": _dotted("np.einsum")}, operands=einsum_adjoint),
    array("np.kron", "a, b", linear="a b",
          a=lambda facts: _kron(facts, "a"), b=lambda facts: _kron(facts, "b")),
    array("np.cross", "a, b, axisa=-1, axisb=-1, axisc=-1, axis=None", linear="a b",
          a=lambda facts: _cross("b", "y_bar", "a", facts),
          b=lambda facts: _cross("y_bar", "a", "b", facts)),
    array("np.convolve", "a, v, mode='full'", linear="a v",
          a=_convolve("v"), v=_convolve("a")),
    array("np.correlate", "a, v, mode='valid'", linear="a v", a=_correlate_a, v=_correlate_v),
    array("np.linalg.multi_dot", "arrays: rest",
          tangents={"arrays": _dotted("np.linalg.multi_dot")}, arrays=_multi_dot),
    array("np.linalg.matrix_power", "a, n", view="maybe",
          tangents={"a": lambda facts: _power(facts, "a", "a_dot")},
          a=lambda facts: _power(facts, transposed("a", facts.ndim("a")), "y_bar")),
)  # fmt: skip

METHODS: dict[str, str] = {"dot": "np.dot"}
SYNONYMS: dict[str, str] = {
    "np.linalg.matmul": "np.matmul",
    "np.linalg.outer": "np.outer",
    "np.linalg.tensordot": "np.tensordot",
}
