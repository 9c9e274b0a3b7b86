"""The reverse sweep over a block: each statement hands its adjoint to what it read.

    y = a * sin(x)     with y_bar     gives     a_bar += y_bar * sin(x), …

`Sweep` holds what is the same for a whole function; straight-line statements are here,
regions in `branches` and `loops`, calls in `callees`. A forward value is named as
if it were in sight; `transform.record` makes it so where a region is closed.

Sources: the lecture's equations 28 and 43-50; Griewank & Walther 2008, chapters 3 and 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.activity import Activity
from s2sad.analysis.binding import maybe_unbound
from s2sad.analysis.frozen import has_buffers
from s2sad.analysis.intervals import bounds_of
from s2sad.analysis.lengths import ragged_loops
from s2sad.analysis.stable import stable_reads
from s2sad.analysis.views import displays, views
from s2sad.errors import NotDifferentiable, assert_never
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    ZERO,
    Atom,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Stmt,
    Try,
    Var,
    While,
    int_lit,
)
from s2sad.ir.structure import READS_PART, STRUCTURE
from s2sad.ir.types import (
    COMPLEX,
    INT,
    Array,
    List,
    Named,
    Tuple,
    Type,
    is_differentiable,
)
from s2sad.ir.walk import all_blocks, bound, defines, free_vars, walk
from s2sad.ops.core import PRIMITIVES
from s2sad.transform import branches, lists, loops, partials, structure
from s2sad.transform.adjoints import Adjoints, Contribution, adjoint_type, bar_of, known_shape
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.callees import Callees


class Sweep:
    """Reverse mode over one function.

    Its methods are told whether they are `recording`: whether a forward value reaches the
    reverse sweep only by being recorded, as inside a loop or in a function that is split
    into a forward and a reverse part.
    """

    def __init__(
        self,
        func: Func,
        activity: Activity,
        level: int,
        callees: Callees,
        escapes: bool = False,
    ) -> None:
        self.activity = activity
        self.bounds = bounds_of(func)
        self.unbound = maybe_unbound(func)
        # The lengths of lists that a loop binds first, as it carries them, or why there
        # is none.
        self.lengths: dict[Var, Var | NotDifferentiable] = {}
        self.func = func
        self.buffers = buffers = has_buffers(func)
        # Are there arrays or complex numbers, whose rules are those of arrays?
        self.wide = buffers
        # Is there nothing of NumPy's at all: `plain`?
        types, ops = {param.type for param in func.params}, set[str]()
        for block in all_blocks(func.body):
            for stmt in block.stmts:
                if type(stmt) is Let:
                    types.add(stmt.out.type)
                    ops.add(stmt.op)
                else:
                    types.update([var.type for var in defines(stmt)])
        self.wide = self.wide or COMPLEX in types
        self.plain = not self.wide and not any(op.startswith("np.") for op in ops)
        self.ragged = ragged_loops(func) if buffers else set()
        self.level = level
        self.callees = callees
        self.shared = callees.sharing.of(func, escapes)
        self.stable = stable_reads(func, self.shared) if buffers else {}
        self.views = views(func) if buffers else {}
        self.displays = displays(func) if buffers else {}
        # The buffers of the function itself: `y` may be the adjoint 0.5 * y + 0.5 * y.
        self.primals = {
            var
            for vars_ in (
                func.params,
                *(
                    (*defines(stmt), *bound(stmt))
                    for stmt in (walk(func.body) if buffers else ())
                ),
            )
            for var in vars_
            if isinstance(var.type, Array | List)
        }
        # Statements that go before and after the one at hand in the forward sweep.
        self.before: list[Stmt] = []
        self.after: list[Stmt] = []
        self.inserted: set[Var] = set()
        self.parts: dict[tuple[object, ...], Type] | None = None
        self.definitions: dict[Var, Let] | None = None
        # Of the arrays that are written to later, the copies made for the reverse sweep.
        self.copies: dict[Var, Var] = {}
        # What the statement at hand has made.
        self.made: Var | None = None
        self.recording = False
        # Inside a loop that is reversed from snapshots all is recorded.
        self.replaying = False
        # What is another number under the name that it had after its cotangent was seen.
        self.passed: dict[Var, Atom] = {}
        # Adjoints that come from elsewhere, of which elements may be 0 since nothing arrives.
        self.with_holes: set[Var] = set()
        self.latest: dict[Var, Var] = {}
        self.first_use: dict[Var, Stmt] = {}
        # The shapes of arrays that may be unbound, as variables of the primal.
        self.shapes: dict[Var, Var] = {}
        absent = [var for var in self._maybe_absent() if self._needs_shape(var)]
        absent += self._absent_lists()
        if absent:
            from s2sad.transform.absent import with_shapes

            self.func, self.shapes = with_shapes(func, absent)
            lists_ = ((v, s) for v, s in self.shapes.items() if isinstance(v.type, List))
            self.lengths.update(lists_)

    def _maybe_absent(self) -> Iterable[Var]:
        """What may be unbound, in an order that does not change."""
        for block in all_blocks(self.func.body) if self.buffers and self.unbound else ():
            for vars_ in (block.params, *map(defines, block.stmts)):
                yield from (var for var in vars_ if var in self.unbound)

    def _absent_lists(self) -> list[Var]:
        """Lists of numbers that may be unbound, if some are so because of a branch; those
        of loops alone are seen to where a loop is reversed."""
        lists = [var for var in self._maybe_absent() if isinstance(var.type, List)]
        branches = (
            stmt
            for block in (all_blocks(self.func.body) if lists else ())
            for stmt in block.stmts
            if isinstance(stmt, If | Try)
        )
        found = any(not set(lists).isdisjoint(stmt.outs) for stmt in branches)
        return [var for var in lists if found and is_differentiable(var.type)]

    def _needs_shape(self, var: Var) -> bool:
        type_ = var.type
        if not isinstance(type_, Array) or known_shape(type_) is not None:
            return False
        return is_differentiable(type_) and self.like(type_) is None

    def builder(self) -> AdjointBuilder:
        builder = self.callees.builder()
        builder.foreign = self.inserted
        builder.primals.update(self.primals)
        builder.plain = self.plain
        return builder

    def stmts(
        self,
        stmts: Sequence[Stmt],
        adj: Adjoints,
        builder: AdjointBuilder,
        recording: bool,
    ) -> list[Stmt]:
        """Write the adjoint of the statements; the forward statements that it needs."""
        if self.buffers:
            self._follow_versions(stmts)
        if self.level:
            # What the forward sweep has computed is not computed again.
            for stmt in stmts:
                # A buffer that is written to is gone then.
                if type(stmt) is Let and stmt.out not in self.shared.written:
                    builder.know(stmt)
        else:
            self._note_first_uses(stmts)
        forward: list[Stmt] = []
        around = self.before, self.after, self.recording, self.copies
        self.recording, self.copies = recording, {}
        for stmt in reversed(stmts):
            if isinstance(stmt, Let) and not (
                stmt.out in self.activity.active or stmt.op == "cotangent"
            ):
                forward.append(stmt)
                continue
            self.before, self.after = [], []
            kept = self.stmt(stmt, adj, builder, recording)
            if self.before or self.after:
                forward += (*reversed(self.after), kept, *reversed(self.before))
            else:
                forward.append(kept)
        self.before, self.after, self.recording, self.copies = around
        forward.reverse()
        return forward

    def insert(self, let: Let, after: bool = False) -> Var:
        """Compute in the forward sweep, at the statement at hand, what will be gone later."""
        (self.after if after else self.before).append(let)
        self.inserted.add(let.out)
        return let.out

    def begun_with(self) -> list[Stmt]:
        """What is to be computed at the start of a region that is reversed."""
        begun, self.before = self.before, []
        return begun

    def stmt(self, stmt: Stmt, adj: Adjoints, builder: AdjointBuilder, recording: bool) -> Stmt:
        match stmt:
            case Let():
                self._let(stmt, adj, builder)
                return self._without_block(stmt) if stmt.op == "cotangent" else stmt
            case If():
                return branches.reverse_if(self, stmt, adj, builder, recording)
            case Loop() | While():
                return loops.reverse_loop(self, stmt, adj, builder, recording)
            case Call():
                return self.callees.reverse_call(self, stmt, adj, builder)
            case Try():
                return branches.reverse_try(self, stmt, adj, builder, recording)
            case Raise():
                return stmt
            case _:
                assert_never(stmt)

    def active(self, atoms: Iterable[Atom]) -> list[Var]:
        return [a for a in atoms if isinstance(a, Var) and a in self.activity.active]

    def outer_active(self, atoms: Iterable[Atom]) -> list[Var]:
        """The active variables among those that a region reads from outside, and those
        that they are parts of."""
        found = self.active(atoms)
        return list(dict.fromkeys((*found, *(self.viewed(var)[0] for var in found))))

    def viewed(self, var: Var) -> tuple[Var, tuple[Atom, ...]]:
        """The list that a list is a part of, and where."""
        return self.views.get(var, (var, ()))

    def zero(self, primal: Atom, builder: AdjointBuilder, after: bool = False) -> Atom:
        """A zero adjoint in the shape of a primal value, as it is before or after the
        statement at hand."""
        match primal.type:
            case Array():
                assert isinstance(primal, Var)
                return self._zero_array(primal, primal.type, builder, after)
            case List():
                assert isinstance(primal, Var)
                return lists.blank_list(self, primal, builder, after)
            case Tuple(items):
                parts = [
                    self.zero_item(primal, k, type_, builder, after)
                    for k, type_ in enumerate(items)
                ]
                return builder.emit("tuple", parts, type_=adjoint_type(primal.type))
            case Named():
                return Lit(None, adjoint_type(primal.type))
            case _:
                return ZERO

    def _zero_array(
        self, primal: Var, type_: Array, builder: AdjointBuilder, after: bool
    ) -> Atom:
        like = self.like(type_)
        if like is not None and like.type == type_:
            return builder.emit("zeros_like", (like,))
        if primal in self.unbound and is_differentiable(type_):
            return self.zeros(self.shape_of(primal, builder, after), type_, builder)
        current = self._current(primal)
        if primal in builder.defs or not (self.recording or current in self.shared.written):
            return builder.emit("zeros_like", (current,))
        if is_differentiable(type_):
            return self.zeros(self.shape_of(primal, builder, after), type_, builder)
        return ZERO

    def zeros(self, shape: Atom, type_: Array, builder: AdjointBuilder) -> Atom:
        from s2sad.ir.arrays import stated

        return builder.emit("np.zeros", (shape, stated(type_.dtype)), type_=type_)

    def zero_item(
        self, record: Atom, k: int, type_: Type, builder: AdjointBuilder, after: bool = False
    ) -> Atom:
        """A zero adjoint for an item of a record, in the shape that it has to the end."""
        if isinstance(type_, Named) or not builder.holds_buffer(type_):
            return self.zero(builder.make("item", record, int_lit(k), type_=type_), builder)
        if record in self.shared.consumed:
            raise NotDifferentiable(
                "a list in a tuple that is written to", None, "give the list a name of its own"
            )
        if record in self.shared.written or record in self.inserted:
            # The caller may write to it.
            part = self.insert(Let(Var(type_), "item", (record, int_lit(k))), after)
            return self.zero(part, builder, after)
        item = builder.make("item", record, int_lit(k), type_=type_)
        if isinstance(type_, List):
            return builder.emit("zeros_list", (item,), type_=adjoint_type(type_))
        return self.zero(item, builder)

    def _follow_versions(self, stmts: Sequence[Stmt]) -> None:
        """Note which version of an array takes the place of which."""
        for stmt in stmts:
            match stmt:
                case Let(out, "set" | "acc", (Var() as array, *_)):
                    self.latest[array] = out
                case Loop() | While():
                    for init, out in zip(stmt.inits, stmt.outs, strict=True):
                        if isinstance(init, Var) and isinstance(init.type, Array):
                            self.latest[init] = out
                case _:
                    pass

    def _note_first_uses(self, stmts: Sequence[Stmt]) -> None:
        for stmt in stmts:
            for var in free_vars([stmt]):
                self.first_use.setdefault(var, stmt)

    def _current(self, array: Var) -> Var:
        """The version that lives on: a shape may be read of no other."""
        while array in self.latest:
            array = self.latest[array]
        return array

    def _let(self, let: Let, adj: Adjoints, builder: AdjointBuilder) -> None:
        if let.out not in self.activity.active:
            return
        bar = adj.take(let.out, builder)
        if bar is None or builder.is_zero(bar.value):
            if let.op == "cotangent":
                # The block runs where no result depends on y, too.
                adj.add(let.out, self.zero(let.out, builder), builder)
                bar = adj.take(let.out, builder)
            if bar is None or let.op != "cotangent":
                return
        builder.origin = (*bar.origin, let)
        self.made = let.out
        if let.op in STRUCTURE:
            structure.reverse_structure(self, let, bar.value, adj, builder)
        elif let.op not in PRIMITIVES or (self.wide and _on_arrays(let)):
            from s2sad.transform.arrays import reverse_array

            reverse_array(self, let, bar.value, adj, builder)
        else:
            self._primitive(let, bar, adj, builder)

    def _primitive(
        self, let: Let, bar: Contribution, adj: Adjoints, builder: AdjointBuilder
    ) -> None:
        texts = partials.partial_texts(let, textbook=self.level == 0)
        named = partials.operands(let)
        active = self.activity.active
        targets = [
            (arg, text)
            for arg, text in zip(let.args, texts, strict=True)
            if text is not None and isinstance(arg, Var) and arg in active
        ]
        # An accumulator takes its share before the chain goes on: x_bar += y_bar * y_i
        # stands ahead of y_bar *= x, which overwrites y_bar.
        if self.level and len(targets) > 1:
            targets.sort(key=lambda target: not adj.accumulates(target[0]))
        origin = builder.origin
        for k, (arg, text) in enumerate(targets):
            builder.origin = origin
            if text == "1.0":
                last = k == len(targets) - 1
                adj.add(arg, self._passed_on(bar.value, last, builder), builder, origin)
            else:
                share = partials.contribution(bar.value, text, named, builder, self.bounds)
                adj.add(arg, share, builder)
        if self.first_use:
            for arg, _ in targets:
                # Level 0 writes an adjoint as soon as it is whole, in the lecture's order.
                if self.first_use.get(arg) is let:
                    adj.settle(arg, builder)

    def _passed_on(self, bar: Atom, last: bool, builder: AdjointBuilder) -> Atom:
        """A buffer has one owner: all takers but the last get a copy."""
        if isinstance(bar.type, Array) and not last:
            return builder.emit("copy", (bar,))
        return bar

    def kept(self, atom: Atom) -> Atom:
        """A value as the reverse sweep may read it: of an array that is written to later,
        a copy that the forward sweep makes at the statement at hand."""
        if not isinstance(atom, Var) or not isinstance(atom.type, Array):
            return atom
        if atom not in self.shared.written or atom in self.inserted or atom in self.stable:
            return atom
        known = self.copies.get(atom)
        made = self.definition(atom)
        if known is None and made is not None and made.op == "view" and len(made.args) == 2:
            base, at = made.args
            turns = isinstance(at, Lit) and at.value in ("::-1", "T")
            if turns and self._copied_here(base):
                # A copy of what it is another order of may serve both.
                turned = Let(Var(atom.type), "view", (self.kept(base), at))
                known = self.copies[atom] = self.insert(turned, after=atom is self.made)
        if known is None:
            copy = Let(Var(atom.type, after=(atom, "_in")), "copy", (atom,))
            known = self.copies[atom] = self.insert(copy, after=atom is self.made)
        return known

    def _copied_here(self, array: Atom) -> bool:
        """Is a copy of it, if there is one, made at the statement at hand, and not later?"""
        copy = self.copies.get(array) if isinstance(array, Var) else None
        return copy is None or any(
            isinstance(let, Let) and let.out is copy for let in (*self.before, *self.after)
        )

    def shape_of(self, array: Atom, builder: AdjointBuilder, after: bool = False) -> Atom:
        """The shape of an array, as it can be read in the reverse sweep."""
        literal = known_shape(array.type)
        if literal is not None:
            return literal
        assert isinstance(array.type, Array)
        dims = array.type.dims
        like = self.like(array.type)
        if like is not None:
            return builder.emit("shape", (like,))
        assert isinstance(array, Var)
        if array in self.shapes:
            return self.shapes[array]
        if array in builder.defs or not (array in self.shared.written or self.recording):
            return builder.emit("shape", (array,))
        type_ = Tuple((INT,) * len(dims))
        for known in (*self.before, *self.after):
            if isinstance(known, Let) and known.op == "shape" and known.args == (array,):
                return known.out
        made = Let(Var(type_, after=(array, "_shape")), "shape", (array,))
        return self.insert(made, after or array is self.made)

    def size_of(self, array: Atom, builder: AdjointBuilder) -> Atom:
        """How many elements an array has, as it can be read in the reverse sweep."""
        if not isinstance(array.type, Array):
            return int_lit(1)
        assert isinstance(array, Var)
        like = self.like(array.type)
        gone = array in self.shared.written or self.recording
        if like is None and gone and array not in builder.defs:
            size = Let(Var(INT, after=(array, "_size")), "np.size", (array,))
            return self.insert(size, after=array is self.made)
        return builder.emit("np.size", (like or array,), type_=INT)

    def part_type(self, array: Atom, at: Atom, index: Sequence[Atom]) -> Type | None:
        """The type of a part, with the symbols that its sizes have where the same part of
        an array of the same sizes is read."""
        if self.parts is None:
            self.parts = {
                _place(stmt.args[0], stmt.args[1], stmt.args[2:]): stmt.out.type
                for stmt in walk(self.func.body)
                if isinstance(stmt, Let) and stmt.op in READS_PART
            }
        found = self.parts.get(_place(array, at, index))
        if isinstance(found, Array) and isinstance(array.type, Array):
            return Array(array.type.dtype, found.dims)
        return None

    def definition(self, atom: Atom) -> Let | None:
        """The statement of the primal that makes a value, if it is a primitive."""
        if self.definitions is None:
            lets = (stmt for stmt in walk(self.func.body) if isinstance(stmt, Let))
            self.definitions = {let.out: let for let in lets}
        return self.definitions.get(atom) if isinstance(atom, Var) else None

    def like(self, type_: Array) -> Var | None:
        """An argument of the same shape, which is there to the end."""
        if "?" in type_.dims:
            return None
        for param in self.func.params:
            same = isinstance(param.type, Array) and param.type.dims == type_.dims
            if same and param not in self.shared.written:
                return param
        return None

    def _without_block(self, let: Let) -> Let:
        """The same value, where a reverse sweep has run its block."""
        source = let.args[0]
        if isinstance(source.type, Array):
            return replace(let, op="copy", args=(source,))
        for out, other in self.passed.items():
            if other is let.out:
                self.passed[out] = source
        self.passed[let.out] = source
        return replace(let, op="id", args=(source,))

    def buffer(self, array: Var, adj: Adjoints, builder: AdjointBuilder) -> Atom:
        """The adjoint of an array or list as it stands, to be written to."""
        known = adj.settle(array, builder)
        if known is None:
            known = self.zero(array, builder)
            builder.call_after(known, bar_of(array))
        return builder.own(known, array.type)


def _on_arrays(let: Let) -> bool:
    atoms = (let.out, *let.args)
    return any(isinstance(a.type, Array) or a.type == COMPLEX for a in atoms)


def _place(array: Atom, at: Atom, index: Sequence[Atom]) -> tuple[object, ...]:
    assert isinstance(array.type, Array)
    assert isinstance(at, Lit)
    dims = array.type.dims if "?" not in array.type.dims else (array,)
    return (dims, at.value, *index)
