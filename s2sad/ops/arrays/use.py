"""How the arguments of a use of an array primitive stand for its parameters."""

from __future__ import annotations

from functools import cache

from s2sad.ops.arrays.declare import ArrayOp


@cache
def _rest_of(count: int, params: int) -> int:
    return count - params + 1


def params_of(op: ArrayOp, count: int) -> tuple[tuple[str, int], ...]:
    """For each of so many arguments its parameter, and which element of it if it is one of
    a sequence, else -1."""
    found: list[tuple[str, int]] = []
    for param in op.params:
        if param.rest:
            found += [(param.name, k) for k in range(_rest_of(count, len(op.params)))]
        else:
            found.append((param.name, -1))
    return tuple(found)
