"""The programs that are measured: each sample, its arguments, its hand gradient."""

import ast
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samples.black_scholes import call_price
from samples.kepler import eccentric_anomaly
from samples.lecture import f
from samples.lorenz import lorenz
from samples.newton import cubic_root
from samples.rosenbrock import rosenbrock
from tests.bench import hand

Function = Callable[..., Any]


@dataclass(frozen=True)
class Program:
    name: str
    primal: types.FunctionType
    hand: Function
    args: tuple[Any, ...]
    wrt: int | tuple[int, ...]
    closed_form: bool = False

    @property
    def active(self) -> tuple[int, ...]:
        return (self.wrt,) if isinstance(self.wrt, int) else self.wrt


def _program(
    name: str,
    primal: Function,
    by_hand: Function,
    args: tuple[Any, ...],
    wrt: int | tuple[int, ...],
    closed_form: bool = False,
) -> Program:
    assert isinstance(primal, types.FunctionType)
    return Program(name, primal, by_hand, args, wrt, closed_form)


PROGRAMS = (
    _program("lecture", f, hand.f, (0.7,), 0, closed_form=True),
    _program(
        "black_scholes",
        call_price,
        hand.call_price,
        (100.0, 105.0, 0.03, 0.2, 1.5),
        (0, 1, 2, 3, 4),
        closed_form=True,
    ),
    _program("newton", cubic_root, hand.cubic_root, (3.0, 5.0), (0, 1)),
    _program("kepler", eccentric_anomaly, hand.eccentric_anomaly, (0.6, 1.2), (0, 1)),
    _program("rosenbrock", rosenbrock, hand.rosenbrock, (1.2, 0.99, 100), (0, 1)),
    _program("lorenz", lorenz, hand.lorenz, (10.0, 28.0, 8.0 / 3.0), (0, 1, 2)),
)


class _Rebinding(ast.NodeTransformer):
    """`x += y` becomes `x = x + y`, for tools that take the former as in-place."""

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.Assign:
        assert isinstance(node.target, ast.Name)
        read = ast.Name(node.target.id, ast.Load())
        return ast.Assign([node.target], ast.BinOp(read, node.op, node.value))


def with_math(
    primal: types.FunctionType,
    functions: Mapping[str, Function],
    rebinding: bool = False,
) -> Any:
    """The sample's function with other functions in the place of those of `math`."""
    path = primal.__code__.co_filename
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not isinstance(node, ast.Import)]
    if rebinding:
        tree = ast.fix_missing_locations(_Rebinding().visit(tree))
    scope: dict[str, Any] = {"math": types.SimpleNamespace(**functions)}
    exec(compile(tree, path, "exec"), scope)
    return scope[primal.__name__]


def gradient_tuple(program: Program, gradient: Any) -> tuple[float, ...]:
    parts = (gradient,) if isinstance(program.wrt, int) else gradient
    return tuple(float(part) for part in parts)
