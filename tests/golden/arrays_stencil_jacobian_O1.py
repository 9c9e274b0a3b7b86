import numpy as np


def stencil_jacobian(u: 'float[:]', steps: int):
    """Value of stencil, and its derivatives in u."""
    if u.__class__ is not np.ndarray or u.ndim != 1:
        raise TypeError('u has to be float[:]')
    if u.shape[0] == 1:
        raise TypeError('an axis of size 1 in u, made for float[:]; float[_] takes any')
    if u.dtype != float:
        raise TypeError('u has to be an array of floats: it is written to')
    if steps.__class__ is not int:
        steps = steps.__index__()
    a = u.shape[0]
    u_dot = np.eye(a)
    u = u.copy()
    u_dot = u_dot.copy()
    for _ in range(steps):
        b = u[1:-1]
        b_dot = u_dot[:, 1:-1]
        e = b_dot + (u_dot[:, 2:] - b_dot * 2.0 + u_dot[:, :-2]) * 0.1
        u[1:-1] = b + 0.1 * (u[2:] - 2.0 * b + u[:-2])
        u_dot[:, 1:-1] = e
    c = u**2
    c_dot = u_dot * 2.0 * u
    d = np.sum(c)
    d_dot = np.sum(c_dot, -1)
    return d, d_dot
