"""The command line, `s2sad`: it reads the user's files, and never runs them."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from io import StringIO
from typing import TypeVar

from s2sad.cli.arguments import parser, request_from, request_of
from s2sad.cli.diagnostics import diagnostic
from s2sad.cli.generate import Generated, Refused, check_types, generate, lower_target
from s2sad.cli.generated import (
    Problem,
    base_directories,
    check_output,
    check_writable,
    read_header,
    read_text,
    write,
)
from s2sad.cli.looking import LOOKING, looked
from s2sad.cli.request import portable
from s2sad.cli.stages import STAGES, sparsity
from s2sad.cli.verbs import VERBS
from s2sad.errors import S2sadError

_T = TypeVar("_T")

DONE, STALE, WRONG_USE, REFUSED = range(4)
INTERRUPTED, BROKEN_PIPE = 130, 141


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
    arguments = parser()
    options = arguments.parse_args(argv)
    _errors_as_json.set(options.errors == "json")
    if options.check or options.diff:
        if options.verb is not None:
            arguments.error("--check and --diff go without a command")
        look = _check if options.check else _diff
        paths: list[str] = options.check or options.diff
        return max(_reporting(look, path) for path in paths)
    if options.verb is None:
        arguments.print_help(sys.stderr)
        return WRONG_USE
    if options.verb == "build":
        return _reporting(_build, options)
    if options.verb in LOOKING:
        return _reporting(_look, options)
    return _reporting(_grad if options.verb in VERBS else _show, options)


def _grad(options: argparse.Namespace) -> int:
    request = portable(request_of(options))
    if request.out is not None:
        sources = [target.file for target in request.targets]
        check_writable(options.out, options.force, sources)
    generated = generate(request)
    _tell(generated.notes)
    if options.at:
        from s2sad.cli.evaluate import evaluated

        values = {name: value for given in options.at for name, value in given.items()}
        _print(evaluated(request, values, options.run))
    elif request.out is None:
        _print(generated.text)
    if request.out is not None:
        write(options.out, generated.text)
    return DONE


def _show(options: argparse.Namespace) -> int:
    request = portable(request_of(options))
    subject = lower_target(request, request.targets[0])
    check_types(request, subject.params)
    passes = {stage.after: stage for stage in STAGES.values()}
    stage = passes[options.after] if options.after else STAGES[options.stage]
    if options.at:
        if stage.text is not sparsity:
            raise Problem("--at is for --stage sparsity")
        text = sparsity(subject, {k: v for given in options.at for k, v in given.items()})
    else:
        text = stage.text(subject)
    _tell(subject.notes)
    _print(text)
    return DONE


def _build(options: argparse.Namespace) -> int:
    from s2sad.cli.build import build

    code = DONE
    for made in build(options.file, options.only_check, options.jobs):
        _tell(made.notes)
        _tell(made.errors)
        _print(f"{made.out}: {made.what}\n")
        if made.errors:
            code = max(code, REFUSED if made.what == "refused" else WRONG_USE)
        elif options.only_check and made.what != "unchanged":
            code = max(code, STALE)
    return code


def _look(options: argparse.Namespace) -> int:
    request = request_of(options)
    if options.out is not None:
        check_output(options.out, options.force, [target.file for target in request.targets])
    try:
        answer, notes = looked(options, request)
    except S2sadError as error:
        if error.code != "point-needed":
            raise
        _complain(error)
        return WRONG_USE
    _tell(notes)
    if options.out is None:
        _print(answer.text)
    else:
        write(options.out, answer.text)
    return answer.code


def _check(path: str) -> int:
    old, new = _regenerated(path)
    if old == new.text:
        return DONE
    before, after = read_header(old), read_header(new.text)
    assert before
    assert after
    if before.version != after.version:
        why = f"written by s2sad {before.version}"
    elif before.digest != after.digest:
        why = "its sources have changed"
    else:
        why = "it was edited, or s2sad has changed"
    _print(f"{path}: stale: {why}\n")
    return STALE


def _diff(path: str) -> int:
    from difflib import unified_diff

    old, new = _regenerated(path)
    before, after = StringIO(old).readlines(), StringIO(new.text).readlines()
    lines = unified_diff(before, after, path, f"{path} (made again)")
    no_end = "\n\\ No newline at end of file\n"
    _print("".join(line if line.endswith("\n") else line + no_end for line in lines))
    return DONE if old == new.text else STALE


def _regenerated(path: str) -> tuple[str, Generated]:
    """The text of a generated file, and what the command in its header gives now."""
    old = read_text(path)
    found = read_header(old)
    if found is None:
        raise Problem(f"{path}: has no header of s2sad's, which did not write it")
    try:
        request = request_from(found.command)
    except Problem as problem:
        raise Problem(f"{path}: {problem}") from None
    files = [target.file for target in request.targets]
    for base in base_directories(path, request.out):
        if all(os.path.exists(os.path.join(base, file)) for file in files):
            return old, generate(request, "" if base == os.getcwd() else base)
    raise Problem(f"{path}: {', '.join(files)} not found, from here or from above it")


# What is said, and where.


def _print(text: str) -> None:
    """To standard output, as UTF-8 with plain newlines on every platform."""
    binary = getattr(sys.stdout, "buffer", None)
    if binary is None:
        sys.stdout.write(text)
        return
    sys.stdout.flush()
    binary.write(text.encode())
    binary.flush()


def _reporting(action: Callable[[_T], int], subject: _T) -> int:
    """Do something; what goes wrong is told on standard error."""
    try:
        return action(subject)
    except Refused as refused:
        return max(map(_complain, refused.errors))
    except (Problem, S2sadError) as error:
        return _complain(error)


_errors_as_json: ContextVar[bool] = ContextVar("errors as JSON", default=False)


def _complain(error: Problem | S2sadError) -> int:
    if _errors_as_json.get():
        print(diagnostic(error), file=sys.stderr)
        return WRONG_USE if isinstance(error, Problem) else REFUSED
    if isinstance(error, Problem):
        _tell([f"s2sad: {error}"])
        return WRONG_USE
    _tell([str(error)])
    return REFUSED


_PLACE = re.compile(
    r"(?P<place>.+?:\d+(?::\d+)?|s2sad)(?P<kind>: error\[[a-z-]+\](?=: )|(?=:))"
)


def _tell(messages: Sequence[str]) -> None:
    """On standard error; on a terminal the place is bold, the kind of error red."""
    colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")
    for message in messages:
        if colour:
            bold = "\x1b[1m\\g<place>\x1b[0m\x1b[31m\\g<kind>\x1b[0m"
            message = _PLACE.sub(bold, message, count=1)
        print(message, file=sys.stderr)


def _drop_output() -> None:
    """What is still to be written goes nowhere, so that the exit is a quiet one."""
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
    except (OSError, ValueError):
        pass
