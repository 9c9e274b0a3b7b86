"""What is known of a class of the user's: its members, its fields, its ancestors.

A live class is looked at, never asked: descriptors do not run.
"""

from __future__ import annotations

import enum
import inspect
import types
from collections.abc import Callable
from functools import cache
from typing import NamedTuple, Protocol

from s2sad.frontend.live import LiveNamespace, literal, meaning_of
from s2sad.frontend.resolve import (
    ClassMeaning,
    FunctionMeaning,
    LiteralMeaning,
    Meaning,
    ObjectMeaning,
    UnknownMeaning,
)

NO_DEFAULT = object()


class Member(NamedTuple):
    """What stands in a class under a name.

    kind: "method", "static", "class", "property" or "value"; meaning: of the function or
    the value; owner: the class that it stands in.
    """

    kind: str
    meaning: Meaning
    owner: ClassMeaning
    setter: Meaning | None = None


class Field(NamedTuple):
    """A field of a dataclass or a named tuple: its default as a meaning, or the factory."""

    name: str
    default: Meaning | None = None
    factory: Meaning | None = None
    init: bool = True
    keyword_only: bool = False


class ClassInfo(Protocol):
    """refusal: why objects of the class cannot be followed; empty if they can.
    fields: of a dataclass or a named tuple whose `__init__` is generated, else None."""

    @property
    def refusal(self) -> str: ...

    @property
    def fields(self) -> tuple[Field, ...] | None: ...

    @property
    def named_tuple(self) -> bool: ...

    @property
    def frozen(self) -> bool: ...

    @property
    def compared_by_fields(self) -> bool: ...

    @property
    def ordered(self) -> bool:
        """Are objects compared by `<` field by field?"""
        ...

    @property
    def ancestors(self) -> tuple[ClassMeaning, ...]: ...

    def own(self, name: str) -> Member | None: ...


def info_of(meaning: ClassMeaning) -> ClassInfo:
    if isinstance(meaning.found, type):
        return live_info(meaning.found)
    assert meaning.namespace is not None
    return meaning.namespace.class_info(meaning)


def find_member(
    meaning: ClassMeaning, name: str, after: ClassMeaning | None = None
) -> Member | None:
    """A member of a class or of its ancestors; `after` one of them, as `super()` looks."""
    line = info_of(meaning).ancestors
    if after is not None:
        line = line[line.index(after) + 1 :]
    for ancestor in line:
        member = info_of(ancestor).own(name)
        if member is not None:
            return member
    return None


def is_of_python(member: Member) -> bool:
    """Is it a member of a builtin class?"""
    return getattr(member.owner.found, "__module__", "") == "builtins"


def may_be_a_descriptor(member: Member) -> bool:
    """Does, or may, an assignment to such an attribute of an object call a method?"""
    match member.meaning:
        case ObjectMeaning(cls=cls):
            return find_member(cls, "__set__") is not None
        case UnknownMeaning():
            return True
        case _:
            return False


def class_info(class_: type) -> ClassInfo:
    return live_info(class_)


@cache
def live_info(class_: type) -> ClassInfo:
    return LiveClass(class_)


def class_meaning(class_: type) -> ClassMeaning:
    return ClassMeaning(class_.__name__, issubclass(class_, BaseException), class_)


class LiveClass:
    def __init__(self, class_: type) -> None:
        self.class_ = class_
        self.named_tuple = issubclass(class_, tuple) and hasattr(class_, "_fields")
        params = getattr(class_, "__dataclass_params__", None)
        self.frozen = bool(params and params.frozen)
        self.compared_by_fields = bool(params and params.eq)
        own = class_.__dict__.get("__dataclass_params__")
        self.ordered = bool(own and own.order)
        self.ancestors = tuple(
            class_meaning(ancestor) for ancestor in class_.__mro__ if ancestor is not object
        )
        self.fields = self._fields()
        self.refusal = self._refusal()

    def _refusal(self) -> str:
        class_ = self.class_
        if self.named_tuple or class_ is types.SimpleNamespace:
            return ""
        foreign = [a for a in class_.__mro__[:-1] if a.__module__ == "builtins"]
        if foreign:
            return f"a class derived from {foreign[0].__name__}"
        if type(class_) is not type and type(class_).__name__ != "ABCMeta":
            return "a class with a metaclass"
        for name in ("__new__", "__getattribute__", "__getattr__", "__setattr__"):
            own = inspect.getattr_static(class_, name, None)
            usual = getattr(object, name, None)
            generated = name == "__setattr__" and self.frozen
            if own is not None and own is not usual and not generated:
                return f"a class with {name}"
        return ""

    def _fields(self) -> tuple[Field, ...] | None:
        class_ = self.class_
        if self.named_tuple:
            defaults = getattr(class_, "_field_defaults", {})
            names = getattr(class_, "_fields", ())
            return tuple(
                Field(n, _meaning(class_, n, defaults.get(n, NO_DEFAULT))) for n in names
            )
        if not hasattr(class_, "__dataclass_fields__"):
            return None
        import dataclasses

        init = inspect.getattr_static(class_, "__init__", None)
        if isinstance(init, types.FunctionType) and init.__code__.co_filename != "<string>":
            return None
        return tuple(
            Field(
                field.name,
                _meaning(class_, field.name, _or_none(field.default)),
                _meaning(class_, field.name, _or_none(field.default_factory)),
                field.init,
                bool(getattr(field, "kw_only", False)),
            )
            for field in dataclasses.fields(class_)
        )

    def own(self, name: str) -> Member | None:
        found = self.class_.__dict__.get(name, NO_DEFAULT)
        if isinstance(self.class_, enum.EnumMeta):
            found = self.class_.__members__.get(name, found)
        if found is NO_DEFAULT:
            return None
        owner = class_meaning(self.class_)
        match found:
            case types.FunctionType() if found.__code__.co_filename == "<string>":
                return None
            case types.FunctionType():
                return Member("method", FunctionMeaning(found), owner)
            case staticmethod():
                return Member("static", _function(found.__func__), owner)
            case classmethod():
                return Member("class", _function(found.__func__), owner)
            case property(fget=getter, fset=setter) if getter is not None:
                changes = _function(setter) if setter else None
                return Member("property", _function(getter), owner, changes)
            case types.MemberDescriptorType() | types.GetSetDescriptorType():
                return None
            case _ if type(found).__name__ == "_tuplegetter":
                return None
            case _ if hasattr(type(found), "__get__") and not callable(found):
                what = f"{name}, a {type(found).__name__}"
                return Member("value", UnknownMeaning(what, "compute it in a method"), owner)
            case _:
                meaning = _meaning(self.class_, name, found)
                assert meaning is not None
                kind = "method" if isinstance(meaning, FunctionMeaning) else "value"
                return Member(kind, meaning, owner)


def _or_none(value: object) -> object:
    return NO_DEFAULT if type(value).__name__ == "_MISSING_TYPE" else value


def _function(func: Callable[..., object]) -> Meaning:
    return FunctionMeaning(func)


def _meaning(class_: type, name: str, value: object) -> Meaning | None:
    if value is NO_DEFAULT:
        return None
    lit = literal(value)
    if lit is not None:
        return LiteralMeaning(lit)
    return meaning_of(value, name, LiveNamespace(vars(class_), {}, class_.__module__, False))
