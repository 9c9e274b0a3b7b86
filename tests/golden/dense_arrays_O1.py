import numpy as np


def dense_grad(weights: 'float[:, :]', bias: 'float[:]', x: 'float[:, :]'):
    """Value of dense, and its derivative in weights, bias."""
    if weights.__class__ is not np.ndarray or weights.ndim != 2:
        raise TypeError('weights has to be float[:, :]')
    if weights.shape[0] == 1 or weights.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in weights, made for float[:, :]; float[_, _] takes any'
        )
    if weights.dtype != float:
        weights = weights.astype(float, casting='safe')
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
    a = x @ weights
    b = a + bias
    h = np.maximum(b, 0.0)
    c = h**2
    d = np.mean(c)
    # reverse sweep
    b_bar = 2.0 / max(c.size, 1) * h * np.heaviside(b, 0.5)
    bias_bar = np.sum(b_bar, 0)        # b = a + bias
    weights_bar = x.T @ b_bar          # b = a + bias; a = x @ weights
    return d, (weights_bar, bias_bar)
