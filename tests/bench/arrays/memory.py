"""Peak memory of gradients, over that of their primals."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np

from s2sad import value_and_grad
from tests.bench.arrays import kernels
from tests.bench.arrays.programs import FACTORISATION, programs
from tests.bench.table import number, table

STEPS = (10, 100, 1000)


def peak(call: Callable[..., Any], args: tuple[Any, ...]) -> int:
    """Bytes allocated at most, over what was there before."""
    call(*args)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call(*args)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most - before


def ratios(primal: Callable[..., Any], args: tuple[Any, ...], wrt: Any = 0) -> list[Any]:
    derived = value_and_grad(primal, argnums=wrt)
    derived(*args)
    first, second = peak(primal, args), peak(derived.emitted, args)
    return [first, second, second / first]


def stencils() -> list[tuple[str, list[float]]]:
    """Gradient over primal, for growing numbers of steps."""
    line = np.random.default_rng(0).normal(size=20000)
    plane, space = line[:10000].reshape(100, 100), line[:8000].reshape(20, 20, 20)
    found = []
    for primal, start in (
        (kernels.jacobi_1d, line),
        (kernels.jacobi_2d, plane),
        (kernels.heat_3d, space),
    ):
        found.append((primal.__name__, [ratios(primal, (start, n))[2] for n in STEPS]))
    return found


def markdown() -> str:
    rows = [[name, *map(number, found)] for name, found in stencils()]
    steps = [f"{n:,} steps" for n in STEPS]
    solvers = []
    for program in programs():
        if program.kind == FACTORISATION:
            first, second, over = ratios(program.primal, program.args, program.wrt)
            solvers.append(
                [program.name, f"{first / 1024:,.0f}", f"{second / 1024:,.0f}", number(over)]
            )
    return "\n\n".join(
        [
            "## Peak memory",
            "By tracemalloc, gradient over primal. Linear stencils record nothing, whatever"
            " the number of steps:",
            table(["", *steps], rows),
            "Of solvers and factorisations, in KiB. The bound is the primal's, the gradient's"
            " own size with that of an adjoint for each array, and what is recorded: of the"
            " values that are overwritten before the reverse sweep reads them a number or a"
            " slice for each time that one is read. That is nothing in the factorisations and"
            " in trisolv, whose gradient in L is as large as L; y[:k] in durbin; two numbers a"
            " row in tridiagonal:",
            table(["", "primal", "gradient", "ratio"], solvers),
        ]
    )
