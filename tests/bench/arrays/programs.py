"""What is measured on arrays: the kernels, two samples, their sizes and hand gradients."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from samples.ba import half_square
from samples.gmm import log_likelihood
from tests.bench.arrays import hand, kernels

STENCIL, FACTORISATION = "linear stencil", "factorisation"
# The most that a gradient may take, in times of the primal.
LIMITS = {"network": 2.0, STENCIL: 2.5, FACTORISATION: 4.0}


@dataclass(frozen=True)
class Program:
    name: str
    primal: Callable[..., Any]
    hand: Callable[..., Any]
    args: tuple[Any, ...]
    wrt: int | tuple[int, ...] = 0
    kind: str = ""


def _network(rng: np.random.Generator, sizes: tuple[int, ...], batch: int) -> tuple[Any, ...]:
    pairs = zip(sizes[1:], sizes[:-1], strict=True)
    theta = [(rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)) for m, n in pairs]
    return theta, rng.normal(size=(batch, sizes[0])), rng.normal(size=(batch, sizes[-1]))


def _definite(rng: np.random.Generator, n: int) -> np.ndarray:
    A = rng.normal(size=(n, n))
    definite: np.ndarray = A @ A.T / n + np.eye(n)
    return definite


def _mixture(rng: np.random.Generator, d: int, k: int, n: int) -> tuple[Any, ...]:
    sizes = (k,), (k, d), (k, d), (k, d * (d - 1) // 2), (n, d)
    return (*(rng.normal(size=size) for size in sizes), 1.0, 0)


def _cameras(rng: np.random.Generator, count: int, points: int, seen: int) -> tuple[Any, ...]:
    cameras = rng.normal(size=(count, 11))
    cameras[:, 3:6] -= 10.0
    pairs = rng.integers(0, [count, points], (seen, 2))
    return (
        cameras,
        rng.normal(size=(points, 3)),
        rng.normal(size=seen),
        pairs,
        rng.normal(size=(seen, 2)),
    )


def programs(small: bool = False) -> tuple[Program, ...]:
    """`small`: of sizes for a test."""
    rng = np.random.default_rng(0)
    normal = rng.normal

    def size(large: int, little: int) -> int:
        return little if small else large

    n = size(60, 7)
    dominant = rng.random((n, n)) + n * np.eye(n)
    long = size(2000, 9)
    layers = (6, 5, 4, 3) if small else (784, 128, 64, 10)
    bands = tuple(rng.random(long) + offset for offset in (0.0, 4.0, 0.0, 0.0))
    mixtures = ((2, 5), (10, 25), (32, 50), (64, 200))
    return (
        Program("network", kernels.network, hand.network, _network(rng, layers, size(64, 4)),
                kind="network"),
        *(
            Program(name, kernels.jacobi_1d, hand.jacobi_1d,
                    (normal(size=size(length, 9)), size(steps, 3)), kind=STENCIL)
            for name, length, steps in (("jacobi_1d_short", 200, 50), ("jacobi_1d", 20000, 50),
                                        ("jacobi_1d_long", 2_000_000, 3))
        ),
        *(
            Program(name, kernels.jacobi_2d, hand.jacobi_2d,
                    (normal(size=(size(width, 6),) * 2), size(steps, 3)), kind=STENCIL)
            for name, width, steps in (("jacobi_2d", 200, 20), ("jacobi_2d_large", 1500, 3))
        ),
        Program("seidel_2d", kernels.seidel_2d, hand.seidel_2d,
                (normal(size=(size(60, 6),) * 2), size(3, 2)), kind=STENCIL),
        Program("heat_3d", kernels.heat_3d, hand.heat_3d,
                (normal(size=(size(40, 5),) * 3), size(10, 2)), kind=STENCIL),
        Program("cholesky", kernels.cholesky, hand.cholesky, (_definite(rng, n),),
                kind=FACTORISATION),
        Program("cholesky_loops", kernels.cholesky_loops, hand.cholesky_loops,
                (_definite(rng, size(30, 6)),), kind=FACTORISATION),
        Program("lu", kernels.lu, hand.lu, (dominant,), kind=FACTORISATION),
        Program("durbin", kernels.durbin, hand.durbin, (0.5 / np.arange(1, size(300, 9)),),
                kind=FACTORISATION),
        Program("trisolv", kernels.trisolv, hand.trisolv,
                (np.tril(normal(size=(size(300, 8),) * 2)) + 20.0 * np.eye(size(300, 8)),
                 normal(size=size(300, 8))), (0, 1), FACTORISATION),
        Program("tridiagonal", kernels.tridiagonal, hand.tridiagonal, bands, (0, 1, 2, 3),
                FACTORISATION),
        *(
            Program(f"gmm_d{d}_k{k}", log_likelihood, hand.log_likelihood,
                    _mixture(rng, *((3, 2) if small else (d, k)), size(1000, 8)),
                    (0, 1, 2, 3))
            for d, k in mixtures
        ),
        Program("ba", half_square, hand.half_square,
                _cameras(rng, size(10, 2), size(100, 3), size(300, 5)), (0, 1, 2)),
    )  # fmt: skip
