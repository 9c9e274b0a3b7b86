import math


def kinks_hessian(x: float, w: float):
    """Gradient and Hessian of kinks in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    a = max(x, w)
    h = abs(x)
    c = min(x, 2.0)
    d = math.hypot(x, w)
    h_dx = math.copysign(1.0, x) if x else 0.0
    b = 0.0 if x != c else 0.5 if 2.0 == c else 1.0
    d_dx = x / d if d else 0.0
    if d:
        g = w / d
        e = x / d
        i = 1.0 / d - d_dx / d * e
        m = -g / d * e
        f = w / d
        o = -d_dx / d * f
        q = 1.0 / d - g / d * f
    else:
        e = 0.0
        i = 0.0
        m = 0.0
        f = 0.0
        o = 0.0
        q = 0.0
    if x != c:
        h = 0.0
        h_dx = 0.0
    elif 2.0 == c:
        h *= 0.5
        h_dx *= 0.5
    if x:
        k = math.copysign(1.0, x)
        j = c * k
        j_dx = b * k
    else:
        j = 0.0
        j_dx = 0.0
    if x != a:
        n = 0.0
    else:
        n = 0.5 if w == a else 1.0
    if w != a:
        p = 0.0
    else:
        p = 0.5 if x == a else 1.0
    x_bar = e + h + j + n
    w_bar = f + p
    x_bar_dx = i + h_dx + j_dx
    r = 0.5 * (m + o)
    return (x_bar, w_bar), ((x_bar_dx, r), (r, q))
