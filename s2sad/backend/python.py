"""A module as Python source text.

IR → packed lists → conditions where they decide → what is folded into expressions →
commands (moves in place of block parameters) → live ranges → names → `ast` → text
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from s2sad.backend import templates
from s2sad.backend.annotations import signature_of
from s2sad.backend.coalesce import Coalescing
from s2sad.backend.conditions import repeat_conditions
from s2sad.backend.constants import with_constants
from s2sad.backend.count import count_uses
from s2sad.backend.expressions import Expressions
from s2sad.backend.inline import Inlining
from s2sad.backend.inputs import Head, is_structured
from s2sad.backend.live import Liveness
from s2sad.backend.lower import Lowering
from s2sad.backend.names import assign, better_hints
from s2sad.backend.options import Options
from s2sad.backend.origins import Notes
from s2sad.backend.pack import pack
from s2sad.backend.prepare import prepare
from s2sad.backend.results import flattened
from s2sad.backend.statements import Statements
from s2sad.backend.syntax import (
    are_not,
    converted,
    is_not,
    literal_of,
    name,
    tuple_of,
)
from s2sad.backend.text import Doc, to_text
from s2sad.backend.unbound import Unbinding
from s2sad.errors import UnsupportedSyntax
from s2sad.ir.nodes import Call, Func, Let, Lit, Module, Shape, Try, Var, parts_of
from s2sad.ir.structure import STRUCTURE
from s2sad.ir.types import FLOAT, INT, Array
from s2sad.ir.walk import all_blocks
from s2sad.ops.helpers import HELPERS
from s2sad.ops.reductions import REDUCTIONS

__all__ = ["Options", "emit", "printed"]

# Names that the output may use whatever the function does.
RESERVED = frozenset("math np scipy float int complex len range reversed zip enumerate".split())

_HEAD = frozenset(("list", "tuple", "TypeError", "zip"))
# What the output may import by its name.
_SCIPY = re.compile(r"\bscipy\.\w+(?=\.)")
MODULES = ("contextlib", "logging", "math", "sys", "time", "warnings")

FAST = 2  # the level from which on speed goes before the plainest text
LONGEST_ROW = 80  # of a statement that converts several parameters


class Printed(NamedTuple):
    """A text, and its functions as they were printed."""

    text: str
    functions: Sequence[ast.stmt] = ()


def emit(module: Module, options: Options | None = None) -> str:
    """The source text of a module, its entry function last."""
    return printed(module, options or Options()).text


def printed(module: Module, options: Options) -> Printed:
    if options.jit:
        # Here, for most programs do without.
        from s2sad.backend.numba.text import emit_compiled

        return Printed(emit_compiled(module, options))
    functions = None
    if options.level >= FAST:
        # Here, for most programs do without.
        from s2sad.backend.twofold import on_floats
        from s2sad.transform.faster import faster

        module = faster(module)
        functions = on_floats(module, options)
    constants: list[str] = []
    if functions is None and options.level:
        module, constants = with_constants(module, _bound_by(options.prelude))
    if functions is None:
        functions = [
            function(func, module, options, entry=func.name == module.entry)
            for func in module.funcs.values()
        ]
    blocks = [to_text([func]).strip("\n") for func in functions]
    pasted_ = {**HELPERS, **_array_helpers(blocks)}
    used = _used(blocks, functions, pasted_)
    helpers = [pasted_[name] for name in sorted(pasted_) if name in used]
    for helper in helpers:
        used |= templates.names_in(ast.parse(helper))
    if constants:
        used.add("math")
    head = [f"import {module}" for module in MODULES if module in used]
    if "np" in used:
        head.append("import numpy as np")
    if "scipy" in used:
        parts_ = {found for text in (*blocks, *helpers) for found in _SCIPY.findall(text)}
        head += [f"import {found}" for found in sorted(parts_)]
    head += options.imports
    parts = ["\n".join(head)] if head else []
    if options.prelude or constants:
        parts.append("\n".join([*options.prelude, *constants]))
    top = ["\n\n".join(parts)] if parts else []
    pasted = [helper.strip("\n") for helper in helpers]
    text = "\n\n\n".join([*top, *options.classes, *pasted, *blocks]) + "\n"
    return Printed(text, functions)


def _bound_by(lines: Iterable[str]) -> set[str]:
    return {line.split(" = ")[0] for line in lines}


def _array_helpers(texts: list[str]) -> dict[str, str]:
    """The helpers of array primitives, where there are any of these."""
    if not any("np." in text for text in texts):
        return {}
    from s2sad.ops.arrays.core import HELPERS as OF_ARRAYS

    return OF_ARRAYS


def _used(texts: list[str], functions: list[ast.stmt], helpers: Iterable[str]) -> set[str]:
    """Which of the names that have to be imported or pasted are used. Most texts tell
    without a walk over the tree."""
    found = {
        name
        for name in (*MODULES, "np", "scipy", *helpers)
        if any(name in text for text in texts)
    }
    return found & templates.names_in(ast.Module(functions, [])) if found - {"math"} else found


def function(func: Func, module: Module, options: Options, entry: bool) -> ast.stmt:
    """One function as `ast`."""
    taken = _taken(func)
    _settle_params(func, taken, entry)
    func = prepare(pack(func))
    if options.inline:
        func = repeat_conditions(func)
    uses = count_uses(func.body)
    inlining = Inlining(uses, options)
    inlining.function(func.body)
    lowering = Lowering(uses, inlining, module.records)
    commands = lowering.function(func, options.comments)
    liveness = Liveness(lowering)
    liveness.function(func.params, commands)
    coalescing = Coalescing(liveness.ranges, better_hints(func))
    coalescing.params(func.params)
    coalescing.errors(commands)
    coalescing.moves(commands)
    blank = "_" if all(param.hint != "_" for param in func.params) else "_unused"
    names = assign(coalescing, {*taken, blank})
    expressions = Expressions(names, inlining, options.level > 0, options.jit)
    if options.level and any(isinstance(param.type, Array) for param in func.params):
        from s2sad.transform.accumulate import in_place

        expressions.in_place = in_place(func)
    notes = Notes(inlining) if options.comments and func.forward else None
    structures = {other.name: flattened(other.structure) for other in module.funcs.values()}
    statements = Statements(names, lowering, expressions, structures, notes, blank)
    statements.located = options.places
    unbinding = Unbinding(names, coalescing, lowering, commands, func.params)
    statements.unbinding = unbinding.after
    called = module.funcs[module.entry]
    if called.inputs:
        statements.inputs[called.name] = called.inputs
    counted = _counted(func)
    stated: list[ast.stmt] = [ast.Global(counted)] if counted else []
    declared: list[ast.stmt] = [
        ast.AnnAssign(ast.Name(text, ast.Store()), name("float"), None, 1)
        for text in unbinding.nowhere
    ]
    structure = func.structure if entry else flattened(func.structure)
    body = [*declared, *statements.function(commands, structure)]
    head: list[ast.stmt] = []
    if entry and is_structured(func):
        used = {*taken, *(p.hint for p in func.params), *(i.name for i in func.signature)}
        head += Head(func, used, lambda var: uses[var] > 0, options.checks).stmts
    checks = class_checks(func.params) if entry and options.checks else []
    doc: list[ast.stmt] = [Doc(func.doc)] if func.doc else []
    return _definition(func, [*doc, *stated, *head, *checks, *body], entry)


def _definition(func: Func, body: list[ast.stmt], entry: bool) -> ast.stmt:
    if entry:
        arguments = signature_of(func)
    else:
        args = [ast.arg(param.hint, None) for param in func.params]
        defaults = list(map(literal_of, func.defaults))
        arguments = ast.arguments([], args, None, [], [], None, defaults)
    made = ast.FunctionDef(func.name, arguments, body, [], None)
    return made


def class_checks(params: Iterable[Var]) -> list[ast.stmt]:
    """Integers are taken for floats, NumPy's scalars for Python's, anything else raises.

    The floats are tested together: one line of test, one of conversion.
    """
    groups: list[list[Var]] = []
    floats: list[Var] = []
    for param in params:
        if param.type == FLOAT:
            if not floats:
                groups.append(floats)
            floats.append(param)
        elif param.type == INT:
            groups.append([param])
    return [_check(group) for group in groups]


def _check(group: list[Var]) -> ast.stmt:
    class_ = str(group[0].type)
    if len(group) == 1:
        test = is_not(name(group[0].hint), class_)
    else:
        test = are_not([name(param.hint) for param in group], class_)
    rows: list[list[Var]] = [[]]
    for param in group:
        # x, y = float(+x), float(+y)
        if sum(2 * len(other.hint) + 11 for other in (*rows[-1], param)) > LONGEST_ROW:
            rows.append([])
        rows[-1].append(param)
    return ast.If(test, [_converted(row) for row in rows if row], [])


def _converted(row: list[Var]) -> ast.stmt:
    targets: list[ast.expr] = [ast.Name(param.hint, ast.Store()) for param in row]
    made = [converted(name(param.hint), param.type) for param in row]
    if len(row) == 1:
        return ast.Assign(targets, made[0])
    return ast.Assign([ast.Tuple(targets, ast.Store())], tuple_of(made))


def _taken(func: Func) -> set[str]:
    """The names that mean something else than a local variable."""
    taken = set(RESERVED)
    if is_structured(func):
        taken |= _HEAD
        taken |= {shape.cls for shape in _shapes(func) if shape.cls}
    ops: set[str] = set()
    for stmt in (stmt for block in all_blocks(func.body) for stmt in block.stmts):
        if isinstance(stmt, Let):
            ops.add(stmt.op)
            if stmt.op in _NAMING:
                taken |= _named(stmt)
        elif isinstance(stmt, Call):
            taken.add(stmt.func)
        elif isinstance(stmt, Try):
            for handler in stmt.handlers:
                taken |= templates.python_names(handler.exc or "BaseException", 0)
    for op in ops:
        if op in REDUCTIONS:
            taken.add(REDUCTIONS[op].function.split(".")[0])
        elif op not in STRUCTURE:
            taken |= templates.free_names(op)
    return taken


def _counted(func: Func) -> list[str]:
    """The globals that are written: `n += …`."""
    stmts = (stmt for block in all_blocks(func.body) for stmt in block.stmts)
    texts = (
        str(stmt.args[0].value).split()[0]
        for stmt in stmts
        if isinstance(stmt, Let) and stmt.op == "store" and isinstance(stmt.args[0], Lit)
    )
    return sorted({text for text in texts if text.isidentifier()})


_NAMING = frozenset(("global", "constant", "python", "store"))


def _named(let: Let) -> set[str]:
    """The names in the text of a primitive that has one."""
    text = let.args[0]
    assert isinstance(text, Lit)
    if let.op == "python":
        return templates.python_names(str(text.value), len(let.args) - 1)
    return {re.split(r"\W", str(text.value))[0]}


def _shapes(func: Func) -> Iterator[Shape]:
    pending = [func.structure, *(structure for _, structure in func.inputs)]
    while pending:
        structure = pending.pop()
        if isinstance(structure, Shape):
            yield structure
        pending += parts_of(structure)


def _settle_params(func: Func, taken: set[str], entry: bool) -> None:
    """The entry's parameters are the user's; a callee's are ours to rename, and so are
    the parts of an argument."""
    names = {param.hint for param in func.params}
    given = {input_.name: input_.structure for input_ in func.inputs}
    if entry:
        taken = taken | {name for name, shape in given.items() if not isinstance(shape, int)}
    for k, param in enumerate(func.params):
        if param.hint not in taken:
            continue
        own = not given or given.get(param.hint) == k
        if entry and own:
            raise UnsupportedSyntax(
                f"the parameter {param.hint} of {func.name} hides a name that its"
                " derivative needs",
                func.loc,
                "rename the parameter",
            )
        wish, k = param.hint, 2
        while param.hint in taken or param.hint in names:
            param.hint, k = f"{wish}{k}", k + 1
