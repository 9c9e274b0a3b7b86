"""Python's expressions as mathematics: as text, as LaTeX, as MathML.

    0.5 * c**-0.5        0.5c^(-0.5)        0.5 c^{-0.5}
    math.exp(x**2)       e^(x²)             e^{x^{2}}
    ∂(f, c)              ∂f/∂c              \\frac{\\partial f}{\\partial c}

A name may have an index, `y§3`, the third value of `y`. Two calls are of our own: `∂(f, c)`,
`∂(f, c, d)` with d held fixed, and `·(a, b)`, a product whose factors stay as they are.
"""

from __future__ import annotations

import ast
import copy
import html
import re
from collections.abc import Mapping
from typing import NamedTuple

INDEX = "§"
_SUPER = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
_SUB = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()
)
_LETTERS = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma"
        " tau upsilon phi chi psi omega".split(),
        "αβγδεζηθικλμνξπρστυφχψω",
        strict=True,
    )
)
_PLAIN = frozenset("sin cos tan sinh cosh tanh arcsin arccos arctan ln max min".split())
_CALLED = {"log": "ln", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}
# What may follow a number directly: 2x, 3√c, 0.5cos(c), 2(a + b).
_JUXTAPOSED = re.compile(r"[a-zA-Zα-ωπ](?![A-Za-z0-9_.\[])|√|\(|\||(sin|cos|tan|ln|e\^)\b|\\")
_COMPARED = {
    ast.Lt: "<",
    ast.LtE: "≤",
    ast.Gt: ">",
    ast.GtE: "≥",
    ast.Eq: "=",
    ast.NotEq: "≠",
}
_LATEX = {"≤": r"\le", "≥": r"\ge", "≠": r"\ne"}

# How tightly an expression binds.
CHOICE, SUM, PRODUCT, SIGN, POWER, ATOM = range(6)


def name(base: str, index: int | None = None) -> ast.Name:
    return ast.Name(base if index is None else f"{base}{INDEX}{index}", ast.Load())


def number(value: float) -> ast.expr:
    return ast.Constant(value)


def partial(of: ast.expr, by: ast.expr, fixed: tuple[ast.expr, ...] = ()) -> ast.expr:
    return ast.Call(ast.Name("∂", ast.Load()), [of, by, *fixed], [])


def derivative(of: ast.expr, by: ast.expr) -> ast.expr:
    """The total derivative, d and not ∂."""
    return ast.Call(ast.Name("𝑑", ast.Load()), [of, by], [])


def dot(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Call(ast.Name("·", ast.Load()), [left, right], [])


def total(terms: list[ast.expr]) -> ast.expr:
    result = terms[0]
    for term in terms[1:]:
        result = ast.BinOp(result, ast.Add(), term)
    return result


def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Substituted(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.names.get(node.id, node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        args = [self.visit(arg) for arg in node.args]
        keywords = [ast.keyword(word.arg, self.visit(word.value)) for word in node.keywords]
        func = node.func if isinstance(node.func, ast.Name) else self.visit(node.func)
        return ast.Call(func, args, keywords)


def substituted(node: ast.expr, names: Mapping[str, ast.expr]) -> ast.expr:
    """The expression over other names; the node itself is left as it is."""
    result: ast.expr = _Substituted(names).visit(copy.deepcopy(node))
    return result


def simplified(node: ast.expr) -> ast.expr:
    """Literals folded, ones and noughts dropped: 2 * x**(2 - 1) is 2 * x."""
    match node:
        case ast.BinOp(left, op, right):
            return _folded(simplified(left), op, simplified(right))
        case ast.UnaryOp(ast.USub(), operand):
            inner = simplified(operand)
            if isinstance(inner, ast.Constant) and isinstance(inner.value, (int, float)):
                return ast.Constant(-inner.value)
            if isinstance(inner, ast.UnaryOp) and isinstance(inner.op, ast.USub):
                return inner.operand
            return ast.UnaryOp(ast.USub(), inner)
        case ast.Call(func, args, keywords):
            return ast.Call(func, [simplified(arg) for arg in args], keywords)
        case ast.IfExp(test, body, orelse):
            known = _decided(simplified(test))
            if known is not None:
                return simplified(body if known else orelse)
            return ast.IfExp(simplified(test), simplified(body), simplified(orelse))
        case ast.Compare(left, ops, comparators):
            return ast.Compare(simplified(left), ops, [simplified(c) for c in comparators])
        case _:
            return node


def value_of(node: ast.expr) -> float | None:
    """The value of a literal."""
    match node:
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
            return -value
        case _:
            return None


def _decided(test: ast.expr) -> bool | None:
    known = value_of(test)
    if known is not None:
        return bool(known)
    match test:
        case ast.Compare(left, [op], [right]):
            a, b = value_of(left), value_of(right)
            if a is not None and b is not None and type(op) in _COMPARED:
                return {"<": a < b, "≤": a <= b, ">": a > b, "≥": a >= b}.get(
                    _COMPARED[type(op)], (a == b) is isinstance(op, ast.Eq)
                )
    return None


def _folded(left: ast.expr, op: ast.operator, right: ast.expr) -> ast.expr:
    a, b = value_of(left), value_of(right)
    match op:
        case ast.Add():
            if a is not None and b is not None:
                return ast.Constant(a + b)
            if a == 0:
                return right
            if b == 0:
                return left
            if ast.dump(left) == ast.dump(right):
                return simplified(ast.BinOp(ast.Constant(2), ast.Mult(), left))
            if isinstance(right, ast.UnaryOp) and isinstance(right.op, ast.USub):
                return ast.BinOp(left, ast.Sub(), right.operand)
        case ast.Sub():
            if a is not None and b is not None:
                return ast.Constant(a - b)
            if b == 0:
                return left
            if a == 0:
                return simplified(ast.UnaryOp(ast.USub(), right))
        case ast.Mult():
            if a is not None and b is not None:
                return ast.Constant(a * b)
            if a == 1:
                return right
            if b == 1:
                return left
            if a == -1:
                return simplified(ast.UnaryOp(ast.USub(), right))
            if b == -1:
                return simplified(ast.UnaryOp(ast.USub(), left))
            if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
                return ast.UnaryOp(ast.USub(), _folded(left.operand, op, right))
            if a is None and ast.dump(left) == ast.dump(right):
                return ast.BinOp(left, ast.Pow(), ast.Constant(2))
            if b is not None:
                return ast.BinOp(right, op, left)
        case ast.Div():
            if b == 1:
                return left
            match left:
                case ast.BinOp(inner, ast.Div(), same) if ast.dump(same) == ast.dump(right):
                    square = ast.BinOp(right, ast.Pow(), ast.Constant(2))
                    return ast.BinOp(inner, op, square)
                case _:
                    pass
            if isinstance(left, ast.UnaryOp) and isinstance(left.op, ast.USub):
                return ast.UnaryOp(ast.USub(), _folded(left.operand, op, right))
        case ast.Pow():
            if b == 1:
                return left
        case _:
            pass
    return ast.BinOp(left, op, right)


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
            case ast.Compare(left, [op], [right]) if type(op) in _COMPARED:
                sign = _COMPARED[type(op)]
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


class Latex(Writer):
    times, tight = r" \cdot ", r" \, "

    def parens(self, text: str) -> str:
        return rf"\left({text}\right)"

    def named(self, text: str) -> str:
        base, _, index = text.partition(INDEX)
        found = re.fullmatch(r"([A-Za-z]+)_?(\d+)|(.+)\[(\d+)\]", base)
        if found:
            index = ",".join(filter(None, (found[2] or found[4], index)))
            base = found[1] or found[3]
        if base in _GREEK:
            base = f"\\{base}"
        elif len(base) > 1:
            safe = re.sub(r"([_#%&$])", r"\\\1", base)
            base = rf"\mathit{{{safe}}}"
        return f"{base}_{{{index}}}" if index else base

    def constant(self, value: object) -> str:
        text = number_text(value, 17)
        match = re.fullmatch(r"(-?)([\d.]+)e([+-]?)0*(\d+)", text)
        if match:
            minus = "-" if match[3] == "-" else ""
            ahead = "" if match[2] == "1" else rf"{match[2]} \cdot "
            return f"{match[1]}{ahead}10^{{{minus}{match[4]}}}"
        return text.replace("∞", r"\infty")

    def power(self, base: ast.expr, exponent: ast.expr) -> str:
        return f"{self.wrapped(base, ATOM)}^{{{self.write(exponent)}}}"

    def exponential(self, exponent: ast.expr) -> str:
        return f"e^{{{self.write(exponent)}}}"

    def root(self, node: ast.expr) -> str:
        return rf"\sqrt{{{self.write(node)}}}"

    def size(self, node: ast.expr) -> str:
        return rf"\left|{self.write(node)}\right|"

    def fraction(self, left: ast.expr, right: ast.expr) -> Piece:
        return Piece(rf"\frac{{{self.write(left)}}}{{{self.write(right)}}}", POWER)

    def partial(self, of: ast.expr, by: ast.expr, fixed: list[ast.expr], d: str) -> str:
        mark = r"\partial" if d == "∂" else r"\mathrm{d}"
        text = rf"\frac{{{mark} {self.write(of)}}}{{{mark} {self.write(by)}}}"
        if not fixed:
            return text
        return rf"\left.{text}\right|_{{{','.join(map(self.write, fixed))}}}"

    def called(self, func: str, args: list[str]) -> str:
        shown = f"\\{func}" if func in _PLAIN else rf"\operatorname{{{_escaped(func)}}}"
        shown = func if len(func) == 1 else shown
        return rf"{shown}\left({', '.join(args)}\right)"

    def subscript(self, value: str, index: str) -> str:
        return f"{value}_{{{_escaped(index)}}}"

    def compared(self, left: str, sign: str, right: str) -> str:
        return f"{left} {_LATEX.get(sign, sign)} {right}"

    def choice(self, cases: list[tuple[str, str]], otherwise: str) -> str:
        rows = [rf"{value} & \text{{if }} {test}" for value, test in cases]
        return (
            r"\begin{cases}"
            + r" \\ ".join([*rows, rf"{otherwise} & \text{{else}}"])
            + r"\end{cases}"
        )

    def joined(self, left: str, sign: str, right: str) -> str:
        word = {"@": r"\,", "mod": r"\bmod", "//": r"\mathbin{//}"}.get(sign, sign)
        return f"{left} {word} {right}"

    def python(self, text: str) -> str:
        return rf"\texttt{{{_escaped(super().python(text))}}}"

    def piece(self, node: ast.expr) -> Piece:
        found = super().piece(node)
        return Piece({"π": r"\pi", "∞": r"\infty"}.get(found.text, found.text), found.level)


def _escaped(text: str) -> str:
    for char, safe in (("_", r"\_"), ("#", r"\#"), ("%", r"\%"), ("&", r"\&"), ("$", r"\$")):
        text = text.replace(char, safe)
    return (
        text.replace("{", r"\{")
        .replace("}", r"\}")
        .translate({ord(sub): f"$_{k}$" for k, sub in enumerate("₀₁₂₃₄₅₆₇₈₉")})
    )


def _row(*parts: str) -> str:
    return f"<mrow>{''.join(parts)}</mrow>"


def _sign(text: str) -> str:
    return f"<mo>{html.escape(text)}</mo>"


class MathML(Writer):
    """Presentation MathML, which browsers show by themselves."""

    times = "<mo>⋅</mo>"
    tight = "<mo>⁢</mo>"
    minus, plus = "−", "+"

    def parens(self, text: str) -> str:
        return _row('<mo stretchy="true">(</mo>', text, '<mo stretchy="true">)</mo>')

    def named(self, text: str) -> str:
        base, _, index = text.partition(INDEX)
        shown = f"<mi>{html.escape(_LETTERS.get(base, base))}</mi>"
        return f"<msub>{shown}<mn>{index}</mn></msub>" if index else shown

    def constant(self, value: object) -> str:
        text = html.escape(number_text(value, 17))
        if text.startswith("-"):
            return _row(_sign("−"), f"<mn>{text[1:]}</mn>")
        return f"<mn>{text}</mn>"

    def power(self, base: ast.expr, exponent: ast.expr) -> str:
        return f"<msup>{_row(self.wrapped(base, ATOM))}{_row(self.write(exponent))}</msup>"

    def exponential(self, exponent: ast.expr) -> str:
        return f"<msup><mi>e</mi>{_row(self.write(exponent))}</msup>"

    def root(self, node: ast.expr) -> str:
        return f"<msqrt>{self.write(node)}</msqrt>"

    def size(self, node: ast.expr) -> str:
        return _row(_sign("|"), self.write(node), _sign("|"))

    def fraction(self, left: ast.expr, right: ast.expr) -> Piece:
        return Piece(f"<mfrac>{_row(self.write(left))}{_row(self.write(right))}</mfrac>", POWER)

    def partial(self, of: ast.expr, by: ast.expr, fixed: list[ast.expr], d: str) -> str:
        mark = f'<mi mathvariant="normal">{d}</mi>'
        above, below = _row(mark, self.write(of)), _row(mark, self.write(by))
        text = f"<mfrac>{above}{below}</mfrac>"
        if not fixed:
            return text
        held = _sign(",").join(map(self.write, fixed))
        return f"<msub>{_row(text, _sign('|'))}{_row(held)}</msub>"

    def called(self, func: str, args: list[str]) -> str:
        return _row(f"<mi>{html.escape(func)}</mi>", self.parens(_sign(",").join(args)))

    def subscript(self, value: str, index: str) -> str:
        return f"<msub>{_row(value)}<mtext>{html.escape(index)}</mtext></msub>"

    def compared(self, left: str, sign: str, right: str) -> str:
        return _row(left, _sign(sign), right)

    def choice(self, cases: list[tuple[str, str]], otherwise: str) -> str:
        rows = [(value, _row("<mtext>if </mtext>", test)) for value, test in cases]
        rows.append((otherwise, "<mtext>else</mtext>"))
        cells = "".join(
            f"<mtr><mtd>{value}</mtd><mtd>{test}</mtd></mtr>" for value, test in rows
        )
        return _row('<mo stretchy="true">{</mo>', f"<mtable>{cells}</mtable>")

    def joined(self, left: str, sign: str, right: str) -> str:
        return _row(left, _sign("" if sign == "@" else sign), right)

    def negative(self, text: str) -> str:
        return _row(_sign("−"), text)

    def python(self, text: str) -> str:
        return f"<mtext>{html.escape(super().python(text))}</mtext>"

    def product(self, left: ast.expr, right: ast.expr) -> Piece:
        texts = self.wrapped(left, PRODUCT), self.wrapped(right, POWER)
        if value_of(left) is not None and value_of(right) is None:
            return Piece(_row(texts[0], self.tight, texts[1]), PRODUCT)
        return Piece(_row(texts[0], self.times, texts[1]), PRODUCT)

    def plain_product(self, left: str, right: str, tight: bool) -> str:
        return _row(left, self.tight if tight else self.times, right)

    def piece(self, node: ast.expr) -> Piece:
        found = super().piece(node)
        if found.text in ("π", "∞", "e", "nan"):
            return Piece(f"<mi>{found.text}</mi>", found.level)
        return found


TEXT, LATEX, MATHML = Writer(), Latex(), MathML()
