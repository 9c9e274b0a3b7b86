"""Programs on lists, as IR written by hand, with arguments to try them on."""

from __future__ import annotations

from typing import Any, NamedTuple


class Program(NamedTuple):
    text: str
    args: tuple[tuple[Any, ...], ...]
    wrt: tuple[int, ...] = (0,)


XS = ([0.7, -1.3, 2.1, 0.4],)

PROGRAMS: dict[str, Program] = {
    "sum_of_squares": Program(
        """
func f(xs: list<float>) -> 0 {
  %n = len(xs)
  loop i in range(0, %n, 1) carry (s = 0.0) {
    v = get(xs, i)
    %q = mul(v, v)
    s.1 = add(s, %q)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
""",
        (XS, ([],)),
    ),
    "over": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  loop i carry (s = 0.0) over (v in xs) {
    %q = sin(v)
    %p = mul(%q, w)
    s.1 = add(s, %p)
    yield next (s.1)
  } -> (s.2)
  a = get(xs, 0)
  %t = mul(s.2, a)
  yield %t
}
""",
        ((XS[0], 0.8),),
        (0, 1),
    ),
    "twice_over": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  loop i carry (s = 0.0) over (v in xs) {
    loop j carry (t = s) over (u in xs) {
      %p = mul(u, v)
      %q = sin(%p)
      t.1 = add(t, %q)
      yield next (t.1)
    } -> (t.2)
    yield next (t.2)
  } -> (s.2)
  loop k carry (p = w) over (v.2 in reversed(xs)) {
    %m = mul(p, v.2)
    p.1 = add(%m, 1.0)
    yield next (p.1)
  } -> (p.2)
  %t = mul(s.2, p.2)
  %total = list_sum(xs)
  %r = mul(%t, %total)
  yield %r
}
""",
        ((XS[0], 0.8), ([], 0.8)),
        (0, 1),
    ),
    "overwritten": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  %n = len(xs)
  loop i in range(0, %n, 1) carry (ys = xs) {
    v = get(ys, i)
    %q = mul(v, v)
    %r = mul(%q, w)
    ys.1 = set(ys, %r, i)
    yield next (ys.1)
  } -> (ys.2)
  loop i.1 carry (s = 0.0) over (u in ys.2) {
    %p = mul(u, u)
    s.1 = add(s, %p)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
""",
        ((XS[0], 0.8),),
        (0, 1),
    ),
    "recurrence": Program(
        """
func f(x: float, n: int) -> 0 {
  a = repeat(x, n)
  loop i in range(1, n, 1) carry (a.1 = a) {
    %h = sub(i, 1)
    v = get(a.1, %h)
    %m = mul(v, x)
    a.2 = set(a.1, %m, i)
    yield next (a.2)
  } -> (a.3)
  r = get(a.3, -1)
  q = get(a.3, 1)
  %t = mul(r, q)
  yield %t
}
""",
        ((1.1, 5), (0.6, 2)),
    ),
    "fibonacci": Program(
        """
func f(x: float, n: int) -> 0 {
  a = list(1.0, x)
  loop i in range(0, n, 1) carry (a.1 = a) {
    p = get(a.1, -1)
    q = get(a.1, -2)
    %m = mul(p, q)
    %s = add(%m, x)
    a.2 = append(a.1, %s)
    yield next (a.2)
  } -> (a.3)
  r = get(a.3, -1)
  %l = len(a.3)
  %h = mul(r, %l)
  yield %h
}
""",
        ((0.9, 5), (0.6, 0)),
    ),
    "stack": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  stack = list()
  loop i carry (st: list<float> = stack) over (v in xs) {
    %c = gt(v, 0.5)
    if %c {
      st.1 = append(st, v)
      yield st.1
    } else {
      %n = len(st)
      %e = gt(%n, 0)
      if %e {
        top = get(st, -1)
        st.2 = drop(st)
        %m = mul(top, v)
        st.3 = append(st.2, %m)
        %z = mul(%m, w)
        st.4 = append(st.3, %z)
        yield st.4
      } else {
        st.5 = append(st, w)
        yield st.5
      } -> (st.6: list<float>)
      yield st.6
    } -> (st.7)
    yield next (st.7)
  } -> (st.8)
  a = get(st.8, -1)
  st.9 = drop(st.8)
  b = get(st.9, -1)
  %r = mul(a, b)
  %k = mul(%r, a)
  yield %k
}
""",
        (([0.7, -1.3, 2.1, 0.4], 0.9), ([-0.2, 0.3, 0.1], 1.2)),
        (0, 1),
    ),
    "kept_if": Program(
        """
func f(xs: list<float>) -> 0 {
  kept: list<float> = list()
  loop i carry (ks = kept) over (v in xs) {
    %c = gt(v, 0.0)
    if %c {
      %q = mul(v, v)
      ks.1 = append(ks, %q)
      yield ks.1
    } else {
      yield ks
    } -> (ks.2)
    yield next (ks.2)
  } -> (ks.3)
  %n = len(ks.3)
  loop j in range(0, %n, 1) carry (s = 1.0) {
    u = get(ks.3, j)
    %m = mul(s, u)
    s.1 = sin(%m)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
""",
        (XS, ([-1.0, -2.0],)),
    ),
    "matmul": Program(
        """
func f(A: list<list<float>>, B: list<list<float>>) -> 0 {
  C: list<list<float>> = list()
  %n = len(A)
  %b = get(B, 0)
  %m = len(%b)
  %k = len(B)
  loop i in range(0, %n, 1) carry (C.1 = C) {
    row: list<float> = list()
    loop j in range(0, %m, 1) carry (row.1 = row) {
      loop k in range(0, %k, 1) carry (s = 0.0) {
        a = get(A, i, k)
        b = get(B, k, j)
        %p = mul(a, b)
        s.1 = add(s, %p)
        yield next (s.1)
      } -> (s.2)
      row.2 = append(row.1, s.2)
      yield next (row.2)
    } -> (row.3)
    C.2 = append(C.1, row.3)
    yield next (C.2)
  } -> (C.3)
  loop i.1 carry (t = 0.0) over (r in C.3) {
    loop j.1 carry (u = t) over (e in r) {
      %q = mul(e, e)
      u.1 = add(u, %q)
      yield next (u.1)
    } -> (u.2)
    yield next (u.2)
  } -> (t.2)
  yield t.2
}
""",
        (([[1.0, 0.5], [-0.3, 2.0], [0.1, 0.2]], [[0.7, 1.1, 0.2], [0.4, -0.6, 1.5]]),),
        (0, 1),
    ),
    "bubble": Program(
        """
func f(xs: list<float>) -> 0 {
  xs.1 = copy(xs)
  %n = len(xs.1)
  loop i in range(0, %n, 1) carry (ys = xs.1) {
    %l = sub(%n, 1)
    loop j in range(0, %l, 1) carry (zs = ys) {
      %h = add(j, 1)
      a = get(zs, j)
      b = get(zs, %h)
      %c = gt(a, b)
      if %c {
        zs.1 = set(zs, b, j)
        zs.2 = set(zs.1, a, %h)
        yield zs.2
      } else {
        yield zs
      } -> (zs.3)
      yield next (zs.3)
    } -> (zs.4)
    yield next (zs.4)
  } -> (ys.2)
  loop k carry (s = 0.0) over (v in ys.2) {
    %m = mul(v, k)
    %q = mul(%m, v)
    s.1 = add(s, %q)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
""",
        (XS,),
    ),
    "cumulative_max": Program(
        """
func f(xs: list<float>) -> 0 {
  m = get(xs, 0)
  out: list<float> = list()
  loop i carry (top = m, o = out) over (v in xs) {
    top.1 = max(top, v)
    o.1 = append(o, top.1)
    yield next (top.1, o.1)
  } -> (top.2, o.2)
  %p = list_prod(o.2)
  %q = mul(%p, top.2)
  yield %q
}
""",
        (([0.7, 1.3, 0.9, 1.9],), ([2.0],)),
    ),
    "prod": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  p = list_prod(xs)
  %q = mul(p, w)
  m = list_max(xs)
  l = list_min(xs)
  s = list_fsum(xs)
  t = list_sum(xs, w)
  %d = mul(m, l)
  %e = mul(s, t)
  %g = add(%d, %e)
  %h = add(%g, %q)
  yield %h
}
""",
        (([0.7, 1.3, 0.0, 1.9], 0.3), ([0.7, 1.3, -0.2, 1.9], 0.3), ([0.0, 0.5, -0.1], 1.0)),
        (0, 1),
    ),
    "prod_of_what_is_written": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  ys = copy(xs)
  p = list_prod(ys)
  ys.1 = set(ys, p, 0)
  m = list_max(ys.1)
  ys.2 = append(ys.1, m)
  s = list_sum(ys.2)
  ys.3 = acc(ys.2, s, 1)
  q = list_prod(ys.3)
  ys.4 = drop(ys.3)
  %r = list_prod(ys.4)
  %t = mul(%r, w)
  %u = sub(q, %t)
  yield %u
}
""",
        (([0.7, 1.3, 0.4, 1.9], 0.3),),
        (0, 1),
    ),
    "read_of_a_version_that_grows": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  ys = copy(xs)
  a = get(ys, -1)
  ys.1 = append(ys, w)
  b = get(ys.1, -1)
  c = get(ys.1, 0)
  ys.2 = append(ys.1, 3.0)
  ys.3 = append(ys.2, w)
  ys.4 = drop(ys.3)
  ys.5 = drop(ys.4)
  ys.6 = drop(ys.5)
  ys.7 = drop(ys.6)
  %p = mul(a, b)
  %q = mul(%p, c)
  yield %q
}
""",
        ((XS[0], 0.3),),
        (0, 1),
    ),
    "while": Program(
        """
func f(x: float) -> 0 {
  a = list(x)
  while (a.1 = a, k = 0) {
    %v = get(a.1, -1)
    %c = lt(%v, 9.0)
    yield %c
  } do (a.2, k.1) {
    v = get(a.2, -1)
    %m = mul(v, v)
    %n = add(%m, x)
    a.3 = append(a.2, %n)
    u = get(a.3, k.1)
    %u = mul(u, 1.5)
    a.4 = set(a.3, %u, k.1)
    k.2 = add(k.1, 1)
    yield next (a.4, k.2)
  } -> (a.5, k.3)
  %s = list_sum(a.5)
  r = get(a.5, 0)
  %t = mul(%s, r)
  yield %t
}
""",
        ((1.2,), (10.0,)),
    ),
    "callee": Program(
        """
func scale(ys: list<float>, w: float, k: int) -> (0, 1) {
  v = get(ys, k)
  %m = mul(v, w)
  %q = mul(%m, v)
  ys.1 = set(ys, %q, k)
  ys.2 = append(ys.1, w)
  %n = len(ys.2)
  loop i in range(0, %n, 1) carry (s = 0.0) {
    u = get(ys.2, i)
    %p = mul(u, u)
    s.1 = add(s, %p)
    yield next (s.1)
  } -> (s.2)
  yield ys.2, s.2
}
func f(xs: list<float>, w: float) -> 0 {
  xs.1 = copy(xs)
  loop i in range(0, 3, 1) carry (ys = xs.1, t = 0.0) {
    call scale(ys, w, i) -> (ys.1: list<float>, s: float)
    a = get(ys.1, 0)
    %b = mul(a, s)
    t.1 = add(t, %b)
    yield next (ys.1, t.1)
  } -> (ys.2, t.2)
  yield t.2
}
""",
        (([0.7, -0.3, 0.4], 0.8),),
        (0, 1),
    ),
    "callee_reads": Program(
        """
func norm(ys: list<float>, w: float) -> 0 {
  loop i carry (s = w) over (y in ys) {
    %p = mul(y, y)
    s.1 = add(s, %p)
    yield next (s.1)
  } -> (s.2)
  %r = sqrt(s.2)
  yield %r
}
func f(xs: list<float>, w: float) -> 0 {
  xs.1 = copy(xs)
  loop i in range(0, 3, 1) carry (ys = xs.1, t = 0.0) {
    call norm(ys, w) -> (s: float)
    ys.1 = set(ys, s, i)
    call norm(ys.1, w) -> (r: float)
    %b = mul(r, s)
    t.1 = add(t, %b)
    yield next (ys.1, t.1)
  } -> (ys.2, t.2)
  call norm(xs, t.2) -> (u: float)
  yield u
}
""",
        (([0.7, -0.3, 0.4], 0.8),),
        (0, 1),
    ),
    "recursion": Program(
        """
func fill(ys: list<float>, x: float, n: int) -> (0, 1) {
  %c = le(n, 0)
  if %c {
    yield ys, x
  } else {
    v = get(ys, -1)
    %m = mul(v, x)
    ys.1 = append(ys, %m)
    %k = sub(n, 1)
    call fill(ys.1, %m, %k) -> (ys.2: list<float>, z: float)
    w = get(ys.2, n)
    %z = mul(z, w)
    yield ys.2, %z
  } -> (ys.3, r)
  yield ys.3, r
}
func f(x: float, n: int) -> 0 {
  a = list(x, 0.5)
  call fill(a, x, n) -> (a.1: list<float>, b: float)
  %s = list_sum(a.1)
  %t = mul(%s, b)
  yield %t
}
""",
        ((1.3, 3), (1.3, 0)),
    ),
    "rows": Program(
        """
func f(A: list<list<float>>, w: float) -> 0 {
  B = copy(A)
  %n = len(B)
  loop i in range(0, %n, 1) carry (C = B) {
    row = get(C, i)
    %m = len(row)
    %s = list_sum(row)
    loop j in range(0, %m, 1) carry (D = C) {
      v = get(D, i, j)
      %q = mul(v, w)
      %r = mul(%q, %s)
      D.1 = set(D, %r, i, j)
      D.2 = acc(D.1, w, i, 0)
      yield next (D.2)
    } -> (D.3)
    yield next (D.3)
  } -> (E)
  loop k carry (t = 0.0) over (r in E) {
    %p = list_prod(r)
    a = get(r, 0)
    %b = mul(%p, a)
    t.1 = add(t, %b)
    yield next (t.1)
  } -> (t.2)
  yield t.2
}
""",
        (([[1.0, 0.5], [-0.3, 2.0, 0.7], [0.4]], 0.8),),
        (0, 1),
    ),
    "swapped_rows": Program(
        """
func f(A: list<list<float>>, w: float) -> 0 {
  B = copy(A)
  r = get(B, 0)
  p = copy(r)
  q.1 = get(B, 1)
  q = copy(q.1)
  B.1 = set(B, q, 0)
  B.2 = set(B.1, p, 1)
  a = get(B.2, 0, 0)
  b = get(B.2, 1, 0)
  c = get(B.2, 1, 1)
  %d = mul(a, b)
  %e = mul(%d, c)
  %g = mul(%e, w)
  yield %g
}
""",
        (([[1.2, 0.5], [-0.3, 2.0, 0.7], [0.4]], 0.8),),
        (0, 1),
    ),
    "stopped": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  loop i carry (s = 0.0) over (v in xs) {
    %q = mul(v, v)
    s.1 = add(s, %q)
    %c = gt(s.1, w)
    yield stop %c next (s.1)
  } -> (s.2)
  %t = mul(s.2, s.2)
  yield %t
}
""",
        ((XS[0], 1.0), (XS[0], 0.1), (XS[0], 99.0), ([], 1.0)),
    ),
    "made_in_a_loop": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  loop i carry (s = 0.0) over (v in xs) {
    a = list(v, w)
    a.1 = append(a, s)
    u = get(a.1, 1)
    %m = mul(u, v)
    a.2 = set(a.1, %m, 0)
    loop j carry (t = 1.0) over (e in a.2) {
      %p = mul(t, e)
      t.1 = add(%p, e)
      yield next (t.1)
    } -> (t.2)
    s.1 = sin(t.2)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
""",
        ((XS[0], 0.4),),
        (0, 1),
    ),
    "counts": Program(
        """
func f(xs: list<float>, ns: list<int>, w: float) -> 0 {
  ms = copy(ns)
  loop i carry (s = w, ms.1 = ms) over (v in xs) {
    n = get(ms.1, i)
    u = get(xs, n)
    %p = mul(u, v)
    %q = mul(%p, s)
    k = add(n, 1)
    %k = mod(k, 3)
    ms.2 = set(ms.1, %k, -1)
    yield next (%q, ms.2)
  } -> (s.2, ms.3)
  yield s.2
}
""",
        (([0.7, 1.2, 0.4], [2, 0, 1], 0.4),),
        (0, 2),
    ),
    "one_path": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  ys = copy(xs)
  %c = gt(w, 0.5)
  if %c {
    a = get(ys, 0)
    %m = mul(a, w)
    ys.1 = set(ys, %m, 1)
    ys.2 = append(ys.1, %m)
    yield ys.2, a
  } else {
    ys.3 = drop(ys)
    yield ys.3, w
  } -> (ys.4, b)
  %s = list_sum(ys.4)
  %l = get(ys.4, -1)
  %p = mul(%s, %l)
  %r = mul(%p, b)
  yield %r
}
""",
        ((XS[0], 0.9), (XS[0], 0.2)),
        (0, 1),
    ),
    "only_the_start_is_read": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  ys = copy(xs)
  loop i in range(0, 3, 1) carry (zs = ys, s = w) {
    a = get(zs, -1)
    zs.1 = append(zs, s)
    b = get(zs.1, i)
    %m = mul(a, b)
    s.1 = add(s, %m)
    zs.2 = append(zs.1, 1.0)
    yield next (zs.2, s.1)
  } -> (zs.3, s.2)
  yield s.2
}
""",
        ((XS[0], 0.9),),
        (0, 1),
    ),
    "points": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  ps: list<(float, float)> = list()
  loop i carry (qs = ps) over (v in xs) {
    %s = mul(v, w)
    p = tuple(v, %s)
    qs.1 = append(qs, p)
    yield next (qs.1)
  } -> (qs.2)
  q = tuple(w, 0.5)
  qs.3 = set(qs.2, q, 1)
  loop j carry (t = 0.0) over (e in qs.3) {
    a = item(e, 0)
    b = item(e, 1)
    %m = mul(a, b)
    t.1 = add(t, %m)
    yield next (t.1)
  } -> (t.2)
  first = get(qs.3, 0)
  last = get(qs.3, -1)
  qs.4 = drop(qs.3)
  again = get(qs.4, 0)
  c = item(first, 1)
  d = item(last, 0)
  e.1 = item(again, 0)
  %k = mul(c, d)
  %l = mul(%k, e.1)
  %r = mul(t.2, %l)
  yield %r
}
""",
        ((XS[0], 0.9),),
        (0, 1),
    ),
    "rows_pushed_and_popped": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  A: list<list<float>> = list()
  loop i carry (B = A) over (v in xs) {
    %s = mul(v, w)
    row = list(v, %s)
    row.1 = append(row, v)
    B.1 = append(B, row.1)
    yield next (B.1)
  } -> (B.2)
  v.1 = get(B.2, -1)
  top = copy(v.1)
  B.3 = drop(B.2)
  top.1 = set(top, w, 0)
  a = get(top.1, 1)
  b = get(B.3, -1, 1)
  B.4 = append(B.3, top.1)
  c = get(B.4, -1, 0)
  B.5 = drop(B.4)
  B.6 = drop(B.5)
  loop k carry (t = 0.0) over (r in B.6) {
    %p = list_prod(r)
    %q = sin(%p)
    t.1 = add(t, %q)
    yield next (t.1)
  } -> (t.2)
  %d = mul(a, b)
  %e = mul(%d, c)
  %g = mul(%e, t.2)
  yield %g
}
""",
        ((XS[0], 0.9),),
        (0, 1),
    ),
    "flags": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  flags = list(True, False)
  loop i carry (fs = flags, s = w) over (v in xs) {
    %c = gt(v, 0.0)
    fs.1 = append(fs, %c)
    %n = len(fs.1)
    b = get(fs.1, -2)
    if b {
      %m = mul(s, v)
      yield %m
    } else {
      yield s
    } -> (s.1)
    %k = mul(s.1, %n)
    yield next (fs.1, %k)
  } -> (fs.2, s.2)
  yield s.2
}
""",
        ((XS[0], 0.9),),
        (0, 1),
    ),
    "list_of_a_branch": Program(
        """
func f(xs: list<float>, w: float) -> 0 {
  %c = gt(w, 0.5)
  if %c {
    ys = list(w, w)
    yield ys
  } else {
    ys.1 = copy(xs)
    yield ys.1
  } -> (zs)
  zs.1 = set(zs, w, -1)
  loop i carry (s = 0.0) over (v in zs.1) {
    loop j carry (t = s) over (u in zs.1) {
      %m = mul(u, v)
      %n = sin(%m)
      t.1 = add(t, %n)
      yield next (t.1)
    } -> (t.2)
    yield next (t.2)
  } -> (s.2)
  yield s.2
}
""",
        ((XS[0], 0.9), (XS[0], 0.3)),
        (0, 1),
    ),
    "zipped_with_itself": Program(
        """
func f(xs: list<float>, ys: list<float>, w: float) -> 0 {
  loop i carry (s = w) over (u in xs, v in xs, y in ys, z in reversed(xs)) {
    %m = mul(u, y)
    %q = sin(v)
    %n = mul(%m, %q)
    %r = mul(%n, z)
    s.1 = add(s, %r)
    yield next (s.1)
  } -> (s.2)
  a = get(xs, 0)
  b = get(ys, -1)
  %d = mul(a, b)
  %e = mul(s.2, %d)
  yield %e
}
""",
        (([0.7, 1.2, 0.4], [0.3, -0.6, 1.1], 0.4),),
        (0, 1, 2),
    ),
    "one_list_twice": Program(
        """
func dot(xs: list<float>, ys: list<float>) -> 0 {
  %n = len(xs)
  loop i in range(0, %n, 1) carry (s = 0.0) {
    u = get(xs, i)
    v = get(ys, i)
    %m = mul(u, v)
    s.1 = add(s, %m)
    yield next (s.1)
  } -> (s.2)
  yield s.2
}
func f(xs: list<float>, ys: list<float>) -> 0 {
  call dot(xs, xs) -> (a: float)
  call dot(xs, ys) -> (b: float)
  call dot(ys, ys) -> (c: float)
  %d = mul(a, c)
  %e = mul(b, b)
  %g = sub(%d, %e)
  yield %g
}
""",
        (([0.7, 1.2, 0.4], [0.3, -0.6, 1.1]),),
        (0, 1),
    ),
    "reads_behind": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(2, %m, 1) carry (a.1 = a) {
    %h = sub(i, 1)
    %g = sub(i, 2)
    v = get(a.1, %h)
    u = get(a.1, %g)
    %p = mul(v, u)
    %q = mul(%p, x)
    a.2 = set(a.1, %q, i)
    w = get(a.2, i)
    %s = mul(w, w)
    a.3 = acc(a.2, %s, i)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "reads_from_the_end": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(0, %m, 1) carry (a.1 = a) {
    %h = sub(i, 1)
    v = get(a.1, %h)
    %p = mul(v, v)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, i)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "reads_ahead": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(0, %l, 1) carry (a.1 = a) {
    %h = add(i, 1)
    v = get(a.1, %h)
    %p = mul(v, v)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, i)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "reads_ahead_backward": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in reversed(range(0, %l, 1)) carry (a.1 = a) {
    %h = add(i, 1)
    v = get(a.1, %h)
    %p = mul(v, v)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, i)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "reads_behind_backward": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in reversed(range(1, %m, 1)) carry (a.1 = a) {
    %h = sub(i, 1)
    v = get(a.1, %h)
    %p = mul(v, v)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, i)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "reads_behind_and_overwritten": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(1, %m, 1) carry (a.1 = a) {
    %h = sub(i, 1)
    v = get(a.1, %h)
    %p = mul(v, v)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, i)
    yield next (a.3)
  } -> (a.4)
  a.5 = set(a.4, x, 1)
  r = list_sum(a.5)
  q = get(a.5, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "writes_ahead": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(0, %l, 1) carry (a.1 = a) {
    %h = add(i, 1)
    v = get(a.1, i)
    w = get(a.1, %h)
    %p = mul(v, w)
    %q = mul(%p, x)
    a.3 = set(a.1, %q, %h)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "writes_two_places": Program(
        """
func f(x: float) -> 0 {
  a = list(x, 0.9, 1.3, 0.7, 1.1)
  %m = len(a)
  %l = sub(%m, 1)
  loop i in range(1, %l, 1) carry (a.1 = a) {
    %h = sub(i, 1)
    %g = add(i, 1)
    v = get(a.1, %h)
    %p = mul(v, x)
    a.2 = set(a.1, %p, i)
    w = get(a.2, i)
    u = get(a.2, %g)
    %q = mul(w, w)
    %s = mul(%q, u)
    a.6 = set(a.2, %s, %g)
    y = get(a.6, %g)
    %t = mul(y, v)
    a.3 = set(a.6, %t, %h)
    yield next (a.3)
  } -> (a.4)
  r = list_sum(a.4)
  q = get(a.4, 1)
  %z = mul(r, q)
  yield %z
}
""",
        ((1.1,), (0.6,)),
        (0,),
    ),
    "table": Program(
        """
func f(A: list<list<float>>, x: float) -> 0 {
  T = copy(A)
  %n = len(A)
  %b = get(A, 0)
  %m = len(%b)
  loop i in range(1, %n, 1) carry (T.1 = T) {
    %h = sub(i, 1)
    loop j in range(1, %m, 1) carry (T.2 = T.1) {
      %g = sub(j, 1)
      u = get(T.2, %h, j)
      v = get(T.2, i, %g)
      w = get(T.2, %h, %g)
      z = get(T.2, i, j)
      %p = mul(u, v)
      %q = mul(w, z)
      %s = add(%p, %q)
      %t = mul(%s, x)
      T.3 = set(T.2, %t, i, j)
      yield next (T.3)
    } -> (T.4)
    yield next (T.4)
  } -> (T.5)
  a = get(T.5, -1, -1)
  c = get(T.5, 1, 1)
  %d = mul(a, c)
  yield %d
}
""",
        (([[1.0, 0.5, 0.8], [-0.3, 2.0, 0.7], [0.4, 1.1, -0.9]], 0.8),),
        (0, 1),
    ),
    "of_nothing_and_of_ints": Program(
        """
func f(x: float) -> 0 {
  a = list()
  a.1 = append(a, x)
  b = list(1, 2)
  b.1 = append(b, x)
  c = repeat(0, 3)
  c.1 = set(c, x, 1)
  u = get(a.1, 0)
  v = get(b.1, -1)
  w = get(c.1, 1)
  %s = list_sum(b.1)
  %p = mul(u, v)
  %q = mul(w, %s)
  %r = mul(%p, %q)
  yield %r
}
""",
        ((1.3,),),
    ),
    "rows_that_grow": Program(
        """
func f(rows: list<list<float>>, x: float) -> 0 {
  R = copy(rows)
  loop i in range(0, 3, 1) carry (R.1 = R) {
    c = get(R.1, 0, -1)
    %p = mul(c, x)
    R.2 = append(R.1, %p, 1)
    d = get(R.2, 1, 0)
    %q = sin(d)
    R.3 = append(R.2, %q, 0)
    yield next (R.3)
  } -> (R.4)
  u = get(R.4, 1, -1)
  R.5 = drop(R.4, 1)
  t = get(R.5, 1, -1)
  a = get(R.5, 0, 2)
  %s = mul(u, t)
  %r = mul(%s, a)
  yield %r
}
""",
        (([[0.7], [1.3, 0.4]], 0.8),),
        (0, 1),
    ),
    "computed_keys": Program(
        """
func f(xs: list<float>, x: float) -> 0 {
  P: places<int> = places()
  vs: list<float> = list()
  loop i carry (P.1 = P, vs.1 = vs) over (v in xs) {
    k = mod(i, 2)
    at = find(P.1, k)
    %new = lt(at, 0)
    if %new {
      P.2 = enter(P.1, k)
      vs.2 = append(vs.1, v)
      yield P.2, vs.2
    } else {
      n = place(P.1, k)
      w = get(vs.1, n)
      %p = mul(w, x)
      %q = mul(%p, v)
      vs.3 = set(vs.1, %q, n)
      yield P.1, vs.3
    } -> (P.3, vs.4)
    yield next (P.3, vs.4)
  } -> (P.4, vs.5)
  j = place(P.4, 1)
  u = get(vs.5, j)
  t = list_sum(vs.5)
  %r = mul(u, t)
  yield %r
}
""",
        (([0.7, -1.3, 2.1, 0.4, 0.9], 0.8), ([0.7, -1.3], 0.8)),
        (0, 1),
    ),
}
