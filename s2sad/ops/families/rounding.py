"""Rounding, and the conversions of type: constant between jumps, which count 0."""

from __future__ import annotations

import math

from s2sad.ops.intervals import fixed, same, sign_of_first, step
from s2sad.ops.primitive import Declaration, flat, stated

FAMILY: tuple[Declaration, ...] = (
    flat(
        "floor",
        "math.floor(x)",
        params="x",
        result="int",
        interval=step(math.floor),
        raises=True,
    ),
    flat(
        "ceil",
        "math.ceil(x)",
        params="x",
        result="int",
        interval=step(math.ceil),
        raises=True,
    ),
    flat(
        "trunc",
        "math.trunc(x)",
        params="x",
        result="int",
        interval=step(math.trunc),
        raises=True,
    ),
    flat("round", "round(x)", params="x", result="int", interval=step(round), raises=True),
    flat(
        "round_digits",
        "round(x, n)",
        params="x n",
        result="join",
        interval=sign_of_first,
        raises=True,
    ),
    flat(
        "int",
        "int(x)",
        params="x",
        result="int",
        interval=step(math.trunc),
        raises=True,
    ),
    flat("bool", "bool(x)", params="x", interval=fixed(0.0, 1.0)),
    stated("float", "float(x)", ("1.0",), interval=same, cheap=True),
)
