"""The types of the arguments of a call."""

from __future__ import annotations

import enum
import types
from collections.abc import Iterable
from typing import Any

from s2sad.errors import TypeRefused
from s2sad.frontend.annotations import meaning_of_class
from s2sad.frontend.external import Touched
from s2sad.frontend.fields import Fields, fields_of
from s2sad.frontend.instances import attributes_of, some_attributes
from s2sad.frontend.resolve import GivenMeaning, Held
from s2sad.frontend.values import UNSEEN
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    GENERATOR,
    GENERATORS,
    INT,
    NEVER,
    NONE,
    Array,
    List,
    Opaque,
    Record,
    Tuple,
    Type,
    join,
)

_TYPES: dict[type, Type] = {
    float: FLOAT,
    int: INT,
    bool: BOOL,
    complex: COMPLEX,
    str: Opaque("str"),
    type(None): NONE,
}
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
_DEEPEST = 40
# Objects may hold each other in a circle.
_DEEPEST_INSTANCE = 3


def type_of_argument(name: str, value: object, touched: Touched | None = None) -> Type:
    """The type of an argument; raises `TypeRefused`, naming the part that is not taken.

    `touched`: of objects only what is in it.
    """
    known = _TYPES.get(type(value))
    return known if known is not None else _settled(_type_of(name, value, 0, touched))


def _type_of(name: str, value: object, depth: int, touched: Touched | None) -> Type:
    if depth > _DEEPEST:
        raise TypeRefused(f"the argument {name} is nested too deeply", None, "flatten it")
    class_ = type(value)
    if class_ in _TYPES:
        return _TYPES[class_]
    if isinstance(value, list) and class_ is list:
        return _list(name, value, depth, touched)
    if isinstance(value, tuple) and class_ is tuple:
        items = [_type_of(f"{name}[{k}]", v, depth + 1, touched) for k, v in enumerate(value)]
        return Tuple(tuple(items))
    if isinstance(value, dict) and class_ is dict:
        for key in value:
            if type(key) not in (str, int):
                raise TypeRefused(
                    f"the argument {name} has the key {key!r}", None, "use strings or ints"
                )
        parts = [_type_of(f"{name}[{k!r}]", v, depth + 1, touched) for k, v in value.items()]
        return Record("dict", tuple(value), tuple(parts))
    if isinstance(value, enum.Enum):
        return Record("member", (value.name,), (), meaning_of_class(class_))
    if isinstance(value, type):
        return Record("class", (), (), meaning_of_class(value))
    if class_ in _FUNCTIONS:
        given = GivenMeaning(f"{_word(name).replace('.', '_')}_given", Held(value))
        return Record("function", (), (), given)
    if class_.__name__ == "ndarray" and class_.__module__ == "numpy" and _has_rank(value):
        return type_of_array(name, value)
    if class_.__module__.startswith("numpy.random.") and class_.__name__ in GENERATORS:
        return GENERATOR
    meaning = meaning_of_class(class_)
    fields = fields_of(meaning)
    if fields is not None:
        found = [
            _type_of(f"{name}.{field}", _read(name, value, field), depth + 1, touched)
            for field in fields.names
        ]
        return Record(fields.kind, fields.names, tuple(found), meaning, _counts(fields, found))
    try:
        return _number(name, value)
    except TypeRefused:
        held = isinstance(value, list | tuple | dict | set | frozenset)
        if held or class_.__module__ == "builtins" or _is_array(value):
            raise
    return _instance(name, value, depth, touched)


def _has_rank(value: Any) -> bool:
    """An array of rank 0 is taken for the number in it."""
    return bool(value.ndim)


def type_of_array(name: str, value: Any) -> Array:
    """The type of an array: its dtype, its rank, and which sizes are 1."""
    from s2sad.ir.arrays import dtype_of

    known = value.dtype.name
    if value.dtype.kind not in "biufc" or known not in _DTYPES:
        raise TypeRefused(
            f"the argument {name} is an array of {value.dtype}",
            None,
            "use float64, float32, complex128, complex64, ints or bools",
        )
    dims = tuple(1 if n == 1 else f"{name}.{k}" for k, n in enumerate(value.shape))
    return Array(dtype_of(known), tuple(_word(d) for d in dims))


def _word(dim: str | int) -> str | int:
    """A path as a symbol: `p.w[0].1` has brackets."""
    if isinstance(dim, int):
        return dim
    return "".join(c if c.isalnum() or c == "." else "_" for c in dim)


_DTYPES = frozenset(
    "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64"
    " complex128".split()
)


def _is_array(value: object) -> bool:
    return hasattr(value, "shape") or hasattr(value, "__array__")


def _instance(name: str, value: object, depth: int, touched: Touched | None) -> Type:
    """An object of any other class; what it holds that is no data is opaque."""
    if depth > _DEEPEST_INSTANCE:
        return Opaque(type(value).__name__)
    if touched is None:
        held = attributes_of(name, value)
    else:
        held = some_attributes(value, touched.names(name))
    found = [_attribute(f"{name}.{key}", v, depth + 1, touched) for key, v in held.items()]
    return Record("instance", tuple(held), tuple(found), meaning_of_class(type(value)))


def _attribute(name: str, value: object, depth: int, touched: Touched | None) -> Type:
    if touched is not None and type(value) in (list, dict) and name not in touched.contents:
        return UNSEEN
    try:
        return _type_of(name, value, depth, touched)
    except TypeRefused:
        return Opaque(type(value).__name__)


def _read(name: str, value: object, field: str) -> object:
    try:
        return getattr(value, field)
    except AttributeError:
        raise TypeRefused(f"the argument {name} has no value for {field}") from None


def _list(name: str, value: list[object], depth: int, touched: Touched | None) -> Type:
    classes = {*map(type, value)}
    if classes <= {float, int}:
        return List(FLOAT if float in classes else INT if classes else NEVER)
    items = [_type_of(f"{name}[{k}]", v, depth + 1, touched) for k, v in enumerate(value)]
    # Arrays are kept one by one: they have sizes of their own.
    joined = None if any(map(_holds_array, items)) else _joined(items)
    return Record("list", (), tuple(items)) if joined in (None, NONE) else List(joined)


def _holds_array(type_: Type) -> bool:
    match type_:
        case Array():
            return True
        case Tuple(items) | Record(_, _, items):
            return any(map(_holds_array, items))
        case _:
            return False


def _joined(found: Iterable[Type]) -> Type | None:
    result: Type | None = NEVER
    for type_ in dict.fromkeys(found):
        result = None if result is None else join(result, type_)
    return result


def _settled(type_: Type) -> Type:
    """What nothing is known of, as it is in an empty list, is a float."""
    match type_:
        case List(item):
            return List(FLOAT if item == NEVER else _settled(item))
        case Tuple(items):
            return Tuple(tuple(map(_settled, items)))
        case Record(kind, keys, items, cls, counts):
            return Record(kind, keys, tuple(map(_settled, items)), cls, counts)
        case _:
            return type_


def _counts(fields: Fields, found: list[Type]) -> tuple[str, ...]:
    """The fields that are declared to be ints."""
    return tuple(
        name
        for name, annotation, type_ in zip(fields.names, fields.annotations, found, strict=True)
        if type_ == INT and (annotation is int or annotation == "int")
    )


def _number(name: str, value: object) -> Type:
    for class_ in type(value).__mro__:
        if class_ in _TYPES:
            return _TYPES[class_]
    # NumPy's scalars have the shape (); its arrays, whatever their size, are no numbers.
    if getattr(value, "shape", ()) == () and not isinstance(value, complex):
        if hasattr(value, "__index__") and not hasattr(value, "shape"):
            return INT
        if hasattr(value, "__float__"):
            return INT if getattr(getattr(value, "dtype", None), "kind", "f") in "iu" else FLOAT
    raise TypeRefused(
        f"the argument {name} is of type {type(value).__name__}, which s2sad does not take yet",
        None,
        _advice(value),
    )


def _advice(value: object) -> str:
    for kind in (list, tuple, dict):
        if isinstance(value, kind):
            return f"pass a plain {kind.__name__}"
    if callable(value):
        return "pass a function: lambda x: …"
    if type(value).__module__ != "builtins" and not hasattr(value, "shape"):
        return (
            f"make {type(value).__name__} a dataclass, or pass numbers, lists, tuples and dicts"
        )
    return "pass numbers: float, int or bool"
