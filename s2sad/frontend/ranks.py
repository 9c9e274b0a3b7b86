"""Parameters that are arrays, by what the body does with them, and of what rank.

A parameter without a type is an array where it is indexed, where its shape is asked for or
a method of arrays is called, and where it is given to a function that reduces arrays. It
has as many axes as the indices that are used at once, or one.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from s2sad.frontend.resolve import ModuleMeaning, Namespace
from s2sad.frontend.scope import FunctionNode, function_nodes, params_of

# Functions of arrays that nobody calls with numbers, by the axes that they need.
_OF_ARRAYS = {
    **dict.fromkeys(
        "sum mean prod std var ptp dot vdot inner outer norm cumsum cumprod diff sort median"
        " percentile average ravel reshape concatenate convolve correlate zeros_like"
        " ones_like empty_like full_like add.at subtract.at trapezoid trapz max min amax amin"
        " argmax argmin argsort flip roll tile repeat fft ifft rfft irfft interp".split(),
        1,
    ),
    **dict.fromkeys(
        "inv det slogdet cholesky eigh eigvalsh qr svd pinv trace solve lstsq matrix_power"
        " transpose tril triu".split(),
        2,
    ),
}
_SECOND_IS_VECTOR = frozenset({"solve", "lstsq"})
_ATTRIBUTES = frozenset(
    "shape ndim size dtype T sum mean prod std var min max dot copy reshape ravel flatten"
    " transpose cumsum argmax argmin sort fill flat astype trace diagonal".split()
)
_WALKED = frozenset({"len", "enumerate", "zip", "reversed", "sum", "list"})


def uses_numpy(namespace: Namespace) -> bool:
    """Does a module import NumPy? What it indexes is then an array, not a list."""
    found = (namespace.lookup(name) for name in ("np", "numpy"))
    return any(isinstance(meaning, ModuleMeaning) for meaning in found)


def array_ranks(node: FunctionNode) -> dict[str, int]:
    """The names that are used as arrays, and the axes that they have at least."""
    ranks: dict[str, int] = {}
    for inner in function_nodes(node):
        for name, rank in _uses(inner):
            ranks[name] = max(rank, ranks.get(name, 1))
    params = {arg.arg for arg in params_of(node)}
    for inner in function_nodes(node):
        # Of `np.sum(x * x)` something has to be an array.
        summed = frozenset(_summed(inner))
        if summed <= params and not summed & ranks.keys():
            ranks.update(dict.fromkeys(summed, 1))
    return ranks


def _summed(node: ast.AST) -> Iterator[str]:
    """The names in an expression that is given to a function of arrays."""
    match node:
        case ast.Call(
            ast.Attribute() as func, [ast.BinOp() | ast.UnaryOp() | ast.Call() as of]
        ):
            if _OF_ARRAYS.get(ast.unparse(func).rpartition(".")[2]):
                yield from _operands(of)
        case _:
            return


def _operands(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Name(name):
            yield name
        case ast.BinOp(left, ast.Pow(), _):
            yield from _operands(left)
        case ast.BinOp(left, _, right):
            yield from _operands(left)
            yield from _operands(right)
        case ast.UnaryOp(_, operand):
            yield from _operands(operand)
        case ast.Call(ast.Attribute(), args):
            for arg in args:
                yield from _operands(arg)
        case _:
            return


def _uses(node: ast.AST) -> Iterator[tuple[str, int]]:
    match node:
        case ast.Subscript(ast.Attribute(ast.Name(name), "shape"), ast.Constant(int() as axis)):
            yield name, axis + 1 if axis >= 0 else -axis
        case ast.Subscript():
            yield from _indexed(node)
        case ast.Assign([ast.Tuple(targets)], ast.Attribute(ast.Name(name), "shape")):
            yield name, len(targets)
        case ast.Attribute(ast.Name(name), attr) if attr in _ATTRIBUTES:
            yield name, 2 if attr in ("T", "trace", "diagonal", "transpose") else 1
        case ast.BinOp(left, ast.MatMult(), right):
            for side in (left, right):
                if isinstance(side, ast.Name):
                    # A matrix has a capital letter.
                    yield side.id, 2 if side.id[:1].isupper() else 1
        case ast.For(_, ast.Name(name)) | ast.comprehension(_, ast.Name(name)):
            yield name, 1
        case ast.Call(ast.Name(func), args) if func in _WALKED:
            yield from ((arg.id, 1) for arg in args if isinstance(arg, ast.Name))
        case ast.Call(ast.Attribute() as func, [ast.Name(name), *rest]):
            dotted = ast.unparse(func).split(".")
            known = _OF_ARRAYS.get(dotted[-1]) or _OF_ARRAYS.get(".".join(dotted[-2:]))
            if known and dotted[0] != name:
                yield name, known
                if dotted[-1] in _SECOND_IS_VECTOR | {"dot", "vdot", "inner", "outer"}:
                    yield from ((arg.id, 1) for arg in rest[:1] if isinstance(arg, ast.Name))
        case _:
            return


def _indexed(node: ast.Subscript) -> Iterator[tuple[str, int]]:
    """`A[i, j]`, `A[i][j]`, `A[:, None]`"""
    axes, value = 0, node.value
    whole: ast.expr = node
    while isinstance(whole, ast.Subscript):
        index = whole.slice
        entries = index.elts if isinstance(index, ast.Tuple) else [index]
        axes += sum(
            not (isinstance(entry, ast.Constant) and entry.value in (None, ...))
            for entry in entries
        )
        value = whole = whole.value
    if isinstance(value, ast.Name):
        yield value.id, max(axes, 1)
