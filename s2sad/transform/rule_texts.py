"""The rules of array primitives, which are text, as IR: read, and filled with what a use of the
primitive has."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Sequence
from functools import cache
from typing import Protocol

from s2sad.errors import InternalError, NotDifferentiable
from s2sad.ir.arrays import default, literal, literal_of, stated
from s2sad.ir.nodes import Atom, Let, Lit, Var, float_lit, int_lit
from s2sad.ir.types import COMPLEX, FLOAT, INT, Array, Dim, Opaque, Tuple, Type, is_array
from s2sad.ir.typing import result_type
from s2sad.ops.arrays.core import ARRAY_OPS, HELPERS, lookup_array
from s2sad.ops.arrays.declare import REQUIRED, ArrayOp, Rule
from s2sad.ops.arrays.families import SYNONYMS
from s2sad.ops.arrays.use import params_of
from s2sad.ops.core import lookup_operator
from s2sad.transform import partials
from s2sad.transform.fold import AdjointBuilder
from s2sad.transform.project import COMPLEXES


class Around(Protocol):
    """What a mode knows of the place where a rule is written."""

    def kept(self, atom: Atom) -> Atom:
        """A value as it may be read there."""

    def shape_of(self, array: Atom, builder: AdjointBuilder) -> Atom: ...

    def size_of(self, array: Atom, builder: AdjointBuilder) -> Atom: ...


def operands_of(op: ArrayOp, let: Let) -> dict[str, Atom | tuple[Atom, ...]]:
    """The arguments by the names of their parameters, and the result."""
    named: dict[str, Atom | tuple[Atom, ...]] = {"y": let.out}
    for (name, part), arg in zip(params_of(op, len(let.args)), let.args, strict=True):
        if part < 0:
            named[name] = arg
        else:
            rest = named.get(name, ())
            assert isinstance(rest, tuple)
            named[name] = (*rest, arg)
    return named


class UseFacts:
    """What is known of one use of a primitive (`Facts` of the table)."""

    def __init__(
        self,
        named: dict[str, Atom | tuple[Atom, ...]],
        which: int,
        let: Let,
        wanted: Callable[[int], bool],
    ) -> None:
        self.wanted = wanted
        self._named = named
        self._let = let
        self.which = which
        rests = [atoms for atoms in named.values() if isinstance(atoms, tuple)]
        self.count = len(rests[0]) if rests else 0

    def _atom(self, name: str) -> Atom:
        name, _, part = name.partition("[")
        found = self._named[name]
        return found[int(part.rstrip("]"))] if isinstance(found, tuple) else found

    def ndim(self, name: str) -> int:
        match self._atom(name).type:
            case Array(_, dims):
                return len(dims)
            case Tuple():
                return 1
            case _:
                return 0

    def dims(self, name: str) -> tuple[Dim, ...]:
        type_ = self._atom(name).type
        return type_.dims if isinstance(type_, Array) else ()

    def is_literal(self, name: str) -> bool:
        return isinstance(self._atom(name), Lit)

    def literal(self, name: str) -> object:
        atom = self._atom(name)
        if not isinstance(atom, Lit):
            raise NotDifferentiable(
                f"{self._let.op} with a computed {name}", self._let.loc, "write it out"
            )
        return literal(atom)

    def is_complex(self, name: str) -> bool:
        type_ = self._atom(name).type
        return (type_.dtype if isinstance(type_, Array) else type_) in COMPLEXES

    def is_square(self, name: str) -> bool:
        type_ = self._atom(name).type
        dims = type_.dims[-2:] if isinstance(type_, Array) else ()
        return len(dims) == 2 and dims[0] == dims[1] != "?"


@cache
def parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class Texts:
    """Translates the texts of rules to IR, over the operands of one primitive."""

    def __init__(
        self,
        sweep: Around,
        named: dict[str, Atom | tuple[Atom, ...]],
        builder: AdjointBuilder,
        wanted: Callable[[int], bool] | None = None,
        shape: Callable[[AdjointBuilder], Atom] | None = None,
    ) -> None:
        self.sweep = sweep
        self.named = named
        self.builder = builder
        # The shape of what elements are chosen of.
        self.shape = shape or (lambda builder: sweep.shape_of(self.raw(ast.Name("y")), builder))
        self.wanted = wanted or self._has_bar

    def text(self, rule: Rule, which: int, let: Let) -> str:
        if isinstance(rule, str):
            return rule
        try:
            return rule(UseFacts(self.named, which, let, self.wanted))
        except NotDifferentiable as error:
            if error.loc is not None:
                raise
            raise NotDifferentiable(error.what, let.loc, error.instead) from None

    def _has_bar(self, result: int) -> bool:
        """Has this result of several a cotangent?"""
        bar = self.named.get("y_bar")
        parts = None if isinstance(bar, tuple | None) else self.builder.operands(bar, "tuple")
        return parts is None or not self.builder.is_zero(parts[result])

    # Elementwise.

    def scaled(self, bar: Atom, text: str) -> Atom:
        """bar times a partial; 0.0 where that is the literal 0.0."""
        return self._scaled(bar, parsed(text))

    def _scaled(self, bar: Atom, node: ast.expr) -> Atom:
        match node:
            case ast.Constant(float() as one) if one == 1.0:
                return bar
            case ast.Constant(float() as zero) if zero == 0.0:
                return Lit(0.0, FLOAT)
            case ast.Attribute(ast.Name("math" | "np"), "nan"):
                # Of itself: a zero times it, under another mask, would be nan too.
                return float_lit(math.nan)
            case ast.IfExp(test, body, orelse):
                return self._choice(
                    test,
                    lambda: self._scaled(bar, body),
                    lambda: self._scaled(bar, orelse),
                    orelse,
                )
            case ast.UnaryOp(ast.USub(), operand):
                return self.builder.make("neg", self._scaled(bar, operand))
            case _:
                return self.builder.make("mul", bar, self.expr(node))

    def _choice(
        self,
        test: ast.expr,
        then: Callable[[], Atom],
        orelse: Callable[[], Atom],
        otherwise: ast.expr,
    ) -> Atom:
        cond = self.expr(test)
        if isinstance(cond, Lit):
            return then() if cond.value else orelse()
        if _is_infinite(otherwise):
            # Arrays do not raise: they are infinite there of themselves.
            return then()
        if not is_array(cond.type):
            branches = self.builder.child(), self.builder.child()
            outer, values = self.builder, []
            for branch, make in zip(branches, (then, orelse), strict=True):
                self.builder = branch
                values.append(make())
            wide = next((value for value in values if is_array(value.type)), None)
            for k, value in enumerate(values):
                if wide is not None and not is_array(value.type):
                    # Of the shape of the result, as the other is.
                    assert isinstance(wide.type, Array)
                    args = (self.shape(outer), value, stated(wide.type.dtype))
                    values[k] = branches[k].make("np.full", *args, type_=wide.type)
            self.builder = outer
            return outer.choose(cond, (values[0],), (values[1],), branches)[0]
        return self.builder.make("np.where", cond, then(), orelse())

    # Expressions.

    def atom(self, name: str) -> Atom:
        found = self.named[name]
        if isinstance(found, tuple):
            raise InternalError(f"a rule reads {name}, which is a sequence")
        return self.sweep.kept(found)

    def expr(self, node: ast.expr) -> Atom:
        match node:
            case ast.Name(name):
                return self.atom(name)
            case ast.Constant(value):
                return literal_of(value)
            case ast.Attribute(ast.Name("math" | "np"), ("inf" | "pi" | "nan" | "e") as name):
                return float_lit(getattr(math, name))
            case ast.Attribute(value, "shape"):
                return self.sweep.shape_of(self.raw(value), self.builder)
            case ast.Attribute(value, "size"):
                return self.sweep.size_of(self.raw(value), self.builder)
            case ast.Subscript(ast.Attribute(value, "shape"), index) if isinstance(
                k := _literal(index), int
            ):
                array = self.raw(value)
                assert isinstance(array.type, Array)
                shape = self.sweep.shape_of(array, self.builder)
                axis = int_lit(k % len(array.type.dims))
                return self.builder.make("item", shape, axis, type_=INT)
            case ast.Attribute(value, "T"):
                return self.call("np.transpose", [value], [])
            case ast.Attribute(value, ("real" | "imag") as part):
                return self.call(f"np.{part}", [value], [])
            case ast.UnaryOp(ast.Not(), operand):
                return self.builder.make("not_", self.expr(operand))
            case ast.UnaryOp(ast.USub(), ast.Constant(int() | float() as value)):
                return literal_of(-value)
            case ast.UnaryOp(op, operand):
                return self.operator(type(op).__name__, operand)
            case ast.BinOp(left, ast.MatMult(), right):
                return self.call("np.matmul", [left, right], [])
            case ast.BinOp(left, op, right):
                return self.operator(type(op).__name__, left, right)
            case ast.Compare(left, [op], [right]):
                return self.operator(type(op).__name__, left, right)
            case ast.Tuple() if (known := _literal(node)) is not None:
                return Lit(repr(known), Opaque("literal"))
            case ast.Tuple(items):
                return self.builder.emit("tuple", [self.expr(item) for item in items])
            case ast.IfExp(test, body, orelse):
                return self._choice(
                    test, lambda: self.expr(body), lambda: self.expr(orelse), orelse
                )
            case ast.Call(ast.Attribute(ast.Name("math"), name), args):
                return self.function(name, args)
            case ast.Call(ast.Name("abs" | "min" | "max" as name), args):
                return self.builder.make(name, *map(self.expr, args))
            case ast.Call(func, args, keywords):
                return self.call(ast.unparse(func), args, keywords)
            case ast.Subscript(ast.Name(name), ast.Constant(int() as k)) if name in self.named:
                return self.item(name, k)
            case ast.Subscript(ast.Call() as made, ast.Constant(int() as k)):
                found = self.expr(made)
                if isinstance(found.type, Tuple):
                    type_ = found.type.items[k]
                    return self.builder.make("item", found, int_lit(k), type_=type_)
                return self.part(found, ast.Constant(k))
            case ast.Subscript(value, index):
                return self.part(self.expr(value), index)
            case _:
                raise InternalError(f"rule expression {ast.unparse(node)}")

    def raw(self, node: ast.expr) -> Atom:
        """An operand of which the shape alone is read."""
        match node:
            case ast.Name(name) if isinstance(found := self.named.get(name), Var):
                return found
            case ast.Subscript(ast.Name(name), ast.Constant(int() as k)) if isinstance(
                found := self.named[name], tuple
            ):
                return found[k]
            case _:
                return self.expr(node)

    def item(self, name: str, k: int) -> Atom:
        found = self.named[name]
        if isinstance(found, tuple):
            return self.sweep.kept(found[k])
        if isinstance(found.type, Tuple):
            return self.builder.make(
                "item", self.sweep.kept(found), int_lit(k), type_=found.type.items[k]
            )
        return self.part(self.sweep.kept(found), ast.Constant(k))

    def operator(self, kind: str, *nodes: ast.expr) -> Atom:
        name = lookup_operator(kind)
        assert name is not None
        return self.builder.make(name, *(self.expr(node) for node in nodes))

    def function(self, name: str, args: list[ast.expr]) -> Atom:
        """A function of `math` in a partial of the scalar table."""
        values = [self.expr(arg) for arg in args]
        if not any(is_array(v.type) or v.type == COMPLEX for v in values):
            primitive = partials.callee_of(f"math.{name}", len(values))
            return self.builder.make(primitive, *values)
        return self.builder.make(array_callee(f"math.{name}"), *values)

    def call(
        self, dotted: str, args: Sequence[ast.expr], keywords: Sequence[ast.keyword]
    ) -> Atom:
        """A primitive of the table, its arguments in the order of its parameters."""
        op = ARRAY_OPS.get(SYNONYMS.get(dotted, dotted))
        if op is None and dotted in HELPERS:
            given = [self.expr(arg) for arg in args]
            return self.builder.emit(dotted, given, type_=given[0].type)
        if op is None:
            raise InternalError(f"a rule calls {dotted}")
        rest = list(args)
        by_name = {keyword.arg: keyword.value for keyword in keywords}
        atoms: list[Atom] = []
        for param in op.params:
            if param.starred:
                atoms += [self.expr(node) for node in rest]
                rest.clear()
            elif param.rest:
                node = by_name.get(param.name) or rest.pop(0)
                atoms += self.row(node)
            elif rest and not param.named:
                atoms.append(self.expr(rest.pop(0)))
            elif param.name in by_name:
                atoms.append(self.expr(by_name[param.name]))
            elif param.default != REQUIRED:
                atoms.append(default(param.default))
            else:
                raise InternalError(f"a rule calls {dotted} without {param.name}")
        shaped = self.shaped(op, args, atoms)
        return self.builder.make(op.name, *atoms, type_=shaped)

    def shaped(self, op: ArrayOp, args: Sequence[ast.expr], atoms: list[Atom]) -> Type | None:
        """The type of a result whose shape is that of an operand."""
        for param, node in zip(op.params, args, strict=False):
            match node:
                case ast.Attribute(value, "shape") if param.name in ("shape", "newshape"):
                    like = self.raw(value).type
                    found = result_type(op.name, tuple(atoms))
                    if isinstance(like, Array) and isinstance(found, Array):
                        return Array(found.dtype, like.dims)
                case _:
                    pass
        return None

    def row(self, node: ast.expr) -> list[Atom]:
        match node:
            case ast.Tuple(items) | ast.List(items):
                return [self.expr(item) for item in items]
            case ast.Name(name) if isinstance(found := self.named[name], tuple):
                return list(map(self.sweep.kept, found))
            case _:
                raise InternalError(f"no sequence: {ast.unparse(node)}")

    def part(self, array: Atom, index: ast.expr) -> Atom:
        """`y_bar[1:, None]`: what is no literal in it is computed before."""
        holes: list[Atom] = []
        nodes = index.elts if isinstance(index, ast.Tuple) else [index]
        if isinstance(array.type, Array) and len(nodes) == len(array.type.dims):
            places = [self._place(node) for node in nodes]
            if None not in places:
                return self.builder.make("get", array, *[p for p in places if p])
        text = ", ".join(self.entry(node, holes) for node in nodes)
        fancy = any(is_array(hole.type) for hole in holes)
        at = Lit(text, Opaque("str"))
        return self.builder.emit("pick" if fancy else "view", (array, at, *holes))

    def _place(self, node: ast.expr) -> Atom | None:
        """An index of one element along an axis; None of anything else."""
        if isinstance(node, ast.Slice | ast.Tuple) or (
            isinstance(node, ast.Constant) and type(node.value) is not int
        ):
            return None
        place = self.expr(node)
        return place if place.type == INT else None

    def entry(self, node: ast.expr, holes: list[Atom]) -> str:
        match node:
            case ast.Slice(lower, upper, step):
                ends = [self.hole(end, holes) if end else "" for end in (lower, upper, step)]
                return ":".join(ends if ends[2] else ends[:2])
            case ast.Constant(value) if value is None or value is ...:
                return ast.unparse(node)
            case _:
                return self.hole(node, holes)

    def hole(self, node: ast.expr, holes: list[Atom]) -> str:
        atom = self.expr(node)
        if isinstance(atom, Lit):
            return str(literal(atom))
        if atom not in holes:
            holes.append(atom)
        return f"{{{holes.index(atom)}}}"


_NUMPY_NAMES = {
    "asin": "arcsin", "acos": "arccos", "atan": "arctan", "atan2": "arctan2",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "pow": "power",
    "fabs": "abs", "gamma": "gamma",
}  # fmt: skip


def array_callee(dotted: str) -> str:
    """The primitive of arrays that a function in a rule stands for."""
    if dotted == "abs":
        return "abs"
    module, _, name = dotted.partition(".")
    if module == "math":
        found = lookup_array(f"numpy.{_NUMPY_NAMES.get(name, name)}")
    else:
        found = SYNONYMS.get(dotted, dotted) if dotted in ARRAY_OPS else None
        found = found or SYNONYMS.get(dotted)
    if found is None:
        raise NotDifferentiable(f"{dotted} of arrays")
    return found


def partial_rules(let: Let) -> tuple[list[str | None], list[str]]:
    """The partials of an elementwise primitive, and its operands' names in them."""
    op = ARRAY_OPS[let.op]
    named = operands_of(op, let)

    def wanted(_: int) -> bool:
        return True

    texts: list[str | None] = []
    names: list[str] = []
    for name, part in params_of(op, len(let.args)):
        rule = op.partials.get(name, "")
        text = rule if isinstance(rule, str) else rule(UseFacts(named, part, let, wanted))
        texts.append(text or None)
        names.append(name)
    return texts, names


def _literal(node: ast.expr) -> object | None:
    try:
        found: object = ast.literal_eval(node)
    except ValueError:
        return None
    return found


def _is_infinite(node: ast.expr) -> bool:
    match node:
        case ast.Attribute(_, "inf"):
            return True
        case ast.UnaryOp(ast.USub(), operand):
            return _is_infinite(operand)
        case _:
            return False
