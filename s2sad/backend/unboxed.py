"""Functions that use arrays element by element, on Python's floats.

    def _f_grad(x, lib):                    x is a list of floats, or the array
        a = x[0]
        b = lib.exp(a)
        …
        return c, x_bar                     a list

    def f_grad(x: 'float[:]'):
        …
        try:
            c, x_bar = _f_grad(x.tolist(), math)
        except (ArithmeticError, IndexError, ValueError):
            c, x_bar = _f_grad(x, np)
        return np.float64(c), np.array(x_bar, float)

Python's floats are several times as fast as NumPy's scalars, and have the same values where
nothing raises. Where something does, NumPy goes on with inf or nan: the function runs again
on the array. So it may have no effects, and only operations that are alike in both.
"""

from __future__ import annotations

from s2sad.backend.rebuild import map_blocks
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
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
)
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Tuple, Type
from s2sad.ir.walk import bound, defines, rename_block, walk
from s2sad.ops.core import PRIMITIVES

# NumPy's functions that math has under the same name.
_SHARED = frozenset(
    f"np.{word}"
    for word in "sqrt exp expm1 log log1p log2 log10 sin cos tan sinh cosh tanh hypot".split()
)
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


def unboxed(module: Module) -> Func | None:
    """The entry on lists of floats; None where that is not possible."""
    func = module.funcs[module.entry]
    arrays = any(isinstance(param.type, Array) for param in func.params)
    if len(module.funcs) > 1 or func.inputs or not arrays:
        return None
    if not any(isinstance(s, Let) and s.op == "get" for s in walk(func.body)):
        return None
    try:
        rewrite = _Rewrite()
        body = rename_block(rewrite.block(func.body), rewrite.lists)
    except _Bail:
        return None
    return replace(func, body=body)


class _Rewrite:
    def __init__(self) -> None:
        self.lists: dict[Var, Var] = {}
        self.sizes: set[Var] = set()

    def var(self, var: Var) -> Var:
        """The list in the place of an array."""
        if not isinstance(var.type, Array):
            if not _is_plain(var.type):
                raise _Bail
            return var
        if var.type.dtype != FLOAT or len(var.type.dims) != 1:
            raise _Bail
        if var not in self.lists:
            after = var.after
            self.lists[var] = Var(List(FLOAT), var.hint, var.user, after)
        return self.lists[var]

    def vars(self, variables: tuple[Var, ...]) -> tuple[Var, ...]:
        return tuple(map(self.var, variables))

    def block(self, block: Block) -> Block:
        params = self.vars(block.params)
        return Block(params, tuple(map(self.stmt, block.stmts)), block.yields)

    def stmt(self, stmt: Stmt) -> Stmt:
        for var in (*defines(stmt), *bound(stmt)):
            self.var(var)
        match stmt:
            case Let():
                return self.let(stmt)
            case Raise() | Try() | Call():
                raise _Bail
            case _:
                made = map_blocks(stmt, self.block)
        match made:
            case Loop() | While():
                return replace(made, outs=self.vars(made.outs), lists=self.vars(made.lists))
            case If():
                return replace(made, outs=self.vars(made.outs))
            case _:
                raise _Bail

    def let(self, let: Let) -> Let:
        out = self.var(let.out)
        arrays = [arg for arg in let.args if isinstance(arg.type, Array)]
        match let:
            case Let(_, "get", (_, _)):
                return let
            case Let(_, "set" | "acc", (_, value, _)) if value.type == FLOAT:
                return replace(let, out=out)
            case Let(_, "dim" | "len", (source, *_)):
                self.sizes.add(let.out)
                return replace(let, op="len", args=(source,))
            case Let(_, "zeros_like" | "np.zeros_like", (source, *_)):
                return replace(let, out=out, op="zeros_list", args=(source,))
            case Let(_, "np.zeros", (size, *rest)) if self.is_size(size):
                if any(not isinstance(atom, Lit) for atom in rest):
                    raise _Bail
                return replace(let, out=out, op="repeat", args=(Lit(0.0, FLOAT), size))
            case Let(_, op) if arrays and op not in ("copy", "id"):
                raise _Bail
            case Let(_, op, args) if op in _SHARED and let.out.type == FLOAT:
                holes = ", ".join(f"{{{k}}}" for k in range(len(args)))
                text = Lit(f"lib.{op.removeprefix('np.')}({holes})", FLOAT)
                return replace(let, op="python", args=(text, *args))
            case Let(_, "pow" | "math_pow", (_, Lit(float() | int() as exponent))):
                # A negative number to the power of a fraction is complex, or nan.
                if not float(exponent).is_integer():
                    raise _Bail
            case Let(_, "pow" | "math_pow"):
                raise _Bail
            case Let(_, op, args) if op not in _STRUCTURE:
                if op not in PRIMITIVES or op in _DIFFERENT:
                    raise _Bail
                # NumPy's True + True is True.
                if any(arg.type == BOOL for arg in args) and op != "not_" and not let.origin:
                    raise _Bail
            case _:
                pass
        return replace(let, out=out)

    def is_size(self, atom: object) -> bool:
        if isinstance(atom, Lit):
            return isinstance(atom.value, int) and atom.value >= 0
        return atom in self.sizes


def _is_plain(type_: Type) -> bool:
    match type_:
        case List(item):
            return _is_plain(item)
        case Tuple(items):
            return all(map(_is_plain, items))
        case _:
            return type_ in (FLOAT, INT, BOOL)
