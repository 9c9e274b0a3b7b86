"""What the reverse sweep of a region needs of its forward sweep (to-be-recorded analysis).

A reverse sweep is first written as if every forward value were in sight. Then, region by
region from the inside out, each forward value that it reads is made *available*: it is
re-read (an index, an element of a list), recomputed (one cheap, pure primitive of available
values), or recorded. Loops, calls, writes and reads of arrays that may be overwritten are
never run a second time (Hascoët, Naumann & Pascual 2005, "To be recorded" analysis).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from s2sad.analysis.frozen import Shared, may_hold_buffer
from s2sad.ir.nodes import Atom, Block, Let, Lit, Stmt, Undef, Var, int_lit
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Opaque, Tuple, Type
from s2sad.ir.walk import defines, free_vars
from s2sad.ops.core import PRIMITIVES


class Plan:
    """How each needed value of a region comes to its reverse sweep.

    `renaming` maps it to what the reverse sweep reads, `recomputed` are the statements
    that go before the reverse sweep, `recorded` what the forward sweep must hand over,
    `used` the values at hand anyway that it does read, `names` what a recomputed value is
    called, should it be read more than once.
    """

    def __init__(self) -> None:
        self.renaming: dict[Var, Atom] = {}
        self.recomputed: list[Let] = []
        self.recorded: list[Var] = []
        self.used: set[Var] = set()
        self.names: dict[Var, tuple[Var, str]] = {}

    def read_back(self, recorded: Var) -> Var:
        """The variable that stands for a recorded value in the reverse sweep."""
        var = self.renaming[recorded]
        assert isinstance(var, Var)
        return var


def plan(
    reverse: Iterable[Stmt],
    yields: Iterable[Atom],
    local: dict[Var, Let | None],
    given: dict[Var, Var],
    *,
    recompute: bool,
    unbound: Collection[Var] = (),
    written: Collection[Var] = (),
    stable: Mapping[Var, Let] = {},
) -> Plan:
    """Decide for every value of `local` that the reverse sweep reads.

    `local` are the region's own values in the order of their definition, with the `Let`
    that makes them if one does; `given` what stands for those that are at hand anyway;
    `recompute` is false where recording costs nothing, in straight-line code. `unbound`
    are variables from outside that may have no value where the region is not run: no
    region around it can record them. `written` are the buffers that something writes to:
    what is read of the others can be read again. `stable` are the values that a buffer
    has at the end, with what reads them.
    """
    needed = free_vars(reverse, yields)
    result = Plan()
    gone = {*unbound, *written}
    outer = {var: None for var in needed if var in unbound and var not in local}
    for var, let in (outer | local).items():
        if var not in needed:
            continue
        if let is not None and var in stable and stable[var].args[0] not in local:
            let = stable[var]
        if var in given:
            result.renaming[var] = given[var]
            result.used.add(var)
        elif var in result.renaming:
            pass  # what was recomputed before is a part of it
        elif (
            recompute
            and let is not None
            and _cheap(let, written)
            and _available(let, local, result, given, gone, written)
        ):
            _recompute(let, local, result, given)
        else:
            result.recorded.append(var)
            result.renaming[var] = stand_in(var)
    return result


def _cheap(let: Let, written: Collection[Var]) -> bool:
    """May it be computed a second time? A read, where it finds what it found then."""
    if let.op in ("get", "len", "view", "shape", "dim"):
        return let.args[0] not in written
    primitive = PRIMITIVES.get(let.op)
    return primitive is not None and primitive.cheap


def _recompute(
    let: Let, local: dict[Var, Let | None], so_far: Plan, given: dict[Var, Var]
) -> None:
    for arg in let.args:
        if isinstance(arg, Var) and arg in local and arg not in so_far.renaming:
            view = local[arg]
            if arg not in given and view is not None:
                _recompute(view, local, so_far, given)
    out = Var(let.out.type)
    so_far.names[out] = let.out, ""
    args = tuple(_seen(arg, so_far, given) for arg in let.args)
    so_far.recomputed.append(Let(out, let.op, args, let.loc, (let,)))
    so_far.renaming[let.out] = out


def _available(
    let: Let,
    local: dict[Var, Let | None],
    so_far: Plan,
    given: dict[Var, Var],
    gone: Collection[Var],
    written: Collection[Var],
) -> bool:
    """Are its operands at hand, or parts of arrays that are? The indices of a part are
    computed again with it. Of `gone` are those from outside that have no value in the
    reverse sweep, or another one."""

    def there(arg: Atom) -> bool:
        if not isinstance(arg, Var) or arg in so_far.renaming or arg in given:
            return True
        if arg not in local:
            return arg not in gone
        view = local[arg]
        return (
            view is not None
            and (view.op == "view" or (arg.type == INT and let.op in ("view", "get")))
            and _cheap(view, written)
            and all(map(there, view.args))
        )

    return all(map(there, let.args))


def _seen(arg: Atom, so_far: Plan, given: dict[Var, Var]) -> Atom:
    """What stands for an argument in the reverse sweep."""
    if not isinstance(arg, Var):
        return arg
    if arg in so_far.renaming:
        return so_far.renaming[arg]
    if arg in given:
        so_far.used.add(arg)
    return given.get(arg, arg)


def stand_in(var: Var) -> Var:
    """Another variable for a value, called as the value is."""
    return Var(var.type, user=var.user, after=(var, ""))


def own_copy(var: Var, block: Block, shared: Shared, stmts: list[Stmt]) -> Var:
    """A buffer as it can be recorded: a copy, unless the block has made it itself.

    What a loop carries is recorded as it is, where nothing writes to it. But it may be an
    argument, or part of one, which the caller writes to before the record is read.
    """
    if not isinstance(var.type, List | Array | Tuple) or not may_hold_buffer(var.type):
        return var
    lent = shared.escapes or var in shared.written
    if var not in shared.derived and not (lent and var in block.params):
        return var
    return copied(var, stmts)


def copied(var: Var, stmts: list[Stmt]) -> Var:
    """A copy of a buffer, or of a tuple with the buffers in it."""
    copy = Var(var.type, after=(var, ""))
    match var.type:
        case Tuple(items) if may_hold_buffer(var.type):
            parts: list[Atom] = []
            for k, type_ in enumerate(items):
                part = Var(type_)
                stmts.append(Let(part, "item", (var, int_lit(k))))
                parts.append(copied(part, stmts))
            stmts.append(Let(copy, "tuple", tuple(parts)))
        case List() | Array():
            stmts.append(Let(copy, "copy", (var,)))
        case _:
            return var
    return copy


def local_values(block: Block, *more: Var) -> dict[Var, Let | None]:
    """The values that a block defines itself, in order, with the `Let` that makes each."""
    local: dict[Var, Let | None] = dict.fromkeys((*block.params, *more))
    for stmt in block.stmts:
        for var in defines(stmt):
            local[var] = stmt if isinstance(stmt, Let) else None
    return local


def placeholder(type_: Type, stmts: list[Stmt]) -> Atom:
    """Fills the place of a value that a path did not compute, where one must be recorded.

    What has to be made for it is added to the statements of that path.
    """
    match type_:
        case List():
            empty = Var(type_)
            stmts.append(Let(empty, "list", ()))
            return empty
        case Tuple(items):
            parts = tuple(placeholder(item, stmts) for item in items)
            record = Var(type_)
            stmts.append(Let(record, "tuple", parts))
            return record
        case Array(dtype, dims):
            # It has a shape, as the adjoint of what it stands for takes that over.
            from s2sad.ir.arrays import default, dtype_name, literal_of

            nothing = default("None")
            own = Lit(f"np.{dtype_name(dtype)}", Opaque("dtype"))
            kind = nothing if dtype == FLOAT else own
            none = Var(type_)
            sizes = tuple(dim if isinstance(dim, int) else 0 for dim in dims)
            stmts.append(Let(none, "np.zeros", (literal_of(sizes), kind)))
            return none
        case _ if type_ in _ZEROS:
            return Lit(_ZEROS[type_], type_)
        case _:
            return Lit(None, type_)


_ZEROS: dict[Type, float | int | bool] = {FLOAT: 0.0, INT: 0, BOOL: False}


def unbound(type_: Type, stmts: list[Stmt]) -> Atom:
    """Nothing: straight-line code reads it only where it has a value."""
    return Undef(type_)
