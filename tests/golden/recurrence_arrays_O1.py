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
    e_rec = []
    for i in range(b):
        c = a[i]
        d = x[i]
        e = np.sin(d)
        e_rec.append(e)
        f = c * e
        x[i + 1] = f
    h = x[-1]
    # reverse sweep
    x_bar = np.zeros_like(x)   # h = x[-1]
    x_bar[-1] += 1.0           # h = x[-1]
    a_bar = np.zeros_like(a)   # h = x[-1]
    for i, e_i in zip(reversed(range(b)), reversed(e_rec)):
        j = a[i]
        k = x[i]
        g = i + 1
        f_bar = x_bar[g]
        x_bar[g] = 0.0
        x_bar[i] += f_bar * j * np.cos(k)
        a_bar[i] += f_bar * e_i
    x0_bar = x_bar[0]          # x[0] = x0
    return h, (a_bar, x0_bar)
