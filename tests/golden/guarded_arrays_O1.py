import numpy as np


def _sum_to(a, shape):
    """The sum of an array over the axes along which `shape` was broadcast to its own."""
    lead = a.ndim - len(shape)
    axes = tuple(k + lead for k, n in enumerate(shape) if n == 1 != a.shape[k + lead])
    if axes:
        a = np.sum(a, axis=axes, keepdims=True)
    if lead:
        a = np.sum(a, axis=tuple(range(lead)))
    return np.broadcast_to(a, shape).copy()


def guarded_grad(x: 'float[:]'):
    """Value of guarded at x, and dguarded/dx."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    # forward sweep
    a = x > 0.0
    b = np.log(x)
    c = np.where(a, b, 0.0)
    d = np.sum(c)
    # reverse sweep
    x_bar = _sum_to(np.where(a, np.full(c.shape, 1.0), 0.0), b.shape) / x
    return d, x_bar
