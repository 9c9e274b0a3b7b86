"""Temporary."""

from __future__ import annotations

import operator
from typing import NamedTuple, Union

import numpy as np

Dim = Union[int, str]


class ShapeError(Exception):
    pass


class Arr(NamedTuple):
    dtype: str
    dims: tuple


class Num(NamedTuple):
    kind: str


class Known(NamedTuple):
    value: object


class Sizes(NamedTuple):
    dims: tuple


def _size(d, table, base):
    if isinstance(d, int):
        return d
    if d == "?":
        return base[0]
    name = d
    off = 0
    parts = d.split(".")
    if len(parts) > 1 and parts[-1][0] in "mp" and parts[-1][1:].isdigit():
        off = int(parts[-1][1:]) * (1 if parts[-1][0] == "p" else -1)
        name = ".".join(parts[:-1])
    if name not in table:
        table[name] = base.pop(0)
    return table[name] + off


def _ex(a, table, base):
    if isinstance(a, Arr):
        shape = tuple(_size(d, table, base) for d in a.dims)
        x = (
            np.ones(shape, a.dtype)
            if a.dtype.startswith(("f", "c"))
            else np.zeros(shape, a.dtype)
        )
        return x
    if isinstance(a, Num):
        return {"bool": True, "int": 1, "float": 1.0, "complex": 1j}[a.kind]
    if isinstance(a, Known):
        v = a.value
        if isinstance(v, str) and v.startswith("np."):
            return getattr(np, v[3:])
        if v in ("bool", "complex", "float", "int"):
            return np.dtype(v).type
        return v
    return tuple(_size(d, table, base) for d in a.dims)


def _run(fn, args):
    res = []
    for bases in ([11, 13, 17, 19, 23, 29, 31], [101, 103, 107, 109, 113, 127, 131]):
        table = {}
        try:
            with np.errstate(all="ignore"):
                r = fn(*[_ex(a, table, list(bases) if False else bases) for a in args])
        except Exception:
            table = {}

            class L(list):
                pass

            same = [bases[0]] * 50
            try:
                with np.errstate(all="ignore"):
                    r = fn(*[_ex(a, table, same) for a in args])
            except Exception as e:
                raise ShapeError(str(e)) from None
        res.append((r, table))
    return _join(res)


def _join(res):
    (r1, t1), (r2, t2) = res
    if isinstance(r1, (tuple, list)):
        return tuple(_join([(a, t1), (b, t2)]) for a, b in zip(r1, r2))
    if isinstance(r1, np.ndarray):
        dims = []
        for a, b in zip(r1.shape, r2.shape):
            if a == b:
                dims.append(int(a))
                continue
            for s in t1:
                if a - t1[s] == b - t2[s] and abs(a - t1[s]) < 6:
                    c = a - t1[s]
                    dims.append(s if c == 0 else f"{s}.{'p' if c > 0 else 'm'}{abs(c)}")
                    break
            else:
                dims.append("?")
        return Arr(r1.dtype.name, tuple(dims))
    if isinstance(r1, (bool, np.bool_)):
        return Num("bool")
    if isinstance(r1, (int, np.integer)):
        return Num("int")
    if isinstance(r1, (complex, np.complexfloating)):
        return Num("complex")
    return Num("float")


def infer(op, args):
    fn = np
    for p in op.name.split(".")[1:]:
        fn = getattr(fn, p)
    plain = []
    kinds = {}
    from s2sad.ops.arrays.use import params_of

    names = params_of(op, len(args))
    params = {p.name: p for p in op.params}

    def call(*vals):
        a = []
        kw = {}
        for (n, k), v in zip(names, vals):
            if k >= 0:
                if k == 0:
                    a.append([])
                a[-1].append(v)
            elif params[n].named:
                kw[n] = v
            else:
                a.append(v)
        return fn(*a, **kw)

    return _run(call, args)


_OPS = dict(
    add=operator.add,
    sub=operator.sub,
    mul=operator.mul,
    div=operator.truediv,
    pow=operator.pow,
    neg=operator.neg,
    pos=operator.pos,
    lt=operator.lt,
    gt=operator.gt,
    le=operator.le,
    ge=operator.ge,
    eq=operator.eq,
    ne=operator.ne,
    abs=abs,
    mod=operator.mod,
    floordiv=operator.floordiv,
    not_=np.logical_not,
    bitand=operator.and_,
    bitor=operator.or_,
    invert=operator.invert,
    bitxor=operator.xor,
)


def infer_operator(op, args):
    return _run(_OPS[op], args)


def infer_index(arr, entries):
    def end(e):
        if isinstance(e, Num):
            return 3
        return e

    def go(x):
        idx = []
        for e in entries:
            if isinstance(e, slice):
                idx.append(slice(end(e.start), end(e.stop), e.step))
            elif isinstance(e, Num):
                idx.append(0)
            elif isinstance(e, Arr):
                idx.append(
                    np.zeros(
                        tuple(
                            x.shape[k] if d != 1 and not isinstance(d, int) else d
                            for k, d in enumerate(e.dims)
                        ),
                        e.dtype,
                    )
                )
            elif isinstance(e, int):
                idx.append(e)
            else:
                idx.append(e)
        return x[tuple(idx)]

    found = _run(go, [arr])
    varies = any(
        isinstance(e, slice) and (isinstance(e.start, Num) or isinstance(e.stop, Num))
        for e in entries
    ) or any(isinstance(e, Arr) for e in entries)
    if varies and isinstance(found, Arr):
        found = Arr(found.dtype, ("?",) * len(found.dims))
    return found
