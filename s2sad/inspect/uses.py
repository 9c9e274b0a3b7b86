"""An operation that ran as an expression, and the text of its pullback."""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.backend.arrays import apply_array
from s2sad.inspect.adjoints import PULLBACKS, positions_of
from s2sad.inspect.events import Event, Operand
from s2sad.inspect.formula import parsed, substituted
from s2sad.inspect.interpreter import access
from s2sad.ir.nodes import Atom, Let, Lit, Var
from s2sad.ir.types import FLOAT
from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

Name = Callable[[Operand], ast.expr]


def applied(event: Event, name: Name) -> ast.expr:
    """`pow(x, 2)` as x**2, with its operands called as `name` says."""
    op, args = event.op, event.args
    if op in REDUCTIONS:
        function = REDUCTIONS[op].function
        return ast.Call(parsed(function), [name(arg) for arg in args], [])
    if op in PRIMITIVES:
        primitive = PRIMITIVES[op]
        if primitive.params[0].startswith("*"):
            function = primitive.python.partition("(")[0]
            return ast.Call(parsed(function), [name(arg) for arg in args], [])
        mapping = dict(zip(primitive.params, map(name, args), strict=True))
        return substituted(parsed(primitive.python), mapping)
    if op in ARRAY_OPS or op in HELPERS:
        return _array_use(event, name)
    return _structural(event, name)


def _array_use(event: Event, name: Name) -> ast.expr:
    names: dict[str, ast.expr] = {}
    atoms: list[Atom] = []
    for k, (atom, places) in enumerate(zip(event.let.args, positions_of(event), strict=True)):
        if isinstance(atom, Lit):
            atoms.append(atom)
            continue
        atoms.append(Var(FLOAT, f"operand{k}"))
        names[f"operand{k}"] = _together(event, places, name)

    def expression(atom: Atom) -> ast.expr:
        if isinstance(atom, Lit):
            return ast.Constant(atom.value)
        return ast.Name(getattr(atom, "hint", "undef"), ast.Load())

    tree = apply_array(Let(event.out, event.op, tuple(atoms)), expression)
    made = substituted(tree, names)
    if event.label.startswith("["):
        return ast.Subscript(made, ast.Constant(int(event.label[1:-1])), ast.Load())
    return made


def _together(event: Event, places: list[int], name: Name) -> ast.expr:
    """One argument of a statement; a list of its elements, if they are not too many."""
    if len(places) == 1:
        return name(event.args[places[0]])
    parts = [name(event.args[k]) for k in places[:4]]
    if len(places) > 4:
        parts.append(ast.Name("…", ast.Load()))
    return ast.List(parts, ast.Load())


def _structural(event: Event, name: Name) -> ast.expr:
    args = [name(arg) for arg in event.args]
    match event.op:
        case "get":
            index = args[1] if len(args) == 2 else ast.Tuple(args[1:], ast.Load())
            return ast.Subscript(args[0], index, ast.Load())
        case "view" | "pick":
            return parsed_part(args[0], event.args[1], args[2:])
        case "set":
            index = args[2] if len(args) == 3 else ast.Tuple(args[2:], ast.Load())
            return _changed(args[0], ast.Subscript(args[0], index, ast.Load()), args[1])
        case "put" | "add_to" | "add_at":
            place = parsed_part(args[0], event.args[2], args[3:])
            return _changed(args[0], place, args[1])
        case "from_list":
            return ast.Call(ast.Name("array", ast.Load()), [ast.List(args, ast.Load())], [])
        case _:
            return ast.Call(ast.Name(event.op, ast.Load()), args, [])


def _changed(array: ast.expr, place: ast.expr, value: ast.expr) -> ast.expr:
    """`A with A[i] = v`, which no expression of Python's is."""
    text = f"{_flat(array)} with {_flat(place)} = {_flat(value)}"
    return ast.Name(text, ast.Load())


def _flat(node: ast.expr) -> str:
    from s2sad.inspect.writing import TEXT

    return TEXT.write(node)


def parsed_part(array: ast.expr, at: Operand, index: list[ast.expr]) -> ast.expr:
    made = parsed(access("_array", str(at.value)))
    return substituted(made, {"_array": array, **{f"_{k}": i for k, i in enumerate(index)}})


def pulled(event: Event, name: Name, bar: Callable[[Event], ast.expr]) -> dict[int, ast.expr]:
    """What each operand gets of the adjoint of the result, where that is one expression."""
    text = PULLBACKS.text(event)
    function = ast.parse(text).body[-1]
    if not isinstance(function, ast.FunctionDef):
        return {}
    names: dict[str, ast.expr] = {"step_bar": bar(event)}
    own = Operand(event, event.out, event.value)
    names["y"] = name(own)
    places = positions_of(event)
    if any(len(group) != 1 for group in places):
        return {}
    for k, arg in enumerate(event.args):
        if isinstance(arg.atom, Var):
            names[f"x{k}"] = name(arg)
    known = dict(names)
    for stmt in function.body:
        match stmt:
            case ast.Assign([ast.Name(target)], value):
                known.setdefault(target, substituted(value, known))
                if target.endswith("_bar"):
                    known[target] = substituted(value, known)
            case ast.Return(ast.Tuple([_, ast.Tuple(bars)])):
                wanted = [
                    k
                    for k, arg in enumerate(event.args)
                    if arg.event is not None and isinstance(arg.atom, Var)
                ]
                if len(bars) == len(wanted):
                    return {
                        k: _unprojected(substituted(made, known))
                        for k, made in zip(wanted, bars, strict=True)
                    }
            case ast.Expr(ast.Constant()) | ast.If(_, [ast.Raise()], []):
                pass
            case _:
                return {}
    return {}


def _unprojected(node: ast.expr) -> ast.expr:
    """Without what is there for the program only: sums over axes that were broadcast, and
    copies, so that every adjoint has a buffer of its own."""
    match node:
        case ast.Call(ast.Name("_sum_to"), [inner, _]):
            return _unprojected(inner)
        case ast.Call(ast.Attribute(inner, "copy"), []):
            return _unprojected(inner)
        case _:
            return node
