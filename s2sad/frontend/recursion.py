"""What a recursive function changes of what it is given: handed back with its result.

def fib(n, memo):                      def fib(n, memo_at, memo):
    if n not in memo:                      …
        memo[n] = fib(n - 1, memo) + …     return result, memo_at, memo
    return memo[n]
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from s2sad.errors import Loc, S2sadError, UnsupportedSyntax
from s2sad.frontend.different import reached
from s2sad.frontend.joins import join_templates
from s2sad.frontend.objects import objects_in
from s2sad.frontend.source import UserFunction
from s2sad.frontend.values import (
    ChoiceValue,
    FunctionValue,
    Inline,
    ListValue,
    Mixed,
    Obj,
    PartialValue,
    Ref,
    Struct,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from s2sad.frontend.calls import Calls
    from s2sad.frontend.program import Special
    from s2sad.frontend.statements import Statements

_CHANGING = frozenset(
    "append extend insert pop remove clear reverse sort update setdefault popitem add"
    " discard appendleft popleft extendleft".split()
)
_ADVICE = "return a new object"


def changed_names(function: UserFunction) -> frozenset[str]:
    """`memo`, `self.memo`: what a function changes itself, by its text."""
    found: set[str] = set()
    for node in ast.walk(function.node):
        match node:
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if attr in _CHANGING:
                found.add(_dotted(owner))
            case ast.Subscript(value=owner, ctx=ast.Store() | ast.Del()):
                found.add(_dotted(owner))
            case _:
                pass
    return frozenset(found)


def _dotted(node: ast.expr) -> str:
    match node:
        case ast.Name(name):
            return name
        case ast.Attribute(value=owner, attr=attr):
            return f"{_dotted(owner)}.{attr}"
        case _:
            return "?"


def functions_in(value: Value) -> list[FunctionValue]:
    """The functions of the program that a frozen value is, or holds."""
    match value:
        case FunctionValue(_, _, defaults):
            return [value, *(f for _, item in defaults for f in functions_in(item))]
        case PartialValue(func, args, named):
            parts = (func, *args, *(item for _, item in named))
            return [f for part in parts for f in functions_in(part)]
        case ChoiceValue(_, then, orelse):
            return [*functions_in(then), *functions_in(orelse)]
        case TupleValue(items) | Struct(_, items):
            return [f for item in items for f in functions_in(item)]
        case Inline(content) | ListValue(content):
            return functions_in(content)
        case _:
            return []


def refusal(function: UserFunction, what: str, loc: Loc | None = None) -> UnsupportedSyntax:
    return UnsupportedSyntax(
        f"{function.name}, which is recursive, changes {what}", loc or function.loc, _ADVICE
    )


def made_general(frame: Calls, values: Mapping[str, Value], names: Collection[str]) -> None:
    """Lists that grow in a recursion are of unknown length, its dicts have computed keys."""
    for name, value in values.items():
        if not isinstance(value, Ref) or frame.is_array(value):
            continue
        content = frame.emitter.heap.get(value.obj)
        if not isinstance(content, Struct):
            continue
        if content.layout.kind == "object":
            held = zip(content.layout.keys, content.items, strict=True)
            made_general(frame, {f"{name}.{key}": item for key, item in held}, names)
        elif name in names and content.layout.kind in ("list", "dict"):
            try:
                frame.dynamise(value, frame.at_hand or frame.function.node)
            except S2sadError:
                continue


def changed_slots(
    frame: Statements,
    slots: Mapping[str, Value],
    given: Mapping[Obj, Value],
    changed: Collection[Obj],
) -> dict[str, Value]:
    """What is changed of what was given, and what it holds in the end."""
    if not changed:
        return {}
    function, heap = frame.function, frame.emitter.heap
    made: dict[str, Value] = {}
    left = set(changed)
    for name, value in slots.items():
        held = {obj for obj in reached(value, given) if obj in left}
        if not held:
            continue
        if not _in_place(value, given, heap):
            raise refusal(function, f"what {name} is made of")
        left -= held
        made[name] = frame.frozen(value, function.node)
    if left:
        raise refusal(function, max(obj.hint for obj in left))
    return made


def check_alone(function: UserFunction, alone: Collection[Obj]) -> None:
    """What a function is given, it may not put into a list that it is given, too."""
    for obj in alone:
        if obj.fixed or obj.shares:
            what = f"a list, and puts {obj.hint or 'an object'} into one that it is given"
            raise UnsupportedSyntax(
                f"{function.name}, which is recursive, changes {what},",
                function.loc,
                "put a copy into it",
            )


def _in_place(value: Value, before: Mapping[Obj, Value], after: Mapping[Obj, Value]) -> bool:
    """Are the objects that a value is made of the same ones as before?"""
    match value:
        case Ref(obj):
            old, new = before[obj], after.get(obj)
            if old is new:
                return True
            if not any(True for _ in objects_in(old)):
                return new is not None and not any(True for _ in objects_in(new))
            if not isinstance(old, Struct) or not isinstance(new, Struct):
                return False
            same = old.layout == new.layout and len(old.items) == len(new.items)
            return same and all(
                [*objects_in(x)] == [*objects_in(y)] and _in_place(x, before, after)
                for x, y in zip(old.items, new.items, strict=True)
            )
        case TupleValue(items) | Struct(_, items):
            return all(_in_place(item, before, after) for item in items)
        case _:
            return True


def joined_states(special: Special, state: dict[str, Value], loc: Loc) -> dict[str, Value]:
    joined = dict(special.state)
    for name, value in state.items():
        known = joined.get(name)
        made = value if known is None else join_templates(known, value)
        if isinstance(made, Mixed):
            what = f"{special.name}, which changes {name} to {made.why},"
            raise UnsupportedSyntax(what, loc, _ADVICE)
        joined[name] = made
    return joined


def check_apart(
    frame: Calls,
    function: UserFunction,
    slots: Mapping[str, Value],
    changed: Collection[str],
    node: ast.AST,
) -> None:
    """What is changed may not be a part of anything else that the function is given."""
    heap = frame.emitter.heap
    held = {name: reached(value, heap) for name, value in slots.items()}
    for name in changed:
        others = [obj for other, objs in held.items() if other != name for obj in objs]
        if any(obj.may_be(other) for obj in held[name] for other in others):
            raise refusal(function, f"{name}, and is given it twice", frame.loc(node))


def handed_back(frame: Calls, value: Value, found: Value, node: ast.AST) -> Value:
    """Let objects hold what a call has made of them."""
    match value, found:
        case Ref(obj), Inline(inner):
            if obj.part is not None:
                raise frame.refuse(
                    node,
                    "a view that a recursive function writes to",
                    "give it a copy, v = x[:n].copy(), and write that back, x[:n] = v",
                )
            before = frame.content(value, node)
            if isinstance(before, Struct) and isinstance(inner, Struct):
                made = handed_back(frame, before, inner, node)
            elif any(True for _ in objects_in(before)):
                raise frame.refuse(node, "a change of what holds objects", _ADVICE)
            else:
                made = frame.thawed(inner)
            if isinstance(value, Ref) and isinstance(made, ListValue):
                frame.check_root(value, node)
            frame.store(value, made, node)
            frame.emitter.resized.add(value.obj)
            frame.emitter.stale_elements(value.obj)
            return value
        case (TupleValue(xs), TupleValue(ys)) if len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return TupleValue(tuple(handed_back(frame, x, y, node) for x, y in pairs))
        case (Struct(layout, xs), Struct(other, ys)) if layout == other and len(xs) == len(ys):
            pairs = zip(xs, ys, strict=True)
            return Struct(layout, tuple(handed_back(frame, x, y, node) for x, y in pairs))
        case _:
            if any(True for _ in objects_in(value)):
                raise frame.refuse(node, "a change of what holds objects", _ADVICE)
            return frame.thawed(found)
