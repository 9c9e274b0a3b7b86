import math


def kinks_jvp(x: float, w: float, x_dot: float, w_dot: float):
    """Value of kinks, and its derivative in the direction x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    # values
    a = max(x, w)
    b = abs(x)
    c = min(x, 2.0)
    d = math.hypot(x, w)
    e = a + b * c + d
    # tangents
    f = 0.0 if w != a else w_dot * 0.5 if x == a else w_dot            # a = max(x, w)
    g = (0.0 if x != a else x_dot * 0.5 if w == a else x_dot) + f      # a = max(x, w)
    h = (0.0 if x != c else x_dot * 0.5 if 2.0 == c else x_dot) * b    # c = min(x, 2.0)
    i = (x_dot / d * x if d else 0.0) + (w_dot / d * w if d else 0.0)  # d = hypot(x, w)
    e_dot = g + ((x_dot * math.copysign(1.0, x) if x else 0.0) * c + h) + i
    return e, e_dot
