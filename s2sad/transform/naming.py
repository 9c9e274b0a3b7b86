"""What the variables that have no name are called.

    %1 = x**2                    a = x**2
    %2 = exp(%1)         →       b = exp(a)            the lecture's 31-36
    %3 = …                       a_bar = …             the adjoint of a

Left without a name are what prints inside the expression that reads it: a sum or product
of the primal that is used once (-O0 names these too), a contribution to an adjoint that is
used once, a truth value.
"""

from __future__ import annotations

import keyword
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import count

from s2sad.ir.nodes import Atom, Block, Call, Func, If, Let, Module, Stmt, Var, While
from s2sad.ir.structure import CONSUMES, is_part
from s2sad.ir.types import BOOL, Array, List, Opaque, Tuple
from s2sad.ir.walk import blocks, bound, defines, uses
from s2sad.ops.core import PRIMITIVES, TOTAL
from s2sad.transform.fold import After


def settle_names(
    func: Func, shared: dict[Var, After], reserved: Iterable[str], level: int
) -> None:
    """Name the variables of a derivative, in place.

    `shared` tells what an adjoint with a single contribution is called, should it be read
    more than once; `reserved` are names that mean something else.
    """
    census = _Census(func.body)
    reads = census.reads
    for var, after in shared.items():
        if reads[var] > 1 and not var.hint and var.after is None and var in census.adjoints:
            var.after = after
    for var, list_ in census.lengths.items():
        if reads[var] > 1 and not var.hint and var.after is None:
            var.after = list_, "_len"
    derived = [(var, var.after[0]) for var in census.variables if var.after is not None]
    inside = set[Var]()
    if level:
        wanted = {primal for _, primal in derived}
        printed = _printed_inside(func.body, reads)
        # An array that has a name is kept for longer than it need be.
        inside = {
            var
            for var in printed
            if not var.user and (var not in wanted or isinstance(var.type, Array))
        }
    for var, primal in derived:
        if primal in inside:
            var.after = None
    taken = {*reserved, *census.called, *[var.hint for var in census.variables]}
    letters = (name for name in _letters() if name not in taken)
    for var in census.intermediates:
        if not var.hint and var.after is None and var not in inside:
            var.hint = next(letters)
    for var, _ in derived:
        if var.after is not None:
            _name_after(var)
    _tell_apart(func.params)


def _tell_apart(params: Iterable[Var]) -> None:
    """Parameters have names, each its own."""
    seen: set[str] = set()
    for param in params:
        wish, k = param.hint or "bar", 1
        param.hint = wish
        while param.hint in seen:
            k += 1
            param.hint = f"{wish}{k}"
        seen.add(param.hint)


def name_all(module: Module) -> Module:
    """Name every intermediate of a module that is not differentiated, in place."""
    for func in module.funcs.values():
        settle_names(func, {}, (), level=0)
    return module


class _Census:
    """The variables of a function, in program order, and how often each is read.

    `intermediates` are those of the primal that may be given a letter.
    """

    def __init__(self, body: Block) -> None:
        self.variables: list[Var] = []
        self.intermediates: list[Var] = []
        self.adjoints: set[Var] = set()
        self.lengths: dict[Var, Var] = {}
        self.called: set[str] = set()
        self.reads: Counter[Var] = Counter()
        self._block(body)

    def _block(self, block: Block, condition: bool = False) -> None:
        self.variables += block.params
        read: list[Atom] = []
        for stmt in block.stmts:
            if isinstance(stmt, Let):
                read += stmt.args
                out = stmt.out
                self.variables.append(out)
                if stmt.origin:
                    self.adjoints.add(out)
                elif not condition and _is_intermediate(out):
                    self.intermediates.append(out)
                if stmt.op == "len" and isinstance(stmt.args[0], Var):
                    self.lengths[out] = stmt.args[0]
                continue
            read += uses(stmt)
            outs = defines(stmt)
            self.variables += outs
            if isinstance(stmt, If | Call) and stmt.origin:
                self.adjoints.update(outs)
            elif not condition:
                self.intermediates += filter(_is_intermediate, outs)
            self._inside(stmt, condition)
        read += block.yields
        self.reads.update([atom for atom in read if type(atom) is Var])

    def _inside(self, stmt: Stmt, condition: bool) -> None:
        if isinstance(stmt, Call):
            self.called.add(stmt.func)
        self.variables += bound(stmt)
        for inner in blocks(stmt):
            # The condition of a `while` prints as one expression.
            test = isinstance(stmt, While) and inner is stmt.cond
            self._block(inner, condition or test)


def _name_after(var: Var) -> str:
    """Call a variable after another, which may itself be called after one."""
    chain = []
    while var.after is not None and not var.hint:
        chain.append(var)
        var = var.after[0]
    for link in reversed(chain):
        base, suffix = link.after or (link, "")
        link.hint = f"{base.hint}{suffix}" if base.hint else ""
    return var.hint


def _printed_inside(block: Block, reads: Counter[Var]) -> set[Var]:
    """The primal sums and products that one expression of their own block reads, and the
    parts of arrays, if nothing is written before they are read; and the rows of an array
    that is written as a list of lists."""
    found: set[Var] = set()
    here: set[Atom] = set()
    near: set[Atom] = set()
    rows: set[Atom] = set()
    for stmt in reversed(block.stmts):
        if isinstance(stmt, Let):
            op, args = stmt.op, stmt.args
            if op in TOTAL:
                if stmt.out in here and reads[stmt.out] == 1:
                    found.add(stmt.out)
            elif op not in PRIMITIVES:
                place = rows if op == "np.array" else near if is_part(stmt) else ()
                if stmt.out in place and reads[stmt.out] == 1:
                    found.add(stmt.out)
                if op in CONSUMES:
                    near.clear()
                if op == "np.array":
                    rows.update(args)
            near.update(args)
            here.update(args)
        else:
            near.clear()
            for inner in blocks(stmt):
                found |= _printed_inside(inner, reads)
    return found


def _is_intermediate(var: Var) -> bool:
    if var.hint or var.after is not None or var.type is BOOL:
        return False
    return not isinstance(var.type, Opaque | List | Tuple)


def _letters() -> Iterator[str]:
    """a, b, c, …, z, a1, b1, …: l left out, it reads as 1."""
    alphabet = "abcdefghijkmnopqrstuvwxyz"
    for round_ in count():
        for letter in alphabet:
            name = f"{letter}{round_ or ''}"
            if not keyword.iskeyword(name):
                yield name
