"""What Numba does not compile, found in the IR and named, with the line of the user's."""

from __future__ import annotations

import ast
import builtins

from s2sad.errors import Loc, UnsupportedFunction, UnsupportedSyntax
from s2sad.ir.nodes import (
    Atom,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NEVER,
    Array,
    List,
    Named,
    Opaque,
    Places,
    Tuple,
    Type,
)
from s2sad.ir.walk import blocks, defines, uses, walk
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

# Not in Numba, or for fewer arguments than in Python, or with other results.
_MISSING = frozenset(
    "remainder polygamma ulp fsum prod dist isclose"
    " isclose_within comb perm perm_all pow_modulo factorial isqrt lcm sumprod fma"
    " lshift rshift".split()
)
# Two arguments only.
_BINARY = frozenset(("hypot", "gcd"))
_STRUCTURE = frozenset(
    "tuple item list get set acc append drop len copy repeat slice zeros_list reverse_list"
    " concat id global stop_gradient constant".split()
)
# Of arrays, as NumPy does it.
ARRAY_OPS = frozenset(
    "view pick put add_to shape dim zeros_like np.zeros np.zeros_like np.ones np.empty np.full"
    " np.full_like np.ones_like np.empty_like np.copy np.size np.sum np.dot np.outer np.matmul"
    " np.transpose np.sqrt np.exp np.log np.log1p np.expm1 np.sin np.cos np.tan np.sinh np.cosh"
    " np.tanh np.arcsin np.arccos np.arctan np.arctan2 np.hypot np.abs np.square np.where"
    " np.maximum np.minimum np.less np.less_equal np.greater np.greater_equal np.equal"
    " np.not_equal np.logical_and np.logical_or np.logical_not np.diag np.eye np.identity"
    " np.mean np.max np.min np.sign np.floor np.ceil np.concatenate np.roll np.trace np.prod"
    " np.linalg.solve np.linalg.inv np.linalg.det np.linalg.cholesky np.linalg.norm"
    " _sum_to np.expand_dims np.argmax np.argmin np.cumsum np.arange np.ravel"
    " np.cross np.pad np.add np.subtract np.multiply np.divide np.negative np.power".split()
)
_WITH_TEXTS = ARRAY_OPS | {"global", "constant", "slice"}
_OF_TRUTHS = frozenset(("not_", "eq", "ne", "float", "int"))
_REDUCED = frozenset(("list_sum",))
_OF_LISTS = _REDUCED | {"get", "set", "acc", "len", "copy", "id", "zeros_list"}
_WHOLE = frozenset(("np.max", "np.min", "np.prod"))
_ALONG = _WHOLE | {"np.sum", "np.mean"}
_INSTEAD = 'jit="auto" runs it in plain Python'


def check(module: Module) -> None:
    """Raise where something in the module is not for Numba."""
    for func in module.funcs.values():
        _check_inputs(func)
        exceptions = {
            stmt.exc for stmt in walk(func.body) if isinstance(stmt, Raise) and stmt.exc
        }
        for param in func.params:
            _check_type(param.type, func.loc)
        lists = _lists_given(func, func.name == module.entry)
        arrays = any(_has_array(stmt) for stmt in walk(func.body))
        for stmt in walk(func.body):
            _check_stmt(stmt, func, exceptions)
            if isinstance(stmt, Let):
                _check_let(stmt, stmt.loc or func.loc, lists, arrays)
            elif isinstance(stmt, Call) and not lists.isdisjoint(stmt.args):
                _check_list(stmt.loc or func.loc)
        if not lists.isdisjoint(func.body.yields):
            _check_list(func.loc)
        for atom in func.body.yields:
            _check_atom(atom, func.loc)
    _check_calls(module)


def _lists_given(func: Func, entry: bool) -> set[Atom]:
    """The lists among the arguments, under all of their names: they are arrays inside."""
    found: set[Atom] = {p for p in func.params if entry and isinstance(p.type, List)}
    for param in found:
        if param.type not in (List(FLOAT), List(INT)):
            raise UnsupportedSyntax(f"Numba: an argument of type {param.type}", func.loc)
    size = -1
    while found and size != len(found):
        size = len(found)
        for stmt in walk(func.body):
            match stmt:
                case Let(out, "copy" | "id" | "set" | "acc", (source, *_)) if source in found:
                    found.add(out)
                case Loop(outs, _, _, _, inits) | While(outs, _, inits):
                    parts = zip(outs, stmt.carries, inits, stmt.nexts, strict=True)
                    for group in parts:
                        found.update(group if not found.isdisjoint(group) else ())
                case If(outs, _, then, orelse):
                    for arms in zip(outs, then.yields, orelse.yields, strict=True):
                        found.update(arms if not found.isdisjoint(arms) else ())
                case _:
                    pass
    return found


def _check_list(loc: Loc | None) -> None:
    raise UnsupportedSyntax("Numba: a list from outside may only be read or set", loc, _INSTEAD)


def _has_array(stmt: Stmt) -> bool:
    return any(isinstance(var.type, Array) for var in (*uses(stmt), *defines(stmt)))


def _check_let(let: Let, loc: Loc | None, lists: set[Atom], arrays: bool) -> None:
    """What has other results in NumPy's hands than in Numba's."""
    given = not lists.isdisjoint(let.args)
    if given and let.op not in _OF_LISTS:
        _check_list(loc)
    if let.op not in PRIMITIVES and let.op != "np.power":
        return
    types = [arg.type for arg in let.args]
    if isinstance(let.out.type, Array):
        whole = let.op in ("pow", "np.power") and let.out.type.dtype == INT
        if whole or let.op in ("mod", "floordiv"):
            raise UnsupportedSyntax(f"Numba: {let.op} of arrays", loc, _INSTEAD)
    elif arrays and BOOL in types and not let.origin and let.op not in _OF_TRUTHS:
        # NumPy's True + True is True.
        raise UnsupportedSyntax("Numba: arithmetic with truth values", loc, _INSTEAD)


def _check_inputs(func: Func) -> None:
    if func.inputs:
        raise UnsupportedSyntax(
            f"Numba: {func.name} takes or returns more than numbers", func.loc, _INSTEAD
        )


def _check_stmt(stmt: Stmt, func: Func, exceptions: set[Atom]) -> None:
    loc = stmt.loc or func.loc
    match stmt:
        case Try():
            what = "`try`" if stmt.manager is None else "`with`"
            raise UnsupportedSyntax(f"Numba: {what} is not compiled", loc, _INSTEAD)
        case Raise(exc, _, cause):
            if cause is not None or not isinstance(exc, Var | Lit):
                raise UnsupportedSyntax("Numba: raise … from …", loc, _INSTEAD)
            if isinstance(exc, Lit):
                _check_exception(str(exc.value), loc)
            return
        case Let(out, "python", (Lit(text), *holes)) if out in exceptions:
            _check_exception(str(text).format(*["0"] * len(holes)), loc)
            return
        case Let(out, "global") if isinstance(out.type, Array):
            raise UnsupportedSyntax("Numba: an array of the module", loc, "pass it in")
        case Let(out, op, args):
            _check_op(op, args, loc)
            if op == "pow" and out.type == INT and not _is_count(args[1]):
                raise UnsupportedSyntax("Numba: an int to the power of a name", loc, _INSTEAD)
        case _:
            pass
    for atom in uses(stmt):
        # The name of a global is no value; defaults of NumPy's parameters are not printed.
        if not (isinstance(stmt, Let) and isinstance(atom, Lit) and stmt.op in _WITH_TEXTS):
            _check_atom(atom, loc)
    for block in blocks(stmt):
        for atom in (*block.params, *block.yields):
            _check_atom(atom, loc)
    for var in defines(stmt):
        _check_atom(var, loc)


def _check_op(op: str, args: tuple[Atom, ...], loc: Loc | None) -> None:
    if op in PRIMITIVES:
        if op in _MISSING or (op in _BINARY and len(args) != 2):
            name = PRIMITIVES[op].python.partition("(")[0]
            raise UnsupportedFunction(f"Numba: {name} is not compiled", loc, _INSTEAD)
        if op == "round_digits" and args[0].type != FLOAT:
            raise UnsupportedFunction("Numba: round of an int", loc, _INSTEAD)
        return
    if op in ARRAY_OPS:
        what = _array_obstacle(op, args)
        if what:
            raise UnsupportedFunction(f"Numba: {what} is not compiled", loc, _INSTEAD)
        return
    if op in _REDUCED and len(args) == 1 and args[0].type == List(FLOAT):
        return
    if op not in _STRUCTURE:
        name = REDUCTIONS[op].function if op in REDUCTIONS else op
        what = "what runs as it stands" if op in ("python", "store") else f"`{name}`"
        raise UnsupportedFunction(f"Numba: {what} is not compiled", loc, _INSTEAD)


def _array_obstacle(op: str, args: tuple[Atom, ...]) -> str:
    """What Numba does not take of a function that it knows."""
    values = [arg.value for arg in args if isinstance(arg, Lit)]
    if op in ("view", "pick", "put", "add_to"):
        listed = any("[" in str(v).replace("][", "") for v in values if isinstance(v, str))
        return "an index that is a list" if listed else ""
    rest = [arg.value if isinstance(arg, Lit) else None for arg in args[2:]]
    if op == "np.pad" and (_rank(args[0]) != 1 or rest != ["'constant'", 0]):
        return "np.pad of a matrix, or with anything but zeros"
    if op == "np.cross" and any(_rank(arg) != 1 for arg in args[:2]):
        return "np.cross of matrices"
    if op in _ALONG and any(value is True for value in values):
        return f"{op} with keepdims"
    if op in _WHOLE and any(isinstance(v, int) for v in values if v is not False):
        return f"{op} along an axis"
    return ""


def _rank(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def _is_count(atom: Atom) -> bool:
    return isinstance(atom, Lit) and isinstance(atom.value, int) and atom.value >= 0


def _check_exception(text: str, loc: Loc | None) -> None:
    """A built-in exception with numbers and literals as arguments."""
    match ast.parse(text, mode="eval").body:
        case ast.Name(id=name):
            arguments: list[ast.expr] = []
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
            pass
        case _:
            name, arguments = "", []
    literal = all(isinstance(argument, ast.Constant) for argument in arguments)
    if not (literal and hasattr(builtins, name)):
        raise UnsupportedSyntax(
            "Numba: an exception is a built-in one of numbers or literals", loc, _INSTEAD
        )


def _check_atom(atom: Atom, loc: Loc | None) -> None:
    if isinstance(atom, Lit) and isinstance(atom.value, int) and abs(atom.value) >= 2**53:
        raise UnsupportedSyntax(f"Numba: the integer {atom.value}", loc, _INSTEAD)
    _check_type(atom.type, loc)


def _check_type(type_: Type, loc: Loc | None) -> None:
    match type_:
        case List(item):
            _check_type(item, loc)
        case Array(dtype, dims) if dims and dtype in (FLOAT, INT, BOOL):
            pass
        case Tuple(items):
            for item in items:
                _check_type(item, loc)
        case Named():
            raise UnsupportedSyntax("Numba: a recursive function", loc, _INSTEAD)
        case Places():
            raise UnsupportedSyntax("Numba: a dict", loc, _INSTEAD)
        case Opaque():
            raise UnsupportedSyntax("Numba: a value that is no number", loc, _INSTEAD)
        case _ if type_ not in (FLOAT, INT, BOOL, NEVER):
            raise UnsupportedSyntax(f"Numba: a value of type {type_}", loc, _INSTEAD)


def _check_calls(module: Module) -> None:
    """No function may lead to itself."""
    called = {
        name: {stmt.func: stmt for stmt in walk(func.body) if isinstance(stmt, Call)}
        for name, func in module.funcs.items()
    }

    def visit(name: str, around: tuple[str, ...]) -> None:
        for other, call in called[name].items():
            if other in around:
                loc = call.loc or module.funcs[other].loc
                raise UnsupportedSyntax("Numba: a recursive function", loc, _INSTEAD)
            visit(other, (*around, other))

    visit(module.entry, (module.entry,))
