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
    passes = []
    for j in range(n):
        s = A[j, j]
        a_rec = []
        for k in range(j):
            a = L[j, k]
            a_rec.append(a)
            b = a**2
            s = s - b
        c = np.sqrt(s)
        L[j, j] = c
        passes1 = []
        for i in range(j + 1, n):
            t = A[i, j]
            passes2 = []
            for k in range(j):
                e = L[i, k]
                f = L[j, k]
                passes2.append((e, f))
                t = t - e * f
            g = L[j, j]
            h = t / g
            passes1.append((passes2, g, h))
            L[i, j] = h
        passes.append((a_rec, c, passes1))
    m = np.diag(L)
    o = np.log(m)
    p = np.sum(o)
    # reverse sweep
    d = A.shape                # m = np.diag(L)
    q, r = d
    u = m.shape[0]             # m = np.diag(L)
    L_bar = np.where(np.eye(q, r) != 0.0, np.pad(1.0 / m, (0, r - u)), 0.0)
    A_bar = np.zeros_like(A)   # m = np.diag(L)
    for j, (a_in, c_i, passes_i) in zip(reversed(range(n)), reversed(passes)):
        for (
            i, (passes_j, g_i, h_i)
        ) in zip(reversed(range(j + 1, n)), reversed(passes_i)):
            h_bar = L_bar[i, j]
            L_bar[i, j] = 0.0
            t_bar = h_bar / g_i
            L_bar[j, j] -= t_bar * h_i
            for k, (e_i, f_i) in zip(reversed(range(j)), reversed(passes_j)):
                L_bar[j, k] -= t_bar * e_i
                L_bar[i, k] -= t_bar * f_i
            A_bar[i, j] += t_bar
        c_bar = L_bar[j, j]
        L_bar[j, j] = 0.0
        s_bar = c_bar * (0.5 / c_i)
        for k, a_i in zip(reversed(range(j)), reversed(a_in)):
            L_bar[j, k] -= s_bar * 2.0 * a_i
        A_bar[j, j] += s_bar
    return p, A_bar
