"""Python's expressions as mathematics, as text; LaTeX and MathML say what they write
otherwise.

    0.5 * c**-0.5        0.5c^(-0.5)
    math.exp(x**2)       e^(x²)
    ∂(f, c)              ∂f/∂c
"""

from __future__ import annotations

import ast
import copy
import re
from typing import NamedTuple

from s2sad.inspect.formula import COMPARED, INDEX, value_of

_SUPER = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_CALLED = {"log": "ln", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
# What may follow a number directly: 2x, 3√c, 0.5cos(c), 2(a + b).
_JUXTAPOSED = re.compile(r"[a-zA-Zα-ωπ](?![A-Za-z0-9_.\[])|√|\(|\||(sin|cos|tan|ln|e\^)\b|\\")

# How tightly an expression binds.
CHOICE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)


def number_text(value: object, digits: int = 10) -> str:
    """A number as a person writes it: 2 for 2.0, so many digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "-∞"
    if isinstance(value, int) or (value == int(value) and abs(value) < 1e15):
        return "-0" if value == 0 and str(value).startswith("-") else str(int(value))
    return repr(value) if digits >= 17 else f"{value:.{digits}g}"


class Piece(NamedTuple):
    """What was written, and how tightly it binds."""

    text: str
    level: int


class Writer:
    """As text; the other two say what they write otherwise."""

    times, tight, minus, plus = " · ", "·", "-", "+"

    def write(self, node: ast.expr) -> str:
        return self.piece(node).text

    def wrapped(self, node: ast.expr, level: int) -> str:
        piece = self.piece(node)
        return piece.text if piece.level >= level else self.parens(piece.text)

    # What is written, one by one.

    def parens(self, text: str) -> str:
        return f"({text})"

    def named(self, text: str) -> str:
        base, _, index = text.partition(INDEX)
        return f"{base}{index.translate(_SUB)}"

    def constant(self, value: object) -> str:
        return number_text(value, 17)

    def power(self, base: ast.expr, exponent: ast.expr) -> str:
        known = value_of(exponent)
        below = self.wrapped(base, ATOM)
        if isinstance(known, int) or (known is not None and known == int(known)):
            return f"{below}{str(int(known)).translate(_SUPER)}"
        above = self.piece(exponent)
        simple = above.level == ATOM and "(" not in above.text and "∂" not in above.text
        return f"{below}^{above.text if simple else f'({above.text})'}"

    def exponential(self, exponent: ast.expr) -> str:
        above = self.piece(exponent)
        simple = isinstance(exponent, (ast.Name, ast.Constant)) and above.level == ATOM
        return f"e^{above.text if simple else f'({above.text})'}"

    def root(self, node: ast.expr) -> str:
        simple = isinstance(node, (ast.Name, ast.Constant, ast.Attribute))
        return f"√{self.write(node)}" if simple else f"√({self.write(node)})"

    def size(self, node: ast.expr) -> str:
        return f"|{self.write(node)}|"

    def fraction(self, left: ast.expr, right: ast.expr) -> Piece:
        below = self.wrapped(right, POWER)
        return Piece(f"{self.wrapped(left, PRODUCT)}/{below}", PRODUCT)

    def partial(self, of: ast.expr, by: ast.expr, fixed: list[ast.expr], d: str) -> str:
        text = f"{d}{self.write(of)}/{d}{self.write(by)}"
        return f"({text})|{','.join(map(self.write, fixed))}" if fixed else text

    def called(self, func: str, args: list[str]) -> str:
        return f"{func}({', '.join(args)})"

    def subscript(self, value: str, index: str) -> str:
        return f"{value}[{index}]"

    def compared(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def choice(self, cases: list[tuple[str, str]], otherwise: str) -> str:
        said = "; ".join(f"{value} if {test}" for value, test in cases)
        return f"{said}; else {otherwise}"

    def joined(self, left: str, sign: str, right: str) -> str:
        return f"{left} {sign} {right}"

    def negative(self, text: str) -> str:
        return f"-{text}"

    def python(self, text: str) -> str:
        return text.replace("np.", "").replace("math.", "")

    def plain_product(self, left: str, right: str, tight: bool) -> str:
        return f"{left}{self.tight if tight else self.times}{right}"

    # Which of them.

    def piece(self, node: ast.expr) -> Piece:
        match node:
            case ast.Name(text):
                return Piece(self.named(text), ATOM)
            case ast.Attribute(ast.Name("math"), attr):
                return Piece({"pi": "π", "inf": "∞"}.get(attr, attr), ATOM)
            case ast.Attribute(value, "real" | "imag" as part):
                return Piece(
                    self.called("Re" if part == "real" else "Im", [self.write(value)]), ATOM
                )
            case ast.Call(ast.Attribute(value, "conjugate"), [], []):
                return Piece(self.called("conj", [self.write(value)]), ATOM)
            case ast.Constant(value):
                negative = isinstance(value, (int, float)) and str(value).startswith("-")
                return Piece(self.constant(value), SIGN if negative else ATOM)
            case ast.UnaryOp(ast.USub(), operand):
                return Piece(self.negative(self.wrapped(operand, PRODUCT)), SIGN)
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.piece(operand)
            case ast.BinOp(left, op, right):
                return self.operation(left, op, right)
            case ast.Call(ast.Name(("∂" | "𝑑") as kind), [of, by, *fixed]):
                return Piece(self.partial(of, by, fixed, "∂" if kind == "∂" else "d"), ATOM)
            case ast.Call(ast.Name("·"), [left, right]):
                texts = (self.wrapped(left, POWER), self.wrapped(right, POWER))
                if self._bare(left):
                    texts = (self.wrapped(left, PRODUCT), texts[1])
                if self._bare(right):
                    texts = (texts[0], self.wrapped(right, PRODUCT))
                return Piece(self.plain_product(*texts, False), PRODUCT)
            case ast.Call(func, args, []):
                return self.call(ast.unparse(func), args)
            case ast.Compare(left, [op], [right]) if type(op) in COMPARED:
                sign = COMPARED[type(op)]
                return Piece(self.compared(self.write(left), sign, self.write(right)), CHOICE)
            case ast.IfExp():
                cases: list[tuple[str, str]] = []
                rest: ast.expr = node
                while isinstance(rest, ast.IfExp):
                    test = rest.test
                    if not isinstance(test, ast.Compare):
                        test = ast.Compare(test, [ast.NotEq()], [ast.Constant(0)])
                    cases.append((self.write(rest.body), self.write(test)))
                    rest = rest.orelse
                return Piece(self.choice(cases, self.write(rest)), CHOICE)
            case ast.Subscript(value, index):
                return Piece(self.subscript(self.wrapped(value, ATOM), unparsed(index)), ATOM)
            case _:
                return Piece(self.python(unparsed(node)), ATOM)

    def _bare(self, node: ast.expr) -> bool:
        """A product that stands in a product without parentheses: 1 · 0.5c^(-0.5)."""
        return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult)

    def operation(self, left: ast.expr, op: ast.operator, right: ast.expr) -> Piece:
        match op:
            case ast.Add() | ast.Sub():
                after = SUM if isinstance(op, ast.Add) else PRODUCT
                texts = self.wrapped(left, SUM), self.wrapped(right, after)
                if isinstance(right, ast.UnaryOp):
                    texts = texts[0], self.parens(self.write(right))
                sign = self.plus if isinstance(op, ast.Add) else self.minus
                return Piece(self.joined(texts[0], sign, texts[1]), SUM)
            case ast.Mult():
                return self.product(left, right)
            case ast.Div():
                return self.fraction(left, right)
            case ast.Pow():
                return Piece(self.power(left, right), POWER)
            case ast.MatMult():
                texts = self.wrapped(left, ATOM), self.wrapped(right, ATOM)
                return Piece(self.joined(texts[0], "@", texts[1]), PRODUCT)
            case _:
                sign = {ast.Mod: "mod", ast.FloorDiv: "//"}.get(type(op), "?")
                texts = self.wrapped(left, POWER), self.wrapped(right, POWER)
                return Piece(self.joined(texts[0], sign, texts[1]), PRODUCT)

    def product(self, left: ast.expr, right: ast.expr) -> Piece:
        texts = self.wrapped(left, PRODUCT), self.wrapped(right, POWER)
        ahead = value_of(left)
        if ahead is not None and _JUXTAPOSED.match(texts[1]):
            return Piece(f"{texts[0]}{texts[1]}", PRODUCT)
        tight = all(
            isinstance(n, (ast.Name, ast.Constant)) or _is_partial(n) for n in (left, right)
        )
        if isinstance(left, ast.BinOp) and isinstance(left.op, ast.Mult):
            tight = isinstance(right, ast.Name) or _is_partial(right)
        return Piece(self.plain_product(*texts, tight), PRODUCT)

    def call(self, func: str, args: list[ast.expr]) -> Piece:
        short = func.removeprefix("math.").removeprefix("np.")
        match short, args:
            case "exp", [arg]:
                return Piece(self.exponential(arg), POWER)
            case "sqrt", [arg]:
                return Piece(self.root(arg), POWER)
            case (("abs" | "fabs"), [arg]):
                return Piece(self.size(arg), ATOM)
            case "copysign", [one, arg] if value_of(one) == 1:
                return Piece(self.called("sign", [self.write(arg)]), ATOM)
            case _:
                texts = [self.write(arg) for arg in args]
                return Piece(self.called(_CALLED.get(short, short), texts), ATOM)


def _is_partial(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("∂", "𝑑")
        and len(node.args) == 2
    )


class _Plain(ast.NodeTransformer):
    """The marks of our own as names, for what is written as Python writes it."""

    def visit_Call(self, node: ast.Call) -> ast.expr:
        match node:
            case ast.Call(ast.Name("∂" | "𝑑" | "·")):
                return ast.Name(TEXT.write(node), ast.Load())
            case _:
                self.generic_visit(node)
                return node


def unparsed(node: ast.expr) -> str:
    plain = _Plain().visit(copy.deepcopy(node))
    text = ast.unparse(ast.fix_missing_locations(plain))
    return re.sub(rf"{INDEX}(\d+)", lambda m: m[1].translate(_SUB), text)


TEXT = Writer()
