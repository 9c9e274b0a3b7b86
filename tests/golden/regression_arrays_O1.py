import numpy as np


def regression_grad(X: 'float[:, :]', y: 'float[:]'):
    """Value of regression, and its derivative in X, y."""
    if X.__class__ is not np.ndarray or X.ndim != 2:
        raise TypeError('X has to be float[:, :]')
    if X.shape[0] == 1 or X.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in X, made for float[:, :]; float[_, _] takes any'
        )
    if X.dtype != float:
        X = X.astype(float, casting='safe')
    if y.__class__ is not np.ndarray or y.ndim != 1:
        raise TypeError('y has to be float[:]')
    if y.shape[0] == 1:
        raise TypeError('an axis of size 1 in y, made for float[:]; float[_] takes any')
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
    residual_bar = 2.0 * residual                              # f = residual @ residual
    e_bar = -residual_bar                                      # residual = y - e
    d_bar = np.linalg.solve(b.T, a @ e_bar)
    b_bar = -np.outer(d_bar, beta)                             # beta = np.linalg.solve(b, d)
    y_bar = residual_bar + c.T @ d_bar                         # d = c @ y
    X_bar = np.outer(e_bar, beta) + np.outer(y, d_bar)         # e = X @ beta; c = X.T
    X_bar = X_bar + a.T @ b_bar                                # b = a @ X
    X_bar = X_bar + (b_bar @ a).T                              # b = a @ X; a = X.T
    return f, (X_bar, y_bar)
