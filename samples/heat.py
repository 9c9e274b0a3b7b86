"""A rod's temperature at the start, recovered from what was measured 200 time steps later."""

import numpy as np


def diffuse(u: np.ndarray, steps: int, r: float) -> None:
    """Explicit steps of the heat equation, in place; the ends keep their temperature."""
    for _ in range(steps):
        u[1:-1] += r * (u[2:] - 2.0 * u[1:-1] + u[:-2])


def misfit(u0: np.ndarray, measured: np.ndarray, steps: int, r: float) -> float:
    u = u0.copy()
    diffuse(u, steps, r)
    return np.sum((u - measured) ** 2)


def main() -> None:
    from samples.heat_grad import misfit_grad

    x = np.linspace(0.0, 1.0, 101)
    truth = np.exp(-100.0 * (x - 0.35) ** 2) + 0.6 * np.exp(-150.0 * (x - 0.7) ** 2)
    steps, r = 200, 0.4
    measured = truth.copy()
    diffuse(measured, steps, r)

    # Conjugate gradients on the normal equations, as the misfit is quadratic.
    u = np.zeros_like(x)
    loss, gradient = misfit_grad(u, measured, steps, r)
    direction = -gradient
    for _ in range(200):
        curvature = misfit_grad(u + direction, measured, steps, r)[1] - gradient
        u += -(gradient @ direction) / (curvature @ direction) * direction
        loss, following = misfit_grad(u, measured, steps, r)
        direction = -following + (following @ following) / (gradient @ gradient) * direction
        gradient = following
    print(f"misfit {loss:.1e}, largest error of the recovered start {abs(u - truth).max():.1e}")


if __name__ == "__main__":
    main()
