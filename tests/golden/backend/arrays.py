import numpy as np


def f(A: 'float[:, :]', v: float, n: int):
    B = A.copy()
    for i in range(n):
        x = B[i, n - 1 - i]
        y = x * v
        B[i, i] = y
        B[0, i] += v
    Z = np.zeros_like(B)
    z = B[0, 0]
    return z
