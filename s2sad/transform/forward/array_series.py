"""Taylor coefficients of array primitives.

    y = np.sin(x)             element by element: from the table of partials, as of numbers
    y = np.where(m, a, b)     linear: of each order by itself
    y = A @ x                 products convolve: y_k = A x_k + A_1 x_{k-1} + …
    y = solve(A, b)           solved for y_k: A y_k = b_k - A_1 y_{k-1} - …

Source: Griewank & Walther 2008, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.errors import NotDifferentiable
from s2sad.ir.arrays import defaults
from s2sad.ir.nodes import NOTHING, Atom, Let, Lit, float_lit
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import PRIMITIVES
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward import arrays

if TYPE_CHECKING:
    from s2sad.transform.forward.taylor import TaylorPush

# Linear where they are smooth: which elements they choose is settled by the values.
CHOICES = frozenset(
    f"np.{name}"
    for name in ("where", "select", "max", "min", "nanmax", "nanmin", "ptp", "sort", "median")
)


def coefficient(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """The coefficient of the order d + 1 of the result; None where it is zero."""
    if let.op in PRIMITIVES or ARRAY_OPS[let.op].partials:
        return _finished(push, let, d, builder, lambda: push.series(let, d, builder))
    op = ARRAY_OPS[let.op]
    places = params_of(op, len(let.args))
    varied = {name for (name, _), arg in zip(places, let.args, strict=True) if push.varies(arg)}
    if let.op in CHOICES or (len(varied) == 1 and varied <= op.linear):
        return arrays.tangent(push, let, d, builder)
    if varied <= op.linear:
        return _finished(push, let, d, builder, lambda: _product(push, let, d, builder))
    if let.op == "np.einsum":
        count = sum(map(push.varies, let.args))
        if count == 1:
            return arrays.tangent(push, let, d, builder)
        if count == 2:
            return _finished(push, let, d, builder, lambda: _product(push, let, d, builder))
    if let.op == "np.linalg.norm" and _is_plain(let):
        return _finished(push, let, d, builder, lambda: _norm(push, let, d, builder))
    solved = {"np.linalg.solve": _solve, "np.linalg.inv": _inverse}.get(let.op)
    if solved is not None:
        return _finished(push, let, d, builder, lambda: solved(push, let, d, builder))
    raise NotDifferentiable(
        f"Taylor mode through {let.op}",
        let.loc,
        "write it with sums, products and functions of elements, or nest jvp and grad",
    )


def _finished(
    push: TaylorPush,
    let: Let,
    d: int,
    builder: AdjointBuilder,
    make: Callable[[], Atom | None],
) -> Atom | None:
    before = len(builder.stmts)
    total = make()
    if total is None or builder.is_zero(total):
        return None
    return arrays.finished(push, total, let, d, before, builder)


def _order(push: TaylorPush, atom: Atom, k: int) -> Atom | None:
    """The coefficient of an order, None where it is zero."""
    return atom if k == 0 else push.dot(atom, k - 1)


def _product(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """A convolution, of what is linear in each of two arguments."""
    first, second = [k for k, arg in enumerate(let.args) if push.varies(arg)]
    total: Atom | None = None
    for j in range(d + 2):
        one = _order(push, let.args[first], j)
        other = _order(push, let.args[second], d + 1 - j)
        if one is None or other is None:
            continue
        args = list(let.args)
        args[first], args[second] = one, other
        total = _plus(total, builder.make(let.op, *args, type_=let.out.type), builder)
    return total


def _plus(total: Atom | None, share: Atom, builder: AdjointBuilder) -> Atom:
    return share if total is None else builder.make("add", total, share)


def _rest(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """A_1 y_k + … + A_{k+1} y"""
    total: Atom | None = None
    for j in range(1, d + 2):
        matrix = _order(push, let.args[0], j)
        result = _order(push, let.out, d + 1 - j)
        if matrix is not None and result is not None:
            total = _plus(total, builder.make("np.matmul", matrix, result), builder)
    return total


def _solve(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    rest, right = _rest(push, let, d, builder), push.dot(let.args[1], d)
    if rest is None and right is None:
        return None
    if right is None:
        assert rest is not None
        right = builder.make("neg", rest)
    elif rest is not None:
        right = builder.make("sub", right, rest)
    return builder.make(let.op, let.args[0], right, type_=let.out.type)


def _inverse(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    rest = _rest(push, let, d, builder)
    if rest is None:
        return None
    return builder.make("neg", builder.make("np.matmul", let.out, rest))


def _is_plain(let: Let) -> bool:
    """Is it the root of the sum of all squares?"""
    return all(isinstance(arg, Lit) and not arg.value for arg in let.args[1:])


def _norm(push: TaylorPush, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """y² is the sum of x², solved for y."""
    x, order = let.args[0], d + 1
    total: Atom | None = None
    for j in range(order + 1):
        one, other = _order(push, x, j), _order(push, x, order - j)
        if one is not None and other is not None:
            square = builder.make("mul", one, other)
            total = _plus(
                total,
                builder.make("np.sum", square, NOTHING, *defaults("np.sum", 2)),
                builder,
            )
    for j in range(1, order):
        one, other = _order(push, let.out, j), _order(push, let.out, order - j)
        if one is not None and other is not None:
            square = builder.make("mul", one, other)
            total = (
                builder.make("neg", square)
                if total is None
                else builder.make("sub", total, square)
            )
    if total is None:
        return None
    return builder.make("div", total, builder.make("mul", float_lit(2.0), let.out))
