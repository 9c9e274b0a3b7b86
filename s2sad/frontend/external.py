"""Objects that are there before the call: `self`, and what it holds.

Their attributes are read where the emitted function begins, those that the program reads
and no others; a change is followed as that of any object, and happens.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from s2sad.frontend.values import Layout, Obj, Ref, Struct, Value
from s2sad.ir.types import Record, Type

Touched = Collection[tuple[str, str]]


def mark_external(value: Value, path: str, heap: Mapping[Obj, Value]) -> None:
    """Note of an argument and of what it holds how they are reached."""
    match value:
        case Ref(obj):
            obj.path = path
            mark_external(heap[obj], path, heap)
        case Struct(Layout(kind, keys), items):
            for k, item in enumerate(items):
                key = keys[k] if keys else k
                inner = f"{path}.{key}" if kind == "object" else f"{path}[{key!r}]"
                mark_external(item, inner, heap)
        case _:
            return


def paths_of(obj: Obj) -> set[str]:
    """The paths of the objects that one may be."""
    return {origin.path for origin in (obj, *obj.origins) if origin.path}


def holds_instance(type_: Type) -> bool:
    return isinstance(type_, Record) and (
        type_.kind == "instance" or any(map(holds_instance, type_.items))
    )


def only_touched(type_: Type, path: str, touched: Touched) -> Type:
    """The type of an argument, of its objects only what is read."""
    match type_:
        case Record("instance", keys, items, cls):
            kept = [
                (key, only_touched(item, f"{path}.{key}", touched))
                for key, item in zip(keys, items, strict=True)
                if (path, key) in touched
            ]
            found = tuple(item for _, item in kept)
            return Record("instance", tuple(key for key, _ in kept), found, cls)
        case _:
            return type_
