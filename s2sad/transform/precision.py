"""Gradients in the dtype of what they are gradients in: float32 stays float32.

An adjoint in the reverse sweep may be more precise than its type says: a NumPy number, such
as np.sqrt(2.0), makes float64 of the float32 that it is multiplied with. Where there are
such numbers, or arrays of both kinds, what is returned is converted; where every array is
of float32 it need not be.
"""

from __future__ import annotations

from s2sad.ir.nodes import Atom, Func, Let, Lit, Var
from s2sad.ir.types import (
    COMPLEX,
    COMPLEX64,
    FLOAT,
    FLOAT32,
    Array,
    Opaque,
    Type,
    is_array,
)
from s2sad.ir.walk import walk
from s2sad.ops.core import PRIMITIVES
from s2sad.transform.fold import AdjointBuilder

_LOW = (FLOAT32, COMPLEX64)


class Precision:
    """What a function mixes."""

    def __init__(self, func: Func) -> None:
        self.low = any(_has(param.type, _LOW) for param in func.params)
        self.mixed = self.low and (
            any(_has(param.type, (FLOAT, COMPLEX)) for param in func.params)
            or any(_raises(stmt) for stmt in walk(func.body) if isinstance(stmt, Let))
        )
        # The sum of an empty list is an int.
        self.sums = {
            stmt.out
            for stmt in walk(func.body)
            if isinstance(stmt, Let) and stmt.op == "list_sum" and len(stmt.args) == 1
        }

    def settled(self, value: Atom, param: Var, builder: AdjointBuilder) -> Atom:
        """The gradient in a parameter, in a buffer of its own, of its dtype."""
        if isinstance(param.type, Array):
            value = builder.own(value, param.type)
            if self.mixed and _has(param.type, _LOW) and not builder.operands(value, _CAST):
                kind = Lit(f"np.{param.type.dtype}", Opaque("dtype"))
                return builder.emit(_CAST, (value, kind))
            return value
        if param.type == FLOAT and isinstance(value, Lit) and type(value.value) is int:
            return Lit(float(value.value), FLOAT)
        if param.type == FLOAT and value in self.sums:
            return builder.make("float", value)
        if self.low and param.type == FLOAT and isinstance(value, Var):
            return builder.make("float", value)  # NumPy's float32 is no float.
        return value


_CAST = "np.ndarray.astype"


# Their adjoints divide by a number of elements, of NumPy's int64.
_COUNTING = frozenset(
    f"np.{name}"
    for name in ("max", "min", "nanmax", "nanmin", "ptp", "median", "ldexp", "linalg.norm")
)


def _has(type_: Type, dtypes: tuple[Type, ...]) -> bool:
    return isinstance(type_, Array) and type_.dtype in dtypes


def _raises(let: Let) -> bool:
    """Does it make a float64 of NumPy's, or an array of them?"""
    if _has(let.out.type, (FLOAT, COMPLEX)) or let.op in _COUNTING:
        return True
    if let.op.startswith("scipy.special."):
        return True  # np.sqrt(np.pi) and its like in partials
    numbers = not any(is_array(arg.type) for arg in let.args)
    return numbers and "." in let.op and let.op not in PRIMITIVES
