"""The text of a function that runs on Python's floats: `unboxed.py` says how."""

from __future__ import annotations

import ast

from s2sad.backend import templates
from s2sad.backend.count import count_uses
from s2sad.backend.inputs import Head, annotation_of
from s2sad.backend.numba.apart import raising, without_tests
from s2sad.backend.options import Options
from s2sad.backend.results import free, shaped
from s2sad.backend.syntax import call, dotted, literal_of, name, tuple_of
from s2sad.backend.text import Comment, Doc
from s2sad.backend.unboxed import unboxed
from s2sad.ir.node import replace
from s2sad.ir.nodes import Func, Module, indices
from s2sad.ir.types import FLOAT, INT, Array, List, Type

# What the second run is for.
_ERRORS = ("ArithmeticError", "IndexError", "ValueError")
_LIB = "lib"


def on_floats(module: Module, options: Options) -> list[ast.stmt] | None:
    """The inner function and the one around it; None where arrays stay arrays."""
    from s2sad.backend.python import class_checks, function

    entry, apart = without_tests(module.funcs[module.entry])
    inner = unboxed(replace(module, funcs={entry.name: entry}))
    if inner is None:
        return None
    given = [(one.name, annotation_of(one, entry.params)) for one in entry.signature]
    uses = count_uses(entry.body)
    taken = {name_ for name_, _ in given} | {_LIB, "math", "np", "float"}
    tests = class_checks(entry.params) if options.checks else []
    tests += Head(entry, set(taken), lambda var: uses[var] > 0, options.checks).stmts
    core = free(f"_{entry.name}", taken)
    made = function(replace(inner, name=core, doc=""), module, options, entry=False)
    assert isinstance(made, ast.FunctionDef)
    has_lib = _LIB in templates.names_in(made)
    if has_lib:
        made.args.args.append(ast.arg(_LIB))
    arrays = {param.hint for param in entry.params if isinstance(param.type, Array)}

    def run(lists: bool) -> ast.stmt:
        args: list[ast.expr] = [
            call(dotted(f"{text}.tolist")) if lists and text in arrays else name(text)
            for text, _ in given
        ]
        if has_lib:
            args.append(name("math" if lists else "np"))
        return ast.Assign([target], call(core, *args))

    names = _names(entry, taken)
    target = _stored(shaped(entry.structure, [name(text) for text in names]))
    caught = ast.ExceptHandler(
        tuple_of([name(error) for error in _ERRORS]),
        None,
        [Comment("NumPy has inf or nan where Python raises"), run(lists=False)],
    )
    types = [atom.type for atom in entry.body.yields]
    results = [_result(k, text, types[k], entry) for k, text in enumerate(names)]
    body: list[ast.stmt] = [
        *([Doc(entry.doc)] if entry.doc else []),
        *tests,
        *map(raising, apart),
        ast.Try([run(lists=True)], [caught], [], []),
        ast.Return(shaped(entry.structure, results)),
    ]
    args = [ast.arg(text, annotation) for text, annotation in given]
    defaults = list(map(literal_of, entry.defaults))
    arguments = ast.arguments([], args, None, [], [], None, defaults)
    return [made, ast.FunctionDef(entry.name, arguments, body, [], None)]


def _names(entry: Func, taken: set[str]) -> list[str]:
    """What the results are called outside."""
    found = []
    for atom in entry.body.yields:
        hint = getattr(atom, "hint", "") or "value"
        found.append(free(hint, taken))
    return found


def _stored(target: ast.expr) -> ast.expr:
    for node in ast.walk(target):
        if isinstance(node, ast.Name | ast.Tuple):
            node.ctx = ast.Store()
    return target


def _result(k: int, text: str, type_: Type, entry: Func) -> ast.expr:
    """The value is a scalar of NumPy, as in the primal; gradients are arrays."""
    if isinstance(type_, Array | List):
        return call("np.array", name(text), name("float"))
    value = entry.structure[0] if isinstance(entry.structure, tuple) else entry.structure
    if k in indices(value) and type_ in (FLOAT, INT):
        return call("np.float64", name(text))
    return name(text)
