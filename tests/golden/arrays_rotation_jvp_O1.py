import numpy as np


def rotation_jvp(
    angles: 'float[:]', v: 'float[:]', angles_dot: 'float[:]', v_dot: 'float[:]'
):
    """Value of rotation, and its derivative in the direction angles_dot, v_dot."""
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
    if angles_dot.__class__ is not np.ndarray:
        raise TypeError('angles_dot has to be float[:]')
    if angles_dot.dtype != float:
        angles_dot = angles_dot.astype(float, casting='safe')
    if v_dot.__class__ is not np.ndarray:
        raise TypeError('v_dot has to be float[:]')
    if v_dot.dtype != float:
        v_dot = v_dot.astype(float, casting='safe')
    if angles_dot.shape != angles.shape:
        raise ValueError('angles_dot has to have the shape of angles')
    if v_dot.shape != v.shape:
        raise ValueError('v_dot has to have the shape of v')
    a = angles[0]
    c = np.cos(a)
    s = np.sin(a)
    a_dot = angles_dot[0]
    c_dot = -a_dot * s
    s_dot = a_dot * c
    b = np.array([0.0, 0.0, 1.0])
    R = np.array([[c, -s, 0.0], [s, c, 0.0], b])
    h = np.zeros_like(b)
    R_dot = np.array([[c_dot, -s_dot, 0.0], [s_dot, c_dot, 0.0], h])
    d = R @ v
    d_dot = R_dot @ v + R @ v_dot
    e = d[1]
    f = angles[1]
    g = e * f
    g_dot = d_dot[1] * f + angles_dot[1] * e
    return g, g_dot
