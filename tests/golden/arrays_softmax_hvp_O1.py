import numpy as np


def softmax_hvp(z: 'float[:]', k: int, z_dot: 'float[:]'):
    """Gradient of softmax, and its Hessian times z_dot."""
    if z.__class__ is not np.ndarray or z.ndim != 1:
        raise TypeError('z has to be float[:]')
    if z.shape[0] == 1:
        raise TypeError('an axis of size 1 in z, made for float[:]; float[_] takes any')
    if z.dtype != float:
        z = z.astype(float, casting='safe')
    if z_dot.__class__ is not np.ndarray:
        raise TypeError('z_dot has to be float[:]')
    if z_dot.dtype != float:
        z_dot = z_dot.astype(float, casting='safe')
    if k.__class__ is not int:
        k = k.__index__()
    if z_dot.shape != z.shape:
        raise ValueError('z_dot has to have the shape of z')
    a = np.max(z)
    m = z == a
    z1 = z - a
    z_dot = z_dot - np.sum(z_dot * m / np.sum(m))
    b = np.exp(z1)
    c = np.sum(b)
    n = z_dot @ b
    d = np.zeros_like(z)
    d[k] -= 1.0
    e = 1.0 / c
    f = e * b
    f_dot = z_dot * f - n / c * f
    z_bar = d + f
    g = np.sum(z_bar)
    h = z == a
    i = np.sum(h)
    j = g * h / i
    j_dot = np.sum(f_dot) * h / i
    z_bar = z_bar - j
    z_bar_dot = f_dot - j_dot
    return z_bar, z_bar_dot
