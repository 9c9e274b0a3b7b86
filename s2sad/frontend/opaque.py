"""Opaque expressions: exceptions and their messages, strings made of numbers.

    raise ValueError(f"{x} < 0")    ->    Raise(python("ValueError(f'{{{0}}} < 0')", x))

What is numeric in them is computed as everywhere and stands in the text as a hole.
"""

from __future__ import annotations

import ast

from s2sad.frontend.comprehensions import Comprehensions
from s2sad.frontend.normalize.hidden import BUILTIN
from s2sad.frontend.resolve import ClassMeaning, PrimitiveMeaning
from s2sad.frontend.values import Layout, ListValue, Ref, Struct, TupleValue, Value
from s2sad.ir.nodes import Atom, Lit, Raise, Undef, Var
from s2sad.ir.types import Opaque

_HOLE = "__s2sad_hole_{}__"


def hole(number: int) -> str:
    """What stands in an unfinished text where an atom goes."""
    return _HOLE.format(number)


class Opaques(Comprehensions):
    def raise_value(self, exception: Atom, node: ast.AST) -> None:
        self.add(Raise(exception, self.loc(node)))

    def opaque(self, node: ast.expr) -> Value:
        template = Template(self)
        text = ast.unparse(template.part(node))
        return self.python(template.finished(text), tuple(template.atoms), node, Opaque("str"))


class Template:
    """Turns an expression into text with numbered holes."""

    def __init__(self, frame: Opaques) -> None:
        self.frame = frame
        self.atoms: list[Atom] = []

    def finished(self, text: str) -> str:
        if not self.atoms:
            return text
        text = text.replace("{", "{{").replace("}", "}}")
        for number in range(len(self.atoms)):
            text = text.replace(hole(number), f"{{{number}}}")
        return text

    def exception(self, node: ast.expr) -> str:
        match node:
            case ast.Call(func=func, args=args, keywords=[]):
                parts = [ast.unparse(self.part(arg)) for arg in args]
                return f"{self.class_name(func)}({', '.join(parts)})"
            case ast.Name() | ast.Attribute():
                return self.class_name(node)
            case _:
                raise self.frame.refuse(
                    node,
                    "an exception made like this",
                    "raise a class called with a message",
                )

    def class_name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name) and node.id.startswith(BUILTIN):
            return node.id.removeprefix(BUILTIN)
        meaning = self.frame.owner(node)
        if isinstance(meaning, ClassMeaning) and meaning.exception:
            if _of_numpy(meaning):
                return "np.linalg.LinAlgError"
            program = self.frame.program
            carried = meaning.definition and meaning.file in program.sources
            if meaning.found is None and not carried:
                raise self.frame.refuse(
                    node,
                    f"the exception class {meaning.name} of a file is not supported",
                    "define it in the same file, with nothing but its bases and a docstring",
                )
            program.need_class(meaning)
            if program.classes[meaning.name] != meaning:
                raise self.frame.refuse(
                    node, f"two exception classes {meaning.name}", "rename one of them"
                )
            return meaning.name
        raise self.frame.refuse(
            node,
            "something that is no exception class",
            "name a builtin exception, or a class of the module",
        )

    def part(self, node: ast.expr) -> ast.expr:
        """A part of a message: text stays text, what is computed becomes a hole."""
        match node:
            case ast.Constant(value=str()):
                return node
            case ast.JoinedStr(values=values):
                return ast.JoinedStr([self.part(value) for value in values])
            case ast.FormattedValue(value=value, conversion=conversion, format_spec=spec):
                spec = self.part(spec) if spec else None
                return ast.FormattedValue(self.part(value), conversion, spec)
            case ast.BinOp(left=left, op=ast.Mod() | ast.Add() as op, right=right) if _texts(
                node
            ):
                return ast.BinOp(self.part(left), op, self.part(right))
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str()) as text, attr="format"),
                args=args,
                keywords=keywords,
            ):
                named = [ast.keyword(k.arg, self.part(k.value)) for k in keywords]
                method = ast.Attribute(text, "format", ast.Load())
                return ast.Call(method, [self.part(arg) for arg in args], named)
            case ast.Call(func=ast.Name(id=name) as func, args=[arg], keywords=[]) if name in (
                "str",
                "repr",
                "format",
            ) and self.is_builtin(func):
                return ast.Call(ast.Name(name, ast.Load()), [self.part(arg)], [])
            case ast.Tuple(elts=items):
                return ast.Tuple([self.part(item) for item in items], ast.Load())
            case _:
                return self.value(self.frame.expression(node), node)

    def is_builtin(self, node: ast.Name) -> bool:
        return self.frame.read(node) == PrimitiveMeaning(node.id)

    def value(self, value: Value, node: ast.AST) -> ast.expr:
        match value:
            case TupleValue(items):
                return ast.Tuple([self.value(item, node) for item in items], ast.Load())
            case Lit(value=None):
                return ast.Constant(None)
            case Var() | Lit() | Undef():
                self.atoms.append(value)
                return ast.Name(hole(len(self.atoms) - 1), ast.Load())
            case Ref() if not self.frame.is_array(value):
                return self.container(value, self.frame.content(value, node), node)
            case _:
                return self.value(self.frame.as_atom(value, node), node)

    def container(self, value: Ref, content: Value, node: ast.AST) -> ast.expr:
        """A list or a dict whose parts are known one by one, or a list of plain values."""
        match content:
            case Struct(Layout("list"), items):
                return ast.List([self.value(item, node) for item in items], ast.Load())
            case Struct(Layout("dict", keys), items):
                names = [self.value(self.frame.key_value(key), node) for key in keys]
                return ast.Dict([*names], [self.value(item, node) for item in items])
            case ListValue(Var() as elements):
                return self.value(elements, node)
            case _:
                return self.value(self.frame.as_atom(value, node), node)


def _of_numpy(meaning: ClassMeaning) -> bool:
    if meaning.name != "LinAlgError" or meaning.definition:
        return False
    return meaning.found is None or meaning.found.__module__.startswith("numpy.")


def _texts(node: ast.expr) -> bool:
    """Is a sum or a `%` one of strings?"""
    match node:
        case ast.Constant(value=str()) | ast.JoinedStr():
            return True
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _texts(left) or _texts(right)
        case ast.BinOp(left=left, op=ast.Mod()):
            return _texts(left)
        case ast.Call(func=ast.Name(id="str" | "repr")):
            return True
        case _:
            return False
