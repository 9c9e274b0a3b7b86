import numpy as np


def _revolve(start: int, stop: int, size: int, free: int) -> int:
    """The pass before which a state is kept next, where those from `start` to `stop` are
    to be reversed, `size` at once, and `free` more states can be kept: the choice that
    makes the fewest passes (Griewank & Walther 2000)."""
    parts = -(-(stop - start) // size)
    times, less, most = 0, 0, 1  # most parts, if each is made `times` again; once less: less
    while most < parts:
        times += 1
        less, most = most, most * (free + 1 + times) // times
    before = less * (times - 1) // (free + times)
    after = most * (free + 1) // (free + 1 + times)
    return start + max(before, parts - after, 1) * size


def burgers_grad(u: 'float[:]', steps: int):
    """Value of burgers, and its derivative in u."""
    if u.__class__ is not np.ndarray or u.ndim != 1:
        raise TypeError('u has to be float[:]')
    if u.shape[0] == 1:
        raise TypeError('an axis of size 1 in u, made for float[:]; float[_] takes any')
    if u.dtype != float:
        raise TypeError('u has to be an array of floats: it is written to')
    if steps.__class__ is not int:
        steps = steps.__index__()
    # forward sweep
    u = u.copy()
    u_kept = u.copy()
    for _ in range(steps):
        a = u[1:-1]
        u[1:-1] = a - 0.1 * a * (u[2:] - u[:-2])
    b = u**2
    c = np.sum(b)
    # reverse sweep
    u_bar = 2.0 * u    # b = u**2
    snapshots = steps.bit_length()
    kept = [(0, u_kept)]
    stop = steps
    while stop > 0:
        start, u = kept[-1]
        u = u.copy()
        while stop - start > 1:
            middle = _revolve(start, stop, 1, snapshots - len(kept))
            for _ in range(start, middle):
                e = u[1:-1]
                u[1:-1] = e - 0.1 * e * (u[2:] - u[:-2])
            u_kept = u.copy()
            kept.append((middle, u_kept))
            start = middle
        del kept[-1]
        passes = []
        for _ in range(start, stop):
            f = u[1:-1]
            g = 0.1 * f
            h = u[2:] - u[:-2]
            passes.append((g, h))
            u[1:-1] = f - g * h
        for g_i, h_i in reversed(passes):
            d = u_bar[1:-1].copy()
            u_bar[1:-1] = 0.0
            i = d * h_i
            j = d * g_i
            k = -j
            u_bar[:-2] += j
            u_bar[2:] += k
            u_bar[1:-1] += d - i * 0.1
        stop = start
    return c, u_bar
