"""Random structured IR: what the back end is tested on.

Values are integers, on which sums and products may be reassociated without a trace, so
that every level of the output has to agree with the interpreter exactly.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from s2sad.ir.nodes import (
    FALSE,
    NOTHING,
    TRUE,
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Range,
    Seq,
    Stmt,
    Try,
    Undef,
    Var,
    While,
    int_lit,
)
from s2sad.ir.types import BOOL, FLOAT, INT, List, Opaque, Tuple, Type

HINTS = ["", "", "", "t", "t", "u", "x", "a", "v_bar", "w1"]
SAFE = ["add", "sub", "mul", "add", "sub", "neg", "max"]
ERRORS = ["ZeroDivisionError", "ValueError", "ArithmeticError", ""]

# The marks of adjoint code: any origin does.
ADJOINT: tuple[Stmt, ...] = (Raise(NOTHING),)


class Program:
    """`adjoint`: the probability that a statement belongs to an adjoint."""

    def __init__(self, seed: int, adjoint: float = 0.0, undef: float = 0.0) -> None:
        self.rng = random.Random(seed)
        self.adjoint = adjoint
        self.undef = undef
        self.size = self.rng.randint(3, 40)
        self.helpers: dict[str, Func] = {}
        self.group: dict[Var, int] = {}  # the lists of one loop, of one length

    def module(self) -> Module:
        for k in range(self.rng.randint(0, 2)):
            name = f"helper{k}"
            self.helpers[name] = self.func(name, self.rng.randint(2, 10))
        entry = self.func("entry", self.size)
        return Module({**self.helpers, "entry": entry}, "entry", {})

    def func(self, name: str, size: int) -> Func:
        self.budget = size
        params = tuple(
            Var(FLOAT, hint, user=True) for hint in ("x", "w", "n")[: self.rng.randint(1, 3)]
        )
        scope: list[Var] = list(params)
        stmts = self.stmts(scope, 0)
        count = self.rng.randint(1, 3)
        yields = tuple(self.number(scope) for _ in range(count))
        structure = 0 if count == 1 else tuple(range(count))
        forward = self.rng.choice([0, len(stmts) // 2])
        return Func(
            name, Block(params, tuple(stmts), yields), structure, "A test.", (), forward
        )

    # Values.

    def var(self, type_: Type = FLOAT) -> Var:
        hint = self.rng.choice(HINTS)
        return Var(type_, hint, user=bool(hint) and self.rng.random() < 0.5)

    def number(self, scope: Sequence[Var]) -> Atom:
        known = [var for var in scope if var.type in (FLOAT, INT)]
        if known and self.rng.random() < 0.85:
            recent = known[-6:] if self.rng.random() < 0.6 else known
            return self.rng.choice(recent)
        return int_lit(self.rng.randint(-2, 4))

    def truth(self, scope: list[Var], stmts: list[Stmt]) -> Atom:
        known = [var for var in scope if var.type == BOOL]
        if known and self.rng.random() < 0.4:
            return self.rng.choice(known)
        out = self.var(BOOL)
        op = self.rng.choice(["lt", "le", "eq", "ne", "gt"])
        stmts.append(
            Let(out, op, (self.number(scope), self.number(scope)), None, self.origin())
        )
        scope.append(out)
        return out

    def origin(self) -> tuple[Stmt, ...]:
        return ADJOINT if self.rng.random() < self.adjoint else ()

    # Statements.

    def stmts(self, scope: list[Var], depth: int) -> list[Stmt]:
        stmts: list[Stmt] = []
        for _ in range(self.rng.randint(1, 7)):
            if self.budget <= 0:
                break
            self.budget -= 1
            self.stmt(scope, depth, stmts)
        return stmts

    def stmt(self, scope: list[Var], depth: int, stmts: list[Stmt]) -> None:
        kind = self.rng.random()
        if depth >= 4 or kind < 0.5:
            self.let(scope, stmts)
        elif kind < 0.68:
            self.if_(scope, depth, stmts)
        elif kind < 0.86:
            self.loop(scope, depth, stmts)
        elif kind < 0.91:
            self.while_(scope, depth, stmts)
        elif kind < 0.95:
            self.call(scope, stmts)
        elif not self.undef:  # a handler would hide that an unbound name was read
            self.try_(scope, depth, stmts)

    def let(self, scope: list[Var], stmts: list[Stmt]) -> None:
        lists = [var for var in scope if isinstance(var.type, List)]
        if lists and self.rng.random() < 0.1:
            source = self.rng.choice(lists)
            out = Var(source.type, source.hint)
            stmts.append(Let(out, "reverse_list", (source,)))
            scope.append(out)
            return
        if self.rng.random() < 0.1:
            self.truth(scope, stmts)
            return
        if self.rng.random() < 0.08:
            self.tuples(scope, stmts)
            return
        out = self.var()
        op = (
            self.rng.choice(SAFE)
            if self.rng.random() < 0.85
            else self.rng.choice(["mod", "floordiv"])
        )
        if self.rng.random() < 0.05:
            op = "id"
        count = 1 if op in ("neg", "id") else 2
        args = tuple(self.number(scope) for _ in range(count))
        stmts.append(Let(out, op, args, None, self.origin()))
        scope.append(out)

    def tuples(self, scope: list[Var], stmts: list[Stmt]) -> None:
        parts = tuple(self.number(scope) for _ in range(self.rng.randint(1, 3)))
        whole = Var(Tuple((FLOAT,) * len(parts)), self.rng.choice(HINTS))
        stmts.append(Let(whole, "tuple", parts, None, self.origin()))
        for k in range(len(parts)):
            if self.rng.random() < 0.7:
                out = self.var()
                stmts.append(Let(out, "item", (whole, int_lit(k)), None, self.origin()))
                scope.append(out)

    def arm(self, scope: list[Var], depth: int) -> tuple[list[Var], list[Stmt]]:
        inner = list(scope)
        stmts = self.stmts(inner, depth + 1) if self.rng.random() < 0.7 else []
        return inner, stmts

    def fail(self, scope: list[Var], stmts: list[Stmt]) -> None:
        if self.rng.random() < 0.5:
            stmts.append(Raise(Lit("ValueError('stop')", Opaque())))
            return
        exc = Var(Opaque())
        text = Lit("ValueError(f'at {{{0}}}')", Opaque())
        stmts.append(Let(exc, "python", (text, self.number(scope))))
        stmts.append(Raise(exc))

    def if_(self, scope: list[Var], depth: int, stmts: list[Stmt]) -> None:
        cond = self.truth(scope, stmts)
        outs = [
            self.var(BOOL if self.rng.random() < 0.2 else FLOAT)
            for _ in range(self.rng.randint(0, 3))
        ]
        blocks = []
        for _ in range(2):
            inner, body = self.arm(scope, depth)
            yields = tuple(self.of_type(out.type, inner, body) for out in outs)
            if self.rng.random() < 0.07:
                self.fail(inner, body)
                yields = tuple(Undef(out.type) for out in outs)
            blocks.append(Block((), tuple(body), yields))
        stmts.append(If(tuple(outs), cond, blocks[0], blocks[1], None, self.origin()))
        scope += outs

    def of_type(self, type_: Type, scope: list[Var], stmts: list[Stmt]) -> Atom:
        if self.rng.random() < self.undef:
            return Undef(type_)
        if type_ == BOOL:
            if self.rng.random() < 0.4:
                return self.rng.choice([TRUE, FALSE])
            return self.truth(scope, stmts)
        return self.number(scope)

    def loop(self, scope: list[Var], depth: int, stmts: list[Stmt]) -> None:
        carries = [self.var() for _ in range(self.rng.randint(0, 3))]
        inits = tuple(self.of_type(FLOAT, scope, stmts) for _ in carries)
        index = Var(INT, self.rng.choice(["i", "i", "j", ""]), user=self.rng.random() < 0.5)
        seqs = self.seqs(scope)
        domain = None if seqs else self.domain(scope, stmts)
        elements = [self.element(seq.list) for seq in seqs]
        inner = [*scope, *carries, *elements]
        if domain is not None:
            inner.append(index)
        body, lists = self.body(inner, depth, carries)
        outs = tuple(Var(c.type, c.hint, c.user) for c in carries)
        stmts.append(
            Loop(outs, lists, index, domain, inits, seqs, Block((*carries, *elements), *body))
        )
        scope += [*outs, *lists]

    def element(self, list_: Atom) -> Var:
        assert isinstance(list_, Var)
        assert isinstance(list_.type, List)
        return Var(list_.type.item, list_.hint, user=self.rng.random() < 0.3)

    def seqs(self, scope: list[Var]) -> tuple[Seq, ...]:
        """Sequences of one length: the lists of one loop stand side by side in the scope."""
        starts = [k for k, var in enumerate(scope) if isinstance(var.type, List)]
        if not starts or self.rng.random() < 0.4:
            return ()
        first = self.rng.choice(starts)
        chosen = [scope[first]]
        backward = self.rng.random() < 0.7
        for var in scope[first + 1 :]:
            if not isinstance(var.type, List) or self.group.get(var) != self.group.get(
                scope[first]
            ):
                break
            chosen.append(var)
        if self.group.get(scope[first]) is None:
            chosen = chosen[:1]
        return tuple(Seq(var, backward) for var in chosen)

    def domain(self, scope: list[Var], stmts: list[Stmt]) -> Range:
        start, step = self.rng.choice([(0, 1), (0, 1), (1, 1), (3, -1), (0, 2)])
        stop: Atom = int_lit(0 if step < 0 else self.rng.randint(0, 4))
        if self.rng.random() < 0.5:
            three, four = Var(INT), Var(INT)
            stmts.append(Let(three, "mod", (self.number(scope), int_lit(3))))
            stmts.append(Let(four, "add", (three, int_lit(1))))
            stop = four if step > 0 else int_lit(0)
        return Range(int_lit(start), stop, int_lit(step), self.rng.random() < 0.3)

    def body(
        self, scope: list[Var], depth: int, carries: list[Var]
    ) -> tuple[tuple[tuple[Stmt, ...], tuple[Atom, ...]], tuple[Var, ...]]:
        stmts = self.stmts(scope, depth + 1)
        stop: Atom = FALSE
        kind = self.rng.random()
        if kind < 0.1:
            stop = self.truth(scope, stmts)
        elif kind < 0.35:
            outs = [self.var() for _ in range(self.rng.randint(0, 2))]
            stop = self.stopping(scope, stmts, outs, depth, 0)
            scope += outs
        nexts: list[Atom] = []
        for carry in carries:
            if self.rng.random() < 0.7:
                out = Var(FLOAT, carry.hint, carry.user)
                args = (carry, self.number(scope))
                at = self.rng.choice([len(stmts), len(stmts)])
                if kind < 0.1 or kind >= 0.35:
                    op = self.rng.choice(["add", "mul", "sub"])
                    stmts.insert(at, Let(out, op, args, None, self.origin()))
                    nexts.append(out)
                    continue
            nexts.append(
                self.of_type(FLOAT, scope, stmts) if kind >= 0.35 else self.number(scope)
            )
        recorded: list[Atom] = []
        lists: list[Var] = []
        for _ in range(self.rng.choice([0, 0, 1, 2, 3])):
            inner = [
                var for var in scope if isinstance(var.type, List) and var.type.item == FLOAT
            ]
            atom = (
                self.rng.choice(inner)
                if inner and self.rng.random() < 0.3
                else self.number(scope)
            )
            recorded.append(atom)
            lists.append(Var(List(atom.type), atom.hint if isinstance(atom, Var) else ""))
        number = len(self.group)
        if len({var.type for var in lists}) <= 1:
            self.group.update(dict.fromkeys(lists, number))
        return (tuple(stmts), (stop, *nexts, *recorded)), tuple(lists)

    def stopping(
        self, scope: list[Var], stmts: list[Stmt], outs: list[Var], depth: int, nested: int
    ) -> Var:
        """A trailing `If` that yields whether to stop, and what else."""
        cond = self.truth(scope, stmts)
        stop = Var(BOOL, "stop")
        blocks = []
        for _ in range(2):
            inner, body = self.arm(scope, depth)
            yields: list[Atom] = [self.rng.choice([TRUE, FALSE, FALSE])]
            if nested < 2 and self.rng.random() < 0.3:
                deeper = [self.var() for _ in outs]
                yields = [self.stopping(inner, body, deeper, depth, nested + 1), *deeper]
            else:
                yields += [self.number(inner) for _ in outs]
                if self.rng.random() < 0.05:
                    self.fail(inner, body)
            blocks.append(Block((), tuple(body), tuple(yields)))
        stmts.append(If((stop, *outs), cond, blocks[0], blocks[1]))
        return stop

    def while_(self, scope: list[Var], depth: int, stmts: list[Stmt]) -> None:
        count = Var(FLOAT, "count", user=True)
        carries = [count, *(self.var() for _ in range(self.rng.randint(0, 2)))]
        inits = (int_lit(0), *(self.number(scope) for _ in carries[1:]))
        cond_params = tuple(Var(c.type, c.hint) for c in carries)
        cond_stmts: list[Stmt] = []
        cond_scope = [*scope, *cond_params]
        few = Var(BOOL)
        if self.rng.random() < 0.4:
            self.let(cond_scope, cond_stmts)
        cond_stmts.append(Let(few, "lt", (cond_params[0], int_lit(self.rng.randint(0, 4)))))
        if self.rng.random() < 0.3:
            test: list[Stmt] = []
            both = Var(BOOL)
            other = self.truth([*cond_scope], test)
            cond_stmts.append(
                If((both,), few, Block((), tuple(test), (other,)), Block((), (), (FALSE,)))
            )
            few = both
        cond = Block(cond_params, tuple(cond_stmts), (few,))
        inner = [*scope, *carries]
        (body_stmts, yields), lists = self.body(inner, depth, carries)
        following = Var(FLOAT, "count", user=True)
        body_stmts = (Let(following, "add", (count, int_lit(1))), *body_stmts)
        yields = (yields[0], following, *yields[2:])
        outs = tuple(Var(c.type, c.hint, c.user) for c in carries)
        stmts.append(While(outs, lists, inits, cond, Block(tuple(carries), body_stmts, yields)))
        scope += [*outs, *lists]

    def call(self, scope: list[Var], stmts: list[Stmt]) -> None:
        if not self.helpers:
            return
        name = self.rng.choice(sorted(self.helpers))
        func = self.helpers[name]
        args = tuple(self.number(scope) for _ in func.params)
        outs = tuple(self.var() for _ in func.body.yields)
        stmts.append(Call(outs, name, args, None, self.origin()))
        scope += outs

    def try_(self, scope: list[Var], depth: int, stmts: list[Stmt]) -> None:
        outs = [self.var() for _ in range(self.rng.randint(0, 2))]
        blocks = []
        for _ in range(2):
            inner, body = self.arm(scope, depth)
            blocks.append(
                Block((), tuple(body), tuple(self.of_type(FLOAT, inner, body) for _ in outs))
            )
        path = Var(INT, self.rng.choice(["path", ""]))
        handlers = (Handler(self.rng.choice(ERRORS), blocks[1]),)
        stmts.append(Try(tuple(outs), path, blocks[0], handlers))
        scope += [*outs, path]
