"""The command line, `s2sad`: it reads the user's files and never runs them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from s2sad.errors import S2sadError
from s2sad.generated import (
    VERSION,
    Problem,
    base_directories,
    check_writable,
    read_header,
    read_text,
    write,
)

if TYPE_CHECKING:
    from s2sad.generate import Request, Target

FRESH, STALE, WRONG_USE, REFUSED, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 3, 130, 141

_ABOUT = """\
Write the gradient of a Python function, as Python source to read, keep and ship.

  s2sad grad model.py:loss                      the gradient of loss, on the screen
  s2sad grad model.py:loss -o model_grad.py     … in a file, which never imports s2sad
  s2sad --check model_grad.py                   is it what s2sad would write today?
"""
_EXAMPLE = """\
example: with cube.py

  def cube(x: float) -> float:
      return x**3

`s2sad grad cube.py:cube -o cube_grad.py` writes cube_grad(x), which returns the pair
(x**3, 3 * x**2). The header of cube_grad.py holds the command that made it, its paths
relative to where it was run, and a hash of its sources: --check and --diff need no more.

The files that are named are read, never run or imported.

exit codes: 0 done; 1 a file is stale; 2 a wrong option, or a file that is not there,
does not parse or cannot be written; 3 s2sad refuses what a function does, and tells
where and what to write instead."""
_GRAD = """\
Write NAME_grad for each function: it returns (value, gradient).

Several functions go into one file, in order. The file is written whole, or not at all.
"""
_GRAD_EXAMPLE = """\
examples:
  s2sad grad model.py:loss --wrt w,b -o model_grad.py    the gradient is a tuple (dw, db)
  s2sad grad model.py:loss model.py:penalty --wrt w      two functions, one file
  s2sad grad model_grad.py:loss_grad --of 1 --wrt w      of the gradient: the second
                                                         derivative
A parameter without an annotation is taken to be a float, or an int where it is used as
a count; standard error tells which. --type settles it."""
_SHOW = "Show what becomes of a function on the way to its gradient."


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    try:
        code = _run(argv)
        sys.stdout.flush()
        return code
    except SystemExit as exit_:  # argparse has said why
        return exit_.code if isinstance(exit_.code, int) else WRONG_USE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _drop_output()
        return BROKEN_PIPE
    except OSError as error:
        _drop_output()
        return _complain(Problem(f"{error.filename or 'output'}: {error.strerror}"))


def _run(argv: Sequence[str] | None) -> int:
    options = _parser().parse_args(argv)
    if options.check or options.diff:
        if options.verb is not None:
            return _complain(Problem("--check and --diff go without a command"))
        return _examine(options.check or options.diff, options.diff is not None)
    if options.verb is None:
        _parser().print_help(sys.stderr)
        return WRONG_USE
    verb: Callable[[argparse.Namespace], int] = options.run
    return _reporting(lambda: verb(options))


def _reporting(action: Callable[[], int]) -> int:
    """Do something; what goes wrong is told on standard error."""
    from s2sad.generate import Refused

    try:
        return action()
    except Refused as refused:
        return max(map(_complain, refused.errors))
    except (Problem, S2sadError) as error:
        return _complain(error)


# Verbs.


def _grad(options: argparse.Namespace) -> int:
    from s2sad.generate import generate

    request = _request(options)
    out: str | None = options.out
    if out is not None:
        sources = [target.file for target in request.targets]
        check_writable(out, options.force, sources)
    generated = generate(request)
    for note in generated.notes:
        _say(note)
    if out is None:
        _print(generated.text)
    else:
        write(out, generated.text)
    return 0


def _show(options: argparse.Namespace) -> int:
    from s2sad.generate import lower_target
    from s2sad.stages import STAGES

    stage = options.stage
    if stage not in STAGES:
        raise Problem(f"there is no stage {stage}; there are {', '.join(STAGES)}")
    request = _request(options)
    subject = lower_target(request, request.targets[0])
    for note in subject.notes:
        _say(note)
    _print(STAGES[stage].text(subject))
    return 0


def _request(options: argparse.Namespace) -> Request:
    from s2sad.generate import Request, Target

    paths = [file for file, _ in options.targets]
    targets = [Target(_portable(file), name) for file, name in options.targets]
    out = getattr(options, "out", None)
    for path in [*paths, *([out] if out else [])]:
        if not path.isprintable():
            raise Problem(f"{path!a}: a name that cannot be printed")
    return Request(
        tuple(dict.fromkeys(targets)),
        _portable(out) if out is not None else None,
        options.wrt,
        options.of,
        tuple(sorted(dict(options.type).items())),
        options.level,
    )


def _portable(path: str) -> str:
    """A path relative to the working directory, with forward slashes."""
    try:
        path = os.path.relpath(path)
    except ValueError:  # another drive
        path = os.path.abspath(path)
    path = path.replace(os.sep, "/")
    return f"./{path}" if path.startswith("-") else path


# --check and --diff.


def _examine(paths: Sequence[str], diff: bool) -> int:
    """The worst of what is found: 0 fresh, 1 stale, 2 a problem, 3 refused."""
    look = _diff if diff else _check
    return max(_reporting(lambda path=path: look(path)) for path in paths)


def _check(path: str) -> int:
    old, new = _regenerated(path)
    if old == new:
        return FRESH
    before, after = read_header(old), read_header(new)
    assert before
    assert after
    if before.version != after.version:
        why = f"written by s2sad {before.version}"
    elif before.digest != after.digest:
        why = "its sources have changed"
    else:
        why = "edited by hand, or s2sad has changed"
    _print(f"{path}: stale: {why}\n")
    return STALE


def _diff(path: str) -> int:
    from difflib import unified_diff

    old, new = _regenerated(path)
    lines = unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        path,
        f"{path} (regenerated)",
    )
    # A last line without a newline still ends here.
    _print("".join(line if line.endswith("\n") else f"{line}\n" for line in lines))
    return STALE if old != new else FRESH


def _regenerated(path: str) -> tuple[str, str]:
    """The text of a generated file, and what the command in its header gives now."""
    from s2sad.generate import generate

    old = read_text(path)
    found = read_header(old)
    if found is None:
        raise Problem(f"{path}: s2sad did not generate it, it has no header")
    request = _request_of(found.command, path)
    for base in base_directories(path, request.out):
        if all(os.path.exists(os.path.join(base, t.file)) for t in request.targets):
            base = os.path.relpath(base)
            return old, generate(request, "" if base == os.curdir else base).text
    missing = ", ".join(dict.fromkeys(target.file for target in request.targets))
    raise Problem(f"{path}: its source {missing} is not found, here or above it")
