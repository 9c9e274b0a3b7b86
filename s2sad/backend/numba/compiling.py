"""Numba at work in this process, and what it says put in our words."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

from s2sad.backend.numba.globals import pass_globals
from s2sad.errors import UnsupportedFunction, UnsupportedSyntax
from s2sad.ir.nodes import Module
from s2sad.ir.types import BOOL, FLOAT, INT, Array, List, Type

_TYPES: dict[Type, str] = {FLOAT: "float64", INT: "int64", BOOL: "boolean"}
_INSTEAD = 'jit="auto" runs it in plain Python'


def helpers() -> dict[str, Callable[..., Any]]:
    """What the text is linked to; raises `UnsupportedFunction` where Numba is missing."""
    from s2sad.backend.numba.helpers import functions

    try:
        return functions()
    except ImportError as error:
        raise UnsupportedFunction(
            f"Numba cannot be imported: {error}", None, "pip install 's2sad[numba]'"
        ) from None


def compile_core(emitted: Callable[..., Any], module: Module) -> None:
    """Compile now what is typed by numbers, so that what Numba refuses is told here."""
    import numba

    entry = module.funcs[module.entry]
    _, read = pass_globals(module)
    types = [param.type for param in entry.params] + list(read.values())
    signature = tuple(map(_numba_type, types))
    names = emitted.__code__.co_freevars
    cells = dict(zip(names, emitted.__closure__ or (), strict=True))
    (core,) = (
        cell.cell_contents for cell in cells.values() if hasattr(cell.cell_contents, "py_func")
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", numba.NumbaWarning)
            core.compile(signature)
    except (numba.core.errors.NumbaError, NotImplementedError, AssertionError) as error:
        told = " ".join((str(error) or "an assertion of its own fails").split())
        raise UnsupportedSyntax(
            f"Numba does not compile what is emitted: {told[:300]}", entry.loc, _INSTEAD
        ) from error


def _numba_type(type_: Type) -> Any:
    import numba

    match type_:
        case List(item):
            return numba.types.Array(_numba_type(item), 1, "C")
        case Array(dtype, dims):
            return numba.types.Array(_numba_type(dtype), len(dims), "C")
        case _:
            return getattr(numba, _TYPES[type_])
