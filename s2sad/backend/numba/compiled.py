"""From IR to IR that Numba compiles."""

from __future__ import annotations

from collections.abc import Callable

from s2sad.backend.numba.addends import own_addends
from s2sad.backend.numba.counted import count_loops
from s2sad.backend.numba.dots import own_dots
from s2sad.backend.numba.exact import keep_exact
from s2sad.backend.numba.fused import fuse_arrays
from s2sad.backend.numba.globals import Read, pass_globals
from s2sad.backend.numba.lengths import to_the_shortest
from s2sad.backend.numba.refusals import check
from s2sad.backend.numba.rows import make_rows
from s2sad.backend.numba.unbound import fill
from s2sad.backend.pack import pack
from s2sad.ir.node import replace
from s2sad.ir.nodes import Func, Module

PASSES: tuple[Callable[[Func], Func], ...] = (
    to_the_shortest,
    own_addends,
    fuse_arrays,
    own_dots,
    make_rows,
    pack,
    count_loops,
    keep_exact,
)


def for_numba(module: Module) -> tuple[Module, Read]:
    """The module, and the globals that its entry takes after its own parameters.

    Raises `UnsupportedSyntax` or `UnsupportedFunction` for what Numba does not compile.
    """
    check(module)
    funcs = {name: fill(func) for name, func in module.funcs.items()}
    module = replace(module, funcs=funcs)
    module, read = pass_globals(module)
    funcs = dict(module.funcs)
    for name, func in funcs.items():
        for change in PASSES:
            func = change(func)
        funcs[name] = func
    return replace(module, funcs=funcs), read
