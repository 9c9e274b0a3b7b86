"""Forward mode over arrays: any order of modes, several directions at once, structures."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from s2sad import NotDifferentiable, grad, hessian, hvp, jacobian, jvp, linearize, taylor, vjp
from s2sad.jacobians import Slope
from tests.language.running import load
from tests.language.table import Entry, entries_in

from .check import arguments, positions
from .modes import derivative
from .trees import copied, is_active, leaves, mapped

HERE = Path(__file__).parent
X = np.array([0.3, -0.7, 1.2])
W = np.array([1.0, 2.0, 0.5])
A = np.array([[1.0, 2.0, 0.5], [0.3, -1.0, 0.7]])

# Loops, branches, views that are written, masks, products, lists of arrays.
CHOSEN = (
    "heat, slices",
    "Newton's method in several variables",
    "Adam",
    "augmented operators",
    "elements as views of rank nought",
    "minus and a view",
    "whole slices",
    "made in a branch of a loop",
)
PROGRAMS = [
    entry
    for table in ("programs", "hostile")
    for entry in entries_in(HERE / table)
    if entry.name in CHOSEN
]


@pytest.mark.parametrize("entry", PROGRAMS, ids=lambda entry: entry.name)
def test_all_orders_of_modes_agree(entry: Entry) -> None:
    names = vars(load(entry.source))
    given = arguments(names, entry.points[0])
    at = positions(entry, given)
    code = names["f"].__code__
    wrt = [code.co_varnames[k] for k in at]
    rng = np.random.default_rng(3)

    def random(leaf: Any) -> Any:
        if not is_active(leaf):
            return None
        return rng.normal(size=np.shape(leaf)) if np.ndim(leaf) else float(rng.normal())

    directions = [[mapped(given[k], random) for k in at] for _ in range(3)]
    found = {}
    for modes in map("".join, itertools.product("FR", repeat=3)):
        function, _ = derivative(names["f"], entry.source, given, modes, wrt)
        args = list(copied(given))
        for mode, trees in zip(modes, directions, strict=True):
            args += trees if mode == "F" else [v for v in leaves(trees) if v is not None]
        with np.errstate(all="ignore"):
            found[modes] = float(function(*args))
    assert all(value == pytest.approx(found["FFF"], rel=1e-8) for value in found.values()), (
        found
    )


def field(x: np.ndarray, w: np.ndarray) -> dict[str, Any]:
    return {"a": np.outer(x, w[:2]), "b": np.sum(x * x) * w[0], "c": [x[0], np.sin(w) * x]}


def same(one: Any, other: Any) -> bool:
    pairs = zip(leaves(one), leaves(other), strict=True)
    return all(np.shape(p) == np.shape(q) and np.allclose(p, q, 1e-12, 1e-14) for p, q in pairs)


def test_a_jacobian_is_outputs_by_inputs() -> None:
    made = jacobian(field, (0, 1))
    found = made(X, W)
    assert made.mode == "forward"
    assert [np.shape(block) for block in leaves(found)] == [
        (3, 2, 3), (3, 2, 3), (3,), (3,), (3,), (3,), (3, 3), (3, 3)
    ]  # fmt: skip
    assert same(found, jacobian(field, (0, 1), mode="reverse")(X, W))


def test_the_mode_is_chosen_by_the_sizes() -> None:
    few = jacobian(lambda x: np.sum(np.sin(x)))
    assert same(few(X), np.cos(X))
    assert few.mode == "reverse"
    many = jacobian(lambda x: np.outer(x, x))
    assert many(X).shape == (3, 3, 3)
    assert many.mode == "forward"


def test_a_hessian_is_symmetric_to_the_bit() -> None:
    m = A @ np.array([[1.0, 0.1], [0.2, 1.0], [0.4, -1.0]])
    found = hessian(lambda x: np.sum(np.linalg.inv(x @ x.T + np.eye(2)) ** 3))(m)
    assert found.shape == (2, 2, 2, 2)
    assert np.array_equal(found, found.transpose(2, 3, 0, 1))
    (a, b), (c, d) = hessian(lambda x, w: np.sum(np.outer(x, w) ** 3), (0, 1))(X, W)
    assert np.array_equal(a, a.T)
    assert np.array_equal(b, c.T)
    assert np.array_equal(d, d.T)


def test_the_hessian_of_a_vector_field() -> None:
    """(m, n, n) for f: Rⁿ → Rᵐ."""
    found = hessian(lambda x: np.sin(x) * x[0])(X)
    assert found.shape == (3, 3, 3)
    assert np.array_equal(found, found.swapaxes(1, 2))
    rows = [hessian(lambda x, k=k: np.sin(x[k]) * x[0])(X) for k in range(3)]
    assert np.allclose(found, rows, 1e-14)


def test_a_product_with_the_hessian_is_what_scipy_asks_for() -> None:
    optimize = pytest.importorskip("scipy.optimize")

    def rosenbrock(x: np.ndarray) -> Any:
        return np.sum(100.0 * (x[1:] - x[:-1] ** 2.0) ** 2.0 + (1 - x[:-1]) ** 2.0)

    start, more = np.zeros(5), {"jac": grad(rosenbrock), "hessp": hvp(rosenbrock)}
    found = optimize.minimize(rosenbrock, start, method="Newton-CG", tol=1e-9, **more)
    assert found.success
    assert np.allclose(found.x, 1.0, 1e-3)


def test_linearize() -> None:
    line = linearize(lambda x: np.tanh(A @ x), X)
    assert line.jacobian.shape == (2, 3)
    step = np.array([1e-4, -2e-4, 1e-4])
    assert np.allclose(line(X + step), np.tanh(A @ (X + step)), 1e-6)


def test_tangents_have_the_shapes_of_their_values() -> None:
    made = jvp(lambda x: np.sum(x) * x)
    made((X,), (W,))
    for wrong in (W[:1], W[:, None], np.float64(2.0)):
        with pytest.raises((ValueError, TypeError), match="x_dot has to"):
            made((X,), (wrong,))
    value, pullback = vjp(lambda x: np.sum(x) * x)(X)
    with pytest.raises(ValueError, match="shape"):
        pullback(W[:2])
    assert pullback(W)[0].shape == value.shape


def test_a_pullback_outlives_changes_of_its_arguments() -> None:
    x = X.copy()
    value, pullback = vjp(lambda x: np.exp(x) * x)(x)
    expected = np.exp(X) * (1 + X) * W
    x[:], value[:] = 0.0, 0.0
    assert np.allclose(pullback(W)[0], expected)
    assert np.allclose(pullback(W)[0], expected)


def test_results_own_their_memory() -> None:
    def shifted(x: np.ndarray) -> Any:
        return x + 1.0, x - 1.0, x.reshape(3, 1), x

    _, dots = jvp(shifted)((X,), (W,))
    for k, one in enumerate(dots):
        assert not any(np.shares_memory(one, other) for other in (X, W, *dots[k + 1 :]))
    blocks = jacobian(shifted, mode="forward")(X)
    assert not any(np.shares_memory(*pair) for pair in itertools.combinations(blocks, 2))


# What each rule does to several directions at once, those of a loop included.
RULES = {
    "matmul, vector": lambda x: A @ x,
    "matmul, vector first": lambda x: x[:2] @ A,
    "matmul, matrices": lambda x: np.outer(x, x)[:2] @ np.outer(x, W),
    "matmul, stacks": lambda x: np.stack([A, A * x]) @ np.outer(x, x),
    "dot and inner": lambda x: np.dot(x, W) * np.inner(x, x) + np.vdot(x, x),
    "outer": lambda x: np.outer(x, x * x),
    "einsum": lambda x: np.einsum("ij,j,k->ik", A * x, x, x),
    "tensordot": lambda x: np.tensordot(A * x, np.outer(x, x), 1),
    "solve": lambda x: np.linalg.solve(np.outer(x, x) + 3 * np.eye(3), x),
    "solve, matrices": lambda x: np.linalg.solve(np.diag(x) + np.eye(3), np.outer(x, x)),
    "inv and det": lambda x: np.linalg.inv(np.outer(x, x) + np.eye(3)) * np.linalg.det(A @ A.T),
    "eigvalsh": lambda x: np.linalg.eigvalsh(np.outer(x, x) + np.diag(W)),
    "cholesky": lambda x: np.linalg.cholesky(np.outer(x, x) + np.eye(3)),
    "sums": lambda x: np.sum(A * x, 0) * np.mean(A * x) + np.sum(A * x, -1)[0],
    "kept axes": lambda x: A * x / np.sum(A * x, axis=1, keepdims=True),
    "extrema": lambda x: np.max(A * x, axis=0) * np.min(x) + np.prod(x) + np.ptp(x),
    "var and std": lambda x: np.var(A * x, 0) + np.std(x),
    "norms": lambda x: np.linalg.norm(A * x, axis=1)[0] * np.linalg.norm(x) * x,
    "cumsum and diff": lambda x: np.cumsum(x)[1:] * np.diff(x),
    "cumsum of all": lambda x: np.cumsum(A * x),
    "sort": lambda x: np.sort(x) * np.sort(A * x, 1),
    "reshape": lambda x: (A * x).reshape(3, 2) * np.ravel(A * x)[:2],
    "transpose": lambda x: np.transpose(np.stack([A * x] * 2), (2, 0, 1)),
    "swapaxes": lambda x: np.swapaxes(A * x, 0, 1) @ A * x,
    "concatenate": lambda x: np.concatenate([x, x * x]) * np.hstack([W, x]),
    "stack": lambda x: np.stack([x, x * x], axis=1),
    "vstack": lambda x: np.vstack([x, A * x]),
    "array of numbers": lambda x: np.array([x[0] * x[1], 2.0, x[2]]),
    "array of arrays": lambda x: np.array([x, x * x, W]),
    "roll and flip": lambda x: np.roll(x, 1) * x[::-1] + np.flip(A * x, 1)[0],
    "where": lambda x: np.where(x > 0, x * x, np.sin(x)) * np.where(x > 0, 1.0, x[0]),
    "clip and maximum": lambda x: np.clip(x, -0.5, x[2]) * np.maximum(x, x[0]),
    "full": lambda x: np.full((2, 3), x[1]) * A,
    "indices": lambda x: x[[0, 2, 2]] * (A * x)[:, [1, 0]][0, 0],
    "masks": lambda x: x[np.array([True, False, True])] * x[0],
    "take": lambda x: np.take(x, [2, 0]) * np.take(A * x, [0], axis=0)[0, 0],
    "interp": lambda x: np.interp(x, np.array([-1.0, 0.0, 2.0]), W * x[0]),
    "fft": lambda x: np.abs(np.fft.rfft(x)) ** 2,
    "repeat and tile": lambda x: np.repeat(x, 2) * np.tile(x, 2),
    "triangles": lambda x: np.tril(np.outer(x, x)) + np.triu(np.outer(x, W), 1),
    "trace and diagonal": lambda x: np.trace(np.outer(x, x)) * np.diagonal(np.outer(x, W)),
    "power": lambda x: np.abs(x) ** x[2] + x**3,
    "numbers": lambda x: x * np.sqrt(x[0] ** 2 + x[1] ** 2),
}


@pytest.mark.parametrize("f", RULES.values(), ids=RULES)
def test_several_directions_at_once(f: Any) -> None:
    at_once, single = Slope(f, 0, False, 1), jvp(f)
    columns = [single((X,), (unit,))[1] for unit in np.eye(3)]
    wanted = np.stack([np.asarray(column) for column in columns], axis=-1)
    assert np.array_equal(np.shape(at_once(X)), wanted.shape)
    assert np.allclose(at_once(X), wanted, 1e-12, 1e-14)
    backward = jacobian(f, mode="reverse")(X)
    assert np.allclose(backward, wanted, 1e-9, 1e-11)


def through_a_transpose(x: np.ndarray) -> Any:
    m = np.outer(x, x)
    m.T[0] = x**3
    return m


ONE_BY_ONE = {
    "a transpose that is written": through_a_transpose,
    "indices that stand apart": lambda x: np.stack([A * x] * 2)[[0, 1], :, [0, 2]],
    "a result of several": lambda x: np.linalg.slogdet(np.outer(x, x) + np.eye(3))[1] * x,
}


@pytest.mark.parametrize("f", ONE_BY_ONE.values(), ids=ONE_BY_ONE)
def test_what_cannot_go_at_once_goes_one_by_one(f: Any) -> None:
    with pytest.raises(NotDifferentiable, match="several directions at once"):
        Slope(f, 0, False, 1)(X)
    found = jacobian(f, mode="forward")(X)
    assert np.allclose(found, jacobian(f, mode="reverse")(X))


# Taylor mode.

SERIES = {
    "elements": lambda x: np.sum(np.exp(-x * x) / (1 + np.tanh(x) ** 2)) * x[1],
    "products": lambda x: (A @ x) @ np.outer(x, x)[:2] @ np.einsum("i,j->ij", x, x) @ W,
    "solve and inv": lambda x: (
        np.linalg.solve(np.outer(x, x) + 2 * np.eye(3), x) @ np.linalg.inv(np.diag(x)) @ W
    ),
    "choices": lambda x: np.max(x * x) + np.sum(np.where(x > 0, x**3, np.sin(x))),
    "norms": lambda x: np.linalg.norm(x * x) + np.mean(np.abs(x) ** 1.5),
    "powers": lambda x: _powers(x),
    "writes": lambda x: _written(x.copy()),
}


def _powers(x: np.ndarray) -> Any:
    total = 0.0
    for n in range(5):
        total += np.sum(x**n)
    return total


def _written(y: np.ndarray) -> Any:
    for k in range(1, 3):
        y[k:] *= y[:-k]
        y[0] += np.sin(y[k])
    return y @ y


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@pytest.mark.parametrize("f", SERIES.values(), ids=SERIES)
def test_taylor_coefficients_are_nested_derivatives(f: Any) -> None:
    p = taylor(f, X, 3)
    assert p.tensor(0) == pytest.approx(f(X.copy()), rel=1e-14)
    assert np.allclose(p.tensor(1), grad(f)(X), 1e-9)
    assert np.allclose(p.tensor(2), hessian(f)(X), 1e-9, 1e-9)
    third = _third(f)
    assert np.allclose(p.tensor(3), third, 1e-6, 1e-6)
    near = X + np.array([1e-3, -2e-3, 1e-3])
    assert p(near) == pytest.approx(f(near.copy()), abs=1e-7)


def _third(f: Any) -> Any:
    """By differences of Hessians."""
    made = hessian(f)
    units = 1e-5 * np.eye(3)
    return np.stack([(made(X + u) - made(X - u)) / 2e-5 for u in units])


def test_taylor_mode_refuses_what_has_no_series_here() -> None:
    with pytest.raises(NotDifferentiable, match=r"np\.linalg\.cholesky"):
        taylor(lambda x: np.linalg.cholesky(np.diag(x))[0, 0], W, 2)
    with pytest.raises(NotDifferentiable, match="returns an array"):
        taylor(lambda x: x * x, W, 2)
