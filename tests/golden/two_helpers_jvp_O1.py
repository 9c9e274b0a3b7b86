import math


def smooth_jvp(x, x_dot):
    """smooth, and its tangent."""
    total = 0.0
    total_dot = 0.0
    for k in range(1, 5):
        a = -k * x
        b = math.exp(a * x)
        c = b / k
        total = total + c
        total_dot += 2.0 * x_dot * a * b / k
    return total, total_dot


def two_helpers_jvp(x: float, x_dot: float):
    """Value of two_helpers, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    a, a_dot = smooth_jvp(x, x_dot)
    b = 2.0 * x
    c, c_dot = smooth_jvp(b, x_dot * 2.0)
    d = a * c
    d_dot = a_dot * c + c_dot * a
    return d, d_dot
