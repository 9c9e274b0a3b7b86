"""`verify` after every pass, for all that the tests compile."""

from __future__ import annotations

from typing import Any

import s2sad.compile
from s2sad.frontend import Lowered, lower
from s2sad.ir.nodes import Module
from s2sad.ir.verify import verify
from s2sad.transform.gradient import as_primal, gradient


def _checked_lower(*args: Any, **kwargs: Any) -> Lowered:
    lowered = lower(*args, **kwargs)
    verify(lowered.module)
    return lowered


def _checked_gradient(*args: Any, **kwargs: Any) -> Module:
    module = gradient(*args, **kwargs)
    verify(module)
    return module


def _checked_as_primal(*args: Any, **kwargs: Any) -> Module:
    module = as_primal(*args, **kwargs)
    verify(module)
    return module


def install() -> None:
    """Have the pipeline check what the front end and reverse mode hand on."""
    for checked in (_checked_lower, _checked_gradient, _checked_as_primal):
        setattr(s2sad.compile, checked.__name__.removeprefix("_checked_"), checked)
