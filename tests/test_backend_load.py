"""Linking emitted text to the user's module."""

from __future__ import annotations

import inspect
import linecache
import traceback
from collections.abc import Callable
from types import CellType, FunctionType
from typing import Any

import pytest

from s2sad.backend.load import LARGE, load
from s2sad.linked import LinkNames

TEXT = '''\
import math

RATE = 2.0


def helper(x):
    return math.sin(x) * RATE


def f_grad(x: float):
    """The docstring."""
    if x.__class__ is not float:
        x = float(+x)
    return helper(x) + G, [abs(x) for _ in range(2)]
'''


def test_stands_alone() -> None:
    function = load("import math\n\n\ndef f(x):\n    return math.sqrt(x)\n", "f")
    assert function(4.0) == 2.0


def test_globals_are_live() -> None:
    user: dict[str, Any] = {"G": 1.0, "__name__": "user"}
    function = load(TEXT, "f_grad", LinkNames(user))
    assert function(0)[0] == 1.0
    user["G"] = 5.0
    assert function(0)[0] == 5.0
    del user["G"]
    with pytest.raises(NameError):
        function(0)
    assert user.keys() <= {"__name__", "__builtins__"}, "nothing of ours is left behind"
    assert isinstance(function, FunctionType)
    assert function.__globals__ is user
    assert function.__module__ == "user"


def test_cells_are_shared() -> None:
    def outer() -> tuple[Callable[[float], None], CellType]:
        G = 1.0

        def change(value: float) -> None:
            nonlocal G
            G = value

        assert change.__closure__
        return change, change.__closure__[0]

    change, cell = outer()
    function = load(TEXT, "f_grad", LinkNames({}, {"G": cell}))
    assert function(0)[0] == 1.0
    change(7.0)
    assert function(0)[0] == 7.0


def test_unused_cells_and_locals_of_the_same_name() -> None:
    cell = CellType(3.0)
    function = load(TEXT, "f_grad", LinkNames({"G": 1.0}, {"x": cell, "unused": cell}))
    assert function(0)[0] == 1.0


def test_the_users_names_do_not_hide_builtins_and_modules() -> None:
    user = {"G": 1.0, "math": None, "float": str, "abs": None, "range": None, "helper": None}
    function = load(TEXT, "f_grad", LinkNames(user))
    assert function(0) == (1.0, [0.0, 0.0])


def test_a_name_that_is_the_users_although_a_builtin_has_it() -> None:
    text = "def f(x):\n    return x + max\n"
    assert load(text, "f", LinkNames({"max": 2.0}, reads=frozenset({"max"})))(1.0) == 3.0


def test_source_and_tracebacks() -> None:
    function = load(TEXT, "f_grad", LinkNames({"G": 1.0}, label="s2sad grad of f"))
    again = load(TEXT, "f_grad", LinkNames({"G": 1.0}, label="s2sad grad of f"))
    name = function.__code__.co_filename
    assert name.startswith("<s2sad grad of f #")
    assert name != again.__code__.co_filename
    linecache.checkcache()
    assert inspect.getsource(function) == TEXT[TEXT.index("def f_grad") :]
    with pytest.raises(TypeError) as caught:
        function("x")
    lines = traceback.format_exception(caught.value)
    assert any("x = float(+x)" in line for line in lines)


def test_large_texts_are_linked_as_they_stand() -> None:
    lines = [f"    y = y + math.sin(x) * min({k}, 1)" for k in range(LARGE // 30)]
    text = "\n".join(["import math", "def f(x):", "    y = 0.0", *lines, "    return y", ""])
    user: dict[str, Any] = {"math": None, "min": None, "__name__": "user"}
    assert load(text, "f", LinkNames(user))(0.0) == 0.0


def test_a_large_text_may_be_a_module_of_its_own() -> None:
    user = {"__name__": "model", "math": None, "abs": None, "f_grad": None, "G": 1.0}
    text = TEXT.replace(" + G", "") + f"\n\n# {'-' * LARGE}\n"
    function = load(text, "f_grad", LinkNames(user, alone=True))
    assert function(0.0) == (0.0, [0.0, 0.0])
    assert function.__module__ == "model"
    assert inspect.getsource(function).startswith("def f_grad(x: float):")
    assert user["f_grad"] is None
