"""Primitives that are no scalar arithmetic: structure, arrays, what is read or opaque.

tuple(a, …)  item(t, k)                    a record and its parts
list(a, …)  zeros_list(l)  reverse_list(l)  a list; zeros in its shape; back to front
slice(l, a, b, c)  concat(l, m)             l[a:b:c], an end may be None; l + m
from_list(l)  to_list(A)                   an array of the numbers, or of the arrays, in a
                                           list, and back; copies
get(A, i…)  set(A, v, i…)  acc(A, v, i…)   read, write, add to an element of an array or list
append(L, v, i…)  drop(L, i…)              a list with one element more, without its last;
                                           or with such a list in it, at an index
                                           (these and set, acc take the version that they
                                           are given and return the next)
view(A, at, i, …)  pick(A, at, i, …)       A[at]: a part of the buffer, or a copy of it
put(A, v, at, i, …)                        A[at] = v;  `add_to`: A[at] += v (no element
                                           twice);  `add_at`: np.add.at(A, at, v)
                                           (`at` is a text, "1:, {0}", over the indices;
                                           "1:][0" is A[1:][0], "T][0" is A.T[0])
shape(A)  dim(A, k)                        A.shape, A.shape[k]
places(k, …)  enter(P, k)                  the keys of a dict, each with its number; P with
                                           one key more (it takes the version)
place(P, k)  find(P, k)                    the number of a key; find gives -1 if there is none
zeros_like(A)  copy(A)  repeat(v, n)       fresh buffers: [v] * n; copies are deep
len(L)  count(L, v)                        how many elements; how many that are v
list_sum(L)  list_max(L)  …                of a whole list: `ops/reductions.py`
global(name)                               a number read from the user's globals
constant(name)                             a number bound once to a literal
python(text, a, …)                         an opaque expression, holes as {0}, {1}, …
store(place, v)                            changes an object of the user's: self.n = v, or
                                           self.log.append(v) where the place ends in ()
id(x)                                      x under a name of its own
stop_gradient(x)                           x, as a constant
cotangent(x, func, keeps, a, …)            x, a number or a copy of an array; in the reverse
                                           sweep `func(x_bar, a, …)` takes the place of x_bar
                                           (`keeps`: it is the same; None: it has been there)
"""

from __future__ import annotations

from s2sad.errors import InternalError
from s2sad.ir.nodes import Atom, Let, Lit
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    Array,
    List,
    Named,
    Opaque,
    Places,
    Scalar,
    Tuple,
    Type,
    element_of,
    join,
)
from s2sad.ops.reductions import REDUCTIONS

# A second call makes a second buffer, or may have a second effect: never merged.
FRESH = frozenset(
    {"list", "places", "zeros_list", "reverse_list", "slice", "concat"}
    | {"from_list", "to_list"}
    | {"zeros_like", "copy", "repeat", "python", "store", "cotangent"}
)
# Reads and writes of parts of an array.
READS_PART = frozenset({"view", "pick"})
WRITES_PART = frozenset({"put", "add_to", "add_at"})
# The text of a `python` that compares the shapes of two arrays.
SHAPES_DIFFER = "{0}.shape != {1}.shape"
# Parts of the text of an index that are no indices, but attributes and methods of views:
# "T][0" is A.T[0].
_TURNS = ("T", "flat")


def is_turn(piece: str) -> bool:
    return piece in _TURNS or piece.startswith(("reshape(", "transpose("))


# They take their first argument: it may not be read afterwards.
CONSUMES = frozenset({"set", "acc", "append", "drop", "enter"}) | WRITES_PART
STRUCTURE = frozenset(
    {"tuple", "item", "get", "len", "count", "place", "find"}
    | {"global", "constant", "id", "stop_gradient"}
    | {"shape", "dim"}
    | READS_PART
    | FRESH
    | CONSUMES
    | REDUCTIONS.keys()
)


def is_part(let: Let) -> bool:
    """Is it a part of an array, as a subscript has it: a view, or a number in it?"""
    return let.op == "view" or (let.op == "get" and isinstance(let.args[0].type, Array))


def may_share(op: str) -> bool:
    """May the result of an array primitive share memory with an argument?"""
    if "." not in op and op[0] != "_":
        return False
    from s2sad.ops.arrays.core import ARRAY_OPS

    return op in ARRAY_OPS and ARRAY_OPS[op].view != "never"


def structure_type(
    op: str, args: tuple[Atom, ...], records: dict[str, tuple[Type, ...]]
) -> Type:
    """The type of the result of a structural primitive."""
    match op:
        case "tuple":
            return Tuple(tuple(arg.type for arg in args))
        case "from_list":
            assert isinstance(args[0].type, List)
            return array_of(args[0].type.item)
        case "to_list":
            assert isinstance(args[0].type, Array)
            return List(element_type(args[0].type, 1))
        case "item":
            return _item_type(args[0].type, args[1], records)
        case "list":
            return List(_join_all(args))
        case "places":
            return Places(_join_all(args))
        case "enter":
            return join(args[0].type, Places(args[1].type)) or Opaque()
        case "get":
            return element_type(args[0].type, len(args) - 1)
        case "concat":
            return join(args[0].type, args[1].type) or Opaque()
        case "repeat":
            return List(args[0].type)
        case "len" | "count" | "dim" | "place" | "find":
            return INT
        case "shape":
            assert isinstance(args[0].type, Array)
            return Tuple((INT,) * len(args[0].type.dims))
        case "put" | "add_to" | "add_at":
            return args[0].type
        case "view" | "pick":
            from s2sad.ir.arrays import part_type

            return part_type(args[0], args[1], args[2:])
        case _ if op in REDUCTIONS:
            return _reduced_type(op, args)
        case "append":
            return _widened(args[0].type, len(args) - 1, args[1].type)
        case "set" | "acc":
            return _widened(args[0].type, len(args) - 2, args[1].type)
        case (
            "drop"
            | "zeros_like"
            | "copy"
            | "zeros_list"
            | "reverse_list"
            | "slice"
            | "id"
            | "stop_gradient"
            | "cotangent"
        ):
            return args[0].type
        case "global" | "constant":
            return FLOAT
        case "python":
            return Opaque()
        case "store":
            return NONE
        case _:
            raise InternalError(f"unknown primitive {op}")


def array_of(item: Type) -> Array:
    """The type of an array of so many of one type."""
    match item:
        case Array(dtype, dims):
            return Array(dtype, ("?", *dims))
        case List(inner):
            made = array_of(inner)
            return Array(made.dtype, ("?", *made.dims))
        case Scalar():
            return Array(item, ("?",))
        case _:
            raise InternalError(f"an array of {item}")


def element_type(buffer: Type, indices: int) -> Type:
    """The type of what so many indices lead to."""
    match buffer:
        case Array(dtype, dims):
            if indices == len(dims):
                return element_of(dtype)
            return Array(dtype, dims[indices:])
        case List(item):
            return buffer if indices == 0 else element_type(item, indices - 1)
        case _ if indices == 0:
            return buffer
        case _:
            raise InternalError(f"an element of {buffer}")


def _widened(buffer: Type, indices: int, value: Type) -> Type:
    """The type of a list into which a value was put: of ints, it may now hold a float."""
    if not isinstance(buffer, List):
        return (join(buffer, value) or buffer) if indices == 0 else buffer
    if indices == 0:
        return join(buffer, value) or buffer
    return List(_widened(buffer.item, indices - 1, value))


def _reduced_type(op: str, args: tuple[Atom, ...]) -> Type:
    if REDUCTIONS[op].floating:
        return FLOAT
    result = element_type(args[0].type, 1)
    for arg in args[1:]:
        result = join(result, arg.type) or Opaque()
    return INT if result == BOOL and REDUCTIONS[op].start else result


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
