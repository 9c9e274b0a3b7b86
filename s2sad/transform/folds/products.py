"""Products and quotients: factors 1 go, literals are gathered, quotients that cancel do."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from s2sad.ir.nodes import Atom, Let, Lit, float_lit
from s2sad.ir.types import BOOL, FLOAT, INT, Array
from s2sad.transform.folds.literals import exact, is_one
from s2sad.transform.folds.spread import is_float, spread_product, under_mask

if TYPE_CHECKING:
    from s2sad.transform.fold import AdjointBuilder


def quotient(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """(-x) / w is -(x / w); 6.0 / 2 is 3.0; 3.0 * x / sqrt(4.0) is 1.5 * x; x / (y / w) / w
    is x / y."""
    p, q = exact(x), exact(w)
    if p is not None and q and (2**10 * (p / q)).is_integer():
        return float_lit(p / q)
    if (masked := under_mask(builder, x, "div", w)) is not None:
        return masked
    negated = builder.operands(x, "neg")
    if negated:
        return builder.make("neg", builder.make("div", negated[0], w))
    return _over_root(builder, x, w) or _over_part(builder, x, w)


def _over_root(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """A literal factor takes in the root of another literal."""
    root = builder.number(w, "sqrt")
    q = exact(root[0]) if root else None
    p, rest = factor_of(x, builder.standing(x))
    if q is None or p is None or not rest or not 1e-100 < q < 1e100:
        return None
    return builder.make("mul", float_lit(p / math.sqrt(q)), *rest)


def _over_part(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """What is divided by y / w and by w is divided by y."""
    outer = builder.operands(x, "div")
    inner = builder.number(outer[1], "div") if outer else None
    if outer is None or inner is None or inner[1] is not w:
        return None
    numbers = all(atom.type is FLOAT for atom in (outer[0], *inner))
    return builder.make("div", outer[0], inner[0]) if numbers else None


def product(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """1 * x is x; -1 * x is -x; 100 * (2 * x) is 200 * x; x * (-w) is -(x * w)."""
    if type(x) is Lit or type(w) is Lit:
        p, q = exact(x), exact(w)
        if type(p) is int:
            # A product of floats is what it is, and what CPython is fast at.
            return builder.make("mul", float_lit(float(p)), w)
        if type(q) is int:
            return builder.make("mul", x, float_lit(float(q)))
        # A whole number of the primal's times 1.0 is a float, as an adjoint has to be.
        if p == 1 and is_float(w):
            return w
        if q == 1 and is_float(x):
            return x
        if p == -1 and _has_sign(w):
            return builder.make("neg", w)
        if q == -1 and _has_sign(x):
            return builder.make("neg", x)
    left, right = builder.standing(x), builder.standing(w)
    if (whole := _whole_factor(left)) is not None and is_float(w):
        return builder.make("mul", whole, w)
    if (whole := _whole_factor(right)) is not None and is_float(x):
        return builder.make("mul", x, whole)
    if not builder.plain and (made := spread_product(builder, x, w, left, right)) is not None:
        return made
    if (merged := _merged_factors(builder, x, w, left, right)) is not None:
        return merged
    if not builder.plain:
        for one, other in ((x, w), (w, x)):
            if (masked := under_mask(builder, one, "mul", other)) is not None:
                return masked
    if left is not None and left.op == "neg":
        return builder.make("neg", builder.make("mul", left.args[0], w))
    if right is not None and right.op == "neg":
        return builder.make("neg", builder.make("mul", x, right.args[0]))
    if right is not None and right.op == "div":
        return _scaled_quotient(builder, x, *right.args)
    return _known_product(builder, x, w, left)


def _whole_factor(let: Let | None) -> Atom | None:
    """n of 1.0 * n, which a float makes a float as well."""
    match let:
        case Let(_, "mul", (Lit(1.0) as one, n)) if one.type is FLOAT and not is_float(n):
            return n
        case _:
            return None


def _has_sign(atom: Atom) -> bool:
    """Is -x what -1.0 * x is? NumPy has no -x of a mask, and of ints it is one of ints."""
    return is_float(atom) or not (atom.type is BOOL or isinstance(atom.type, Array))


def _known_product(builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None) -> Atom | None:
    """x * w where w * x stands already; (x * p) * q is x * (p * q) where that stands."""
    swapped = builder.known("mul", (w, x))
    if swapped is not None or left is None or left.op != "mul":
        return swapped
    for kept, factor in (left.args, left.args[::-1]):
        product = builder.known("mul", (factor, w)) or builder.known("mul", (w, factor))
        if product is not None:
            return builder.make("mul", kept, product)
    return None


def _scaled_quotient(builder: AdjointBuilder, x: Atom, top: Atom, bottom: Atom) -> Atom | None:
    """x * (1 / w) is x / w; x * (y / w) is x / w * y, for the adjoint of a quotient y
    has x / w already."""
    if is_one(top):
        return builder.make("div", x, bottom)
    if isinstance(top, Lit) or isinstance(x, Lit):
        return None
    return builder.make("mul", builder.make("div", x, bottom), top)


def _merged_factors(
    builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None, right: Let | None
) -> Atom | None:
    """100.0 * (2 * b) is 200.0 * b; 2.0 * (0.5 / b) is 1.0 / b; so is
    (2.0 * x) * (0.5 / n) with a count."""
    if not (_may_have_factor(x, left) and _may_have_factor(w, right)):
        return None
    for (one, other), let in (((x, left), right), ((w, right), left)):
        if let is not None and let.op == "div" and (q := exact(let.args[0])) is not None:
            count = let.args[1].type is INT
            p, rest = factor_of(one, other) if count else (exact(one), ())
            if p is not None and 1e-100 < abs(p * q) < 1e100:
                made = builder.make("div", float_lit(float(p * q)), let.args[1])
                return builder.make("mul", made, *rest) if rest else made
    p, rest = factor_of(x, left)
    q, more = factor_of(w, right)
    if p is None or q is None or not 1e-100 < abs(p * q) < 1e100:
        return None
    factors = rest + more
    product = factors[0] if len(factors) == 1 else builder.make("mul", *factors)
    return builder.make("mul", float_lit(float(p * q)), product)


def _may_have_factor(atom: Atom, let: Let | None) -> bool:
    return type(atom) is Lit if let is None else let.op in ("mul", "div")


def factor_of(atom: Atom, let: Let | None) -> tuple[float | None, tuple[Atom, ...]]:
    """The literal factor of a product, if it has one, and the other."""
    if let is None or let.op != "mul":
        return exact(atom), ()
    x, w = let.args
    if (p := exact(x)) is not None:
        return p, (w,)
    return exact(w), (x,)
