"""What was read while compiling, and whether it still is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import is_
from types import CellType, CodeType, FunctionType
from typing import Any, NamedTuple

MISSING = object()


class ArrayAs(NamedTuple):
    """What an array was when it was compiled for; `type_of` tells the type of another."""

    array: object
    class_: type
    dtype: object
    shape: tuple[int, ...]
    type_of: Callable[[object, str], object]


class CodeAs(NamedTuple):
    """What a function was when it was compiled: a reloader may put other code into it."""

    code: CodeType
    defaults: tuple[Any, ...] | None

    def same(self, func: FunctionType) -> bool:
        return func.__code__ is self.code and func.__defaults__ is self.defaults


class ObjectAs(NamedTuple):
    """The class of an object when it was compiled."""

    class_: type


class Dependency(NamedTuple):
    """A global that was resolved while compiling: compile again when it is rebound.

    `names` is the namespace that binds it, `cell` the closure cell if one does; a builtin
    is in neither until it is shadowed, and then `value` is `MISSING`. `content` is a copy
    of a container, which can change.
    """

    name: str
    value: object
    names: Mapping[str, object]
    cell: CellType | None
    content: object = MISSING

    @property
    def still_same(self) -> bool:
        if isinstance(self.content, ArrayAs):
            return self.same_array()
        if self.cell is not None:
            same = self.cell.cell_contents is self.value
        else:
            same = self.names.get(self.name, MISSING) is self.value
        return same and self.same_content()

    def same_content(self) -> bool:
        """Is what can change, a list or a dict, as it was?"""
        if isinstance(self.content, CodeAs):
            assert isinstance(self.value, FunctionType)
            return self.content.same(self.value)
        if isinstance(self.content, ObjectAs):
            return type(self.value) is self.content.class_
        return self.content is MISSING or _alike(self.value, self.content)

    def same_array(self) -> bool:
        """Is an array, which is read at every call, of the same dtype and rank?"""
        value: Any = self.names.get(self.name) if self.cell is None else self.cell.cell_contents
        assert isinstance(self.content, ArrayAs)
        type_, class_, dtype, shape, type_of = self.content
        alike = type(value) is class_
        if alike and value.dtype is dtype and value.shape == shape:
            return True
        return type_of(value, self.name) == type_


def _alike(a: object, b: object) -> bool:
    """Is a container the same as its copy, to the bit?"""
    # What cannot change is the same object in the copy: that is told at once.
    if a is b:
        return True
    kind = type(a)
    if kind is type(b) and (kind is list or kind is tuple or kind is dict):
        x: Any = a
        y: Any = b
        same = len(x) == len(y) and all(map(is_, x, y))
        if same and (kind is not dict or all(map(is_, x.values(), y.values()))):
            return True
    return repr(a) == repr(b) or _in_order(a) == _in_order(b)


def _in_order(value: object) -> object:
    """A container as text, its sets in an order of their own."""
    match value:
        case set() | frozenset():
            return type(value).__name__, sorted(map(repr, map(_in_order, value)))
        case list() | tuple():
            return type(value).__name__, [_in_order(item) for item in value]
        case dict():
            return "dict", [(repr(key), _in_order(item)) for key, item in value.items()]
        case _:
            return repr(value)


def content_of(value: object) -> object:
    """What can change in a value: a copy of a container, the code of a function; MISSING of
    anything else."""
    if type(value) in (list, dict, tuple, set, frozenset):
        import copy

        return copy.deepcopy(value)
    if type(value) is FunctionType:
        return CodeAs(value.__code__, value.__defaults__)
    return MISSING
