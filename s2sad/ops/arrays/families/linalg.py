"""Linear algebra: inverses, solutions, determinants.

Sources: Giles, "Collected matrix derivative results for forward and reverse mode AD"
(2008); Golub & Pereyra, "The differentiation of pseudo-inverses and nonlinear least squares
problems whose variables separate" (1973).

det and slogdet of a singular matrix: `np.linalg.inv` raises LinAlgError in the gradient
(the adjugate that det would need is not computed). pinv, lstsq: right where the rank is the
same nearby. The singular values that lstsq returns have no rule.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array, constant, refused
from s2sad.ops.arrays.texts import conj, transposed, turned


def _t(text: str, facts: Facts, of: str = "a") -> str:
    return transposed(text, facts.ndim(of))


def _over(text: str, facts: Facts) -> str:
    """A number for each matrix, to multiply it by."""
    return text if facts.ndim("a") == 2 else f"{text}[..., None, None]"


def inv_adjoint(facts: Facts) -> str:
    y = _t("y", facts)
    return f"-{y} @ y_bar @ {y}"


def _det(dot: bool) -> Rule:
    def rule(facts: Facts) -> str:
        if not dot:
            return f"{_over('(y_bar * y)', facts)} * {_t('np.linalg.inv(a)', facts)}"
        return f"y * {_traced(facts)}"

    return rule


def _traced(facts: Facts) -> str:
    """tr(a⁻¹ a_dot), a number for each matrix."""
    solved = "np.linalg.solve(a, a_dot)"
    if facts.ndim("a") == 2:
        return f"np.trace({solved})"
    return f"np.trace({solved}, axis1=-2, axis2=-1)"


def _slogdet(facts: Facts) -> str:
    inverse = _t("np.linalg.inv(a)", facts)
    texts = []
    if facts.wanted(1):
        texts.append(f"{_over('y_bar[1]', facts)} * {inverse}")
    if facts.wanted(0) and facts.is_complex("a"):
        texts.append(f"{_over('np.imag(y_bar[0] * y[0])', facts)} * 1j * {inverse}")
    return " + ".join(texts)


def _slogdet_dot(facts: Facts) -> str:
    trace = _traced(facts)
    if facts.is_complex("a"):
        return f"(1j * np.imag({trace}) * y[0], np.real({trace}))"
    return f"(np.zeros_like(y[0]), {trace})"


def _vector(facts: Facts) -> bool:
    """Is the right side a vector (before NumPy 2 a stack of them)?"""
    return facts.ndim("b") == 1 or facts.ndim("y") < facts.ndim("a")


def solve_text(matrix: str, b: str, facts: Facts) -> str:
    if _vector(facts) and facts.ndim("a") > 2:
        return f"np.linalg.solve({matrix}, {b}[..., None])[..., 0]"
    return f"np.linalg.solve({matrix}, {b})"


def solve_a(facts: Facts) -> str:
    b_bar = solve_text(_t("a", facts), "y_bar", facts)
    if not _vector(facts):
        return f"-{b_bar} @ {_t('y', facts, 'y')}"
    if facts.ndim("a") == 2:
        return f"-np.outer({b_bar}, y)"
    return f"-{b_bar}[..., None] * y[..., None, :]"


def solve_b(facts: Facts) -> str:
    return solve_text(_t("a", facts), "y_bar", facts)


def solve_dot(facts: Facts) -> str:
    if _vector(facts) and facts.ndim("a") > 2:
        return "-" + solve_text("a", "(a_dot @ y[..., None])[..., 0]", facts)
    return "-" + solve_text("a", "a_dot @ y", facts)


def _pinv(facts: Facts) -> str:
    cx = facts.is_complex("a")
    p, y_bar = _t("y", facts), turned("y_bar", facts)
    y, a = conj("y", cx), conj("a", cx)
    left = f"{y_bar} @ {y} @ {p}"
    right = f"{p} @ {y} @ {y_bar}"
    return (
        f"{left} - {a} @ ({y} @ ({left})) + {right} - (({right}) @ {y}) @ {a}"
        f" - {p} @ y_bar @ {p}"
    )


def _pinv_dot(facts: Facts) -> str:
    p, d = turned("y", facts), turned("a_dot", facts)
    left, right = f"(y @ {p} @ {d})", f"({d} @ {p} @ y)"
    return f"{left} - ({left} @ a) @ y + {right} - y @ (a @ {right}) - y @ a_dot @ y"


def _lstsq_parts(facts: Facts) -> tuple[str, str, str]:
    if facts.wanted(3):
        raise NotDifferentiable(
            "the singular values of np.linalg.lstsq",
            instead="np.linalg.svd(a, compute_uv=False)",
        )
    if facts.is_complex("a") or facts.is_complex("b"):
        raise NotDifferentiable(
            "np.linalg.lstsq of complex numbers", instead="np.linalg.pinv(a) @ b"
        )
    residual = "(b - a @ y[0])"
    seed = "np.sum(y_bar[1])" if facts.ndim("b") == 1 else "y_bar[1]"
    return "np.linalg.pinv(a)", residual, f"2.0 * {seed} * {residual}"


def _outer(left: str, right: str, facts: Facts) -> str:
    return f"np.outer({left}, {right})" if facts.ndim("b") == 1 else f"{left} @ {right}.T"


def _lstsq_a(facts: Facts) -> str:
    """x = P b, with the derivative of the pseudoinverse P at constant rank."""
    p, residual, seed = _lstsq_parts(facts)
    text = ""
    if facts.wanted(0):
        z = f"({p}.T @ y_bar[0])"
        text = _outer(residual, f"({p} @ {z})", facts)
        text += " + " + _outer(f"({p}.T @ y[0])", f"(y_bar[0] - a.T @ {z})", facts)
        text += " - " + _outer(z, "y[0]", facts)
    if facts.wanted(1):
        text += " - " + _outer(f"({seed})", "y[0]", facts)
    return text.strip()


def _lstsq_b(facts: Facts) -> str:
    p, _, seed = _lstsq_parts(facts)
    texts = [f"{p}.T @ y_bar[0]"] if facts.wanted(0) else []
    return " + ".join([*texts, seed] if facts.wanted(1) else texts)


def _lstsq_dot(of_a: bool) -> Rule:
    def rule(facts: Facts) -> str:
        p, residual, _ = _lstsq_parts(facts)
        change = "-(a_dot @ y[0])" if of_a else "b_dot"
        x_dot = f"{p} @ ({change})"
        if of_a:
            n = f"({p} @ ({p}.T @ (a_dot.T @ {residual})))"
            k = f"(a_dot.T @ ({p}.T @ y[0]))"
            x_dot += f" + {n} + {k} - {p} @ (a @ {k})"
        square = f"np.sum(2.0 * {residual} * ({change}), 0)"
        still = "np.zeros_like(y[1])"
        square = f"{square} + {still}" if facts.wanted(1) else still
        return f"({x_dot}, {square}, 0, np.zeros_like(y[3]))"

    return rule


FAMILY: tuple[ArrayOp, ...] = (
    array("np.linalg.inv", "a", a=inv_adjoint, tangents={"a": "-y @ a_dot @ y"}),
    array("np.linalg.solve", "a, b", linear="b", a=solve_a, b=solve_b,
          tangents={"a": solve_dot}),
    array("np.linalg.det", "a", a=_det(False), tangents={"a": _det(True)}),
    array("np.linalg.slogdet", "a", results=2, a=_slogdet, tangents={"a": _slogdet_dot}),
    array("np.linalg.pinv", "a, rcond=None", a=_pinv, tangents={"a": _pinv_dot}),
    array("np.linalg.lstsq", "a, b, rcond=None", results=4, varies=True, a=_lstsq_a, b=_lstsq_b,
          tangents={"a": _lstsq_dot(True), "b": _lstsq_dot(False)}),
    array("np.linalg.cond", "x, p=None", x=refused("np.linalg.cond", "np.linalg.svd")),
    array("np.linalg.eig", "a", results=2, a=refused("np.linalg.eig", "np.linalg.eigh")),
    array("np.linalg.eigvals", "a", a=refused("np.linalg.eigvals", "np.linalg.eigvalsh")),
    constant("np.linalg.matrix_rank", "A, tol=None, hermitian=False"),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
