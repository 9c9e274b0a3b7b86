"""The programs: NumPy as one finds it, with loops that update arrays in place.

The stencils and solvers are those of the PolyBench suite, written from their definitions;
each ends in a number.
"""

from typing import Any

import numpy as np

Array = np.ndarray


def network(theta: list[tuple[Array, Array]], x: Array, y: Array) -> Any:
    f = x
    for A, b in theta:
        f = np.tanh(f @ A.T + b)
    return np.sum((f - y) ** 2)


def jacobi_1d(start: Array, steps: int) -> Any:
    A = start.copy()
    B = start.copy()
    for _ in range(steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    return np.sum(A**2)


def jacobi_2d(start: Array, steps: int) -> Any:
    A = start.copy()
    B = start.copy()
    for _ in range(steps):
        B[1:-1, 1:-1] = 0.2 * (
            A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1]
        )
        A[1:-1, 1:-1] = 0.2 * (
            B[1:-1, 1:-1] + B[1:-1, :-2] + B[1:-1, 2:] + B[2:, 1:-1] + B[:-2, 1:-1]
        )
    return np.sum(A**2)


def seidel_2d(start: Array, steps: int) -> Any:
    A = start.copy()
    n = A.shape[0]
    for _ in range(steps):
        for i in range(1, n - 1):
            A[i, 1:-1] += (A[i - 1, :-2] + A[i - 1, 1:-1] + A[i - 1, 2:]) + (
                A[i, 2:] + A[i + 1, :-2] + A[i + 1, 1:-1] + A[i + 1, 2:]
            )
            for j in range(1, n - 1):
                A[i, j] += A[i, j - 1]
                A[i, j] /= 9.0
    return np.sum(A**2)


def heat_3d(start: Array, steps: int) -> Any:
    A = start.copy()
    for _ in range(steps):
        c = A[1:-1, 1:-1, 1:-1]
        A[1:-1, 1:-1, 1:-1] = (
            0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * c + A[:-2, 1:-1, 1:-1])
            + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * c + A[1:-1, :-2, 1:-1])
            + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * c + A[1:-1, 1:-1, :-2])
            + c
        )
    return np.sum(A**2)


def cholesky(given: Array) -> Any:
    A = given.copy()
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[j, :j]
            A[i, j] /= A[j, j]
        A[i, i] -= A[i, :i] @ A[i, :i]
        A[i, i] = np.sqrt(A[i, i])
    return np.sum(np.log(np.diag(A)))


def cholesky_loops(A: Array) -> Any:
    n = A.shape[0]
    L = np.zeros((n, n))
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            s -= L[j, k] ** 2
        L[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            s = A[i, j]
            for k in range(j):
                s -= L[i, k] * L[j, k]
            L[i, j] = s / L[j, j]
    s = 0.0
    for j in range(n):
        s += np.log(L[j, j])
    return s


def lu(given: Array) -> Any:
    A = given.copy()
    n = A.shape[0]
    for k in range(n):
        A[k + 1 :, k] /= A[k, k]
        for i in range(k + 1, n):
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    return np.sum(np.log(np.abs(np.diag(A))))


def durbin(r: Array) -> Any:
    n = r.shape[0]
    y = np.zeros(n)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    for k in range(1, n):
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(r[:k][::-1], y[:k])) / beta
        y[:k] += alpha * y[:k][::-1]
        y[k] = alpha
    return np.sum(y**2)


def trisolv(L: Array, b: Array) -> Any:
    n = L.shape[0]
    x = np.zeros(n)
    for i in range(n):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return np.sum(x**2)


def tridiagonal(a: Array, b: Array, c: Array, d: Array) -> Any:
    n = d.shape[0]
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
    return np.sum(x**2)
