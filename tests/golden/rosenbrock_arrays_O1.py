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


def rosenbrock_grad(x: 'float[:]'):
    """Value of rosenbrock at x, and drosenbrock/dx."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    # forward sweep
    a = x[:-1]
    b = a**2
    c = x[1:]
    d = c - b
    e = d**2
    f = 100.0 * e
    g = 1.0 - a
    h = g**2
    i = f + h
    j = np.sum(i)
    # reverse sweep
    i_bar = np.full(i.shape, 1.0)                      # j = np.sum(i)
    k = _sum_to(i_bar, h.shape) * 2.0 * g              # i = f + h; h = g**2
    d_bar = 200.0 * _sum_to(i_bar, f.shape) * d        # i = f + h; e = d**2
    m = _sum_to(-d_bar, b.shape)                       # d = c - b
    x_bar = np.zeros_like(x)                           # c = x[1:]
    x_bar[1:] += _sum_to(d_bar, c.shape)               # d = c - b; c = x[1:]
    x_bar[:-1] += m * 2.0 * a - k                      # b = a**2; a = x[:-1]
    return j, x_bar
