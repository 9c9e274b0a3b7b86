"""Which buffers stay as they are: those that nothing writes to once they are made.

A version of an array or list is *frozen* where nothing consumes it, nor anything that may
be the same buffer: a view, another name, what a branch or loop hands on, a list that holds
it. The elements of a frozen version may be read again in the reverse sweep.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s2sad.errors import assert_never
from s2sad.ir.nodes import Atom, Block, Call, If, Let, Loop, Module, Raise, Try, Var, While
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import Array, List, Named, Opaque, Scalar, Tuple, Type
from s2sad.ir.walk import walk

# What comes out holds, or is part of, what goes in.
_SHARES = frozenset(
    {"id", "item", "get", "tuple", "list", "append", "set", "reverse_list", "python"}
)


def may_hold_buffer(type_: Type) -> bool:
    match type_:
        case Array() | List() | Named():
            return True
        case Tuple(items):
            return any(map(may_hold_buffer, items))
        case Scalar() | Opaque():
            return False
        case _:
            assert_never(type_)


class Shared(NamedTuple):
    """`written`: the variables that are not frozen. `derived`: those that may be the same
    buffer as an older one, or hold it."""

    written: frozenset[Var]
    derived: frozenset[Var]


class Writes:
    """What the functions of a module write to: `params` tells which of their parameters."""

    def __init__(self, module: Module) -> None:
        self.params: dict[str, tuple[bool, ...]] = {
            name: (False,) * len(func.params) for name, func in module.funcs.items()
        }
        settled = False
        while not settled:
            settled = True
            for name, func in module.funcs.items():
                written = self.of(func.body).written
                found = tuple(param in written for param in func.params)
                settled = settled and found == self.params[name]
                self.params[name] = found

    def of(self, body: Block) -> Shared:
        flow = _Flow(self.params)
        flow.block(body)
        written: set[Var] = set()
        todo = flow.consumed
        while todo:
            var = todo.pop()
            if var not in written:
                written.add(var)
                todo += flow.sources.get(var, ())
        return Shared(frozenset(written), frozenset(flow.sources))


class _Flow:
    """`sources[v]`: the variables that v may share a buffer with, made before it."""

    def __init__(self, params: dict[str, tuple[bool, ...]]) -> None:
        self.params = params
        self.sources: dict[Var, list[Var]] = {}
        self.consumed: list[Var] = []

    def hand(self, sources: Sequence[Atom], targets: Sequence[Var]) -> None:
        for source, target in zip(sources, targets, strict=True):
            if isinstance(source, Var) and may_hold_buffer(source.type):
                self.sources.setdefault(target, []).append(source)

    def block(self, block: Block) -> None:
        for stmt in walk(block):
            match stmt:
                case Let():
                    self.let(stmt)
                case If(outs, _, then, orelse):
                    self.hand(then.yields, outs)
                    self.hand(orelse.yields, outs)
                case Loop() | While():
                    self.loop(stmt)
                case Call():
                    self.call(stmt)
                case Try(outs, _, body, handlers):
                    for arm in (body, *(handler.block for handler in handlers)):
                        self.hand(arm.yields, outs)
                case Raise():
                    pass
                case _:
                    assert_never(stmt)

    def let(self, let: Let) -> None:
        parts = let.args
        if let.op in CONSUMES:
            taken, *rest = parts
            assert isinstance(taken, Var)
            self.consumed.append(taken)
            parts = tuple(rest)
        if let.op in _SHARES and may_hold_buffer(let.out.type):
            self.hand(parts, [let.out] * len(parts))

    def loop(self, loop: Loop | While) -> None:
        for carries in (loop.carries, loop.cond.params if isinstance(loop, While) else ()):
            if carries:
                self.hand(loop.inits, carries)
                self.hand(loop.nexts, carries)
                self.hand(carries, loop.outs)
        self.hand(loop.recorded, loop.lists)
        if isinstance(loop, Loop):
            self.hand([seq.list for seq in loop.seqs], loop.elements)

    def call(self, call: Call) -> None:
        for arg, consumed in zip(call.args, self.params[call.func], strict=True):
            if not isinstance(arg, Var) or not may_hold_buffer(arg.type):
                continue
            if consumed:
                self.consumed.append(arg)
            for out in call.outs:
                if may_hold_buffer(out.type):
                    self.hand((arg,), (out,))
