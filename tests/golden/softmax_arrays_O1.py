import numpy as np


def softmax_grad(z: 'float[:]', k: int):
    """Value of softmax, and its derivative in z."""
    if z.__class__ is not np.ndarray or z.ndim != 1:
        raise TypeError('z has to be float[:]')
    if z.shape[0] == 1:
        raise TypeError('an axis of size 1 in z, made for float[:]; float[_] takes any')
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
    e = d - z1[k]
    # reverse sweep
    z_bar = np.zeros_like(z)
    z_bar[k] -= 1.0
    z_bar += 1.0 / c * b
    f = z == a                                         # a = np.max(z)
    z_bar = z_bar - np.sum(z_bar) * f / np.sum(f)      # z1 = z - a; a = np.max(z)
    return e, z_bar
