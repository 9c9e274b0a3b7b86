"""Sums and differences: signs are moved, terms gathered, common factors taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s2sad.ir.nodes import Atom, Let, Var, float_lit
from s2sad.ir.types import INT, Array, Type
from s2sad.transform.folds.literals import exact
from s2sad.transform.folds.products import factor_of
from s2sad.transform.folds.spread import is_float, sum_of_arrays, under_mask

if TYPE_CHECKING:
    from s2sad.transform.fold import AdjointBuilder


def sign(builder: AdjointBuilder, x: Atom) -> Atom | None:
    """-(-x) is x."""
    if (masked := under_mask(builder, x, "neg")) is not None:
        return masked
    inner = builder.operands(x, "neg")
    return inner[0] if inner else None


def folded_sum(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x + x is 2 * x; x + (-w) is x - w; (-x) + w is w - x."""
    if x.type == INT:
        return None  # a place or a size: it stays an integer
    if x is w:
        return builder.make("mul", float_lit(2.0), x)
    if not builder.plain and (made := sum_of_arrays(builder, x, w)) is not None:
        return made
    left, right = builder.standing(x), builder.standing(w)
    if not (_is_multiple(left) or _is_multiple(right)):
        return None
    if (gathered := _gathered(builder, x, w)) is not None:
        return gathered
    if (shared := _shared_factor(builder, "add", x, w)) is not None:
        return shared
    if right is not None and right.op == "neg":
        return builder.make("sub", x, right.args[0])
    if left is not None and left.op == "neg":
        return builder.make("sub", w, left.args[0])
    return None


def _is_multiple(let: Let | None) -> bool:
    return let is not None and let.op in ("neg", "mul")


# Linear in an array, of which they make one that is no larger.
LINEAR = frozenset(("np.sum", "np.expand_dims", "np.reshape", "np.transpose"))

PRODUCTS = frozenset(("np.matmul", "np.einsum", "np.outer"))


def signed(
    builder: AdjointBuilder, op: str, args: tuple[Atom, ...], type_: Type | None
) -> Atom | None:
    """(-x) @ w is -(x @ w)."""
    for k, arg in enumerate(args):
        negated = builder.operands(arg, "neg") if isinstance(arg.type, Array) else None
        if negated:
            rest = (*args[:k], negated[0], *args[k + 1 :])
            return builder.make("neg", builder.make(op, *rest, type_=type_))
    return None


def factored_out(
    builder: AdjointBuilder, op: str, args: tuple[Atom, ...], type_: Type | None
) -> Atom | None:
    """np.sum(-x) is -np.sum(x); np.sum(2.0 * x) is 2.0 * np.sum(x)."""
    array, *rest = args
    let = builder.defs.get(array) if isinstance(array, Var) else None
    if let is None or not builder.stands(let) or not isinstance(array.type, Array):
        return None
    if let.op == "neg":
        return builder.make("neg", builder.make(op, let.args[0], *rest, type_=type_))
    factor, others = factor_of(array, let)
    if factor is None or len(others) != 1 or others[0].type != array.type:
        return None
    made = builder.make(op, *others, *rest, type_=type_)
    return builder.make("mul", float_lit(float(factor)), made)


def _gathered(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x - 0.25 * x is 0.75 * x."""
    (p, one), (q, other) = _multiple(builder, x), _multiple(builder, w)
    if one is not other or not isinstance(one, Var) or not p + q:
        return None
    return builder.make("mul", float_lit(p + q), one)


def _multiple(builder: AdjointBuilder, x: Atom) -> tuple[float, Atom]:
    """A literal factor, and what it multiplies."""
    let = builder.standing(x)
    if let is None:
        return 1.0, x
    if let.op == "neg":
        factor, rest = _multiple(builder, let.args[0])
        return -factor, rest
    if let.op == "mul":
        for one, other in (let.args, let.args[::-1]):
            if (number := exact(one)) is not None:
                return float(number), other
    return 1.0, x


def difference(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x - (-w) is x + w; x - 0.0 is x; of arrays, (-x) - w is -(x + w)."""
    if x.type == INT:
        return None
    if exact(w) == 0 and is_float(x):
        return x
    negated = builder.operands(w, "neg")
    if negated:
        return builder.make("add", x, negated[0])
    if isinstance(x.type, Array) and (negated := builder.operands(x, "neg")):
        return builder.make("neg", builder.make("add", negated[0], w))
    (p, one), (q, other) = _multiple(builder, x), _multiple(builder, w)
    if one is other and isinstance(one, Var) and p != q:
        return builder.make("mul", float_lit(p - q), one)
    return _shared_factor(builder, "sub", x, w)


def _shared_factor(builder: AdjointBuilder, op: str, x: Atom, w: Atom) -> Atom | None:
    """r * x - r * w is r * g where g = x - w stands already; so too after other summands."""
    factors = builder.operands(w, "mul")
    if factors is None or not builder.plain:
        return None
    rest: Atom | None = None
    products = builder.operands(x, "mul")
    if products is None:
        summands = builder.operands(x, "add")
        products = builder.operands(summands[1], "mul") if summands else None
        if summands is None or products is None:
            return None
        rest = summands[0]
    for shared, one in (products, products[::-1]):
        for factor, other in (factors, factors[::-1]):
            if shared is not factor or type(shared) is not Var:
                continue
            known = builder.known(op, (one, other))
            if known is not None:
                made = builder.make("mul", shared, known)
                return made if rest is None else builder.make("add", rest, made)
            known = builder.known(op, (other, one))
            if known is None:
                continue
            made = builder.make("mul", shared, known)
            if rest is not None:
                return builder.make(op, rest, made)
            return made if op == "add" else builder.make("neg", made)
    return None
