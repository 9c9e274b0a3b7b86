"""What an annotation tells of a parameter: the types of its parts.

    float, int, bool, str, None, float | int, Optional[float]
    list[float], Sequence[float], tuple[float, ...]               a list of unknown length
    tuple[float, list[int]]                                       of known length
    {'a': float, 'b': list[float]}, [float, str]                  a dict, a list, by their parts
    Point                                                         a dataclass, a named tuple

The same notation is what the emitted functions are annotated with, and what `--type` takes.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable

from s2sad.frontend.fields import fields_of
from s2sad.frontend.resolve import ClassMeaning, ExpressionMeaning, Namespace, lookup_class
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    DTYPES,
    FLOAT,
    FLOAT32,
    INT,
    NAMED,
    NEVER_ONE,
    NONE,
    Array,
    List,
    Opaque,
    Record,
    Scalar,
    Tuple,
    Type,
)

SCALARS: dict[str, Type] = {"float": FLOAT, "int": INT, "bool": BOOL, "str": Opaque("str")}
_LISTS = frozenset(("list", "List", "Sequence", "MutableSequence", "Iterable", "Collection"))
_TUPLES = frozenset(("tuple", "Tuple"))
_THROUGH = frozenset(("Annotated", "Final", "Optional"))
_DEEPEST = 30


def read_text(text: str, namespace: Namespace | None) -> Type | None:
    """The type that a text stands for; None where it is not understood."""
    try:
        return read(ast.parse(text.strip(), mode="eval").body, namespace)
    except (SyntaxError, ValueError):
        return None


def read_rest(node: ast.expr | None, namespace: Namespace | None) -> Type | None:
    """What `*rest` gathers: `*rest: float` any number of them, as without an annotation;
    `*rest: '*tuple[float, int]'` just these."""
    match node:
        case None:
            return List(FLOAT)
        case ast.Starred(value):
            return read(value, namespace)
        case ast.Constant(str(text)) if text.strip().startswith("*"):
            return read_text(text.strip()[1:], namespace)
        case _:
            return _list_of(read(node, namespace))


def read_named(node: ast.expr | None, namespace: Namespace | None) -> Type | None:
    """What `**named` gathers: `**named: "**{'a': float}"`; other notations know no names."""
    match node:
        case ast.Constant(str(text)) if text.strip().startswith("**"):
            return read_text(text.strip()[2:], namespace)
        case _:
            return None


def read(node: ast.expr, namespace: Namespace | None, depth: int = 0) -> Type | None:
    """The type that an annotation tells; None where it is not understood."""
    if depth > _DEEPEST:
        return None

    def inner(part: ast.expr) -> Type | None:
        return read(part, namespace, depth + 1)

    match node:
        case ast.Constant(None):
            return NONE
        case ast.Constant(str(text)):
            try:
                return inner(ast.parse(text.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return None
        case ast.Name(name) if name in SCALARS:
            return SCALARS[name]
        case ast.Subscript(ast.Name(name), index) if name in _DTYPES:
            return _array(name, index)
        case ast.Subscript(ast.Name(name), ast.Tuple([_, ast.Constant(str(axes))])) if (
            name in _SHAPED
        ):
            return _shaped(name, axes)
        case ast.Name(name):
            return _named(name, namespace, depth)
        case ast.BinOp(left, ast.BitOr(), right):
            return _union([inner(left), inner(right)])
        case ast.Tuple(items):
            return _all(Tuple, [inner(item) for item in items])
        case ast.List(items):
            return _all(
                lambda found: Record("list", (), found), [inner(item) for item in items]
            )
        case ast.Dict(keys, values):
            known = tuple(
                key.value
                for key in keys
                if isinstance(key, ast.Constant)
                if isinstance(key.value, str | int) and not isinstance(key.value, bool)
            )
            if len(known) < len(values) or len(set(known)) < len(known):
                return None
            return _all(lambda found: Record("dict", known, found), list(map(inner, values)))
        case ast.Subscript(ast.Name(name) | ast.Attribute(attr=name), index):
            parts = index.elts if isinstance(index, ast.Tuple) else [index]
            return _generic(name, parts, namespace, depth)
        case _:
            return None


def _array(dtype: str, index: ast.expr) -> Type | None:
    """`float[:, 3]`: an array by its axes. A colon is any size but 1, so that nothing is
    broadcast along it; a name any size, that of all axes of the name; `_` any at all."""
    axes = index.elts if isinstance(index, ast.Tuple) else [index]
    dims: list[int | str] = []
    for axis in axes:
        match axis:
            case ast.Slice(None, None, None):
                dims.append(NEVER_ONE)
            case ast.Constant(int() as size):
                dims.append(size)
            case ast.Name("_"):
                dims.append("?")
            case ast.Name(symbol):
                dims.append(NAMED + symbol)
            case _:
                return None
    return Array(_DTYPES[dtype], tuple(dims))


_DTYPES = {"float": FLOAT, "int": INT, "bool": BOOL, "float32": FLOAT32, "complex": COMPLEX}


def array_dtype(node: ast.expr | None) -> Scalar | None:
    """The dtype of an array whose rank an annotation leaves open: `np.ndarray`,
    `NDArray[np.float64]`; None of any other annotation."""
    match node:
        case ast.Constant(str(text)):
            try:
                return array_dtype(ast.parse(text.strip(), mode="eval").body)
            except (SyntaxError, ValueError):
                return None
        case ast.Name("ndarray") | ast.Attribute(attr="ndarray"):
            return FLOAT
        case ast.Name("NDArray" | "ArrayLike") | ast.Attribute(attr="NDArray" | "ArrayLike"):
            return FLOAT
        case ast.Subscript(ast.Name("NDArray") | ast.Attribute(attr="NDArray"), index):
            return _named_dtype(index)
        case ast.Subscript(
            ast.Name("ndarray") | ast.Attribute(attr="ndarray"),
            ast.Tuple([_, ast.Subscript(_, index)]),
        ):
            return _named_dtype(index)
        case ast.Subscript(ast.Name(kind), ast.Tuple([_, ast.Constant(str(axes))])) if (
            kind in _SHAPED and "..." in axes.split() + [token[:3] for token in axes.split()]
        ):
            return _SHAPED[kind]
        case _:
            return None


def _named_dtype(node: ast.expr) -> Scalar | None:
    name = ast.unparse(node).rpartition(".")[2]
    return {"float64": FLOAT, "int64": INT, "bool_": BOOL, "Any": FLOAT, "floating": FLOAT,
            "complex128": COMPLEX}.get(name) or DTYPES.get(name)  # fmt: skip


def _shaped(kind: str, axes: str) -> Type | None:
    """`Float[np.ndarray, "n 3"]`: axes of one name are of one size."""
    dims: list[int | str] = [
        int(a) if a.isdecimal() else NAMED + a if a.strip("_").isidentifier() else "?"
        for a in axes.split()
    ]
    if any(token.startswith(("*", "...")) for token in axes.split()):
        return None
    return Array(_SHAPED[kind], tuple(dims)) if dims else _SHAPED[kind]


# What jaxtyping calls the dtypes.
_SHAPED = {
    "Float": FLOAT, "Float64": FLOAT, "Float32": FLOAT32, "Int": INT, "Int64": INT,
    "Bool": BOOL, "Complex": COMPLEX, "Complex128": COMPLEX,
}  # fmt: skip


def _all(make: Callable[[tuple[Type, ...]], Type], found: list[Type | None]) -> Type | None:
    known = tuple(type_ for type_ in found if type_ is not None)
    return make(known) if len(known) == len(found) else None


def _union(found: list[Type | None]) -> Type | None:
    """Believed to be the float of `float | int`, the value of `float | None`."""
    some = [type_ for type_ in found if type_ != NONE]
    if len(some) == 1:
        return some[0]
    return FLOAT if set(some) == {FLOAT, INT} else None


def _generic(
    name: str, parts: list[ast.expr], namespace: Namespace | None, depth: int
) -> Type | None:
    def inner(part: ast.expr) -> Type | None:
        return read(part, namespace, depth + 1)

    match name, parts:
        case _, [item] if name in _LISTS:
            return _list_of(inner(item))
        case _, [item, ast.Constant(value)] if name in _TUPLES and value is ...:
            return _list_of(inner(item))
        case _, [ast.Tuple(elts=[])] if name in _TUPLES:
            return Tuple(())
        case _, _ if name in _TUPLES:
            return _all(Tuple, [inner(part) for part in parts])
        case "Union", _:
            return _union([inner(part) for part in parts])
        case _, [item, *_] if name in _THROUGH:
            return inner(item)
        case _:
            return None


def _list_of(item: Type | None) -> Type | None:
    return None if item is None else List(item)


def _named(name: str, namespace: Namespace | None, depth: int) -> Type | None:
    meaning = lookup_class(namespace, name) if namespace is not None else None
    match meaning:
        case ClassMeaning():
            return record_of(meaning, depth)
        case ExpressionMeaning(node=node, namespace=other):
            return read(node, other, depth + 1)
        case _:
            return None


def record_of(meaning: ClassMeaning, depth: int = 0) -> Type | None:
    """The type of the objects of a class, by the annotations of its fields."""
    fields = fields_of(meaning)
    if fields is None:
        return None
    found = [read_object(a, fields.namespace, depth + 1) for a in fields.annotations]

    def make(items: tuple[Type, ...]) -> Type:
        counts = tuple(n for n, type_ in zip(fields.names, items, strict=True) if type_ == INT)
        return Record(fields.kind, fields.names, items, meaning, counts)

    return _all(make, found)


def read_object(annotation: object, namespace: Namespace, depth: int = 0) -> Type | None:
    """The type that a live annotation tells, or one that is still an expression."""
    match annotation:
        case ast.expr():
            return read(annotation, namespace, depth)
        case str():
            return read(ast.Constant(annotation), namespace, depth)
        case None | types.NoneType:
            return NONE
        case types.GenericAlias() | types.UnionType():
            return read_text(repr(annotation), namespace)
        case type():
            if annotation.__module__ == "builtins":
                return SCALARS.get(annotation.__name__)
            return record_of(meaning_of_class(annotation), depth)
        case _:
            text = repr(annotation)
            return read_text(text, namespace) if text.startswith("typing.") else None


def meaning_of_class(cls: type) -> ClassMeaning:
    return ClassMeaning(cls.__name__, issubclass(cls, BaseException), cls)
