"""Finding the text of a live function."""

from __future__ import annotations
import __future__

import ast
import dis
import inspect
import linecache
import types
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import TypeAlias

from s2sad.errors import Loc, SourceNotFound, UnsupportedFunction, UnsupportedSyntax
from s2sad.frontend.live import (
    LiveNamespace,
    is_ours,
    keeps,
    literal,
    meaning_of,
    transparent,
)
from s2sad.frontend.mangling import mangled
from s2sad.frontend.resolve import (
    ClassMeaning,
    Meaning,
    Namespace,
    RuleMeaning,
    custom_primitive,
)
from s2sad.frontend.scope import children
from s2sad.frontend.syntax import check_syntax
from s2sad.ir.node import Node
from s2sad.ir.nodes import Lit

FunctionNode: TypeAlias = "ast.FunctionDef | ast.Lambda"


class UserFunction(Node):
    """A function as its source has it, and the names that it sees.

    `defaults` maps a parameter to its default; None stands for one that s2sad cannot use.
    `owner` is the class of a method, where it is known. `cached`: what it returns is kept.
    `meant`: the defaults that are tuples or functions.
    """

    name: str
    qualname: str
    file: str
    node: FunctionNode
    namespace: Namespace
    source: str = ""
    doc: str = ""
    defaults: Mapping[str, Lit | None] = {}
    owner: ClassMeaning | None = None
    cached: bool = False
    meant: Mapping[str, Meaning] = {}

    @property
    def params(self) -> tuple[ast.arg, ...]:
        args = self.node.args
        return (*args.posonlyargs, *args.args, *args.kwonlyargs)

    @property
    def every_param(self) -> tuple[ast.arg, ...]:
        """With `*rest` and `**named`, in the order of the signature."""
        args = self.node.args
        rest, named = args.vararg, args.kwarg
        return (
            *(*args.posonlyargs, *args.args),
            *((rest,) if rest else ()),
            *args.kwonlyargs,
            *((named,) if named else ()),
        )

    @property
    def loc(self) -> Loc:
        return locate(self.file, self.node)


def locate(file: str, node: ast.AST) -> Loc:
    if not isinstance(node, _PLACED):
        return Loc(file, getattr(node, "lineno", 1), getattr(node, "col_offset", 0))
    line, end = node.lineno, node.end_col_offset
    if end is None or node.end_lineno != line:
        end = -1
    return Loc(file, line, node.col_offset, end)


_PLACED = (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias, ast.pattern)


_ADVICE = (
    "put the function into a file or a notebook cell; text that is run by exec() needs an"
    " entry in linecache"
)


def from_function(func: Callable[..., object]) -> UserFunction:
    """The source of a live function; every syntactic refusal of its body is raised here."""
    plain = _plain_function(func)
    code = plain.__code__
    text = "".join(_lines(plain))
    node = _find(_parse(text, code.co_filename), plain)
    found = UserFunction(
        name="function" if isinstance(node, ast.Lambda) else node.name,
        qualname=plain.__qualname__,
        file=code.co_filename,
        node=node,
        namespace=LiveNamespace.of_function(plain),
        source=text,
        doc=plain.__doc__ or "",
        defaults=defaults_of(plain),
        owner=_owner(plain),
        cached=keeps(func),
        meant=meant_by(plain),
    )
    rule = custom_primitive(plain)
    if rule is not None:
        from s2sad.frontend.ruled import calling

        return calling(found, RuleMeaning(rule))
    check_syntax(found.file, node)
    return found


def _owner(func: types.FunctionType) -> ClassMeaning | None:
    """The class that a method with `super()` stands in."""
    cells = dict(zip(func.__code__.co_freevars, func.__closure__ or (), strict=True))
    cell = cells.get("__class__")
    found = None if cell is None else cell.cell_contents
    if not isinstance(found, type):
        return None
    return ClassMeaning(found.__name__, issubclass(found, BaseException), found)


def _lines(func: types.FunctionType) -> list[str]:
    """The lines of the file that a function stands in."""
    file = func.__code__.co_filename
    linecache.checkcache(file)
    lines = linecache.getlines(file, func.__globals__)
    if lines:
        return lines
    # It looks through all the modules that are loaded, which takes its time.
    try:
        return inspect.findsource(func.__code__)[0]
    except (OSError, TypeError, IndexError) as error:
        raise SourceNotFound(
            f"the source of {func.__qualname__} cannot be found", None, _ADVICE
        ) from error


def _plain_function(func: object) -> types.FunctionType:
    """The Python function in what was handed over.

    `__wrapped__` is followed through s2sad's own objects and `transparent` ones only: any
    other wrapper may change the call.
    """
    while is_ours(func) or transparent(func):
        func = func.__wrapped__  # type: ignore[attr-defined]
    name = getattr(func, "__qualname__", None) or type(func).__name__
    match func:
        case types.FunctionType():
            pass
        case types.MethodType():
            raise UnsupportedFunction(
                f"the bound method {name}",
                None,
                "write a function of self and the arguments",
            )
        case type():
            raise UnsupportedFunction(f"the class {name}", None, "differentiate a function")
        case types.BuiltinFunctionType():
            raise UnsupportedFunction(
                f"{name} is not written in Python",
                None,
                f"differentiate a function that calls it: lambda x: {name}(x)",
            )
        case _:
            raise UnsupportedFunction(
                f"an object of type {type(func).__name__} is no function",
                None,
                "differentiate a function",
            )
    flags = func.__code__.co_flags
    loc = Loc(func.__code__.co_filename, func.__code__.co_firstlineno, 0)
    if flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise UnsupportedSyntax(f"{name} is an async function", loc, "write a plain function")
    return func


@lru_cache(maxsize=16)
def _parse(text: str, file: str) -> ast.Module:
    try:
        return mangled(ast.parse(text, file), text)
    except (SyntaxError, ValueError) as error:
        raise SourceNotFound(
            f"the source of {file} does not parse any more: {error}",
            None,
            "import it again",
        ) from error


def _find(tree: ast.Module, func: types.FunctionType) -> FunctionNode:
    """The node that a function was compiled from; the text may have changed meanwhile."""
    code = func.__code__
    among = _functions(tree) if code.co_name == "<lambda>" else _definitions(tree)
    candidates = [node for node in among if _stands_at(node, code)]
    imports = _imports(tree)
    matching = [node for node in candidates if _compiles_to(node, code, imports)]
    if not matching:
        raise SourceNotFound(
            f"the source of {func.__qualname__} has changed since it was loaded",
            Loc(code.co_filename, code.co_firstlineno, 0),
            "import it again",
        )
    if len(matching) > 1 and len({ast.dump(node) for node in matching}) > 1:
        raise SourceNotFound(
            "several lambdas on this line compile to the same code",
            Loc(code.co_filename, code.co_firstlineno, 0),
            "put each on a line of its own, or write a def",
        )
    return matching[0]


def _functions(tree: ast.Module) -> Iterator[FunctionNode]:
    for node in _walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node


def _definitions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    """Functions that have a name stand among statements."""
    pending: list[ast.AST] = [tree]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef):
            yield node
        if type(node) not in _WITHOUT_BLOCKS:
            pending += [part for part in children(node) if not isinstance(part, ast.expr)]


_WITHOUT_BLOCKS = frozenset(
    {ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Return, ast.Import}
)


def _walk(root: ast.AST) -> Iterator[ast.AST]:
    pending = [root]
    while pending:
        node = pending.pop()
        yield node
        pending += children(node)


def _stands_at(node: FunctionNode, code: types.CodeType) -> bool:
    if isinstance(node, ast.Lambda):
        return code.co_name == "<lambda>" and node.lineno == code.co_firstlineno
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return node.name == code.co_name and first == code.co_firstlineno


def _imports(tree: ast.Module) -> list[ast.stmt]:
    """The module's imports: calls through imported names compile in a way of their own."""
    found: list[ast.stmt] = []
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import) or (
            isinstance(node, ast.ImportFrom) and node.module != "__future__"
        ):
            found.append(node)
        elif isinstance(node, ast.stmt) and not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ):
            pending += ast.iter_child_nodes(node)
    return found


def _compiles_to(node: FunctionNode, code: types.CodeType, imports: list[ast.stmt]) -> bool:
    """Does a node compile to this code? With asserts none may: pytest rewrites them."""
    try:
        compiled = _compile(node, code, imports)
    except (SyntaxError, ValueError):
        return False
    if compiled is not None and _same_code(compiled, code):
        return True
    return any(isinstance(inner, ast.Assert) for inner in _walk(node))


def _compile(
    node: FunctionNode, code: types.CodeType, imports: list[ast.stmt]
) -> types.CodeType | None:
    """The code of a node, compiled inside a function that binds its free names."""
    outer = ast.parse("def outer():\n  def __s2sad__(): pass\n  lambda: 0")
    shell = outer.body[0]
    assert isinstance(shell, ast.FunctionDef)
    function, expression = shell.body
    assert isinstance(function, ast.FunctionDef)
    assert isinstance(expression, ast.Expr)
    binds: list[ast.stmt] = [
        ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None))
        for name in code.co_freevars
    ]
    args = _without_defaults(node.args)
    if isinstance(node, ast.Lambda):
        made = ast.Lambda(args, ast.Constant(0))
        expression.value = made
        shell.body = [*binds, expression]
    else:
        # Not under its own name, which it may read as a global.
        function.args = args
        shell.body = [*binds, function]
    ast.fix_missing_locations(outer)
    if isinstance(node, ast.Lambda):
        made.body = node.body
    else:
        function.body = node.body
    outer.body = [*imports, shell]
    # Annotations inside are code, unless the user's file says otherwise.
    future = code.co_flags & __future__.annotations.compiler_flag
    made_ = compile(outer, "<s2sad>", "exec", flags=future, dont_inherit=True)
    for level in _codes(made_):
        for found in _codes(level):
            return found
    return None


def _without_defaults(args: ast.arguments) -> ast.arguments:
    """Defaults and annotations run outside; that there are some must stay."""
    return ast.arguments(
        posonlyargs=[ast.arg(a.arg) for a in args.posonlyargs],
        args=[ast.arg(a.arg) for a in args.args],
        vararg=args.vararg and ast.arg(args.vararg.arg),
        kwonlyargs=[ast.arg(a.arg) for a in args.kwonlyargs],
        kw_defaults=[None] * len(args.kwonlyargs),
        kwarg=args.kwarg and ast.arg(args.kwarg.arg),
        defaults=[],
    )


def _codes(code: types.CodeType) -> Iterator[types.CodeType]:
    return (const for const in code.co_consts if isinstance(const, types.CodeType))


def _same_code(a: types.CodeType, b: types.CodeType) -> bool:
    return (
        set(a.co_names) == set(b.co_names)
        and a.co_varnames == b.co_varnames
        and set(a.co_freevars) == set(b.co_freevars)
        and _plain_consts(a) == _plain_consts(b)
        and (a.co_code == b.co_code or _skeleton(a) == _skeleton(b))
        and all(_same_code(x, y) for x, y in zip(_codes(a), _codes(b), strict=False))
    )


def _plain_consts(code: types.CodeType) -> list[str]:
    # Older Pythons keep the qualified names of nested functions here.
    return [
        repr(const.rpartition("<locals>.")[2] if isinstance(const, str) else const)
        for const in code.co_consts
        if not isinstance(const, types.CodeType)
    ]


_NOT_COMPARED = frozenset(
    ("PUSH_NULL", "PRECALL", "CALL_METHOD", "CALL_FUNCTION", "CALL", "NOP")
)


def _skeleton(code: types.CodeType) -> list[tuple[str, object]]:
    """The instructions without those that depend on how the module binds its names, and
    those that are there for a line number only."""
    return [
        (
            i.opname.replace("METHOD", "ATTR"),
            i.argval if "JUMP" not in i.opname else None,
        )
        for i in dis.get_instructions(code)
        if i.opname not in _NOT_COMPARED and not isinstance(i.argval, types.CodeType)
    ]


def _given(func: types.FunctionType) -> dict[str, object]:
    names = func.__code__.co_varnames[: func.__code__.co_argcount]
    values = func.__defaults__ or ()
    defaults = dict(zip(names[len(names) - len(values) :], values, strict=True))
    defaults.update(func.__kwdefaults__ or {})
    return defaults


def defaults_of(func: types.FunctionType) -> dict[str, Lit | None]:
    return {name: literal(value) for name, value in _given(func).items()}


def meant_by(func: types.FunctionType) -> dict[str, Meaning]:
    """Defaults that are no literals, and cannot change."""
    found: dict[str, Meaning] = {}
    for name, value in _given(func).items():
        whole = isinstance(value, tuple) and all(literal(part) is not None for part in value)
        if whole or isinstance(value, types.FunctionType | types.BuiltinFunctionType):
            namespace = LiveNamespace.of_function(func)
            found[name] = meaning_of(value, name, namespace)
    return found
