"""The verbs that look at a derivative: explain, graph, validate, why, report."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from s2sad.cli.evaluate import foreign
from s2sad.cli.generate import Subject as Lowered
from s2sad.cli.generate import lower_target
from s2sad.cli.generated import VERSION, Problem
from s2sad.cli.request import Request, portable
from s2sad.ir.nodes import Shape
from s2sad.ir.types import FLOAT, INT, Array, List, Type

DONE, MISMATCH = 0, 1


class Answer(NamedTuple):
    """What is printed or written, and the exit code."""

    text: str
    code: int = DONE


class Verb(NamedTuple):
    """`options` adds those of its own to a parser; `answer` does the work."""

    about: str
    more: str
    options: Callable[[argparse.ArgumentParser], None]
    answer: Callable[[argparse.Namespace, Any, Mapping[str, object] | None], Answer]
    point: bool = False


def _explain_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("text", "latex", "markdown", "html", "json"),
        default="text",
        help="text of 80 columns (default), latex, markdown, html or json",
    )
    parser.add_argument(
        "--forward",
        action="store_true",
        help="the other direction, from the inputs on, and what both cost",
    )
    parser.add_argument("--all", dest="whole", action="store_true", help="fold nothing")
    parser.add_argument(
        "--first",
        type=_number,
        default=1,
        metavar="N",
        help="the number of the first equation (default: 1; the lecture's is 30)",
    )


def _explain(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    from s2sad.inspect.explain import explained
    from s2sad.inspect.render import FORMATS
    from s2sad.inspect.subject import ran

    made = explained(ran(subject, given), options.forward, options.whole, options.first)
    return Answer(FORMATS[options.format](made))


def _number(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of an equation")
    return int(text)


def _graph_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--format",
        choices=("dot", "mermaid", "svg"),
        default="svg",
        help="svg (default), dot for Graphviz, or mermaid",
    )
    parser.add_argument(
        "--most",
        type=_number,
        default=40,
        metavar="N",
        help="fold what has more nodes than that (default: 40)",
    )


def _graph(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    from s2sad.inspect.drawing import FORMATS
    from s2sad.inspect.graph import graph_of
    from s2sad.inspect.subject import ran

    return Answer(FORMATS[options.format](graph_of(ran(subject, given), options.most)))


def _validate_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tolerance",
        type=float,
        default=1e-6,
        metavar="T",
        help="the relative difference that is let pass (default: 1e-6)",
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def _validate(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    import json

    from s2sad.inspect.render import plain_json
    from s2sad.inspect.subject import ran
    from s2sad.inspect.validate import validated

    assert given is not None
    found = validated(ran(subject, given), given, emitted(subject), options.tolerance)
    code = DONE if found.ok else MISMATCH
    if options.format == "text":
        return Answer(str(found), code)
    inputs = [
        {
            "input": one.label,
            "reverse": plain_json(one.reverse),
            "forward": plain_json(one.forward),
            "differences": plain_json(one.differences.value) if one.differences else None,
            "agrees": one.agrees,
        }
        for one in found.inputs
    ]
    wrong = [
        {"file": w.loc and w.loc.file, "line": w.loc and w.loc.line, "message": w.what}
        for w in found.wrong
    ]
    data = {"function": found.name, "ok": found.ok, "inputs": inputs, "wrong": wrong}
    return Answer(json.dumps(data, indent=2, ensure_ascii=False) + "\n", code)


def emitted(subject: Any) -> Callable[..., Any] | None:
    """The gradient as it is emitted, where its text stands alone."""
    from s2sad.backend.load import load
    from s2sad.backend.options import Options
    from s2sad.backend.python import emit
    from s2sad.compile import differentiate
    from s2sad.linked import LinkNames

    if subject.lowered.classes:
        return None
    module = differentiate(subject.lowered, subject.wish)
    text = emit(module, Options(level=subject.wish.level))
    return load(text, module.entry, LinkNames({**subject.names, "__name__": module.entry}))


def _why_zero(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    from s2sad.inspect.finding import Findings, why_zero
    from s2sad.inspect.subject import ran

    return Answer(str(Findings(why_zero(ran(subject, given)))))


def _debug(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    from s2sad.backend.options import Options
    from s2sad.backend.python import emit
    from s2sad.compile import differentiate
    from s2sad.inspect.events import Stopped
    from s2sad.inspect.stepping import stepped, stopped_steps
    from s2sad.inspect.subject import ran

    source = emit(
        differentiate(subject.lowered, subject.wish._replace(level=0)), Options(level=0)
    )
    try:
        return Answer(str(stepped(ran(subject, given), source)))
    except Stopped as stopped:
        return Answer(str(stopped_steps(stopped, source)), MISMATCH)


def _report(
    options: argparse.Namespace, subject: Any, given: Mapping[str, object] | None
) -> Answer:
    """The page; what needs a point, where there is none, is left out."""
    from s2sad.cli.generate import emit_text
    from s2sad.cli.stages import FAST, STAGES
    from s2sad.compile import differentiate
    from s2sad.inspect import report
    from s2sad.inspect.derivation import derivation
    from s2sad.inspect.graph import graph_of
    from s2sad.inspect.subject import PointNeeded, ran
    from s2sad.inspect.validate import validated

    lowered: Lowered = options.lowered
    run, missing = None, ""
    try:
        run = ran(subject, given)
    except PointNeeded as error:
        missing = f"{error.what}; {error.instead.partition(', or')[0]}"
    check = None
    if run is not None and given is not None:
        check = validated(run, given, emitted(subject))
    stages = [
        report.Stage("source", "the function as it was written", report.source_of(subject))
    ]
    stages += [
        report.Stage(name, stage.about, stage.text(lowered))
        for name, stage in STAGES.items()
        if name != "sparsity" and (name != "fast" or lowered.wish.level >= FAST)
    ]
    made = report.Page(
        subject,
        " ".join(options.command),
        VERSION,
        report.source_of(subject),
        emit_text(lowered, differentiate(lowered.lowered, lowered.wish)),
        tuple(stages),
        None if run is None else derivation(run),
        None if run is None else graph_of(run),
        check,
        missing,
        _pattern(subject, given),
    )
    return Answer(report.page(made))


def _pattern(subject: Any, given: Mapping[str, object] | None) -> Any:
    """The sparsity pattern in an array, if there is one to differentiate by."""
    from s2sad.errors import NotDifferentiable, TypeRefused
    from s2sad.inspect.pattern import pattern

    try:
        return pattern(subject.lowered, subject.wish, given or {}, subject.names)
    except (NotDifferentiable, TypeRefused):
        return None


def _no_options(parser: argparse.ArgumentParser) -> None:
    pass


LOOKING: dict[str, Verb] = {
    "explain": Verb(
        "derive it as the lecture does: intermediates, local partials, accumulation",
        "Without --at it is the derivation for any point, where no branch and no loop depends\n"
        "on one; with it, of what runs at that point, with the numbers.\n\n"
        "  s2sad explain samples/lecture.py:f --at x=0.7\n"
        "  s2sad explain model.py:loss --at 'w=[1.0, 2.0],b=0.5' --format latex",
        _explain_options,
        _explain,
    ),
    "graph": Verb(
        "draw its data flow, with the values and the adjoints on the edges",
        "  s2sad graph samples/lecture.py:f --at x=0.7 -o lecture.svg\n"
        "  s2sad graph samples/lecture.py:f --format mermaid",
        _graph_options,
        _graph,
    ),
    "report": Verb(
        "write a page with all there is to see: sweeps, derivation, graph, numbers, stages",
        "  s2sad report samples/lecture.py:f --at x=0.7 -o report.html\n\n"
        "The page stands alone: it asks nothing of any server.",
        _no_options,
        _report,
    ),
    "validate": Verb(
        "check it against forward mode and differences, line by line",
        "  s2sad validate samples/lecture.py:f --at x=0.7\n\n"
        "Where a local partial is contradicted by differences of its own operation, its line\n"
        "is named. The exit code is 1 where something disagrees.",
        _validate_options,
        _validate,
        point=True,
    ),
    "debug": Verb(
        "step through both sweeps at a point; find the first nan or inf",
        "  s2sad debug model.py:loss --at x=0.0",
        _no_options,
        _debug,
        point=True,
    ),
    "why-zero": Verb(
        "tell where an input loses its influence, so that its derivative is 0",
        "  s2sad why-zero model.py:loss --at x=-1.0",
        _no_options,
        _why_zero,
        point=True,
    ),
}


def looked(options: argparse.Namespace, request: Request) -> tuple[Answer, tuple[str, ...]]:
    """What a verb says, and what is to be told beside it.

    Raises `Problem` where an argument is missing, or code of the user's would run.
    """
    from s2sad.inspect.events import Stopped
    from s2sad.inspect.subject import subject_of

    verb = LOOKING[options.verb]
    request = portable(request)._replace(verb="vjp")
    lowered = lower_target(request, request.targets[0])
    options.lowered = lowered
    options.command = request._replace(verb=options.verb).command()
    module = lowered.lowered.module
    given = None
    if options.at:
        values = {name: value for given in options.at for name, value in given.items()}
        given = arguments(lowered, values)
        outside = None if options.run else foreign(lowered, module)
        if outside:
            raise Problem(f"--at would run {outside}, which is code of yours: add --run")
    elif verb.point:
        names = ",".join(f"{name}=…" for name, _ in module.funcs[module.entry].signature)
        raise Problem(f"{options.verb} looks at a point: --at {names}")
    subject = subject_of(lowered.lowered, lowered.wish, names_of(lowered, options.run))
    try:
        return verb.answer(options, subject, given), lowered.notes
    except Stopped as stopped:
        error = f"{type(stopped.error).__name__}: {stopped.error}"
        raise Problem(f"{stopped.place}\n  raises {error}") from None


def arguments(lowered: Lowered, values: Mapping[str, object]) -> dict[str, object]:
    """All arguments, those with defaults included, of the types of the parameters."""
    entry = lowered.lowered.module.funcs[lowered.lowered.module.entry]
    defaults = {
        param.hint: literal.value
        for param, literal in zip(
            entry.params[len(entry.params) - len(entry.defaults) :], entry.defaults, strict=True
        )
    }
    names = [name for name, _ in entry.signature]
    for name in values:
        if name not in names:
            raise Problem(f"--at {name}: it takes {', '.join(names)}")
    found: dict[str, object] = {}
    for name, structure in entry.signature:
        if isinstance(structure, Shape) and structure.kind in ("instance", "object", "named"):
            raise Problem(
                f"--at cannot make the object {name}: in Python, explain() and its like take it"
            )
        if name not in values and name not in defaults:
            raise Problem(f"--at gives no {name} (it takes {', '.join(names)})")
        value = values.get(name, defaults.get(name))
        if isinstance(structure, int):
            value = fitting(name, value, entry.params[structure].type)
        found[name] = value
    return found


def fitting(name: str, value: object, type_: Type) -> object:
    """The value as the parameter takes it; raises `Problem` where it does not."""
    match type_:
        case Array(dtype, dims):
            import numpy as np

            try:
                made = np.array(value, dtype=str(dtype))
            except (TypeError, ValueError):
                raise Problem(f"--at {name}: {value!r} is no array of numbers") from None
            if made.ndim != len(dims):
                raise Problem(f"--at {name}: it takes an array of {len(dims)} axes")
            return made
        case List(item):
            if not isinstance(value, (list, tuple)):
                raise Problem(f"--at {name}: {value!r} is no list")
            return [fitting(f"{name}[{k}]", part, item) for k, part in enumerate(value)]
        case _ if type_ == FLOAT:
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                raise Problem(f"--at {name}: {value!r} is no number")
            return float(value)
        case _ if type_ == INT and not isinstance(value, int):
            raise Problem(f"--at {name}: {value!r} is no int")
        case _:
            return value


def names_of(lowered: Lowered, run: bool) -> dict[str, Any]:
    """What the function reads from its file: run only where that is asked for."""
    if not run:
        return {}
    import os
    import runpy
    import sys

    file = lowered.label.rpartition(":")[0]
    before = sys.path[:]
    sys.path[:0] = [os.path.dirname(os.path.abspath(file))]
    try:
        return dict(runpy.run_path(file))
    finally:
        sys.path[:] = before
