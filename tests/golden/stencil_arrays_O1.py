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
        u[1:-1] = a + 0.1 * (u[2:] - 2.0 * a + u[:-2])
    b = u**2
    c = np.sum(b)
    # reverse sweep
    u_bar = 2.0 * u    # b = u**2
    for _ in reversed(range(steps)):
        d = u_bar[1:-1]
        e = d * 0.1
        u_bar[1:-1] = 0.8 * d
        u_bar[:-2] += e
        u_bar[2:] += e
    return c, u_bar
