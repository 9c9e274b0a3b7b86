"""Does an argument still have the type that was compiled for? A quick test of each.

`calltypes.py` works the type of an argument out; a later call only has to know whether it
is the same. The tests say no where they are not sure: the type is then worked out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from s2sad.frontend.external import Touched
from s2sad.frontend.resolve import ClassMeaning, GivenMeaning
from s2sad.frontend.values import UNSEEN
from s2sad.ir.types import (
    BOOL,
    FLOAT,
    INT,
    NONE,
    Array,
    List,
    Opaque,
    Record,
    Scalar,
    Tuple,
    Type,
)

Test: TypeAlias = "Callable[[Any], bool]"

_CLASSES: dict[Type, type] = {
    FLOAT: float,
    INT: int,
    BOOL: bool,
    NONE: type(None),
    Opaque("str"): str,
}
_NUMBERS = frozenset({float, int})


def fits(type_: Type, path: str, touched: Touched) -> Test | None:
    """Tests whether an argument has this type, where `touched` is what is read of the
    objects in it; None where no quick test does."""
    match type_:
        case List(item) if item in (FLOAT, INT):
            return _is_floats if item == FLOAT else _is_ints
        case Tuple(items):
            paths = [f"{path}[{k}]" for k in range(len(items))]
            return _items(tuple, items, paths, touched)
        case Record("list", _, items):
            paths = [f"{path}[{k}]" for k in range(len(items))]
            return _items(list, items, paths, touched)
        case Record("dict", keys, items):
            tests = _tests(items, [f"{path}[{key!r}]" for key in keys], touched)
            return None if tests is None else _entries(keys, tests)
        case Record("object" | "named", keys, items, ClassMeaning(found=type() as class_)):
            tests = _tests(items, [f"{path}.{key}" for key in keys], touched)
            return None if tests is None else _fields(class_, _by_name(keys, tests))
        case Record("instance", keys, items, ClassMeaning(found=type() as class_)):
            if touched.names(path) != {*keys}:
                # What is not there may be there the next time.
                return None
            tests = _tests(items, [f"{path}.{key}" for key in keys], touched)
            return None if tests is None else _attributes(class_, _by_name(keys, tests))
        case Record("function", cls=GivenMeaning(held=held)):
            return _is_itself(held.found)
        case Array():
            return _array(type_)
        case Scalar() | Opaque() if type_ in _CLASSES:
            return _is(_CLASSES[type_])
        case Opaque() if type_ == UNSEEN and path not in touched.contents:
            return lambda value: type(value) in (list, dict)
        case _:
            return None


def _tests(items: Sequence[Type], paths: list[str], touched: Touched) -> list[Test] | None:
    tests = [fits(item, path, touched) for item, path in zip(items, paths, strict=True)]
    known = [test for test in tests if test is not None]
    return known if len(known) == len(tests) else None


def _by_name(keys: Sequence[str | int], tests: list[Test]) -> dict[str, Test]:
    return dict(zip(map(str, keys), tests, strict=True))


def _is(class_: type) -> Test:
    return lambda value: type(value) is class_


def _is_itself(function: object) -> Test:
    return lambda value: value is function


def _array(type_: Array) -> Test:
    import numpy as np

    from s2sad.ir.arrays import dtype_name

    dtype = np.dtype(dtype_name(type_.dtype))
    rank = len(type_.dims)
    ones = [dim == 1 for dim in type_.dims]

    def test(value: Any) -> bool:
        return (
            type(value) is np.ndarray
            and value.dtype == dtype
            and value.ndim == rank
            and [n == 1 for n in value.shape] == ones
        )

    return test


def _is_floats(value: object) -> bool:
    """As `calltypes.py` has it: floats and ints, or nothing at all."""
    if type(value) is not list:
        return False
    classes = {*map(type, value)}
    return classes <= _NUMBERS and (float in classes or not classes)


def _is_ints(value: object) -> bool:
    return type(value) is list and {*map(type, value)} == {int}


def _items(
    class_: type, types: Sequence[Type], paths: list[str], touched: Touched
) -> Test | None:
    tests = _tests(types, paths, touched)
    if tests is None:
        return None

    def test(value: Any) -> bool:
        return type(value) is class_ and _all_fit(tests, value)

    return test


def _all_fit(tests: list[Test], values: Any) -> bool:
    return len(values) == len(tests) and all(
        fit(value) for fit, value in zip(tests, values, strict=True)
    )


def _entries(keys: tuple[str | int, ...], tests: list[Test]) -> Test:
    classes = [*map(type, keys)]

    def test(value: Any) -> bool:
        return (
            type(value) is dict
            and (*value,) == keys
            and [*map(type, value)] == classes
            and _all_fit(tests, value.values())
        )

    return test


def _fields(class_: type, tests: dict[str, Test]) -> Test:
    def test(value: Any) -> bool:
        if type(value) is not class_:
            return False
        try:
            return all(fit(getattr(value, name)) for name, fit in tests.items())
        except AttributeError:
            return False

    return test


def _attributes(class_: type, tests: dict[str, Test]) -> Test:
    def test(value: Any) -> bool:
        if type(value) is not class_:
            return False
        try:
            own = value.__dict__
            return all(fit(own[name]) for name, fit in tests.items())
        except (AttributeError, KeyError):
            # It is in a slot, or in the class.
            return False

    return test
