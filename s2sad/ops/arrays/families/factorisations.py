"""Factorisations: Cholesky, eigenvalues of Hermitian matrices, QR, singular values.

Sources: Murray, "Differentiation of the Cholesky decomposition" (2016); Giles, "Collected
matrix derivative results for forward and reverse mode AD" (2008); Walter & Lehmann,
"Algorithmic differentiation of linear algebra functions" (2012) for QR; Townsend,
"Differentiating the singular value decomposition" (2016), with the phase term of Wan &
Zhang (2019). Their formulas are over conjugate cotangents; here those are plain.

`np.linalg.cholesky`, `eigh` and `eigvalsh` read one triangle of their argument and take the
other for its mirror image: so do their derivatives. The adjoint is 0 in the other triangle,
and holds both contributions in the one that is read.

Where the derivative does not exist:

- eigh, svd: vectors of equal eigenvalues (singular values) may be any basis of their space
  and have no derivative; 1 / (λi - λj) is left to divide by zero, so that the gradient is
  inf or nan and NumPy warns. A 0 in its place would be silently wrong, even for functions
  that do not depend on the choice of the basis: v @ diag(w) @ v.T at the identity would
  lose its elements off the diagonal. Of equal eigenvalues alone the derivative is that
  along the basis that was found: right for symmetric functions of them (sums, products).
- Of complex vectors the phase is LAPACK's choice: the derivative is right for functions
  that do not depend on it.
- svd: where U or V is used and a singular value is 0 it divides by zero, too.
- QR of a wide or rank-deficient matrix: `np.linalg.inv` of R raises LinAlgError.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array
from s2sad.ops.arrays.texts import conj, transposed, turned


def _t(text: str, facts: Facts) -> str:
    return transposed(text, facts.ndim("a"))


def _half(lower: bool, matrix: str = "a") -> str:
    """What takes a triangle of a matrix and half of its diagonal."""
    n = f"{matrix}.shape[-1]"
    tri = f"np.tri({n})" if lower else f"np.tri({n}).T"
    return f"({tri} - 0.5 * np.eye({n}))"


def mirrored(text: str, facts: Facts, lower: bool) -> str:
    """The matrix that a triangle stands for, diagonal real."""
    part = f"({text} * {_half(lower)})"
    return f"({part} + {turned(part, facts, 'a')})"


def cholesky_adjoint(factor: str, seed: str, facts: Facts) -> str:
    """Φ(L⁻ᵀ (P + Pᴴ) L⁻ᴴᵀ) with P = Φ(Lᵀ L̄): Murray's, for a lower factor."""
    inverse = f"np.linalg.inv({factor})"
    half = _half(True)
    p = f"({_t(factor, facts)} @ {seed} * {half})"
    right = conj(inverse, facts.is_complex("a"))
    return f"{_t(inverse, facts)} @ ({p} + {turned(p, facts)}) @ {right} * {half}"


def cholesky_tangent(factor: str, a_dot: str, facts: Facts) -> str:
    """L Φ(L⁻¹ Ȧ L⁻ᴴ)."""
    inverse = f"np.linalg.inv({factor})"
    inner = f"{inverse} @ {mirrored(a_dot, facts, True)} @ {turned(inverse, facts)}"
    return f"{factor} @ ({inner} * {_half(True)})"


def _cholesky(dot: bool) -> Rule:
    """An upper factor is the transpose of the lower one of the transpose."""

    def rule(facts: Facts) -> str:
        made = cholesky_tangent if dot else cholesky_adjoint
        seed = "a_dot" if dot else "y_bar"
        if facts.literal("upper"):
            return _t(f"({made(_t('y', facts), _t(seed, facts), facts)})", facts)
        return made("y", seed, facts)

    return rule


def _lower(facts: Facts) -> bool:
    return str(facts.literal("UPLO")).upper() == "L"


def _gaps(facts: Facts) -> str:
    """1 / (λj - λi) off the diagonal, 0 on it."""
    eye = "np.eye(a.shape[-1])"
    return f"(1.0 / (y[0][..., None, :] - y[0][..., :, None] + {eye}) - {eye})"


def _eigh(facts: Facts) -> str:
    lower = _lower(facts)
    v = "y[1]"
    vt, vc = _t(v, facts), conj(v, facts.is_complex("a"))
    spread = "y_bar[0]" if facts.ndim("a") == 2 else "y_bar[0][..., None, :]"
    if not facts.wanted(1):
        return f"2.0 * ({vc} * {spread}) @ {vt} * {_half(lower)}"
    inner = f"{_gaps(facts)} * ({vt} @ y_bar[1])"
    if facts.wanted(0):
        inner = f"np.eye(a.shape[-1]) * {spread} + {inner}"
    g = f"({vc} @ ({inner}) @ {vt})"
    return f"({g} + {turned(g, facts)}) * {_half(lower)}"


def _eigh_dot(facts: Facts) -> str:
    m = f"({turned('y[1]', facts)} @ {mirrored('a_dot', facts, _lower(facts))} @ y[1])"
    w_dot = f"np.real(np.diagonal({m}, axis1=-2, axis2=-1))"
    return f"({w_dot}, y[1] @ ({_gaps(facts)} * {m}))"


def _eigvalsh(facts: Facts) -> str:
    v = "np.linalg.eigh(a, UPLO)[1]"
    vc = conj(v, facts.is_complex("a"))
    spread = "y_bar" if facts.ndim("a") == 2 else "y_bar[..., None, :]"
    return f"2.0 * ({vc} * {spread}) @ {_t(v, facts)} * {_half(_lower(facts))}"


def _eigvalsh_dot(facts: Facts) -> str:
    v = "np.linalg.eigh(a, UPLO)[1]"
    m = f"{mirrored('a_dot', facts, _lower(facts))} @ {v}"
    return f"np.real(np.sum({conj(v, facts.is_complex('a'))} * ({m}), -2))"


def _reduced(facts: Facts) -> None:
    if facts.literal("mode") != "reduced":
        raise NotDifferentiable(
            f"np.linalg.qr with the mode {facts.literal('mode')!r}",
            instead="the mode 'reduced', and R as its second result",
        )


def _qr(facts: Facts) -> str:
    """(Q̄ + Q copyltu(M)) R⁻ᵀ with M = R R̄ᵀ - Q̄ᵀ Q, copyltu the mirrored lower triangle."""
    _reduced(facts)
    cx = facts.is_complex("a")
    of_r = f"y[1] @ {_t('y_bar[1]', facts)}" if facts.wanted(1) else ""
    of_q = f" - {_t('y_bar[0]', facts)} @ y[0]" if facts.wanted(0) else ""
    m = f"({(of_r + of_q).strip()})"
    low = f"np.tril({m}, -1)"
    if cx:
        diagonal = f"np.real({m}) * np.eye(y[1].shape[-1])"
        mirror = f"np.conj({low} + {turned(low, facts)} + {diagonal})"
    else:
        mirror = f"(np.tril({m}) + {_t(low, facts)})"
    text = f"{conj('y[0]', cx)} @ {mirror}"
    text = f"(y_bar[0] + {text})" if facts.wanted(0) else text
    return f"{text} @ {_t('np.linalg.inv(y[1])', facts)}"


def _qr_dot(facts: Facts) -> str:
    """Q̇ = (Ȧ R⁻¹ - Q S), Ṙ = S R with S the upper triangle that Qᴴ Ȧ R⁻¹ leaves."""
    _reduced(facts)
    inner = "(a_dot @ np.linalg.inv(y[1]))"
    c = f"({turned('y[0]', facts)} @ {inner})"
    s = f"np.triu({c}) + {turned(f'np.tril({c}, -1)', facts)}"
    if facts.is_complex("a"):
        s += f" - 1j * np.imag({c}) * np.eye(y[1].shape[-1])"
    s = f"({s})"
    return f"({inner} - y[0] @ {s}, {s} @ y[1])"


def _svd_results(facts: Facts) -> int:
    return 3 if facts.literal("compute_uv") else 0


def _square_gaps(rows: str, columns: str) -> str:
    """1 / (sj² - si²) off the diagonal, 0 on it."""
    eye = "np.eye(y[1].shape[-1])"
    return f"(1.0 / (({columns} - {rows}) * ({columns} + {rows}) + {eye}) - {eye})"


def _svd(facts: Facts) -> str:
    """Townsend's; of the singular values alone it is U diag(s̄) Vᵀ."""
    cx = facts.is_complex("a")
    along = "{}" if facts.ndim("a") == 2 else "{}[..., None, :]"
    if not facts.literal("compute_uv"):
        parts = "np.linalg.svd(a, full_matrices=False)"
        u, v, seed = conj(f"{parts}[0]", cx), conj(f"{parts}[2]", cx), along.format("y_bar")
        return f"({u} * {seed}) @ {v}"
    k = "y[1].shape[-1]"
    if not (facts.wanted(0) or facts.wanted(2)):
        u, v = conj("y[0]", cx), conj("y[2]", cx)
        if facts.literal("full_matrices"):
            u, v = f"{u}[..., : {k}]", f"{v}[..., : {k}, :]"
        return f"({u} * {along.format('y_bar[1]')}) @ {v}"
    _only_reduced(facts)
    u, v = conj("y[0]", cx), conj("y[2]", cx)
    rows, columns = "y[1][..., :, None]", "y[1][..., None, :]"
    eye, gaps = f"np.eye({k})", _square_gaps(rows, columns)
    inner, outer = [], []
    if facts.wanted(1):
        inner.append(f"{eye} * {along.format('y_bar[1]')}")
    if facts.wanted(0):
        m = f"({_t('y[0]', facts)} @ y_bar[0])"
        inner.append(f"{gaps} * ({m} - {turned(m, facts)}) * {columns}")
        if cx:
            inner.append(f"{eye} * 1j * np.imag({m}) / {columns}")
        outer.append(f"(y_bar[0] - {u} @ {m}) / {columns} @ {v}")
    if facts.wanted(2):
        m = f"(y[2] @ {_t('y_bar[2]', facts)})"
        inner.append(f"{rows} * {gaps} * {conj(f'({m} - {turned(m, facts)})', cx)}")
        rest = f"(y_bar[2] - {_t(m, facts)} @ {v})"
        outer.append(f"{u} / {columns} @ {rest}")
    return " + ".join([f"{u} @ ({' + '.join(inner)}) @ {v}", *outer])


def _only_reduced(facts: Facts) -> None:
    if facts.literal("full_matrices"):
        raise NotDifferentiable(
            "np.linalg.svd of full matrices: the vectors beyond the rank are any basis",
            instead="np.linalg.svd(a, full_matrices=False)",
        )


def _svd_dot(facts: Facts) -> str:
    cx = facts.is_complex("a")
    several = facts.literal("compute_uv")
    if not (several and (facts.wanted(0) or facts.wanted(2))):
        whole = "y" if several else "np.linalg.svd(a, full_matrices=False)"
        u, v = conj(f"{whole}[0]", cx), conj(f"{whole}[2]", cx)
        if several and facts.literal("full_matrices"):
            u, v = f"{u}[..., : y[1].shape[-1]]", f"{v}[..., : y[1].shape[-1], :]"
        s_dot = f"np.real(np.sum({u} * (a_dot @ {_t(v, facts)}), -2))"
        return f"(np.zeros_like(y[0]), {s_dot}, np.zeros_like(y[2]))" if several else s_dot
    _only_reduced(facts)
    rows, columns = "y[1][..., :, None]", "y[1][..., None, :]"
    gaps = _square_gaps(rows, columns)
    uh, v = turned("y[0]", facts), turned("y[2]", facts)
    p = f"({uh} @ a_dot @ {v})"
    ph = turned(p, facts)
    u_dot = f"y[0] @ ({gaps} * ({p} * {columns} + {rows} * {ph}))"
    u_dot += f" + (a_dot @ {v} - y[0] @ {p}) / {columns}"
    if cx:
        u_dot += f" + y[0] @ (np.eye(y[1].shape[-1]) * 1j * np.imag({p}) / {columns})"
    turn = turned(f"({gaps} * ({rows} * {p} + {ph} * {columns}))", facts)
    vh_dot = f"{turn} @ y[2] + ({uh} @ a_dot - {p} @ y[2]) / {rows}"
    s_dot = f"np.real(np.diagonal({p}, axis1=-2, axis2=-1))"
    return f"({u_dot}, {s_dot}, {vh_dot})"


FAMILY: tuple[ArrayOp, ...] = (
    array("np.linalg.cholesky", "a, *, upper=False",
          a=_cholesky(False), tangents={"a": _cholesky(True)}),
    array("np.linalg.eigh", "a, UPLO='L'", results=2, a=_eigh, tangents={"a": _eigh_dot}),
    array("np.linalg.eigvalsh", "a, UPLO='L'", a=_eigvalsh, tangents={"a": _eigvalsh_dot}),
    array("np.linalg.qr", "a, mode='reduced'", results=2, a=_qr, tangents={"a": _qr_dot},
          results_of=lambda facts: 0 if facts.literal("mode") == "r" else 2),
    array("np.linalg.svd", "a, full_matrices=True, compute_uv=True", results=3,
          results_of=_svd_results, a=_svd, tangents={"a": _svd_dot}),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
