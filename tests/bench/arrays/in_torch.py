"""The kernels as PyTorch wants them: what it does in place it must not need again."""

import math
from collections.abc import Callable
from typing import Any

import numpy

Function = Callable[..., Any]

# These run as they stand, with torch for NumPy, but for two words.
AS_THEY_STAND = ("jacobi_1d", "jacobi_2d", "seidel_2d", "heat_3d")
WORDS = {".copy()": ".clone()", "np.ndarray": "np.Tensor"}


def functions(torch: Any) -> dict[str, Function]:
    def network(theta: Any, x: Any, y: Any) -> Any:
        f = x
        for A, b in theta:
            f = torch.tanh(f @ A.T + b)
        return torch.sum((f - y) ** 2)

    def cholesky(A: Any) -> Any:
        columns: list[Any] = []
        for j in range(A.shape[0]):
            s = A[:, j]
            if j:
                L = torch.stack(columns, 1)
                s = s - L @ L[j]
            root = torch.sqrt(s[j])
            zeros = torch.zeros(j, dtype=A.dtype)
            columns.append(torch.cat([zeros, root[None], s[j + 1 :] / root]))
        return torch.sum(torch.log(torch.diag(torch.stack(columns, 1))))

    def lu(A: Any) -> Any:
        diagonal = []
        while len(A):
            diagonal.append(A[0, 0])
            A = A[1:, 1:] - torch.outer(A[1:, 0] / A[0, 0], A[0, 1:])
        return torch.sum(torch.log(torch.abs(torch.stack(diagonal))))

    def durbin(r: Any) -> Any:
        alpha, beta = -r[0], 1.0
        y = alpha[None]
        for k in range(1, len(r)):
            beta = beta * (1.0 - alpha * alpha)
            turned = y.flip(0)
            alpha = -(r[k] + torch.dot(r[:k], turned)) / beta
            y = torch.cat([y + alpha * turned, alpha[None]])
        return torch.sum(y**2)

    def trisolv(L: Any, b: Any) -> Any:
        x = b[:0]
        for i in range(len(b)):
            x = torch.cat([x, ((b[i] - L[i, :i] @ x) / L[i, i])[None]])
        return torch.sum(x**2)

    def tridiagonal(*bands: Any) -> Any:
        a, b, c, d = (band.unbind() for band in bands)
        cc, x = [c[0] / b[0]], [d[0] / b[0]]
        for i in range(1, len(d)):
            w = b[i] - a[i] * cc[i - 1]
            cc.append(c[i] / w)
            x.append((d[i] - a[i] * x[i - 1]) / w)
        for i in range(len(d) - 2, -1, -1):
            x[i] = x[i] - cc[i] * x[i + 1]
        return torch.sum(torch.stack(x) ** 2)

    def log_likelihood(
        alphas: Any, means: Any, q: Any, below: Any, x: Any, gamma: float, m: int
    ) -> Any:
        n, d = x.shape
        k = means.shape[0]
        diagonal = torch.exp(q)
        columns, rows = numpy.triu_indices(d, 1)
        L = torch.zeros((k, d, d), dtype=x.dtype)
        L[:, rows, columns] = below
        centred = x[:, None, :] - means
        whitened = diagonal * centred + torch.einsum("kij,nkj->nki", L, centred)
        inner = alphas + torch.sum(q, dim=1) - 0.5 * torch.sum(whitened**2, dim=2)
        slack = torch.sum(torch.logsumexp(inner, 1))
        constant = -0.5 * n * d * math.log(2.0 * math.pi)
        freedom = d + m + 1
        log_gamma = 0.25 * d * (d - 1) * math.log(math.pi)
        log_gamma += sum(math.lgamma(0.5 * (freedom - j)) for j in range(d))
        c = freedom * d * (math.log(gamma) - 0.5 * math.log(2.0)) - log_gamma
        squares = torch.sum(diagonal**2) + torch.sum(below**2)
        prior = 0.5 * gamma * gamma * squares - m * torch.sum(q) - k * c
        return constant + slack - n * torch.logsumexp(alphas, 0) + prior

    def half_square(
        cameras: Any, points: Any, weights: Any, observed: Any, features: Any
    ) -> Any:
        camera, x = cameras[observed[:, 0]], points[observed[:, 1]]
        r, x = camera[:, 0:3], x - camera[:, 3:6]
        theta = torch.sqrt(torch.sum(r**2, 1, keepdim=True))
        w = r / theta
        cosine, sine = torch.cos(theta), torch.sin(theta)
        along = torch.sum(w * x, 1, keepdim=True) * (1.0 - cosine)
        seen = x * cosine + torch.linalg.cross(w, x) * sine + w * along
        u = seen[:, :2] / seen[:, 2:]
        square = torch.sum(u**2, 1, keepdim=True)
        distortion = 1.0 + camera[:, 9:10] * square + camera[:, 10:11] * square**2
        off = camera[:, 6:7] * (u * distortion) + camera[:, 7:9] - features
        residual = weights[:, None] * off
        return 0.5 * torch.sum(residual**2) + 0.5 * torch.sum((1.0 - weights**2) ** 2)

    made = (network, cholesky, lu, durbin, trisolv, tridiagonal, log_likelihood, half_square)
    return {f.__name__: f for f in made} | {"cholesky_loops": cholesky}
