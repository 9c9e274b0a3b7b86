"""Operations of any number of arguments x0, x1, …; two sequences stand in a row.

The partials of `max` and `min` are shared by the arguments that attain the result: 1/n
each of n tied. Each tests its own argument against the result first, so that a nan,
which equals nothing, divides nothing. A norm or a distance of 0 has the partials 0.
"""

from __future__ import annotations

from collections.abc import Callable

from s2sad.ops import intervals
from s2sad.ops.primitive import Declaration, variadic

FAMILY: tuple[Declaration, ...] = (
    variadic("max", "max(*x)", result="join", interval=intervals.largest),
    variadic("min", "min(*x)", result="join", interval=intervals.smallest),
    variadic("hypot", "math.hypot(*x)", interval=intervals.norm),
    variadic("sum", "sum((*x,))", result="join", interval=intervals.summed),
    variadic("fsum", "math.fsum((*x,))", interval=intervals.summed, raises=True),
    variadic("prod", "math.prod((*x,))", result="join", interval=intervals.product),
    variadic("dist", "math.dist((*x,), (*w,))", params="*x *w", interval=intervals.distance),
    variadic(
        "sumprod",
        "math.sumprod((*x,), (*w,))",
        params="*x *w",
        result="join",
        raises=True,
    ),
)


def variadic_partials(name: str, n: int) -> tuple[str, ...]:
    """The partials in the arguments x0, …, x{n-1}, written in these and `y`."""
    return _WRITERS[name](n)


def _ties(n: int) -> tuple[str, ...]:
    if n == 1:
        return ("1.0",)
    if n == 2:
        return tuple(f"0.0 if x{i} != y else 0.5 if x{1 - i} == y else 1.0" for i in range(2))
    # Not the one plus the other: NumPy's True + True is True.
    tied = ", ".join(f"x{i} == y" for i in range(n))
    return tuple(f"1.0 / sum(({tied})) if x{i} == y else 0.0" for i in range(n))


def _ones(n: int) -> tuple[str, ...]:
    return ("1.0",) * n


def _products(n: int) -> tuple[str, ...]:
    others = [[f"x{j}" for j in range(n) if j != i] for i in range(n)]
    return tuple(" * ".join(names) or "1.0" for names in others)


def _directions(n: int) -> tuple[str, ...]:
    return tuple(f"x{i} / y if y else 0.0" for i in range(n))


def _differences(n: int) -> tuple[str, ...]:
    return tuple(f"(x{i} - x{_partner(i, n)}) / y if y else 0.0" for i in range(n))


def _crosses(n: int) -> tuple[str, ...]:
    return tuple(f"x{_partner(i, n)}" for i in range(n))


def _partner(i: int, n: int) -> int:
    """The element of the other sequence at the same place."""
    return (i + n // 2) % n


_WRITERS: dict[str, Callable[[int], tuple[str, ...]]] = {
    "max": _ties,
    "min": _ties,
    "hypot": _directions,
    "sum": _ones,
    "fsum": _ones,
    "prod": _products,
    "dist": _differences,
    "sumprod": _crosses,
}
