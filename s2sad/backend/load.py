"""From source text to a function that lives among the user's.

The free names of the text are the user's: globals are read live at every call, closure
cells are shared. What the text imports and defines, and the builtins that it uses, come
from cells of their own, so that nothing that the user binds can get in between:

    def link(float, range, …, <the user's cells>):      cells
        import math
        def f_grad(x): …                                globals: the user's module
        return f_grad

A text that reads nothing of the user's is a module of its own: its names are found faster.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import keyword
import re
from collections.abc import Callable, Mapping
from types import CodeType, ModuleType
from typing import Any

from s2sad.backend.templates import names_in
from s2sad.errors import InternalError
from s2sad.linked import LINK, Foreign, LinkNames, Loadable, bind, remember

_BUILTINS = tuple(
    n for n in sorted(vars(builtins)) if not n.startswith("_") and not keyword.iskeyword(n)
)

_WORDS = re.compile(r"\w+")

# Above this size a text is linked as it stands: looking for `math.exp` in it takes longer
# than looking it up in a good many calls.
LARGE = 40_000


def load(text: str, entry: str, names: LinkNames | None = None) -> Callable[..., Any]:
    """The function `entry` of a text, linked to the user's names.

    Without names the text stands alone, as a module of its own.
    """
    links = names or LinkNames({"__name__": entry, "__builtins__": builtins})
    return bind(loadable(text, entry, links), links)


def loadable(text: str, entry: str, links: LinkNames) -> Loadable:
    """The code of a text, for names like these."""
    filename = remember(text, links.label or f"s2sad {entry}")
    if links.alone:
        return _alone(f"{text}{LINK} = {entry}\n", filename)
    tree = ast.parse(text, filename)
    others = {*_bound(tree), *links.cells, *links.foreign, *links.reads}
    # A builtin too many does no harm: what nothing reads is not kept.
    words = set(_WORDS.findall(text))
    shadowed = [n for n in _BUILTINS if n in words and n not in others]
    early = _Early(_modules(tree))
    if len(text) < LARGE:
        tree = early.visit(tree)
    cells = dict.fromkeys((*links.cells, *links.foreign, *early.names))
    if links.foreign:
        tree = _ReadForeign(links.foreign).visit(tree)
    code = _linked(tree, filename, entry, tuple(cells), shadowed)
    return Loadable(code, tuple(shadowed), tuple(early.names))


def _alone(text: str, filename: str) -> Loadable:
    """The code of a text that is a module of its own."""
    if len(text) >= LARGE:
        return Loadable(compile(text, filename, "exec", dont_inherit=True), (), ())
    tree = ast.parse(text, filename)
    early = _Early(_modules(tree))
    tree = early.visit(tree)
    code = compile(tree, filename, "exec", dont_inherit=True)
    return Loadable(code, (), tuple(early.names))


def _modules(tree: ast.Module) -> dict[str, ModuleType]:
    """`math` and `np`, as far as the text imports them."""
    bound = {
        alias.asname or alias.name: alias.name
        for stmt in tree.body
        if isinstance(stmt, ast.Import)
        for alias in stmt.names
    }
    known = {"math": "math", "np": "numpy"}.items()
    return {
        name: importlib.import_module(module)
        for name, module in known
        if bound.get(name) == module
    }


class _Early(ast.NodeTransformer):
    """`math.exp` is looked up once, when the text is linked, and not at every call."""

    def __init__(self, modules: Mapping[str, ModuleType]) -> None:
        self.modules = modules
        self.names: dict[str, None] = {}

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        match node.value:
            case ast.Name(id) if id in self.modules and hasattr(self.modules[id], node.attr):
                name = f"_{id}_{node.attr}"
                self.names[name] = None
                return ast.copy_location(ast.Name(name, ast.Load()), node)
            case _:
                self.generic_visit(node)
                return node


class _ReadForeign(ast.NodeTransformer):
    """`G` of another module reads `namespace["G"]`, so that it too is read live."""

    def __init__(self, foreign: Mapping[str, Foreign]) -> None:
        self.foreign = foreign

    def visit_Name(self, node: ast.Name) -> ast.expr:
        number = self.foreign.get(node.id)
        if number is None or number.cell is not None:
            return node
        read = ast.Subscript(node, ast.Constant(number.key), ast.Load())
        return ast.fix_missing_locations(ast.copy_location(read, node))


def _bound(tree: ast.Module) -> set[str]:
    """The names that the text binds at its top."""
    bound: set[str] = set()
    for stmt in tree.body:
        match stmt:
            case ast.Import(names) | ast.ImportFrom(names=names):
                bound.update((alias.asname or alias.name).split(".")[0] for alias in names)
            case ast.FunctionDef(name=name):
                bound.add(name)
            case ast.Assign(targets):
                for target in targets:
                    bound |= names_in(target)
            case _:
                pass
    return bound


def _linked(
    tree: ast.Module,
    filename: str,
    entry: str,
    cells: tuple[str, ...],
    shadowed: list[str],
) -> CodeType:
    """The code of the function that binds the builtins and returns the entry."""
    back: ast.stmt = ast.Return(ast.Name(entry, ast.Load()))
    args = ast.arguments([], [ast.arg(name) for name in shadowed], None, [], [], None, [])
    link = ast.FunctionDef(LINK, args, [back], [], None)
    # The user's cells are variables of a function around it; only their names matter.
    outer_args = ast.arguments([], [ast.arg(name) for name in cells], None, [], [], None, [])
    outer = ast.FunctionDef("_s2sad_cells", outer_args, [link], [], None)
    module = ast.fix_missing_locations(ast.Module([outer], []))
    link.body = [*tree.body, back]  # now: these have their locations
    code = compile(module, filename, "exec", dont_inherit=True)
    for name in ("_s2sad_cells", LINK):
        inner = (c for c in code.co_consts if isinstance(c, CodeType) and c.co_name == name)
        found = next(inner, None)
        if found is None:
            raise InternalError(f"no code for {name}")
        code = found
    return code
