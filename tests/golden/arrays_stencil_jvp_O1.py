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
        b = 2.0 * a
        b_dot = a_dot * 2.0
        c = u[2:]
        c_dot = u_dot[2:]
        d = c - b
        d_dot = c_dot - b_dot
        e = u[:-2]
        e_dot = u_dot[:-2]
        f = d + e
        f_dot = d_dot + e_dot
        g = 0.1 * f
        g_dot = f_dot * 0.1
        h = a + g
        h_dot = a_dot + g_dot
        u[1:-1] = h
        u_dot[1:-1] = h_dot
    i = u**2
    i_dot = u_dot * 2.0 * u
    j = np.sum(i)
    j_dot = np.sum(i_dot)
    return j, j_dot
