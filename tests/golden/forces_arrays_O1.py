import numpy as np


def _sum_to(a, shape):
    """The sum of an array over the axes along which `shape` was broadcast to its own."""
    lead = a.ndim - len(shape)
    axes = tuple(k + lead for k, n in enumerate(shape) if n == 1 != a.shape[k + lead])
    if axes:
        a = np.sum(a, axis=axes, keepdims=True)
    if lead:
        a = np.sum(a, axis=tuple(range(lead)))
    return np.broadcast_to(a, shape).copy()


def forces_grad(positions: 'float[:, :]'):
    """Value of forces at positions, and dforces/dpositions."""
    if positions.__class__ is not np.ndarray or positions.ndim != 2:
        raise TypeError('positions has to be float[:, :]')
    if positions.dtype != float:
        positions = positions.astype(float, casting='safe')
    # forward sweep
    n = positions.shape[0]
    energy = 0.0
    passes = []
    for i in range(n):
        passes1 = []
        for j in range(i):
            a = positions[i]
            b = positions[j]
            a_shape = a.shape
            b_shape = b.shape
            d = a - b
            c = d @ d
            e = np.sqrt(c)
            passes1.append((a_shape, b_shape, d, e))
            f = 1.0 / e
            energy = energy + f
        passes.append(passes1)
    # reverse sweep
    positions_bar = np.zeros_like(positions)
    for i, passes_i in zip(reversed(range(n)), reversed(passes)):
        for j, (entry, entry1, d_i, e_i) in zip(reversed(range(i)), reversed(passes_i)):
            g = 2.0 * (1.0 / e_i / e_i) * (0.5 / e_i) * d_i
            h = _sum_to(-g, entry)
            positions_bar[j] += _sum_to(g, entry1)
            positions_bar[i] += h
    return energy, positions_bar
