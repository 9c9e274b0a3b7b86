"""Calls of what is built in: `len`, `sorted`, `map`, `isinstance`, `math.exp`, …

A table from the name to what is done; what is in no row is a primitive of numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from s2sad.errors import S2sadError
from s2sad.frontend import library
from s2sad.frontend.builtins import flat_arguments
from s2sad.frontend.calls import Calls
from s2sad.frontend.classes import find_member, info_of
from s2sad.frontend.containers import LIST
from s2sad.frontend.known import all_known, evaluated, known
from s2sad.frontend.normalize.hidden import at
from s2sad.frontend.objects import inlines, without_origins
from s2sad.frontend.resolve import ClassMeaning, FunctionMeaning, PrimitiveMeaning
from s2sad.frontend.values import (
    UNBOUND,
    FunctionValue,
    Layout,
    ListValue,
    Obj,
    PartialValue,
    Ref,
    Struct,
    SuperValue,
    TupleValue,
    Value,
    describe,
    is_none,
    leaves,
    map_leaves,
)
from s2sad.ir.nodes import FALSE, TRUE, Atom, Lit, Undef, Var
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, List, Opaque, Scalar
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
# Reductions of a list of unknown length: the primitive of the IR.
_REDUCTIONS = {
    "sum": "list_sum", "math.fsum": "list_fsum", "math.prod": "list_prod",
    "max": "list_max", "min": "list_min",
}  # fmt: skip
_OPERATORS = {
    "add": ast.Add, "sub": ast.Sub, "mul": ast.Mult, "truediv": ast.Div, "pow": ast.Pow,
    "floordiv": ast.FloorDiv, "mod": ast.Mod, "and_": ast.BitAnd, "or_": ast.BitOr,
    "xor": ast.BitXor, "lshift": ast.LShift, "rshift": ast.RShift,
    "lt": ast.Lt, "le": ast.LtE, "gt": ast.Gt, "ge": ast.GtE, "eq": ast.Eq, "ne": ast.NotEq,
    "neg": ast.USub, "pos": ast.UAdd, "not_": ast.Not, "invert": ast.Invert,
}  # fmt: skip
_NUMBERS = {
    "float": (FLOAT,),
    "int": (INT, BOOL),
    "bool": (BOOL,),
    "object": (FLOAT, INT, BOOL),
}

_DRAINED = ("zip", "enumerate", "reversed", "range")


class Primitives(Calls):
    # Forms that do not evaluate all their arguments as values.

    def special_form(self, node: ast.Call) -> Value | None:
        match node:
            case ast.Call(func=ast.Name(id="super"), args=[], keywords=[]):
                return self.super_(node) if self.is_builtin("super", node) else None
            case ast.Call(func=ast.Name(id="print"), keywords=_):
                return None
            case _:
                return None

    def is_builtin(self, name: str, node: ast.AST) -> bool:
        return self.read_name(name, node) == PrimitiveMeaning(name)

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
                return self.is_instance(self.expression(value), classes, node)
            case _:
                return None

    # Sequences.

    def sequence(self, node: ast.expr) -> Value:
        """An iterable that is used up at once: its elements in a tuple or a list."""
        match node:
            case ast.GeneratorExp():
                return self.comprehension(node)
            case ast.Call(func=func):
                special = self.special_form(node)
                if special is not None:
                    return special
                callee = self.callee(func)
                if isinstance(callee, PrimitiveMeaning) and callee.dotted in _DRAINED:
                    return self.drained(callee, node)
                return self.call_of(callee, node)
            case _:
                return self.expression(node)

    def elements(self, value: Value, node: ast.AST) -> tuple[Value, ...]:
        """The elements of what is known one by one."""
        items = self.static_items(value, node)
        if items is None:
            raise self.refuse(
                node,
                f"{describe(self.content(value, node))} where the number of elements must be"
                " known",
                "use a tuple, or a loop",
            )
        return items

    def as_list_value(self, value: Value, node: ast.AST) -> ListValue | tuple[Value, ...]:
        """A sequence, as its elements or as one of unknown length."""
        items = self.static_items(value, node)
        if items is not None:
            return items
        match self.content(value, node):
            case ListValue() as found:
                return found
            case Struct(Layout("object")) if self.has_method(value, "__iter__", node):
                return self.as_list_value(self.call_method(value, "__iter__", [], node), node)
            case other:
                raise self.refuse(node, f"the elements of {describe(other)}", "use a list")

    def new_list(self, found: ListValue | tuple[Value, ...], node: ast.AST) -> Ref:
        """A list of its own with such elements."""
        if isinstance(found, ListValue):
            return self.shallow_copy(found, node)
        return self.allocate(Struct(LIST, found))

    def shallow_copy(self, found: ListValue, node: ast.AST) -> Ref:
        """A list of unknown length with the same elements, which no one may change now."""
        made = self.allocate(self.own_lists(found, node))
        if any(True for _ in inlines(found.item)):
            for obj, content in self.emitter.heap.items():
                obj.shares |= content is found or obj is made.obj
        return made

    # Builtins.

    def primitive_call(
        self, dotted: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        name = dotted.removeprefix("_").replace("builtins.", "")
        if name.startswith(("operator.", "functools.", "itertools.")):
            return self.tool(name, args, named, node)
        match name, args, named:
            case "s2sad.stop_gradient", [value], {}:
                return map_leaves(
                    value,
                    lambda leaf: self.let("stop_gradient", (leaf,), node, leaf.type),
                )
            case "len", [value], {}:
                return self.length(value, node)
            case (("float" | "int" | "bool") as kind, [], {}):
                return {"float": Lit(0.0, FLOAT), "int": Lit(0, INT), "bool": FALSE}[kind]
            case "list", [], {}:
                return self.allocate(Struct(LIST, ()))
            case "list", [value], {}:
                return self.new_list(self.as_list_value(value, node), node)
            case (("tuple" | "iter"), [value], {}):
                found = self.as_list_value(value, node)
                return found if isinstance(found, ListValue) else TupleValue(found)
            case "tuple", [], {}:
                return TupleValue(())
            case "reversed", [value], {}:
                return self.backwards(value, node)
            case "dict", _, _:
                return self.new_dict(args, named, node)
            case "map", [function, items], {}:
                return self.library_call(library.map_one, [function, items], node)
            case "map", [function, first, second], {}:
                return self.library_call(library.map_two, [function, first, second], node)
            case "map", [_, _, _, _], {}:
                return self.library_call(library.map_three, args, node)
            case "filter", [function, items], {}:
                if is_none(function):
                    return self.library_call(library.filter_true, [items], node)
                return self.library_call(library.filter_by, [function, items], node)
            case "sorted", [value], _:
                return self.sorted(value, named, node)
            case (("min" | "max"), [items], {"key": key, **rest}) if not rest:
                by = library.max_by if name == "max" else library.min_by
                return self.library_call(by, [items, key], node)
            case (("min" | "max"), [_, _, *_], {"key": key, **rest}) if not rest:
                by = library.max_by if name == "max" else library.min_by
                return self.library_call(by, [TupleValue(tuple(args)), key], node)
            case (("min" | "max"), [Ref() as first, _, *_], {}) if isinstance(
                self.content(first, node), Struct
            ):
                of = library.largest if name == "max" else library.smallest
                return self.library_call(of, [TupleValue(tuple(args))], node)
            case (("min" | "max"), [items], {"default": default, **rest}) if not rest:
                return self.extreme_or(name, items, default, node)
            case "copy.copy", [value], {}:
                if not isinstance(value, Ref):
                    return value
                self.check_plain_copy(value, "__copy__", node)
                content = self.content(value, node)
                if isinstance(content, ListValue):
                    return self.shallow_copy(content, node)
                return self.allocate(content)
            case "copy.deepcopy", [value], {}:
                return self.deep_copy(value, {}, node)
            case "dataclasses.replace", [value], _:
                return self.replaced(value, named, node)
            case (("dataclasses.asdict" | "dataclasses.astuple"), [value], {}):
                return self.taken_apart(value, name.endswith("asdict"), node)
            case (("any" | "all"), [value], {}):
                return self.any_of(self.elements(value, node), name == "any", node)
            case "type", [value], {}:
                return self.class_of(value, node)
            case "callable", [value], {}:
                known = isinstance(value, FunctionValue | PartialValue | PrimitiveMeaning)
                return TRUE if known or self.has_method(value, "__call__", node) else FALSE
            case "hasattr", [value, attr], {}:
                return TRUE if self.has_attribute(value, self.text(attr, node), node) else FALSE
            case "getattr", [value, attr], {}:
                return self.member(value, self.text(attr, node), node)
            case "getattr", [value, attr, default], {}:
                has = self.has_attribute(value, self.text(attr, node), node)
                return self.member(value, self.text(attr, node), node) if has else default
            case "setattr", [owner, attr, value], {}:
                self.store_attribute(owner, self.text(attr, node), value, node)
                return Lit(None, NONE)
            case "math.isclose", [_, _], _:
                return self.isclose(args, named, node)
            case (("abs" | "round" | "float" | "int" | "bool" | "divmod"), [Ref(), *_], {}):
                return self.call_method(args[0], f"__{name}__", args[1:], node)
            case "bool", [value], {} if not isinstance(value, Var | Lit | Undef):
                return self.truth(value, node)
            case _, _, {} if not named:
                return self.positional_call(dotted, args, node)
            case _:
                raise self.refuse(
                    node, f"a keyword argument of {dotted}", "pass it by position"
                )

    def extreme_or(self, name: str, items: Value, default: Value, node: ast.AST) -> Value:
        """`max(items, default=…)`."""
        return self.choose(
            self.truth(items, node),
            lambda: self.positional_call(name, [items], node),
            lambda: default,
            (),
            (),
            node,
        )

    def replaced(self, value: Value, named: dict[str, Value], node: ast.AST) -> Value:
        match self.content(value, node):
            case Struct(Layout("object", keys, cls), items) if cls and info_of(cls).fields:
                given = dict(zip(map(str, keys), items, strict=True))
                return self.construct(cls, [], {**given, **named}, node)
            case other:
                raise self.refuse(node, f"replace() of {describe(other)}", "use a dataclass")

    def taken_apart(self, value: Value, as_dict: bool, node: ast.AST) -> Value:
        """`asdict` and `astuple`, which copy what they find."""
        match self.content(value, node):
            case Struct(Layout("object", keys, cls), items) if cls and info_of(cls).fields:
                made = tuple(self.taken_apart(item, as_dict, node) for item in items)
                layout = Layout("dict", keys)
                return self.allocate(Struct(layout, made)) if as_dict else TupleValue(made)
            case Struct(Layout("list" | "dict") as layout, items):
                made = tuple(self.taken_apart(item, as_dict, node) for item in items)
                return self.allocate(Struct(layout, made))
            case TupleValue(items):
                return TupleValue(tuple(self.taken_apart(i, as_dict, node) for i in items))
            case Var() | Lit():
                return value
            case other:
                raise self.refuse(node, f"{describe(other)} here", "name its parts")

    def any_of(self, items: tuple[Value, ...], any_: bool, node: ast.AST) -> Value:
        """`any` or `all` of elements that stand already."""
        if not items:
            return FALSE if any_ else TRUE
        first = self.truth(items[0], node)
        settled = TRUE if any_ else FALSE
        if isinstance(first, Lit):
            return settled if bool(first.value) == any_ else self.any_of(items[1:], any_, node)

        def rest() -> Value:
            return self.any_of(items[1:], any_, node)

        def known() -> Value:
            return settled

        then, orelse = (known, rest) if any_ else (rest, known)
        return self.choose(first, then, orelse, (), (), node)

    def text(self, value: Value, node: ast.AST) -> str:
        match value:
            case Lit(value=str(text)):
                return str(ast.literal_eval(text))
            case _:
                raise self.refuse(node, "a computed name of an attribute", "write it out")

    def has_attribute(self, value: Value, name: str, node: ast.AST) -> bool:
        match self.content(value, node):
            case Struct(Layout("object" | "named", keys, cls)) if cls is not None:
                return name in keys or find_member(cls, name) is not None
            case other:
                raise self.refuse(node, f"hasattr() of {describe(other)}", "use an object")

    def rule_call(
        self, primitive: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A function with a rule of the user's: called as it is."""
        params = PRIMITIVES[primitive].params
        if named or len(args) != len(params):
            raise self.refuse(
                node,
                f"{primitive} has a rule for {len(params)} arguments by position",
                "pass exactly these",
            )
        atoms = tuple(self.as_number(self.as_atom(arg, node), node) for arg in args)
        return self.let(primitive, atoms, node)

    def positional_call(self, dotted: str, args: list[Value], node: ast.AST) -> Value:
        dynamic = self.reduction(dotted, args, node)
        if dynamic is not None:
            return dynamic
        values = [self.flattened(arg, node) for arg in args]
        if dotted == "sum" and values and isinstance(values[0], TupleValue):
            items = values[0].items
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

    def flattened(self, value: Value, node: ast.AST) -> Value:
        """A container as the tuple of its elements, for a primitive of numbers."""
        items = None if isinstance(value, Lit) else self.static_items(value, node)
        if items is not None:
            return TupleValue(items)
        content = self.content(value, node)
        return value if isinstance(content, Struct) else content

    def sum_of(self, items: tuple[Value, ...], start: list[Value], node: ast.AST) -> Value:
        """A sum of objects, or of lists: by their own `+`, from the start as Python does."""
        total: Value = start[0] if start else Lit(0, INT)
        for item in items:
            total = self.operate(ast.Add(), total, item, node)
        return total

    def reduction(self, dotted: str, args: list[Value], node: ast.AST) -> Value | None:
        """A reduction of a list of unknown length; None if it is of something else."""
        if dotted not in _REDUCTIONS or not args:
            return None
        content = self.content(args[0], node)
        if not isinstance(content, ListValue):
            return None
        leaf = self.flat_list(content, node)
        rest = tuple(self.as_number(self.as_atom(arg, node), node) for arg in args[1:])
        assert isinstance(leaf.type, List)
        type_ = FLOAT if dotted == "math.fsum" else leaf.type.item
        return self.let(_REDUCTIONS[dotted], (leaf, *rest), node, type_)

    def flat_list(self, content: ListValue, node: ast.AST) -> Atom:
        match content.item:
            case Var() | Undef() if isinstance(content.item.type, List):
                return content.item
            case other:
                raise self.refuse(node, f"this of a list of {describe(other)}", "write a loop")

    def length(self, value: Value, node: ast.AST) -> Value:
        items = self.static_items(value, node)
        if items is not None:
            return Lit(len(items), INT)
        content = self.content(value, node)
        match content:
            case Struct(Layout("object")):
                return self.call_method(value, "__len__", [], node)
            case ListValue():
                return self.let("len", (next(leaves(content)),), node, INT)
            case Var(type=Opaque()) | Lit(type=Opaque()):
                return self.python("len({0})", (content,), node, INT)
            case _:
                raise self.refuse(
                    node, f"the length of {describe(content)}", "pass it as an int"
                )

    def isclose(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        if not set(named) <= set(_TOLERANCES):
            raise self.refuse(node, "this call of math.isclose", "pass two numbers")
        values = [*args, *(named.get(name, usual) for name, usual in _TOLERANCES.items())]
        atoms = tuple(self.as_number(self.as_atom(value, node), node) for value in values)
        return self.let("isclose_within", atoms, node)

    def backwards(self, value: Value, node: ast.AST) -> Value:
        found = self.as_list_value(value, node)
        if isinstance(found, ListValue):
            return map_leaves(
                found, lambda leaf: self.let("reverse_list", (leaf,), node, leaf.type)
            )
        return TupleValue(found[::-1])

    def new_dict(self, args: list[Value], named: dict[str, Value], node: ast.AST) -> Value:
        keys: tuple[object, ...] = ()
        items: tuple[Value, ...] = ()
        if args:
            match self.content(args[0], node):
                case Struct(Layout("dict", known), values):
                    keys, items = known, values
                case _:
                    pairs = [self.elements(pair, node) for pair in self.elements(args[0], node)]
                    made = self.allocate(Struct(Layout("dict"), ()))
                    for pair in pairs:
                        self.store_item(made, pair[0], pair[1], node)
                    content = self.content(made, node)
                    assert isinstance(content, Struct)
                    keys, items = content.layout.keys, content.items
        made = self.allocate(Struct(Layout("dict", keys), items))
        for name, value in named.items():
            self.store_item(made, Lit(repr(name), Opaque("str")), value, node)
        return made

    def sorted(self, value: Value, named: dict[str, Value], node: ast.AST) -> Value:
        """The order comes from Python's own sort; nothing flows through it."""
        if not set(named) <= {"key", "reverse"}:
            raise self.refuse(node, "this call of sorted()", "use key and reverse")
        found = self.as_list_value(value, node)
        if not isinstance(found, ListValue) and len(found) < 2:
            return self.allocate(Struct(LIST, found))
        items: Value = found if isinstance(found, ListValue) else TupleValue(found)
        if not isinstance(found, ListValue) and "key" not in named:
            order = self.known_order(found, named, node)
            if order is not None:
                return self.allocate(Struct(LIST, tuple(found[k] for k in order)))
        keys = (
            self.library_call(library.map_one, [named["key"], items], node)
            if "key" in named
            else items
        )
        content = self.content(keys, node)
        if not isinstance(content, ListValue):
            parts = self.elements(keys, node)
            order = self.known_order(parts, named, node)
            if order is not None and not isinstance(found, ListValue):
                return self.allocate(Struct(LIST, tuple(found[k] for k in order)))
            made = self.as_dynamic(parts)
            if made is None:
                raise self.refuse(node, "sorting these elements", "sort numbers, or by a key")
            content = made
        rows = tuple(leaves(content))
        backwards = named.get("reverse", FALSE)
        args = (*rows, self.as_atom(backwards, node))
        keyed = (
            "{0}.__getitem__"
            if len(rows) == 1
            else f"lambda k: ({', '.join(f'{{{j}}}[k]' for j in range(len(rows)))})"
        )
        text = f"sorted(range(len({{0}})), key={keyed}, reverse={{{len(rows)}}})"
        if backwards == FALSE:
            text, args = f"sorted(range(len({{0}})), key={keyed})", rows
        ranks = ListValue(self.python(text, args, node, List(INT)))
        return self.library_call(library.gathered, [items, ranks], node)

    def known_order(
        self, items: tuple[Value, ...], named: dict[str, Value], node: ast.AST
    ) -> list[int] | None:
        """The order of elements that are known while compiling: of texts, keys, literals."""
        keys = all_known(items, self.look(node))
        backwards = known(named.get("reverse", FALSE), self.look(node))
        if keys is None or backwards is None:
            return None
        text = "sorted(range(count), key=keys, reverse=backwards)"
        names = {"count": len(keys), "keys": keys.__getitem__, "backwards": backwards.found}
        found = evaluated(text, names)
        return found.found if found and isinstance(found.found, list) else None

    # Classes.

    def is_instance(self, value: Value, classes: ast.expr, node: ast.AST) -> Value:
        """Settled by the type where possible, else at run time."""
        match classes:
            case ast.Tuple(elts=[*parts]):
                found = [self.is_instance(value, part, node) for part in parts]
                if any(isinstance(part, Lit) and part.value for part in found):
                    return TRUE
                open_ = [part for part in found if not isinstance(part, Lit)]
                if not open_:
                    return FALSE
                raise self.refuse(node, "isinstance() of several classes here", "test for one")
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return self.is_instance(value, ast.Tuple([left, right], ast.Load()), node)
            case _:
                return self.is_of_class(value, self.expression(classes), node)

    def is_of_class(self, value: Value, cls: Value, node: ast.AST) -> Value:
        if isinstance(cls, TupleValue):
            found = [self.is_of_class(value, part, node) for part in cls.items]
            return TRUE if any(part is TRUE for part in found) else FALSE
        content = self.content(value, node)
        match content, cls:
            case Struct(Layout("object" | "named", _, own)), ClassMeaning():
                assert own is not None
                return TRUE if cls in info_of(own).ancestors else FALSE
            case ((Var() | Lit() | Undef()), PrimitiveMeaning(name)) if isinstance(
                content.type, Scalar
            ):
                return TRUE if content.type in _NUMBERS.get(name, ()) else FALSE
            case ((Var() | Lit() | Undef()), ClassMeaning(name=name)) if isinstance(
                content.type, Scalar
            ):
                abstract = name in ("Number", "Complex", "Real") and content.type != NONE
                whole = name in ("Rational", "Integral") and content.type in (INT, BOOL)
                return TRUE if abstract or whole else FALSE
            case ((Lit(type=Opaque("str")) | Var(type=Opaque("str"))), PrimitiveMeaning(name)):
                return TRUE if name in ("str", "object") else FALSE
            case _, PrimitiveMeaning(name):
                return (
                    TRUE if name == _class_name(content, value) or name == "object" else FALSE
                )
            case _, ClassMeaning() if not isinstance(content, Var | Lit):
                return FALSE
            case _:
                raise self.refuse(node, "this isinstance()", "test for a class of a number")

    def construct(
        self, cls: ClassMeaning, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        if cls.exception or (cls.found is None and cls.node is None):
            raise self.refuse(node, f"making an object of {cls.name}", "use plain numbers")
        info = info_of(cls)
        if info.refusal:
            raise self.refuse(
                node, f"an object of {cls.name}, {info.refusal},", "use a plain class"
            )
        args = [self.argument(arg) for arg in args]
        named = {name: self.argument(value) for name, value in named.items()}
        if info.fields is not None:
            return self.from_fields(cls, args, named, node)
        made = self.allocate(Struct(Layout("object", (), cls), ()))
        init = find_member(cls, "__init__")
        if init is not None:
            self.apply(self.member_value(init, "__init__", node), [made, *args], named, node)
        elif args or named:
            raise self.refuse(node, f"{cls.name}() takes no arguments", "correct the call")
        return made

    def from_fields(
        self, cls: ClassMeaning, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        """A dataclass or a named tuple, by its generated `__init__`."""
        info = info_of(cls)
        fields = info.fields or ()
        given = dict(named)
        places = [f.name for f in fields if f.init and not f.keyword_only]
        if len(args) > len(places):
            raise self.refuse(node, f"{cls.name}() takes {len(places)} arguments", "pass fewer")
        for name, value in zip(places, args, strict=False):
            if name in given:
                raise self.refuse(node, f"two values for {name}", "pass it once")
            given[name] = value
        values: dict[str, Value] = {}
        for field in fields:
            if field.name in given and field.init:
                values[field.name] = given.pop(field.name)
            elif field.factory is not None:
                made_ = self.apply(self.usable(field.factory, node), [], {}, node)
                values[field.name] = made_
            elif field.default is not None:
                values[field.name] = self.usable(field.default, node)
            elif field.init:
                raise self.refuse(node, f"{cls.name}() misses {field.name}", "pass it")
        if given:
            raise self.refuse(node, f"{cls.name} has no field {next(iter(given))}", "drop it")
        names, items = tuple(values), tuple(values.values())
        if info.named_tuple:
            return Struct(Layout("named", names, cls), items)
        made = self.allocate(Struct(Layout("object", names, cls), items))
        if self.has_method(made, "__post_init__", node):
            self.call_method(made, "__post_init__", [], node)
        return made

    # functools, itertools, operator.

    def tool(
        self, name: str, args: list[Value], named: dict[str, Value], node: ast.AST
    ) -> Value:
        module, _, short = name.partition(".")
        if module == "operator" and short in _OPERATORS and not named:
            return self.by_operator(_OPERATORS[short](), args, node)
        match name, args:
            case "functools.partial", [func, *first]:
                return PartialValue(func, tuple(first), tuple(named.items()))
            case "functools.reduce", [_, _] if not named:
                return self.library_call(library.reduce_nonempty, args, node)
            case "functools.reduce", [_, _, _] if not named:
                return self.library_call(library.reduce, args, node)
            case "operator.getitem", [owner, index] if not named:
                return self.item_of(owner, index, node)
            case "operator.itemgetter", [_] if not named:
                return self.library_call(library.itemgetter, args, node)
            case "operator.itemgetter", [_, _] if not named:
                return self.library_call(library.itemgetter_two, args, node)
            case "itertools.accumulate", [items, *rest]:
                function = named.get("func", rest[0] if rest else None)
                if "initial" in named and function is not None:
                    values = [items, function, named["initial"]]
                    return self.library_call(library.accumulate_from, values, node)
                if function is not None:
                    return self.library_call(library.accumulate_with, [items, function], node)
                return self.library_call(library.accumulate, [items], node)
            case "itertools.product", [_, _] if not named:
                return self.library_call(library.product_of_two, args, node)
            case "itertools.product", [_, _, _] if not named:
                return self.library_call(library.product_of_three, args, node)
            case "itertools.product", [items] if set(named) == {"repeat"}:
                return self.repeated_product(items, named["repeat"], node)
            case "itertools.combinations", [items, Lit(value=2)]:
                return self.library_call(library.combinations_of_two, [items], node)
            case "itertools.combinations", [items, Lit(value=3)]:
                return self.library_call(library.combinations_of_three, [items], node)
            case "itertools.permutations", [items, Lit(value=2)]:
                return self.library_call(library.permutations_of_two, [items], node)
            case "itertools.pairwise", [items]:
                return self.library_call(library.pairwise, [items], node)
            case "itertools.chain", _ if not named:
                return self.chained(args, node)
            case "itertools.chain.from_iterable", [rows] if not named:
                return self.library_call(library.joined_rows, [rows], node)
            case "itertools.islice", [items, *ends] if not named:
                none: Value = Lit(None, NONE)
                bounds = [none, *ends] if len(ends) == 1 else ends
                return self.slice_of(items, [*bounds, *[none] * (3 - len(bounds))], node)
            case _:
                raise self.unknown(name, len(args), node)

    def repeated_product(self, items: Value, times: Value, node: ast.AST) -> Value:
        match times:
            case Lit(value=2):
                return self.library_call(library.product_of_two, [items, items], node)
            case Lit(value=3):
                return self.library_call(library.product_of_three, [items] * 3, node)
            case _:
                raise self.refuse(node, "a product of this many", "write nested loops")

    def chained(self, args: list[Value], node: ast.AST) -> Value:
        parts = [self.static_items(arg, node) for arg in args]
        if all(part is not None for part in parts):
            return TupleValue(tuple(item for part in parts for item in part or ()))
        made = args[0]
        for arg in args[1:]:
            made = self.library_call(library.concatenated, [made, arg], node)
        return made

    def check_plain_copy(self, value: Value, name: str, node: ast.AST) -> None:
        if self.has_method(value, name, node):
            raise self.refuse(node, f"a class with {name}", "copy its fields by hand")

    def deep_copy(self, value: Value, made: dict[Obj, Ref], node: ast.AST) -> Value:
        """What was one object in two places is one in the copy."""
        match value:
            case Ref(obj) if obj in made:
                return made[obj]
            case Ref(obj):
                self.check_plain_copy(value, "__deepcopy__", node)
                made[obj] = self.allocate(UNBOUND)
                content = self.deep_copy(self.content(value, node), made, node)
                self.emitter.heap[made[obj].obj] = content
                return made[obj]
            case TupleValue(items):
                return TupleValue(tuple(self.deep_copy(item, made, node) for item in items))
            case Struct(layout, items):
                copies = tuple(self.deep_copy(item, made, node) for item in items)
                return Struct(layout, copies)
            case ListValue():
                return self.own_lists(self.thawed(without_origins(value)), node)
            case _:
                return value

    def own_lists(self, content: Value, node: ast.AST) -> Value:
        """A list of unknown length in memory of its own."""
        return map_leaves(content, lambda leaf: self.let("copy", (leaf,), node, leaf.type))

    def by_operator(self, op: ast.AST, args: list[Value], node: ast.AST) -> Value:
        match op, args:
            case ast.operator(), [a, b]:
                return self.operate(op, a, b, node)
            case ast.cmpop(), [a, b]:
                return self.compare_values(op, a, b, node)
            case ast.unaryop(), [a]:
                return self.operate_on_one(op, a, node)
            case _:
                raise self.refuse(node, "this many arguments of an operator", "pass two")

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


def _class_name(content: Value, value: Value) -> str:
    match content:
        case Struct(Layout(kind)):
            return {"named": "tuple", "table": "dict"}.get(kind, kind)
        case ListValue():
            return "list" if isinstance(value, Ref) else "tuple"
        case TupleValue():
            return "tuple"
        case FunctionValue() | PartialValue():
            return "function"
        case _:
            return ""


__all__ = ["Primitives", "at"]
