"""The log-likelihood of a mixture of Gaussians, as the ADBench suite has it.

A component k has the weight softmax(alphas)[k], the mean means[k] and a lower triangular
inverse square root of its covariance, with exp(q[k]) on the diagonal and `below[k]` beneath
it, column by column. A Wishart prior keeps the covariances away from degenerate ones.
"""

import math

import numpy as np


def log_sum_exp(x: np.ndarray, axis: int) -> np.ndarray:
    top = np.max(x, axis=axis, keepdims=True)
    return np.log(np.sum(np.exp(x - top), axis=axis)) + np.squeeze(top, axis=axis)


def log_wishart_prior(
    q: np.ndarray, diagonal: np.ndarray, below: np.ndarray, gamma: float, m: int
) -> float:
    k, d = q.shape
    n = d + m + 1
    constant = 0.25 * d * (d - 1) * math.log(math.pi)
    for j in range(d):
        constant += math.lgamma(0.5 * (n - j))
    c = n * d * (math.log(gamma) - 0.5 * math.log(2.0)) - constant
    squares = np.sum(diagonal**2) + np.sum(below**2)
    return 0.5 * gamma * gamma * squares - m * np.sum(q) - k * c


def log_likelihood(
    alphas: np.ndarray,
    means: np.ndarray,
    q: np.ndarray,
    below: np.ndarray,
    x: np.ndarray,
    gamma: float,
    m: int,
) -> float:
    n, d = x.shape
    diagonal = np.exp(q)
    columns, rows = np.triu_indices(d, 1)
    L = np.zeros((means.shape[0], d, d))
    L[:, rows, columns] = below
    centred = x[:, None, :] - means
    whitened = diagonal * centred + np.einsum("kij,nkj->nki", L, centred)
    inner = alphas + np.sum(q, axis=1) - 0.5 * np.sum(whitened**2, axis=2)
    slack = np.sum(log_sum_exp(inner, 1))
    constant = -0.5 * n * d * math.log(2.0 * math.pi)
    prior = log_wishart_prior(q, diagonal, below, gamma, m)
    return constant + slack - n * log_sum_exp(alphas, 0) + prior


def main() -> None:
    from samples.gmm_grad import log_likelihood_grad

    rng = np.random.default_rng(0)
    n, d, k = 500, 2, 3
    centres = np.array([[-2.0, 0.0], [2.0, 0.0], [0.0, 3.0]])
    x = centres[rng.integers(k, size=n)] + 0.5 * rng.normal(size=(n, d))
    theta = [np.zeros(k), rng.normal(size=(k, d)), np.zeros((k, d)), np.zeros((k, 1))]
    for step in range(301):
        value, gradient = log_likelihood_grad(*theta, x, 1.0, 0)
        if step % 100 == 0:
            print(f"step {step}: log-likelihood {value:.3f}")
        theta = [p + 0.5 / n * g for p, g in zip(theta, gradient, strict=True)]
    print("means", *np.round(theta[1], 2).tolist())


if __name__ == "__main__":
    main()
