"""The types of array primitives, of operators on arrays, and of parts of arrays.

What the table of primitives knows of shapes (`ops/arrays/infer.py`), in the types of the IR.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Iterator, Sequence

import numpy as np

from s2sad.errors import InternalError
from s2sad.ir.nodes import FALSE, NOTHING, TRUE, Atom, Lit, float_lit, int_lit
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    DTYPES,
    FLOAT,
    INT,
    NONE,
    Array,
    Dim,
    Opaque,
    Scalar,
    Tuple,
    Type,
    element_of,
    is_number,
)
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.dims import Undetermined
from s2sad.ops.arrays.infer import (
    Arr,
    Known,
    Num,
    Sizes,
    Slice,
    infer,
    infer_index,
    infer_operator,
)

_NAMES = {BOOL: "bool", INT: "int64", FLOAT: "float64", COMPLEX: "complex128"}
_SCALARS = {name: scalar for scalar, name in _NAMES.items()}

Given = Arr | Num | Known | Sizes
Found = Arr | Num | tuple["Found", ...]


def array_type(op: str, args: Sequence[Atom]) -> Type:
    if op == "_sum_to":
        return _sum_type(*args)
    return _type(infer(ARRAY_OPS[op], tuple(map(given, args))))


def _sum_type(array: Atom, shape: Atom) -> Type:
    """The type of an array summed to a shape."""
    assert isinstance(array.type, Array)
    match given(shape):
        case Sizes(dims) | Known(tuple(dims)):
            return Array(array.type.dtype, dims)
        case _:
            raise InternalError("_sum_to of no shape")


def operator_type(op: str, args: Sequence[Atom]) -> Type:
    return _type(infer_operator(op, tuple(map(given, args))))


def dtype_name(dtype: Scalar) -> str:
    """What NumPy calls a dtype."""
    return _NAMES.get(dtype, dtype.name)


def stated(dtype: Scalar) -> Lit:
    """The argument dtype= of what makes floats without it."""
    return NOTHING if dtype == FLOAT else Lit(f"np.{dtype_name(dtype)}", Opaque("dtype"))


def dtype_of(name: str) -> Scalar:
    found = _SCALARS.get(name) or DTYPES.get(name)
    if found is None:
        raise Undetermined(f"the dtype {name}")
    return found


def given(atom: Atom) -> Given:
    """What is known of an argument."""
    match atom.type:
        case Array(dtype, dims):
            return Arr(dtype_name(dtype), dims)
        case _ if isinstance(atom, Lit) and atom.type != FLOAT:
            return Known(literal(atom))
        case Tuple(items):
            return Sizes(("?",) * len(items))
        case _ if isinstance(atom, Lit):
            return Known(atom.value)
        case type_ if is_number(type_):
            return Num(str(type_))
        case type_:
            raise InternalError(f"a {type_} given to an array primitive")


def literal(atom: Lit) -> object:
    """The value of a literal argument; the text of a dtype as it is."""
    if not isinstance(atom.type, Opaque):
        return atom.value
    if atom.type == Opaque("dtype"):
        return str(atom.value).removeprefix("np.")
    try:
        return ast.literal_eval(str(atom.value))
    except ValueError:
        return str(atom.value)


def default(text: str) -> Lit:
    """The literal of a parameter that is left out, from the text of its default."""
    return literal_of(ast.literal_eval(text))


def defaults(op: str, count: int) -> list[Lit]:
    """The defaults of the parameters of a primitive from one on."""
    return [default(param.default) for param in ARRAY_OPS[op].params[count:]]


def literal_of(value: object) -> Lit:
    match value:
        case bool():
            return TRUE if value else FALSE
        case int():
            return int_lit(value)
        case complex():
            return Lit(value, COMPLEX)
        case float():
            return float_lit(value)
        case None:
            return NOTHING
        case _:
            return Lit(repr(value), Opaque("literal"))


def _type(found: Found) -> Type:
    match found:
        case Arr(dtype, ()):
            return element_of(dtype_of(dtype))
        case Arr(dtype, dims):
            return Array(dtype_of(dtype), dims)
        case Num(kind):
            return {"bool": BOOL, "int": INT, "float": FLOAT, "complex": COMPLEX}[kind]
        case _:
            return Tuple(tuple(map(_type, found)))


def part_type(array: Atom, at: Atom, index: Sequence[Atom]) -> Type:
    """The type of `A[at]`."""
    assert isinstance(array.type, Array)
    assert isinstance(at, Lit)
    found = Arr(dtype_name(array.type.dtype), array.type.dims)
    for text in str(at.value).split("]["):
        if text == "T":
            found = Arr(found.dtype, found.dims[::-1])
            continue
        if text.startswith("transpose("):
            order = ast.literal_eval(text.removeprefix("transpose"))
            found = Arr(found.dtype, tuple(found.dims[k] for k in order))
            continue
        if text.startswith("reshape("):
            (call,) = entries_of(text)
            assert isinstance(call, ast.Call)
            shape = [_end(arg, index) for arg in call.args]
            sizes_ = [s.value if isinstance(s, Known) else -1 for s in shape]
            dims = tuple(s if isinstance(s, int) and s >= 0 else "?" for s in sizes_)
            found = Arr(found.dtype, dims)
            continue
        if text == "flat":
            sizes = [dim for dim in found.dims if isinstance(dim, int)]
            known = len(sizes) == len(found.dims)
            found = Arr(found.dtype, (math.prod(sizes) if known else "?",))
            continue
        found = infer_index(found, tuple(_entries(text, index)))
    # A part without dims is a view too, which is read when it is an operand.
    return _type(found) if found.dims else Array(dtype_of(found.dtype), ())


def entries_of(text: str) -> list[ast.expr]:
    """The entries of an index text; its holes are the names `_0`, `_1`, …"""
    holes = ast.parse(f"_[{text.replace('{', '_').replace('}', '')}]", mode="eval").body
    assert isinstance(holes, ast.Subscript)
    return holes.slice.elts if isinstance(holes.slice, ast.Tuple) else [holes.slice]


def _entries(text: str, index: Sequence[Atom]) -> Iterator[Given | Slice]:
    for entry in entries_of(text):
        match entry:
            case ast.Slice(lower, upper, step):
                yield Slice(*(_end(end, index) for end in (lower, upper, step)))
            case ast.List():
                found = np.array(ast.literal_eval(entry))
                yield Arr(found.dtype.name, found.shape)
            case _:
                yield _end(entry, index)


def _end(node: ast.expr | None, index: Sequence[Atom]) -> Given:
    """An end of a slice, or an index: a known int, `Num`, or an array of indices."""
    match node:
        case None:
            return Known(None)
        case ast.Name(name):
            return given(index[int(name[1:])])
        case _:
            return Known(ast.literal_eval(node))


__all__ = [
    "NONE",
    "Dim",
    "array_type",
    "default",
    "defaults",
    "dtype_name",
    "dtype_of",
    "entries_of",
    "given",
    "literal",
    "literal_of",
    "operator_type",
    "part_type",
    "stated",
]
