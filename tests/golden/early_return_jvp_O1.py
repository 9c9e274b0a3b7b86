

def early_return_jvp(x: float, n: int, x_dot: float):
    """Value of early_return, and its derivative in x times x_dot."""
    if not (x.__class__ is x_dot.__class__ is float):
        x, x_dot = float(+x), float(+x_dot)
    if n.__class__ is not int:
        n = n.__index__()
    y = x
    returned = False
    y_dot = x_dot
    for i in range(n):
        for j in range(i):
            a = y * x
            y1 = a + 0.1 * j
            y_dot = y_dot * x + x_dot * y
            if y1 > 10.0:
                result = y1 * x
                result_dot = y_dot * x + x_dot * y1
                y = y1
                returned = True
                break
            y = y1
        if returned:
            break
        y = y + x
        y_dot += x_dot
    if not returned:
        result = y
        result_dot = y_dot
    return result, result_dot
