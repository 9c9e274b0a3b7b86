"""The Lorenz system by the classical Runge-Kutta method."""


def lorenz(sigma: float, rho: float, beta: float) -> float:
    """x after 1000 steps of size 0.01 from (1, 1, 1)."""
    x, y, z = 1.0, 1.0, 1.0
    h = 0.01
    for _ in range(1000):
        dx1 = sigma * (y - x)
        dy1 = x * (rho - z) - y
        dz1 = x * y - beta * z

        x2 = x + 0.5 * h * dx1
        y2 = y + 0.5 * h * dy1
        z2 = z + 0.5 * h * dz1
        dx2 = sigma * (y2 - x2)
        dy2 = x2 * (rho - z2) - y2
        dz2 = x2 * y2 - beta * z2

        x3 = x + 0.5 * h * dx2
        y3 = y + 0.5 * h * dy2
        z3 = z + 0.5 * h * dz2
        dx3 = sigma * (y3 - x3)
        dy3 = x3 * (rho - z3) - y3
        dz3 = x3 * y3 - beta * z3

        x4 = x + h * dx3
        y4 = y + h * dy3
        z4 = z + h * dz3
        dx4 = sigma * (y4 - x4)
        dy4 = x4 * (rho - z4) - y4
        dz4 = x4 * y4 - beta * z4

        x += h / 6.0 * (dx1 + 2.0 * dx2 + 2.0 * dx3 + dx4)
        y += h / 6.0 * (dy1 + 2.0 * dy2 + 2.0 * dy3 + dy4)
        z += h / 6.0 * (dz1 + 2.0 * dz2 + 2.0 * dz3 + dz4)
    return x
