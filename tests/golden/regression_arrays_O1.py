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
    residual_bar = 2.0 * residual              # f = residual @ residual
    d_bar = np.linalg.solve(b.T, -(a @ residual_bar))
    y_bar = residual_bar + c.T @ d_bar         # d = c @ y
    g = a.T                                    # b = a @ X
    X_bar = (
        np.outer(y, d_bar)
        - np.outer(residual_bar, beta)
        - g @ np.outer(d_bar, beta)
        - g @ np.outer(beta, d_bar)
    )
    return f, (X_bar, y_bar)
