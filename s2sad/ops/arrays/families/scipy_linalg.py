"""Linear algebra of SciPy: triangular and Cholesky solutions, the matrix exponential.

The adjoint of the exponential is its Fréchet derivative at the transpose, which the upper
right block of the exponential of [[a.T, y_bar], [0, a.T]] holds (Al-Mohy & Higham,
"Computing the Fréchet derivative of the matrix exponential", 2009). Of a factor of which
one triangle is read the other has no derivative.
"""

from __future__ import annotations

from s2sad.errors import NotDifferentiable
from s2sad.ops.arrays.declare import ArrayOp, Facts, Rule, array
from s2sad.ops.arrays.families import linalg
from s2sad.ops.arrays.families.factorisations import cholesky_adjoint, cholesky_tangent
from s2sad.ops.arrays.texts import conj, transposed

_TRANS = {0: 0, 1: 1, 2: 2, "N": 0, "T": 1, "C": 2}


def _matrix(facts: Facts, name: str = "a") -> None:
    if facts.ndim(name) != 2:
        raise NotDifferentiable("a stack of matrices in SciPy", instead="a loop over the stack")


def _outer(left: str, right: str, facts: Facts) -> str:
    if facts.ndim("b") == 1:
        return f"np.outer({left}, {right})"
    return f"{left} @ {transposed(right, facts.ndim('b'))}"


def _trans(facts: Facts) -> int:
    """0, or 1 for the transpose and 2 for the conjugate transpose."""
    _matrix(facts)
    kind = facts.literal("trans")
    assert isinstance(kind, int | str)
    found = _TRANS[kind]
    return 1 if found == 2 and not facts.is_complex("a") else found


def _triangle(facts: Facts, text: str) -> str:
    name = "tril" if facts.literal("lower") else "triu"
    if not facts.literal("unit_diagonal"):
        return f"np.{name}({text})"
    return f"np.{name}({text}, {-1 if name == 'tril' else 1})"


def _solved(matrix: str, b: str, trans: int, facts: Facts) -> str:
    shown = ["trans=1"] if trans == 1 else ["trans=2"] if trans == 2 else []
    shown += ["lower=True"] if facts.literal("lower") else []
    shown += ["unit_diagonal=True"] if facts.literal("unit_diagonal") else []
    return f"scipy.linalg.solve_triangular({', '.join([matrix, b, *shown])})"


def _triangular_b(facts: Facts) -> str:
    match _trans(facts):
        case 0:
            return _solved("a", "y_bar", 1, facts)
        case 1:
            return _solved("a", "y_bar", 0, facts)
    return _solved("np.conj(a)", "y_bar", 0, facts)


def _triangular_a(facts: Facts) -> str:
    b_bar = _triangular_b(facts)
    match _trans(facts):
        case 0:
            return f"-{_triangle(facts, _outer(b_bar, 'y', facts))}"
        case 1:
            return f"-{_triangle(facts, _outer('y', b_bar, facts))}"
    return f"-np.conj({_triangle(facts, _outer('y', b_bar, facts))})"


def _triangular_dot(facts: Facts) -> str:
    trans = _trans(facts)
    dot = _triangle(facts, "a_dot")
    dot = dot if trans == 0 else conj(transposed(dot, 2), trans == 2)
    return "-" + _solved("a", f"{dot} @ y", trans, facts)


_C, _LOWER = "c_and_lower[0]", "c_and_lower[1]"


def _factor(facts: Facts) -> bool:
    """Is the factor the lower one?"""
    _matrix(facts, _C)
    return bool(facts.literal(_LOWER))


def _cho_solved(b: str, facts: Facts) -> str:
    return f"scipy.linalg.cho_solve(({_C}, {_LOWER}), {b})"


def _cho_b(facts: Facts) -> str:
    """The matrix is its own conjugate transpose."""
    _factor(facts)
    cx = facts.is_complex(_C)
    return conj(_cho_solved(conj("y_bar", cx), facts), cx)


def _cho_factor(facts: Facts) -> str:
    """The matrix is L Lᴴ, or Uᴴ U: of its adjoint to that of the factor."""
    lower, cx = _factor(facts), facts.is_complex(_C)
    matrix = f"({_outer(_cho_b(facts), 'y', facts)})"
    twice = f"({matrix} + {conj(transposed(matrix, 2), cx)})"
    if lower:
        return f"-np.tril({twice} @ {conj(f'np.tril({_C})', cx)})"
    return f"-np.triu({conj(f'np.triu({_C})', cx)} @ {twice})"


def _cho_dot(facts: Facts) -> str:
    lower, cx = _factor(facts), facts.is_complex(_C)
    part = "np.tril" if lower else "np.triu"
    c, dot = f"{part}({_C})", f"{part}(c_and_lower_dot[0])"
    ch = conj(transposed(c, 2), cx)
    dot_h = conj(transposed(dot, 2), cx)
    change = f"{dot} @ ({ch} @ y) + {c} @ ({dot_h} @ y)"
    if not lower:
        change = f"{dot_h} @ ({c} @ y) + {ch} @ ({dot} @ y)"
    return "-" + _cho_solved(change, facts)


def _cholesky(dot: bool, several: bool = False) -> Rule:
    """An upper factor is the transpose of the lower one of the transpose."""

    def rule(facts: Facts) -> str:
        _matrix(facts)
        lower = bool(facts.literal("lower"))
        part = "np.tril" if lower else "np.triu"
        # What cho_factor leaves in the other triangle is no result.
        y, y_bar = (f"{part}(y[0])", f"{part}(y_bar[0])") if several else ("y", "y_bar")
        make, seed = (cholesky_tangent, "a_dot") if dot else (cholesky_adjoint, y_bar)
        if lower:
            text = make(y, seed, facts)
        else:
            text = transposed(f"({make(transposed(y, 2), transposed(seed, 2), facts)})", 2)
        return f"({text}, y[1])" if dot and several else text

    return rule


def _block(matrix: str, seed: str) -> str:
    upper = f"np.concatenate(({matrix}, {seed}), -1)"
    lower = f"np.concatenate((np.zeros_like({matrix}), {matrix}), -1)"
    return (
        f"scipy.linalg.expm(np.concatenate(({upper}, {lower}), -2))"
        "[..., : A.shape[-1], A.shape[-1] :]"
    )


def _as_numpy(name: str, params: str, *differentiable: str) -> ArrayOp:
    """The rules of NumPy's function of the same name."""
    op = next(op for op in linalg.FAMILY if op.name == f"np.linalg.{name}")
    rules = {param: op.adjoints[param] for param in differentiable}
    tangents = {param: op.tangents[param] for param in differentiable if param in op.tangents}
    made = array(f"scipy.linalg.{name}", params, linear=" ".join(op.linear), tangents=tangents)
    return made._replace(adjoints=rules)


FAMILY: tuple[ArrayOp, ...] = (
    array("scipy.linalg.solve_triangular", "a, b, trans=0, lower=False, unit_diagonal=False",
          linear="b", a=_triangular_a, b=_triangular_b, tangents={"a": _triangular_dot}),
    array("scipy.linalg.cho_solve", "c_and_lower: rest, b", linear="b",
          c_and_lower=_cho_factor, b=_cho_b, tangents={"c_and_lower": _cho_dot}),
    array("scipy.linalg.cho_factor", "a, lower=False", results=2,
          a=_cholesky(False, True), tangents={"a": _cholesky(True, True)}),
    array("scipy.linalg.cholesky", "a, lower=False",
          a=_cholesky(False), tangents={"a": _cholesky(True)}),
    array("scipy.linalg.expm", "A",
          A=lambda facts: _block(transposed("A", facts.ndim("A")), "y_bar"),
          tangents={"A": lambda _: _block("A", "A_dot")}),
    _as_numpy("inv", "a", "a"),
    _as_numpy("det", "a", "a"),
    _as_numpy("solve", "a, b", "a", "b"),
    _as_numpy("pinv", "a", "a"),
)  # fmt: skip

METHODS: dict[str, str] = {}
SYNONYMS: dict[str, str] = {}
