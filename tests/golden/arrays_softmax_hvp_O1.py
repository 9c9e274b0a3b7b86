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
    n = z == a
    z1 = z - a
    z_dot = z_dot - np.sum(z_dot * n / np.sum(n))
    b = np.exp(z1)
    b_dot = z_dot * b
    c = np.sum(b)
    o = np.sum(b_dot)
    d = np.zeros_like(z)
    d[k] -= 1.0
    e = 1.0 / c
    f = e * b
    f_dot = z_dot * f - o / c * f
    z_bar = d + f
    g = np.sum(z_bar)
    h = z == a
    i = g * h
    i_dot = np.sum(f_dot) * h
    j = np.sum(h)
    m = i / j
    m_dot = i_dot / j
    z_bar = z_bar - m
    z_bar_dot = f_dot - m_dot
    return z_bar, z_bar_dot
