"""The text of a function that runs on Python's floats: `unboxed.py` says how."""

from __future__ import annotations

import ast
from collections.abc import Collection, Mapping

from s2sad.backend.annotations import annotation_of
from s2sad.backend.count import count_uses
from s2sad.backend.inputs import Head
from s2sad.backend.kinds import of_numpy
from s2sad.backend.numba.apart import raising, without_tests
from s2sad.backend.options import Options
from s2sad.backend.results import free, shaped
from s2sad.backend.row_names import with_rows
from s2sad.backend.syntax import call, dotted, literal_of, name, subscript, tuple_of
from s2sad.backend.templates import names_in
from s2sad.backend.text import Comment, Doc
from s2sad.backend.unboxed import unboxed
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Func, Module, indices
from s2sad.ir.types import FLOAT, INT, Array, List, Type

# What the second run is for.
_ERRORS = ("ArithmeticError", "IndexError", "ValueError")


def on_floats(module: Module, options: Options) -> list[ast.stmt] | None:
    """The inner function and the one around it; None where arrays stay arrays."""
    from s2sad.backend.python import class_checks, function

    entry, apart = without_tests(module.funcs[module.entry])
    found = unboxed(replace(module, funcs={entry.name: entry}))
    if found is None:
        return None
    inner, functions, sizes, whole = found
    given = [(one.name, annotation_of(one, entry.params)) for one in entry.signature]
    uses = count_uses(entry.body)
    taken = {name_ for name_, _ in given} | {"math", "np", "float"}
    tests = class_checks(entry.params) if options.checks else []
    # By element nothing is broadcast.
    tests += Head(entry, set(taken), lambda v: uses[v] > 0, options.checks, not whole).stmts
    core = free(f"_{entry.name}", taken)
    # What raises runs again, whatever it was.
    lenient = options._replace(lenient=True)
    made = function(replace(inner, name=core, doc=""), module, lenient, entry=False)
    assert isinstance(made, ast.FunctionDef)
    handed = _handed(made, functions)
    matrices = [param.hint for param in entry.params if _is_matrix(param.type)]
    if matrices:
        with_rows(made, matrices)
    arrays = {param.hint for param in entry.params if isinstance(param.type, Array)}

    def run(lists: bool) -> ast.stmt:
        args: list[ast.expr] = [
            call(dotted(f"{text}.tolist")) if lists and text in arrays else name(text)
            for text, _ in given
        ]
        args += [
            subscript(dotted(f"{array.hint}.shape"), ast.Constant(axis))
            for array, axis in sizes.values()
        ]
        args += [dotted(functions[word][not lists]) for word in handed]
        return ast.Assign([target], call(core, *args))

    names = _names(entry, taken)
    target = _stored(shaped(entry.structure, [name(text) for text in names]))
    caught = ast.ExceptHandler(
        tuple_of([name(error) for error in _ERRORS]),
        None,
        [Comment("NumPy has inf or nan where Python raises"), run(lists=False)],
    )
    types = [atom.type for atom in inner.body.yields]
    numpys = of_numpy(entry)
    results = [_result(k, text, types[k], entry, numpys) for k, text in enumerate(names)]
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


def _handed(made: ast.FunctionDef, functions: Collection[str]) -> list[str]:
    """Makes the functions parameters, and tells in which order."""
    taken = names_in(made) | {arg.arg for arg in made.args.args}
    words = {word.removeprefix("math."): word for word in sorted(functions)}
    # pow is a builtin as well.
    names = {word: free("power" if word == "pow" else word, taken) for word in words}
    change = _Handed(names)
    change.visit(made)
    used = [word for word in words if word in change.used]
    made.args.args += [ast.arg(names[word]) for word in used]
    return [words[word] for word in used]


class _Handed(ast.NodeTransformer):
    """`math.exp` is a parameter."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.used: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        match node:
            case ast.Attribute(ast.Name("math"), word) if word in self.names:
                self.used.add(word)
                return name(self.names[word])
            case _:
                self.generic_visit(node)
                return node


def _is_matrix(type_: Type) -> bool:
    return isinstance(type_, Array) and len(type_.dims) > 1


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


def _array(rows: ast.expr, type_: Type, entry: Func) -> ast.expr:
    """The array of a list; a list of no rows does not tell how many columns there are."""
    if len(getattr(type_, "dims", ())) == 1:
        return call("np.fromiter", rows, name("float"))
    made = call("np.array", rows)
    like = next(param.hint for param in entry.params if param.type == type_)
    return call(ast.Attribute(made, "reshape", ast.Load()), dotted(f"{like}.shape"))


def _result(k: int, text: str, type_: Type, entry: Func, numpys: set[Atom]) -> ast.expr:
    """A scalar of NumPy where it would be one on arrays; gradients are arrays."""
    atom = entry.body.yields[k]
    if isinstance(type_, List):
        return _array(name(text), atom.type, entry)
    value = entry.structure[0] if isinstance(entry.structure, tuple) else entry.structure
    whole = k in indices(value) and type_ == INT
    if whole or (type_ == FLOAT and atom in numpys):
        return call("np.float64", name(text))
    return name(text)
