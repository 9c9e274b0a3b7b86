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
    c = x[1:] - b
    c_dot = x_dot[:, 1:] - b_dot
    e = 1.0 - a
    f = 2.0 * e
    h = a_dot * 2.0
    i = c_dot * 200.0
    x_bar = np.zeros_like(x)
    x_bar_dot = np.zeros((d, x_bar.shape[0]))
    x_bar[1:] += 200.0 * c
    x_bar_dot[:, 1:] += i
    j = -((c_dot * a + a_dot * c) * 400.0 - h)
    x_bar[:-1] += -(f + 400.0 * (c * a))
    x_bar_dot[:, :-1] += j
    g = x_bar_dot.T
    g = 0.5 * (g + g.T)
    return x_bar, g
