"""The types of the IR.

    type ::= bool | int | float | complex | none | never
           | Array(dtype, dims) | Tuple(items) | List(item) | Named(name) | Opaque(what)
           | Places(key)
           | Record(kind, keys, items, cls)                          of arguments only

`never` is the type of a value that is not there: an unbound name, the result of a call
whose type is still being found. It joins with anything.
"""

from __future__ import annotations

from typing import Protocol, TypeAlias, TypeGuard

from s2sad.ir.node import Content, Node

Dim: TypeAlias = "str | int"


class Scalar(Node):
    """A Python number; there is one object for each of them."""

    name: str

    def __str__(self) -> str:
        return self.name


class Array(Content):
    """A NumPy array; a dim is a known size, or the symbol of an unknown one.

    "x.0" is a size that is never 1, "?n" any size; equal symbols are equal sizes, but for
    "?", of which nothing is known. "x.0.m1" is x.0 - 1, "x.0.p2" is x.0 + 2.
    """

    dtype: Scalar
    dims: tuple[Dim, ...]

    def __str__(self) -> str:
        return f"{self.dtype}[{', '.join(map(str, self.dims))}]"


class Tuple(Content):
    items: tuple[Type, ...]

    def __str__(self) -> str:
        return f"({', '.join(map(str, self.items))})"


class List(Content):
    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


class Places(Content):
    """The keys of a dict, each with its place in the lists of what the dict holds."""

    key: Type

    def __str__(self) -> str:
        return f"places<{self.key}>"


class Named(Content):
    """The record of a recursive function: its layout is `Module.records[name]`."""

    name: str

    def __str__(self) -> str:
        return f"@{self.name}"


class Opaque(Content):
    """May be passed around, compared and printed, never differentiated."""

    what: str = "object"

    def __str__(self) -> str:
        return f"<{self.what}>"


class HasName(Protocol):
    """A class, by the name that the output knows it by."""

    @property
    def name(self) -> str: ...


class Record(Content):
    """An argument whose parts are known one by one. No variable has this type.

    kind: "list" (of unlike parts), "dict", "object" (of a dataclass), "named" (a named
    tuple), "instance" (of any class: the attributes that are read), "class" (the class
    itself), "member" (of an enum, its name the key), "function" (itself). keys: of a dict
    the keys in their order, else the names of the fields; empty for a list. counts: the
    fields that are declared to be ints, and stay it.
    """

    kind: str
    keys: tuple[str | int, ...]
    items: tuple[Type, ...]
    cls: HasName | None = None
    counts: tuple[str | int, ...] = ()

    def __str__(self) -> str:
        if self.kind == "function":
            return "function"
        if self.cls is not None:
            return self.cls.name
        if self.kind == "list":
            return f"[{', '.join(map(str, self.items))}]"
        pairs = zip(self.keys, self.items, strict=True)
        return f"{{{', '.join(f'{key!r}: {item}' for key, item in pairs)}}}"


Type: TypeAlias = "Scalar | Array | Tuple | List | Places | Named | Opaque | Record"


# A size that is never 1, of which nothing else is known: it equals nothing. In the type of
# what a list holds; an element has a symbol of its own when it is read.
NEVER_ONE = "_"
# Before the name that an annotation gives a size, which may be any.
NAMED = "?:"


def never_one(dim: Dim) -> bool:
    """Is a size known not to be 1?"""
    if isinstance(dim, int):
        return dim != 1
    return not dim.startswith("?") and ".m" not in dim and ".p" not in dim


BOOL, INT, FLOAT, COMPLEX = (Scalar(n) for n in ("bool", "int", "float", "complex"))
# A source of random numbers.
GENERATOR = Opaque("np.random.Generator")
GENERATORS = ("Generator", "RandomState")
NONE, NEVER = Scalar("none"), Scalar("never")
_NUMBERS = (BOOL, INT, FLOAT, COMPLEX)
# The dtypes of arrays that no number of Python's has.
FLOAT32, COMPLEX64 = Scalar("float32"), Scalar("complex64")
_NARROW = tuple(Scalar(n) for n in "int8 int16 int32 uint8 uint16 uint32 uint64".split())
DTYPES = {s.name: s for s in (*_NUMBERS, FLOAT32, COMPLEX64, *_NARROW)}
_INEXACT = (FLOAT, COMPLEX, FLOAT32, COMPLEX64)
_WIDER = {FLOAT32: FLOAT, COMPLEX64: COMPLEX}


def is_number(type_: Type) -> bool:
    return type_ in _NUMBERS


def is_array(type_: Type) -> TypeGuard[Array]:
    return type(type_) is Array


def element_of(dtype: Scalar) -> Scalar:
    """The number that an element of an array is."""
    return INT if dtype in _NARROW else _WIDER.get(dtype, dtype)


def is_differentiable(type_: Type) -> bool:
    """Can a value of this type carry an adjoint?"""
    match type_:
        case Scalar():
            return type_ in _INEXACT
        case Array(dtype, _):
            return is_differentiable(dtype)
        case Tuple(items) | Record(_, _, items):
            return any(map(is_differentiable, items))
        case List(item):
            return is_differentiable(item)
        case Named():
            return True
        case Opaque() | Places():
            return False


def nesting(type_: Type) -> tuple[int, Type]:
    """How many lists there are around what type."""
    depth = 0
    while isinstance(type_, List):
        depth, type_ = depth + 1, type_.item
    return depth, type_


def join(a: Type, b: Type) -> Type | None:
    """The least type that holds both, or None where there is no such type."""
    if a == b or b == NEVER:
        return a
    if a == NEVER:
        return b
    # A record that a branch did not make is None there, and is not read there.
    if isinstance(a, Named) and b == NONE:
        return a
    if isinstance(b, Named) and a == NONE:
        return b
    # Nothing, where a path has no text, no exception.
    if isinstance(a, Opaque) and b == NONE:
        return a
    if isinstance(b, Opaque) and a == NONE:
        return b
    match a, b:
        case Scalar(), Scalar() if a in _NUMBERS and b in _NUMBERS:
            return _NUMBERS[max(_NUMBERS.index(a), _NUMBERS.index(b))]
        case Tuple(xs), Tuple(ys) if len(xs) == len(ys):
            items = [join(x, y) for x, y in zip(xs, ys, strict=True)]
            known = tuple(item for item in items if item is not None)
            return Tuple(known) if len(known) == len(items) else None
        case Record(), Record() if (a.kind, a.keys, a.cls) == (b.kind, b.keys, b.cls):
            parts = join(Tuple(a.items), Tuple(b.items))
            if not isinstance(parts, Tuple):
                return None
            return Record(a.kind, a.keys, parts.items, a.cls, a.counts)
        case List(x), List(y):
            item = join(x, y)
            return None if item is None else List(item)
        case Places(x), Places(y) if NEVER in (x, y):
            return Places(y if x == NEVER else x)
        case Array(s, ds), Array(t, es) if len(ds) == len(es):
            dtype = s if s == t else join(element_of(s), element_of(t))
            dims = tuple(d if d == e else "?" for d, e in zip(ds, es, strict=True))
            return Array(dtype, dims) if isinstance(dtype, Scalar) else None
        case Opaque(), Opaque():
            return Opaque()
        case _:
            return None
