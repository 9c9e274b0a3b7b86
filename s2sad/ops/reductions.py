"""Primitives that take a whole list: the value is what Python computes, never a loop.

    list_max(xs)     prints  max(xs)      partial in each element x:  1.0 / ties if x == y …

`partial` is over the element `x`, the result `y` and, where `ties` is set, the number of
elements that attain the result. That of a product is the product of the other elements,
which is no expression of `x` and `y` where one of them is 0 (`transform/lists.py`).
"""

from __future__ import annotations

from typing import NamedTuple


class Reduction(NamedTuple):
    """start: a second argument is allowed, which is one more term. floating: the result
    is a float whatever the elements are. raises: whether it can raise for floats."""

    function: str
    partial: str
    start: bool = False
    ties: bool = False
    floating: bool = False
    raises: bool = False


OTHERS = "others"
_TIED = "1.0 / ties if x == y else 0.0"

REDUCTIONS: dict[str, Reduction] = {
    "list_sum": Reduction("sum", "1.0", start=True),
    "list_fsum": Reduction("math.fsum", "1.0", floating=True, raises=True),
    "list_prod": Reduction("math.prod", OTHERS),
    "list_max": Reduction("max", _TIED, ties=True, raises=True),
    "list_min": Reduction("min", _TIED, ties=True, raises=True),
}
