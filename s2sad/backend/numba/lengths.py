"""Loops over several sources that may differ in length: to the end of the shortest.

for x, y in zip(xs, ys): …     →     for k in range(min(len(xs), len(ys))):
                                         x = xs[k]; y = ys[k]; …
"""

from __future__ import annotations

from s2sad.analysis.lengths import ragged_loops
from s2sad.errors import UnsupportedSyntax
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, Func, Let, Lit, Loop, Range, Stmt, Var, int_lit
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import FLOAT, INT
from s2sad.ir.walk import free_vars


def to_the_shortest(func: Func) -> Func:
    ragged = ragged_loops(func)
    if not ragged:
        return func

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(new for s in old.stmts for new in stmts(s)))

    def stmts(stmt: Stmt) -> list[Stmt]:
        stmt = map_blocks(stmt, block)
        if isinstance(stmt, Loop) and stmt.seqs and stmt.index in ragged:
            return _numbered(stmt)
        return [stmt]

    # What the reverse sweep loops over was recorded by one loop.
    checked = func.body.stmts[: func.forward] or func.body.stmts
    forward = [new for stmt in checked for new in stmts(stmt)]
    rest = func.body.stmts[len(checked) :]
    body = replace(func.body, stmts=(*forward, *rest))
    return replace(func, body=body, forward=len(forward) if func.forward else 0)


def _numbered(loop: Loop) -> list[Stmt]:
    if loop_is_backward(loop):
        # Those of a derivative are of one length, but it does not show.
        return [loop]
    sources: list[Atom] = [seq.list for seq in loop.seqs]
    texts = [f"len({{{k}}})" for k in range(len(sources))]
    number = Var(INT, "k")
    inside: list[Stmt] = []
    if loop.domain is not None:
        start, _, step, _ = loop.domain
        sources += loop.domain[:3]
        holes = ", ".join(f"{{{k}}}" for k in range(len(texts), len(sources)))
        texts.append(f"len(range({holes}))")
        if _counts(loop.domain):
            number = loop.index
        elif loop.index in free_vars(loop.body.stmts, loop.body.yields):
            far = Var(INT)
            inside += [Let(far, "mul", (number, step)), Let(loop.index, "add", (start, far))]
    elif loop.index in free_vars(loop.body.stmts, loop.body.yields):
        inside.append(Let(loop.index, "id", (number,)))
    for seq, element in zip(loop.seqs, loop.elements, strict=True):
        inside.append(Let(element, "get", (seq.list, number)))
    count = Var(INT)
    text = Lit(f"min({', '.join(texts)})", FLOAT)
    body = Block(loop.carries, (*inside, *loop.body.stmts), loop.body.yields)
    domain = Range(int_lit(0), count, int_lit(1))
    made = replace(loop, index=number, domain=domain, seqs=(), body=body)
    return [Let(count, "python", (text, *sources)), made]


def _counts(domain: Range) -> bool:
    """Is the index the number of the pass?"""
    ends = [atom.value for atom in (domain.start, domain.step) if isinstance(atom, Lit)]
    return ends == [0, 1]


def check_reversed(func: Func) -> None:
    """Refuse a loop of the user's that runs backwards over sources of several lengths."""
    ragged = ragged_loops(func)

    def block(old: Block) -> Block:
        for stmt in old.stmts:
            if isinstance(stmt, Loop) and stmt.index in ragged:
                backward = loop_is_backward(stmt)
                if stmt.seqs and backward:
                    raise UnsupportedSyntax(
                        "Numba: a loop over sources of several lengths",
                        stmt.loc,
                        'jit="auto" runs it in plain Python',
                    )
            map_blocks(stmt, block)
        return old

    if ragged:
        block(func.body)


def loop_is_backward(loop: Loop) -> bool:
    if loop.domain is not None and loop.domain.backward:
        return True
    return any(seq.reversed for seq in loop.seqs)
