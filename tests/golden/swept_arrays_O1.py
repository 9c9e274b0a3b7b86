import numpy as np


def swept_grad(u: 'float[:, :]', steps: int):
    """Value of swept, and its derivative in u."""
    if u.__class__ is not np.ndarray or u.ndim != 2:
        raise TypeError('u has to be float[:, :]')
    if u.shape[0] == 1 or u.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in u, made for float[:, :]; float[_, _] takes any'
        )
    if u.dtype != float:
        raise TypeError('u has to be an array of floats: it is written to')
    if steps.__class__ is not int:
        steps = steps.__index__()
    # forward sweep
    u = u.copy()
    passes = []
    for _ in range(steps):
        a = u.shape[0]
        b = a - 1
        d_rec = []
        for i in range(1, b):
            c = u.shape[1]
            d = c - 1
            d_rec.append(d)
            for j in range(1, d):
                e = u[i - 1, j]
                f = u[i + 1, j]
                g = u[i, j - 1]
                h = u[i, j + 1]
                k = e + f + g + h
                m = 0.25 * k
                u[i, j] = m
        passes.append((b, d_rec))
    n = np.sum(u * u)
    # reverse sweep
    u_bar = 2.0 * u
    for b_i, d_in in reversed(passes):
        for i, d_i in zip(reversed(range(1, b_i)), reversed(d_in)):
            for j in reversed(range(1, d_i)):
                m_bar = u_bar[i, j]
                u_bar[i, j] = 0.0
                k_bar = m_bar * 0.25
                u_bar[i, j + 1] += k_bar
                u_bar[i, j - 1] += k_bar
                u_bar[i + 1, j] += k_bar
                u_bar[i - 1, j] += k_bar
    return n, u_bar
