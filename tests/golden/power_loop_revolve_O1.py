

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


def power_loop_grad(x: float, n: int):
    """Value of power_loop, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    y = 1.0
    for _ in range(n):
        y = y * x
    # reverse sweep
    snapshots = n.bit_length()
    kept = [(0, 1.0)]
    stop = n
    y_bar = 1.0
    x_bar = 0.0
    while stop > 0:
        start, y1 = kept[-1]
        while stop - start > 1000:
            middle = _revolve(start, stop, 1000, snapshots - len(kept))
            for _ in range(start, middle):
                y1 *= x
            kept.append((middle, y1))
            start = middle
        del kept[-1]
        y_in = []
        for _ in range(start, stop):
            y_in.append(y1)
            y1 *= x
        for y_i in reversed(y_in):
            x_bar += y_bar * y_i
            y_bar *= x
        stop = start
    return y, x_bar
