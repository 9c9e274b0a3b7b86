"""`s2sad show`: the stages that a function goes through, from source to gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from s2sad.backend.pack import pack
from s2sad.backend.prepare import prepare as copy_carries
from s2sad.backend.python import FAST as FAST
from s2sad.cli.generate import Subject, emit_text
from s2sad.compile import differentiate
from s2sad.ir.node import replace
from s2sad.ir.nodes import Module
from s2sad.ir.text import show
from s2sad.transform.callees import prepare
from s2sad.transform.naming import name_all


class Stage(NamedTuple):
    """What there is to see after a pass, which `after` names, and the text of it."""

    after: str
    about: str
    text: Callable[[Subject], str]


def _prepared(subject: Subject) -> Module:
    module = subject.lowered.module
    entry = prepare(module.funcs[module.entry], subject.wish.level)
    return replace(module, funcs={**module.funcs, entry.name: entry})


def _gradient(subject: Subject) -> Module:
    return differentiate(subject.lowered, subject.wish)


def _fast(subject: Subject) -> Module:
    from s2sad.transform.faster import faster

    module = _gradient(subject)
    return faster(module) if subject.wish.level >= FAST else module


def _packed(subject: Subject) -> Module:
    module = _fast(subject)
    funcs = {name: copy_carries(pack(func)) for name, func in module.funcs.items()}
    return replace(module, funcs=funcs)


def sparsity(subject: Subject, values: Mapping[str, object] | None = None) -> str:
    """The sparsity pattern; at arguments of these values, as far as they are given."""
    from s2sad.inspect.pattern import as_text, pattern

    names = dict(subject.lowered.constants)
    return as_text(pattern(subject.lowered, subject.wish, values or {}, names))


STAGES: dict[str, Stage] = {
    "ssa": Stage(
        "lower",
        "the function in SSA form, callees inlined or beside it",
        lambda subject: show(name_all(subject.lowered.module)),
    ),
    "prepared": Stage(
        "prepare",
        "dead code gone, what does not vary moved out of loops",
        lambda subject: show(name_all(_prepared(subject))),
    ),
    "gradient": Stage(
        "reverse",
        "value and gradient: the forward sweep and the reverse sweep",
        lambda subject: show(_gradient(subject)),
    ),
    "fast": Stage(
        "optimise",
        "what -O2 makes of it: one loop where there were two",
        lambda subject: show(_fast(subject)),
    ),
    "packed": Stage(
        "pack",
        "what a loop records in one list, as it is written out",
        lambda subject: show(_packed(subject)),
    ),
    "python": Stage(
        "emit",
        "the Python that is emitted",
        lambda subject: emit_text(subject, _gradient(subject)),
    ),
    "sparsity": Stage(
        "pattern",
        "which derivatives may be other than 0 (Jacobian, or Hessian)",
        sparsity,
    ),
}
