"""Bundle adjustment, as the ADBench suite has it: cameras and points from what was seen.

A camera has eleven parameters: a rotation vector, a centre, a focal length, a principal
point and two coefficients of radial distortion.
"""

import math

import numpy as np


def rotate(r: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Rodrigues' formula: x rotated about r by |r|."""
    square = np.sum(r**2)
    if square == 0.0:
        return x + np.cross(r, x)
    theta = math.sqrt(square)
    w = r / theta
    cosine, sine = math.cos(theta), math.sin(theta)
    return x * cosine + np.cross(w, x) * sine + w * (np.dot(w, x) * (1.0 - cosine))


def project(camera: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Where a camera sees a point in its image."""
    seen = rotate(camera[0:3], point - camera[3:6])
    u = seen[:2] / seen[2]
    square = np.sum(u**2)
    distortion = 1.0 + camera[9] * square + camera[10] * square**2
    return camera[6] * (u * distortion) + camera[7:9]


def half_square(
    cameras: "float[:, 11]",
    points: "float[:, 3]",
    weights: "float[:]",
    observed: "int[:, 2]",
    features: "float[:, 2]",
) -> float:
    """Half the sum of the squares of all residuals.

    Observation i is of point observed[i, 1] by camera observed[i, 0].
    """
    total = 0.0
    for i in range(observed.shape[0]):
        seen = project(cameras[observed[i, 0]], points[observed[i, 1]])
        residual = weights[i] * (seen - features[i])
        total += 0.5 * np.sum(residual**2) + 0.5 * (1.0 - weights[i] ** 2) ** 2
    return total


def main() -> None:
    from samples.ba_grad import half_square_grad

    rng = np.random.default_rng(0)
    cameras = np.zeros((4, 11))
    cameras[:, :3] = 0.2 * rng.normal(size=(4, 3))
    cameras[:, 3:6] = rng.normal(size=(4, 3)) - [0.0, 0.0, 6.0]
    cameras[:, 6] = 1.0
    truth = rng.normal(size=(30, 3))
    observed = np.array([(c, p) for c in range(4) for p in range(30)])
    features = np.array([project(cameras[c], truth[p]) for c, p in observed])
    weights = np.ones(len(observed))

    points = truth + 0.3 * rng.normal(size=truth.shape)
    for step in range(201):
        value, gradient = half_square_grad(cameras, points, weights, observed, features)
        if step % 50 == 0:
            error = np.max(np.abs(points - truth))
            print(f"step {step}: value {value:.2e}, largest error of a point {error:.1e}")
        points -= 5.0 * gradient[1]


if __name__ == "__main__":
    main()
