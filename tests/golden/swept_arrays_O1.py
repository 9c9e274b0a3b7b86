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
    a = u.shape[0]
    b = a - 1
    c = u.shape[1]
    d = c - 1
    for _ in range(steps):
        for i in range(1, b):
            for j in range(1, d):
                e = u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1]
                f = 0.25 * e
                u[i, j] = f
    g = np.sum(u * u)
    # reverse sweep
    u_bar = 2.0 * u
    for _ in reversed(range(steps)):
        for i in reversed(range(1, b)):
            for j in reversed(range(1, d)):
                f_bar = u_bar[i, j]
                u_bar[i, j] = 0.0
                e_bar = f_bar * 0.25
                u_bar[i, j + 1] += e_bar
                u_bar[i, j - 1] += e_bar
                u_bar[i + 1, j] += e_bar
                u_bar[i - 1, j] += e_bar
    return g, u_bar
