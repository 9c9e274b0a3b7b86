"""Small programs, one construct each, with the arguments that they are called with."""

from __future__ import annotations

Row = tuple[str, tuple[tuple[object, ...], ...]]

POINTS: tuple[tuple[object, ...], ...] = ((0.5,), (-1.25,), (0.0,), (3.0,))
PAIRS: tuple[tuple[object, ...], ...] = ((0.5, 3), (-1.25, 0), (2.0, 1), (0.1, 5))

PROGRAMS: dict[str, Row] = {
    "operators": (
        """
        def f(x): return (x + 2) * x - x / 3 + x**2 - (-x) + x // 0.3 + x % 0.7
        """,
        POINTS,
    ),
    "negative literal": (
        """
        def f(x): return x * -2 ** 2 - -0.0
        """,
        POINTS,
    ),
    "integers stay": (
        """
        def f(x):
            s = 0
            return s
        """,
        POINTS,
    ),
    "chained comparison": (
        """
        def f(x): return 1.0 if 0 < x < 1 < 2 else -x
        """,
        POINTS,
    ),
    "short circuit": (
        """
        def f(x): return (x and 1 / x) or 7.0
        """,
        POINTS,
    ),
    "and, or, not": (
        """
        def f(x): return 1.0 if not (x > 0 and x < 2) or x == 0.5 else x
        """,
        POINTS,
    ),
    "ternary": (
        """
        def f(x): return x if x > 0 else -x if x < -1 else 2 * x
        """,
        POINTS,
    ),
    "augmented": (
        """
        def f(x):
            y = x
            y += 1
            y *= y
            y -= x
            y /= 3
            y **= 2
            return y
        """,
        POINTS,
    ),
    "annotated": (
        """
        def f(x):
            y: float = 2 * x
            z: float
            z = y
            return z
        """,
        POINTS,
    ),
    "chained assignment": (
        """
        def f(x):
            a = b = x + 1
            a = a * 2
            return a + b
        """,
        POINTS,
    ),
    "swap": (
        """
        def f(x):
            a, b = x, 2 * x
            a, b = b, a
            (c, [d, e]) = a, (b, 1.0)
            return a - c * d + e
        """,
        POINTS,
    ),
    "static tuples": (
        """
        def f(x):
            t = (x, (2 * x, 3.0))
            u, v = t[1]
            return t[0] + u * v + t[-1][0]
        """,
        POINTS,
    ),
    "elif": (
        """
        def f(x):
            if x < 0: y = 1.0
            elif x == 0: y = 2.0
            else:
                y = x
            return y
        """,
        POINTS,
    ),
    "early return": (
        """
        def f(x):
            if x < 0:
                return -x
            if x > 1:
                y = x * x
            else:
                return 5.0
            return y + 1
        """,
        POINTS,
    ),
    "partial exits": (
        """
        def f(x):
            y = 1.0
            if x > 0:
                if x > 1:
                    return y
                y = 2.0
            else:
                if x < -1:
                    return 3.0
                y = 4.0
            return x + y
        """,
        POINTS,
    ),
    "loop": (
        """
        def f(x, n):
            y = 1
            for i in range(n):
                y = y * x + i
            return y
        """,
        PAIRS,
    ),
    "steps": (
        """
        def f(x, n):
            y = 0.0
            for i in range(n, -3, -2):
                y += x * i
            for i in range(1, n):
                y -= i
            return y
        """,
        PAIRS,
    ),
    "zero step": (
        """
        def f(x, n):
            for i in range(0, 4, n):
                x = x + i
            return x
        """,
        PAIRS,
    ),
    "target after the loop": (
        """
        def f(x, n):
            for i in range(n):
                x = x * 2
                i = i + 10
            return x + i
        """,
        PAIRS,
    ),
    "loop carried names": (
        """
        def f(x, n):
            a, b = 0.0, x
            for _ in range(n):
                a, b = b, a + b
            return a
        """,
        PAIRS,
    ),
    "bound in the loop": (
        """
        def f(x, n):
            for i in range(n):
                if i > 0:
                    x = x + y
                y = x * i
            return x
        """,
        PAIRS,
    ),
    "break": (
        """
        def f(x, n):
            s = 0
            for i in range(n):
                s += x
                if s > 1:
                    break
                s += 1
            return s
        """,
        PAIRS,
    ),
    "continue": (
        """
        def f(x, n):
            s = 0
            for i in range(n):
                if i % 2:
                    continue
                s += x * i
            return s
        """,
        PAIRS,
    ),
    "continue among others": (
        """
        def f(x, n):
            s = 0
            for i in range(n):
                if i > 0:
                    if i == 2:
                        continue
                    s += 1
                elif x > 1:
                    continue
                s += x
            return s
        """,
        PAIRS,
    ),
    "for else": (
        """
        def f(x, n):
            for i in range(n):
                if i * x > 1:
                    break
            else:
                x = x + 100
            return x
        """,
        PAIRS,
    ),
    "while else": (
        """
        def f(x, n):
            while n > 0:
                n -= 1
                if n * x > 4:
                    break
            else:
                return -1.0
            return x + n
        """,
        PAIRS,
    ),
    "return from nested loops": (
        """
        def f(x, n):
            for i in range(n):
                for j in range(i):
                    if i * j > 1:
                        return x * i
                    x = x + j
                x += 1
            return x
        """,
        PAIRS,
    ),
    "return in while true": (
        """
        def f(x, n):
            while True:
                x = x / 2
                if x < 0.1:
                    return x
        """,
        PAIRS,
    ),
    "break in while true": (
        """
        def f(x, n):
            while True:
                y = x * x
                if y < 0.1:
                    break
                x = x / 2
            return x + y
        """,
        PAIRS,
    ),
    "while with a head": (
        """
        def f(x, n):
            while True:
                y = x * x
                if y < 0.1:
                    break
                x = x / 2
            y = 1.0
            return x + y
        """,
        PAIRS,
    ),
    "while with a call": (
        """
        def far(x):
            y = x * x
            for _ in range(2):
                y = y / 2
            return y > 0.1
        def f(x, n):
            while far(x):
                x = x / 2
            else:
                x = x + 1
            return x
        """,
        PAIRS,
    ),
    "nested while": (
        """
        def f(x, n):
            t = 0
            while n > 0:
                m = n
                while m > 0 and t < 9:
                    t += x * m
                    m -= 1
                n -= 1
            return t
        """,
        PAIRS,
    ),
    "int becomes float": (
        """
        def f(x, n):
            a = b = c = 0
            for i in range(n):
                c = c + b
                b = b + a
                a = a + x
            return c
        """,
        PAIRS,
    ),
    "raise": (
        """
        def f(x):
            if x < 0:
                raise ValueError(f'{x:.2f} is {{negative}}', 3)
            elif x == 0:
                raise ZeroDivisionError
            return x
        """,
        POINTS,
    ),
    "raise with a format": (
        """
        def f(x):
            if x < 1:
                raise ValueError('%s and %.1f' % (x, 2 * x) + ' {}'.format(x))
            return x
        """,
        POINTS,
    ),
    "assert": (
        """
        def f(x):
            assert x > 0, 'negative: ' + str(x)
            assert x != 3
            return x
        """,
        POINTS,
    ),
    "unbound": (
        """
        def f(x):
            if x > 0:
                y = x
            return y
        """,
        POINTS,
    ),
    "unbound in a loop": (
        """
        def f(x, n):
            for i in range(n):
                y = i * x
            return y
        """,
        PAIRS,
    ),
    "del": (
        """
        def f(x):
            y = x
            if x > 1:
                del y
            return y
        """,
        POINTS,
    ),
    "globals": (
        """
        G = 9.81
        N = 3
        def f(x):
            for _ in range(N): x = x * G
            return x
        """,
        POINTS,
    ),
    "imports": (
        """
        import math as m
        from math import exp as e, pi
        import math
        def f(x): return m.sin(x) + e(x) + math.pi * pi + math.inf
        """,
        POINTS,
    ),
    "import inside": (
        """
        def f(x):
            import math as m
            from math import cos as c, pi
            return m.sin(x) + c(x) * pi
        """,
        POINTS,
    ),
    "shadowed": (
        """
        from math import sin
        abs = sin
        def f(x):
            def cos(y): return y + 1
            max = abs(x)
            return cos(max) + sin(x)
        """,
        POINTS,
    ),
    "math": (
        """
        import math
        def f(x):
            y = math.hypot(x, 3.0, 1) + math.fsum([x, 1.0]) + max((x, 1.0))
            return y + min(x, 2, 3) + math.dist((x, 1), (2.0, x)) + sum((x, x), 2.0)
        """,
        POINTS,
    ),
    "builtins": (
        """
        def f(x):
            q, r = divmod(x, 0.3)
            y = abs(x) + pow(x, 2) + round(x, 1) + round(x)
            return y + int(x) + float(3) + bool(x) + q * r
        """,
        POINTS,
    ),
    "isclose": (
        """
        import math
        def f(x): return 1.0 if math.isclose(x, 0.5, abs_tol=1e-3) or math.isclose(x, 3) else x
        """,
        POINTS,
    ),
    "membership": (
        """
        def f(x): return 1.0 if x in (0.5, 3) else 2.0 if x not in [0.0] else x
        """,
        POINTS,
    ),
    "calls": (
        """
        def g(x, k=2, *, s=1.0): return x * k + s
        def f(x): return g(x) + g(k=x, x=3.0) - g(x, 4, s=x)
        """,
        POINTS,
    ),
    "call inlined once": (
        """
        def g(x, n):
            for i in range(n):
                if x > 3: return i
                x = x + x
            return x
        def f(x, n): return g(x, n) + 1
        """,
        PAIRS,
    ),
    "call not inlined": (
        """
        def g(x, n):
            s = 0.0
            for i in range(n): s += x ** i
            return s, x
        def f(x, n):
            a, b = g(x, n)
            c, d = g(b, 2)
            return a * c + d
        """,
        PAIRS,
    ),
    "procedure": (
        """
        def check(x):
            if x < 0: raise ValueError('negative')
        def f(x):
            check(x)
            return x
        """,
        POINTS,
    ),
    "recursion": (
        """
        def f(x, n):
            if n <= 0: return 1
            return x * f(x, n - 1)
        """,
        PAIRS,
    ),
    "mutual recursion": (
        """
        def even(x, n): return 1.0 if n <= 0 else x * odd(x, n - 1)
        def odd(x, n): return 0 if n <= 0 else x + even(x, n - 1)
        def f(x, n): return even(x, n)
        """,
        PAIRS,
    ),
    "recursion with tuples": (
        """
        def f(x, n):
            if n <= 0: return x, 1
            a, b = f(x * x, n - 1)
            return a + b, b + 1.0
        """,
        ((0.5, 3), (0.1, 0)),
    ),
    "closure": (
        """
        def f(x):
            def g(t): return t * x + k
            k = 3.0
            a = g(2.0)
            k = 4.0
            return a + g(x)
        """,
        POINTS,
    ),
    "closure in a loop": (
        """
        def f(x, n):
            def step(t): return t * x + i
            y = 1.0
            for i in range(n): y = step(y)
            return y
        """,
        PAIRS,
    ),
    "default evaluated early": (
        """
        def f(x):
            k = 2 * x
            def g(t, k=k): return t * k
            k = 100.0
            return g(3.0) + k
        """,
        POINTS,
    ),
    "lambda": (
        """
        def f(x):
            g = lambda t, u=2.0: t * u + x
            return g(x) + (lambda: x * x)()
        """,
        POINTS,
    ),
    "function as argument": (
        """
        def twice(g, t): return g(g(t))
        def f(x): return twice(lambda t: t * x, 3.0)
        """,
        POINTS,
    ),
    "recursive closure": (
        """
        def f(x, n):
            def power(k): return 1.0 if k <= 0 else x * power(k - 1)
            return power(n)
        """,
        PAIRS,
    ),
    "closure returned": (
        """
        def make(a):
            def g(t): return a * t
            return g
        def f(x):
            g = make(x)
            return g(2.0)
        """,
        POINTS,
    ),
    "walrus": (
        """
        def f(x):
            if (y := x * x) > 1 and (z := y + 1) > 2:
                return y + z
            return y
        """,
        POINTS,
    ),
    "records": (
        """
        def f(x, n):
            y = 1.0
            rec = []
            for i in range(n):
                rec.append((y, i))
                y = y * x
            s = 0.0
            for y_i, i in reversed(rec):
                s = s * x + y_i * i
            for i, (y_i, _) in zip(reversed(range(n)), reversed(rec)):
                s += i * y_i
            return y, (s, n)
        """,
        PAIRS,
    ),
    "nested records": (
        """
        def f(x, n):
            outer = []
            for i in range(n):
                inner = []
                for j in range(i):
                    inner.append(x)
                    x = x * 1.5
                outer.append((x, inner))
            s = 0.0
            for v, inner in reversed(outer):
                s += v
                for u in reversed(inner): s = s * u
            return s
        """,
        PAIRS,
    ),
    "record before a break": (
        """
        def f(x, n):
            rec = []
            for i in range(n):
                rec.append(x)
                if x > 3: break
                x = x * 2
            s = 0.0
            for x_i in reversed(rec): s = s / 2 + x_i
            return s
        """,
        PAIRS,
    ),
    "record on every path": (
        """
        def f(x, n):
            rec = []
            for i in range(n):
                if x > 3:
                    rec.append(x)
                    break
                else:
                    rec.append(-x)
                x = x * 2
            s = 0.0
            for x_i in rec: s = s / 2 + x_i
            return s
        """,
        PAIRS,
    ),
    "record in one branch": (
        """
        def f(x, n):
            if x > 0:
                rec = []
                for i in range(n):
                    rec.append((x, i))
            else:
                rec = []
            s = 0.0
            for a, b in rec: s += a * b
            return s
        """,
        PAIRS,
    ),
    "record of a while": (
        """
        def f(x, n):
            rec = []
            while x > 0.1:
                rec.append(x)
                x = x / 2
            s = 0.0
            for x_i in reversed(rec): s = s * x_i + 1
            return s
        """,
        PAIRS,
    ),
    "record of a call": (
        """
        def g_fwd(x, n):
            rec = []
            for i in range(n):
                rec.append(x)
                x = x * x
            return x, rec
        def g_rev(rec, x_bar):
            for x_i in reversed(rec): x_bar = 2.0 * x_bar * x_i
            return x_bar
        def f(x, n):
            y, rec = g_fwd(x, n)
            z, rec2 = g_fwd(y, 2)
            return z, g_rev(rec, g_rev(rec2, 1.0))
        """,
        PAIRS,
    ),
    "record of a recursion": (
        """
        def g_fwd(x, n):
            b = n <= 0
            if b:
                y = x * x
                g_rec = None
            else:
                r, g_rec = g_fwd(0.5 * x, n - 1)
                y = r * x
            rec = b, x, g_rec
            return y, rec
        def g_rev(rec, y_bar):
            b, x, g_rec = rec
            if b: return y_bar * 2.0 * x
            return 0.5 * g_rev(g_rec, y_bar * x)
        def f(x, n):
            y, rec = g_fwd(x, n)
            return y, g_rev(rec, 1.0)
        """,
        PAIRS,
    ),
    "maybe a tuple": (
        """
        def f(x):
            best = None
            if x > 0: best = (x, 2 * x)
            if best is not None:
                a, b = best
                return a * b
            return -1.0
        """,
        POINTS,
    ),
    "unpacking none": (
        """
        def f(x):
            best = None
            if x > 0: best = (x, 2 * x)
            a, b = best
            return a * b
        """,
        ((0.5,),),
    ),
    "zeros": (
        """
        def f(x, n):
            rec = []
            for i in range(n): rec.append(x)
            bars = [0.0] * len(rec)
            s = x
            for a, b in zip(rec, bars): s += a + b
            return s
        """,
        PAIRS,
    ),
    "comprehension": (
        """
        def f(x, n):
            xs = [x * i for i in range(n)]
            s = 0.0
            for v, w in zip(xs, [u + 1 for u in xs]): s = s * v + w
            return s
        """,
        PAIRS,
    ),
    "prologue": (
        """
        def f(x: float, n: int):
            if x.__class__ is not float:
                x = float(+x)
            if n.__class__ is not int:
                n = n.__index__()
            return x * n
        """,
        PAIRS,
    ),
    "module constant": (
        """
        import math
        ROOT = math.sqrt(2.0)
        HALF = -0.5
        BOTH = ROOT * HALF
        def f(x): return x * BOTH + ROOT
        """,
        POINTS,
    ),
    "strings": (
        """
        def f(x, mode: str = 'fast'):
            if mode == 'fast': return x
            return -x
        """,
        ((0.5, "fast"), (0.5, "slow")),
    ),
    "stop_gradient": (
        """
        from s2sad import stop_gradient
        def f(x): return x * stop_gradient(x)
        """,
        POINTS,
    ),
    "bits": (
        """
        def f(x, n):
            return x * (n << 2 | 1) if n & 1 else x * ~n
        """,
        PAIRS,
    ),
    "false friends": (
        """
        def f(x):
            a = x - 0.0
            return 0.0 * a + (a - a) + 1.0 * a
        """,
        POINTS,
    ),
    "a loop that returns, breaks or runs out": (
        """
        def f(x, n):
            for k in range(3):
                for j in range(n): return x * x
                else: break
            return 0.5 * x
        """,
        ((0.5, 0), (0.5, 2)),
    ),
    "a while loop that returns or runs out": (
        """
        def f(x, n):
            for k in range(3):
                while n > k + 5: return x * n
                else: break
            return 0.5 * x
        """,
        ((0.5, 0), (0.5, 9)),
    ),
    "a result that is not used": (
        """
        def h(y):
            if y > 1.0:
                return y
        def f(x):
            h(x)
            return x * x
        """,
        POINTS,
    ),
    "a result that is tested": (
        """
        def h(y):
            if y > 1.0:
                return y
        def f(x):
            y = h(x)
            return x if y is None else x * y
        """,
        POINTS,
    ),
    "maybe a number": (
        """
        def f(x, n):
            best = None
            for i in range(n):
                v = (i - x) * (i - 2)
                if best is None or v < best:
                    best = v
            if best is not None and best:
                return 1.0 * best
            return -1.0 if not best else 1.0
        """,
        PAIRS,
    ),
}
