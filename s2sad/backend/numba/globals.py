"""The numbers of the user's module become parameters: Numba freezes what is global.

def f_grad(x): return x * G     →     def _f_grad(x, g): return x * g
"""

from __future__ import annotations

from s2sad.backend.results import free
from s2sad.ir.node import replace
from s2sad.ir.nodes import Block, Call, Func, Let, Lit, Module, Stmt, Var
from s2sad.ir.rebuild import map_blocks
from s2sad.ir.types import Type
from s2sad.ir.walk import rename_block, walk

Read = dict[str, Type]


def pass_globals(module: Module) -> tuple[Module, Read]:
    """The module, and the globals that its entry takes after its own parameters."""
    read = {name: _own(func) for name, func in module.funcs.items()}
    if not any(read.values()):
        return module, {}
    # Callees come first.
    for name, func in module.funcs.items():
        for stmt in walk(func.body):
            if isinstance(stmt, Call):
                read[name] |= read[stmt.func]
    funcs = {name: _with_params(func, read) for name, func in module.funcs.items()}
    return replace(module, funcs=funcs), read[module.entry]


def _own(func: Func) -> Read:
    return {
        str(stmt.args[0].value): stmt.out.type
        for stmt in walk(func.body)
        if isinstance(stmt, Let)
        and stmt.op in ("global", "constant")
        and isinstance(stmt.args[0], Lit)
    }


def _with_params(func: Func, read: dict[str, Read]) -> Func:
    taken = {param.hint for param in func.params}
    params = {
        name: Var(type_, free(name.replace(".", "_").lower(), taken))
        for name, type_ in read[func.name].items()
    }
    renaming: dict[Var, Var] = {}

    def block(old: Block) -> Block:
        return replace(old, stmts=tuple(new for s in old.stmts for new in stmts(s)))

    def stmts(stmt: Stmt) -> list[Stmt]:
        match stmt:
            case Let(out, "global" | "constant", (Lit(name), *_)):
                renaming[out] = params[str(name)]
                return []
            case Call(_, callee, args):
                more = (params[name] for name in read[callee])
                return [replace(stmt, args=(*args, *more))]
            case _:
                return [map_blocks(stmt, block)]

    forward = func.body.stmts[: func.forward]
    kept = [[new for s in part for new in stmts(s)] for part in (forward, func.body.stmts)]
    body = replace(func.body, stmts=tuple(kept[1]))
    body = rename_block(body, renaming)
    body = replace(body, params=(*body.params, *params.values()))
    return replace(func, body=body, forward=len(kept[0]))
