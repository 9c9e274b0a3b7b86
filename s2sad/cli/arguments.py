"""The options of the command line, and the request that they make."""

from __future__ import annotations

import argparse
import ast
import builtins
import os
import typing
from collections.abc import Sequence
from contextlib import redirect_stderr
from io import StringIO

from s2sad.cli.generated import VERSION, Problem
from s2sad.cli.looking import LOOKING
from s2sad.cli.request import Request, Target
from s2sad.cli.stages import STAGES
from s2sad.cli.verbs import ORDER, VERBS
from s2sad.frontend.annotations import SCALARS, read
from s2sad.ir.paths import path_of


def request_of(options: argparse.Namespace) -> Request:
    """The request in parsed options, its paths as they stand."""
    targets: list[Target] = options.targets
    return Request(
        tuple(dict.fromkeys(targets)),
        getattr(options, "out", None),
        options.wrt,
        options.of,
        tuple(sorted(dict(options.types).items())),
        options.level,
        options.verb if options.verb in VERBS else "grad",
        getattr(options, "order", None),
        getattr(options, "jit", None),
        getattr(options, "checkpoint", None),
        getattr(options, "snapshots", None),
        getattr(options, "memory", None),
        getattr(options, "strict", False),
    )


def request_from(command: Sequence[str]) -> Request:
    """The request that a command in a header stands for; raises `Problem`."""
    said = StringIO()
    try:
        with redirect_stderr(said):
            options = parser().parse_args(command[1:])
    except SystemExit:
        options = argparse.Namespace(verb=None)
    if options.verb not in VERBS:
        raise Problem("the command in its header is none of s2sad's")
    return request_of(options)


_ABOUT = """\
Write the gradient of a Python function, as Python source to read, keep and ship.

  s2sad grad model.py:loss                      the gradient of loss, on the screen
  s2sad grad model.py:loss -o model_grad.py     in a file, which does not import s2sad
  s2sad --check model_grad.py                   is it what s2sad would write today?

The files that are named are read, never run or imported."""

_EXAMPLE = """\
example: cube.py is

  def cube(x: float) -> float:
      return x**3

`s2sad grad cube.py:cube -o cube_grad.py` writes a file with the function cube_grad(x),
which returns (x**3, 3 * x**2). The header of the file holds the command that makes it,
with paths relative to where it was run, and a hash of its sources; --check and --diff
need no more, from wherever they are run.

exit codes: 0 done; 1 a file is stale; 2 a wrong option, or a file that is not there,
does not parse or cannot be written; 3 s2sad refuses what the function does, and says
where, and what to write instead."""

_GRAD = """\
Write NAME_grad for each function NAME: it returns (value, gradient).

Several functions go into one file, in order. A file is written whole or not at all."""

_GRAD_EXAMPLE = """\
examples:
  s2sad grad model.py:loss --wrt w,b -o model_grad.py    the gradient is (dw, db)
  s2sad grad model.py:loss model.py:penalty --wrt w      two functions, in one file
  s2sad grad model_grad.py:loss_grad --of 1              of what was written: the second
                                                         derivative
A parameter without an annotation is taken to be a float, or an int where it is used as
a count; standard error tells it, --type settles it."""

_SUFFIX = {"linearize": "jacobian"}

_SHOW = "Show what becomes of a function on the way to its gradient."


_BUILD = "Make every file that [tool.s2sad] of a pyproject.toml names; say what changed."

_BUILD_EXAMPLE = """\
  [[tool.s2sad.generate]]
  functions = ["model.py:loss"]
  out = "model_grad.py"
  wrt = ["w", "b"]

Also verb, of, order, level (0 or 1), checkpoint, snapshots, memory, types = { w =
"list[float]" }; paths are relative to the file. With --check nothing is written, and the exit
code is 1 where something is stale."""


def parser() -> argparse.ArgumentParser:
    """The options of the command line."""
    main = _parser(None, "s2sad", _ABOUT, _EXAMPLE)
    main.add_argument("--version", action="version", version=f"s2sad {VERSION}")
    main.add_argument(
        "--errors",
        choices=("text", "json"),
        default="text",
        help="how errors are told: as text, or as a line of JSON each, for editors",
    )
    files = main.add_mutually_exclusive_group()
    files.add_argument(
        "--check",
        nargs="+",
        metavar="OUT",
        help="tell which generated files are not what their command gives now",
    )
    files.add_argument(
        "--diff",
        nargs="+",
        metavar="OUT",
        help="show what their command would change",
    )
    verbs = main.add_subparsers(dest="verb", title="commands", metavar="COMMAND")

    grad = _parser(verbs, "grad", _GRAD, _GRAD_EXAMPLE, "write the gradient of functions")
    _add_targets(grad, "+")
    grad.add_argument("-o", dest="out", metavar="OUT", help="the file to write")
    _add_wish(grad)
    _add_output(grad)
    _add_format(grad)
    for name, verb in VERBS.items():
        if name != "grad":
            made_name = f"NAME_{_SUFFIX.get(name, name)}"
            about = f"Write {made_name} for each function NAME: it returns {verb.returns}."
            made = _parser(verbs, name, about, "", f"write {verb.about}")
            _add_targets(made, "+")
            made.add_argument("-o", dest="out", metavar="OUT", help="the file to write")
            _add_wish(made)
            _add_output(made)
            _add_format(made)
            if name == "taylor":
                made.add_argument(
                    "--order", type=_position, metavar="N", help=f"the order (default: {ORDER})"
                )

    stages = [f"  {n:<9} {s.after:<8} {s.about}" for n, s in STAGES.items()]
    listed = "\n".join([f"  {'STAGE':<9} PASS", *stages])
    show = _parser(verbs, "show", _SHOW, listed, _SHOW)
    _add_targets(show, 1)
    stage = show.add_mutually_exclusive_group()
    stage.add_argument(
        "--stage",
        choices=STAGES,
        default="ssa",
        metavar="STAGE",
        help="a stage of those below (default: ssa)",
    )
    stage.add_argument(
        "--after",
        choices=[stage.after for stage in STAGES.values()],
        metavar="PASS",
        help="the same, by the pass that leads to it",
    )
    show.add_argument(
        "--at",
        type=_values,
        action="append",
        default=[],
        metavar="X=VALUE[,…]",
        help="arguments, of whose sizes --stage sparsity is to be",
    )
    _add_wish(show)

    build = _parser(
        verbs, "build", _BUILD, _BUILD_EXAMPLE, "make all that pyproject.toml names"
    )
    build.add_argument("file", nargs="?", default="pyproject.toml", metavar="PYPROJECT")
    build.add_argument(
        "--check", dest="only_check", action="store_true", help="tell what is stale; write none"
    )
    build.add_argument(
        "--jobs", type=_position, default=os.cpu_count() or 1, metavar="N", help="at once"
    )
    _add_format(build)

    for name, looking in LOOKING.items():
        said = f"{looking.about[0].upper()}{looking.about[1:]}."
        made = _parser(verbs, name, said, looking.more, looking.about)
        _add_targets(made, 1)
        made.add_argument("-o", dest="out", metavar="OUT", help="the file to write")
        looking.options(made)
        _add_wish(made)
        _add_output(made)
    return main


def _parser(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser] | None,
    name: str,
    about: str,
    more: str,
    short: str = "",
) -> argparse.ArgumentParser:
    kind = argparse.RawDescriptionHelpFormatter
    if verbs is None:
        return argparse.ArgumentParser(
            name,
            description=about,
            epilog=more,
            formatter_class=kind,
            allow_abbrev=False,
        )
    return verbs.add_parser(
        name,
        description=about,
        epilog=more,
        formatter_class=kind,
        allow_abbrev=False,
        help=short,
    )


def _target(text: str) -> Target:
    file, _, function = text.rpartition(":")
    if not file or not function:
        raise argparse.ArgumentTypeError(f"{text!r} is no FILE:FUNCTION, as m.py:loss")
    return Target(file, function)


def _add_targets(verb: argparse.ArgumentParser, count: int | str) -> None:
    verb.add_argument(
        "targets",
        nargs=count,
        type=_target,
        metavar="FILE:FUNCTION",
        help="as in model.py:loss",
    )


def _add_wish(verb: argparse.ArgumentParser) -> None:
    """The options that say what is differentiated, and how."""
    verb.add_argument(
        "--wrt",
        type=_names,
        default=(),
        metavar="X[,Y…]",
        help="the parameters to differentiate by (default: the first float), or parts of"
        " them, as p.w or p['w']; one gives the bare derivative, several a tuple",
    )
    verb.add_argument(
        "--of",
        type=_position,
        metavar="N",
        help="the result to differentiate, of a function that returns a tuple; 0 is the first",
    )
    verb.add_argument(
        "--type",
        dest="types",
        type=_typed,
        action="append",
        default=[],
        metavar="X=TYPE",
        help=f"the type of a parameter: {', '.join(SCALARS)}, list[float], tuple[float, int],"
        " {'a': float, 'b': list[float]}, a dataclass of the file, or an array by its"
        " axes, float[:, n, 3]: a colon is any size but 1, a name any that is the same"
        " wherever it stands, _ any at all",
    )
    level = verb.add_mutually_exclusive_group()
    level.add_argument(
        "-O0",
        dest="level",
        action="store_const",
        const=0,
        default=1,
        help="one statement for each intermediate and each adjoint",
    )
    level.add_argument(
        "-O1",
        dest="level",
        action="store_const",
        const=1,
        help="as a careful hand would write it (default)",
    )
    level.add_argument(
        "-O2",
        dest="level",
        action="store_const",
        const=2,
        help="for speed: loops are joined with their adjoints, arrays that are read element by"
        " element run on Python's floats",
    )


def _add_format(verb: argparse.ArgumentParser) -> None:
    """What `--errors` is, after a verb that has no other format."""
    verb.add_argument(
        "--format",
        choices=("text", "json"),
        dest="errors",
        default=argparse.SUPPRESS,
        help="how errors are told, as --errors before the command",
    )


def _add_output(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--strict",
        action="store_true",
        help="write a function that raises where it is at a kink or a jump",
    )
    verb.add_argument(
        "--jit",
        choices=("numba",),
        help="write a function that Numba compiles; it raises and counts as Python does",
    )
    verb.add_argument(
        "--checkpoint",
        choices=("revolve",),
        help="record long loops in parts, from a few of their states",
    )
    verb.add_argument(
        "--snapshots", type=_position, metavar="N", help="how many states may be kept"
    )
    verb.add_argument(
        "--memory",
        type=_position,
        metavar="BYTES",
        help="the same, with as many states as so many bytes hold",
    )
    verb.add_argument(
        "--force", action="store_true", help="overwrite a file that s2sad did not write"
    )
    verb.add_argument(
        "--at",
        type=_values,
        action="append",
        default=[],
        metavar="X=VALUE[,…]",
        help="a point: print what the function that is written returns there, not its text",
    )
    verb.add_argument(
        "--run",
        action="store_true",
        help="let --at run code of yours: classes, prints, what only your file knows",
    )


def _values(text: str) -> dict[str, object]:
    """The values in `x=0.7, w=[1, 2]`."""
    try:
        call = ast.parse(f"_({text})", mode="eval").body
        assert isinstance(call, ast.Call)
        found = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
        if call.args or len(found) != len(call.keywords):
            raise ValueError
    except (SyntaxError, ValueError):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form x=0.7,w=2") from None
    return found


def _names(text: str) -> tuple[str, ...]:
    try:
        node = ast.parse(f"({text},)", mode="eval").body
    except (SyntaxError, ValueError):
        node = None
    names = tuple(map(ast.unparse, node.elts)) if isinstance(node, ast.Tuple) else ()
    if not names or None in map(path_of, names):
        raise argparse.ArgumentTypeError(f"{text!r} is no list of names, as x,y")
    if len(set(names)) < len(names):
        raise argparse.ArgumentTypeError(f"{text!r} has a name twice")
    return names


def _position(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no position; the first is 0")
    return int(text)


def _typed(text: str) -> tuple[str, str]:
    name, equals, type_ = text.partition("=")
    name, type_ = name.strip(), type_.strip()
    if not equals or not name.isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form x=float")
    if not _may_be_type(type_):
        raise argparse.ArgumentTypeError(
            f"{type_!r}: the types are {', '.join(SCALARS)}, list[…], tuple[…], {{…}},"
            " float[:, :]"
        )
    return name, type_


def _may_be_type(text: str) -> bool:
    """Is it a type, if the names that are no builtins are classes of the file?"""

    class Classes(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            known = hasattr(builtins, node.id) or node.id in typing.__all__
            return node if known else ast.Name("float", ast.Load())

    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return read(Classes().visit(node), None) is not None
