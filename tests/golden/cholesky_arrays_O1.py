import numpy as np


def cholesky_grad(A: 'float[:, :]'):
    """Value of cholesky at A, and dcholesky/dA."""
    if A.__class__ is not np.ndarray or A.ndim != 2:
        raise TypeError('A has to be float[:, :]')
    if A.shape[0] == 1 or A.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in A, made for float[:, :]; float[_, _] takes any'
        )
    if A.dtype != float:
        A = A.astype(float, casting='safe')
    # forward sweep
    L = np.zeros_like(A)
    n = A.shape[0]
    for j in range(n):
        s = A[j, j]
        for k in range(j):
            a = L[j, k] ** 2
            s = s - a
        b = np.sqrt(s)
        L[j, j] = b
        for i in range(j + 1, n):
            t = A[i, j]
            for k in range(j):
                t = t - L[i, k] * L[j, k]
            d = t / L[j, j]
            L[i, j] = d
    e = np.diag(L)
    f = np.log(e)
    g = np.sum(f)
    # reverse sweep
    c = A.shape                # e = np.diag(L)
    h, m = c
    o = e.shape[0]             # e = np.diag(L)
    L_bar = np.where(np.eye(h, m) != 0.0, np.pad(1.0 / e, (0, m - o)), 0.0)
    A_bar = np.zeros_like(A)   # e = np.diag(L)
    for j in reversed(range(n)):
        p = L[j, j]
        for i in reversed(range(j + 1, n)):
            q = L[j, j]
            r = L[i, j]
            d_bar = L_bar[i, j]
            L_bar[i, j] = 0.0
            t_bar = d_bar / q
            L_bar[j, j] -= t_bar * r
            for k in reversed(range(j)):
                u = -t_bar * L[j, k]
                L_bar[j, k] -= t_bar * L[i, k]
                L_bar[i, k] += u
            A_bar[i, j] += t_bar
        b_bar = L_bar[j, j]
        L_bar[j, j] = 0.0
        s_bar = b_bar * (0.5 / p)
        for k in reversed(range(j)):
            L_bar[j, k] -= s_bar * 2.0 * L[j, k]
        A_bar[j, j] += s_bar
    return g, A_bar
