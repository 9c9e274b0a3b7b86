import numpy as np


def rotation_grad(angles: 'float[:]', v: 'float[:]'):
    """Value of rotation, and its derivative in angles, v."""
    if angles.__class__ is not np.ndarray or angles.ndim != 1:
        raise TypeError('angles has to be float[:]')
    if angles.shape[0] == 1:
        raise TypeError(
            'an axis of size 1 in angles, made for float[:]; float[_] takes any'
        )
    if angles.dtype != float:
        angles = angles.astype(float, casting='safe')
    if v.__class__ is not np.ndarray or v.ndim != 1:
        raise TypeError('v has to be float[:]')
    if v.shape[0] == 1:
        raise TypeError('an axis of size 1 in v, made for float[:]; float[_] takes any')
    if v.dtype != float:
        v = v.astype(float, casting='safe')
    # forward sweep
    a = angles[0]
    c = np.cos(a)
    s = np.sin(a)
    R = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    b = R @ v
    d = b[1]
    e = angles[1]
    f = d * e
    # reverse sweep
    angles_bar = np.zeros_like(angles)         # e = angles[1]
    angles_bar[1] = d                          # e = angles[1]
    b_bar = np.zeros_like(b)                   # d = b[1]
    b_bar[1] = e                               # d = b[1]
    R_bar = np.outer(b_bar, v)                 # b = R @ v
    v_bar = R.T @ b_bar                        # b = R @ v
    s_bar = R_bar[1, 0] - R_bar[0, 1]
    c_bar = R_bar[1, 1] + R_bar[0, 0]
    a_bar = s_bar * c - c_bar * s              # s = np.sin(a); c = np.cos(a)
    angles_bar[0] = a_bar                      # a = angles[0]
    return f, (angles_bar, v_bar)
