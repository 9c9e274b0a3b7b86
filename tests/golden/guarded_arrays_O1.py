import numpy as np


def guarded_grad(x: 'float[:]'):
    """Value of guarded at x, and dguarded/dx."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.shape[0] == 1:
        raise TypeError('an axis of size 1 in x, made for float[:]; float[_] takes any')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    # forward sweep
    a = x > 0.0
    b = np.log(x)
    c = np.where(a, b, 0.0)
    d = np.sum(c)
    # reverse sweep
    x_bar = np.where(a, 1.0 / x, 0.0)  # b = np.log(x)
    return d, x_bar
