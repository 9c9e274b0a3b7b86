"""The contenders on arrays. A tool gets the program as it stands, with its own functions
in the place of NumPy's; JAX and PyTorch get it written as they want it."""

import importlib
import inspect
import linecache
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from s2sad.trees import parts, with_parts
from tests.bench.arrays import in_jax, in_torch
from tests.bench.arrays.programs import Program
from tests.bench.native import NoCompiler, compiled
from tests.bench.tools import Contender, Refused, load

Tree = Any
NOTHING: Mapping[str, str] = {}


def leaves(tree: Tree) -> list[Any]:
    inner = parts(tree)
    return [tree] if inner is None else [leaf for part in inner for leaf in leaves(part)]


def mapped(tree: Tree, change: Callable[[Any], Any]) -> Tree:
    inner = parts(tree)
    if inner is None:
        return change(tree)
    return with_parts(tree, tuple(mapped(part, change) for part in inner))


def flat(tree: Tree) -> np.ndarray:
    return np.concatenate([np.ravel(np.asarray(leaf)) for leaf in leaves(tree)])


def active(program: Program) -> tuple[int, ...]:
    return (program.wrt,) if isinstance(program.wrt, int) else program.wrt


def primal(program: Program) -> Contender:
    return Contender(program.primal, program.args)


def emitted(program: Program) -> Contender:
    derivative = load("s2sad").value_and_grad(program.primal, argnums=program.wrt)
    derivative(*program.args)
    return Contender(derivative.emitted, program.args)


def fast(program: Program) -> Contender:
    made = load("s2sad").value_and_grad(program.primal, program.wrt, optimize=2)
    made(*program.args)
    return Contender(made.emitted, program.args)


def hand(program: Program) -> Contender:
    return Contender(program.hand, program.args)


def with_numpy(program: Program, module: Any, words: Mapping[str, str] = NOTHING) -> Any:
    """The program's function in a copy of its module with another NumPy."""
    home = importlib.import_module(program.primal.__module__)
    source = inspect.getsource(home).replace("import numpy as np", "np = __numpy__")
    for word, instead in words.items():
        source = source.replace(word, instead)
    path = f"<{program.name} with {module.__name__}>"
    linecache.cache[path] = (len(source), None, source.splitlines(True), path)
    made = types.ModuleType(path)
    made.__dict__["__numpy__"] = module
    exec(compile(source, path, "exec"), made.__dict__)
    return getattr(made, program.primal.__name__)


def autograd(program: Program) -> Contender:
    numpy = load("autograd.numpy")
    function = with_numpy(program, numpy)
    return Contender(load("autograd").value_and_grad(function, program.wrt), program.args)


def tangent(program: Program) -> Contender:
    derivative = load("tangent").grad(program.primal, wrt=active(program), preserve_result=True)

    def split(result: Any) -> tuple[Any, Any]:
        *gradient, value = result
        return value, gradient

    return Contender(derivative, program.args, split)


def numba(program: Program) -> Contender:
    load("numba")
    made = load("s2sad").value_and_grad(program.primal, program.wrt, jit="numba")
    made(*program.args)
    return Contender(made.emitted, program.args)


def numba_primal(program: Program) -> Contender:
    load("numba")
    made = load("s2sad").value_and_grad(program.primal, program.wrt, jit="numba")
    made.primal(*program.args)
    return Contender(made.primal, program.args)


def numba_hand(program: Program) -> Contender:
    return Contender(load("numba").njit(program.hand), program.args)


def _sizes(program: Program) -> tuple[int, ...]:
    args = program.args
    match program.primal.__name__:
        case "network":
            theta, x, _ = args
            widths = [x.shape[1], *(len(b) for _, b in theta)]
            return len(widths), *widths, len(x)
        case "log_likelihood":
            return args[4].shape[1], len(args[0]), len(args[4])
        case "half_square":
            return len(args[0]), len(args[1]), len(args[2])
        case _:
            return *args[0].shape, *(arg for arg in args if isinstance(arg, int))


def native(program: Program) -> Contender:
    outputs = sum(np.size(leaf) for k in active(program) for leaf in leaves(program.args[k]))
    inputs = flat(program.args).astype(float)
    try:
        call = compiled(program.primal.__name__, inputs, _sizes(program), outputs)
    except NoCompiler as error:
        raise Refused(str(error)) from error
    return Contender(call, (), lambda out: (out[0], out[1:]))


def jax_jit(program: Program) -> Contender:
    jax = load("jax")
    jax.config.update("jax_enable_x64", True)
    function = in_jax.functions(jax)[program.primal.__name__]
    numbers = [k for k, arg in enumerate(program.args) if isinstance(arg, (int, float))]
    derivative = jax.jit(jax.value_and_grad(function, program.wrt), static_argnums=numbers)
    args = tuple(
        arg if k in numbers else mapped(arg, jax.numpy.asarray)
        for k, arg in enumerate(program.args)
    )

    def call(*args: Any) -> Any:
        return jax.block_until_ready(derivative(*args))

    return Contender(call, args)


def pytorch(program: Program) -> Contender:
    torch = load("torch")
    name = program.primal.__name__
    if name in in_torch.AS_THEY_STAND:
        function = with_numpy(program, torch, in_torch.WORDS)
    else:
        function = in_torch.functions(torch)[name]
    numbers = [k for k, arg in enumerate(program.args) if isinstance(arg, (int, float))]
    args = tuple(
        arg if k in numbers else mapped(arg, torch.tensor) for k, arg in enumerate(program.args)
    )
    wanted = [leaf.requires_grad_() for k in active(program) for leaf in leaves(args[k])]

    def call(*args: Any) -> Any:
        value = function(*args)
        return value.detach(), torch.autograd.grad(value, wanted)

    return Contender(call, args)


TOOLS: dict[str, Callable[[Program], Contender]] = {
    "primal (no gradient)": primal,
    "s2sad, emitted": emitted,
    "written by hand": hand,
    "s2sad -O2, emitted": fast,
    "s2sad, Numba": numba,
    "primal, Numba": numba_primal,
    "by hand, Numba": numba_hand,
    "by hand, C": native,
    "jax.jit": jax_jit,
    "PyTorch": pytorch,
    "tangent-ad": tangent,
    "autograd": autograd,
}


def mismatch(program: Program, contender: Contender) -> str:
    """Why the contender's answer is wrong, by the hand-written gradient; or ''."""
    value, gradient = contender.split(contender.call(*contender.args))
    right_value, right_gradient = program.hand(*program.args)
    if not np.isclose(float(value), float(right_value), rtol=1e-9):
        return f"wrong: the value is {float(value):.6g}, not {float(right_value):.6g}"
    found, wanted = flat(gradient), flat(right_gradient)
    if found.shape != wanted.shape:
        return f"wrong: a gradient of {found.size} numbers, not {wanted.size}"
    off = float(np.max(np.abs(found - wanted)))
    scale = float(np.max(np.abs(wanted)))
    return "" if off <= 1e-7 * (1.0 + scale) else f"wrong: the gradient is off by {off:.3g}"
