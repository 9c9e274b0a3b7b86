import math


def kinks_hessian(x: float, w: float):
    """Gradient and Hessian of kinks in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    a = max(x, w)
    j = abs(x)
    c = min(x, 2.0)
    d = math.hypot(x, w)
    j_dx = math.copysign(1.0, x) if x else 0.0
    b = 0.0 if x != c else 0.5 if 2.0 == c else 1.0
    d_dx = x / d if d else 0.0
    d_dw = w / d if d else 0.0
    if d:
        e = x / d
        e_dx = 1.0 / d - d_dx / d * e
        e_dw = -d_dw / d * e
    else:
        e = 0.0
        e_dx = 0.0
        e_dw = 0.0
    if d:
        g = w / d
        g_dx = -d_dx / d * g
        g_dw = 1.0 / d - d_dw / d * g
    else:
        g = 0.0
        g_dx = 0.0
        g_dw = 0.0
    if x != c:
        j = 0.0
        j_dx = 0.0
    elif 2.0 == c:
        j *= 0.5
        j_dx *= 0.5
    if x:
        n = math.copysign(1.0, x)
        m = c * n
        m_dx = b * n
    else:
        m = 0.0
        m_dx = 0.0
    if x != a:
        p = 0.0
    else:
        p = 0.5 if w == a else 1.0
    if w != a:
        r = 0.0
    else:
        r = 0.5 if x == a else 1.0
    t = e + j
    u = t + m
    x_bar = u + p
    w_bar = g + r
    t_dx = e_dx + j_dx
    u_dx = t_dx + m_dx
    g_dx = 0.5 * (e_dw + g_dx)
    return (x_bar, w_bar), ((u_dx, g_dx), (g_dx, g_dw))
