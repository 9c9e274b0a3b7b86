"""Calls of functions of NumPy and SciPy."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from s2sad.errors import UnsupportedFunction
from s2sad.frontend.arrays import library
from s2sad.frontend.arrays.grids import Grids
from s2sad.frontend.arrays.index import WHOLE, Index
from s2sad.frontend.members import ADVICE
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.values import (
    UNBOUND,
    Layout,
    ListValue,
    Ref,
    Struct,
    TupleValue,
    Value,
)
from s2sad.ir.arrays import default, dtype_name
from s2sad.ir.nodes import NOTHING, TRUE, Atom, Lit, Var
from s2sad.ir.structure import SHAPES_DIFFER
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    Array,
    Opaque,
    Type,
    is_array,
    never_one,
)
from s2sad.ops.arrays.core import ARRAY_OPS, KEYWORDS, lookup_array
from s2sad.ops.arrays.declare import REQUIRED, ArrayOp

if TYPE_CHECKING:
    pass

# The results that have names, and these.
_NAMED = {
    "np.linalg.slogdet": ("sign", "logabsdet"),
    "np.linalg.eigh": ("eigenvalues", "eigenvectors"),
    "np.linalg.eig": ("eigenvalues", "eigenvectors"),
    "np.linalg.qr": ("Q", "R"),
    "np.linalg.svd": ("U", "S", "Vh"),
}
_SOME = [[1.0, 0.0], [0.0, 1.0]]


def _other_type(type_: Type, given: Sequence[Var]) -> tuple[str, str]:
    """What tests that a result is not of a type, and what the type is called; where a size
    is one of an argument it is compared with that."""
    if not isinstance(type_, Array):
        return "np.ndim({0})", "a number"
    dtype = "float" if type_.dtype == FLOAT else repr(dtype_name(type_.dtype))
    sizes = "{0}.shape"
    tests = ["{0}.__class__ is not np.ndarray", f"{{0}}.ndim != {len(type_.dims)}"]
    tests.append(f"{{0}}.dtype != {dtype}")
    same = {
        dim: f"{{{number}}}.shape[{k}]"
        for number, array in enumerate(given, 1)
        for k, dim in enumerate(array.type.dims if isinstance(array.type, Array) else ())
        if isinstance(dim, str)
    }
    for k, dim in enumerate(type_.dims):
        if isinstance(dim, int):
            tests.append(f"{sizes}[{k}] != {dim}")
        elif dim in same:
            tests.append(f"{sizes}[{k}] != {same[dim]}")
        elif never_one(dim):
            tests.append(f"{sizes}[{k}] == 1")
    axes = ", ".join(str(dim) if isinstance(dim, int) else ":" for dim in type_.dims)
    return " or ".join(tests), f"{type_.dtype}[{axes}]"


class Functions(Grids):
    """`np.sum(x, axis=0)`"""

    def call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A call of a function of NumPy's or SciPy's."""
        if dotted in ("numpy.array", "numpy.asarray") and args and not self.is_array(args[0]):
            dtype = named.get("dtype") or next(iter(args[1:]), None)
            return self.array_of(args[0], node, dtype)
        if dotted.startswith("numpy.random."):
            return self.draw(None, dotted.rpartition(".")[2], args, named, node)
        found = self.special(dotted, args, named, node)
        if found is not None:
            return found
        if dotted.endswith(".at") and len(args) == 3:
            return self.scattered(dotted, args, node)
        if dotted in library.OF_LISTS and args:
            content = self.frame.content(args[0], node)
            if isinstance(content, ListValue):
                return self.library(library.OF_LISTS[dotted], args, named, node)
        if dotted == "numpy.ix_" and args and not named:
            return self.crossed(args, node)
        if dotted == "numpy.fill_diagonal" and len(args) == 2 and not named:
            return self.fill_diagonal(args[0], args[1], node)
        name = lookup_array(dotted)
        if name is None:
            raise UnsupportedFunction(
                f"{dotted} is not supported", self.frame.loc(node), ADVICE
            )
        turned = dotted == "numpy.transpose" and len(args) == 1 and not named
        if turned and isinstance(args[0], Ref) and self.is_array(args[0]):
            return self.view(args[0], Index("T", (), "view"), node)
        op = ARRAY_OPS[name]
        if op.partials and len(args) == len(op.params) + 1:
            named["out"] = args.pop()
        if "out" in named:
            return self.into(dotted, args, named, node)
        if not named.keys().isdisjoint(("where", "initial")):
            found = self.chosen(op, dotted, args, named, node)
            if found is not None:
                return found
            op = ARRAY_OPS[f"{op.name}:where"]
        return self.of_op(op, args, named, node)

    def of_op(
        self, op: ArrayOp, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        found_ = self.apply(op, args, named, node)
        if op.view != "never" and isinstance(found_.type, Array) and args:
            base = args[0]
            if isinstance(base, Ref) and self.is_array(base) and self.last[0] is found_:
                turned = self.turned(base, found_, self.last[2])
                if turned is not None:
                    return turned
        made = self.fresh(found_)
        if op.name in _NAMED and isinstance(made, TupleValue):
            return self.named(op.name, made)
        if op.view != "never":
            # A change of one of them leaves the others unread.
            given = [arg for arg in (*args, *named.values()) for arg in self.arrays_in(arg)]
            origins = frozenset(origin for ref in given for origin in ref.obj.origins)
            for ref in self.arrays_in(made) if origins else ():
                ref.obj.origins = origins
                self.frame.emitter.merged = True
        return made

    def named(self, name: str, made: TupleValue) -> Value:
        """The results of a decomposition, which have names in NumPy 2."""
        from s2sad.ops.arrays.probe import function

        fields = _NAMED[name]
        found: Any = type(function(name)(_SOME))
        if len(fields) != len(made.items) or not hasattr(found, "_fields"):
            return made
        meaning = ClassMeaning(found.__name__, False, found)
        return Struct(Layout("named", fields, meaning), made.items)

    def with_rule(
        self, primitive: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A function with a rule of the user's: what it returns is looked at."""
        made = self.of_op(ARRAY_OPS[primitive], args, named, node)
        atom = self.atom(made, node)
        given = [self.array(arg, node) for arg in args if self.is_array(arg)]
        test, said = _other_type(atom.type, given)
        wrong = self.frame.python(test, (atom, *given), node, BOOL)

        def fail() -> Value:
            text = f"TypeError('{primitive} has to return {said}, as its rule says')"
            error = self.frame.python(text, (), node, Opaque("exception"))
            self.frame.raise_value(error, node)
            return UNBOUND

        self.frame.choose(wrong, fail, lambda: UNBOUND, (), (), node)
        return made

    def crossed(self, args: list[Value], node: ast.AST) -> Value:
        """`np.ix_(i, j)` is `(i[:, None], j[None, :])`."""
        made = []
        for k, arg in enumerate(args):
            array = arg if self.is_array(arg) else self.array_of(arg, node)
            if not isinstance(array, Ref) or self.rank(array) != 1:
                raise self.frame.refuse(node, "np.ix_ of this", "give it arrays of one axis")
            dtype = self.array(array, node).type
            assert isinstance(dtype, Array)
            if dtype.dtype == BOOL:
                raise self.frame.refuse(node, "np.ix_ of a mask", "use np.flatnonzero")
            text = ", ".join(":" if j == k else "None" for j in range(len(args)))
            made.append(self.view(array, Index(text, (), "view"), node))
        return TupleValue(tuple(made))

    def fill_diagonal(self, array: Value, value: Value, node: ast.AST) -> Value:
        """`np.fill_diagonal(A, v)` is `A.flat[: m * m : m + 1] = v` of m columns."""
        if not isinstance(array, Ref) or not self.is_array(array) or self.rank(array) != 2:
            raise self.frame.refuse(node, "np.fill_diagonal of this", "give it a matrix")
        columns = self.size(self.array(array, node), 1, node)
        assert isinstance(columns, Var | Lit)
        end = self.let("mul", (columns, columns), node)
        step = self.let("add", (columns, Lit(1, INT)), node)
        flat = self.view(array, Index("flat", (), "view"), node)
        self.write(flat, Index(":{0}:{1}", (end, step), "view"), value, node)
        return NOTHING

    def scattered(self, dotted: str, args: list[Value], node: ast.AST) -> Value:
        """`np.add.at(x, k, v)`"""
        array, at, value = args
        if not isinstance(array, Ref) or not self.is_array(array):
            raise self.frame.refuse(node, f"{dotted} of this", "give it an array")
        if dotted in library.SCATTERED:
            return self.scattered_by_loop(dotted, array, at, value, node)
        if dotted not in ("numpy.add.at", "numpy.subtract.at"):
            raise self.frame.refuse(node, f"{dotted} is not supported", "write a loop")
        atom = self.atom(value, node)
        if dotted == "numpy.subtract.at":
            atom = self.let("neg", (atom,), node)
        self.check_cast(array, atom, node)
        self.change("add_at", array, self.of_value(at, self.rank(array), node), atom, node)
        return NOTHING

    def scattered_by_loop(
        self, dotted: str, array: Ref, at: Value, value: Value, node: ast.AST
    ) -> Value:
        """`np.multiply.at(x, k, v)`: one element after the other."""
        places = at if self.is_array(at) else self.array_of(at, node)
        if not isinstance(places, Ref) or self.rank(places) != 1:
            raise self.frame.refuse(node, f"{dotted} of these indices", "write a loop")
        type_ = self.array(places, node).type
        assert isinstance(type_, Array)
        if type_.dtype == BOOL:
            raise self.frame.refuse(node, f"{dotted} of a mask", "use np.flatnonzero")
        shape = TupleValue((self.length(places, node),))
        if self.rank(array) > 1:
            rows = self.shape_of(array, node)
            assert isinstance(rows, TupleValue)
            shape = TupleValue((*shape.items, *rows.items[1:]))
        values = self.call("numpy.broadcast_to", [value, shape], {}, node)
        return self.library(library.SCATTERED[dotted], [array, places, values], {}, node)

    def into(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """`np.add(x, y, out=z)` is `z[...] = np.add(x, y)`."""
        out = named.pop("out")
        if not isinstance(out, Ref) or not self.is_array(out):
            raise self.frame.refuse(node, f"{dotted} with this out=", "give it an array")
        where = named.pop("where", None)
        mask = None if where is None else self.atom(where, node)
        everything = Index(WHOLE, (), "view")
        if mask is None or mask == TRUE:
            made_ = self.call(dotted, args, named, node)
            name = lookup_array(dotted)
            if name is None or not ARRAY_OPS[name].elementwise:
                self.same_shape(made_, out, node)
            self.write(out, everything, made_, node)
            return out
        whole = self.array(out, node)
        if is_array(mask.type) and all(
            _alike(whole, atom) for atom in (mask, *[self.atom(v, node) for v in args])
        ):
            # Of these elements alone: no others are looked at.
            at = Index("{0}", (mask,), "copy")
            args = [
                self.array_of(v, node) if isinstance(v, Ref) and not self.is_array(v) else v
                for v in args
            ]
            picked = [self.read(v, at, node) if isinstance(v, Ref) else v for v in args]
            self.write(out, at, self.call(dotted, picked, named, node), node)
            return out
        made = self.atom(self.call(dotted, args, named, node), node)
        chosen = self.let("np.where", (mask, made, self.array(out, node)), node)
        self.write(out, everything, self.fresh(chosen), node)
        return out

    def same_shape(self, made: Value, out: Ref, node: ast.AST) -> None:
        """Only functions by element broadcast what they compute to their out=."""
        part, whole = self.atom(made, node), self.array(out, node)
        unknown = any(isinstance(a.type, Array) and "?" in a.type.dims for a in (part, whole))
        if is_array(part.type) and not unknown and _alike(whole, part):
            return
        if not is_array(part.type):
            if self.rank(out):
                raise self.frame.refuse(node, "a number with this out=", "write out[:] = …")
            return
        differ = self.frame.python(SHAPES_DIFFER, (part, whole), node, BOOL)

        def fail() -> Value:
            text = "ValueError('output parameter has a wrong shape')"
            error = self.frame.python(text, (), node, Opaque("exception"))
            self.frame.raise_value(error, node)
            return UNBOUND

        self.frame.choose(differ, fail, lambda: UNBOUND, (), (), node)

    def chosen(
        self,
        op: ArrayOp,
        dotted: str,
        args: list[Value],
        named: dict[str, Value],
        node: ast.AST,
    ) -> Value | None:
        """`where=` and `initial=`; None where there is a primitive that takes them."""
        if f"{op.name}:where" in ARRAY_OPS:
            return None
        if op.elementwise:
            raise self.frame.refuse(
                node, f"{dotted} with where= and no out=", "use np.where, or give it out="
            )
        initial = named.pop("initial", None)
        where = named.pop("where", None)
        if op.name not in ("np.max", "np.min") or initial is None:
            given = "where=" if where is not None else "initial="
            raise self.frame.refuse(node, f"{dotted} with {given}", "use np.where")
        if where is not None:
            # What is left out is no larger than what it begins with.
            args = [self.call("numpy.where", [where, args[0], initial], {}, node), *args[1:]]
        made = self.call(dotted, args, named, node)
        name = "maximum" if op.name == "np.max" else "minimum"
        return self.call(f"numpy.{name}", [made, initial], {}, node)

    def apply(
        self, op: ArrayOp, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Var:
        renamed = KEYWORDS.get(op.name, {})
        given = {renamed.get(key, key): value for key, value in named.items()}
        rest = list(args)
        atoms: list[Atom] = []
        for param in op.params:
            if param.starred:
                atoms += [self.atom(value, node) for value in rest]
                rest.clear()
            elif param.rest:
                row = given.pop(param.name) if param.name in given else rest.pop(0)
                atoms += self.row(row, node)
            elif rest and not param.named:
                atoms.append(self.argument(op, param, rest.pop(0), node))
            elif param.name in given:
                atoms.append(self.argument(op, param, given.pop(param.name), node))
            elif param.default != REQUIRED:
                atoms.append(default(param.default))
            else:
                raise self.frame.refuse(node, f"{op.name} without {param.name}", "pass it")
        if rest or given:
            extra = ", ".join(given) or f"{len(args)} arguments"
            raise self.frame.refuse(
                node, f"{op.name} with {extra}", "leave it out, or do it in two steps"
            )
        return self.let(op.name, tuple(atoms), node, self.sized(op, tuple(atoms)))


def _alike(whole: Atom, part: Atom) -> bool:
    """Is it a number, or of the same shape, if NumPy broadcasts it to that at all?"""
    match whole.type, part.type:
        case Array(_, dims), Array(_, others):
            return len(dims) == len(others) and all(
                d == e or (never_one(d) and never_one(e))
                for d, e in zip(dims, others, strict=True)
            )
        case _:
            return True
