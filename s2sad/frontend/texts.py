"""Strings, and statements that print: opaque, evaluated once where they stand.

label.upper() + f" {x}"    ->    python("{0} + {1}", python("{0}.upper()", label), …)
print(label, x)            ->    python("print({0}, {1})", label, x): None
"""

from __future__ import annotations

import ast

from s2sad.frontend.iteration import Iteration
from s2sad.frontend.known import Known, all_known, evaluated, known
from s2sad.frontend.normalize.hidden import COUNTED, GUARD, LEAVING, PATTERNS, PAYLOAD
from s2sad.frontend.opaque import Template, hole
from s2sad.frontend.outside import (
    CLOCKS,
    COUNT_METHODS,
    EFFECTS,
    LIST_METHODS,
    LOG_LEVELS,
    STREAMS,
    STRING_METHODS,
    TRUTH_METHODS,
)
from s2sad.frontend.resolve import ClassMeaning, ModuleMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Value,
    describe,
    is_atom,
)
from s2sad.ir.nodes import NOTHING, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, List, Opaque, Type, is_array

_TEXT = Opaque("str")
_PARTS = List(_TEXT)
_NAMED = STREAMS | LOG_LEVELS


def is_text(value: Value) -> bool:
    # The cheap tests first: nearly every value is a number.
    if not isinstance(value, (Var, Undef, Lit)) or type(value.type) is not Opaque:
        return False
    return value.type == _TEXT


class Texts(Iteration):
    def dotted(self, node: ast.expr) -> str | None:
        """`warnings.warn`, where that is what the expression means; `print`."""
        match node:
            case ast.Name(id=name) if name not in self.prepared.locals:
                return name if self.read(node) == PrimitiveMeaning(name) else None
            case ast.Attribute(value=ast.Name(id=name) as value, attr=attr):
                if name in self.prepared.locals and name not in self.env:
                    return None
                owner = self.read(value)
                if isinstance(owner, ModuleMeaning):
                    return f"{owner.name}.{attr}"
                return None
            case _:
                return None

    def prints(self, node: ast.Call) -> bool:
        """Emit a call that prints, or the like; is it one?"""
        if not (isinstance(node.func, ast.Name | ast.Attribute)):
            return False
        dotted = self.dotted(node.func)
        if dotted not in EFFECTS:
            return False
        made = Words(self)
        text = made.call(dotted, node)
        self.python(made.finished(text), tuple(made.atoms), node, NONE)
        return True

    # Strings.

    def special_form(self, node: ast.Call) -> Value | None:
        match node:
            case ast.Call(func=ast.Name(id=name)) if name == PAYLOAD:
                return self.carried(node)
            case ast.Call(func=ast.Name(id=name)) if name == GUARD:
                return self.guarded(node)
            case ast.Call(func=ast.Name(id=name)) if name in PATTERNS:
                return self.pattern(name, node)
            case ast.Call(func=ast.Name() | ast.Attribute() as func, args=[], keywords=[]) if (
                clock := self.clock(func)
            ) is not None:
                return self.python(f"{clock}()", (), node, FLOAT)
            case ast.Call(func=ast.Name(id=name)) if name == LEAVING:
                return self.leaving(node)
            case ast.Call(
                func=ast.Name(id=name), args=[ast.Constant(value=str(text)), value]
            ) if name == COUNTED:
                return self.counted(text, value, node)
            case ast.Call(
                func=ast.Name(id="float") as func, args=[ast.Constant(value=str(text))]
            ) if self.read(func) == PrimitiveMeaning("float"):
                return self.float_of(text, node)
            case ast.Call(
                func=ast.Name(id="str" | "repr" | "format") as func, args=[_, *_]
            ) if self.read(func) == PrimitiveMeaning(func.id):
                made = Words(self)
                return self.worked_out(made, made.call(func.id, node), node, _TEXT)
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)) if self.texty(owner):
                type_ = _method(attr)
                if type_ is not None:
                    return self.method(self.expression(owner), attr, type_, node)
            case _:
                pass
        return super().special_form(node)

    def counted(self, text: str, added: ast.expr, node: ast.Call) -> Value:
        """`n += 1` of a global: it happens, and nothing in the call reads it."""
        value = self.plain(self.expression(added))
        if not isinstance(value, Var | Lit) or is_array(value.type):
            what = f"a change of the global {text.split()[0]} by {describe(value)}"
            raise self.refuse(node, what, "count with a number")
        self.program.count_global(self.function.namespace, text.split()[0], self.loc(node))
        self.let("store", (Lit(text, Opaque("text")), self.emitter.raw(value)), node, NONE)
        return NOTHING

    def carried(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def guarded(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def leaving(self, node: ast.Call) -> Value:
        raise NotImplementedError

    def clock(self, node: ast.expr) -> str | None:
        """`time.perf_counter`, however it was imported."""
        found = self.dotted(node)
        if isinstance(node, ast.Name) and node.id not in self.prepared.locals:
            meant = self.read(node)
            match meant:
                case PrimitiveMeaning(dotted) | ClassMeaning(name=dotted, found=None):
                    found = dotted
                case _:
                    found = None
        return found if found in CLOCKS else None

    def pattern(self, name: str, node: ast.Call) -> Value:
        raise NotImplementedError

    def texty(self, node: ast.expr) -> bool:
        """Is an expression a string, as far as can be told without lowering it?"""
        match node:
            case ast.Constant(value=str()) | ast.JoinedStr():
                return True
            case ast.Name(id=name):
                return is_text(self.env.get(name, UNBOUND))
            case ast.Call(func=ast.Attribute(value=owner, attr=attr)):
                return _method(attr) == _TEXT and self.texty(owner)
            case ast.BinOp(left=left, op=ast.Add() | ast.Mod() | ast.Mult()):
                return self.texty(left)
            case _:
                return False

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if dotted in ("int", "float", "ord") and args and is_text(self.plain(args[0])):
            return self.number_of(dotted, args, node)
        return super().primitive_call(dotted, args, named, node)

    def number_of(self, name: str, args: list[Value], node: ast.AST) -> Value:
        """`int(text)`: what a text tells of a number that is differentiated is lost."""
        made = Words(self)
        parts = [ast.unparse(made.value(value, node)) for value in args]
        if name == "float" and all_known(tuple(made.atoms), self.look(node)) is None:
            raise self.refuse(node, "float() of a text that is not known", "pass the number")
        text = f"{name}({', '.join(parts)})"
        return self.worked_out(made, text, node, FLOAT if name == "float" else INT)

    def float_of(self, text: str, node: ast.expr) -> Value:
        try:
            return Lit(float(text), FLOAT)
        except ValueError:
            raise self.refuse(node, f"float() of {text!r}", "write the number") from None

    def method(self, owner: Value, attr: str, type_: Type, node: ast.Call) -> Value:
        made = Words(self)
        assert isinstance(node.func, ast.Attribute)
        subject = made.value(owner, node.func.value)
        text = made.call(f"{ast.unparse(subject)}.{attr}", node)
        return self.worked_out(made, text, node, type_)

    def opaque_method(
        self,
        content: Atom,
        name: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value:
        """A method of a text whose arguments are evaluated already."""
        type_ = _method(name)
        if type_ is None or not is_text(content):
            return super().opaque_method(content, name, args, named, node)
        made = Words(self)
        given = [ast.unparse(made.value(value, node)) for value in args]
        given += [f"{k}={ast.unparse(made.value(value, node))}" for k, value in named.items()]
        subject = ast.unparse(made.value(content, node))
        return self.worked_out(made, f"{subject}.{name}({', '.join(given)})", node, type_)

    def worked_out(self, made: Template, text: str, node: ast.AST, type_: Type) -> Value:
        """A text, or what a text tells: as it is where all that it is made of is known."""
        parts = all_known(tuple(made.atoms), self.look(node))
        if parts is not None:
            names = {hole(k): part for k, part in enumerate(parts)}
            found = evaluated(text, names)
            if found is not None:
                return self.known_value(found.found)
        if type_ == _PARTS:
            raise self.refuse(node, "the parts of a text that is not known", "pass them in")
        return self.python(made.finished(text), tuple(made.atoms), node, type_)

    def opaque(self, node: ast.expr) -> Value:
        made = Words(self)
        return self.worked_out(made, ast.unparse(made.part(node)), node, _TEXT)

    def opaque_item(self, content: Atom, index: Value, node: ast.AST) -> Value:
        if not is_text(content):
            return super().opaque_item(content, index, node)
        made = Words(self)
        parts = [ast.unparse(made.value(value, node)) for value in (content, index)]
        return self.worked_out(made, f"{parts[0]}[{parts[1]}]", node, _TEXT)

    def slice_of(self, container: Value, ends: list[Value], place: ast.AST) -> Value:
        if not is_text(container):
            return super().slice_of(container, ends, place)
        made = Words(self)
        parts = [ast.unparse(made.value(value, place)) for value in (container, *ends)]
        return self.worked_out(made, f"{parts[0]}[{':'.join(parts[1:])}]", place, _TEXT)

    def static_items(self, value: Value, node: ast.AST) -> tuple[Value, ...] | None:
        """The letters of a text."""
        match known(value, self.look(node)):
            case Known(str(text)):
                return tuple(map(self.key_value, text))
            case _:
                return super().static_items(value, node)

    def length(self, value: Value, node: ast.AST) -> Value:
        if is_text(value):
            assert is_atom(value)
            made = Words(self)
            text = ast.unparse(made.value(value, node))
            return self.worked_out(made, f"len({text})", node, INT)
        return super().length(value, node)

    def membership(self, left: Value, right: Value, node: ast.AST) -> Atom:
        """`part in text`."""
        if not is_text(right):
            return super().membership(left, right, node)
        made = Words(self)
        parts = [ast.unparse(made.value(value, node)) for value in (left, right)]
        found = self.worked_out(made, " in ".join(parts), node, BOOL)
        return self.as_atom(found, node)

    def operation(self, node: ast.BinOp, left: Value) -> Value:
        """`a + b`, `a % b` and `a * n` of strings."""
        if is_text(left) and isinstance(node.op, ast.Add | ast.Mod | ast.Mult):
            made = Words(self)
            first = made.value(left, node.left)
            whole = ast.BinOp(first, node.op, made.part(node.right))
            if isinstance(node.op, ast.Add) and not self.gives_text(made, whole.right):
                return super().operation(node, left)
            return self.worked_out(made, ast.unparse(whole), node, _TEXT)
        return super().operation(node, left)

    def gives_text(self, made: Template, node: ast.expr) -> bool:
        """Is what was made of an operand a string?"""
        match node:
            case ast.Name():
                return is_text(made.atoms[-1])
            case ast.Constant(value=str()) | ast.JoinedStr() | ast.Call() | ast.BinOp():
                return True
            case _:
                return False


def _method(attr: str) -> Type | None:
    if attr in STRING_METHODS:
        return _TEXT
    if attr in COUNT_METHODS:
        return INT
    if attr in LIST_METHODS:
        return _PARTS
    return BOOL if attr in TRUTH_METHODS else None


class Words(Template):
    """The arguments of a call that is printed as it is written."""

    def __init__(self, frame: Texts) -> None:
        super().__init__(frame)
        self.texts = frame

    def call(self, func: str, node: ast.Call) -> str:
        args = [ast.unparse(self.argument(arg)) for arg in node.args]
        named = [f"{k.arg}={ast.unparse(self.argument(k.value))}" for k in node.keywords]
        return f"{func}({', '.join([*args, *named])})"

    def argument(self, node: ast.expr) -> ast.expr:
        match node:
            case ast.Attribute() if (found := self.texts.dotted(node) or "") in _NAMED:
                return ast.parse(found, mode="eval").body
            case ast.Name(id=name) if name not in self.texts.prepared.locals and (
                isinstance(self.texts.read(node), ClassMeaning)
            ):
                return ast.Name(self.class_name(node), ast.Load())
            case ast.Tuple(elts=items):
                return ast.Tuple([self.argument(item) for item in items], ast.Load())
            case ast.List(elts=items):
                return ast.List([self.argument(item) for item in items], ast.Load())
            case ast.Constant(value=bool() | int() | None):
                return node
            case _:
                return self.part(node)
