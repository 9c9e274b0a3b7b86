"""Do the types of a function agree? A part of `verify`, which has checked arity.

A primitive has the type that follows from its arguments. At joins a value flows into a
slot of a wider type: int into float, a dim into an unknown one, `never` into anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from s2sad.errors import assert_never
from s2sad.ir.complaint import complain
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Loop,
    Module,
    Raise,
    Range,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.parser import inferred
from s2sad.ir.structure import element_type
from s2sad.ir.text import show_type
from s2sad.ir.types import (
    BOOL,
    INT,
    NEVER,
    NONE,
    Array,
    Dim,
    List,
    Named,
    Opaque,
    Places,
    Tuple,
    Type,
    is_number,
    join,
    never_one,
)
from s2sad.ir.walk import walk
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

# Their types are stated, not inferred: an adjoint has 0.0 where its primal is no float.
_STATED = frozenset({"global", "constant", "python", "store", "zeros_list", "to_list"})
_OF_LISTS = frozenset({"append", "drop", "len", "count", "slice", "concat", *REDUCTIONS})


def check_types(module: Module, func: Func) -> None:
    checker = _Types(module, func)
    for stmt in walk(func.body):
        checker.stmt(stmt)


def fits(value: Type, slot: Type) -> bool:
    """May a value of one type flow into a slot of the other?"""
    if value == slot or join(value, slot) == slot:
        return True
    match value, slot:
        case Tuple(xs), Tuple(ys):
            return len(xs) == len(ys) and all(map(fits, xs, ys))
        case List(x), List(y):
            return fits(x, y)
        case Array(), Array():
            # An adjoint has the sizes of its primal, whatever is known of it.
            return _agrees(value, slot)
        case _:
            return False


def _agrees(found: Type, declared: Type) -> bool:
    """Equal but for what is not known in one of them."""
    if found in (declared, NEVER) or declared == Opaque():
        return True
    match found, declared:
        case Tuple(xs), Tuple(ys):
            return len(xs) == len(ys) and all(map(_agrees, xs, ys))
        case (List(x), List(y)) | (Places(x), Places(y)):
            return _agrees(x, y)
        case Array(s, ds), Array(t, es):
            same = len(ds) == len(es) and all(
                _may_be(d, e) or _open(d) or _open(e) for d, e in zip(ds, es, strict=True)
            )
            return s == t and same
        case _:
            return False


def _may_be(dim: Dim, other: Dim) -> bool:
    """Are two sizes the same, or may they have been found to be? Sizes that are never 1
    are the same where they meet."""
    symbols = isinstance(dim, str) or isinstance(other, str)
    if dim == other or (symbols and never_one(dim) and never_one(other)):
        return True
    # One of them, more or less, may be the other.
    parts = [_shift(size) for size in (dim, other)]
    return any(more for _, more in parts) and parts[0][0] != parts[1][0]


def _shift(dim: Dim) -> tuple[Dim, str]:
    """A symbol, and what is added to it or taken away."""
    if isinstance(dim, int):
        return dim, ""
    for mark in (".p", ".m"):
        base, found, more = dim.rpartition(mark)
        if found and more.isdecimal():
            return base, mark
    return dim, ""


def _open(dim: Dim) -> bool:
    """May a size be any other?"""
    return isinstance(dim, str) and dim.startswith("?")


class _Types:
    def __init__(self, module: Module, func: Func) -> None:
        self.module = module
        self.func = func
        self.current: Stmt | None = None

    def fail(self, what: str, *subjects: Atom) -> NoReturn:
        complain(self.func, self.current, what, *subjects)

    def flows(self, what: str, values: Sequence[Atom], slots: Sequence[Var]) -> None:
        for value, slot in zip(values, slots, strict=True):
            if not fits(value.type, slot.type):
                found, wanted = show_type(value.type), show_type(slot.type)
                self.fail(f"{what} {{}} is {found}, {{}} is {wanted}", value, slot)

    def one_of(self, what: str, atom: Atom, types: tuple[Type, ...]) -> None:
        if atom.type not in types:
            self.fail(f"{what} {{}} is {show_type(atom.type)}", atom)

    def truth(self, what: str, atom: Atom) -> None:
        if isinstance(atom.type, Array) and atom.type.dims:
            self.fail(f"{what} {{}} is {show_type(atom.type)}", atom)

    def stmt(self, stmt: Stmt) -> None:
        self.current = stmt
        match stmt:
            case Let():
                self.let(stmt)
            case If(outs, cond, then, orelse):
                self.truth("the condition", cond)
                self.flows("what then yields,", then.yields, outs)
                self.flows("what else yields,", orelse.yields, outs)
            case Loop():
                self.loop(stmt)
            case While():
                self.while_(stmt)
            case Call(outs, func, args):
                callee = self.module.funcs[func]
                self.flows("the argument", args, callee.params)
                self.call_results(callee.body, outs)
            case Try(outs, path, body, handlers):
                self.one_of("the path", path, (INT,))
                for block in (body, *(handler.block for handler in handlers)):
                    self.flows("what is yielded,", block.yields, outs)
            case Raise(exc, _, cause):
                if cause is not None and not isinstance(cause.type, Opaque):
                    self.one_of("the cause", cause, (NONE, NEVER))
                if not isinstance(exc.type, Opaque):
                    self.one_of("the exception", exc, (NONE, NEVER))
            case _:
                assert_never(stmt)

    def let(self, let: Let) -> None:
        if let.op in _STATED or let.op.startswith("_"):
            return  # helpers, too
        if let.op in ("get", "set", "acc"):
            self.element(let)
        elif let.op in _OF_LISTS:
            self.list_(let)
        elif let.op in PRIMITIVES:
            self.operands(let)
        found = inferred(let.op, let.args, self.module.records)
        if isinstance(let.out.type, Named) and isinstance(found, Tuple):
            # A record of a recursive function: its name stands for its layout.
            found, declared = Tuple(self.module.records[let.out.type.name]), found
            if not _agrees(declared, found):
                self.fail(f"{{}} is not laid out as {show_type(found)}", let.out)
        elif found is None:
            self.fail(f"no type follows for {let.op} of these arguments")
        elif not _agrees(found, let.out.type) and not self.folds(found, let.out.type):
            wanted = show_type(let.out.type)
            self.fail(f"{{}} is {wanted}, not {show_type(found)}", let.out)

    def folds(self, found: Type, declared: Type) -> bool:
        """A tuple is given the name of its layout where it is made."""
        if not isinstance(declared, Named) or declared.name not in self.module.records:
            return False
        return fits(found, Tuple(self.module.records[declared.name]))

    def operands(self, let: Let) -> None:
        """Arithmetic is on numbers and arrays: `+` of two lists would join them."""
        for arg in let.args:
            if isinstance(arg.type, List | Tuple | Named):
                self.fail(f"{let.op} of {{}}, which is {show_type(arg.type)}", arg)

    def element(self, let: Let) -> None:
        buffer = let.args[0]
        index = let.args[1 if let.op == "get" else 2 :]
        depth = 0
        type_ = buffer.type
        while isinstance(type_, List):
            type_, depth = type_.item, depth + 1
        if isinstance(type_, Array):
            depth += len(type_.dims)
        if not isinstance(buffer.type, Array | List):
            self.fail(f"{let.op} of {{}}, which is {show_type(buffer.type)}", buffer)
        if len(index) > depth:
            self.fail(f"{len(index)} indices into {{}}", buffer)
        for atom in index:
            if isinstance(buffer.type, List) or not isinstance(atom.type, Array | Opaque):
                self.one_of("the index", atom, (INT, BOOL, NEVER))
        if let.op != "get":
            self.written(let.args[1], buffer, len(index))

    def written(self, value: Atom, buffer: Atom, indices: int) -> None:
        place = element_type(buffer.type, indices)
        if isinstance(place, Array):
            # A slice takes a number for each of its elements.
            dtype = value.type.dtype if isinstance(value.type, Array) else value.type
            good = is_number(dtype) or dtype == NEVER
        elif isinstance(buffer.type, List):
            good = join(value.type, place) is not None
        else:
            good = fits(value.type, place)
        if not good:
            self.fail(f"{{}} is {show_type(value.type)}, written into {{}}", value, buffer)

    def list_(self, let: Let) -> None:
        """Primitives of a list as a whole."""
        list_ = let.args[0]
        if let.op == "len" and isinstance(list_.type, Array):
            return
        if not isinstance(list_.type, List):
            self.fail(f"{let.op} of {{}}, which is {show_type(list_.type)}", list_)
        if let.op in ("append", "drop"):
            index = let.args[2 if let.op == "append" else 1 :]
            for atom in index:
                self.one_of("the index", atom, (INT, BOOL, NEVER))
            if not isinstance(element_type(list_.type, len(index)), List):
                self.fail(f"{let.op} at {len(index)} indices of {{}}", list_)
        if let.op == "append":
            self.written(let.args[1], list_, len(let.args) - 1)
        elif let.op == "slice":
            for end in let.args[1:]:
                self.one_of("the end of the slice", end, (INT, BOOL, NONE, NEVER))
        elif let.op == "concat":
            if not isinstance(join(list_.type, let.args[1].type), List):
                found, other = show_type(list_.type), show_type(let.args[1].type)
                self.fail(f"{{}} is {found}, {{}} is {other}", list_, let.args[1])
        elif let.op in REDUCTIONS:
            # Several directions at once are arrays, which Python's sum takes too.
            arrays = let.op == "list_sum" and isinstance(list_.type.item, Array)
            for type_ in (list_.type.item, *(arg.type for arg in let.args[1:])):
                if not (is_number(type_) or type_ == NEVER or arrays):
                    self.fail(f"{let.op} of {{}}, which is {show_type(list_.type)}", list_)

    def loop(self, loop: Loop) -> None:
        self.one_of("the index", loop.index, (INT,))
        if loop.domain is not None:
            self.ends(loop.domain)
        for element, seq in zip(loop.elements, loop.seqs, strict=True):
            match seq.list.type:
                case List(item) if fits(item, element.type):
                    pass
                case Array() as array if fits(element_type(array, 1), element.type):
                    pass
                case other:
                    found, wanted = show_type(other), show_type(element.type)
                    self.fail(
                        f"{{}} is {found}, its element {{}} is {wanted}",
                        seq.list,
                        element,
                    )
        self.passes(loop)

    def while_(self, loop: While) -> None:
        self.truth("the condition", loop.cond.yields[0])
        self.flows("the first value", loop.inits, loop.cond.params)
        self.flows("the next value", loop.nexts, loop.cond.params)
        self.passes(loop)

    def passes(self, loop: Loop | While) -> None:
        self.one_of("stop", loop.stop, (BOOL, NEVER))
        self.flows("the first value", loop.inits, loop.carries)
        self.flows("the next value", loop.nexts, loop.carries)
        self.flows("the carry", loop.carries, loop.outs)
        for atom, list_ in zip(loop.recorded, loop.lists, strict=True):
            if not fits(List(atom.type), list_.type):
                found, declared = show_type(atom.type), show_type(list_.type)
                self.fail(f"{{}} is {found}, recorded in {{}}: {declared}", atom, list_)

    def ends(self, domain: Range) -> None:
        for end in domain[:3]:
            self.one_of("the end of the range", end, (INT, BOOL, NEVER))

    def call_results(self, body: Block, outs: Sequence[Var]) -> None:
        for atom, out in zip(body.yields, outs, strict=True):
            if not fits(atom.type, out.type):
                found, wanted = show_type(atom.type), show_type(out.type)
                self.fail(f"the result is {found}, {{}} is {wanted}", out)
