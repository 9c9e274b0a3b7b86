"""The meaning of the IR: a reference interpreter, slow and literal.

Values are immutable: `set` and `acc` copy the array, so that every version keeps its
value, and a name that is unbound is a value that may be passed on but not read. The
passes and the back end are tested against it; `trace.py` follows a run with it.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from s2sad.backend.arrays import apply_array
from s2sad.errors import InternalError, assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Range,
    Shape,
    Stmt,
    Structure,
    Try,
    Undef,
    Var,
    While,
)
from s2sad.ir.structure import READS_PART, WRITES_PART, is_turn
from s2sad.ir.types import FLOAT, Opaque
from s2sad.ops.arrays.core import HELPERS as OF_ARRAYS
from s2sad.ops.core import HELPERS, PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS
from s2sad.rules import BOUND

Values = list[Any]


class Unbound:
    """The value of `undef`; its text is the name that was not bound."""


UNBOUND = Unbound()


def run(
    module: Module,
    args: Sequence[object],
    func: str | None = None,
    names: Mapping[str, object] | None = None,
) -> Any:
    """Call a function of the module, its entry if none is named.

    `names` are the user's globals, for `global`, `constant` and `python`.
    """
    chosen = module.funcs[func or module.entry]
    known = {**vars(builtins), "math": math, **(names or {})}
    results = Interpreter(module, known).call(chosen, with_defaults(chosen, args))
    return shaped(chosen.structure, results)


def with_defaults(func: Func, args: Sequence[object]) -> Values:
    missing = len(func.params) - len(args)
    if not 0 <= missing <= len(func.defaults):
        raise TypeError(f"{func.name}() takes {len(func.params)} arguments, {len(args)} given")
    return [
        *args,
        *(lit.value for lit in func.defaults[len(func.defaults) - missing :]),
    ]


def shaped(structure: Structure, results: Values) -> Any:
    match structure:
        case int():
            return results[structure]
        case Shape("list", _, parts):
            return [shaped(part, results) for part in parts]
        case Shape("dict", keys, parts):
            return dict(zip(keys, (shaped(part, results) for part in parts), strict=True))
        case Shape(kind):
            raise InternalError(f"no {kind} here")
        case _:
            return tuple(shaped(part, results) for part in structure)


class Interpreter:
    def __init__(self, module: Module, names: dict[str, Any]) -> None:
        self.module = module
        self.names = names

    def call(self, func: Func, args: Values) -> Values:
        frame = Frame(self)
        return [frame.read(atom) for atom in frame.block(func.body, args)]


class Frame:
    """One call of a function: the values of its variables."""

    def __init__(self, interpreter: Interpreter) -> None:
        self.interpreter = interpreter
        self.env: dict[Var, Any] = {}

    def value(self, atom: Atom) -> Any:
        """What a join passes on: it may be unbound."""
        match atom:
            case Var():
                return self.env[atom]
            case Lit(str() as text) if atom.type == Opaque("str"):
                return self.evaluate(text)
            case Lit(value):
                return value
            case Undef():
                return UNBOUND
            case _:
                assert_never(atom)

    def values(self, atoms: Iterable[Atom]) -> Values:
        return [self.value(atom) for atom in atoms]

    def read(self, atom: Atom) -> Any:
        value = self.value(atom)
        if value is UNBOUND:
            name = atom.hint if isinstance(atom, Var) else "undef"
            raise UnboundLocalError(f"local variable {name!r} is not bound")
        return value

    def bind(self, variables: Sequence[Var], values: Sequence[Any]) -> None:
        for variable, value in zip(variables, values, strict=True):
            self.env[variable] = value

    def block(self, block: Block, args: Sequence[Any] = ()) -> tuple[Atom, ...]:
        """Run a block; what it yields is to be evaluated in the frame as it is then."""
        self.bind(block.params, args)
        for stmt in block.stmts:
            self.stmt(stmt)
        return block.yields

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let(out, op, args):
                self.env[out] = self.apply(op, self.operands(op, args))
            case If(outs, cond, then, orelse):
                taken = then if self.read(cond) else orelse
                self.bind(outs, self.values(self.block(taken)))
            case Loop():
                self.loop(stmt)
            case While():
                self.while_(stmt)
            case Call(outs, func, args):
                callee = self.interpreter.module.funcs[func]
                values = [self.read(arg) for arg in args]
                self.bind(outs, self.interpreter.call(callee, values))
            case Try():
                self.try_(stmt)
            case Raise(exc, _, cause):
                self.raise_(exc, cause)
            case _:
                assert_never(stmt)

    def loop(self, loop: Loop) -> None:
        carries = self.values(loop.inits)
        recorded: list[Values] = [[] for _ in loop.lists]
        for index, elements in self.passes(loop):
            self.env[loop.index] = index
            self.block(loop.body, [*carries, *elements])
            carries, stop = self.end_pass(loop, recorded)
            if stop:
                break
        self.bind(loop.outs, carries)
        self.bind(loop.lists, recorded)

    def passes(self, loop: Loop) -> Iterator[tuple[int, tuple[Any, ...]]]:
        """The index and the elements of each pass, up to the end of the shortest."""
        columns = [self.column(self.read(seq.list), seq.reversed) for seq in loop.seqs]
        shortest = min(map(len, columns), default=0)
        indices = range(shortest) if loop.domain is None else self.range(loop.domain)
        rows = zip(*columns, strict=False) if columns else iter([()] * len(indices))
        return zip(indices, rows, strict=False)

    def column(self, elements: Sequence[Any], backward: bool) -> Sequence[Any]:
        return elements[::-1] if backward else elements

    def range(self, domain: Range) -> range:
        indices = range(*(self.read(end) for end in domain[:3]))
        return indices[::-1] if domain.backward else indices

    def end_pass(self, loop: Loop | While, recorded: list[Values]) -> tuple[Values, bool]:
        for column, atom in zip(recorded, loop.recorded, strict=True):
            column.append(self.read(atom))
        return self.values(loop.nexts), self.read(loop.stop)

    def while_(self, loop: While) -> None:
        carries = self.values(loop.inits)
        recorded: list[Values] = [[] for _ in loop.lists]
        while self.read(self.block(loop.cond, carries)[0]):
            self.block(loop.body, carries)
            carries, stop = self.end_pass(loop, recorded)
            if stop:
                break
        self.bind(loop.outs, carries)
        self.bind(loop.lists, recorded)

    def try_(self, stmt: Try) -> None:
        if stmt.manager is not None:
            with self.read(stmt.manager) as entered:
                given = [entered] if stmt.body.params else []
                self.bind(stmt.outs, self.values(self.block(stmt.body, given)))
            self.env[stmt.path] = 0
            return
        try:
            results, path = self.values(self.block(stmt.body)), 0
        except BaseException as error:
            number = self.handler_of(error, stmt.handlers)
            if number is None:
                raise
            # Here, so that a `raise None` in the handler finds the error.
            block = stmt.handlers[number].block
            given = [error] if block.params else []
            results, path = self.values(self.block(block, given)), number + 1
        self.bind(stmt.outs, results)
        self.env[stmt.path] = path

    def handler_of(self, error: BaseException, handlers: Sequence[Handler]) -> int | None:
        for number, handler in enumerate(handlers):
            if isinstance(error, self.evaluate(handler.exc or "BaseException")):
                return number
        return None

    def raise_(self, exc: Atom, cause: Atom | None) -> None:
        value = self.read(exc)
        if value is None:
            raise  # the error whose handler is running
        error = self.evaluate(value) if isinstance(value, str) else value
        if cause is None:
            raise error
        raise error from self.read(cause)

    def evaluate(self, text: str, args: Sequence[Any] = ()) -> Any:
        holes = {f"_{i}": arg for i, arg in enumerate(args)}
        return eval(text.format(*holes) if args else text, {**self.interpreter.names, **holes})

    def operands(self, op: str, args: Sequence[Atom]) -> Values:
        """The values of the arguments; the first one of some operations is a text."""
        texts = {0} if op in ("global", "constant", "python", "store") else set()
        texts |= {1} if op in READS_PART or op == "cotangent" else set()
        texts |= {2} if op in WRITES_PART else set()
        return [self.operand(arg, i in texts) for i, arg in enumerate(args)]

    def operand(self, arg: Atom, text: bool) -> Any:
        if isinstance(arg, Lit) and isinstance(arg.value, str):
            return arg.value if text else self.evaluate(arg.value)
        return self.read(arg)

    def apply(self, op: str, args: Values) -> Any:
        match op:
            case "store":
                return None  # what is the user's is left as it is
            case "global" | "constant":
                return self.evaluate(args[0])
            case "python":
                return self.evaluate(args[0], args[1:])
            case _ if op in STRUCTURAL:
                return STRUCTURAL[op](*args)
            case _:
                return primitive(op)(args)


def array_primitive(op: str, args: Values) -> Any:
    """A primitive of the array table, called as it prints."""
    names = {f"_{k}": arg for k, arg in enumerate(args)}
    atoms = tuple(Var(FLOAT, name) for name in names)
    tree = apply_array(Let(Var(FLOAT), op, atoms), lambda atom: ast.Name(atom.hint, ast.Load()))  # type: ignore[union-attr]
    text = ast.unparse(ast.fix_missing_locations(ast.Expression(tree)))
    if op.startswith("scipy."):
        importlib.import_module(op.partition(":")[0].rpartition(".")[0])
        names["scipy"] = sys.modules["scipy"]
    return eval(text, {**scope(), **names})


def access(base: str, at: str) -> str:
    """`base[at]` as Python: "1:][0" is base[1:][0], "T][0" base.T[0], {0} a name."""
    parts = at.replace("{", "_").replace("}", "").split("][")
    return base + "".join(f".{part}" if is_turn(part) else f"[{part}]" for part in parts)


def part(array: Any, at: str, *index: Any) -> Any:
    names = {f"_{k}": atom for k, atom in enumerate(index)}
    return eval(access("_array", at), {"_array": array, **names})


def put(array: Any, value: Any, at: str, *index: Any) -> Any:
    result = array.copy()
    names = {f"_{k}": atom for k, atom in enumerate(index)} | {"_a": result, "_v": value}
    exec(f"{access('_a', at)} = _v", names)
    return result


def add_to(array: Any, value: Any, at: str, *index: Any) -> Any:
    result = array.copy()
    names = {f"_{k}": atom for k, atom in enumerate(index)} | {"_a": result, "_v": value}
    exec(f"{access('_a', at)} += _v", names)
    return result


def add_at(array: Any, value: Any, at: str, *index: Any) -> Any:
    result = array.copy()
    names = {f"_{k}": atom for k, atom in enumerate(index)} | {"_a": result, "_v": value}
    before, _, last = at.rpartition("][")
    base = access("_a", before) if before else "_a"
    place = last.replace("{", "_").replace("}", "")
    exec(f"np.add.at({base}, np.s_[{place}], _v)", {"np": np, **names})
    return result


def primitive(op: str) -> Callable[[Values], Any]:
    """The function that a primitive prints as."""
    if op in BOUND:
        return lambda args: BOUND[op](*args)
    if op not in PRIMITIVES:
        return lambda args: array_primitive(op, args)
    params = PRIMITIVES[op].params
    function = compiled(op)
    starred = sum(param.startswith("*") for param in params)
    if not starred:
        return lambda args: function(*args)
    plain = len(params) - starred
    return lambda args: function(*grouped(args, plain, starred))


def grouped(args: Values, plain: int, starred: int) -> Values:
    """The arguments of a variadic primitive: the starred parameters share the rest."""
    rest = args[plain:]
    size = len(rest) // starred
    return [
        *args[:plain],
        *(tuple(rest[i * size : (i + 1) * size]) for i in range(starred)),
    ]


@cache
def scope() -> dict[str, Any]:
    """What the text of a primitive may name."""
    names: dict[str, Any] = {"math": math, "np": np}
    for source in (*HELPERS.values(), *OF_ARRAYS.values()):
        exec(source, names)
    return names


@cache
def compiled(op: str) -> Callable[..., Any]:
    names = ", ".join(param.lstrip("*") for param in PRIMITIVES[op].params)
    function: Callable[..., Any] = eval(f"lambda {names}: {PRIMITIVES[op].python}", scope())
    return function


def position(indices: tuple[Any, ...]) -> Any:
    return indices[0] if len(indices) == 1 else indices


def get(array: Any, *indices: Any) -> Any:
    if isinstance(array, list):
        element = array[indices[0]]
        return get(element, *indices[1:]) if len(indices) > 1 else element
    element = array[position(indices)]
    return element.copy() if hasattr(element, "shape") and element.shape else scalar(element)


def scalar(element: Any) -> Any:
    return element.item() if hasattr(element, "item") else element


def set_(array: Any, value: Any, *indices: Any) -> Any:
    version = array.copy()
    if isinstance(array, list):
        first, *rest = indices
        version[first] = set_(array[first], value, *rest) if rest else value
        return version
    version[position(indices)] = value
    return version


def acc(array: Any, value: Any, *indices: Any) -> Any:
    if isinstance(array, list):
        return set_(array, get(array, *indices) + value, *indices)
    import numpy as np

    version = array.copy()
    np.add.at(version, position(indices), value)
    return version


def zeros_like(array: Any) -> Any:
    version = array.copy()
    version[...] = 0
    return version


def zeros_list(values: Any) -> Any:
    match values:
        case list():
            return [zeros_list(value) for value in values]
        case tuple():
            return tuple(zeros_list(value) for value in values)
        case int() | float():
            return 0.0
        case complex():
            return 0j
        case None:
            return None
        case _:
            return zeros_like(values)


def append(values: list[Any], value: Any, *indices: Any) -> list[Any]:
    if indices:
        return list(set_(values, [*get(values, *indices), value], *indices))
    return [*values, value]


def drop(values: list[Any], *indices: Any) -> list[Any]:
    if indices:
        return list(set_(values, drop(get(values, *indices)), *indices))
    version = values.copy()
    del version[-1]
    return version


def reduction(function: str) -> Callable[..., Any]:
    made: Callable[..., Any] = eval(function, scope())
    return made


STRUCTURAL: dict[str, Callable[..., Any]] = {
    "tuple": lambda *args: args,
    "item": lambda record, index: record[index],
    "list": lambda *args: list(args),
    "zeros_list": zeros_list,
    "reverse_list": lambda values: values[::-1],
    "slice": lambda values, *ends: values[slice(*ends)],
    "concat": lambda one, other: one + other,
    "get": get,
    "set": set_,
    "acc": acc,
    "zeros_like": zeros_like,
    "copy": lambda array: array.copy(),
    "append": append,
    "drop": drop,
    "places": lambda *keys: {key: k for k, key in enumerate(keys)},
    "place": lambda places, key: places[key],
    "find": lambda places, key: places.get(key, -1),
    "enter": lambda places, key: {**places, key: len(places)},
    "repeat": lambda value, count: [value] * count,
    "from_list": np.array,
    "to_list": lambda array: list(array.copy()) if array.ndim > 1 else array.tolist(),
    "len": len,
    "count": lambda values, value: values.count(value),
    **{name: reduction(r.function) for name, r in REDUCTIONS.items()},
    "shape": lambda array: array.shape,
    "dim": lambda array, axis: array.shape[axis],
    "view": part,
    "pick": part,
    "put": put,
    "add_to": add_to,
    "add_at": add_at,
    "id": lambda value: value,
    "stop_gradient": lambda value: value,
    "cotangent": lambda value, *_: value,
}
