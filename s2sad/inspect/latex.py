"""Python's expressions as LaTeX.

0.5 * c**-0.5        0.5 c^{-0.5}
∂(f, c)              \\frac{\\partial f}{\\partial c}
"""

from __future__ import annotations

import ast
import re

from s2sad.inspect.formula import INDEX
from s2sad.inspect.writing import ATOM, POWER, Piece, Writer, number_text

_GREEK = frozenset(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau"
    " upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega".split()
)
_PLAIN = frozenset("sin cos tan sinh cosh tanh arcsin arccos arctan ln max min".split())
_LATEX = {"≤": r"\le", "≥": r"\ge", "≠": r"\ne"}


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


LATEX = Latex()
