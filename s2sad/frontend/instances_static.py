"""What an object of a class that is read off a file holds, as far as the text tells.

    scale: float = 2.0         in the body of the class, a field
    scale = 2.0                in the body of the class
    self.n = n                 in `__init__`, by the annotation of the parameter or a literal

What nothing tells of is taken to be a float.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from s2sad.frontend.annotations import read
from s2sad.frontend.classes import info_of
from s2sad.frontend.classes_static import StaticClass, last_name
from s2sad.frontend.files import literal_of
from s2sad.frontend.resolve import ClassMeaning, Namespace
from s2sad.ir.types import FLOAT, INT, List, Record, Type, join


def instance_type(meaning: ClassMeaning) -> tuple[Record, tuple[str, ...]]:
    """The type of the objects of a class, and the attributes whose type is assumed."""
    found: dict[str, Type | None] = {}
    for ancestor in reversed(info_of(meaning).ancestors):
        info = info_of(ancestor)
        if isinstance(info, StaticClass):
            for name, type_ in _own(info):
                found[name] = type_ or found.get(name)
    types = tuple(FLOAT if type_ is None else type_ for type_ in found.values())
    assumed = tuple(name for name, type_ in found.items() if type_ is None)
    return Record("instance", tuple(found), types, meaning), assumed


def _own(info: StaticClass) -> Iterator[tuple[str, Type | None]]:
    namespace = info.module
    for stmt in info.node.body:
        match stmt:
            case ast.AnnAssign(ast.Name(name), annotation, value):
                inner = _inside_class_var(annotation)
                known = read(inner, namespace) if inner is not None else None
                yield name, known or (_type_of(value, {}) if value else None)
            case ast.Assign(targets, value):
                for target in targets:
                    if isinstance(target, ast.Name) and not target.id.startswith("__"):
                        yield target.id, _type_of(value, {})
            case ast.FunctionDef(name="__init__" | "__post_init__"):
                yield from _made(stmt, namespace)
            case _:
                pass


def _inside_class_var(annotation: ast.expr) -> ast.expr | None:
    if last_name(annotation) != "ClassVar":
        return annotation
    return annotation.slice if isinstance(annotation, ast.Subscript) else None


def _made(init: ast.FunctionDef, namespace: Namespace) -> Iterator[tuple[str, Type | None]]:
    """The attributes that `__init__` binds."""
    args = [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs]
    if not args:
        return
    params = {a.arg: read(a.annotation, namespace) for a in args if a.annotation is not None}
    me = args[0].arg
    for node in ast.walk(init):
        match node:
            case ast.Assign(targets, value):
                for target in targets:
                    match target:
                        case ast.Attribute(ast.Name(owner), name) if owner == me:
                            yield name, _type_of(value, params)
                        case _:
                            pass
            case ast.AnnAssign(ast.Attribute(ast.Name(owner), name), annotation) if owner == me:
                yield name, read(annotation, namespace)
            case _:
                pass


def _type_of(node: ast.expr, params: dict[str, Type | None]) -> Type | None:
    """What a literal, a list of them, or a parameter is; None for what is not known."""
    lit = literal_of(node)
    if lit is not None:
        return lit.type
    match node:
        case ast.Name(name):
            return params.get(name)
        case ast.Call(ast.Name("float")):
            return FLOAT
        case ast.Call(ast.Name("int" | "len")):
            return INT
        case ast.Call(ast.Name("list" | "tuple" | "sorted"), [ast.Name(name)]):
            known = params.get(name)
            return known if isinstance(known, List) else List(FLOAT)
        case ast.List(items):
            types = [_type_of(item, params) for item in items]
            item: Type | None = FLOAT if not types else types[0]
            for type_ in types[1:]:
                item = None if item is None or type_ is None else join(item, type_)
            return None if item is None else List(item)
        case _:
            return None
