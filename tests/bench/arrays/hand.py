"""The gradients of the kernels as an expert writes them by hand: the limit.

By the compiler's rules: the value is the primal's to the bit, the program is differentiated
as it stands, and what can be read again is not recorded.
"""

import math
from typing import Any

import numpy as np

from tests.bench.arrays.kernels import Array


def network(theta: list[tuple[Array, Array]], x: Array, y: Array) -> Any:
    f = x
    fs = [x]
    for A, b in theta:
        f = np.tanh(f @ A.T + b)
        fs.append(f)
    r = f - y
    f_bar = 2.0 * r
    theta_bar = []
    for k in range(len(theta) - 1, -1, -1):
        z_bar = f_bar * (1.0 - fs[k + 1] ** 2)
        theta_bar.append((z_bar.T @ fs[k], np.sum(z_bar, axis=0)))
        if k:
            f_bar = z_bar @ theta[k][0]
    return np.sum(r**2), theta_bar[::-1]


def jacobi_1d(start: Array, steps: int) -> Any:
    A = start.copy()
    B = start.copy()
    for _ in range(steps):
        B[1:-1] = 0.33333 * (A[:-2] + A[1:-1] + A[2:])
        A[1:-1] = 0.33333 * (B[:-2] + B[1:-1] + B[2:])
    A_bar = 2.0 * A
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        s = 0.33333 * A_bar[1:-1]
        B_bar[1:-1] += s
        B_bar[:-2] += s
        B_bar[2:] += s
        s = 0.33333 * B_bar[1:-1]
        B_bar[1:-1] = 0.0
        A_bar[1:-1] = s
        A_bar[:-2] += s
        A_bar[2:] += s
    A_bar += B_bar
    return np.sum(A**2), A_bar


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
    A_bar = 2.0 * A
    B_bar = np.zeros_like(B)
    for _ in range(steps):
        s = 0.2 * A_bar[1:-1, 1:-1]
        B_bar[1:-1, 1:-1] += s
        B_bar[1:-1, :-2] += s
        B_bar[1:-1, 2:] += s
        B_bar[2:, 1:-1] += s
        B_bar[:-2, 1:-1] += s
        s = 0.2 * B_bar[1:-1, 1:-1]
        B_bar[1:-1, 1:-1] = 0.0
        A_bar[1:-1, 1:-1] = s
        A_bar[1:-1, :-2] += s
        A_bar[1:-1, 2:] += s
        A_bar[2:, 1:-1] += s
        A_bar[:-2, 1:-1] += s
    A_bar += B_bar
    return np.sum(A**2), A_bar


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
    A_bar = 2.0 * A
    for _ in range(steps):
        for i in range(n - 2, 0, -1):
            for j in range(n - 2, 0, -1):
                s = A_bar[i, j] / 9.0
                A_bar[i, j] = s
                A_bar[i, j - 1] += s
            row = A_bar[i, 1:-1].copy()
            A_bar[i, 2:] += row
            A_bar[i + 1, :-2] += row
            A_bar[i + 1, 1:-1] += row
            A_bar[i + 1, 2:] += row
            A_bar[i - 1, :-2] += row
            A_bar[i - 1, 1:-1] += row
            A_bar[i - 1, 2:] += row
    return np.sum(A**2), A_bar


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
    A_bar = 2.0 * A
    for _ in range(steps):
        inner = A_bar[1:-1, 1:-1, 1:-1]
        s = 0.125 * inner
        inner *= 0.25
        A_bar[2:, 1:-1, 1:-1] += s
        A_bar[:-2, 1:-1, 1:-1] += s
        A_bar[1:-1, 2:, 1:-1] += s
        A_bar[1:-1, :-2, 1:-1] += s
        A_bar[1:-1, 1:-1, 2:] += s
        A_bar[1:-1, 1:-1, :-2] += s
    return np.sum(A**2), A_bar


def cholesky(given: Array) -> Any:
    A = given.copy()
    n = A.shape[0]
    for i in range(n):
        for j in range(i):
            A[i, j] -= A[i, :j] @ A[j, :j]
            A[i, j] /= A[j, j]
        A[i, i] -= A[i, :i] @ A[i, :i]
        A[i, i] = np.sqrt(A[i, i])
    A_bar = np.diag(1.0 / np.diag(A))
    for i in range(n - 1, -1, -1):
        s = A_bar[i, i] * (0.5 / A[i, i])
        A_bar[i, i] = s
        A_bar[i, :i] -= 2.0 * s * A[i, :i]
        for j in range(i - 1, -1, -1):
            s = A_bar[i, j] / A[j, j]
            A_bar[i, j] = s
            A_bar[j, j] -= s * A[i, j]
            A_bar[i, :j] -= s * A[j, :j]
            A_bar[j, :j] -= s * A[i, :j]
    return np.sum(np.log(np.diag(A))), A_bar


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
    value = 0.0
    for j in range(n):
        value += np.log(L[j, j])
    L_bar = np.zeros_like(L)
    A_bar = np.zeros_like(A)
    for j in range(n - 1, -1, -1):
        L_bar[j, j] += 1.0 / L[j, j]
    for j in range(n - 1, -1, -1):
        d = L[j, j]
        for i in range(n - 1, j, -1):
            s_bar = L_bar[i, j] / d
            L_bar[j, j] -= s_bar * L[i, j]
            for k in range(j - 1, -1, -1):
                L_bar[i, k] -= s_bar * L[j, k]
                L_bar[j, k] -= s_bar * L[i, k]
            A_bar[i, j] = s_bar
        s_bar = L_bar[j, j] * (0.5 / d)
        for k in range(j - 1, -1, -1):
            L_bar[j, k] -= 2.0 * s_bar * L[j, k]
        A_bar[j, j] = s_bar
    return value, A_bar


def lu(given: Array) -> Any:
    A = given.copy()
    n = A.shape[0]
    for k in range(n):
        A[k + 1 :, k] /= A[k, k]
        for i in range(k + 1, n):
            A[i, k + 1 :] -= A[i, k] * A[k, k + 1 :]
    diagonal = np.diag(A)
    A_bar = np.diag(1.0 / diagonal)
    for k in range(n - 1, -1, -1):
        row, row_bar = A[k, k + 1 :], A_bar[k, k + 1 :]
        for i in range(n - 1, k, -1):
            s = A_bar[i, k + 1 :]
            row_bar -= A[i, k] * s
            A_bar[i, k] -= s @ row
        s = A_bar[k + 1 :, k] / A[k, k]
        A_bar[k + 1 :, k] = s
        A_bar[k, k] -= s @ A[k + 1 :, k]
    return np.sum(np.log(np.abs(diagonal))), A_bar


def durbin(r: Array) -> Any:
    n = r.shape[0]
    y = np.zeros(n)
    alpha = -r[0]
    beta = 1.0
    y[0] = -r[0]
    passes = []
    for k in range(1, n):
        passes.append((beta, alpha, y[:k].copy()))
        beta *= 1.0 - alpha * alpha
        alpha = -(r[k] + np.dot(r[:k][::-1], y[:k])) / beta
        y[:k] += alpha * y[:k][::-1]
        y[k] = alpha
    y_bar = 2.0 * y
    r_bar = np.zeros_like(r)
    beta_bar = alpha_bar = 0.0
    after = alpha
    for k in range(n - 1, 0, -1):
        beta, alpha, z = passes[k - 1]
        c = 1.0 - alpha * alpha
        z_bar = y_bar[:k]
        alpha_bar += y_bar[k] + z_bar @ z[::-1]
        s = alpha_bar / (beta * c)
        r_bar[k] -= s
        r_bar[:k] -= (s * z)[::-1]
        beta_bar -= s * after
        z_bar += after * z_bar[::-1] - s * r[:k][::-1]
        alpha_bar = -2.0 * alpha * beta * beta_bar
        beta_bar *= c
        after = alpha
    r_bar[0] -= alpha_bar + y_bar[0]
    return np.sum(y**2), r_bar


def trisolv(L: Array, b: Array) -> Any:
    n = L.shape[0]
    x = np.zeros(n)
    for i in range(n):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    x_bar = 2.0 * x
    L_bar = np.zeros_like(L)
    b_bar = np.zeros_like(b)
    for i in range(n - 1, -1, -1):
        s = x_bar[i] / L[i, i]
        b_bar[i] = s
        L_bar[i, i] = -s * x[i]
        L_bar[i, :i] = -s * x[:i]
        x_bar[:i] -= s * L[i, :i]
    return np.sum(x**2), (L_bar, b_bar)


def tridiagonal(a: Array, b: Array, c: Array, d: Array) -> Any:
    n = d.shape[0]
    cc = np.zeros(n)
    x = np.zeros(n)
    cc[0] = c[0] / b[0]
    x[0] = d[0] / b[0]
    passes = []
    for i in range(1, n):
        w = b[i] - a[i] * cc[i - 1]
        cc[i] = c[i] / w
        x[i] = s = (d[i] - a[i] * x[i - 1]) / w
        passes.append((w, s))
    for i in range(n - 2, -1, -1):
        x[i] -= cc[i] * x[i + 1]
    x_bar = 2.0 * x
    a_bar, b_bar, c_bar = np.zeros(n), np.zeros(n), np.zeros(n)
    cc_bar, d_bar = np.zeros(n), np.zeros(n)
    for i in range(n - 1):
        s = x_bar[i]
        cc_bar[i] = -s * x[i + 1]
        x_bar[i + 1] -= s * cc[i]
    before = passes[-1][1] if passes else x[0]
    for i in range(n - 1, 0, -1):
        w, after = passes[i - 1]
        before = passes[i - 2][1] if i > 1 else d[0] / b[0]
        k = a[i]
        s = x_bar[i] / w
        t = cc_bar[i] / w
        w_bar = -s * after - t * cc[i]
        d_bar[i] = s
        c_bar[i] = t
        b_bar[i] = w_bar
        a_bar[i] = -s * before - w_bar * cc[i - 1]
        x_bar[i - 1] -= s * k
        cc_bar[i - 1] -= w_bar * k
    s, t, w = x_bar[0] / b[0], cc_bar[0] / b[0], b[0]
    d_bar[0], c_bar[0] = s, t
    b_bar[0] = -s * (d[0] / w) - t * cc[0]
    return np.sum(x**2), (a_bar, b_bar, c_bar, d_bar)


def log_likelihood(
    alphas: Array, means: Array, q: Array, below: Array, x: Array, gamma: float, m: int
) -> Any:
    n, d = x.shape
    k = means.shape[0]
    diagonal = np.exp(q)
    columns, rows = np.triu_indices(d, 1)
    L = np.zeros((k, d, d))
    L[:, rows, columns] = below
    centred = x[:, None, :] - means
    whitened = diagonal * centred + np.einsum("kij,nkj->nki", L, centred)
    inner = alphas + np.sum(q, axis=1) - 0.5 * np.sum(whitened**2, axis=2)
    top = np.max(inner, axis=1, keepdims=True)
    e = np.exp(inner - top)
    sums = np.sum(e, axis=1)
    slack = np.sum(np.log(sums) + np.squeeze(top, axis=1))
    constant = -0.5 * n * d * math.log(2.0 * math.pi)
    freedom = d + m + 1
    log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(d):
        log_gamma += math.lgamma(0.5 * (freedom - j))
    c = freedom * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
    squares = np.sum(diagonal**2) + np.sum(below**2)
    prior = 0.5 * gamma * gamma * squares - m * np.sum(q) - k * c
    top_alpha = np.max(alphas, axis=0, keepdims=True)
    e_alpha = np.exp(alphas - top_alpha)
    sum_alpha = np.sum(e_alpha, axis=0)
    total = np.log(sum_alpha) + np.squeeze(top_alpha, axis=0)
    value = constant + slack - n * total + prior

    inner_bar = e / sums[:, None]
    top_bar = 1.0 - np.sum(inner_bar, axis=1, keepdims=True)
    tops = inner == top
    inner_bar += top_bar * tops / np.sum(tops, axis=1, keepdims=True)
    per_component = np.sum(inner_bar, axis=0)
    a_bar = -n / sum_alpha * e_alpha
    tops = alphas == top_alpha
    a_bar += (-n - np.sum(a_bar)) * tops / np.sum(tops)
    w_bar = inner_bar[:, :, None] * whitened
    square = gamma * gamma
    q_bar = (square * diagonal - np.sum(w_bar * centred, axis=0)) * diagonal
    q_bar += per_component[:, None] - m
    L_bar = np.einsum("nki,nkj->kij", w_bar, centred)
    below_bar = square * below - L_bar[:, rows, columns]
    means_bar = np.sum(np.einsum("nki,kij->nkj", w_bar, L) + w_bar * diagonal, axis=0)
    return value, (a_bar + per_component, means_bar, q_bar, below_bar)


def _rotated(r: Array, x: Array) -> Any:
    """The rotated vector, and the function of its adjoint."""
    square = np.sum(r**2)
    if square == 0.0:

        def still(y_bar: Array) -> Any:
            return np.cross(x, y_bar), y_bar + np.cross(y_bar, r)

        return x + np.cross(r, x), still
    theta = math.sqrt(square)
    w = r / theta
    cosine, sine = math.cos(theta), math.sin(theta)
    crossed, along = np.cross(w, x), np.dot(w, x)
    rest = 1.0 - cosine

    def turned(y_bar: Array) -> Any:
        s = y_bar @ w
        t = s * rest
        crossed_bar = sine * y_bar
        w_bar = along * rest * y_bar + t * x + np.cross(x, crossed_bar)
        x_bar = cosine * y_bar + t * w + np.cross(crossed_bar, w)
        r_bar = w_bar / theta
        theta_bar = (y_bar @ crossed) * cosine - (y_bar @ x - s * along) * sine - r_bar @ w
        return r_bar + theta_bar / theta * r, x_bar

    return x * cosine + crossed * sine + w * (along * rest), turned


def half_square(
    cameras: Array, points: Array, weights: Array, observed: Array, features: Array
) -> Any:
    total = 0.0
    cameras_bar = np.zeros_like(cameras)
    points_bar = np.zeros_like(points)
    weights_bar = np.zeros_like(weights)
    for i in range(observed.shape[0]):
        # Every observation is on its own: its sweeps need no record.
        c, p = observed[i, 0], observed[i, 1]
        camera, bar = cameras[c], cameras_bar[c]
        seen, turned = _rotated(camera[0:3], points[p] - camera[3:6])
        z = seen[2]
        u = seen[:2] / z
        square = np.sum(u**2)
        fourth = square**2
        distortion = 1.0 + camera[9] * square + camera[10] * fourth
        focal = camera[6]
        v = u * distortion
        weight = weights[i]
        off = focal * v + camera[7:9] - features[i]
        residual = weight * off
        e = 1.0 - weight**2
        total += 0.5 * np.sum(residual**2) + 0.5 * e**2

        weights_bar[i] = residual @ off - 2.0 * e * weight
        off_bar = weight * residual
        bar[7:9] += off_bar
        bar[6] += off_bar @ v
        v_bar = focal * off_bar
        distortion_bar = v_bar @ u
        bar[9] += distortion_bar * square
        bar[10] += distortion_bar * fourth
        square_bar = distortion_bar * (camera[9] + 2.0 * camera[10] * square)
        u_bar = distortion * v_bar + 2.0 * square_bar * u
        seen_bar = np.empty(3)
        seen_bar[:2] = u_bar / z
        seen_bar[2] = -(u_bar @ u) / z
        r_bar, x_bar = turned(seen_bar)
        bar[0:3] += r_bar
        bar[3:6] -= x_bar
        points_bar[p] += x_bar
    return total, (cameras_bar, points_bar, weights_bar)
