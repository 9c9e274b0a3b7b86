"""Writes docs/rules.md: the table of derivative rules, as it is.

python -m tests.rules_page
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.declare import ArrayOp, Rule
from s2sad.ops.core import PRIMITIVES, REFUSED
from s2sad.ops.families.variadic import variadic_partials
from s2sad.ops.primitive import Primitive
from s2sad.rules import BOUND

PAGE = Path(__file__).parent.parent / "docs" / "rules.md"
_HEAD = """# The rule table

What the compiler knows of each function, written from its tables by `make docs`. `y` is the
value. The partials of functions of numbers come from SymPy (`make rules`), in terms of `y`
where that is shorter, with a stated form where SymPy's is unstable, and are tested against
mpmath at ordinary points, at 0, at large arguments and at the edges of their domains. Where
a divisor may be 0 the rule says what holds there; the guard is left out where a sign proves
that it cannot be. [Kinks](kinks.md) have a table of their own; your own rules are made
[like this](howto-rules.md).
"""
_ADJOINTS = """
What an argument gets of the adjoint `y_bar` of the value. It is then projected on the type
of the argument: axes that were broadcast are summed, the real part is taken of what is real,
the dtype restored. In an argument marked *linear* the tangent is the function itself, of the
tangent in the place of the argument; *by case* is a rule that depends on ranks or on literal
arguments (`axis`, `ord`, the subscripts of `einsum`).
"""


def text() -> str:
    numbers = [p for name, p in sorted(PRIMITIVES.items()) if name not in BOUND]
    smooth = [p for p in numbers if p.name not in REFUSED and any(_partials(p))]
    flat = [p for p in numbers if p.name not in REFUSED and not any(_partials(p))]
    arrays = [op for name, op in sorted(ARRAY_OPS.items()) if name not in BOUND]
    elementwise = [op for op in arrays if op.partials]
    others = [op for op in arrays if op.differentiable and not op.partials]
    constant = [op for op in arrays if not op.differentiable]
    return "\n".join(
        (
            _HEAD,
            "## Functions of numbers\n",
            _table(("function", "partials"), map(_of_numbers, smooth)),
            "\nPiecewise constant, derivative 0: " + _names(p.python for p in flat) + ".",
            "\nOf arguments without a derivative only: " + _names(REFUSED) + ".\n",
            "## Functions of arrays, element by element\n",
            _table(("function", "partials"), (_row(op, op.partials) for op in elementwise)),
            "\n## Functions of arrays\n" + _ADJOINTS,
            _table(("function", "adjoints"), (_row(op, op.adjoints) for op in others)),
            "\nWithout a derivative: " + _names(op.name for op in constant) + ".",
            "",
        )
    )


def _partials(primitive: Primitive) -> tuple[str | None, ...]:
    if primitive.variadic:
        return variadic_partials(primitive.name, 2)
    return primitive.partials


def _of_numbers(primitive: Primitive) -> tuple[str, str]:
    params = [p.lstrip("*") for p in primitive.params]
    if primitive.variadic:
        params = ["x0", "x1"]
    pairs = zip(params, _partials(primitive), strict=True)
    return _code(primitive.python), _lines(pairs)


def _row(op: ArrayOp, rules: Mapping[str, Rule]) -> tuple[str, str]:
    params = ", ".join(f"*{p.name}" if p.rest else p.name for p in op.params)
    said: list[tuple[str, str | None]] = []
    for name, rule in rules.items():
        said.append((name, rule if isinstance(rule, str) else ""))
    return _code(f"{op.name}({params})"), _lines(said, op.linear)


def _lines(
    pairs: Iterable[tuple[str, str | None]], linear: frozenset[str] = frozenset()
) -> str:
    found = []
    for name, rule in pairs:
        if rule is None:
            continue
        shown = _code(rule) if rule else "by case"
        found.append(f"{name}: {shown}{', linear' if name in linear else ''}")
    return "<br>".join(found)


def _code(rule: str) -> str:
    return f"`{rule}`".replace("|", "\\|")


def _names(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in sorted(names))


def _table(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [f"| {head[0]} | {head[1]} |", "|---|---|"]
    return "\n".join([*lines, *(f"| {name} | {rule} |" for name, rule in rows)])


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
