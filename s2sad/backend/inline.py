"""Which statements are folded into the expression that reads them.

A value is folded where it is read once, in the block that defines it, and

- is part of an adjoint and has no name (contributions, partials, guards), or
- is a truth value and serves as a condition, or
- is the arithmetic of an index or of the ends of a range, or
- belongs to a condition that can only be an expression (`while`, `and`, `or`), or
- at level 2 is a number of no name;

a primal statement otherwise keeps its line. What reads an array stays ahead of the next
write. An `If` all of whose statements are folded is itself an expression.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from s2sad.backend.folding import (
    ANY,
    CONDITION,
    EVERY,
    INDEX,
    LIST,
    MAX_CONDITION,
    MAX_SIZE,
    OF_LISTS,
    RAISED,
    ROW,
    Folded,
    Waiting,
    can_raise,
    has_effect,
    is_index_arithmetic,
    is_memory,
    is_operator,
    leaves_of,
    readers_of,
)
from s2sad.backend.options import Options
from s2sad.ir.nodes import Atom, Block, Call, If, Let, Loop, Raise, Stmt, Try, Undef, Var, While
from s2sad.ir.structure import CONSUMES, is_part
from s2sad.ir.types import BOOL, FLOAT
from s2sad.ir.walk import blocks, defines, uses
from s2sad.ops.core import PRIMITIVES

SINGLE = 2  # the level from which on numbers that are read once are written there


class Inlining:
    """`folded`: variables that are printed as their expression; `choices`: `If`s that
    are printed as one, in an assignment of their own."""

    def __init__(self, uses: Counter[Var], options: Options) -> None:
        self.uses = uses
        self.options = options
        self.single = options.level >= SINGLE and not options.jit
        self.folded: dict[Var, Folded] = {}
        self.choices: set[If] = set()
        # The user's names that are bound on some paths only.
        self.unsure: set[Atom] = set()
        self.sizes: dict[Var, int] = {}
        self.users: dict[Var, Var] = {}  # index arithmetic, and the variable made of it
        self._log: list[Var | If] = []
        self._hopeless: set[tuple[object, bool]] = set()

    def function(self, body: Block) -> None:
        self.unsure.update(_maybe_unbound(body, set()))
        region = _Region(self, loose=False)
        region.stmts(body.stmts)
        region.read(body.yields, ANY, adjoint_only=True)
        for var, user in reversed(self.users.items()):
            if user not in self.folded:
                self.folded.pop(var, None)

    def block(self, block: Block) -> None:
        _Region(self, loose=False).stmts(block.stmts)

    def body(self, loop: Loop | While) -> None:
        """The body of a loop: its records and its stop are read at its end."""
        region = _Region(self, loose=False)
        region.stmts(loop.body.stmts)
        region.read((loop.stop,), CONDITION)
        for atom in loop.recorded:
            entry = region.waiting.get(atom) if isinstance(atom, Var) else None
            if entry is not None and isinstance(entry.stmt, Let) and entry.stmt.op == "tuple":
                self.fold(entry.stmt.out, entry.stmt)

    def fold(self, var: Var, stmt: Folded) -> None:
        self.folded[var] = stmt
        self._log.append(var)

    def choose(self, stmt: If) -> None:
        self.choices.add(stmt)
        self._log.append(stmt)

    @property
    def mark(self) -> int:
        return len(self._log)

    def revert(self, mark: int) -> None:
        """Undo what was folded since the mark."""
        for entry in self._log[mark:]:
            if isinstance(entry, Var):
                self.folded.pop(entry, None)
            else:
                self.choices.discard(entry)
        del self._log[mark:]

    def expression(self, block: Block, slot: str, loose: bool) -> bool:
        """Fold a block into what it yields, if all of it can be."""
        if (block, loose) in self._hopeless:
            return False
        mark = self.mark
        region = _Region(self, loose)
        region.stmts(block.stmts)
        region.read(block.yields, slot)
        whole = all(self._is_folded(stmt) for stmt in block.stmts)
        if whole and loose:
            whole = self._in_order(block)
        if not whole:
            self.give_up(block, loose, mark)
        return whole

    def give_up(self, block: Block, loose: bool, mark: int) -> None:
        self._hopeless.add((block, loose))
        self.revert(mark)

    def raises(self, stmt: Folded) -> bool:
        """May an expression of the primal raise, or what is folded into it?"""
        if isinstance(stmt, Let) and not stmt.origin and can_raise(stmt):
            return True
        atoms = stmt.args if isinstance(stmt, Let) else (stmt.cond,)
        inner = (self.folded.get(atom) for atom in atoms if isinstance(atom, Var))
        return any(self.raises(found) for found in inner if found is not None)

    def _is_folded(self, stmt: Stmt) -> bool:
        match stmt:
            case Let(out) | If((out,)):
                return out in self.folded
            case _:
                return False

    def size(self, atom: Atom) -> int:
        """How many operations an atom prints as."""
        return self.sizes[atom] if isinstance(atom, Var) and atom in self.folded else 0

    def _in_order(self, block: Block) -> bool:
        """Does the expression evaluate what can raise in the order of the statements?"""
        written = [s for s in block.stmts if can_raise(s)]
        evaluated: list[Folded] = []
        inside = set(block.stmts)
        for atom in block.yields:
            self._evaluated(atom, inside, evaluated)
        return [s for s in evaluated if can_raise(s)] == written

    def _evaluated(self, atom: Atom, inside: set[Stmt], order: list[Folded]) -> None:
        stmt = self.folded.get(atom) if isinstance(atom, Var) else None
        if stmt is None or stmt not in inside:
            return
        for arg in stmt.args if isinstance(stmt, Let) else (stmt.cond,):
            self._evaluated(arg, inside, order)
        if isinstance(stmt, If):
            for arm in (stmt.then, stmt.orelse):
                for atom in arm.yields:
                    self._evaluated(atom, inside, order)
        order.append(stmt)


class _Region:
    """One block; `loose` lets every unnamed statement be folded."""

    def __init__(self, inlining: Inlining, loose: bool) -> None:
        self.all = inlining
        self.loose = loose
        self.waiting: dict[Var, Waiting] = {}
        self.epoch = 0  # counts what may write to memory
        self.taken: set[Atom] = set()  # versions of buffers that have a next one
        self.time = 0
        self.raised = -1  # when something last might have raised
        self.written: dict[str, int] = {}  # when a hint was last defined

    def stmts(self, stmts: Sequence[Stmt]) -> None:
        for stmt in stmts:
            if isinstance(stmt, Let) and stmt.op in PRIMITIVES and not self.all.single:
                self.let(stmt)
                if PRIMITIVES[stmt.op].raises:
                    self.raised = self.time
                self.time += 1
                if stmt.out.hint:
                    self.written[stmt.out.hint] = self.time
                continue
            self.stmt(stmt)
            adjoint = self.all.single and isinstance(stmt, Let) and bool(stmt.origin)
            if not adjoint and can_raise(stmt):
                # An adjoint does not raise but where the value does.
                self.raised = self.time
            self.time += 1
            for var in defines(stmt):
                if var.hint:
                    self.written[var.hint] = self.time

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let():
                self.let(stmt)
            case If():
                self.if_(stmt)
            case Loop(domain=domain, seqs=seqs):
                self.read(domain[:3] if domain else (), INDEX)
                self.read([seq.list for seq in seqs], LIST)
                self.all.body(stmt)
                self.epoch += 1
            case While(cond=cond):
                if not self.all.expression(cond, CONDITION, loose=True):
                    region = _Region(self.all, loose=False)
                    region.stmts(cond.stmts)
                    region.read(cond.yields, CONDITION)
                self.all.body(stmt)
                self.epoch += 1
            case Call(args=args):
                self.read(args, ANY, adjoint_only=True)
                self.epoch += 1
            case Try(body=body, handlers=handlers, manager=manager):
                self.read((manager,) if manager is not None else (), RAISED)
                for block in (body, *(handler.block for handler in handlers)):
                    self.all.block(block)
                self.epoch += 1
            case Raise():
                self.read(uses(stmt), RAISED)

    def let(self, let: Let) -> None:
        if let.op == "constant":
            self.all.fold(let.out, let)
            self.all.sizes[let.out] = 0
        elif let.out.type is FLOAT and let.op in PRIMITIVES:
            limit = MAX_CONDITION if self.loose else MAX_SIZE
            self.wait(let, 1 + self.read(let.args, ANY, room=limit - 1))
        else:
            self.wait(let, self.operands(let))

    def wait(self, let: Let, size: int) -> None:
        """A statement of so many operations waits for its reader, if that may be one."""
        if self.all.uses[let.out] != 1 or not self.all.options.inline:
            return
        readers = readers_of(let, self.loose, self.all.single, self.all.options.lenient)
        if readers:
            self.all.sizes[let.out] = size - is_part(let)
            self.waiting[let.out] = Waiting(let, readers, self.epoch, self.time)

    def operands(self, let: Let) -> int:
        """Fold what a statement reads; how many operations it then is."""
        index = let.op in ("get", "set", "acc")
        logic = is_operator(let.op) and let.out.type == BOOL
        slot = RAISED if let.op == "python" else CONDITION if logic else ANY
        if let.op in OF_LISTS:
            slot = LIST
        if let.op == "np.array":
            slot = ROW
        if is_index_arithmetic(let):
            slot = INDEX if let.op != "len" else LIST
            self.all.users.update((a, let.out) for a in let.args if a in self.waiting)
        index = index or let.op == "slice"
        base = LIST if let.op in ("get", "slice") else ANY
        taken = let.op in CONSUMES  # its buffer has to have a name
        first = let.args[:1] if index and not taken else ()
        size = 1 + (self.read(first, base, room=MAX_SIZE) if first else 0)
        rest = let.args[1:] if index or taken else let.args
        limit = MAX_CONDITION if self.loose or logic else MAX_SIZE
        size += self.read(rest, INDEX if index else slot, room=limit - size)
        if let.op in CONSUMES and self.all.options.lenient:
            self.taken.add(let.args[0])
        elif let.op in CONSUMES or let.op in ("python", "store"):
            self.epoch += 1
        return size

    def if_(self, stmt: If) -> None:
        size = 1 + self.read((stmt.cond,), CONDITION, room=MAX_CONDITION)
        arms = (stmt.then, stmt.orelse)
        if not self._expression(stmt, arms, size):
            for arm in arms:
                self.all.block(arm)
            self.epoch += 1

    def _expression(self, stmt: If, arms: tuple[Block, Block], size: int) -> bool:
        """Make the `If` an expression, if it can be one."""
        if len(stmt.outs) != 1 or not self.all.options.inline:
            return False
        if any(not arm.yields or isinstance(arm.yields[0], Undef) for arm in arms):
            return False
        out = stmt.outs[0]
        ways = [way for arm in arms if (way := arm.yields[0]) in self.all.unsure]
        if any(isinstance(way, Var) and way.hint == out.hint for way in ways):
            return False  # it is handed on, not read: see unbound.py
        truth = stmt.outs[0].type == BOOL
        loose = truth or self.loose
        mark = self.all.mark
        for arm in arms:
            if not self.all.expression(arm, CONDITION if truth else ANY, loose):
                self.all.revert(mark)
                return False
        size += sum(self.all.size(arm.yields[0]) for arm in arms)
        if size > (MAX_CONDITION if truth else MAX_SIZE):
            for arm in arms:
                self.all.give_up(arm, loose, mark)
            return False
        # What only one of the ways reads of an adjoint is computed on that way.
        ways = [arm.yields[0] for arm in arms]
        size += self.read(
            [way for way in ways if self.is_adjoint(way)], ANY, room=MAX_SIZE - size
        )
        self.choice(stmt, size)
        return True

    def is_adjoint(self, atom: Atom) -> bool:
        entry = self.waiting.get(atom) if isinstance(atom, Var) else None
        return entry is not None and isinstance(entry.stmt, Let) and bool(entry.stmt.origin)

    def choice(self, stmt: If, size: int) -> None:
        """An `If` that is an expression."""
        out = stmt.outs[0]
        self.all.choose(stmt)
        if self.all.uses[out] != 1 or out.user or (out.hint and out.type != BOOL):
            return
        if is_memory(out.type):  # what writes to it has to name it
            return
        inner = (*stmt.then.stmts, *stmt.orelse.stmts)
        adjoint = bool(stmt.origin) or any(isinstance(s, Let) and s.origin for s in inner)
        if adjoint or self.loose:
            readers = EVERY
        elif out.type == BOOL:
            readers = frozenset((CONDITION,))
        else:
            return
        self.all.sizes[out] = size
        self.waiting[out] = Waiting(stmt, readers, self.epoch, self.time)

    def read(
        self,
        atoms: Iterable[Atom],
        slot: str,
        adjoint_only: bool = False,
        room: int = MAX_SIZE,
    ) -> int:
        """Fold what waits into its reader, the small first; the operations folded."""
        if not self.waiting:
            return 0
        found = []
        for atom in atoms:
            entry = self.waiting.pop(atom, None) if isinstance(atom, Var) else None
            if entry is None or slot not in entry.readers:
                continue
            if adjoint_only and not (entry.stmt.origin or isinstance(entry.stmt, Let)):
                continue
            if not self.movable(entry):
                continue
            assert isinstance(atom, Var)
            found.append((self.all.sizes[atom], atom, entry.stmt))
        if not found:
            return 0
        if len(found) > 1:
            found.sort(key=lambda item: item[0])
        total = 0
        for size, var, stmt in found:
            if total + size <= room:
                total += size
                self.all.fold(var, stmt)
        return total

    def movable(self, entry: Waiting) -> bool:
        """Is what the statement reads still there, and under its name?"""
        leaves = leaves_of(entry.stmt, self.all.folded)
        if entry.epoch != self.epoch and (
            any(is_memory(var.type) for var in leaves) or has_effect(entry.stmt)
        ):
            return False
        if self.taken and not self.taken.isdisjoint(leaves):
            return False
        lenient = self.all.options.lenient
        if self.raised > entry.time and isinstance(entry.stmt, Let) and not lenient:
            stmt = entry.stmt
            if is_part(stmt) or (self.all.single and self.all.raises(stmt)):
                # An index may be out of range, a divisor 0: that is not to be found later
                # than it was.
                return False
        known = entry.time + 1
        return not [var for var in leaves if self.written.get(var.hint, -1) > known]


def _maybe_unbound(block: Block, known: set[Atom]) -> set[Atom]:
    for stmt in block.stmts:
        if isinstance(stmt, Let):
            continue
        for inner in blocks(stmt):
            _maybe_unbound(inner, known)
        if isinstance(stmt, If):
            # A path that raises may yield nothing.
            for yields in (stmt.then.yields, stmt.orelse.yields):
                for out, way in zip(stmt.outs, yields, strict=bool(yields)):
                    if out.user and (isinstance(way, Undef) or way in known):
                        known.add(out)
        elif isinstance(stmt, Loop | While):
            pairs = zip(stmt.outs, stmt.inits, strict=True)
            known |= {out for out, init in pairs if out.user and isinstance(init, Undef)}
    return known
