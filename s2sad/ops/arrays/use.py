"""How the arguments of a use of an array primitive stand for its parameters."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp


def params_of(op: ArrayOp, count: int) -> tuple[tuple[str, int], ...]:
    """For each of so many arguments its parameter, and which element of it if it is one of
    a sequence, else -1."""
    found: list[tuple[str, int]] = []
    rests = sum(param.rest for param in op.params)
    for param in op.params:
        if param.rest:
            found += [(param.name, k) for k in range((count - len(op.params) + rests) // rests)]
        else:
            found.append((param.name, -1))
    return tuple(found)
