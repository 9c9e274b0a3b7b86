"""The adjoints of what puts values together and takes them apart: records, lists, blocks.

p = (a, b)      with p_bar      gives      a_bar += p_bar[0], b_bar += p_bar[1]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from s2sad.analysis.frozen import may_hold_buffer
from s2sad.errors import NotDifferentiable
from s2sad.ir.clone import clone_stmt
from s2sad.ir.nodes import Atom, Let, Lit, Var, int_lit
from s2sad.ir.structure import CONSUMES, READS_PART, WRITES_PART
from s2sad.ir.walk import rename
from s2sad.ops.reductions import REDUCTIONS
from s2sad.transform import lists, slices
from s2sad.transform.adjoints import Adjoints, adjoint_type
from s2sad.transform.fold import AdjointBuilder

if TYPE_CHECKING:
    from s2sad.transform.sweep import Sweep


def reverse_structure(
    sweep: Sweep, let: Let, bar: Atom, adj: Adjoints, builder: AdjointBuilder
) -> None:
    source = let.args[0]
    match let.op, let.args:
        case (("id" | "copy"), (Var() as source,)):
            adj.add(source, bar, builder, builder.origin)
        case "cotangent", (Var() as source, Lit(str() as name), _, *read):
            block = sweep.callees.module.funcs[name].body
            then = (bar, *map(sweep.kept, read))
            renaming = dict(zip(block.params, then, strict=True))
            for stmt in block.stmts:
                builder.add(clone_stmt(stmt, renaming))
            adj.add(source, rename(block.yields[0], renaming), builder)
        case "cotangent", (Var() as source, *_):
            adj.add(source, bar, builder, builder.origin)
        case "tuple", parts:
            active = [k for k, p in enumerate(parts) if sweep.activity.is_active(p)]
            items = _items(sweep, bar, {k: parts[k] for k in active}, builder)
            for k, item in zip(active, items, strict=True):
                part = parts[k]
                assert isinstance(part, Var)
                adj.add(part, item, builder)
        case "item", (Var() as record, Lit(int() as k)):
            adj.add(record, _one_item(sweep, record, k, bar, builder), builder)
        case "from_list", (Var() as source,):
            type_ = adjoint_type(source.type)
            adj.add(source, builder.emit("to_list", (bar,), type_=type_), builder)
        case "to_list", (Var() as source,):
            adj.add(source, builder.emit("from_list", (bar,), type_=source.type), builder)
        case "reverse_list", (Var() as source,):
            adj.add(source, builder.emit("reverse_list", (bar,)), builder)
        case "slice", _:
            slices.reverse_slice(sweep, let, bar, adj, builder)
        case "concat", _:
            slices.reverse_concat(sweep, let, bar, adj, builder)
        case "repeat", (Var() as source, _):
            adj.add(source, builder.emit("list_sum", (bar,)), builder)
        case "list", _:
            lists.reverse_list(sweep, let, bar, adj, builder)
        case "get", _:
            lists.reverse_get(sweep, let, bar, adj, builder)
        case op, _ if op in READS_PART or op in WRITES_PART:
            from s2sad.transform import parts as array_parts

            array_parts.reverse_part(sweep, let, bar, adj, builder)
        case op, _ if op in CONSUMES:
            lists.reverse_write(sweep, let, bar, adj, builder)
        case op, _ if op in REDUCTIONS:
            lists.reverse_reduction(sweep, let, bar, adj, builder)
        case _:
            raise NotDifferentiable(f"the adjoint of {let.op}", let.loc)


def _items(
    sweep: Sweep, bar: Atom, parts: dict[int, Atom], builder: AdjointBuilder
) -> Sequence[Atom]:
    """The adjoints of some parts of a record, from that of the record."""

    def read(into: AdjointBuilder) -> list[Atom]:
        items = [
            into.make("item", bar, int_lit(k), type_=adjoint_type(part.type))
            for k, part in parts.items()
        ]
        into.borrowed.update(item for item in items if may_hold_buffer(item.type))
        return items

    if not builder.may_be_absent(bar):
        return read(builder)
    absent = builder.is_absent(bar)
    branches = builder.child(), builder.child()
    zeros = [sweep.zero(part, branches[0]) for part in parts.values()]
    return builder.choose(absent, zeros, read(branches[1]), branches)


def _one_item(sweep: Sweep, record: Var, k: int, bar: Atom, builder: AdjointBuilder) -> Atom:
    """The adjoint of a record of which one item has the adjoint `bar`."""
    parts = []
    for j, type_ in enumerate(builder.layout(record.type)):
        parts.append(bar if j == k else sweep.zero_item(record, j, type_, builder))
    return builder.emit("tuple", parts, type_=adjoint_type(record.type))
