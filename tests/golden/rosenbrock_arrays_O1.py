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
    c = x[1:]
    d = c - b
    e = d**2
    f = 1.0 - a
    g = f**2
    h = np.sum(100.0 * e + g)
    # reverse sweep
    i = -2.0 * f                       # g = f**2; f = 1.0 - a
    x_bar = np.zeros_like(x)           # d = c - b; c = x[1:]
    x_bar[1:] += 200.0 * d             # e = d**2; d = c - b; c = x[1:]
    x_bar[:-1] += i - 400.0 * d * a    # b = a**2; a = x[:-1]
    return h, x_bar
