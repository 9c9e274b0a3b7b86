"""isinstance() of a class: settled by the type, as the class's own metaclass decides."""

from __future__ import annotations

import ast
import os
from abc import ABCMeta

from s2sad.frontend.base import Emitter
from s2sad.frontend.classes import info_of
from s2sad.frontend.resolve import ClassMeaning, ObjectMeaning
from s2sad.frontend.values import (
    FunctionValue,
    Layout,
    ListValue,
    Ref,
    Struct,
    TupleValue,
    Value,
    is_none,
)
from s2sad.ir.build import Builder
from s2sad.ir.nodes import Atom, Let, Lit, Stmt, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Opaque, Type
from s2sad.ir.walk import defines

_TYPES: dict[Type, type] = {FLOAT: float, INT: int, BOOL: bool, Opaque("str"): str}
_LIBRARY = ("abc", "numbers", "typing", "collections.abc", "_collections_abc")


def is_instance_of(value: Value, content: Value, cls: ClassMeaning) -> bool | None:
    """None where it is not known."""
    match content:
        case Struct(Layout("object" | "named", _, own)) if own is not None:
            if _descends(own, cls):
                return True
            type_ = own.found
        case ObjectMeaning(cls=own):
            if _descends(own, cls):
                return True
            type_ = own.found
        case _:
            type_ = _type_of(value, content)
    if cls.found is None:
        return _of_a_file(type_, content, cls)
    meta = type(cls.found)
    if _decides(meta) is type:
        # What is not known is an opaque value.
        return None if type_ is None and isinstance(content, Var | Lit) else False
    hooked = any("__subclasshook__" in c.__dict__ for c in cls.found.__mro__[:-1])
    ours = _decides(meta) is ABCMeta and not hooked
    if type_ is None or not (ours or cls.found.__module__ in _LIBRARY):
        return None
    try:
        return issubclass(type_, cls.found)
    except TypeError:
        return None


def _descends(own: ClassMeaning, cls: ClassMeaning) -> bool:
    if own.found is not None and cls.found is not None:
        return cls.found in own.found.__mro__
    return cls in info_of(own).ancestors


def _decides(meta: type) -> type:
    """The metaclass whose method isinstance() calls."""
    return next(c for c in meta.__mro__ if "__instancecheck__" in c.__dict__)


def _of_a_file(type_: type | None, content: Value, cls: ClassMeaning) -> bool | None:
    if os.path.basename(cls.file) == "numbers.py":
        import numbers

        found = getattr(numbers, cls.name, None)
        return None if found is None or type_ is None else issubclass(type_, found)
    if isinstance(content, Var | Lit | Undef) and type_ is None:
        return None
    registers = ".register" in getattr(cls.namespace, "text", "")
    bases = _bases(cls)
    abstract = "Protocol" in bases or (registers and ("ABC" in bases or "=" in bases))
    return None if info_of(cls).refusal or abstract else False


def _bases(cls: ClassMeaning) -> set[str]:
    """The names of all that it is derived from, "=" for keywords such as a metaclass."""
    found: set[str] = set()
    for node in (c.node for c in info_of(cls).ancestors if c.node is not None):
        found |= {ast.unparse(base).split("[")[0].split(".")[-1] for base in node.bases}
        found |= {"=" for _ in node.keywords}
    return found


def _type_of(value: Value, content: Value) -> type | None:
    if is_none(content):
        return type(None)
    match content:
        case Var(type=type_) | Lit(type=type_) | Undef(type=type_):
            return _TYPES.get(type_)
        case Struct(Layout("list")):
            return list
        case Struct(Layout("dict")):
            return dict
        case Struct(Layout("set")):
            return set
        case Struct(Layout("frozenset")):
            return frozenset
        case ListValue():
            return list if isinstance(value, Ref) else tuple
        case TupleValue():
            return tuple
        case FunctionValue():
            return type(is_instance_of)
        case _:
            return None


_KEPT = frozenset({"add", "sub", "mul", "neg", "pos", "abs", "floordiv", "mod", "id"})


def is_certain(atom: Atom, emitter: Emitter) -> bool:
    """Is a number at run time of the class that its type says?

    Where an int and a float meet the type is float, and the power of two ints is an int
    only if the exponent is not negative.
    """
    return _certain(atom, emitter, {})


def _certain(atom: Atom, emitter: Emitter, known: dict[Atom, bool]) -> bool:
    if not isinstance(atom, Var):
        return isinstance(atom, Lit)
    if atom in emitter.joined:
        return False
    stmt = definition(atom, emitter.builder)
    if stmt is None:
        return True  # a parameter
    if not isinstance(stmt, Let):
        return False
    for arg in stmt.args:
        if arg not in known:
            known[arg] = _certain(arg, emitter, known)
    parts = [known[arg] for arg in stmt.args]
    floats = [sure and arg.type == FLOAT for sure, arg in zip(parts, stmt.args, strict=True)]
    match stmt.op:
        case op if op in _KEPT:
            return any(floats) if atom.type == FLOAT else all(parts)
        case "pow":
            _, exponent = stmt.args
            count = exponent.value if isinstance(exponent, Lit) else None
            whole = isinstance(count, int) and count >= 0
            return any(floats) if atom.type == FLOAT else whole and all(parts)
        case "max" | "min":
            return all(parts) and all(arg.type == atom.type for arg in stmt.args)
        case "sum" | "list_sum" | "math.prod" | "get" | "prod" | "list_prod":
            return False
        case _:
            return True


def definition(var: Var, builder: Builder | None) -> Stmt | None:
    while builder is not None:
        for stmt in builder.stmts:
            if var in defines(stmt):
                return stmt
        builder = builder.parent
    return None
