"""What the fields of a class are: dataclasses and named tuples.

Of a live class they are asked for, of one in a file they are read off its body.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from s2sad.frontend.live import LiveNamespace
from s2sad.frontend.resolve import ClassMeaning, Namespace, lookup_class


class Fields(NamedTuple):
    """The fields of a class, and their annotations: an expression, or a live object.

    kind: "object" or "named" (a named tuple). namespace: what the annotations see.
    obstacle: why an object cannot be made of its fields alone; empty if it can.
    """

    kind: str
    names: tuple[str, ...]
    annotations: tuple[object, ...]
    namespace: Namespace
    obstacle: str = ""


def fields_of(meaning: ClassMeaning) -> Fields | None:
    """None for a class that is neither a dataclass nor a named tuple."""
    if meaning.found is not None:
        return _live(meaning.found)
    return _static(meaning) if meaning.node is not None else None


@lru_cache(maxsize=256)
def _live(cls: type) -> Fields | None:
    module = sys.modules.get(cls.__module__)
    namespace = LiveNamespace(vars(module) if module else {}, {}, cls.__module__, True)
    if issubclass(cls, tuple):
        names = getattr(cls, "_fields", None)
        if not isinstance(names, tuple):
            return None
        known = {k: v for base in reversed(cls.__mro__) for k, v in _annotations(base).items()}
        own = "__new__" in vars(cls) and "_fields" not in vars(cls)
        obstacle = f"{cls.__name__} has a __new__ of its own" if own else ""
        annotations = tuple(known.get(name) for name in names)
        return Fields("named", names, annotations, namespace, obstacle)
    if "__dataclass_fields__" not in vars(cls):
        return None
    import dataclasses

    assert dataclasses.is_dataclass(cls)
    fields = dataclasses.fields(cls)
    return Fields(
        "object",
        tuple(field.name for field in fields),
        tuple(field.type for field in fields),
        namespace,
        _live_obstacle(cls, vars(cls)),
    )


def _annotations(cls: type) -> dict[str, object]:
    found = vars(cls).get("__annotations__", {})
    return found if isinstance(found, dict) else {}


def _live_obstacle(cls: type, members: Mapping[str, Any]) -> str:
    """Why the class cannot be called with its fields, and nothing else happens."""
    for name, field in members["__dataclass_fields__"].items():
        if field._field_type.name == "_FIELD_INITVAR":
            return f"{cls.__name__} has the InitVar {name}"
        if field._field_type.name == "_FIELD" and not field.init:
            return f"the field {name} of {cls.__name__} is no argument of its __init__"
    if hasattr(cls, "__post_init__"):
        return f"{cls.__name__} has a __post_init__, which may do anything"
    made = members["__dataclass_params__"].init and _is_generated(members.get("__init__"))
    if not made or any("__new__" in vars(base) for base in cls.__mro__[:-1]):
        return f"{cls.__name__} has an __init__ or a __new__ of its own"
    return ""


def _is_generated(function: object) -> bool:
    """Did `dataclass` write it, or did the class have it before?"""
    code = getattr(function, "__code__", None)
    return getattr(code, "co_filename", "") == "<string>"


# Read off a file.


def _static(meaning: ClassMeaning) -> Fields | None:
    node, namespace = meaning.node, meaning.namespace
    assert node is not None
    assert namespace is not None
    named = any(_last(base) == "NamedTuple" for base in node.bases)
    if not named and not any(_is_dataclass(d) for d in node.decorator_list):
        return None
    found: dict[str, object] = {}
    obstacle = ""
    for base in () if named else reversed(node.bases):
        inner = lookup_class(namespace, base.id) if isinstance(base, ast.Name) else None
        fields = fields_of(inner) if isinstance(inner, ClassMeaning) else None
        if fields is None:
            return None
        found.update(zip(fields.names, fields.annotations, strict=True))
        obstacle = obstacle or fields.obstacle
    for stmt in node.body:
        match stmt:
            case ast.AnnAssign(ast.Name(name), annotation, value):
                kind = _last(annotation)
                if kind == "ClassVar":
                    continue
                if kind == "InitVar":
                    obstacle = f"{node.name} has the InitVar {name}"
                    continue
                found[name] = annotation
                if _is_no_argument(value):
                    obstacle = f"the field {name} of {node.name} is no argument of its __init__"
            case ast.FunctionDef(name="__post_init__" | "__init__" | "__new__" as name):
                obstacle = f"{node.name} has {name}, which may do anything"
            case _:
                pass
    kind = "named" if named else "object"
    return Fields(kind, tuple(found), tuple(found.values()), namespace, obstacle)


def _is_dataclass(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):
        if any(keyword.arg == "init" for keyword in decorator.keywords):
            return False
        decorator = decorator.func
    return _last(decorator) == "dataclass"


def _last(node: ast.expr) -> str:
    """The last name of a dotted expression, subscripts left out."""
    match node:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case ast.Subscript(value):
            return _last(value)
        case ast.Constant(str(text)):
            return text.split("[")[0].split(".")[-1]
        case _:
            return ""


def _is_no_argument(value: ast.expr | None) -> bool:
    """Is the default `field(init=False)`?"""
    return isinstance(value, ast.Call) and any(
        keyword.arg == "init" for keyword in value.keywords
    )
