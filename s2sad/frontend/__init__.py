"""From the text of a function to IR: find it, normalise it, resolve its names, lower it."""

from typing import TYPE_CHECKING

from s2sad.frontend.lower import Lowered, lower
from s2sad.frontend.source import UserFunction, from_function

if TYPE_CHECKING:
    from s2sad.frontend.entries import from_file


def __getattr__(name: str) -> object:
    """What reads files is imported when it is asked for: the decorator does without."""
    if name != "from_file":
        raise AttributeError(name)
    from s2sad.frontend.entries import from_file

    return from_file


__all__ = ["Lowered", "UserFunction", "from_file", "from_function", "lower"]
