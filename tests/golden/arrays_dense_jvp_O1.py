import numpy as np


def dense_jvp(
    weights: 'float[:, :]',
    bias: 'float[:]',
    x: 'float[:, :]',
    weights_dot: 'float[:, :]',
    bias_dot: 'float[:]',
):
    """Value of dense, and its derivative in the direction weights_dot, bias_dot."""
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
    if weights_dot.__class__ is not np.ndarray:
        raise TypeError('weights_dot has to be float[:, :]')
    if weights_dot.dtype != float:
        weights_dot = weights_dot.astype(float, casting='safe')
    if bias_dot.__class__ is not np.ndarray:
        raise TypeError('bias_dot has to be float[:]')
    if bias_dot.dtype != float:
        bias_dot = bias_dot.astype(float, casting='safe')
    if weights_dot.shape != weights.shape:
        raise ValueError('weights_dot has to have the shape of weights')
    if bias_dot.shape != bias.shape:
        raise ValueError('bias_dot has to have the shape of bias')
    a = x @ weights
    a_dot = x @ weights_dot
    b = a + bias
    b_dot = a_dot + bias_dot
    h = np.maximum(b, 0.0)
    h_dot = b_dot * np.heaviside(b, 0.5)
    c = h**2
    c_dot = h_dot * 2.0 * h
    d = np.mean(c)
    d_dot = np.mean(c_dot)
    return d, d_dot
