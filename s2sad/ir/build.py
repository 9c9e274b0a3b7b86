"""Building blocks of IR: one `Let` at a time, equal pure subexpressions shared."""

from __future__ import annotations

from collections.abc import Iterable

from s2sad.errors import Loc
from s2sad.ir.nodes import Atom, Block, Let, Lit, Stmt, Var
from s2sad.ir.structure import FRESH
from s2sad.ir.types import Array, Type
from s2sad.ir.typing import result_type

Key = tuple[object, ...]


def _is_buffer(var: Var, op: str) -> bool:
    """Is it an array of its own? A second one may be written to."""
    return isinstance(var.type, Array) and op != "view"


class Builder:
    """Collects the statements of one block.

    A primitive that stands already, here or in an enclosing block, with the same
    arguments gives its variable again (value numbering: the lecture's 31-36).
    """

    # Does each array stand for itself, as the user's may be written to?
    fresh_arrays = True

    def __init__(self, parent: Builder | None = None) -> None:
        self.stmts: list[Stmt] = []
        self.parent = parent
        self._known: dict[Key, Var] = {}

    def let(
        self,
        op: str,
        args: Iterable[Atom],
        *,
        type_: Type | None = None,
        hint: str = "",
        user: bool = False,
        after: tuple[Var, str] | None = None,
        loc: Loc | None = None,
        origin: tuple[Stmt, ...] = (),
    ) -> Var:
        """The value of a primitive; `type_` where it does not follow from the arguments."""
        args = tuple(args)
        key = key_of(op, args)
        if op not in FRESH:
            known = self.find(key)
            if known is not None and not (self.fresh_arrays and _is_buffer(known, op)):
                return known
        out = Var(type_ or result_type(op, args), hint, user, after)
        self.stmts.append(Let(out, op, args, loc, origin))
        self._known[key] = out
        return out

    def known(self, op: str, args: tuple[Atom, ...]) -> Var | None:
        """The variable of a primitive that stands already, if it does."""
        return self.find(key_of(op, args))

    def find(self, key: Key) -> Var | None:
        scope: Builder | None = self
        while scope is not None:
            known = scope._known.get(key)
            if known is not None:
                return known
            scope = scope.parent
        return None

    def know(self, let: Let) -> None:
        """Share a statement that was built elsewhere and is in scope here."""
        if let.op not in FRESH:
            self._known.setdefault(key_of(let.op, let.args), let.out)

    def withdraw(self, let: Let) -> None:
        """Take back a statement of this block that nothing reads."""
        self.stmts.remove(let)
        self._known.pop(key_of(let.op, let.args), None)

    def back_to(self, count: int) -> None:
        """Take back all but the first statements: nothing may share them any more."""
        gone = {stmt.out for stmt in self.stmts[count:] if isinstance(stmt, Let)}
        self._known = {key: var for key, var in self._known.items() if var not in gone}
        del self.stmts[count:]

    def add(self, stmt: Stmt) -> None:
        self.stmts.append(stmt)

    def block(self, params: Iterable[Var], yields: Iterable[Atom]) -> Block:
        return Block(tuple(params), tuple(self.stmts), tuple(yields))


def key_of(op: str, args: tuple[Atom, ...]) -> Key:
    for arg in args:
        if type(arg) is not Var:
            return (op, *[a if type(a) is Var else _constant(a) for a in args])
    return (op, *args)


def _constant(atom: Atom) -> object:
    return atom.key if isinstance(atom, Lit) else "undef"
