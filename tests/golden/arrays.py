"""Programs on arrays whose emitted gradients are kept beside them, to the byte."""

# mypy: disable-error-code="no-untyped-def"

import numpy as np


def dense(weights: "float[:, :]", bias: "float[:]", x: "float[:, :]"):
    h = np.maximum(x @ weights + bias, 0.0)
    return np.mean(h**2)


def stencil(u: "float[:]", steps: int):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] + 0.1 * (u[2:] - 2.0 * u[1:-1] + u[:-2])
    return np.sum(u**2)


def burgers(u: "float[:]", steps: int):
    u = u.copy()
    for _ in range(steps):
        u[1:-1] = u[1:-1] - 0.1 * u[1:-1] * (u[2:] - u[:-2])
    return np.sum(u**2)


def cholesky(A: "float[:, :]"):
    L = np.zeros_like(A)
    n = A.shape[0]
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            s -= L[j, k] ** 2
        L[j, j] = np.sqrt(s)
        for i in range(j + 1, n):
            t = A[i, j]
            for k in range(j):
                t -= L[i, k] * L[j, k]
            L[i, j] = t / L[j, j]
    return np.sum(np.log(np.diag(L)))


def rosenbrock(x: "float[:]"):
    return np.sum(100.0 * (x[1:] - x[:-1] ** 2) ** 2 + (1.0 - x[:-1]) ** 2)


def rotation(angles: "float[:]", v: "float[:]"):
    c, s = np.cos(angles[0]), np.sin(angles[0])
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return (R @ v)[1] * angles[1]


def softmax(z: "float[:]", k: int):
    z = z - np.max(z)
    return np.log(np.sum(np.exp(z))) - z[k]


def gathered(x: "float[:]", places: "int[:]"):
    y = x[places] ** 2
    y[y > 1.0] *= 0.5
    return np.sum(y)


def recurrence(a: "float[:]", x0: float):
    x = np.empty(a.size + 1)
    x[0] = x0
    for i in range(a.size):
        x[i + 1] = a[i] * np.sin(x[i])
    return x[-1]


def swept(u: "float[:, :]", steps: int):
    u = u.copy()
    for _ in range(steps):
        for i in range(1, u.shape[0] - 1):
            for j in range(1, u.shape[1] - 1):
                u[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
    return np.sum(u * u)


def regression(X: "float[:, :]", y: "float[:]"):
    beta = np.linalg.solve(X.T @ X, X.T @ y)
    residual = y - X @ beta
    return residual @ residual


def forces(positions: "float[:, :]"):
    energy = 0.0
    n = positions.shape[0]
    for i in range(n):
        for j in range(i):
            d = positions[i] - positions[j]
            energy += 1.0 / np.sqrt(d @ d)
    return energy


def guarded(x: "float[:]"):
    return np.sum(np.where(x > 0.0, np.log(x), 0.0))


def layered(first: "float[:, :]", second: "float[:, :]", bias: "float[:]", x: "float[:, :]"):
    h = x
    layers = [(first, bias), (second, None)]
    for i, (A, b) in enumerate(layers):
        h = h @ A
        if b is not None:
            h = h + b
        if i < len(layers) - 1:
            h = np.tanh(h)
    return np.mean(h**2)
