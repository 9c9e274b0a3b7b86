"""The adjoints of parts of lists, and of lists that are put together.

M = L[1:]           for k, M_bar_k in enumerate(M_bar): L_bar[k + 1] += M_bar_k
M = L[a:b]          for k, M_bar_k in zip(range(len(L))[a:b], M_bar): L_bar[k] += M_bar_k
N = L + M           L_bar += N_bar[: len(L)]; M_bar += N_bar[len(L) :]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.ir.nodes import FALSE, NOTHING, Atom, Let, Lit, Loop, Seq, Var, int_lit
from s2sad.ir.structure import element_type
from s2sad.ir.types import INT, List, Opaque
from s2sad.transform.adjoints import Adjoints, add_at, bar_of
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.lists import count_of

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_slice(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """The elements that the slice picked out, one after the other, get their adjoints."""
    source, *ends = let.args
    assert isinstance(source, Var)
    buffer = sweep.buffer(source, adj, builder)
    inner = builder.child()
    k, element = Var(INT, "k"), Var(element_type(bar.type, 1))
    param, out = (Var(buffer.type, after=bar_of(source)) for _ in range(2))
    seqs, params, index = [Seq(bar)], [param, element], _plain_index(ends, k, inner)
    if index is None:
        index = Var(INT, "k")
        places = Var(List(INT))
        holes = [end for end in ends if not _is_none(end)]
        count = count_of(sweep, source, builder)
        text = _places(ends)
        builder.add(Let(places, "python", (text, count, *holes), origin=builder.origin))
        seqs, params = [Seq(places), Seq(bar)], [param, index, element]
        k = Var(INT)
    following = add_at(param, element, (index,), inner, bar_of(source))
    body = inner.block(params, (FALSE, following))
    builder.add(Loop((out,), (), k, None, (buffer,), tuple(seqs), body, let.loc))
    adj.replace(source, out)


def _plain_index(ends: Sequence[Atom], k: Var, inner: AdjointBuilder) -> Atom | None:
    """Where the k-th element of a slice stands, if no end counts from the end."""
    start, _, step = ends
    first = 0 if _is_none(start) else start.value if isinstance(start, Lit) else None
    stride = 1 if _is_none(step) else step.value if isinstance(step, Lit) else None
    if not (isinstance(first, int) and isinstance(stride, int) and first >= 0 < stride):
        return None
    at: Atom = k if stride == 1 else inner.emit("mul", (k, int_lit(stride)))
    return at if first == 0 else inner.emit("add", (at, int_lit(first)))


def _places(ends: Sequence[Atom]) -> Lit:
    """The text of the indices of a slice: range(len(L))[a:b]."""
    holes = iter(range(1, 4))
    written = ["" if _is_none(end) else f"{{{next(holes)}}}" for end in ends]
    if not written[2]:
        written.pop()
    return Lit(f"range({{0}})[{':'.join(written)}]", Opaque("str"))


def _is_none(atom: Atom) -> bool:
    return isinstance(atom, Lit) and atom.value is None


def reverse_concat(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    """Each of the two lists takes its part."""
    left, right = let.args
    count = count_of(sweep, left, builder)
    for source, ends in ((left, (NOTHING, count)), (right, (count, NOTHING))):
        if sweep.activity.is_active(source):
            assert isinstance(source, Var)
            after = None if adj.has(source) else bar_of(source)
            part = builder.emit("slice", (bar, *ends, NOTHING), after)
            if may_hold_buffer(part.type.item if isinstance(part.type, List) else part.type):
                builder.borrowed.add(part)
            adj.add(source, part, builder)
