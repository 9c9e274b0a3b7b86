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
        c = 2.0 * b
        c_dot = b_dot * 2.0
        d = u[2:]
        d_dot = u_dot[:, 2:]
        e = d - c
        e_dot = d_dot - c_dot
        f = u[:-2]
        f_dot = u_dot[:, :-2]
        g = e + f
        g_dot = e_dot + f_dot
        h = 0.1 * g
        h_dot = g_dot * 0.1
        i = b + h
        i_dot = b_dot + h_dot
        u[1:-1] = i
        u_dot[:, 1:-1] = i_dot
    j = u**2
    j_dot = u_dot * 2.0 * u
    k = np.sum(j)
    k_dot = np.sum(j_dot, -1)
    return k, k_dot
