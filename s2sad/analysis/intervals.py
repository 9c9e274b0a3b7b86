"""Bounds of scalar values, to show that a divisor cannot be 0.

Interval arithmetic in the direction of the program (Moore 1966), sound in floating point:
each primitive's `interval` rule bounds its rounded result. Inside a branch, a comparison
with a literal that leads there sharpens the bounds of the variable it tests.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    raises_always,
)
from s2sad.ir.walk import defines
from s2sad.ops.core import PRIMITIVES

Interval = tuple[float, float]
EVERYTHING: Interval = (-math.inf, math.inf)


class Bounds:
    """The interval of every variable of a function; `sharpened` holds while in a branch."""

    def __init__(self) -> None:
        self._known: dict[Var, Interval] = {}
        self._lets: dict[Var, Let] = {}
        self._sharpened: list[dict[Var, Interval]] = []
        self._divided: set[Atom] = set()

    def of(self, atom: Atom) -> Interval:
        match atom:
            case Var():
                if self._sharpened:
                    for sharpened in reversed(self._sharpened):
                        if atom in sharpened:
                            return sharpened[atom]
                return self._known.get(atom, EVERYTHING)
            case Lit(value):
                if isinstance(value, (bool, int, float)):
                    return _as_float(value)
                return EVERYTHING
            case Undef():
                return EVERYTHING
            case _:
                assert_never(atom)

    def excludes_zero(self, atom: Atom) -> bool:
        low, high = self.of(atom)
        return low > 0.0 or high < 0.0 or atom in self._divided

    def divided_by(self, atom: Atom, defined: set[Var]) -> None:
        """A division by it went well, so it is not 0, nor is a factor of it.

        Known of what is defined in the block of the division: where its adjoint runs,
        the block has run to its end.
        """
        if not isinstance(atom, Var) or atom not in defined:
            return
        self._divided.add(atom)
        let = self._lets.get(atom)
        if let is not None and let.op in ("mul", "neg", "sqrt", "abs", "id"):
            for factor in let.args:
                self.divided_by(factor, defined)

    def forget_divisions(self) -> None:
        """Divisions have yet to be made: where they are, `divided_by` tells."""
        self._divided.clear()

    def decide(self, comparison: Let) -> bool | None:
        """The outcome of a comparison, where the bounds settle it (no nan assumed)."""
        if comparison.op not in _NEGATED:
            return None
        (a, b), (c, d) = map(self.of, comparison.args)
        match comparison.op:
            case "gt" | "le":
                outcome = True if a > d else False if b <= c else None
            case "ge" | "lt":
                outcome = True if a >= d else False if b < c else None
            case _:
                outcome = False if b < c or a > d else None
                return outcome if comparison.op == "eq" or outcome is None else not outcome
        return outcome if comparison.op in ("gt", "ge") or outcome is None else not outcome

    def learn(self, let: Let) -> None:
        """Bound the result of a primitive."""
        op, args = let.op, let.args
        self._lets[let.out] = let
        if op == "id":
            self._known[let.out] = self.of(args[0])
        primitive = PRIMITIVES.get(op)
        if primitive is None or primitive.interval is None:
            return
        # x * x is no product of two unknowns.
        if op == "mul" and args[0] is args[1]:
            low, high = _magnitude(self.of(args[0]))
            self._known[let.out] = primitive.interval((low, high), (low, high))
        else:
            self._known[let.out] = primitive.interval(*map(self.of, args))

    def join(self, out: Var, intervals: Iterable[Interval]) -> None:
        """Bound a variable that takes a value of one of the intervals."""
        ends = list(intervals)
        if ends:
            self._known[out] = (
                min(low for low, _ in ends),
                max(high for _, high in ends),
            )

    def enter(self, cond: Atom, holds: bool) -> None:
        """Go into a branch: what its condition says holds until `leave`."""
        self._sharpened.append(self._implied(cond, holds))

    def leave(self) -> None:
        self._sharpened.pop()

    def _implied(self, cond: Atom, holds: bool) -> dict[Var, Interval]:
        let = self._lets.get(cond) if isinstance(cond, Var) else None
        if let is None or len(let.args) != 2:
            return {}
        left, right = let.args
        implied: dict[Var, Interval] = {}
        # A comparison that fails says nothing of a nan; a nan divisor cannot raise either.
        op = let.op if holds else _NEGATED.get(let.op, "")
        if isinstance(left, Var):
            implied[left] = _sharpen(self.of(left), op, self.of(right))
        if isinstance(right, Var):
            implied[right] = _sharpen(self.of(right), _MIRRORED.get(op, ""), self.of(left))
        # A branch that is never taken has bounds that cross: they are of no use.
        return {var: (low, high) for var, (low, high) in implied.items() if low <= high}


_NEGATED = {"lt": "ge", "le": "gt", "gt": "le", "ge": "lt", "eq": "ne", "ne": "eq"}
_MIRRORED = {"lt": "gt", "le": "ge", "gt": "lt", "ge": "le", "eq": "eq", "ne": "ne"}


def _sharpen(mine: Interval, op: str, other: Interval) -> Interval:
    low, high = mine
    match op:
        case "gt":
            return max(low, math.nextafter(other[0], math.inf)), high
        case "ge":
            return max(low, other[0]), high
        case "lt":
            return low, min(high, math.nextafter(other[1], -math.inf))
        case "le":
            return low, min(high, other[1])
        case "eq":
            return max(low, other[0]), min(high, other[1])
        case _:
            return mine


def _magnitude(interval: Interval) -> Interval:
    low, high = interval
    least = 0.0 if low <= 0.0 <= high else min(abs(low), abs(high))
    return least, max(abs(low), abs(high))


def _as_float(value: float) -> Interval:
    try:
        number = float(value)
    except OverflowError:
        return EVERYTHING
    return EVERYTHING if math.isnan(number) else (number, number)


def bounds_of(func: Func) -> Bounds:
    bounds = Bounds()
    _block(func.body, bounds)
    return bounds


def _block(block: Block, bounds: Bounds) -> None:
    defined = set(block.params)
    for stmt in block.stmts:
        if type(stmt) is Let:
            bounds.learn(stmt)
            defined.add(stmt.out)
            if stmt.op == "div":
                bounds.divided_by(stmt.args[1], defined)
        else:
            _stmt(stmt, bounds)
            defined.update(defines(stmt))


def _stmt(stmt: Stmt, bounds: Bounds) -> None:
    match stmt:
        case If(outs, cond, then, orelse):
            ends: list[list[Interval]] = [[] for _ in outs]
            for branch, holds in ((then, True), (orelse, False)):
                bounds.enter(cond, holds)
                _block(branch, bounds)
                for end, atom in zip(ends, branch.yields, strict=True):
                    if not raises_always(branch) and not isinstance(atom, Undef):
                        end.append(bounds.of(atom))
                bounds.leave()
            for out, end in zip(outs, ends, strict=True):
                bounds.join(out, end)
        case Loop() | While():
            # The carries are left unbounded: no fixpoint is worth its passes here.
            for block in (stmt.cond, stmt.body) if isinstance(stmt, While) else (stmt.body,):
                _block(block, bounds)
            for list_, value in zip(stmt.lists, stmt.recorded, strict=True):
                bounds.join(list_, [bounds.of(value)])
            if isinstance(stmt, Loop):
                for seq, element in zip(stmt.seqs, stmt.elements, strict=True):
                    bounds.join(element, [bounds.of(seq.list)])
        case Try(_, _, body, handlers):
            for block in (body, *(handler.block for handler in handlers)):
                _block(block, bounds)
        case Let() | Call() | Raise():
            pass
        case _:
            assert_never(stmt)
