"""Textbook loops over the elements of arrays, as a scientist writes them down first.

Each with arguments, and what is differentiated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Function = Callable[..., Any]


def jacobi_1d(A: Any, steps: int) -> Any:
    n = len(A)
    B = A.copy()
    for _ in range(steps):
        for i in range(1, n - 1):
            B[i] = (A[i - 1] + A[i] + A[i + 1]) / 3.0
        for i in range(1, n - 1):
            A[i] = (B[i - 1] + B[i] + B[i + 1]) / 3.0
    total = 0.0
    for i in range(n):
        total += A[i] ** 2
    return total


def jacobi_2d(A: Any, steps: int) -> Any:
    n, m = A.shape
    B = np.zeros((n, m))
    for _ in range(steps):
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                around = A[i, j - 1] + A[i, j + 1] + A[i - 1, j] + A[i + 1, j]
                B[i, j] = 0.2 * (A[i, j] + around)
        for i in range(1, n - 1):
            for j in range(1, m - 1):
                A[i, j] = B[i, j]
    total = 0.0
    for i in range(n):
        for j in range(m):
            total += A[i, j] ** 2
    return total


def tridiagonal(a: Any, b: Any, c: Any, d: Any) -> Any:
    n = len(d)
    cc = np.zeros(n)
    x = np.zeros(n)
    cc[0] = c[0] / b[0]
    x[0] = d[0] / b[0]
    for i in range(1, n):
        w = b[i] - a[i] * cc[i - 1]
        cc[i] = c[i] / w
        x[i] = (d[i] - a[i] * x[i - 1]) / w
    for i in range(n - 2, -1, -1):
        x[i] -= cc[i] * x[i + 1]
    total = 0.0
    for i in range(n):
        total += x[i] ** 2
    return total


def cholesky(A: Any) -> Any:
    n = A.shape[0]
    L = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            if i == j:
                L[i, j] = np.sqrt(s)
            else:
                L[i, j] = s / L[j, j]
    total = 0.0
    for i in range(n):
        total += np.log(L[i, i])
    return total


def lu(A: Any) -> Any:
    n = A.shape[0]
    for k in range(n):
        for i in range(k + 1, n):
            A[i, k] /= A[k, k]
            for j in range(k + 1, n):
                A[i, j] -= A[i, k] * A[k, j]
    total = 0.0
    for k in range(n):
        total += np.log(np.abs(A[k, k]))
    return total


def trisolv(L: Any, b: Any) -> Any:
    n = len(b)
    x = np.zeros(n)
    for i in range(n):
        s = b[i]
        for j in range(i):
            s -= L[i, j] * x[j]
        x[i] = s / L[i, i]
    total = 0.0
    for i in range(n):
        total += x[i] ** 2
    return total


def matrix_vector(A: Any, x: Any) -> Any:
    n, m = A.shape
    total = 0.0
    for i in range(n):
        s = 0.0
        for j in range(m):
            s += A[i, j] * x[j]
        total += s * s
    return total


def chain(x: Any) -> Any:
    total = 0.0
    for i in range(len(x) - 1):
        total += 100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2
    return total


def springs(x: Any, v: Any, k: float, steps: int) -> Any:
    n = len(x)
    for _ in range(steps):
        for i in range(n):
            force = -k * x[i]
            if i > 0:
                force += x[i - 1] - x[i]
            if i < n - 1:
                force += x[i + 1] - x[i]
            v[i] += 0.01 * force
        for i in range(n):
            x[i] += 0.01 * v[i]
    energy = 0.0
    for i in range(n):
        energy += 0.5 * v[i] ** 2 + 0.5 * k * x[i] ** 2
    return energy


Case = tuple[tuple[Any, ...], tuple[int, ...]]


def cases(small: bool = False) -> dict[Function, Case]:
    """Arguments, and which of them are differentiated; `small`: of sizes for a test."""
    rng = np.random.default_rng(0)
    n, m = (5, 6) if small else (40, 600)
    square = rng.normal(size=(n, n))
    definite = square @ square.T + n * np.eye(n)
    bands = tuple(rng.random(m) + offset for offset in (0.0, 4.0, 0.0, 0.0))
    lower = np.tril(square) + n * np.eye(n)
    return {
        jacobi_1d: ((rng.normal(size=m), 3), (0,)),
        jacobi_2d: ((rng.normal(size=(n, n)), 3), (0,)),
        tridiagonal: (bands, (0, 1, 2, 3)),
        cholesky: ((definite,), (0,)),
        lu: ((square + n * np.eye(n),), (0,)),
        trisolv: ((lower, rng.normal(size=n)), (0, 1)),
        matrix_vector: ((square[: n - 1], rng.normal(size=n)), (0, 1)),
        chain: ((rng.normal(size=m),), (0,)),
        springs: ((rng.normal(size=m), rng.normal(size=m), 2.0, 3), (0, 1, 2)),
    }
