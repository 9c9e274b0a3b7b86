"""Objects that are there before the call: `self`, and what it holds.

Their attributes are read where the emitted function begins, those that the program reads
and no others; a change is followed as that of any object, and happens.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CellType

from s2sad.frontend.resolve import GivenMeaning
from s2sad.frontend.values import UNSEEN, Layout, Obj, Ref, Struct, Value
from s2sad.ir.types import List, Record, Tuple, Type


def mark_external(value: Value, path: str, heap: Mapping[Obj, Value]) -> None:
    """Note of an argument and of what it holds how they are reached."""
    match value:
        case Ref(obj):
            obj.path = path
            obj.hint = obj.hint or path.rpartition(".")[2]
            mark_external(heap[obj], path, heap)
        case Struct(Layout(kind, keys), items):
            for k, item in enumerate(items):
                key = keys[k] if keys else k
                inner = f"{path}.{key}" if kind == "object" else f"{path}[{key!r}]"
                mark_external(item, inner, heap)
        case _:
            return


class Touched:
    """What a program reads of the objects that are there before the call.

    attributes: by the path of the object, and their name. contents: the paths of the
    lists and dicts that are looked into; what is only appended to is not.
    """

    def __init__(self) -> None:
        self.attributes: set[tuple[str, str]] = set()
        self.contents: set[str] = set()
        self._names: dict[str, frozenset[str]] = {}

    def attribute(self, obj: Obj, name: str) -> None:
        self.attributes.update((path, name) for path in _paths(obj))

    def content(self, obj: Obj) -> None:
        self.contents.update(_paths(obj))

    def names(self, path: str) -> frozenset[str]:
        """The attributes of the object at a path."""
        if path not in self._names:
            found = (name for owner, name in self.attributes if owner == path)
            self._names[path] = frozenset(found)
        return self._names[path]

    def include(self, other: Touched) -> bool:
        """Take in what another program reads; is there anything new in it?"""
        before = len(self.attributes), len(self.contents)
        self.attributes |= other.attributes
        self.contents |= other.contents
        self._names.clear()
        return before != (len(self.attributes), len(self.contents))


def _paths(obj: Obj) -> set[str]:
    return {origin.path for origin in (obj, *obj.origins) if origin.path}


def holds_instance(type_: Type) -> bool:
    return first_instance(type_, "") is not None


def first_instance(type_: Type, path: str) -> tuple[str, Type] | None:
    """What there is in an argument that is neither number nor container, and its path."""
    match type_:
        case Record("instance" | "class" | "member" | "function"):
            return path, type_
        case Record(kind, keys, items):
            for k, item in enumerate(items):
                key = keys[k] if keys else k
                inner = f".{key}" if kind in ("object", "named") else f"[{key!r}]"
                found = first_instance(item, path + inner)
                if found is not None:
                    return found
            return None
        case Tuple(items):
            parts = (first_instance(item, f"{path}[{k}]") for k, item in enumerate(items))
            return next((part for part in parts if part is not None), None)
        case List(item):
            return first_instance(item, f"{path}[…]")
        case _:
            return None


def twice_given(types: Mapping[str, Type], value: object) -> str:
    """A function among the arguments that has captured an object, by name; empty if none.

    What it reads of the object is no argument.
    """
    pending = list(types.values())
    while pending:
        match pending.pop():
            case Record("function", cls=GivenMeaning(name, held)):
                cells = getattr(held.found, "__closure__", None) or ()
                if any(_holds(cell, value) for cell in cells):
                    return name.removesuffix("_given")
            case Record(_, _, items) | Tuple(items):
                pending += items
            case _:
                pass
    return ""


def _holds(cell: CellType, value: object) -> bool:
    try:
        return cell.cell_contents is value
    except ValueError:  # not bound yet
        return False


def only_touched(type_: Type, path: str, touched: Touched, inside: bool = False) -> Type:
    """The type of an argument, of its objects only what is read."""
    match type_:
        case Record("instance", keys, items, cls):
            kept = [
                (key, only_touched(item, f"{path}.{key}", touched, True))
                for key, item in zip(keys, items, strict=True)
                if (path, key) in touched.attributes
            ]
            found = tuple(item for _, item in kept)
            return Record("instance", tuple(key for key, _ in kept), found, cls)
        case List() | Record("list" | "dict") if inside and path not in touched.contents:
            return UNSEEN
        case _:
            return type_
