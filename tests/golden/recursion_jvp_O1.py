

def factorial_jvp(n, x, x_dot):
    """factorial, and its tangent."""
    if n == 0:
        result = 1.0
        result_dot = 0.0
    else:
        a = x + n
        b = n - 1
        c, c_dot = factorial_jvp(b, x, x_dot)
        result = a * c
        result_dot = x_dot * c + c_dot * a
    return result, result_dot


def recursion_jvp(x: float, n: int, x_dot: float):
    """Value of recursion, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    if n.__class__ is not int:
        n = n.__index__()
    a, a_dot = factorial_jvp(n, x, x_dot)
    b = a * x
    b_dot = a_dot * x + x_dot * a
    return b, b_dot
