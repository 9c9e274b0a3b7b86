"""Functions that NumPy lacks, as source text that is pasted into the output.

`_add_taken` and `_add_along` are primitives themselves: `families/selection.py` has their
rules. Those of products divide by nothing, so that zeros do no harm at any order; they have
no rules but what the compiler makes of their text.
"""

from __future__ import annotations

_ADD_TAKEN = '''\
def _add_taken(values, indices, axis, shape):
    """Zeros of a shape, to which the values are added that np.take took there."""
    out = np.zeros(shape, np.asarray(values).dtype)
    if axis is None:
        np.add.at(out.reshape(-1), indices, values)
    else:
        np.add.at(out, (slice(None),) * axis + (indices,), values)
    return out
'''

_ADD_ALONG = '''\
def _add_along(values, indices, axis, shape):
    """Zeros of a shape, to which the values are added that np.take_along_axis took."""
    out = np.zeros(shape, values.dtype)
    places = [np.arange(n) % m for n, m in zip(values.shape, shape)]
    places = list(np.ix_(*places))
    places[axis] = indices
    np.add.at(out, tuple(places), values)
    return out
'''

_OTHERS = '''\
def _others(a):
    """For each element the product of the others along the first axis."""
    one = np.ones_like(a[:1])
    before = np.concatenate((one, np.cumprod(a[:-1], axis=0)))
    after = np.concatenate((one, np.cumprod(a[:0:-1], axis=0)))
    return before * after[::-1]
'''

_CUMPROD_BAR = '''\
def _cumprod_bar(a, y, y_bar):
    """The adjoint of the cumulative product along the first axis."""
    a_bar = np.array(y_bar)
    for i in range(len(a) - 2, -1, -1):
        a_bar[i] += a[i + 1] * a_bar[i + 1]
    a_bar[1:] *= y[:-1]
    return a_bar
'''

_CUMPROD_DOT = '''\
def _cumprod_dot(a, y, a_dot):
    """The tangent of the cumulative product along the first axis."""
    y_dot = np.array(a_dot)
    y_dot[1:] *= y[:-1]
    for i in range(1, len(a)):
        y_dot[i] += a[i] * y_dot[i - 1]
    return y_dot
'''

HELPERS: dict[str, str] = {
    "_add_taken": _ADD_TAKEN,
    "_add_along": _ADD_ALONG,
    "_others": _OTHERS,
    "_cumprod_bar": _CUMPROD_BAR,
    "_cumprod_dot": _CUMPROD_DOT,
}
