

def early_return_grad(x: float, n: int):
    """Value of early_return, and its derivative in x."""
    if x.__class__ is not float:
        x = float(+x)
    if n.__class__ is not int:
        n = n.__index__()
    # forward sweep
    y = x
    returned = False
    passes = []
    for i in range(n):
        passes1 = []
        for j in range(i):
            y1 = y * x + 0.1 * j
            passes1.append((y, y1))
            if y1 > 10.0:
                result = y1 * x
                y = y1
                returned = True
                break
            y = y1
        passes.append((returned, passes1))
        if returned:
            break
        y = y + x
    result1 = result if returned else y
    # reverse sweep
    if returned:
        result_bar = 1.0
        y_bar = 0.0
    else:
        result_bar = 0.0
        y_bar = 1.0
    x_bar = 0.0
    for returned_i, passes_i in reversed(passes):
        if not returned_i:
            x_bar += y_bar
        for y_i, y_i1 in reversed(passes_i):
            if y_i1 > 10.0:
                y_bar += result_bar * x
                x_bar += result_bar * y_i1
            x_bar += y_bar * y_i
            y_bar *= x
            result_bar = 0.0
        result_bar = 0.0
    x_bar += y_bar
    return result1, x_bar
