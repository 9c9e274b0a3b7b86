"""Loop nests over the elements of arrays, and what they compute of one element."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from s2sad.backend.numba.places import Place
from s2sad.ir.nodes import FALSE, SUM, Atom, Block, Let, Lit, Loop, Range, Stmt, Var, int_lit
from s2sad.ir.types import FLOAT, INT

_INDICES = "ijklmn"

# From what is written, and the indices, to the statements that make an element, and it.
Element = Callable[[Var, Sequence[Var]], tuple[list[Stmt], Atom]]


def loops(
    element: Element,
    op: str,
    read: Sequence[Place],
    inits: tuple[Atom, ...],
    outs: tuple[Var, ...],
    to: Place | None,
) -> Iterator[Stmt]:
    """Loops that write `element` to each element of `to`, or sum it."""
    # Counted along what is written, an array would need a second name.
    known = [p for p in (*read, *([to] if to else [])) if None not in p.cuts]
    sized = known[0]
    rank = len(sized.cuts)
    hint = "size" if sized is to else ""
    indices = [Var(INT, _INDICES[k % len(_INDICES)]) for k in range(rank)]
    sizes: list[list[Stmt]] = [[] for _ in range(rank)]
    counts = [sized.size(k, sizes[k], hint) for k in range(rank)]
    for before in sizes if hint else sizes[:1]:
        yield from before
    layers = [tuple(Var(v.type, v.hint, v.user) for v in outs) for _ in range(rank)]
    carried = layers[-1]
    stmts, result = element(carried[0], indices)
    last = Var(carried[0].type)
    if to is None:
        stmts.append(Let(last, "add", (carried[0], result), None, SUM))
    else:
        at = to.at(indices, stmts)
        stmts.append(Let(last, op, (carried[0], result, *at), None, SUM))
    ends: tuple[Atom, ...] = (last, *carried[1:])
    for k in reversed(range(rank)):
        if k + 1 < rank and not hint:
            stmts = [*sizes[k + 1], *stmts]
        body = Block(layers[k], tuple(stmts), (FALSE, *ends))
        domain = Range(int_lit(0), counts[k], int_lit(1))
        given = layers[k - 1] if k else inits
        made = outs if k == 0 else tuple(Var(v.type, v.hint, v.user) for v in outs)
        stmts = [Loop(made, (), indices[k], domain, tuple(given), (), body)]
        ends = made
    yield from stmts


def element_of(
    lets: Sequence[Let], value: Atom, sites: Mapping[Atom, Place], indices: Sequence[Var]
) -> tuple[list[Stmt], Atom]:
    """The statements that make one element of a chain, and its name."""
    stmts: list[Stmt] = []
    found: dict[Atom, Atom] = {}

    def scalar(atom: Atom) -> Atom:
        if atom not in sites:
            return found.get(atom, atom)
        read = Var(FLOAT)
        site = sites[atom]
        at = site.at(indices, stmts)
        stmts.append(Let(read, "get", (site.array, *at), None, SUM))
        return read

    for let in lets:
        args = tuple(map(scalar, let.args))
        # Of arrays it gives inf or nan, of numbers it raises.
        op = let.op
        if op == "copy":
            found[let.out] = args[0]
            continue
        if op == "div" and not (isinstance(args[1], Lit) and args[1].value):
            op = "np.divide"
        elif op == "pow":
            op = "np.power"
            if isinstance(args[1], Lit) and args[1].value == 2:
                op, args = "np.square", args[:1]
        out = found[let.out] = Var(FLOAT)
        stmts.append(Let(out, op, args, let.loc, SUM))
    return stmts, scalar(value)
