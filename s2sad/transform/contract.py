"""Sums and products of arrays in a reverse sweep, in the form that costs least.

    np.sum(a * b, 0), b without that axis     →     np.sum(a, 0) * b
    np.sum(np.einsum("nki,kij->nkj", a, b), 0) →    np.einsum("ki,kij->kj", np.sum(a, 0), b)
    np.einsum("nki,nkj->kij", a, b)           →     np.matmul of transposes, which BLAS makes

Only adjoints are put in another order: the value stays as it is, to the bit.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from s2sad.ir.node import replace
from s2sad.ir.nodes import FALSE, NOTHING, Atom, Block, Func, Let, Lit, Stmt, Var, int_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.structure import CONSUMES
from s2sad.ir.types import FLOAT, Array, Dim, Opaque, never_one
from s2sad.ir.typing import result_type
from s2sad.ir.walk import blocks, uses, walk

_EFFECTS = frozenset(("python", "store", "cotangent"))


def contract(func: Func) -> Func:
    lets = [s for s in walk(func.body) if isinstance(s, Let) and s.origin]
    if not any(let.op in ("np.sum", "np.einsum") for let in lets):
        return func
    read: Counter[Atom] = Counter(func.body.yields)
    for stmt in walk(func.body):
        read.update(uses(stmt))
        for block in blocks(stmt):
            read.update(block.yields)
    parts = func.body.stmts[: func.forward], func.body.stmts[func.forward :]
    forward, backward = (_Contraction(read).stmts(part) for part in parts)
    body = replace(func.body, stmts=(*forward, *backward))
    return replace(func, body=body, forward=len(forward))


class _Product(NamedTuple):
    """An `np.einsum` of two operands, by its labels."""

    one: str
    other: str
    out: str


class _Contraction:
    def __init__(self, read: Counter[Atom]) -> None:
        self.read = read
        # Of this block, since anything was written: what they read is as it was.
        self.lets: dict[Atom, Let] = {}
        self.made: list[Stmt] = []
        self.sums: dict[tuple[Atom, int], Atom] = {}

    def block(self, block: Block) -> Block:
        inner = _Contraction(self.read)
        return replace(block, stmts=tuple(inner.stmts(block.stmts)))

    def stmts(self, stmts: Sequence[Stmt]) -> list[Stmt]:
        for stmt in stmts:
            if not isinstance(stmt, Let) or not stmt.origin:
                self.made.append(map_blocks(stmt, self.block))
                self.forget(stmt)
                continue
            self.lets[stmt.out] = stmt
            mark = len(self.made)
            result = self.summed(stmt) if stmt.op == "np.sum" else None
            if stmt.op == "np.einsum":
                result = self.multiplied(stmt)
            elif stmt.op == "copy" and self.is_fresh(stmt.args[0]):
                result = self.lets[stmt.args[0]].out
                self.made.append(self.made.pop(self.made.index(self.lets[result])))
            if result is None:
                del self.made[mark:]
                self.made.append(stmt)
                self.forget(stmt)
                continue
            last = self.made.pop()
            assert isinstance(last, Let)
            self.lets[stmt.out] = replace(last, out=stmt.out)
            self.made.append(self.lets[stmt.out])
        return self.made

    def is_fresh(self, array: Atom) -> bool:
        """Is it a product that nothing else reads, right before?"""
        let = self.lets.get(array)
        return let is not None and let.op == "np.matmul" and self.read[array] == 1

    def forget(self, stmt: Stmt) -> None:
        if not isinstance(stmt, Let) or stmt.op in CONSUMES or stmt.op in _EFFECTS:
            self.lets.clear()
            self.sums.clear()

    def let(self, op: str, args: tuple[Atom, ...], like: Let) -> Var:
        out = Var(result_type(op, args))
        made = Let(out, op, args, like.loc, like.origin)
        self.lets[out] = made
        self.made.append(made)
        return out

    # Sums.

    def summed(self, let: Let) -> Atom | None:
        """np.sum of a value along an axis, moved to the factor that has the axis."""
        array, axis, dtype, keepdims = let.args
        if not isinstance(axis, Lit) or not isinstance(axis.value, int) or axis.value < 0:
            return None
        if dtype is not NOTHING and getattr(dtype, "value", 0) is not None:
            return None
        if getattr(keepdims, "value", True) is not False or not _is_floats(array.type):
            return None
        return self.moved(array, axis.value, let)

    def moved(self, array: Atom, axis: int, like: Let) -> Atom | None:
        """The sum of an array, if it can be had without the array."""
        let = self.lets.get(array)
        if let is None or self.read[array] != 1:
            return None
        match let:
            case Let(_, "add" | "sub", (one, other)):
                if not (_same(one, array) and _same(other, array)):
                    return None
                left, right = self.moved(one, axis, like), self.moved(other, axis, like)
                if left is None and right is None:
                    return None
                left = self.sum(one, axis, like) if left is None else left
                right = self.sum(other, axis, like) if right is None else right
                return self.let(let.op, (left, right), let)
            case Let(_, "neg", (one,)):
                inner = self.moved(one, axis, like)
                return None if inner is None else self.let("neg", (inner,), let)
            case Let(_, "mul", (one, other)):
                if _same(one, array) and _lacks(other, array, axis):
                    return self.let("mul", (self.sum(one, axis, like), other), let)
                if _same(other, array) and _lacks(one, array, axis):
                    return self.let("mul", (one, self.sum(other, axis, like)), let)
                return None
            case Let(_, "np.einsum"):
                return self.summed_product(let, axis, like)
            case _:
                return None

    def sum(self, array: Atom, axis: int, like: Let) -> Atom:
        """The sum of an array along an axis, made once."""
        found = self.moved(array, axis, like) or self.sums.get((array, axis))
        if found is None:
            found = self.let("np.sum", (array, int_lit(axis), NOTHING, FALSE), like)
            self.sums[array, axis] = found
        return found

    def summed_product(self, let: Let, axis: int, like: Let) -> Atom | None:
        product = _product(let)
        if product is None:
            return None
        one, other, out = product
        label, left = out[axis], out[:axis] + out[axis + 1 :]
        operands = list(let.args[1:3])
        if (label in one) == (label in other):
            return None
        place = 0 if label in one else 1
        labels = [one, other]
        operands[place] = self.sum(operands[place], labels[place].index(label), like)
        labels[place] = labels[place].replace(label, "")
        if not labels[place]:
            return None
        text = _literal(f"{labels[0]},{labels[1]}->{left}")
        made = replace(let, args=(text, *operands, let.args[3]))
        found = self.multiplied(made)
        return self.let("np.einsum", made.args, let) if found is None else found

    # Products.

    def multiplied(self, let: Let) -> Atom | None:
        """np.matmul for an `np.einsum` that is one, after transposes."""
        product = _product(let)
        if product is None:
            return None
        one, other, out = product
        first, second = let.args[1:3]
        turns = [c in one for c in out if (c in one) != (c in other)]
        if turns == [False, True]:
            one, other, first, second = other, one, second, first
        batch = [c for c in one if c in other and c in out]
        summed = [c for c in one if c in other and c not in out]
        rows = [c for c in one if c not in other]
        columns = [c for c in other if c not in one]
        if not len(summed) == len(rows) == len(columns) == 1:
            return None
        if sorted(out) != sorted([*batch, *rows, *columns]):
            return None
        left, right = _dims(first, one), _dims(second, other)
        if any(not _agree(left[c], right[c]) for c in (*batch, *summed)):
            return None
        a = self.turned(first, one, [*batch, *rows, *summed], let)
        b = self.turned(second, other, [*batch, *summed, *columns], let)
        made = self.let("np.matmul", (a, b), let)
        return self.turned(made, "".join([*batch, *rows, *columns]), list(out), let)

    def turned(self, array: Atom, labels: str, to: list[str], like: Let) -> Atom:
        order = tuple(labels.index(c) for c in to)
        if order == tuple(range(len(order))):
            return array
        axes = NOTHING if order == (1, 0) else _literal(order)
        return self.let("np.transpose", (array, axes), like)


def _literal(value: object) -> Lit:
    return Lit(repr(value), Opaque("literal"))


def _product(let: Let) -> _Product | None:
    """The labels of two operands, where each stands once."""
    text, *operands = let.args
    if len(operands) != 3 or not all(_is_floats(a.type) for a in operands[:2]):
        return None
    if getattr(operands[2], "value", True) is not False or not isinstance(text, Lit):
        return None
    spelled = str(text.value)
    subscripts = str(ast.literal_eval(spelled)) if spelled[:1] in "'\"" else spelled
    given, arrow, out = subscripts.replace(" ", "").partition("->")
    parts = given.split(",")
    if not arrow or len(parts) != 2 or not all(p.isalpha() for p in (*parts, out)):
        return None
    if any(len(set(part)) != len(part) for part in (*parts, out)):
        return None
    if [len(part) for part in parts] != [_rank(a) for a in operands[:2]]:
        return None
    return _Product(parts[0], parts[1], out)


def _is_floats(type_: object) -> bool:
    return isinstance(type_, Array) and type_.dtype == FLOAT


def _rank(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def _dims(atom: Atom, labels: str) -> dict[str, Dim]:
    assert isinstance(atom.type, Array)
    return dict(zip(labels, atom.type.dims, strict=True))


def _agree(one: Dim, other: Dim) -> bool:
    """Are two sizes equal, or is it an error in both forms that they are not?"""
    return (one == other and not str(one).startswith("?")) or (
        never_one(one) and never_one(other)
    )


def _same(part: Atom, whole: Atom) -> bool:
    """Has an operand the shape of the result?"""
    if not isinstance(part.type, Array) or not isinstance(whole.type, Array):
        return False
    if part.type.dtype != FLOAT or len(part.type.dims) != len(whole.type.dims):
        return False
    return all(map(_agree, part.type.dims, whole.type.dims))


def _lacks(part: Atom, whole: Atom, axis: int) -> bool:
    """Is an operand the same all along an axis of the result?"""
    if part.type == FLOAT:
        return True
    return _is_floats(part.type) and _rank(part) < _rank(whole) - axis
