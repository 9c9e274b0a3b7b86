import numpy as np


def stencil_grad(u: 'float[:]', steps: int):
    """Value of stencil, and its derivative in u."""
    if u.__class__ is not np.ndarray or u.ndim != 1:
        raise TypeError('u has to be float[:]')
    if u.shape[0] == 1:
        raise TypeError('an axis of size 1 in u, made for float[:]; float[_] takes any')
    if u.dtype != float:
        raise TypeError('u has to be an array of floats: it is written to')
    if steps.__class__ is not int:
        steps = steps.__index__()
    # forward sweep
    u = u.copy()
    for _ in range(steps):
        a = u[1:-1]
        b = u[2:]
        c = u[:-2]
        d = b - 2.0 * a + c
        e = a + 0.1 * d
        u[1:-1] = e
    f = u**2
    g = np.sum(f)
    # reverse sweep
    u_bar = 2.0 * u    # f = u**2
    for _ in reversed(range(steps)):
        e_bar = u_bar[1:-1].copy()
        u_bar[1:-1] = 0.0
        d_bar = e_bar * 0.1
        u_bar[:-2] += d_bar
        u_bar[2:] += d_bar
        u_bar[1:-1] += e_bar - 0.2 * e_bar
    return g, u_bar
