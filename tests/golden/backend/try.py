def f(x: float, y: float):
    try:
        a = x / y
        b = a
        path = 0
    except ZeroDivisionError:
        b = 0.0
        path = 1
    except OverflowError:
        raise
    if path == 0:
        b = b + 1.0
    return b
