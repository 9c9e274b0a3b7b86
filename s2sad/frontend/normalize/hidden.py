"""Names that the rewrites introduce: no user can write them."""

from __future__ import annotations

import ast
from typing import TypeVar

BUILTIN = "%builtin."
RESULT = "%result"
RETURNED = "%returned"
STOP = "%stop."
BROKE = "%broke."
LEFT = "%left."
ENDED = "%ended."
DONE = "%done."
CAUGHT = "%caught."
ERROR = "%error."
TESTED = "%tested."
VALUE = "%value."
GUARD = "%guard"
# A context manager of the user's: itself, and what its end does.
MANAGER, LEAVING = "%manager.", "%leaving"
# A global that is counted.
COUNTED = "%counted"
SUBJECT = "%subject."
MATCHED = "%matched."
# Is the first argument a tuple of so many parts? -n: of at least n - 1.
SEQUENCE = "%sequence"
# What patterns ask, and take (frontend/patterns.py).
INSTANCE, HAS, FIELD = "%instance", "%has", "%field"
MAPPING, REST = "%mapping", "%rest"
PATTERNS = frozenset({SEQUENCE, INSTANCE, HAS, FIELD, MAPPING, REST})
# What an exception carries, and how it is made.
THROWN, PAYLOAD = "%thrown.", "%payload"
# Said of what a handler would have to see.
CHANGED = "is changed in a try"
APPEND = "%append."

Node = TypeVar("Node", bound=ast.AST)


def is_hidden(name: str) -> bool:
    return name.startswith("%")


def at(place: ast.AST, node: Node) -> Node:
    """A new node, where an old one stands."""
    return ast.copy_location(node, place)


def assign(place: ast.AST, name: str, value: ast.expr) -> ast.stmt:
    return at(place, ast.Assign([at(place, ast.Name(name, ast.Store()))], value))


def flag(place: ast.AST, name: str, value: bool) -> ast.stmt:
    return assign(place, name, at(place, ast.Constant(value)))


def unbind(place: ast.AST, name: str) -> ast.stmt:
    return at(place, ast.Delete([at(place, ast.Name(name, ast.Del()))]))


def read(place: ast.AST, name: str) -> ast.expr:
    return at(place, ast.Name(name, ast.Load()))
