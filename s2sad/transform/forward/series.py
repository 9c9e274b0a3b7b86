"""Taylor coefficients of primitives, from the derivative table.

For y = φ(x) with φ' written in x and y the chain rule gives, coefficient by coefficient,

    k y_k = Σ j x_j φ'_{k-j}     over j = 1 … k

where φ' is a series like any other, with its own rule. Coefficients are computed when
they are asked for, so that rules that refer to each other (sine and cosine) are solved
together, and chains that do not end (the polygamma functions) as far as the order asks.
What is no rule of one function is arithmetic: sums, products, quotients, whole powers.

Sources: Griewank & Walther 2008, chapter 13.2; Neidinger 2010.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property

from s2sad.errors import InternalError, NotDifferentiable
from s2sad.ir.nodes import ZERO, Atom, Let, Lit, Undef, Var, float_lit, int_lit
from s2sad.ir.types import INT, is_array
from s2sad.ops.core import PRIMITIVES, lookup_operator
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.partials import callee_of, operands, parsed, partial_texts

# The forms of partials that are solved: those of the table start from another power.
_SOLVED = {
    "pow": ("w * y / x", "y * math.log(x)"),
    "math_pow": ("w * y / x", "y * math.log(x)"),
}
_MOST_FACTORS = 64

Coefficient = Callable[[Atom, int], Atom]


class Series:
    """A power series, its coefficients computed as they are asked for."""

    flat = False

    def __init__(self) -> None:
        self._known: dict[int, Atom] = {}

    def at(self, k: int) -> Atom:
        if k not in self._known:
            self._known[k] = self.coefficient(k)
        return self._known[k]

    def coefficient(self, k: int) -> Atom:
        raise NotImplementedError


class Known(Series):
    """A value of the function, its coefficients where they are kept."""

    def __init__(self, atom: Atom, coefficient: Coefficient, flat: bool) -> None:
        super().__init__()
        self.atom = atom
        self._given = coefficient
        self.flat = flat

    def at(self, k: int) -> Atom:
        if k == 0:
            return self.atom
        return ZERO if self.flat else self._given(self.atom, k)


class Flat(Series):
    """A constant."""

    flat = True

    def __init__(self, value: Atom) -> None:
        super().__init__()
        self.value = value

    def at(self, k: int) -> Atom:
        return ZERO if k else self.value


class Sum(Series):
    def __init__(self, work: Work, op: str, x: Series, w: Series) -> None:
        super().__init__()
        self.work, self.op, self.x, self.w = work, op, x, w

    def coefficient(self, k: int) -> Atom:
        return self.work.sum(self.op, self.x.at(k), self.w.at(k))


class Negative(Series):
    def __init__(self, work: Work, x: Series) -> None:
        super().__init__()
        self.work, self.x = work, x

    def coefficient(self, k: int) -> Atom:
        return self.work.make("neg", self.x.at(k))


class Product(Series):
    """A convolution."""

    def __init__(self, work: Work, x: Series, w: Series) -> None:
        super().__init__()
        self.work, self.x, self.w = work, x, w

    def coefficient(self, k: int) -> Atom:
        x, w, work = self.x, self.w, self.work
        if x is w and k:
            # Each mixed term comes twice.
            half = [work.mul(x.at(j), x.at(k - j)) for j in range((k + 1) // 2)]
            total = work.mul(float_lit(2.0), work.total(half))
            return (
                total if k % 2 else work.sum("add", total, work.mul(x.at(k // 2), x.at(k // 2)))
            )
        return work.total([work.mul(x.at(j), w.at(k - j)) for j in range(k + 1)])


class Quotient(Series):
    """x = y w, solved for the coefficients of y."""

    def __init__(self, work: Work, x: Series, w: Series) -> None:
        super().__init__()
        self.work, self.x, self.w = work, x, w

    def coefficient(self, k: int) -> Atom:
        work = self.work
        found = [work.mul(self.w.at(j), self.at(k - j)) for j in range(1, k + 1)]
        rest = work.sum("sub", self.x.at(k), work.total(found))
        return rest if work.builder.is_zero(rest) else work.make("div", rest, self.w.at(0))


class Elementary(Series):
    """A primitive, by its partials."""

    def __init__(self, work: Work, op: str, args: tuple[Series, ...], value: Atom) -> None:
        super().__init__()
        self._known[0] = value
        self.work, self.op, self.args = work, op, args
        self._partials: list[Series | None] | None = None

    def partials(self) -> list[Series | None]:
        if self._partials is None:
            value = self._known[0]
            out = value if isinstance(value, Var) else Var(value.type)
            let = Let(out, self.op, tuple(arg.at(0) for arg in self.args))
            texts, names = rules_of(let)
            named: dict[str, Series] = {"y": self, **dict(zip(names, self.args, strict=True))}
            self._partials = [
                None if text is None or arg.flat else self.work.expression(parsed(text), named)
                for text, arg in zip(texts, self.args, strict=True)
            ]
        return self._partials

    def coefficient(self, k: int) -> Atom:
        pairs = zip(self.args, self.partials(), strict=True)
        return self.work.chained(k, [(arg, p) for arg, p in pairs if p is not None])


class CountedPower(Series):
    """x**n for an int n that is not known: n x**(n - 1), and so on down, which is right at
    0 as well. Below the power 0 nothing is left: the factor before it is 0."""

    def __init__(self, work: Work, x: Series, n: Series, value: Atom | None = None) -> None:
        super().__init__()
        self.work, self.x, self.n = work, x, n
        self._known[0] = self._value() if value is None else value

    def _value(self) -> Atom:
        """`x**n if n >= 0 else x**n if x else 0.0`"""
        outer, n, x = self.work.builder, self.n.at(0), self.x.at(0)
        if is_array(x.type):
            power = outer.make("pow", x, n)
            masked = outer.make("np.where", x, power, ZERO)
            branches = outer.child(), outer.child()
            whole = outer.make("ge", n, int_lit(0))
            return outer.choose(whole, (power,), (masked,), branches)[0]
        there, below = outer.child(), outer.child()
        inner = below.child(), below.child()
        found = below.choose(x, (inner[0].make("pow", x, n),), (ZERO,), inner)
        positive = outer.make("ge", n, int_lit(0))
        return outer.choose(positive, (there.make("pow", x, n),), found, (there, below))[0]

    @cached_property
    def slope(self) -> Series:
        one_less = self.work.apply("sub", (self.n, self.work.of(int_lit(1))))
        return self.work.apply("mul", (self.n, CountedPower(self.work, self.x, one_less)))

    def coefficient(self, k: int) -> Atom:
        return self.work.chained(k, ((self.x, self.slope),))


class Work:
    """The series of one block; equal ones are one."""

    def __init__(
        self,
        builder: AdjointBuilder,
        coefficient: Coefficient,
        varies: Callable[[Atom], bool],
        order: int,
    ) -> None:
        self.builder = builder
        self.order = order
        self._coefficient = coefficient
        self._varies = varies
        self._atoms: dict[object, Series] = {}
        self._made: dict[tuple[object, ...], Series] = {}

    # Values and primitives.

    def of(self, atom: Atom) -> Series:
        key: object = atom.key if isinstance(atom, Lit) else atom
        if key not in self._atoms:
            assert not isinstance(atom, Undef)
            self._atoms[key] = Known(atom, self._coefficient, not self._varies(atom))
        return self._atoms[key]

    def call(self, var: Var, series: Series) -> None:
        """Let the series of a variable be this one."""
        self._atoms[var] = series

    def statement(self, let: Let) -> Series:
        """The series of what a statement of the function computes."""
        return self.apply(let.op, tuple(map(self.of, let.args)), let.out)

    def apply(self, op: str, args: tuple[Series, ...], value: Atom | None = None) -> Series:
        key = (op, *args)
        if key not in self._made:
            self._made[key] = self._new(op, args, value)
        return self._made[key]

    def _new(self, op: str, args: tuple[Series, ...], value: Atom | None) -> Series:
        def zeroth() -> Atom:
            return self.make(op, *(arg.at(0) for arg in args)) if value is None else value

        if all(arg.flat for arg in args):
            return Flat(zeroth())
        made: Series | None = None
        match op, args:
            case (("add" | "sub"), (x, w)):
                made = Sum(self, op, x, w)
            case "neg", (x,):
                made = Negative(self, x)
            case "mul", (x, w):
                made = Product(self, x, w)
            case "div", (x, w):
                made = Quotient(self, x, w)
            case (("pow" | "math_pow"), (x, w)) if (n := _whole(w)) is not None:
                made = self._power(x, n)
            case "pow", (x, w) if w.flat and w.at(0).type == INT:
                return CountedPower(self, x, w, zeroth())
        if made is not None:
            made._known[0] = zeroth()
            return made
        if is_step(op):
            return Flat(zeroth())
        return Elementary(self, op, args, zeroth())

    def _power(self, x: Series, n: int) -> Series:
        """x**n by products: right at 0, and as exact as the products are."""
        if n < 0:
            return Quotient(
                self, Flat(float_lit(1.0)), self.apply("pow", (x, self.of(int_lit(-n))))
            )
        if n == 0:
            return Negative(self, Flat(ZERO))
        if n == 1:
            return Sum(self, "add", x, Flat(ZERO))
        half = self.apply("pow", (x, self.of(int_lit(n // 2)))) if n > 3 else x
        if n == 2:
            return Product(self, x, x)
        if n == 3:
            return Product(self, self.apply("pow", (x, self.of(int_lit(2)))), x)
        if n % 2:
            even = self.apply("pow", (x, self.of(int_lit(n - 1))))
            return Product(self, even, x)
        return Product(self, half, half)

    # The language of rules.

    def expression(self, node: ast.expr, named: dict[str, Series]) -> Series:
        match node:
            case ast.Name(name):
                return named[name]
            case ast.Constant(value) if isinstance(value, (int, float)):
                return self.of(
                    int_lit(value) if type(value) is int else float_lit(float(value))
                )
            case ast.Attribute(ast.Name("math" | "np"), attr):
                return self.of(float_lit(getattr(math, attr)))
            case ast.UnaryOp(op, operand):
                return self._operator(op, named, operand)
            case ast.BinOp(left, op, right):
                return self._operator(op, named, left, right)
            case ast.Compare(left, [op], [right]):
                return self._operator(op, named, left, right)
            case ast.Call(ast.Name("sum"), [ast.Tuple(parts)]):
                return self.apply("sum", tuple(self.expression(part, named) for part in parts))
            case ast.Call(func, args):
                values = tuple(self.expression(arg, named) for arg in args)
                wide = any(is_array(value.at(0).type) for value in values)
                return self.apply(_callee(ast.unparse(func), len(values), wide), values)
            case ast.IfExp(test, body, orelse):
                return self._choice(test, body, orelse, named)
            case _:
                raise InternalError(f"rule expression {ast.unparse(node)}")

    def _operator(self, op: ast.AST, named: dict[str, Series], *nodes: ast.expr) -> Series:
        name = lookup_operator(type(op).__name__)
        assert name is not None
        return self.apply(name, tuple(self.expression(node, named) for node in nodes))

    def _choice(
        self, test: ast.expr, body: ast.expr, orelse: ast.expr, named: dict[str, Series]
    ) -> Series:
        """Where one arm is constant, it stands for a point without a series: an infinite
        slope, a kink. Two constants are chosen between."""
        constants = [_is_constant(arm) for arm in (body, orelse)]
        if constants == [True, False]:
            return self.expression(orelse, named)
        if constants == [False, True] and not _is_step(body):
            return self.expression(body, named)
        if not all(_is_constant(arm) or _is_step(arm) for arm in (body, orelse)):
            raise NotDifferentiable(f"the series of `{ast.unparse(body)}`, chosen at run time")
        cond = self.expression(test, named).at(0)
        if isinstance(cond, Lit):
            return Flat(self.expression(body if cond.value else orelse, named).at(0))
        outer, inner = self.builder, (self.builder.child(), self.builder.child())
        ends = []
        for builder, arm in zip(inner, (body, orelse), strict=True):
            self.builder = builder
            known = dict(self._made)
            ends.append(self.expression(arm, named).at(0))
            self._made = known
        self.builder = outer
        if is_array(cond.type):
            # Of elements: both are computed.
            for builder in inner:
                outer.stmts += builder.stmts
            return Flat(outer.make("np.where", cond, *ends))
        return Flat(outer.choose(cond, ends[:1], ends[1:], inner)[0])

    # Coefficients.

    def make(self, op: str, *args: Atom) -> Atom:
        return self.builder.make(op, *args)

    def mul(self, x: Atom, w: Atom) -> Atom:
        if self.builder.is_zero(x) or self.builder.is_zero(w):
            return ZERO
        return self.builder.make("mul", x, w)

    def sum(self, op: str, x: Atom, w: Atom) -> Atom:
        if self.builder.is_zero(w):
            return x
        if self.builder.is_zero(x):
            return w if op == "add" else self.builder.make("neg", w)
        return self.builder.make(op, x, w)

    def chained(self, k: int, pairs: Iterable[tuple[Series, Series]]) -> Atom:
        """Σ j x_j φ'_{k-j} / k, over pairs of x and φ'."""
        terms = []
        for arg, partial in pairs:
            for j in range(1, k + 1):
                if not self.builder.is_zero(arg.at(j)):
                    weighted = self.mul(float_lit(float(j)), arg.at(j))
                    terms.append(self.mul(weighted, partial.at(k - j)))
        total = self.total(terms)
        if k == 1 or self.builder.is_zero(total):
            return total
        return self.make("div", total, float_lit(float(k)))

    def total(self, terms: list[Atom]) -> Atom:
        found: Atom = ZERO
        for term in terms:
            found = self.sum("add", found, term)
        return found


def _whole(series: Series) -> int | None:
    """The exponent of a power that is a product."""
    value = series.at(0) if series.flat else None
    if not isinstance(value, Lit) or not isinstance(value.value, (int, float)):
        return None
    n = value.value
    whole = n == n // 1 and abs(n) <= _MOST_FACTORS
    return int(n) if whole else None


def _callee(dotted: str, count: int, wide: bool) -> str:
    """What a rule calls; of arrays the function of NumPy's that stands for one of math's."""
    if not (wide or dotted.startswith("np.")):
        return callee_of(dotted, count)
    from s2sad.transform.rule_texts import array_callee

    return array_callee(dotted)


def is_step(op: str) -> bool:
    """Is it constant but for jumps?"""
    if op in PRIMITIVES:
        return all(partial is None for partial in PRIMITIVES[op].partials) and not _variadic(op)
    from s2sad.ops.arrays.core import ARRAY_OPS

    return not ARRAY_OPS[op].partials


def rules_of(let: Let) -> tuple[Sequence[str | None], list[str]]:
    """The partials of a primitive, and the names of its operands in them."""
    if let.op in PRIMITIVES:
        texts = _SOLVED.get(let.op) or partial_texts(let, textbook=False)
        return texts, [name for name in operands(let) if name != "y"]
    from s2sad.transform.rule_texts import partial_rules

    return partial_rules(let)


def _variadic(op: str) -> bool:
    return PRIMITIVES[op].variadic


def _is_constant(node: ast.expr) -> bool:
    match node:
        case ast.Constant() | ast.Attribute(ast.Name("math" | "np")):
            return True
        case ast.UnaryOp(_, operand):
            return _is_constant(operand)
        case ast.IfExp(_, body, orelse):
            return _is_constant(body) and _is_constant(orelse)
        case _:
            return False


def _is_step(node: ast.expr) -> bool:
    """Is it constant but for jumps: a sign, a share of what is tied?"""
    match node:
        case ast.IfExp(_, body, orelse):
            return all(_is_constant(arm) or _is_step(arm) for arm in (body, orelse))
        case ast.Call(ast.Name("sum"), [ast.Tuple(parts)]):
            return all(map(_is_step, parts))  # of truth values: how many are tied
        case ast.Call(func):
            return ast.unparse(func) in ("math.copysign", "np.copysign", "np.sign")
        case ast.BinOp(left, _, right):
            return all(_is_constant(arm) or _is_step(arm) for arm in (left, right))
        case ast.Compare():
            return True
        case _:
            return False
