"""The tangents of what is done to lists and records: the same, done to their tangents.

    v = L[i]            v_dot = L_dot[i]
    L.append(v)         L_dot.append(v_dot)
    y = max(L)          y_dot = the mean of the tangents of those that attain it

What is linear is its own derivative, so that one line serves all of them. The tangent of
a list has at every point the length of the list, and is written to where the list is.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from s2sad.analysis.activity import differentiable_args
from s2sad.analysis.frozen import may_hold_buffer
from s2sad.errors import NotDifferentiable
from s2sad.ir.nodes import FALSE, ONE, ZERO, Atom, Let, Loop, Seq, Var
from s2sad.ir.structure import CONSUMES, READS_PART, STRUCTURE, WRITES_PART, element_type
from s2sad.ir.types import FLOAT, INT
from s2sad.ops.reductions import OTHERS, REDUCTIONS
from s2sad.transform import partials
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward.sizes import NoVector

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push

Rule = Callable[["Push", Let, int, AdjointBuilder], "Atom | None"]


def push(push: Push, let: Let, builder: AdjointBuilder) -> None:
    """A statement that has to do with lists, and its tangents, in place."""
    rule = RULES.get(let.op) or _array_rule(push, let)
    flows = differentiable_args(let)
    linear_in = [arg for arg, flow in zip(let.args, flows, strict=True) if flow]
    directions = [
        d
        for d, _ in push.active_in((let.out,))
        if any(push.reaches(arg, d) for arg in linear_in)
    ]
    builder.origin = (let,)
    taken = let.args[0] if let.op in CONSUMES else None
    blank = [d for d in directions if isinstance(taken, Var) and push.dot(taken, d) is None]
    for d in blank:
        # Zeros in the shape of what will be gone: known of here, in this block alone.
        assert isinstance(taken, Var)
        zero = push.zero(taken, d, builder)
        builder.call_after(zero, push.called(taken, d))
        push.set_dot(taken, d, zero)
    builder.add(let)
    push.know(let, builder)
    for d in directions:
        builder.origin = (let,)
        tangent = rule(push, let, d, builder)
        if tangent is None:
            continue
        if may_hold_buffer(let.out.type):
            builder.call_after(tangent, push.called(let.out, d))
        elif isinstance(tangent, Var):
            builder.names.setdefault(tangent, push.called(let.out, d))
        push.set_dot(let.out, d, tangent)
    for d in blank:
        assert isinstance(taken, Var)
        push.forget(taken, d)
    builder.origin = ()


def _array_rule(push: Push, let: Let) -> Rule:
    if let.op in STRUCTURE:
        raise push.refuse(let)
    return lambda push, let, d, builder: push.of_arrays(let, d, builder)


def linear(push: Push, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """The same operation on the tangents of what it is linear in."""
    from s2sad.transform.forward.push import item_of

    size = push.directions[d].size
    if size is not None:
        from s2sad.transform.forward import vectors

        done, found = vectors.structure(push, let, d, size, builder)
        if done:
            return found
    type_ = push.type_of(let.out.type, d)
    if let.op == "id":
        return push.dot(let.args[0], d)
    if let.op == "cotangent" and let.args[2] == FALSE:
        raise NotDifferentiable(
            "forward mode of a variable whose adjoint is changed",
            let.loc,
            "take the derivative in reverse mode",
        )
    if let.op == "item":
        record = push.dot(let.args[0], d)
        if record is None:
            return None
        return item_of(push, record, let.args[1], type_, builder)
    if let.op in ADDS and push.dot(let.args[1], d) is None:
        return push.dot(let.args[0], d)
    flows = differentiable_args(let)
    if all(not f or push.dot(arg, d) is None for arg, f in zip(let.args, flows, strict=True)):
        return None
    known: dict[Atom, Atom] = {}
    args = []
    for arg, flow in zip(let.args, flows, strict=True):
        if flow and arg not in known:
            known[arg] = push.put_in(let, arg, _given(push, let, arg, d, builder), builder)
        args.append(known[arg] if flow else arg)
    if let.op in WRITES_PART:
        from s2sad.transform.parts import in_order

        args[0] = in_order(args[0], let.args[2], builder)
    return push.taken_out(let, builder.emit(let.op, args, type_=type_), builder)


def _given(push: Push, let: Let, arg: Atom, d: int, builder: AdjointBuilder) -> Atom:
    """The tangent of an operand; 0.0 where zeros are written over a part of an array."""
    if let.op in WRITES_PART and arg is not let.args[0] and push.dot(arg, d) is None:
        return ZERO
    return push.made(arg, d, builder)


def reduction(push: Push, let: Let, d: int, builder: AdjointBuilder) -> Atom | None:
    """The sum over the elements of the partial times the tangent."""
    rule = REDUCTIONS[let.op]
    list_, *start = let.args
    dots = push.dot(list_, d)
    if push.directions[d].size is not None and let.op != "list_sum":
        raise NoVector(f"several directions at once through {let.op}", let.loc)
    if rule.partial == "1.0":
        if dots is None:
            return push.dot(start[0], d) if start else None
        more = [push.made(atom, d, builder) for atom in start]
        if push.directions[d].size is not None and not more:
            # Of an empty list too the sum has a number for each direction.
            more = [push.zero(let.out, d, builder)]
        return builder.emit(let.op, (dots, *more), type_=push.type_of(FLOAT, d))
    if dots is None:
        return None
    if rule.partial == OTHERS:
        return push.product(let, dots, d, builder)
    assert isinstance(list_, Var)
    named: dict[str, Atom] = {"y": let.out}
    if rule.ties:
        named["ties"] = builder.emit("count", (list_, let.out))
    inner = builder.child()
    element = Var(element_type(list_.type, 1), after=(list_, "_k"))
    dot = Var(FLOAT, after=push.called(element, d))
    total, out = (Var(FLOAT, after=push.called(let.out, d)) for _ in range(2))
    share = partials.contribution(
        dot, rule.partial, {**named, "x": element}, inner, push.bounds, True
    )
    following = inner.make("add", total, share)
    body = inner.block((total, element, dot), (FALSE, following))
    seqs = Seq(list_), Seq(dots)
    builder.add(Loop((out,), (), Var(INT, "k"), None, (ZERO,), seqs, body))
    return out


def product(push: Push, let: Let, dots: Atom, d: int, builder: AdjointBuilder) -> Atom:
    """for x, x_dot in zip(xs, xs_dot): y_dot = y_dot * x + y * x_dot; y *= x"""
    list_ = let.args[0]
    inner = builder.child()
    element = Var(element_type(list_.type, 1), after=(list_, "_k"))  # type: ignore[arg-type]
    dot = Var(FLOAT, after=push.called(element, d))
    total, out = (Var(FLOAT, after=push.called(let.out, d)) for _ in range(2))
    product, last = Var(FLOAT, "product"), Var(FLOAT, "product")
    following = inner.emit(
        "add", (inner.emit("mul", (total, element)), inner.emit("mul", (product, dot)))
    )
    grown = inner.emit("mul", (product, element))
    body = inner.block((total, product, element, dot), (FALSE, following, grown))
    seqs = Seq(list_), Seq(dots)
    builder.add(Loop((out, last), (), Var(INT, "k"), None, (ZERO, ONE), seqs, body))
    return out


ADDS = frozenset({"acc", "add_to", "add_at"})
_LINEAR = (
    *("tuple", "list", "item", "get", "slice", "concat", "repeat", "copy", "reverse_list"),
    *("id", "cotangent", "set", "acc", "append", "drop", "from_list", "to_list"),
    *READS_PART,
    *WRITES_PART,
)
RULES: dict[str, Rule] = {
    **dict.fromkeys(_LINEAR, linear),
    **dict.fromkeys(REDUCTIONS, reduction),
}
