import numpy as np


def recurrence_grad(a: 'float[:]', x0: float):
    """Value of recurrence, and its derivative in a, x0."""
    if a.__class__ is not np.ndarray or a.ndim != 1:
        raise TypeError('a has to be float[:]')
    if a.shape[0] == 1:
        raise TypeError('an axis of size 1 in a, made for float[:]; float[_] takes any')
    if a.dtype != float:
        a = a.astype(float, casting='safe')
    if x0.__class__ is not float:
        x0 = float(+x0)
    # forward sweep
    b = a.size
    x = np.empty(b + 1)
    x[0] = x0
    c_rec = []
    for i in range(b):
        g = a[i]
        c = np.sin(x[i])
        c_rec.append(c)
        d = g * c
        x[i + 1] = d
    f = x[-1]
    # reverse sweep
    x_bar = np.zeros_like(x)   # f = x[-1]
    x_bar[-1] += 1.0           # f = x[-1]
    a_bar = np.zeros_like(a)   # f = x[-1]
    for i, c_i in zip(reversed(range(b)), reversed(c_rec)):
        h = a[i]
        j = x[i]
        e = i + 1
        d_bar = x_bar[e]
        x_bar[e] = 0.0
        x_bar[i] += d_bar * h * np.cos(j)
        a_bar[i] = d_bar * c_i
    x0_bar = x_bar[0]          # x[0] = x0
    return f, (a_bar, x0_bar)
