"""What a program says of its own derivative: constants, and blocks of the reverse sweep."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

_T = TypeVar("_T")


def stop_gradient(x: _T) -> _T:
    """`x`, as a constant: no derivative flows through it."""
    return x


@contextmanager
def cotangent(y: _T) -> Iterator[_T]:
    """A block that the reverse sweep runs where the adjoint of `y` is complete.

        with s2sad.cotangent(y) as y_bar:
            y_bar = max(-1.0, min(1.0, y_bar))

    `y` is a variable, a number or an array; what `y_bar` is at the end of the block goes on
    to what `y` was made of. The block may read what there was at its place, print, raise and
    append to lists from outside; what it binds besides is its own. Where the function runs
    as it is, no derivative being taken, the block runs with a `y_bar` of 0.
    """
    yield y * 0  # type: ignore[misc, operator]
