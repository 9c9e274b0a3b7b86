

def newton_sqrt_jvp(a: float, a_dot: float):
    """Value of newton_sqrt, and its derivative in a times a_dot."""
    if not (a.__class__ is a_dot.__class__ is float):
        a, a_dot = float(+a), float(+a_dot)
    x = a
    x_dot = a_dot
    while abs(x * x - a) > 1e-12:
        b = a / x
        x_dot = (x_dot + (a_dot / x - x_dot / x * b)) * 0.5
        x = 0.5 * (x + b)
    return x, x_dot
