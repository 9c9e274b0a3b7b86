"""Activity: which values carry an adjoint.

A variable is *varied* where it depends differentiably on an independent, *useful* where a
dependent depends differentiably on it, *active* where it is both (Griewank & Walther 2008,
section 6.2; Hascoët & Pascual 2013). Conditions, indices and counts carry nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache

from s2sad.errors import NotDifferentiable, UnsupportedSyntax, assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Stmt,
    Try,
    Var,
    While,
)
from s2sad.ir.types import FLOAT, GENERATOR, is_differentiable
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.primitive import Partials
from s2sad.ops.reductions import REDUCTIONS

Mask = tuple[bool, ...]
Transfer = Callable[[str, Mask], Mask]


def differentiable_args(let: Let) -> Mask:
    """For each argument of a primitive: does the result depend on it differentiably?"""
    primitive = PRIMITIVES.get(let.op)
    if primitive is not None:
        return _flows(primitive.partials, primitive.params, len(let.args))
    match let.op:
        case (
            "tuple"
            | "list"
            | "id"
            | "copy"
            | "reverse_list"
            | "concat"
            | "from_list"
            | "to_list"
        ):
            return (True,) * len(let.args)
        case "item" | "get" | "repeat" | "drop" | "slice" | "cotangent":
            return (True,) + (False,) * (len(let.args) - 1)
        case "set" | "acc" | "append":
            return (True, True) + (False,) * (len(let.args) - 2)
        case "global" | "constant" | "python" | "zeros_like" | "zeros_list" | "stop_gradient":
            return (False,) * len(let.args)
        case "store":
            return (False,) * len(let.args)
        case "len" | "count" | "shape" | "dim" | "places" | "enter" | "place" | "find":
            return (False,) * len(let.args)
        case "view" | "pick":
            return (True,) + (False,) * (len(let.args) - 1)
        case "put" | "add_to" | "add_at":
            return (True, True) + (False,) * (len(let.args) - 2)
        case op if op in REDUCTIONS:
            return (True,) * len(let.args)
        case op:
            from s2sad.ops.arrays.core import ARRAY_OPS
            from s2sad.ops.arrays.use import params_of

            names = params_of(ARRAY_OPS[op], len(let.args))
            return tuple(name in ARRAY_OPS[op].differentiable for name, _ in names)


@cache
def _flows(partials: Partials, params: tuple[str, ...], count: int) -> Mask:
    if params[0].startswith("*"):
        return (partials != (None,),) * count
    return tuple(partial is not None for partial in partials)


class Activity:
    """The varied, useful and active variables of one function of a module."""

    def __init__(self, module: Module, func: Func, wrt: Mask, of: Mask) -> None:
        self._summaries = Summaries(module)
        self.varied: set[Var] = set()
        self.useful: set[Var] = set()
        self._mark_params(func, wrt)
        _Varied(self.varied, self._summaries).block(func.body)
        self.useful.update(
            atom
            for atom, wanted in zip(func.body.yields, of, strict=True)
            if wanted and isinstance(atom, Var)
        )
        _Useful(self.useful, self._summaries).block(func.body)
        self.active = self.varied & self.useful

    def _mark_params(self, func: Func, wrt: Mask) -> None:
        self.varied.update(p for p, wanted in zip(func.params, wrt, strict=True) if wanted)

    def is_active(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and atom in self.active


class Summaries:
    """Which results of a function vary with which arguments.

    The least solution of all the summaries that one needs, which in recursion need each
    other: they are computed anew until none of them changes.
    """

    def __init__(self, module: Module) -> None:
        self._module = module
        self._varied: dict[tuple[str, Mask], Mask] = {}
        self._useful: dict[tuple[str, Mask], Mask] = {}
        self._solved: set[tuple[bool, str, Mask]] = set()
        self._solving = False

    def varied_outs(self, func: str, args: Mask) -> Mask:
        body = self._module.funcs[func].body
        self._varied.setdefault((func, args), (False,) * len(body.yields))
        self._solve((True, func, args))
        return self._varied[func, args]

    def varied_calls(self) -> list[tuple[str, Mask]]:
        """The calls that were asked for: which arguments of which function vary."""
        return list(self._varied)

    def useful_args(self, func: str, outs: Mask) -> Mask:
        body = self._module.funcs[func].body
        self._useful.setdefault((func, outs), (False,) * len(body.params))
        self._solve((False, func, outs))
        return self._useful[func, outs]

    def _solve(self, wanted: tuple[bool, str, Mask]) -> None:
        """Bring all summaries to their fixpoint; inside of that, take them as they are."""
        if self._solving or wanted in self._solved:
            return
        self._solving = True
        while self._improve(self._varied, self._forward) or self._improve(
            self._useful, self._backward
        ):
            pass
        self._solving = False
        self._solved.update((True, *key) for key in self._varied)
        self._solved.update((False, *key) for key in self._useful)

    def _improve(self, table: dict[tuple[str, Mask], Mask], transfer: Transfer) -> bool:
        """One round over a table; did it change, or grow?"""
        before = dict(table)
        for func, mask in before:
            table[func, mask] = transfer(func, mask)
        return table != before

    def _forward(self, func: str, args: Mask) -> Mask:
        body = self._module.funcs[func].body
        varied = {param for param, wanted in zip(body.params, args, strict=True) if wanted}
        _Varied(varied, self).block(body)
        return tuple(atom in varied for atom in body.yields)

    def _backward(self, func: str, outs: Mask) -> Mask:
        body = self._module.funcs[func].body
        useful = {
            atom
            for atom, wanted in zip(body.yields, outs, strict=True)
            if wanted and isinstance(atom, Var)
        }
        _Useful(useful, self).block(body)
        return tuple(param in useful for param in body.params)


def varied_variables(module: Module, wrt: Collection[int]) -> dict[str, set[Var]]:
    """In each function that the entry reaches, what varies with these of its parameters."""
    entry = module.funcs[module.entry]
    summaries = Summaries(module)
    found: dict[str, set[Var]] = {entry.name: {entry.params[k] for k in wrt}}
    _Varied(found[entry.name], summaries).block(entry.body)
    for name, mask in summaries.varied_calls():
        body = module.funcs[name].body
        inner = {param for param, wanted in zip(body.params, mask, strict=True) if wanted}
        _Varied(inner, summaries).block(body)
        found.setdefault(name, set()).update(inner)
    return found


def _draws(text: str, args: Sequence[Atom]) -> bool:
    """Is an opaque expression a random draw?"""
    return text.startswith("np.random.") or (bool(args) and args[0].type == GENERATOR)


class _Varied:
    """One sweep in program order, loops until nothing changes."""

    def __init__(self, varied: set[Var], summaries: Summaries) -> None:
        self.varied = varied
        self.summaries = summaries

    def block(self, block: Block) -> None:
        varied = self.varied
        for stmt in block.stmts:
            # Nothing comes of what does not vary.
            if type(stmt) is not Let or not varied.isdisjoint(stmt.args):
                self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let(out, op, args) if op in PRIMITIVES:
                for flow, arg in zip(differentiable_args(stmt), args, strict=True):
                    if flow and arg in self.varied:
                        self._mark(out)
                        break
            case Let(_, "store", (place, value)) if self._has(value):
                assert isinstance(place, Lit)
                where = str(place.value).removesuffix(".append()").rstrip(" +-*/=")
                raise UnsupportedSyntax(
                    f"{where} stores an active value into an object that outlives the call",
                    stmt.loc,
                    "return it, or store stop_gradient(…) of it",
                )
            case Let(_, "python", (Lit(str() as text), *args)) if _draws(text, args):
                if any(map(self._has, args)):
                    raise NotDifferentiable(
                        "a random draw in its parameters",
                        stmt.loc,
                        "loc + scale * rng.standard_normal(size), or the like; of an array"
                        " x[rng.permutation(n)]",
                    )
            case Let(out, _, args):
                flows = differentiable_args(stmt)
                if any(f and self._has(a) for f, a in zip(flows, args, strict=True)):
                    self._mark(out)
            case If(outs, _, then, orelse):
                for branch in (then, orelse):
                    self.block(branch)
                    self._flow(branch.yields, outs)
            case Loop() | While():
                self._loop(stmt)
            case Call(outs, func, args):
                mask = self.summaries.varied_outs(func, tuple(map(self._has, args)))
                for out, varied in zip(outs, mask, strict=True):
                    if varied:
                        self._mark(out)
            case Try(outs, _, body, handlers):
                for block in (body, *(handler.block for handler in handlers)):
                    self.block(block)
                    self._flow(block.yields, outs)
            case Raise():
                pass
            case _:
                assert_never(stmt)

    def _loop(self, loop: Loop | While) -> None:
        self._flow(loop.inits, loop.carries)
        if isinstance(loop, Loop):
            self._flow([seq.list for seq in loop.seqs], loop.elements)
        while True:
            if isinstance(loop, While):
                self.block(loop.cond)
            self.block(loop.body)
            before = len(self.varied)
            self._flow(loop.nexts, loop.carries)
            if len(self.varied) == before:
                break
        self._flow(loop.carries, loop.outs)
        self._flow(loop.recorded, loop.lists)

    def _flow(self, sources: Sequence[Atom], targets: Sequence[Var]) -> None:
        for source, target in zip(sources, targets, strict=True):
            if self._has(source):
                self._mark(target)

    def _has(self, atom: Atom) -> bool:
        return isinstance(atom, Var) and atom in self.varied

    def _mark(self, var: Var) -> None:
        if var.type is FLOAT or is_differentiable(var.type):
            self.varied.add(var)


class _Useful:
    """One sweep against program order, loops until nothing changes."""

    def __init__(self, useful: set[Var], summaries: Summaries) -> None:
        self.useful = useful
        self.summaries = summaries

    def block(self, block: Block) -> None:
        for stmt in reversed(block.stmts):
            if type(stmt) is not Let or stmt.out in self.useful:
                self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        match stmt:
            case Let(_, _, args):
                flows = differentiable_args(stmt)
                self._mark([a for f, a in zip(flows, args, strict=True) if f])
            case If(outs, _, then, orelse):
                for branch in (then, orelse):
                    self._flow(outs, branch.yields)
                    self.block(branch)
            case Loop() | While():
                self._loop(stmt)
            case Call(outs, func, args):
                mask = tuple(out in self.useful for out in outs)
                if any(mask):
                    flows = self.summaries.useful_args(func, mask)
                    self._mark(a for f, a in zip(flows, args, strict=True) if f)
            case Try(outs, _, body, handlers):
                for block in (body, *(handler.block for handler in handlers)):
                    self._flow(outs, block.yields)
                    self.block(block)
            case Raise():
                pass
            case _:
                assert_never(stmt)

    def _loop(self, loop: Loop | While) -> None:
        self._flow(loop.outs, loop.nexts)
        self._flow(loop.outs, loop.inits)
        self._flow(loop.lists, loop.recorded)
        while True:
            self.block(loop.body)
            before = len(self.useful)
            self._flow(loop.carries, loop.nexts)
            if len(self.useful) == before:
                break
        self._flow(loop.carries, loop.inits)
        if isinstance(loop, Loop):
            self._flow(loop.elements, [seq.list for seq in loop.seqs])

    def _flow(self, sources: Sequence[Var], targets: Sequence[Atom]) -> None:
        pairs = zip(sources, targets, strict=True)
        self._mark(target for source, target in pairs if source in self.useful)

    def _mark(self, atoms: Iterable[Atom]) -> None:
        self.useful.update([atom for atom in atoms if isinstance(atom, Var)])
