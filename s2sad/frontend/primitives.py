"""Calls of what is built in: `len`, `sorted`, `map`, `isinstance`, `math.exp`, …

What no row in modules/ follows is a primitive of numbers.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Callable

from s2sad.errors import S2sadError
from s2sad.frontend import library
from s2sad.frontend.live import literal
from s2sad.frontend.modules import FILES, followed
from s2sad.frontend.resolve import ClassMeaning, FunctionMeaning, PrimitiveMeaning
from s2sad.frontend.sequences import Sequences, flat_arguments
from s2sad.frontend.values import (
    SLICE,
    FunctionValue,
    Layout,
    MethodValue,
    Ref,
    Struct,
    SuperValue,
    TupleValue,
    Value,
    describe,
    map_leaves,
)
from s2sad.ir.nodes import NOTHING, Lit
from s2sad.ir.types import COMPLEX, FLOAT, INT
from s2sad.ops.arrays.helpers import HELPERS as OF_ARRAYS
from s2sad.ops.core import PRIMITIVES, lookup_callable

_TOLERANCES = {"rel_tol": Lit(1e-09, FLOAT), "abs_tol": Lit(0.0, FLOAT)}
_ITERATORS = frozenset({"zip", "enumerate", "reversed", "map", "filter"})
_LAZY = _ITERATORS | {"iter"}
_CONSUMERS = _ITERATORS | {
    "range",
    "list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all",
    "math.fsum", "math.prod", "math.dist", "math.sumprod", "_functools.reduce",
    "functools.reduce", "iter",
}  # fmt: skip
# Builtin functions that mean others for arrays.
ON_ARRAYS = frozenset({"abs", "divmod", "round", "sum", "max", "min", "pow", "sorted", "list"})
_TOOLS = frozenset({"functools", "itertools", "operator"})


class Primitives(Sequences):
    def special_form(self, node: ast.Call) -> Value | None:
        match node:
            case ast.Call(
                func=ast.Attribute(ast.Call(ast.Name("super")), "__init__"),
                args=[*args],
                keywords=[],
            ) if any(isinstance(arg, ast.JoinedStr) for arg in args):
                return self.message_of(node)
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
                return self.super_(node) if self.is_builtin("super", node) else None
            case ast.Call(func=ast.Name(id="print"), keywords=_):
                return None
            case _:
                return None

    def is_builtin(self, name: str, node: ast.AST) -> bool:
        return self.read_name(name, node) == PrimitiveMeaning(name)

    def message_of(self, node: ast.Call) -> Value | None:
        """`super().__init__(f"…")` of an exception that is carried: none reads the text."""
        assert isinstance(node.func, ast.Attribute)
        callee = self.attribute(node.func)
        if not isinstance(callee, MethodValue) or callee.name != "%init":
            return None
        for arg in node.args:
            if not isinstance(arg, ast.JoinedStr):
                self.expression(arg)
        content = self.content(callee.owner, node)
        if isinstance(callee.owner, Ref) and isinstance(content, Struct):
            kept = [k for k, key in enumerate(content.layout.keys) if key != "args"]
            layout = content.layout._replace(keys=tuple(content.layout.keys[k] for k in kept))
            items = tuple(content.items[k] for k in kept)
            self.store(callee.owner, Struct(layout, items), node)
        return NOTHING

    def super_(self, node: ast.Call) -> Value:
        frame = self.method_frame()
        params = frame.function.params if frame else ()
        if frame is None or frame.of_class is None or not params:
            raise self.refuse(node, "super() outside of a method", "name the class")
        instance = frame.env[params[0].arg]
        cls = (
            instance
            if isinstance(instance, ClassMeaning)
            else self.class_meaning(instance, node)
        )
        return SuperValue(cls, frame.of_class, instance)

    def class_meaning(self, value: Value, node: ast.AST) -> ClassMeaning:
        match self.content(value, node):
            case Struct(Layout("object" | "named", _, cls)) if cls is not None:
                return cls
            case other:
                raise self.refuse(node, f"the class of {describe(other)}", "use an object")

    def makes_iterator(self, callee: Value) -> bool:
        match callee:
            case PrimitiveMeaning(dotted):
                return dotted in _LAZY or dotted.startswith("itertools.")
            case _:
                return False

    def consumes(self, callee: Value) -> bool:
        """May an argument be an iterator, as it is used up at once?"""
        match callee:
            case PrimitiveMeaning(dotted):
                return dotted in _CONSUMERS or dotted.startswith("itertools.")
            case _:
                return False

    def lazy_call(self, dotted: str, node: ast.Call) -> Value | None:
        """`any(…)` and `all(…)` of a generator end early; `cast` looks at one argument."""
        match dotted, node.args, node.keywords:
            case (("any" | "all"), [ast.GeneratorExp() as generator], []):
                return self.short_circuit(generator, dotted == "any", node)
            case "typing.cast", [_, value], []:
                return self.expression(value)
            case "next", [ast.GeneratorExp() as generator], []:
                return self.first_of(generator, None, node)
            case "next", [ast.GeneratorExp() as generator, default], []:
                return self.first_of(generator, self.plain(self.expression(default)), node)
            case "isinstance", [value, classes], []:
                from s2sad.frontend.instance_of import is_instance

                return is_instance(self, self.expression(value), classes, node)
            case _:
                return None

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        args = [self.there(arg, node) for arg in args]
        if dotted.startswith(("numpy.", "scipy.", "_sum_to")) or dotted in OF_ARRAYS:
            return self.arrays.call(dotted, args, named, node)
        if any(map(self.is_array, args)) and dotted in ON_ARRAYS:
            return self.arrays.builtin(dotted, args, named, node)
        if dotted == "complex" and 1 <= len(args) < 3 and not named:
            return self.complex_number(args, node)
        name = dotted.removeprefix("_").replace("builtins.", "")
        module, _, short = name.partition(".") if "." in name else ("builtins", "", name)
        found = followed(self, module, short, args, named, node) if module in FILES else None
        if found is not None:
            return found
        if module in _TOOLS:
            raise self.unknown(name, len(args), node)
        match name, args:
            case "slice", [_] | [_, _] | [_, _, _] if not named:
                ends = (NOTHING, *args) if len(args) == 1 else tuple(args)
                return Struct(SLICE, (*ends, *(NOTHING,) * (3 - len(ends))))
            case "s2sad.stop_gradient", [value]:
                return map_leaves(
                    value,
                    lambda leaf: self.let("stop_gradient", (leaf,), node, leaf.type),
                )
            case "math.isclose", [_, _]:
                return self.isclose(args, named, node)
            case _ if not named:
                return self.positional_call(dotted, args, node)
            case _:
                raise self.refuse(
                    node, f"a keyword argument of {dotted}", "pass it by position"
                )

    def complex_number(self, args: list[Value], node: ast.AST) -> Value:
        """`complex(x, w)`"""
        parts = [self.emitter.raw(self.as_number(self.as_atom(a, node), node)) for a in args]
        if len(parts) == 1 and parts[0].type == COMPLEX:
            return parts[0]
        if len(parts) == 1:
            parts.append(Lit(0.0, FLOAT))
        if any(part.type == COMPLEX for part in parts):
            raise self.refuse(node, "complex() of complex numbers", "use arithmetic")
        if all(isinstance(p, Lit) and isinstance(p.value, int | float) for p in parts):
            re, im = (p.value for p in parts if isinstance(p, Lit))
            assert isinstance(re, int | float)
            assert isinstance(im, int | float)
            return Lit(complex(re, im), COMPLEX)
        return self.let("complex", tuple(parts), node)

    def positional_call(self, dotted: str, args: list[Value], node: ast.AST) -> Value:
        dynamic = self.reduction(dotted, args, node)
        if dynamic is not None:
            return dynamic
        values = [self.flattened(arg, node) for arg in args]
        if dotted == "sum" and values and isinstance(values[0], TupleValue):
            items = values[0].items
            if not items and len(args) == 1:
                return Lit(0, INT)
            if any(isinstance(part, Ref | Struct | TupleValue) for part in (*items, *args[1:])):
                return self.sum_of(items, args[1:], node)
        flat = flat_arguments(dotted, values)
        if flat is None:
            raise self.refuse(
                node,
                f"{dotted} of something that is no tuple",
                "write the elements out in a tuple",
            )
        # The elements of a sequence are counted as one argument.
        if lookup_callable(dotted, len(args)) is None:
            raise self.unknown(dotted, len(args), node)
        name = lookup_callable(dotted, len(args))
        atoms = tuple(self.as_number(self.as_atom(value, node), node) for value in flat)
        if isinstance(name, tuple):
            return TupleValue(tuple(self.let(part, atoms, node) for part in name))
        assert name is not None
        if name in ("max", "min") and len(atoms) == 1:
            return atoms[0]  # max(x) alone would take x apart
        return self.let(name, atoms, node)

    def isclose(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        if not set(named) <= set(_TOLERANCES):
            raise self.refuse(node, "this call of math.isclose", "pass two numbers")
        values = [*args, *(named.get(name, usual) for name, usual in _TOLERANCES.items())]
        atoms = tuple(self.as_number(self.as_atom(value, node), node) for value in values)
        return self.let("isclose_within", atoms, node)

    def rule_call(
        self, primitive: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A function with a rule of the user's: called as it is."""
        self.program.watch_rule(primitive)
        args, named = self.with_defaults(primitive, args, named)
        if primitive not in PRIMITIVES:
            return self.arrays.with_rule(primitive, args, named, node)
        params = PRIMITIVES[primitive].params
        if named or len(args) != len(params):
            raise self.refuse(
                node,
                f"{primitive} has a rule for {len(params)} arguments by position",
                "pass exactly these",
            )
        atoms = tuple(self.as_number(self.as_atom(arg, node), node) for arg in args)
        return self.let(primitive, atoms, node)

    def with_defaults(
        self, primitive: str, args: list[Value], named: dict[str, Value]
    ) -> tuple[list[Value], dict[str, Value]]:
        """The arguments of a function with a rule, by position as far as can be: those that
        are named, and numbers and texts that are the defaults of those left out."""
        rules = sys.modules.get("s2sad.rules")
        func = rules.BOUND.get(primitive) if rules is not None else None
        params = inspect.signature(func).parameters.values() if func is not None else ()
        made, left = list(args), dict(named)
        for param in list(params)[len(args) :]:
            if param.kind is not param.POSITIONAL_OR_KEYWORD:
                break
            known = None if param.default is param.empty else literal(param.default)
            value = left.pop(param.name, known)
            if value is None:
                break
            made.append(value)
        return made, left

    def library_call(
        self, function: Callable[..., object], args: list[Value], node: ast.AST
    ) -> Value:
        """A function of library.py, inlined; errors in it are those of the call."""
        meaning = FunctionMeaning(function)
        callee = FunctionValue(self.program.function_of(meaning, self.loc(node)), None)
        names = [param.arg for param in callee.function.params]
        try:
            return self.inlined(callee, dict(zip(names, args, strict=True)), node)
        except S2sadError as error:
            if error.loc is not None and error.loc.file == library.__file__:
                raise type(error)(error.what, self.loc(node), error.instead) from None
            raise


__all__ = ["Primitives"]
