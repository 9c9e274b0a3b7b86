"""From a function to that of its value and pullback: `f` to `f_vjp`.

As the gradient, but for any result: the reverse sweep starts with a cotangent that is
given, in the structure of the result.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2sad.analysis.activity import Activity
from s2sad.ir.node import replace
from s2sad.ir.nodes import (
    NOTHING,
    Atom,
    Block,
    Input,
    Module,
    Var,
    indices,
    with_indices,
)
from s2sad.ir.types import FLOAT, INT, List, Opaque, Type, is_differentiable
from s2sad.transform.adjoints import Adjoints, adjoint_type, bar_of
from s2sad.transform.callees import Callees, Split, prepare
from s2sad.transform.dce import eliminate_dead, prune
from s2sad.transform.forward.entry import Request, fresh
from s2sad.transform.forward.lengths import same_lengths
from s2sad.transform.gradient import assemble
from s2sad.transform.naming import settle_names
from s2sad.transform.precision import Precision
from s2sad.transform.prepare import with_own_params
from s2sad.transform.sweep import Sweep


def cotangent_name(function: str) -> str:
    return f"{function}_bar"


def pullback(module: Module, request: Request) -> Module:
    """The module of `NAME_vjp`, which takes the arguments and the cotangent of the result,
    and returns `(value, gradient)`."""
    callees = Callees(module, request.level, request.reserved, request.checkpoints)
    func = prepare(module.funcs[module.entry], request.level)
    func = with_own_params(func, callees.sharing.of(func, escapes=False).written, module)
    leaves = [k for structure in request.wrt for k in indices(structure)]
    positions = [k for k in leaves if is_differentiable(func.params[k].type)]
    wanted = tuple(k in positions for k in range(len(func.params)))
    of = {*indices(request.of)}
    results = tuple(k in of for k in range(len(func.body.yields)))
    activity = Activity(module, func, wanted, results)
    sweep = Sweep(func, activity, request.level, callees)
    builder = sweep.builder()
    adj = Adjoints(request.level, builder.names)
    taken = {*request.reserved, *(p.hint for p in func.params), *(i.name for i in func.inputs)}
    name = fresh(cotangent_name(func.name), taken)
    seeds: list[Var] = []
    places: dict[int, int] = {}
    for k in indices(request.of):
        atom = func.body.yields[k]
        seed = Var(_given_type(atom.type), name)
        if not isinstance(request.of, int) and isinstance(atom, Var):
            seed.hint, seed.after = "", bar_of(atom)
        places[k] = len(func.params) + len(seeds)
        seeds.append(seed)
        if isinstance(atom, Var) and atom in activity.active:
            # It is the caller's: to be copied before it is written to.
            builder.borrowed.add(seed)
            adj.add(atom, seed, builder)
    checks = same_lengths(
        (atom, seed, "the result", name)
        for k, seed in zip(indices(request.of), seeds, strict=True)
        if isinstance(atom := func.body.yields[k], Var)
    )
    forward = sweep.stmts(sweep.func.body.stmts, adj, builder, recording=False)
    bars: list[Atom] = []
    found: dict[int, int] = {}
    precision = Precision(func)
    for k in positions:
        param = func.params[k]
        total = adj.take(param, builder)
        value = total.value if total else sweep.zero(param, builder)
        value = builder.own(value)
        value = precision.settled(value, param, builder)
        builder.call_after(value, bar_of(param))
        found[k] = len(func.body.yields) + len(bars)
        bars.append(value)
    forward = [*sweep.begun_with(), *forward, *checks]
    for k in (k for k in leaves if k not in found):
        found[k] = len(func.body.yields) + len(bars)
        bars.append(NOTHING)
    backward = prune(builder.stmts, bars, sweep.ragged)
    shaped = tuple(with_indices(structure, found.__getitem__) for structure in request.wrt)
    cotangent = Input(name, with_indices(request.of, places.__getitem__))
    plain = not func.inputs and isinstance(cotangent.structure, int)
    entry = replace(
        func,
        name=request.name or callees.fresh(f"{func.name}_vjp"),
        body=Block((*func.params, *seeds), (*forward, *backward), (*func.body.yields, *bars)),
        structure=(func.structure, shaped[0] if request.bare else shaped),
        doc=_doc(func.name, request.inputs),
        defaults=(),
        forward=len(forward),
        inputs=() if plain else (*func.signature, cotangent),
    )
    entry = eliminate_dead(entry)
    settle_names(entry, builder.names, request.reserved, request.level)
    return assemble(module, entry, callees.made, callees.records)


def halves(module: Module, request: Request) -> tuple[Module, Module]:
    """Two modules: `NAME_fwd` returns `(value, record)`, `NAME_rev` takes the record and the
    cotangent of the result, and returns the gradient."""
    callees = Callees(module, request.level, request.reserved, request.checkpoints)
    func = prepare(module.funcs[module.entry], request.level)
    func = with_own_params(func, callees.sharing.of(func, escapes=True).written, module)
    leaves = [k for structure in request.wrt for k in indices(structure)]
    args = tuple(
        k in leaves and is_differentiable(param.type) for k, param in enumerate(func.params)
    )
    of = {*indices(request.of)}
    outs = tuple(
        k in of and is_differentiable(atom.type) for k, atom in enumerate(func.body.yields)
    )
    split = Split(callees, func, args, outs, entry=True)
    names = callees.fresh(f"{func.name}_fwd"), callees.fresh(f"{func.name}_rev")
    first, second, record = split.functions(*names, None)
    if record is None:
        body = replace(first.body, yields=(*first.body.yields, NOTHING))
        structure = func.structure, len(func.body.yields)
        first = replace(first, body=body, structure=structure)
        body = replace(second.body, params=(Var(Opaque("object"), "rec"), *second.params))
        second = replace(second, body=body)
    # The parts of the cotangent that nothing is asked of are there too.
    params = [second.params[0]]
    seeds = iter(second.params[1:])
    places: dict[int, int] = {}
    for k in indices(request.of):
        places[k] = len(params)
        params.append(next(seeds) if outs[k] else Var(Opaque("object"), "unused"))
    name = cotangent_name(func.name)
    if isinstance(request.of, int):
        params[-1].hint = name
    yields = list(second.body.yields)
    positions = [k for k, wanted in enumerate(args) if wanted]
    found = {k: n for n, k in enumerate(positions)}
    for k in (k for k in leaves if k not in found):
        found[k] = len(yields)
        yields.append(NOTHING)
    second = replace(
        second,
        body=replace(second.body, params=tuple(params), yields=tuple(yields)),
        structure=tuple(with_indices(s, found.__getitem__) for s in request.wrt),
        inputs=(
            Input("rec", 0),
            Input(name, with_indices(request.of, places.__getitem__)),
        ),
    )
    settle_names(second, {}, request.reserved, request.level)
    made = callees.made, callees.records
    return assemble(module, first, *made), assemble(module, second, *made)


def _given_type(type_: Type) -> Type:
    """The type of the cotangent of a result; anything in the place of what has none."""
    if is_differentiable(type_):
        return adjoint_type(type_)
    if type_ == INT:
        return FLOAT
    if isinstance(type_, List):
        return List(_given_type(type_.item))
    return Opaque("object")


def _doc(name: str, wrt: Sequence[str]) -> str:
    import textwrap

    bar = cotangent_name(name)
    text = f"Value of {name}, and {bar} times its derivative in {', '.join(wrt)}."
    return textwrap.fill(text, 76, break_on_hyphens=False)
