"""Functions that NumPy lacks, as source text that is pasted into the output.

They are primitives themselves: `families/selection.py` has their rules.
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

HELPERS: dict[str, str] = {"_add_taken": _ADD_TAKEN, "_add_along": _ADD_ALONG}
