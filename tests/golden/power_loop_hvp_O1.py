

def power_loop_hvp(x: float, n: int, x_dot: float):
    """Gradient of power_loop, and its Hessian times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    if n.__class__ is not int:
        n = n.__index__()
    y = 1.0
    y_dot = 0.0
    passes = []
    for _ in range(n):
        passes.append((y, y_dot))
        y_dot = y_dot * x + x_dot * y
        y = y * x
    y_bar = 1.0
    x_bar = 0.0
    y_bar_dot = 0.0
    x_bar_dot = 0.0
    for y_i, y_dot_i in reversed(passes):
        x_bar += y_bar * y_i
        x_bar_dot += y_bar_dot * y_i + y_dot_i * y_bar
        y_bar_dot = y_bar_dot * x + x_dot * y_bar
        y_bar *= x
    return x_bar, x_bar_dot
