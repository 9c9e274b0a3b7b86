"""Rates of a chain of reactions, fitted by SciPy to what was measured.

The state is advanced in place, the way such code is written.
"""

import numpy as np

TIMES = np.linspace(0.0, 10.0, 41)
STEPS = 20


def concentrations(rates: np.ndarray) -> np.ndarray:
    """A -> B -> C, with a way back from B to A, by Heun's method."""
    states = np.zeros((TIMES.size, 3))
    states[0, 0] = 1.0
    state = states[0].copy()
    flow = np.zeros(3)
    for n in range(1, TIMES.size):
        h = (TIMES[n] - TIMES[n - 1]) / STEPS
        for _ in range(STEPS):
            there, back, on = rates[0] * state[0], rates[1] * state[1], rates[2] * state[1]
            flow[0], flow[1], flow[2] = back - there, there - back - on, on
            middle = state + h * flow
            there, back, on = rates[0] * middle[0], rates[1] * middle[1], rates[2] * middle[1]
            flow[0] += back - there
            flow[1] += there - back - on
            flow[2] += on
            state += 0.5 * h * flow
        states[n] = state
    return states


def misfit(log_rates: np.ndarray, measured: np.ndarray) -> float:
    return np.sum((concentrations(np.exp(log_rates)) - measured) ** 2)


def main() -> None:
    from scipy.optimize import minimize

    from s2sad import value_and_grad

    truth = np.array([1.5, 0.3, 0.8])
    noise = 0.01 * np.random.default_rng(0).normal(size=(TIMES.size, 3))
    measured = concentrations(truth) + noise
    fit = minimize(value_and_grad(misfit), np.zeros(3), (measured,), jac=True)
    print(f"{fit.message} {fit.nfev} values and gradients, misfit {fit.fun:.4f}")
    print("rates", *np.round(np.exp(fit.x), 3), "where", *truth, "were put in")


if __name__ == "__main__":
    main()
