"""Programs whose emitted gradients are kept beside them, to the byte."""

import math

GRAVITY = 9.81


def lecture(x):  # type: ignore[no-untyped-def]
    return math.sqrt(x**2 + math.exp(x**2)) + math.cos(x**2 + math.exp(x**2))


def power_loop(x, n: int):  # type: ignore[no-untyped-def]
    y = 1.0
    for _ in range(n):
        y = y * x
    return y


def named_steps(x: float, w: float) -> float:
    t = x * w
    t = math.sin(t) + t
    u = t / (1.0 + t * t)
    return u * x


def branches(x: float) -> float:
    if x > 1.0:
        y = math.log(x)
    elif x > 0.0:
        y = x * x
    else:
        y = -x
    return y * 3.0


def guarded(x: float) -> float:
    if x < 0.0:
        raise ValueError(f"negative: {x}")
    return math.sqrt(x) + math.asin(x / (1.0 + x))


def early_return(x: float, n: int) -> float:
    y = x
    for i in range(n):
        for j in range(i):
            y = y * x + 0.1 * j
            if y > 10.0:
                return y * x
        y = y + x
    return y


def newton_sqrt(a: float) -> float:
    x = a
    while abs(x * x - a) > 1e-12:
        x = 0.5 * (x + a / x)
    return x


def doubling(x: float) -> float:
    while x < 100.0:
        x = 2.0 * x
    return x


def triple_nest(x: float, n: int) -> float:
    s = 0.0
    for i in range(n):
        for j in range(i):
            for k in range(j):
                s = s * 0.5 + math.sin(x * s + k)
            s = s + x
    return s


def factorial(n: int, x: float) -> float:
    if n == 0:
        return 1.0
    return (x + n) * factorial(n - 1, x)


def recursion(x: float, n: int) -> float:
    return factorial(n, x) * x


def polynomial(x, coefficient=2.0):  # type: ignore[no-untyped-def]
    return coefficient * x**3 - x**2 + GRAVITY


def two_helpers(x: float) -> float:
    return smooth(x) * smooth(2.0 * x)


def smooth(x: float) -> float:
    total = 0.0
    for k in range(1, 5):
        total += math.exp(-k * x * x) / k
    return total


def kinks(x: float, w: float) -> float:
    return max(x, w) + abs(x) * min(x, 2.0) + math.hypot(x, w)


def swap(x: float, n: int) -> float:
    a, b = x, 1.0
    for _ in range(n):
        a, b = b, a + b * x
    return a


def recovered(x: float, w: float) -> float:
    try:
        y = math.log(x)
    except ValueError:
        y = w * x
    return y * y


def until_it_fails(x: float, n: int) -> float:
    total = 1.0
    try:
        for i in range(n):
            total = total * x
            total = total + math.sqrt(3.0 - i - x)
    except ValueError:
        total = total * total
    return total


def limited(x: float, n: int) -> float:
    k = 0
    while k < n and abs(x) > 0.1 and not (x > 3.0 or x < -3.0):
        x -= 0.3 * math.sin(x)
        k += 1
    if k < n and x > 0.0:
        x = k * x * x
    return x * k
