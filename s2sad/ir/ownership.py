"""Which buffers a variable may be, and which of them may still be read.

Each version of a buffer has *tokens*: those of the buffers that it may be. To consume a
version is to kill its tokens, to read it is to require them alive. What that means for
each statement is in `borrow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NoReturn

from s2sad.errors import assert_never
from s2sad.ir.complaint import complain
from s2sad.ir.nodes import Atom, Func, Module, Stmt, Var
from s2sad.ir.types import Array, List, Named, Opaque, Places, Record, Scalar, Tuple, Type

Tokens = frozenset[int]
NO_TOKENS: Tokens = frozenset()


class Ownership:
    """The tokens of one function's variables, as its statements are gone through."""

    def __init__(self, module: Module, func: Func) -> None:
        self.records = module.records
        self.func = func
        self.tokens: dict[Var, Tokens] = {}
        # The barriers (loop and try bodies) around the place where a token was made.
        self.made_in: list[int] = []
        self.barriers: list[str] = []
        self.killers: dict[int, Stmt] = {}
        self.trail: list[int] = []
        self.consumed: set[int] = set()
        self.last_read: dict[int, int] = {}
        self.clock = 0
        self.current: Stmt | None = None
        self.buffers: dict[Type, bool] = {}
        self.looping = 0
        # What stands for a buffer that went by several names.
        self.stands: dict[int, int] = {}
        self.apart_now: dict[int, Tokens] = {}
        # The tokens of carries, and what a carry may be in some pass.
        self.carried: set[int] = set()
        self.slots: dict[int, Tokens] = {}
        # Lists that may hold a buffer more than once: nothing may write to them.
        self.crowded: set[int] = set()

    def fail(self, what: str, *subjects: Atom | Stmt) -> NoReturn:
        complain(self.func, self.current, what, *subjects)

    def of(self, atom: Atom) -> Tokens:
        return self.tokens.get(atom, NO_TOKENS) if isinstance(atom, Var) else NO_TOKENS

    def fresh(self) -> Tokens:
        self.made_in.append(len(self.barriers))
        return frozenset({len(self.made_in) - 1})

    def define(self, var: Var, tokens: Tokens) -> None:
        if self.has_buffer(var.type):
            self.tokens[var] = tokens
            for token in tokens:
                # It may have come out of a region.
                self.made_in[token] = min(self.made_in[token], len(self.barriers))

    def has_buffer(self, type_: Type) -> bool:
        known = self.buffers.get(type_)
        if known is None:
            self.buffers[type_] = False
            known = self.buffers[type_] = self.holds_buffer(type_)
        return known

    def holds_buffer(self, type_: Type) -> bool:
        match type_:
            case Array() | List() | Places():
                return True
            case Tuple(items):
                return any(map(self.has_buffer, items))
            case Named(name):
                return any(map(self.has_buffer, self.records[name]))
            case Scalar() | Opaque() | Record():
                return False
            case _:
                assert_never(type_)

    def read(self, atom: Atom) -> None:
        for token in self.of(atom):
            if token in self.killers:
                killer = self.killers[token]
                self.fail("{} is read, but {} has consumed it", atom, killer)
            self.last_read[token] = self.clock

    def read_all(self, atoms: Iterable[Atom]) -> None:
        for atom in atoms:
            self.read(atom)

    def consume(self, atom: Atom) -> None:
        assert self.current is not None
        for token in sorted(self.of(atom)):
            if token in self.killers:
                killer = self.killers[token]
                self.fail("{} is consumed, but {} has consumed it", atom, killer)
            if self.made_in[token] < len(self.barriers):
                barrier = self.barriers[-1]
                self.fail(f"{{}} is consumed in a {barrier}, but comes from outside", atom)
            self.spare(token, atom)
            self.kill(token, self.current)

    def spare(self, token: int, atom: Atom) -> None:
        if self.stands.get(token, token) in self.crowded:
            self.fail("{} is consumed, but may hold one buffer more than once", atom)

    def kill(self, token: int, killer: Stmt) -> None:
        self.killers[token] = killer
        self.trail.append(token)
        self.consumed |= {token, self.stands.get(token, token)}

    def heirs(self, tokens: Iterable[int], heir: dict[int, int]) -> Tokens:
        """Who holds a buffer that died on the other path holds it alone."""
        result = set()
        for token in sorted(tokens):
            if token in self.killers:
                if token not in heir:
                    (heir[token],) = self.fresh()
                token = heir[token]
            result.add(token)
        return frozenset(result)

    def now(self, tokens: Iterable[int]) -> Tokens:
        """Tokens, those in the place of others that were told apart."""
        found: set[int] = set()
        pending = sorted(tokens)
        while pending:
            token = pending.pop()
            if token in self.apart_now:
                pending += self.apart_now[token]
            else:
                found.add(token)
        return frozenset(found)

    def told_apart(
        self, ways: list[list[Tokens]], dying: Mapping[int, Stmt]
    ) -> list[list[Tokens]]:
        """A buffer that each path hands on under another name is that of one of them.

        It gets a token for each name: who consumes the one leaves the other alone, but
        not what named the buffer before. In a loop that holds for what the pass has made.
        """
        return self.named_apart(ways, dying)

    def of_this_pass(self, token: int) -> bool:
        made_here = self.made_in[token] >= len(self.barriers)
        return not self.looping or (made_here and token not in self.carried)

    def named_apart(
        self, ways: list[list[Tokens]], dying: Mapping[int, Stmt], alike: bool = True
    ) -> list[list[Tokens]]:
        """alike: names of one way that have a token in common may be one buffer."""
        names: dict[int, set[int]] = {}
        for way in ways:
            for k, tokens in enumerate(way):
                for token in tokens:
                    names.setdefault(token, set()).add(k)
        for token, places in sorted(names.items()):
            twice = alike and any(sum(token in tokens for tokens in way) > 1 for way in ways)
            if len(places) < 2 or twice or token in dying or not self.of_this_pass(token):
                continue
            (first,) = self.fresh()
            made = dict(zip(sorted(places), range(first, first + len(places)), strict=True))
            self.made_in += [self.made_in[token]] * (len(places) - 1)
            self.made_in[first] = self.made_in[token]
            whole = self.apart_now[token] = frozenset(made.values())
            self.stands.update(dict.fromkeys(whole, self.stands.get(token, token)))
            self.last_read.update(dict.fromkeys(whole, self.last_read.get(token, 0)))
            for var, tokens in self.tokens.items():
                if token in tokens:
                    self.tokens[var] = tokens - {token} | whole
            ways = [
                [t - {token} | {made[k]} if token in t else t for k, t in enumerate(way)]
                for way in ways
            ]
        return ways

    def undo(self, start: int) -> None:
        for token in self.trail[start:]:
            del self.killers[token]
        del self.trail[start:]

    def with_carries(self, tokens: Tokens) -> Tokens:
        """Buffers, and the carries that may be one of them."""
        found, size = set(tokens), -1
        while len(found) > size:
            size = len(found)
            found |= {slot for slot, held in self.slots.items() if not held.isdisjoint(found)}
        return frozenset(found)
