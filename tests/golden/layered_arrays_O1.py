import numpy as np


def layered_grad(
    first: 'float[:, :]', second: 'float[:, :]', bias: 'float[:]', x: 'float[:, :]'
):
    """Value of layered, and its derivative in first, bias."""
    if first.__class__ is not np.ndarray or first.ndim != 2:
        raise TypeError('first has to be float[:, :]')
    if first.shape[0] == 1 or first.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in first, made for float[:, :]; float[_, _] takes any'
        )
    if first.dtype != float:
        first = first.astype(float, casting='safe')
    if second.__class__ is not np.ndarray or second.ndim != 2:
        raise TypeError('second has to be float[:, :]')
    if second.shape[0] == 1 or second.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in second, made for float[:, :]; float[_, _] takes any'
        )
    if second.dtype != float:
        second = second.astype(float, casting='safe')
    if bias.__class__ is not np.ndarray or bias.ndim != 1:
        raise TypeError('bias has to be float[:]')
    if bias.shape[0] == 1:
        raise TypeError(
            'an axis of size 1 in bias, made for float[:]; float[_] takes any'
        )
    if bias.dtype != float:
        bias = bias.astype(float, casting='safe')
    if x.__class__ is not np.ndarray or x.ndim != 2:
        raise TypeError('x has to be float[:, :]')
    if x.shape[0] == 1 or x.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in x, made for float[:, :]; float[_, _] takes any'
        )
    if x.dtype != float:
        x = x.astype(float, casting='safe')
    # forward sweep
    h = x @ first
    h = h + bias
    h = np.tanh(h)
    h1 = h @ second
    a = h1**2
    b = np.mean(a)
    # reverse sweep
    h_bar = 2.0 / max(a.size, 1) * h1 @ second.T * (1.0 - h**2)
    bias_bar = np.sum(h_bar, 0)        # h = h + bias
    first_bar = x.T @ h_bar            # h = h + bias; h = x @ first
    return b, (first_bar, bias_bar)
