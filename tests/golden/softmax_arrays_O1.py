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


def softmax_grad(z: 'float[:]', k: int):
    """Value of softmax, and its derivative in z."""
    if z.__class__ is not np.ndarray or z.ndim != 1:
        raise TypeError('z has to be float[:]')
    if z.dtype != float:
        z = z.astype(float, casting='safe')
    if k.__class__ is not int:
        k = k.__index__()
    # forward sweep
    a = np.max(z)
    z1 = z - a
    b = np.exp(z1)
    c = np.sum(b)
    d = np.log(c)
    e = z1[k]
    f = d - e
    # reverse sweep
    z_bar = np.zeros_like(z1)          # e = z1[k]
    z_bar[k] -= 1.0                    # e = z1[k]
    z_bar = z_bar + 1.0 / c * b        # f = d - e; d = np.log(c); b = np.exp(z1)
    g = z == a                         # a = np.max(z)
    z_bar = z_bar + _sum_to(np.sum(-z_bar) * g / np.sum(g), z.shape)
    return f, z_bar
