"""Loop-invariant code motion: what a loop computes anew in every pass, without need.

    for i in range(n):              f = 0.5 * h
        x = x + 0.5 * h * k    →    for i in range(n):
                                        x = x + f * k

Moved are sums, products, names of constants, and sizes that no pass changes: they cannot
raise, so it does not matter that they are now computed where the loop makes no pass. Their
bits stay as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Handler, If, Let, Lit, Loop, Stmt, Try, Var, While
from s2sad.ir.types import FLOAT, INT, Array
from s2sad.ir.walk import defines, is_straight
from s2sad.ops.core import TOTAL


def hoist_invariants(func: Func) -> Func:
    return replace(func, body=_block(func.body))


def _block(block: Block) -> Block:
    if is_straight(block.stmts):
        return block
    stmts = tuple(moved for stmt in block.stmts for moved in _stmt(stmt))
    return replace(block, stmts=stmts)


def _stmt(stmt: Stmt) -> Iterator[Stmt]:
    """A statement, and before it what could be moved out of it."""
    match stmt:
        case Loop() | While():
            body = _block(stmt.body)
            varying: set[Atom] = {*body.params}
            sizes = _Sizes(stmt.inits)
            if isinstance(stmt, Loop):
                varying.add(stmt.index)
            kept: list[Stmt] = []
            for inner in body.stmts:
                if isinstance(inner, Let) and _movable(inner, varying):
                    yield inner
                elif isinstance(inner, Let) and (size := sizes.moved(inner)) is not None:
                    yield size
                else:
                    varying.update(defines(inner))
                    kept.append(inner)
            yield replace(stmt, body=replace(body, stmts=tuple(kept)))
        case If(_, _, then, orelse):
            yield replace(stmt, then=_block(then), orelse=_block(orelse))
        case Try(_, _, body, handlers):
            moved = tuple(Handler(h.exc, _block(h.block)) for h in handlers)
            yield replace(stmt, body=_block(body), handlers=moved)
        case _:
            yield stmt


class _Sizes:
    """The sizes of arrays that are the same in every pass: those of what a loop begins with."""

    def __init__(self, inits: Iterable[Atom]) -> None:
        self.places: dict[str, tuple[Atom, int]] = {}
        self.known: set[Atom] = set()
        for init in inits:
            if isinstance(init, Var) and isinstance(init.type, Array):
                for k, dim in enumerate(init.type.dims):
                    if isinstance(dim, str) and not dim.startswith("?"):
                        self.places.setdefault(dim, (init, k))

    def moved(self, let: Let) -> Let | None:
        match let:
            case Let(out, "dim", (Var(type=Array(dims=dims)), Lit(int(k)))):
                place = self.places.get(str(dims[k]))
                if place is None:
                    return None
                self.known.add(out)
                array, axis = place
                return replace(let, args=(array, Lit(axis, INT)))
            case Let(out, "add" | "sub" | "mul", args) if not self.known.isdisjoint(args):
                if all(isinstance(arg, Lit) or arg in self.known for arg in args):
                    self.known.add(out)
                    return let
                return None
            case _:
                return None


def _movable(let: Let, varying: set[Atom]) -> bool:
    if let.op == "constant":
        return True
    if let.out.type is not FLOAT or any(arg in varying for arg in let.args):
        return False
    if let.op == "div":
        divisor = let.args[1]
        return isinstance(divisor, Lit) and divisor.type is FLOAT and bool(divisor.value)
    return let.op in TOTAL
