"""Dead code elimination: what nothing reads goes, loop carries and records included.

What can raise in the primal stays, read or not: the gradient raises where the primal does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from s2sad.analysis.inrange import certain_reads
from s2sad.errors import assert_never
from s2sad.ir.node import replace
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
    Raise,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.types import List
from s2sad.ir.walk import uses
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

_T = TypeVar("_T")
Keep = Callable[[Stmt], bool]


def prune(stmts: Sequence[Stmt], yields: Iterable[Atom]) -> list[Stmt]:
    """Derivative code that the yields depend on: it has no other purpose."""
    return _Pruner(lambda stmt: False).stmts(stmts, yields)


def eliminate_dead(func: Func) -> Func:
    """The function without what neither its results nor its exceptions depend on."""
    certain = certain_reads(func)
    pruner = _Pruner(lambda stmt: stmt not in certain and _may_raise(stmt))
    backward = pruner.stmts(func.body.stmts[func.forward :], func.body.yields)
    forward = pruner.stmts(func.body.stmts[: func.forward], ())
    stmts = (*forward, *backward)
    return replace(func, body=replace(func.body, stmts=stmts), forward=len(forward))


def _may_raise(stmt: Stmt) -> bool:
    match stmt:
        case Let(_, "python" | "store"):
            return True
        case Let(_, "get" | "set" | "drop", (buffer, *_)):
            # An index may be out of range.
            return isinstance(buffer.type, List)
        case Let(_, op, args) if op in REDUCTIONS:
            return REDUCTIONS[op].raises
        case Let(_, op, args):
            primitive = PRIMITIVES.get(op)
            if primitive is None or not primitive.raises:
                return False
            return not (op == "div" and isinstance(args[1], Lit) and bool(args[1].value))
        case Call() | Raise() | While():
            return True
        case _:
            return False


class _Pruner:
    """One sweep against program order; `live` are the variables that something kept reads."""

    def __init__(self, keep: Keep) -> None:
        self.keep = keep
        self.live: set[Var] = set()

    def stmts(self, stmts: Sequence[Stmt], yields: Iterable[Atom]) -> list[Stmt]:
        self._read(yields)
        kept: list[Stmt] = []
        live = self.live
        for stmt in reversed(stmts):
            if isinstance(stmt, Let):
                if stmt.out in live or self.keep(stmt):
                    live.update(arg for arg in stmt.args if isinstance(arg, Var))
                    kept.append(stmt)
                continue
            smaller = self._stmt(stmt)
            if smaller is not None:
                kept.append(smaller)
        kept.reverse()
        return kept

    def _read(self, atoms: Iterable[Atom]) -> None:
        self.live.update(atom for atom in atoms if isinstance(atom, Var))

    def _stmt(self, stmt: If | Loop | While | Call | Try | Raise) -> Stmt | None:
        match stmt:
            case Call(outs):
                if not any(out in self.live for out in outs) and not self.keep(stmt):
                    return None
                self._read(uses(stmt))
                return stmt
            case If():
                return self._if(stmt)
            case Loop():
                return self._loop(stmt)
            case While():
                return self._while(stmt)
            case Try():
                return self._try(stmt)
            case Raise():
                self._read(uses(stmt))
                return stmt
            case _:
                assert_never(stmt)

    def _block(self, block: Block, wanted: Sequence[bool]) -> Block:
        yields = tuple(y for y, w in zip(block.yields, wanted, strict=True) if w)
        return Block(block.params, tuple(self.stmts(block.stmts, yields)), yields)

    def _if(self, stmt: If) -> If | None:
        wanted = [out in self.live for out in stmt.outs]
        then, orelse = self._block(stmt.then, wanted), self._block(stmt.orelse, wanted)
        if not any(wanted) and not then.stmts and not orelse.stmts:
            return None
        self._read((stmt.cond,))
        return replace(stmt, outs=_kept(stmt.outs, wanted), then=then, orelse=orelse)

    def _try(self, stmt: Try) -> Try:
        wanted = [out in self.live for out in stmt.outs]
        body = self._block(stmt.body, wanted)
        handlers = tuple(Handler(h.exc, self._block(h.block, wanted)) for h in stmt.handlers)
        return replace(stmt, outs=_kept(stmt.outs, wanted), body=body, handlers=handlers)

    def _loop(self, loop: Loop) -> Loop | None:
        carries, lists, body = self._body(loop)
        if not any(carries) and not any(lists) and not body.stmts and _terminates(loop):
            return None
        elements = [element in self.live for element in loop.elements]
        if loop.domain is None and elements and not any(elements):
            elements[0] = True
        if loop.domain:
            self._read(loop.domain[:3])
        seqs = _kept(loop.seqs, elements)
        inits = _kept(loop.inits, carries)
        self._read((*inits, *(seq.list for seq in seqs)))
        return replace(
            loop,
            outs=_kept(loop.outs, carries),
            lists=_kept(loop.lists, lists),
            inits=inits,
            seqs=seqs,
            body=replace(
                body,
                params=_kept(loop.carries, carries) + _kept(loop.elements, elements),
            ),
        )

    def _while(self, loop: While) -> While:
        self.stmts(loop.cond.stmts, loop.cond.yields)
        carries, lists, body = self._body(loop)
        inits = _kept(loop.inits, carries)
        self._read(inits)
        cond = loop.cond
        return replace(
            loop,
            outs=_kept(loop.outs, carries),
            lists=_kept(loop.lists, lists),
            inits=inits,
            cond=replace(cond, params=_kept(cond.params, carries)),
            body=replace(body, params=_kept(loop.carries, carries)),
        )

    def _body(self, loop: Loop | While) -> tuple[list[bool], list[bool], Block]:
        """Which carries and lists are live: a fixpoint, for a carry may feed another."""
        lists = [list_ in self.live for list_ in loop.lists]
        carries = [out in self.live for out in loop.outs]
        tested = loop.cond.params if isinstance(loop, While) else loop.carries
        while True:
            body = self._block(loop.body, [True, *carries, *lists])
            grown = [
                was or param in self.live or test in self.live
                for was, param, test in zip(carries, loop.carries, tested, strict=True)
            ]
            if grown == carries:
                return carries, lists, body
            carries = grown


def _terminates(loop: Loop) -> bool:
    """May the loop be dropped when nothing of it is read? range(0, n, 0) raises."""
    step = loop.domain.step if loop.domain else None
    return step is None or (isinstance(step, Lit) and bool(step.value))


def _kept(items: Sequence[_T], wanted: Sequence[bool]) -> tuple[_T, ...]:
    return tuple(item for item, want in zip(items, wanted, strict=True) if want)
