"""From a function to the function of its value and gradient: `f` to `f_grad`."""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.analysis.activity import Activity
from s2sad.analysis.frozen import has_buffers
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    NOTHING,
    ONE,
    Atom,
    Block,
    Call,
    Func,
    Module,
    Stmt,
    Structure,
    Var,
    indices,
    with_indices,
)
from s2sad.ir.types import List, Named, Tuple, Type, is_differentiable
from s2sad.ir.walk import blocks, bound, defines, is_straight, rename_block, walk
from s2sad.transform.adjoints import Adjoints, bar_of
from s2sad.transform.callees import Callees, Checkpoints, prepare
from s2sad.transform.copies import without_copies
from s2sad.transform.dce import eliminate_dead, prune
from s2sad.transform.naming import settle_names
from s2sad.transform.precision import Precision
from s2sad.transform.prepare import clear_origins, with_own_params
from s2sad.transform.sweep import Sweep


def gradient(
    module: Module,
    wrt: Sequence[Structure],
    of: int = 0,
    *,
    bare: bool = True,
    level: int = 1,
    reserved: frozenset[str] = frozenset(),
    inputs: Sequence[str] = (),
    tidy: bool = True,
    checkpoints: Checkpoints | None = None,
) -> Module:
    """The module of `NAME_grad`, which returns `(value, gradient)`.

    `wrt` are positions of parameters, or structures over them, and `inputs` what these are
    called in the docstring; `of` is the position among the entry's results of the one that
    is differentiated; `bare` gives the gradient of one parameter as it is and not as a
    tuple of one. `reserved` are names that intermediates may not take. In the place of what
    carries no derivative the gradient has None. `tidy` leaves out needless copies.
    `checkpoints`: long loops are reversed from snapshots.
    """
    callees = Callees(module, level, reserved, checkpoints)
    func = prepare(module.funcs[module.entry], level)
    func = with_own_params(func, callees.sharing.of(func, escapes=False).written, module)
    positions = {
        k: None
        for structure in wrt
        for k in indices(structure)
        if is_differentiable(func.params[k].type)
    }
    wanted = tuple(k in positions for k in range(len(func.params)))
    results = tuple(k == of for k in range(len(func.body.yields)))
    activity = Activity(module, func, wanted, results)
    sweep = Sweep(func, activity, level, callees)
    builder = sweep.builder()
    adj = Adjoints(level, builder.names)
    result = func.body.yields[of]
    if isinstance(result, Var) and result in activity.active:
        adj.add(result, ONE, builder)
    forward = sweep.stmts(sweep.func.body.stmts, adj, builder, recording=False)
    bars: list[Atom] = []
    places: dict[int, int] = {}
    precision = Precision(func)
    for k in positions:
        param = func.params[k]
        total = adj.take(param, builder)
        value = total.value if total else sweep.zero(param, builder)
        value = precision.settled(value, param, builder)
        builder.call_after(value, bar_of(param))
        places[k] = len(func.body.yields) + len(bars)
        bars.append(value)
    forward = [*sweep.begun_with(), *forward]
    for k in (k for structure in wrt for k in indices(structure) if k not in places):
        places[k] = len(func.body.yields) + len(bars)
        bars.append(NOTHING)
    backward = prune(builder.stmts, bars, sweep.ragged)
    shaped = tuple(with_indices(structure, places.__getitem__) for structure in wrt)
    grads: Structure = shaped[0] if bare else shaped
    body = Block(
        func.params,
        (*forward, *backward),
        (*func.body.yields, *bars),
    )
    if sweep.passed:
        body = rename_block(body, sweep.passed)
    entry = replace(
        func,
        name=callees.fresh(f"{func.name}_grad"),
        body=body,
        structure=(func.structure, grads),
        doc=_doc(func, inputs or [func.params[k].hint for k in positions]),
        forward=len(forward),
    )
    entry = eliminate_dead(entry)
    if level and tidy and has_buffers(entry):
        entry = eliminate_dead(without_copies(entry))
    settle_names(entry, builder.names, reserved, level)
    return assemble(module, entry, callees.made, callees.records)


def _doc(func: Func, wrt: Sequence[str]) -> str:
    if len(func.params) == 1 and not func.inputs:
        (x,) = wrt
        return f"Value of {func.name} at {x}, and d{func.name}/d{x}."
    # Here, for it costs as much to import as many a module of ours.
    import textwrap

    text = f"Value of {func.name}, and its derivative in {', '.join(wrt)}."
    return textwrap.fill(text, 76, break_on_hyphens=False)


def assemble(
    module: Module, entry: Func, made: dict[str, Func], records: dict[str, tuple[Type, ...]]
) -> Module:
    """The functions that the entry reaches, callees first."""
    known = {**module.funcs, **made}
    order: dict[str, Func] = {}

    _visit(entry, known, {entry.name}, order)
    return Module(order, entry.name, _used_records(order, records))


def _visit(func: Func, known: dict[str, Func], seen: set[str], order: dict[str, Func]) -> None:
    # No function inside of another, which would hold the whole of the IR in a circle.
    for stmt in walk(func.body) if not is_straight(func.body.stmts) else ():
        if isinstance(stmt, Call) and stmt.func not in seen:
            seen.add(stmt.func)
            _visit(known[stmt.func], known, seen, order)
    order[func.name] = func


def _variables(stmt: Stmt) -> tuple[Var, ...]:
    inside = (param for block in blocks(stmt) for param in block.params)
    return (*defines(stmt), *bound(stmt), *inside)


def _used_records(
    funcs: dict[str, Func], records: dict[str, tuple[Type, ...]]
) -> dict[str, tuple[Type, ...]]:
    """The layouts of the named types that the functions mention."""
    if not records:
        return {}
    pending = [
        var.type
        for func in funcs.values()
        for var in (*func.params, *(v for stmt in walk(func.body) for v in _variables(stmt)))
    ]
    used: dict[str, tuple[Type, ...]] = {}
    while pending:
        match pending.pop():
            case Named(name) if name not in used:
                used[name] = records[name]
                pending += records[name]
            case Tuple(items):
                pending += items
            case List(item):
                pending.append(item)
            case _:
                pass
    return {name: layout for name, layout in records.items() if name in used}


def as_primal(module: Module, part: int) -> Module:
    """The module's entry restricted to one part of what it returns, to differentiate again."""
    func = module.funcs[module.entry]
    assert isinstance(func.structure, tuple)
    wanted = func.structure[part]
    kept = list(dict.fromkeys(indices(wanted)))
    structure = with_indices(wanted, kept.index)
    body = replace(func.body, yields=tuple(func.body.yields[k] for k in kept))
    entry = eliminate_dead(clear_origins(replace(func, body=body, structure=structure)))
    funcs = {name: clear_origins(f) for name, f in module.funcs.items()}
    funcs[entry.name] = entry
    return replace(module, funcs=funcs)
