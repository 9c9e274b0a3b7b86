"""What an object that is there before the call holds, by attribute.

The class tells the methods (frontend/classes.py); the object, and the class where the
object has none of that name, the data. A class with ways of its own to find attributes is
refused.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Set

from s2sad.errors import TypeRefused
from s2sad.frontend.classes import class_info


def attributes_of(name: str, value: object) -> Mapping[str, object]:
    """The data of an object; raises `TypeRefused` for one that cannot be followed."""
    class_ = type(value)
    refusal = class_info(class_).refusal
    if refusal or class_.__module__ == "builtins":
        what = refusal or f"of type {class_.__name__}"
        raise TypeRefused(
            f"the argument {name} is {what}, which s2sad does not take yet",
            None,
            "pass numbers, lists, tuples, dicts and plain objects",
        )
    found = dict(_of_classes(class_))
    for slot, descriptor in _slots(class_):
        try:
            found[slot] = descriptor.__get__(value, class_)
        except AttributeError:
            continue
    found.update(getattr(value, "__dict__", {}))
    return found


def some_attributes(value: object, names: Set[str]) -> Mapping[str, object]:
    """Those of some names, quickly."""
    own: Mapping[str, object] = getattr(value, "__dict__", {})
    found = {name: own[name] for name in names if name in own}
    if len(found) < len(names):
        every = attributes_of("", value)
        found.update((name, every[name]) for name in names - found.keys() if name in every)
    return {name: found[name] for name in sorted(found)}


def _of_classes(class_: type) -> Iterator[tuple[str, object]]:
    for ancestor in reversed(class_.__mro__[:-1]):
        for name, value in vars(ancestor).items():
            special = name.startswith("__") and name.endswith("__")
            if not special and not hasattr(type(value), "__get__") and not callable(value):
                yield name, value


def _slots(class_: type) -> Iterator[tuple[str, types.MemberDescriptorType]]:
    for ancestor in reversed(class_.__mro__[:-1]):
        for name, value in vars(ancestor).items():
            if isinstance(value, types.MemberDescriptorType):
                yield name, value
