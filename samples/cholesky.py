"""The Cholesky factor by loops, and the log-density that it is made for."""

import numpy as np


def cholesky(A: np.ndarray) -> np.ndarray:
    """The lower triangle L with A = L L.T, column by column."""
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
    return L


def log_det(A: "float[:, :]") -> float:
    """log |A| of a positive definite matrix."""
    L = cholesky(A)
    s = 0.0
    for j in range(A.shape[0]):
        s += np.log(L[j, j])
    return 2.0 * s


def main() -> None:
    from samples.cholesky_grad import log_det_grad

    n = 4
    hilbert = 1.0 / (np.arange(n)[:, None] + np.arange(n) + 1.0)
    value, gradient = log_det_grad(hilbert)
    # It reads the lower triangle only: the derivative of a symmetric change is the inverse.
    symmetric = (gradient + gradient.T) / 2
    print(f"log |H| = {value:.12f}")
    print(f"largest error of the gradient: {abs(symmetric - np.linalg.inv(hilbert)).max():.1e}")


if __name__ == "__main__":
    main()
