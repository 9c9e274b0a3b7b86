"""Python's expressions as MathML, which browsers show by themselves."""

from __future__ import annotations

import ast
import html

from s2sad.inspect.formula import INDEX, value_of
from s2sad.inspect.writing import ATOM, POWER, PRODUCT, Piece, Writer, number_text

_LETTERS = dict(
    zip(
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma"
        " tau upsilon phi chi psi omega".split(),
        "αβγδεζηθικλμνξπρστυφχψω",
        strict=True,
    )
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


MATHML = MathML()
