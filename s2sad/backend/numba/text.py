"""A module as text for Numba: a compiled function, and one around it that Python calls.

    @njit(cache=True)
    def _f_grad(x): …

    def f_grad(x: float):
        if x.__class__ is not float: …
        try:
            return _f_grad(x)
        except (ArithmeticError, IndexError, ValueError):
            pass
        return _f_grad.py_func(x)

What raises in the compiled function runs again in plain Python: this raises what the primal
raises, and has integers without end.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from s2sad.backend import templates
from s2sad.backend.annotations import annotation_of
from s2sad.backend.count import count_uses
from s2sad.backend.inputs import Head, is_structured
from s2sad.backend.numba.apart import raising, without_tests
from s2sad.backend.numba.compiled import for_numba
from s2sad.backend.numba.globals import Read
from s2sad.backend.numba.helpers import HELPERS, OF_MATH, OF_NUMPY
from s2sad.backend.options import Options
from s2sad.backend.python import class_checks, function
from s2sad.backend.syntax import call, dotted, literal_of, name, negated, number, tuple_of
from s2sad.backend.text import Comment, Doc, to_text
from s2sad.errors import UnsupportedSyntax
from s2sad.ir.node import replace
from s2sad.ir.nodes import Func, Let, Module
from s2sad.ir.types import Array, List
from s2sad.ir.walk import walk

_INDEXED = frozenset(("get", "set", "acc", "view", "pick", "put", "add_to"))
# Of its own text, beside what functions of the module are called.
RESERVED = frozenset(("njit", "overload", "register_jitable", *HELPERS))


def emit_compiled(module: Module, options: Options) -> str:
    entry = module.funcs[module.entry]
    arguments = [(given, annotation_of(given, entry.params)) for given in entry.signature]
    checks = _head(entry, options)
    inner, apart = without_tests(entry)
    checks += [*map(raising, apart), *_contiguous(entry)]
    compiled, read = for_numba(replace(module, funcs={**module.funcs, module.entry: inner}))
    core = f"_{entry.name}"
    while core in module.funcs:
        core = f"_{core}"
    taken = RESERVED & {*module.funcs, *(g.name for g, _ in arguments)}
    if taken:
        raise UnsupportedSyntax(
            f"Numba: {min(taken)} means something else in the output", entry.loc, "rename it"
        )
    hidden = {text.split(".")[0] for text in read} & {g.name for g, _ in arguments}
    if hidden:
        raise UnsupportedSyntax(
            f"Numba: the parameter {min(hidden)} hides a global that is read",
            entry.loc,
            "rename the parameter",
        )
    blocks: list[str] = []
    functions: list[ast.stmt] = []
    for func in compiled.funcs.values():
        is_core = func.name == module.entry
        if is_core:
            func = replace(func, name=core, doc="")
        made = function(func, compiled, options, entry=False)
        functions.append(made)
        decorator = _decorator(func, options, is_core)
        blocks.append(f"@{decorator}\n{to_text([made]).strip(chr(10))}")
    args = [ast.arg(given.name, annotation) for given, annotation in arguments]
    around = _around(entry, core, args, read)
    wrapper = ast.FunctionDef(
        entry.name,
        ast.arguments([], args, None, [], [], None, list(map(literal_of, entry.defaults))),
        [*([Doc(entry.doc)] if entry.doc else []), *checks, *around],
        [],
        None,
    )
    functions.append(wrapper)
    blocks.append(to_text([wrapper]).strip("\n"))
    used = templates.names_in(ast.Module(functions, []))
    pasted = [HELPERS[helper] for helper in sorted(HELPERS) if helper in used]
    attributes = {
        n.attr for n in ast.walk(ast.Module(functions, [])) if isinstance(n, ast.Attribute)
    }
    pasted += [text for helper, text in (OF_MATH | OF_NUMPY).items() if helper in attributes]
    for helper in pasted:
        used |= templates.names_in(ast.parse(helper))
    if not options.standalone:
        pasted = []
    head = _imports(used, options, any("@register" in block for block in blocks))
    parts = ["\n".join(head)]
    if options.prelude:
        parts.append("\n".join(options.prelude))
    texts = ["\n\n".join(filter(None, parts)), *options.classes, *pasted, *blocks]
    return "\n\n\n".join(text.strip("\n") for text in texts if text) + "\n"


def _contiguous(entry: Func) -> Iterator[ast.stmt]:
    """Arrays in the order that the function is compiled for."""
    for param in entry.params:
        if isinstance(param.type, Array):
            target = ast.Name(param.hint, ast.Store())
            made = call("np.ascontiguousarray", name(param.hint))
            flags = dotted(f"{param.hint}.flags.c_contiguous")
            yield ast.If(negated(flags), [ast.Assign([target], made)], [])


def _decorator(func: Func, options: Options, is_core: bool) -> str:
    """Numba reads past the end of an array in silence, unless it is told to look."""
    flags = ["cache=True"] if is_core and options.cache and options.standalone else []
    name_ = "njit" if is_core else "register_jitable"
    arrays = {param for param in func.params if isinstance(param.type, List)}
    if any(
        isinstance(stmt, Let)
        and stmt.op in _INDEXED
        and (isinstance(stmt.args[0].type, Array) or arrays)
        for stmt in walk(func.body)
    ):
        flags.append("boundscheck=True")
    return f"{name_}({', '.join(flags)})" if flags else name_


def _head(entry: Func, options: Options) -> list[ast.stmt]:
    """The tests of the arguments: plain Python makes them."""
    tests = class_checks(entry.params) if options.checks else []
    if is_structured(entry):
        uses = count_uses(entry.body)
        taken = {param.hint for param in entry.params} | RESERVED
        tests += Head(entry, taken, lambda var: uses[var] > 0, options.checks).stmts
    return tests


def _imports(used: set[str], options: Options, callees: bool) -> list[str]:
    lines = [f"import {module}" for module in ("math", "sys") if module in used]
    if not options.standalone:
        return [*lines, *(["import numpy as np"] if "np" in used else [])]
    extending = [
        *(["overload"] if "overload" in used else []),
        *(["register_jitable"] if callees else []),
    ]
    lines += [""] if lines else []
    lines += ["import numpy as np"] if "np" in used else []
    lines.append("from numba import njit")
    if extending:
        lines.append(f"from numba.extending import {', '.join(extending)}")
    return [*lines, *options.imports]


def _around(entry: Func, core: str, args: Sequence[ast.arg], read: Read) -> list[ast.stmt]:
    given: list[ast.expr] = [name(arg.arg) for arg in args]
    given += [number(dotted(text), type_) for text, type_ in read.items()]
    # Lists are arrays inside: their elements are read, nothing else.
    lists = {p.hint: p.type.item for p in entry.params if isinstance(p.type, List)}
    inside = [
        call("np.array", part, name(str(lists[part.id])))
        if isinstance(part, ast.Name) and part.id in lists
        else part
        for part in given
    ]
    errors = ["ArithmeticError", "IndexError", *(["NameError"] if read else []), "ValueError"]
    caught = ast.ExceptHandler(
        tuple_of([name(error) for error in errors]),
        None,
        [Comment("Python raises it, or goes on with integers without end"), ast.Pass()],
    )
    plain = ast.Attribute(name(core), "py_func", ast.Load())
    return [
        ast.Try([ast.Return(call(core, *inside))], [caught], [], []),
        ast.Return(call(plain, *given)),
    ]
