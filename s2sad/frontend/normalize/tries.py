"""`else`, `finally` and exits of `try` and `with`: what is left has handlers only.

try: work                    ->    done = False
except E: …                        try: work; done = True
else: rest                         except E: …
                                   if done: rest

try: work                    ->    try: work
finally: last                      except BaseException: last; raise
                                   last

try: return 1 / x            ->    try: result = 1 / x
except E: …                        except E: …; rest
rest

try: work                    ->    try: work
except E: return a                 except E: result = a; left = True
rest                               if left: pass
                                   else: rest
"""

from __future__ import annotations

import ast
import copy
from itertools import count
from typing import TYPE_CHECKING

from s2sad.frontend.normalize.hidden import BUILTIN, DONE, RETURNED, at, flag, read

if TYPE_CHECKING:
    from s2sad.frontend.normalize.exits import Exits, Region

_EXITS = frozenset({"return", "break", "continue"})
Tried = ast.Try | ast.With


class Tries:
    def __init__(self, exits: Exits) -> None:
        self.exits = exits
        self.numbers = count(1)

    def statement(self, stmt: Tried, rest: list[ast.stmt], region: Region) -> list[ast.stmt]:
        """A `try` or a `with`, and what follows it."""
        match stmt:
            case ast.Try(finalbody=[_, *_]):
                return self.final(stmt, rest, region)
            case ast.Try(orelse=[_, *_]):
                return self.otherwise(stmt, rest, region)
            case _:
                return self.plain(stmt, rest, region)

    def final(self, stmt: ast.Try, rest: list[ast.stmt], region: Region) -> list[ast.stmt]:
        body = stmt.body
        if stmt.handlers:
            body = [at(stmt, ast.Try(stmt.body, stmt.handlers, stmt.orelse, []))]
        ends = self.exits.block_ends(body)
        again = [*copy.deepcopy(stmt.finalbody), at(stmt.finalbody[-1], ast.Raise(None, None))]
        everything = at(stmt, ast.Name(f"{BUILTIN}BaseException", ast.Load()))
        handler = at(stmt, ast.ExceptHandler(everything, None, self.exits.block(again, region)))
        guarded = at(stmt, ast.Try(self.exits.block(body, region), [handler], [], []))
        if not ends & {"fall"} | ends & _EXITS:
            return [guarded]
        last = self.exits.block(stmt.finalbody, region)
        if "fall" not in self.exits.block_ends(stmt.finalbody):
            return [guarded, *last]
        if ends & _EXITS:
            return [guarded, *last, *self.unless_left(stmt, rest, ends, region)]
        return [guarded, *last, *self.exits.block(rest, region)]

    def unless_left(
        self, stmt: ast.stmt, rest: list[ast.stmt], ends: frozenset[str], region: Region
    ) -> list[ast.stmt]:
        """What follows a statement that may have left the region."""
        if "fall" not in ends or not rest:
            return []
        region.leaves = True
        remaining = self.exits.block(rest, region)
        return [at(stmt, ast.If(read(stmt, region.left), [], remaining))]

    def otherwise(self, stmt: ast.Try, rest: list[ast.stmt], region: Region) -> list[ast.stmt]:
        handlers = [self.exits.block_ends(handler.body) for handler in stmt.handlers]
        plain = at(stmt, ast.Try(stmt.body, stmt.handlers, [], []))
        if "fall" not in self.exits.block_ends(stmt.body):
            return self.plain(plain, rest, region)
        if not any("fall" in ends for ends in handlers):
            return self.plain(plain, [*stmt.orelse, *rest], region)
        done = f"{DONE}{next(self.numbers)}"
        plain.body = [*stmt.body, flag(stmt, done, True)]
        orelse = at(stmt, ast.If(read(stmt, done), stmt.orelse, []))
        return [flag(stmt, done, False), *self.plain(plain, [orelse, *rest], region)]

    def plain(self, stmt: Tried, rest: list[ast.stmt], region: Region) -> list[ast.stmt]:
        ends = self.exits.ends(stmt)
        into = self.only_handler_to_fall(stmt, rest) if ends & _EXITS and rest else None
        made: ast.stmt
        body = self.exits.block(stmt.body, region)
        if isinstance(stmt, ast.With):
            made = at(stmt, ast.With(stmt.items, body))
        else:
            handlers = []
            for handler in stmt.handlers:
                more = rest if handler is into else []
                caught = self.exits.block([*handler.body, *more], region)
                caught = [
                    *self.stays(handler, self.exits.block_ends(stmt.body), region),
                    *caught,
                ]
                handlers.append(
                    at(handler, ast.ExceptHandler(handler.type, handler.name, caught))
                )
            made = at(stmt, ast.Try(body, handlers, [], []))
        if into is not None or "fall" not in ends:
            return [made]
        if ends & _EXITS:
            return [made, *self.unless_left(stmt, rest, ends, region)]
        return [made, *self.exits.block(rest, region)]

    def stays(self, place: ast.AST, ends: frozenset[str], region: Region) -> list[ast.stmt]:
        """An exception in a `finally` calls off the exit that was under way."""
        names = [region.left] if ends & _EXITS else []
        if region.stop and ends & {"return", "break"}:
            names += [region.stop, *([region.broke] if region.broke else [])]
        if region.stop and "return" in ends:
            names.append(RETURNED)
        return [flag(place, name, False) for name in names]

    def only_handler_to_fall(
        self, stmt: Tried, rest: list[ast.stmt]
    ) -> ast.ExceptHandler | None:
        """The handler that alone reaches what follows, which may then go into it."""
        if isinstance(stmt, ast.With) or "fall" in self.exits.block_ends(stmt.body):
            return None
        reaching = [h for h in stmt.handlers if "fall" in self.exits.block_ends(h.body)]
        # There a bare `raise` and the exception's name would mean something else.
        if len(reaching) != 1 or reaching[0].name or any(map(_raises_again, rest)):
            return None
        return reaching[0]


def _raises_again(stmt: ast.stmt) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(stmt))
