"""Rosenbrock's function along a geometric chain of points."""


def rosenbrock(start: float, ratio: float, n: int) -> float:
    """Sum of 100*(x[i+1] - x[i]**2)**2 + (1 - x[i])**2, x[i] = start * ratio**i."""
    x = start
    total = 0.0
    for _ in range(n):
        following = ratio * x
        total += 100.0 * (following - x**2) ** 2 + (1.0 - x) ** 2
        x = following
    return total
