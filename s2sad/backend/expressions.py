"""Expressions: from a variable and what is folded into it to `ast`."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from s2sad.backend import templates
from s2sad.backend.inline import Inlining
from s2sad.backend.syntax import (
    boolean,
    call,
    copied,
    dotted,
    literal,
    literal_of,
    name,
    negated,
    number,
    subscript,
    tuple_of,
    zeros,
)
from s2sad.errors import InternalError, UnsupportedSyntax
from s2sad.ir.nodes import Atom, If, Let, Lit, Var
from s2sad.ir.structure import STRUCTURE, is_turn
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List
from s2sad.ops.core import PRIMITIVES
from s2sad.ops.reductions import REDUCTIONS

# They raise where they are compiled, too.
_DIVISIONS = frozenset(("div", "floordiv", "mod"))


def may_be_unfinite(op: str) -> bool:
    """Does a primitive raise in Python where compiled it gives inf or nan?"""
    return PRIMITIVES[op].raises and op not in _DIVISIONS


class NoValue(InternalError):
    """What is read has no value on any path: the program is certain to raise before."""


class Expressions:
    """`tidy`: signs and products of adjoints are written as a hand would. `compiled`: what
    raises in Python is looked at, as compiled code goes on with inf or nan."""

    def __init__(
        self, names: dict[Var, str], inlining: Inlining, tidy: bool, compiled: bool = False
    ) -> None:
        self.names = names
        self.folded = inlining.folded
        self.tidy = tidy
        self.compiled = compiled
        # Of sums of arrays, the operand that they may be added to in place.
        self.in_place: dict[Var, Var] = {}

    def atom(self, atom: Atom) -> ast.expr:
        if isinstance(atom, Var):
            stmt = self.folded.get(atom)
            if stmt is not None:
                return self.stmt(stmt)
            found = self.names.get(atom)
            if found is None:
                raise InternalError(f"{atom!r} is read but never written")
            return name(found)
        if isinstance(atom, Lit):
            return literal_of(atom)
        raise NoValue("the value of an unbound name")

    def stmt(self, stmt: Let | If) -> ast.expr:
        return self.let(stmt) if isinstance(stmt, Let) else self.choice(stmt)

    def let(self, let: Let) -> ast.expr:
        try:
            return self._let(let)
        except NoValue:
            raise UnsupportedSyntax(
                "a value that no path to here gives",
                let.loc,
                "look for what is certain to raise before",
            ) from None

    def _let(self, let: Let) -> ast.expr:
        if let.op not in PRIMITIVES:
            if let.op in STRUCTURE:
                return self.structure(let)
            from s2sad.backend.arrays import apply_array

            return apply_array(let, self.atom)
        if let.origin and self.tidy:
            tidied = self._tidied(let)
            if tidied is not None:
                return tidied
        made = templates.apply_primitive(let.op, [self.atom(arg) for arg in let.args])
        if self.compiled and let.op == "log_base":
            logs = [call("_finite", call("math.log", self.atom(arg))) for arg in let.args]
            return ast.BinOp(logs[0], ast.Div(), logs[1])
        if self.compiled and let.out.type == FLOAT and may_be_unfinite(let.op):
            return call("_finite", made)
        return made

    def condition(self, atom: Atom) -> ast.expr:
        """An atom as a test: an adjoint's `d != 0` is `d`."""
        let = self.folded.get(atom) if isinstance(atom, Var) else None
        match let:
            case Let(_, "ne" | "eq" as op, (Var() as x, Lit(value))) if (
                let.origin and self.tidy and value == 0 and x.type in (FLOAT, INT, BOOL)
            ):
                return self.atom(x) if op == "ne" else negated(self.atom(x))
            case Let(_, "not_", (x,)):
                return negated(self.condition(x))
            case _:
                return self.atom(atom)

    def choice(self, stmt: If) -> ast.expr:
        """`then if cond else orelse`; `and`, `or`, `not` where it is one of them."""
        then, orelse = stmt.then.yields[0], stmt.orelse.yields[0]
        if stmt.outs[0].type == BOOL:
            found = self._logic(stmt.cond, then, orelse)
            if found is not None:
                return found
        test = self.condition(stmt.cond)
        return ast.IfExp(test, self.atom(then), self.atom(orelse))

    def _logic(self, cond: Atom, then: Atom, orelse: Atom) -> ast.expr | None:
        if cond.type != BOOL:
            return None
        match then, orelse:
            case Lit(True), Lit(False):
                return self.atom(cond)
            case Lit(False), Lit(True):
                return negated(self.atom(cond))
            case _, Lit(False):
                return boolean(ast.And(), self.atom(cond), self.atom(then))
            case Lit(True), _:
                return boolean(ast.Or(), self.atom(cond), self.atom(orelse))
            case Lit(False), _:
                return boolean(ast.And(), negated(self.atom(cond)), self.atom(orelse))
            case _, Lit(True):
                return boolean(ast.Or(), negated(self.atom(cond)), self.atom(then))
        return None

    # Adjoints only: these move signs and brackets, which changes no more than rounding.

    def _tidied(self, let: Let) -> ast.expr | None:
        match let.op:
            case "mul":
                x, w = let.args
                return self._product(self.atom(x), w)
            case "add" | "sub" as op:
                x, w = let.args
                opposite = self.opposite(w)
                if opposite is not None:
                    other = ast.Sub() if op == "add" else ast.Add()
                    return ast.BinOp(self.atom(x), other, opposite)
            case "neg":
                inner = self.adjoint(let.args[0])
                if inner is not None and inner.op in ("mul", "div"):
                    return self._minus(inner)
        return None

    def adjoint(self, atom: Atom) -> Let | None:
        """The adjoint statement that is folded into an atom."""
        stmt = self.folded.get(atom) if isinstance(atom, Var) else None
        return stmt if isinstance(stmt, Let) and stmt.origin else None

    def _product(self, left: ast.expr, right: Atom) -> ast.expr:
        """left * right, the factors of right in one row."""
        inner = self.adjoint(right)
        if inner is not None and inner.op == "mul":
            return self._product(self._product(left, inner.args[0]), inner.args[1])
        return ast.BinOp(left, ast.Mult(), self.atom(right))

    def _minus(self, let: Let) -> ast.expr:
        """Minus a product or quotient: the sign goes to its first factor."""
        x, w = let.args
        inner = self.adjoint(x)
        if inner is not None and inner.op in ("mul", "div"):
            left = self._minus(inner)
        else:
            left = self.opposite(x) or ast.UnaryOp(ast.USub(), self.atom(x))
        if let.op == "mul":
            return self._product(left, w)
        return ast.BinOp(left, ast.Div(), self.atom(w))

    def opposite(self, atom: Atom) -> ast.expr | None:
        """Minus an atom, where it carries a sign that can be taken off."""
        if isinstance(atom, Lit) and isinstance(atom.value, (int, float)):
            negative = not isinstance(atom.value, bool) and atom.value < 0
            return literal(-atom.value) if negative else None
        let = self.adjoint(atom)
        if let is None:
            return None
        match let.op:
            case "neg":
                return self.atom(let.args[0])
            case "mul":
                x, w = let.args
                left = self.opposite(x)
                if left is not None:
                    return self._product(left, w)
                right = self.opposite(w)
                return None if right is None else ast.BinOp(self.atom(x), ast.Mult(), right)
            case "div":
                x, w = let.args
                left = self.opposite(x)
                return None if left is None else ast.BinOp(left, ast.Div(), self.atom(w))
            case _:
                return None

    def structure(self, let: Let) -> ast.expr:
        match let.op, let.args:
            case "tuple", parts:
                return tuple_of([self.atom(part) for part in parts])
            case "item", (record, index):
                return subscript(self.atom(record), self.atom(index))
            case "list", parts:
                return ast.List([self.atom(part) for part in parts], ast.Load())
            case "places", keys:
                numbers: list[ast.expr] = [ast.Constant(k) for k in range(len(keys))]
                return ast.Dict([self.atom(key) for key in keys], numbers)
            case "place", (places, key):
                return subscript(self.atom(places), self.atom(key))
            case "find", (places, key):
                get = ast.Attribute(self.atom(places), "get", ast.Load())
                return call(get, self.atom(key), literal(-1))
            case "zeros_list", (source,):
                return zeros(self.atom(source), source.type, 0)
            case "reverse_list", (source,):
                minus_one = ast.UnaryOp(ast.USub(), ast.Constant(1))
                return subscript(self.atom(source), ast.Slice(step=minus_one))
            case "from_list", (source,):
                return call("np.array", self.atom(source))
            case "to_list", (source,) if isinstance(let.out.type, List) and isinstance(
                let.out.type.item, Array
            ):
                part = ast.Attribute(name("v"), "copy", ast.Load())
                over = ast.comprehension(ast.Name("v", ast.Store()), self.atom(source), [], 0)
                return ast.ListComp(call(part), [over])
            case "to_list", (source,):
                return call(ast.Attribute(self.atom(source), "tolist", ast.Load()))
            case "slice", (source, *ends):
                lower, upper, step = (self.end(end) for end in ends)
                return subscript(self.atom(source), ast.Slice(lower, upper, step))
            case "concat", (one, other):
                return ast.BinOp(self.atom(one), ast.Add(), self.atom(other))
            case "get", (array, *index):
                return self.element(array, index, ast.Load())
            case (("view" | "pick"), (array, at, *index)):
                return self.part(array, at, index, ast.Load())
            case "shape", (array,):
                return ast.Attribute(self.atom(array), "shape", ast.Load())
            case "dim", (array, k):
                shape = ast.Attribute(self.atom(array), "shape", ast.Load())
                return subscript(shape, self.atom(k))
            case "zeros_like", (source,):
                return call("np.zeros_like", self.atom(source))
            case "copy", (source,):
                return copied(self.atom(source), source.type, 0)
            case "repeat", (value, count):
                row = ast.List([self.atom(value)], ast.Load())
                return ast.BinOp(row, ast.Mult(), self.atom(count))
            case "len", (source,):
                return call("len", self.atom(source))
            case "count", (source, value):
                count_ = ast.Attribute(self.atom(source), "count", ast.Load())
                return call(count_, self.atom(value))
            case op, args if op in REDUCTIONS and self.compiled:
                return call(f"_{REDUCTIONS[op].function}", *map(self.atom, args))
            case op, args if op in REDUCTIONS:
                return call(REDUCTIONS[op].function, *map(self.atom, args))
            case "global", (Lit(str() as text),):
                return number(dotted(text), let.out.type)
            case "constant", (Lit(str() as text), *_):
                return dotted(text)
            case "python", (Lit(str() as text), *args):
                return templates.apply_python(text, [self.atom(arg) for arg in args])
            case (("id" | "stop_gradient"), (source,)):
                return self.atom(source)
            case "cotangent", (source, *_):
                if isinstance(source.type, Array):
                    return call(ast.Attribute(self.atom(source), "copy", ast.Load()))
                return self.atom(source)
            case _:
                raise InternalError(f"{let.op} is no expression")

    def end(self, atom: Atom) -> ast.expr | None:
        """An end of a slice; one that is None is not written."""
        absent = isinstance(atom, Lit) and atom.value is None
        return None if absent else self.atom(atom)

    def part(
        self, array: Atom, at: Atom, index: Sequence[Atom], context: ast.expr_context
    ) -> ast.Subscript:
        """`A[1:, k]`, `A.T[0]`, `A.flat[::2]`"""
        assert isinstance(at, Lit)
        text = str(at.value)
        if self.compiled and text == "...":
            text = ":"  # Numba reads no ellipsis of an array of one axis
        pieces = templates.moved(text).split("][")
        whole = "{0}" + "".join(f".{p}" if is_turn(p) else f"[{p}]" for p in pieces)
        atoms = [self.atom(atom) for atom in (array, *index)]
        made = templates.apply_python(whole, atoms)
        assert isinstance(made, ast.Subscript)
        made.ctx = context
        return made

    def element(
        self, buffer: Atom, index: Sequence[Atom], context: ast.expr_context
    ) -> ast.Subscript:
        """A[i, j] of an array; L[i][j] of a list of lists."""
        place, type_ = self.atom(buffer), buffer.type
        parts = [self.atom(part) for part in index]
        while isinstance(type_, List) and len(parts) > 1:
            place, type_ = subscript(place, parts.pop(0)), type_.item
        result = subscript(place, parts[0] if len(parts) == 1 else tuple_of(parts))
        result.ctx = context
        return result
