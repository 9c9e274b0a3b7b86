"""Primitives that are no scalar arithmetic: structure, arrays, what is read or opaque.

tuple(a, …)  item(t, k)                    a record and its parts
list(a, …)  zeros_list(l)  reverse_list(l)  a list; zeros in its shape; back to front
get(A, i…)  set(A, v, i…)  acc(A, v, i…)   read, write, add to an element: the last two
                                           take the version A and return the next
zeros_like(A)  copy(A)                     fresh buffers
global(name)                               a number read from the user's globals
constant(name)                             a number bound once to a literal
python(text, a, …)                         an opaque expression, holes as {0}, {1}, …
id(x)                                      x under a name of its own
stop_gradient(x)                           x, as a constant
"""

from __future__ import annotations

from s2sad.errors import InternalError
from s2sad.ir.nodes import Atom, Lit
from s2sad.ir.types import FLOAT, NEVER, Array, List, Named, Opaque, Tuple, Type, join

# A second call makes a second buffer, or may have a second effect: never merged.
FRESH = frozenset({"list", "zeros_list", "reverse_list", "zeros_like", "copy", "python"})
# They take their first argument: it may not be read afterwards.
CONSUMES = frozenset({"set", "acc"})
STRUCTURE = frozenset(
    {"tuple", "item", "get", "set", "acc", "global", "constant", "id", "stop_gradient"} | FRESH
)


def structure_type(
    op: str, args: tuple[Atom, ...], records: dict[str, tuple[Type, ...]]
) -> Type:
    """The type of the result of a structural primitive."""
    match op:
        case "tuple":
            return Tuple(tuple(arg.type for arg in args))
        case "item":
            return _item_type(args[0].type, args[1], records)
        case "list":
            return List(_join_all(args))
        case "get":
            array = args[0].type
            assert isinstance(array, Array)
            return (
                array.dtype
                if len(args) - 1 == len(array.dims)
                else Array(array.dtype, array.dims[len(args) - 1 :])
            )
        case (
            "set"
            | "acc"
            | "zeros_like"
            | "copy"
            | "zeros_list"
            | "reverse_list"
            | "id"
            | "stop_gradient"
        ):
            return args[0].type
        case "global" | "constant":
            return FLOAT
        case "python":
            return Opaque()
        case _:
            raise InternalError(f"unknown primitive {op}")


def _item_type(container: Type, index: Atom, records: dict[str, tuple[Type, ...]]) -> Type:
    assert isinstance(index, Lit)
    assert isinstance(index.value, int)
    match container:
        case Tuple(items):
            return items[index.value]
        case Named(name):
            return records[name][index.value]
        case _:
            raise InternalError(f"item of {container}")


def _join_all(args: tuple[Atom, ...]) -> Type:
    result: Type = NEVER
    for arg in args:
        joined = join(result, arg.type)
        result = Opaque() if joined is None else joined
    return result
