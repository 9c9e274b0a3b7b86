"""The table of array primitives, and what functions, methods and attributes stand for."""

from __future__ import annotations

from s2sad.ops.arrays.declare import ArrayOp
from s2sad.ops.arrays.families import DECLARATIONS, KEYWORDS, METHODS, SYNONYMS
from s2sad.ops.arrays.families.elementwise import OPERATORS
from s2sad.ops.arrays.families.shaping import GATHERING
from s2sad.ops.arrays.helpers import HELPERS

__all__ = [
    "ARRAY_OPS",
    "GATHERING",
    "HELPERS",
    "KEYWORDS",
    "METHODS",
    "OPERATORS",
    "lookup_array",
    "lookup_method",
]

ARRAY_OPS: dict[str, ArrayOp] = {op.name: op for op in DECLARATIONS}


def lookup_array(dotted: str) -> str | None:
    """The primitive of a function by its dotted name, `numpy.linalg.inv`."""
    module, _, rest = dotted.partition(".")
    name = f"np.{rest}" if module == "numpy" else dotted
    name = SYNONYMS.get(name, name)
    return name if name in ARRAY_OPS else None


def lookup_method(name: str) -> str | None:
    """The primitive of a method of arrays: its first parameter is the array."""
    return METHODS.get(name)
