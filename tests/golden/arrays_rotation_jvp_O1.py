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
    b = np.array([c, -s, 0.0])
    b_dot = np.array([c_dot, -s_dot, 0.0])
    d = np.array([s, c, 0.0])
    d_dot = np.array([s_dot, c_dot, 0.0])
    e = np.array([0.0, 0.0, 1.0])
    R = np.array([b, d, e])
    j = np.zeros_like(e)
    R_dot = np.array([b_dot, d_dot, j])
    f = R @ v
    f_dot = R_dot @ v + R @ v_dot
    g = f[1]
    h = angles[1]
    i = g * h
    i_dot = f_dot[1] * h + angles_dot[1] * g
    return i, i_dot
