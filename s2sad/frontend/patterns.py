"""What the patterns of `match` ask of a subject, and what they take from it.

    case Point(0, y):     ->    %instance(s, Point) and %field(s, Point, 0) == 0: y = …

See normalize/matches.py. What is known of the subject settles each question while compiling,
but for the length of a list that is not known.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from s2sad.frontend.classes import find_member, info_of
from s2sad.frontend.instance_of import is_instance
from s2sad.frontend.modules.builtins import hasattr_
from s2sad.frontend.normalize.hidden import FIELD, HAS, INSTANCE, MAPPING, REST, SEQUENCE
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    Layout,
    ListValue,
    Struct,
    TupleValue,
    Value,
    describe,
    is_none,
    leaves,
)
from s2sad.ir.nodes import FALSE, TRUE, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, Opaque

if TYPE_CHECKING:
    from s2sad.frontend.statements import Statements

_PLAIN = (BOOL, INT, FLOAT, Opaque("str"))
# Their pattern `int(x)` takes the subject itself.
_THEMSELVES = frozenset(
    "bool bytearray bytes dict float frozenset int list set str tuple".split()
)


def asked(frame: Statements, name: str, node: ast.Call) -> Value:
    subject, *rest = node.args
    match name, rest:
        case _, [ast.Constant(int(size))] if name == SEQUENCE:
            return _is_sequence(frame, subject, size)
        case _, [classes] if name == INSTANCE:
            return is_instance(frame, frame.expression(subject), classes, node)
        case _, [ast.Constant(str(attr))] if name == HAS:
            text = Lit(repr(attr), Opaque("str"))
            return hasattr_(frame, node, frame.expression(subject), text)
        case _, [cls, ast.Constant(int(k))] if name == FIELD:
            return _field(frame, frame.expression(subject), frame.expression(cls), k, node)
        case _ if name == MAPPING:
            return _is_mapping(frame, subject)
        case _:
            assert name == REST
            return _rest(frame, frame.expression(subject), rest, node)


def _is_sequence(frame: Statements, node: ast.expr, size: int) -> Value:
    """Is a value a tuple of so many parts, or of at least -1 - size?"""
    value = frame.expression(node)
    match frame.content(value, node):
        case TupleValue(items) | Struct(Layout("list" | "named"), items):
            fits = len(items) == size if size >= 0 else len(items) >= -1 - size
            return TRUE if fits else FALSE
        case Struct(Layout("dict" | "table" | "object" | "set" | "frozenset")):
            return FALSE
        case ListValue() as content:
            length = frame.let("len", (next(leaves(content)),), node, INT)
            if size >= 0:
                return frame.let("eq", (length, Lit(size, INT)), node)
            return frame.let("ge", (length, Lit(-1 - size, INT)), node)
        case (Var() | Lit() | Undef()) as atom if atom.type in _PLAIN or is_none(atom):
            return FALSE
        case _:
            raise frame.refuse(
                node, f"{describe(value)} where a tuple is matched", "match numbers"
            )


def _is_mapping(frame: Statements, node: ast.expr) -> Value:
    value = frame.expression(node)
    match frame.content(value, node):
        case Struct(Layout("dict" | "table")):
            return TRUE
        case Struct(Layout("object", _, cls)) if cls is not None:
            own = cls.found is None or hasattr(cls.found, "keys")
            if own:
                raise frame.refuse(node, f"a {cls.name} where a dict is matched", "use if")
            return FALSE
        case (Var() | Lit() | Undef()) as atom if atom.type not in _PLAIN and not is_none(atom):
            raise frame.refuse(node, "this value where a dict is matched", "use if")
        case Struct() | TupleValue() | ListValue() | Var() | Lit() | Undef():
            return FALSE
        case other:
            raise frame.refuse(
                node, f"{describe(other)} where a dict is matched", "test with if"
            )


def _rest(frame: Statements, subject: Value, keys: list[ast.expr], node: ast.AST) -> Value:
    """`**rest`: a dict of what the pattern does not name."""
    made = frame.builtin_method(subject, "copy", [], {}, node)
    for key in keys:
        frame.builtin_method(made, "pop", [frame.expression(key)], {}, node)
    return made


def _field(frame: Statements, subject: Value, cls: Value, k: int, node: ast.AST) -> Value:
    """What the pattern at position k of `Class(…)` is matched with."""
    match cls:
        case PrimitiveMeaning(name) if name in _THEMSELVES and k == 0:
            return subject
        case ClassMeaning():
            names = _match_args(frame, cls, node)
            if k < len(names):
                return frame.member(subject, names[k], node)
            raise frame.refuse(
                node, f"{k + 1} positions in a pattern of {cls.name}", "name the attributes"
            )
        case _:
            raise frame.refuse(
                node, f"a pattern of {describe(cls)} by position", "name the attributes"
            )


def _match_args(frame: Statements, cls: ClassMeaning, node: ast.AST) -> tuple[str, ...]:
    for ancestor in info_of(cls).ancestors:
        info = info_of(ancestor)
        member = find_member(ancestor, "__match_args__")
        if member is not None and member.owner == ancestor:
            items = frame.static_items(frame.member_value(member, "__match_args__", node), node)
            if items is None or not all(isinstance(item, Lit) for item in items):
                break
            return tuple(
                str(ast.literal_eval(str(i.value))) for i in items if isinstance(i, Lit)
            )
        if ancestor.found is None and info.fields is not None:
            # What `dataclass` and `NamedTuple` write.
            return tuple(f.name for f in info.fields if f.init and not f.keyword_only)
    raise frame.refuse(
        node, f"a pattern of {cls.name} by position, __match_args__ being unknown",
        "name the attributes",
    )  # fmt: skip
