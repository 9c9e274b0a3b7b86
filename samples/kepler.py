"""Kepler's equation E - e*sin(E) = M, solved for E by Newton's method."""

import math


def eccentric_anomaly(eccentricity: float, mean_anomaly: float) -> float:
    anomaly = mean_anomaly
    step = 1.0
    while abs(step) > 1e-12:
        residual = anomaly - eccentricity * math.sin(anomaly) - mean_anomaly
        step = residual / (1.0 - eccentricity * math.cos(anomaly))
        anomaly -= step
    return anomaly
