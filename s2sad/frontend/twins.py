"""Functions of C that the standard library has in Python as well.

try:                                         statistics.py: the function
    from _statistics import _normal_…        above, hidden by the one of C
"""

from __future__ import annotations

import ast
import importlib
import inspect
import types
from functools import cache

_ACCELERATORS = frozenset({"_bisect", "_heapq", "_statistics"})


@cache
def python_twin(function: types.BuiltinFunctionType) -> types.FunctionType | None:
    """The function of the same name as the public module's text has it, if it does."""
    accelerator = function.__module__
    if accelerator not in _ACCELERATORS:
        return None
    module = importlib.import_module(accelerator.removeprefix("_"))
    node = _definition(module, function.__name__)
    if node is None or module.__file__ is None:
        return None
    made: dict[str, types.FunctionType] = {}
    code = compile(ast.Module([node], []), module.__file__, "exec")
    exec(code, vars(module), made)
    return made[function.__name__]


def _definition(module: types.ModuleType, name: str) -> ast.FunctionDef | None:
    try:
        tree = ast.parse(inspect.getsource(module))
    except OSError:
        return None
    for stmt in tree.body:
        if isinstance(stmt, ast.FunctionDef) and stmt.name == name:
            return stmt
    return None
