"""A builder for adjoint code that folds as it builds: 1.0 * y_bar is y_bar.

Only derivative code goes through here. The primal keeps its operations to the bit; an
adjoint is a sum of products that may be reassociated, and a factor 1 or a sign moved.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable

from s2sad.errors import InternalError
from s2sad.ir.nodes import (
    FALSE,
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
from s2sad.ir.types import BOOL, FLOAT, INT, Named, Scalar, Tuple, Type
from s2sad.ops.build import Builder

_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "add": operator.add,
    "sub": operator.sub,
    "mul": operator.mul,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    name: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")
}


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
        self.names: dict[Var, str] = outer.names if outer else {}
        self.records: dict[str, tuple[Type, ...]] = outer.records if outer else {}
        self.origin: tuple[Stmt, ...] = ()

    def child(self) -> AdjointBuilder:
        inner = AdjointBuilder(self, self.fold, self.defs)
        inner.origin = self.origin
        return inner

    def make(self, op: str, *args: Atom, hint: str = "", type_: Type | None = None) -> Atom:
        """The value of a primitive, folded."""
        folded = self._literals(op, args)
        if folded is None and self.fold:
            folded = self._algebra(op, args)
        if folded is not None:
            return folded
        return self.emit(op, args, hint, type_)

    def emit(
        self, op: str, args: Iterable[Atom], hint: str = "", type_: Type | None = None
    ) -> Var:
        out = self.let(op, args, hint=hint, type_=type_, origin=self.origin)
        last = self.stmts[-1] if self.stmts else None
        if isinstance(last, Let) and last.out is out:
            self.defs[out] = last
        return out

    def name(self, atom: Atom, hint: str, type_: Type = FLOAT) -> Var:
        """The value under a name of its own."""
        out = Var(type_, hint)
        self.stmts.append(Let(out, "id", (atom,), origin=self.origin))
        return out

    def _literals(self, op: str, args: tuple[Atom, ...]) -> Atom | None:
        numbers = [number for arg in args if (number := _exact(arg)) is not None]
        if len(numbers) == len(args) == 2 and op in _ARITHMETIC:
            return _number(_ARITHMETIC[op](*numbers))
        if len(numbers) == len(args) == 2 and op in _COMPARE:
            return TRUE if _COMPARE[op](*numbers) else FALSE
        match op, args:
            case "neg", (Lit(),) if numbers:
                return _number(-numbers[0])
            case "item", (record, Lit(int() as k)):
                return self._known_item(record, k)
            case "pow", (x, w) if is_one(w):
                return x
            case _:
                return None

    def _algebra(self, op: str, args: tuple[Atom, ...]) -> Atom | None:
        match op, args:
            case "neg", (x,):
                inner = self._operands(x, "neg")
                return inner[0] if inner else None
            case "mul", (x, w):
                return self._product(x, w)
            case "add", (x, w):
                if x is w:
                    return self.make("mul", float_lit(2.0), x)
                if negated := self._operands(w, "neg"):
                    return self.make("sub", x, negated[0])
                if negated := self._operands(x, "neg"):
                    return self.make("sub", w, negated[0])
            case "sub", (x, w):
                if negated := self._operands(w, "neg"):
                    return self.make("add", x, negated[0])
            case "div", (x, w):
                if negated := self._operands(x, "neg"):
                    return self.make("neg", self.make("div", negated[0], w))
        return None

    def _product(self, x: Atom, w: Atom) -> Atom | None:
        if is_one(x):
            return w
        if is_one(w):
            return x
        if (merged := self._merged_factors(x, w)) is not None:
            return merged
        for factor, other in ((x, w), (w, x)):
            if _exact(factor) == -1:
                return self.make("neg", other)
        for factor, other in ((x, w), (w, x)):
            if negated := self._operands(factor, "neg"):
                kept = (negated[0], other) if factor is x else (other, negated[0])
                return self.make("neg", self.make("mul", *kept))
        if (quotient := self._operands(w, "div")) and is_one(quotient[0]):
            return self.make("div", x, quotient[1])
        return None

    def _merged_factors(self, x: Atom, w: Atom) -> Atom | None:
        """100.0 * (2 * b) is 200.0 * b."""
        (p, others), (q, more) = self._factor(x), self._factor(w)
        if p is None or q is None or not 1e-100 < abs(p * q) < 1e100:
            return None
        factor = _number(p * q)
        rest = [*others, *more]
        product = rest[0] if len(rest) == 1 else self.make("mul", *rest)
        return self.make("mul", factor, product)

    def _factor(self, atom: Atom) -> tuple[float | None, list[Atom]]:
        """The literal factor of a product, if it has one, and the other."""
        if (number := _exact(atom)) is not None:
            return number, []
        operands = self._operands(atom, "mul") or ()
        for k, operand in enumerate(operands):
            if (number := _exact(operand)) is not None:
                return number, [operands[1 - k]]
        return None, [atom]

    def _known_item(self, record: Atom, k: int) -> Atom | None:
        if isinstance(record, Lit):
            type_ = self.layout(record.type)[k]
            return ZERO if isinstance(type_, Scalar) else Lit(None, type_)
        parts = self._operands(record, "tuple")
        return parts[k] if parts else None

    def layout(self, record: Type) -> tuple[Type, ...]:
        """The types of the items of a record."""
        match record:
            case Tuple(items):
                return items
            case Named(name):
                return self.records[name]
            case _:
                raise InternalError(f"{record} is no record")

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
                return parts_zero or let.op in ("zeros_list", "zeros_like")
            case _:
                return False

    def _operands(self, atom: Atom, op: str) -> tuple[Atom, ...] | None:
        let = self.defs.get(atom) if isinstance(atom, Var) else None
        return let.args if let is not None and let.op == op else None

    def choose(self, cond: Atom, then: Atom, orelse: Atom, blocks: Branches) -> Atom:
        """`then if cond else orelse`, computed by the two builders."""
        out = Var(FLOAT)
        left, right = blocks
        self.stmts.append(
            If(
                (out,),
                cond,
                left.block((), (then,)),
                right.block((), (orelse,)),
                origin=self.origin,
            )
        )
        return out


Branches = tuple[AdjointBuilder, AdjointBuilder]


def is_one(atom: Atom) -> bool:
    return isinstance(atom, Lit) and atom.value == 1 and atom.type in (FLOAT, INT)


def _exact(atom: Atom) -> int | float | None:
    """The number of a literal that is exact in any reading: no big int, inf or nan."""
    if not isinstance(atom, Lit) or not isinstance(atom.value, (int, float)):
        return None
    exact = atom.type != BOOL and -(2**53) < atom.value < 2**53
    return atom.value if exact else None


def _number(value: float) -> Lit:
    return int_lit(value) if isinstance(value, int) else float_lit(value)
