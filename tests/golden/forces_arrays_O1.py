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
        passes1 = []
        for j in range(i):
            a = positions[i]
            b = positions[j]
            d = a - b
            c = d @ d
            e = np.sqrt(c)
            passes1.append((d, e))
            f = 1.0 / e
            energy = energy + f
        passes.append(passes1)
    # reverse sweep
    positions_bar = np.zeros_like(positions)
    for i, passes_i in zip(reversed(range(n)), reversed(passes)):
        for j, (d_i, e_i) in zip(reversed(range(i)), reversed(passes_i)):
            b_bar = 2.0 * (1.0 / e_i / e_i) * (0.5 / e_i) * d_i
            g = -b_bar
            positions_bar[j] += b_bar
            positions_bar[i] += g
    return energy, positions_bar
