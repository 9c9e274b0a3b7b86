"""A builder for adjoint code that folds as it builds: 1.0 * y_bar is y_bar.

Only derivative code goes through here. The primal keeps its operations to the bit; an
adjoint is a sum of products that may be reassociated, and a factor 1 or a sign moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from s2sad.errors import InternalError
from s2sad.ir.build import Builder, Key, key_of
from s2sad.ir.nodes import (
    NOTHING,
    ZERO,
    Atom,
    If,
    Let,
    Lit,
    Stmt,
    Var,
    int_lit,
)
from s2sad.ir.structure import CONSUMES, FRESH, may_share
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    Array,
    List,
    Named,
    Opaque,
    Tuple,
    Type,
)
from s2sad.ir.typing import result_type
from s2sad.transform.folds import FOLDS, LITERAL_FOLDS
from s2sad.transform.folds.sums import LINEAR, PRODUCTS, factored_out, signed

After = tuple[Var, str]


class AdjointBuilder(Builder):
    """Builds adjoint statements; every one carries the primal statements it comes from.

    With `fold` off (level 0) an expression stands as the textbook writes it, but for
    arithmetic on literals.
    """

    fresh_arrays = False
    # Is there nothing of NumPy's, so that no fold has to look for it?
    plain = False

    def __init__(self, parent: Builder | None, fold: bool, defs: dict[Var, Let]) -> None:
        super().__init__(parent)
        self.fold = fold
        self.defs = defs
        outer = parent if isinstance(parent, AdjointBuilder) else None
        self.names: dict[Var, After] = outer.names if outer else {}
        self.records: dict[str, tuple[Type, ...]] = outer.records if outer else {}
        # The function that adds up two adjoints of a recursion's record.
        self.adder: Callable[[Named], str] = outer.adder if outer else _no_adder
        self._made: set[Var] = outer._made if outer else set()
        # Buffers that are part of another: to be copied before they are written to.
        self.borrowed: set[Atom] = outer.borrowed if outer else set()
        # Buffers of the forward sweep, which the reverse sweep may read, not write to.
        self.foreign: set[Var] = outer.foreign if outer else set()
        self.primals: set[Var] = outer.primals if outer else set()
        # What numbers of the forward sweep were computed by, where a quotient folds by it.
        self.numbers: dict[Var, Let] = outer.numbers if outer else {}
        # Buffers whose next version stands.
        self._gone: set[Atom] = outer._gone if outer else set()
        self._handed: set[Atom] = outer._handed if outer else set()
        # Buffers that are written to somewhere, and parts of them: read where they stand.
        self.volatile: set[Atom] = outer.volatile if outer else set()
        self.origin: tuple[Stmt, ...] = ()

    def child(self) -> AdjointBuilder:
        inner = AdjointBuilder(self, self.fold, self.defs)
        inner.origin = self.origin
        inner.plain = self.plain
        return inner

    def make(
        self,
        op: str,
        *args: Atom,
        after: After | None = None,
        type_: Type | None = None,
    ) -> Atom:
        """The value of a primitive, folded."""
        folded = None
        for arg in args:
            if type(arg) is Lit:
                fold = LITERAL_FOLDS.get(op)
                folded = fold(self, *args) if fold else None
                break
        if folded is None and self.fold:
            fold = FOLDS.get(op)
            folded = fold(self, *args) if fold else None
            if folded is None and not self.plain:
                if op in LINEAR:
                    folded = factored_out(self, op, args, type_)
                elif op in PRODUCTS:
                    folded = signed(self, op, args, type_)
        return self.emit(op, args, after, type_) if folded is None else folded

    def emit(
        self,
        op: str,
        args: Iterable[Atom],
        after: After | None = None,
        type_: Type | None = None,
    ) -> Var:
        if self.plain and op not in FRESH:
            return self._emit_plain(op, tuple(args), after, type_)
        out = self.let(op, args, after=after, type_=type_, origin=self.origin)
        last = self.stmts[-1] if self.stmts else None
        if op in CONSUMES:
            assert isinstance(last, Let)
            self._gone.add(last.args[0])
        if isinstance(last, Let) and last.out is out:
            self.defs[out] = last
            self._made.add(out)
            if isinstance(out.type, Array) and may_share(op):
                self.borrowed.add(out)
                if not self.volatile.isdisjoint(last.args):
                    self.volatile.add(out)
        return out

    def _emit_plain(
        self, op: str, args: tuple[Atom, ...], after: After | None, type_: Type | None
    ) -> Var:
        """The same where there are no buffers, which is most of the time."""
        key = key_of(op, args)
        out = self.find(key)
        if out is None:
            out = Var(type_ or result_type(op, args), "", False, after)
            let = self.defs[out] = Let(out, op, args, None, self.origin)
            self.stmts.append(let)
            self._known[key] = out
            self._made.add(out)
        return out

    def fresh(self, op: str, args: Iterable[Atom], type_: Type) -> Var:
        """A buffer of its own, whatever there is already."""
        let = Let(Var(type_), op, tuple(args), None, self.origin)
        self.stmts.append(let)
        self.defs[let.out] = let
        self._made.add(let.out)
        return let.out

    def own(self, buffer: Atom, type_: Type | None = None) -> Atom:
        """The buffer, to be written to: a copy where it is part of another, or of another
        dtype than `type_`, that of its primal."""
        match buffer.type, type_:
            case Array(dtype, _), Array(wanted, _) if dtype != wanted:
                kind = Lit(f"np.{_NAMES.get(wanted.name, wanted.name)}", Opaque("dtype"))
                return self.emit("np.ndarray.astype", (buffer, kind))
        primal = buffer in self.primals or buffer in self.foreign
        if buffer not in self.borrowed and not (primal and isinstance(buffer.type, Array)):
            return buffer
        match buffer.type:
            case Array() | List():
                return self.emit("copy", (buffer,))
            case Tuple(types):
                items = [
                    self.emit("item", (buffer, int_lit(k)), type_=type_)
                    for k, type_ in enumerate(types)
                ]
                self.borrowed.update(items)
                return self.emit("tuple", map(self.own, items), type_=buffer.type)
            case _:
                return buffer

    def handed_once(self, buffer: Atom) -> Atom:
        """An array that becomes the adjoint of a variable: where it is that of another
        already, neither may write to it."""
        if buffer in self._handed:
            self.borrowed.add(buffer)
        self._handed.add(buffer)
        return buffer

    def know(self, let: Let) -> None:
        super().know(let)
        self.primals.add(let.out)
        if let.op in ("div", "sqrt") and let.out.type is FLOAT:
            self.numbers[let.out] = let

    def number(self, atom: Atom, op: str) -> tuple[Atom, ...] | None:
        """The operands of a number, the forward sweep's or one made here."""
        let = self.numbers.get(atom) if type(atom) is Var else None
        return let.args if let is not None and let.op == op else self.operands(atom, op)

    def handed_back(self, buffer: Atom) -> None:
        """It is the adjoint of that variable no more."""
        self._handed.discard(buffer)

    def gone(self, buffer: Atom) -> None:
        """It is read no more: what is written to stands under another name."""
        self._gone.add(buffer)

    def find(self, key: Key) -> Var | None:
        """A value that stands already: a buffer that was written to since is none."""
        if self.plain:
            known = self._known.get(key)
            return known if known is not None or not self.parent else self.parent.find(key)
        if key[0] in _ZEROS:
            return None  # They are there to be added to.
        known = super().find(key)
        if known is None:
            return known
        if known in self._gone or known in self.volatile:
            return None
        if isinstance(known.type, Array) and self._known.get(key) is not known:
            # A loop body may not write to what stands around it.
            self.borrowed.add(known)
        return known

    def stands(self, let: Let) -> bool:
        """Can its operands be read still? What was written to since cannot."""
        if self.plain:
            return True
        return self._gone.isdisjoint(let.args) and self.volatile.isdisjoint(let.args)

    def standing(self, atom: Atom) -> Let | None:
        """What a value was computed by, if its operands can be read still."""
        let = self.defs.get(atom) if type(atom) is Var else None
        return let if let is None or self.plain or self.stands(let) else None

    def call_after(self, atom: Atom, after: After) -> None:
        """Name a value that is the derivative's own: not one of the primal's."""
        if atom in self._made and isinstance(atom, Var) and atom.after is None:
            atom.after = after

    def name(self, atom: Atom, after: After, type_: Type = FLOAT) -> Var:
        """The value under a name of its own."""
        out = Var(type_, after=after)
        self.stmts.append(Let(out, "id", (atom,), origin=self.origin))
        return out

    def layout(self, record: Type) -> tuple[Type, ...]:
        """The types of the items of a record."""
        match record:
            case Tuple(items):
                return items
            case Named(name):
                return self.records[name]
            case _:
                raise InternalError(f"{record} is no record")

    def holds_buffer(self, type_: Type) -> bool:
        """Is there a list or an array in a value of this type, however deep?"""
        pending, seen = [type_], set[Type]()
        while pending:
            match pending.pop():
                case Array() | List():
                    return True
                case (Tuple() | Named()) as record if record not in seen:
                    seen.add(record)
                    pending += self.layout(record)
                case _:
                    pass
        return False

    def is_zero(self, atom: Atom) -> bool:
        """Is it zero by construction (a computed 0.0 is not: 0.0 * inf is nan)?"""
        if isinstance(atom, Var):
            let = self.defs.get(atom)
            if let is None:
                return False
            if let.op == "tuple":
                return all(map(self.is_zero, let.args))
            return let.op in _ZEROS or (let.op == "repeat" and self.is_zero(let.args[0]))
        if not isinstance(atom, Lit):
            return False
        return atom.value is None or (atom.type == FLOAT and atom.key == ZERO.key)

    def operands(self, atom: Atom, op: str) -> tuple[Atom, ...] | None:
        let = self.standing(atom)
        return let.args if let is not None and let.op == op else None

    def choose(
        self, cond: Atom, then: Sequence[Atom], orelse: Sequence[Atom], blocks: Branches
    ) -> tuple[Var, ...]:
        """`then if cond else orelse`, computed by the two builders."""
        outs = tuple(Var(atom.type) for atom in then)
        self._made.update(outs)
        for out, *ones in zip(outs, then, orelse, strict=True):
            if not self.borrowed.isdisjoint(ones):
                self.borrowed.add(out)
        left, right = blocks
        self.stmts.append(
            If(outs, cond, left.block((), then), right.block((), orelse), origin=self.origin)
        )
        return outs

    def is_absent(self, record: Atom) -> Var:
        """Is the adjoint of a record None, which stands for zero?"""
        out = Var(BOOL)
        text = Lit("{0} is {1}", Opaque("str"))
        self.stmts.append(Let(out, "python", (text, record, NOTHING), origin=self.origin))
        return out

    def may_be_absent(self, record: Atom) -> bool:
        """The adjoint of a recursive function's record is None where nothing was added."""
        return isinstance(record.type, Named) and self.operands(record, "tuple") is None


def _no_adder(record: Named) -> str:
    raise InternalError(f"{record} is not added up here")


_NAMES = {"float": "float64", "int": "int64", "complex": "complex128"}
_ZEROS = frozenset({"zeros_list", "zeros_like", "np.zeros"})

Branches = tuple[AdjointBuilder, AdjointBuilder]
