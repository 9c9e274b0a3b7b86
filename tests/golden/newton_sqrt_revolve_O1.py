

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


def newton_sqrt_grad(a: float):
    """Value of newton_sqrt at a, and dnewton_sqrt/da."""
    if a.__class__ is not float:
        a = float(+a)
    # forward sweep
    x = a
    passes = 0
    while abs(x * x - a) > 1e-12:
        b = a / x
        x = 0.5 * (x + b)
        passes += 1
    # reverse sweep
    snapshots = passes.bit_length()
    kept = [(0, a)]
    x_bar = 1.0
    a_bar = 0.0
    while passes > 0:
        start, x1 = kept[-1]
        while passes - start > 1000:
            middle = _revolve(start, passes, 1000, snapshots - len(kept))
            for _ in range(start, middle):
                d = a / x1
                x1 = 0.5 * (x1 + d)
            kept.append((middle, x1))
            start = middle
        del kept[-1]
        x_in = []
        for _ in range(start, passes):
            x_in.append(x1)
            e = a / x1
            f = x1 + e
            x1 = 0.5 * f
        for x_i in reversed(x_in):
            f_bar = x_bar * 0.5
            c = f_bar / x_i
            a_bar += c
            x_bar = f_bar - c * (a / x_i)
        passes = start
    a_bar += x_bar
    return x, a_bar
