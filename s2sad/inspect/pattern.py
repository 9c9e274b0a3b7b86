"""The sparsity pattern of a Jacobian, or of a Hessian: in words, as text, as a picture.

Where the sizes are not known the pattern is found at two sizes, and what both have in
common is told by the size: the diagonals -1, 0, 1 and n - 1, the row 0, the last column.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from s2sad.compile import Wish, chosen_result
from s2sad.errors import S2sadError, TypeRefused
from s2sad.forward import gradient_of
from s2sad.frontend import Lowered
from s2sad.ir.nodes import Func, Module, indices
from s2sad.ir.types import FLOAT, INT, Array, is_differentiable
from s2sad.sparsity.run import Run, names_in
from s2sad.sparsity.values import VARIED, Known, Unknown, constant

_SIZES = (10, 13)
_COUNT = 3
_LARGEST = 48
_FEW = 7

Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Pattern(NamedTuple):
    """Which derivatives may be other than 0.

    shapes: the sizes of the result and of the argument. sizes: those that were assumed. at:
    the patterns at the sizes that were tried; because: why all of them are full ones, if
    that is for want of knowledge.
    """

    what: str
    of: str
    wrt: str
    shapes: tuple[tuple[int, ...], tuple[int, ...]]
    sizes: tuple[tuple[str, int], ...]
    at: tuple[Mask, ...]
    because: str = ""


def pattern(
    lowered: Lowered, wish: Wish, values: Mapping[str, Any], names: Mapping[str, Any]
) -> Pattern:
    """The pattern in the first argument that is differentiated by: of the Jacobian, and of
    the Hessian of a function whose result is a number."""
    entry = lowered.module.funcs[lowered.module.entry]
    hessian = _is_number(entry, wish)
    wrt = wish.wrt[0]
    signature = dict(entry.signature)
    at = signature.get(wrt)
    if not isinstance(at, int) or not isinstance(entry.params[at].type, Array):
        raise TypeRefused(
            f"the sparsity in {wrt}, which is no array", entry.loc, "name one that is"
        )
    module = (
        gradient_of(lowered, wish._replace(wrt=(wrt,), bare=True)).module
        if hessian
        else lowered.module
    )
    found: list[Mask] = []
    known = {name: np.shape(value) for name, value in values.items()}
    assumed: dict[str, int] = {}
    because = ""
    shapes: tuple[tuple[int, ...], tuple[int, ...]] = (), ()
    for size in _SIZES:
        assumed = {}
        given = [
            _given(name, k, entry, wrt, values, known, size, assumed)
            for name, k in entry.signature
        ]
        x = given[list(signature).index(wrt)]
        try:
            mask, shape = _run(module, entry, wish.of if not hessian else None, given, names)
        except Unknown as error:
            because = str(error)
            mask, shape = np.ones((x.shape[0] if x.shape else 1, _count(x.shape)), bool), ()
        if hessian:
            mask, shape = mask | mask.T, x.shape
        if not found:
            shapes, first = (shape, x.shape), dict(assumed)
        found.append(mask)
        if not assumed:
            break
    return Pattern(
        "Hessian" if hessian else "Jacobian",
        entry.name,
        wrt,
        shapes,
        tuple(first.items()),
        tuple(found),
        because,
    )


def _is_number(entry: Func, wish: Wish) -> bool:
    try:
        (k,) = indices(entry.structure) if wish.of is None else (chosen_result(entry, wish.of),)
    except (S2sadError, ValueError):
        return False
    return entry.body.yields[k].type == FLOAT


def _count(shape: tuple[int, ...]) -> int:
    return int(np.prod(shape))


def _given(
    name: str,
    structure: Any,
    entry: Func,
    wrt: str,
    values: Mapping[str, Any],
    known: Mapping[str, tuple[int, ...]],
    size: int,
    assumed: dict[str, int],
) -> Any:
    """An argument: of its sizes, what it depends on."""
    if not isinstance(structure, int):
        raise TypeRefused("the sparsity of a function of structures", entry.loc, "pass arrays")
    type_ = entry.params[structure].type
    if isinstance(type_, Array):
        shape = known.get(name)
        if shape is None:
            shape = tuple(dim if isinstance(dim, int) else size for dim in type_.dims)
            shown = [
                f"{name}.shape[{k}]" if len(shape) > 1 else f"len({name})"
                for k in range(len(shape))
            ]
            assumed.update(
                (text, n)
                for text, n, d in zip(shown, shape, type_.dims, strict=True)
                if not isinstance(d, int)
            )
        if not is_differentiable(type_.dtype):
            return constant(np.array(values[name])) if name in values else Known(VARIED, shape)
        count = _count(shape)
        eye = np.eye(count, dtype=bool).reshape(*shape, count) if name == wrt else None
        return Known(VARIED, shape, eye)
    if name in values:
        return constant(values[name])
    if type_ == INT:
        assumed[name] = _COUNT
        return constant(_COUNT)
    return Known(VARIED, ())


def _run(
    module: Module, entry: Func, of: int | None, given: list[Any], names: Mapping[str, Any]
) -> tuple[Mask, tuple[int, ...]]:
    """The mask, a row for each number of the result, and the shape of that."""
    func = module.funcs[module.entry]
    row: list[Any] = [None] * len(func.params)
    for (_, structure), value in zip(func.signature, given, strict=True):
        if isinstance(structure, int):
            row[structure] = value
    size = next(v.mask.shape[-1] for v in given if v.mask is not None)
    run = Run(module, size, names_in({"np": np}, names))
    results = run.call(func, row)
    at = indices(func.structure) if of is None else (chosen_result(func, of),)
    rows: list[Mask] = []
    shape: tuple[int, ...] = ()
    for k in at:
        result = results[k]
        if not isinstance(result, Known):
            raise TypeRefused("the sparsity of a list", entry.loc, "return an array")
        shape = result.shape
        count = _count(shape)
        mask = np.zeros((count, size), bool) if result.mask is None else result.mask
        rows.append(mask.reshape(count, size))
    found = np.concatenate(rows) if rows else np.zeros((0, size), bool)
    return found, shape if len(rows) == 1 else (len(found),)


# In words.


def described(found: Pattern) -> Iterator[str]:
    """What there is to say of a pattern, a line each."""
    rows, columns = found.at[0].shape
    name = f"{found.of}" if found.what == "Jacobian" else f"the gradient of {found.of}"
    yield f"sparsity of the {found.what} of {found.of} in {found.wrt}"
    yield f"row i is element i of {name}, column j is element j of {found.wrt}"
    if found.because:
        yield f"not told apart: {found.because}; all may depend on all"
    else:
        yield f"may be other than 0: {', '.join(_parts(found.at)) or 'nothing'}"
    entries = int(found.at[0].sum())
    yield f"{rows} by {columns}, {entries} of {rows * columns} entries"
    if found.sizes:
        sizes = ", ".join(f"{text} = {size}" for text, size in found.sizes)
        yield f"drawn at {sizes}; --at gives other sizes"


def _parts(at: tuple[Mask, ...]) -> list[str]:
    """The rows, columns and diagonals that a pattern is made of, by the size."""
    if all(mask.all() for mask in at):
        return ["all"]
    told: list[list[str]] = []
    for mask in at:
        rest = mask.copy()
        said = []
        rows, columns = mask.shape
        for name, axis, size in (("row", 1, rows), ("column", 0, columns)):
            whole = np.asarray(mask.all(axis=axis))
            lines = np.flatnonzero(whole if size > 1 else whole[:0])
            if len(lines) and len(lines) < size:
                said += [f"{name} {_place(int(k), size)}" for k in lines]
                rest[(lines, slice(None)) if name == "row" else (slice(None), lines)] = False
        i, j = np.nonzero(rest)
        offsets = sorted(set((j - i).tolist()))
        said += [
            f"diagonal {_place(d, columns) if d > 0 else _negative(d, rows)}" for d in offsets
        ]
        told.append(said)
    if any(said != told[0] for said in told) or len(told[0]) > 3 * _FEW:
        return ["the entries below"]
    return _merged(told[0])


def _place(k: int, size: int) -> str:
    """A place from the end, where it is nearer."""
    return f"{k}" if k < size // 2 + 1 else f"n - {size - k}"


def _negative(d: int, size: int) -> str:
    return f"{d}" if -d < size // 2 + 1 else f"{size + d} - n"


def _merged(said: list[str]) -> list[str]:
    """`diagonals -1, 0, 1`"""
    kinds: dict[str, list[str]] = {}
    for text in said:
        kind, _, place = text.partition(" ")
        kinds.setdefault(kind, []).append(place)
    return [
        f"{kind}{'s' if len(places) > 1 else ''} {', '.join(places)}"
        for kind, places in kinds.items()
    ]


# As a picture.


def reduced(mask: Mask) -> tuple[Mask, int]:
    """A pattern small enough to be drawn, and how many rows and columns a mark stands for."""
    step = max(1, -(-max(mask.shape) // _LARGEST))
    rows, columns = (-(-n // step) for n in mask.shape)
    padded = np.zeros((rows * step, columns * step), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    return np.asarray(padded.reshape(rows, step, columns, step).any(axis=(1, 3))), step


def as_text(found: Pattern) -> str:
    """`s2sad show --stage sparsity`"""
    mask, step = reduced(found.at[0])
    lines = [*described(found), ""]
    if step > 1:
        lines[-1:] = [f"each mark stands for {step} by {step} entries", ""]
    lines += ["  " + " ".join("*" if entry else "." for entry in row) for row in mask]
    return "\n".join(lines) + "\n"


def as_svg(found: Pattern) -> str:
    """The picture of a pattern: a square for each entry."""
    mask, _ = reduced(found.at[0])
    rows, columns = mask.shape
    said = html.escape("; ".join(described(found)))
    side = 10
    squares = []
    for i, row in enumerate(mask):
        # A run of entries is one rectangle.
        edges = np.flatnonzero(np.diff(np.concatenate(([0], row.astype(int), [0]))))
        for start, end in list(pairwise(edges.tolist()))[::2]:
            squares.append(
                f"M{start * side} {i * side}h{(end - start) * side}v{side}H{start * side}z"
            )
    width, height = columns * side, rows * side
    return (
        f'<svg viewBox="-1 -1 {width + 2} {height + 2}" width="{min(16 * columns, 480)}"'
        f' role="img" aria-label="{said}"><rect width="{width}" height="{height}" fill="none"'
        f' stroke="currentColor"/><path d="{"".join(squares)}" fill="currentColor"/></svg>'
    )
