"""Random programs: modules of scalar Python with one function to differentiate.

:func:`generate` is a grammar-directed generator in the manner of Csmith (Yang, Chen,
Eide & Regehr, *Finding and understanding bugs in C compilers*, PLDI 2011): it keeps
track of what is bound, of what kind it is and roughly how large, so that nearly every
program runs; what still raises is kept on purpose, as a small part.
"""

from __future__ import annotations

import ast
import math
import random

from .blocks import INDENT, indented
from .oracle import primal
from .program import Argument, Program
from .scope import CAP, Helper, Imports, Module, Parameter, Scope, Term, pick
from .statements import Statements

LOCALS = (
    *("a", "b", "c", "d", "e", "f", "g", "h", "p", "q", "r", "s", "t", "u", "v", "w"),
    *(
        "x",
        "y",
        "z",
        "a1",
        "x_bar",
        "y_bar",
        "y_in",
        "x_in",
        "x_dot",
        "a_bar",
        "i",
        "j",
        "k",
    ),
    *(
        "n",
        "m",
        "_",
        "acc",
        "total",
        "result",
        "tmp",
        "f_grad",
        "value",
        "x_i",
        "count",
    ),
    *("math", "sin", "exp", "sum", "max", "abs", "helper", "step", "scale", "SCALE"),
)
HELPERS = (
    "g",
    "h",
    "helper",
    "step",
    "f_grad",
    "a",
    "b",
    "square",
    "mix",
    "exp",
    "inner",
    "x_bar",
)
MAINS = ("f", "f", "f", "func", "model", "a", "x_bar", "loss")
GLOBALS = ("SCALE", "RATE", "a", "c", "N", "x_dot", "tau")
FUNCTIONS = (
    "sin",
    "cos",
    "exp",
    "log",
    "sqrt",
    "tanh",
    "pi",
    "pow",
    "hypot",
    "floor",
    "atan2",
)
NICE = (0.0, 0.5, 1.0, -1.0, 2.0, 0.25, 1.5, 3.0)
RAISING = 0.05
ATTEMPTS = 60


def generate(rng: random.Random, *, arrays: bool = False) -> Program:
    """A program; the same one for the same state of ``rng``.

    A fixed part of the programs raises.  Array programs are still to come.
    """
    if arrays:
        raise NotImplementedError("array programs")
    wanted = "raises" if rng.random() < RAISING else "returns"
    program = Builder(rng).program()
    for _ in range(ATTEMPTS):
        if behaviour(program) == wanted:
            break
        program = Builder(rng).program()
    return program


def behaviour(program: Program) -> str:
    """Whether it "returns" a number of sensible size, "raises", or is "unfit"."""
    try:
        value = primal(program)(*program.arguments)
    except (ArithmeticError, ValueError, AssertionError, RuntimeError, NameError):
        return "raises"
    except TypeError:  # a power of a negative number became complex
        return "unfit"
    tame = isinstance(value, (float, int)) and math.isfinite(value) and abs(value) < 1e12
    return "returns" if tame else "unfit"


class Builder:
    """One module under construction."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.lines: list[str] = []
        self.module = Module(self._imports())

    def program(self) -> Program:
        """The whole module and arguments for its function."""
        self.lines += self.module.imports.lines
        self._globals()
        for _ in range(pick(self.rng, {0: 4, 1: 4, 2: 3, 3: 1})):
            self._helper()
        free = sorted(set(MAINS) - self.module.taken())
        name = self.rng.choice([m for m in MAINS if m in free] or ["main_function"])
        parameters = self._parameters(
            pick(self.rng, {1: 2, 2: 4, 3: 4, 4: 2}), self.rng.randint(0, 2)
        )
        if self.rng.random() < 0.05:
            self._recursive(name)
            parameters = list(self.module.helpers[-1].parameters)
        else:
            budget = pick(self.rng, {4: 2, 8: 4, 14: 4, 22: 2, 35: 1})
            self._function(name, parameters, budget, pair=False)
        source = ast.unparse(ast.parse("\n".join(self.lines))) + "\n"
        return Program(source, name, tuple(self._value(p) for p in parameters))

    # module level
    def _imports(self) -> Imports:
        alias = pick(self.rng, {"math": 6, "m": 2, "mt": 1, "": 2})
        lines: list[str] = []
        if alias:
            lines.append("import math" if alias == "math" else f"import math as {alias}")
        functions: list[tuple[str, str]] = []
        if not alias or self.rng.random() < 0.3:
            for original in self.rng.sample(FUNCTIONS, self.rng.randint(2, 5)):
                local = pick(self.rng, {original: 4, original[0]: 1, f"{original}_": 1})
                if local not in {name for name, _ in functions} and local != alias:
                    functions.append((local, original))
            listed = [o if o == n else f"{o} as {n}" for n, o in functions]
            lines.append(f"from math import {', '.join(listed)}")
        return Imports(tuple(lines), (alias,) if alias else (), tuple(functions))

    def _globals(self) -> None:
        for name in self.rng.sample(GLOBALS, pick(self.rng, {0: 5, 1: 3, 2: 2})):
            if name in self.module.taken():
                continue
            if name == "N":
                value = self.rng.randint(1, 4)
                self.module.counts[name] = value
                self.lines.append(f"{name} = {value}")
                continue
            number = round(self.rng.uniform(-2.0, 2.0), 2)
            self.module.constants[name] = Term(name, abs(number))
            self.lines.append(f"{name} = {number!r}")

    def _helper(self) -> None:
        free = sorted(set(HELPERS) - self.module.taken())
        name = self.rng.choice(free)
        if self.rng.random() < 0.25:
            self._recursive(name)
            return
        pair = self.rng.random() < 0.2
        parameters = self._parameters(
            self.rng.randint(1, 3), self.rng.randint(0, 1), helper=True
        )
        cost = self._function(name, parameters, self.rng.randint(0, 6), pair=pair)
        self.module.helpers.append(Helper(name, tuple(parameters), pair, cost))

    # functions
    def _parameters(self, floats: int, ints: int, *, helper: bool = False) -> list[Parameter]:
        names = self.rng.sample(LOCALS[:38], floats + ints)
        if self.rng.random() < 0.5:
            names = [*("x", "y", "z", "w")[:floats], *("n", "k")[:ints]]
        made = [Parameter(n, "float" if i < floats else "int") for i, n in enumerate(names)]
        if self.rng.random() < 0.2:
            self.rng.shuffle(made)
        return self._styled(made) if helper else made

    def _styled(self, parameters: list[Parameter]) -> list[Parameter]:
        """Defaults on a tail; positional-only and keyword-only ones."""
        first_default = len(parameters) - pick(self.rng, {0: 5, 1: 3, 2: 1})
        first_keyword = len(parameters) - pick(self.rng, {0: 8, 1: 1})
        positional = pick(self.rng, {0: 9, 1: 1})
        styled: list[Parameter] = []
        for i, (name, kind, _, _) in enumerate(parameters):
            default = None
            if i >= first_default:
                default = (
                    str(self.rng.randint(0, 2))
                    if kind == "int"
                    else repr(round(self.rng.uniform(-1, 2), 1))
                )
            style = (
                "keyword" if i >= first_keyword else "positional" if i < positional else "any"
            )
            styled.append(Parameter(name, kind, default, style))
        return styled

    def _signature(self, parameters: list[Parameter]) -> str:
        annotate = self.rng.random() < 0.4
        pieces: list[str] = []
        styles = [p.style for p in parameters]
        for i, p in enumerate(parameters):
            if p.style == "keyword" and "keyword" not in styles[:i]:
                pieces.append("*")
            text = f"{p.name}: {p.kind}" if annotate else p.name
            pieces.append(f"{text}={p.default}" if p.default else text)
            if p.style == "positional" and "positional" not in styles[i + 1 :]:
                pieces.append("/")
        return ", ".join(pieces)

    def _scope(self, name: str, parameters: list[Parameter]) -> Scope:
        """The scope at the top of a function: it fixes which names are local."""
        own = {p.name for p in parameters}
        pool = self.rng.sample(LOCALS, self.rng.randint(6, 14))
        avoid = {h.name for h in self.module.helpers} | {name}
        if self.rng.random() < 0.85:
            avoid |= self.module.taken()
        local = frozenset(own | {n for n in pool if n not in avoid})
        scope = Scope(self.module, local)
        for p in parameters:
            if p.kind == "int":
                scope.bind_int(p.name, 5)
            else:
                scope.bind_float(p.name, 4.0)
        hidden = local | {name}
        helpers = {h.name for h in self.module.helpers}
        scope.helpers = [h for h in self.module.helpers if h.name not in hidden]
        imports = self.module.imports
        scope.aliases = tuple(a for a in imports.aliases if a not in hidden)
        scope.functions = tuple(
            (n, o) for n, o in imports.functions if n not in hidden and n not in helpers
        )
        return scope

    def _function(
        self, name: str, parameters: list[Parameter], budget: int, *, pair: bool
    ) -> int:
        """Append a function to the module; its cost in loop passes."""
        scope = self._scope(name, parameters)
        body: list[str] = []
        if self.rng.random() < 0.1:
            body.append("'''What it computes.'''")
        body += self._local_import(scope)
        statements = Statements(self.rng, scope, budget, pair=pair)
        block = statements.block(budget)
        body += block.lines
        if not block.ended:
            body += self._ending(statements)
        self.lines += [f"def {name}({self._signature(parameters)}):", *indented(body)]
        text = "\n".join(body)
        return (
            1
            + 8 * text.count("for ") * (1 + text.count("        for "))
            + 6 * text.count("while")
        )

    def _local_import(self, scope: Scope) -> list[str]:
        if self.rng.random() > 0.04 or "mx" in self.module.taken() | scope.local:
            return []
        scope.aliases = (*scope.aliases, "mx")
        scope.local = scope.local | {"mx"}
        scope.fixed.add("mx")
        return ["import math as mx"]

    def _ending(self, statements: Statements) -> list[str]:
        """The last return, or one in each branch."""
        if self.rng.random() < 0.12:
            test = statements.condition(1)
            first, second = statements.result(), statements.result()
            return [
                f"if {test}:",
                f"{INDENT}return {first}",
                "else:",
                f"{INDENT}return {second}",
            ]
        return [f"return {statements.result()}"]

    def _recursive(self, name: str) -> None:
        """A function that calls itself, to a bounded depth."""
        parameters = [Parameter("x", "float"), Parameter("n", "int")]
        if self.rng.random() < 0.5:
            parameters.insert(1, Parameter("y", "float"))
        scope = self._scope(name, parameters)
        scope.fixed |= {"n"}
        scope.passes = 8
        statements = Statements(self.rng, scope, 3)
        base = statements.scaled(statements.number(2), CAP).text
        block = statements.block(self.rng.randint(0, 2))
        lines = ["if n <= 0:", f"{INDENT}return {base}", *block.lines]
        if not block.ended:
            lines += self._recursive_step(name, parameters, statements)
        self.lines += [f"def {name}({self._signature(parameters)}):", *indented(lines)]
        self.module.helpers.append(Helper(name, tuple(parameters), cost=40))

    def _recursive_step(
        self, name: str, parameters: list[Parameter], statements: Statements
    ) -> list[str]:
        def again(less: int) -> str:
            floats = [statements.small(1, CAP).text for p in parameters if p.kind == "float"]
            return f"{name}({', '.join([*floats, f'n - {less}'])})"

        extra = statements.small(2, 2.0).text
        ways = [
            [f"return {again(1)}"],
            [f"return 0.5 * {again(1)} + {extra}"],
            [f"return 0.5 * {again(1)} - 0.3 * {again(2)}"],
            [
                f"if {statements.condition(0)}:",
                f"{INDENT}return {again(1)} * 0.7",
                f"return {extra} + {again(2)}",
            ],
            [f"r_ = {again(1)}", f"return r_ / (1.5 + r_ * r_) + {extra}"],
        ]
        return self.rng.choice(ways)

    # arguments
    def _value(self, parameter: Parameter) -> Argument:
        if parameter.kind == "int":
            return pick(self.rng, {0: 2, 1: 2, 2: 4, 3: 5, 4: 3, 5: 2, -1: 1})
        if self.rng.random() < 0.2:
            return self.rng.choice(NICE)
        return round(self.rng.uniform(-3.0, 3.0), self.rng.choice((2, 3, 15)))
