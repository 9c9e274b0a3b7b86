"""A root of a cubic by Newton's method, iterated until it converges."""


def cubic_root(a: float, b: float) -> float:
    """The root of x**3 - a*x - b = 0 that the iteration from x = 2 reaches."""
    x = 2.0
    previous = 0.0
    while abs(x - previous) > 1e-12:
        previous = x
        x = x - (x**3 - a * x - b) / (3.0 * x**2 - a)
    return x
