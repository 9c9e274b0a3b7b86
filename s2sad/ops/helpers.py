"""Functions that `math` lacks, as source text that is pasted into the output.

`_polygamma(n, x)` is the n-th derivative of the digamma function: the recurrence up to
an argument where the asymptotic series ends below rounding; for negative arguments the
reflection, with the derivatives of the cotangent as polynomials in it. Sources: NIST
Digital Library of Mathematical Functions, 5.5.2, 5.11.2, 5.15.5, 5.15.6 and 5.15.8;
Abramowitz & Stegun, 6.3 and 6.4.
"""

from __future__ import annotations

_POLYGAMMA = '''\
def _polygamma(n: int, x: float) -> float:
    """The n-th derivative of digamma at x (DLMF 5.15)."""
    if x == -math.inf:
        return math.nan
    if x <= 0.0:
        r = math.remainder(x, 1.0)
        if abs(r) > 0.25:
            cot = math.copysign(math.tan(math.pi * (0.5 - abs(r))), r)
        else:
            cot = 1.0 / math.tan(math.pi * r)
        powers = [0, 1]
        for _ in range(n):
            slope = [k * a for k, a in enumerate(powers)][1:]
            powers = [-a - b for a, b in zip([*slope, 0, 0], [0, 0, *slope])]
        value = float(powers.pop())
        while powers:
            value = value * cot + powers.pop()
        return (-1) ** n * _polygamma(n, 1.0 - x) - math.pi ** (n + 1) * value
    total = 0.0
    while x < 12 + n:
        power = x ** (n + 1)
        total += 1.0 / power if power else math.inf
        x += 1.0
    r = 1.0 / x
    total = (total + 0.5 * r ** (n + 1)) * math.factorial(n)
    even = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510)
    for k, b in enumerate(even, 1):  # the Bernoulli numbers of index 2k
        weight = math.factorial(2 * k + n - 1) / math.factorial(2 * k)
        total += b * weight * r ** (2 * k + n)
    total += math.factorial(n - 1) * r**n if n else -math.log(x)
    return total if n % 2 else -total
'''

_REVOLVE = """\
def _revolve(start: int, stop: int, size: int, free: int) -> int:
    \"\"\"The pass before which a state is kept next, where those from `start` to `stop` are
    to be reversed, `size` at once, and `free` more states can be kept: the choice that
    makes the fewest passes (Griewank & Walther 2000).\"\"\"
    parts = -(-(stop - start) // size)
    times, less, most = 0, 0, 1  # most parts, if each is made `times` again; once less: less
    while most < parts:
        times += 1
        less, most = most, most * (free + 1 + times) // times
    before = less * (times - 1) // (free + times)
    after = most * (free + 1) // (free + 1 + times)
    return start + max(before, parts - after, 1) * size
"""

_SUM_TO = '''\
def _sum_to(a, shape):
    """The sum of an array over the axes along which `shape` was broadcast to its own."""
    lead = a.ndim - len(shape)
    axes = tuple(k + lead for k, n in enumerate(shape) if n == 1 != a.shape[k + lead])
    if axes:
        a = np.sum(a, axis=axes, keepdims=True)
    if lead:
        a = np.sum(a, axis=tuple(range(lead)))
    return np.broadcast_to(a, shape).copy()
'''

_LAST_WRITTEN = '''\
def _last_written(shape, *index):
    """Of each element of a[index] = v, whether it is the last one written to its place."""
    number = np.zeros(shape, int)
    order = np.arange(number[index].size).reshape(number[index].shape)
    number[index] = order
    return number[index] == order
'''

# What is read back as any function is: it is no primitive.
PLAIN = frozenset({"_revolve"})

HELPERS: dict[str, str] = {
    "_polygamma": _POLYGAMMA,
    "_revolve": _REVOLVE,
    "_sum_to": _SUM_TO,
    "_last_written": _LAST_WRITTEN,
}
