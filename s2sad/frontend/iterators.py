"""Iterators: `iter(xs)`, `zip(…)` under a name, generators.

g = squares(n); a = next(g)    ->    items = <squares as a function that returns a list>(n)
                                     g = Iterator(items); a = g.__next__()

An iterator is a list with a position (`library.Iterator`). What Python would compute later
is computed where the iterator is made. So at every use what it reads must be as it was
there: the names, and what the objects hold (`Lazy`). What cannot be shown to be is refused.
"""

from __future__ import annotations

import ast
import copy
from typing import TYPE_CHECKING, NamedTuple

from s2sad.frontend import library
from s2sad.frontend.classes import class_meaning
from s2sad.frontend.different import reached
from s2sad.frontend.normalize.hidden import assign, at, read
from s2sad.frontend.scope import (
    comprehension_reads,
    free_names,
    function_nodes,
    is_generator,
    names_read,
    own_nodes,
)
from s2sad.frontend.source import UserFunction
from s2sad.frontend.values import (
    ChoiceValue,
    FunctionValue,
    Layout,
    ListValue,
    Obj,
    PartialValue,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Value,
    describe,
)
from s2sad.ir.node import replace
from s2sad.ir.nodes import NOTHING, Lit, Var
from s2sad.ir.types import INT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from s2sad.frontend.base import Frame
    from s2sad.frontend.calls import Calls
    from s2sad.frontend.statements import Statements

_ITEMS = "%items"
_CLASS = class_meaning(library.Iterator)


class Lazy(NamedTuple):
    """What an iterator reads when its turn comes.

    names: the frame that each is looked up in, and its value. contents: what objects held.
    effects: does it change objects, or print? raises: may it raise? open: is it a
    generator with a `while`, which may end only as its user leaves it?
    """

    what: str
    names: tuple[tuple[Frame, str, Value], ...] = ()
    contents: tuple[tuple[Obj, Value], ...] = ()
    effects: bool = False
    raises: bool = False
    open: bool = False


def is_iterator(frame: Frame, value: Value) -> bool:
    if not isinstance(value, Ref):
        return False
    match frame.emitter.heap.get(value.obj):
        case Struct(Layout("object", _, cls)) if cls == _CLASS:
            return True
        case _:
            return False


def lazies_of(frame: Calls, obj: Obj) -> list[Lazy]:
    """Of what an iterator is, or may be."""
    found = dict.fromkeys((obj, *obj.origins))
    return [frame.program.lazy[o] for o in found if o in frame.program.lazy]


def new_iterator(frame: Calls, items: Value, lazy: Lazy) -> Ref:
    layout = Layout("object", ("items", "at"), _CLASS)
    made = frame.allocate(Struct(layout, (items, Lit(0, INT))))
    frame.program.lazy[made.obj] = lazy
    return made


def check(frame: Calls, value: Ref, node: ast.AST, interleaved: bool = True) -> None:
    """Refuse a use of an iterator after a change of what it reads."""
    for lazy in lazies_of(frame, value.obj):
        _check(frame, lazy, node, interleaved)


def check_ends(frame: Calls, value: Ref, node: ast.AST) -> None:
    """Refuse to take a part of what may have no end."""
    for lazy in lazies_of(frame, value.obj):
        if lazy.open:
            what = f"a part of {lazy.what}, which has a `while` and may not end,"
            raise frame.refuse(node, what, "write the loop where it is used")


def _check(frame: Calls, lazy: Lazy, node: ast.AST, interleaved: bool) -> None:
    if interleaved and lazy.effects:
        raise frame.refuse(
            node, f"{lazy.what}, which changes something at each step,", "make a list of it"
        )
    if interleaved and lazy.raises and frame.program.trying:
        raise frame.refuse(
            node, f"{lazy.what}, which may raise in a try", "make a list of it in the try"
        )
    for owner, name, before in lazy.names:
        now = owner.local(name)
        if now is not before:
            raise frame.refuse(
                node,
                f"a change of {name}, which {lazy.what} reads later on,",
                "make a list of it where it is made",
            )
    for obj, before in lazy.contents:
        if frame.emitter.heap.get(obj) is before:
            continue
        if frame.known_content(Ref(obj), node) is not before:
            raise frame.refuse(
                node,
                f"a change of {obj.hint or 'an object'}, which {lazy.what} reads later on,",
                "make a list of it where it is made",
            )


def rest(frame: Calls, value: Value, node: ast.AST, whole: bool = True) -> Value:
    """What an iterator has left, which is used up; any other value as it is.

    `whole`: all of it is used up for certain.
    """
    if not isinstance(value, Ref) or not is_iterator(frame, value):
        return value
    check(frame, value, node, interleaved=False)
    content = frame.content(value, node)
    assert isinstance(content, Struct)
    items, position = content.items
    raw = frame.emitter.raw(position) if isinstance(position, Var) else position
    if not isinstance(raw, Lit) or raw.value != 0:
        known = frame.static_items(items, node)
        if known is not None and not isinstance(raw, Lit):
            items = frame.as_dynamic(known) or items
        items = frame.slice_of(items, [raw, NOTHING, NOTHING], node)
    frame.store(value, Struct(content.layout, (TupleValue(()), Lit(0, INT))), node)
    if not whole:
        check_ends(frame, value, node)
        frame.emitter.heap[value.obj] = Stale("an iterator that may not be used up,")
    return items


def of_value(frame: Calls, value: Value, node: ast.AST) -> Value:
    """`iter(xs)`."""
    if is_iterator(frame, value):
        return value
    if frame.has_method(value, "__iter__", node):
        return frame.call_method(value, "__iter__", [], node)
    found = frame.as_list_value(value, node)
    items = found if isinstance(found, ListValue) else TupleValue(found)
    objects = reached(value, frame.emitter.heap)[:1]
    lazy = Lazy("an iterator", (), _contents(frame, objects, node))
    return new_iterator(frame, items, lazy)


def of_builtin(frame: Calls, callee: Value, name: str, node: ast.Call) -> Value:
    """`zip(a, b)`, `map(g, a)`, … under a name."""
    made = of_head(frame, callee, name, node)
    (lazy,) = lazies_of(frame, made.obj)
    return _checked(frame, made, lazy, node)


def of_head(frame: Calls, callee: Value, name: str, node: ast.Call) -> Ref:
    """The same in the head of a loop."""
    start = len(frame.emitter.builder.stmts)
    before, changes = dict(frame.emitter.heap), len(frame.emitter.changes)
    names = _names_in(frame, sorted(names_read(node)))
    values = [value for _, _, value in names]
    items = frame.drained_call(callee, node)
    lazy = _lazy(frame, f"{name}()", (names, values), start, changes, before, node)
    return new_iterator(frame, items, lazy)


def of_expression(frame: Calls, node: ast.GeneratorExp) -> Value:
    """A generator expression under a name."""
    start = len(frame.emitter.builder.stmts)
    before, changes = dict(frame.emitter.heap), len(frame.emitter.changes)
    reads = sorted(comprehension_reads(node) & frame.prepared.locals.keys())
    names = _names_in(frame, [*reads, *_named(node.generators[0].iter, frame)])
    items = frame.comprehension(node)
    values = [value for _, _, value in names]
    lazy = _lazy(frame, "a generator", (names, values), start, changes, before, node)
    return _checked(frame, new_iterator(frame, items, lazy), lazy, node)


def called(
    frame: Calls, callee: FunctionValue, arguments: Mapping[str, Value], node: ast.AST
) -> Value:
    """A call of a generator function."""
    listing = as_listing(frame, callee.function)
    start = len(frame.emitter.builder.stmts)
    before, changes = dict(frame.emitter.heap), len(frame.emitter.changes)
    names = _captured(callee)
    values = [*arguments.values(), *(value for _, _, value in names)]
    at_once = node is frame.used_up
    made = frame.invoke(callee._replace(function=listing), arguments, node)
    if at_once:
        # What it changes itself, it has changed.
        names = _captured(callee)
    found = frame.as_list_value(made, node)
    items = made if isinstance(found, ListValue) else TupleValue(found)
    what = f"the generator {callee.function.name}"
    lazy = _lazy(frame, what, (names, values), start, changes, before, node)
    prints = any(
        isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "print"
        for n in function_nodes(callee.function.node)
    )
    loops = any(isinstance(n, ast.While) for n in function_nodes(callee.function.node))
    lazy = lazy._replace(effects=lazy.effects or prints, open=loops)
    iterator = new_iterator(frame, items, lazy)
    return iterator if at_once else _checked(frame, iterator, lazy, node)


def _checked(frame: Calls, made: Ref, lazy: Lazy, node: ast.AST) -> Ref:
    """Of an iterator that is kept, nothing that it does may show."""
    if lazy.effects:
        raise frame.refuse(
            node, f"{lazy.what}, which changes something at each step,", "make a list of it"
        )
    return made


def _lazy(
    frame: Calls,
    what: str,
    reads: tuple[tuple[tuple[Frame, str, Value], ...], list[Value]],
    start: int,
    changes: int,
    before: Mapping[Obj, Value],
    node: ast.AST,
) -> Lazy:
    from s2sad.frontend.exceptions import may_raise

    names, values = reads
    effects = any(change.obj in before for change in frame.emitter.changes[changes:])
    raises = any(map(may_raise, frame.emitter.builder.stmts[start:]))
    objects = [obj for value in values for obj in reached(value, before)]
    contents = () if effects else _contents(frame, objects, node)
    return Lazy(what, names, contents, effects, raises)


def _contents(frame: Calls, objects: list[Obj], node: ast.AST) -> tuple[tuple[Obj, Value], ...]:
    heap = frame.emitter.heap
    return tuple((obj, heap[obj]) for obj in dict.fromkeys(objects) if obj in heap)


def _named(node: ast.expr, frame: Frame) -> list[str]:
    found = [n.id for n in own_nodes([node]) if isinstance(n, ast.Name)]
    return [name for name in found if isinstance(frame.local(name), Ref)]


def _names_in(frame: Frame, names: list[str]) -> tuple[tuple[Frame, str, Value], ...]:
    """Names of a frame with their values, and what the functions among these read."""
    found: dict[tuple[Frame, str], Value] = {}
    for name in dict.fromkeys(names):
        if name in frame.prepared.locals:
            _add(found, frame, name)
    return tuple((owner, name, value) for (owner, name), value in found.items())


def _captured(value: Value) -> tuple[tuple[Frame, str, Value], ...]:
    """The names that a function reads around it, and their values now."""
    found: dict[tuple[Frame, str], Value] = {}
    _add_captured(found, value)
    return tuple((owner, name, value) for (owner, name), value in found.items())


def _add(found: dict[tuple[Frame, str], Value], frame: Frame, name: str) -> None:
    if (frame, name) not in found:
        value = found[frame, name] = frame.local(name)
        _add_captured(found, value)


def _add_captured(found: dict[tuple[Frame, str], Value], value: Value) -> None:
    match value:
        case PartialValue(func, args, named):
            for part in (func, *args, *(item for _, item in named)):
                _add_captured(found, part)
        case ChoiceValue(_, then, orelse):
            _add_captured(found, then)
            _add_captured(found, orelse)
        case FunctionValue(function, frame):
            for name in sorted(free_names(function.node)):
                owner = frame
                while owner is not None and name not in owner.prepared.locals:
                    owner = owner.closure
                if owner is not None:
                    _add(found, owner, name)
        case _:
            pass


# A generator as a function that returns a list.


def as_listing(frame: Calls, function: UserFunction) -> UserFunction:
    known = frame.program.listings.get(function.node)
    if known is None:
        assert isinstance(function.node, ast.FunctionDef)
        odd = odd_yield(function.node)
        if odd is not None:
            raise frame.program.refusal(
                function, odd, "a yield that is more than a statement", "write a loop"
            )
        endless = _endless(function.node)
        if endless is not None:
            raise frame.program.refusal(
                function,
                endless,
                f"the generator {function.name}, which may never end,",
                "write the loop where it is used",
            )
        node = _listing(function.node)
        known = replace(function, node=node)
        frame.program.listings[function.node] = known
    return known


def odd_yield(node: ast.FunctionDef) -> ast.expr | None:
    """A `yield` whose value is used."""
    nodes = function_nodes(node)
    plain = {id(stmt.value) for stmt in nodes if isinstance(stmt, ast.Expr)}
    yields = (n for n in nodes if isinstance(n, ast.Yield | ast.YieldFrom))
    return next((n for n in yields if id(n) not in plain), None)


def first_yield(node: ast.AST) -> ast.expr | None:
    if not isinstance(node, ast.FunctionDef | ast.Lambda) or not is_generator(node):
        return None
    found = [n for n in function_nodes(node) if isinstance(n, ast.Yield | ast.YieldFrom)]
    return min(found, key=lambda n: (n.lineno, n.col_offset))


def _endless(node: ast.FunctionDef) -> ast.stmt | None:
    """A loop that only its user can leave."""
    for inner in function_nodes(node):
        if not isinstance(inner, ast.While) or not isinstance(inner.test, ast.Constant):
            continue
        leaves = (ast.Return, ast.Break, ast.Raise)
        if not any(isinstance(n, leaves) for n in own_nodes(inner.body)):
            return inner
    return None


def _listing(node: ast.FunctionDef) -> ast.FunctionDef:
    made = copy.deepcopy(node)
    _clean(made)
    start = assign(node, _ITEMS, at(node, ast.List([], ast.Load())))
    end = at(node, ast.Return(read(node, _ITEMS)))
    made.body = [start, *_Listing().block(made.body), end]
    return made


def _clean(node: ast.AST) -> None:
    """Drop what was noted of the nodes: they are others now."""
    for inner in ast.walk(node):
        for name in [name for name in vars(inner) if name.startswith("_s2sad")]:
            delattr(inner, name)


class _Listing(ast.NodeTransformer):
    def block(self, stmts: list[ast.stmt]) -> list[ast.stmt]:
        return [self.visit(stmt) for stmt in stmts]

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        return node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        return at(node, ast.Return(read(node, _ITEMS)))

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        match node.value:
            case ast.Yield(value=value):
                given = value or at(node, ast.Constant(None))
                return at(node, ast.Expr(self.call(node, "append", given)))
            case ast.YieldFrom(value=value):
                return at(node, ast.Expr(self.call(node, "extend", value)))
            case _:
                return node

    def call(self, node: ast.AST, name: str, given: ast.expr) -> ast.expr:
        method = at(node, ast.Attribute(read(node, _ITEMS), name, ast.Load()))
        return at(node, ast.Call(method, [given], []))


def _known_next(
    frame: Statements, value: Ref, default: Value | None, node: ast.AST
) -> Value | None:
    """The next element, where all of them and the position are known."""
    content = frame.content(value, node)
    assert isinstance(content, Struct)
    known, position = frame.static_items(content.items[0], node), content.items[1]
    if known is None or not isinstance(position, Lit):
        return None
    k = int(str(position.value))
    if k < len(known):
        parts = content.items[0], Lit(k + 1, INT)
        frame.store(value, Struct(content.layout, parts), node)
        return known[k]
    return default or frame.raising("StopIteration()", node)


def next_of(
    frame: Statements, node: ast.AST, value: Value, default: Value | None = None
) -> Value:
    """`next(it)`, `next(it, default)`."""
    if isinstance(value, Ref) and is_iterator(frame, value):
        check(frame, value, node)
        check_ends(frame, value, node)
        found = _known_next(frame, value, default, node)
        if found is not None:
            return found
        if default is not None:
            return frame.library_call(library.next_or, [value, default], node)
        return frame.call_method(value, "__next__", [], node)
    if frame.has_method(value, "__next__", node):
        if default is not None:
            return frame.library_call(library.next_of_or, [value, default], node)
        return frame.call_method(value, "__next__", [], node)
    raise frame.refuse(node, f"next() of {describe(value)}", "make an iterator with iter()")
