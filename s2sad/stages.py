"""`s2sad show`: the stages that a function goes through, from source to gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s2sad.compile import differentiate
from s2sad.generate import Subject, emit_text
from s2sad.ir.text import show


class Stage(NamedTuple):
    """What a stage is, and its text."""

    about: str
    text: Callable[[Subject], str]


def _ssa(subject: Subject) -> str:
    return show(subject.lowered.module)


def _gradient(subject: Subject) -> str:
    return show(differentiate(subject.lowered, subject.wish))


def _python(subject: Subject) -> str:
    return emit_text(subject, differentiate(subject.lowered, subject.wish))
