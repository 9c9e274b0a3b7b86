"""Lowering keeps the meaning: the IR, interpreted, gives what Python gives, to the bit."""

from __future__ import annotations

from pathlib import Path

import pytest

from .frontend_tools import interpreted, load, lower_live, lower_static, outcome

POINTS = ((0.5,), (-1.25,), (0.0,), (3.0,))
PAIRS = ((0.5, 3), (-1.25, 0), (2.0, 1), (0.1, 5))

PROGRAMS: dict[str, tuple[str, tuple[tuple[object, ...], ...]]] = {
    "operators": ("def f(x): return (x + 2) * x - x / 3 + x**2 - (-x) + x // 0.3 + x % 0.7", POINTS),
    "negative literal": ("def f(x): return x * -2 ** 2 - -0.0", POINTS),
    "integers stay": ("def f(x):\n    s = 0\n    return s", POINTS),
    "chained comparison": ("def f(x): return 1.0 if 0 < x < 1 < 2 else -x", POINTS),
    "short circuit": ("def f(x): return (x and 1 / x) or 7.0", POINTS),
    "and, or, not": ("def f(x): return 1.0 if not (x > 0 and x < 2) or x == 0.5 else x", POINTS),
    "ternary": ("def f(x): return x if x > 0 else -x if x < -1 else 2 * x", POINTS),
    "augmented": ("def f(x):\n    y = x\n    y += 1\n    y *= y\n    y -= x\n    y /= 3\n    y **= 2\n    return y", POINTS),
    "annotated": ("def f(x):\n    y: float = 2 * x\n    z: float\n    z = y\n    return z", POINTS),
    "chained assignment": ("def f(x):\n    a = b = x + 1\n    a = a * 2\n    return a + b", POINTS),
    "swap": ("def f(x):\n    a, b = x, 2 * x\n    a, b = b, a\n    (c, [d, e]) = a, (b, 1.0)\n    return a - c * d + e", POINTS),
    "static tuples": ("def f(x):\n    t = (x, (2 * x, 3.0))\n    u, v = t[1]\n    return t[0] + u * v + t[-1][0]", POINTS),
    "elif": ("def f(x):\n    if x < 0: y = 1.0\n    elif x == 0: y = 2.0\n    else:\n        y = x\n    return y", POINTS),
    "early return": ("def f(x):\n    if x < 0:\n        return -x\n    if x > 1:\n        y = x * x\n    else:\n        return 5.0\n    return y + 1", POINTS),
    "partial exits": ("def f(x):\n    y = 1.0\n    if x > 0:\n        if x > 1:\n            return y\n        y = 2.0\n    else:\n        if x < -1:\n            return 3.0\n        y = 4.0\n    return x + y", POINTS),
    "loop": ("def f(x, n):\n    y = 1\n    for i in range(n):\n        y = y * x + i\n    return y", PAIRS),
    "steps": ("def f(x, n):\n    y = 0.0\n    for i in range(n, -3, -2):\n        y += x * i\n    for i in range(1, n):\n        y -= i\n    return y", PAIRS),
    "zero step": ("def f(x, n):\n    for i in range(0, 4, n):\n        x = x + i\n    return x", PAIRS),
    "target after the loop": ("def f(x, n):\n    for i in range(n):\n        x = x * 2\n        i = i + 10\n    return x + i", PAIRS),
    "loop carried names": ("def f(x, n):\n    a, b = 0.0, x\n    for _ in range(n):\n        a, b = b, a + b\n    return a", PAIRS),
    "bound in the loop": ("def f(x, n):\n    for i in range(n):\n        if i > 0:\n            x = x + y\n        y = x * i\n    return x", PAIRS),
    "break": ("def f(x, n):\n    s = 0\n    for i in range(n):\n        s += x\n        if s > 1:\n            break\n        s += 1\n    return s", PAIRS),
    "continue": ("def f(x, n):\n    s = 0\n    for i in range(n):\n        if i % 2:\n            continue\n        s += x * i\n    return s", PAIRS),
    "continue among others": ("def f(x, n):\n    s = 0\n    for i in range(n):\n        if i > 0:\n            if i == 2:\n                continue\n            s += 1\n        elif x > 1:\n            continue\n        s += x\n    return s", PAIRS),
    "for else": ("def f(x, n):\n    for i in range(n):\n        if i * x > 1:\n            break\n    else:\n        x = x + 100\n    return x", PAIRS),
    "while else": ("def f(x, n):\n    while n > 0:\n        n -= 1\n        if n * x > 4:\n            break\n    else:\n        return -1.0\n    return x + n", PAIRS),
    "return from nested loops": ("def f(x, n):\n    for i in range(n):\n        for j in range(i):\n            if i * j > 1:\n                return x * i\n            x = x + j\n        x += 1\n    return x", PAIRS),
    "return in while true": ("def f(x, n):\n    while True:\n        x = x / 2\n        if x < 0.1:\n            return x", POINTS and PAIRS),
    "break in while true": ("def f(x, n):\n    while True:\n        y = x * x\n        if y < 0.1:\n            break\n        x = x / 2\n    return x + y", PAIRS),
    "while with a head": ("def f(x, n):\n    while True:\n        y = x * x\n        if y < 0.1:\n            break\n        x = x / 2\n    y = 1.0\n    return x + y", PAIRS),
    "while with a call": ("def far(x):\n    y = x * x\n    for _ in range(2):\n        y = y / 2\n    return y > 0.1\ndef f(x, n):\n    while far(x):\n        x = x / 2\n    else:\n        x = x + 1\n    return x", PAIRS),
    "nested while": ("def f(x, n):\n    t = 0\n    while n > 0:\n        m = n\n        while m > 0 and t < 9:\n            t += x * m\n            m -= 1\n        n -= 1\n    return t", PAIRS),
    "int becomes float": ("def f(x, n):\n    a = b = c = 0\n    for i in range(n):\n        c = c + b\n        b = b + a\n        a = a + x\n    return c", PAIRS),
    "raise": ("def f(x):\n    if x < 0:\n        raise ValueError(f'{x:.2f} is {{negative}}', 3)\n    elif x == 0:\n        raise ZeroDivisionError\n    return x", POINTS),
    "raise with a format": ("def f(x):\n    if x < 1:\n        raise ValueError('%s and %.1f' % (x, 2 * x) + ' {}'.format(x))\n    return x", POINTS),
    "assert": ("def f(x):\n    assert x > 0, 'negative: ' + str(x)\n    assert x != 3\n    return x", POINTS),
    "unbound": ("def f(x):\n    if x > 0:\n        y = x\n    return y", POINTS),
    "unbound in a loop": ("def f(x, n):\n    for i in range(n):\n        y = i * x\n    return y", PAIRS),
    "del": ("def f(x):\n    y = x\n    if x > 1:\n        del y\n    return y", POINTS),
    "globals": ("G = 9.81\nN = 3\ndef f(x):\n    for _ in range(N): x = x * G\n    return x", POINTS),
    "imports": ("import math as m\nfrom math import exp as e, pi\nimport math\ndef f(x): return m.sin(x) + e(x) + math.pi * pi + math.inf", POINTS),
    "import inside": ("def f(x):\n    import math as m\n    from math import cos as c, pi\n    return m.sin(x) + c(x) * pi", POINTS),
    "shadowed": ("from math import sin\nabs = sin\ndef f(x):\n    def cos(y): return y + 1\n    max = abs(x)\n    return cos(max) + sin(x)", POINTS),
    "math": ("import math\ndef f(x): return math.hypot(x, 3.0, 1) + math.fsum([x, 1.0]) + max((x, 1.0)) + min(x, 2, 3) + math.dist((x, 1), (2.0, x)) + sum((x, x), 2.0)", POINTS),
    "builtins": ("def f(x):\n    q, r = divmod(x, 0.3)\n    return abs(x) + pow(x, 2) + round(x, 1) + round(x) + int(x) + float(3) + bool(x) + q * r", POINTS),
    "isclose": ("import math\ndef f(x): return 1.0 if math.isclose(x, 0.5, abs_tol=1e-3) or math.isclose(x, 3) else x", POINTS),
    "membership": ("def f(x): return 1.0 if x in (0.5, 3) else 2.0 if x not in [0.0] else x", POINTS),
    "calls": ("def g(x, k=2, *, s=1.0): return x * k + s\ndef f(x): return g(x) + g(k=x, x=3.0) - g(x, 4, s=x)", POINTS),
    "call inlined once": ("def g(x, n):\n    for i in range(n):\n        if x > 3: return i\n        x = x + x\n    return x\ndef f(x, n): return g(x, n) + 1", PAIRS),
    "call not inlined": ("def g(x, n):\n    s = 0.0\n    for i in range(n): s += x ** i\n    return s, x\ndef f(x, n):\n    a, b = g(x, n)\n    c, d = g(b, 2)\n    return a * c + d", PAIRS),
    "procedure": ("def check(x):\n    if x < 0: raise ValueError('negative')\ndef f(x):\n    check(x)\n    return x", POINTS),
    "recursion": ("def f(x, n):\n    if n <= 0: return 1\n    return x * f(x, n - 1)", PAIRS),
    "mutual recursion": ("def even(x, n): return 1.0 if n <= 0 else x * odd(x, n - 1)\ndef odd(x, n): return 0 if n <= 0 else x + even(x, n - 1)\ndef f(x, n): return even(x, n)", PAIRS),
    "recursion with tuples": ("def f(x, n):\n    if n <= 0: return x, 1\n    a, b = f(x * x, n - 1)\n    return a + b, b + 1.0", ((0.5, 3), (0.1, 0))),
    "closure": ("def f(x):\n    def g(t): return t * x + k\n    k = 3.0\n    a = g(2.0)\n    k = 4.0\n    return a + g(x)", POINTS),
    "closure in a loop": ("def f(x, n):\n    def step(t): return t * x + i\n    y = 1.0\n    for i in range(n): y = step(y)\n    return y", PAIRS),
    "default evaluated early": ("def f(x):\n    k = 2 * x\n    def g(t, k=k): return t * k\n    k = 100.0\n    return g(3.0) + k", POINTS),
    "lambda": ("def f(x):\n    g = lambda t, u=2.0: t * u + x\n    return g(x) + (lambda: x * x)()", POINTS),
    "function as argument": ("def twice(g, t): return g(g(t))\ndef f(x): return twice(lambda t: t * x, 3.0)", POINTS),
    "recursive closure": ("def f(x, n):\n    def power(k): return 1.0 if k <= 0 else x * power(k - 1)\n    return power(n)", PAIRS),
    "closure returned": ("def make(a):\n    def g(t): return a * t\n    return g\ndef f(x):\n    g = make(x)\n    return g(2.0)", POINTS),
    "walrus": ("def f(x):\n    if (y := x * x) > 1 and (z := y + 1) > 2:\n        return y + z\n    return y", POINTS),
    "records": ("def f(x, n):\n    y = 1.0\n    rec = []\n    for i in range(n):\n        rec.append((y, i))\n        y = y * x\n    s = 0.0\n    for y_i, i in reversed(rec):\n        s = s * x + y_i * i\n    for i, (y_i, _) in zip(reversed(range(n)), reversed(rec)):\n        s += i * y_i\n    return y, (s, n)", PAIRS),
    "nested records": ("def f(x, n):\n    outer = []\n    for i in range(n):\n        inner = []\n        for j in range(i):\n            inner.append(x)\n            x = x * 1.5\n        outer.append((x, inner))\n    s = 0.0\n    for v, inner in reversed(outer):\n        s += v\n        for u in reversed(inner): s = s * u\n    return s", PAIRS),
    "record before a break": ("def f(x, n):\n    rec = []\n    for i in range(n):\n        rec.append(x)\n        if x > 3: break\n        x = x * 2\n    s = 0.0\n    for x_i in reversed(rec): s = s / 2 + x_i\n    return s", PAIRS),
    "record on every path": ("def f(x, n):\n    rec = []\n    for i in range(n):\n        if x > 3:\n            rec.append(x)\n            break\n        else:\n            rec.append(-x)\n        x = x * 2\n    s = 0.0\n    for x_i in rec: s = s / 2 + x_i\n    return s", PAIRS),
    "record in one branch": ("def f(x, n):\n    if x > 0:\n        rec = []\n        for i in range(n):\n            rec.append((x, i))\n    else:\n        rec = []\n    s = 0.0\n    for a, b in rec: s += a * b\n    return s", PAIRS),
    "record of a while": ("def f(x, n):\n    rec = []\n    while x > 0.1:\n        rec.append(x)\n        x = x / 2\n    s = 0.0\n    for x_i in reversed(rec): s = s * x_i + 1\n    return s", PAIRS),
    "record of a call": ("def g_fwd(x, n):\n    rec = []\n    for i in range(n):\n        rec.append(x)\n        x = x * x\n    return x, rec\ndef g_rev(rec, x_bar):\n    for x_i in reversed(rec): x_bar = 2.0 * x_bar * x_i\n    return x_bar\ndef f(x, n):\n    y, rec = g_fwd(x, n)\n    z, rec2 = g_fwd(y, 2)\n    return z, g_rev(rec, g_rev(rec2, 1.0))", PAIRS),
    "record of a recursion": ("def g_fwd(x, n):\n    b = n <= 0\n    if b:\n        y = x * x\n        g_rec = None\n    else:\n        r, g_rec = g_fwd(0.5 * x, n - 1)\n        y = r * x\n    rec = b, x, g_rec\n    return y, rec\ndef g_rev(rec, y_bar):\n    b, x, g_rec = rec\n    if b: return y_bar * 2.0 * x\n    return 0.5 * g_rev(g_rec, y_bar * x)\ndef f(x, n):\n    y, rec = g_fwd(x, n)\n    return y, g_rev(rec, 1.0)", PAIRS),
    "maybe a tuple": ("def f(x):\n    best = None\n    if x > 0: best = (x, 2 * x)\n    if best is not None:\n        a, b = best\n        return a * b\n    return -1.0", POINTS),
    "unpacking none": ("def f(x):\n    best = None\n    if x > 0: best = (x, 2 * x)\n    a, b = best\n    return a * b", ((0.5,),)),
    "zeros": ("def f(x, n):\n    rec = []\n    for i in range(n): rec.append(x)\n    bars = [0.0] * len(rec)\n    s = x\n    for a, b in zip(rec, bars): s += a + b\n    return s", PAIRS),
    "comprehension": ("def f(x, n):\n    xs = [x * i for i in range(n)]\n    s = 0.0\n    for v, w in zip(xs, [u + 1 for u in xs]): s = s * v + w\n    return s", PAIRS),
    "prologue": ("def f(x: float, n: int):\n    if x.__class__ is not float:\n        x = float(+x)\n    if n.__class__ is not int:\n        n = n.__index__()\n    return x * n", PAIRS),
    "module constant": ("import math\nROOT = math.sqrt(2.0)\nHALF = -0.5\nBOTH = ROOT * HALF\ndef f(x): return x * BOTH + ROOT", POINTS),
    "strings": ("def f(x, mode: str = 'fast'):\n    if mode == 'fast': return x\n    return -x", ((0.5, "fast"), (0.5, "slow"))),
    "stop_gradient": ("from s2sad import stop_gradient\ndef f(x): return x * stop_gradient(x)", POINTS),
    "bits": ("def f(x, n):\n    return x * (n << 2 | 1) if n & 1 else x * ~n", PAIRS),
    "false friends": ("def f(x):\n    a = x - 0.0\n    return 0.0 * a + (a - a) + 1.0 * a", POINTS),
}  # fmt: skip


@pytest.mark.parametrize("name", PROGRAMS)
def test_meaning(name: str, tmp_path: Path) -> None:
    text, points = PROGRAMS[name]
    function = load(text)["f"]
    static, live = lower_static(text, tmp_path), lower_live(text)
    for args in points:
        expected = outcome(function, *args)
        assert outcome(lambda *a: interpreted(static, a), *args) == expected  # noqa: B023
        assert outcome(lambda *a: interpreted(live, a), *args) == expected  # noqa: B023
