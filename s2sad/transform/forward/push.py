"""The forward sweep over a block: each statement, and the tangents of what it computes.

    a = x**2
    b = exp(a)                   the values of a straight piece first,
    a_dot = x_dot * 2.0 * x      then the tangents of what is active in it
    b_dot = a_dot * b

`Push` holds what is the same for a whole function. Several *directions* may be pushed at
once: a value then has a tangent in each of them in which it is active. A tangent that is
known to be zero is not written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from s2sad.analysis.activity import Activity
from s2sad.analysis.binding import maybe_unbound
from s2sad.analysis.frozen import may_hold_buffer
from s2sad.analysis.intervals import bounds_of
from s2sad.errors import NotDifferentiable, assert_never
from s2sad.ir.nodes import (
    NOTHING,
    ZERO,
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
    int_lit,
)
from s2sad.ir.structure import STRUCTURE
from s2sad.ir.types import COMPLEX, INT, NONE, Array, List, Named, Scalar, Tuple, Type
from s2sad.ir.walk import defines, walk
from s2sad.ops.core import PRIMITIVES
from s2sad.transform import partials
from s2sad.transform.adjoints import adjoint_type, known_shape
from s2sad.transform.fold import AdjointBuilder, After
from s2sad.transform.forward import lists, regions
from s2sad.transform.forward.sizes import NoVector, Size, shifted

if TYPE_CHECKING:
    from s2sad.transform.forward.callees import Pushed

# The tangent of a value has the type of its adjoint.
tangent_type = adjoint_type


class Direction(NamedTuple):
    """What varies in a direction; its tangents are called after the values, with a suffix.

    With a `size` it is so many directions at once (see `vectors`).
    """

    activity: Activity
    suffix: str
    size: Size | None = None


class Push:
    """Forward mode over one function."""

    def __init__(
        self, func: Func, directions: Sequence[Direction], level: int, callees: Pushed
    ) -> None:
        self.directions = list(directions)
        self.level = level
        self.callees = callees
        self.bounds = bounds_of(func)
        # A tangent stands beside its value: a division that comes later tells nothing.
        self.bounds.forget_divisions()
        self.unbound = maybe_unbound(func)
        self.tangents: list[dict[Var, Atom]] = [{} for _ in directions]
        # What is written to later, or may be by the caller.
        self.written = callees.sharing.of(func, escapes=True).written
        # The values that an array is the tangent of.
        self.owners: dict[Atom, set[Atom]] = {}
        self.volatile: set[Atom] = set(self.written)
        self._func = func
        self._items: dict[Atom, set[int]] | None = None
        # How many statements come before the tangents, if these stand together; else -1.
        self.first: int | None = None
        self._pending: list[Let] = []
        self._defined: set[Var] = set()

    def builder(self) -> AdjointBuilder:
        builder = AdjointBuilder(None, self.level > 0, {})
        builder.records = self.callees.records
        builder.volatile = self.volatile
        return builder

    # Tangents.

    def is_active(self, atom: Atom, d: int) -> bool:
        return isinstance(atom, Var) and atom in self.directions[d].activity.active

    def active_in(self, atoms: Iterable[Atom]) -> list[tuple[int, Atom]]:
        """The directions in which atoms are active, with these."""
        atoms = tuple(atoms)
        numbers = range(len(self.directions))
        return [(d, atom) for d in numbers for atom in atoms if self.is_active(atom, d)]

    def dot(self, atom: Atom, d: int) -> Atom | None:
        """The tangent of an atom; None where it is zero."""
        return self.tangents[d].get(atom) if isinstance(atom, Var) else None

    def reaches(self, atom: Atom, d: int) -> bool:
        """Has what is computed of an atom a tangent in a direction?"""
        return self.dot(atom, d) is not None

    def set_dot(self, var: Var, d: int, tangent: Atom) -> None:
        self.tangents[d][var] = tangent
        if isinstance(tangent.type, Array):
            self.owners.setdefault(tangent, set()).add(var)
            if var in self.written:
                self.volatile.add(tangent)

    def forget(self, var: Var, d: int) -> None:
        del self.tangents[d][var]

    def made(self, atom: Atom, d: int, builder: AdjointBuilder) -> Atom:
        """The tangent of an atom, zeros in its shape where it has none."""
        known = self.dot(atom, d)
        return self.zero(atom, d, builder) if known is None else known

    def type_of(self, type_: Type, d: int) -> Type:
        """The type of the tangent of a value."""
        size = self.directions[d].size
        single = tangent_type(type_)
        if size is None:
            return single
        return shifted(single, size.dim)

    def zero(self, primal: Atom, d: int, builder: AdjointBuilder) -> Atom:
        type_ = self.type_of(primal.type, d)
        if isinstance(primal, Undef):
            return Undef(type_)
        size = self.directions[d].size
        if size is not None and isinstance(primal.type, Array | Scalar):
            from s2sad.transform.forward import vectors

            return vectors.zeros(self, size, primal, builder)
        match primal.type:
            case Array():
                return builder.emit("zeros_like", (primal,))
            case List():
                if size is not None:
                    raise NoVector("several directions at once through an empty list")
                if _holds_record(type_):
                    self.callees.blank_record()
                return builder.emit("zeros_list", (primal,), type_=type_)
            case Tuple(items):
                parts = [
                    self.zero(builder.make("item", primal, int_lit(k), type_=item), d, builder)
                    for k, item in enumerate(items)
                ]
                return builder.emit("tuple", parts, type_=type_)
            case Named():
                if isinstance(primal, Var):
                    self.callees.blank_record()
                return Lit(None, type_)
            case _ if primal.type == NONE:
                # A record that a path does not make.
                return NOTHING
            case _:
                return ZERO

    def called(self, var: Var, d: int) -> After:
        """What the tangent of a variable is called."""
        return var, self.directions[d].suffix

    def tangent_var(self, var: Var, d: int) -> Var:
        return Var(self.type_of(var.type, d), after=self.called(var, d))

    # What rules of arrays ask: at the statement itself all is in sight.

    def kept(self, atom: Atom) -> Atom:
        return atom

    def shape_of(self, array: Atom, builder: AdjointBuilder) -> Atom:
        return known_shape(array.type) or builder.emit("shape", (array,))

    def dot_shape(self, array: Atom, d: int, builder: AdjointBuilder) -> Atom:
        """The shape of the tangent of an array."""
        size = self.directions[d].size
        if size is None:
            return self.shape_of(array, builder)
        from s2sad.transform.forward import vectors

        return vectors.shape(self, size, array, builder)

    def size_of(self, array: Atom, builder: AdjointBuilder) -> Atom:
        if not isinstance(array.type, Array):
            return int_lit(1)
        return builder.emit("np.size", (array,), type_=INT)

    def is_read(self, record: Var, item: int) -> bool:
        """Is an item of a record read?"""
        if self._items is None:
            self._items = _items_read(self._func)
        return item in self._items.get(record, ())

    # Statements.

    def know(self, let: Let, builder: AdjointBuilder) -> None:
        """Share a value with the tangents, unless it is written to later."""
        if let.out not in self.written:
            builder.know(let)

    def block(self, block: Block, builder: AdjointBuilder) -> None:
        """Write the statements of a block and their tangents."""
        around = self._pending, self._defined
        self._pending, self._defined = [], set(block.params)
        for stmt in block.stmts:
            self.stmt(stmt, builder)
            self._defined.update(defines(stmt))
            if isinstance(stmt, Let) and stmt.op == "div":
                self.bounds.divided_by(stmt.args[1], self._defined)
        self.flush(builder)
        self._pending, self._defined = around

    def flush(self, builder: AdjointBuilder) -> None:
        """Write the tangents that have been put off."""
        pending, self._pending = self._pending, []
        if pending:
            self.first = len(builder.stmts) if self.first is None else -1
        for let in pending:
            self._tangents(let, builder)

    def stmt(self, stmt: Stmt, builder: AdjointBuilder) -> None:
        if not self.active_in(self._touched(stmt)):
            builder.add(stmt)
            if isinstance(stmt, Let):
                self.know(stmt, builder)
            return
        match stmt:
            case Let() if self._may_wait(stmt):
                builder.add(stmt)
                self.know(stmt, builder)
                self._pending.append(stmt)
                return
            case _:
                self.flush(builder)
                self.first = -1
        match stmt:
            case Let():
                lists.push(self, stmt, builder)
            case If():
                regions.push_if(self, stmt, builder)
            case Loop() | While():
                regions.push_loop(self, stmt, builder)
            case Call():
                self.callees.push_call(self, stmt, builder)
            case Try():
                regions.push_try(self, stmt, builder)
            case Raise():
                builder.add(stmt)
            case _:
                assert_never(stmt)

    def _touched(self, stmt: Stmt) -> tuple[Var, ...]:
        """What has a tangent because of a statement: its results, the carries of a loop."""
        carries = stmt.carries if isinstance(stmt, Loop | While) else ()
        return (*defines(stmt), *carries)

    def _may_wait(self, let: Let) -> bool:
        """Is nothing that its tangent reads ever written to?"""
        if let.op in STRUCTURE and let.op not in ("get", "item", "id", "tuple"):
            return False
        if may_hold_buffer(let.out.type):
            return False
        return let.op == "get" or not any(may_hold_buffer(arg.type) for arg in let.args)

    def _tangents(self, let: Let, builder: AdjointBuilder) -> None:
        for d, _ in self.active_in((let.out,)):
            builder.origin = (let,)
            if let.op in STRUCTURE:
                tangent: Atom | None = lists.linear(self, let, d, builder)
            elif let.op not in PRIMITIVES or any(
                a.type == COMPLEX for a in (let.out, *let.args)
            ):
                tangent = self.of_arrays(let, d, builder)
            else:
                tangent = self._primitive(let, d, builder)
            if tangent is not None:
                self.set_dot(let.out, d, self._named(let.out, d, tangent, builder))
        builder.origin = ()

    def _named(self, var: Var, d: int, tangent: Atom, builder: AdjointBuilder) -> Atom:
        if self.level == 0 and isinstance(var.type, Scalar):
            return builder.name(tangent, self.called(var, d), self.type_of(var.type, d))
        if isinstance(tangent, Var):
            # Should it turn out to be used more than once, it is called this.
            builder.names.setdefault(tangent, self.called(var, d))
        return tangent

    def of_arrays(self, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
        """The tangent of an array primitive."""
        from s2sad.transform.forward import arrays

        return arrays.tangent(self, let, d, builder)

    def _primitive(self, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
        """The sum over the arguments of the partial times the tangent."""
        texts = partials.partial_texts(let, textbook=self.level == 0)
        named = partials.operands(let)
        total: Atom | None = None
        count = 0
        for arg, text in zip(let.args, texts, strict=True):
            dot = self.dot(arg, d)
            if text is None or dot is None:
                continue
            share = dot
            if text != "1.0":
                share = partials.contribution(dot, text, named, builder, self.bounds, True)
            if builder.is_zero(share):
                continue
            total = share if total is None else builder.make("add", total, share)
            count += 1
        if total is not None and count > 1 and self.level and let.out.user:
            builder.call_after(total, self.called(let.out, d))
        return total

    def product(self, let: Let, dots: Atom, d: int, builder: AdjointBuilder) -> Atom:
        """The tangent of the product of a list."""
        return lists.product(self, let, dots, d, builder)

    def put_in(self, let: Let, arg: Atom, dot: Atom, builder: AdjointBuilder) -> Atom:
        """The tangent of an operand, as it is put into a list."""
        return dot

    def taken_out(self, let: Let, dot: Var, builder: AdjointBuilder) -> Atom:
        """The tangent of what is read of a list."""
        return dot

    def refuse(self, let: Let) -> NotDifferentiable:
        return NotDifferentiable(f"the tangent of {let.op}", let.loc)


def _items_read(func: Func) -> dict[Atom, set[int]]:
    """Of each record, the items that are read of it."""
    found: dict[Atom, set[int]] = {}
    for stmt in walk(func.body):
        match stmt:
            case Let(_, "item", (record, Lit(int() as k))):
                found.setdefault(record, set()).add(k)
            case _:
                pass
    return found


def _holds_record(type_: Type) -> bool:
    match type_:
        case Named():
            return True
        case List(item):
            return _holds_record(item)
        case Tuple(items):
            return any(map(_holds_record, items))
        case _:
            return False


def item_of(push: Push, record: Atom, k: Atom, type_: Type, builder: AdjointBuilder) -> Atom:
    """An item of the tangent of a record, which may be None where that is zero."""
    absent = push.callees.absent and builder.may_be_absent(record)
    if not absent:
        return builder.make("item", record, k, type_=type_)
    test = builder.is_absent(record)
    blank, there = builder.child(), builder.child()
    match type_:
        case Scalar():
            zero: Atom = ZERO
        case Named():
            zero = Lit(None, type_)
        case _:
            raise NotDifferentiable(
                "a recursion whose records hold lists, in this order of modes",
                None,
                "write the recursion as a loop",
            )
    item = there.emit("item", (record, k), type_=type_)
    return builder.choose(test, (zero,), (item,), (blank, there))[0]


def _is_complex(let: Let) -> bool:
    return any(atom.type == COMPLEX for atom in (let.out, *let.args))
