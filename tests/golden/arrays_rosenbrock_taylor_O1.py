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
    c = x[1:]
    c_1 = x_dot[1:]
    d = c - b
    d_1 = c_1 - b_1
    e = d**2
    e_2 = d_1 * d_1 - 2.0 * d * b_2
    f = 100.0 * e
    f_1 = 200.0 * d * d_1
    f_2 = 100.0 * e_2
    g = 1.0 - a
    h = g**2
    i = f + h
    i_1 = f_1 - 2.0 * g * a_1
    i_2 = f_2 + b_2
    j = np.sum(i)
    j_1 = np.sum(i_1)
    j_2 = np.sum(i_2)
    return j, j_1, j_2
