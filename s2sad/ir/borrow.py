"""The borrow check: versions of buffers are used so that emission may write in place.

Buffers are arrays, lists and the places of a dict. `set`, `acc`, `append`, `drop` and
`enter` *consume* the version that they take: it may not be read, consumed again, yielded or
captured afterwards, in statement order, on any path. The types are affine, as in Rust: a
buffer has one owner, all else that reads it is a borrow.

- A view (`get` with fewer indices than dims), an item, an element of a list and a
  second name borrow from their base: each use of them is a read of the base.
- `slice` and `concat` make a list of their own, that holds on to its elements.
- `tuple`, `list`, what is put into a list and a loop's records hold on to what goes in:
  they are buffers of their own that borrow from it, so that either may be read until one
  is consumed.
- A list holds a buffer once: what is written at one index shows at no other. The record of
  what was not made in a pass holds it once for each, so that nothing may consume it.
- What one branch consumes is consumed after it. A path that raises has no say.
- A loop body consumes nothing from outside: to write to an array, a loop carries it.
  It then consumes the first value, which its body may not read.
- The body of a `try` consumes nothing from outside: its handlers see it.
- A call consumes the arguments that its callee consumes, and its results borrow from
  the arguments that its callee hands back.

Each version has *tokens* (ir/ownership.py). Sources: Wadler 1990,
"Linear types can change the world!"; Hudak & Bloss 1985, "The aggregate update
problem in functional programming systems"; the Rust reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from s2sad.errors import assert_never
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Func,
    If,
    Let,
    Loop,
    Module,
    Raise,
    Stmt,
    Try,
    Var,
    While,
    raises_always,
)
from s2sad.ir.ownership import NO_TOKENS, Ownership, Tokens
from s2sad.ir.structure import CONSUMES, may_share
from s2sad.ir.types import List
from s2sad.ir.walk import uses

_HOLDERS = frozenset({"tuple", "list", "append", "set"})
_PARTS = frozenset({"slice", "concat"})
_BORROWERS = frozenset({"get", "item", "id", "reverse_list", "view"})


class Summary(NamedTuple):
    """What a call of a function does to its arguments.

    consumed: the numbers of parameters. results: what each result may be: numbers
    of parameters, and a negative number for buffers of the callee's own. crowded: those
    of the callee's own that nothing may consume.
    """

    consumed: frozenset[int]
    results: tuple[Tokens, ...]
    crowded: frozenset[int] = frozenset()


def check_borrows(module: Module) -> None:
    summaries(module)


def summaries(module: Module) -> dict[str, Summary]:
    """Round by round, until what is known of recursive functions holds still."""
    known = {
        name: Summary(frozenset(), (NO_TOKENS,) * len(func.body.yields))
        for name, func in module.funcs.items()
    }
    settled = False
    while not settled:
        settled = True
        consulted: set[str] = set()
        for name, func in module.funcs.items():
            summary = Borrows(module, func, known, consulted).run()
            if summary != known[name] and name in consulted:
                settled = False
            known[name] = summary
    return known


class Borrows(Ownership):
    """The check of one function. It leaves behind `tokens`, which buffers each variable
    may be, and `consumed`, the buffers that are written to after they are made."""

    def __init__(
        self,
        module: Module,
        func: Func,
        summaries: dict[str, Summary],
        consulted: set[str],
    ) -> None:
        super().__init__(module, func)
        self.summaries = summaries
        self.consulted = consulted

    def run(self) -> Summary:
        params = self.func.params
        for param in params:
            self.define(param, self.fresh())
        self.stmts(self.func.body)
        yields = self.func.body.yields
        self.current = None
        self.read_all(yields)
        consumed = frozenset(t for t in self.consumed if t < len(params))
        held = [self.of(atom) for atom in yields]
        held = [frozenset(self.stands.get(t, t) for t in tokens) for tokens in held]
        results = self.results(held)
        pairs = zip(held, results, strict=True)
        crowded = [own for tokens, own in pairs if not self.crowded.isdisjoint(tokens)]
        own = frozenset(label for label in NO_TOKENS.union(*crowded) if label < 0)
        return Summary(consumed, results, own)

    def results(self, held: Sequence[Tokens]) -> tuple[Tokens, ...]:
        """The callee's own buffers as a caller sees them: which results share any."""
        params = len(self.func.params)
        groups = list(range(len(held)))
        first: dict[int, int] = {}
        for k, tokens in enumerate(held):
            for token in sorted(t for t in tokens if t >= params):
                old, new = groups[k], groups[first.setdefault(token, k)]
                groups = [new if group == old else group for group in groups]
        return tuple(
            frozenset(t if t < params else -1 - group for t in tokens)
            for tokens, group in zip(held, groups, strict=True)
        )

    def stmts(self, block: Block) -> None:
        for stmt in block.stmts:
            self.stmt(stmt)

    def stmt(self, stmt: Stmt) -> None:
        self.current = stmt
        self.clock += 1
        match stmt:
            case Let():
                self.let(stmt)
            case If(outs, cond, then, orelse):
                self.read(cond)
                self.branches(stmt, outs, ((then, ""), (orelse, "")))
            case Loop() | While():
                self.loop(stmt)
            case Call():
                self.call(stmt)
            case Try(outs, _, body, handlers):
                self.read_all(uses(stmt))
                rest = ((handler.block, "") for handler in handlers)
                self.branches(stmt, outs, ((body, "try body"), *rest))
            case Raise():
                self.read_all(uses(stmt))
            case _:
                assert_never(stmt)

    def let(self, let: Let) -> None:
        out, op, args = let.out, let.op, let.args
        if op in CONSUMES:
            self.read_all(args[1:])
            self.consume(args[0])
        else:
            self.read_all(args)
        if not self.has_buffer(out.type):
            return
        if op in _BORROWERS:
            self.define(out, self.of(args[0]))
        elif may_share(op):
            self.define(out, NO_TOKENS.union(*map(self.of, args)) or self.fresh())
        elif op in _HOLDERS or op == "python":
            parts = args[1:] if op in CONSUMES else args
            # A tuple is nothing that is written to: only its parts are.
            itself = NO_TOKENS if op == "tuple" else self.fresh()
            self.define(out, itself.union(*map(self.of, parts)))
            if isinstance(out.type, List):
                self.apart(parts)
        elif op in _PARTS and isinstance(out.type, List) and self.has_buffer(out.type.item):
            self.define(out, self.fresh().union(*map(self.of, args)))
            self.apart(args)
        else:
            self.define(out, self.fresh())

    def apart(self, parts: Iterable[Atom]) -> None:
        """A list holds a buffer once: what is written at one index shows at no other."""
        held: Tokens = NO_TOKENS
        for part in parts:
            tokens = self.of(part)
            if held & tokens:
                self.fail("{} is held twice", part)
            held |= tokens

    def branches(
        self, stmt: Stmt, outs: Sequence[Var], arms: Iterable[tuple[Block, str]]
    ) -> None:
        """Regions of which one runs, each behind a barrier if it has one."""
        dying: dict[int, Stmt] = {}
        held: list[set[int]] = [set() for _ in outs]
        ways: list[list[Tokens]] = []
        for block, barrier in arms:
            start = len(self.trail)
            self.barriers += [barrier] if barrier else []
            self.stmts(block)
            self.current = stmt
            if not raises_always(block):
                self.read_all(block.yields)
                ways.append([self.of(atom) for atom in block.yields])
                dying.update((token, self.killers[token]) for token in self.trail[start:])
            if barrier:
                self.barriers.pop()
            self.undo(start)
        # A path may have told apart what another one hands on, or consumes.
        dying = {new: killer for old, killer in dying.items() for new in self.now({old})}
        ways = [[self.now(tokens) for tokens in way] for way in ways]
        for token, killer in dying.items():
            self.kill(token, killer)
        for way in self.told_apart(ways, dying):
            for tokens, more in zip(held, way, strict=True):
                tokens |= more
        heir: dict[int, int] = {}
        for out, tokens in zip(outs, held, strict=True):
            self.define(out, self.heirs(tokens, heir))

    def call(self, call: Call) -> None:
        self.consulted.add(call.func)
        summary = self.summaries[call.func]
        self.read_all(call.args)
        for number in sorted(summary.consumed):
            self.consume(call.args[number])
        for number, arg in enumerate(call.args):
            if number not in summary.consumed and self.of(arg) & self.killers.keys():
                self.fail("{} is passed twice, and the callee consumes it", arg)
        own: dict[int, Tokens] = {}
        for out, labels in zip(call.outs, summary.results, strict=True):
            tokens: set[int] = set()
            for label in sorted(labels):
                if label >= 0 and label not in summary.consumed:
                    tokens |= self.of(call.args[label])
                else:
                    if label not in own:
                        own[label] = self.fresh()
                    if label in summary.crowded:
                        self.crowded |= own[label]
                    tokens |= own[label]
            self.define(out, frozenset(tokens) or self.fresh())

    # -- loops

    def loop(self, loop: Loop | While) -> None:
        self.looping += 1
        moved = self.loop_(loop)
        self.looping -= 1
        if not self.looping and len(moved) > 1:
            # Which of them a carry ends with depends on the passes; no two end with one.
            outs = [loop.outs[k] for k in moved]
            (ways,) = self.named_apart([[self.of(out) for out in outs]], {}, alike=False)
            self.tokens.update(zip(outs, ways, strict=True))

    def loop_(self, loop: Loop | While) -> list[int]:
        """The carries that only move from one to another, in every pass different ones."""
        self.read_all(uses(loop))
        entered = self.clock
        slots, lent = self.passes(loop)
        self.current = loop
        nexts = [self.of(atom) for atom in loop.nexts]
        consumed = _closure({k for k, t in slots.items() if t in self.consumed}, slots, nexts)
        self.check_nexts(loop, consumed, nexts)
        recorded = [self.of(atom) for atom in loop.recorded]
        for atom, tokens in zip(loop.recorded, recorded, strict=True):
            if any(tokens & {slots[k], *nexts[k]} for k in consumed):
                self.fail("{} is recorded, but a pass consumes it", atom)
        self.consumed.update(*(nexts[k] for k in consumed))
        self.take_inits(loop, consumed, entered)
        for k, token in slots.items():
            self.slots[token] = frozenset(self.held(loop, k, slots, nexts))
        kept = [k for k in slots if k not in consumed]
        own = self.disjoint([self.of(loop.inits[k]) for k in slots]) and all(
            token in slots.values() or self.made_in[token] > len(self.barriers)
            for k in slots
            for token in nexts[k]
        )
        heir: dict[int, int] = {}
        for k, out in enumerate(loop.outs):
            held = self.fresh() if k in consumed else self.held(loop, k, slots, nexts)
            self.define(out, self.heirs(held, heir))
        for list_, tokens, shared in zip(loop.lists, recorded, lent, strict=True):
            carried = [k for k, token in slots.items() if token in tokens]
            carries = {token for k in carried for token in self.held(loop, k, slots, nexts)}
            itself = self.fresh()
            if shared:
                self.crowded |= itself
            self.define(list_, itself | tokens.difference(slots.values()) | carries)
        return kept if own and self.disjoint([nexts[k] for k in slots]) else []

    @staticmethod
    def disjoint(held: Sequence[Tokens]) -> bool:
        return sum(map(len, held)) == len(NO_TOKENS.union(*held))

    def passes(self, loop: Loop | While) -> tuple[dict[int, int], list[bool]]:
        """Check the body once; the tokens of its carries, by their position, and which of
        what it records was not made in a pass."""
        if isinstance(loop, While):
            # Made outside the barrier: the condition only reads.
            for param in loop.cond.params:
                self.define(param, self.fresh())
            self.barriers.append("condition")
            self.stmts(loop.cond)
            self.current = loop
            self.read_all(loop.cond.yields)
            self.barriers.pop()
        self.barriers.append("loop body")
        slots = {}
        for k, carry in enumerate(loop.carries):
            self.define(carry, self.fresh())
            slots[k] = len(self.made_in) - 1
        self.carried.update(slots.values())
        if isinstance(loop, Loop):
            for element, seq in zip(loop.elements, loop.seqs, strict=True):
                self.define(element, self.of(seq.list))
        self.stmts(loop.body)
        self.current = loop
        self.clock += 1
        if not raises_always(loop.body):
            self.read_all((loop.stop, *loop.nexts, *loop.recorded))
        lent = [
            any(self.made_in[token] < len(self.barriers) for token in self.of(atom))
            for atom in loop.recorded
        ]
        self.barriers.pop()
        return slots, lent

    def check_nexts(
        self, loop: Loop | While, consumed: set[int], nexts: Sequence[Tokens]
    ) -> None:
        """What the next pass consumes is its own: made in this one, held once."""
        self.held_once(loop.nexts, nexts, consumed)
        for k in sorted(consumed):
            if any(self.made_in[token] <= len(self.barriers) for token in nexts[k]):
                self.fail(
                    "the loop consumes {}, whose next value {} comes from outside",
                    loop.carries[k],
                    loop.nexts[k],
                )
            for token in nexts[k]:
                self.spare(token, loop.nexts[k])

    def held_once(
        self, atoms: Sequence[Atom], tokens: Sequence[Tokens], consumed: set[int]
    ) -> None:
        owner: dict[int, int] = {}
        for k, atom in enumerate(atoms):
            for token in sorted(tokens[k]):
                other = owner.setdefault(token, k)
                if other != k and consumed & {k, other}:
                    self.fail("{} is bound to two carries, and one is consumed", atom)

    def take_inits(self, loop: Loop | While, consumed: set[int], entered: int) -> None:
        self.held_once(loop.inits, [self.of(init) for init in loop.inits], consumed)
        for k in sorted(consumed):
            init = loop.inits[k]
            for token in self.of(init):
                if self.last_read.get(token, 0) > entered:
                    self.fail("{} is read in the loop that consumes it", init)
            self.consume(init)
        if isinstance(loop, Loop):
            self.read_all(seq.list for seq in loop.seqs)

    def held(
        self, loop: Loop | While, k: int, slots: dict[int, int], nexts: Sequence[Tokens]
    ) -> set[int]:
        """What a carry may be in the end: its first value or any that it was given."""
        positions = {token: position for position, token in slots.items()}
        held: set[int] = set()
        seen, todo = {k}, [k]
        while todo:
            position = todo.pop()
            held |= self.of(loop.inits[position])
            for token in nexts[position]:
                other = positions.get(token)
                if other is None:
                    held.add(token)
                elif other not in seen:
                    seen.add(other)
                    todo.append(other)
        return held


def _closure(consumed: set[int], slots: dict[int, int], nexts: Sequence[Tokens]) -> set[int]:
    """Also the carries whose value goes into a carry that is consumed, a pass later."""
    positions = {token: position for position, token in slots.items()}
    todo = list(consumed)
    while todo:
        for token in nexts[todo.pop()]:
            position = positions.get(token)
            if position is not None and position not in consumed:
                consumed.add(position)
                todo.append(position)
    return consumed
