

def doubling_grad(x: float):
    """Value of doubling at x, and ddoubling/dx."""
    if x.__class__ is not float:
        x = float(+x)
    # forward sweep
    passes = 0
    while x < 100.0:
        x = 2.0 * x
        passes += 1
    # reverse sweep
    x_bar = 1.0
    for _ in range(passes):
        x_bar *= 2.0
    return x, x_bar
