"""How adjoint code folds as it is built, by primitive."""

from __future__ import annotations

import operator

from s2sad.transform.folds.arrays import dotted, turned
from s2sad.transform.folds.literals import (
    Fold,
    arithmetic,
    comparison,
    element,
    first_power,
    known_item,
    literal_sign,
)
from s2sad.transform.folds.products import product, quotient
from s2sad.transform.folds.sums import difference, folded_sum, sign

LITERAL_FOLDS: dict[str, Fold] = {
    "add": arithmetic(operator.add),
    "sub": arithmetic(operator.sub),
    "mul": arithmetic(operator.mul),
    "neg": literal_sign,
    "pow": first_power,
    "item": known_item,
    **{
        name: comparison(getattr(operator, name))
        for name in ("lt", "le", "gt", "ge", "eq", "ne")
    },
}

FOLDS: dict[str, Fold] = {
    "neg": sign,
    "add": folded_sum,
    "sub": difference,
    "mul": product,
    "div": quotient,
    "get": element,
    "np.transpose": turned,
    "np.sum": dotted,
}
