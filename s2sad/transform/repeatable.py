"""Whether the passes of a loop can be made a second time."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

from s2sad.errors import Loc, UnsupportedSyntax
from s2sad.ir.nodes import (
    Atom,
    Block,
    Call,
    Let,
    Lit,
    Loop,
    Module,
    Try,
    While,
    raises_always,
)
from s2sad.ir.types import Opaque, Scalar
from s2sad.ir.walk import blocks, walk


def check_repeatable(loop: Loop | While, module: Module) -> None:
    """Nothing shows of a pass but what it computes, and it computes the same again."""
    seen: set[tuple[str, bool]] = set()
    made: set[Atom] = {stmt.out for stmt in walk(loop.body) if isinstance(stmt, Let)}

    def check(block: Block, loc: Loc | None, caught: bool) -> None:
        if raises_always(block) and not caught:
            # It makes an exception, and ends the loop.
            return
        for stmt in block.stmts:
            place = getattr(stmt, "loc", None) or loc
            match stmt:
                case Let(_, "python", (Lit(str() as text), *args)):
                    given = [arg for arg in args if arg not in made]
                    if not _computes(text, given):
                        raise _impure(f"that runs {_shown(text)}", place)
                case Let(_, "store"):
                    raise _impure("that changes an object", place)
                case Try(manager=manager) if manager is not None:
                    raise _impure("with a `with`", place)
                case Call(_, name) if (name, caught) not in seen:
                    seen.add((name, caught))
                    check(module.funcs[name].body, place, caught)
                case _:
                    pass
            for inner in blocks(stmt):
                check(inner, place, caught or isinstance(stmt, Try))

    for block in blocks(loop):
        check(block, loop.loc, False)


# Functions that do nothing but compute, of those that opaque expressions may call.
_COMPUTING = frozenset(
    "abs all any bool divmod enumerate float int isinstance len list max min range repr"
    " reversed round sorted str sum tuple type zip".split()
)


def _computes(text: str, given: Sequence[Atom]) -> bool:
    """Is an opaque expression without an effect, and the same whenever it is evaluated?
    What it is given from outside are numbers and texts, for objects may change."""
    for atom in given:
        if not isinstance(atom.type, Scalar) and atom.type != Opaque("str"):
            return False
    for node in ast.walk(ast.parse(_HOLE.sub("_", text), mode="eval")):
        match node:
            case ast.Name(name) if name not in ("_", *_COMPUTING) and not _is_error(name):
                return False
            case ast.Attribute(ast.Name("_"), "is_integer" | "bit_length"):
                pass
            case ast.Attribute():
                return False
            case ast.Call(func) if not isinstance(func, ast.Name | ast.Attribute):
                return False
    return True


def _is_error(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


_HOLE = re.compile(r"\{\d+\}")


def _shown(text: str) -> str:
    called = _HOLE.sub("", text).partition("(")[0].strip(".")
    return f"{called}()" if called.replace(".", "").isidentifier() else "what is not followed"


def _impure(what: str, loc: Loc | None) -> UnsupportedSyntax:
    return UnsupportedSyntax(
        f'a loop {what}: checkpoint="revolve" makes its passes again',
        loc,
        "take it out of the loop, or leave checkpoint= out",
    )
