"""How rules take several directions at once: tangents with one more axis in front.

The tangent of an array of the shape s is one of the shape (k, *s), that of a number one of
the shape (k,). Element by element the rules hold as they are once a tangent of fewer axes
is padded to the rank of the result. Of the others

    ALONG      hold as they are, with axes that are counted from the end
    RESHAPED   only shape their argument anew: so are the tangents, behind the first axis
    SPREAD     repeat one argument in the shape of the result
    STATED     have a rule of their own for this

What is in none of them is done for one direction after the other, by a loop that is emitted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from s2sad.ops.arrays.declare import Facts
from s2sad.ops.arrays.texts import tuple_text

# The rank that an axis counts from: of an argument, or of the result.
ALONG: dict[str, str] = {
    **dict.fromkeys(
        ("sum", "mean", "nansum", "max", "min", "nanmax", "nanmin", "prod", "var", "std"), "a"
    ),
    **dict.fromkeys(("ptp", "cumsum", "diff", "flip", "roll", "swapaxes", "moveaxis"), "a"),
    **dict.fromkeys(("take", "copy", "ascontiguousarray", "tril", "triu", "nanmean"), "a"),
    "concatenate": "arrays[0]",
    "stack": "y",
    "linalg.norm": "x",
    "linalg.inv": "a",
    **dict.fromkeys(("fft.fft", "fft.ifft", "fft.rfft", "fft.irfft"), "a"),
}
ALONG = {f"np.{name}": rank for name, rank in ALONG.items()}
AXES = ("axis", "axis1", "axis2", "source", "destination")

RESHAPED = frozenset(
    f"np.{name}"
    for name in (
        *("reshape", "ravel", "ndarray.flatten", "ndarray.item", "squeeze", "expand_dims"),
        *("atleast_1d", "atleast_2d", "atleast_3d"),
    )
)
SPREAD = frozenset({"np.full", "np.full_like", "np.broadcast_to"})

Stated = Callable[[Facts], str]


def _product(which: str) -> Stated:
    """Of a matrix and a vector the product with tangents of the vector is one of matrices."""

    def rule(facts: Facts) -> str:
        a, b = facts.ndim("a"), facts.ndim("b")
        if which == "a":
            return "a_dot @ b" if 0 < b <= max(a, 2) and not (a == 1 and b > 2) and a else ""
        if b == 1:
            return {1: "b_dot @ a", 2: "b_dot @ a.T"}.get(a, "")
        return "a @ b_dot" if 0 < a <= b else ""

    return rule


def _dot(which: str) -> Stated:
    product = _product(which)
    return lambda facts: product(facts) if max(facts.ndim("a"), facts.ndim("b")) <= 2 else ""


def _of_vectors(text: str) -> Stated:
    return lambda facts: text if facts.ndim("a") == facts.ndim("b") == 1 else ""


def _solve(which: str) -> Stated:
    def rule(facts: Facts) -> str:
        if facts.ndim("a") != 2:
            return ""
        change, sign = ("b_dot", "") if which == "b" else ("(a_dot @ y)", "-")
        if facts.ndim("b") == 1:
            return f"{sign}np.linalg.solve(a, {change}.T).T"
        return f"{sign}np.linalg.solve(a, {change})"

    return rule


def _transposed(facts: Facts) -> str:
    rank, axes = facts.ndim("a"), facts.literal("axes")
    order = range(rank)[::-1] if axes is None else [axis % rank for axis in _ints(axes)]
    if list(order) == [1, 0]:
        return "np.swapaxes(a_dot, 1, 2)"
    return f"np.transpose(a_dot, {tuple_text([0, *(axis + 1 for axis in order)])})"


def _ints(value: object) -> list[int]:
    assert isinstance(value, tuple | list)
    return [int(axis) for axis in value]


def _einsum(facts: Facts) -> str:
    """One more letter in front, of the operand and of the result."""
    subscripts = str(facts.literal("subscripts")).replace(" ", "")
    if "->" not in subscripts or "." in subscripts:
        return ""
    letter = next(c for c in "zyxwvutsrqponm" if c not in subscripts)
    terms, result = subscripts.split("->")
    listed = terms.split(",")
    listed[facts.which] = letter + listed[facts.which]
    names = [f"operands[{k}]" for k in range(facts.count)]
    names[facts.which] = f"operands_dot[{facts.which}]"
    return f"np.einsum('{','.join(listed)}->{letter}{result}', {', '.join(names)})"


def _trace(facts: Facts) -> str:
    if facts.ndim("a") != 2:
        return ""
    return "np.trace(a_dot, offset, 1, 2)"


def _sort(facts: Facts) -> str:
    return "a_dot[:, np.argsort(a)]" if facts.ndim("a") == 1 else ""


def _array(facts: Facts) -> str:
    """A row of numbers, or of arrays."""
    names = tuple_text(f"elements_dot[{k}]" for k in range(facts.count))
    return f"np.stack({names}, {-facts.ndim('y')})"


STATED: dict[str, Mapping[str, Stated]] = {
    "np.matmul": {"a": _product("a"), "b": _product("b")},
    "np.dot": {"a": _dot("a"), "b": _dot("b")},
    "np.inner": {"a": _of_vectors("a_dot @ b"), "b": _of_vectors("b_dot @ a")},
    "np.outer": {
        "a": _of_vectors("a_dot[:, :, None] * b"),
        "b": _of_vectors("a[:, None] * b_dot[:, None, :]"),
    },
    "np.einsum": {"operands": _einsum},
    "np.linalg.solve": {"a": _solve("a"), "b": _solve("b")},
    "np.transpose": {"a": _transposed},
    "np.trace": {"a": _trace},
    "np.sort": {"a": _sort},
    "np.array": {"elements": _array},
}
