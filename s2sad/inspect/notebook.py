"""In a notebook: how a derivative shows itself, and the magic `%%s2sad`."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from s2sad.inspect.derivation import Derivation


def derivative_html(title: str, source: str, made: Derivation | None) -> str:
    """The emitted text, and the derivation where there is one for any point."""
    parts = [
        f"<p>{html.escape(title)}</p>",
        f"<details open><summary>Emitted Python</summary><pre>{html.escape(source)}</pre>"
        "</details>",
    ]
    if made is not None:
        parts.append(f"<details><summary>Derivation</summary>{made._repr_html_()}</details>")
    return "\n".join(parts)


USAGE = """\
%%s2sad [--wrt x,w] [--explain] [--at x=0.7]

Runs the cell, then shows the gradient of each function that it defines, and binds
NAME_grad to it: NAME_grad(…) is (value, gradient). --explain shows the derivation, with
--at that of a point, with the numbers."""


def magic(shell: Any, line: str, cell: str) -> None:
    """What `%%s2sad` does; `shell` is IPython's."""
    import argparse
    import ast
    import shlex

    parser = argparse.ArgumentParser("%%s2sad", add_help=False, allow_abbrev=False)
    parser.add_argument("--wrt", default="")
    parser.add_argument("--explain", action="store_true")
    parser.add_argument("--at", default="")
    try:
        options = parser.parse_args(shlex.split(line))
    except SystemExit:
        print(USAGE)
        return
    result = shell.run_cell(cell)
    if not result.success:
        return
    tree = ast.parse(shell.input_transformer_manager.transform_cell(cell))
    names = [stmt.name for stmt in tree.body if isinstance(stmt, ast.FunctionDef)]
    for name in names:
        _show(shell, name, options.wrt, options.explain, options.at)


def _show(shell: Any, name: str, wrt: str, explain: bool, at: str) -> None:
    import ast

    from IPython.display import Code, display

    # The magic is a user of the whole, and is asked for from its top.
    import s2sad

    names = [part.strip() for part in wrt.split(",") if part.strip()]
    argnums: Any = 0 if not names else names[0] if len(names) == 1 else names
    made = s2sad.value_and_grad(shell.user_ns[name], argnums=argnums)
    shell.user_ns[f"{name}_grad"] = made
    if not (explain or at):
        display(Code(made.source, language="python"))  # type: ignore[no-untyped-call]
        return
    point: dict[str, object] = {}
    if at:
        call = ast.parse(f"_({at})", mode="eval").body
        assert isinstance(call, ast.Call)
        point = {word.arg: ast.literal_eval(word.value) for word in call.keywords if word.arg}
    display(made.explain(**point))  # type: ignore[no-untyped-call]
