"""`verify` after every pass, for all that the tests compile."""

from __future__ import annotations

from typing import Any

import s2sad.compile
from s2sad.frontend import Lowered
from s2sad.ir.nodes import Module
from s2sad.ir.verify import verify

_lower = s2sad.compile.lower
_gradient = s2sad.compile.gradient
_as_primal = s2sad.compile.as_primal


def _checked_lower(*args: Any, **kwargs: Any) -> Lowered:
    lowered = _lower(*args, **kwargs)
    verify(lowered.module)
    return lowered


def _checked_gradient(*args: Any, **kwargs: Any) -> Module:
    module = _gradient(*args, **kwargs)
    verify(module)
    return module


def _checked_as_primal(*args: Any, **kwargs: Any) -> Module:
    module = _as_primal(*args, **kwargs)
    verify(module)
    return module


def install() -> None:
    """Have the pipeline check what the front end and reverse mode hand on."""
    s2sad.compile.lower = _checked_lower
    s2sad.compile.gradient = _checked_gradient
    s2sad.compile.as_primal = _checked_as_primal
