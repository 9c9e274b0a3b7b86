"""Functions of NumPy's in the language that is compiled: inlined, as library.py's are.

Signatures as in NumPy; what they do not take is refused as an argument that a function of
the user's does not have.
"""

# mypy: ignore-errors

import math
from collections.abc import Callable

import numpy as np


def sum_of_elements(x, start=0.0):
    total = start
    for value in x:
        total = total + value
    return total


def list_of_elements(x):
    return [value for value in x]  # noqa: C416 - list(x) is this


def sum_of_rows(x):
    total = np.zeros(x.shape[1:])
    for row in x:
        total = total + row
    return total


def sum_of_list(arrays):
    if len(arrays) == 0:
        raise ValueError("the sum of no arrays")
    total = np.zeros_like(arrays[0])
    for array in arrays:
        total = total + array
    return total


def concatenated(arrays, axis=0):
    if axis == 0:
        return one_after_another(arrays)
    turned = [np.moveaxis(array, axis, 0).copy() for array in arrays]
    return np.moveaxis(one_after_another(turned), 0, axis).copy()


def one_after_another(arrays):
    if len(arrays) == 0:
        raise ValueError("need at least one array to concatenate")
    length = 0
    for array in arrays:
        if array.shape[1:] != arrays[0].shape[1:]:
            raise ValueError("all the input array dimensions except for one must match")
        length = length + array.shape[0]
    made = np.empty((length, *arrays[0].shape[1:]), dtype=arrays[0].dtype)
    start = 0
    for array in arrays:
        made[start : start + array.shape[0]] = array
        start = start + array.shape[0]
    return made


def hstacked(arrays):
    return concatenated(arrays, 0 if np.ndim(arrays[0]) == 1 else 1)


def stacked(arrays, axis=0):
    if axis == 0:
        return np.array(arrays)
    return np.moveaxis(np.array(arrays), 0, axis).copy()


def vstacked(arrays):
    return np.array(arrays) if np.ndim(arrays[0]) == 1 else one_after_another(arrays)


def column_stacked(arrays):
    return np.array(arrays).T.copy() if np.ndim(arrays[0]) == 1 else concatenated(arrays, 1)


def diff(a, n=1, axis=-1, prepend=None, append=None):
    if prepend is not None:
        a = np.concatenate((prepend, a), axis=axis)
    if append is not None:
        a = np.concatenate((a, append), axis=axis)
    return np.diff(a, n, axis)


def ediff1d(ary):
    flat = np.ravel(ary)
    return flat[1:] - flat[:-1]


def cumulative_sum(x, /, *, axis=None):
    return np.cumsum(x, axis=axis)


def cumulative_prod(x, /, *, axis=None):
    return np.cumprod(x, axis=axis)


def svdvals(x, /):
    return np.linalg.svd(x, compute_uv=False)


def matrix_transpose(x, /):
    return np.swapaxes(x, -1, -2)


def vecdot(x1, x2, /):
    return np.sum(np.conj(x1) * x2, axis=-1)


def matvec(x1, x2, /):
    return (x1 @ x2[..., None])[..., 0]


def vector_norm(x, /, *, axis=None, keepdims=False, ord=2):
    if axis is not None:
        return np.linalg.norm(x, ord, axis=axis, keepdims=keepdims)
    if keepdims:
        return np.reshape(np.linalg.norm(np.ravel(x), ord), (1,) * x.ndim)
    return np.linalg.norm(np.ravel(x), ord)


def matrix_norm(x, /, *, keepdims=False, ord="fro"):
    return np.linalg.norm(x, ord, axis=(-2, -1), keepdims=keepdims)


def linalg_trace(x, /, *, offset=0):
    return np.trace(x, offset=offset, axis1=-2, axis2=-1)


def cond(x):
    s = np.linalg.svd(x, compute_uv=False)
    return s[..., 0] / s[..., -1]


def cov(m, y=None, rowvar=True, bias=False, ddof=None):
    x = np.atleast_2d(m)
    if not rowvar:
        x = x.T
    if y is not None:
        x = np.concatenate((x, np.atleast_2d(y)), axis=0)
    if ddof is None:
        ddof = 0 if bias else 1
    x = x - np.average(x, axis=1)[:, None]
    return x @ x.T.conj() * np.true_divide(1, x.shape[1] - ddof)


def cov_of_one(m, bias=False, ddof=None):
    return cov(m, None, True, bias, ddof)[0, 0]


def corrcoef(x, y=None, rowvar=True):
    c = cov(x, y, rowvar)
    d = np.sqrt(np.diag(c))
    return c / d[:, None] / d[None, :]


def maximum_accumulate(array, axis=0):
    made = np.moveaxis(array, axis, 0).copy()
    for i in range(1, made.shape[0]):
        made[i] = np.maximum(made[i - 1], made[i])
    return np.moveaxis(made, 0, axis)


def minimum_accumulate(array, axis=0):
    made = np.moveaxis(array, axis, 0).copy()
    for i in range(1, made.shape[0]):
        made[i] = np.minimum(made[i - 1], made[i])
    return np.moveaxis(made, 0, axis)


def gradient_on_grid(f, x, edge_order=1):
    dx = np.diff(x)
    if np.all(dx == dx[0]):
        return gradient_of_second_order(f, dx[0]) if edge_order == 2 else np.gradient(f, dx[0])
    before, after = dx[:-1], dx[1:]
    a = -after / (before * (before + after))
    b = (after - before) / (before * after)
    c = before / (after * (before + after))
    inner = a * f[:-2] + b * f[1:-1] + c * f[2:]
    if edge_order == 2:
        p, q = dx[0], dx[1]
        first = (-(2.0 * p + q) / (p * (p + q)) * f[0] + (p + q) / (p * q) * f[1]) + -p / (
            q * (p + q)
        ) * f[2]
        p, q = dx[-2], dx[-1]
        last = (q / (p * (p + q)) * f[-3] + -(q + p) / (p * q) * f[-2]) + (2.0 * q + p) / (
            q * (p + q)
        ) * f[-1]
    else:
        first = (f[1] - f[0]) / dx[0]
        last = (f[-1] - f[-2]) / dx[-1]
    return np.concatenate((np.array([first]), inner, np.array([last])))


def gradient_of_second_order(f, h=1.0):
    inner = (f[2:] - f[:-2]) / (2.0 * h)
    first = (-1.5 / h * f[0] + 2.0 / h * f[1]) + -0.5 / h * f[2]
    last = (0.5 / h * f[-3] + -2.0 / h * f[-2]) + 1.5 / h * f[-1]
    return np.concatenate((np.array([first]), inner, np.array([last])))


def insert_one(arr, obj, values):
    if obj > len(arr) or obj < -len(arr):
        raise IndexError("index is out of bounds")
    return np.concatenate((arr[:obj], values, arr[obj:]))


def delete_one(arr, obj):
    if obj >= len(arr) or obj < -len(arr):
        raise IndexError("index is out of bounds")
    return np.concatenate((arr[:obj], arr[obj + 1 :]))


def delete_last(arr):
    return arr[:-1]


def copied_to(dst, src):
    dst[...] = src


def copied_where(dst, src, where):
    dst[...] = np.where(where, src, dst)


def put_masked(a, mask, values):
    if values.shape != a.shape:
        raise ValueError("np.putmask repeats these values: use a[mask] = …")
    a[...] = np.where(mask, values, a)


def put_flat(a, ind, v):
    a.flat[ind] = v


def sorted_in_place(a, axis=-1):
    a[...] = np.sort(a, axis=axis)


def variance_where(a, axis=None, ddof=0, keepdims=False, where=True):
    chosen = np.broadcast_to(where, a.shape)
    count = np.sum(chosen, axis=axis, keepdims=True, dtype=a.dtype)
    apart = a - np.sum(a, axis=axis, keepdims=True, where=chosen) / count
    total = np.sum(apart * apart, axis=axis, keepdims=keepdims, where=chosen)
    count = np.sum(chosen, axis=axis, keepdims=keepdims, dtype=a.dtype)
    return total / np.maximum(count - ddof, 0)


def deviation_where(a, axis=None, ddof=0, keepdims=False, where=True):
    return root_of_variance(variance_where(a, axis, ddof, keepdims, where))


def root_of_variance(v):
    if np.ndim(v) == 0:
        return v if v == 0.0 else np.sqrt(v)
    return np.where(v > 0.0, np.sqrt(np.where(v > 0.0, v, 1.0)), v)


def nanvar(a, axis=None, ddof=0, keepdims=False):
    known = ~np.isnan(a)
    filled = np.where(known, a, 0.0)
    count = np.sum(known, axis=axis, keepdims=True, dtype=a.dtype)
    apart = np.where(known, filled - np.sum(filled, axis=axis, keepdims=True) / count, 0.0)
    total = np.sum(apart * apart, axis=axis, keepdims=keepdims)
    return total / (np.sum(known, axis=axis, keepdims=keepdims, dtype=a.dtype) - ddof)


def nanstd(a, axis=None, ddof=0, keepdims=False):
    return root_of_variance(nanvar(a, axis, ddof, keepdims))


def piecewise_part(y, x, condition, function):
    y[condition] = function(x[condition])


def largest(x, axis=None, keepdims=False):
    return np.max(np.abs(x), axis=axis, keepdims=keepdims)


def smallest(x, axis=None, keepdims=False):
    return np.min(np.abs(x), axis=axis, keepdims=keepdims)


def how_many(x, axis=None, keepdims=False):
    return np.sum((x != 0).astype(float), axis=axis, keepdims=keepdims)


def largest_column(x):
    return np.max(np.sum(np.abs(x), axis=-2), axis=-1)


def smallest_column(x):
    return np.min(np.sum(np.abs(x), axis=-2), axis=-1)


def largest_row(x):
    return np.max(np.sum(np.abs(x), axis=-1), axis=-1)


def smallest_row(x):
    return np.min(np.sum(np.abs(x), axis=-1), axis=-1)


def spectral(x):
    return np.max(np.linalg.svd(x, compute_uv=False), axis=-1)


def least_singular(x):
    return np.min(np.linalg.svd(x, compute_uv=False), axis=-1)


def nuclear(x):
    return np.sum(np.linalg.svd(x, compute_uv=False), axis=-1)


# Norms by their order: of vectors, of the matrices along the last two axes.
VECTOR_NORMS: dict[float | str, Callable[..., object]] = {
    math.inf: largest,
    -math.inf: smallest,
    0: how_many,
}
MATRIX_NORMS: dict[float | str, Callable[..., object]] = {
    1: largest_column,
    -1: smallest_column,
    math.inf: largest_row,
    -math.inf: smallest_row,
    2: spectral,
    -2: least_singular,
    "nuc": nuclear,
}


def polyfit(x, y, deg, rcond=None, full=False, w=None, cov=False):
    lhs = np.vander(x, deg + 1)
    rhs = y
    if w is not None:
        lhs = lhs * w[:, None]
        rhs = (rhs.T * w).T
    scale = np.sqrt((lhs * lhs).sum(axis=0))
    lhs = lhs / scale
    if rcond is None:
        rcond = len(x) * 2.220446049250313e-16
    c = np.linalg.lstsq(lhs, rhs, rcond)[0]
    return (c.T / scale).T


def nanprod(a, axis=None, *, keepdims=False):
    return np.prod(np.where(np.isnan(a), 1.0, a), axis=axis, keepdims=keepdims)


def nancumsum(a, axis=None):
    return np.cumsum(np.where(np.isnan(a), 0.0, a), axis=axis)


def nancumprod(a, axis=None):
    return np.cumprod(np.where(np.isnan(a), 1.0, a), axis=axis)


def qr_r(a):
    return np.linalg.qr(a)[1]


LIBRARY: dict[str, Callable[..., object]] = {
    "numpy.ediff1d": ediff1d,
    "numpy.cumulative_sum": cumulative_sum,
    "numpy.cumulative_prod": cumulative_prod,
    "numpy.linalg.svdvals": svdvals,
    "numpy.matrix_transpose": matrix_transpose,
    "numpy.linalg.matrix_transpose": matrix_transpose,
    "numpy.vecdot": vecdot,
    "numpy.linalg.vecdot": vecdot,
    "numpy.matvec": matvec,
    "numpy.linalg.vector_norm": vector_norm,
    "numpy.polyfit": polyfit,
    "numpy.linalg.matrix_norm": matrix_norm,
    "numpy.linalg.trace": linalg_trace,
    "numpy.linalg.cond": cond,
    "numpy.nanprod": nanprod,
    "numpy.nanvar": nanvar,
    "numpy.nanstd": nanstd,
    "numpy.put": put_flat,
    "numpy.copyto": copied_to,
    "numpy.copyto where": copied_where,
    "numpy.putmask": put_masked,
    "numpy.putmask of one": copied_where,
    "numpy.nancumsum": nancumsum,
    "numpy.nancumprod": nancumprod,
    "numpy.cov": cov,
    "numpy.cov of one": cov_of_one,
    "numpy.corrcoef": corrcoef,
    "numpy.maximum.accumulate": maximum_accumulate,
    "numpy.minimum.accumulate": minimum_accumulate,
}


def multiply_at(x, k, v):
    for i in range(len(k)):
        x[k[i]] *= v[i]


def divide_at(x, k, v):
    for i in range(len(k)):
        x[k[i]] /= v[i]


def maximum_at(x, k, v):
    for i in range(len(k)):
        x[k[i]] = np.maximum(x[k[i]], v[i])


def minimum_at(x, k, v):
    for i in range(len(k)):
        x[k[i]] = np.minimum(x[k[i]], v[i])


SCATTERED = {
    "numpy.multiply.at": multiply_at,
    "numpy.divide.at": divide_at,
    "numpy.maximum.at": maximum_at,
    "numpy.minimum.at": minimum_at,
}

# Of the arrays in a list of unknown length.
OF_LISTS: dict[str, Callable[..., object]] = {
    "numpy.concatenate": concatenated,
    "numpy.hstack": hstacked,
    "numpy.vstack": vstacked,
    "numpy.row_stack": vstacked,
    "numpy.column_stack": column_stacked,
    "numpy.stack": stacked,
}
