import math


def guarded_jvp(x: float, x_dot: float):
    """Value of guarded, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    # values
    if x < 0.0:
        raise ValueError(f'negative: {x}')
    a = math.sqrt(x)
    b = 1.0 + x
    c = x / b
    d = math.asin(c)
    e = a + d
    # tangents
    f = x_dot / b      # c = x / b
    c_dot = f - f * c  # c = x / b
    g = (
        c_dot / math.sqrt((1.0 - c) * (1.0 + c))
        if abs(c) != 1.0
        else c_dot * math.inf
        if c_dot
        else 0.0
    )
    e_dot = (x_dot * (0.5 / a) if a else x_dot * math.inf if x_dot else 0.0) + g
    return e, e_dot
