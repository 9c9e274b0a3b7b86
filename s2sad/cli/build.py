"""`s2sad build`: every file that `[tool.s2sad]` of pyproject.toml names, made in one go.

    [[tool.s2sad.generate]]
    functions = ["model.py:loss", "model.py:penalty"]
    out = "model_grad.py"
    wrt = ["w", "b"]                     these and the rest as the options of the verb
    types = { w = "list[float]" }

Paths are relative to pyproject.toml. What is made is what the verb would write, header and
all, so that `--check` knows it.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from s2sad.cli.generated import Problem, check_writable, write

_KEYS = {"functions", "out", "verb", "wrt", "of", "types", "level", "order"}
_NUMBERS = ("of", "order", "snapshots", "memory")
_KEYS |= {"checkpoint", *_NUMBERS}


class Made(NamedTuple):
    """What became of one file: new, changed, unchanged, or why there is none."""

    out: str
    what: str
    notes: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def commands(path: str) -> list[list[str]]:
    """The commands that a pyproject.toml asks for; raises `Problem`."""
    table = _read(path)
    entries = table.get("generate", [])
    unknown = sorted(set(table) - {"generate"})
    if unknown:
        raise Problem(f"{path}: [tool.s2sad] has no {unknown[0]}; it has generate")
    if not isinstance(entries, list) or not entries:
        raise Problem(f"{path}: no [[tool.s2sad.generate]], which says what to make")
    return [_command(path, entry) for entry in entries]


def _read(path: str) -> Mapping[str, Any]:
    try:
        import tomllib as toml
    except ModuleNotFoundError:  # Python 3.10
        try:
            import tomli as toml  # type: ignore[import-not-found,no-redef,unused-ignore]
        except ModuleNotFoundError:
            raise Problem("build reads TOML, which Python 3.10 cannot: install tomli") from None
    try:
        with open(path, "rb") as file:
            whole = toml.load(file)
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}") from None
    except toml.TOMLDecodeError as error:
        raise Problem(f"{path}: {error}") from None
    found = whole.get("tool", {}).get("s2sad", {})
    if not isinstance(found, dict):
        raise Problem(f"{path}: [tool.s2sad] is no table")
    return found


def _command(path: str, entry: Any) -> list[str]:
    if not isinstance(entry, dict):
        raise Problem(f"{path}: [[tool.s2sad.generate]] is no table")
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        known = ", ".join(sorted(_KEYS))
        raise Problem(f"{path}: [[tool.s2sad.generate]] has no {unknown[0]}; it has {known}")
    functions = entry.get("functions")
    if isinstance(functions, str):
        functions = [functions]
    if not isinstance(functions, list) or not functions or not entry.get("out"):
        raise Problem(f"{path}: [[tool.s2sad.generate]] wants functions and out")
    words = [str(entry.get("verb", "grad")), *map(str, functions), "-o", str(entry["out"])]
    wrt = entry.get("wrt", [])
    if wrt:
        words += ["--wrt", wrt if isinstance(wrt, str) else ",".join(map(str, wrt))]
    for key in ("checkpoint", *_NUMBERS):
        if key in entry:
            words += [f"--{key}", str(entry[key])]
    for name, type_ in dict(entry.get("types", {})).items():
        words += ["--type", f"{name}={type_}"]
    if "level" in entry:
        words.append(f"-O{entry['level']}")
    return words


def made(directory: str, words: Sequence[str], check: bool) -> Made:
    """Make one file; with `check` only tell what would become of it."""
    from s2sad.cli.arguments import request_from
    from s2sad.cli.generate import Refused, generate
    from s2sad.errors import S2sadError

    out = words[words.index("-o") + 1]
    path = os.path.join(directory, out)
    try:
        request = request_from(["s2sad", *words])
        sources = [os.path.join(directory, target.file) for target in request.targets]
        text = generate(request, directory)
        old = _old(path)
        if old == text.text:
            return Made(out, "unchanged", text.notes)
        if not check:
            check_writable(path, False, sources)
            write(path, text.text)
        return Made(out, "new" if old is None else "changed", text.notes)
    except Refused as refused:
        return Made(out, "refused", (), tuple(map(str, refused.errors)))
    except S2sadError as error:
        return Made(out, "refused", (), (str(error),))
    except Problem as problem:
        said = f"s2sad: {shlex.join(['s2sad', *words])}: {problem}"
        return Made(out, "failed", (), (said,))


def _old(path: str) -> str | None:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()
    except OSError:
        return None


def build(path: str, check: bool, jobs: int) -> Iterator[Made]:
    """Make them all, in parallel if there are several; in the order of the file."""
    wanted = commands(path)
    directory = os.path.dirname(os.path.abspath(path))
    if jobs < 2 or len(wanted) < 2:
        for words in wanted:
            yield made(directory, words, check)
        return
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(min(jobs, len(wanted)), mp_context=get_context("spawn")) as pool:
        futures = [pool.submit(made, directory, words, check) for words in wanted]
        for future in futures:
            yield future.result()
