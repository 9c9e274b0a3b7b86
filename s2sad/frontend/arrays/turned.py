"""Views that no index makes: turned, reshaped, flattened; and arrays that are views if dense.

    u = x.reshape(2, 3); u[0] = v      put(x, v, "reshape(2, 3)][0")

They are read as the primitive that the user wrote, of the array as it is then, and written
to under a text of their own. Whether `reshape` and `ravel` make a view depends on the order
of the elements in memory: it is known of what the function makes; of an argument it is
tested at the call, where it matters, that they lie in C's order.
"""

from __future__ import annotations

from s2sad.frontend.arrays.draws import Draws
from s2sad.frontend.values import Obj, Ref
from s2sad.ir.arrays import literal
from s2sad.ir.nodes import Atom, Lit, Var
from s2sad.ir.types import Array, is_array
from s2sad.ops.arrays.core import ARRAY_OPS
from s2sad.ops.core import PRIMITIVES

# They make arrays in C's order, whatever they are given.
_MAKERS = frozenset(
    {"np.zeros", "np.ones", "np.empty", "np.full", "np.array", "np.arange", "np.linspace"}
    | {"np.eye", "np.identity", "copy", "from_list", "np.diagflat", "np.stack", "python"}
    | {"np.ascontiguousarray"}
)
# They keep the order of what they are given.
_KEEPERS = frozenset({"np.zeros_like", "np.ones_like", "np.empty_like", "np.full_like"})

Part = tuple[str, tuple[Atom, ...]]


class Turned(Draws):
    """Which results of primitives are views that can be written to."""

    def turned(self, base: Ref, made: Var, args: tuple[Atom, ...]) -> Ref | None:
        """The result of a primitive as a view of its first argument; None if it is none."""
        op = self.last[1]
        assert isinstance(made.type, Array)
        found = self.place(base, op, made.type, args)
        if found is None:
            return None
        text, atoms, needs = found
        obj = Obj(base.obj.origins)
        obj.part = base, text, atoms
        self.frame.emitter.views = True
        obj.reading = op, args[1:], made.type, needs, args[0]
        return Ref(obj)

    def place(
        self, base: Ref, op: str, type_: Array, args: tuple[Atom, ...]
    ) -> tuple[str, tuple[Atom, ...], frozenset[Var]] | None:
        """Where a view is in its array, and the arguments that have to be dense for it."""
        first = args[0].type
        assert isinstance(first, Array)
        rank = len(first.dims)
        none: frozenset[Var] = frozenset()
        known = [literal(arg) if isinstance(arg, Lit) else _COMPUTED for arg in args[1:]]
        match op, known:
            case "np.reshape" | "np.ravel", [*_, "C"]:
                needs = self.dense(base)
                if needs is None:
                    return None
                if op == "np.ravel" or len(type_.dims) == 1:
                    return "flat", (), needs
                shape = args[1]
                if isinstance(shape, Lit):
                    return f"reshape{literal(shape)}", (), needs
                sizes = self.parts_of_shape.get(shape)
                if sizes is None:
                    return None
                atoms = tuple(dict.fromkeys(s for s in sizes if isinstance(s, Var)))
                holes = [
                    f"{{{atoms.index(s)}}}"
                    if isinstance(s, Var)
                    else str(getattr(s, "value", ""))
                    for s in sizes
                ]
                return f"reshape({', '.join(holes)})", atoms, needs
            case "np.expand_dims", [axis]:
                axes = _axes(axis, len(type_.dims))
                entries = ["None" if k in axes else ":" for k in range(len(type_.dims))]
                return ", ".join(entries), (), none
            case "np.squeeze", [None | int() | tuple() as axis]:
                ones = [k for k, dim in enumerate(first.dims) if dim == 1]
                axes = ones if axis is None else _axes(axis, rank)
                return ", ".join("0" if k in axes else ":" for k in range(rank)), (), none
            case "np.flip", [None | int() | tuple() as axis]:
                axes = list(range(rank)) if axis is None else _axes(axis, rank)
                return ", ".join("::-1" if k in axes else ":" for k in range(rank)), (), none
            case "np.flipud", _:
                return "::-1", (), none
            case "np.fliplr", _:
                return ":, ::-1", (), none
            case "np.transpose", [tuple() as order]:
                return _permuted([k % rank for k in order if isinstance(k, int)])
            case "np.swapaxes", [int() as one, int() as other]:
                order_ = list(range(rank))
                order_[one], order_[other] = order_[other], order_[one]
                return _permuted(order_)
            case "np.moveaxis", [int() as one, int() as other]:
                order_ = [k for k in range(rank) if k != one % rank]
                order_.insert(other % rank, one % rank)
                return _permuted(order_)
            case (("np.atleast_1d" | "np.atleast_2d"), _):
                return (":" if rank == len(type_.dims) else "None, :"), (), none
            case _:
                return None

    def dense(self, ref: Ref) -> frozenset[Var] | None:
        """The arguments that have to be in C's order for an array to be; None if it is not
        known."""
        if ref.obj.part is not None:
            base, text, atoms = ref.obj.part
            row = all(e.isdecimal() or (e[0] == "{" and ":" not in e) for e in text.split(", "))
            row = row and not any(is_array(atom.type) for atom in atoms)
            leading = row or text == "flat" or text.startswith("reshape(")
            return self.dense(base) if leading else None
        emitter = self.frame.emitter
        content = emitter.heap.get(ref.obj)
        known = emitter.dense.get(ref.obj)
        if known is None and isinstance(content, Var):
            known = emitter.dense.get(content)
        return known

    def note_order(self, ref: Ref, args: tuple[Atom, ...], op: str) -> None:
        """Remember of a new array that it is in C's order."""
        dense = self.frame.emitter.dense
        if op in _MAKERS:
            dense[ref.obj] = frozenset()
            return
        heap = self.frame.emitter.heap
        elementwise = op in PRIMITIVES or op in _KEEPERS
        if not elementwise and not (op in ARRAY_OPS and ARRAY_OPS[op].elementwise):
            return
        owners = {id(heap.get(o)): needs for o, needs in dense.items() if isinstance(o, Obj)}
        found: frozenset[Var] = frozenset()
        for arg in args:
            if isinstance(arg.type, Array):
                needs = owners.get(id(arg))
                if needs is None:
                    needs = dense.get(arg)
                if needs is None:
                    return
                found |= needs
        dense[ref.obj] = found

    def need_order(self, ref: Ref) -> None:
        """A write through a view of what has to be in C's order."""
        obj = ref.obj
        while obj.part is not None:
            if obj.reading is not None:
                self.frame.emitter.contiguous.update(dict.fromkeys(obj.reading[3]))
            obj = obj.part[0].obj


_COMPUTED = object()


def _axes(axis: object, rank: int) -> list[int]:
    axes = axis if isinstance(axis, tuple) else (axis,)
    return [k % rank for k in axes if isinstance(k, int)]


def _permuted(order: list[int]) -> tuple[str, tuple[Atom, ...], frozenset[Var]]:
    if order == sorted(order):
        return "...", (), frozenset()
    text = (
        "T"
        if order == sorted(order, reverse=True)
        else f"transpose({', '.join(map(str, order))})"
    )
    return text, (), frozenset()
