

def factorial_taylor(n, x, x_1):
    """factorial, and its tangent."""
    if n == 0:
        result = 1.0
        result_1 = 0.0
        result_2 = 0.0
    else:
        a = x + n
        b = n - 1
        c, c_1, c_2 = factorial_taylor(b, x, x_1)
        result = a * c
        result_1 = a * c_1 + x_1 * c
        result_2 = a * c_2 + x_1 * c_1
    return result, result_1, result_2


def recursion_taylor(x: float, n: int):
    """Taylor coefficients of recursion in x, from 0 to 2."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    a, a_1, a_2 = factorial_taylor(n, x, 1.0)
    b = a * x
    b_1 = a + a_1 * x
    b_2 = a_1 + a_2 * x
    return b, b_1, b_2
