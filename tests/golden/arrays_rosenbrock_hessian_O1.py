import numpy as np


def rosenbrock_hessian(x: 'float[:]'):
    """Gradient and Hessian of rosenbrock in x."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.shape[0] == 1:
        raise TypeError('an axis of size 1 in x, made for float[:]; float[_] takes any')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    d = x.shape[0]
    x_dot = np.eye(d)
    a = x[:-1]
    a_dot = x_dot[:, :-1]
    b = a**2
    b_dot = a_dot * 2.0 * a
    f = x[1:]
    f_dot = x_dot[:, 1:]
    c = f - b
    c_dot = f_dot - b_dot
    e = 1.0 - a
    g_dot = a_dot * 2.0
    g = -(2.0 * e)
    h = 200.0 * c
    h_dot = c_dot * 200.0
    x_bar = np.zeros_like(x)
    x_bar_dot = np.zeros((d, x_bar.shape[0]))
    x_bar[1:] += h
    x_bar_dot[:, 1:] += h_dot
    j = c * a
    j_dot = c_dot * a + a_dot * c
    k = 400.0 * j
    k_dot = j_dot * 400.0
    m = g - k
    m_dot = g_dot - k_dot
    x_bar[:-1] += m
    x_bar_dot[:, :-1] += m_dot
    n = x_bar_dot.T
    n = 0.5 * (n + n.T)
    return x_bar, n
