"""The samples' loops in JAX's own words, as `jit` wants them.

Unrolled by tracing, 1000 Runge-Kutta steps would take hours to compile. JAX refuses to
reverse a `while_loop`, so that the two iterations to convergence are stated as
`fori_loop`s over as many passes as the benchmark's arguments need: less than the
samples do, in JAX's favour.
"""

from collections.abc import Callable
from typing import Any

NEWTON_PASSES = 6
KEPLER_PASSES = 5


def loops(jax: Any) -> dict[str, tuple[Callable[..., Any], str]]:
    fori_loop = jax.lax.fori_loop
    bounded = "its while as a fori_loop of {} passes: while_loop has no reverse mode"

    def cubic_root(a: Any, b: Any) -> Any:
        def step(_: Any, x: Any) -> Any:
            return x - (x**3 - a * x - b) / (3.0 * x**2 - a)

        return fori_loop(0, NEWTON_PASSES, step, 2.0)

    def eccentric_anomaly(eccentricity: Any, mean_anomaly: Any) -> Any:
        def step(_: Any, anomaly: Any) -> Any:
            residual = anomaly - eccentricity * jax.numpy.sin(anomaly) - mean_anomaly
            return anomaly - residual / (1.0 - eccentricity * jax.numpy.cos(anomaly))

        return fori_loop(0, KEPLER_PASSES, step, mean_anomaly)

    def rosenbrock(start: Any, ratio: Any, n: int) -> Any:
        def step(_: Any, carry: tuple[Any, Any]) -> tuple[Any, Any]:
            x, total = carry
            following = ratio * x
            gap = following - x**2
            return following, total + 100.0 * gap**2 + (1.0 - x) ** 2

        return fori_loop(0, n, step, (start, 0.0))[1]

    def lorenz(sigma: Any, rho: Any, beta: Any) -> Any:
        def velocity(point: list[Any]) -> list[Any]:
            x, y, z = point
            return [sigma * (y - x), x * (rho - z) - y, x * y - beta * z]

        def along(point: list[Any], h: float, slope: list[Any]) -> list[Any]:
            return [p + h * s for p, s in zip(point, slope, strict=True)]

        def step(_: Any, point: list[Any]) -> list[Any]:
            h = 0.01
            k1 = velocity(point)
            k2 = velocity(along(point, 0.5 * h, k1))
            k3 = velocity(along(point, 0.5 * h, k2))
            k4 = velocity(along(point, h, k3))
            slopes = zip(k1, k2, k3, k4, strict=True)
            mean = [a + 2.0 * b + 2.0 * c + d for a, b, c, d in slopes]
            return along(point, h / 6.0, mean)

        return fori_loop(0, 1000, step, [1.0, 1.0, 1.0])[0]

    return {
        "newton": (cubic_root, bounded.format(NEWTON_PASSES)),
        "kepler": (eccentric_anomaly, bounded.format(KEPLER_PASSES)),
        "rosenbrock": (rosenbrock, "its for as a fori_loop"),
        "lorenz": (lorenz, "its for as a fori_loop"),
    }
