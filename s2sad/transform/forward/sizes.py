"""How many directions are pushed at once, where they are several (see `vectors`)."""

from __future__ import annotations

from typing import NamedTuple

from s2sad.errors import NotDifferentiable
from s2sad.ir.nodes import Atom
from s2sad.ir.types import COMPLEX, FLOAT, Array, Dim, List, Scalar, Tuple, Type


class Size(NamedTuple):
    """How many directions there are: as a size in types, and as a number."""

    dim: Dim
    number: Atom


class NoVector(NotDifferentiable):
    """Several directions at once cannot be pushed through a statement."""


def shifted(type_: Type, dim: Dim) -> Type:
    """The type of so many tangents of a value, from that of one."""
    match type_:
        case Scalar():
            return Array(COMPLEX if type_ == COMPLEX else FLOAT, (dim,))
        case Array(dtype, dims):
            return Array(dtype, (dim, *dims))
        case Tuple(items):
            return Tuple(tuple(shifted(item, dim) for item in items))
        case List(item):
            return List(shifted(item, dim))
        case _:
            raise NoVector(f"several directions at once through a {type_}")
