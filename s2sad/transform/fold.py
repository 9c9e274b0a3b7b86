"""A builder for adjoint code that folds as it builds: 1.0 * y_bar is y_bar.

Only derivative code goes through here. The primal keeps its operations to the bit; an
adjoint is a sum of products that may be reassociated, and a factor 1 or a sign moved.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterable, Sequence

from s2sad.errors import InternalError
from s2sad.ir.build import Builder, Key
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
from s2sad.ir.structure import CONSUMES, may_share
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    Array,
    List,
    Named,
    Opaque,
    Scalar,
    Tuple,
    Type,
    is_differentiable,
    never_one,
)

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
        fold = _LITERAL_FOLDS.get(op)
        folded = fold(self, *args) if fold else None
        if folded is None and self.fold:
            fold = _FOLDS.get(op)
            folded = fold(self, *args) if fold else None
            if folded is None and op in _LINEAR:
                folded = _factored_out(self, op, args, type_)
            if folded is None and op in _PRODUCTS:
                folded = _signed(self, op, args, type_)
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

    def handed_back(self, buffer: Atom) -> None:
        """It is the adjoint of that variable no more."""
        self._handed.discard(buffer)

    def gone(self, buffer: Atom) -> None:
        """It is read no more: what is written to stands under another name."""
        self._gone.add(buffer)

    def find(self, key: Key) -> Var | None:
        """A value that stands already: a buffer that was written to since is none."""
        if key[0] in _ZEROS:
            return None  # They are there to be added to.
        known = super().find(key)
        if known is None or self.plain:
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
                return parts_zero or blank or let.op in _ZEROS
            case _:
                return False

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
    if isinstance(record, Lit) and isinstance(record.value, str):
        # A shape that is known.
        return int_lit(ast.literal_eval(record.value)[index.value])
    if isinstance(record, Lit):
        type_ = builder.layout(record.type)[index.value]
        return ZERO if isinstance(type_, Scalar) else Lit(None, type_)
    parts = builder.operands(record, "tuple")
    return parts[index.value] if parts else None


def _element(builder: AdjointBuilder, part: Atom, *places: Atom) -> Atom | None:
    """An element of a row is one of the array: x[1][k] is x[1, k]."""
    match builder.defs.get(part) if isinstance(part, Var) else None:
        case Let(_, "view", (whole, Lit(str() as row))) as let if row.isdigit():
            if builder.stands(let):
                return builder.emit("get", (whole, int_lit(int(row)), *places))
    return None


def _sign(builder: AdjointBuilder, x: Atom) -> Atom | None:
    """-(-x) is x."""
    if (masked := _under_mask(builder, x, "neg")) is not None:
        return masked
    inner = builder.operands(x, "neg")
    return inner[0] if inner else None


def _sum(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x + x is 2 * x; x + (-w) is x - w; (-x) + w is w - x."""
    if x is w:
        return builder.make("mul", float_lit(2.0), x)
    if not builder.plain and (made := _sum_of_arrays(builder, x, w)) is not None:
        return made
    if (gathered := _gathered(builder, x, w)) is not None:
        return gathered
    if negated := builder.operands(w, "neg"):
        return builder.make("sub", x, negated[0])
    if negated := builder.operands(x, "neg"):
        return builder.make("sub", w, negated[0])
    return None


def _sum_of_arrays(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    for spread, other in ((x, w), (w, x)):
        let = builder.standing(spread)
        if let is not None and let.op in _SPREADS and _same_shape(let.out, other):
            return builder.make("add", other, let.args[_SPREADS[let.op]])
        number = _uniform(builder, let)
        if let is not None and number is not None and _same_shape(let.out, other):
            return builder.make("add", other, number)
    return _masked_sum(builder, x, w)


# Linear in an array, of which they make one that is no larger.
_LINEAR = frozenset(("np.sum", "np.expand_dims", "np.reshape", "np.transpose"))


_PRODUCTS = frozenset(("np.matmul", "np.einsum", "np.outer"))


def _signed(
    builder: AdjointBuilder, op: str, args: tuple[Atom, ...], type_: Type | None
) -> Atom | None:
    """(-x) @ w is -(x @ w)."""
    for k, arg in enumerate(args):
        negated = builder.operands(arg, "neg") if isinstance(arg.type, Array) else None
        if negated:
            rest = (*args[:k], negated[0], *args[k + 1 :])
            return builder.make("neg", builder.make(op, *rest, type_=type_))
    return None


def _factored_out(
    builder: AdjointBuilder, op: str, args: tuple[Atom, ...], type_: Type | None
) -> Atom | None:
    """np.sum(-x) is -np.sum(x); np.sum(2.0 * x) is 2.0 * np.sum(x)."""
    array, *rest = args
    let = builder.defs.get(array) if isinstance(array, Var) else None
    if let is None or not builder.stands(let) or not isinstance(array.type, Array):
        return None
    if let.op == "neg":
        return builder.make("neg", builder.make(op, let.args[0], *rest, type_=type_))
    factor, others = _factor(array, let)
    if factor is None or len(others) != 1 or others[0].type != array.type:
        return None
    made = builder.make(op, *others, *rest, type_=type_)
    return builder.make("mul", float_lit(float(factor)), made)


def _gathered(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x - 0.25 * x is 0.75 * x."""
    (p, one), (q, other) = _multiple(builder, x), _multiple(builder, w)
    if one is not other or not isinstance(one, Var) or not p + q:
        return None
    return builder.make("mul", float_lit(p + q), one)


def _multiple(builder: AdjointBuilder, x: Atom) -> tuple[float, Atom]:
    """A literal factor, and what it multiplies."""
    if negated := builder.operands(x, "neg"):
        factor, rest = _multiple(builder, negated[0])
        return -factor, rest
    if (parts := builder.operands(x, "mul")) is not None:
        for one, other in (parts, parts[::-1]):
            if (number := exact(one)) is not None:
                return float(number), other
    return 1.0, x


def _masked_sum(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """where(m, x, 0) + where(m, w, 0) is where(m, x + w, 0): still masked."""
    left, right = builder.standing(x), builder.standing(w)
    if left is None or right is None or not left.op == right.op == "np.where":
        return None
    if left.args[0] is not right.args[0]:
        return None
    if not (_masked(builder, left) and _masked(builder, right)):
        return None
    arms = [
        b if builder.is_zero(a) else a if builder.is_zero(b) else builder.make("add", a, b)
        for a, b in zip(left.args[1:], right.args[1:], strict=True)
    ]
    return builder.make("np.where", left.args[0], *arms)


def _difference(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """x - (-w) is x + w; x - 0.0 is x; of arrays, (-x) - w is -(x + w)."""
    if exact(w) == 0 and _is_float(x):
        return x
    negated = builder.operands(w, "neg")
    if negated:
        return builder.make("add", x, negated[0])
    if isinstance(x.type, Array) and (negated := builder.operands(x, "neg")):
        return builder.make("neg", builder.make("add", negated[0], w))
    (p, one), (q, other) = _multiple(builder, x), _multiple(builder, w)
    if one is not other or not isinstance(one, Var) or p == q:
        return None
    return builder.make("mul", float_lit(p - q), one)


def _quotient(builder: AdjointBuilder, x: Atom, w: Atom) -> Atom | None:
    """(-x) / w is -(x / w); 6.0 / 2 is 3.0."""
    p, q = exact(x), exact(w)
    if p is not None and q and (2**10 * (p / q)).is_integer():
        return float_lit(p / q)
    if (masked := _under_mask(builder, x, "div", w)) is not None:
        return masked
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
    if p == 1 and _is_float(w):
        return w
    if q == 1 and _is_float(x):
        return x
    if p == -1 and _has_sign(w):
        return builder.make("neg", w)
    if q == -1 and _has_sign(x):
        return builder.make("neg", x)
    left, right = builder.standing(x), builder.standing(w)
    if not builder.plain and (made := _spread_product(builder, x, w, left, right)) is not None:
        return made
    if (merged := _merged_factors(builder, x, w, left, right)) is not None:
        return merged
    for one, other in () if builder.plain else ((x, w), (w, x)):
        if (masked := _under_mask(builder, one, "mul", other)) is not None:
            return masked
    if left is not None and left.op == "neg":
        return builder.make("neg", builder.make("mul", left.args[0], w))
    if right is not None and right.op == "neg":
        return builder.make("neg", builder.make("mul", x, right.args[0]))
    if right is not None and right.op == "div":
        return _scaled_quotient(builder, x, *right.args)
    return _known_product(builder, x, w, left)


def _spread_product(
    builder: AdjointBuilder, x: Atom, w: Atom, left: Let | None, right: Let | None
) -> Atom | None:
    """The product of an array of equal elements is that of the one."""
    for let, other in ((left, w), (right, x)):
        if let is None or let.op not in _SPREADS:
            number = _uniform(builder, let)
            if number is not None and let is not None and _same_shape(let.out, other):
                return builder.make("mul", number, other)
            continue
        # All of its elements along some axes are one number.
        at = _SPREADS[let.op]
        if _same_shape(let.out, other):
            return builder.make("mul", let.args[at], other)
        if not isinstance(other.type, Array):
            inner = builder.make("mul", let.args[at], other)
            args = (*let.args[:at], inner, *let.args[at + 1 :])
            return builder.make(let.op, *args, type_=let.out.type)
    return None


def _uniform(builder: AdjointBuilder, let: Let | None) -> Atom | None:
    """The number that all elements of a reshaped array are."""
    if let is None or let.op not in ("np.expand_dims", "np.reshape"):
        return None
    inner = builder.operands(let.args[0], "np.full")
    return inner[1] if inner and not isinstance(inner[1].type, Array) else None


def _under_mask(builder: AdjointBuilder, x: Atom, op: str, *rest: Atom) -> Atom | None:
    """The operation under the masks of a value, or of the parts of a sum: what they hide
    may be infinite, or nan."""
    let = None if builder.plain else builder.standing(x)
    if let is None or let.op not in ("np.where", "add"):
        return None
    if let.op == "add":
        parts = [_under_mask(builder, part, op, *rest) for part in let.args]
        one, other = parts
        return (
            builder.make("add", one, other) if one is not None and other is not None else None
        )
    if not _masked(builder, let):
        return None
    cond, *arms = let.args
    made = [arm if builder.is_zero(arm) else builder.make(op, arm, *rest) for arm in arms]
    return builder.make("np.where", cond, *made)


def _masked(builder: AdjointBuilder, let: Let) -> bool:
    """Is one side of a choice by element 0.0?"""
    return any(isinstance(arm, Lit) and builder.is_zero(arm) for arm in let.args[1:])


# Arrays of equal elements, and which argument that is.
_SPREADS = {"np.full": 1, "np.broadcast_to": 0}


def _is_float(atom: Atom) -> bool:
    return atom.type is FLOAT or (
        isinstance(atom.type, Array) and is_differentiable(atom.type.dtype)
    )


def _has_sign(atom: Atom) -> bool:
    """Is -x what -1.0 * x is? NumPy has no -x of a mask, and of ints it is one of ints."""
    return _is_float(atom) or not (atom.type is BOOL or isinstance(atom.type, Array))


def _same_shape(spread: Var, other: Atom) -> bool:
    """Is an array of one number no larger than another that it is multiplied with?"""
    match spread.type, other.type:
        case Array(_, dims), Array(_, others) if len(dims) <= len(others):
            # Sizes that meet are the same, or one is 1.
            pairs = zip(reversed(dims), reversed(others), strict=False)
            return all(
                d == 1 or (d == e and d != "?") or (never_one(d) and never_one(e))
                for d, e in pairs
            )
        case _:
            return False


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
    """100.0 * (2 * b) is 200.0 * b; 2.0 * (0.5 / b) is 1.0 / b; so is
    (2.0 * x) * (0.5 / n) with a count."""
    for (one, other), let in (((x, left), right), ((w, right), left)):
        if let is not None and let.op == "div" and (q := exact(let.args[0])) is not None:
            count = let.args[1].type is INT
            p, rest = _factor(one, other) if count else (exact(one), ())
            if p is not None and 1e-100 < abs(p * q) < 1e100:
                made = builder.make("div", float_lit(float(p * q)), let.args[1])
                return builder.make("mul", made, *rest) if rest else made
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


def _turned(builder: AdjointBuilder, array: Atom, axes: Atom) -> Atom | None:
    """x.T.T is x; np.outer(x, w).T is np.outer(w, x)."""
    let = builder.defs.get(array) if isinstance(array, Var) else None
    if let is None or not _is_none(axes) or not builder.stands(let):
        return None
    if let.op == "np.transpose" and _is_none(let.args[1]):
        return let.args[0]
    if let.op == "view" and _is_turned(let):
        return let.args[0]
    if let.op == "np.outer":
        return builder.make("np.outer", let.args[1], let.args[0])
    if let.op == "np.matmul" and all(_rank(arg) == 2 for arg in let.args):
        left, right = (builder.make("np.transpose", arg, NOTHING) for arg in let.args)
        return builder.make("np.matmul", right, left)
    return None


def _is_turned(let: Let) -> bool:
    at = let.args[1]
    return isinstance(at, Lit) and at.value == "T"


def _rank(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def _dotted(builder: AdjointBuilder, array: Atom, *rest: Atom) -> Atom | None:
    """np.sum(x * w) of two vectors is x @ w."""
    whole = _is_none(rest[0]) and all(
        isinstance(atom, Lit) and not atom.value for atom in rest[1:]
    )
    factors = builder.operands(array, "mul") if whole else None
    if factors is None or [*map(_rank, factors)] != [1, 1]:
        return None
    one, other = (factor.type for factor in factors)
    if not isinstance(one, Array) or not isinstance(other, Array):
        return None
    (d,), (e,) = one.dims, other.dims
    if one.dtype != other.dtype or not (d == e != "?" or (never_one(d) and never_one(e))):
        return None
    return builder.make("np.matmul", *factors)


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Lit) and atom.value is None


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
    "get": _element,
    "np.transpose": _turned,
    "np.sum": _dotted,
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
