"""Judge a random array program, against the primal and differences (`tests.arrays`)."""

from __future__ import annotations

import numpy as np

from s2sad import S2sadError, value_and_grad
from tests.arrays import check as arrays
from tests.arrays import trees
from tests.language.running import load
from tests.language.table import Entry

from .arrays import ArrayProgram
from .limits import TimeLimit, time_limit
from .outcomes import OK, Verdict

SECONDS = 30.0
LARGE = 1e5


def check_arrays(program: ArrayProgram, orders: int = 2, forward: bool = False) -> Verdict:
    """`forward`: forward mode, Jacobians in one pass and Hessians, and not reverse mode."""
    entry = Entry("fuzz", "program", "", program.source, {"at": program.point})
    try:
        with time_limit(SECONDS), np.errstate(all="ignore"):
            return _check(entry, program, orders, forward)
    except TimeLimit:
        return Verdict("hang", f"not done after {SECONDS} s")


def _check(entry: Entry, program: ArrayProgram, orders: int, forward: bool) -> Verdict:
    names = vars(load(entry.source))
    given = arrays.arguments(names, program.point)
    try:
        wanted = names["f"](*trees.copied(given))
    except Exception as error:
        return _same_error(names["f"], given, error)
    if not abs(wanted) < LARGE:
        return Verdict("unstable", f"the value is {wanted}")
    entry = Entry("fuzz", "program", "", program.source, {**entry.words, "orders": str(orders)})
    found = _forward(entry) if forward else arrays.verdict(entry)
    match found.kind:
        case "right":
            return OK if forward else _level_0(names["f"], given)
        case "wrong" if _near_kink(names["f"], given):
            return Verdict("unstable", "near a kink")
        case "wrong" | "crash" | "refused":
            return Verdict(found.kind, found.detail)
        case kind:
            return Verdict("crash", kind)


def _forward(entry: Entry) -> arrays.Verdict:
    found = arrays.forward(entry)
    for check in (arrays.slopes, arrays.curvature):
        if found.kind == "right":
            found = check(entry)
    return found


def _same_error(f: arrays.Function, given: arrays.Tree, wanted: Exception) -> Verdict:
    """The derivative raises what the primal does, or is refused."""
    try:
        value_and_grad(f, argnums=tuple(range(len(given))))(*given)
    except S2sadError as error:
        return Verdict("refused", f"where the primal raises: {error}")
    except Exception as error:
        if type(error) is type(wanted):
            return OK
        return Verdict("wrong", f"raises {error!r}, not {wanted!r}")
    return Verdict("wrong", f"does not raise {wanted!r}")


def _level_0(f: arrays.Function, given: arrays.Tree) -> Verdict:
    at = arrays.positions(Entry("", "", "", ""), given)
    results = [value_and_grad(f, argnums=at, optimize=k)(*given) for k in (0, 1)]
    if not np.array_equal(results[0][0], results[1][0]):
        return Verdict("wrong", f"the value at -O0 is {results[0][0]}, not {results[1][0]}")
    literal, usual = (trees.flat(result[1]) for result in results)
    if not np.allclose(literal, usual, 1e-9, 1e-9 * float(np.max(np.abs(usual), initial=1.0))):
        return Verdict("wrong", f"the gradient at -O0 is {literal}, not {usual}")
    return OK


def _near_kink(f: arrays.Function, given: arrays.Tree) -> bool:
    """Do one-sided differences disagree, at a distance or near by?"""
    at = arrays.positions(Entry("", "", "", ""), given)
    count = trees.flat(arrays._of(given, at)).size

    def value(k: int, distance: float) -> float:
        numbers = iter(np.eye(max(count, 1))[k] * distance)

        def change(leaf: arrays.Tree) -> arrays.Tree:
            if not trees.is_active(leaf):
                return leaf
            moved = np.array([next(numbers) for _ in range(np.size(leaf))])
            return leaf + (float(moved[0]) if np.ndim(leaf) == 0 else moved.reshape(leaf.shape))

        changed = trees.mapped(arrays._of(given, at), change)
        return float(f(*trees.copied(arrays._put(given, at, changed))))

    here = value(0, 0.0)
    for k in range(count):
        for h in (1e-3, 1e-5):
            ahead, back = value(k, h) - here, here - value(k, -h)
            if abs(ahead - back) > 0.2 * (abs(ahead) + abs(back)) + 100 * h * h:
                return True
    return False
