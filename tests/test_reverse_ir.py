"""Reverse mode on IR written by hand, against differences of the interpreted primal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest

from s2sad.inspect.interpreter import run
from s2sad.ir.nodes import Module
from s2sad.ir.text import parse
from s2sad.ir.verify import verify
from s2sad.transform.gradient import as_primal, gradient

TRIPLE_NEST = """
func f(x: float, n: int) -> 0 {
  loop i in range(0, n, 1) carry (s = 0.5) {
    loop j in range(0, i, 1) carry (t = s) {
      loop k in range(0, j, 1) carry (u = t) {
        %p = mul(u, x)
        u.1 = sin(%p)
        u.2 = add(u.1, u)
        yield next (u.2)
      } -> (u.3)
      %q = mul(u.3, t)
      t.1 = mul(%q, 0.25)
      yield next (t.1)
    } -> (t.2)
    s.1 = add(t.2, x)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
"""

READ_THEN_OVERWRITTEN = """
func f(x: float, A: float[n]) -> 0 {
  A.1 = copy(A)
  A.2 = set(A.1, x, 0)
  loop i in range(1, 4, 1) carry (A.3 = A.2) {
    %h = sub(i, 1)
    v = get(A.3, %h)
    w = get(A.3, i)
    %m = mul(v, w)
    A.4 = set(A.3, %m, i)
    A.5 = set(A.4, v, %h)
    %z = get(A.5, i)
    %y = mul(%z, v)
    A.6 = set(A.5, %y, %h)
    yield next (A.6)
  } -> (A.7)
  r = get(A.7, 3)
  q = get(A.7, 1)
  %t = mul(r, q)
  yield %t
}
"""

SHARED_BUFFER = """
func f(x: float[n], y: float[n]) -> 0 {
  z: float[n] = add(x, y)
  a = get(z, 0)
  %b = mul(a, a)
  w: float[n] = add(z, y)
  c = get(w, 1)
  e = get(x, 1)
  %d = mul(c, %b)
  %g = mul(%d, e)
  yield %g
}
"""

NESTED_RETURN = """
func f(x: float, n: int) -> 0 {
  loop i in range(0, n, 1) carry (y = x, r = undef<float>, done = False) {
    loop j in range(0, n, 1) carry (y.1 = y, r.1 = undef<float>, done.1 = False) {
      y.2 = mul(y.1, x)
      y.3 = add(y.2, 0.5)
      %c = gt(y.3, 4.0)
      if %c {
        %q = mul(y.3, x)
        yield True, %q, y.3
      } else {
        %s = sin(y.3)
        yield False, undef<float>, %s
      } -> (%stop: bool, r.2: float, y.4)
      yield stop %stop next (y.4, r.2, %stop)
    } -> (y.5, r.3, done.2)
    y.6 = mul(y.5, 1.25)
    yield stop done.2 next (y.6, r.3, done.2)
  } -> (y.7, r.4, done.3)
  if done.3 {
    %e = mul(r.4, x)
    yield %e
  } else {
    yield y.7
  } -> (%out)
  yield %out
}
"""

WHILE = """
func f(x: float) -> 0 {
  while (y = x, k = 0) {
    %c = lt(k, 5)
    yield %c
  } do (y.1, k.1) {
    y.2 = mul(y.1, x)
    y.3 = cos(y.2)
    k.2 = add(k.1, 1)
    yield next (y.3, k.2)
  } -> (y.4, k.3)
  yield y.4
}
"""

DOUBLING = """
func f(x: float) -> 0 {
  while (y = x) {
    %c = lt(y, 100.0)
    yield %c
  } do (y.1) {
    y.2 = mul(y.1, 2.0)
    yield next (y.2)
  } -> (y.4)
  yield y.4
}
"""

BRANCH = """
func f(x: float, w: float) -> 0 {
  a = sin(x)
  %c = gt(x, 0.5)
  if %c {
    t = mul(a, w)
    u = exp(t)
    yield u
  } else {
    yield w
  } -> (y)
  loop i in range(0, 4, 1) carry (z = y) {
    %p = gt(z, 1.0)
    if %p {
      %s = sqrt(z)
      %q = mul(%s, w)
      yield %q
    } else {
      %r = mul(z, x)
      %k = mul(%r, z)
      yield %k
    } -> (z.1)
    z.2 = add(z.1, a)
    yield next (z.2)
  } -> (z.3)
  yield z.3
}
"""

RECURSION = """
func g(n: int, x: float) -> 0 {
  %c = le(n, 0)
  if %c {
    yield x
  } else {
    %m = sub(n, 1)
    %y = sin(x)
    call g(%m, %y) -> (%z: float)
    %w = mul(%z, x)
    yield %w
  } -> (%r)
  yield %r
}
func f(x: float, n: int) -> 0 {
  a = mul(x, x)
  call g(n, a) -> (b: float)
  %c = mul(b, x)
  yield %c
}
"""

TRY = """
func f(x: float, w: float) -> 0 {
  a = mul(x, w)
  try {
    %l = log(a)
    %m = mul(%l, x)
    yield %m
  } except ValueError {
    %s = sin(a)
    yield %s
  } -> (y) path p
  %z = mul(y, w)
  yield %z
}
"""

ARRAYS_READ_BY_A_CALLEE = """
func g(A: float[n], x: float) -> 0 {
  loop i in range(0, 3, 1) carry (s = x) {
    v = get(A, i)
    %m = mul(v, s)
    s.1 = sin(%m)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
func f(A: float[n], x: float) -> 0 {
  call g(A, x) -> (y: float)
  A.2 = set(A, y, 1)
  call g(A.2, x) -> (z: float)
  loop i in range(1, 3, 1) carry (A.3 = A.2) {
    %h = sub(i, 1)
    v = get(A.3, %h)
    %m = mul(v, z)
    A.4 = set(A.3, %m, i)
    yield next (A.4)
  } -> (A.5)
  r = get(A.5, 2)
  yield r
}
"""

CASES: list[tuple[str, Sequence[object], Sequence[int]]] = [
    (TRIPLE_NEST, (0.7, 5), (0,)),
    (READ_THEN_OVERWRITTEN, (1.3, np.array([2.0, 0.7, 1.1, 0.9])), (0, 1)),
    (SHARED_BUFFER, (np.array([2.0, 0.7]), np.array([1.1, 0.9])), (0, 1)),
    (NESTED_RETURN, (1.6, 4), (0,)),
    (NESTED_RETURN, (0.6, 3), (0,)),
    (WHILE, (0.8,), (0,)),
    (DOUBLING, (0.8,), (0,)),
    (DOUBLING, (180.0,), (0,)),
    (BRANCH, (0.8, 1.7), (0, 1)),
    (BRANCH, (0.3, 0.4), (0, 1)),
    (RECURSION, (0.8, 3), (0,)),
    (RECURSION, (0.8, 0), (0,)),
    (TRY, (0.8, 1.3), (0, 1)),
    (TRY, (-0.8, 1.3), (0, 1)),
    (ARRAYS_READ_BY_A_CALLEE, (np.array([1.4, 0.9, -1.7]), 1.3), (0, 1)),
]


def numeric(func: Callable[..., float], args: Sequence[object], k: int) -> Any:
    """Central differences in one argument."""
    arg = args[k]
    if isinstance(arg, np.ndarray):
        result = np.zeros_like(arg)
        for index in np.ndindex(arg.shape):
            step = np.zeros_like(arg)
            step[index] = 1e-6
            result[index] = _slope(func, args, k, step)
        return result
    return _slope(func, args, k, 1e-6)


def _slope(func: Callable[..., float], args: Sequence[object], k: int, step: object) -> float:
    def at(sign: float) -> float:
        moved = [arg + sign * step if j == k else arg for j, arg in enumerate(args)]  # type: ignore[operator]
        return func(*moved)

    return (at(1.0) - at(-1.0)) / 2e-6


@pytest.mark.parametrize("level", [0, 1])
@pytest.mark.parametrize(("text", "args", "wrt"), CASES)
def test_gradient(text: str, args: Sequence[object], wrt: Sequence[int], level: int) -> None:
    module = parse(text)
    verify(module)
    derived = gradient(module, wrt, bare=False, level=level)
    verify(derived)
    value, grads = run(derived, args)
    assert value == run(module, args)
    for k, found in zip(wrt, grads, strict=True):
        wanted = numeric(partial(_at, module), args, k)
        np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize(("text", "args", "wrt"), CASES)
def test_second_order(text: str, args: Sequence[object], wrt: Sequence[int]) -> None:
    module = parse(text)
    for k in wrt:
        if isinstance(args[k], np.ndarray):
            continue
        first = as_primal(gradient(module, [k]), 1)
        verify(first)
        second = gradient(first, [k])
        verify(second)
        value, grad = run(second, args)
        slope = partial(_at, first)
        assert value == run(first, args)
        np.testing.assert_allclose(grad, numeric(slope, args, k), rtol=1e-6, atol=1e-6)


def _at(module: Module, *args: object) -> float:
    value: float = run(module, args)
    return value
