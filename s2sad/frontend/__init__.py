"""From the text of a function to IR: find it, normalise it, resolve its names, lower it."""

from s2sad.frontend.lower import Lowered, lower
from s2sad.frontend.source import UserFunction, from_function
from s2sad.frontend.static import from_file

__all__ = ["Lowered", "UserFunction", "from_file", "from_function", "lower"]
