"""`verify` after every pass, for all that the tests compile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import s2sad.compile
import s2sad.forward
from s2sad.compile import check_buffers
from s2sad.errors import InternalError
from s2sad.frontend import Lowered, lower
from s2sad.ir.nodes import Module
from s2sad.ir.verify import verify
from s2sad.transform.forward.entry import jacobian, pushforward
from s2sad.transform.forward.taylor import taylor
from s2sad.transform.gradient import as_primal, gradient
from s2sad.transform.pullback import pullback


def _checked_lower(*args: Any, **kwargs: Any) -> Lowered:
    lowered = lower(*args, **kwargs)
    try:
        check_buffers(lowered.module)
    except InternalError:
        return lowered  # It is refused where it is compiled.
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


def _checked(transform: Callable[..., Module]) -> Callable[..., Module]:
    def checked(*args: Any, **kwargs: Any) -> Module:
        module = transform(*args, **kwargs)
        verify(module)
        return module

    return checked


def install() -> None:
    """Have the pipeline check what the front end and the modes hand on."""
    for transform in (pushforward, jacobian, pullback, taylor):
        setattr(s2sad.forward, transform.__name__, _checked(transform))
    for checked in (_checked_lower, _checked_gradient, _checked_as_primal):
        setattr(s2sad.compile, checked.__name__.removeprefix("_checked_"), checked)
