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
from s2sad.ir.structure import READS_PART, SHAPES_DIFFER, STRUCTURE, WRITES_PART
from s2sad.ir.types import BOOL, Array, Opaque
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
                text = isinstance(value, str) and value[:1] in ("'", '"')
                if isinstance(value, str) and (text or type_ == Opaque("literal")):
                    return Known(ast.literal_eval(value), ())
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
        return [_part(value, [(k,)]) for k in range(value.shape[0])]

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
        first: Any = given[0] if given else None
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
            case "copy" | "cotangent":
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
                return self.python(str(first.value), given[1:])
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
                if any(_is_mask(a) and g.varied for a, g in zip(let.args, given, strict=True)):
                    raise Unknown("how many elements a mask takes")
                return self.part(first, given[2:], str(given[1].value))
            case op if op in WRITES_PART:
                return self.written(op, first, given[1], given[3:], str(given[2].value))
            case _:
                raise Unknown(let.op)

    def python(self, text: str, given: Sequence[Any]) -> Any:
        if text == SHAPES_DIFFER:
            return Known(False, ())
        if any(not isinstance(value, Known) or value.varied for value in given):
            raise Unknown(text)
        found = self.run.names(text.format(*(repr(value.value) for value in given)))
        if isinstance(found, list):
            return list(map(constant, found))
        return Known(found, np.shape(found) if isinstance(found, np.ndarray) else ())

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
            shape = _at(np.zeros(array.shape), _steps(at, [_any(k) for k in index]), 0).shape
            every = all_of([array.mask])
            mask = None
            if every is not None:
                mask = np.broadcast_to(every, (*shape, every.size)).copy()
            return Known(VARIED, shape, mask)
        return _part(array, _steps(at, [k.value for k in index]))

    def written(
        self, op: str, array: Known, value: Known, index: Sequence[Known], at: str | None
    ) -> Known:
        sets = op in ("put", "set")
        if not (array.varied or value.varied or any(k.varied for k in index)):
            made = np.array(array.value)
            _write(made, _steps(at, [k.value for k in index]), value.value, sets, 0)
            return Known(made, array.shape)
        n = self.run.size
        mask = np.zeros((*array.shape, n), bool) if array.mask is None else array.mask.copy()
        if any(k.varied for k in index):
            every = all_of([value.mask])
            if every is not None:
                mask |= every
            return Known(VARIED, array.shape, mask)
        steps = _steps(at, [k.value for k in index])
        target = _at(np.zeros(array.shape), steps, 0).shape
        new = np.zeros((*target, n), bool)
        if value.mask is not None:
            missing = len(target) + 1 - value.mask.ndim
            wide = value.mask.reshape((1,) * missing + value.mask.shape)
            new = np.broadcast_to(wide, (*target, n))
        _write(mask, steps, new, sets, 1)
        return Known(VARIED, array.shape, mask)


def _is_mask(atom: Atom) -> bool:
    return isinstance(atom.type, Array) and atom.type.dtype == BOOL


def _any(index: Known) -> Any:
    """Some index of the shape of one that is not known."""
    return np.zeros(index.shape, int) if index.shape else 0


def _steps(at: str | None, index: Sequence[Any]) -> list[Any]:
    """The indices, or "T" and "flat", one after the other."""
    if at is None:
        return [tuple(index)]
    names = {f"_{k}": value for k, value in enumerate(index)}
    steps: list[Any] = []
    for text in at.split("]["):
        if text in ("T", "flat"):
            steps.append(text)
        else:
            inner = text.replace("{", "_").replace("}", "")
            steps.append(eval(f"np.s_[{inner}]", {"np": np, **names}))
    return steps


def _at(array: Any, steps: Sequence[Any], behind: int) -> Any:
    """A part of an array; `behind` its axes are as many more, which stay."""
    for step in steps:
        if isinstance(step, str):
            rank = array.ndim - behind
            rest = range(rank, array.ndim)
            if step == "T":
                array = array.transpose((*range(rank)[::-1], *rest))
            else:
                array = array.reshape((-1, *array.shape[rank:]))
        else:
            dotted = behind and any(part is Ellipsis for part in _tuple(step))
            array = array[(*_tuple(step), slice(None))] if dotted else array[step]
    return np.asarray(array)


def _tuple(step: Any) -> tuple[Any, ...]:
    return step if isinstance(step, tuple) else (step,)


def _write(array: Any, steps: Sequence[Any], value: Any, sets: bool, behind: int) -> None:
    *before, last = steps
    part = _at(array, before, behind)
    if before and not np.shares_memory(part, array):
        raise Unknown("a write to a part of a copy")
    if isinstance(last, str):
        part, last = _at(part, [last], behind), ...
    if behind and any(step is Ellipsis for step in _tuple(last)):
        last = (*_tuple(last), slice(None))
    if sets:
        part[last] = value
    elif behind:
        np.logical_or.at(part, last, value)
    else:
        np.add.at(part, last, value)


def _part(array: Known, steps: Sequence[Any]) -> Known:
    if not array.varied:
        found = _at(np.asarray(array.value), steps, 0)
        return Known(found if found.shape else found[()], found.shape)
    shape = _at(np.zeros(array.shape), steps, 0).shape
    if array.mask is None:
        return Known(VARIED, shape)
    mask: Mask = _at(array.mask, steps, 1).reshape((*shape, array.mask.shape[-1]))
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
