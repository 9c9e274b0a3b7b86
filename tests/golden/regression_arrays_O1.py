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


def regression_grad(X: 'float[:, :]', y: 'float[:]'):
    """Value of regression, and its derivative in X, y."""
    if X.__class__ is not np.ndarray or X.ndim != 2:
        raise TypeError('X has to be float[:, :]')
    if X.dtype != float:
        X = X.astype(float, casting='safe')
    if y.__class__ is not np.ndarray or y.ndim != 1:
        raise TypeError('y has to be float[:]')
    if y.dtype != float:
        y = y.astype(float, casting='safe')
    # forward sweep
    a = X.T
    b = a @ X
    c = X.T
    d = c @ y
    beta = np.linalg.solve(b, d)
    e = X @ beta
    residual = y - e
    f = residual @ residual
    # reverse sweep
    residual_bar = 2.0 * residual                      # f = residual @ residual
    g = y.shape                                        # residual = y - e
    e_bar = _sum_to(-residual_bar, e.shape)            # residual = y - e
    h = X.shape                                        # e = X @ beta
    i = np.linalg.solve(b.T, a @ e_bar)
    b_bar = _sum_to(-np.outer(i, beta), b.shape)       # beta = np.linalg.solve(b, d)
    d_bar = _sum_to(i, d.shape)                        # beta = np.linalg.solve(b, d)
    y_bar = _sum_to(residual_bar, g) + _sum_to(c.T @ d_bar, g)
    X_bar = (
        _sum_to(np.outer(e_bar, beta), h)
        + _sum_to(_sum_to(np.outer(d_bar, y), c.shape).T, h)
    )
    X_bar = X_bar + _sum_to(a.T @ b_bar, h)            # b = a @ X
    X_bar = X_bar + _sum_to((b_bar @ a).T, h)          # b = a @ X; a = X.T
    return f, (X_bar, y_bar)
