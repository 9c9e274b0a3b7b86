import math


def lecture_taylor(x: float, order: int = 12):
    """Taylor coefficients of lecture in x, from 0 to order. Of a value a, a_series
    has those from 1 on, and a_prime each of them times its order.
    """
    if x.__class__ is not float:
        x = float(+x)
    if order.__class__ is not int:
        order = order.__index__()
    # values
    if order < 1:
        raise ValueError('order has to be at least 1')
    x_series = [1.0] + [0.0] * (order - 1)
    a = x**2
    b = math.exp(a)
    c = a + b
    d = math.sqrt(c)
    e = math.cos(c)
    f = d + e
    # coefficients
    g = math.sin(c)
    h = 0.5 / d
    b_series = []
    h_series = []
    d_series = []
    g_series = []
    e_series = []
    f_series = []
    a_prime = []
    c_prime = []
    for k in range(1, order + 1):
        a_k = 2.0 * x_series[k - 1] * x
        x_below = x_series[:k - 1]
        for x_i, x_j in zip(x_below, reversed(x_below)):
            a_k += x_i * x_j
        b_sum = 0.0
        for a_i, b_j in zip(a_prime, reversed(b_series)):
            b_sum += a_i * b_j
        b_k = a_k * b + b_sum / k
        c_k = a_k + b_k
        d_sum = 0.0
        for c_i, h_j in zip(c_prime, reversed(h_series)):
            d_sum += c_i * h_j
        d_k = c_k * h + d_sum / k
        e_sum = 0.0
        for c_i, g_j in zip(c_prime, reversed(g_series)):
            e_sum -= c_i * g_j
        e_k = e_sum / k - c_k * g
        h_k = -d_k * h
        for d_i, h_j in zip(d_series, reversed(h_series)):
            h_k -= d_i * h_j
        g_sum = 0.0
        for c_i, e_j in zip(c_prime, reversed(e_series)):
            g_sum += c_i * e_j
        b_series.append(b_k)
        h_series.append(h_k / d)
        d_series.append(d_k)
        g_series.append(c_k * e + g_sum / k)
        e_series.append(e_k)
        f_series.append(d_k + e_k)
        a_prime.append(k * a_k)
        c_prime.append(k * c_k)
    return [f] + f_series
