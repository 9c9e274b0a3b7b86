"""The program over sets of inputs: statement by statement, as the function runs."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

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
    raises_always,
)
from s2sad.ir.structure import READS_PART, STRUCTURE, WRITES_PART
from s2sad.ir.types import Opaque
from s2sad.sparsity.rules import applied
from s2sad.sparsity.values import (
    VARIED,
    Known,
    Mask,
    Unknown,
    alike,
    all_of,
    constant,
    joined,
)

ROUNDS = 200


class Run:
    """One module; `names` tells the values of globals, `size` the number of inputs."""

    def __init__(self, module: Module, size: int, names: Callable[[str], Any]) -> None:
        self.module = module
        self.size = size
        self.names = names

    def call(self, func: Func, args: Sequence[Any]) -> list[Any]:
        env: dict[Var, Any] = dict(zip(func.params, args, strict=True))
        frame = _Frame(self, env)
        frame.stmts(func.body.stmts)
        return [frame.read(atom) for atom in func.body.yields]


class _Frame:
    def __init__(self, run: Run, env: dict[Var, Any]) -> None:
        self.run = run
        self.env = env

    def read(self, atom: Atom) -> Any:
        match atom:
            case Var():
                return self.env[atom]
            case Undef():
                return None
            case Lit(value):
                type_ = atom.type
                if isinstance(value, str) and type_ == Opaque("literal"):
                    return constant(ast.literal_eval(value))
                if isinstance(value, str) and type_ == Opaque("dtype"):
                    return Known(np.dtype(value.removeprefix("np.")), ())
                return Known(value, ())

    def stmts(self, stmts: Sequence[Stmt]) -> None:
        for stmt in stmts:
            match stmt:
                case Let():
                    self.env[stmt.out] = self.let(stmt)
                case If():
                    self.if_(stmt)
                case Loop():
                    self.loop(stmt)
                case While():
                    self.while_(stmt)
                case Call(outs, func, args):
                    given = [self.read(arg) for arg in args]
                    found = self.run.call(self.run.module.funcs[func], given)
                    self.env.update(zip(outs, found, strict=True))
                case Raise():
                    pass
                case Try():
                    raise Unknown("try")

    def block(self, block: Block, args: Sequence[Any] = ()) -> list[Any]:
        self.env.update(zip(block.params, args, strict=True))
        self.stmts(block.stmts)
        return [self.read(atom) for atom in block.yields]

    # Branches and loops.

    def if_(self, stmt: If) -> None:
        cond = self.read(stmt.cond)
        arms = [stmt.then, stmt.orelse]
        if isinstance(cond, Known) and not cond.varied:
            arms = [stmt.then if cond.value else stmt.orelse]
        else:
            arms = [arm for arm in arms if not raises_always(arm)] or arms[:1]
        ends = [self.block(arm) for arm in arms]
        found = ends[0] if len(ends) == 1 else list(map(joined, *ends))
        self.env.update(zip(stmt.outs, found, strict=True))

    def loop(self, loop: Loop) -> None:
        carries = [self.read(atom) for atom in loop.inits]
        recorded: list[list[Any]] = [[] for _ in loop.lists]
        exits: list[Any] | None = None
        for index, elements in self.passes(loop):
            self.env[loop.index] = Known(index, ())
            stop, *ends = self.block(loop.body, [*carries, *elements])
            carries = ends[: len(carries)]
            for column, value in zip(recorded, ends[len(carries) :], strict=True):
                column.append(value)
            if stop.varied:
                exits = carries if exits is None else list(map(joined, exits, carries))
                if recorded:
                    raise Unknown("how many passes a loop makes")
            elif stop.value:
                break
        if exits is not None:
            carries = list(map(joined, exits, carries))
        self.env.update(zip(loop.outs, carries, strict=True))
        self.env.update(zip(loop.lists, recorded, strict=True))

    def passes(self, loop: Loop) -> Iterator[tuple[int, tuple[Any, ...]]]:
        columns = []
        for seq in loop.seqs:
            rows = self.rows(self.read(seq.list))
            columns.append(rows[::-1] if seq.reversed else rows)
        indices = range(min(map(len, columns), default=0))
        if loop.domain is not None:
            ends = [self.number(end) for end in loop.domain[:3]]
            indices = range(*ends)
            if loop.domain.backward:
                indices = indices[::-1]
        elements = zip(*columns, strict=False) if columns else iter([()] * len(indices))
        return zip(indices, elements, strict=False)

    def rows(self, value: Any) -> list[Any]:
        if isinstance(value, list):
            return value
        return [_part(value, (k,)) for k in range(value.shape[0])]

    def number(self, atom: Atom) -> int:
        value = self.read(atom)
        if not isinstance(value, Known) or value.varied:
            raise Unknown("how many passes a loop makes")
        return int(value.value)

    def while_(self, loop: While) -> None:
        carries = [self.read(atom) for atom in loop.inits]
        recorded: list[list[Any]] = [[] for _ in loop.lists]
        for _ in range(10**6):
            (cond,) = self.block(loop.cond, carries)
            if cond.varied:
                carries = self.settled(loop, carries)
                break
            if not cond.value:
                break
            stop, *ends = self.block(loop.body, carries)
            if stop.varied:
                carries = self.settled(loop, carries)
                break
            carries = ends[: len(carries)]
            for column, value in zip(recorded, ends[len(carries) :], strict=True):
                column.append(value)
            if stop.value:
                break
        self.env.update(zip(loop.outs, carries, strict=True))
        self.env.update(zip(loop.lists, recorded, strict=True))

    def settled(self, loop: While, carries: list[Any]) -> list[Any]:
        """What the carries may be after any number of passes."""
        if loop.lists:
            raise Unknown("how many passes a loop makes")
        for _ in range(ROUNDS):
            self.block(loop.cond, carries)
            _, *ends = self.block(loop.body, carries)
            following = list(map(joined, carries, ends))
            if all(map(alike, carries, following)):
                return carries
            carries = following
        raise Unknown("a loop that does not settle")

    # Statements.

    def let(self, let: Let) -> Any:
        given = [self.read(arg) for arg in let.args]
        if let.op in STRUCTURE:
            return self.structure(let, given)
        return applied(let, given)

    def structure(self, let: Let, given: list[Any]) -> Any:
        first = given[0] if given else None
        match let.op:
            case "tuple":
                if all(isinstance(g, Known) and not g.varied for g in given):
                    return Known(tuple(g.value for g in given), (len(given),))
                return tuple(given)
            case "list":
                return list(given)
            case "item":
                if isinstance(first, Known):
                    return constant(first.value[given[1].value])
                return first[given[1].value]
            case "id" | "stop_gradient":
                return first
            case "copy":
                return _copied(first)
            case "zeros_like":
                return Known(np.zeros(first.shape), first.shape)
            case "global" | "constant":
                return constant(self.run.names(str(first.value)))
            case "shape":
                return Known(tuple(first.shape), (len(first.shape),))
            case "dim":
                return Known(first.shape[given[1].value], ())
            case "len":
                return Known(len(first) if isinstance(first, list) else first.shape[0], ())
            case "python":
                return Known(False, ())
            case "from_list":
                return _stacked(first)
            case "to_list":
                return self.rows(first)
            case "append" if len(given) == 2:
                return [*first, given[1]]
            case "reverse_list":
                return first[::-1]
            case "concat":
                return [*first, *given[1]]
            case "repeat" if not given[1].varied:
                return [first] * given[1].value
            case "get" if isinstance(first, list):
                return self.element(first, given[1:])
            case "set" | "acc" if isinstance(first, list) and len(given) == 3:
                return self.element_set(first, given[1], given[2], let.op == "acc")
            case "get":
                return self.part(first, given[1:], None)
            case "set" | "acc":
                return self.written(let.op, first, given[1], given[2:], None)
            case op if op in READS_PART:
                return self.part(first, given[2:], str(given[1].value))
            case op if op in WRITES_PART:
                return self.written(op, first, given[1], given[3:], str(given[2].value))
            case _:
                raise Unknown(let.op)

    def element(self, values: list[Any], index: Sequence[Known]) -> Any:
        found: Any = values
        for k in index:
            if isinstance(found, Known):
                found = self.part(found, [k], None)
            elif k.varied:
                whole = found[0]
                for other in found[1:]:
                    whole = joined(whole, other)
                found = _blurred(whole)
            else:
                found = found[k.value]
        return found

    def element_set(self, values: list[Any], value: Any, k: Known, adds: bool) -> list[Any]:
        made = list(values)
        for at in range(len(values)) if k.varied else [k.value]:
            made[at] = joined(made[at], value) if k.varied or adds else value
            if adds and isinstance(made[at], Known):
                made[at] = _blurred(made[at])
        return made

    def part(self, array: Known, index: Sequence[Known], at: str | None) -> Known:
        if any(k.varied for k in index):
            places = np.zeros(array.shape)[_where(at, [_any(k) for k in index])]
            every = all_of([array.mask])
            mask = None
            if every is not None:
                mask = np.broadcast_to(every, (*places.shape, every.size)).copy()
            return Known(VARIED, places.shape, mask)
        where = _where(at, [k.value for k in index])
        return _part(array, where)

    def written(
        self, op: str, array: Known, value: Known, index: Sequence[Known], at: str | None
    ) -> Known:
        varied = array.varied or value.varied or any(k.varied for k in index)
        if not varied:
            where = _where(at, [k.value for k in index])
            made = np.array(array.value)
            if op in ("put", "set"):
                made[where] = value.value
            else:
                np.add.at(made, where, value.value)
            return Known(made, array.shape)
        n = self.run.size
        mask = np.zeros((*array.shape, n), bool) if array.mask is None else array.mask.copy()
        if any(k.varied for k in index):
            every = all_of([value.mask])
            if every is not None:
                mask |= every
            return Known(VARIED, array.shape, mask)
        where = _where(at, [k.value for k in index])
        target = np.zeros(array.shape)[where].shape
        new = np.zeros((*target, n), bool)
        if value.mask is not None:
            wide = value.mask.reshape(
                (1,) * (len(target) + 1 - value.mask.ndim) + value.mask.shape
            )
            new = np.broadcast_to(wide, (*target, n))
        if op in ("put", "set"):
            mask[where] = new
        else:
            np.logical_or.at(mask, where, new)
        return Known(VARIED, array.shape, mask)


def _any(index: Known) -> Any:
    """Some index of the shape of one that is not known."""
    return np.zeros(index.shape, int) if index.shape else 0


def _where(at: str | None, index: Sequence[Any]) -> Any:
    if at is None:
        return tuple(index)
    if "][" in at or at in ("T", "flat"):
        raise Unknown("an index of an index")
    names = {f"_{k}": value for k, value in enumerate(index)}
    return eval(f"np.s_[{at.replace('{', '_').replace('}', '')}]", {"np": np, **names})


def _part(array: Known, where: Any) -> Known:
    if not array.varied:
        return Known(part := array.value[where], np.shape(part))
    shape = np.zeros(array.shape)[where].shape
    if array.mask is None:
        return Known(VARIED, shape)
    mask: Mask = array.mask[where].reshape((*shape, array.mask.shape[-1]))
    return Known(VARIED, shape, mask)


def _copied(value: Any) -> Any:
    return list(map(_copied, value)) if isinstance(value, list) else value


def _blurred(value: Any) -> Any:
    """It is not known any more."""
    return Known(VARIED, value.shape, value.mask) if isinstance(value, Known) else value


def _stacked(values: Sequence[Any]) -> Known:
    rows = [_stacked(v) if isinstance(v, list) else v for v in values]
    shape = (len(rows), *(rows[0].shape if rows else ()))
    if not any(row.varied for row in rows):
        return Known(np.array([row.value for row in rows]), shape)
    sizes = [row.mask.shape[-1] for row in rows if row.mask is not None]
    if not sizes:
        return Known(VARIED, shape)
    blank = np.zeros((*shape[1:], sizes[0]), bool)
    return Known(VARIED, shape, np.stack([blank if r.mask is None else r.mask for r in rows]))


def names_in(*scopes: Mapping[str, Any]) -> Callable[[str], Any]:
    """The values of names, and of their attributes."""
    known: dict[str, Any] = {}
    for scope in scopes:
        known.update(scope)

    def find(text: str) -> Any:
        try:
            return eval(text, known)
        except Exception:
            raise Unknown(text) from None

    return find
