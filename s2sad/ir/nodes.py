"""The IR: typed, structured SSA.

    func   ::= name(param…) block
    block  ::= (param…) stmt… yields atom…
    stmt   ::= Let(out, op, args)                        one primitive
             | If(outs, cond, then, orelse)              blocks yield the outs
             | Loop(outs, lists, index, domain, inits, seqs, body)
             | While(outs, lists, inits, cond, body)
             | Call(outs, func, args)                    a function of the module
             | Try(outs, path, body, handlers)           with a `manager`, a `with`
             | Raise(exc)                                nothing after it runs
    atom   ::= Var | Lit | Undef

A `Loop` is a scan. Its body has the parameters `(*carries, *elements)` and yields
`(stop, *next carries, *recorded)`; `lists` are the recorded values in the order of the
passes made. `stop` true ends the loop after this pass. `domain` gives the index; without
one the loop runs once for each element of its sequences. The reverse sweep of a loop is a
loop over `reversed` sequences and a `backward` domain: the IR is closed under
differentiation.

A `While` has a condition block over its carries, and a body that yields like a loop's.

Values are immutable but for arrays and lists, which have versions: `set`, `acc`, `append`
and `drop` take a version and return the next, and a version that has been taken may not be
read again (`verify` holds that), so that emission is in place. A variable is an object; its
hint is the name that it would like to have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from s2sad.errors import Loc
from s2sad.ir.node import Content, Node
from s2sad.ir.types import BOOL, FLOAT, INT, NONE, Type


class Var:
    """An SSA variable, compared by identity. `user` tells that the hint is the user's.

    `after` is the variable that it is to be called after, with a suffix: the adjoint of
    `a` becomes `a_bar`, once it is known what `a` is called.
    """

    __slots__ = ("after", "hint", "type", "user")

    def __init__(
        self,
        type_: Type,
        hint: str = "",
        user: bool = False,
        after: tuple[Var, str] | None = None,
    ) -> None:
        self.type = type_
        self.hint = hint
        self.user = user
        self.after = after

    def __repr__(self) -> str:
        return f"%{self.hint or hex(id(self))}"


class Lit:
    """A literal: a number, a bool, None, or the text of an opaque one (`python` op).

    `key` is equal for literals that are the same to the bit (0.0 is not -0.0).
    """

    __slots__ = ("key", "type", "value")
    __match_args__ = ("value",)

    def __init__(self, value: float | int | bool | complex | str | None, type_: Type) -> None:
        self.value = value
        self.type = type_
        self.key = (str(type_), repr(value))

    def __repr__(self) -> str:
        return repr(self.value)


class Undef:
    """The value of a name that is not bound on this path."""

    __slots__ = ("type",)

    def __init__(self, type_: Type) -> None:
        self.type = type_

    def __repr__(self) -> str:
        return "undef"


Atom: TypeAlias = "Var | Lit | Undef"

ZERO, ONE = Lit(0.0, FLOAT), Lit(1.0, FLOAT)
TRUE, FALSE = Lit(True, BOOL), Lit(False, BOOL)
NOTHING = Lit(None, NONE)


def int_lit(value: int) -> Lit:
    return Lit(value, INT)


def float_lit(value: float) -> Lit:
    return Lit(value, FLOAT)


class Block(Node):
    params: tuple[Var, ...]
    stmts: tuple[Stmt, ...]
    yields: tuple[Atom, ...]


class Let(Node):
    """`origin` names the primal statements whose adjoint this is part of."""

    out: Var
    op: str
    args: tuple[Atom, ...]
    loc: Loc | None = None
    origin: tuple[Stmt, ...] = ()


class If(Node):
    outs: tuple[Var, ...]
    cond: Atom
    then: Block
    orelse: Block
    loc: Loc | None = None
    origin: tuple[Stmt, ...] = ()


class Range(NamedTuple):
    """`range(start, stop, step)`, from its last element to its first if backward."""

    start: Atom
    stop: Atom
    step: Atom
    backward: bool = False


class Seq(NamedTuple):
    """A list that a loop reads an element of in every pass."""

    list: Atom
    reversed: bool = False


class Loop(Node):
    outs: tuple[Var, ...]
    lists: tuple[Var, ...]
    index: Var
    domain: Range | None
    inits: tuple[Atom, ...]
    seqs: tuple[Seq, ...]
    body: Block
    loc: Loc | None = None

    @property
    def carries(self) -> tuple[Var, ...]:
        return self.body.params[: len(self.inits)]

    @property
    def elements(self) -> tuple[Var, ...]:
        return self.body.params[len(self.inits) :]

    @property
    def stop(self) -> Atom:
        return self.body.yields[0]

    @property
    def nexts(self) -> tuple[Atom, ...]:
        return self.body.yields[1 : 1 + len(self.inits)]

    @property
    def recorded(self) -> tuple[Atom, ...]:
        return self.body.yields[1 + len(self.inits) :]


class While(Node):
    outs: tuple[Var, ...]
    lists: tuple[Var, ...]
    inits: tuple[Atom, ...]
    cond: Block
    body: Block
    loc: Loc | None = None

    @property
    def carries(self) -> tuple[Var, ...]:
        return self.body.params

    @property
    def stop(self) -> Atom:
        return self.body.yields[0]

    @property
    def nexts(self) -> tuple[Atom, ...]:
        return self.body.yields[1 : 1 + len(self.inits)]

    @property
    def recorded(self) -> tuple[Atom, ...]:
        return self.body.yields[1 + len(self.inits) :]


class Call(Node):
    """`func` is a name in the module; the outs are its results, flattened."""

    outs: tuple[Var, ...]
    func: str
    args: tuple[Atom, ...]
    loc: Loc | None = None
    origin: tuple[Stmt, ...] = ()


class Handler(NamedTuple):
    """`except exc:`; its block sees what was bound before the `try`.

    A parameter of the block is the exception (`as error`).
    """

    exc: str
    block: Block


class Try(Node):
    """`path` is 0 where the body ran to its end, k + 1 where handler k did.

    With a `manager` it is a `with`, without handlers: the manager swallows no exception.
    """

    outs: tuple[Var, ...]
    path: Var
    body: Block
    handlers: tuple[Handler, ...]
    loc: Loc | None = None
    manager: Atom | None = None


class Raise(Node):
    """`exc` is an opaque value, the exception; None re-raises. `cause`: `from` what."""

    exc: Atom
    loc: Loc | None = None
    cause: Atom | None = None


Stmt: TypeAlias = "Let | If | Loop | While | Call | Try | Raise"


# The origin of an adjoint statement that names none: a sum of contributions.
SUM: tuple[Stmt, ...] = (Raise(NOTHING),)


KINDS = ("list", "dict", "object", "named", "instance", "class", "member", "function", "each")


class Shape(Content):
    """A list, a dict or an object that is put together from parts, or taken apart.

    kind: "list", "dict", "object" or "named" (a named tuple), with keys or the names of
    the fields; cls is the name of the class. "instance": an object of which only the
    attributes that are read are known; "class": the class itself; "member": that of an
    enum, its name the key; "function": itself, by its name in the output. Or "each": a
    list of unknown length whose elements have the structure of the one part, their leaves
    in parallel lists.
    """

    kind: str
    keys: tuple[str | int, ...]
    parts: tuple[Structure, ...]
    cls: str = ""


# How the results of a function are put together: an index into the yields of its body,
# or a tuple or shape of structures.
Structure: TypeAlias = "int | tuple[Structure, ...] | Shape"


def parts_of(structure: Structure) -> tuple[Structure, ...]:
    """The parts of what is no index."""
    match structure:
        case int():
            return ()
        case Shape(_, _, parts):
            return parts
        case _:
            return structure


def indices(structure: Structure) -> Iterator[int]:
    if isinstance(structure, int):
        yield structure
    for part in parts_of(structure):
        yield from indices(part)


def with_indices(structure: Structure, change: Callable[[int], int]) -> Structure:
    """The structure over other indices."""
    match structure:
        case int():
            return change(structure)
        case Shape(kind, keys, parts, cls):
            return Shape(kind, keys, tuple(with_indices(part, change) for part in parts), cls)
        case _:
            return tuple(with_indices(part, change) for part in structure)


class Input(NamedTuple):
    """A parameter of the Python function, taken apart into variables of `body.params`."""

    name: str
    structure: Structure


class Gathered(NamedTuple):
    """The parameters that gather what a call has more, `*rest` and `**named`, "" where there
    is none; `total` is how many parameters there are with them, `defaults` the literals of
    others. What stands between the two is given by name."""

    rest: str
    named: str
    total: int
    defaults: tuple[tuple[str, Lit], ...] = ()


class Func(Node):
    """A function; `body.params` are its parameters, `structure` shapes what it returns.

    `defaults` are the literal defaults of the last parameters; `doc` its docstring;
    `forward` how many of the body's statements belong to the forward sweep (0 where the
    function has no sweeps) and `sweeps` what the two are called; `inputs` the parameters of
    Python's, where some of them are no plain values: an entry is called with these, from
    inside the module with the flat `params`; `gathered` says which of them are starred, which
    holds as long as no other parameter follows.
    """

    name: str
    body: Block
    structure: Structure
    doc: str = ""
    defaults: tuple[Lit, ...] = ()
    forward: int = 0
    loc: Loc | None = None
    inputs: tuple[Input, ...] = ()
    sweeps: tuple[str, str] = ("forward sweep", "reverse sweep")
    gathered: Gathered | None = None

    @property
    def params(self) -> tuple[Var, ...]:
        return self.body.params

    @property
    def signature(self) -> tuple[Input, ...]:
        """The parameters of Python's, always."""
        return self.inputs or tuple(Input(p.hint, k) for k, p in enumerate(self.params))


class Module(Node):
    """Functions, the entry last; `records` are the layouts of named record types."""

    funcs: dict[str, Func]
    entry: str
    records: dict[str, tuple[Type, ...]]


def raises_always(block: Block) -> bool:
    """Does no path through the block reach its end?"""
    if not block.stmts:
        return False
    match block.stmts[-1]:
        case Raise():
            return True
        case If(_, _, then, orelse):
            return raises_always(then) and raises_always(orelse)
        case Try(_, _, body, handlers):
            return all(map(raises_always, (body, *(handler.block for handler in handlers))))
        case _:
            return False
