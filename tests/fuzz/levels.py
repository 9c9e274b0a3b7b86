"""Compare a derivative at -O2 with that at -O1, on one program."""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np

from s2sad import value_and_grad
from tests.arrays import check as arrays
from tests.arrays import trees
from tests.language.running import load
from tests.language.table import Entry

from .arrays import ArrayProgram
from .limits import TimeLimit, time_limit
from .outcomes import OK, Verdict, call, compile_error, loaded, same_bits
from .program import Program

SECONDS = 30.0
TOLERANCE = 1e-9  # of the largest partial


def check_levels(program: Program | ArrayProgram, seconds: float = SECONDS) -> Verdict:
    """The value to the bit, the gradient to rounding, the same exceptions."""
    try:
        with time_limit(seconds), np.errstate(all="ignore"):
            if isinstance(program, ArrayProgram):
                return _arrays(program)
            with loaded(program.source) as module:
                return _numbers(program, module)
    except TimeLimit:
        return Verdict("hang", f"not done after {seconds} s")


def _numbers(program: Program, module: ModuleType) -> Verdict:
    function = getattr(module, program.function)
    made = [
        call(value_and_grad, (function, program.active)),
        call(lambda: value_and_grad(function, program.active, optimize=2), ()),
    ]
    for outcome in made:
        if outcome.error:
            return compile_error(outcome.error)
    for point in program.at_points():
        usual, fast = (call(outcome.value, point.arguments) for outcome in made)
        if usual.error is not None:
            verdict = _same_error(usual.error, fast.error)
        elif fast.error is not None:
            verdict = Verdict("exception_mismatch", f"-O2 raises {fast.error!r}")
        elif not same_bits(usual.value[0], fast.value[0]):
            verdict = Verdict("value_differs", f"{fast.value[0]!r} for {usual.value[0]!r}")
        else:
            verdict = _gradients(usual.value[1], fast.value[1])
        if verdict.kind != "ok":
            return Verdict(verdict.kind, f"at {point.arguments}: {verdict.detail}")
    return OK


def _same_error(usual: Exception, fast: Exception | None) -> Verdict:
    if type(usual) is type(fast):
        return OK
    if fast is None:
        return Verdict("exception_mismatch", f"-O2 does not raise {usual!r}")
    return Verdict("exception_mismatch", f"-O2 raises {fast!r}, not {usual!r}")


def _gradients(usual: Any, fast: Any) -> Verdict:
    wanted, got = (np.atleast_1d(trees.flat(tree)) for tree in (usual, fast))
    finite = np.abs(wanted[np.isfinite(wanted)])
    scale = float(np.max(finite, initial=1e-300))
    if wanted.shape == got.shape and np.allclose(
        wanted, got, TOLERANCE, TOLERANCE * scale, equal_nan=True
    ):
        return OK
    if not np.isfinite(wanted).all() or scale > 1e100:
        return Verdict("unstable", f"{fast} for {usual}")
    return Verdict("wrong", f"{fast} for {usual}")


def _arrays(program: ArrayProgram) -> Verdict:
    names = vars(load(program.source))
    given = arrays.arguments(names, program.point)
    at = arrays.positions(Entry("", "", "", ""), given)
    usual, fast = (
        call(
            lambda level: value_and_grad(names["f"], argnums=at, optimize=level)(*given),
            (level,),
        )
        for level in (1, 2)
    )
    if usual.error is not None:
        found = compile_error(usual.error)
        return found if found.kind == "refused" else _same_error(usual.error, fast.error)
    if fast.error is not None:
        return Verdict("exception_mismatch", f"-O2 raises {fast.error!r}")
    # NumPy and math differ in the last bit of a function.
    one, other = float(usual.value[0]), float(fast.value[0])
    if not (math.isclose(one, other, rel_tol=1e-12) or one == other or one != one):
        return Verdict("value_differs", f"{other!r} for {one!r}")
    for leaf, same in zip(trees.leaves(usual.value), trees.leaves(fast.value), strict=True):
        # A number that is NumPy's on one path only is so on all of them.
        if not isinstance(same, type(leaf)):
            return Verdict("value_differs", f"{type(same)} for {type(leaf)}")
    return _gradients(usual.value[1], fast.value[1])
