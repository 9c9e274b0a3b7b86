"""Functions that use arrays element by element, on Python's floats.

    def _f_grad(x, exp):                    x is a list of floats, or the array
        a = x[0]
        b = exp(a)
        …
        return c, x_bar                     a list

    def f_grad(x: 'float[:]'):
        …
        try:
            c, x_bar = _f_grad(x.tolist(), math.exp)
        except (ArithmeticError, IndexError, ValueError):
            c, x_bar = _f_grad(x, np.exp)
        return np.float64(c), np.array(x_bar)

Python's floats are several times as fast as NumPy's scalars, and have the same values where
nothing raises. Where something does, NumPy goes on with inf or nan: the function runs again
on the array. So it may have no effects, and only operations that are alike in both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    NOTHING,
    ONE,
    ZERO,
    Atom,
    Block,
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
    float_lit,
)
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import STRUCTURE, may_share
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Opaque, Tuple, Type
from s2sad.ir.walk import bound, defines, free_vars, rename_block, walk
from s2sad.ops.core import PRIMITIVES, lookup_callable
from s2sad.transform.dce import eliminate_dead

# NumPy's functions, and what they are called in math.
_SHARED = {
    f"np.{word}": word
    for word in "sqrt exp expm1 log log1p log2 log10 sin cos tan sinh cosh tanh hypot".split()
} | {f"np.arc{word}": f"a{word}" for word in "sin cos tan tan2 sinh cosh tanh".split()}
# NumPy's functions that are operators, or builtins.
_OPERATORS = {
    "np.abs": "abs",
    "np.absolute": "abs",
    "np.fabs": "abs",
    "np.add": "add",
    "np.subtract": "sub",
    "np.multiply": "mul",
    "np.divide": "div",
    "np.true_divide": "div",
    "np.negative": "neg",
    "np.power": "pow",
    "np.float_power": "pow",
}
_POWERS = ("pow", "math_pow")
# Made as lists.
_LISTED = ("np.zeros", "np.zeros_like")
# Where Python and NumPy differ without an exception, or Python's integers are no floats.
_DIFFERENT = frozenset(
    "floordiv mod round round_digits int floor ceil trunc bitand bitor bitxor lshift rshift"
    " invert".split()
)
_STRUCTURE = frozenset(
    "append drop len copy id tuple item list repeat zeros_list constant global".split()
)


class _Bail(Exception):
    """The function stays as it is."""


FEW = 6  # elements are set in an array, more in a list that is made one


class Unboxed(NamedTuple):
    """The entry on lists of floats; the functions that it is handed, by what it calls
    them: those for floats, and those for the elements of arrays; the sizes that it is
    handed, of which arrays and axes they are; `whole`: some arrays are used as a whole."""

    func: Func
    functions: dict[str, tuple[str, str]]
    sizes: dict[Var, tuple[Var, int]]
    whole: bool


def unboxed(module: Module) -> Unboxed | None:
    """The entry on lists of floats; None where that is not possible."""
    func = module.funcs[module.entry]
    arrays = any(isinstance(param.type, Array) for param in func.params)
    if len(module.funcs) > 1 or func.inputs or not arrays:
        return None
    if not any(map(_reads_element, walk(func.body))):
        return None
    try:
        rewrite = _Rewrite(func)
        params = rewrite.vars(func.body.params)
        made = [rewrite.stmts(stmt) for stmt in func.body.stmts]
    except _Bail:
        return None
    forward = sum(map(len, made[: func.forward]))
    stmts = tuple(one for several in made for one in several)
    body = rename_block(Block(params, stmts, func.body.yields), rewrite.lists)
    types = {param.type for param in func.params}
    if any(_is_matrix(atom.type) and atom.type not in types for atom in func.body.yields):
        return None
    sizes = rewrite.handed
    body = replace(body, params=(*body.params, *sizes))
    lean = eliminate_dead(replace(func, body=body, forward=forward))
    return Unboxed(lean, rewrite.functions, sizes, bool(rewrite.wholes))


def _reads_element(stmt: Stmt) -> bool:
    if isinstance(stmt, Loop):
        return any(isinstance(seq.list.type, Array) for seq in stmt.seqs)
    return isinstance(stmt, Let) and stmt.op == "get"


class _Rewrite:
    def __init__(self, func: Func) -> None:
        self.lists: dict[Var, Var] = {}
        self.sizes: set[Var] = set()
        self.params = func.params
        self.tuples: dict[Var, tuple[Atom, ...]] = {}
        self.handed: dict[Var, tuple[Var, int]] = {}
        self.functions: dict[str, tuple[str, str]] = {}
        self.kept = _only_set(func.body)
        self.depth = 0
        # Arrays in the place of lists, for what is done to them as a whole.
        self.wholes: dict[Atom, Var] = {}
        self.by_element = _by_element(func.body)
        # The functions of math that the program calls itself.
        self.own = {stmt.op for stmt in walk(func.body) if isinstance(stmt, Let)}

    def var(self, var: Var) -> Var:
        """The list in the place of an array."""
        if not isinstance(var.type, Array):
            if not _is_plain(var.type):
                raise _Bail
            return var
        if var in self.kept:
            return var
        if var.type.dtype != FLOAT or not 1 <= len(var.type.dims) <= 2:
            raise _Bail
        if var not in self.lists:
            type_ = List(FLOAT) if len(var.type.dims) == 1 else List(List(FLOAT))
            self.lists[var] = Var(type_, var.hint, var.user, var.after)
        return self.lists[var]

    def vars(self, variables: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple(map(self.var, variables))

    def block(self, block: Block) -> Block:
        params = self.vars(block.params)
        stmts = tuple(made for stmt in block.stmts for made in self.stmts(stmt))
        return Block(params, stmts, block.yields)

    def stmts(self, stmt: Stmt) -> tuple[Stmt, ...]:
        match stmt:
            case Let(out, "python", (_, *told)) if out.type == Opaque("exception") and all(
                value.type == INT for value in told
            ):
                # Its message holds no float: NumPy's read otherwise than Python's.
                return (stmt,)
            case Let(_, "np.sign", (x,)) if x.type == FLOAT == stmt.out.type:
                return _sign(stmt, x)
            case Let(out, "zeros_like", (x,)) if out in self.kept:
                size = Var(INT)
                return Let(size, "len", (x,)), replace(
                    stmt, op="np.zeros", args=(size, NOTHING)
                )
            case Let(out) if out in self.kept:
                return (stmt,)
            case Let() if self.by_element and not self.depth and _is_whole_vector(stmt):
                return tuple(self.whole(stmt))
            case Let(out, "tuple", parts) if all(map(self.is_size, parts)):
                self.tuples[out] = parts
                return (stmt,)
            case Let():
                return (self.let(stmt),)
            case Raise():
                return (stmt,)
            case _:
                return (self.region(stmt),)

    def region(self, stmt: Stmt) -> Stmt:
        for var in (*defines(stmt), *bound(stmt)):
            self.var(var)
        match stmt:
            case Try() | Call():
                raise _Bail
            case _:
                self.depth += 1
                made = map_blocks(stmt, self.block)
                self.depth -= 1
        match made:
            case Loop() | While():
                return replace(made, outs=self.vars(made.outs), lists=self.vars(made.lists))
            case If():
                return replace(made, outs=self.vars(made.outs))
            case _:
                raise _Bail

    def whole(self, let: Let) -> Iterator[Let]:
        """An operation on arrays, which are made of the lists; and a list of its result."""
        args: list[Atom] = []
        for arg in let.args:
            if isinstance(arg.type, Array) and arg not in self.wholes:
                assert isinstance(arg, Var)
                self.wholes[arg] = Var(arg.type)
                self.var(arg)
                yield Let(self.wholes[arg], "from_list", (arg,), let.loc, let.origin)
            args.append(self.wholes.get(arg, arg))
        if not isinstance(let.out.type, Array):
            yield replace(let, args=tuple(args))
            return
        out = let.out
        if out not in self.by_element:
            self.lists[out] = self.wholes[out] = Var(out.type, out.hint, out.user, out.after)
            yield replace(let, out=self.wholes[out], args=tuple(args))
            return
        self.wholes[out] = Var(out.type)
        yield replace(let, out=self.wholes[out], args=tuple(args))
        self.functions["math.listed"] = ("np.ndarray.tolist", "np.copy")
        text = Lit("math.listed({0})", Opaque("text"))
        yield Let(self.var(out), "python", (text, self.wholes[out]), let.loc, let.origin)

    def let(self, let: Let) -> Let:
        out = self.var(let.out)
        arrays = [arg for arg in let.args if isinstance(arg.type, Array)]
        match let:
            case Let(_, "get", (buffer, *places)) if len(places) == _rank(buffer):
                return let
            case Let(_, "set" | "acc", (buffer, value, *places)) if len(places) == _rank(
                buffer
            ):
                if isinstance(value, Lit) and isinstance(value.value, int):
                    value = float_lit(float(value.value))
                if value.type != FLOAT:
                    raise _Bail
                return replace(let, out=out, args=(buffer, value, *places))
            case Let(_, "add", (left, right)) if arrays and let.origin:
                if left.type != right.type or "?" in getattr(left.type, "dims", "?"):
                    raise _Bail
                return replace(let, out=out)
            case Let(_, "dim", (source, Lit(int() as axis))) if axis:
                self.sizes.add(let.out)
                return replace(let, op="id", args=(self.size(source, axis),))
            case Let(_, "dim" | "len", (source, *_)):
                self.sizes.add(let.out)
                return replace(let, op="len", args=(source,))
            case Let(_, "zeros_like", (source,)):
                return replace(let, out=out, op="zeros_list", args=(source,))
            case Let(_, "np.zeros_like", (source, *rest)) if all(map(_is_none, rest)):
                text = "[0.0] * len({0})"
                if _rank(source) > 1:
                    text = "[[0.0] * len(v) for v in {0}]"
                return self.new(replace(let, out=out), text, source)
            case Let(_, "np.zeros", (size, *rest)) if all(map(_is_none, rest)):
                return self.zeros(replace(let, out=out), size)
            case Let(_, op) if arrays and op not in ("copy", "id"):
                raise _Bail
            case Let(_, op, args) if op in _SHARED and let.out.type == FLOAT:
                return self.called(let, _SHARED[op], op)
            case Let(_, op) if op in _OPERATORS and let.out.type == FLOAT:
                return self.let(replace(let, op=_OPERATORS[op]))
            case Let(_, "np.square", (x,)) if x.type == FLOAT:
                return replace(let, op="mul", args=(x, x))
            case Let(_, op, (_, exponent)) if op in _POWERS and not _is_whole(exponent):
                # A negative number to the power of a fraction is complex, or nan.
                if let.out.type != FLOAT:
                    raise _Bail
                return self.called(let, "pow", "np.power")
            case Let(_, op, args) if op not in _STRUCTURE:
                if op not in PRIMITIVES or op in _DIFFERENT:
                    raise _Bail
                # NumPy's True + True is True.
                if any(arg.type == BOOL for arg in args) and op != "not_" and not let.origin:
                    raise _Bail
            case _:
                pass
        return replace(let, out=out)

    def size(self, array: Atom, axis: int) -> Atom:
        """The size of an axis that is not the first: a list of no rows does not tell."""
        dim = array.type.dims[axis] if isinstance(array.type, Array) else "?"
        for param in self.params:
            dims = param.type.dims if isinstance(param.type, Array) else ()
            for k, own in enumerate(dims):
                if own == dim != "?":
                    known = {place: size for size, place in self.handed.items()}
                    size = known.get((param, k)) or Var(INT, f"{param.hint}_{k}")
                    self.handed[size] = (param, k)
                    return size
        raise _Bail

    def zeros(self, let: Let, size: Atom) -> Let:
        parts = self.tuples.get(size, ()) if isinstance(size, Var) else ()
        if len(parts) == 2:
            return self.new(let, "[[0.0] * {1} for _ in range({0})]", *parts)
        (length,) = parts or (size,)
        if not self.is_size(length):
            raise _Bail
        return self.new(let, "[0.0] * {0}", length)

    def new(self, let: Let, text: str, *args: Atom) -> Let:
        """An array of the program's: what is divided by its elements may not raise when it
        runs on arrays."""
        self.functions["math.new"] = ("list", "np.array")
        return replace(let, op="python", args=(Lit(f"math.new({text})", Opaque("text")), *args))

    def called(self, let: Let, word: str, of_numpy: str) -> Let:
        """A call of a function of math, in the place of NumPy's."""
        op = lookup_callable(f"math.{word}", len(let.args))
        if op is None or any(arg.type == BOOL for arg in let.args):
            raise _Bail
        if op in self.own:
            # This one raises on an array, too.
            raise _Bail
        self.functions[f"math.{word}"] = (f"math.{word}", of_numpy)
        return replace(let, op=op)

    def is_size(self, atom: object) -> bool:
        if isinstance(atom, Lit):
            return isinstance(atom.value, int) and atom.value >= 0
        return atom in self.sizes


def _by_element(body: Block) -> set[Var]:
    """The arrays that are used by element, if there is a loop along one: then it pays to
    make lists of arrays that are used as a whole, too."""
    sizes: set[Atom] = set()
    found: set[Var] = set()
    along = False
    for stmt in body.stmts:
        if isinstance(stmt, Let):
            if stmt.op in ("dim", "len") or (
                stmt.op in ("add", "sub") and not sizes.isdisjoint(stmt.args)
            ):
                sizes.add(stmt.out)
            if not _is_whole_vector(stmt) and stmt.op not in ("dim", "len", "zeros_like"):
                found.update(a for a in stmt.args if isinstance(a, Var))
            continue
        if isinstance(stmt, Loop) and stmt.domain and not sizes.isdisjoint(stmt.domain[:3]):
            along = True
        found.update(free_vars([stmt]))
    return {var for var in found if isinstance(var.type, Array)} if along else set()


def _is_whole_vector(let: Let) -> bool:
    """Is it an operation on vectors that makes a number or a new vector?"""
    arrays = [arg for arg in let.args if isinstance(arg.type, Array)]
    if not arrays or not all(_is_vector(arg.type) for arg in arrays):
        return False
    if not (_is_vector(let.out.type) or let.out.type == FLOAT):
        return False
    return let.op not in STRUCTURE and let.op not in _LISTED and not may_share(let.op)


def _only_set(body: Block) -> set[Var]:
    """The zeros that become a result after a few elements are set: one array, at the end,
    costs more than these are dearer to set."""
    chains: dict[Atom, list[Var]] = {}
    for stmt in body.stmts:
        match stmt:
            case Let(out, "zeros_like", _) if _is_vector(out.type):
                chains[out] = [out]
            case Let(out, "set", (buffer, value, Lit())) if (
                buffer in chains and value.type == FLOAT
            ):
                chains[out] = [*chains.pop(buffer), out]
            case _:
                for var in free_vars([stmt]):
                    chains.pop(var, None)
    found = [chain for last, chain in chains.items() if body.yields.count(last) == 1]
    return {var for chain in found if len(chain) <= FEW + 1 for var in chain}


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Lit) and atom.value is None


def _is_whole(atom: Atom) -> bool:
    if not isinstance(atom, Lit) or not isinstance(atom.value, float | int):
        return False
    return float(atom.value).is_integer()


def _sign(let: Let, x: Atom) -> tuple[Stmt, ...]:
    """1.0 if x > 0.0 else -1.0 if x < 0.0 else 0.0 * x: nan stays what it is."""
    above, below = Var(BOOL), Var(BOOL)
    less, rest = Var(FLOAT), Var(FLOAT)
    origin = let.origin
    nothing = Let(rest, "mul", (ZERO, x), let.loc, origin)
    lower = (
        Let(below, "lt", (x, ZERO), let.loc, origin),
        If(
            (less,), below, _only(float_lit(-1.0)), Block((), (nothing,), (rest,)), None, origin
        ),
    )
    return (
        Let(above, "gt", (x, ZERO), let.loc, origin),
        If((let.out,), above, _only(ONE), Block((), lower, (less,)), let.loc, origin),
    )


def _only(atom: Atom) -> Block:
    return Block((), (), (atom,))


def _is_matrix(type_: Type) -> bool:
    return isinstance(type_, Array) and len(type_.dims) > 1


def _rank(buffer: Atom) -> int:
    return len(buffer.type.dims) if isinstance(buffer.type, Array) else 1


def _is_vector(type_: Type) -> bool:
    return isinstance(type_, Array) and type_.dtype == FLOAT and len(type_.dims) == 1


def _is_plain(type_: Type) -> bool:
    match type_:
        case List(item):
            return _is_plain(item)
        case Tuple(items):
            return all(map(_is_plain, items))
        case _:
            return type_ in (FLOAT, INT, BOOL)
