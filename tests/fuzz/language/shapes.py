"""What values are made of, what can be called, and what is bound at a point."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Scalar:
    """A number that may be active, a count, or a text of a small set."""

    kind: str


@dataclass(frozen=True)
class Tup:
    parts: tuple[Shape, ...]


@dataclass(frozen=True)
class Lst:
    """A list with one element at least."""

    element: Shape


@dataclass(frozen=True)
class Dct:
    """A dict that has these keys at least."""

    items: tuple[tuple[str, Shape], ...]


@dataclass(frozen=True)
class Obj:
    """An object of a class of the module."""

    name: str


Shape: TypeAlias = "Scalar | Tup | Lst | Dct | Obj"

NUM, COUNT, TEXT = Scalar("num"), Scalar("count"), Scalar("text")
MADE = Scalar("function")


@dataclass(frozen=True)
class Param:
    name: str
    shape: Shape
    default: str | None = None
    keyword: bool = False


@dataclass(frozen=True)
class Fun:
    """Something to call; ``rest`` takes more numbers, ``options`` numbers by name."""

    params: tuple[Param, ...]
    result: Shape = NUM
    rest: bool = False
    options: bool = False
    loops: bool = False
    raises: bool = False


@dataclass
class Class:
    """A class of the module; what is ``frozen`` is not assigned to."""

    name: str
    init: Fun
    fields: dict[str, Shape]
    frozen: bool = False
    constants: tuple[str, ...] = ()
    properties: list[str] = field(default_factory=list)
    settable: list[str] = field(default_factory=list)
    methods: dict[str, Fun] = field(default_factory=dict)
    operators: set[str] = field(default_factory=set)


@dataclass
class Names:
    """What is bound: variables, functions; ``fixed`` are not rebound, ``held`` not changed.

    ``loops`` and ``blocks`` count what is around this point in the function, ``guarded``
    says that what is raised here is caught.
    """

    values: dict[str, Shape] = field(default_factory=dict)
    functions: dict[str, Fun] = field(default_factory=dict)
    fixed: set[str] = field(default_factory=set)
    held: set[str] = field(default_factory=set)
    loops: int = 0
    blocks: int = 0
    in_loop: bool = False
    guarded: bool = False
    returns: bool = True

    def inner(self) -> Names:
        """The names of a nested block."""
        return Names(
            dict(self.values),
            dict(self.functions),
            set(self.fixed),
            set(self.held),
            self.loops,
            self.blocks + 1,
            self.in_loop,
            self.guarded,
            self.returns,
        )

    def bind(self, name: str, shape: Shape) -> None:
        self.values[name] = shape
        self.functions.pop(name, None)

    def taken(self) -> set[str]:
        return {*self.values, *self.functions}
