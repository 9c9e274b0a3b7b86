"""The kernels as JAX wants them: no writes, loops as fori_loop of known length."""

import math
from collections.abc import Callable
from typing import Any

import numpy

Function = Callable[..., Any]


def functions(jax: Any) -> dict[str, Function]:
    np, loop = jax.numpy, jax.lax.fori_loop

    def network(theta: Any, x: Any, y: Any) -> Any:
        f = x
        for A, b in theta:
            f = np.tanh(f @ A.T + b)
        return np.sum((f - y) ** 2)

    def jacobi_1d(start: Any, steps: int) -> Any:
        def step(_: int, AB: Any) -> Any:
            A, B = AB
            B = B.at[1:-1].set(0.33333 * (A[:-2] + A[1:-1] + A[2:]))
            return A.at[1:-1].set(0.33333 * (B[:-2] + B[1:-1] + B[2:])), B

        return np.sum(loop(0, steps, step, (start, start))[0] ** 2)

    def five(A: Any) -> Any:
        return 0.2 * (A[1:-1, 1:-1] + A[1:-1, :-2] + A[1:-1, 2:] + A[2:, 1:-1] + A[:-2, 1:-1])

    def jacobi_2d(start: Any, steps: int) -> Any:
        def step(_: int, AB: Any) -> Any:
            A, B = AB
            B = B.at[1:-1, 1:-1].set(five(A))
            return A.at[1:-1, 1:-1].set(five(B)), B

        return np.sum(loop(0, steps, step, (start, start))[0] ** 2)

    def seidel_2d(start: Any, steps: int) -> Any:
        n = start.shape[0]

        def row(i: int, A: Any) -> Any:
            above, here, below = A[i - 1], A[i], A[i + 1]
            rest = here[1:-1] + above[:-2] + above[1:-1] + above[2:]
            rest = rest + here[2:] + below[:-2] + below[1:-1] + below[2:]

            def element(left: Any, other: Any) -> Any:
                made = (other + left) / 9.0
                return made, made

            return A.at[i, 1:-1].set(jax.lax.scan(element, here[0], rest)[1])

        def step(_: int, A: Any) -> Any:
            return loop(1, n - 1, row, A)

        return np.sum(loop(0, steps, step, start) ** 2)

    def heat_3d(start: Any, steps: int) -> Any:
        def step(_: int, A: Any) -> Any:
            c = A[1:-1, 1:-1, 1:-1]
            return A.at[1:-1, 1:-1, 1:-1].set(
                0.125 * (A[2:, 1:-1, 1:-1] - 2.0 * c + A[:-2, 1:-1, 1:-1])
                + 0.125 * (A[1:-1, 2:, 1:-1] - 2.0 * c + A[1:-1, :-2, 1:-1])
                + 0.125 * (A[1:-1, 1:-1, 2:] - 2.0 * c + A[1:-1, 1:-1, :-2])
                + c
            )

        return np.sum(loop(0, steps, step, start) ** 2)

    def cholesky(A: Any) -> Any:
        n = A.shape[0]
        at = np.arange(n)

        def column(j: int, L: Any) -> Any:
            row = np.where(at < j, L[j], 0.0)
            s = A[:, j] - L @ row
            root = np.sqrt(s[j])
            made = np.where(at > j, s / root, np.where(at == j, root, 0.0))
            return L.at[:, j].set(made)

        return np.sum(np.log(np.diag(loop(0, n, column, np.zeros_like(A)))))

    def lu(A: Any) -> Any:
        n = A.shape[0]
        at = np.arange(n)

        def step(k: int, A: Any) -> Any:
            below = at > k
            column = np.where(below, A[:, k] / A[k, k], A[:, k])
            A = A.at[:, k].set(column)
            row = np.where(below, A[k], 0.0)
            return A - np.outer(np.where(below, column, 0.0), row)

        return np.sum(np.log(np.abs(np.diag(loop(0, n, step, A)))))

    def durbin(r: Any) -> Any:
        n = r.shape[0]
        at = np.arange(n)

        def step(k: int, carry: Any) -> Any:
            y, alpha, beta = carry
            beta = beta * (1.0 - alpha * alpha)
            turned = np.where(at < k, y[(k - 1 - at) % n], 0.0)
            alpha = -(r[k] + r @ turned) / beta
            return (y + alpha * turned).at[k].set(alpha), alpha, beta

        start = np.zeros(n).at[0].set(-r[0]), -r[0], 1.0
        return np.sum(loop(1, n, step, start)[0] ** 2)

    def trisolv(L: Any, b: Any) -> Any:
        n = L.shape[0]
        at = np.arange(n)

        def row(i: int, x: Any) -> Any:
            return x.at[i].set((b[i] - np.where(at < i, L[i], 0.0) @ x) / L[i, i])

        return np.sum(loop(0, n, row, np.zeros_like(b)) ** 2)

    def tridiagonal(a: Any, b: Any, c: Any, d: Any) -> Any:
        def down(before: Any, row: Any) -> Any:
            last, x = before
            a, b, c, d = row
            w = b - a * last
            return (c / w, (d - a * x) / w), (c / w, (d - a * x) / w)

        first = c[0] / b[0], d[0] / b[0]
        _, (cc, x) = jax.lax.scan(down, first, (a[1:], b[1:], c[1:], d[1:]))
        cc = np.concatenate([first[0][None], cc])
        x = np.concatenate([first[1][None], x])

        def up(after: Any, row: Any) -> Any:
            made = row[1] - row[0] * after
            return made, made

        _, rest = jax.lax.scan(up, x[-1], (cc[:-1], x[:-1]), reverse=True)
        return np.sum(rest**2) + x[-1] ** 2

    def log_sum_exp(x: Any, axis: int) -> Any:
        top = np.max(x, axis=axis, keepdims=True)
        return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)

    def log_likelihood(
        alphas: Any, means: Any, q: Any, below: Any, x: Any, gamma: float, m: int
    ) -> Any:
        n, d = x.shape
        k = means.shape[0]
        diagonal = np.exp(q)
        columns, rows = numpy.triu_indices(d, 1)
        L = np.zeros((k, d, d)).at[:, rows, columns].set(below)
        centred = x[:, None, :] - means
        whitened = diagonal * centred + np.einsum("kij,nkj->nki", L, centred)
        inner = alphas + np.sum(q, axis=1) - 0.5 * np.sum(whitened**2, axis=2)
        slack = np.sum(log_sum_exp(inner, 1))
        constant = -0.5 * n * d * math.log(2.0 * math.pi)
        freedom = d + m + 1
        log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
        log_gamma += sum(math.lgamma(0.5 * (freedom - j)) for j in range(d))
        c = freedom * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
        squares = np.sum(diagonal**2) + np.sum(below**2)
        prior = 0.5 * gamma * gamma * squares - m * np.sum(q) - k * c
        return constant + slack - n * log_sum_exp(alphas, 0) + prior

    def residual(camera: Any, point: Any, weight: Any, feature: Any) -> Any:
        r, x = camera[0:3], point - camera[3:6]
        theta = np.sqrt(np.sum(r**2))
        w = r / theta
        cosine, sine = np.cos(theta), np.sin(theta)
        seen = x * cosine + np.cross(w, x) * sine + w * (np.dot(w, x) * (1.0 - cosine))
        u = seen[:2] / seen[2]
        square = np.sum(u**2)
        distortion = 1.0 + camera[9] * square + camera[10] * square**2
        off = weight * (camera[6] * (u * distortion) + camera[7:9] - feature)
        return 0.5 * np.sum(off**2) + 0.5 * (1.0 - weight**2) ** 2

    def half_square(
        cameras: Any, points: Any, weights: Any, observed: Any, features: Any
    ) -> Any:
        each = jax.vmap(residual)
        return np.sum(each(cameras[observed[:, 0]], points[observed[:, 1]], weights, features))

    made = (network, jacobi_1d, jacobi_2d, seidel_2d, heat_3d, cholesky, lu, durbin,
            trisolv, tridiagonal, log_likelihood, half_square)  # fmt: skip
    return {f.__name__: f for f in made} | {"cholesky_loops": cholesky}
