"""`from_sympy`: an expression of SymPy's, compiled with its gradient.

The gradient is that of the program that computes the expression, equal subexpressions
once: it is linear in its size, where SymPy's own `diff` swells.
"""

from __future__ import annotations

import itertools
import keyword
import linecache
import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s2sad.api import Derivative
from s2sad.errors import UnsupportedFunction
from s2sad.gradients import value_and_grad

_COUNTER = itertools.count(1)


def from_sympy(
    expr: Any, args: Sequence[Any] | None = None, *, name: str = "f", optimize: int = 1
) -> Derivative:
    """The value and the gradient of an expression as a function of `args`, its symbols in
    the order of the parameters (default: all, by name): `from_sympy(x**2 * w, (x, w))`.

    A call gives (value, gradient), the gradient bare if there is one argument. `.primal`
    is the function alone, `.source` the text of both.
    """
    import sympy

    expr = sympy.sympify(expr)
    free = {node for node in _nodes(expr) if isinstance(node, sympy.Symbol)}
    symbols = sorted(free, key=str) if args is None else list(args)
    unknown = sorted(map(str, free - set(symbols)))
    if unknown:
        raise ValueError(f"the expression has symbols that are no arguments: {unknown}")
    if not symbols:
        raise ValueError("the expression has no symbols to differentiate by")
    if len(set(symbols)) < len(symbols):
        raise ValueError(f"each argument once: {symbols}")
    primal = _compiled(expr, symbols, name)
    argnums: Any = 0 if len(symbols) == 1 else list(range(len(symbols)))
    return value_and_grad(primal, argnums=argnums, optimize=optimize)


def _compiled(expr: Any, symbols: Sequence[Any], name: str) -> Callable[..., float]:
    from sympy.printing.codeprinter import PrintMethodNotImplementedError
    from sympy.printing.pycode import PythonCodePrinter

    names = _identifiers(symbols)
    settings = {"fully_qualified_modules": True, "allow_unknown_functions": False}
    printer = PythonCodePrinter(settings)
    try:
        steps, result = _steps(expr, dict(zip(symbols, names, strict=True)))
        lines = [f"    {left} = {printer.doprint(right)}" for left, right in steps]
        lines.append(f"    return {printer.doprint(result)}")
    except (PrintMethodNotImplementedError, TypeError, ValueError) as error:
        raise UnsupportedFunction(f"SymPy cannot write this as Python: {error}") from None
    text = "\n".join([f"def {name}({', '.join(f'{n}: float' for n in names)}):", *lines, ""])
    if "# " in text:
        raise UnsupportedFunction("SymPy cannot write this with the functions of math")
    file = f"<s2sad from_sympy {next(_COUNTER)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    scope: dict[str, Any] = {"math": math, "__name__": "s2sad_from_sympy"}
    exec(compile(text, file, "exec"), scope)
    function: Callable[..., float] = scope[name]
    return function


def _nodes(expr: Any, inside: bool = True) -> list[Any]:
    """The nodes of an expression, each once, operands first; without `inside` those that
    only stand in a Piecewise are left out."""
    from sympy import Piecewise

    done: dict[Any, None] = {}
    waiting = [(expr, False)]
    while waiting:
        node, entered = waiting.pop()
        if node in done:
            continue
        if entered or not node.args or (not inside and isinstance(node, Piecewise)):
            done[node] = None
            continue
        waiting.append((node, True))
        waiting += [(arg, False) for arg in reversed(node.args)]
    return list(done)


def _steps(expr: Any, names: Mapping[Any, str]) -> tuple[list[tuple[str, Any]], Any]:
    """What is used more than once, in order, and the rest. SymPy's own walks go through
    shared parts again and again; this is linear in the expression as it is in memory."""
    import sympy

    uses: Counter[Any] = Counter()
    outer = _nodes(expr, inside=False)
    for node in outer:
        if not isinstance(node, sympy.Piecewise):
            uses.update(node.args)
    fresh = (f"t{k}" for k in itertools.count() if f"t{k}" not in names.values())
    reduced: dict[Any, Any] = {s: sympy.Symbol(text) for s, text in names.items()}
    steps: list[tuple[str, Any]] = []
    known = set(outer)
    for node in _nodes(expr):
        if node in reduced:
            continue
        args = [reduced[arg] for arg in node.args]
        made = node.func(*args) if args else node
        if args and node in known and uses[node] > 1 and isinstance(node, sympy.Expr):
            text = next(fresh)
            steps.append((text, made))
            made = sympy.Symbol(text)
        reduced[node] = made
    return steps, reduced[expr]


def _identifiers(symbols: Sequence[Any]) -> list[str]:
    """Names that Python takes: x_1 for x_{1}, lambda_ for lambda."""
    found: list[str] = []
    for symbol in symbols:
        text = "".join(c if c.isalnum() or c == "_" else "_" for c in str(symbol)).strip("_")
        text = text if text and not text[0].isdigit() else f"x{text}"
        if keyword.iskeyword(text) or text in ("math", "f"):
            text += "_"
        while text in found:
            text += "_"
        found.append(text)
    return found
