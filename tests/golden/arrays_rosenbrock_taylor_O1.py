import numpy as np


def rosenbrock_taylor(x: 'float[:]', x_dot: 'float[:]'):
    """Taylor coefficients of rosenbrock along x_dot, from 0 to 2."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.shape[0] == 1:
        raise TypeError('an axis of size 1 in x, made for float[:]; float[_] takes any')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    if x_dot.__class__ is not np.ndarray:
        raise TypeError('x_dot has to be float[:]')
    if x_dot.dtype != float:
        x_dot = x_dot.astype(float, casting='safe')
    if x_dot.shape != x.shape:
        raise ValueError('x_dot has to have the shape of x')
    a = x[:-1]
    a_1 = x_dot[:-1]
    b = a**2
    b_1 = 2.0 * a * a_1
    b_2 = a_1 * a_1
    c = x[1:] - b
    c_1 = x_dot[1:] - b_1
    d = c**2
    d_2 = c_1 * c_1 - 2.0 * c * b_2
    e = 1.0 - a
    f = e**2
    g = np.sum(100.0 * d + f)
    g_1 = np.sum(200.0 * c * c_1 - 2.0 * e * a_1)
    g_2 = np.sum(100.0 * d_2 + b_2)
    return g, g_1, g_2
