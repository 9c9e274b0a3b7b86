"""What the statements of the IR are: records compared by identity, cheap to declare.

    class Let(Node):
        out: Var
        op: str
        loc: Loc | None = None

The annotations are the fields, as for a frozen `dataclass(eq=False)`; but a class takes
microseconds to make, where `dataclass` compiles several methods for each: a cold start
would notice.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

if TYPE_CHECKING:
    from typing_extensions import dataclass_transform
else:

    def dataclass_transform(**_: object) -> Any:
        return lambda made: made


class _Fields:
    """The fields as `dataclasses` knows them, for its `fields` and `replace`."""

    def __init__(self) -> None:
        self.known: dict[type[Node], dict[str, Any]] = {}

    def __get__(self, node: object, kind: type[Node]) -> dict[str, Any]:
        if kind not in self.known:
            from dataclasses import fields, make_dataclass

            made = make_dataclass(kind.__name__, kind.__match_args__)
            self.known[kind] = {field.name: field for field in fields(made)}
        return self.known[kind]


_INITS: dict[int, CodeType] = {}


def _init(names: tuple[str, ...], given: Mapping[str, object]) -> FunctionType:
    """The `__init__` that sets these names; compiled once for each number of them."""
    code = _INITS.get(len(names))
    if code is None:
        slots = [f"slot_{k}" for k in range(len(names))]
        body = "".join(f"\n    self.{slot} = {slot}" for slot in slots)
        made: dict[str, FunctionType] = {}
        exec(f"def __init__(self, {', '.join(slots)}):{body}", {}, made)
        code = _INITS[len(names)] = made["__init__"].__code__
    code = code.replace(co_varnames=("self", *names), co_names=names)
    defaults = tuple([given[name] for name in names if name in given])
    return FunctionType(code, {}, "__init__", defaults)


@dataclass_transform(eq_default=False, frozen_default=True)
class Node:
    """A record with the fields that its class annotates; the last may have defaults."""

    if TYPE_CHECKING:
        __match_args__: ClassVar[tuple[str, ...]]
    else:
        __match_args__ = ()
        __dataclass_fields__ = _Fields()

    def __init_subclass__(cls) -> None:
        names = tuple(cls.__annotations__)
        if names:
            cls.__match_args__ = names  # type: ignore[misc]
            cls.__init__ = _init(names, vars(cls))  # type: ignore[method-assign]

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
        return f"{type(self).__name__}({values})"


class Content(Node):
    """A record that is equal to another of its class with equal fields."""

    def __eq__(self, other: object) -> bool:
        return self is other or (type(self) is type(other) and vars(self) == vars(other))

    def __hash__(self) -> int:
        return hash((type(self), *vars(self).values()))


_N = TypeVar("_N", bound=Node)


def replace(node: _N, /, **changes: Any) -> _N:
    """A node with other values in some of its fields."""
    return type(node)(**{**vars(node), **changes})
