"""What emitted functions test of their arguments is settled when they are read back.

    p.__class__ is not tuple        x.__class__ not in (list, tuple)
    len(p) != 2                     [*p] != ['a', 'b']
    {v.__class__ for v in x} - {float}        {len(v) for v in x} - {2}
    {(*v,) for v in x} - {('a', 'b')}         {v[0].ndim for v in x} - {2}
    {v.dtype for v in x} - {np.dtype(float)}  1 in {v.shape[0] for v in x}

The types of the arguments are those that the function was made for, and what is emitted
now tests them itself: a test that they pass is false, any other is not settled here.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.ir.paths import Step, part_type
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    Array,
    List,
    Record,
    Scalar,
    Tuple,
    Type,
    never_one,
)

TypeOf = Callable[[ast.expr], "Type | None"]


def is_assumption(node: ast.AST) -> bool:
    """Has an expression the form of such a test?"""
    if isinstance(node, ast.BinOp) and not isinstance(node.left, ast.SetComp):
        return False
    match node:
        case ast.BinOp(ast.SetComp(_, loops), ast.Sub(), ast.Set()) | ast.Compare(
            ast.Constant(1), [ast.In()], [ast.SetComp(_, loops)]
        ):
            return all(
                isinstance(loop.target, ast.Name) and not loop.ifs and not loop.is_async
                for loop in loops
            )
        case ast.Compare(ast.List([ast.Starred()]), [ast.NotEq()], [ast.List(keys)]):
            return all(isinstance(key, ast.Constant) for key in keys)
        case ast.Compare(ast.Attribute(attr="__class__"), [ast.NotIn()], [ast.Tuple(names)]):
            return all(isinstance(name, ast.Name) for name in names)
        case ast.Compare(
            ast.Attribute(attr="__class__"), [ast.IsNot()], [ast.Name() | ast.Attribute()]
        ):
            return True
        case ast.Compare(ast.Attribute(attr="ndim" | "dtype"), [ast.NotEq()], [_]):
            return True
        case ast.Compare(
            ast.Subscript(ast.Attribute(attr="shape")), [ast.NotEq()], [ast.Constant(int())]
        ):
            return True
        case ast.Compare(_, [ast.IsNot()], [ast.Constant(None)]):
            return True
        case ast.Compare(
            ast.Call(ast.Name("len"), [_], []), [ast.NotEq()], [ast.Constant(int())]
        ):
            return True
        case _:
            return False


def holds(node: ast.expr, type_of: TypeOf) -> bool:
    """Do the types tell that nothing is found that should not be?

    `type_of` gives the type of an expression that is part of an argument, or None.
    """
    match node:
        case ast.BinOp(ast.SetComp(element, loops), _, ast.Set(allowed)):
            inside = _inside(loops, type_of)
            return inside is not None and any(_matches(element, one, inside) for one in allowed)
        case ast.Compare(ast.Constant(1), _, [ast.SetComp(element, loops)]):
            inside = _inside(loops, type_of)
            return inside is not None and _is_never_one(element, inside)
        case ast.Compare(ast.List([ast.Starred(value)]), _, [ast.List(keys)]):
            return _has_keys(type_of(value), keys)
        case ast.Compare(ast.Attribute(value), [ast.NotIn()], [ast.Tuple(names)]):
            return any(_is_class(type_of(value), name) for name in names)
        case ast.Compare(value, [ast.IsNot()], [ast.Constant(None)]):
            return type_of(value) == NONE
        case ast.Compare(ast.Attribute(value, "ndim"), _, [ast.Constant(rank)]):
            match type_of(value):
                case Array(_, dims):
                    return len(dims) == rank
                case _:
                    return False
        case ast.Compare(ast.Attribute(value, "dtype"), _, [dtype]):
            match type_of(value):
                case Array(known):
                    return ast.unparse(dtype).removeprefix("np.") == str(known)
                case _:
                    return False
        case ast.Compare(
            ast.Subscript(ast.Attribute(value), ast.Constant(int() as axis)),
            _,
            [ast.Constant(n)],
        ):
            match type_of(value):
                case Array(_, dims):
                    return axis < len(dims) and dims[axis] == n
                case _:
                    return False
        case ast.Compare(ast.Attribute(value), _, [ast.Attribute() as class_]):
            return isinstance(type_of(value), Array) and ast.unparse(class_) == "np.ndarray"
        case ast.Compare(ast.Attribute(value), _, [ast.Name() as class_]):
            return _is_class(type_of(value), class_)
        case ast.Compare(ast.Call(_, [value]), _, [size]):
            return _has_size(type_of(value), size)
        case _:
            return False


def _inside(loops: list[ast.comprehension], type_of: TypeOf) -> TypeOf | None:
    """The types of what an element of a set is made of; None where a loop is over no list."""
    bound: dict[str, Type] = {}

    def inside(part: ast.expr) -> Type | None:
        return _part(part, bound, type_of)

    for loop in loops:
        source = inside(loop.iter)
        assert isinstance(loop.target, ast.Name)
        if not isinstance(source, List):
            return None
        bound[loop.target.id] = source.item
    return inside


def _is_never_one(element: ast.expr, inside: TypeOf) -> bool:
    """Is it a size that is not 1?"""
    match element:
        case ast.Subscript(ast.Attribute(value, "shape"), ast.Constant(int() as axis)):
            match inside(value):
                case Array(_, dims):
                    return axis < len(dims) and never_one(dims[axis])
        case _:
            pass
    return False


def _part(node: ast.expr, bound: dict[str, Type], type_of: TypeOf) -> Type | None:
    """The type of a part of an element that a loop of the test is at."""
    match node:
        case ast.Name(name) if name in bound:
            return bound[name]
        case ast.Attribute(value, name):
            step = Step(name, True)
        case ast.Subscript(value, ast.Constant(str() | int() as key)):
            step = Step(key, False)
        case _:
            return type_of(node)
    owner = _part(value, bound, type_of)
    return None if owner is None else part_type(owner, (step,))


def _matches(
    element: ast.expr, allowed: ast.expr, inside: Callable[[ast.expr], Type | None]
) -> bool:
    match element, allowed:
        case ast.Attribute(value, "__class__"), ast.Name():
            return _is_class(inside(value), allowed)
        case ast.Call(ast.Name("len"), [value]), ast.Constant():
            return _has_size(inside(value), allowed)
        case ast.Tuple([ast.Starred(value)]), ast.Tuple(keys):
            return _has_keys(inside(value), keys)
        case ast.Attribute(value, "__class__"), ast.Attribute():
            return isinstance(inside(value), Array) and ast.unparse(allowed) == "np.ndarray"
        case ast.Attribute(value, "ndim" | "dtype" as attr), _:
            return _has_attribute(inside(value), attr, allowed)
        case _:
            return False


def _has_attribute(type_: Type | None, attr: str, allowed: ast.expr) -> bool:
    match type_, allowed:
        case Array(_, dims), ast.Constant(rank) if attr == "ndim":
            return len(dims) == rank
        case Array(dtype), ast.Call(_, [name]) if attr == "dtype":
            known = ast.unparse(allowed.func) == "np.dtype"
            return known and ast.unparse(name).removeprefix("np.") == str(dtype)
        case _:
            return False


def _is_class(type_: Type | None, class_: ast.expr) -> bool:
    """A class that passes has the name of the type; who shadows `list` is refused elsewhere."""
    name = class_.id if isinstance(class_, ast.Name) else ""
    match type_:
        case Record(_, _, _, cls) if cls is not None:
            return cls.name == name
        case Record(kind):
            return kind == name
        case Tuple():
            return name == "tuple"
        case List():
            return name == "list"
        case Scalar():
            return type_ in (FLOAT, INT, BOOL) and str(type_) == name
        case _:
            return False


def _has_size(type_: Type | None, size: ast.expr) -> bool:
    match type_, size:
        case (
            (Tuple(items) | Record("list" | "named", _, items)),
            ast.Constant(int() as count),
        ):
            return len(items) == count
        case _:
            return False


def _has_keys(type_: Type | None, keys: list[ast.expr]) -> bool:
    found = tuple(key.value for key in keys if isinstance(key, ast.Constant))
    return isinstance(type_, Record) and type_.kind == "dict" and type_.keys == found
