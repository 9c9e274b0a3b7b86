import numpy as np


def forces_grad(positions: 'float[:, :]'):
    """Value of forces at positions, and dforces/dpositions."""
    if positions.__class__ is not np.ndarray or positions.ndim != 2:
        raise TypeError('positions has to be float[:, :]')
    if positions.shape[0] == 1 or positions.shape[1] == 1:
        raise TypeError(
            'an axis of size 1 in positions, made for float[:, :]; float[_, _] takes any'
        )
    if positions.dtype != float:
        positions = positions.astype(float, casting='safe')
    # forward sweep
    n = positions.shape[0]
    energy = 0.0
    passes = []
    for i in range(n):
        c_rec = []
        for j in range(i):
            a = positions[j]
            d = positions[i] - a
            b = d @ d
            c = np.sqrt(b)
            c_rec.append(c)
            e = 1.0 / c
            energy = energy + e
        passes.append(c_rec)
    # reverse sweep
    positions_bar = np.zeros_like(positions)
    for i, c_in in zip(reversed(range(n)), reversed(passes)):
        for j, c_i in zip(reversed(range(i)), reversed(c_in)):
            a_bar = (
                2.0 * (1.0 / c_i / c_i) * (0.5 / c_i) * (positions[i] - positions[j])
            )
            f = -a_bar
            positions_bar[j] += a_bar
            positions_bar[i] += f
    return energy, positions_bar
