import numpy as np


def cholesky_jvp(A: 'float[:, :]', A_dot: 'float[:, :]'):
    """Value of cholesky, and its derivative in A times A_dot."""
    if A.__class__ is not np.ndarray or A.ndim != 2:
        raise TypeError('A has to be float[:, :]')
    if A.shape[0] == 1 or A.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in A, made for float[:, :]; float[_, _] takes any'
        )
    if A.dtype != float:
        A = A.astype(float, casting='safe')
    if A_dot.__class__ is not np.ndarray:
        raise TypeError('A_dot has to be float[:, :]')
    if A_dot.dtype != float:
        A_dot = A_dot.astype(float, casting='safe')
    if A_dot.shape != A.shape:
        raise ValueError('A_dot has to have the shape of A')
    L = np.zeros_like(A)
    n = A.shape[0]
    L_dot = np.zeros_like(L)
    for j in range(n):
        s = A[j, j]
        s_dot = A_dot[j, j]
        for k in range(j):
            b = L[j, k]
            c = b**2
            s = s - c
            s_dot -= L_dot[j, k] * 2.0 * b
        d = np.sqrt(s)
        L[j, j] = d
        L_dot[j, j] = s_dot * (0.5 / d)
        for i in range(j + 1, n):
            t = A[i, j]
            t_dot = A_dot[i, j]
            for k in range(j):
                f = L[i, k]
                g = L[j, k]
                t = t - f * g
                t_dot -= L_dot[i, k] * g + L_dot[j, k] * f
            h = L[j, j]
            m = t / h
            a = L_dot[j, j]
            L[i, j] = m
            L_dot[i, j] = t_dot / h - a / h * m
    o = np.diag(L)
    o_dot = np.diag(L_dot)
    p = np.log(o)
    p_dot = o_dot / o
    q = np.sum(p)
    q_dot = np.sum(p_dot)
    return q, q_dot
