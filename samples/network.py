"""The lecture's deep network, its equations 17-22, of any depth, trained by its gradient.

theta is the list of the layers' parameters (A, b).
"""

from pathlib import Path

import numpy as np


def sigmoid(z: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + np.exp(-z))


def relu(z: np.ndarray) -> np.ndarray:
    return np.maximum(z, 0.0)


def network(theta, x, activation):
    """f_0 = x, f_i = σ(A_{i-1} f_{i-1} + b_{i-1}), i = 1, …, k"""
    f = x
    for A, b in theta:
        f = activation(A @ f + b)
    return f


def loss(theta, x, y):
    """L(θ) = ‖y - f_k(θ, x)‖, as equation 22 prints it"""
    return np.linalg.norm(y - network(theta, x, np.tanh))


def squared_loss(theta, x, y):
    """‖y - f_k(θ, x)‖², the squared loss that its text means"""
    return np.sum((y - network(theta, x, sigmoid)) ** 2)


def relu_loss(theta, x, y):
    return np.sum((y - network(theta, x, relu)) ** 2)


def layers(sizes, rng):
    """Random parameters for layers of these sizes."""
    pairs = zip(sizes[1:], sizes[:-1], strict=True)
    return [(rng.normal(size=(m, n)) / np.sqrt(n), np.zeros(m)) for m, n in pairs]


def main() -> None:
    """Learn to read digits, a picture at a time; needs scikit-learn and matplotlib."""
    import matplotlib.pyplot as plt
    from sklearn.datasets import load_digits

    from samples.network_grad import squared_loss_grad

    digits = load_digits()
    pictures, wanted = digits.data / 16.0, np.eye(10)[digits.target]
    seen, unseen = slice(0, 1500), slice(1500, None)

    def right(part):
        answers = [np.argmax(network(theta, x, sigmoid)) for x in pictures[part]]
        return np.mean(answers == digits.target[part])

    rng = np.random.default_rng(0)
    theta = layers((64, 48, 24, 10), rng)
    curve = []
    for epoch in range(30):
        for k in rng.permutation(1500):
            value, theta_bar = squared_loss_grad(theta, pictures[k], wanted[k])
            curve.append(value)
            for (A, b), (A_bar, b_bar) in zip(theta, theta_bar, strict=True):
                A -= 0.2 * A_bar
                b -= 0.2 * b_bar
        if epoch % 10 == 9:
            print(f"epoch {epoch + 1}: {right(seen):.1%} right, of unseen {right(unseen):.1%}")

    means = np.mean(np.reshape(curve, (-1, 500)), axis=1)
    figure, axes = plt.subplots(figsize=(6, 3.5), layout="constrained")
    axes.semilogy(np.arange(means.size) / 3, means)
    axes.set(xlabel="epochs", ylabel="squared loss, mean of 500 digits")
    axes.grid(alpha=0.3)
    figure.savefig(Path(__file__).parents[1] / "docs" / "digits.svg", metadata={"Date": None})


if __name__ == "__main__":
    main()
