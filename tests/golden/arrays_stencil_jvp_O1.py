import numpy as np


def stencil_jvp(u: 'float[:]', steps: int, u_dot: 'float[:]'):
    """Value of stencil, and its derivative in u times u_dot."""
    if u.__class__ is not np.ndarray or u.ndim != 1:
        raise TypeError('u has to be float[:]')
    if u.shape[0] == 1:
        raise TypeError('an axis of size 1 in u, made for float[:]; float[_] takes any')
    if u.dtype != float:
        raise TypeError('u has to be an array of floats: it is written to')
    if u_dot.__class__ is not np.ndarray:
        raise TypeError('u_dot has to be float[:]')
    if u_dot.dtype != float:
        raise TypeError('u_dot has to be an array of floats: it is written to')
    if steps.__class__ is not int:
        steps = steps.__index__()
    if u_dot.shape != u.shape:
        raise ValueError('u_dot has to have the shape of u')
    u = u.copy()
    u_dot = u_dot.copy()
    for _ in range(steps):
        a = u[1:-1]
        a_dot = u_dot[1:-1]
        d = a_dot + (u_dot[2:] - a_dot * 2.0 + u_dot[:-2]) * 0.1
        u[1:-1] = a + 0.1 * (u[2:] - 2.0 * a + u[:-2])
        u_dot[1:-1] = d
    b = u**2
    c = np.sum(b)
    c_dot = u_dot @ (2.0 * u)
    return c, c_dot
