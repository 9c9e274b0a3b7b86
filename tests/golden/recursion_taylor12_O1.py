

def factorial_taylor(n, x, x_series, order):
    """factorial, and its Taylor coefficients from the first on."""
    if n == 0:
        d_series = [0.0] * order
        result = 1.0
    else:
        a = x + n
        b = n - 1
        c, c_series = factorial_taylor(b, x, x_series, order)
        result = a * c
        d_series = []
        for k in range(1, order + 1):
            d_k = x_series[k - 1] * c + a * c_series[k - 1]
            for a_i, c_j in zip(x_series[:k - 1], reversed(c_series[:k - 1])):
                d_k += a_i * c_j
            d_series.append(d_k)
    return result, d_series


def recursion_taylor(x: float, n: int, order: int = 12):
    """Taylor coefficients of recursion in x, from 0 to order. Of a value a,
    a_series has those from 1 on, and a_prime each of them times its order.
    """
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    if order.__class__ is not int:
        order = order.__index__()
    if order < 1:
        raise ValueError('order has to be at least 1')
    x_series = [1.0] + [0.0] * (order - 1)
    a, a_series = factorial_taylor(n, x, x_series, order)
    b = a * x
    b_series = []
    for k in range(1, order + 1):
        b_k = a_series[k - 1] * x + a * x_series[k - 1]
        for a_i, x_j in zip(a_series[:k - 1], reversed(x_series[:k - 1])):
            b_k += a_i * x_j
        b_series.append(b_k)
    return [b] + b_series
