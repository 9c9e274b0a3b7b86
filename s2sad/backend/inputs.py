"""The head of an emitted function: its arguments are looked at and taken apart.

    def f_grad(p: "{'w': list[float], 'b': float}"):
        if [*p] != ['w', 'b'] or p['w'].__class__ not in (list, tuple):
            raise TypeError("p has to be {'w': list[float], 'b': float}")
        w = p['w']
        b = p['b']
        if {v.__class__ for v in w} - {float}:
            w = [float(+v) for v in w]
        if b.__class__ is not float: …

Whatever is not as assumed raises, but for numbers that pass for floats: these are made
floats. The tests are written as the front end knows them (frontend/assumed.py).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence

from s2sad.backend.annotations import annotation_text, starred
from s2sad.backend.results import ELEMENT, ROW, free
from s2sad.backend.syntax import call, converted, dotted, is_not, name, subscript
from s2sad.errors import TypeRefused
from s2sad.ir.nodes import Func, Input, Let, Shape, Structure, Var, indices, parts_of
from s2sad.ir.structure import SHAPES_DIFFER
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NAMED,
    NONE,
    Array,
    Dim,
    List,
    nesting,
    never_one,
)


def is_structured(func: Func) -> bool:
    return bool(func.inputs) or any(
        isinstance(param.type, List | Array) for param in func.params
    )


class Head:
    """Writes the statements that take the arguments of one function apart.

    `read` tells of a variable whether anything reads it: what is neither read nor made a
    float is left where it is, but looked at: that it is what it should be may have settled
    a condition. `checks` is off where arguments are taken for what they should be, `any_size`
    on where it makes no difference that an axis has one element.
    """

    def __init__(
        self,
        func: Func,
        taken: set[str],
        read: Callable[[Var], bool],
        checks: bool,
        any_size: bool = False,
    ) -> None:
        self.any_size = any_size
        self.params = func.params
        self.copied = {
            stmt.args[0]
            for stmt in func.body.stmts
            if isinstance(stmt, Let) and stmt.op == "copy" and _own(stmt)
        }
        # Of these the shape is compared with that of another array.
        self.compared = {
            stmt.args[1]
            for stmt in func.body.stmts
            if isinstance(stmt, Let)
            and stmt.op == "python"
            and getattr(stmt.args[0], "value", "") == SHAPES_DIFFER
        }
        self.taken = taken
        self.read = read
        self.checks = checks
        self.stmts: list[ast.stmt] = []
        self.tests: list[ast.expr] = []
        self.sizes: list[ast.expr] = []
        # Where each size that has a name is read first.
        self.named: dict[Dim, ast.expr] = {}
        gathered = starred(func)
        # A tuple of whatever length for certain.
        self.rest = gathered.rest if gathered else ""
        for input_ in func.signature:
            self.input(input_)

    def input(self, input_: Input) -> None:
        """All the tests come before anything is taken out, the elements of lists after."""
        before = len(self.stmts)
        if isinstance(input_.structure, int):
            self.leaf(self.params[input_.structure], name(input_.name))
        else:
            self.part(input_.structure, name(input_.name))
        taken_out, self.stmts[before:] = self.stmts[before:], []
        text = annotation_text(input_.structure, self.params)
        self.raised(self.tests, f"{input_.name} has to be {text}")
        # Sizes that are 1 in no axis that is not said to be: nothing is broadcast there.
        any_size = text.replace(":", "_")
        self.raised(
            self.sizes,
            f"an axis of size 1 in {input_.name}, made for {text}; {any_size} takes any",
        )
        self.tests, self.sizes = [], []
        self.stmts += taken_out
        for k in indices(input_.structure):
            self.converted(self.params[k])

    def raised(self, tests: list[ast.expr], what: str) -> None:
        if tests and self.checks:
            error = call("TypeError", ast.Constant(what))
            test = tests[0] if len(tests) == 1 else ast.BoolOp(ast.Or(), tests)
            self.stmts.append(ast.If(test, [ast.Raise(error, None)], []))

    # Taking apart.

    def part(self, structure: Structure, value: ast.expr) -> None:
        match structure:
            case int():
                self.leaf(self.params[structure], value)
                if self.taken_out(self.params[structure]):
                    self.stmts.append(_assign(self.params[structure].hint, value))
            case Shape("each", _, (part,)):
                if not self.is_rest(value):
                    self.check(_class_not_in(value))
                loop = self.loop(ELEMENT, value, set(self.taken))
                self.elements(part, _target(loop), [loop], lambda element: element)
            case Shape("dict", keys, parts):
                self.check(_differ(ast.List([_starred(value)], ast.Load()), _list(keys)))
                for key, part in zip(keys, parts, strict=True):
                    self.part(part, subscript(value, ast.Constant(key)))
            case Shape("member", (member,), _, cls):
                of_class = ast.Attribute(name(cls), str(member), ast.Load())
                self.check(ast.Compare(value, [ast.IsNot()], [of_class]))
            case Shape("class" | "function", cls=cls):
                self.check(ast.Compare(value, [ast.IsNot()], [name(cls)]))
            case Shape("object" | "named" | "instance", keys, parts, cls):
                self.check(is_not(value, cls))
                for key, part in zip(keys, parts, strict=True):
                    self.part(part, ast.Attribute(value, str(key), ast.Load()))
            case _:
                self.sequence(structure, value)

    def sequence(self, structure: Structure, value: ast.expr) -> None:
        """A tuple, or a list of known length: unpacked if its parts are plain."""
        class_ = "list" if isinstance(structure, Shape) else "tuple"
        parts = parts_of(structure)
        leaves = [self.params[part] for part in parts if isinstance(part, int)]
        if self.is_rest(value):
            self.check(_differ(call("len", value), ast.Constant(len(parts))))
        else:
            self.check(is_not(value, class_))
        if parts and len(leaves) == len(parts) and any(map(self.taken_out, leaves)):
            for k, leaf in enumerate(leaves):
                self.leaf(leaf, subscript(value, ast.Constant(k)))
            targets: list[ast.expr] = [ast.Name(leaf.hint, ast.Store()) for leaf in leaves]
            self.stmts.append(ast.Assign([ast.Tuple(targets, ast.Store())], value))
            return
        if not self.is_rest(value):
            self.check(_differ(call("len", value), ast.Constant(len(parts))))
        for k, part in enumerate(parts):
            self.part(part, subscript(value, ast.Constant(k)))

    def elements(
        self,
        structure: Structure,
        element: ast.expr,
        loops: list[ast.comprehension],
        around: Callable[[ast.expr], ast.expr],
    ) -> None:
        """The leaves of a list's elements become parallel lists.

        `loops` run over all the elements; `around` makes nested lists of a leaf.
        """

        def kinds(part: ast.expr, allowed: list[ast.expr]) -> ast.expr:
            return _difference(part, loops, allowed)

        parts: list[ast.expr]
        match structure:
            case int():
                param = self.params[structure]
                self.rows(param, len(loops), element, loops)
                if self.taken_out(param):
                    made = around(ast.ListComp(element, [loops[-1]]))
                    self.stmts.append(_assign(param.hint, made))
                return
            case Shape("each", _, (part,)):
                self.check(kinds(_class(element), [name("list"), name("tuple")]))
                last = loops[-1]
                loop = self.loop(ELEMENT, element, {*self.taken, *_names(loops)})
                self.elements(
                    part,
                    _target(loop),
                    [*loops, loop],
                    lambda inner: around(ast.ListComp(inner, [last])),
                )
                return
            case Shape("dict", keys):
                given: ast.expr = ast.Tuple([_starred(element)], ast.Load())
                self.check(kinds(given, [ast.Tuple(list(map(_constant, keys)), ast.Load())]))
                parts = [subscript(element, ast.Constant(key)) for key in keys]
            case Shape("object" | "named" | "instance", keys, _, cls):
                self.check(kinds(_class(element), [name(cls)]))
                parts = [ast.Attribute(element, str(key), ast.Load()) for key in keys]
            case _:
                size = len(parts_of(structure))
                class_ = "list" if isinstance(structure, Shape) else "tuple"
                self.check(kinds(_class(element), [name(class_)]))
                self.check(kinds(call("len", element), [ast.Constant(size)]))
                parts = [subscript(element, ast.Constant(k)) for k in range(size)]
        for part, value in zip(parts_of(structure), parts, strict=True):
            self.elements(part, value, loops, around)

    def is_rest(self, value: ast.expr) -> bool:
        return isinstance(value, ast.Name) and value.id == self.rest

    def taken_out(self, param: Var) -> bool:
        _, type_ = nesting(param.type)
        return self.read(param) or (self.checks and type_ in (FLOAT, INT))

    # Looking.

    def leaf(self, param: Var, value: ast.expr) -> None:
        """A value that becomes a variable as it is."""
        if param.type == NONE:
            none: list[ast.expr] = [ast.Constant(None)]
            self.check(ast.Compare(value, [ast.IsNot()], none))
        if param.type == BOOL:
            self.check(is_not(value, "bool"))
        if isinstance(param.type, List):
            if not self.is_rest(value):
                self.check(_class_not_in(value))
            self.rows(param, 0, value, [])
        if isinstance(param.type, Array):
            self.array(param.type, value, param in self.compared)

    def array(self, type_: Array, value: ast.expr, compared: bool) -> None:
        """Class, rank and dtype; and of the sizes, which are 1 and which are not."""
        self.check(is_not_exactly(value, "np.ndarray"))
        if not compared:
            rank = ast.Attribute(value, "ndim", ast.Load())
            self.check(_differ(rank, ast.Constant(len(type_.dims))))
        if type_.dtype != FLOAT:
            dtype = ast.Attribute(value, "dtype", ast.Load())
            self.check(_differ(dtype, dotted(_dtype_text(type_))))
        if compared:
            return
        shape = ast.Attribute(value, "shape", ast.Load())
        for k, dim in enumerate(type_.dims):
            size = subscript(shape, ast.Constant(k))
            if isinstance(dim, int):
                self.check(_differ(size, ast.Constant(dim)))
            elif never_one(dim):
                if not self.any_size:
                    self.sizes.append(ast.Compare(size, [ast.Eq()], [ast.Constant(1)]))
            elif dim in self.named:
                self.check(_differ(size, self.named[dim]))
            elif dim.startswith(NAMED):
                self.named[dim] = size

    def arrays(self, type_: Array, value: ast.expr, loops: list[ast.comprehension]) -> None:
        """Class, rank, dtype and sizes of the arrays in a list."""
        self.check(_difference(_class(value), loops, [dotted("np.ndarray")]))
        rank = ast.Attribute(value, "ndim", ast.Load())
        self.check(_difference(rank, loops, [ast.Constant(len(type_.dims))]))
        dtype = ast.Attribute(value, "dtype", ast.Load())
        self.check(_difference(dtype, loops, [call("np.dtype", dotted(_dtype_text(type_)))]))
        shape = ast.Attribute(value, "shape", ast.Load())
        for k, dim in enumerate(type_.dims):
            size = subscript(shape, ast.Constant(k))
            if isinstance(dim, int):
                self.check(_difference(size, loops, [ast.Constant(dim)]))
            elif never_one(dim):
                ones = ast.SetComp(size, loops)
                self.sizes.append(ast.Compare(ast.Constant(1), [ast.In()], [ones]))
            elif dim in self.named:
                self.check(_difference(size, loops, [self.named[dim]]))
            elif dim.startswith(NAMED):
                raise TypeRefused(
                    f"the size {dim.removeprefix(NAMED)} of arrays in a list",
                    None,
                    "name the size of an array outside of a list first, or write : for any"
                    " size but 1, _ for any at all",
                )

    def rows(
        self, param: Var, around: int, value: ast.expr, loops: list[ast.comprehension]
    ) -> None:
        """The lists in a list of lists; `around` are the lists that were taken apart."""
        depth, type_ = nesting(param.type)
        if around and depth > around:
            self.check(_difference(_class(value), loops, [name("list"), name("tuple")]))
        made = self.loops(value, depth - around, {*self.taken, *_names(loops)})
        for k in range(1, len(made)):
            lists: list[ast.expr] = [name("list"), name("tuple")]
            inner = [*loops, *made[:k]]
            self.check(_difference(_class(_target(inner[-1])), inner, lists))
        each = _target(made[-1]) if made else value
        if type_ == BOOL:
            self.check(_difference(_class(each), [*loops, *made], [name("bool")]))
        elif isinstance(type_, Array):
            self.arrays(type_, each, [*loops, *made])

    def converted(self, param: Var) -> None:
        """The elements of a list of numbers."""
        if isinstance(param.type, Array) and param.type.dtype == FLOAT and self.checks:
            # Ints become floats, anything else raises; but where the array is written to,
            # NumPy would have cut off what is written into ints.
            dtype = ast.Attribute(name(param.hint), "dtype", ast.Load())
            made_ = ast.Call(
                ast.Attribute(name(param.hint), "astype", ast.Load()),
                [name("float")],
                [ast.keyword("casting", ast.Constant("safe"))],
            )
            test_ = _differ(dtype, name("float"))
            done: ast.stmt = _assign(param.hint, made_)
            if param in self.copied:
                text = f"{param.hint} has to be an array of floats: it is written to"
                done = ast.Raise(call("TypeError", ast.Constant(text)), None)
            self.stmts.append(ast.If(test_, [done], []))
            return
        depth, type_ = nesting(param.type)
        if not depth or type_ not in (FLOAT, INT) or not self.checks:
            return
        loops = self.loops(name(param.hint), depth, set(self.taken))
        element = _target(loops[-1])
        test = _difference(_class(element), loops, [name(str(type_))])
        made = converted(element, type_)
        for loop in reversed(loops):
            made = ast.ListComp(made, [loop])
        self.stmts.append(ast.If(test, [_assign(param.hint, made)], []))

    def loops(self, source: ast.expr, depth: int, taken: set[str]) -> list[ast.comprehension]:
        """`for v in x`; `for r in x for v in r`; …"""
        made: list[ast.comprehension] = []
        for level in range(depth):
            made.append(self.loop(ELEMENT if level == depth - 1 else ROW, source, taken))
            source = _target(made[-1])
        return made

    def loop(self, wish: str, source: ast.expr, taken: set[str]) -> ast.comprehension:
        target = ast.Name(free(wish, taken), ast.Store())
        return ast.comprehension(target, source, [], 0)

    def check(self, test: ast.expr) -> None:
        self.tests.append(test)


def _own(let: Let) -> bool:
    """Is it the copy of an argument that stands for it, as the body writes to it?"""
    source = let.args[0]
    return isinstance(source, Var) and let.out.hint == source.hint


def is_not_exactly(value: ast.expr, class_: str) -> ast.expr:
    return ast.Compare(_class(value), [ast.IsNot()], [dotted(class_)])


def _dtype_text(type_: Array) -> str:
    name_ = type_.dtype.name
    return name_ if name_ in ("bool", "int", "float", "complex") else f"np.{name_}"


def _names(loops: Sequence[ast.comprehension]) -> set[str]:
    return {node.id for loop in loops for node in ast.walk(loop) if isinstance(node, ast.Name)}


def _assign(target: str, value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Name(target, ast.Store())], value)


def _target(loop: ast.comprehension) -> ast.expr:
    assert isinstance(loop.target, ast.Name)
    return name(loop.target.id)


def _class(value: ast.expr) -> ast.expr:
    return ast.Attribute(value, "__class__", ast.Load())


def _class_not_in(value: ast.expr) -> ast.expr:
    lists = ast.Tuple([name("list"), name("tuple")], ast.Load())
    return ast.Compare(_class(value), [ast.NotIn()], [lists])


def _differ(left: ast.expr, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [ast.NotEq()], [right])


def _difference(
    element: ast.expr, loops: list[ast.comprehension], allowed: list[ast.expr]
) -> ast.expr:
    """`{v.__class__ for v in x} - {float}`: what there is that should not be."""
    return ast.BinOp(ast.SetComp(element, loops), ast.Sub(), ast.Set(allowed))


def _starred(value: ast.expr) -> ast.expr:
    return ast.Starred(value, ast.Load())


def _constant(value: str | int) -> ast.expr:
    return ast.Constant(value)


def _list(keys: Sequence[str | int]) -> ast.expr:
    return ast.List(list(map(_constant, keys)), ast.Load())
