"""The state of a function that is being lowered, and the names in it."""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.frontend.joins import PARTLY, join_templates
from s2sad.frontend.keyed import NO_FACTORY, table_parts
from s2sad.frontend.normalize.hidden import is_hidden
from s2sad.frontend.prepare import Prepared
from s2sad.frontend.presence import raising_where_none
from s2sad.frontend.resolve import ClassMeaning
from s2sad.frontend.source import UserFunction, locate
from s2sad.frontend.values import (
    UNBOUND,
    Inline,
    Layout,
    ListValue,
    Mixed,
    Nullable,
    Obj,
    Ref,
    Stale,
    Struct,
    TupleValue,
    Unbound,
    Value,
    empty,
    is_none,
    leaves,
    list_element,
    map_leaves,
    rebuild,
    tells_nothing,
)
from s2sad.ir.build import Builder, Key
from s2sad.ir.nodes import (
    FALSE,
    TRUE,
    Atom,
    Block,
    If,
    Let,
    Lit,
    Loop,
    Raise,
    Seq,
    Stmt,
    Undef,
    Var,
    raises_always,
)
from s2sad.ir.types import BOOL, INT, NEVER, Dim, Named, Opaque, Type, is_array

if TYPE_CHECKING:
    from s2sad.frontend.arrays import Arrays
    from s2sad.frontend.layers import Layers
    from s2sad.frontend.program import Program
else:
    Layers = object


GIVEN = "an object that is in a list of unknown length"
SHARED = "an object that is in a list of unknown length, perhaps more than once"
STALE = Stale("an object that may be another one, which was changed,")
REREAD = STALE._replace(again=True)


_COUNTED = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}


class Change(NamedTuple):
    """An object that was changed, and when: after so many statements of a block, which is
    in another one, and so on."""

    obj: Obj
    where: tuple[tuple[Builder, int], ...]


def here(builder: Builder | None) -> tuple[tuple[Builder, int], ...]:
    """A place in a block, and those of the blocks around it, the innermost first."""
    found: list[tuple[Builder, int]] = []
    while builder is not None:
        found.append((builder, len(builder.stmts)))
        builder = builder.parent
    return tuple(found)


class Unshared(Builder):
    """A block whose own primitives are not shared: a condition prints as it was written."""

    def find(self, key: Key) -> Var | None:
        return self.parent.find(key) if self.parent else None


class Emitter:
    """Where statements go: shared by a function and all that is inlined into it."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.builder = Builder()
        # Variables that are a literal under a name: `h = 0.01`.
        self.named: dict[Var, Lit] = {}
        # Ints that are computed of literals.
        self.counted: dict[Var, Lit] = {}
        # Constants of modules, `np.inf`, and their negatives.
        self.settled: dict[Atom, float] = {}
        # The sizes of arrays that variables hold.
        self.sizes: dict[Atom, Dim] = {}
        # What the objects hold that can change; were there any that may be one another?
        self.heap: dict[Obj, Value] = {}
        self.merged = False
        # While a list is made for a loop: the arrays that the loop carries by a name.
        self.carried: set[Atom] = set()
        # Are there views of arrays?
        self.views = False
        # Arrays in C's order, if some arguments are; those that are tested for that.
        self.dense: dict[Obj | Atom, frozenset[Var]] = {}
        self.contiguous: dict[Var, None] = {}
        # The objects that were there before the innermost loop; the lists whose length
        # changed; the constants of the module that are objects.
        self.outside: Mapping[Obj, Value] = {}
        self.resized: set[Obj] = set()
        self.changes: list[Change] = []
        # What loops carry: a number of these may be an int where its type is float.
        self.joined: set[Var] = set()
        # Lists that were known one by one: as they were, and as one of unknown length.
        self.turned: dict[Obj, tuple[Value, Value]] = {}
        # What the loop whose head is being lowered runs over.
        self.heads: list[Obj] = []
        # Objects that are there before the call: one is changed, the other is not the same.
        self.apart: dict[tuple[str, str], None] = {}
        # The indices of loops, which are not negative.
        self.counters: set[Atom] = set()
        # The iterators that it uses up.
        self.taken: list[Ref] = []
        self.constants: dict[int, Ref] = {}
        # Of what tells whether a call gave None: the name of its function. Whether it is
        # known here; conditions that tell it, as they hold or as they do not.
        self.givers: dict[Var, str] = {}
        # Of what tells whether an element of a list is None.
        self.elements: set[Atom] = set()
        self.told: dict[Var, bool] = {}
        self.tells: dict[Var, tuple[Var, bool]] = {}

    def stale_elements(self, root: Obj, depth: int = 0, replaced: bool = False) -> None:
        """A list was changed: what was read of it is stale, and what was given to it, unless
        an element was `replaced` by another one, which leaves the others as they are.

        depth: only an element was changed, that many indices down. It, and the others
        there, are read again where they are asked for: they are where they were.
        """
        for obj, held in self.heap.items():
            around, indices = (obj.place[0].obj, obj.place[1]) if obj.place else (None, ())
            if around is root and len(indices) == depth:
                known = not isinstance(held, Stale) or held.again
                self.heap[obj] = REREAD if known else STALE
            elif around is root:
                self.heap[obj] = STALE
            elif around is None and not replaced:
                placed = [o for o in (obj, *obj.origins) if o.place is None]
                if any(o.fixed == GIVEN for o in placed):
                    self.heap[obj] = STALE

    @contextmanager
    def nested(self, builder: Builder | None = None) -> Iterator[Builder]:
        outer = self.builder
        self.builder = builder or Builder(outer)
        told, self.told = self.told, dict(self.told)
        try:
            yield self.builder
        finally:
            self.builder, self.told = outer, told

    def raised(self) -> bool:
        """Does control not get here?"""
        stmts = self.builder.stmts
        if not stmts or isinstance(stmts[-1], Let):
            return False
        return raises_always(Block((), (stmts[-1],), ()))

    def count(self, made: Var, op: str, args: tuple[Atom, ...]) -> None:
        """Note what an int of literals is: `i + 1` in a loop that is written out."""
        match tuple(map(self.counted_as, args)):
            case Lit(int(a)), Lit(int(b)):
                self.counted[made] = Lit(_COUNTED[op](a, b), INT)
            case _:
                pass

    def counted_as(self, atom: Atom) -> Atom:
        """The int that is known to be an index; else the atom."""
        raw = self.raw(atom)
        return self.counted.get(raw, raw) if isinstance(raw, Var) else raw

    def raw(self, atom: Atom) -> Atom:
        """The literal that a variable is a name of; else the atom."""
        return self.named.get(atom, atom) if isinstance(atom, Var) else atom

    def learn(self, condition: Atom, holds: bool) -> None:
        """A condition that is known from here to the end of the block."""
        if isinstance(condition, Var):
            self.told[condition] = holds
            if condition in self.tells:
                presence, positive = self.tells[condition]
                self.told[presence] = holds == positive


class Frame(Layers):
    """One function being lowered, in its own Func or inlined into another's.

    `closure` is the frame that a nested function was defined in: its names are read as
    they are bound at the call. `loop` numbers the innermost loop.
    """

    def __init__(
        self,
        program: Program,
        function: UserFunction,
        prepared: Prepared,
        emitter: Emitter,
        closure: Frame | None = None,
    ) -> None:
        self.program = program
        self.function = function
        self.prepared = prepared
        self.emitter = emitter
        self.closure = closure
        self.env: dict[str, Value] = {}
        self.loop = 0
        # The statement that is being lowered.
        self.at_hand: ast.AST | None = None
        # The class that a method stands in.
        self.of_class: ClassMeaning | None = None
        # What the outermost loop of a comprehension runs over, in the scope around.
        self.iterated: tuple[Frame, ast.expr] | None = None
        self.cells: dict[str, Obj] = {}

    @cached_property
    def arrays(self) -> Arrays:
        """What this frame does with arrays; here, for most programs have none."""
        from s2sad.frontend.arrays import Arrays

        return Arrays(self)  # type: ignore[arg-type]

    def is_array(self, value: Value) -> bool:
        """Is it a NumPy array?"""
        if not isinstance(value, Ref):
            return False
        if value.obj.part is not None:
            return True
        content = self.emitter.heap.get(value.obj)
        return isinstance(content, Var | Undef) and is_array(content.type)

    # Places.

    def loc(self, node: ast.AST) -> Loc:
        return locate(self.function.file, node)

    def refuse(self, node: ast.AST, what: str, instead: str) -> UnsupportedSyntax:
        return UnsupportedSyntax(what, self.loc(node), instead)

    # Names.

    def read(self, node: ast.Name) -> Value:
        return self.read_name(node.id, node)

    def read_name(self, name: str, node: ast.AST) -> Value:
        """What a name means here, as Python's scopes have it."""
        if name in self.prepared.locals or name.startswith("%"):
            return self.checked(self.local(name), name, node)
        if self.closure is not None:
            return self.closure.captured(name, node)
        return self.global_(name, node)

    def local(self, name: str) -> Value:
        if name in self.prepared.cells:
            return self.emitter.heap.get(self.cell(name), UNBOUND)
        return self.env.get(name, UNBOUND)

    def cell(self, name: str) -> Obj:
        """Where a variable is kept that a nested function rebinds (`nonlocal`)."""
        if name in self.prepared.nonlocals:
            if self.closure is None:
                raise UnsupportedSyntax(
                    f"nonlocal {name}, which outlives the call",
                    self.function.loc,
                    "pass it as an argument and return it",
                )
            return self.closure.cell(name)
        if name not in self.prepared.cells and self.closure is not None:
            return self.closure.cell(name)
        return self.cells.setdefault(name, Obj())

    def bind_parameters(self, arguments: Mapping[str, Value]) -> None:
        self.env.update(arguments)
        for name in self.prepared.cells:
            self.emitter.heap[self.cell(name)] = self.env.pop(name, UNBOUND)

    def captured(self, name: str, node: ast.AST) -> Value:
        """A name that a nested function reads in this scope."""
        if name in self.prepared.locals:
            return self.checked(self.local(name), name, node)
        if self.closure is not None:
            return self.closure.captured(name, node)
        return self.global_(name, node)

    def checked(self, value: Value, name: str, node: ast.AST) -> Value:
        match value:
            case Unbound():
                raise self.refuse(
                    node,
                    f"the local variable {name} is read before it is bound",
                    f"give {name} a value on every path to here",
                )
            case Mixed(why):
                if value is PARTLY:
                    raise self.refuse(
                        node,
                        f"{name}, which is {why},",
                        f"give {name} a value on every path to here",
                    )
                raise self.refuse(
                    node,
                    f"{name} is {why}, depending on the path",
                    "start with the first one, or keep an index: best = xs[0]"
                    if why.startswith("a none or a ") and why[12:13].isupper()
                    else "use one kind of value under one name",
                )
            case Stale():
                raise self.refuse(
                    node,
                    f"{name}, which a nested function rebinds in a try, before it may raise,",
                    "return the value and bind it in a statement of its own",
                )
            case _:
                return value

    def global_(self, name: str, node: ast.AST) -> Value:
        meaning = self.program.global_meaning(self.function.namespace, name)
        if meaning is None:
            raise self.refuse(
                node,
                f"the name {name} is not defined",
                "define it, or check its spelling",
            )
        return self.usable(meaning, node)

    # Statements.

    @contextmanager
    def evaluating(self, node: ast.expr) -> Iterator[None]:
        """Note of an expression if it may raise, though it does not look it."""
        builder = self.emitter.builder
        start = len(builder.stmts)
        yield
        if self.prepared.tries and builder.stmts[start:]:
            from s2sad.frontend.exceptions import may_raise
            from s2sad.frontend.normalize import effects

            looks = effects.may_raise(node)
            made = (
                s for s in builder.stmts[start:] if not isinstance(s, Let) or s.op != "python"
            )
            if not looks and any(map(may_raise, made)):
                self.program.found.raising.add(effects.place_of(node))

    def let(
        self, op: str, args: tuple[Atom, ...], node: ast.AST, type_: Type | None = None
    ) -> Var:
        made = self.emitter.builder.let(op, args, type_=type_, loc=self.loc(node))
        if op in _COUNTED and made.type == INT:
            self.emitter.count(made, op, args)
        return self.arrays.read_size(made) if op == "get" and is_array(made.type) else made

    def add(self, stmt: Stmt) -> None:
        self.emitter.builder.add(stmt)

    def closed(self, builder: Builder, params: tuple[Var, ...], yields: list[Atom]) -> Block:
        """The block of a builder; nothing stays after a raise."""
        for position, stmt in enumerate(builder.stmts):
            if not isinstance(stmt, Let) and raises_always(Block((), (stmt,), ())):
                cut = tuple(builder.stmts[: position + 1])
                return Block(params, cut, tuple(Undef(atom.type) for atom in yields))
        return builder.block(params, yields)

    def name(self, name: str, value: Value, node: ast.AST) -> None:
        """Bind a name: a variable without a hint takes it; a literal gets a name."""
        if is_hidden(name):
            if isinstance(value, Ref):
                value.obj.hint = value.obj.hint or name.split(".")[0]
            self.env[name] = value
            return
        if name in self.prepared.cells or name in self.prepared.nonlocals:
            if name in self.prepared.nonlocals and self.closure is None:
                raise self.refuse(
                    node,
                    f"a change of {name}, a nonlocal that outlives the call,",
                    "pass it as an argument and return it",
                )
            cell = self.cell(name)
            self.emitter.heap[cell] = value
            self.emitter.changes.append(Change(cell, here(self.emitter.builder)))
            return
        match value:
            case Var():
                if not value.hint:
                    value.hint, value.user = name, True
            case Ref(obj):
                if not obj.hint or is_hidden(obj.hint):
                    obj.hint = name
                self.name_list(obj, name)
            case ListValue():
                lists = [leaf for leaf in leaves(value) if isinstance(leaf, Var)]
                for k, leaf in enumerate(lists, start=1):
                    if not leaf.hint:
                        leaf.hint, leaf.user = name if len(lists) == 1 else f"{name}_{k}", True
            case Lit() if value.type != NEVER and isinstance(value.value, int | float):
                value = self.named_literal(name, value, node)
            case _:
                pass
        self.env[name] = value

    def name_list(self, obj: Obj, name: str) -> None:
        """What holds the elements of a list is called as the list is."""
        content = self.emitter.heap.get(obj)
        match content:
            case Struct(Layout("table"), (places, Ref(values), _)):
                if isinstance(places, Var) and not places.hint:
                    places.hint, places.user = f"{name}_at", True
                if not values.hint or is_hidden(values.hint):
                    values.hint = name
                self.name_list(values, name)
                return
            case _:
                pass
        known = isinstance(content, ListValue | Var)
        parts = list(leaves(content)) if known and content is not None else []
        if isinstance(content, ListValue) and isinstance(content.item, Nullable):
            flags = content.item.present
            if isinstance(flags, Var) and not flags.user:
                flags.hint, flags.user = f"{name}_set", True
            parts = parts[:1]
        for k, leaf in enumerate(parts, start=1):
            if isinstance(leaf, Var) and not leaf.user:
                leaf.hint, leaf.user = name if len(parts) == 1 else f"{name}_{k}", True

    def named_literal(self, name: str, lit: Lit, node: ast.AST) -> Var:
        """`h = 0.01`: the user's name stays where it is read as an operand."""
        var = Var(lit.type, name, True)
        self.emitter.builder.add(Let(var, "id", (lit,), self.loc(node)))
        self.emitter.named[var] = lit
        return var

    def joined(self, a: Value, b: Value, name: str) -> Value:
        """The template of a name that has one of two values."""
        site = self.emitter.owner, self.function.node, name
        shape = join_templates(a, b)
        if (a is UNBOUND) != (b is UNBOUND) and name and not is_hidden(name):
            shape = PARTLY if tells_nothing(shape) else shape
        return self.program.records.settled(shape, site)

    def coerce(self, value: Value, shape: Value, builder: Builder) -> Value:
        """A value in the structure of a template: what is not bound becomes `Undef`."""
        match value, shape:
            case _, Mixed() | Stale():
                return shape
            case _, Nullable() if is_none(value):
                return Nullable(shape.item, FALSE)
            case Nullable(item, present), Nullable(inner, _):
                return Nullable(self.coerce(item, inner, builder), present)
            case Var() | Lit() | Inline(), Nullable(inner, _):
                return Nullable(self.coerce(value, inner, builder), TRUE)
            case Undef(type=type_), Undef() if type_ != NEVER:
                return value
            case Unbound() | Undef(), _:
                return shape
            case TupleValue(), Undef(type=Named(name)):
                return self.packed(value, name, builder)
            case _, ListValue(item) if empty(value) and not empty(shape):
                return self.listed((), item, builder)
            case Struct(Layout("list"), items), ListValue(item):
                return self.listed(items, item, builder)
            case ListValue(item), ListValue(inner) if not _alike(item, inner):
                return self.coerced_elements(item, inner, builder)
            case Inline(content), Inline(inner, origins):
                return Inline(self.coerce(content, inner, builder), origins)
            case TupleValue(xs), TupleValue(ys):
                pairs = zip(xs, ys, strict=True)
                return TupleValue(tuple(self.coerce(x, y, builder) for x, y in pairs))
            case Struct(Layout("dict", keys), items), Struct(Layout("table")):
                places, held = table_parts(keys, items, builder)
                made = Struct(shape.layout, (places, Inline(held), NO_FACTORY))
                return self.coerce(made, shape, builder)
            case Struct(_, xs), Struct(layout, ys):
                pairs = zip(xs, ys, strict=True)
                return Struct(layout, tuple(self.coerce(x, y, builder) for x, y in pairs))
            case _:
                return value

    def coerced_elements(self, item: Value, shape: Value, builder: Builder) -> ListValue:
        """A list of rows whose parts are in parallel lists, as a list of lists."""
        sources = list(leaves(item))
        elements = tuple(Var(list_element(source)) for source in sources)
        inner = Builder(builder)
        wanted = map_leaves(shape, lambda leaf: Undef(list_element(leaf)))
        made = self.coerce(rebuild(item, iter(elements)), wanted, inner)
        lists = tuple(Var(leaf.type) for leaf in leaves(shape))
        recorded = (self.emitter.raw(leaf) for leaf in leaves(made))
        body = inner.block(elements, (FALSE, *recorded))
        seqs = tuple(map(Seq, sources))
        builder.add(Loop((), lists, Var(INT, "_"), None, (), seqs, body))
        return ListValue(rebuild(shape, iter(lists)))

    def listed(self, items: tuple[Value, ...], item: Value, builder: Builder) -> ListValue:
        """A list of unknown length from its elements; `item` is its element's template."""
        shape = map_leaves(item, lambda leaf: Undef(list_element(leaf)))
        owned = [self.give_away(value, builder=builder) for value in items]
        given = [self.as_element(value, shape, builder) for value in owned]
        rows = [[*leaves(self.coerce(value, shape, builder))] for value in given]
        made: list[Atom] = []
        for k, leaf in enumerate(leaves(item)):
            parts = tuple(self.uncarried(row[k], builder) for row in rows)
            var = Var(leaf.type)
            builder.add(Let(var, "list", parts))
            made.append(var)
        return ListValue(rebuild(item, iter(made)))

    def uncarried(self, part: Atom, builder: Builder) -> Atom:
        """What a loop carries by its name goes into a list that it carries as a copy."""
        raw = self.emitter.raw(part)
        carried = raw in self.emitter.carried
        return builder.let("copy", (raw,), type_=raw.type) if carried else raw

    def packed(self, value: Value, name: str, builder: Builder) -> Var:
        """A tuple as a named record."""
        records = self.program.records
        inner = self.coerce(value, records.shapes[records.current(name)], builder)
        parts = tuple(self.emitter.raw(leaf) for leaf in leaves(inner))
        return builder.let("tuple", parts, type_=Named(name))

    def unpacked(self, record: Var, name: str, node: ast.AST) -> Value:
        """The parts of a named record."""
        self.demand(record, node)
        records = self.program.records
        shape = records.shapes[records.current(name)]
        parts = [
            self.let("item", (record, Lit(k, INT)), node, leaf.type)
            for k, leaf in enumerate(leaves(shape))
        ]
        return rebuild(shape, iter(parts))

    def demand(self, presence: Atom, node: ast.AST) -> None:
        """Raise where a value is None: `presence` tells, or is the record itself."""
        emitter = self.emitter
        if not isinstance(presence, Var) or emitter.told.get(presence):
            return
        giver, (name, flag, _) = emitter.givers.get(presence), presence.hint.partition("_set")
        what = f"{name} is None" if flag and not giver else f"{giver or 'it'} returned None"
        what = "an element is None" if presence in emitter.elements else what
        text = Lit(f"TypeError({what!r})", Opaque("text"))

        def raising() -> tuple[Stmt, ...]:
            error = Var(Opaque("exception"))
            return Let(error, "python", (text,), self.loc(node)), Raise(error, self.loc(node))

        stmts = emitter.builder.stmts
        pushed = raising_where_none(stmts[-1], presence, raising) if stmts else None
        if pushed is not None:
            stmts[-1] = pushed
        else:
            known: Atom = presence
            if presence.type != BOOL:
                is_there = Lit("{0} is not None", Opaque("text"))
                known = self.let("python", (is_there, presence), node, BOOL)
            self.add(If((), known, Block((), (), ()), Block((), raising(), ()), self.loc(node)))
        emitter.learn(presence, True)

    def narrowed(self, value: Value) -> Value:
        """A value that is known not to be None here."""
        match value:
            case Nullable(item, Var() as present) if self.emitter.told.get(present):
                return item
            case _:
                return value

    def there(self, value: Value, node: ast.AST) -> Value:
        """A value that is about to be looked into: where it is None, Python raises."""
        match value:
            case Nullable(Ref() as item, present):
                self.demand(present, node)
                return item
            case _:
                return value

    def snapshot(self, names: tuple[str, ...]) -> dict[str, Value]:
        return {name: self.env.get(name, UNBOUND) for name in names}

    def restore(self, values: dict[str, Value]) -> None:
        self.env.update(values)

    def forget(self, names: tuple[str, ...]) -> None:
        for name in names:
            self.env.pop(name, None)


BOTTOM = Undef(NEVER)
ZERO_INT, ONE_INT = Lit(0, INT), Lit(1, INT)


def _alike(a: Value, b: Value) -> bool:
    """Are the elements of two lists put together in the same way?"""
    match a, b:
        case Inline(x), Inline(y):
            return _alike(x, y)
        case Struct(Layout("list"), _), ListValue():
            return False
        case (TupleValue(xs), TupleValue(ys)) | (Struct(_, xs), Struct(_, ys)):
            return len(xs) != len(ys) or all(map(_alike, xs, ys))
        case ListValue(x), ListValue(y):
            return _alike(x, y)
        case _:
            return True
