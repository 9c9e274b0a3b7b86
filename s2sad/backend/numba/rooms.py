"""Arrays with zeros around what is filled in: made once, before the loops that fill them.

The zeros stay, and what is filled in is written anew in each pass. A loop hands the array
from pass to pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from s2sad.backend.numba.aliases import Aliases
from s2sad.backend.numba.gather import Run
from s2sad.ir.node import replace
from s2sad.ir.nodes import SUM, Atom, Block, Let, Loop, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, Array


@dataclass
class _Frame:
    """A statement around: what comes before it, and what a loop hands on besides."""

    stmt: Stmt
    before: list[Stmt] = field(default_factory=list)
    handed: list[list[Var]] = field(default_factory=list)  # init, carry, next, out


class Rooms:
    def __init__(self, aliases: Aliases) -> None:
        self.aliases = aliases
        self.frames: list[_Frame] = []

    def around(self, stmt: Stmt, block: Callable[[Block], Block]) -> list[Stmt]:
        """A statement with its blocks changed, and what is made before it."""
        frame = _Frame(stmt)
        self.frames.append(frame)
        made = map_blocks(stmt, block)
        self.frames.pop()
        if frame.handed:
            assert isinstance(made, Loop)
            made = _handing(made, frame.handed)
        return [*frame.before, made]

    def make(self, run: Run, shape: Var, passing: bool) -> tuple[list[Stmt], Var]:
        """Zeros, with room for a value of the shape of `shape`.

        `passing`: nothing of the value is left after a pass.
        """
        rank = len(run.first)
        room = Var(Array(FLOAT, ("?",) * rank), "padded")
        found: Atom = self.aliases.root(run.lets[0].args[0])
        frames: list[_Frame] = []
        for frame in reversed(self.frames if passing else ()):
            loop = frame.stmt
            if not isinstance(loop, Loop) or found not in loop.carries:
                break
            init = loop.inits[loop.carries.index(found)]
            if not _is_fixed(found, init):
                break
            frames.insert(0, frame)
            array, found = init, self.aliases.root(init)
        if not frames:
            beside = [a + b for a, b in zip(run.first, run.behind, strict=True)]
            text = run.room(range(rank), beside)
            return [Let(room, "python", (text, shape), None, SUM)], room
        beside = [a - b for a, b in zip(run.first, run.least, strict=True)]
        text = run.room(run.places[0].axes, beside)
        frames[0].before.append(Let(room, "python", (text, array), None, SUM))
        outer: list[Var] = []
        for frame in frames:
            carry, out = Var(room.type, room.hint), Var(room.type, room.hint)
            outer[2:3] = [out] * bool(outer)
            outer = [room, carry, carry, out]
            frame.handed.append(outer)
            room = carry
        return [], room

    def fill(self, room: Var, filled: Var) -> None:
        """What a pass hands on."""
        for handed in self.frames[-1].handed if self.frames else ():
            if handed[1] is room:
                handed[2] = filled


def _is_fixed(carry: Atom, init: Atom) -> bool:
    """Has an array the same shape in each pass, which is that of what it starts from?"""
    if not isinstance(carry.type, Array) or carry.type != init.type:
        return False
    return not any(str(dim).startswith("?") for dim in carry.type.dims)


def _handing(loop: Loop, handed: list[list[Var]]) -> Loop:
    inits, carries, nexts, outs = zip(*handed, strict=True)
    body = Block(
        (*loop.carries, *carries, *loop.elements),
        loop.body.stmts,
        (loop.stop, *loop.nexts, *nexts, *loop.recorded),
    )
    return replace(loop, outs=(*loop.outs, *outs), inits=(*loop.inits, *inits), body=body)
