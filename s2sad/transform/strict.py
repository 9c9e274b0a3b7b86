"""`strict=True`: what depends on an argument raises where it is at a kink.

    y = abs(x)     →     y = abs(x)
                         if x == 0: raise ArithmeticError("…: abs(x) is at a kink")

It is a rewrite of the primal, so that every mode and every order has it. The condition of a
`while` is not tested.
"""

from __future__ import annotations

import linecache
import re
from collections.abc import Collection, Iterator, Sequence

from s2sad.analysis.activity import varied_variables
from s2sad.ir.node import replace
from s2sad.ir.nodes import Atom, Block, If, Let, Lit, Module, Raise, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import BOOL, Array, List, Opaque
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.kinks import OF_ARRAYS, OF_NUMBERS


def with_checks(module: Module, wrt: Collection[int]) -> Module:
    """The module, testing at each kink; `wrt` are the entry's parameters that vary."""
    varied = varied_variables(module, wrt)
    funcs = {
        name: replace(func, body=_checked(func.body, varied[name]))
        for name, func in module.funcs.items()
        if name in varied
    }
    return replace(module, funcs={**module.funcs, **funcs})


def _checked(block: Block, varied: Collection[Var]) -> Block:
    stmts: list[Stmt] = []
    for stmt in block.stmts:
        if not isinstance(stmt, Let):
            stmts.append(map_blocks(stmt, lambda inner: _checked(inner, varied)))
            continue
        stmts.append(stmt)
        if any(isinstance(arg, Var) and arg in varied for arg in stmt.args):
            stmts += _check(stmt)
    return replace(block, stmts=tuple(stmts))


def _check(let: Let) -> Iterator[Stmt]:
    found = _test(let)
    if found is None:
        return
    text, args = found
    test, error = Var(BOOL), Var(Opaque("exception"))
    raised = Lit(f"ArithmeticError({_what(let)!r})".replace("{", "{{").replace("}", "}}"), TEXT)
    yield Let(test, "python", (Lit(text, TEXT), *args), let.loc)
    fail = Block((), (Let(error, "python", (raised,), let.loc), Raise(error, let.loc)), ())
    yield If((), test, fail, Block((), (), ()), let.loc)


TEXT = Opaque("text")


def _test(let: Let) -> tuple[str, tuple[Atom, ...]] | None:
    """The text of the test, with holes, and what goes into these."""
    arrays = any(isinstance(atom.type, Array) for atom in (*let.args, let.out))
    if let.op in OF_NUMBERS and not arrays:
        test = OF_NUMBERS[let.op]
        if "x.count" in test and not (let.args and isinstance(let.args[0].type, List)):
            # Of the arguments together.
            holes = ", ".join(f"{{{k}}}" for k in range(1, len(let.args) + 1))
            return test.replace("x", f"[{holes}]").replace("y", "{0}"), (let.out, *let.args)
        return _filled(test, {"y": let.out, **dict(zip("xw", let.args, strict=False))})
    if let.op not in OF_ARRAYS:
        return None
    given = dict(zip(_names(let), let.args, strict=False))
    stated = OF_ARRAYS[let.op]
    nones = {n for n, a in given.items() if isinstance(a, Lit) and a.value is None}
    named = stated if isinstance(stated, str) else stated(nones.__contains__)
    if not named:
        return None
    text, args = _filled(named, {"y": let.out, **given})
    return f"np.any({text})", args


def _names(let: Let) -> Sequence[str]:
    """What its arguments are called in its test."""
    if let.op in PRIMITIVES:
        return "xw"
    from s2sad.ops.arrays.core import ARRAY_OPS
    from s2sad.ops.arrays.use import params_of

    return [name for name, _ in params_of(ARRAY_OPS[let.op], len(let.args))]


def _filled(test: str, named: dict[str, Atom]) -> tuple[str, tuple[Atom, ...]]:
    used = [name for name in named if re.search(rf"\b{name}\b", test)]

    def hole(match: re.Match[str]) -> str:
        return f"{{{used.index(match[0])}}}" if match[0] in used else match[0]

    # What follows `np.` or stands before `=` is no parameter.
    text = re.sub(r"(?<![.\w])[a-z_]+\b(?!\s*=[^=])", hole, test)
    return text, tuple(named[name] for name in used)


def _what(let: Let) -> str:
    """The place, and what stands there."""
    if let.loc is None:
        return f"{let.op} is at a kink"
    line = linecache.getline(let.loc.file, let.loc.line).rstrip("\n")
    text = line.encode()[let.loc.col : let.loc.end_col if let.loc.end_col > 0 else None]
    return f"line {let.loc.line}: {text.decode(errors='ignore') or let.op} is at a kink"
