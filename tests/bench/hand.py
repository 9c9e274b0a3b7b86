"""The gradients of the samples as an expert writes them by hand.

They are the limit that the emitted functions are measured against, so they play by
the compiler's rules and leave out nothing that those allow:

- the returned value is the primal's to the bit: no operation is reassociated;
- the program is differentiated as it stands: no theorem about its result (implicit
  functions at a fixed point, the identity between the two terms of Black-Scholes);
- an int is taken for a float: one test of the class of each argument;
- everything shared is computed once, invariants leave the loops, adjoints that stay
  constant or zero are left out, and a pass records what is cheaper read than redone.
"""

from math import cos, erf, exp, log, pi, sin, sqrt

ROOT_2 = sqrt(2.0)
DENSITY = 1.0 / sqrt(2.0 * pi)


def f(x: float) -> tuple[float, float]:
    if x.__class__ is not float:
        x = float(x)
    a = x**2
    b = exp(a)
    c = a + b
    d = sqrt(c)
    return d + cos(c), (0.5 / d - sin(c)) * (1.0 + b) * 2.0 * x


def call_price(
    spot: float, strike: float, rate: float, volatility: float, maturity: float
) -> tuple[float, tuple[float, float, float, float, float]]:
    if not (
        spot.__class__
        is strike.__class__
        is rate.__class__
        is volatility.__class__
        is maturity.__class__
        is float
    ):
        spot, strike, rate = float(spot), float(strike), float(rate)
        volatility, maturity = float(volatility), float(maturity)
    root = sqrt(maturity)
    spread = volatility * root
    growth = rate + 0.5 * volatility**2
    d1 = (log(spot / strike) + growth * maturity) / spread
    d2 = d1 - spread
    u1 = d1 / ROOT_2
    u2 = d2 / ROOT_2
    cdf1 = 0.5 * (1.0 + erf(u1))
    cdf2 = 0.5 * (1.0 + erf(u2))
    discount = exp(-rate * maturity)
    present = strike * discount
    paid = present * cdf2

    d2_drop = present * DENSITY * exp(-u2 * u2)
    top_bar = (spot * DENSITY * exp(-u1 * u1) - d2_drop) / spread
    spread_bar = d2_drop - top_bar * d1
    growth_bar = top_bar * maturity
    return spot * cdf1 - paid, (
        cdf1 + top_bar / spot,
        -top_bar / strike - discount * cdf2,
        growth_bar + paid * maturity,
        growth_bar * volatility + spread_bar * root,
        top_bar * growth + paid * rate + spread_bar * volatility * 0.5 / root,
    )


def cubic_root(a: float, b: float) -> tuple[float, tuple[float, float]]:
    if not (a.__class__ is b.__class__ is float):
        a, b = float(a), float(b)
    x = 2.0
    previous = 0.0
    passes = []
    while abs(x - previous) > 1e-12:
        previous = x
        slope = 3.0 * x**2 - a
        step = (x**3 - a * x - b) / slope
        passes.append((x, slope, step))
        x = x - step

    x_bar = 1.0
    a_bar = 0.0
    b_bar = 0.0
    for x_i, slope, step in reversed(passes):
        residual_drop = x_bar / slope
        slope_bar = residual_drop * step
        a_bar += residual_drop * x_i - slope_bar
        b_bar += residual_drop
        x_bar += slope_bar * 6.0 * x_i - residual_drop * slope
    return x, (a_bar, b_bar)


def eccentric_anomaly(
    eccentricity: float, mean_anomaly: float
) -> tuple[float, tuple[float, float]]:
    if not (eccentricity.__class__ is mean_anomaly.__class__ is float):
        eccentricity, mean_anomaly = float(eccentricity), float(mean_anomaly)
    anomaly = mean_anomaly
    step = 1.0
    passes = []
    while abs(step) > 1e-12:
        sine = sin(anomaly)
        cosine = cos(anomaly)
        slope = 1.0 - eccentricity * cosine
        step = (anomaly - eccentricity * sine - mean_anomaly) / slope
        passes.append((sine, cosine, slope, step))
        anomaly -= step

    anomaly_bar = 1.0
    eccentricity_bar = 0.0
    mean_bar = 0.0
    for sine, cosine, slope, step in reversed(passes):
        residual_drop = anomaly_bar / slope
        slope_bar = residual_drop * step
        eccentricity_bar += residual_drop * sine - slope_bar * cosine
        mean_bar += residual_drop
        anomaly_bar += slope_bar * eccentricity * sine - residual_drop * slope
    return anomaly, (eccentricity_bar, mean_bar + anomaly_bar)


def rosenbrock(start: float, ratio: float, n: int) -> tuple[float, tuple[float, float]]:
    x = start
    total = 0.0
    points = []
    for _ in range(n):
        points.append(x)
        following = ratio * x
        total += 100.0 * (following - x**2) ** 2 + (1.0 - x) ** 2
        x = following

    x_bar = 0.0
    ratio_bar = 0.0
    for x in reversed(points):
        gap_bar = 200.0 * (ratio * x - x * x)
        x_bar += gap_bar
        ratio_bar += x_bar * x
        x_bar = x_bar * ratio - 2.0 * (gap_bar * x + (1.0 - x))
    return total, (x_bar, ratio_bar)


def lorenz(sigma: float, rho: float, beta: float) -> tuple[float, tuple[float, float, float]]:
    x, y, z = 1.0, 1.0, 1.0
    h = 0.01
    half = 0.5 * h
    sixth = h / 6.0
    passes = []
    for _ in range(1000):
        dx1 = sigma * (y - x)
        dy1 = x * (rho - z) - y
        dz1 = x * y - beta * z

        x2 = x + half * dx1
        y2 = y + half * dy1
        z2 = z + half * dz1
        dx2 = sigma * (y2 - x2)
        dy2 = x2 * (rho - z2) - y2
        dz2 = x2 * y2 - beta * z2

        x3 = x + half * dx2
        y3 = y + half * dy2
        z3 = z + half * dz2
        dx3 = sigma * (y3 - x3)
        dy3 = x3 * (rho - z3) - y3
        dz3 = x3 * y3 - beta * z3

        x4 = x + h * dx3
        y4 = y + h * dy3
        z4 = z + h * dz3
        dx4 = sigma * (y4 - x4)
        dy4 = x4 * (rho - z4) - y4
        dz4 = x4 * y4 - beta * z4

        passes.append((x, y, z, x2, y2, z2, x3, y3, z3, x4, y4, z4))
        x += sixth * (dx1 + 2.0 * dx2 + 2.0 * dx3 + dx4)
        y += sixth * (dy1 + 2.0 * dy2 + 2.0 * dy3 + dy4)
        z += sixth * (dz1 + 2.0 * dz2 + 2.0 * dz3 + dz4)
    value = x

    third = 2.0 * sixth
    sigma_bar = rho_bar = beta_bar = 0.0
    x_bar, y_bar, z_bar = 1.0, 0.0, 0.0
    for x, y, z, x2, y2, z2, x3, y3, z3, x4, y4, z4 in reversed(passes):
        dx_edge = sixth * x_bar
        dy_edge = sixth * y_bar
        dz_edge = sixth * z_bar
        dx_middle = third * x_bar
        dy_middle = third * y_bar
        dz_middle = third * z_bar

        flow = sigma * dx_edge
        pull = x4 * dy_edge
        sigma_bar += dx_edge * (y4 - x4)
        rho_bar += pull
        beta_bar -= dz_edge * z4
        x4_bar = (rho - z4) * dy_edge + y4 * dz_edge - flow
        y4_bar = flow - dy_edge + x4 * dz_edge
        z4_drop = pull + beta * dz_edge

        dx_bar = dx_middle + h * x4_bar
        dy_bar = dy_middle + h * y4_bar
        dz_bar = dz_middle - h * z4_drop
        flow = sigma * dx_bar
        pull = x3 * dy_bar
        sigma_bar += dx_bar * (y3 - x3)
        rho_bar += pull
        beta_bar -= dz_bar * z3
        x3_bar = (rho - z3) * dy_bar + y3 * dz_bar - flow
        y3_bar = flow - dy_bar + x3 * dz_bar
        z3_drop = pull + beta * dz_bar

        dx_bar = dx_middle + half * x3_bar
        dy_bar = dy_middle + half * y3_bar
        dz_bar = dz_middle - half * z3_drop
        flow = sigma * dx_bar
        pull = x2 * dy_bar
        sigma_bar += dx_bar * (y2 - x2)
        rho_bar += pull
        beta_bar -= dz_bar * z2
        x2_bar = (rho - z2) * dy_bar + y2 * dz_bar - flow
        y2_bar = flow - dy_bar + x2 * dz_bar
        z2_drop = pull + beta * dz_bar

        dx_bar = dx_edge + half * x2_bar
        dy_bar = dy_edge + half * y2_bar
        dz_bar = dz_edge - half * z2_drop
        flow = sigma * dx_bar
        pull = x * dy_bar
        sigma_bar += dx_bar * (y - x)
        rho_bar += pull
        beta_bar -= dz_bar * z
        x_bar += (rho - z) * dy_bar + y * dz_bar - flow + x2_bar + x3_bar + x4_bar
        y_bar += flow - dy_bar + x * dz_bar + y2_bar + y3_bar + y4_bar
        z_bar -= pull + beta * dz_bar + z2_drop + z3_drop + z4_drop
    return value, (sigma_bar, rho_bar, beta_bar)
