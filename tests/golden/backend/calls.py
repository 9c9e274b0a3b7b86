import math


def g(x):
    y = x * x
    z = math.sin(x)
    return y, (z, x)


def f(x: float, n: int = 3):
    a, (_, _) = g(x)
    _, (e, _) = g(a)
    g1 = G if G.__class__ is float else float(+G)
    h = g1 * RATE
    m = max(a, e, 1e+300)
    q = m * -2.0
    q2 = q**2.0
    inf = q2 + -math.inf
    return e + h, (a, inf)
