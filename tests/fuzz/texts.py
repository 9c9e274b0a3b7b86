"""What is asked of the emitted text: to run alone, to be the same again."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from .outcomes import OK, Verdict, call, same_bits
from .program import Program


def source_for(compiled: Any, arguments: Sequence[Any]) -> str:
    """The text of the specialisation that these arguments use."""
    text: str = compiled.source_for(*arguments)
    return text


def emitted_name(text: str, function: str) -> str:
    """The name of the gradient function in an emitted module."""
    names = [n.name for n in ast.parse(text).body if isinstance(n, ast.FunctionDef)]
    wanted = [n for n in names if n.startswith(f"{function}_grad")]
    return wanted[-1] if wanted else names[-1]


def check_text(program: Program, module: ModuleType, compiled: Any, got: Any) -> Verdict:
    """The text alone gives the same bits, a second compilation the same text."""
    from s2sad import value_and_grad

    text = source_for(compiled, program.arguments)
    again = value_and_grad(getattr(module, program.function), argnums=program.active)
    if source_for(again, program.arguments) != text:
        return Verdict("not_deterministic", "two compilations, two texts")
    outcome = call(lambda: _run_text(text, module, program), ())
    if outcome.error:
        return Verdict("text_differs", f"the emitted text raises {outcome.error!r}")
    flat, expected = _flatten(outcome.value), _flatten(got)
    if len(flat) != len(expected) or not all(map(same_bits, flat, expected)):
        return Verdict("text_differs", f"{flat} from the text, {expected} from the function")
    return OK


def _run_text(text: str, module: ModuleType, program: Program) -> Any:
    """Execute the emitted text by itself; global numbers and classes come from the module."""
    numbers = {k: v for k, v in vars(module).items() if isinstance(v, (int, float, type))}
    namespace: dict[str, Any] = {"__name__": "emitted", **numbers}
    exec(compile(text, "<emitted>", "exec"), namespace)
    return namespace[emitted_name(text, program.function)](*program.arguments)


def _flatten(result: Any) -> list[Any]:
    if isinstance(result, (tuple, list)):
        return [x for part in result for x in _flatten(part)]
    return [result]
