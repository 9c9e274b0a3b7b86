"""What a global name means: live, through the objects; static, through the AST only.

meaning ::= ModuleMeaning | PrimitiveMeaning | FunctionMeaning | NumberMeaning
          | ConstantMeaning | ClassMeaning | ObjectMeaning | BoundMeaning | GivenMeaning
          | UnknownMeaning
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol, TypeAlias

from s2sad.errors import S2sadError
from s2sad.ir.node import Content
from s2sad.ir.nodes import Lit
from s2sad.ir.types import Type

if TYPE_CHECKING:
    import ast

    from s2sad.frontend.classes import ClassInfo
    from s2sad.frontend.declared import Declared
    from s2sad.frontend.source import UserFunction


class Namespace(Protocol):
    """The names that a function sees outside its own scope."""

    def lookup(self, name: str) -> Meaning | None:
        """What a global, a builtin or a captured name means; None if there is none."""

    def imported_module(self, dotted: str, level: int) -> Meaning:
        """What `import dotted` in this module imports; `level` counts leading dots."""

    def class_info(self, meaning: ClassMeaning) -> ClassInfo:
        """What is known of a class that stands in this module."""


class ModuleMeaning(Content):
    name: str
    members: Namespace


class PrimitiveMeaning(Content):
    """A callable by its dotted name, `math.exp` or `abs`."""

    dotted: str


class RuleMeaning(Content):
    """A callable of the user's with a registered rule: the primitive it is; `declared` by
    a file that is not run."""

    primitive: str
    declared: Declared | None = None


class FunctionMeaning(Content):
    """A function of the user: a live object, or what the static reader found."""

    found: Callable[..., object] | UserFunction


class NumberMeaning(Content):
    """A number that is read at every call, by the name that the output knows it by."""

    name: str
    type: Type


class ConstantMeaning(Content):
    """A number that never changes: an attribute like `math.pi`, a literal of a module."""

    name: str
    type: Type
    value: float | int | bool


class ExpressionMeaning(Content):
    """A module constant bound once to a pure expression (`ROOT = math.sqrt(2.0)`)."""

    name: str
    node: ast.expr
    namespace: Namespace
    file: str


class LiteralMeaning(Content):
    """A number, a string or None that stands where it is used."""

    lit: Lit


class Held:
    """An object, equal to itself only, and its attributes as names that are read live."""

    def __init__(self, found: object, members: Namespace | None = None) -> None:
        self.found = found
        self._members = members

    @property
    def members(self) -> Namespace:
        assert self._members is not None
        return self._members

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Held) and self.found is other.found

    def __hash__(self) -> int:
        return id(self.found)


class ContainerMeaning(Content):
    """A tuple, list or dict of constants, as it is while compiling; `held` is itself."""

    kind: str
    keys: tuple[object, ...]
    items: tuple[Meaning, ...]
    name: str = ""
    held: Held | None = None


class ObjectMeaning(Content):
    """An object of a class of the user's that is a constant of the module."""

    name: str
    cls: ClassMeaning
    held: Held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectMeaning) and self.held == other.held

    def __hash__(self) -> int:
        return hash(self.held)


class BoundMeaning(Content):
    """A callable with its first arguments, and some named ones."""

    func: Meaning
    args: tuple[Meaning, ...]
    named: tuple[tuple[str, Meaning], ...] = ()


class ClassMeaning(Content):
    """A class, by the name that it has in the output; `found` where it is live.

    Where it was read off a file: its node, the names that it sees, and the file.
    `definition` are the texts that define a plain exception class of a file: those of its
    bases, and its own.
    """

    name: str
    exception: bool
    found: type | None = None
    node: ast.ClassDef | None = None
    namespace: Namespace | None = None
    file: str = ""
    definition: tuple[str, ...] = ()


class GivenMeaning(Content):
    """A function among the arguments, or in one: itself, by the output's name for it."""

    name: str
    held: Held


class UnknownMeaning(Content):
    """Something that s2sad cannot use, and why."""

    what: str
    instead: str = ""


Meaning: TypeAlias = (
    "ModuleMeaning | PrimitiveMeaning | RuleMeaning | FunctionMeaning | NumberMeaning"
    " | ConstantMeaning | LiteralMeaning | ContainerMeaning | ExpressionMeaning | ClassMeaning"
    " | ObjectMeaning | BoundMeaning | GivenMeaning | UnknownMeaning"
)


def lookup_class(namespace: Namespace, name: str) -> Meaning | None:
    """What a name means where a class is expected: what is refused is none."""
    try:
        return namespace.lookup(name)
    except S2sadError:
        return None


def custom_primitive(obj: object) -> str | None:
    """The primitive that the user registered for a callable (`@s2sad.rule`), if any."""
    lookup = getattr(_rules(), "primitive_of", None)
    return lookup(obj) if lookup is not None else None


def declare(declared: Declared) -> None:
    """From now on its name is the primitive of its file.

    Raises ValueError where the rule is none.
    """
    register = getattr(_rules(), "declare", None)
    if register is None:
        raise ValueError("rules are not loaded")
    register(declared)


def _rules() -> object:
    import sys

    return sys.modules.get("s2sad.rules")
