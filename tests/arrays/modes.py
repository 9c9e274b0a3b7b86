"""Derivatives of array programs in directions, by any order of modes, of the IR alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from s2sad import value_and_grad
from s2sad.backend.options import Options
from s2sad.backend.python import emit
from s2sad.compile import check_buffers
from s2sad.frontend.calltypes import type_of_argument
from s2sad.ir.nodes import Module, indices
from s2sad.transform.forward.entry import Request, pushforward
from s2sad.transform.gradient import as_primal, gradient
from tests.language.running import load

from .check import projected


def lowered(f: Callable[..., Any], args: Sequence[Any], wrt: Sequence[str]) -> Module:
    """The module of a function of such arguments."""
    derived = value_and_grad(f, argnums=list(wrt))
    inner = derived._inner
    names = inner.params[: len(args)]
    types = {n: type_of_argument(n, tree) for n, tree in zip(names, args, strict=True)}
    return inner.lower(types, tuple(wrt)).module


def along(module: Module, modes: str, wrt: Sequence[str]) -> tuple[str, str]:
    """The text of the derivative in so many directions, one mode after the other, and the
    name of its entry, which takes the arguments and then the directions, the first first."""
    for mode in modes:
        func = module.funcs[module.entry]
        signature = dict(func.signature)
        given = [signature[name] for name in wrt]
        if mode == "F":
            of = func.structure
            module = as_primal(pushforward(module, Request(given, wrt, of, False)), 1)
        else:
            (k,) = indices(func.structure)
            module = projected(as_primal(gradient(module, given, k, bare=False), 1))
        check_buffers(module)
    return emit(module, Options()), module.entry


def derivative(
    f: Callable[..., Any], source: str, args: Sequence[Any], modes: str, wrt: Sequence[str]
) -> tuple[Callable[..., Any], str]:
    text, name = along(lowered(f, args, wrt), modes, wrt)
    module = load(f"{source}\n\n{text}\nimport numpy as np\n")
    function: Callable[..., Any] = vars(module)[name]
    return function, text
