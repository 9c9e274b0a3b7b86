"""Small random changes of a program, which leave it one that parses."""

from __future__ import annotations

import ast
import copy
import random
from collections.abc import Callable, Iterator
from typing import TypeAlias

Change: TypeAlias = "Callable[[ast.Module, random.Random], None]"

WRAPPERS = (
    "for _q in range(2):\n    pass",
    "for _q in [1, 2]:\n    pass",
    "if True:\n    pass",
    "if x > 0:\n    pass",
    "if x > 0:\n    pass\nelse:\n    pass",
    "try:\n    pass\nexcept ValueError:\n    pass",
    "try:\n    pass\nfinally:\n    pass",
    "while True:\n    pass\n    break",
)


def changed(source: str, rng: random.Random) -> str:
    """The program with one to three changes."""
    tree = ast.parse(source)
    for change in rng.choices(list(CHANGES), k=rng.choice((1, 1, 1, 2, 2, 3))):
        change(tree, rng)
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and not isinstance(
            node.format_spec, ast.JoinedStr | None
        ):
            node.format_spec = None
    return ast.unparse(ast.fix_missing_locations(tree))


def drop(tree: ast.Module, rng: random.Random) -> None:
    """A statement goes."""
    if blocks := [block for block in _blocks(tree) if len(block) > 1]:
        block = rng.choice(blocks)
        del block[rng.randrange(len(block))]


def swap(tree: ast.Module, rng: random.Random) -> None:
    """A statement and the next change places."""
    if blocks := [block for block in _blocks(tree) if len(block) > 1]:
        block = rng.choice(blocks)
        k = rng.randrange(len(block) - 1)
        block[k], block[k + 1] = block[k + 1], block[k]


def repeat(tree: ast.Module, rng: random.Random) -> None:
    """A statement comes once more, somewhere in its block."""
    block = rng.choice(_blocks(tree))
    block.insert(rng.randrange(len(block) + 1), copy.deepcopy(rng.choice(block)))


def wrap(tree: ast.Module, rng: random.Random) -> None:
    """A statement comes to stand in a loop, a branch, a try."""
    block = rng.choice(_blocks(tree, ast.FunctionDef) or _blocks(tree))
    k = rng.randrange(len(block))
    (outer,) = ast.parse(rng.choice(WRAPPERS)).body
    for inner in _blocks(outer):
        inner[0] = copy.deepcopy(block[k])
    block[k] = outer


def rename(tree: ast.Module, rng: random.Random) -> None:
    """A name, read or written, becomes another of its function."""
    if names := [node for node in ast.walk(_function(tree, rng)) if isinstance(node, ast.Name)]:
        rng.choice(names).id = rng.choice(names).id


def renumber(tree: ast.Module, rng: random.Random) -> None:
    """A number becomes another."""
    numbers = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and type(node.value) in (int, float)
    ]
    if numbers:
        rng.choice(numbers).value = rng.choice((0, 1, 2, -1, 0.5, 3, 1.5))


def operate(tree: ast.Module, rng: random.Random) -> None:
    """An operator becomes another, or its operands change places."""
    if nodes := [node for node in ast.walk(tree) if isinstance(node, ast.BinOp)]:
        node = rng.choice(nodes)
        if rng.random() < 0.5:
            node.left, node.right = node.right, node.left
        else:
            node.op = rng.choice((ast.Add(), ast.Mult(), ast.Sub()))


def replace(tree: ast.Module, rng: random.Random) -> None:
    """An expression becomes a copy of another of its function."""
    places = [
        (node, field)
        for node in ast.walk(_function(tree, rng))
        for field in node._fields
        if isinstance(value := getattr(node, field, None), ast.expr)
        and isinstance(getattr(value, "ctx", ast.Load()), ast.Load)
    ]
    if places:
        (node, field), (other, of) = rng.choice(places), rng.choice(places)
        setattr(node, field, copy.deepcopy(getattr(other, of)))


CHANGES: tuple[Change, ...] = (
    *(drop, swap, repeat, wrap, renumber, operate, replace),
    *(rename, rename),
)


def _blocks(tree: ast.stmt | ast.Module, *inside: type[ast.AST]) -> list[list[ast.stmt]]:
    """The blocks of statements, or those below a node of these kinds."""
    roots: Iterator[ast.AST] = iter((tree,))
    if inside:
        roots = (node for node in ast.walk(tree) if isinstance(node, inside))
    found = {
        id(block): block
        for root in roots
        for node in ast.walk(root)
        for field in ("body", "orelse", "finalbody")
        if isinstance(block := getattr(node, field, None), list) and block
    }
    return list(found.values())


def _function(tree: ast.Module, rng: random.Random) -> ast.AST:
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return rng.choice(found) if found else tree
