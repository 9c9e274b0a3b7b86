"""Objects that a loop carries under two names, and that are never the same one.

old, new = new, old         two buffers swapped: whichever `new` is, it is not `old`

They are different before the loop, and a pass that begins with different ones ends with
different ones: each name with one of those, or with one that the pass has made.
"""

from __future__ import annotations

from collections.abc import Mapping

from s2sad.frontend.objects import Contents, objects_in
from s2sad.frontend.values import UNBOUND, Obj, Ref, Value


def different(
    before: dict[str, Value], names: tuple[str, ...], heap: Contents
) -> tuple[str, ...]:
    """The names whose values are objects that are certain to be different ones."""
    found: list[tuple[str, list[Obj]]] = []
    for name in names:
        value = before[name]
        if not isinstance(value, Ref):
            continue
        objs = reached(value, heap)
        if any(obj.part is not None for obj in objs):
            continue
        if are_different(objs) and all(apart_from(objs, others) for _, others in found):
            found.append((name, objs))
    return tuple(name for name, _ in found) if len(found) > 1 else ()


def stay_different(
    group: tuple[str, ...], ends: Mapping[str | Obj, Value], heap: Contents
) -> bool:
    """Do names that began a pass with different objects end it with different ones, which
    nothing else that the loop carries may be?"""
    values = [ends.get(name, UNBOUND) for name in group]
    if not all(isinstance(value, Ref) for value in values):
        return False
    objs = [obj for value in values for obj in reached(value, heap)]
    if any(obj.part is not None for obj in objs):
        return False
    others = [
        obj
        for slot, value in ends.items()
        if slot not in group and slot not in objs
        for obj in reached(value, heap)
    ]
    return are_different(objs) and apart_from(objs, others)


def reached(value: Value, heap: Contents) -> list[Obj]:
    """The objects that a value leads to; one that leads back to itself is not followed."""
    found: list[Obj] = []
    pending = [value]
    while pending:
        for obj in objects_in(pending.pop()):
            found.append(obj)
            if found.count(obj) < 2:
                pending.append(heap.get(obj, UNBOUND))
    return found


def are_different(objs: list[Obj]) -> bool:
    return all(apart_from([obj], objs[k + 1 :]) for k, obj in enumerate(objs))


def apart_from(objs: list[Obj], others: list[Obj]) -> bool:
    return all(a is not b and not a.may_be(b) for a in objs for b in others)
