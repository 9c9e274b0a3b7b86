import math


def kinks_grad(x: float, w: float):
    """Value of kinks, and its derivative in x, w."""
    if not (x.__class__ is w.__class__ is float):
        x, w = float(+x), float(+w)
    # forward sweep
    a = max(x, w)
    b = abs(x)
    c = min(x, 2.0)
    d = math.hypot(x, w)
    e = a + b * c + d
    # reverse sweep
    f = (x / d if d else 0.0) + (0.0 if x != c else b * 0.5 if 2.0 == c else b)
    x_bar = (
        f
        + (c * math.copysign(1.0, x) if x else 0.0)
        + (0.0 if x != a else 0.5 if w == a else 1.0)
    )
    w_bar = (w / d if d else 0.0) + (0.0 if w != a else 0.5 if x == a else 1.0)
    return e, (x_bar, w_bar)
