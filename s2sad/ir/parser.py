"""The reader of the IR's text form; the grammar stands in `text`.

A tokenizer and recursive descent: the recursion is as deep as regions nest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from s2sad.errors import InternalError
from s2sad.ir.nodes import (
    FALSE,
    KINDS,
    Atom,
    Block,
    Call,
    Func,
    Handler,
    If,
    Input,
    Let,
    Lit,
    Loop,
    Module,
    Raise,
    Range,
    Seq,
    Shape,
    Stmt,
    Structure,
    Try,
    Undef,
    Var,
    While,
)
from s2sad.ir.structure import element_type
from s2sad.ir.tokens import CONSTANTS, Reader, Token, literal_type
from s2sad.ir.types import (
    INT,
    NEVER,
    Array,
    List,
    Type,
    join,
)
from s2sad.ir.typing import result_type

T = TypeVar("T")

_NAME = re.compile(r"(%?)(.*?)(?:\.\d+)?")


def parse(text: str) -> Module:
    """The module that a text stands for; what is wrong with it as an S2sadError."""
    return _Parser(text).module()


def inferred(
    op: str, args: tuple[Atom, ...], records: dict[str, tuple[Type, ...]]
) -> Type | None:
    """The type of a primitive's result, None where it does not follow."""
    try:
        return result_type(op, args, records)
    except (InternalError, AssertionError, LookupError):
        return None


def joined(regions: Iterable[Block], count: int) -> list[Type | None]:
    """The types of what the regions yield: a path that yields too little has no say."""
    types: list[Type | None] = [NEVER] * count
    for region in regions:
        for i, atom in enumerate(region.yields[:count]):
            known = types[i]
            types[i] = None if known is None else join(known, atom.type)
    return types


def item_of(sequence: Atom) -> Type:
    if isinstance(sequence.type, Array):
        return element_type(sequence.type, 1)
    return sequence.type.item if isinstance(sequence.type, List) else NEVER


class _Parser(Reader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.records: dict[str, tuple[Type, ...]] = {}
        self.vars: dict[str, Var] = {}

    # -- modules and functions

    def module(self) -> Module:
        while self.take("record"):
            name = self.of_kind("name", "a name")
            self.records[name] = self.in_parens(self.type)
        funcs: dict[str, Func] = {}
        while self.token.kind != "end":
            func = self.func()
            funcs[func.name] = func
        if not funcs:
            self.fail("a module has at least one function")
        return Module(funcs, next(reversed(funcs)), self.records)

    def func(self) -> Func:
        self.vars = {}
        self.expect("func")
        name = self.of_kind("name", "a name")
        params = self.in_parens(self.param)
        self.expect("->")
        structure = self.structure()
        inputs = self.in_parens(self.input) if self.take("inputs") else ()
        forward = int(self.of_kind("number", "a count")) if self.take("forward") else 0
        self.expect("{")
        doc = self.string() if self.token.kind == "string" else ""
        body = self.region(tuple(param for param, _ in params))
        defaults = tuple(default for _, default in params if default is not None)
        return Func(name, body, structure, doc, defaults, forward, None, inputs)

    def param(self) -> tuple[Var, Lit | None]:
        variable = self.bind(None)
        default = self.atom() if self.take("=") else None
        if default is not None and not isinstance(default, Lit):
            self.fail("a default is a literal")
        return variable, default

    def structure(self) -> Structure:
        if self.take("("):
            return self.separated(self.structure)
        if self.token.text not in KINDS:
            return int(self.of_kind("number", "an index"))
        kind = self.advance().text
        cls = "" if self.at("(") else self.word()
        pairs = self.in_parens(self.part)
        keys = tuple(key for key, _ in pairs if key is not None)
        return Shape(kind, keys, tuple(part for _, part in pairs), cls)

    def part(self) -> tuple[str | int | None, Structure]:
        """A part of a shape, under its key if it has one."""
        if self.peek() != ":":
            return None, self.structure()
        key = self.literal()
        if not isinstance(key, str | int):
            self.fail("a key is a string or an int")
        self.expect(":")
        return key, self.structure()

    def input(self) -> Input:
        name = self.of_kind("name", "a name")
        self.expect(":")
        return Input(name, self.structure())

    # -- regions

    def region(self, params: Sequence[Var] = ()) -> Block:
        stmts = self.stmts()
        yields = self.atoms_until("}") if self.take("yield") else ()
        self.expect("}")
        return Block(tuple(params), stmts, yields)

    def passes(self, params: Sequence[Var]) -> Block:
        """The body of a loop."""
        stmts = self.stmts()
        stop: Atom = FALSE
        rest: tuple[Atom, ...] = ()
        if self.take("yield"):
            stop = self.atom() if self.take("stop") else FALSE
            rest = self.in_parens(self.atom) if self.take("next") else ()
            rest += self.in_parens(self.atom) if self.take("record") else ()
        self.expect("}")
        return Block(tuple(params), stmts, (stop, *rest))

    def stmts(self) -> tuple[Stmt, ...]:
        stmts = []
        while not (self.at("yield") or self.at("}")):
            stmts.append(self.stmt())
        return tuple(stmts)

    def stmt(self) -> Stmt:
        # A variable may be called `loop` or `call`.
        if self.peek() in ("=", ":"):
            return self.let()
        match self.advance().text:
            case "if":
                return self.if_()
            case "loop":
                return self.loop()
            case "while":
                return self.while_()
            case "call":
                return self.call()
            case "try":
                return self.try_()
            case "raise":
                exc = self.atom()
                return Raise(exc, None, self.atom() if self.take("from") else None)
            case found:
                self.fail(
                    f"expected a statement, found {found!r}",
                    self.tokens[self.position - 1],
                )

    def let(self) -> Let:
        token = self.token
        name = self.var_name()
        type_ = self.ascription()
        self.expect("=")
        op = self.of_kind("name", "a primitive")
        args = self.in_parens(self.atom)
        type_ = type_ or inferred(op, args, self.records)
        if type_ is None:
            self.fail(f"the type of {name} does not follow from {op}: write it", token)
        return Let(self.define(name, type_), op, args)

    def if_(self) -> If:
        cond = self.atom()
        self.expect("{")
        then = self.region()
        orelse = self.region() if self.take_else() else Block((), (), ())
        outs = self.results(lambda count: joined((then, orelse), count))
        return If(outs, cond, then, orelse)

    def take_else(self) -> bool:
        if not self.take("else"):
            return False
        self.expect("{")
        return True

    def loop(self) -> Loop:
        index = self.bind(INT)
        domain = self.domain() if self.take("in") else None
        carried = self.in_parens(self.carry) if self.take("carry") else ()
        over = self.in_parens(self.element) if self.take("over") else ()
        carries = tuple(carry for carry, _ in carried)
        self.expect("{")
        body = self.passes((*carries, *(element for element, _ in over)))
        outs = self.results(lambda _: [carry.type for carry in carries])
        lists = self.lists(body.yields[1 + len(carries) :])
        inits = tuple(init for _, init in carried)
        return Loop(outs, lists, index, domain, inits, tuple(seq for _, seq in over), body)

    def domain(self) -> Range:
        backward = self.take("reversed")
        if backward:
            self.expect("(")
        self.expect("range")
        token = self.token
        ends = self.in_parens(self.atom)
        if len(ends) != 3:
            self.fail("a range has a start, a stop and a step", token)
        if backward:
            self.expect(")")
        return Range(*ends, backward)

    def carry(self) -> tuple[Var, Atom]:
        name = self.var_name()
        type_ = self.ascription()
        self.expect("=")
        init = self.atom()
        return self.define(name, type_ or init.type), init

    def element(self) -> tuple[Var, Seq]:
        name = self.var_name()
        type_ = self.ascription()
        self.expect("in")
        backward = self.at("reversed") and self.peek() == "("
        if backward:
            self.position += 2
        seq = Seq(self.atom(), backward)
        if backward:
            self.expect(")")
        return self.define(name, type_ or item_of(seq.list)), seq

    def while_(self) -> While:
        carried = self.in_parens(self.carry)
        before = tuple(carry for carry, _ in carried)
        self.expect("{")
        cond = self.region(before)
        self.expect("do")
        carries = self.binds([carry.type for carry in before])
        self.expect("{")
        body = self.passes(carries)
        outs = self.results(lambda _: [carry.type for carry in carries])
        lists = self.lists(body.yields[1 + len(before) :])
        return While(outs, lists, tuple(init for _, init in carried), cond, body)

    def call(self) -> Call:
        func = self.of_kind("name", "a function")
        args = self.in_parens(self.atom)
        return Call(self.results(lambda _: []), func, args)

    def try_(self) -> Try:
        manager = self.atom() if self.take("with") else None
        body = self.opened()
        handlers = []
        while self.take("except"):
            exc = self.string() if self.token.kind == "string" else self.advance().text
            handlers.append(Handler(exc, self.opened()))
        regions = (body, *(handler.block for handler in handlers))
        outs = self.results(lambda count: joined(regions, count))
        self.expect("path")
        return Try(outs, self.bind(INT), body, tuple(handlers), None, manager)

    def opened(self) -> Block:
        """A region that may have parameters."""
        params = self.binds(()) if self.at("(") else ()
        self.expect("{")
        return self.region(params)

    # -- variables

    def results(self, types: Callable[[int], Sequence[Type | None]]) -> tuple[Var, ...]:
        """The outs of a statement; `types` gives those that are not written."""
        if not self.take("->"):
            return ()
        named = self.in_parens(self.named)
        return self.define_all(named, types(len(named)))

    def lists(self, recorded: Sequence[Atom]) -> tuple[Var, ...]:
        if not self.take("lists"):
            return ()
        return self.binds([List(atom.type) for atom in recorded])

    def binds(self, types: Sequence[Type | None]) -> tuple[Var, ...]:
        return self.define_all(self.in_parens(self.named), types)

    def named(self) -> tuple[Token, Type | None]:
        token = self.token
        self.var_name()
        return token, self.ascription()

    def define_all(
        self, named: Sequence[tuple[Token, Type | None]], types: Sequence[Type | None]
    ) -> tuple[Var, ...]:
        known = (*types, *(None,) * (len(named) - len(types)))
        return tuple(
            self.typed(token, written or follows)
            for (token, written), follows in zip(named, known, strict=False)
        )

    def typed(self, token: Token, type_: Type | None) -> Var:
        if type_ is None:
            self.fail(f"the type of {token.text} does not follow: write it", token)
        return self.define(token.text, type_)

    def bind(self, type_: Type | None) -> Var:
        token, written = self.named()
        return self.typed(token, written or type_)

    def define(self, name: str, type_: Type) -> Var:
        variable = self.variable(name)
        variable.type = type_
        return variable

    def variable(self, name: str) -> Var:
        """The variable of a name, which may be read before its definition is."""
        variable = self.vars.get(name)
        if variable is None:
            variable = self.vars[name] = _make_var(name)
        return variable

    def var_name(self) -> str:
        return self.of_kind("name", "a variable")

    def ascription(self) -> Type | None:
        return self.type() if self.take(":") else None

    # -- atoms

    def atoms_until(self, end: str) -> tuple[Atom, ...]:
        atoms = []
        while not self.at(end):
            atoms.append(self.atom())
            if not self.at(end):
                self.expect(",")
        return tuple(atoms)

    def atom(self) -> Atom:
        token = self.token
        if token.kind == "name":
            if token.text == "undef" and self.peek() == "<":
                return self.undef()
            special = token.text == "complex" and self.peek() == "("
            if token.text not in CONSTANTS and not special:
                return self.variable(self.advance().text)
        value = self.literal()
        return Lit(value, self.ascription() or literal_type(value))

    def undef(self) -> Undef:
        self.position += 2
        type_ = self.type()
        self.expect(">")
        return Undef(type_)


def _make_var(name: str) -> Var:
    match = _NAME.fullmatch(name)
    assert match is not None
    sigil, hint = match.groups()
    return Var(NEVER, "" if hint.isdecimal() else hint, user=not sigil)
