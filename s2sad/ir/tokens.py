"""Tokens, literals and types of the IR's text form; the grammar stands in `text`."""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Callable
from typing import NamedTuple, NoReturn, TypeVar

from s2sad.errors import Loc, S2sadError
from s2sad.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER,
    NONE,
    Array,
    Dim,
    List,
    Named,
    Opaque,
    Places,
    Tuple,
    Type,
)

T = TypeVar("T")
Value = float | int | bool | complex | str | None


_SCALARS = {t.name: t for t in (BOOL, INT, FLOAT, COMPLEX, NONE, NEVER)}
CONSTANTS = {"True": True, "False": False, "None": None}
_TOKEN = re.compile(
    r"""(?P<space>[^\S\n]+|\#[^\n]*)
      | (?P<newline>\n)
      | (?P<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<number>[+-]?\d+(?:\.\d*)?(?:e[+-]?\d+)?|[+-](?:inf|nan)\b)
      | (?P<name>%?[^\W\d]\w*(?:\.\w+)*|%\d+)
      | (?P<sign>->|[(){}<>\[\],:=@?])""",
    re.VERBOSE,
)


class Token(NamedTuple):
    kind: str
    text: str
    loc: Loc


def literal_type(value: Value) -> Type:
    """The type of a literal that is written without one."""
    match value:
        case bool():
            return BOOL
        case int():
            return INT
        case float():
            return FLOAT
        case complex():
            return COMPLEX
        case None:
            return NONE
        case _:
            return Opaque()


def _tokens(text: str) -> list[Token]:
    tokens = []
    position, line, start = 0, 1, 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        loc = Loc("<ir>", line, position - start)
        if match is None:
            raise S2sadError(f"unexpected {text[position]!r}", loc)
        kind = match.lastgroup or ""
        position = match.end()
        if kind == "newline":
            line, start = line + 1, position
        elif kind != "space":
            tokens.append(Token(kind, match.group(), loc))
    tokens.append(Token("end", "the end", Loc("<ir>", line, position - start)))
    return tokens


class Reader:
    """A position in a list of tokens, and what can be read there."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.position = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def peek(self) -> str:
        """The text after the next token."""
        return self.tokens[min(self.position + 1, len(self.tokens) - 1)].text

    def advance(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at(self, text: str) -> bool:
        return self.token.text == text

    def take(self, text: str) -> bool:
        found = self.at(text)
        self.position += found
        return found

    def expect(self, text: str) -> None:
        if not self.take(text):
            self.fail(f"expected {text!r}, found {self.token.text!r}")

    def of_kind(self, kind: str, what: str) -> str:
        if self.token.kind != kind:
            self.fail(f"expected {what}, found {self.token.text!r}")
        return self.advance().text

    def fail(self, what: str, token: Token | None = None) -> NoReturn:
        raise S2sadError(what, (token or self.token).loc)

    def separated(self, item: Callable[[], T], end: str = ")") -> tuple[T, ...]:
        """Items and commas up to the end, which is taken."""
        items: list[T] = []
        while not self.take(end):
            items.append(item())
            if not self.at(end):
                self.expect(",")
        return tuple(items)

    def in_parens(self, item: Callable[[], T]) -> tuple[T, ...]:
        self.expect("(")
        return self.separated(item)

    def literal(self) -> Value:
        token = self.token
        match token.kind:
            case "string":
                return self.string()
            case "number":
                return self.number()
            case "name" if token.text in CONSTANTS:
                return CONSTANTS[self.advance().text]
            case "name":
                self.advance()
                return complex(*self.in_parens(self.number))
            case _:
                self.fail(f"expected a value, found {token.text!r}")

    def number(self) -> int | float:
        text = self.of_kind("number", "a number")
        return int(text) if text.lstrip("+-").isdecimal() else float(text)

    def string(self) -> str:
        return str(literal_eval(self.of_kind("string", "a string")))

    def type(self) -> Type:
        if self.take("("):
            return Tuple(self.separated(self.type))
        if self.take("@"):
            return Named(self.of_kind("name", "a record"))
        if self.take("<"):
            return self.closed(Opaque(self.word()))
        if self.take("places"):
            self.expect("<")
            return self.closed(Places(self.type()))
        if self.take("list"):
            self.expect("<")
            return self.closed(List(self.type()))
        name = self.of_kind("name", "a type")
        if name not in _SCALARS:
            self.fail(f"no type {name!r}", self.tokens[self.position - 1])
        if self.take("["):
            return Array(_SCALARS[name], self.separated(self.dim, "]"))
        return _SCALARS[name]

    def closed(self, type_: Type) -> Type:
        self.expect(">")
        return type_

    def dim(self) -> Dim:
        if self.take("?"):
            return "?"
        return self.word() if self.token.kind != "number" else int(self.advance().text)

    def word(self) -> str:
        """A name, or any text in quotes."""
        return self.string() if self.token.kind == "string" else self.of_kind("name", "a name")
