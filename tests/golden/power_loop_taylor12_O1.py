

def power_loop_taylor(x: float, n: int, order: int = 12):
    """Taylor coefficients of power_loop in x, from 0 to order. Of a value a,
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
    y_series = [0.0] * order
    y = 1.0
    for _ in range(n):
        y_series1 = []
        for k in range(1, order + 1):
            y_k = y_series[k - 1] * x + y * x_series[k - 1]
            for y_i, x_j in zip(y_series[:k - 1], reversed(x_series[:k - 1])):
                y_k += y_i * x_j
            y_series1.append(y_k)
        y = y * x
        y_series = y_series1
    return [y] + y_series
