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
        b_rec = []
        for j in range(i):
            d = positions[i] - positions[j]
            a = d @ d
            b = np.sqrt(a)
            b_rec.append(b)
            c = 1.0 / b
            energy = energy + c
        passes.append(b_rec)
    # reverse sweep
    positions_bar = np.zeros_like(positions)
    for i, b_in in zip(reversed(range(n)), reversed(passes)):
        for j, b_i in zip(reversed(range(i)), reversed(b_in)):
            e = 2.0 * (1.0 / b_i / b_i) * (0.5 / b_i) * (positions[i] - positions[j])
            f = -e
            positions_bar[j] += e
            positions_bar[i] += f
    return energy, positions_bar
