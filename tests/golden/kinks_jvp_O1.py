import math


def kinks_jvp(x: float, w: float, x_dot: float, w_dot: float):
    """Value of kinks, and its derivative in the direction x_dot, w_dot."""
    if not (x.__class__ is w.__class__ is x_dot.__class__ is w_dot.__class__ is float):
        x, w, x_dot, w_dot = float(+x), float(+w), float(+x_dot), float(+w_dot)
    # values
    a = max(x, w)
    b = abs(x)
    c = min(x, 2.0)
    d = b * c
    e = a + d
    f = math.hypot(x, w)
    g = e + f
    # tangents
    h = 0.0 if w != a else w_dot * 0.5 if x == a else w_dot                    # a = max(x, w)
    a_dot = (0.0 if x != a else x_dot * 0.5 if w == a else x_dot) + h          # a = max(x, w)
    i = (0.0 if x != c else x_dot * 0.5 if 2.0 == c else x_dot) * b
    d_dot = (x_dot * math.copysign(1.0, x) if x else 0.0) * c + i
    e_dot = a_dot + d_dot                                                      # e = a + d
    f_dot = (x_dot / f * x if f else 0.0) + (w_dot / f * w if f else 0.0)      # f = hypot(x, w)
    g_dot = e_dot + f_dot                                                      # g = e + f
    return g, g_dot
