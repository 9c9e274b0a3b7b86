"""How far s2sad is with the tables: `python -m tests.language [OPTION] [WORD …]`.

Without options: per chapter what is right, refused, crashed and wrong, the details first.
In the table of refusals, right is what is refused on its line and in its words, refused
what is refused elsewhere, wrong what is not refused.
--check: only the primals and the oracle. --written: what the command line writes, for
the programs of floats. -O0: the literal form. A WORD picks the chapters and names with it.
--open: write and delete the `open:` lines by what is refused now, and move what is refused
no longer; what is wrong is told and left.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable

from .check import KINDS, Verdict, refusal, verdict
from .commandline import takes_floats, written_verdict
from .recording import record, review_refused
from .selfcheck import complaint
from .table import HERE, Entry, entries


def main(words: list[str]) -> int:
    if "--open" in words:
        print("\n".join([*review_refused(), *record(HERE / "supported", "open")]))
        return 0
    level = 0 if "-O0" in words else 1
    only = [word for word in words if not word.startswith("-")]
    chosen = {
        table: [e for e in entries(table) if not only or any(w in _label(e) for w in only)]
        for table in ("supported", "either", "refused")
    }
    if "--check" in words:
        return _self_check(chosen)
    if "--written" in words:
        del chosen["refused"]
        chosen = {table: list(filter(takes_floats, chosen[table])) for table in chosen}
        return _summary(chosen, level, written_verdict)
    return _summary(chosen, level, verdict)


def _label(entry: Entry) -> str:
    return f"{entry.chapter}: {entry.name}"


def _self_check(chosen: dict[str, list[Entry]]) -> int:
    del chosen["refused"]
    found = [(e, text) for listed in chosen.values() for e in listed if (text := complaint(e))]
    for entry, text in found:
        print(f"{_label(entry)}\n    {text}\n")
    print(f"{sum(map(len, chosen.values()))} programs, {len(found)} complaints")
    return bool(found)


def _summary(
    chosen: dict[str, list[Entry]], level: int, judge: Callable[[Entry, int], Verdict]
) -> int:
    verdicts = [
        (table, e, refusal(e) if table == "refused" else judge(e, level))
        for table, listed in chosen.items()
        for e in listed
    ]
    for kind in ("wrong", "crash"):
        for _, entry, result in verdicts:
            if result.kind == kind:
                print(f"{kind.upper()} {_label(entry)}\n{_indented(result.detail)}\n")
    _causes([(_label(e), r.detail) for _, e, r in verdicts if r.kind == "crash"])
    for table, entry, result in verdicts:
        if result.kind == "refused" and table == "refused":
            print(f"ELSEWHERE {_label(entry)}\n{_indented(result.detail)}\n")
    for table, entry, result in verdicts:
        if result.kind == "refused" and table == "supported":
            print(f"refused {_label(entry)}: {_why(result)}")
    print()
    tally: dict[str, Counter[str]] = {}
    for table, entry, result in verdicts:
        tally.setdefault(f"{table}/{entry.chapter}", Counter())[result.kind] += 1
    total: Counter[str] = Counter()
    for title, counts in tally.items():
        total += counts
        print(f"{title:32}" + "".join(f"{counts[kind]:4} {kind}" for kind in KINDS))
    print(f"{'all':32}" + "".join(f"{total[kind]:4} {kind}" for kind in KINDS))
    return bool(total["wrong"] + total["crash"])


def _causes(crashes: list[tuple[str, str]]) -> None:
    """What the crashes have in common: the innermost frame and the exception."""
    groups: dict[str, list[str]] = {}
    for label, detail in crashes:
        lines = detail.rstrip().splitlines()
        places = [line.strip() for line in lines if line.lstrip().startswith('File "')]
        place = places[-1].rsplit("/", 1)[-1] if places else ""
        groups.setdefault(f"{place}: {lines[-1]}", []).append(label)
    for cause, labels in sorted(groups.items(), key=lambda item: -len(item[1])):
        print(f"{len(labels)} × {cause}\n{_indented(', '.join(labels))}\n")


def _why(result: Verdict) -> str:
    """The refusal in a line."""
    if result.error is not None:
        return f"line {result.error.lineno}: {result.error.what}"
    told = [line for line in result.detail.splitlines() if " is taken to be " not in line]
    return told[0].rsplit("/")[-1] if told else ""


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.rstrip().splitlines())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
