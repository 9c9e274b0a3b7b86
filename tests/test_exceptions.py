"""`try`, `with`, `match` and what prints: value, gradient and curvature on every path."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from s2sad import grad, value_and_grad

from .frontend_tools import load, lower_live, lower_static
from .test_exceptions_random import close, outcome

OWN = "class OwnError(ValueError): pass\n"
HEAD = (
    "import contextlib, logging, math, sys, warnings\nfrom contextlib import suppress\n" + OWN
)

# A program `f`, and points on each of its paths.
PROGRAMS: dict[str, tuple[str, tuple[float, ...]]] = {
    "the handler binds what the body would": (
        """
        def f(x):
            try:
                y = math.log(x)
            except ValueError:
                y = 2.0 * x
            return y * x
        """,
        (0.7, -0.6),
    ),
    "a number changed before the exception": (
        """
        def f(x):
            s = x * x
            try:
                s += x
                s += 1 / (2.0 - abs(x - 2.0) / (x - 2.0) - 1.0)
            except ZeroDivisionError:
                s = s * s
            return s
        """,
        (0.5, 2.5, 2.0),
    ),
    "every statement may raise": (
        """
        def f(x):
            s = x
            try:
                s = s / math.sqrt(x - 1.0)
                s = s * math.log(x - 2.0)
                s = s + math.acos(x - 3.0)
            except (ValueError, ZeroDivisionError) as error:
                s = s * s * x
            return s
        """,
        (0.5, 1.0, 1.5, 2.5, 3.5),
    ),
    "the third pass raises": (
        """
        def f(x):
            s = x
            try:
                for i in range(5):
                    s = s * x + 1.0
                    s = s + x / (i - 2)
            except ZeroDivisionError:
                s = s * s
            return s
        """,
        (0.7, -1.2),
    ),
    "the condition of a while raises": (
        """
        def f(x):
            k = 0
            y = x
            try:
                while math.log(y) < 3.0:
                    k += 1
                    y = y * 3.0 - math.sqrt(k + 3.0 * x)
            except ValueError:
                y = y * y * k
            return y
        """,
        (0.7, -0.2, 1.7, 4.0),
    ),
    "the ends of a range raise": (
        """
        def f(x, n=0):
            s = x
            try:
                s = s * x
                for i in range(4 // n, 4):
                    s = s * x
            except ZeroDivisionError:
                s = s * 3.0
            return s
        """,
        (0.7,),
    ),
    "the test of an if raises": (
        """
        def f(x):
            s = x
            try:
                s = s * s
                if math.sqrt(x) > 1.0:
                    s = s * x
                    s = s / (x - 4.0)
                else:
                    s = s + x
            except ValueError:
                s = s * s
            except ZeroDivisionError:
                s = s * 5.0
            return s
        """,
        (0.5, -0.5, 2.0, 4.0),
    ),
    "a return in a try in a loop with a finally": (
        """
        def f(x):
            t = 1.0
            for i in range(5):
                try:
                    if i == 3:
                        return x * t
                    t = t * x / (i - 1)
                except ZeroDivisionError:
                    if x > 1.0:
                        continue
                    t = t * t
                finally:
                    t = t + x
            return t
        """,
        (0.7, 1.3),
    ),
    "a break with a finally": (
        """
        def f(x):
            for i in range(5):
                try:
                    x = x * x
                    if x > 2.0:
                        break
                finally:
                    x = x + 0.1
            else:
                x = x * 7.0
            return x
        """,
        (0.3, 1.2),
    ),
    "an exception in a finally calls off the return": (
        """
        def f(x):
            try:
                try:
                    return x * x
                finally:
                    y = math.log(x)
            except ValueError:
                pass
            return 3.0 * x
        """,
        (0.7, -0.6),
    ),
    "a handler raises another exception": (
        """
        def f(x):
            y = x
            try:
                try:
                    y = y * x
                    y = y + math.log(x)
                except ValueError as error:
                    y = y * x
                    raise ZeroDivisionError("late") from error
            except ZeroDivisionError:
                y = y * 2.0
            return y
        """,
        (0.7, -0.6),
    ),
    "raised again": (
        """
        def f(x):
            y = x * x
            try:
                try:
                    y = y * x
                    y = y + math.log(x)
                except ValueError:
                    y = y * 3.0
                    raise
            except ValueError:
                y = y * y
            return y
        """,
        (0.7, -0.6),
    ),
    "the else is not protected": (
        """
        def f(x):
            y = x
            try:
                try:
                    z = math.sqrt(x)
                except ValueError:
                    z = 1.0
                else:
                    y = y * z
                    y = y * math.log(x - 1.0)
            except ValueError:
                y = y * x
            return y * z
        """,
        (0.5, -0.5, 2.0),
    ),
    "an exception in a callee": (
        """
        def inner(a, b):
            if b > 1.0:
                raise OwnError(f"{b}")
            return a / b

        def f(x):
            s = x
            try:
                s = s * 2.0
                s = s * inner(x, x)
                s = s + inner(s, x - 0.5)
            except OwnError:
                s = s * s
            except ZeroDivisionError:
                s = s * x
            return s
        """,
        (0.7, 1.2, 1.7, 0.5),
    ),
    "around a recursion": (
        """
        def power(x, n):
            if n == 0:
                return 1.0 / (x - 1.0)
            return x * power(x, n - 1)

        def f(x):
            try:
                return power(x, 3)
            except ZeroDivisionError:
                return x * x
        """,
        (0.7, 1.0),
    ),
    "an exception that is printed and kept": (
        """
        def f(x):
            y = 1.0
            try:
                y = y + x
                y = y * math.log(x)
            except ValueError as error:
                print("no", error, str(error))
                y = y * len(str(error)) * x
            return y
        """,
        (0.7, -0.6),
    ),
    "suppressed": (
        """
        def f(x):
            y = x
            with suppress(ValueError, ZeroDivisionError):
                y = y * x
                y = y * math.log(x)
            with contextlib.nullcontext(y) as z:
                y = y * z
            return y
        """,
        (0.7, -0.6),
    ),
    "under a manager": (
        """
        def f(x):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                y = x * x
                if y > 1.0:
                    return y * x
                y = y * 3.0
            return y * y
        """,
        (0.7, 1.3),
    ),
    "matched": (
        """
        def f(x, kind="b", n=2):
            match kind, n:
                case "a", _:
                    return x
                case ("b" | "c"), k if x > 1.0:
                    return x * x * k
                case "b", (1 | 2) as m:
                    y = x * m
                case _:
                    y = 0.0
            match y:
                case 0.0:
                    return x
                case None:
                    return 3.0
                case z if z < 0.0:
                    return z * z * z
                case (a, b):
                    return a
            return math.sin(y)
        """,
        (0.7, 1.3, -0.5, 0.0),
    ),
    "printed in order": (
        """
        def f(x, label="run"):
            s = 0.0
            for i in range(3):
                s = s + x * i
                print(label, i, s, f"{s:.3f}", sep=" | ")
                print(label, i, s, f"{s:.3f}", sep=" | ")
            name = "%s-%d" % (label.upper(), 3)
            if name.startswith("RUN") and len(name) == 5 and "-" in (name, "-"):
                s = s * s
            print(name + "!", ", ".join((label, name)))
            return s
        """,
        (0.7, -0.6),
    ),
    "braces in what is printed": (
        """
        def f(x):
            print("{}"); print("{a} {", x, f"{{x}} {x!r:>5}"); print("%d{}" % 3, "{}".format(x))
            return x * x
        """,
        (0.7, -0.6),
    ),
    "always raised": (
        """
        def f(x):
            try:
                raise ValueError("a {b}")
            except ValueError as e:
                y = x * len(str(e))
            return y
        """,
        (0.7, -0.6),
    ),
    "a recursion that prints": (
        """
        def loud(x, n):
            print("in", n)
            if n == 0: return x
            return x * loud(x, n - 1)

        def f(x):
            return loud(x, 2) + loud(x, 1)
        """,
        (0.7, -0.6),
    ),
    "in a nested function": (
        """
        def f(x):
            def inner(t):
                try:
                    return math.log(t)
                except ValueError:
                    return t * t
            return inner(x) * inner(-x)
        """,
        (0.7, -0.6),
    ),
    "leaving a loop by a handler": (
        """
        def f(x):
            for i in range(3):
                while True:
                    try:
                        x = x + math.sqrt(1.5 - x)
                    except ValueError:
                        break
                    else:
                        continue
                    finally:
                        x = x * 1.01
            return x
        """,
        (0.7, -0.6),
    ),
    "a flag that the body sets": (
        """
        def f(x):
            ok = False
            try:
                y = math.log(x)
                ok = True
            except (ValueError, OverflowError):
                pass
            if ok:
                return y * x
            return x * x
        """,
        (0.7, -0.6),
    ),
    "a finally on the way to a handler": (
        """
        def f(x):
            try:
                try:
                    y = 1.0 / (x - x)
                finally:
                    print("fin")
            except ArithmeticError:
                y = x * 3
            return y
        """,
        (0.7, -0.6),
    ),
    "raised in a loop to leave it": (
        """
        def f(x):
            try:
                y = x
                for i in range(5):
                    if i == 3: raise StopIteration
                    y = y * x
            except StopIteration:
                y = y + 1
            return y
        """,
        (0.7, -0.6),
    ),
    "continue, return and else in a while": (
        """
        def f(x):
            k = 3
            while k:
                k -= 1
                try:
                    if k == 1: continue
                    x = x * x / (k - 1)
                except ZeroDivisionError: return 0.0
                else: x += 1
            return x
        """,
        (0.7, -0.6),
    ),
    "an assertion that is caught": (
        """
        def f(x):
            y = 0.0
            try:
                assert x > 0, f"no {x}"
                y = x * x
            except AssertionError as e:
                y = -x
            return y
        """,
        (0.7, -0.6),
    ),
    "strings": (
        """
        def f(x, mode="fast"):
            s = ""
            for i in range(3):
                s = s + str(i) + ","
            print(s, s.count(","), "fast" in mode, len(mode) * 2)
            print(mode.replace("fast", "slow").title())
            scale = 2.0 if mode == "fast" else 3.0
            best = float("-inf")
            return max(x * scale, best)
        """,
        (0.7, -0.6),
    ),
    "a continue past a finally": (
        """
        def f(x):
            total = x
            for i in range(3):
                try:
                    try:
                        total = total * x
                        if i == 1: raise KeyError(i)
                    finally:
                        total = total + 1
                except KeyError: continue
                total = total * 2
            return total
        """,
        (0.7, -0.6),
    ),
    "a string default of a callee": (
        """
        def wave(t, kind="sin"):
            if kind == "sin":
                return math.sin(t)
            return t

        def f(x):
            return wave(x) * wave(x, "none")
        """,
        (0.7,),
    ),
}


def slope(function: Any, x: float) -> float | None:
    """The central difference, where the path that ends at x goes on to both sides."""
    h = 1e-6
    at, right, left = (outcome(function, p)[1] for p in (x, x + h, x - h))
    if not all(isinstance(end, float) for end in (at, right, left)):
        return None
    steps = close(right, at, 1e-4) and close(left, at, 1e-4)
    if not steps or not close((right - at) / h, (at - left) / h, 1e-3):
        return None
    return float((right - left) / (2 * h))


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("level", [0, 1])
def test_program(name: str, level: int) -> None:
    text, points = PROGRAMS[name]
    f = load(dedented(text))["f"]
    first = grad(f, optimize=level)
    second = grad(first)
    again = load(f"{OWN}{first.source_for(0.7)}\ndef h(x):\n    return f_grad(x)[1]\n")["h"]
    compared = 0
    for x in points:
        printed, value = outcome(f, x)
        got_printed, got = outcome(value_and_grad(f, optimize=level), x)
        assert (printed, value) == (got_printed, got[0])
        gradient, curvature = outcome(first, x)[1], outcome(second, x)[1]
        for found, expected in ((gradient, slope(f, x)), (curvature, slope(first, x))):
            if expected is not None:
                assert close(found, expected, 1e-3), (x, found, expected)
                compared += 1
        assert outcome(again, x)[1] == pytest.approx(gradient)
        assert outcome(grad(again), x)[1] == pytest.approx(curvature, nan_ok=True)
    assert compared


def dedented(text: str) -> str:
    import textwrap

    return HEAD + textwrap.dedent(text)


def test_points_where_the_path_has_no_neighbour() -> None:
    """The derivative is that of the path that ran."""
    f = load(dedented(PROGRAMS["the test of an if raises"][0]))["f"]
    assert value_and_grad(f)(4.0) == (320.0, 5.0 * 3 * 16.0)
    g = load(dedented(PROGRAMS["around a recursion"][0]))["f"]
    assert value_and_grad(g)(1.0) == (1.0, 2.0)


def test_what_the_primal_raises_the_gradient_raises() -> None:
    text = """
    def f(x):
        try:
            y = math.log(x)
        except ValueError as error:
            raise OwnError(f"bad {x}") from error
        return y
    """
    names = load(dedented(text))
    with pytest.raises(names["OwnError"], match="bad -1") as caught:
        grad(names["f"])(-1.0)
    assert isinstance(caught.value.__cause__, ValueError)
    assert grad(names["f"])(2.0) == 0.5


def test_statements_run_once(capsys: pytest.CaptureFixture[str]) -> None:
    names = load("def f(x):\n    print('once', x)\n    return x * x\n")
    assert grad(names["f"])(3.0) == 6.0
    assert capsys.readouterr().out == "once 3.0\n"


def test_numpy_errstate() -> None:
    numpy = pytest.importorskip("numpy")
    text = """
    import numpy as np
    def f(x):
        with np.errstate(all="ignore"):
            y = math.exp(x)
        return y * x
    """
    assert numpy
    f = load(dedented(text))["f"]
    assert grad(f)(0.5) == pytest.approx(1.5 * math.exp(0.5))
    assert "with np.errstate(all='ignore'):" in grad(f).source


@pytest.mark.parametrize("name", PROGRAMS)
def test_both_readers(name: str, tmp_path: Path) -> None:
    from s2sad.ir.verify import verify

    text = dedented(PROGRAMS[name][0])
    if "raise OwnError" not in text and "except OwnError" not in text:
        verify(lower_static(text, tmp_path).module)
    verify(lower_live(text).module)
