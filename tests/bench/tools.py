"""The contenders: what computes the value and the gradient of a program.

A tool gets the sample as it stands, with its own functions in the place of `math`; what
had to be rewritten is told in the note. Arguments are of the tool's own type before the
clock starts.
"""

import ast
import importlib
import inspect
import linecache
import math
import types
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.bench.jax_loops import loops
from tests.bench.native import REPEATED, NoCompiler, compiled
from tests.bench.programs import Function, Program, with_math

NAMES = ("sqrt", "exp", "log", "sin", "cos")


class Refused(Exception):
    """A tool that is not installed, or does not take the program, and why."""


@dataclass(frozen=True)
class Contender:
    """`split(call(*args))` is (value, gradient), made `times` times over."""

    call: Function
    args: tuple[Any, ...]
    split: Callable[[Any], tuple[Any, Any]] = lambda result: result
    note: str = ""
    times: int = 1


def load(module: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise Refused(f"not installed ({error})") from error


def primal(program: Program) -> Contender:
    return Contender(program.primal, program.args)


def emitted(program: Program) -> Contender:
    derivative = wrapper(program).call
    return Contender(derivative.emitted, program.args)  # type: ignore[attr-defined]


def fast(program: Program) -> Contender:
    made = load("s2sad").value_and_grad(program.primal, program.wrt, optimize=2)
    made(*program.args)
    return Contender(made.emitted, program.args)


def wrapper(program: Program) -> Contender:
    derivative = load("s2sad").value_and_grad(program.primal, argnums=program.wrt)
    derivative(*program.args)
    return Contender(derivative, program.args)


def numba(program: Program) -> Contender:
    load("numba")
    derivative = load("s2sad").value_and_grad(program.primal, program.wrt, jit="numba")
    derivative(*program.args)
    return Contender(derivative.emitted, program.args)


class _ForNumba(ast.NodeTransformer):
    """It has no classes of numbers, and no `reversed`."""

    def visit_If(self, node: ast.If) -> ast.If | None:
        return None if "__class__" in ast.unparse(node.test) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "reversed":
            return ast.parse(f"{ast.unparse(node.args[0])}[::-1]", mode="eval").body
        return node


def numba_hand(program: Program) -> Contender:
    tree = ast.parse(inspect.getsource(program.hand))
    tree.body[0] = _ForNumba().visit(tree.body[0])
    scope = dict(vars(inspect.getmodule(program.hand)))
    exec(compile(ast.fix_missing_locations(tree), "<by hand>", "exec"), scope)
    return Contender(load("numba").njit(scope[program.hand.__name__]), program.args)


def native(program: Program) -> Contender:
    inputs = np.array(program.args, dtype=float)
    name, outputs = program.primal.__name__, len(program.active)
    try:
        call = compiled(name, inputs, (), outputs, REPEATED)
    except NoCompiler as error:
        raise Refused(str(error)) from error

    def split(out: np.ndarray) -> tuple[Any, Any]:
        return out[0], out[1] if isinstance(program.wrt, int) else out[1:]

    return Contender(call, (), split, f"{REPEATED} calls at a time", REPEATED)


def numba_primal(program: Program) -> Contender:
    load("numba")
    derivative = load("s2sad").value_and_grad(program.primal, program.wrt, jit="numba")
    derivative.primal(*program.args)
    return Contender(derivative.primal, program.args)


def hand(program: Program) -> Contender:
    return Contender(program.hand, program.args)


def autograd(program: Program) -> Contender:
    numpy = load("autograd.numpy")
    functions = {name: getattr(numpy, name) for name in NAMES}
    functions["erf"] = load("autograd.scipy.special").erf
    function = with_math(program.primal, functions)
    derivative = load("autograd").value_and_grad(function, program.wrt)
    return Contender(derivative, program.args)


def _jax() -> tuple[Any, dict[str, Function]]:
    jax = load("jax")
    jax.config.update("jax_enable_x64", True)
    functions = {name: getattr(jax.numpy, name) for name in NAMES}
    return jax, functions | {"erf": jax.scipy.special.erf}


def _jax_args(jax: Any, program: Program) -> tuple[Any, ...]:
    return tuple(
        jax.numpy.float64(arg) if index in program.active else arg
        for index, arg in enumerate(program.args)
    )


def _jax_contender(
    jax: Any, program: Program, derivative: Function, note: str = ""
) -> Contender:
    def call(*args: Any) -> Any:
        return jax.block_until_ready(derivative(*args))

    return Contender(call, _jax_args(jax, program), note=note)


def jax_eager(program: Program) -> Contender:
    jax, functions = _jax()
    function = with_math(program.primal, functions)
    return _jax_contender(jax, program, jax.value_and_grad(function, program.wrt))


def jax_jit(program: Program) -> Contender:
    jax, functions = _jax()
    unchanged = (with_math(program.primal, functions), "")
    function, note = loops(jax).get(program.name, unchanged)
    counts = [i for i, arg in enumerate(program.args) if isinstance(arg, int)]
    derivative = jax.value_and_grad(function, program.wrt)
    jitted = jax.jit(derivative, static_argnums=counts)
    return _jax_contender(jax, program, jitted, note)


def pytorch(program: Program) -> Contender:
    torch = load("torch")

    def on_tensors(name: str) -> Function:
        theirs, plain = getattr(torch, name), getattr(math, name)
        return lambda x: theirs(x) if isinstance(x, torch.Tensor) else plain(x)

    functions = {name: on_tensors(name) for name in (*NAMES, "erf")}
    function = with_math(program.primal, functions, rebinding=True)
    args = tuple(
        torch.tensor(arg, dtype=torch.float64, requires_grad=True)
        if index in program.active
        else arg
        for index, arg in enumerate(program.args)
    )
    active = [args[index] for index in program.active]

    def call(*args: Any) -> Any:
        value = function(*args)
        return value, torch.autograd.grad(value, active)

    def split(result: Any) -> tuple[Any, Any]:
        value, gradient = result
        return value.item(), gradient[0] if isinstance(program.wrt, int) else gradient

    return Contender(call, args, split)


def tangent(program: Program) -> Contender:
    module = load("tangent")
    function = getattr(_numpy_module(program), program.primal.__name__)
    derivative = module.grad(function, wrt=program.active, preserve_result=True)

    def split(result: Any) -> tuple[Any, Any]:
        *gradient, value = result
        return value, gradient[0] if isinstance(program.wrt, int) else tuple(gradient)

    return Contender(derivative, program.args, split)


def _numpy_module(program: Program) -> types.ModuleType:
    """The sample's text with NumPy's functions for those of `math`: it has no rule
    for these, and finds a function by its source."""
    source = Path(program.primal.__code__.co_filename).read_text(encoding="utf-8")
    text = source.replace("import math", "import numpy as math")
    if "math.erf" in text:
        text = "from scipy.special import erf\n" + text.replace("math.erf", "erf")
    path = f"<{program.name} with numpy>"
    linecache.cache[path] = (len(text), None, text.splitlines(True), path)
    module = types.ModuleType(f"{program.name}_numpy")
    exec(compile(text, path, "exec"), module.__dict__)
    return module


def sympy_lambdify(program: Program) -> Contender:
    if not program.closed_form:
        raise Refused("takes expressions, no loops")
    sympy = load("sympy")
    functions = {name: getattr(sympy, name) for name in (*NAMES, "erf")}
    symbols = [sympy.Symbol(f"x{i}") for i in range(len(program.args))]
    value = with_math(program.primal, functions)(*symbols)
    partials = [sympy.diff(value, symbols[i]) for i in program.active]
    function = sympy.lambdify(symbols, [value, *partials], "math", cse=True)

    def split(result: list[float]) -> tuple[Any, Any]:
        value, *gradient = result
        return value, gradient[0] if isinstance(program.wrt, int) else gradient

    return Contender(function, program.args, split)


TOOLS: dict[str, Callable[[Program], Contender]] = {
    "primal (no gradient)": primal,
    "s2sad, emitted": emitted,
    "s2sad, wrapper": wrapper,
    "written by hand": hand,
    "s2sad -O2, emitted": fast,
    "s2sad, Numba": numba,
    "primal, Numba": numba_primal,
    "by hand, Numba": numba_hand,
    "by hand, C": native,
    "SymPy lambdify(cse=True)": sympy_lambdify,
    "jax.jit": jax_jit,
    "JAX, eager": jax_eager,
    "PyTorch": pytorch,
    "tangent-ad": tangent,
    "autograd": autograd,
}
