"""From `ast` to text, by astor, with comments and docstrings.

Nodes that `ast` lacks: a comment on a line of its own, a docstring written as it stands,
a statement that others quote in the comment at their end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import Any, ClassVar

from s2sad.backend.astor_import import Precedence, SourceGenerator, set_precedence
from s2sad.backend.direct import assigned, is_simple
from s2sad.backend.lines import Line, layout


class Comment(ast.stmt):
    """`# text` on a line of its own."""

    _fields = ()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Doc(ast.stmt):
    """A docstring."""

    _fields = ()

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class Kept(ast.stmt):
    """A statement whose text is kept when it is printed."""

    _fields = ("stmt",)
    _field_types: ClassVar[dict[str, type]] = {"stmt": ast.stmt}
    stmt: ast.stmt

    def __init__(self, stmt: ast.stmt) -> None:
        # Not by way of ast's own, which takes its time.
        self.stmt = stmt
        self.text = ""


class Trailed(ast.stmt):
    """A statement with a comment at its end: the texts of statements before it."""

    _fields = ("stmt",)
    _field_types: ClassVar[dict[str, type]] = {"stmt": ast.stmt}
    stmt: ast.stmt

    def __init__(self, stmt: ast.stmt, origins: list[Kept]) -> None:
        self.stmt = stmt
        self.origins = origins

    @property
    def note(self) -> _Note:
        return _Note("; ".join(origin.text for origin in self.origins))


_NOTED = (Kept, Trailed)
_ASSIGNED = (ast.Assign, ast.AugAssign)


class _Note(str):
    """A trailing comment in the generator's result."""

    __slots__ = ()


class _Verbatim(str):
    """Text that is not to be wrapped."""

    __slots__ = ()


class Generator(SourceGenerator):  # type: ignore[misc]
    """astor's generator; what it prints wrong, or differently from one Python to the
    next, goes to `ast.unparse` or `repr`."""

    new_lines: int

    def __getattr__(self, name: str) -> Any:
        # astor has no handler for what came after it was written.
        if name.startswith("visit_"):
            return self._unparse
        return super().__getattr__(name)

    def _unparse(self, node: ast.AST) -> None:
        self.write(ast.unparse(node))

    visit_JoinedStr = _unparse  # noqa: N815

    def visit_arguments(self, node: ast.arguments) -> None:
        # astor prints `n: int=3`, and loses its way among positional-only parameters.
        if node.posonlyargs:
            self._unparse(node)
            return
        padding = [None] * (len(node.args) - len(node.defaults))
        plain = zip(node.args, [*padding, *node.defaults], strict=True)
        by_name = zip(node.kwonlyargs, node.kw_defaults, strict=True)
        params: list[tuple[str, ast.arg, ast.expr | None]]
        params = [("", arg, default) for arg, default in plain]
        if node.vararg or node.kwonlyargs:
            params.append(("*", node.vararg or ast.arg(""), None))
        params += [("", arg, default) for arg, default in by_name]
        if node.kwarg:
            params.append(("**", node.kwarg, None))
        for k, (stars, arg, default) in enumerate(params):
            self.write(", " if k else "", stars, arg)
            if default is not None:
                set_precedence(Precedence.Comma, default)
                self.write(" = " if arg.annotation else "=", default)

    def body(self, statements: list[ast.stmt]) -> None:
        self.indentation += 1
        indent = self.indent_with * self.indentation
        result: list[str] = self.result
        for stmt in statements:
            inner = stmt.stmt if isinstance(stmt, _NOTED) else stmt
            text = assigned(inner) if isinstance(inner, _ASSIGNED) else None
            if text is None:
                self.write(stmt)
                continue
            # What `newline` and `write` come to.
            result.append("\n" * max(1, self.new_lines))
            self.colinfo = len(result), 0
            result.append(indent)
            result.append(text)
            self.new_lines = 0
            if isinstance(stmt, Kept):
                stmt.text = text.replace("math.", "")
            elif isinstance(stmt, Trailed):
                result.append(stmt.note)
        self.indentation -= 1

    def visit_Comment(self, node: Comment) -> None:
        self.newline()
        self.write(_Verbatim(f"# {node.text}"))

    def visit_Doc(self, node: Doc) -> None:
        self.newline()
        self.write(_Verbatim(docstring(node.text, self.indent_with * self.indentation)))

    def visit_Trailed(self, node: Trailed) -> None:
        self.visit(node.stmt)
        self.write(node.note)

    def visit_Kept(self, node: Kept) -> None:
        start = len(self.result)
        self.visit(node.stmt)
        node.text = "".join(self.result[start:]).strip().replace("math.", "")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        super().visit_BinOp(node)
        # x**2, x**-0.5, but x ** (n + 1): as the formatters have it.
        if isinstance(node.op, ast.Pow) and is_simple(node.left) and is_simple(node.right):
            last = next(k for k, s in enumerate(reversed(self.result)) if s == " ** ")
            self.result[-1 - last] = "**"

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        test = node.operand
        chain = isinstance(test, ast.Compare) and len(test.ops) > 1
        if not chain or not isinstance(node.op, ast.Not):
            super().visit_UnaryOp(node)
            return
        # `not a is b is c` means the same, but who knows?
        with self.delimit(node, node.op):
            set_precedence(Precedence.highest, test)
            self.write("not ", test)

    def visit_Dict(self, node: ast.Dict) -> None:
        # astor puts the keys that are numbers in brackets.
        with self.delimit("{}"):
            for k, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
                set_precedence(Precedence.Comma, value)
                assert key is not None
                shown = repr(key.value) if isinstance(key, ast.Constant) else ast.unparse(key)
                self.write(", " if k else "", shown, ": ", value)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, (str, bytes)):
            self.write(repr(node.value))
        else:
            super().visit_Constant(node)


def docstring(text: str, indent: str) -> str:
    """The literal of a docstring; continuation lines get the indentation."""
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if escaped.endswith('"'):
        escaped = escaped[:-1] + '\\"'
    lines = escaped.split("\n")
    lines[1:] = [indent + line if line else "" for line in lines[1:]]
    if len(lines) > 1:
        lines.append(indent)
    return '"""' + "\n".join(lines) + '"""'


def to_text(stmts: Iterable[ast.stmt]) -> str:
    """The source text of statements."""
    generator = Generator("    ")
    generator.write(*stmts)
    lines = _lines(generator.result)
    # It holds itself, and with it all that it has written.
    generator.__dict__.clear()
    return layout(lines)


def _lines(pieces: list[str]) -> list[Line]:
    """The generator's result by lines: newlines are pieces of their own."""
    lines: list[Line] = []
    code: list[str] = []
    note, verbatim = "", False
    for piece in pieces:
        if type(piece) is str:
            if not piece.startswith("\n"):
                code.append(piece)
                continue
            if code:
                lines.append(Line("".join(code), note, verbatim))
            if len(piece) > 1:
                lines += [Line("", "", True)] * (len(piece) - 1)
            code, note, verbatim = [], "", False
        elif isinstance(piece, _Note):
            note = str(piece)
        elif isinstance(piece, _Verbatim):
            verbatim = True
            code.append(piece)
        else:
            code.append(piece)
    if code:
        lines.append(Line("".join(code), note, verbatim))
    return lines
