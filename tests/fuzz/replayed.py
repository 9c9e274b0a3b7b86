"""Compare loops that are reversed from snapshots with loops that record all."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np

from s2sad import S2sadError
from s2sad.transform import revolve
from tests.arrays import check as arrays
from tests.arrays import trees
from tests.language.running import load

from .arrays import ArrayProgram
from .limits import TimeLimit, time_limit
from .outcomes import OK, Outcome, Verdict, call, compile_error, loaded
from .program import Program

SECONDS = 30.0


def check_replayed(program: Program | ArrayProgram, seconds: float = SECONDS) -> Verdict:
    """The gradient with checkpoint="revolve" is that without, to the bit; `refused` where
    one of them is."""
    sizes = revolve.BLOCK, revolve.NEST, revolve.FEW
    # The loops of random programs are short.
    revolve.BLOCK = revolve.NEST = revolve.FEW = 1
    try:
        with time_limit(seconds), np.errstate(all="ignore"):
            if isinstance(program, ArrayProgram):
                return _check_arrays(program)
            with loaded(program.source) as module:
                return _check(program, module)
    except TimeLimit:
        return Verdict("hang", f"not done after {seconds} s")
    finally:
        revolve.BLOCK, revolve.NEST, revolve.FEW = sizes


def _snapshots(source: str) -> int | None:
    return (None, 1, 2, 3)[zlib.crc32(source.encode()) % 4]


def _check(program: Program, module: ModuleType) -> Verdict:
    function = getattr(module, program.function)
    points = [point.arguments for point in program.at_points()]
    return _compare(function, program.active, points, _snapshots(program.source))


def _check_arrays(program: ArrayProgram) -> Verdict:
    names = vars(load(program.source))
    given = arrays.arguments(names, program.point)
    active = tuple(range(len(given)))
    point: Callable[[], tuple[Any, ...]] = lambda: tuple(trees.copied(given))  # noqa: E731
    return _compare(names["f"], active, [point()], _snapshots(program.source), point)


def _compare(
    function: Callable[..., Any],
    active: tuple[int, ...],
    points: Iterable[tuple[Any, ...]],
    snapshots: int | None,
    again: Callable[[], tuple[Any, ...]] | None = None,
) -> Verdict:
    from s2sad import value_and_grad

    def made(level: int, **options: Any) -> Callable[..., Any]:
        return value_and_grad(function, argnums=active, optimize=level, **options)

    how = {"checkpoint": "revolve", "snapshots": snapshots}
    plain = call(made, (1,))
    if plain.error:
        return compile_error(plain.error)
    replayed = made(1, **how)
    for point in points:
        given = again() if again else point
        verdict = _agree(call(plain.value, point), call(replayed, given))
        if verdict.kind == "wrong" and verdict.detail.startswith("nearly"):
            # A text has y -= a + a for y = y - a - a where the names are so: at level 0 it
            # has not.
            pair = [call(f, again() if again else point) for f in (made(0), made(0, **how))]
            if _agree(*pair).kind == "ok":
                verdict = Verdict("unstable", "rounded otherwise, by the names in the text")
        if verdict.kind not in ("ok", "unstable"):
            return Verdict(verdict.kind, f"at {point}: {verdict.detail}")
    return verdict


def _agree(wanted: Outcome, got: Outcome) -> Verdict:
    if isinstance(wanted.error, S2sadError):
        return compile_error(wanted.error)
    if isinstance(got.error, S2sadError):
        return compile_error(got.error)
    if wanted.error or got.error:
        same = type(wanted.error) is type(got.error) and str(wanted.error) == str(got.error)
        detail = f"{got.error or got.value!r} for {wanted.error or wanted.value!r}"
        return OK if same else Verdict("exception_mismatch", detail)
    if bits(wanted.value) == bits(got.value):
        return OK
    near = bits(wanted.value[0]) == bits(got.value[0]) and np.allclose(
        trees.flat(wanted.value[1]), trees.flat(got.value[1]), 1e-13, 0.0, equal_nan=True
    )
    return Verdict("wrong", f"{'nearly ' if near else ''}{got.value} for {wanted.value}")


def bits(value: Any) -> object:
    """What is equal only for results that are the same to the bit; a nan is a nan."""
    match value:
        case float():
            return "nan" if value != value else struct.pack("d", value)
        case complex():
            return bits(value.real), bits(value.imag)
        case dict():
            return {key: bits(part) for key, part in value.items()}
        case list() | tuple():
            return [bits(part) for part in value]
        case np.ndarray():
            return str(value.dtype), value.shape, bits(value.tolist())
        case _ if hasattr(value, "__dict__"):
            return bits(vars(value))
        case _:
            return value
