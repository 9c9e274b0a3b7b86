import numpy as np


def rosenbrock_grad(x: 'float[:]'):
    """Value of rosenbrock at x, and drosenbrock/dx."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.shape[0] == 1:
        raise TypeError('an axis of size 1 in x, made for float[:]; float[_] takes any')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    # forward sweep
    a = x[:-1]
    b = a**2
    c = x[1:] - b
    d = c**2
    e = 1.0 - a
    f = e**2
    g = np.sum(100.0 * d + f)
    # reverse sweep
    h = 2.0 * e                        # f = e**2
    x_bar = np.zeros_like(x)           # c = x[1:] - b
    x_bar[1:] += 200.0 * c             # d = c**2; c = x[1:] - b
    x_bar[:-1] -= h + 400.0 * c * a    # b = a**2; a = x[:-1]
    return g, x_bar
