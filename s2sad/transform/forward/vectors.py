"""Several directions at once: tangents with one more axis in front.

    y = np.sin(x)       y_dot = x_dot * np.cos(x)          x_dot of the shape (k, *x.shape)
    z = A @ y           z_dot = y_dot @ A.T
    s = z[0]            s_dot = z_dot[:, 0]
    w = np.interp(…)    for i in range(k): w_dot[i] = …    where there is no rule for it

The tangent of a number is an array of k. What can be written neither way is refused, and
the callers take one direction after the other.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.ir.arrays import entries_of, literal, literal_of
from s2sad.ir.nodes import (
    FALSE,
    NOTHING,
    ZERO,
    Atom,
    Let,
    Lit,
    Loop,
    Range,
    Var,
    int_lit,
)
from s2sad.ir.structure import READS_PART, WRITES_PART, element_type, is_turn
from s2sad.ir.types import INT, Array, List, Opaque, Scalar, Tuple, Type, is_array
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.arrays.vectorised import ALONG, AXES, RESHAPED, SPREAD, STATED
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.forward import arrays
from s2sad.transform.forward.sizes import NoVector, Size, shifted
from s2sad.transform.project import real_of
from s2sad.transform.rule_texts import Texts, operands_of, parsed

if TYPE_CHECKING:
    from s2sad.transform.forward.push import Push


def rank_of(atom: Atom) -> int:
    return len(atom.type.dims) if isinstance(atom.type, Array) else 0


def shape(push: Push, size: Size, value: Atom, builder: AdjointBuilder) -> Atom:
    """(k, *value.shape)"""
    return listed([size.number, *sizes(push, value, builder)], builder)


def sizes(push: Push, value: Atom, builder: AdjointBuilder) -> list[Atom]:
    """The sizes of a value, one by one."""
    if not isinstance(value.type, Array):
        return []
    found: list[Atom] = []
    for k, dim in enumerate(value.type.dims):
        if isinstance(dim, int):
            found.append(int_lit(dim))
        else:
            found.append(builder.emit("dim", (value, int_lit(k)), type_=INT))
    return found


def listed(parts: Sequence[Atom], builder: AdjointBuilder) -> Atom:
    if all(isinstance(part, Lit) for part in parts):
        return literal_of(tuple(part.value for part in parts if isinstance(part, Lit)))
    return builder.emit("tuple", parts)


def zeros(push: Push, size: Size, value: Atom, builder: AdjointBuilder) -> Atom:
    made = shape(push, size, value, builder)
    type_ = shifted(value.type, size.dim)
    assert isinstance(type_, Array)
    from s2sad.ir.arrays import stated

    return builder.fresh("np.zeros", (made, stated(type_.dtype)), type_)


def padded(dot: Atom, rank: int, builder: AdjointBuilder) -> Atom:
    """Tangents with axes of size 1 behind the first, for values of a higher rank."""
    missing = rank + 1 - rank_of(dot)
    if missing <= 0 or not isinstance(dot.type, Array):
        return dot
    at = Lit(", ".join((":", *["None"] * missing)), Opaque("str"))
    if len(dot.type.dims) > 1:
        at = Lit(f"{at.value}, ...", Opaque("str"))
    return builder.emit("view", (dot, at))


# Primitives.


def total(push: Push, let: Let, d: int, size: Size, builder: AdjointBuilder) -> Atom | None:
    """The tangents of the result of a primitive."""
    dots = [push.dot(arg, d) for arg in let.args]
    rank = rank_of(let.out)
    if arrays.is_elementwise(let.op) and not isinstance(let.out.type, Tuple):
        wide = [None if dot is None else padded(dot, rank, builder) for dot in dots]
        return arrays.total_of(push, let, wide, d, builder)
    found = _by_rule(push, let, dots, d, size, builder)
    return _looped(push, let, dots, d, size, builder) if found is None else found


def _by_rule(
    push: Push,
    let: Let,
    dots: Sequence[Atom | None],
    d: int,
    size: Size,
    builder: AdjointBuilder,
) -> Atom | None:
    op = ARRAY_OPS[let.op]
    active = [k for k, dot in enumerate(dots) if dot is not None]
    if let.op in SPREAD:
        at = {"np.broadcast_to": 0}.get(let.op, 1)
        dot = dots[at]
        if active != [at] or dot is None:
            return None
        wide = padded(dot, rank_of(let.out), builder)
        made = shape(push, size, let.out, builder)
        type_ = shifted(let.out.type, size.dim)
        return builder.emit("np.broadcast_to", (wide, made), type_=type_)
    if let.op in RESHAPED:
        return _reshaped(push, let, dots, size, builder)
    if let.op in ALONG:
        turned = _from_the_end(let, ALONG[let.op])
        return None if turned is None else arrays.total_of(push, turned, dots, d, builder)
    return _stated(push, let, dots, d, builder) if op.name in STATED else None


def _reshaped(
    push: Push, let: Let, dots: Sequence[Atom | None], size: Size, builder: AdjointBuilder
) -> Atom | None:
    named = operands_of(ARRAY_OPS[let.op], let)
    order = named.get("order")
    if isinstance(order, Lit) and order.value not in ("C", "'C'"):
        return None
    assert dots[0] is not None
    type_ = shifted(let.out.type, size.dim)
    made = shape(push, size, let.out, builder)
    rest = literal_of("C")
    return builder.make("np.reshape", dots[0], made, rest, type_=type_)


def _from_the_end(let: Let, counted: str) -> Let | None:
    """The primitive, its axes counted from the end; None where they are not known."""
    op = ARRAY_OPS[let.op]
    named = operands_of(op, let)
    base, _, part = counted.partition("[")
    of = named["m" if base == "a" and "a" not in named else base]
    first = of[int(part.rstrip("]"))] if isinstance(of, tuple) else of
    rank = rank_of(first)
    args = list(let.args)
    for k, (name, _) in enumerate(params_of(op, len(args))):
        if name not in AXES:
            continue
        atom = args[k]
        if not isinstance(atom, Lit):
            return None
        axis = literal(atom)
        if axis is None:
            if let.op in ("np.cumsum", "np.roll", "np.take") and rank != 1:
                return None
            axis = -1 if rank == 1 else tuple(range(-rank, 0))
        elif isinstance(axis, int):
            axis = axis % rank - rank
        elif isinstance(axis, tuple | list):
            axis = tuple(one % rank - rank for one in axis)
        else:
            return None
        args[k] = literal_of(axis)
    return Let(let.out, let.op, tuple(args), let.loc, let.origin)


def _stated(
    push: Push, let: Let, dots: Sequence[Atom | None], d: int, builder: AdjointBuilder
) -> Atom | None:
    op = ARRAY_OPS[let.op]
    named = operands_of(op, let)
    places = params_of(op, len(let.args))
    written: list[str | None] = []
    for k, (name, part) in enumerate(places):
        if dots[k] is None:
            written.append(None)
            continue
        rule = STATED[let.op].get(name)
        text = "" if rule is None else Texts(push, named, builder).text(rule, part, let)
        if not text:
            return None
        written.append(text)
    found: Atom | None = None
    for k, (name, part) in enumerate(places):
        said = written[k]
        if said is None:
            continue
        own: arrays.Named = {f"{name}_dot": dots[k] or ZERO}
        if part >= 0:
            # All elements at once, as the primitive is linear in them together.
            whole = [j for j, place in enumerate(places) if place[0] == name]
            if let.op == "np.array" and k != next(j for j in whole if written[j]):
                continue
            made = let.op == "np.array"
            own = {
                f"{name}_dot": tuple(
                    (push.made(let.args[j], d, builder) if made else dots[j] or ZERO)
                    for j in whole
                )
            }
        share = Texts(push, {**named, **own}, builder).expr(parsed(said))
        found = share if found is None else builder.make("add", found, share)
    return found


def _looped(
    push: Push,
    let: Let,
    dots: Sequence[Atom | None],
    d: int,
    size: Size,
    builder: AdjointBuilder,
) -> Atom:
    """for i in range(k): y_dot[i] = the tangent in the direction i"""
    if not isinstance(let.out.type, Array | Scalar):
        raise NoVector(f"several directions at once through {let.op}", let.loc)
    type_ = shifted(let.out.type, size.dim)
    start = zeros(push, size, let.out, builder)
    index, param = Var(INT, "i"), Var(type_, after=push.called(let.out, d))
    inner = builder.child()
    singles = [None if dot is None else _element(dot, index, inner) for dot in dots]
    direction = push.directions[d]
    push.directions[d] = direction._replace(size=None)
    share = arrays.total_of(push, let, singles, d, inner)
    push.directions[d] = direction
    if share is None:
        return start
    share = real_of(share, let.out.type, inner)
    if isinstance(let.out.type, Array):
        following = inner.emit("put", (param, share, Lit("{0}", Opaque("str")), index))
    else:
        following = inner.emit("set", (param, share, index))
    body = inner.block((param,), (FALSE, following))
    out = Var(type_, after=push.called(let.out, d))
    domain = Range(int_lit(0), size.number, int_lit(1))
    builder.add(Loop((out,), (), index, domain, (start,), (), body))
    return out


def _element(dot: Atom, index: Atom, builder: AdjointBuilder) -> Atom:
    assert isinstance(dot.type, Array)
    if len(dot.type.dims) == 1:
        return builder.emit("get", (dot, index))
    type_ = element_type(dot.type, 1)
    return builder.emit("view", (dot, Lit("{0}", Opaque("str")), index), type_=type_)


# Structure.


def structure(
    push: Push, let: Let, d: int, size: Size, builder: AdjointBuilder
) -> tuple[bool, Atom | None]:
    """The tangents of what is done to arrays and lists; whether this has been seen to."""
    first = let.args[0] if let.args else NOTHING
    op = let.op
    if op in READS_PART:
        _, at, *index = let.args
        return True, _read(push, let, d, at, index, builder)
    if op in WRITES_PART:
        _, value, at, *index = let.args
        return True, _written(push, let, d, op, value, at, index, builder)
    if op == "get" and is_array(first.type):
        _, *index = let.args
        made = _read(push, let, d, _plain(len(index)), index, builder)
        if first in push.written and not isinstance(let.out.type, Array):
            # A number is read once; this would be a view.
            made = builder.emit("copy", (made,))
        return True, made
    if op in ("set", "acc") and is_array(first.type):
        _, value, *index = let.args
        how = "put" if op == "set" else "add_to"
        return True, _written(push, let, d, how, value, _plain(len(index)), index, builder)
    if op == "from_list":
        dots = push.made(first, d, builder)
        made = builder.emit("from_list", (dots,))
        type_ = shifted(let.out.type, size.dim)
        # Behind those of the lists comes the axis of the directions.
        depth = int_lit(_depth(first.type))
        return True, builder.make("np.moveaxis", made, depth, int_lit(0), type_=type_)
    if op == "to_list":
        if _depth(let.out.type) > 1:
            raise NoVector("several directions at once through lists in lists", let.loc)
        dots = turned(push.made(first, d, builder), builder)
        type_ = shifted(let.out.type, size.dim)
        return True, builder.emit("to_list", (dots,), type_=type_)
    if op == "acc" or op == "list_prod":
        raise NoVector(f"several directions at once through {op} of a list", let.loc)
    return False, None


def _depth(type_: Type) -> int:
    """In how many lists the elements are."""
    return 1 + _depth(type_.item) if isinstance(type_, List) else 0


def turned(dots: Atom, builder: AdjointBuilder) -> Atom:
    """The first axis, of the directions, behind that of the elements."""
    assert isinstance(dots.type, Array)
    first, second, *rest = dots.type.dims
    type_ = Array(dots.type.dtype, (second, first, *rest))
    return builder.make("np.swapaxes", dots, int_lit(0), int_lit(1), type_=type_)


def _plain(count: int) -> Lit:
    return Lit(", ".join(f"{{{k}}}" for k in range(count)), Opaque("str"))


def _read(
    push: Push, let: Let, d: int, at: Atom, index: Sequence[Atom], builder: AdjointBuilder
) -> Atom:
    dots = push.made(let.args[0], d, builder)
    fancy = let.op == "pick"
    type_ = push.type_of(let.out.type, d)
    where = _behind(at, index, let)
    return builder.emit("pick" if fancy else "view", (dots, where, *index), type_=type_)


def _written(
    push: Push,
    let: Let,
    d: int,
    op: str,
    value: Atom,
    at: Atom,
    index: Sequence[Atom],
    builder: AdjointBuilder,
) -> Atom:
    array = let.args[0]
    dots = push.made(array, d, builder)
    share = push.dot(value, d)
    if share is None:
        if op != "put":
            return dots
        share = ZERO
    where = _behind(at, index, let)
    fancy = any(is_array(atom.type) for atom in index) or "[" in str(where.value)
    part = builder.child().emit("pick" if fancy else "view", (dots, where, *index))
    wide = padded(share, rank_of(part) - 1, builder)
    return builder.emit(op, (dots, wide, where, *index))


def _behind(at: Atom, index: Sequence[Atom], let: Let) -> Lit:
    """The index of a part, behind the axis of the directions."""
    assert isinstance(at, Lit)
    steps = []
    for text in str(at.value).split("]["):
        if is_turn(text) or _jumps(text, index):
            raise NoVector("several directions at once through such an index", let.loc)
        steps.append(f":, {text}")
    return Lit("][".join(steps), Opaque("str"))


def _jumps(text: str, index: Sequence[Atom]) -> bool:
    """Do arrays among the indices stand apart, so that their axes come first?"""
    kinds = []
    for entry in entries_of(text):
        match entry:
            case ast.Slice():
                kinds.append("axis")
            case ast.Constant(value) if value is None or value is ...:
                kinds.append("axis")
            case ast.List():
                kinds.append("array")
            case ast.Name(name) if is_array(index[int(name[1:])].type):
                kinds.append("array")
            case _:
                kinds.append("number")
    if "array" not in kinds:
        return False
    there = [k for k, kind in enumerate(kinds) if kind != "axis"]
    return there != list(range(there[0], there[-1] + 1))
