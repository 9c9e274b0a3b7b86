"""From `ast` to text: what is printed parses to what was meant."""

from __future__ import annotations

import ast
import random

import pytest

from s2sad.backend.direct import assigned
from s2sad.backend.lines import WIDTH, wrap
from s2sad.backend.sequence import in_sequence
from s2sad.backend.text import Generator, to_text

BINARY = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow)
COMPARISONS = (ast.Lt, ast.LtE, ast.Eq, ast.NotEq, ast.Is, ast.IsNot)


def expression(rng: random.Random, depth: int) -> ast.expr:
    def part() -> ast.expr:
        return expression(rng, depth - 1)

    if depth <= 0:
        leaves: list[ast.expr] = [
            ast.Name(rng.choice("xyz"), ast.Load()),
            ast.Constant(rng.choice([2, 0.5, True, 1e300])),
            ast.Attribute(ast.Name("math", ast.Load()), "inf", ast.Load()),
        ]
        return rng.choice(leaves)
    match rng.randint(0, 9):
        case 0:
            return ast.UnaryOp(rng.choice([ast.USub, ast.UAdd, ast.Not])(), part())
        case 1:
            return ast.IfExp(part(), part(), part())
        case 2:
            op = rng.choice([ast.And, ast.Or])()
            return ast.BoolOp(op, [part() for _ in range(rng.randint(2, 3))])
        case 3:
            return ast.Compare(part(), [rng.choice(COMPARISONS)()], [part()])
        case 4:
            name = ast.Name("f", ast.Load())
            return ast.Call(name, [part() for _ in range(rng.randint(0, 3))], [])
        case 5:
            return ast.Subscript(ast.Name("A", ast.Load()), part(), ast.Load())
        case 6:
            return ast.Tuple([part() for _ in range(rng.randint(1, 3))], ast.Load())
        case _:
            return ast.BinOp(part(), rng.choice(BINARY)(), part())


@pytest.mark.parametrize("seed", range(400))
def test_expressions(seed: int) -> None:
    rng = random.Random(seed)
    value = expression(rng, rng.randint(1, 6))
    target = ast.Name("result", ast.Store())
    stmts: list[ast.stmt] = [ast.Assign([target], value), ast.Return(value), ast.Expr(value)]
    stmts.append(ast.AugAssign(target, ast.Add(), value))
    if not isinstance(value, ast.Tuple):  # astor forgets the brackets there
        stmts += [ast.If(value, [ast.Pass()], []), ast.While(value, [ast.Pass()], [])]
    for stmt in stmts:
        function = ast.FunctionDef(
            "f", ast.arguments([], [], None, [], [], None, []), [stmt], []
        )
        text = to_text([function])
        assert ast.dump(ast.parse(text).body[0]) == ast.dump(
            ast.parse(ast.unparse(ast.fix_missing_locations(function))).body[0]
        ), text


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        ("x = f(aaaa, bbb)", ["x = f(", "    aaaa, bbb", ")"]),
        ("x = aaaaaaaa + b", ["x = (", "    aaaaaaaa", "    + b", ")"]),
        ("  return a, b, cc", ["  return (", "      a, b, cc", "  )"]),
        ("for a, b, c in d:", ["for (", "    a, b, c", ") in d:"]),
        ("for a in f(b, c):", ["for a in f(", "    b, c", "):"]),
        (
            "x = f(aaaa, b * (c + d), e)",
            ["x = f(", "    aaaa,", "    b * (", "        c + d", "    ),", "    e,", ")"],
        ),
        ("x = unbreakable_name", ["x = unbreakable_name"]),
    ],
)
def test_wrapping(code: str, lines: list[str]) -> None:
    assert wrap(code, 15) == lines


def test_long_lines_are_short_and_quick() -> None:
    many = ast.Call(
        ast.Name("f", ast.Load()),
        [ast.Name(f"argument{k}", ast.Load()) for k in range(20000)],
        [],
    )
    text = to_text([ast.Assign([ast.Name("x", ast.Store())], many)])
    assert all(len(line) <= WIDTH for line in text.splitlines())
    assert ast.dump(ast.parse(text).body[0]) == ast.dump(
        ast.Assign([ast.Name("x", ast.Store())], many)
    )


def test_sequence() -> None:
    def order(*moves: tuple[str, str]) -> list[list[int]]:
        return list(in_sequence([(target, {source}) for target, source in moves]))

    assert order(("a", "b"), ("b", "c")) == [[0], [1]]
    assert order(("b", "c"), ("a", "b")) == [[1], [0]]
    assert order(("a", "a")) == []
    assert order(("a", "b"), ("b", "a")) == [[0, 1]]
    assert order(("a", "b"), ("b", "a"), ("c", "a")) == [[2], [0, 1]]


@pytest.mark.parametrize("seed", range(400))
def test_printed_directly_as_by_astor(seed: int) -> None:
    rng = random.Random(seed)
    target = ast.Name("result", ast.Store())
    value = expression(rng, rng.randint(0, 4))
    stmts = (ast.Assign([target], value), ast.AugAssign(target, ast.Sub(), value))
    stmt: ast.Assign | ast.AugAssign = rng.choice(stmts)
    direct = assigned(stmt)
    generator = Generator("    ")
    generator.visit(stmt)
    if direct is not None:
        assert "".join(generator.result).strip() == direct


def test_much_is_printed_directly() -> None:
    stmt = ast.parse("y = -(a - (b - c)) * math.exp(-x**2) / f(x ** (n + 1), 2, -1.5)").body[0]
    assert isinstance(stmt, ast.Assign)
    assert assigned(stmt) == ast.unparse(stmt).replace("x ** 2", "x**2")
