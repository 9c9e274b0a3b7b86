"""Dead code elimination: what nothing reads goes, loop carries and records included.

What can raise in the primal stays, read or not: the gradient raises where the primal does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TypeVar

from s2sad.analysis.frozen import has_buffers
from s2sad.analysis.inrange import certain_reads
from s2sad.analysis.lengths import Keys, sources
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
    Range,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    raises_always,
)
from s2sad.ir.structure import READS_PART, STRUCTURE, WRITES_PART
from s2sad.ir.types import FLOAT, NONE, Array, List
from s2sad.ir.walk import blocks, uses
from s2sad.ops.core import PRIMITIVES, TOTAL
from s2sad.ops.reductions import REDUCTIONS

_T = TypeVar("_T")
Keep = Callable[[Stmt], bool]


def prune(
    stmts: Sequence[Stmt], yields: Iterable[Atom], ragged: Collection[Var] = ()
) -> list[Stmt]:
    """Derivative code that the yields depend on: it has no other purpose, but for the effects
    of what the user has put into it (`s2sad.cotangent`).

    `ragged` are the indices of the loops that need all of their sources.
    """
    return _Pruner(_is_effect, dict.fromkeys(ragged)).stmts(stmts, yields)


def eliminate_dead(func: Func, derived: bool = False) -> Func:
    """The function without what neither its results nor its exceptions depend on.

    `derived`: what has an origin is part of a derivative, and raises where the value does.
    """
    certain: frozenset[Stmt] = frozenset()
    lengths: dict[Var, Keys] = {}
    if has_buffers(func):
        certain = frozenset(certain_reads(func))
        lengths = {k: v for k, v in sources(func).items() if len({*v} - {None}) > 1}

    unsure = _unbound(func.body)

    def keep(stmt: Stmt) -> bool:
        if derived and isinstance(stmt, Let) and stmt.origin:
            return False
        if unsure and isinstance(stmt, Let) and not unsure.isdisjoint(stmt.args):
            return True
        return stmt not in certain and _may_raise(stmt)

    def keep_caught(stmt: Stmt) -> bool:
        derived_ = derived and isinstance(stmt, Let) and stmt.origin
        return keep(stmt) or (not (derived_ or stmt in certain) and _may_fail(stmt))

    pruner = _Pruner(keep, lengths, keep_caught)
    backward = pruner.stmts(func.body.stmts[func.forward :], func.body.yields)
    forward = pruner.stmts(func.body.stmts[: func.forward], ())
    stmts = (*forward, *backward)
    return replace(func, body=replace(func.body, stmts=stmts), forward=len(forward))


def _is_effect(stmt: Stmt) -> bool:
    match stmt:
        case Let(out, "python"):
            return out.type == NONE
        case Let(_, "store") | Raise():
            return True
        case _:
            return False


def _unbound(block: Block) -> set[Atom]:
    """The user's names that are bound on some paths only: to read one may raise."""
    found: set[Atom] = set()
    _find_unbound(block, found)
    return found


def _find_unbound(block: Block, found: set[Atom]) -> None:
    def flow(targets: Sequence[Var], ways: Sequence[Atom]) -> None:
        for target, way in zip(targets, ways, strict=True):
            if target.user and (isinstance(way, Undef) or way in found):
                found.add(target)

    for stmt in block.stmts:
        match stmt:
            case If(outs):
                for arm in (stmt.then, stmt.orelse):
                    _find_unbound(arm, found)
                    if not raises_always(arm):
                        flow(outs, arm.yields)
            case Loop() | While():
                flow(stmt.carries, stmt.inits)
                before = -1
                while len(found) > before:
                    before = len(found)
                    _find_unbound(stmt.body, found)
                    flow(stmt.carries, stmt.nexts)
                flow(stmt.outs, stmt.nexts if _runs(stmt) else stmt.inits)
            case Try():
                for inner in blocks(stmt):
                    _find_unbound(inner, found)
                    if not raises_always(inner):
                        flow(stmt.outs, inner.yields)
            case _:
                pass


def _runs(stmt: Loop | While) -> bool:
    """Is there a pass for certain?"""
    if isinstance(stmt, While) or stmt.domain is None or stmt.seqs:
        return False
    match stmt.domain[:3]:
        case Lit(int(start)), Lit(int(stop)), Lit(int(step)) if step:
            return len(range(start, stop, step)) > 0
        case _:
            return False


def _may_raise(stmt: Stmt) -> bool:
    # The cheap test first.
    if isinstance(stmt, Let) and stmt.op in TOTAL:
        return False
    match stmt:
        case Let(_, "python" | "store" | "place"):
            return True
        case Let(_, "get" | "set" | "drop", (buffer, *_)):
            # An index may be out of range.
            return isinstance(buffer.type, List)
        case Let(_, "append", (_, _, _, *_)):
            return True
        case Let(_, "slice", (_, _, _, step)):
            # The step may be 0.
            return not (isinstance(step, Lit) and step.value != 0)
        case Let(_, op, args) if op in REDUCTIONS:
            return REDUCTIONS[op].raises
        case Let(_, op, args):
            primitive = PRIMITIVES.get(op)
            if primitive is None:
                return op in _SINGULAR
            if not primitive.raises or _of_one_array(args):
                return False
            return not (op == "div" and isinstance(args[1], Lit) and bool(args[1].value))
        case Call() | Raise() | While():
            return True
        case _:
            return False


# What raises LinAlgError for some numbers: it is called to find out, too.
_SINGULAR = frozenset(
    f"{module}.{name}"
    for module in ("np.linalg", "scipy.linalg")
    for name in ("cholesky", "inv", "solve", "tensorinv", "tensorsolve")
) | {"scipy.linalg.solve_triangular", "scipy.linalg.cho_factor"}


def _may_fail(stmt: Stmt) -> bool:
    """May an operation on arrays raise, for its shapes or an index?"""
    if not isinstance(stmt, Let) or not any(isinstance(a.type, Array) for a in stmt.args):
        return False
    if stmt.op in READS_PART | WRITES_PART | {"get", "set", "acc"}:
        return True
    if stmt.op in PRIMITIVES:
        return not _of_one_array(stmt.args)
    return stmt.op not in STRUCTURE


def _of_one_array(args: Sequence[Atom]) -> bool:
    """Is it of one array of floats, and numbers? NumPy warns, and does not raise."""
    arrays = {arg for arg in args if isinstance(arg.type, Array)}
    return len(arrays) == 1 and all(
        isinstance(a.type, Array) and a.type.dtype == FLOAT for a in arrays
    )


class _Pruner:
    """One sweep against program order; `live` is what something kept reads."""

    def __init__(
        self, keep: Keep, lengths: Mapping[Var, Keys | None], caught: Keep | None = None
    ) -> None:
        self.keep = keep
        # The same for the body of a `try`.
        self.caught = caught or keep
        # The keys of the sources of the loops that end with the shortest of these; None
        # where each source counts.
        self.lengths = lengths
        self.live: set[Atom] = set()

    def stmts(self, stmts: Sequence[Stmt], yields: Iterable[Atom]) -> list[Stmt]:
        self._read(yields)
        kept: list[Stmt] = []
        live = self.live
        for stmt in reversed(stmts):
            if isinstance(stmt, Let):
                if stmt.out in live or (self.keep(stmt) and not self._read_anyway(stmt, kept)):
                    live.update(stmt.args)
                    kept.append(stmt)
                continue
            smaller = self._stmt(stmt)
            if smaller is not None:
                kept.append(smaller)
        kept.reverse()
        return kept

    def _read_anyway(self, let: Let, later: Sequence[Stmt]) -> bool:
        """Would what is kept after a read fail just as it does?"""
        if let.op != "get":
            return False
        for stmt in reversed(later):
            if not isinstance(stmt, Let):
                return False
            buffer, *rest = stmt.args or (None,)
            place = rest if stmt.op == "get" else rest[1:] if stmt.op == "set" else ()
            if buffer is let.args[0] and _begins(place, let.args[1:]):
                return True
            if self.keep(stmt):
                return False
        return False

    def _read(self, atoms: Iterable[Atom]) -> None:
        self.live.update(atoms)

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
        around, self.keep = self.keep, self.caught if stmt.handlers else self.keep
        body = self._opened(stmt.body, wanted)
        self.keep = around
        handlers = tuple(Handler(h.exc, self._opened(h.block, wanted)) for h in stmt.handlers)
        self._read(uses(stmt))
        return replace(stmt, outs=_kept(stmt.outs, wanted), body=body, handlers=handlers)

    def _opened(self, block: Block, wanted: Sequence[bool]) -> Block:
        """A block without the parameters that nothing reads."""
        smaller = self._block(block, wanted)
        read = tuple(param for param in block.params if param in self.live)
        return replace(smaller, params=read)

    def _loop(self, loop: Loop) -> Loop | None:
        carries, lists, body = self._body(loop)
        if not any(carries) and not any(lists) and not body.stmts and _terminates(loop):
            return None
        counted, *elements = self._sources(loop)
        domain = loop.domain if counted else None
        seqs = _kept(loop.seqs, elements)
        if seqs and domain and loop.index not in self.lengths and _counts(domain):
            domain = None  # the lists alone count the passes
        if domain:
            self._read(domain[:3])
        inits = _kept(loop.inits, carries)
        self._read((*inits, *(seq.list for seq in seqs)))
        return replace(
            loop,
            outs=_kept(loop.outs, carries),
            lists=_kept(loop.lists, lists),
            domain=domain,
            inits=inits,
            seqs=seqs,
            body=replace(
                body,
                params=_kept(loop.carries, carries) + _kept(loop.elements, elements),
            ),
        )

    def _sources(self, loop: Loop) -> list[bool]:
        """Which of its sources a loop needs, the domain first: those that are read, and
        of the others one of each length, for the shortest ends the loop."""
        read = [source in self.live for source in (loop.index, *loop.elements)]
        there = [loop.domain is not None, *(True for _ in loop.seqs)]
        if loop.domain is None:
            read[0] = False
        elif not _terminates(loop):
            read[0] = True
        keys = self.lengths.get(loop.index, ())
        if keys is None:
            return there
        # Without keys, all are of one length.
        lengths = [*(() if loop.domain else (None,)), *keys] if keys else [0] * len(read)
        kept = {key for key, needed in zip(lengths, read, strict=True) if needed}
        for k, key in enumerate(lengths):
            if there[k] and key is not None and key not in kept:
                read[k] = True
                kept.add(key)
        return read

    def _while(self, loop: While) -> While:
        tested = self.stmts(loop.cond.stmts, loop.cond.yields)
        carries, lists, body = self._body(loop)
        inits = _kept(loop.inits, carries)
        self._read(inits)
        cond = loop.cond
        return replace(
            loop,
            outs=_kept(loop.outs, carries),
            lists=_kept(loop.lists, lists),
            inits=inits,
            cond=Block(_kept(cond.params, carries), tuple(tested), cond.yields),
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


def _begins(place: Sequence[Atom], start: Sequence[Atom]) -> bool:
    if len(place) < len(start):
        return False
    return all(
        a is b or (isinstance(a, Lit) and isinstance(b, Lit) and a.key == b.key)
        for a, b in zip(place, start, strict=False)
    )


def _counts(domain: Range) -> bool:
    """Is the index the number of the pass?"""
    match domain:
        case Range(Lit(0), _, Lit(1), False):
            return True
        case _:
            return False


def _kept(items: Sequence[_T], wanted: Sequence[bool]) -> tuple[_T, ...]:
    return tuple(item for item, want in zip(items, wanted, strict=True) if want)
