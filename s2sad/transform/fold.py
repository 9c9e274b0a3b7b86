"""A builder for adjoint code that folds as it builds: 1.0 * y_bar is y_bar.

Only derivative code goes through here. The primal keeps its operations to the bit; an
adjoint is a sum of products that may be reassociated, and a factor 1 or a sign moved.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence

from s2sad.errors import InternalError
from s2sad.ir.build import Builder
from s2sad.ir.nodes import (
    FALSE,
    NOTHING,
    TRUE,
    ZERO,
    Atom,
    If,
    Let,
    Lit,
    Stmt,
    Var,
    float_lit,
    int_lit,
)
from s2sad.ir.types import BOOL, FLOAT, Array, List, Named, Opaque, Scalar, Tuple, Type

After = tuple[Var, str]


class AdjointBuilder(Builder):
    """Builds adjoint statements; every one carries the primal statements it comes from.

    With `fold` off (level 0) an expression stands as the textbook writes it, but for
    arithmetic on literals.
    """

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
        self.origin: tuple[Stmt, ...] = ()

    def child(self) -> AdjointBuilder:
        inner = AdjointBuilder(self, self.fold, self.defs)
        inner.origin = self.origin
        return inner

    def make(
        self,
        op: str,
        *args: Atom,
        after: After | None = None,
        type_: Type | None = None,
    ) -> Atom:
        """The value of a primitive, folded."""
        fold = _LITERAL_FOLDS.get(op)
        folded = fold(self, *args) if fold else None
        if folded is None and self.fold:
            fold = _FOLDS.get(op)
            folded = fold(self, *args) if fold else None
        return self.emit(op, args, after, type_) if folded is None else folded

    def emit(
        self,
        op: str,
        args: Iterable[Atom],
        after: After | None = None,
        type_: Type | None = None,
    ) -> Var:
        out = self.let(op, args, after=after, type_=type_, origin=self.origin)
        last = self.stmts[-1] if self.stmts else None
        if isinstance(last, Let) and last.out is out:
            self.defs[out] = last
            self._made.add(out)
        return out

    def own(self, buffer: Atom) -> Atom:
        """The buffer, to be written to: a copy where it is part of another."""
        if buffer not in self.borrowed:
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
        match atom:
            case Lit(None):
                return True
            case Lit():
                return atom.type == FLOAT and atom.key == ZERO.key
            case Var():
                let = self.defs.get(atom)
                if let is None:
                    return False
                parts_zero = let.op == "tuple" and all(map(self.is_zero, let.args))
                blank = let.op == "repeat" and self.is_zero(let.args[0])
                return parts_zero or blank or let.op in ("zeros_list", "zeros_like")
            case _:
                return False

    def operands(self, atom: Atom, op: str) -> tuple[Atom, ...] | None:
        let = self.defs.get(atom) if isinstance(atom, Var) else None
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


Branches = tuple[AdjointBuilder, AdjointBuilder]


Fold = Callable[..., "Atom | None"]


def _arithmetic(compute: Callable[[float, float], float]) -> Fold:
    def fold(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
        if type(x) is not Lit or type(w) is not Lit:
            return None
        p, q = exact(x), exact(w)
        return None if p is None or q is None else _number(compute(p, q))

    return fold


def _comparison(holds: Callable[[float, float], bool]) -> Fold:
    def fold(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
        p, q = exact(x), exact(w)
        return None if p is None or q is None else TRUE if holds(p, q) else FALSE

    return fold


def _literal_sign(builder: AdjointBuilder, x: Atom) -> Atom | None:
    p = exact(x)
    return None if p is None else _number(-p)


def _first_power(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    return x if is_one(w) else None


def _known_item(builder: AdjointBuilder, record: Atom, index: Atom) -> Atom | None:
    assert isinstance(index, Lit)
    assert isinstance(index.value, int)
    if isinstance(record, Lit):
        type_ = builder.layout(record.type)[index.value]
        return ZERO if isinstance(type_, Scalar) else Lit(None, type_)
    parts = builder.operands(record, "tuple")
    return parts[index.value] if parts else None


def _sign(builder: AdjointBuilder, x: Atom) -> Atom | None:
    """-(-x) is x."""
    inner = builder.operands(x, "neg")
    return inner[0] if inner else None


def _sum(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x + x is 2 * x; x + (-w) is x - w; (-x) + w is w - x."""
    if x is w:
        return builder.make("mul", float_lit(2.0), x)
    if negated := builder.operands(w, "neg"):
        return builder.make("sub", x, negated[0])
    if negated := builder.operands(x, "neg"):
        return builder.make("sub", w, negated[0])
    return None


def _difference(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x - (-w) is x + w."""
    negated = builder.operands(w, "neg")
    return builder.make("add", x, negated[0]) if negated else None


def _quotient(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """(-x) / w is -(x / w)."""
    negated = builder.operands(x, "neg")
    return builder.make("neg", builder.make("div", negated[0], w)) if negated else None


def _product(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """1 * x is x; -1 * x is -x; 100 * (2 * x) is 200 * x; x * (-w) is -(x * w)."""
    p, q = exact(x), exact(w)
    if type(p) is int:
        # A product of floats is what it is, and what CPython is fast at.
        return builder.make("mul", float_lit(float(p)), w)
    if type(q) is int:
        return builder.make("mul", x, float_lit(float(q)))
    # A whole number of the primal's times 1.0 is a float, as an adjoint has to be.
    if p == 1 and w.type is FLOAT:
        return w
    if q == 1 and x.type is FLOAT:
        return x
    if p == -1:
        return builder.make("neg", w)
    if q == -1:
        return builder.make("neg", x)
    left = builder.defs.get(x) if isinstance(x, Var) else None
    right = builder.defs.get(w) if isinstance(w, Var) else None
    if (merged := _merged_factors(builder, x, w, left, right)) is not None:
        return merged
    if left is not None and left.op == "neg":
        return builder.make("neg", builder.make("mul", left.args[0], w))
    if right is not None and right.op == "neg":
        return builder.make("neg", builder.make("mul", x, right.args[0]))
    if right is not None and right.op == "div":
        return _scaled_quotient(builder, x, *right.args)
    return _known_product(builder, x, w, left)


def _known_product(builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None) -> Atom | None:
    """x * w where w * x stands already; (x * p) * q is x * (p * q) where that stands."""
    swapped = builder.known("mul", (w, x))
    if swapped is not None or left is None or left.op != "mul":
        return swapped
    first, second = left.args
    for kept, factor in ((first, second), (second, first)):
        product = builder.known("mul", (factor, w)) or builder.known("mul", (w, factor))
        if product is not None:
            return builder.make("mul", kept, product)
    return None


def _scaled_quotient(builder: AdjointBuilder, x: Atom, top: Atom, bottom: Atom) -> Atom | None:
    """x * (1 / w) is x / w; x * (y / w) is x / w * y, for the adjoint of a quotient y
    has x / w already."""
    if is_one(top):
        return builder.make("div", x, bottom)
    if isinstance(top, Lit) or isinstance(x, Lit):
        return None
    return builder.make("mul", builder.make("div", x, bottom), top)


def _merged_factors(
    builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None, right: Let | None
) -> Atom | None:
    """100.0 * (2 * b) is 200.0 * b."""
    p, rest = _factor(x, left)
    q, more = _factor(w, right)
    if p is None or q is None or not 1e-100 < abs(p * q) < 1e100:
        return None
    factors = rest + more
    product = factors[0] if len(factors) == 1 else builder.make("mul", *factors)
    return builder.make("mul", float_lit(float(p * q)), product)


def _factor(atom: Atom, let: Let | None) -> tuple[float | None, tuple[Atom, ...]]:
    """The literal factor of a product, if it has one, and the other."""
    if let is None or let.op != "mul":
        return exact(atom), ()
    x, w = let.args
    if (p := exact(x)) is not None:
        return p, (w,)
    return exact(w), (x,)


_LITERAL_FOLDS: dict[str, Fold] = {
    "add": _arithmetic(operator.add),
    "sub": _arithmetic(operator.sub),
    "mul": _arithmetic(operator.mul),
    "neg": _literal_sign,
    "pow": _first_power,
    "item": _known_item,
    **{
        name: _comparison(getattr(operator, name))
        for name in ("lt", "le", "gt", "ge", "eq", "ne")
    },
}
_FOLDS: dict[str, Fold] = {
    "neg": _sign,
    "add": _sum,
    "sub": _difference,
    "mul": _product,
    "div": _quotient,
}


def is_one(atom: Atom) -> bool:
    return exact(atom) == 1


def exact(atom: Atom) -> int | float | None:
    """The number of a literal that is exact in any reading: no big int, inf or nan."""
    if type(atom) is not Lit or not isinstance(atom.value, (int, float)):
        return None
    fits = atom.type is not BOOL and -(2**53) < atom.value < 2**53
    return atom.value if fits else None


def _number(value: float) -> Lit:
    return int_lit(value) if isinstance(value, int) else float_lit(value)
