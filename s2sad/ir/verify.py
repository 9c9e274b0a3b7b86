"""Is a module well formed? Run after every pass in tests.

Three checks, each of a whole function: scopes and arity (here), types (`typecheck`),
and the borrow check of array versions (`borrow`). All are linear in the size of the
function and recur only as deep as its regions nest.

Scopes are those of SSA with regions: a variable is bound once in a function, before
it is read, and what a region binds is not visible outside: it hands on what it yields.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NoReturn

from s2sad.errors import InternalError, assert_never
from s2sad.ir.borrow import check_borrows
from s2sad.ir.complaint import complain
from s2sad.ir.nodes import (
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
    Undef,
    Var,
    While,
    indices,
    raises_always,
)
from s2sad.ir.structure import STRUCTURE
from s2sad.ir.typecheck import check_types
from s2sad.ir.types import List, Named, Tuple, Type
from s2sad.ir.walk import blocks, bound, defines, uses
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

# The least and the greatest number of arguments.
_ANY = 1 << 30
_ARITY = {
    "item": (2, 2),
    "zeros_list": (1, 1),
    "reverse_list": (1, 1),
    "from_list": (1, 1),
    "to_list": (1, 1),
    "slice": (4, 4),
    "concat": (2, 2),
    "get": (1, _ANY),
    "set": (2, _ANY),
    "acc": (2, _ANY),
    "append": (2, _ANY),
    "drop": (1, _ANY),
    "enter": (2, 2),
    "place": (2, 2),
    "find": (2, 2),
    "zeros_like": (1, 1),
    "copy": (1, 1),
    "repeat": (2, 2),
    "len": (1, 1),
    "count": (2, 2),
    **{name: (1, 1 + reduction.start) for name, reduction in REDUCTIONS.items()},
    "global": (1, 1),
    "constant": (1, 1),
    "python": (1, _ANY),
    "store": (2, 2),
    "id": (1, 1),
    "stop_gradient": (1, 1),
    "cotangent": (3, _ANY),
}


def verify(module: Module) -> None:
    """Raise an InternalError that says what is wrong, if anything is."""
    _check_module(module)
    for func in module.funcs.values():
        _Scopes(module, func).run()
        check_types(module, func)
    check_borrows(module)


def _check_module(module: Module) -> None:
    names = list(module.funcs)
    if names[-1:] != [module.entry]:
        raise InternalError(f"the entry {module.entry} is not the last of {names}")
    for name, func in module.funcs.items():
        if func.name != name:
            raise InternalError(f"the function {func.name} is filed as {name}")


class _Scopes:
    def __init__(self, module: Module, func: Func) -> None:
        self.module = module
        self.func = func
        self.bound: set[Var] = set()
        self.visible: set[Var] = set()
        self.known_types: set[Type] = set()
        self.stmt_: Stmt | None = None

    def fail(self, what: str, *subjects: Atom) -> NoReturn:
        complain(self.func, self.stmt_, what, *subjects)

    def count(self, what: str, found: int, expected: int) -> None:
        if found != expected:
            self.fail(f"{what}: {found}, where {expected} belong")

    def run(self) -> None:
        func = self.func
        self.block(func.body, None)
        results = len(func.body.yields)
        if set(indices(func.structure)) != set(range(results)):
            self.fail(f"the structure {func.structure} does not cover {results} results")
        if len(func.defaults) > len(func.signature):
            self.fail("more defaults than parameters")
        leaves = [k for input_ in func.inputs for k in indices(input_.structure)]
        if func.inputs and leaves != list(range(len(func.params))):
            self.fail(f"the inputs {func.inputs} do not cover {len(func.params)} parameters")
        if not 0 <= func.forward <= len(func.body.stmts):
            self.fail(f"no {func.forward} statements belong to the forward sweep")

    # -- scopes

    def block(self, block: Block, owner: Stmt | None, index: tuple[Var, ...] = ()) -> None:
        local = [*index, *block.params]
        for var in local:
            self.bind(var)
        last = len(block.stmts) - 1
        for position, stmt in enumerate(block.stmts):
            self.stmt(stmt)
            if isinstance(stmt, Raise) and position != last:
                self.fail("nothing may stand after a raise")
            defined = defines(stmt)
            for var in defined:
                self.bind(var)
            local.extend(defined)
        self.stmt_ = owner
        for atom in block.yields:
            self.read(atom)
        self.visible.difference_update(local)

    def stmt(self, stmt: Stmt) -> None:
        self.stmt_ = stmt
        for atom in uses(stmt):
            self.read(atom)
        for atom in _operands(stmt):
            if isinstance(atom, Undef):
                self.fail("undef is no operand")
        self.arity(stmt)
        for block in blocks(stmt):
            self.block(block, stmt, bound(stmt))
        self.stmt_ = stmt

    def bind(self, var: Var) -> None:
        if var in self.bound:
            self.fail("{} is bound twice", var)
        if var.type not in self.known_types:
            self.known_types.add(var.type)
            self.layouts(var.type)
        self.bound.add(var)
        self.visible.add(var)

    def layouts(self, type_: Type) -> None:
        """Every named record has a layout."""
        match type_:
            case Named(name) if name not in self.module.records:
                self.fail(f"no record {name}")
            case Tuple(items):
                for item in items:
                    self.layouts(item)
            case List(item):
                self.layouts(item)
            case _:
                pass

    def read(self, atom: Atom) -> None:
        if isinstance(atom, Var) and atom not in self.visible:
            if atom in self.bound:
                self.fail("{} is bound inside a region and not visible here", atom)
            self.fail("{} is read before it is bound", atom)

    # -- arity

    def arity(self, stmt: Stmt) -> None:
        match stmt:
            case Let():
                self.let(stmt)
            case If(outs, _, then, orelse):
                self.plain_block("then", then, len(outs))
                self.plain_block("else", orelse, len(outs))
            case Loop():
                self.loop(stmt)
            case While():
                self.while_(stmt)
            case Call():
                self.call(stmt)
            case Try():
                self.try_(stmt)
            case Raise():
                pass
            case _:
                assert_never(stmt)

    def plain_block(self, what: str, block: Block, yields: int) -> None:
        self.count(f"parameters of {what}", len(block.params), 0)
        self.count(f"yields of {what}", len(block.yields), yields)

    def try_(self, stmt: Try) -> None:
        if (stmt.manager is None) != bool(stmt.handlers):
            self.fail("a try has at least one handler, a with none")
        most = 0 if stmt.manager is None else 1
        for what, block, params in (
            ("try", stmt.body, most),
            *((f"except {handler.exc}", handler.block, 1) for handler in stmt.handlers),
        ):
            if len(block.params) > params:
                self.fail(f"too many parameters of {what}")
            self.count(f"yields of {what}", len(block.yields), len(stmt.outs))

    def loop(self, loop: Loop) -> None:
        if loop.domain is None and not loop.seqs:
            self.fail("a loop has a domain or a sequence")
        params = len(loop.inits) + len(loop.seqs)
        self.count("parameters of the body", len(loop.body.params), params)
        self.loop_yields(loop)

    def while_(self, loop: While) -> None:
        self.count("parameters of the condition", len(loop.cond.params), len(loop.inits))
        self.count("yields of the condition", len(loop.cond.yields), 1)
        self.count("parameters of the body", len(loop.body.params), len(loop.inits))
        self.always_bound(loop.cond, loop.cond.yields)
        self.loop_yields(loop)

    def loop_yields(self, loop: Loop | While) -> None:
        expected = 1 + len(loop.inits) + len(loop.lists)
        self.count("yields of the body", len(loop.body.yields), expected)
        self.count("results", len(loop.outs), len(loop.inits))
        self.always_bound(loop.body, (loop.stop, *loop.recorded))

    def always_bound(self, block: Block, yields: Iterable[Atom]) -> None:
        """Undef may not be tested or recorded, but where the yield is never reached."""
        if any(isinstance(atom, Undef) for atom in yields) and not raises_always(block):
            self.fail("undef is no condition and is never recorded")

    def call(self, call: Call) -> None:
        callee = self.module.funcs.get(call.func)
        if callee is None:
            complain(self.func, call, f"no function {call.func}")
        self.count("arguments", len(call.args), len(callee.params))
        self.count("results", len(call.outs), len(callee.body.yields))

    def let(self, let: Let) -> None:
        op, count = let.op, len(let.args)
        if op in STRUCTURE:
            least, most = _ARITY.get(op, (0, _ANY))
            self.literals(let)
        elif op in PRIMITIVES:
            params = PRIMITIVES[op].params
            starred = sum(param.startswith("*") for param in params)
            least = len(params) - starred
            most = _ANY if starred else least
        else:
            least, most = self.array_primitive(op)
        if not least <= count <= most:
            self.fail(f"{op} of {count} arguments")

    def array_primitive(self, op: str) -> tuple[int, int]:
        """How many arguments a primitive of the array table takes."""
        from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS

        if op in HELPERS:
            return 0, _ANY
        if op not in ARRAY_OPS:
            self.fail(f"no primitive {op}")
        params = ARRAY_OPS[op].params
        rest = any(param.rest for param in params)
        return len(params) - rest, _ANY if rest else len(params)

    def literals(self, let: Let) -> None:
        match let.op, let.args:
            case (("global" | "constant" | "python" | "store"), (first, *_)):
                if not (isinstance(first, Lit) and isinstance(first.value, str)):
                    self.fail(f"{let.op} of {{}}, which is no text", first)
            case "item", (_, index):
                if not (isinstance(index, Lit) and isinstance(index.value, int)):
                    self.fail("item at {}, which is no integer literal", index)
            case _:
                pass


def _operands(stmt: Stmt) -> Iterable[Atom]:
    """What a statement reads itself, the first values of carries left out."""
    match stmt:
        case Loop(_, _, _, domain, _, seqs):
            return (*(domain[:3] if domain else ()), *(seq.list for seq in seqs))
        case While():
            return ()
        case _:
            return uses(stmt)
