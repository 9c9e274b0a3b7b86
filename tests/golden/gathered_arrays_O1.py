import numpy as np


def gathered_grad(x: 'float[:]', places: 'int[:]'):
    """Value of gathered, and its derivative in x."""
    if x.__class__ is not np.ndarray or x.ndim != 1:
        raise TypeError('x has to be float[:]')
    if x.shape[0] == 1:
        raise TypeError('an axis of size 1 in x, made for float[:]; float[_] takes any')
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    if places.__class__ is not np.ndarray or places.ndim != 1 or places.dtype != int:
        raise TypeError('places has to be int[:]')
    if places.shape[0] == 1:
        raise TypeError(
            'an axis of size 1 in places, made for int[:]; int[_] takes any'
        )
    # forward sweep
    a = x[places]
    y = a**2
    b = y > 1.0
    c = y[b]
    y[b] = c * 0.5
    d = np.sum(y)
    # reverse sweep
    y_bar = np.full(places.shape, 1.0)         # d = np.sum(y)
    y_bar[b] *= 0.5                            # y[b] = c * 0.5; c = y[b]
    x_bar = np.zeros_like(x)                   # a = x[places]
    np.add.at(x_bar, places, y_bar * 2.0 * a)
    return d, x_bar
