"""The type of a primitive's result."""

from __future__ import annotations

from s2sad.errors import InternalError
from s2sad.ir.nodes import Atom
from s2sad.ir.structure import STRUCTURE, structure_type
from s2sad.ir.types import BOOL, COMPLEX, FLOAT, INT, NEVER, Array, Type, is_number, join
from s2sad.ops.core import PRIMITIVES

# What there is of numbers is there of arrays too.
_OPERATORS = frozenset(
    "add sub mul div floordiv mod pow neg pos abs lt le gt ge eq ne not_ bitand bitor bitxor"
    " invert lshift rshift".split()
)


def result_type(
    op: str, args: tuple[Atom, ...], records: dict[str, tuple[Type, ...]] | None = None
) -> Type:
    if op in STRUCTURE:
        return structure_type(op, args, records or {})
    primitive = PRIMITIVES.get(op)
    if primitive is None:
        if any(arg.type is NEVER for arg in args):
            return NEVER  # what a recursion returns, before that is known
        from s2sad.ir.arrays import array_type

        return array_type(op, args)
    result = primitive.result
    if result == "float" or result == "join":
        # Most arguments are floats.
        for arg in args:
            if arg.type is not FLOAT:
                break
        else:
            if args:
                return FLOAT
    if (
        primitive.name in _OPERATORS
        and any(type(arg.type) is Array or arg.type is COMPLEX for arg in args)
        and not any(arg.type is NEVER for arg in args)
    ):
        from s2sad.ir.arrays import operator_type

        return operator_type(op, args)
    match result:
        case "float":
            return FLOAT
        case "int":
            return INT
        case "bool":
            return BOOL
        case "join":
            return _join(args)
        case rule:
            raise InternalError(f"unknown type rule {rule} of {op}")


def _join(args: tuple[Atom, ...]) -> Type:
    """Arithmetic on bools gives an int; otherwise the widest argument."""
    for arg in args:
        if arg.type is not FLOAT:
            break
    else:
        return FLOAT
    result: Type = INT
    for arg in args:
        if arg.type == NEVER or arg.type == BOOL:
            continue
        if arg.type == result:
            continue
        if not is_number(arg.type):
            return arg.type
        result = join(result, arg.type) or result
    return result
