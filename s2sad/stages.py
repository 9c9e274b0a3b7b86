"""`s2sad show`: the stages that a function goes through, from source to gradient."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from s2sad.compile import differentiate
from s2sad.generate import Subject, emit_text
from s2sad.ir.nodes import Module
from s2sad.ir.text import show
from s2sad.transform.callees import prepare


class Stage(NamedTuple):
    """What there is to see at a stage, and its text."""

    about: str
    text: Callable[[Subject], str]


def _prepared(subject: Subject) -> Module:
    module = subject.lowered.module
    entry = prepare(module.funcs[module.entry], subject.lowered.reserved)
    return replace(module, funcs={**module.funcs, entry.name: entry})


def _gradient(subject: Subject) -> Module:
    return differentiate(subject.lowered, subject.wish)


STAGES: dict[str, Stage] = {
    "ssa": Stage(
        "the function in SSA form, callees inlined or beside it",
        lambda subject: show(subject.lowered.module),
    ),
    "prepared": Stage(
        "what the reverse sweep is made from: dead code gone, intermediates named",
        lambda subject: show(_prepared(subject)),
    ),
    "gradient": Stage(
        "value and gradient: the forward and the reverse sweep",
        lambda subject: show(_gradient(subject)),
    ),
    "python": Stage(
        "the Python that is emitted",
        lambda subject: emit_text(subject, _gradient(subject)),
    ),
}
