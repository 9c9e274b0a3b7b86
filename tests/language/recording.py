"""Recording in the tables what is refused now: nothing wrong is ever recorded as fine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from s2sad import S2sadError

from .check import Verdict, in_a_library, refusal, verdict
from .table import HERE, MARK, Entry, chapter_name, entry, split, with_word


def record(directory: Path, key: str, judge: Callable[[Entry], Verdict] = verdict) -> list[str]:
    """Write the word `key` where a program is refused, take it from what is right."""
    told = []
    for path in sorted(directory.glob("*.txt")):
        head, *parts = split(path)
        for i, part in enumerate(parts):
            listed = entry(chapter_name(path), part)
            found = judge(listed)
            parts[i] = _recorded(part, key, listed.words.get(key), found)
            if parts[i] != part:
                told.append(f"{found.kind}: {listed.chapter}: {listed.name}")
            elif found.kind in ("wrong", "crash"):
                told.append(f"{found.kind.upper()}: {listed.chapter}: {listed.name}")
        _write(path, [head, *parts])
    return told


def _recorded(part: str, key: str, now: str | None, found: Verdict) -> str:
    match found.kind, found.error:
        case "right", _:
            return with_word(part, key, None)
        case "refused", error if error is not None and (now is None or now not in found.detail):
            return with_word(part, key, _words(error))
    return part


def _words(error: S2sadError) -> str:
    return error.what.splitlines()[0].rstrip(",")


def review_refused() -> list[str]:
    """Move what is right to the chapter of that name in `supported/`, or to the rest.

    What is said in a library is written anew; another line or other words are only told.
    """
    told = []
    homes = {chapter_name(p): p for p in sorted((HERE / "supported").glob("*.txt"))}
    for path in sorted((HERE / "refused").glob("*.txt")):
        head, *parts = split(path)
        home = homes.get(chapter_name(path), homes["rest"])
        for part in list(parts):
            listed = entry(chapter_name(path), part)
            found = refusal(listed)
            if found.kind == "wrong":
                found = verdict(listed)
                if found.kind == "right":
                    parts.remove(part)
                    _append(home, with_word(part, "says", None).replace(f"  {MARK}", ""))
                told.append(f"not refused, {found.kind}: {listed.chapter}: {listed.name}")
            elif found.kind != "right":
                told.append(f"ELSEWHERE: {listed.chapter}: {listed.name}")
                error = found.error
                if error is not None and listed.refused_line is None and in_a_library(error):
                    parts[parts.index(part)] = with_word(part, "says", _words(error))
        _write(path, [head, *parts])
    return told


def _append(path: Path, part: str) -> None:
    *before, last = split(path)
    _write(path, [*before, last.rstrip("\n") + "\n\n", part])


def _write(path: Path, parts: list[str]) -> None:
    path.write_text("== ".join(parts).rstrip("\n") + "\n", encoding="utf-8")
