"""Functions that NumPy lacks, as source text that is pasted into the output.

They are primitives themselves: `families/selection.py` has the rules of `_add_taken` and
`_add_along`, `families/shaping.py` that of `_add_windows`, `families/reductions.py` those of
`_recurrence`.
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

_RECURRENCE = '''\
def _recurrence(a, s, axis):
    """The y with y[i] = s[i] + a[i] * y[i - 1] along an axis."""
    a = np.moveaxis(a, axis, 0)
    y = np.moveaxis(np.array(s, np.result_type(a, s)), axis, 0)
    for i in range(1, len(y)):
        y[i] += a[i] * y[i - 1]
    return np.moveaxis(y, 0, axis)
'''

_ADD_WINDOWS = '''\
def _add_windows(values, window_shape, axis, shape):
    """Zeros of a shape, to which the values are added that sliding_window_view showed."""
    out = np.zeros(shape, values.dtype)
    windows = np.lib.stride_tricks.sliding_window_view(out, window_shape, axis, writeable=True)
    for k in np.ndindex(windows.shape[len(shape):]):
        windows[(..., *k)] += values[(..., *k)]
    return out
'''

HELPERS: dict[str, str] = {
    "_add_taken": _ADD_TAKEN,
    "_add_along": _ADD_ALONG,
    "_add_windows": _ADD_WINDOWS,
    "_recurrence": _RECURRENCE,
}
